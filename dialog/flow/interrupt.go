package flow

import (
	"slices"

	"github.com/floorwalker/floorwalker/nlu"
)

// An open question gives way to what else is asked. Then it comes back once (a summary twice), if
// its flow changes something or has to know who writes; a flow that only tells something is dropped.
// A flow that only takes down a wish (a call-back) isn't worth nagging for: it is put aside at
// once. If the shopper goes on with something else again, the flow is put aside: it isn't spoken
// of any more, until they ask for the same, answer its question or say to go on.

// task is where the frames begin that the flow served runs in: those it is run for come
// first.
func (m *machine) task() int {
	i := len(m.stack) - 1
	for i > 0 && m.stack[i].Then == Continue {
		i--
	}
	return max(i, 0)
}

// changes reports whether a flow, or one that it calls, changes anything.
func (s *Set) changes(f *Flow) bool {
	return slices.ContainsFunc(f.code, func(in instr) bool {
		return in.op == opDo || in.op == opCall && s.flows[in.name] != nil && s.changes(s.flows[in.name])
	})
}

// matters reports whether the question of the flow served is worth coming back to.
func (m *machine) matters() bool {
	if m.flowOf(m.top()).On == eventIdentity {
		return m.task() < len(m.stack)-1 // who writes is asked for the sake of something
	}
	return slices.ContainsFunc(m.stack[m.task():], func(fr *Frame) bool { return m.set.changes(m.flowOf(fr)) })
}

// onlyRequests reports whether nothing that the flow served is for needs a yes or to know who
// writes.
func (m *machine) onlyRequests() bool {
	return !slices.ContainsFunc(m.stack[m.task():], func(fr *Frame) bool {
		f := m.flowOf(fr)
		confirms := slices.ContainsFunc(f.code, func(in instr) bool { return in.op == opConfirm })
		return f.changes || confirms || f.Needs > 0 || f.On == eventIdentity
	})
}

// giveWay makes room for something else that is asked for, and says how what lies below is to
// go on after it.
func (m *machine) giveWay() Then {
	fr := m.top()
	switch {
	case !m.matters():
		return m.popTask().Then
	case fr.Back >= mostBack(fr) || m.onlyRequests():
		return m.putAside()
	}
	fr.Back++
	return Resume
}

// mostBack is how often an open question comes back after something else: a summary twice, since
// people ask about what they are to agree to.
func mostBack(fr *Frame) int {
	if fr.Wait != nil && fr.Wait.Slot == SlotConfirm {
		return 2
	}
	return 1
}

// putAside takes the flow served off the stack and keeps it.
func (m *machine) putAside() Then {
	from := m.task()
	m.st.Aside = nil
	for _, fr := range m.stack[from:] {
		kept := *fr
		kept.Back = 0
		m.st.Aside = append(m.st.Aside, kept)
	}
	then := m.stack[from].Then
	m.stack, m.live = m.stack[:from], m.live[:from]
	return then
}

// takeUp puts what was put aside back on the stack, its question not asked yet. It reports
// whether there was anything that still fits the flows.
func (m *machine) takeUp(then Then) bool {
	group := m.st.Aside
	m.st.Aside = nil
	if len(group) == 0 || len(m.stack)+len(group) > maxStack {
		return false
	}
	for _, fr := range group {
		f := m.set.flows[fr.Flow]
		if f == nil || f.Version != fr.Version || !f.fits(&fr) {
			return false
		}
	}
	group[0].Then = then
	for _, fr := range group {
		if fr.Slots == nil {
			fr.Slots = map[string]Value{}
		}
		m.stack = append(m.stack, &fr)
		m.live = append(m.live, &live{scope: map[string]any{}, tried: map[string]bool{}})
	}
	return true
}

// beginAgain takes up what was put aside, if a flow in it is asked for again with nothing that
// it has otherwise. It reports whether it did.
func (m *machine) beginAgain(drafted Frame, then Then) bool {
	i := slices.IndexFunc(m.st.Aside, func(fr Frame) bool { return fr.Flow == drafted.Flow })
	if i < 0 {
		return false
	}
	for name, v := range drafted.Slots {
		if now, ok := m.st.Aside[i].Slots[name]; ok && !sameValue(now.V, v.V) {
			return false
		}
	}
	if !m.takeUp(then) {
		return false
	}
	fr := m.stack[m.task()+i]
	for name, v := range drafted.Slots {
		if _, has := fr.Slots[name]; !has {
			fr.Slots[name] = v
		}
	}
	fr.Opening, fr.Read = drafted.Opening, nil
	m.top().Wait = nil // what was said now counts before it asks again
	return true
}

// answersAside takes up what was put aside if the text has what it asked for, and asks for
// nothing.
func (m *machine) answersAside(s *Said, a asks) (bool, error) {
	if len(m.st.Aside) == 0 || len(a.flows) > 0 {
		return false, nil
	}
	fr := m.st.Aside[len(m.st.Aside)-1]
	f := m.set.flows[fr.Flow]
	if f == nil || fr.Wait == nil || !f.fits(&fr) || f.code[fr.PC].op != opCollect {
		return false, nil
	}
	slot := f.slot(f.code[fr.PC].name)
	_, answers := m.earlyChoice(&fr, slot, s)
	for _, from := range slot.From {
		types := append([]string{from}, m.set.v.Skills[from].Entities...)
		answers = answers || slices.ContainsFunc(s.Entities, func(e nlu.Entity) bool { return slices.Contains(types, e.Type) })
	}
	if !answers || !m.takeUp(Continue) {
		return false, nil
	}
	return true, m.answering(m.top(), s, a)
}

