package flow

import (
	"fmt"
	"maps"
	"slices"
	"strings"

	"github.com/floorwalker/floorwalker/nlu"
)

// correct takes a new value for a slot that is filled: of the frame served, else of those
// that it runs for.
func (m *machine) correct(s *Said, a asks) (bool, error) {
	for i := len(m.stack) - 1; i >= 0; i-- {
		fr := m.stack[i]
		if done, err := m.correctFrame(fr, s, a); done || err != nil {
			return done, err
		}
		if fr.Then != Continue || m.answered != nil { // an answer says nothing of what lies below
			break
		}
	}
	return false, nil
}

func (m *machine) correctFrame(fr *Frame, s *Said, a asks) (bool, error) {
	f := m.flowOf(fr)
	for _, slot := range f.Slots {
		now, has := fr.Slots[slotKey(fr, f, slot)]
		if !has || m.answersNow(fr, slot) {
			continue
		}
		if v, ok := m.otherEntity(slot, now, s, a); ok {
			m.replace(fr, f, slot, v)
			return true, nil
		}
		if len(a.flows) == 0 {
			if v, ok := m.earlyChoice(fr, slot, s); ok && !sameValue(v.V, now.V) {
				m.replace(fr, f, slot, v)
				return true, nil
			}
		}
	}
	if len(a.flows) > 0 || m.answered != nil && !a.acts[nlu.Correct] {
		return false, nil
	}
	return m.correctByResolver(fr, f, s, !a.acts[nlu.Correct] && len(s.Entities) == 0)
}

// withoutChoices are the requests without those whose words name another choice of a slot that
// is filled: "no, make it Sunday" corrects the day, whatever else it sounds like.
func (m *machine) withoutChoices(fr *Frame, s *Said, requests []nlu.Request) []nlu.Request {
	f := m.flowOf(fr)
	return slices.DeleteFunc(slices.Clone(requests), func(r nlu.Request) bool {
		if r.Start < 0 || r.Start >= r.End || r.End > len(s.Text) {
			return false
		}
		words := *s
		words.Text = s.Text[r.Start:r.End]
		return slices.ContainsFunc(f.Slots, func(slot *Slot) bool {
			now, has := fr.Slots[slotKey(fr, f, slot)]
			v, ok := m.earlyChoice(fr, slot, &words)
			return has && ok && !sameValue(v.V, now.V)
		})
	})
}

// answersNow reports whether the text was, or is to be, the slot's own answer.
func (m *machine) answersNow(fr *Frame, s *Slot) bool {
	if fr.Wait != nil {
		return fr.Wait.Slot == s.Name
	}
	return m.answered == fr && fr.Slots[slotKey(fr, m.flowOf(fr), s)].Offset == m.lastOffset()
}

// correctByResolver lets the resolvers of filled slots read the text: "no, the other one"; those
// that are sure of what they find, where nothing says that it is a correction.
func (m *machine) correctByResolver(fr *Frame, f *Flow, s *Said, sure bool) (bool, error) {
	for _, slot := range slices.Backward(f.Slots) {
		if slot.Per != "" && !sure {
			if done, err := m.correctEach(fr, f, slot, s); done || err != nil {
				return done, err
			}
			continue
		}
		key := slotKey(fr, f, slot)
		now, has := fr.Slots[key]
		if !has || m.answersNow(fr, slot) {
			continue
		}
		for _, from := range slot.From {
			sk, ok := m.set.v.Skills[from]
			if !ok || sk.Kind != Resolve || m.set.v.Entities[from] || sure && !sk.Sure {
				continue
			}
			got, err := m.resolve(fr, slot, sk, s, false)
			if err != nil {
				return false, err
			}
			others := slices.DeleteFunc(slices.Clone(got.values), func(v Value) bool { return sameValue(v.V, now.V) })
			if len(others) == 1 {
				v := others[0]
				v.Pending = pendingSaid
				m.replace(fr, f, slot, v)
				return true, nil
			}
		}
	}
	return false, nil
}

