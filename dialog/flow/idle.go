package flow

import (
	"maps"
	"slices"
	"strings"

	"github.com/floorwalker/floorwalker/catalog"
	"github.com/floorwalker/floorwalker/nlu"
)

// idle handles a text while nothing is under way.
func (m *machine) idle(s *Said, a asks) error {
	unclear := m.st.Unclear
	m.st.Unclear = nil
	if r, ok := m.choiceOfFlow(s, a); ok {
		if unclear != nil { // what was asked about is what begins it
			return m.begin(nlu.Request{Intent: r.Intent, P: 1, End: len(unclear.Text)}, unclear, Continue)
		}
		return m.beginOffered(r, s)
	}
	if len(a.flows) == 1 && a.flows[0].Close != "" {
		if options := m.either(a.flows[0]); options != nil {
			m.st.Unclear = s
			return m.event("clarify", Continue, Frame{Options: options})
		}
	}
	if m.onlySaysWho(a) { // for a reason, or for the sake of what is named beside it; it is read where it is needed
		if r, ok := m.likeliest(s, leastBeside); ok {
			a.flows[0] = r
		} else if r, ok := m.teller(s); ok {
			a.flows[0] = r
		}
	}
	if len(a.flows) > 0 {
		m.later(s, a.flows[1:], false)
		return m.begin(a.flows[0], s, Continue)
	}
	if m.resumes(s) && m.takeUp(Continue) {
		return m.event("resumed", Ask, Frame{Title: m.set.Title(m.stack[m.task()].Flow, m.in.Locale)})
	}
	if done, err := m.answersAside(s, a); done || err != nil {
		return err
	}
	if done, err := m.again(s, a); done || err != nil {
		return err
	}
	switch {
	case len(a.negated) > 0:
		return m.event("negated", Continue, Frame{Title: m.titleOf(a.negated[0])})
	case a.acts[nlu.Stop] && len(m.st.Aside) > 0 && m.takeUp(Continue):
		return m.stop(s, a)
	case a.acts[nlu.Stop]:
		return m.event("nothing_to_stop", Continue, Frame{})
	case a.acts[nlu.Repeat] && len(m.st.Asked) > 0:
		return m.repeat()
	case len(a.side) > 0: // "ok thanks bye"
		return m.begin(a.side[len(a.side)-1], s, Continue)
	case (a.acts[nlu.Affirm] || a.acts[nlu.Deny] || a.acts[nlu.Unsure] || a.acts[nlu.Repeat]) && !claims(s):
		return m.event("nothing_to_confirm", Continue, Frame{})
	}
	if len(s.Requests) == 0 && s.Choice == "" && !s.OutOfScope {
		if r, ok := m.likeliest(s, leastAlone); ok {
			return m.begin(r, s, Continue)
		}
		if r, ok := m.teller(s); ok {
			return m.begin(r, s, Continue)
		}
		if options := m.takers(s); len(options) > 1 {
			return m.event("clarify", Continue, Frame{Options: options})
		}
	}
	m.failed = true
	return m.event("out_of_scope", Continue, Frame{})
}

// claims reports whether a text names an amount: "yes, so it costs 5 dollars" is no yes to be
// taken with an "all right".
func claims(s *Said) bool {
	return slices.ContainsFunc(s.Entities, func(e nlu.Entity) bool { return e.Type == "money" })
}

// choiceOfFlow is the request that a choice stands for: an intent offered, taken by its value,
// in words, or by a yes where it was the only one ("Shall I get you a person?").
func (m *machine) choiceOfFlow(s *Said, a asks) (nlu.Request, bool) {
	word := s.Choice
	if word == "" {
		word = m.inscribed(s.Text)
	}
	if word == "" && len(a.flows) == 0 && len(m.st.Asked) > 0 {
		var choices []choice
		for _, o := range m.st.Asked[len(m.st.Asked)-1].Choices {
			choices = append(choices, choice{Option: o})
		}
		taken, ok := m.matchText(choices, s.Text, true)
		if ok {
			word = taken
		}
		if only := len(choices) == 1; only && word == "" && m.takesOffer(s, a) {
			word = choices[0].Value
		}
	}
	if word == "" || m.set.intents[word] == nil {
		return nlu.Request{}, false
	}
	return nlu.Request{Intent: word, P: 1, End: len(s.Text)}, true
}

