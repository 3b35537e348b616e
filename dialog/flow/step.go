package flow

import (
	"encoding/json"
	"errors"
	"slices"

	"github.com/floorwalker/floorwalker/catalog"
	"github.com/floorwalker/floorwalker/nlu"
)

// Bounds of one Step. What runs into one ends with the event cannot_handle.
const (
	maxInstructions = 2000
	maxCalls        = 100
	maxStack        = 12
	maxQueue        = 8
)

// Names of what is expected where no slot is.
const (
	SlotConfirm      = "confirm"       // at a confirm step; accepts yes and no
	SlotAnythingElse = "anything_else" // after an offer; accepts free text
)

const choiceYes, choiceNo = "yes", "no"

var (
	errWant  = errors.New("a result is wanted first")
	errDown  = errors.New("a back end didn't answer")
	errBound = errors.New("the flow runs longer than a turn may")
)

// machine is one Step under way: a copy of the state, and what the turn has come to.
type machine struct {
	set      *Set
	in       Input
	st       State
	stack    []*Frame
	live     []*live // of the frame at the same place in stack
	out      Output
	identity catalog.Identity
	results  int // taken of in.Results
	acts     int
	budget   int
	requests []nlu.Request // of in.Said, as it came
	used     map[int]bool  // entities of in.Said that filled something
	answered *Frame        // whose question the text answered
	joined   []nlu.Request // requests that only say more of one of the same kind before
	whole    *Said         // what was said, with them
	rejected []any         // values that a check refused
	failed   bool          // not understood
	handled  bool          // cannot_handle has begun
	halt     bool          // the frame below isn't to go on in this turn
	finished bool          // a flow that was asked for has ended
	held     []Saying      // come after the others: the next question
}

// live is what a frame has only for one turn, since facts are of one turn.
type live struct {
	scope map[string]any // views and items by name
	lists [][]any        // of the loops under way
	fresh bool           // the looks passed were read in this turn
	old   bool           // was under way before this turn
	tried map[string]bool
	late  *Said // what answered in this turn, for checks of what is said that need the answer
}

// Step takes one turn as far as its results reach: while Output.Want is set the state is st's
// own; run what is wanted and call again with one more result. It is pure.
func (s *Set) Step(st State, in Input) (State, Output) {
	m := &machine{set: s, in: in, identity: in.Identity, budget: maxInstructions, used: map[int]bool{}}
	if in.Said != nil {
		m.requests = in.Said.Requests
	}
	m.st = clone(st)
	for i := range m.st.Stack {
		if m.st.Stack[i].Slots == nil {
			m.st.Stack[i].Slots = map[string]Value{}
		}
		m.stack = append(m.stack, &m.st.Stack[i])
		m.live = append(m.live, &live{scope: map[string]any{}, old: true, tried: map[string]bool{}})
	}
	err := m.turn()
	if errors.Is(err, errDown) {
		err = m.unavailable()
	}
	if err != nil && !errors.Is(err, errWant) {
		m.budget = maxInstructions / 4
		if err = m.cannotHandle(); err == nil {
			err = m.run()
		}
	}
	if errors.Is(err, errWant) {
		return st, Output{Want: m.out.Want}
	}
	if err != nil { // even the way out failed: begin anew
		m.stack, m.live = nil, nil
	}
	return m.close()
}

// clone copies a state by its JSON, so that a state from the journal and one from memory are
// the same. A state that has no JSON is nobody's: the conversation begins anew.
func clone(st State) State {
	var out State
	text, err := json.Marshal(st)
	if err == nil {
		err = json.Unmarshal(text, &out)
	}
	if err != nil {
		return State{}
	}
	return out
}

// plain makes a value plain JSON, nil where it can't be.
func plain(v any) any {
	switch v.(type) {
	case nil, string, bool, float64:
		return v
	}
	text, err := json.Marshal(v)
	if err != nil {
		return nil
	}
	var out any
	if json.Unmarshal(text, &out) != nil {
		return nil
	}
	return out
}

func (m *machine) turn() error {
	m.migrate()
	switch {
	case m.in.Event != "":
		then := Stay
		if m.in.Event == eventSilence {
			then = Ask
		}
		if err := m.event(m.in.Event, then, Frame{}); err != nil {
			return err
		}
	case m.in.Said != nil:
		if err := m.hear(); err != nil {
			return err
		}
	}
	return m.run()
}

// run takes instructions until something is waited for or all is done.
func (m *machine) run() error {
	for {
		if m.halt {
			return nil
		}
		if m.budget--; m.budget < 0 {
			return errBound
		}
		fr := m.top()
		if fr == nil {
			more, err := m.nextUp()
			if err != nil {
				return err
			}
			if !more {
				return nil
			}
			continue
		}
		if fr.Wait != nil {
			return nil
		}
		if err := m.exec(fr, m.flowOf(fr)); err != nil {
			return err
		}
	}
}

// nextUp begins what was asked for in one breath with what is done now.
func (m *machine) nextUp() (bool, error) {
	if m.out.Owner != "" {
		return false, nil
	}
	for len(m.st.Queue) > 0 {
		q := m.st.Queue[0]
		m.st.Queue = m.st.Queue[1:]
		if f := m.set.intents[q.Request.Intent]; f != nil && !m.spared(q) {
			return true, m.beginQueued(f, q, Continue)
		}
	}
	if !m.finished || m.set.events["anything_else"] == nil {
		return false, nil
	}
	m.finished = false
	return true, m.event("anything_else", Continue, Frame{})
}

