package flow

import "slices"

// heed lets a flow's checks of what is said hear a text, as far as their arguments are known.
// What the first one refuses is said, and heed reports true: it stands before the flow's own
// question.
func (m *machine) heed(fr *Frame, s *Said) (bool, error) {
	f := m.flowOf(fr)
	if s == nil || s.Choice != "" || len(tokens(s.Text)) == 0 {
		return false, nil
	}
	for _, name := range f.Heeds {
		sk := m.set.v.Skills[name]
		args, ok := m.known(fr, sk)
		if !ok {
			continue
		}
		r, err := m.call(Call{Skill: name, Args: args, Said: s})
		if err != nil {
			return false, err
		}
		if r.Refused == "" {
			continue
		}
		if err := m.refresh(fr, f); err != nil {
			return false, err
		}
		m.say(Saying{Reply: r.Refused, Env: m.sayEnv(fr)})
		return true, nil
	}
	return false, nil
}

// known are a skill's arguments from slots that are filled and checked; false where one is
// missing.
func (m *machine) known(fr *Frame, sk Skill) (map[string]any, bool) {
	args := map[string]any{}
	for _, name := range sk.Args {
		v, ok := m.slotValue(fr, name)
		if ok && fr.Slots[name].Pending == "" {
			args[name] = v
		} else if !slices.Contains(sk.Options, name) {
			return nil, false
		}
	}
	return args, true
}

// readHeed marks in Frame.Read that the words that began it were heeded.
const readHeed = "!"

// heedOpening heeds the words that began a flow, once, before it first asks, and an answer that
// couldn't be heeded before it was taken.
func (m *machine) heedOpening(fr *Frame) error {
	f := m.flowOf(fr)
	if lv := m.liveOf(fr); lv.late != nil {
		late := lv.late
		lv.late = nil
		if heeded, err := m.heed(fr, late); heeded || err != nil {
			return err
		}
	}
	if fr.Opening == nil || slices.Contains(fr.Read, readHeed) || !slices.ContainsFunc(f.Heeds, func(name string) bool {
		_, ok := m.known(fr, m.set.v.Skills[name])
		return ok
	}) {
		return nil
	}
	fr.Read = append(fr.Read, readHeed)
	_, err := m.heed(fr, fr.Opening)
	return err
}