// beginOffered begins a flow that was offered by another: what was said for that one holds for
// this one, too, as far as they have slots of the same name.
func (m *machine) beginOffered(r nlu.Request, s *Said) error {
	from, f := m.st.Last, m.set.intents[r.Intent]
	if from == nil || from.Opening == nil || from.Acted || m.set.flows[from.Flow] == nil || !m.set.flows[from.Flow].says(m.st.Asked) {
		return m.begin(r, s, Continue)
	}
	fr := Frame{Slots: map[string]Value{}, Said: last(s.Offsets)}
	for _, slot := range f.Slots {
		if v, ok := from.Slots[slot.Name]; ok && m.set.flows[from.Flow].slot(slot.Name) != nil {
			v.Pending = pendingSaid
			fr.Slots[slot.Name] = v
		}
	}
	if len(fr.Slots) == 0 {
		return m.begin(r, s, Continue)
	}
	fr.Opening = from.Opening
	return m.push(f, fr)
}

// says reports whether the last of what was said is a flow's to say.
func (f *Flow) says(said []Saying) bool {
	return len(said) > 0 && slices.ContainsFunc(f.code, func(in instr) bool { return in.op == opSay && in.name == said[len(said)-1].Reply })
}

// takesOffer reports whether a text takes up an offer: a yes, with nothing said beside it.
func (m *machine) takesOffer(s *Said, a asks) bool {
	words := wordsIn(tokens(s.Text))
	if m.set.assent.plain(words, phrases{}) {
		return a.yes
	}
	return a.yes && len(a.acts) == 1 && len(a.side) == 0 && !a.content &&
		!m.set.assent.not.in(words) && !m.set.assent.unless.in(words) && !strings.ContainsAny(s.Text, "?？")
}

// Bounds on guessing what is asked for in a text that reads like an answer, where nothing was
// asked, or like who writes.
const (
	leastAlone  = 0.15 // probability of the intent
	leastBeside = 0.05 // … beside who writes
	leastShare  = 0.5  // of it among the intents that start a flow
	mostTakers  = 4
)

// likeliest is the request that a text most likely makes, but for saying who writes.
func (m *machine) likeliest(s *Said, least float64) (nlu.Request, bool) {
	var best nlu.Intent
	total := 0.0
	for _, i := range s.Ranking {
		if f := m.set.intents[i.Name]; f != nil && f.On != eventIdentity && len(f.Title) > 0 {
			total += i.P
			if i.P > best.P {
				best = i
			}
		}
	}
	return nlu.Request{Intent: best.Name, P: best.P, End: len(s.Text)}, best.P >= least && best.P >= leastShare*total
}

// onlySaysWho reports whether all that is asked for is to know who writes.
func (m *machine) onlySaysWho(a asks) bool {
	id := m.set.events[eventIdentity]
	return len(a.flows) == 1 && id != nil && m.set.intents[a.flows[0].Intent] == id
}

// teller is the only flow with a use for a value said alone that changes nothing: an order's
// number asks for its state.
func (m *machine) teller(s *Said) (nlu.Request, bool) {
	var tellers []Option
	for _, o := range m.taking(s) {
		if !m.set.changes(m.set.intents[o.Value]) {
			tellers = append(tellers, o)
		}
	}
	if len(tellers) != 1 {
		return nlu.Request{}, false
	}
	return nlu.Request{Intent: tellers[0].Value, P: 1, End: len(s.Text)}, true
}

// takers are the flows that could do something with a value that was said alone, nil where
// there are too many to ask.
func (m *machine) takers(s *Said) []Option {
	if out := m.taking(s); len(out) <= mostTakers {
		return out
	}
	return nil
}

func (m *machine) taking(s *Said) []Option {
	var out []Option
	for _, name := range keysOf(m.set.flows) {
		f := m.set.flows[name]
		takes := slices.ContainsFunc(f.Slots, func(slot *Slot) bool {
			return slices.ContainsFunc(s.Entities, func(e nlu.Entity) bool { return m.set.v.Entities[e.Type] && slices.Contains(slot.From, e.Type) })
		})
		if takes && len(f.When) > 0 && len(f.Title) > 0 {
			out = append(out, Option{Value: f.When[0], Label: m.label(f)})
		}
	}
	return out
}

// either are the two flows that a request may mean, nil where there is nothing to ask. Who writes
// is said for the sake of something, and a flow that covers the other finds out by itself.
func (m *machine) either(r nlu.Request) []Option {
	first, second := m.set.intents[r.Intent], m.set.intents[r.Close]
	if second == nil || first == second || first.On == eventIdentity || second.On == eventIdentity || len(first.Title) == 0 || len(second.Title) == 0 {
		return nil
	}
	if slices.Contains(first.Covers, r.Close) {
		return nil
	}
	return []Option{{Value: r.Intent, Label: m.label(first)}, {Value: r.Close, Label: m.label(second)}}
}

