package flow

import (
	"slices"
	"strings"

	"github.com/floorwalker/floorwalker/nlu"
)

// asks is what a text asks for and does, sorted for the stepper.
type asks struct {
	acts    map[nlu.Act]bool
	flows   []nlu.Request // that start a flow not under way
	side    []nlu.Request // greetings and the like: they count where nothing else is said
	negated []nlu.Request
	own     []nlu.Request // for a flow under way
	stops   bool          // a flow under way is negated
	yes     bool          // an affirmation that came after the question
	content bool          // anything but acts
}

func (m *machine) sort(s *Said) asks {
	a := asks{acts: map[nlu.Act]bool{}, content: len(s.Entities) > 0}
	for _, r := range s.Requests {
		f := m.set.intents[r.Intent]
		side := r.Act.Beside() || r.Act == nlu.Abuse
		switch {
		case r.Act != "" && !side:
			if !r.Negated {
				a.acts[r.Act] = true
				a.yes = a.yes || r.Act == nlu.Affirm && m.cameAfter(s, r)
			}
		case f == nil:
			a.content = true
		case side:
			a.side = append(a.side, r)
		case f.On == eventIdentity && len(m.stack) > 0 && m.identity.Level >= m.in.Level: // known already: it says something else
			a.content = true
		case m.underWay(f) && r.Negated:
			a.stops = true
		case m.underWay(f):
			a.own, a.content = append(a.own, r), true
		case r.Negated:
			a.negated, a.content = append(a.negated, r), true
		default:
			a.flows, a.content = append(a.flows, r), true
		}
	}
	if s.OutOfScope && s.Choice == "" {
		a.flows, a.side = nil, nil
	}
	return a
}

// absorbed is a text without the requests that only say more of another: "return the mug, the money
// goes to my card". Their words count as the other's. One that names something by itself, as that
// has slots of its own for it, stands.
func (m *machine) absorbed(s *Said) *Said {
	gone := func(r nlu.Request) bool {
		own := m.set.intents[r.Intent]
		if own == nil || r.Negated {
			return false
		}
		named := slices.ContainsFunc(s.Entities, func(e nlu.Entity) bool {
			return r.Start <= e.Start && e.End <= r.End && slices.ContainsFunc(own.Slots, func(slot *Slot) bool { return slices.Contains(slot.From, e.Type) })
		})
		return !named && slices.ContainsFunc(s.Requests, func(o nlu.Request) bool {
			f := m.set.intents[o.Intent]
			return f != nil && f != own && !o.Negated && slices.Contains(f.Absorbs, r.Intent)
		})
	}
	if !slices.ContainsFunc(s.Requests, gone) {
		return s
	}
	out := *s
	out.Requests = slices.DeleteFunc(slices.Clone(s.Requests), gone)
	return &out
}

func (m *machine) underWay(f *Flow) bool {
	return slices.ContainsFunc(m.stack, func(fr *Frame) bool { return fr.Flow == f.Name })
}

// cameAfter reports whether a request was made after the open question was asked. Where lines
// and utterances don't match one to one, the earliest offset decides.
func (m *machine) cameAfter(s *Said, r nlu.Request) bool {
	if len(s.Offsets) == 0 {
		return false
	}
	line := strings.Count(s.Text[:min(max(r.Start, 0), len(s.Text))], "\n")
	if strings.Count(s.Text, "\n")+1 != len(s.Offsets) {
		line = 0
	}
	return s.Offsets[min(line, len(s.Offsets)-1)] > m.in.Asked
}

// hear does what the text of the turn says.
func (m *machine) hear() error {
	s := m.join(m.absorbed(m.in.Said))
	m.in.Said = s
	a := m.sort(s)
	fr := m.top()
	if f := m.set.intents[s.Choice]; f != nil && fr != nil && len(a.flows) == 0 && !m.underWay(f) {
		a.flows = []nlu.Request{{Intent: s.Choice, P: 1, End: len(s.Text)}}
	}
	switch {
	case fr == nil:
		return m.idle(s, a)
	case fr.Wait == nil:
		return m.retry(fr, s, a)
	case fr.Wait.Slot == SlotConfirm && m.flowOf(fr).code[fr.PC].op == opConfirm:
		return m.confirming(fr, s, a)
	}
	return m.answering(fr, s, a)
}

// retry takes up a flow that a back end's silence stopped.
func (m *machine) retry(fr *Frame, s *Said, a asks) error {
	switch {
	case a.stops || a.acts[nlu.Stop] || a.acts[nlu.Deny]:
		return m.stop(s, a)
	case len(a.flows) > 0:
		return m.digress(s, a)
	}
	fr.Opening, fr.Read = s, nil
	m.prefill(fr, s)
	return nil
}

