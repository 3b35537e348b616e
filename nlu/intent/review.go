package intent

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"math"
	"slices"

	"github.com/floorwalker/floorwalker/models/linear"
)

// Review says how well a set's examples are told apart, each by what was learned from the
// others: every example is held out once.
type Review struct {
	Examples    int            `json:"n"`
	Accuracy    float64        `json:"accuracy"`
	Intents     []IntentReview `json:"intents"`     // the worst F1 first
	Confusions  []Confusion    `json:"confusions"`  // the most frequent first
	Mislabelled []Suspect      `json:"mislabelled"` // the surest first
	Confusable  []Pair         `json:"confusable"`  // the nearest first
	TooFew      []Scarce       `json:"too_few"`
}

// IntentReview is one intent's; Precision is of the examples taken for it, Recall of its own.
type IntentReview struct {
	Name      string  `json:"intent"`
	N         int     `json:"n"`
	Precision float64 `json:"precision"`
	Recall    float64 `json:"recall"`
	F1        float64 `json:"f1"`
}

// Confusion is how often examples of an intent are taken for another, with some of them.
type Confusion struct {
	Intent   string   `json:"intent"`
	As       string   `json:"as"`
	N        int      `json:"n"`
	Examples []string `json:"examples"`
}

// Suspect is an example that is taken for another intent for sure: it may stand in the wrong place.
type Suspect struct {
	Text   string  `json:"text"`
	Intent string  `json:"intent"`
	Likely string  `json:"likely"`
	P      float64 `json:"p"` // of Likely
}

// Pair are examples of different intents that are close to each other, one of which was hard to tell.
type Pair struct {
	Text       string  `json:"text"`
	Intent     string  `json:"intent"`
	Other      string  `json:"other"`
	As         string  `json:"other_intent"`
	Similarity float64 `json:"similarity"` // cosine of the centred vectors, or of the n-grams
}

// Scarce is an intent with few examples in a language.
type Scarce struct {
	Intent string `json:"intent"`
	Lang   string `json:"lang"`
	N      int    `json:"n"`
}

const (
	sure      = 0.9 // probability of another intent from which an example is suspected
	hard      = 0.2 // margin to the runner-up below which an example was hard to tell
	shown     = 3   // examples of a confusion
	mostPairs = 50
	scarce    = 10 // examples in a language below which an intent has too few
)

// Examine reviews a set. Without an encoder, or when it is down, it goes by n-grams alone and the
// review is that of words.
func Examine(ctx context.Context, set Set, opts Options) (Review, error) {
	if len(set) < 2 {
		return Review{}, errors.New("intent: fewer than two intents; there is nothing to tell apart")
	}
	m := &material{set: set}
	m.collect()
	in := rows{y: m.y}
	length := float32(1)
	if opts.Encoder != nil {
		dense, err := folder{opts.Dir}.encode(ctx, opts.Encoder, m.texts)
		if err != nil {
			return Review{}, err
		}
		in.dense, length = dense, sparseLength
	}
	docs := allFeatures(m.texts)
	in.sparse = weigh(docs, length, maxFeatures).all(docs)
	p, err := heldOutProbabilities(ctx, in, len(set))
	if err != nil {
		return Review{}, fmt.Errorf("intent: reviewing examples: %w", err)
	}
	return m.review(in, p), nil
}

// heldOutProbabilities are [examples][classes], each example's by a model that hasn't seen it.
func heldOutProbabilities(ctx context.Context, in rows, classes int) ([][]float64, error) {
	fold := foldsOf(in.y)
	out := make([][]float64, len(in.y))
	for f := range folds {
		rest := in.pick(func(i int) bool { return fold[i] != f })
		model, err := linear.Train(ctx, rest.dense, rest.sparse, rest.y, linear.Options{Classes: classes, C: fixedC, Iterations: iterations})
		if err != nil {
			return nil, err
		}
		for i := range out {
			if fold[i] == f {
				out[i] = model.Predict(in.at(i))
			}
		}
	}
	return out, nil
}

