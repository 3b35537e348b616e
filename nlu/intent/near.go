package intent

import (
	"math"
	"slices"

	"github.com/floorwalker/floorwalker/models/linear"
)

// neighbours are the examples, to find the nearest. With vectors the cosine of centred vectors
// counts, otherwise that of the n-grams.
type neighbours struct {
	Center  []float32
	Vectors [][]float32 // centred, of length 1; nil: none

	postings map[uint32][]posting // n-gram → examples that have it; without vectors
	count    int
}

type posting struct {
	example int32
	value   float32
}

// nearest is how many neighbours a distance is the mean of.
const nearest = 3

func newNeighbours(in rows) *neighbours {
	n := &neighbours{count: len(in.sparse)}
	if in.dense == nil {
		n.postings = map[uint32][]posting{}
		for i, row := range in.sparse {
			for _, f := range row {
				n.postings[f.Index] = append(n.postings[f.Index], posting{int32(i), f.Value})
			}
		}
		return n
	}
	n.Center = make([]float32, len(in.dense[0]))
	for _, v := range in.dense {
		for j, x := range v {
			n.Center[j] += x / float32(len(in.dense))
		}
	}
	n.Vectors = make([][]float32, len(in.dense))
	for i, v := range in.dense {
		n.Vectors[i] = n.centred(v)
	}
	return n
}

func (n *neighbours) centred(v []float32) []float32 {
	out := make([]float32, len(n.Center))
	var squares float64
	for j := range out {
		out[j] = v[j] - n.Center[j]
		squares += float64(out[j]) * float64(out[j])
	}
	if squares > 0 {
		scale := float32(1 / math.Sqrt(squares))
		for j := range out {
			out[j] *= scale
		}
	}
	return out
}

// similarities are to each example.
func (n *neighbours) similarities(dense []float32, sparse []linear.Feature) []float32 {
	out := make([]float32, n.count)
	if n.Vectors == nil {
		for _, f := range sparse {
			for _, p := range n.postings[f.Index] {
				out[p.example] += f.Value * p.value
			}
		}
		return out
	}
	v := n.centred(dense)
	for i, e := range n.Vectors {
		var sum float32
		for j, x := range e {
			sum += x * v[j]
		}
		out[i] = sum
	}
	return out
}

// distance is 1 less the mean similarity of the nearest examples.
func (n *neighbours) distance(dense []float32, sparse []linear.Feature) float64 {
	top := make([]float32, 0, nearest+1)
	for _, s := range n.similarities(dense, sparse) {
		if len(top) == nearest && s <= top[nearest-1] {
			continue
		}
		i := len(top)
		for i > 0 && top[i-1] < s {
			i--
		}
		top = slices.Insert(top, i, s)[:min(len(top)+1, nearest)]
	}
	sum := 0.0
	for _, s := range top {
		sum += float64(s)
	}
	return 1 - sum/float64(max(len(top), 1))
}

// closest is the distance to the nearest example but one.
func (n *neighbours) closest(dense []float32, sparse []linear.Feature, but int) float64 {
	best := float32(-1)
	for i, s := range n.similarities(dense, sparse) {
		if i != but && s > best {
			best = s
		}
	}
	return 1 - float64(best)
}
