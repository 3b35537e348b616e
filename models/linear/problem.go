package linear

import (
	"fmt"
	"math"
	"runtime"
	"slices"
	"sync"
)

// problem is a training set laid out for speed, and the loss that [minimise] makes small.
//
// Parameters are one vector: dense weights [classes][dim], then sparse ones [columns][classes],
// then biases [classes].
type problem struct {
	n, classes, dim int
	workers         int
	penalty         float64 // 1/(C·n): the loss is a mean

	rows   []float32 // [n][dim], centred and scaled
	centre []float64 // [dim], what was taken off
	scale  float64   // what it was multiplied by then
	labels []int

	indices []uint32 // of the features seen, ascending
	byRow   [][]cell // sparse features of each example; at is the column
	byCol   [][]cell // the same by column; at is the example

	scores []float32 // [n][classes], room for logits and then for residuals
	losses []float64 // [n]
}

// cell is one entry of a sparse matrix seen from its row or from its column.
type cell struct {
	at    int32
	value float32
}

// checkRows refuses what can't be learned from, and returns the dense length and the classes.
func checkRows(X [][]float32, sparse [][]Feature, y []int, classes int) (dim, most int, err error) {
	if len(y) == 0 {
		return 0, 0, fmt.Errorf("linear: there are no examples to learn from")
	}
	if X == nil && sparse == nil {
		return 0, 0, fmt.Errorf("linear: the examples have neither dense nor sparse features")
	}
	if X != nil && len(X) != len(y) || sparse != nil && len(sparse) != len(y) {
		return 0, 0, fmt.Errorf("linear: %d labels for %d dense and %d sparse rows", len(y), len(X), len(sparse))
	}
	if X != nil {
		dim = len(X[0])
	}
	for i, row := range X {
		if len(row) != dim {
			return 0, 0, fmt.Errorf("linear: row %d has %d numbers and row 0 has %d", i, len(row), dim)
		}
		for _, v := range row {
			if !finite(v) {
				return 0, 0, fmt.Errorf("linear: row %d holds %v", i, v)
			}
		}
	}
	for i, row := range sparse {
		for _, f := range row {
			if !finite(f.Value) {
				return 0, 0, fmt.Errorf("linear: feature %d of row %d is %v", f.Index, i, f.Value)
			}
		}
	}
	most = max(classes, slices.Max(y)+1)
	if classes > 0 && most > classes || slices.Min(y) < 0 {
		return 0, 0, fmt.Errorf("linear: labels run from %d to %d and there are %d classes", slices.Min(y), slices.Max(y), classes)
	}
	return dim, most, nil
}

func finite(v float32) bool { return !math.IsNaN(float64(v)) && !math.IsInf(float64(v), 0) }

// newProblem lays out the examples that pick names, of rows that were checked.
func newProblem(X [][]float32, sparse [][]Feature, y []int, pick []int, dim, classes, workers int) *problem {
	if workers <= 0 {
		workers = runtime.GOMAXPROCS(0)
	}
	p := &problem{n: len(pick), classes: classes, dim: dim, workers: workers, scale: 1,
		labels: make([]int, len(pick)), losses: make([]float64, len(pick)),
		scores: make([]float32, len(pick)*classes)}
	for i, from := range pick {
		p.labels[i] = y[from]
	}
	p.layDense(X, pick)
	p.laySparse(sparse, pick)
	return p
}

// layDense centres the rows and scales them to mean squared length 1. The bias takes up the
// centre, so this changes no model but for what a C means; it makes the optimiser's way short.
func (p *problem) layDense(X [][]float32, pick []int) {
	p.centre = make([]float64, p.dim)
	if p.dim == 0 {
		return
	}
	for _, from := range pick {
		for d, v := range X[from] {
			p.centre[d] += float64(v) / float64(p.n)
		}
	}
	squares := 0.0
	for _, from := range pick {
		for d, v := range X[from] {
			c := float64(v) - p.centre[d]
			squares += c * c
		}
	}
	if mean := squares / float64(p.n); mean > 1e-12 {
		p.scale = 1 / math.Sqrt(mean)
	}
	p.rows = make([]float32, p.n*p.dim)
	for i, from := range pick {
		row := p.rows[i*p.dim : (i+1)*p.dim]
		for d, v := range X[from] {
			row[d] = float32((float64(v) - p.centre[d]) * p.scale)
		}
	}
}

func (p *problem) laySparse(sparse [][]Feature, pick []int) {
	if sparse == nil {
		return
	}
	for _, from := range pick {
		for _, f := range sparse[from] {
			p.indices = append(p.indices, f.Index)
		}
	}
	slices.Sort(p.indices)
	p.indices = slices.Clip(slices.Compact(p.indices))
	columns := make(map[uint32]int32, len(p.indices))
	for at, index := range p.indices {
		columns[index] = int32(at)
	}
	p.byRow, p.byCol = make([][]cell, p.n), make([][]cell, len(p.indices))
	for i, from := range pick {
		for _, f := range sparse[from] {
			at := columns[f.Index]
			p.byRow[i] = append(p.byRow[i], cell{at, f.Value})
			p.byCol[at] = append(p.byCol[at], cell{int32(i), f.Value})
		}
	}
}