func (m *material) review(in rows, p [][]float64) Review {
	r := Review{Examples: len(m.y), Confusions: []Confusion{}, Mislabelled: []Suspect{}, TooFew: tooFew(m.set)}
	classes := len(m.set)
	counts := make([][]int, classes) // [intent][taken for]
	for k := range counts {
		counts[k] = make([]int, classes)
	}
	confused := map[[2]int]int{} // intent and what it is taken for → index in Confusions
	var unclear []int
	right := 0
	for i, y := range m.y {
		top := best(p[i], -1)
		counts[y][top]++
		if top == y {
			right++
		} else {
			at, ok := confused[[2]int{y, top}]
			if !ok {
				at = len(r.Confusions)
				confused[[2]int{y, top}] = at
				r.Confusions = append(r.Confusions, Confusion{Intent: m.set[y].Name, As: m.set[top].Name})
			}
			c := &r.Confusions[at]
			if c.N++; len(c.Examples) < shown {
				c.Examples = append(c.Examples, m.texts[i])
			}
			if p[i][top] >= sure {
				r.Mislabelled = append(r.Mislabelled, Suspect{m.texts[i], m.set[y].Name, m.set[top].Name, p[i][top]})
			}
		}
		if top != y || p[i][top]-p[i][best(p[i], top)] < hard {
			unclear = append(unclear, i)
		}
	}
	r.Accuracy = float64(right) / float64(max(len(m.y), 1))
	r.Intents = reviewed(m.set, counts)
	r.Confusable = m.confusable(in, unclear)
	slices.SortStableFunc(r.Confusions, func(a, b Confusion) int { return b.N - a.N })
	slices.SortStableFunc(r.Mislabelled, func(a, b Suspect) int { return cmp.Compare(b.P, a.P) })
	return r
}

// best is the likeliest class but one.
func best(p []float64, but int) int {
	top := -1
	for k, v := range p {
		if k != but && (top < 0 || v > p[top]) {
			top = k
		}
	}
	return top
}

func reviewed(set Set, counts [][]int) []IntentReview {
	out := make([]IntentReview, len(set))
	for k := range set {
		own, said := 0, 0
		for j := range set {
			own += counts[k][j]
			said += counts[j][k]
		}
		right := float64(counts[k][k])
		out[k] = IntentReview{Name: set[k].Name, N: own, Precision: right / math.Max(float64(said), 1),
			Recall: right / math.Max(float64(own), 1), F1: 2 * right / math.Max(float64(said+own), 1)}
	}
	slices.SortStableFunc(out, func(a, b IntentReview) int { return cmp.Compare(a.F1, b.F1) })
	return out
}

// confusable pairs each example that was hard to tell with the nearest of another intent.
func (m *material) confusable(in rows, unclear []int) []Pair {
	near := newNeighbours(in)
	out := []Pair{}
	paired := map[[2]int]bool{}
	for _, i := range unclear {
		other, top := -1, float32(math.Inf(-1))
		for j, s := range near.similarities(in.at(i)) {
			if m.y[j] != m.y[i] && s > top {
				other, top = j, s
			}
		}
		if pair := [2]int{min(i, other), max(i, other)}; other >= 0 && !paired[pair] {
			paired[pair] = true
			out = append(out, Pair{m.texts[i], m.set[m.y[i]].Name, m.texts[other], m.set[m.y[other]].Name, float64(top)})
		}
	}
	slices.SortStableFunc(out, func(a, b Pair) int { return cmp.Compare(b.Similarity, a.Similarity) })
	return out[:min(len(out), mostPairs)]
}

// tooFew are the intents with few examples in a language that the set speaks.
func tooFew(set Set) []Scarce {
	out := []Scarce{}
	languages := map[string]bool{}
	for _, in := range set {
		for lang := range in.Examples {
			languages[lang] = true
		}
	}
	for _, in := range set {
		for lang := range languages {
			if n := len(in.Examples[lang]); n < scarce {
				out = append(out, Scarce{in.Name, lang, n})
			}
		}
	}
	slices.SortFunc(out, func(a, b Scarce) int {
		return cmp.Or(a.N-b.N, cmp.Compare(a.Intent, b.Intent), cmp.Compare(a.Lang, b.Lang))
	})
	return out
}
