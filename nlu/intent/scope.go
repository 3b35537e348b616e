package intent

import (
	"context"
	"math"
	"slices"

	"github.com/floorwalker/floorwalker/models/linear"
)

// scope measures how far a text is from all intents: the mean of five standardised scores,
//
//   - the energy of the classifier's logits (Liu et al. 2020),
//   - the probability that the likeliest intent leaves to others (Hendrycks and Gimpel 2017),
//   - the Mahalanobis distance to the nearest intent's mean (Lee et al. 2018); only with vectors,
//   - the distance to the nearest examples,
//   - the logit of a classifier that tells examples from texts on anything else.
//
// Each is standardised, and the threshold set, on examples that the parts had not learned from.
type scope struct {
	near    *neighbours
	cloud   *cloud          // nil without vectors
	other   *linear.Softmax // class 1: on anything else
	mean    []float64       // of each score
	spread  []float64
	edge    float64 // the threshold on the mean of the scores
	softest float64 // how far beyond the threshold the distance comes near to 1
}

// InScopeLoss is the part of texts with an intent that may be taken for out of scope, unless the
// shop accepts another.
const InScopeLoss = 0.03

// scores are the measures of one text, larger for stranger.
func (s *scope) scores(dense []float32, sparse []linear.Feature, logits []float64) []float64 {
	p := s.other.Logits(dense, sparse)
	out := []float64{-energy(logits), doubt(logits), s.near.distance(dense, sparse), p[1] - p[0]}
	if s.cloud != nil {
		out = append(out, s.cloud.distance(dense))
	}
	return out
}

func (s *scope) total(scores []float64) float64 {
	sum := 0.0
	for i, v := range scores {
		sum += (v - s.mean[i]) / s.spread[i]
	}
	return sum / float64(len(scores))
}

// distance is from 0 to 1, and OutOfScope at the threshold.
func (s *scope) distance(dense []float32, sparse []linear.Feature, logits []float64) float64 {
	return 1 / (1 + math.Exp(-(s.total(s.scores(dense, sparse, logits))-s.edge)/s.softest))
}

// doubt is the probability left to all intents but the likeliest (Hendrycks and Gimpel 2017).
func doubt(logits []float64) float64 { return 1 - math.Exp(slices.Max(logits)-energy(logits)) }

func energy(logits []float64) float64 {
	top := slices.Max(logits)
	sum := 0.0
	for _, z := range logits {
		sum += math.Exp(z - top)
	}
	return top + math.Log(sum)
}

// heldOut bounds the examples that the scores are standardised on.
const heldOut = 3000

// fitScope learns the scope: every example is scored by parts that have not seen it.
func fitScope(ctx context.Context, in, strange rows, classes int, c, loss float64) (*scope, error) {
	strange = unlike(in, strange)
	fold := foldsOf(in.y)
	step := max(1, len(in.y)/heldOut)
	var seen [][]float64
	for f := range folds {
		rest := in.pick(func(i int) bool { return fold[i] != f })
		model, err := linear.Train(ctx, rest.dense, rest.sparse, rest.y, linear.Options{Classes: classes, C: c, Iterations: iterations})
		if err != nil {
			return nil, err
		}
		part, err := learnScope(ctx, rest, strange, classes, c)
		if err != nil {
			return nil, err
		}
		for i := 0; i < len(in.y); i += step {
			if fold[i] == f {
				dense, sparse := in.at(i)
				seen = append(seen, part.scores(dense, sparse, model.Logits(dense, sparse)))
			}
		}
	}
	s, err := learnScope(ctx, in, strange, classes, c)
	if err != nil {
		return nil, err
	}
	s.standardise(seen, loss)
	return s, nil
}

// learnScope learns the parts of a scope, but not how to weigh them.
func learnScope(ctx context.Context, in, strange rows, classes int, c float64) (*scope, error) {
	s := &scope{near: newNeighbours(in)}
	if in.dense != nil {
		s.cloud = newCloud(in, classes)
	}
	both := in.join(strange)
	y := make([]int, len(both.sparse))
	for i := len(in.y); i < len(y); i++ {
		y[i] = 1
	}
	var err error
	s.other, err = linear.Train(ctx, both.dense, both.sparse, y, linear.Options{Classes: 2, C: c, Iterations: iterations})
	return s, err
}

// standardise learns the mean and spread of each score, and the threshold beyond which a part of
// what was seen is lost.
func (s *scope) standardise(seen [][]float64, loss float64) {
	n := len(seen[0])
	s.mean, s.spread = make([]float64, n), make([]float64, n)
	for k := range n {
		var sum, squares float64
		for _, v := range seen {
			sum += v[k]
			squares += v[k] * v[k]
		}
		s.mean[k] = sum / float64(len(seen))
		s.spread[k] = math.Sqrt(max(squares/float64(len(seen))-s.mean[k]*s.mean[k], 1e-12))
	}
	totals := make([]float64, len(seen))
	for i, v := range seen {
		totals[i] = s.total(v)
	}
	slices.Sort(totals)
	s.edge = totals[min(len(totals)-1, int(float64(len(totals))*(1-loss)))]
	s.softest = max((s.edge-totals[len(totals)/2])/3, 1e-6)
}

// foldsOf spreads the examples of each class evenly over the folds.
func foldsOf(y []int) []int {
	next := map[int]int{}
	out := make([]int, len(y))
	for i, k := range y {
		out[i] = (next[k] + k) % folds
		next[k]++
	}
	return out
}

// unlike drops the strange texts that are as near to an example as examples are to each
// other: what is off topic in most shops is the business of some.
func unlike(in, strange rows) rows {
	near := newNeighbours(in)
	among := make([]float64, 0, heldOut)
	for i := 0; i < len(in.y); i += max(1, len(in.y)/heldOut) {
		dense, sparse := in.at(i)
		among = append(among, near.closest(dense, sparse, i))
	}
	slices.Sort(among)
	limit := among[len(among)/3]
	return strange.pick(func(i int) bool {
		dense, sparse := strange.at(i)
		return near.closest(dense, sparse, -1) > limit
	})
}