func (m *machine) confirming(fr *Frame, s *Said, a asks) error {
	word := s.Choice
	if word == "" {
		word = m.inscribed(s.Text)
	}
	yes, more, at := m.agrees(fr, s, a, word)
	if yes != disagreed {
		fr.Wait, fr.Yes = nil, m.lastOffset()
		fr.PC++
		m.later(without(s, [][2]int{{0, at}}), more, false) // what stands before is of what was agreed to
		return nil
	}
	if heeded, err := m.heed(fr, s); heeded || err != nil {
		if err == nil {
			err = m.askAgain(fr)
		}
		return err
	}
	no := a.acts[nlu.Deny] || word == choiceNo
	if no || a.acts[nlu.Correct] {
		a.flows = m.withoutChoices(fr, s, a.flows)
	}
	corrected, err := m.correct(s, a)
	switch {
	case err != nil:
		return err
	case corrected:
		m.later(s, a.flows, false)
		return nil
	case a.stops || a.acts[nlu.Stop]:
		return m.stop(s, a)
	case no && !a.acts[nlu.Affirm] && !a.acts[nlu.Correct]:
		about := m.about()
		gone := m.callOff()
		m.later(s, a.flows, gone.Then == Resume)
		return m.event("declined", gone.Then, about)
	case len(a.flows) > 0:
		return m.digress(s, a)
	case a.acts[nlu.Affirm] && m.asksAside(s, a):
		return m.event("out_of_scope", Resume, Frame{})
	case a.acts[nlu.Affirm] || len(a.own) > 0:
		return m.event("plain_yes", Ask, Frame{})
	}
	return m.aside(fr, s, a, false)
}

// inscribed is the value of the choice last offered that has just this text on it, "" if none has.
func (m *machine) inscribed(text string) string {
	if len(m.st.Asked) == 0 || strings.TrimSpace(text) == "" {
		return ""
	}
	for _, o := range m.st.Asked[len(m.st.Asked)-1].Choices {
		for _, label := range o.Label {
			if fold(label) == fold(text) {
				return o.Value
			}
		}
	}
	return ""
}

func (m *machine) answering(fr *Frame, s *Said, a asks) error {
	heeded, err := m.heed(fr, s)
	if err != nil {
		return err
	}
	slot := m.flowOf(fr).slot(m.flowOf(fr).code[fr.PC].name)
	said := len(m.out.Says)
	out, err := m.answer(fr, s, a)
	if err != nil {
		return err
	}
	if heeded && out == missed {
		return m.askAgain(fr)
	}
	if out != filled {
		m.answered = nil
	} else {
		m.prefill(fr, s)
		if !heeded {
			m.liveOf(fr).late = s
		}
	}
	if out != asked {
		corrected, err := m.correct(s, a)
		if err != nil {
			return err
		}
		if corrected && out == missed {
			m.later(s, a.flows, false)
			if top := m.top(); top.Wait != nil {
				return m.askAgain(top)
			}
			return nil
		}
	}
	switch {
	case out == filled || out == asked:
		if m.short(s) {
			return nil
		}
		return m.besideAnswer(s, m.unanswered(s, slot, a.flows), out == asked, said)
	case a.stops || a.acts[nlu.Stop]:
		return m.stop(s, a)
	case len(a.flows) > 0:
		return m.digress(s, a)
	}
	if back, err := m.returnTo(s, a); back || err != nil {
		return err
	}
	switch {
	case a.acts[nlu.Deny]:
		return m.stop(s, a)
	}
	return m.aside(fr, s, a, true)
}

// answer tries to fill the slot that the frame waits for.
func (m *machine) answer(fr *Frame, s *Said, a asks) (outcome, error) {
	f := m.flowOf(fr)
	in := f.code[fr.PC]
	slot := f.slot(in.name)
	if slot == nil {
		return missed, nil
	}
	m.liveOf(fr).tried[slotKey(fr, f, slot)] = true
	if slot.choices.given || slot.Per != "" {
		if err := m.refresh(fr, f); err != nil {
			return missed, err
		}
	}
	options, err := m.choices(in.choices, fr)
	if err != nil {
		return missed, err
	}
	m.answered = fr
	own := withoutQuestions(s, a.flows)
	if len(options) > 0 {
		own = m.ownPart(s, a.flows, options)
	}
	if v, ok := m.chosen(fr, options, own, true); ok {
		return m.take(fr, slot, v)
	}
	if own != s && own.Text == "" { // all of it asks for something else
		return missed, nil
	}
	acts := a.stops || a.acts[nlu.Stop] || a.acts[nlu.Deny] || a.acts[nlu.Repeat] || a.acts[nlu.Unsure]
	if acts && !a.content {
		return missed, nil
	}
	got, err := m.read(fr, slot, in, own, true)
	if err != nil {
		return missed, err
	}
	if now, ok := fr.Slots[slot.Name]; ok && a.acts[nlu.Correct] {
		got.values = slices.DeleteFunc(got.values, func(v Value) bool { return sameValue(v.V, now.V) })
	}
	return m.settle(fr, slot, in, got)
}