// spared reports whether a request was to be served only if what was asked for before it, in the same
// breath, couldn't be done, and that was done.
func (m *machine) spared(q Queued) bool {
	before := m.st.Last
	return q.Request.If && q.Said != nil && before != nil && before.Acted && before.Said == last(q.Said.Offsets)
}

// end takes the frame served off the stack, done.
func (m *machine) end() error {
	fr := m.pop()
	f := m.flowOf(fr)
	m.remember(fr)
	m.forgetAside(f)
	if len(f.When) > 0 && len(f.Title) > 0 {
		m.finished = true
	}
	if below := m.top(); fr.Then == Continue && below != nil {
		below.Acted = below.Acted || fr.Acted
		for _, s := range m.flowOf(below).Slots { // a called flow's values are its caller's too
			if v, ok := fr.Slots[s.Name]; ok && f.slot(s.Name) != nil {
				if _, has := below.Slots[s.Name]; !has {
					below.Slots[s.Name] = v
				}
			}
		}
	}
	return m.after(fr.Then)
}

// after lets the frame below go on.
func (m *machine) after(then Then) error {
	below := m.top()
	if below == nil {
		return nil
	}
	if m.out.Owner != "" { // people answer now; what was interrupted waits for their return
		m.halt = true
		return nil
	}
	switch then {
	case Resume:
		if len(m.st.Queue) > 0 && m.st.Queue[0].Digress {
			q := m.st.Queue[0]
			m.st.Queue = m.st.Queue[1:]
			if f := m.set.intents[q.Request.Intent]; f != nil {
				return m.beginQueued(f, q, Resume)
			}
		}
		return m.event("resumed", Ask, Frame{Title: m.set.Title(below.Flow, m.in.Locale)})
	case Ask:
		return m.askAgain(below)
	case Stay:
		m.halt = true
	}
	return nil
}

// event starts the flow of an event; without one, what would follow it follows at once.
func (m *machine) event(name string, then Then, fr Frame) error {
	f := m.set.events[name]
	if f == nil {
		return m.after(then)
	}
	fr.Then = then
	fr.Opening = m.in.Said
	fr.Said = m.lastOffset()
	return m.push(f, fr)
}

// unavailable says that a back end is down; the frame stays so that the shopper can try again.
func (m *machine) unavailable() error {
	err := m.event("unavailable", Stay, Frame{})
	if err == nil {
		err = m.run()
	}
	if errors.Is(err, errDown) { // the apology itself needs what is down
		m.pop()
		return nil
	}
	return err
}

// cannotHandle gives up what is under way.
func (m *machine) cannotHandle() error {
	fr := m.popTask()
	if m.handled {
		return errBound
	}
	m.handled = true
	then := Stay
	if fr != nil {
		then = fr.Then
	}
	f := m.set.events["cannot_handle"]
	if fr != nil && f != nil && fr.Flow == f.Name {
		return m.event("stopped", then, Frame{Title: m.set.Title(fr.Flow, m.in.Locale)})
	}
	if f == nil {
		return m.after(then)
	}
	return m.push(f, Frame{Then: then, Said: m.lastOffset()})
}

func (m *machine) lastOffset() int64 {
	if s := m.in.Said; s != nil && len(s.Offsets) > 0 {
		return s.Offsets[len(s.Offsets)-1]
	}
	return 0
}

// call takes the next result, or wants it.
func (m *machine) call(c Call) (Result, error) {
	c.Identity, c.Locale, c.Shown = m.identity, m.in.Locale, m.shown()
	c.Kind = m.set.v.Skills[c.Skill].Kind
	if m.results >= maxCalls {
		return Result{}, errBound
	}
	if m.results >= len(m.in.Results) {
		m.out.Want = &c
		return Result{}, errWant
	}
	r := m.in.Results[m.results]
	m.results++
	if r.Identity != nil {
		m.identity = *r.Identity
	}
	if r.Owner != "" {
		m.out.Owner, m.out.Reason = r.Owner, r.Reason
	}
	if r.Down {
		return r, errDown
	}
	return r, nil
}

// close makes the turn's output and state.
func (m *machine) close() (State, Output) {
	m.st.Stack = nil
	for _, fr := range m.stack {
		m.st.Stack = append(m.st.Stack, *fr)
	}
	m.out.Says = append(m.out.Says, m.held...)
	m.noteHeard()
	m.st.Shown = m.shown()
	if m.in.Said != nil {
		if m.failed {
			m.st.Fails++
		} else {
			m.st.Fails = 0
		}
		for _, r := range m.requests {
			m.out.Intents = append(m.out.Intents, nlu.Intent{Name: r.Intent, P: r.P})
		}
	}
	if len(m.out.Says) > 0 {
		m.st.Asked = nil
		for _, s := range m.out.Says {
			m.st.Asked = append(m.st.Asked, Saying{Reply: s.Reply, Choices: append(slices.Clone(s.Choices), m.set.v.Choices[s.Reply]...)})
		}
	}
	m.out.Want = nil
	m.out.Expects = m.expects()
	return clone(m.st), m.out
}
