package onnx

import "slices"

const (
	fewestTokens = 64 // below this a run of its own isn't worth it
	mostTexts    = 64 // of one run
)

// pick takes from jobs those of the next run, and returns the others in their order: the first,
// and what is about as long as that, so that little is padded. A run holds at most most tokens,
// padding included, unless one text alone is longer; and where more than one core waits for
// work, no more than its share of what waits.
func pick(jobs []*job, most, cores int) (run, left []*job) {
	if len(jobs) == 0 {
		return nil, nil
	}
	total := 0
	for _, j := range jobs {
		total += len(j.ids)
	}
	most = min(most, max(fewestTokens, (total+cores-1)/cores))
	shortest, longest := len(jobs[0].ids), len(jobs[0].ids)
	for i, j := range jobs {
		low, high := min(shortest, len(j.ids)), max(longest, len(j.ids))
		if i > 0 && (len(run) == mostTexts || high*(len(run)+1) > most || high > low+max(4, low/4)) {
			left = append(left, j)
			continue
		}
		shortest, longest = low, high
		run = append(run, j)
	}
	return slices.Clip(run), left
}
