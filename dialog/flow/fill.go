package flow

import (
	"fmt"
	"slices"

	"github.com/floorwalker/floorwalker/nlu"
)

// Value.Pending before a slot's check has seen it.
const (
	pendingSaid  = "said"
	pendingHeard = "heard"
)

// outcome is what came of an answer.
type outcome int

const (
	missed outcome = iota
	filled
	asked // something was said to it, and the slot still waits
)

// slotKey is where a slot's value is kept: by item for a slot that is per one.
func slotKey(fr *Frame, f *Flow, s *Slot) string {
	if s.Per != "" {
		for _, l := range fr.Loops {
			if f.code[l.Step].as == s.Per {
				return fmt.Sprintf("%s#%d", s.Name, l.Index)
			}
		}
	}
	return s.Name
}

// slotValue is a slot's value; of a slot per item, outside its loop, the list of them.
func (m *machine) slotValue(fr *Frame, name string) (any, bool) {
	f := m.flowOf(fr)
	s := f.slot(name)
	if s == nil {
		return nil, false
	}
	if v, ok := fr.Slots[slotKey(fr, f, s)]; ok {
		return v.V, true
	}
	if s.Per == "" || slotKey(fr, f, s) != s.Name {
		return nil, false
	}
	var list []any
	for i := 0; ; i++ {
		v, ok := fr.Slots[fmt.Sprintf("%s#%d", name, i)]
		if !ok {
			return list, len(list) > 0
		}
		list = append(list, v.V)
	}
}

// collect fills a slot from what is known, or asks.
func (m *machine) collect(fr *Frame, f *Flow, in instr) error {
	s := f.slot(in.name)
	key := slotKey(fr, f, s)
	lv := m.liveOf(fr)
	v, has := fr.Slots[key]
	if has && v.Pending == "" {
		fr.PC++
		return nil
	}
	if has {
		_, err := m.take(fr, s, v)
		return err
	}
	if m.in.Said != nil && lv.old && m.answered != nil && m.answered != fr && !lv.tried[key] {
		lv.tried[key] = true // said in answer to another flow: plain values only
		v, ok := m.entityFor(fr, s, m.in.Said, m.used)
		if !ok {
			v, ok = m.earlyChoice(fr, s, m.in.Said)
		}
		if ok {
			_, err := m.take(fr, s, v)
			return err
		}
	}
	if fr.Opening != nil && !slices.Contains(fr.Read, key) {
		fr.Read = append(fr.Read, key)
		if out, err := m.readSettle(fr, s, in, fr.Opening, false); err != nil || out != missed {
			return err
		}
	}
	if m.in.Said != nil && lv.old && !lv.tried[key] {
		lv.tried[key] = true
		if out, err := m.readSettle(fr, s, in, m.in.Said, false); err != nil || out != missed {
			return err
		}
	}
	if v, ok := m.heard(fr, s); ok {
		_, err := m.take(fr, s, v)
		return err
	}
	if s.Ask == "" {
		fr.PC++
		return nil
	}
	if err := m.heedOpening(fr); err != nil {
		return err
	}
	return m.ask(fr, s, in, nil)
}

// heard is a value said earlier in the conversation that a slot would take, unless the text
// points at another one.
func (m *machine) heard(fr *Frame, s *Slot) (Value, bool) {
	if pointsElsewhere(fr.Opening) || pointsElsewhere(m.in.Said) {
		return Value{}, false
	}
	from := s.From
	if s.Anew {
		from = []string{heldFor(s)}
	}
	for _, t := range from {
		if v, ok := m.st.Heard[t]; ok {
			v.Pending = pendingHeard
			return v, true
		}
	}
	return Value{}, false
}

func pointsElsewhere(s *Said) bool {
	return s != nil && slices.ContainsFunc(s.Entities, func(e nlu.Entity) bool {
		return e.Type == "reference" && (e.Value == "other" || e.Value == "another")
	})
}

func (m *machine) readSettle(fr *Frame, s *Slot, in instr, said *Said, expected bool) (outcome, error) {
	got, err := m.read(fr, s, in, said, expected)
	if err != nil {
		return missed, err
	}
	return m.settle(fr, s, in, got)
}

// settle fills the slot with what was found, or says what is wrong with it.
func (m *machine) settle(fr *Frame, s *Slot, in instr, got found) (outcome, error) {
	switch {
	case got.refused == s.Ask && got.soft && s.Ask != "":
		return asked, m.ask(fr, s, in, nil)
	case got.refused != "":
		return asked, m.refuse(fr, s, got.refused, got.soft, Value{})
	case len(got.values) == 0:
		return missed, nil
	case got.several:
		return asked, m.ask(fr, s, in, got.values)
	}
	queued := len(m.st.Queue)
	m.queueFurther(fr, s, got.values[1:])
	m.toFront(queued)
	return m.take(fr, s, got.values[0])
}

