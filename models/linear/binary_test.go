package linear_test

import (
	"errors"
	"slices"
	"testing"

	"github.com/floorwalker/floorwalker/models/linear"
)

// saved is a small model with dense and sparse weights, as saved.
func saved(t testing.TB) (*linear.Softmax, []byte) {
	t.Helper()
	sparse := [][]linear.Feature{{{9, 1}}, {{4_000_000_000, 1}}, {{7, .5}}}
	m := train(t, [][]float32{{1, 0}, {0, 1}, {1, 1}}, sparse, []int{0, 1, 2}, linear.Options{Folds: 2})
	data, err := m.MarshalBinary()
	if err != nil {
		t.Fatal(err)
	}
	return m, data
}

func TestSavedModelPredictsTheSame(t *testing.T) {
	m, data := saved(t)
	var again linear.Softmax
	if err := again.UnmarshalBinary(data); err != nil {
		t.Fatal(err)
	}
	row, features := []float32{.3, .7}, []linear.Feature{{9, 1}, {7, 2}}
	if a, b := m.Predict(row, features), again.Predict(row, features); !slices.Equal(a, b) {
		t.Errorf("%v became %v", a, b)
	}
	if again.C() != m.C() || again.Temperature() != m.Temperature() || again.Dim() != 2 || again.Classes() != 3 {
		t.Errorf("C %v, temperature %v, dim %d, classes %d", again.C(), again.Temperature(), again.Dim(), again.Classes())
	}
}

func TestDamageIsFound(t *testing.T) {
	_, data := saved(t)
	for i := range data {
		broken := slices.Clone(data)
		broken[i] ^= 1
		var m linear.Softmax
		if err := m.UnmarshalBinary(broken); !errors.Is(err, linear.ErrCorrupt) {
			t.Fatalf("byte %d flipped: %v", i, err)
		}
		if err := m.UnmarshalBinary(data[:i]); !errors.Is(err, linear.ErrCorrupt) {
			t.Fatalf("cut after byte %d: %v", i, err)
		}
	}
}

func FuzzUnmarshal(f *testing.F) {
	_, data := saved(f)
	f.Add(data)
	f.Add([]byte("FWLINEAR"))
	f.Fuzz(func(t *testing.T, data []byte) {
		var m linear.Softmax
		if m.UnmarshalBinary(data) == nil {
			m.Predict([]float32{1, 2, 3}, []linear.Feature{{1, 1}})
		}
	})
}
