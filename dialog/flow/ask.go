package flow

import (
	"cmp"

	"github.com/floorwalker/floorwalker/catalog"
)

// refuse says why a value is not taken and waits for another.
func (m *machine) refuse(fr *Frame, s *Slot, word string, soft bool, v Value) error {
	env := m.sayEnv(fr)
	if v.V != nil {
		env["slots"].(map[string]Value)[s.Name] = v
	}
	tries := 0
	var offered []Value
	if fr.Wait != nil {
		tries, offered = fr.Wait.Tries, fr.Wait.Offered
	}
	if !soft {
		tries++
	}
	if tries >= s.Tries {
		m.say(Saying{Reply: word, Env: env})
		return m.cannotHandle()
	}
	m.say(Saying{Reply: word, Env: env, Choices: m.labelled(offered)})
	fr.Wait = &Wait{Slot: s.Name, Tries: tries, Offered: offered}
	return nil
}

// ask asks for a slot. Candidates given are what to choose from.
func (m *machine) ask(fr *Frame, s *Slot, in instr, candidates []Value) error {
	choices, err := m.options(in.choices, fr)
	if err != nil {
		return err
	}
	offered := candidates
	if lister := m.set.v.Skills[s.Offer]; len(offered) == 0 && s.Offer != "" && m.identity.Level >= levels[lister.Needs] {
		r, err := m.call(Call{Skill: s.Offer, Args: m.resolverArgs(fr, s, lister)})
		if err != nil && err != errDown { // a list that can't be had is no reason not to ask
			return err
		}
		offered = r.Values
	}
	tries := 0
	if fr.Wait != nil {
		tries = fr.Wait.Tries
		if len(offered) == 0 {
			offered = fr.Wait.Offered
		}
	}
	if len(offered) > 0 {
		choices = m.labelled(offered)
	}
	m.say(Saying{Reply: s.Ask, Env: m.sayEnv(fr), Choices: choices})
	fr.Wait = &Wait{Slot: s.Name, Tries: tries, Offered: kept(offered)}
	return nil
}

func kept(values []Value) []Value {
	var out []Value
	for _, v := range values {
		v.Label = labelOf(v)
		v.V, v.View, v.Pending = plain(v.V), nil, ""
		out = append(out, v)
	}
	return out
}

// labelled makes options of values.
func (m *machine) labelled(values []Value) []Option {
	var out []Option
	for _, v := range values {
		word := wordOf(v.V)
		out = append(out, Option{Value: word, Label: m.everywhere(cmp.Or(labelOf(v), v.Text, word)), View: v.View})
	}
	return out
}

// labelOf is what a value that was listed is called: its fact, while it has it, else what it was
// called before. What the shopper said of it is no name.
func labelOf(v Value) string {
	if f, ok := v.View.(catalog.Fact); ok && f.Value != "" {
		return f.Value
	}
	return v.Label
}

// everywhere is one text for every language.
func (m *machine) everywhere(text string) catalog.Text {
	t := catalog.Text{}
	for _, l := range m.set.v.Locales {
		t[l] = text
	}
	if len(t) == 0 {
		t[""] = text
	}
	return t
}

// askAgain repeats the open question of a frame; without one it simply goes on.
func (m *machine) askAgain(fr *Frame) error {
	f := m.flowOf(fr)
	if fr.Wait == nil {
		return nil
	}
	if fr.Wait.Slot == SlotConfirm && f.code[fr.PC].op == opConfirm {
		fr.Wait = nil // the summary again, of the records as they are now
		return nil
	}
	in := f.code[fr.PC]
	if in.op != opCollect {
		return nil
	}
	if err := m.refresh(fr, f); err != nil {
		return err
	}
	return m.ask(fr, f.slot(in.name), in, nil)
}
