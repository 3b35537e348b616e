package flow

import (
	"fmt"
	"maps"
	"slices"
)

// exec takes one instruction of the frame served.
func (m *machine) exec(fr *Frame, f *Flow) error {
	in := f.code[fr.PC]
	if in.op != opNeed {
		if err := m.refresh(fr, f); err != nil {
			return err
		}
	}
	if in.op != opBranch {
		m.pass(fr, false)
	}
	switch in.op {
	case opNeed:
		return m.need(fr, f)
	case opLook:
		return m.look(fr, in)
	case opBranch:
		v, err := m.eval(in.cond, fr)
		if err != nil {
			return err
		}
		yes, _ := v.(bool)
		m.pass(fr, !yes)
		if yes {
			fr.PC++
		} else {
			fr.PC = in.target
		}
	case opJump:
		fr.PC = in.target
	case opEach:
		return m.each(fr, in)
	case opNext:
		m.next(fr, f, in)
	case opCollect:
		return m.collect(fr, f, in)
	case opConfirm:
		if err := m.heedOpening(fr); err != nil {
			return err
		}
		m.say(Saying{Reply: in.name, Env: m.sayEnv(fr)})
		fr.Wait, fr.Yes, fr.Confirm = &Wait{Slot: SlotConfirm}, 0, m.versions(fr)
	case opDo:
		return m.do(fr, f, in)
	case opSay:
		return m.sayStep(fr, in)
	case opCall:
		return m.callFlow(fr, in)
	case opEnd:
		return m.end()
	}
	return nil
}

// say adds to the reply; what is of no record and was said in this turn isn't said twice.
func (m *machine) say(s Saying) {
	same := func(o Saying) bool {
		return o.Reply == s.Reply && o.Env["record"] == nil && s.Env["record"] == nil && len(s.Choices) == 0
	}
	if !slices.ContainsFunc(m.out.Says, same) {
		m.out.Says = append(m.out.Says, s)
	}
}

// need runs the identity flow where the flow asks for more than is known of the shopper.
func (m *machine) need(fr *Frame, f *Flow) error {
	if m.identity.Level >= f.Needs {
		fr.PC++
		return nil
	}
	id := m.set.events[eventIdentity]
	if id == nil || m.in.Level < f.Needs {
		return m.cannotHandle()
	}
	if fr.Asked { // it ran and didn't reach the level
		return m.after(m.popTask().Then)
	}
	fr.Asked = true
	opening := fr.Opening
	if m.in.Said != nil && fr.Said == m.lastOffset() { // who writes may be said beside what is asked for
		opening = m.in.Said
		m.st.Queue = slices.DeleteFunc(m.st.Queue, func(q Queued) bool { return m.set.intents[q.Request.Intent] == id })
	}
	return m.push(id, Frame{Needs: f.Needs, Opening: opening, Said: fr.Said})
}

func (m *machine) look(fr *Frame, in instr) error {
	args, err := m.args(fr, in)
	if err != nil {
		return err
	}
	r, err := m.call(Call{Skill: in.name, Args: args, Said: m.in.Said})
	if err != nil {
		return err
	}
	fr.Refused = r.Refused
	if r.Refused != "" && !in.tests {
		m.say(Saying{Reply: r.Refused, Env: m.sayEnv(fr)})
		return m.end()
	}
	m.liveOf(fr).scope[in.as] = r.View
	fr.Looked = append(slices.DeleteFunc(fr.Looked, func(pc int) bool { return pc == fr.PC }), fr.PC)
	fr.PC++
	return nil
}

func (m *machine) do(fr *Frame, f *Flow, in instr) error {
	args, err := m.args(fr, in)
	if err != nil {
		return err
	}
	c := Call{Skill: in.name, Args: args, Said: m.in.Said, Ordinal: m.acts, Offset: m.lastOffset()}
	if m.set.v.Skills[in.name].Kind == Act {
		if fr.Yes == 0 {
			return fmt.Errorf("flow %s: %s without a yes", f.Name, in.name)
		}
		c.Expect, c.Offset = maps.Clone(fr.Confirm), fr.Yes
	}
	m.acts++
	r, err := m.call(c)
	if err == errDown {
		m.backToConfirm(fr, f)
	}
	if err != nil {
		return err
	}
	if r.Changed {
		m.jump(fr, f, f.firstLook(fr.PC))
		return m.event("changed", Continue, Frame{})
	}
	fr.Refused = r.Refused
	if r.Refused != "" && !in.tests {
		m.say(Saying{Reply: r.Refused, Env: m.sayEnv(fr)})
		return m.end()
	}
	fr.Acted = fr.Acted || r.Refused == ""
	fr.PC++
	return nil
}

// backToConfirm lets an act that didn't happen be confirmed anew.
func (m *machine) backToConfirm(fr *Frame, f *Flow) {
	for pc := fr.PC; pc >= 0; pc-- {
		if f.code[pc].op == opConfirm {
			m.jump(fr, f, pc)
			return
		}
	}
}

// firstLook is where a flow reads its records first; without one, the last confirm before pc.
func (f *Flow) firstLook(before int) int {
	confirm := 0
	for pc := range before {
		switch f.code[pc].op {
		case opLook:
			return pc
		case opConfirm:
			confirm = pc
		}
	}
	return confirm
}

