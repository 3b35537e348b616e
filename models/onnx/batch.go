package onnx

import (
	"cmp"
	"slices"
)

const (
	fewestTokens = 64 // below this a run of its own isn't worth it
	mostTexts    = 64 // of one run
)

// batches groups the jobs of one call by length, so that little is padded. A batch holds at most
// most tokens, padding included, unless one text alone is longer; and there are enough batches to
// keep all cores busy.
func batches(jobs []*job, most, cores int) []*batch {
	slices.SortStableFunc(jobs, func(a, b *job) int { return cmp.Compare(len(a.ids), len(b.ids)) })
	total := 0
	for _, j := range jobs {
		total += len(j.ids)
	}
	most = min(most, max(fewestTokens, (total+cores-1)/cores))
	var all []*batch
	for len(jobs) > 0 {
		b, n := &batch{shortest: len(jobs[0].ids), longest: len(jobs[0].ids)}, 1
		for n < len(jobs) && b.takes(len(jobs[n].ids), len(jobs[n].ids), n, 1, most) {
			b.longest = len(jobs[n].ids)
			n++
		}
		b.jobs = jobs[:n:n]
		all = append(all, b)
		jobs = jobs[n:]
	}
	slices.Reverse(all) // the longest first, so that no core is left with one at the end
	return all
}

// batch is what one run encodes.
type batch struct {
	jobs              []*job
	shortest, longest int // tokens of its texts
}

// takes reports whether a batch with room for some texts takes others besides.
func (b *batch) takes(shortest, longest, texts, others, most int) bool {
	low, high := min(b.shortest, shortest), max(b.longest, longest)
	return texts+others <= mostTexts && high*(texts+others) <= most && high <= low+max(4, low/4)
}

// pick takes from what waits the next run: the first batch, and with it, where more wait than there
// are cores, others of about its length. The others are left in their order.
func pick(waiting []*batch, most, cores int) (run *batch, left []*batch) {
	if len(waiting) == 0 {
		return nil, nil
	}
	run, left = waiting[0], waiting[1:]
	if len(waiting) <= cores {
		return run, slices.Clone(left)
	}
	run = &batch{slices.Clone(run.jobs), run.shortest, run.longest}
	var others []*batch
	for _, b := range left {
		if !run.takes(b.shortest, b.longest, len(run.jobs), len(b.jobs), most) {
			others = append(others, b)
			continue
		}
		run.shortest, run.longest = min(run.shortest, b.shortest), max(run.longest, b.longest)
		run.jobs = append(run.jobs, b.jobs...)
	}
	return run, others
}
