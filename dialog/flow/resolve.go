package flow

import (
	"slices"

	"github.com/floorwalker/floorwalker/nlu"
)

// found is what a text gave for a slot.
type found struct {
	values  []Value
	refused string
	soft    bool // no failure of the shopper's
	several bool // one of values is meant: ask which
}

// read looks for a slot's value in a text: choices, then the slot's sources in their order.
func (m *machine) read(fr *Frame, s *Slot, in instr, said *Said, expected bool) (found, error) {
	options, err := m.choices(in.choices, fr)
	if err != nil {
		return found{}, err
	}
	if v, ok := m.chosen(fr, options, said, expected); ok {
		return found{values: []Value{v}}, nil
	}
	for _, from := range s.From {
		var got found
		switch sk, resolver := m.set.v.Skills[from]; {
		case from == fromText:
			if (expected || s.Ask == "") && said.Text != "" {
				got.values = []Value{{V: said.Text, Text: said.Text, Offset: last(said.Offsets)}}
			}
		case resolver && !m.set.v.Entities[from]:
			if got, err = m.resolve(fr, s, sk, said, expected); err != nil {
				return found{}, err
			}
		default:
			got.values = m.entities(said, from)
		}
		if len(got.values) > 0 || got.refused != "" {
			return got, nil
		}
	}
	return found{}, nil
}

func last(offsets []int64) int64 {
	if len(offsets) == 0 {
		return 0
	}
	return offsets[len(offsets)-1]
}

// entities are the values of a type in a text, each once, those used for another slot left out.
func (m *machine) entities(said *Said, entity string) []Value {
	var out []Value
	for i, e := range said.Entities {
		if e.Type != entity || said == m.in.Said && m.used[i] {
			continue
		}
		v := entityValue(e, said)
		if !slices.ContainsFunc(out, func(o Value) bool { return o.V == v.V }) {
			out = append(out, v)
		}
	}
	return out
}

func entityValue(e nlu.Entity, said *Said) Value {
	v := e.Value
	if v == "" {
		v = e.Text
	}
	return Value{V: v, Text: e.Text, Offset: last(said.Offsets), Pending: pendingSaid}
}

// resolve runs a resolver on a text. It gets the frame's slots, then those of the frames
// below: a proof of identity sees the order that was asked about.
func (m *machine) resolve(fr *Frame, s *Slot, sk Skill, said *Said, expected bool) (found, error) {
	c := Call{Skill: sk.Name, Args: m.resolverArgs(fr, s, sk), Said: said, Expected: expected, Needs: fr.Needs}
	if now, ok := fr.Slots[slotKey(fr, m.flowOf(fr), s)]; ok {
		c.Has = now.V
	}
	if expected && fr.Wait != nil {
		c.Offered = fr.Wait.Offered
	}
	proves := m.flowOf(fr).On == eventIdentity
	if proves {
		c.Needs, c.Before = m.aim(fr), m.pieces(said)
	}
	r, err := m.call(c)
	if err != nil {
		return found{}, err
	}
	if proves {
		m.keepPiece(said, r)
	}
	got := found{values: r.Values, refused: r.Refused, soft: slices.Contains(sk.Soft, r.Refused)}
	if got.refused != "" {
		return found{refused: got.refused, soft: got.soft}, nil
	}
	if r.Identity != nil && r.Identity.Level < c.Needs { // so far so good, but not far enough
		return found{refused: s.Ask, soft: true}, nil
	}
	if r.Identity != nil && len(got.values) == 0 {
		got.values = []Value{{V: r.Identity.Customer, Text: said.Text, Offset: last(said.Offsets)}}
	}
	got.several = len(got.values) > 1 && !r.All
	return got, nil
}

// mostPieces bounds what is kept of answers that proved nothing alone.
const mostPieces = 4

// pieces are the texts read by identity flows before this one.
func (m *machine) pieces(said *Said) []Said {
	return slices.DeleteFunc(slices.Clone(m.st.Pieces), func(s Said) bool { return last(s.Offsets) == last(said.Offsets) })
}

// keepPiece keeps a text that an identity flow has read; who has proven who they are needs none.
func (m *machine) keepPiece(said *Said, r Result) {
	m.st.Pieces = m.pieces(said)
	if r.Identity != nil {
		m.st.Pieces = nil
		return
	}
	kept := Said{Offsets: said.Offsets}
	kept.Text, kept.Entities, kept.Requests = said.Text, said.Entities, said.Requests
	m.st.Pieces = append(m.st.Pieces, kept)
	m.st.Pieces = m.st.Pieces[max(0, len(m.st.Pieces)-mostPieces):]
}

func (m *machine) resolverArgs(fr *Frame, s *Slot, sk Skill) map[string]any {
	args := map[string]any{}
	for _, name := range append(slices.Clone(sk.Args), s.Name) {
		for i := slices.Index(m.stack, fr); i >= 0; i-- {
			if v, ok := m.slotOrHeard(m.stack[i], name); ok {
				args[name] = v
				break
			}
			if v, ok := m.live[i].scope[name]; ok { // the item of a loop
				args[name] = v
				break
			}
		}
		if _, ok := args[name]; !ok && m.st.Last != nil {
			if v, ok := m.st.Last.Slots[name]; ok {
				args[name] = v.V
			}
		}
		if _, ok := args[name]; !ok && slices.Contains(sk.Recall, name) {
			if v, ok := m.st.Kept[name]; ok {
				args[name] = v.V
			}
		}
	}
	return args
}

func (m *machine) slotOrHeard(fr *Frame, name string) (any, bool) {
	if v, ok := m.slotValue(fr, name); ok {
		return v, true
	}
	if s := m.flowOf(fr).slot(name); s != nil {
		if v, ok := m.heard(fr, s); ok {
			return v.V, true
		}
	}
	return nil, false
}
