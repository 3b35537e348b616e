package flow

import "slices"

// migrate makes frames fit the flows as they are now: a flow that has changed starts over
// with the slots it has.
func (m *machine) migrate() {
	for i := 0; i < len(m.stack); i++ {
		fr := m.stack[i]
		f := m.set.flows[fr.Flow]
		if f == nil {
			m.stack, m.live = slices.Delete(m.stack, i, i+1), slices.Delete(m.live, i, i+1)
			i--
			continue
		}
		if fr.Version == f.Version && f.fits(fr) {
			continue
		}
		anew := Frame{Flow: f.Name, Version: f.Version, Slots: map[string]Value{}, Said: fr.Said, Opening: fr.Opening,
			Then: fr.Then, Needs: fr.Needs, Title: fr.Title, Options: fr.Options}
		for _, s := range f.Slots {
			if v, ok := fr.Slots[s.Name]; ok {
				v.Pending = pendingSaid
				anew.Slots[s.Name] = v
			}
		}
		*fr = anew
	}
}

// fits reports whether a frame's marks are places of the flow.
func (f *Flow) fits(fr *Frame) bool {
	is := func(pc int, o op) bool { return pc >= 0 && pc < len(f.code) && f.code[pc].op == o }
	if fr.PC < 0 || fr.PC >= len(f.code) {
		return false
	}
	if w := fr.Wait; w != nil && !(w.Slot == SlotConfirm && is(fr.PC, opConfirm)) && !(is(fr.PC, opCollect) && f.code[fr.PC].name == w.Slot) {
		return false
	}
	for _, l := range fr.Loops {
		if !is(l.Step, opEach) || l.Index < 0 {
			return false
		}
	}
	for _, pc := range fr.Looked {
		if !is(pc, opLook) {
			return false
		}
	}
	return true
}

func (m *machine) top() *Frame {
	if len(m.stack) == 0 {
		return nil
	}
	return m.stack[len(m.stack)-1]
}

func (m *machine) flowOf(fr *Frame) *Flow { return m.set.flows[fr.Flow] }

func (m *machine) liveOf(fr *Frame) *live { return m.live[slices.Index(m.stack, fr)] }

func (m *machine) push(f *Flow, fr Frame) error {
	if len(m.stack) >= maxStack {
		return errBound
	}
	fr.Flow, fr.Version = f.Name, f.Version
	if fr.Slots == nil {
		fr.Slots = map[string]Value{}
	}
	m.stack = append(m.stack, &fr)
	m.live = append(m.live, &live{scope: map[string]any{}, fresh: true, tried: map[string]bool{}})
	return nil
}

func (m *machine) pop() *Frame {
	fr := m.top()
	m.stack, m.live = m.stack[:len(m.stack)-1], m.live[:len(m.live)-1]
	return fr
}

// popTask drops the frame served and those that it was run for. It returns the lowest one
// dropped, nil where the stack was empty.
func (m *machine) popTask() *Frame {
	var fr *Frame
	for len(m.stack) > 0 {
		fr = m.pop()
		if fr.Then != Continue {
			break
		}
	}
	if fr != nil {
		m.remember(fr)
	}
	return fr
}

// remember keeps the flow that ended, for "that order" and "and the other one?".
func (m *machine) remember(fr *Frame) {
	f := m.flowOf(fr)
	if len(f.When) == 0 || len(f.Slots) == 0 {
		return
	}
	for _, name := range m.set.recalled() {
		if v, ok := fr.Slots[name]; ok && f.slot(name) != nil {
			if m.st.Kept == nil {
				m.st.Kept = map[string]Value{}
			}
			m.st.Kept[name] = v
		}
	}
	last := *fr
	last.Wait, last.Confirm, last.Loops, last.Yes, last.Read, last.Options = nil, nil, nil, 0, nil, nil
	m.st.Last = &last
}

// recalled are the arguments that skills recall.
func (s *Set) recalled() []string {
	var names []string
	for _, skill := range keysOf(s.v.Skills) {
		names = append(names, s.v.Skills[skill].Recall...)
	}
	return names
}
