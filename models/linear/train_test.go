package linear_test

import (
	"context"
	"errors"
	"math"
	"math/rand/v2"
	"slices"
	"strings"
	"testing"

	"github.com/floorwalker/floorwalker/models/linear"
)

// clusters makes unit vectors around a centre for each class, all shifted the same way, as an
// encoder's are; noise is how far they scatter.
func clusters(classes, each, dim int, noise float64, seed uint64) (X [][]float32, y []int) {
	rng := rand.New(rand.NewPCG(7, 7)) // the centres don't depend on seed
	centres := make([][]float64, classes)
	for k := range centres {
		centres[k] = make([]float64, dim)
		for d := range dim {
			centres[k][d] = .5 + rng.NormFloat64()*.3
		}
	}
	rng = rand.New(rand.NewPCG(seed, 1))
	for i := range classes * each {
		v, squares := make([]float32, dim), 0.0
		for d := range v {
			f := centres[i%classes][d] + rng.NormFloat64()*noise
			v[d] = float32(f)
			squares += f * f
		}
		for d := range v {
			v[d] /= float32(math.Sqrt(squares))
		}
		X, y = append(X, v), append(y, i%classes)
	}
	return X, y
}

func train(t testing.TB, X [][]float32, sparse [][]linear.Feature, y []int, opts linear.Options) *linear.Softmax {
	t.Helper()
	m, err := linear.Train(t.Context(), X, sparse, y, opts)
	if err != nil {
		t.Fatal(err)
	}
	return m
}

func top(p []float64) (best int) {
	for k := range p {
		if p[k] > p[best] {
			best = k
		}
	}
	return best
}

func accuracy(m *linear.Softmax, X [][]float32, sparse [][]linear.Feature, y []int) float64 {
	right := 0
	for i := range y {
		var dense []float32
		var features []linear.Feature
		if X != nil {
			dense = X[i]
		}
		if sparse != nil {
			features = sparse[i]
		}
		if top(m.Predict(dense, features)) == y[i] {
			right++
		}
	}
	return float64(right) / float64(len(y))
}

func TestLearnsWhatSeparates(t *testing.T) {
	X, y := clusters(12, 20, 32, .25, 1)
	m := train(t, X, nil, y, linear.Options{})
	unseen, truth := clusters(12, 20, 32, .25, 2)
	if a := accuracy(m, unseen, nil, truth); a < .95 {
		t.Errorf("accuracy %.3f", a)
	}
}

// The solution of a convex problem is where the gradient is 0. With one dense feature of two
// values, ±1 once centred and scaled, it can be written down: n/2·C·(1-σ(2w))·2 = w for the
// weights ±w of the two classes.
func TestFindsTheMinimum(t *testing.T) {
	var X [][]float32
	var y []int
	const n, c = 40, .5
	for i := range n {
		X, y = append(X, []float32{float32(3 + 2*(i%2))}), append(y, i%2)
	}
	m := train(t, X, nil, y, linear.Options{C: c})
	z := m.Logits([]float32{5}, nil)
	w := (z[1] - z[0]) / 2
	if residual := c*n*(1/(1+math.Exp(2*w))) - w; math.Abs(residual) > 2e-3 {
		t.Errorf("w = %.5f leaves a gradient of %.5f", w, residual)
	}
	if middle := m.Predict([]float32{4}, nil); math.Abs(middle[0]-.5) > 1e-4 {
		t.Errorf("between the two the chance is %v", middle)
	}
}

func TestSparseFeaturesAloneAndBesideDense(t *testing.T) {
	X, y := clusters(4, 30, 8, 3, 1) // hardly separable
	rng := rand.New(rand.NewPCG(3, 3))
	sparse := make([][]linear.Feature, len(y))
	for i := range sparse {
		sparse[i] = []linear.Feature{
			{Index: uint32(1<<31 + y[i]), Value: .7}, // tells the class
			{Index: rng.Uint32N(50), Value: .7},      // tells nothing
		}
	}
	for name, rows := range map[string][][]float32{"alone": nil, "beside": X} {
		m := train(t, rows, sparse, y, linear.Options{})
		if a := accuracy(m, rows, sparse, y); a < .99 {
			t.Errorf("%s: accuracy %.3f", name, a)
		}
		unknown := m.Predict(nil, []linear.Feature{{Index: 999, Value: 1e6}})
		if want := m.Predict(nil, nil); !slices.Equal(unknown, want) {
			t.Errorf("%s: a feature never seen counts: %v, not %v", name, unknown, want)
		}
	}
}

func TestSameModelOnAnyNumberOfCores(t *testing.T) {
	X, y := clusters(7, 15, 19, .5, 1)
	sparse := make([][]linear.Feature, len(y))
	for i := range sparse {
		sparse[i] = []linear.Feature{{Index: uint32(i % 11), Value: 1}}
	}
	one, err := train(t, X, sparse, y, linear.Options{Workers: 1, Folds: 3}).MarshalBinary()
	if err != nil {
		t.Fatal(err)
	}
	five, err := train(t, X, sparse, y, linear.Options{Workers: 5, Folds: 3}).MarshalBinary()
	if err != nil {
		t.Fatal(err)
	}
	if !slices.Equal(one, five) {
		t.Error("one worker and five made different models")
	}
}

