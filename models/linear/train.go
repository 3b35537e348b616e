package linear

import (
	"context"
	"fmt"
	"math"
	"math/rand/v2"
	"slices"
)

const (
	tolerance       = 1e-3 // of the gradient, relative to the untrained model's
	chosenTolerance = 3e-3 // while choosing a strength
)

// Train learns a model from rows X ([examples][dim], or nil for none), their sparse features
// (one row an example, or nil for none) and their labels y (0 ≤ y < Classes). It stops with
// ctx's error when ctx ends.
//
// It needs about (20·classes·features + examples·(dim+classes))·4 bytes, features being dim and
// the different sparse indices together.
func Train(ctx context.Context, X [][]float32, sparse [][]Feature, y []int, opts Options) (*Softmax, error) {
	dim, classes, err := checkRows(X, sparse, y, opts.Classes)
	if err != nil {
		return nil, err
	}
	if opts.Iterations <= 0 {
		opts.Iterations = 200
	}
	if opts.C == 0 {
		opts.C = DefaultC
	}
	if len(opts.Cs) == 0 {
		opts.Cs = DefaultCs()
	}
	for _, c := range append([]float64{opts.C}, opts.Cs...) {
		if !(c > 0) || math.IsInf(c, 0) {
			return nil, fmt.Errorf("linear: C is %v and must be positive", c)
		}
	}
	t := trainer{X, sparse, y, dim, classes, opts}
	temperature := 1.0
	if opts.Folds >= 2 {
		if opts.C, temperature, err = t.choose(ctx); err != nil {
			return nil, err
		}
	}
	m, err := t.fit(ctx, everyone(len(y)), opts.C)
	if err != nil {
		return nil, err
	}
	m.temperature = temperature
	return m, nil
}

// trainer is what there is to learn from, checked, with options filled in.
type trainer struct {
	X            [][]float32
	sparse       [][]Feature
	y            []int
	dim, classes int
	opts         Options
}

func everyone(n int) []int {
	all := make([]int, n)
	for i := range all {
		all[i] = i
	}
	return all
}

// fit learns from the examples that pick names.
func (t trainer) fit(ctx context.Context, pick []int, c float64) (*Softmax, error) {
	p := newProblem(t.X, t.sparse, t.y, pick, t.dim, t.classes, t.opts.Workers)
	p.penalty = 1 / (c * float64(p.n))
	x := make([]float32, p.size())
	if err := minimise(ctx, bent{p, newCurvature(p)}, x, t.opts.Iterations, tolerance); err != nil {
		return nil, err
	}
	return p.model(x, c), nil
}

// choose returns the C of the least log loss on held-out examples, and the temperature that
// suits them there.
func (t trainer) choose(ctx context.Context) (c, temperature float64, err error) {
	cs := slices.Sorted(slices.Values(t.opts.Cs))
	logits := make([][][]float64, len(cs)) // of each C, for each example
	for i := range logits {
		logits[i] = make([][]float64, len(t.y))
	}
	for _, fold := range t.folds() {
		p := newProblem(t.X, t.sparse, t.y, fold.learn, t.dim, t.classes, t.opts.Workers)
		x := make([]float32, p.size()) // each C starts from the solution of the one before
		for i, c := range cs {
			p.penalty = 1 / (c * float64(p.n))
			if err := minimise(ctx, bent{p, newCurvature(p)}, x, t.opts.Iterations, chosenTolerance); err != nil {
				return 0, 0, err
			}
			m := p.model(x, c)
			for _, at := range fold.held {
				logits[i][at] = m.Logits(row(t.X, at), row(t.sparse, at))
			}
		}
	}
	best := math.Inf(1)
	for i := range cs {
		at, loss := coolest(logits[i], t.y)
		if loss < best {
			best, c, temperature = loss, cs[i], at
		}
	}
	return c, temperature, nil
}

func row[T any](rows [][]T, i int) []T {
	if rows == nil {
		return nil
	}
	return rows[i]
}

// fold is one division of the examples.
type fold struct{ learn, held []int }

// folds divides the examples so that each class is spread evenly.
func (t trainer) folds() []fold {
	n := min(t.opts.Folds, len(t.y))
	order := rand.New(rand.NewPCG(t.opts.Seed, uint64(len(t.y)))).Perm(len(t.y))
	slices.SortStableFunc(order, func(a, b int) int { return t.y[a] - t.y[b] })
	all := make([]fold, n)
	for rank, example := range order {
		for i := range all {
			if i == rank%n {
				all[i].held = append(all[i].held, example)
			} else {
				all[i].learn = append(all[i].learn, example)
			}
		}
	}
	for i := range all {
		if len(all[i].learn) == 0 { // one example alone: there is nothing to hold out
			all[i].learn = all[i].held
		}
		slices.Sort(all[i].learn)
	}
	return all
}

// model makes a model for rows as the caller has them out of parameters for centred ones.
func (p *problem) model(x []float32, c float64) *Softmax {
	dense, sparse, bias := p.split(x)
	m := &Softmax{classes: p.classes, dim: p.dim, c: c, temperature: 1,
		dense: make([]float32, len(dense)), bias: make([]float32, len(bias)),
		indices: slices.Clone(p.indices), sparse: slices.Clone(sparse)}
	for k := range bias {
		shift := 0.0
		for d := range p.dim {
			w := float64(dense[k*p.dim+d]) * p.scale
			m.dense[k*p.dim+d] = float32(w)
			shift += w * p.centre[d]
		}
		m.bias[k] = float32(float64(bias[k]) - shift)
	}
	m.index()
	return m
}

// index makes the map of columns.
func (m *Softmax) index() {
	m.columns = make(map[uint32]int, len(m.indices))
	for at, i := range m.indices {
		m.columns[i] = at
	}
}
