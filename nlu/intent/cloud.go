package intent

import "math"

// cloud is one Gaussian for each intent, all with the same covariance: distances are taken
// after a change of coordinates that makes the covariance the unit matrix.
type cloud struct {
	Dim    int
	Lower  []float32   // [Dim][Dim], the inverse of the covariance's Cholesky factor, lower triangle
	Center [][]float32 // of each intent, in the new coordinates
}

// shrinkage is how much of the covariance is replaced by a multiple of the unit matrix: there
// are fewer examples than dimensions squared.
const shrinkage = 0.1

func newCloud(in rows, classes int) *cloud {
	dim := len(in.dense[0])
	means, count := make([][]float64, classes), make([]float64, classes)
	for k := range means {
		means[k] = make([]float64, dim)
	}
	for i, v := range in.dense {
		count[in.y[i]]++
		for j, x := range v {
			means[in.y[i]][j] += float64(x)
		}
	}
	for k := range means {
		for j := range means[k] {
			means[k][j] /= max(count[k], 1)
		}
	}
	l := inverse(cholesky(covariance(in, means)))
	c := &cloud{Dim: dim, Lower: make([]float32, dim*dim)}
	for i := range l {
		for j := range i + 1 {
			c.Lower[i*dim+j] = float32(l[i][j])
		}
	}
	for k := range means {
		if count[k] == 0 {
			continue
		}
		mean := make([]float32, dim)
		for j := range mean {
			mean[j] = float32(means[k][j])
		}
		c.Center = append(c.Center, c.turn(mean))
	}
	return c
}

// covariance is of the examples about their intents' means, shrunk.
func covariance(in rows, means [][]float64) [][]float64 {
	dim := len(means[0])
	s := make([][]float64, dim)
	for i := range s {
		s[i] = make([]float64, dim)
	}
	d := make([]float64, dim)
	for n, v := range in.dense {
		for j := range d {
			d[j] = float64(v[j]) - means[in.y[n]][j]
		}
		for i := range s {
			x, row := d[i], s[i]
			for j := 0; j <= i; j++ {
				row[j] += x * d[j]
			}
		}
	}
	trace := 0.0
	for i := range s {
		for j := 0; j <= i; j++ {
			s[i][j] /= float64(len(in.dense))
		}
		trace += s[i][i]
	}
	unit := max(trace/float64(dim), 1e-9)
	for i := range s {
		for j := 0; j <= i; j++ {
			s[i][j] *= 1 - shrinkage
		}
		s[i][i] += shrinkage * unit
	}
	return s
}

// cholesky returns L of A = L·Lᵀ; A is symmetric, positive definite, given by its lower triangle.
func cholesky(a [][]float64) [][]float64 {
	for i := range a {
		for j := 0; j <= i; j++ {
			sum := a[i][j]
			for k := range j {
				sum -= a[i][k] * a[j][k]
			}
			if i == j {
				a[i][i] = math.Sqrt(max(sum, 1e-12))
			} else {
				a[i][j] = sum / a[j][j]
			}
		}
	}
	return a
}

// inverse of a lower triangular matrix.
func inverse(l [][]float64) [][]float64 {
	out := make([][]float64, len(l))
	for i := range l {
		out[i] = make([]float64, len(l))
		out[i][i] = 1 / l[i][i]
		for k := range i {
			x := l[i][k]
			for j := 0; j <= k; j++ {
				out[i][j] -= x * out[k][j]
			}
		}
		for j := range i {
			out[i][j] /= l[i][i]
		}
	}
	return out
}

// turn changes the coordinates of a vector.
func (c *cloud) turn(v []float32) []float32 {
	out := make([]float32, c.Dim)
	for i := range out {
		var sum float32
		for j, x := range c.Lower[i*c.Dim : i*c.Dim+i+1] {
			sum += x * v[j]
		}
		out[i] = sum
	}
	return out
}

// distance is to the nearest intent's centre.
func (c *cloud) distance(v []float32) float64 {
	v = c.turn(v)
	best := math.Inf(1)
	for _, m := range c.Center {
		sum := 0.0
		for j, x := range v {
			d := float64(x - m[j])
			sum += d * d
		}
		best = min(best, sum)
	}
	return math.Sqrt(best)
}
