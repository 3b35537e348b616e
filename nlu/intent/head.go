package intent

import (
	"context"

	"github.com/floorwalker/floorwalker/models/linear"
)

// head is what is learned from one kind of row: vectors and n-grams, or n-grams alone.
type head struct {
	model   *linear.Softmax
	weights weights
	scope   *scope
}

// predict returns the probability of each intent and the distance from all of them.
func (h *head) predict(dense []float32, doc []uint32) ([]float64, float64) {
	row := h.weights.row(doc)
	logits := h.model.Logits(dense, row)
	return h.model.Predict(dense, row), h.scope.distance(dense, row, logits)
}

// How a head learns. A change here, or of anything that features, masks or scopes are made of,
// needs a new [trainingVersion].
const (
	trainingVersion = "4"

	sparseLength = 0.5 // of an n-gram row beside a vector of length 1
	folds        = 3
	calibrated   = 400000 // examples × classes up to which probabilities are calibrated by folds
	iterations   = 60     // of the optimiser: more change no answer
	fixedC       = 8      // trust in the data; 4 and 16 do within a point as well
)

// rows are the examples as a head sees them.
type rows struct {
	dense  [][]float32 // nil: none
	sparse [][]linear.Feature
	y      []int
}

func (r rows) pick(keep func(i int) bool) rows {
	var out rows
	for i := range r.sparse {
		if !keep(i) {
			continue
		}
		if r.dense != nil {
			out.dense = append(out.dense, r.dense[i])
		}
		out.sparse = append(out.sparse, r.sparse[i])
		out.y = append(out.y, r.y[i])
	}
	return out
}

// join puts rows of other classes behind.
func (r rows) join(o rows) rows {
	out := rows{sparse: append(r.sparse[:len(r.sparse):len(r.sparse)], o.sparse...), y: append(r.y[:len(r.y):len(r.y)], o.y...)}
	if r.dense != nil {
		out.dense = append(r.dense[:len(r.dense):len(r.dense)], o.dense...)
	}
	return out
}

func (r rows) at(i int) ([]float32, []linear.Feature) {
	if r.dense == nil {
		return nil, r.sparse[i]
	}
	return r.dense[i], r.sparse[i]
}

// train learns a head from the examples and from texts that belong to no intent.
func train(ctx context.Context, docs [][]uint32, dense [][]float32, y []int, classes int, strange [][]uint32, strangeDense [][]float32, loss float64) (*head, error) {
	length := float32(1)
	if dense != nil {
		length = sparseLength
	}
	h := &head{weights: weigh(append(docs[:len(docs):len(docs)], strange...), length, min(maxFeatures, 4_000_000/max(classes, 1)))}
	in := rows{dense: dense, sparse: h.weights.all(docs), y: y}
	out := rows{dense: strangeDense, sparse: h.weights.all(strange), y: make([]int, len(strange))}

	opts := linear.Options{Classes: classes, C: fixedC, Iterations: iterations}
	if len(y)*classes <= calibrated {
		opts.Folds, opts.Cs = folds, []float64{fixedC}
	}
	var err error
	if h.model, err = linear.Train(ctx, in.dense, in.sparse, in.y, opts); err != nil {
		return nil, err
	}
	h.scope, err = fitScope(ctx, in, out, classes, h.model.C(), loss)
	return h, err
}

func (w weights) all(docs [][]uint32) [][]linear.Feature {
	out := make([][]linear.Feature, len(docs))
	for i, d := range docs {
		out[i] = w.row(d)
	}
	return out
}