func (m *machine) label(f *Flow) catalog.Text {
	if t := f.Title[""]; t != "" {
		return m.everywhere(t)
	}
	return maps.Clone(f.Title)
}

// again starts the last flow anew with another value: "and W124?", "what about the blue one?".
func (m *machine) again(s *Said, a asks) (bool, error) {
	if m.st.Last == nil || m.st.Last.Off || a.acts[nlu.Stop] || a.acts[nlu.Repeat] && !a.content {
		return false, nil
	}
	f := m.set.flows[m.st.Last.Flow]
	if f == nil {
		return false, nil
	}
	fr := Frame{Flow: f.Name, Slots: maps.Clone(m.st.Last.Slots), Said: last(s.Offsets)}
	if fr.Slots == nil {
		fr.Slots = map[string]Value{}
	}
	new := false
	for _, slot := range f.Slots {
		if m.newFor(&fr, f, slot, s) {
			new = true
		}
	}
	if !new {
		return m.follow(f, s)
	}
	fr.Opening = s
	m.prefill(&fr, s)
	return true, m.push(f, fr)
}

// follow starts the last flow anew if one of its resolvers takes a text that nothing else
// understands as going on with what was before: "not too big", after a search.
func (m *machine) follow(f *Flow, s *Said) (bool, error) {
	for _, slot := range f.Slots {
		for _, from := range slot.From {
			sk := m.set.v.Skills[from]
			if !sk.Follows || sk.Kind != Resolve {
				continue
			}
			bare := &Frame{Flow: f.Name, Slots: map[string]Value{}}
			r, err := m.call(Call{Skill: sk.Name, Args: m.resolverArgs(bare, slot, sk), Said: s, Follow: true})
			if err != nil {
				return false, err
			}
			if len(r.Values) != 1 {
				continue
			}
			v := r.Values[0]
			v.V, v.View = plain(v.V), nil
			return true, m.push(f, Frame{Slots: map[string]Value{slot.Name: v}, Opening: s, Said: last(s.Offsets)})
		}
	}
	return false, nil
}

// newFor clears a slot that the text has something new for, and what depends on it.
func (m *machine) newFor(fr *Frame, f *Flow, slot *Slot, s *Said) bool {
	for _, from := range slot.From {
		types := []string{from}
		if sk, ok := m.set.v.Skills[from]; ok && sk.Kind == Resolve {
			types = sk.Entities
		}
		for _, e := range s.Entities {
			if slices.Contains(types, e.Type) {
				m.clear(fr, f, slot.Name)
				return true
			}
		}
	}
	return false
}

// repeat says what was last said again, with facts of this turn.
func (m *machine) repeat() error {
	says := m.st.Asked
	if err := m.event("repeat", Continue, Frame{}); err != nil {
		return err
	}
	if err := m.run(); err != nil {
		return err
	}
	if m.st.Last == nil || m.set.flows[m.st.Last.Flow] == nil {
		for _, s := range says {
			m.say(Saying{Reply: s.Reply, Env: m.bareEnv(), Choices: s.Choices})
		}
		return nil
	}
	f := m.set.flows[m.st.Last.Flow]
	if m.st.Last.Version != f.Version || !f.fits(m.st.Last) {
		return nil
	}
	old := *m.st.Last
	old.Then, old.Slots = Continue, maps.Clone(old.Slots)
	if err := m.push(f, old); err != nil {
		return err
	}
	fr := m.top()
	m.liveOf(fr).fresh = false
	defer m.pop()
	for _, s := range says {
		i := slices.IndexFunc(f.code, func(in instr) bool { return in.op == opSay && in.name == s.Reply })
		if i < 0 {
			m.say(Saying{Reply: s.Reply, Env: m.bareEnv(), Choices: s.Choices})
			continue
		}
		if err := m.refresh(fr, f); err != nil {
			return err
		}
		fr.Told = nil
		if err := m.sayStep(fr, f.code[i]); err != nil {
			return err
		}
	}
	return nil
}

func (m *machine) bareEnv() map[string]any {
	return map[string]any{"policy": m.set.v.Policy, "locale": m.in.Locale, "now": m.in.Now, "slots": map[string]Value{}}
}
