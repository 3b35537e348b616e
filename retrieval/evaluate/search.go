// Package evaluate measures how good finding is, by judgments that people made.
package evaluate

import (
	"cmp"
	"context"
	"encoding/csv"
	"errors"
	"fmt"
	"io"
	"math"
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/floorwalker/floorwalker/retrieval"
)

// Judgments are grades (0: wrong, up) by query and product.
type Judgments map[string]map[string]float64

// ReadJudgments reads CSV with a heading and the columns query, product, grade.
func ReadJudgments(r io.Reader) (Judgments, error) {
	rows := csv.NewReader(r)
	rows.FieldsPerRecord = 3
	js := Judgments{}
	for first := true; ; first = false {
		row, err := rows.Read()
		if errors.Is(err, io.EOF) {
			return js, nil
		}
		if err != nil {
			return nil, fmt.Errorf("reading judgments: %w", err)
		}
		if first {
			continue
		}
		line, _ := rows.FieldPos(2)
		grade, err := strconv.ParseFloat(strings.TrimSpace(row[2]), 64)
		if err != nil || grade < 0 || math.IsInf(grade, 0) || math.IsNaN(grade) {
			return nil, fmt.Errorf("reading judgments: line %d: the grade %q is not a number from 0 up", line, row[2])
		}
		if js[row[0]] == nil {
			js[row[0]] = map[string]float64{}
		}
		js[row[0]][row[1]] = grade
	}
}

// Search is the measure of product search, means over all queries. The gain of a grade is
// 2^grade - 1; what is unjudged counts as 0; relevant for MRR and recall is a grade from 1 up.
type Search struct {
	Queries int     `json:"queries"`
	NDCG    float64 `json:"ndcg@10"`
	MRR     float64 `json:"mrr@10"`
	Recall  float64 `json:"recall@100"` // over the queries that have something relevant
	P50     float64 `json:"p50_ms"`
	P99     float64 `json:"p99_ms"`
}

// searcher is the part of retrieval.Products that is measured.
type searcher interface {
	Search(ctx context.Context, q retrieval.Query) ([]retrieval.Hit, error)
}

// MeasureSearch asks products each judged query; nDCG and MRR look at the first k hits (so
// that the names of the fields hold for k = 10 only), recall at 100. The clock times a search.
func MeasureSearch(ctx context.Context, products searcher, judgments Judgments, k int, now func() time.Time) (Search, error) {
	const deep = 100
	m := Search{Queries: len(judgments)}
	var times []float64
	var answerable float64
	for query, grades := range judgments {
		start := now()
		hits, err := products.Search(ctx, retrieval.Query{Text: query, Limit: max(k, deep)})
		if err != nil {
			return Search{}, fmt.Errorf("searching for %q: %w", query, err)
		}
		times = append(times, float64(now().Sub(start))/float64(time.Millisecond))
		got := make([]float64, len(hits))
		for i, h := range hits {
			got[i] = grades[h.Product]
		}
		m.NDCG += nDCG(got, grades, k)
		m.MRR += reciprocalRank(got, k)
		if relevant := countRelevant(values(grades)); relevant > 0 {
			answerable++
			m.Recall += countRelevant(got[:min(deep, len(got))]) / relevant
		}
	}
	if n := float64(len(judgments)); n > 0 {
		m.NDCG /= n
		m.MRR /= n
		m.Recall /= max(1, answerable)
		slices.Sort(times)
		m.P50, m.P99 = percentile(times, 0.5), percentile(times, 0.99)
	}
	return m, nil
}

func nDCG(got []float64, grades map[string]float64, k int) float64 {
	ideal := values(grades)
	slices.SortFunc(ideal, func(a, b float64) int { return cmp.Compare(b, a) })
	if best := dcg(ideal, k); best > 0 {
		return dcg(got, k) / best
	}
	return 0
}

func dcg(grades []float64, k int) float64 {
	var sum float64
	for i, g := range grades[:min(k, len(grades))] {
		sum += (math.Exp2(g) - 1) / math.Log2(float64(i+2))
	}
	return sum
}

func reciprocalRank(got []float64, k int) float64 {
	for i, g := range got[:min(k, len(got))] {
		if g >= 1 {
			return 1 / float64(i+1)
		}
	}
	return 0
}

func countRelevant(grades []float64) (n float64) {
	for _, g := range grades {
		if g >= 1 {
			n++
		}
	}
	return n
}

func values(m map[string]float64) []float64 {
	out := make([]float64, 0, len(m))
	for _, v := range m {
		out = append(out, v)
	}
	return out
}

// percentile is the nearest rank of ascending values.
func percentile(ascending []float64, p float64) float64 {
	return ascending[max(0, int(math.Ceil(p*float64(len(ascending))))-1)]
}
