package flow

import (
	"slices"

	"github.com/floorwalker/floorwalker/nlu"
)

// aside handles what neither answers nor asks for anything new.
func (m *machine) aside(fr *Frame, s *Said, a asks, slot bool) error {
	switch {
	case a.acts[nlu.Repeat]:
		return m.event("repeat", Ask, Frame{})
	case a.acts[nlu.Unsure]:
		if slot {
			fr.Wait.Tries++
			if fr.Wait.Tries >= m.triesOf(fr) {
				return m.cannotHandle()
			}
		}
		return m.event("unsure", Ask, Frame{})
	case len(a.own) > 0 && m.prefillOwn(s, a):
		return m.askAgain(fr)
	case len(a.negated) > 0:
		return m.event("negated", Ask, Frame{Title: m.titleOf(a.negated[0])})
	case len(a.side) > 0:
		return m.polite(fr, s, a)
	case m.prefillBelow(fr, s):
		return m.askAgain(fr)
	case slot && fr.Wait.Tries > 0 && !m.matters(): // it goes on with something else
		if m.popTask(); m.top() == nil {
			return m.idle(s, a)
		}
		return m.askAgain(m.top())
	}
	m.failed = true
	fr.Wait.Tries++
	if fr.Wait.Tries >= m.triesOf(fr) {
		return m.cannotHandle()
	}
	if m.asksAside(s, a) || s.OutOfScope && m.set.events["out_of_scope"] != nil {
		if m.matters() {
			return m.event("out_of_scope", Resume, Frame{})
		}
		return m.event("out_of_scope", m.popTask().Then, Frame{})
	}
	return m.event("not_understood", Ask, Frame{})
}

// asksAside reports whether a text that no flow takes is a question all the same: what the
// shop knows may answer it.
func (m *machine) asksAside(s *Said, a asks) bool {
	words := wordsIn(tokens(s.Text))
	bare := slices.DeleteFunc(slices.Clone(words), func(w string) bool { return w == "?" })
	return len(a.own) == 0 && m.set.events["out_of_scope"] != nil && m.set.assent.asking.in(words) &&
		len(bare) > 2 && !m.set.assent.plain(bare, phrases{})
}

// polite answers a greeting or thanks. The open question comes back once, and not after a farewell.
func (m *machine) polite(fr *Frame, s *Said, a asks) error {
	if i := slices.IndexFunc(a.side, func(r nlu.Request) bool { return r.Act == nlu.Farewell }); i >= 0 {
		for m.top() != nil {
			m.callOff()
		}
		return m.begin(a.side[i], s, Continue)
	}
	then := Ask
	switch {
	case !m.matters():
		then = m.popTask().Then
	case fr.Back > 0 || m.onlyRequests():
		then = Stay
	default:
		fr.Back++
	}
	return m.begin(a.side[0], s, then)
}

func (m *machine) triesOf(fr *Frame) int {
	if s := m.flowOf(fr).slot(fr.Wait.Slot); s != nil {
		return s.Tries
	}
	return defaultTries
}

func (m *machine) titleOf(r nlu.Request) string {
	if f := m.set.intents[r.Intent]; f != nil {
		return m.set.Title(f.Name, m.in.Locale)
	}
	return ""
}

// prefillOwn fills slots of the flows under way that were asked for again.
func (m *machine) prefillOwn(s *Said, a asks) bool {
	any := false
	for _, r := range a.own {
		for _, fr := range m.stack {
			if slices.Contains(m.flowOf(fr).When, r.Intent) {
				any = m.prefill(fr, s) || any
			}
		}
	}
	return any
}

// prefillBelow fills slots of what a flow runs for, before they are asked: a reason given
// while the question is who writes.
func (m *machine) prefillBelow(fr *Frame, s *Said) bool {
	for i := slices.Index(m.stack, fr); i > 0 && m.stack[i].Then == Continue; i-- {
		if m.prefill(m.stack[i-1], s) {
			return true
		}
	}
	return false
}
