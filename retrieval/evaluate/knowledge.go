package evaluate

import (
	"context"
	"fmt"
	"strings"

	"github.com/floorwalker/floorwalker/retrieval"
	"github.com/floorwalker/floorwalker/retrieval/text"
)

// Question is one that passages are asked. Without Passages none of them answers it.
type Question struct {
	Question string   `json:"question"`
	Passages []string `json:"passages"` // ids of those that answer
	Answers  []string `json:"answers"`  // each as good as the other
}

// Knowledge is the measure of answering from passages: means over all questions, as SQuAD 2.0
// has them (an unanswerable question scores 1 if it is not answered and 0 if it is), recall
// over those that have an answer.
type Knowledge struct {
	N        int     `json:"n"`
	Answered float64 `json:"answered"` // share that was answered, rightly or not
	Exact    float64 `json:"exact"`
	F1       float64 `json:"f1"`
	Recall1  float64 `json:"recall@1"`
	Recall5  float64 `json:"recall@5"`
}

// MeasureKnowledge asks every question in the locale.
func MeasureKnowledge(ctx context.Context, passages retrieval.Passages, questions []Question, locale string) (Knowledge, error) {
	const deep = 5
	m := Knowledge{N: len(questions)}
	var answerable float64
	for _, q := range questions {
		found, err := passages.Find(ctx, q.Question, locale, deep)
		if err != nil {
			return Knowledge{}, fmt.Errorf("asking %q: %w", q.Question, err)
		}
		answer := ""
		if len(found) > 0 && found[0].Answers {
			answer = found[0].Answer
			m.Answered++
		}
		gold := q.Answers
		if len(q.Passages) == 0 {
			gold = []string{""}
		} else {
			answerable++
			m.Recall1 += among(found, q.Passages, 1)
			m.Recall5 += among(found, q.Passages, deep)
		}
		exact, f1 := agreement(answer, gold)
		m.Exact += exact
		m.F1 += f1
	}
	n := max(1, float64(len(questions)))
	m.Answered, m.Exact, m.F1 = m.Answered/n, m.Exact/n, m.F1/n
	m.Recall1, m.Recall5 = m.Recall1/max(1, answerable), m.Recall5/max(1, answerable)
	return m, nil
}

// among is 1 if one of the ids is among the first k found.
func among(found []retrieval.Found, ids []string, k int) float64 {
	for _, f := range found[:min(k, len(found))] {
		for _, id := range ids {
			if f.ID == id {
				return 1
			}
		}
	}
	return 0
}

// agreement compares an answer with the best of those that count as right.
func agreement(answer string, gold []string) (exact, f1 float64) {
	got := words(answer)
	for _, g := range gold {
		want := words(g)
		if strings.Join(got, " ") == strings.Join(want, " ") {
			return 1, 1
		}
		f1 = max(f1, overlapF1(got, want))
	}
	return 0, f1
}

func words(s string) []string {
	var out []string
	for _, a := range text.Atoms(s) {
		out = append(out, a.Word)
	}
	return out
}

func overlapF1(got, want []string) float64 {
	left := map[string]int{}
	for _, w := range want {
		left[w]++
	}
	same := 0.0
	for _, w := range got {
		if left[w] > 0 {
			left[w]--
			same++
		}
	}
	if same == 0 {
		return 0
	}
	precision, recall := same/float64(len(got)), same/float64(len(want))
	return 2 * precision * recall / (precision + recall)
}