// jump goes back (or on) to a place, and forgets what lies after it.
func (m *machine) jump(fr *Frame, f *Flow, pc int) {
	fr.PC = pc
	fr.Wait, fr.Yes, fr.Confirm, fr.Refused = nil, 0, nil, ""
	fr.Looked = slices.DeleteFunc(fr.Looked, func(at int) bool { return at >= pc })
	fr.Loops = slices.DeleteFunc(fr.Loops, func(l Loop) bool { return pc <= l.Step || pc >= f.code[l.Step].target })
	lv := m.liveOf(fr)
	lv.scope, lv.lists, lv.fresh = map[string]any{}, nil, false
}

func (m *machine) sayStep(fr *Frame, in instr) error {
	if !slices.Contains(fr.Told, fr.PC) {
		s := Saying{Reply: in.name, Env: m.sayEnv(fr)}
		var err error
		if in.cards != nil {
			if s.Cards, err = m.eval(in.cards, fr); err != nil {
				return err
			}
		}
		if s.Choices, err = m.options(in.choices, fr); err != nil {
			return err
		}
		m.say(s)
		fr.Told = append(fr.Told, fr.PC)
	}
	fr.PC++
	return nil
}

func (m *machine) callFlow(fr *Frame, in instr) error {
	f := m.set.flows[in.name]
	slots := map[string]Value{}
	for _, s := range f.Slots {
		if v, ok := fr.Slots[s.Name]; ok {
			slots[s.Name] = v
		}
	}
	fr.PC++
	return m.push(f, Frame{Slots: slots, Opening: fr.Opening, Said: fr.Said})
}

func (m *machine) each(fr *Frame, in instr) error {
	items, err := m.list(in.cond, fr)
	if err != nil {
		return err
	}
	if len(items) == 0 {
		fr.PC = in.target
		return nil
	}
	fr.Loops = append(fr.Loops, Loop{Step: fr.PC})
	m.enter(fr, in.as, items, 0)
	fr.PC++
	return nil
}

func (m *machine) enter(fr *Frame, as string, items []any, index int) {
	lv := m.liveOf(fr)
	lv.lists = append(lv.lists, items)
	m.item(lv, as, items, index)
}

func (m *machine) item(lv *live, as string, items []any, index int) {
	lv.scope[as], lv.scope[as+"_index"] = nil, index
	if index < len(items) {
		lv.scope[as] = items[index]
	}
}

func (m *machine) next(fr *Frame, f *Flow, in instr) {
	lv := m.liveOf(fr)
	if len(fr.Loops) == 0 || len(lv.lists) < len(fr.Loops) {
		fr.PC++
		return
	}
	n := len(fr.Loops) - 1
	loop := &fr.Loops[n]
	as := f.code[loop.Step].as
	inside := func(pc int) bool { return pc > loop.Step && pc <= fr.PC }
	if loop.Index++; loop.Index < len(lv.lists[n]) {
		fr.Looked = slices.DeleteFunc(fr.Looked, inside)
		fr.Told = slices.DeleteFunc(fr.Told, inside)
		m.item(lv, as, lv.lists[n], loop.Index)
		fr.PC = in.target
		return
	}
	fr.Loops, lv.lists = fr.Loops[:n], lv.lists[:n]
	delete(lv.scope, as)
	delete(lv.scope, as+"_index")
	fr.PC++
}

// refresh reads the looks that a frame has passed again, once in a turn, and takes up its
// loops, so that every fact told is of this turn.
func (m *machine) refresh(fr *Frame, f *Flow) error {
	lv := m.liveOf(fr)
	if lv.fresh {
		return nil
	}
	lv.scope, lv.lists = map[string]any{}, nil
	loops := fr.Loops
	loopsBefore := func(pc int) error {
		for len(loops) > 0 && loops[0].Step < pc {
			in := f.code[loops[0].Step]
			items, err := m.list(in.cond, fr)
			if err != nil {
				return err
			}
			m.enter(fr, in.as, items, loops[0].Index)
			loops = loops[1:]
		}
		return nil
	}
	for _, pc := range fr.Looked {
		if err := loopsBefore(pc); err != nil {
			return err
		}
		args, err := m.args(fr, f.code[pc])
		if err != nil {
			return err
		}
		r, err := m.call(Call{Skill: f.code[pc].name, Args: args, Said: m.in.Said})
		if err != nil {
			return err
		}
		lv.scope[f.code[pc].as] = r.View
	}
	if err := loopsBefore(len(f.code)); err != nil {
		return err
	}
	lv.fresh = true
	return nil
}

// args are a skill's arguments: by `with`, else slots and names in scope.
func (m *machine) args(fr *Frame, in instr) (map[string]any, error) {
	out := map[string]any{}
	for _, name := range m.set.v.Skills[in.name].Args {
		if p := in.with[name]; p != nil {
			v, err := m.eval(p, fr)
			if err != nil {
				return nil, err
			}
			out[name] = v
		} else if v, ok := m.slotValue(fr, name); ok {
			out[name] = v
		} else if v, ok := m.liveOf(fr).scope[name]; ok {
			out[name] = v
		}
	}
	return out, nil
}
