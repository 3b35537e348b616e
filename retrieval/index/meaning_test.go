package index_test

import (
	"context"
	"os"
	"testing"
	"time"

	"github.com/floorwalker/floorwalker/models/artifact"
	"github.com/floorwalker/floorwalker/models/onnx"
	"github.com/floorwalker/floorwalker/retrieval"
	"github.com/floorwalker/floorwalker/retrieval/evaluate"
	"github.com/floorwalker/floorwalker/retrieval/index"
)

// ranked searches in one of the ways that questions are answered in.
type ranked func(ctx context.Context, q retrieval.Query) ([]retrieval.Hit, error)

func (r ranked) Search(ctx context.Context, q retrieval.Query) ([]retrieval.Hit, error) {
	return r(ctx, q)
}

// encoder opens the encoder, or skips.
func encoder(t testing.TB) *onnx.Encoder {
	t.Helper()
	cache, err := artifact.Open("")
	if err != nil {
		t.Fatal(err)
	}
	files, err := cache.Locate()
	if err == nil {
		var e *onnx.Encoder
		if e, err = onnx.Open(files, onnx.Options{}); err == nil {
			t.Cleanup(func() {
				if err := e.Close(); err != nil {
					t.Error(err)
				}
			})
			return e
		}
	}
	if os.Getenv("FLOORWALKER_REQUIRE_MODELS") == "1" {
		t.Fatalf("no encoder: %v", err)
	}
	t.Skipf("SKIPPED, nothing measured: no encoder (%v); `floorwalker models pull` fetches it", err)
	return nil
}

func judged(t testing.TB, path string) evaluate.Judgments {
	t.Helper()
	f, err := os.Open(path)
	if err != nil {
		t.Fatal(err)
	}
	defer f.Close()
	judgments, err := evaluate.ReadJudgments(f)
	if err != nil {
		t.Fatal(err)
	}
	return judgments
}

// TestNeeds holds the search by meaning to what people need, in both languages: "my neck hurts
// in the morning", 带饭去公司.
func TestNeeds(t *testing.T) {
	e := encoder(t)
	x := open(t, t.TempDir(), demoProducts(t), demoSynonyms(t))
	judgments := judged(t, "testdata/needs.csv")
	measure := func(way ranked) float64 {
		m, err := evaluate.MeasureSearch(t.Context(), way, judgments, 10, time.Now)
		if err != nil {
			t.Fatal(err)
		}
		t.Logf("%+v", m)
		return m.NDCG
	}
	words := measure(x.Search)
	err := x.ByMeaning(t.Context(), t.TempDir(), "demo", index.All(demoProducts(t)), e, func(err error) { t.Error(err) })
	if err != nil {
		t.Fatal(err)
	}
	needs := measure(func(ctx context.Context, q retrieval.Query) ([]retrieval.Hit, error) {
		near, err := x.Near(ctx, q)
		if err != nil {
			return nil, err
		}
		found, err := x.Search(ctx, q)
		return retrieval.Needs(found, near), err
	})
	if needs < 0.63 || needs < words+0.2 {
		t.Errorf("nDCG@10 is %.3f by words and meaning, %.3f by words, want at least .63 and .2 more", needs, words)
	}
}
