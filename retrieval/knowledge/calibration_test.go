package knowledge_test

import (
	"math"
	"testing"

	"github.com/floorwalker/floorwalker/retrieval/knowledge"
)

// TestCalibration fits the weights on the questions marked "fit", prints them, and holds the
// shipped ones to be as good: of these questions they must judge as many rightly as the fit,
// less two.
func TestCalibration(t *testing.T) {
	t.Run("by meaning", func(t *testing.T) { calibrate(t, demo(t, encoder(t)), true, []int{0, 1, 2}) })
	t.Run("by words alone", func(t *testing.T) { calibrate(t, demo(t, nil), false, []int{2, 3}) })
}

type sample struct {
	x        [4]float64
	answered bool
}

func calibrate(t *testing.T, k *knowledge.Knowledge, meaning bool, use []int) {
	var samples []sample
	for _, a := range questions(t) {
		if a.Use != "fit" {
			continue
		}
		x, ok, err := k.Features(t.Context(), a.Question, a.Locale)
		if err != nil {
			t.Fatal(err)
		}
		if ok {
			samples = append(samples, sample{x, a.Passage != ""})
		}
	}
	fitted := fit(samples, use)
	shipped := knowledge.Shipped(meaning)
	t.Logf("fitted: bias %.2f, near %.2f, above %.2f, words %.2f, heading %.2f; right %d of %d (shipped: %d)",
		fitted[0], fitted[1], fitted[2], fitted[3], fitted[4], right(samples, fitted), len(samples), right(samples, shipped))
	if right(samples, shipped) < right(samples, fitted)-2 {
		t.Errorf("the shipped calibration %v is worse than a new fit %v", shipped, fitted)
	}
}

func probability(w [5]float64, x [4]float64) float64 {
	z := w[0]
	for i, v := range x {
		z += w[i+1] * v
	}
	return 1 / (1 + math.Exp(-z))
}

func right(samples []sample, w [5]float64) (n int) {
	for _, s := range samples {
		if (probability(w, s.x) >= knowledge.Threshold) == s.answered {
			n++
		}
	}
	return n
}

// fit is logistic regression by gradient descent on standardised features, both classes
// counting alike, with a little weight decay.
func fit(samples []sample, use []int) [5]float64 {
	const decay, rate, steps = 0.01, 0.5, 2000
	var mean, deviation, w [4]float64
	answered := 0.0
	for _, s := range samples {
		for _, j := range use {
			mean[j] += s.x[j] / float64(len(samples))
		}
		if s.answered {
			answered++
		}
	}
	for _, s := range samples {
		for _, j := range use {
			deviation[j] += (s.x[j] - mean[j]) * (s.x[j] - mean[j]) / float64(len(samples))
		}
	}
	for _, j := range use {
		deviation[j] = math.Sqrt(deviation[j])
	}
	bias := 0.0
	for range steps {
		var g [4]float64
		gBias := 0.0
		for _, s := range samples {
			z, y, weight := bias, 0.0, 0.5/(float64(len(samples))-answered)
			for _, j := range use {
				z += w[j] * (s.x[j] - mean[j]) / deviation[j]
			}
			if s.answered {
				y, weight = 1, 0.5/answered
			}
			e := weight * (1/(1+math.Exp(-z)) - y)
			gBias += e
			for _, j := range use {
				g[j] += e * (s.x[j] - mean[j]) / deviation[j]
			}
		}
		bias -= rate * gBias
		for _, j := range use {
			w[j] -= rate * (g[j] + decay*w[j])
		}
	}
	out := [5]float64{bias}
	for _, j := range use {
		out[j+1] = w[j] / deviation[j]
		out[0] -= out[j+1] * mean[j]
	}
	return out
}