// resumes reports whether a text, said while nothing is under way, goes on with what was put
// aside: it says so, or it is a yes, if that was a summary. The summary then comes again.
func (m *machine) resumes(s *Said) bool {
	words := wordsIn(tokens(s.Text))
	if len(m.st.Aside) == 0 || m.set.assent.again.has(words) {
		return len(m.st.Aside) > 0
	}
	fr := &m.st.Aside[len(m.st.Aside)-1]
	f := m.set.flows[fr.Flow]
	if f == nil || !f.fits(fr) || f.code[fr.PC].op != opConfirm {
		return false
	}
	shadow, bare := m.apart(fr)
	return s.Choice == choiceYes || m.set.assent.plain(words, shadow.ownWords(bare, s))
}

// returnTo serves a flow below again, if it was asked for by name while another is served: what
// lies above is dropped.
func (m *machine) returnTo(s *Said, a asks) (bool, error) {
	if len(a.flows) > 0 {
		return false, nil
	}
	for i := m.task() - 1; i >= 0; i-- {
		asked := slices.ContainsFunc(a.own, func(r nlu.Request) bool { return slices.Contains(m.flowOf(m.stack[i]).When, r.Intent) })
		if !asked {
			continue
		}
		for m.task() > i {
			m.popTask()
		}
		m.prefill(m.stack[i], s)
		m.top().Wait, m.top().Back = nil, 0
		return true, nil
	}
	return false, nil
}

// droppedBy is which of the requests begins a flow that calls off the one served, -1 if none.
func (m *machine) droppedBy(requests []nlu.Request) int {
	return slices.IndexFunc(requests, func(r nlu.Request) bool {
		return slices.ContainsFunc(m.stack[m.task():], func(fr *Frame) bool {
			return slices.Contains(m.set.intents[r.Intent].Drops, fr.Flow)
		})
	})
}

// unsettled reports whether the flow served would have changed something and has not.
func (m *machine) unsettled() bool {
	group := m.stack[m.task():]
	return slices.ContainsFunc(group, func(fr *Frame) bool { return m.set.changes(m.flowOf(fr)) }) &&
		!slices.ContainsFunc(group, func(fr *Frame) bool { return fr.Acted })
}

// forgetAside drops what was put aside of a flow that was served meanwhile.
func (m *machine) forgetAside(f *Flow) {
	if len(m.st.Aside) > 0 && (m.st.Aside[0].Flow == f.Name || slices.Contains(f.Drops, m.st.Aside[0].Flow)) {
		m.st.Aside = nil
	}
}

// about is the frame of an event about the flow served, before it goes.
func (m *machine) about() Frame {
	return Frame{Title: m.set.Title(m.stack[m.task()].Flow, m.in.Locale), Unsettled: m.unsettled()}
}

// stop calls off what is under way.
func (m *machine) stop(s *Said, a asks) error {
	about := m.about()
	slot := m.top().Wait
	gone := m.callOff()
	for fr := m.top(); slot != nil && fr != nil && fr.Wait != nil && fr.Wait.Slot == slot.Slot; fr = m.top() {
		gone = m.callOff() // it would ask the same again
	}
	m.later(s, a.flows, gone.Then == Resume)
	return m.event("stopped", gone.Then, about)
}

// callOff drops the task served as not wanted.
func (m *machine) callOff() *Frame {
	gone := m.popTask()
	if m.st.Last != nil && m.st.Last.Flow == gone.Flow {
		m.st.Last.Off = true
	}
	return gone
}

// digress begins what was asked for instead of an answer.
func (m *machine) digress(s *Said, a asks) error {
	if i := m.droppedBy(a.flows); i >= 0 {
		first := a.flows[i]
		then := m.popTask().Then
		m.later(s, slices.Delete(slices.Clone(a.flows), i, i+1), then == Resume)
		return m.begin(first, s, then)
	}
	then := m.giveWay()
	m.later(s, a.flows[1:], then == Resume)
	return m.begin(a.flows[0], s, then)
}

// besideAnswer serves what was asked beside an answer: what only tells something at once, before the
// next question, the rest when the flow served is done. said is how many replies there were before
// the answer; those since come after.
func (m *machine) besideAnswer(s *Said, requests []nlu.Request, waits bool, said int) error {
	telling := slices.DeleteFunc(slices.Clone(requests), func(r nlu.Request) bool { return !m.tellsOnly(r) })
	m.later(s, slices.DeleteFunc(slices.Clone(requests), m.tellsOnly), false)
	then := Ask
	if waits && len(telling) > 0 {
		then = Stay
		m.held = slices.Clone(m.out.Says[said:])
		m.out.Says = m.out.Says[:said]
	}
	for _, r := range slices.Backward(telling) {
		if err := m.begin(r, s, then); err != nil {
			return err
		}
		then = Ask
	}
	return nil
}

// tellsOnly reports whether a request surely is for a flow that changes nothing and needs to know
// nobody.
func (m *machine) tellsOnly(r nlu.Request) bool {
	f := m.set.intents[r.Intent]
	return r.P >= leastCertain && !m.set.changes(f) && f.Needs == 0 && f.On == ""
}
