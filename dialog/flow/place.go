package flow

import (
	"cmp"
	"fmt"
	"slices"
)

// Place is a step of a flow, as far as a turn has come. A condition is two places: where it
// holds, and where it doesn't.
type Place struct {
	Flow string
	At   int  // index of its instruction
	Not  bool // the condition didn't hold
}

// pass notes that the frame's next instruction is taken, if a step says so.
func (m *machine) pass(fr *Frame, not bool) {
	p := Place{Flow: fr.Flow, At: fr.PC, Not: not}
	if m.flowOf(fr).code[fr.PC].line > 0 && !slices.Contains(m.out.Passed, p) {
		m.out.Passed = append(m.out.Passed, p)
	}
}

// Places are all the places there are, in the order they are written in.
func (s *Set) Places() []Place {
	var all []Place
	for _, name := range keysOf(s.flows) {
		for at, in := range s.flows[name].code {
			if in.line == 0 {
				continue
			}
			all = append(all, Place{Flow: name, At: at})
			if in.op == opBranch {
				all = append(all, Place{Flow: name, At: at, Not: true})
			}
		}
	}
	slices.SortStableFunc(all, func(a, b Place) int {
		return cmp.Or(cmp.Compare(s.flows[a.Flow].File, s.flows[b.Flow].File), cmp.Compare(s.flows[a.Flow].line, s.flows[b.Flow].line))
	})
	return all
}

// Describe says which place it is: "builtin/flows/orders.yaml:40 cancel_order: » say
// cannot_cancel". It is "" for one that isn't there.
func (s *Set) Describe(p Place) string {
	f := s.flows[p.Flow]
	if f == nil || p.At < 0 || p.At >= len(f.code) || f.code[p.At].line == 0 {
		return ""
	}
	in := f.code[p.At]
	out := fmt.Sprintf("%s:%d %s: %s", f.File, in.line, p.Flow, in.words)
	if in.op == opBranch {
		out += map[bool]string{false: " → yes", true: " → no"}[p.Not]
	}
	return out
}
