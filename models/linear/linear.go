// Package linear is a multinomial softmax regression: from a text's vector, and sparse
// features if there are any, to a probability for each class.
//
// The model is p(k|x) = softmax(W·dense + S·sparse + b)ₖ with L2-regularised weights (not
// bias), which is what scikit-learn calls LogisticRegression; [Train] finds it by L-BFGS and
// gives the same model for the same input on any number of cores. Classes are
// numbers from 0; names are the caller's.
package linear

import (
	"math"
)

// Feature is one entry of a sparse row, usually a hashed n-gram and its weight. Any index is
// allowed: only those seen in training get weights, and others count for nothing.
// A row may hold its features in any order; values of equal indices add up.
type Feature struct {
	Index uint32
	Value float32
}

// Options say how [Train] learns. The zero value is usable.
type Options struct {
	// Classes is how many there are; 0 means one more than the largest label.
	Classes int

	// C is the trust in the data against the penalty, as in scikit-learn: C times the sum of the
	// losses plus half the squared weights is made smallest. Dense rows are centred and scaled
	// to mean squared length 1 inside, so a C means the same for every encoder. Sparse rows
	// are taken as they are: give them a length of about 1. 0 means [DefaultC].
	C float64

	// Folds, when 2 or more, makes Train choose C among Cs by cross-validated log loss and
	// fit the temperature to the held-out predictions, so that probabilities of unseen
	// texts mean what they say. C is ignored then.
	Folds int

	// Cs are what to choose from; empty means [DefaultCs].
	Cs []float64

	// Seed orders the examples into folds. Training itself has no randomness.
	Seed uint64

	// Iterations bounds the optimiser's steps; 0 means 200. Reaching it isn't an error.
	Iterations int

	// Workers bounds the goroutines; 0 means GOMAXPROCS. The result doesn't depend on it.
	Workers int
}

// DefaultC is the trust in the data when none is asked for.
const DefaultC = 10

// DefaultCs returns the candidates that [Options.Folds] chooses from when none are given.
func DefaultCs() []float64 { return []float64{1, 4, 16, 64} }

// Softmax is a trained model. It is immutable, and so safe for concurrent use, but
// for UnmarshalBinary, which fills an empty one.
type Softmax struct {
	classes     int
	dim         int
	c           float64
	temperature float64
	bias        []float32      // [classes]
	dense       []float32      // [classes][dim], for rows as the caller gives them
	columns     map[uint32]int // index of a feature → its row in sparse
	indices     []uint32       // the reverse, ascending
	sparse      []float32      // [len(indices)][classes]
}

// Classes is how many classes the model tells apart.
func (m *Softmax) Classes() int { return m.classes }

// Dim is the length of a dense row; 0 if the model has none.
func (m *Softmax) Dim() int { return m.dim }

// C is the trust in the data that the model was trained with.
func (m *Softmax) C() float64 { return m.c }

// Temperature is what logits are divided by before probabilities are made of them; 1 unless
// calibrated.
func (m *Softmax) Temperature() float64 { return m.temperature }

// Logits returns the unnormalised score of each class, before the temperature. A dense row
// shorter than Dim counts as filled up with zeros; what is beyond Dim is ignored.
func (m *Softmax) Logits(dense []float32, sparse []Feature) []float64 {
	out := make([]float64, m.classes)
	dense = dense[:min(len(dense), m.dim)]
	for k := range out {
		out[k] = float64(m.bias[k]) + float64(dot(m.dense[k*m.dim:k*m.dim+len(dense)], dense))
	}
	for _, f := range sparse {
		row, seen := m.columns[f.Index]
		if !seen {
			continue
		}
		for k, w := range m.sparse[row*m.classes : (row+1)*m.classes] {
			out[k] += float64(f.Value) * float64(w)
		}
	}
	return out
}

// Predict returns the probability of each class; they sum to 1.
func (m *Softmax) Predict(dense []float32, sparse []Feature) []float64 {
	p := m.Logits(dense, sparse)
	for k := range p {
		p[k] /= m.temperature
	}
	softmax(p)
	return p
}

// softmax turns logits into probabilities in place and returns the log of their normaliser.
func softmax(z []float64) float64 {
	top := math.Inf(-1)
	for _, v := range z {
		top = max(top, v)
	}
	sum := 0.0
	for k, v := range z {
		z[k] = math.Exp(v - top)
		sum += z[k]
	}
	for k := range z {
		z[k] /= sum
	}
	return top + math.Log(sum)
}

// dot is the inner product of rows of equal length.
func dot(a, b []float32) float32 {
	var s0, s1, s2, s3 float32
	n := len(a) &^ 3
	b = b[:len(a)]
	for i := 0; i < n; i += 4 {
		x, y := a[i:i+4:i+4], b[i:i+4:i+4]
		s0 += x[0] * y[0]
		s1 += x[1] * y[1]
		s2 += x[2] * y[2]
		s3 += x[3] * y[3]
	}
	for i := n; i < len(a); i++ {
		s0 += a[i] * b[i]
	}
	return s0 + s1 + s2 + s3
}