// correctEach lets the resolvers of a slot that is per item read the text for each item that has a
// value, once its loop is done: "no, the mug in black". The loop is taken anew with what is new.
func (m *machine) correctEach(fr *Frame, f *Flow, slot *Slot, s *Said) (bool, error) {
	at := slices.IndexFunc(f.code, func(in instr) bool { return in.op == opEach && in.as == slot.Per })
	if at < 0 || fr.PC <= at || slotKey(fr, f, slot) != slot.Name {
		return false, nil
	}
	if err := m.refresh(fr, f); err != nil {
		return false, err
	}
	items, err := m.list(f.code[at].cond, fr)
	if err != nil {
		return false, err
	}
	fresh := map[string]Value{}
	scope, loops := m.liveOf(fr).scope, fr.Loops
	defer func() { fr.Loops = loops; delete(scope, slot.Per) }()
	for i, item := range items {
		key := fmt.Sprintf("%s#%d", slot.Name, i)
		now, has := fr.Slots[key]
		if !has {
			continue
		}
		scope[slot.Per], fr.Loops = item, append(slices.Clone(loops), Loop{Step: at, Index: i})
		for _, from := range slot.From {
			sk, ok := m.set.v.Skills[from]
			if !ok || sk.Kind != Resolve {
				continue
			}
			got, err := m.resolve(fr, slot, sk, s, true)
			if err != nil {
				return false, err
			}
			others := slices.DeleteFunc(slices.Clone(got.values), func(v Value) bool { return sameValue(v.V, now.V) })
			if len(others) == 1 {
				v := others[0]
				v.V, v.View, v.Pending = plain(v.V), nil, pendingSaid
				fresh[key] = v
				break
			}
		}
	}
	if len(fresh) == 0 {
		return false, nil
	}
	fr.Loops = loops
	m.clear(fr, f, slot.Name)
	maps.Copy(fr.Slots, fresh)
	m.jump(fr, f, at)
	loops = fr.Loops
	return true, nil
}

// otherEntity is a value of the slot's types that differs from the one it has, outside the
// words that ask for another flow.
func (m *machine) otherEntity(slot *Slot, now Value, s *Said, a asks) (Value, bool) {
	for i, e := range s.Entities {
		if !slices.Contains(slot.From, e.Type) || m.used[i] || slices.ContainsFunc(a.flows, func(r nlu.Request) bool { return r.Start <= e.Start && e.End <= r.End }) {
			continue
		}
		if v := entityValue(e, s); !sameValue(v.V, now.V) {
			m.used[i] = true
			return v, true
		}
	}
	return Value{}, false
}

// replace puts a value in the place of another and goes back to where it was first used.
func (m *machine) replace(fr *Frame, f *Flow, slot *Slot, v Value) {
	key := slotKey(fr, f, slot)
	m.clear(fr, f, slot.Name)
	v.V = plain(v.V)
	v.View = nil
	fr.Slots[key] = v
	to := fr.PC
	for pc, in := range f.code {
		if in.uses[slot.Name] {
			to = min(to, pc)
			break
		}
	}
	wait := fr.Wait
	m.jump(fr, f, to)
	if wait != nil && to == fr.PC && m.top() != fr {
		fr.Wait = wait
	}
}

// clear empties a slot and those that depend on it.
func (m *machine) clear(fr *Frame, f *Flow, name string) {
	gone := map[string]bool{name: true}
	for more := true; more; {
		more = false
		for _, s := range f.Slots {
			if gone[s.Name] {
				continue
			}
			for d := range s.depends {
				if gone[d] {
					gone[s.Name], more = true, true
				}
			}
		}
	}
	maps.DeleteFunc(fr.Slots, func(key string, _ Value) bool {
		base, _, per := strings.Cut(key, "#")
		if s := f.slot(base); s != nil && s.Check != "" && base != name {
			return false
		}
		return gone[base] && (base != name || !per)
	})
	for _, s := range f.Slots { // what has a check may well stay as it is
		if v, ok := fr.Slots[s.Name]; ok && gone[s.Name] && s.Name != name {
			v.Pending = pendingSaid
			fr.Slots[s.Name] = v
		}
	}
	fr.Read = slices.DeleteFunc(fr.Read, func(key string) bool { return gone[key] && key != name })
}
