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
	s := m.in.Said
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
	yes, more := m.agrees(fr, s, a, word)
	if yes != disagreed {
		fr.Wait, fr.Yes = nil, m.lastOffset()
		fr.PC++
		m.later(s, more, false)
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
		if !m.short(s) {
			m.later(s, m.unanswered(s, a.flows), false)
		}
		return nil
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
	if slot.choices.given {
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

// leastCertain is how likely a request for another flow must be for its words to be no answer.
const leastCertain = 0.5

// ownPart is a text without what asks for other flows: what is named there is said of
// something else. A request that is little more than one of the options is none.
func (m *machine) ownPart(s *Said, others []nlu.Request, options []choice) *Said {
	var spans [][2]int
	for _, r := range others {
		if r.P < leastCertain || r.Start < 0 || r.Start >= r.End || r.End > len(s.Text) {
			continue
		}
		words := s.Text[r.Start:r.End]
		if !slices.ContainsFunc(options, func(c choice) bool { return m.mostly(words, c) }) {
			spans = append(spans, [2]int{r.Start, r.End})
		}
	}
	return without(s, spans)
}

// mostly reports whether a choice makes half or more of a text.
func (m *machine) mostly(text string, c choice) bool {
	return slices.ContainsFunc(c.names(), func(n string) bool {
		return m.says(text, n, true) && 2*len(tokens(n)) >= len(tokens(text))
	})
}

// without is a text with spaces for spans of it, and their entities gone.
func without(s *Said, spans [][2]int) *Said {
	if len(spans) == 0 {
		return s
	}
	out, text := *s, []byte(s.Text)
	for _, at := range spans {
		for i := at[0]; i < at[1]; i++ {
			text[i] = ' '
		}
		out.Entities = slices.DeleteFunc(slices.Clone(out.Entities), func(e nlu.Entity) bool { return at[0] <= e.Start && e.End <= at[1] })
	}
	if out.Text = string(text); strings.TrimSpace(out.Text) == "" {
		out.Text = ""
	}
	return &out
}

// withoutQuestions is a text without what asks for another flow with a question mark: what is
// named there is no answer.
func withoutQuestions(s *Said, others []nlu.Request) *Said {
	var spans [][2]int
	for _, r := range others {
		if r.Start < 0 || r.Start >= r.End || r.End > len(s.Text) {
			continue
		}
		end := len(s.Text) - len(strings.TrimLeft(s.Text[r.End:], "?？!！ "))
		if strings.ContainsAny(s.Text[r.Start:end], "?？") {
			spans = append(spans, [2]int{r.Start, end})
		}
	}
	return without(s, spans)
}

// unanswered are the requests without those whose words were the answer: "call me on 555 0117",
// where a number was asked for.
func (m *machine) unanswered(s *Said, requests []nlu.Request) []nlu.Request {
	return slices.DeleteFunc(slices.Clone(requests), func(r nlu.Request) bool {
		for i, e := range s.Entities {
			if m.used[i] && r.Start <= e.Start && e.End <= r.End {
				return true
			}
		}
		return false
	})
}

// short reports whether a text is hardly more than the values in it: an answer, whatever
// intent it is nearest to.
func (m *machine) short(s *Said) bool {
	if strings.ContainsAny(s.Text, "?？") || len(s.Entities) == 0 {
		return false
	}
	rest := []byte(s.Text)
	for _, e := range s.Entities {
		for i := max(e.Start, 0); i < min(e.End, len(rest)); i++ {
			rest[i] = ' '
		}
	}
	return len(wordsOf(string(rest))) <= 3
}

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