// queueFurther asks for the same again with each further value: "cancel W1 and W2".
func (m *machine) queueFurther(fr *Frame, s *Slot, values []Value) {
	f := m.flowOf(fr)
	if len(f.When) == 0 || s.Per != "" {
		return
	}
	said := m.in.Said
	if fr.Opening != nil {
		said = fr.Opening // the words that ask for this
	}
	for _, v := range values {
		v.View = nil
		m.enqueue(Queued{Request: nlu.Request{Intent: f.When[0], P: 1}, Said: said, Values: map[string]Value{s.Name: v}, Again: true})
	}
}

// toFront moves what was queued after so many to the front: it belongs to what is served.
func (m *machine) toFront(from int) {
	m.st.Queue = slices.Concat(m.st.Queue[from:], m.st.Queue[:from])
}

func (m *machine) enqueue(q Queued) {
	if len(m.st.Queue) < maxQueue {
		m.st.Queue = append(m.st.Queue, q)
	}
}

// take runs the slot's check on a value and fills the slot with what passes.
func (m *machine) take(fr *Frame, s *Slot, v Value) (outcome, error) {
	f := m.flowOf(fr)
	key := slotKey(fr, f, s)
	v.V = plain(v.V)
	if s.Check != "" {
		sk := m.set.v.Skills[s.Check]
		r, err := m.call(Call{Skill: s.Check, Args: m.checkArgs(fr, s, sk, v), Said: m.in.Said})
		if err != nil {
			return missed, err
		}
		if r.Refused != "" && v.Pending == pendingHeard {
			m.forget(s, v)
			delete(fr.Slots, key)
			return missed, nil
		}
		if r.Refused != "" {
			m.forget(s, v)
			delete(fr.Slots, key)
			return asked, m.refuse(fr, s, r.Refused, slices.Contains(sk.Soft, r.Refused), v)
		}
		if len(r.Values) == 1 {
			v.V = plain(r.Values[0].V)
		}
	}
	v.Pending, v.View = "", nil
	fr.Slots[key] = v
	m.use(v)
	m.hold(s, v)
	fr.Wait, fr.Back = nil, 0
	if in := f.code[fr.PC]; in.op == opCollect && in.name == s.Name {
		fr.PC++
	}
	return filled, nil
}

// use marks the entities that a value came from, so that no other slot takes them.
func (m *machine) use(v Value) {
	if m.in.Said == nil || v.Offset != m.lastOffset() {
		return
	}
	for i, e := range m.in.Said.Entities {
		if v.Text != "" && e.Text == v.Text {
			m.used[i] = true
		}
	}
}

// hold remembers a value for other flows: under the slot's entity type, if it has just one.
func (m *machine) hold(s *Slot, v Value) {
	t := s.entity(m.set.v)
	if s.Anew {
		t = heldFor(s)
	}
	if t != "" {
		if m.st.Heard == nil {
			m.st.Heard = map[string]Value{}
		}
		m.st.Heard[t] = v
	}
}

// heldFor is under what a value is remembered that counts for slots of this name only.
func heldFor(s *Slot) string { return "slot " + s.Name }

// forget drops a value that a check refused from what was heard.
func (m *machine) forget(s *Slot, v Value) {
	m.rejected = append(m.rejected, v.V)
	for _, t := range append(slices.Clone(s.From), heldFor(s)) {
		if h, ok := m.st.Heard[t]; ok && h.V == v.V {
			delete(m.st.Heard, t)
		}
	}
}

// entity is the slot's entity type if it has exactly one.
func (s *Slot) entity(v Vocabulary) string {
	one := ""
	for _, t := range s.From {
		if v.Entities[t] {
			if one != "" {
				return ""
			}
			one = t
		}
	}
	return one
}

func (m *machine) checkArgs(fr *Frame, s *Slot, sk Skill, v Value) map[string]any {
	args := map[string]any{}
	for _, name := range sk.Args {
		if value, ok := m.slotValue(fr, name); ok {
			args[name] = value
		}
	}
	if slices.Contains(sk.Args, s.Name) || len(sk.Args) == 0 {
		args[s.Name] = v.V
	} else {
		args[sk.Args[0]] = v.V
	}
	return args
}
