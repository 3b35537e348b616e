package linear

import "math"

// curvature is a rough second derivative of a problem: where nothing is learned yet it is exact
// but for what couples the classes.
type curvature struct {
	dim    int
	factor []float64 // lower Cholesky factor of the dense part, [dim][dim]
	column []float32 // one over the sparse part, by column
	bias   float32   // one over the biases'
}

const curvatureRows = 4096 // examples that the covariance is taken from; more tell little

// newCurvature takes the second derivative where all classes are equally likely.
func newCurvature(p *problem) *curvature {
	each := 1 / float64(p.classes)
	weight := max(each*(1-each), 1e-6) // of one example
	c := &curvature{dim: p.dim, bias: float32(1 / weight), column: make([]float32, len(p.byCol))}
	for at, cells := range p.byCol {
		squares := 0.0
		for _, f := range cells {
			squares += float64(f.value) * float64(f.value)
		}
		c.column[at] = float32(1 / (weight*squares/float64(p.n) + p.penalty))
	}
	c.factor = covariance(p)
	for i := range c.factor {
		c.factor[i] *= weight
	}
	for d := range p.dim {
		c.factor[d*p.dim+d] += p.penalty + 1e-9
	}
	cholesky(c.factor, p.dim)
	return c
}

// covariance is the mean of x·xᵀ over some of the rows, evenly spread; its lower half.
func covariance(p *problem) []float64 {
	out := make([]float64, p.dim*p.dim)
	stride := max(1, p.n/curvatureRows)
	used := (p.n + stride - 1) / stride
	p.parallel(p.dim, func(from, to int) {
		for i := 0; i < p.n; i += stride {
			row := p.rows[i*p.dim : (i+1)*p.dim]
			for a := from; a < to; a++ {
				v, sums := float64(row[a])/float64(used), out[a*p.dim:a*p.dim+a+1]
				for b := range sums {
					sums[b] += v * float64(row[b])
				}
			}
		}
	})
	return out
}

// cholesky replaces the lower half of a positive definite matrix by its factor.
func cholesky(m []float64, n int) {
	for i := range n {
		for j := range i + 1 {
			s := m[i*n+j]
			for k := range j {
				s -= m[i*n+k] * m[j*n+k]
			}
			if i == j {
				m[i*n+i] = math.Sqrt(max(s, 1e-12))
			} else {
				m[i*n+j] = s / m[j*n+j]
			}
		}
	}
}

// solve divides one class's part of a vector by the dense curvature, in place. room is [dim].
func (c *curvature) solve(v []float32, room []float64) {
	for i := range v {
		row := c.factor[i*c.dim : i*c.dim+i]
		s := float64(v[i])
		for k, f := range row {
			s -= f * room[k]
		}
		room[i] = s / c.factor[i*c.dim+i]
	}
	for i := c.dim - 1; i >= 0; i-- {
		room[i] /= c.factor[i*c.dim+i]
		s := room[i]
		for k, f := range c.factor[i*c.dim : i*c.dim+i] {
			room[k] -= f * s
		}
		v[i] = float32(s)
	}
}

// bent is a problem with its curvature, as the optimiser wants it.
type bent struct {
	*problem
	*curvature
}

func (b bent) precondition(v []float32) {
	dense, sparse, bias := b.split(v)
	b.parallel(b.classes, func(from, to int) {
		room := make([]float64, b.problem.dim)
		for k := from; k < to; k++ {
			b.solve(dense[k*b.problem.dim:(k+1)*b.problem.dim], room)
		}
	})
	for at, f := range b.column {
		for k := range b.classes {
			sparse[at*b.classes+k] *= f
		}
	}
	for k := range bias {
		bias[k] *= b.curvature.bias
	}
}
