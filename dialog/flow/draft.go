package flow

import (
	"slices"
	"strings"
	"unicode"

	"github.com/floorwalker/floorwalker/nlu"
)

// later queues requests, in order.
func (m *machine) later(s *Said, requests []nlu.Request, digress bool) {
	for _, r := range requests {
		f := m.set.intents[r.Intent]
		fr := m.draft(f, r, s)
		m.enqueue(Queued{Request: r, Said: fr.Opening, Values: fr.Slots, Digress: digress})
	}
}

func (m *machine) begin(r nlu.Request, s *Said, then Then) error {
	f := m.set.intents[r.Intent]
	fr := m.draft(f, r, s)
	if m.beginAgain(fr, then) {
		return nil
	}
	fr.Then = then
	return m.push(f, fr)
}

func (m *machine) beginQueued(f *Flow, q Queued, then Then) error {
	fr := Frame{Slots: q.Values, Opening: q.Said, Then: then}
	if q.Said != nil {
		fr.Said = last(q.Said.Offsets)
	}
	return m.push(f, fr)
}

// draft is a frame for a request, its slots filled from the words that asked for it.
func (m *machine) draft(f *Flow, r nlu.Request, s *Said) Frame {
	own := m.clip(s, r)
	fr := Frame{Flow: f.Name, Slots: map[string]Value{}, Opening: own, Said: last(s.Offsets)}
	m.prefill(&fr, own)
	if own != s {
		m.prefillMissing(&fr, s)
	}
	return fr
}

// prefill fills empty slots by the entities of a text and the choices that it names; they are
// checked where the flow collects them.
func (m *machine) prefill(fr *Frame, s *Said) bool {
	f := m.set.flows[fr.Flow]
	used := map[int]bool{}
	any := false
	for _, slot := range f.Slots {
		if _, has := fr.Slots[slot.Name]; has || slot.Per != "" {
			continue
		}
		if v, ok := m.entityFor(fr, slot, s, used); ok {
			fr.Slots[slot.Name], any = v, true
		} else if v, ok := m.earlyChoice(fr, slot, s); ok {
			fr.Slots[slot.Name], any = v, true
		}
	}
	return any
}

// prefillMissing looks for entities beyond the request's own words.
func (m *machine) prefillMissing(fr *Frame, s *Said) {
	used := map[int]bool{}
	for _, slot := range m.set.flows[fr.Flow].Slots {
		if _, has := fr.Slots[slot.Name]; has || slot.Per != "" {
			continue
		}
		for i, e := range s.Entities {
			if slices.Contains(slot.From, e.Type) && !used[i] {
				used[i] = true
				fr.Slots[slot.Name] = entityValue(e, s)
				break
			}
		}
	}
}

func (m *machine) entityFor(fr *Frame, slot *Slot, s *Said, used map[int]bool) (Value, bool) {
	for _, t := range slot.From {
		if !m.set.v.Entities[t] {
			continue
		}
		var values []Value
		for i, e := range s.Entities {
			if e.Type != t || used[i] || s == m.in.Said && m.used[i] {
				continue
			}
			v := entityValue(e, s)
			used[i] = true
			if !slices.ContainsFunc(values, func(o Value) bool { return o.V == v.V }) {
				values = append(values, v)
			}
		}
		if len(values) > 0 {
			m.queueFurther(fr, slot, values[1:])
			return values[0], true
		}
	}
	return Value{}, false
}

// earlyChoice is the choice that a text names, where the choices don't hang on a record.
func (m *machine) earlyChoice(fr *Frame, slot *Slot, s *Said) (Value, bool) {
	if slot.early == nil {
		return Value{}, false
	}
	shadow, bare := m.apart(fr)
	options, err := shadow.choices(slot.early, bare)
	if err != nil { // it needs a value first; the slot is asked for when its time comes
		return Value{}, false
	}
	v, ok := shadow.chosen(bare, options, s, false)
	v.Pending = pendingSaid
	return v, ok
}

// apart is a machine with a copy of one frame alone and nothing looked up.
func (m *machine) apart(fr *Frame) (*machine, *Frame) {
	bare := *fr
	return &machine{set: m.set, in: m.in, st: m.st, stack: []*Frame{&bare}, live: []*live{{scope: map[string]any{}}}}, &bare
}

// clip is a text cut to one of several requests, with what is said around it: words between
// two requests belong to the one before, from the last end of a sentence on to the one after.
// The only request has it all.
func (m *machine) clip(s *Said, r nlu.Request) *Said {
	var others []nlu.Request
	for _, o := range s.Requests {
		if m.set.intents[o.Intent] != nil && !o.Negated && o.Act == "" && o.Start != r.Start {
			others = append(others, o)
		}
	}
	start, end := begins(s.Text, r, others), len(s.Text)
	for _, o := range others {
		if o.Start > r.Start {
			end = min(end, begins(s.Text, o, append(slices.Clone(others), r)))
		}
	}
	if len(others) == 0 || start >= end {
		return s
	}
	out := *s
	out.Choice = ""
	out.Text = s.Text[start:end]
	out.Requests, out.Entities, out.Ranking = nil, nil, nil
	r.Start, r.End = max(0, r.Start-start), max(0, min(r.End, end)-start)
	out.Requests = []nlu.Request{r}
	for _, e := range s.Entities {
		if e.Start >= start && e.End <= end {
			e.Start, e.End = e.Start-start, e.End-start
			out.Entities = append(out.Entities, e)
		}
	}
	return &out
}

// begins is where the words of a request begin, among others of the same text.
func begins(text string, r nlu.Request, others []nlu.Request) int {
	before := -1
	for _, o := range others {
		if o.Start < r.Start {
			before = max(before, min(max(o.End, 0), r.Start))
		}
	}
	if before < 0 {
		return 0
	}
	at := min(r.Start, len(text))
	before = min(before, at)
	gap := []rune(text[before:at])
	for i := len(gap) - 1; i >= 0; i-- {
		plain := strings.ContainsRune(".?!;", gap[i]) && i+1 < len(gap) && unicode.IsSpace(gap[i+1])
		if plain || strings.ContainsRune("\n。？！；", gap[i]) {
			return before + len(string(gap[:i+1]))
		}
	}
	return at
}

// noteHeard remembers the last value of each type said.
func (m *machine) noteHeard() {
	if m.in.Said == nil {
		return
	}
	for _, e := range m.in.Said.Entities {
		v := entityValue(e, m.in.Said)
		if slices.ContainsFunc(m.rejected, func(r any) bool { return sameValue(r, v.V) }) {
			continue
		}
		if m.st.Heard == nil {
			m.st.Heard = map[string]Value{}
		}
		v.Pending = ""
		m.st.Heard[e.Type] = v
	}
}
