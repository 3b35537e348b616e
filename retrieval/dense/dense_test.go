package dense_test

import (
	"context"
	"errors"
	"hash/fnv"
	"math"
	"os"
	"path/filepath"
	"strings"
	"sync/atomic"
	"testing"

	"github.com/floorwalker/floorwalker/models"
	"github.com/floorwalker/floorwalker/retrieval/dense"
)

// words is an encoder for which texts are near that share words.
type words struct{ encoded atomic.Int64 }

func (w *words) Dim() int        { return 64 }
func (w *words) Version() string { return "words" }
func (w *words) Encode(ctx context.Context, purpose models.Purpose, texts []string) ([][]float32, error) {
	if ctx.Err() != nil {
		return nil, ctx.Err()
	}
	var out [][]float32
	for _, text := range texts {
		if purpose == models.Passage {
			w.encoded.Add(1)
		}
		v := make([]float32, w.Dim())
		sum := 0.0
		for _, word := range strings.Fields(text) {
			h := fnv.New32a()
			h.Write([]byte(word))
			v[h.Sum32()%64]++
		}
		for _, x := range v {
			sum += float64(x * x)
		}
		for i := range v {
			v[i] /= float32(math.Sqrt(max(sum, 1)))
		}
		out = append(out, v)
	}
	return out, nil
}

func open(t *testing.T, dir string, w *words) *dense.Index {
	t.Helper()
	x, err := dense.Open(dir, "shop", w, func(err error) { t.Error(err) })
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		if err := x.Close(); err != nil && !errors.Is(err, os.ErrClosed) {
			t.Error(err)
		}
	})
	return x
}

func ranked(t *testing.T, x *dense.Index, question string, keep func(string) bool) string {
	t.Helper()
	if err := x.Wait(t.Context()); err != nil {
		t.Fatal(err)
	}
	hits, err := x.Rank(t.Context(), question, 2, keep)
	if err != nil {
		t.Fatal(err)
	}
	var ids []string
	for _, h := range hits {
		ids = append(ids, h.ID)
	}
	return strings.Join(ids, " ")
}

func TestTheNearestComeFirst(t *testing.T) {
	dir, w := t.TempDir(), &words{}
	x := open(t, dir, w)
	x.Put([]dense.Document{
		{ID: "flask", Texts: []string{"keeps tea hot on the train", "一路 热茶"}},
		{ID: "lamp", Texts: []string{"reads at night in bed"}},
		{ID: "kettle", Texts: []string{"boils water for tea"}},
	})
	if got := ranked(t, x, "hot tea", nil); got != "flask kettle" {
		t.Errorf("ranked %q", got)
	}
	if got := ranked(t, x, "热茶", nil); !strings.HasPrefix(got, "flask") {
		t.Errorf("ranked %q", got)
	}
	if got := ranked(t, x, "hot tea", func(id string) bool { return id != "flask" }); !strings.HasPrefix(got, "kettle") {
		t.Errorf("ranked %q without the flask", got)
	}
	x.Put([]dense.Document{{ID: "flask", Texts: []string{"is no more"}}})
	x.Remove([]string{"lamp"})
	if got := ranked(t, x, "hot tea", nil); !strings.HasPrefix(got, "kettle") || strings.Contains(got, "lamp") {
		t.Errorf("ranked %q after a change", got)
	}
}

// TestWhatWasEncodedIsKept: the next start encodes nothing again, and what a crash cut in half
// is made anew.
func TestWhatWasEncodedIsKept(t *testing.T) {
	dir := t.TempDir()
	documents := []dense.Document{{ID: "a", Texts: []string{"one two"}}, {ID: "b", Texts: []string{"three four"}}}
	start := func(want int64) {
		t.Helper()
		w := &words{}
		x := open(t, dir, w)
		x.Put(documents)
		if got := ranked(t, x, "three", nil); !strings.HasPrefix(got, "b") {
			t.Errorf("ranked %q", got)
		}
		if n := w.encoded.Load(); n != want {
			t.Errorf("encoded %d texts, want %d", n, want)
		}
		if err := x.Close(); err != nil {
			t.Error(err)
		}
	}
	start(2)
	start(0)
	files, err := filepath.Glob(filepath.Join(dir, "*.vectors"))
	if err != nil || len(files) != 1 {
		t.Fatal(files, err)
	}
	info, err := os.Stat(files[0])
	if err != nil {
		t.Fatal(err)
	}
	if err := os.Truncate(files[0], info.Size()-5); err != nil {
		t.Fatal(err)
	}
	start(1)
	start(0)
}

// held is an encoder that waits to be let on.
type held struct {
	words
	asked, on chan struct{}
}

func (h *held) Encode(ctx context.Context, purpose models.Purpose, texts []string) ([][]float32, error) {
	if purpose == models.Passage {
		h.asked <- struct{}{}
		<-h.on
	}
	return h.words.Encode(ctx, purpose, texts)
}

// What comes while something is encoded is encoded with the rest; being woken for it once more is
// no work.
func TestWhatComesWhileSomethingIsEncoded(t *testing.T) {
	h := &held{asked: make(chan struct{}, 10), on: make(chan struct{}, 10)}
	x, err := dense.Open(t.TempDir(), "shop", h, func(err error) { t.Error(err) })
	if err != nil {
		t.Fatal(err)
	}
	x.Put([]dense.Document{{ID: "a", Texts: []string{"kettle"}}})
	<-h.asked
	x.Put([]dense.Document{{ID: "b", Texts: []string{"lamp"}}})
	h.on <- struct{}{}
	<-h.asked
	h.on <- struct{}{}
	if err := x.Wait(t.Context()); err != nil {
		t.Fatal(err)
	}
	x.Put([]dense.Document{{ID: "c", Texts: []string{"bowl"}}})
	<-h.asked
	h.on <- struct{}{}
	if err := x.Wait(t.Context()); err != nil || x.Pending() != 0 {
		t.Errorf("%d pending, %v", x.Pending(), err)
	}
	if err := x.Close(); err != nil {
		t.Error(err)
	}
	if n := h.encoded.Load(); n != 3 {
		t.Errorf("%d texts were encoded", n)
	}
}
