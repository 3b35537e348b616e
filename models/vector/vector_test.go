package vector_test

import (
	"fmt"
	"math"
	"math/rand/v2"
	"slices"
	"testing"

	"github.com/floorwalker/floorwalker/models/vector"
)

func unit(rng *rand.Rand, dim int) []float32 {
	v, squares := make([]float32, dim), 0.0
	for i := range v {
		f := rng.NormFloat64()
		v[i], squares = float32(f), squares+f*f
	}
	for i := range v {
		v[i] /= float32(math.Sqrt(squares))
	}
	return v
}

func product(a, b []float32) (s float32) {
	for i := range a {
		s += a[i] * b[i]
	}
	return s
}

func TestFindsWhatComparingInFullFinds(t *testing.T) {
	rng := rand.New(rand.NewPCG(1, 2))
	const n, dim, k = 9000, 96, 10
	s, vectors := vector.New(dim), map[string][]float32{}
	for i := range n {
		id := fmt.Sprint("v", i)
		vectors[id] = unit(rng, dim)
		if err := s.Add(id, vectors[id]); err != nil {
			t.Fatal(err)
		}
	}
	for range 20 {
		query := unit(rng, dim)
		var exact []float32
		for _, v := range vectors {
			exact = append(exact, product(query, v))
		}
		slices.Sort(exact)
		kth := exact[n-k]
		hits := s.Search(query, k)
		if len(hits) != k {
			t.Fatalf("%d hits", len(hits))
		}
		for i, h := range hits {
			real := product(query, vectors[h.ID])
			if math.Abs(float64(h.Score-real)) > .01 || real < kth-.01 || i > 0 && h.Score > hits[i-1].Score {
				t.Errorf("hit %d: score %.4f, really %.4f, the %dth best is %.4f", i, h.Score, real, k, kth)
			}
		}
	}
}

func TestAddReplaces(t *testing.T) {
	s := vector.New(2)
	for _, v := range [][]float32{{1, 0}, {0, 1}} {
		if err := s.Add("a", v); err != nil {
			t.Fatal(err)
		}
	}
	if hits := s.Search([]float32{0, 1}, 5); len(hits) != 1 || hits[0].Score < .99 || s.Len() != 1 {
		t.Errorf("%v", hits)
	}
}

func TestRefusesWhatDoesNotFit(t *testing.T) {
	s := vector.New(2)
	for _, v := range [][]float32{{1}, {1, 2, 3}, {float32(math.NaN()), 0}, {float32(math.Inf(1)), 0}} {
		if s.Add("a", v) == nil {
			t.Errorf("took %v", v)
		}
		if hits := s.Search(v, 3); hits != nil {
			t.Errorf("found %v for %v", hits, v)
		}
	}
	if err := s.Add("zero", []float32{0, 0}); err != nil {
		t.Error(err)
	}
	if hits := s.Search([]float32{1, 0}, 0); hits != nil {
		t.Errorf("none were asked for: %v", hits)
	}
}

func BenchmarkSearch100000(b *testing.B) {
	rng := rand.New(rand.NewPCG(1, 2))
	s := vector.New(384)
	for i := range 100_000 {
		if err := s.Add(fmt.Sprint(i), unit(rng, 384)); err != nil {
			b.Fatal(err)
		}
	}
	query := unit(rng, 384)
	for b.Loop() {
		s.Search(query, 10)
	}
}
