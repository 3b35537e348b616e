package token_test

import (
	"bufio"
	"encoding/json"
	"errors"
	"io/fs"
	"os"
	"path/filepath"
	"slices"
	"testing"

	"github.com/floorwalker/floorwalker/models/artifact"
	"github.com/floorwalker/floorwalker/models/e5"
	"github.com/floorwalker/floorwalker/models/token"
)

// vocabulary is that of the pulled encoder; without it the test is skipped, or fails where models
// are required.
func vocabulary(t testing.TB) token.Vocabulary {
	t.Helper()
	cache, err := artifact.Open("")
	if err != nil {
		t.Fatal(err)
	}
	located, err := cache.Locate()
	if errors.Is(err, artifact.ErrMissing) && os.Getenv("FLOORWALKER_REQUIRE_MODELS") == "" {
		t.Skipf("SKIPPED, the models aren't here: %v", err)
	}
	if err != nil {
		t.Fatal(err)
	}
	content, err := os.ReadFile(located.Vocabulary)
	if err != nil {
		t.Fatal(err)
	}
	v, err := e5.ReadVocabulary(content)
	if err != nil {
		t.Fatal(err)
	}
	return v
}

// tokeniser is that of the encoder: trimmed if keep is e5.Kept, whole if it is nil.
func tokeniser(t testing.TB, keep func(int) bool) *token.Unigram {
	t.Helper()
	v := vocabulary(t)
	v.Keep = keep
	u, err := token.NewUnigram(v)
	if err != nil {
		t.Fatal(err)
	}
	return u
}

// golden is one text with the ids that the reference gives it after "query: ".
type golden struct {
	Text string  `json:"text"`
	IDs  []int32 `json:"ids"`
}

func goldens(t testing.TB) []golden {
	t.Helper()
	data := os.Getenv("FLOORWALKER_DATA")
	if data == "" {
		data = "../../../shared/data"
	}
	f, err := os.Open(filepath.Join(data, "..", "tools", "tokens", "e5_golden.jsonl"))
	if errors.Is(err, fs.ErrNotExist) {
		t.Skipf("SKIPPED, the golden ids aren't here: %v", err)
	}
	if err != nil {
		t.Fatal(err)
	}
	defer f.Close()
	var all []golden
	lines := bufio.NewScanner(f)
	lines.Buffer(nil, 1<<20)
	for lines.Scan() {
		var g golden
		if err := json.Unmarshal(lines.Bytes(), &g); err != nil {
			t.Fatal(err)
		}
		all = append(all, g)
	}
	if err := lines.Err(); err != nil {
		t.Fatal(err)
	}
	return all
}

// differs are the goldens we mean not to meet: the reference lets a shopper type control ids.
var differs = map[string]bool{"<s> hi </s>": true}

func TestIDsAreThoseOfTheReference(t *testing.T) {
	u, all := tokeniser(t, nil), goldens(t)
	exact := 0
	for _, g := range all {
		got, err := u.Encode("query: "+g.Text, 0)
		if err != nil {
			t.Fatal(err)
		}
		switch same := slices.Equal(got, g.IDs); {
		case same && differs[g.Text]:
			t.Errorf("%q makes control ids: %v", g.Text, got)
		case !same && !differs[g.Text]:
			t.Errorf("%q\n got %v\nwant %v", g.Text, got, g.IDs)
		case same:
			exact++
		}
	}
	t.Logf("%d of %d exact, %d differ on purpose", exact, len(all), len(differs))
}

// What the pipeline of sugarme makes of valid text is the same but for start and end, and every
// token says where it is.
func TestPipelineGivesTheSameIDsAndPlaces(t *testing.T) {
	u := tokeniser(t, nil)
	pipeline := u.Pipeline()
	for _, g := range goldens(t) {
		text := "query: " + g.Text
		got, err := pipeline.EncodeSingle(text)
		if err != nil {
			t.Fatal(err)
		}
		want, err := u.Encode(text, 0)
		if err != nil {
			t.Fatal(err)
		}
		var ids []int32
		end := 0
		for i, id := range got.Ids {
			ids = append(ids, int32(id))
			from, to := got.Offsets[i][0], got.Offsets[i][1]
			if from > to || to > len(text) || to < end {
				t.Errorf("%q: token %d is at %d to %d, after %d", text, i, from, to, end)
			}
			end = to
		}
		if !slices.Equal(ids, want[1:len(want)-1]) {
			t.Errorf("%q\n got %v\nwant %v", text, ids, want)
		}
	}
}

func BenchmarkPipeline(b *testing.B) {
	pipeline, all := tokeniser(b, e5.Kept).Pipeline(), goldens(b)
	for i := 0; b.Loop(); i++ {
		if _, err := pipeline.EncodeSingle("query: " + all[i%len(all)].Text); err != nil {
			b.Fatal(err)
		}
	}
	b.ReportMetric(float64(b.N)/b.Elapsed().Seconds(), "strings/s")
}

func BenchmarkEncode(b *testing.B) {
	u, all := tokeniser(b, e5.Kept), goldens(b)
	for i := 0; b.Loop(); i++ {
		if _, err := u.Encode(all[i%len(all)].Text, 512); err != nil {
			b.Fatal(err)
		}
	}
	b.ReportMetric(float64(b.N)/b.Elapsed().Seconds(), "strings/s")
}
