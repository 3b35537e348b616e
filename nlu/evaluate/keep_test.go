package evaluate_test

import (
	"context"
	"errors"
	"os"
	"path/filepath"
	"testing"

	"github.com/floorwalker/floorwalker/models"
	"github.com/floorwalker/floorwalker/nlu/evaluate"
)

// counting encodes a text as its length and counts how many it was asked.
type counting struct {
	version string
	asked   int
}

func (c *counting) Dim() int        { return 2 }
func (c *counting) Version() string { return c.version }
func (c *counting) Encode(_ context.Context, _ models.Purpose, texts []string) (out [][]float32, err error) {
	for _, t := range texts {
		c.asked++
		out = append(out, []float32{float32(len(t)), 1})
	}
	return out, nil
}

func TestVectorsAreKept(t *testing.T) {
	dir := t.TempDir()
	measure := func(e *counting, purpose models.Purpose, texts ...string) {
		t.Helper()
		k, err := evaluate.Keep(e, dir)
		if err != nil {
			t.Fatal(err)
		}
		got, err := k.Encode(t.Context(), purpose, texts)
		if err = errors.Join(err, k.Close()); err != nil {
			t.Fatal(err)
		}
		for i, text := range texts {
			if len(got[i]) != 2 || got[i][0] != float32(len(text)) {
				t.Errorf("%q: %v", text, got[i])
			}
		}
	}
	for _, c := range []struct {
		what    string
		version string
		purpose models.Purpose
		asked   int
	}{
		{"the first time", "a", models.Query, 2},
		{"again", "a", models.Query, 0},
		{"for another purpose", "a", models.Passage, 2},
		{"by another encoder", "b", models.Query, 2},
	} {
		e := &counting{version: c.version}
		measure(e, c.purpose, "mug", "kettle")
		if e.asked != c.asked {
			t.Errorf("%s: %d texts encoded, not %d", c.what, e.asked, c.asked)
		}
	}

	// The last record, of "kettle" as a passage, is cut short: it is made anew, the others aren't.
	file := filepath.Join(dir, "a.vectors")
	info, err := os.Stat(file)
	if err != nil {
		t.Fatal(err)
	}
	if err := os.Truncate(file, info.Size()-3); err != nil {
		t.Fatal(err)
	}
	e := &counting{version: "a"}
	measure(e, models.Passage, "mug", "kettle")
	measure(e, models.Query, "mug", "kettle")
	if e.asked != 1 {
		t.Errorf("after a file cut short: %d texts encoded, not 1", e.asked)
	}
}