func TestFoldsChooseStrengthAndTemperature(t *testing.T) {
	X, y := clusters(8, 12, 48, 1.2, 1) // overlapping: trusting the data fully is wrong
	unseen, truth := clusters(8, 40, 48, 1.2, 2)
	loss := func(m *linear.Softmax) (sum float64) {
		for i := range truth {
			sum -= math.Log(m.Predict(unseen[i], nil)[truth[i]]) / float64(len(truth))
		}
		return sum
	}
	chosen := train(t, X, nil, y, linear.Options{Folds: 4, Cs: []float64{.1, 1, 10, 1e4}})
	trusting := train(t, X, nil, y, linear.Options{C: 1e4})
	if loss(chosen) >= loss(trusting) {
		t.Errorf("log loss on unseen rows is %.3f with C %g and temperature %.2f, and %.3f with C 1e4",
			loss(chosen), chosen.C(), chosen.Temperature(), loss(trusting))
	}
	calibrated, err := trusting.Calibrated(unseen, nil, truth)
	if err != nil {
		t.Fatal(err)
	}
	if calibrated.Temperature() <= 1 || loss(calibrated) >= loss(trusting) {
		t.Errorf("temperature %.2f, log loss %.3f, before %.3f", calibrated.Temperature(), loss(calibrated), loss(trusting))
	}
}

func TestProbabilitiesSumToOne(t *testing.T) {
	X, y := clusters(5, 4, 6, .3, 1)
	m := train(t, X, nil, y, linear.Options{})
	for _, row := range [][]float32{nil, X[0], {1e30, -1e30}, make([]float32, 50)} {
		sum := 0.0
		for _, p := range m.Predict(row, nil) {
			sum += p
		}
		if math.Abs(sum-1) > 1e-9 {
			t.Errorf("probabilities of %v sum to %v", row, sum)
		}
	}
}

func TestRefusesWhatCannotBeLearnedFrom(t *testing.T) {
	nan := float32(math.NaN())
	for name, c := range map[string]struct {
		X      [][]float32
		sparse [][]linear.Feature
		y      []int
		opts   linear.Options
	}{
		"no examples":     {},
		"no features":     {y: []int{0, 1}},
		"too few rows":    {X: [][]float32{{1}}, y: []int{0, 1}},
		"uneven rows":     {X: [][]float32{{1}, {1, 2}}, y: []int{0, 1}},
		"not a number":    {X: [][]float32{{1}, {nan}}, y: []int{0, 1}},
		"sparse not":      {sparse: [][]linear.Feature{{{1, nan}}}, y: []int{0}},
		"negative label":  {X: [][]float32{{1}}, y: []int{-1}},
		"label too large": {X: [][]float32{{1}}, y: []int{3}, opts: linear.Options{Classes: 3}},
		"negative C":      {X: [][]float32{{1}}, y: []int{0}, opts: linear.Options{C: -1}},
	} {
		_, err := linear.Train(t.Context(), c.X, c.sparse, c.y, c.opts)
		if err == nil || !strings.HasPrefix(err.Error(), "linear: ") {
			t.Errorf("%s: %v", name, err)
		}
	}
}

func TestOddSetsAreLearned(t *testing.T) {
	same := [][]float32{{1, 2}, {1, 2}, {1, 2}}
	for name, y := range map[string][]int{"one class": {0, 0, 0}, "equal rows": {0, 1, 1}, "gap in labels": {0, 5, 5}} {
		m := train(t, same, nil, y, linear.Options{Folds: 3})
		if p := m.Predict(same[0], nil); math.IsNaN(p[0]) || len(p) != slices.Max(y)+1 {
			t.Errorf("%s: %v", name, p)
		}
	}
}

func TestStopsWhenTheContextEnds(t *testing.T) {
	X, y := clusters(5, 4, 6, .3, 1)
	ctx, cancel := context.WithCancel(t.Context())
	cancel()
	if _, err := linear.Train(ctx, X, nil, y, linear.Options{Folds: 2}); !errors.Is(err, context.Canceled) {
		t.Errorf("got %v", err)
	}
}

// BenchmarkTrain is the size of a large shop's intents: 150 classes of 100 examples.
func BenchmarkTrain(b *testing.B) {
	X, y := clusters(150, 100, 384, .9, 1)
	unseen, truth := clusters(150, 5, 384, .9, 2)
	for b.Loop() {
		m := train(b, X, nil, y, linear.Options{})
		b.ReportMetric(accuracy(m, unseen, nil, truth), "accuracy")
	}
}

func BenchmarkPredict(b *testing.B) {
	X, y := clusters(150, 4, 384, .9, 1)
	m := train(b, X, nil, y, linear.Options{})
	for i := 0; b.Loop(); i++ {
		m.Predict(X[i%len(X)], nil)
	}
}
