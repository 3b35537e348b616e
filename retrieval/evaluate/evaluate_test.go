package evaluate_test

import (
	"context"
	"math"
	"strings"
	"testing"
	"time"

	"github.com/floorwalker/floorwalker/retrieval"
	"github.com/floorwalker/floorwalker/retrieval/evaluate"
)

// fixed answers every question alike.
type fixed []string

func (f fixed) Search(_ context.Context, q retrieval.Query) ([]retrieval.Hit, error) {
	var hits []retrieval.Hit
	for _, id := range f {
		hits = append(hits, retrieval.Hit{Product: id})
	}
	return hits[:min(len(hits), q.Limit)], nil
}

func TestSearchMeasures(t *testing.T) {
	js, err := evaluate.ReadJudgments(strings.NewReader("query,product_id,grade\nlamp,a,3\nlamp,b,1\nlamp,c,0\n\"mug, red\",z,0\n"))
	if err != nil {
		t.Fatal(err)
	}
	clock := time.Unix(0, 0)
	now := func() time.Time { clock = clock.Add(time.Millisecond); return clock }
	m, err := evaluate.MeasureSearch(t.Context(), fixed{"unjudged", "b", "c"}, js, 10, now)
	if err != nil {
		t.Fatal(err)
	}
	// lamp: gain 1 at rank 2 of an ideal 7 + 1/log2(3); the mug has nothing relevant.
	want := (1 / math.Log2(3)) / (7 + 1/math.Log2(3)) / 2
	if m.Queries != 2 || math.Abs(m.NDCG-want) > 1e-12 || m.MRR != 0.25 || m.Recall != 0.5 || m.P50 != 1 || m.P99 != 1 {
		t.Errorf("got %+v, want nDCG %.4f, MRR .25, recall .5, 1 ms", m, want)
	}
}

func TestJudgmentsAreRefusedWithTheirLine(t *testing.T) {
	for csv, want := range map[string]string{
		"q,p,g\nlamp,a,good\n": "line 2", "q,p,g\nlamp,a\n": "line 2", "q,p,g\nlamp,a,-1\n": "line 2", "q,p,g\nlamp,a,NaN\n": "line 2",
	} {
		if _, err := evaluate.ReadJudgments(strings.NewReader(csv)); err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("%q: %v, want an error with %s", csv, err, want)
		}
	}
}

// told answers with one text, or doesn't.
type told struct {
	id, answer string
	answers    bool
}

func (a told) Find(context.Context, string, string, int) ([]retrieval.Found, error) {
	return []retrieval.Found{{Passage: retrieval.Passage{ID: a.id}, Answer: a.answer, Answers: a.answers}}, nil
}

func (a told) Passage(id string) (retrieval.Passage, bool) {
	return retrieval.Passage{ID: a.id}, id == a.id
}

func TestKnowledgeMeasures(t *testing.T) {
	questions := []evaluate.Question{
		{Question: "cost?", Passages: []string{"ship"}, Answers: []string{"Free over $50!", "nothing"}},
		{Question: "weather?"},
	}
	m, err := evaluate.MeasureKnowledge(t.Context(), told{"ship", "free over $50", true}, questions, "en")
	if err != nil {
		t.Fatal(err)
	}
	if want := (evaluate.Knowledge{N: 2, Answered: 1, Exact: 0.5, F1: 0.5, Recall1: 1, Recall5: 1}); m != want {
		t.Errorf("got %+v, want %+v", m, want)
	}
	m, err = evaluate.MeasureKnowledge(t.Context(), told{"other", "x", false}, questions, "en")
	if err != nil {
		t.Fatal(err)
	}
	if want := (evaluate.Knowledge{N: 2, Exact: 0.5, F1: 0.5}); m != want {
		t.Errorf("got %+v, want %+v", m, want)
	}
}