// size is the number of parameters.
func (p *problem) size() int { return (p.dim + len(p.indices) + 1) * p.classes }

// split cuts a parameter vector into its parts.
func (p *problem) split(v []float32) (dense, sparse, bias []float32) {
	a := p.classes * p.dim
	b := a + len(p.indices)*p.classes
	return v[:a], v[a:b], v[b:]
}

// loss is the penalised mean log loss at the parameters; its gradient is written to gradient.
func (p *problem) loss(parameters, gradient []float32) float64 {
	dense, sparse, bias := p.split(parameters)
	p.parallel(p.n, func(from, to int) {
		p.score(dense, sparse, bias, from, to)
		p.residuals(from, to)
	})
	p.gradient(parameters, gradient)
	total, squares := 0.0, 0.0
	for _, l := range p.losses {
		total += l
	}
	for _, v := range parameters[:len(parameters)-p.classes] {
		squares += float64(v) * float64(v)
	}
	return total/float64(p.n) + p.penalty/2*squares
}

// score writes the logits of some examples.
func (p *problem) score(dense, sparse, bias []float32, from, to int) {
	for i := from; i < to; i++ {
		copy(p.scores[i*p.classes:(i+1)*p.classes], bias)
	}
	if p.dim > 0 {
		multiplyRows(p.scores, p.rows, dense, from, to, p.classes, p.dim)
	}
	for i := from; i < to && len(p.byRow) > 0; i++ {
		z := p.scores[i*p.classes : (i+1)*p.classes]
		for _, c := range p.byRow[i] {
			w := sparse[int(c.at)*p.classes : (int(c.at)+1)*p.classes]
			for k := range z {
				z[k] += float32(c.value * w[k])
			}
		}
	}
}

// residuals turns the logits of some examples into probability minus truth, over n, and notes
// each one's loss.
func (p *problem) residuals(from, to int) {
	z := make([]float64, p.classes)
	for i := from; i < to; i++ {
		row := p.scores[i*p.classes : (i+1)*p.classes]
		for k, v := range row {
			z[k] = float64(v)
		}
		truth := z[p.labels[i]]
		p.losses[i] = softmax(z) - truth
		z[p.labels[i]]--
		for k, v := range z {
			row[k] = float32(v / float64(p.n))
		}
	}
}

// gradient adds up residuals times features, and the penalty's part.
func (p *problem) gradient(parameters, gradient []float32) {
	penalty := float32(p.penalty)
	dense, sparse, _ := p.split(parameters)
	toDense, toSparse, toBias := p.split(gradient)
	p.parallel(p.classes, func(from, to int) {
		for k := from; k < to; k++ {
			g := toDense[k*p.dim : (k+1)*p.dim]
			for d, w := range dense[k*p.dim : (k+1)*p.dim] {
				g[d] = penalty * w
			}
			toBias[k] = p.addRows(g, k)
		}
	})
	p.parallel(len(p.byCol), func(from, to int) {
		for at := from; at < to; at++ {
			g := toSparse[at*p.classes : (at+1)*p.classes]
			for k, w := range sparse[at*p.classes : (at+1)*p.classes] {
				g[k] = penalty * w
			}
			for _, c := range p.byCol[at] {
				for k, r := range p.scores[int(c.at)*p.classes : (int(c.at)+1)*p.classes] {
					g[k] += float32(c.value * r)
				}
			}
		}
	})
}

// addRows adds each example's row times its residual for class k to g, and returns the sum of
// the residuals. Residuals too small to matter are passed over, which late in training
// are most.
func (p *problem) addRows(g []float32, k int) float32 {
	const matters = 1e-6
	negligible := float32(matters / float64(p.n))
	sum := 0.0
	var (
		rows      [4][]float32
		residuals [4]float32
		waiting   int
	)
	for i := range p.n {
		r := p.scores[i*p.classes+k]
		sum += float64(r)
		if p.dim == 0 || r < negligible && r > -negligible {
			continue
		}
		rows[waiting], residuals[waiting] = p.rows[i*p.dim:(i+1)*p.dim], r
		if waiting++; waiting == 4 {
			addFour(g, &rows, &residuals)
			waiting = 0
		}
	}
	for ; waiting > 0; waiting-- {
		r := residuals[waiting-1]
		for d, v := range rows[waiting-1] {
			g[d] += float32(r * v)
		}
	}
	return float32(sum)
}

// parallel calls work on ranges that together are 0 to n, and waits for all.
func (p *problem) parallel(n int, work func(from, to int)) {
	workers := min(p.workers, n)
	if workers <= 1 {
		work(0, n)
		return
	}
	var all sync.WaitGroup
	for w := range workers {
		all.Go(func() { work(n*w/workers, n*(w+1)/workers) })
	}
	all.Wait()
}
