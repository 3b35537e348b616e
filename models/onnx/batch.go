package onnx

import (
	"cmp"
	"slices"
)

// input is one text with the ids of its tokens.
type input struct {
	text string
	ids  []int32
}

const (
	fewestTokens = 64 // below this a run of its own isn't worth it
	mostTexts    = 64 // of one run
)

// batches groups inputs of similar length, so that little is padded. A batch holds at most most tokens,
// padding included, unless one text alone is longer; and there are enough batches to
// keep all cores busy.
func batches(inputs []input, most, cores int) [][]input {
	slices.SortStableFunc(inputs, func(a, b input) int { return cmp.Compare(len(a.ids), len(b.ids)) })
	total := 0
	for _, in := range inputs {
		total += len(in.ids)
	}
	most = min(most, max(fewestTokens, (total+cores-1)/cores))
	var all [][]input
	for len(inputs) > 0 {
		shortest, n := len(inputs[0].ids), 1
		for n < len(inputs) && n < mostTexts {
			length := len(inputs[n].ids)
			if length*(n+1) > most || length > shortest+max(4, shortest/4) {
				break
			}
			n++
		}
		all = append(all, inputs[:n:n])
		inputs = inputs[n:]
	}
	slices.Reverse(all) // the longest first, so that no core is left with one at the end
	return all
}
