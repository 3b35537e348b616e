package flow

import (
	"maps"
	"slices"
	"strings"
	"unicode"

	"github.com/floorwalker/floorwalker/nlu"
)

// later queues requests, in order.
func (m *machine) later(s *Said, requests []nlu.Request, digress bool) {
	for _, r := range requests {
		f, queued := m.set.intents[r.Intent], len(m.st.Queue)
		fr := m.draft(f, r, s)
		further := slices.Clone(m.st.Queue[queued:])
		m.st.Queue = m.st.Queue[:queued]
		m.enqueue(Queued{Request: r, Said: fr.Opening, Values: fr.Slots, Digress: digress})
		for _, q := range further {
			m.enqueue(q)
		}
	}
}

func (m *machine) begin(r nlu.Request, s *Said, then Then) error {
	f, queued := m.set.intents[r.Intent], len(m.st.Queue)
	fr := m.draft(f, r, s)
	m.toFront(queued)
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
	if before := m.st.Last; q.Again && before != nil && before.Flow == f.Name {
		fr.Slots = maps.Clone(fr.Slots)
		for _, slot := range f.Slots {
			v, answered := before.Slots[slot.Name]
			if _, has := fr.Slots[slot.Name]; slot.Common && answered && !has {
				v.Pending = pendingHeard
				fr.Slots[slot.Name] = v
			}
		}
	}
	return m.push(f, fr)
}

// draft is a frame for a request, its slots filled from the words that asked for it.
func (m *machine) draft(f *Flow, r nlu.Request, s *Said) Frame {
	own := m.clip(s, r)
	fr := Frame{Flow: f.Name, Slots: map[string]Value{}, Opening: own, Said: last(s.Offsets)}
	m.prefill(&fr, own)
	if own != s {
		m.prefillMissing(&fr, r, s)
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

// prefillMissing looks for entities beyond the request's own words: "where is W1, and what of W2?
// Cancel it" is about the last one before.
func (m *machine) prefillMissing(fr *Frame, r nlu.Request, s *Said) {
	used := map[int]bool{}
	for _, slot := range m.set.flows[fr.Flow].Slots {
		if _, has := fr.Slots[slot.Name]; has || slot.Per != "" {
			continue
		}
		if i := closest(s.Entities, r.Start, func(i int) bool { return slices.Contains(slot.From, s.Entities[i].Type) && !used[i] }); i >= 0 {
			used[i] = true
			fr.Slots[slot.Name] = entityValue(s.Entities[i], s)
		}
	}
}

// closest is the last of the entities that will do before a place, else the first after it, -1 if none will.
func closest(all []nlu.Entity, at int, will func(int) bool) int {
	found := -1
	for i, e := range all {
		switch {
		case !will(i):
		case e.Start < at || found < 0:
			found = i
		}
	}
	return found
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
	for _, o := range slices.Concat(s.Requests, m.joined) {
		if m.set.intents[o.Intent] != nil && !o.Negated && o.Act == "" && o.Start != r.Start {
			others = append(others, o)
		}
	}
	start, end := extent(s.Text, r, others)
	if len(others) == 0 || start >= end {
		return s
	}
	if more := m.joinedTo(r); len(more) > 0 {
		return withOnly(s, r, append(more, [2]int{start, end}))
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

// extent is where the words of a request begin and end, among others of the same text.
func extent(text string, r nlu.Request, others []nlu.Request) (start, end int) {
	start, end = begins(text, r, others), len(text)
	for _, o := range others {
		if o.Start > r.Start {
			end = min(end, begins(text, o, append(slices.Clone(others), r)))
		}
	}
	return start, end
}

// join takes requests out of a text that ask for the same change as one before, with others between
// them, and name no other thing to change: they are one request. What they say counts as the first one's.
func (m *machine) join(s *Said) *Said {
	var kept []nlu.Request
	for i, r := range s.Requests {
		f := m.set.intents[r.Intent]
		again := f != nil && f.changes && !r.Negated && !r.If && slices.ContainsFunc(s.Requests[:i], func(o nlu.Request) bool {
			return o.Intent == r.Intent && !o.Negated && !o.If && m.namesSame(f, s, o, r)
		})
		if again {
			m.joined = append(m.joined, r)
		} else {
			kept = append(kept, r)
		}
	}
	if len(m.joined) == 0 {
		return s
	}
	m.whole = s
	out := *s
	out.Requests = kept
	return &out
}

// namesSame reports whether a request names nothing for a flow's slots that another doesn't name.
func (m *machine) namesSame(f *Flow, s *Said, first, second nlu.Request) bool {
	named := func(r nlu.Request) (values []string) {
		start, end := extent(s.Text, r, slices.DeleteFunc(slices.Clone(s.Requests), func(o nlu.Request) bool { return o.Start == r.Start }))
		for _, e := range s.Entities {
			other := e.Type == "reference" && (e.Value == "other" || e.Value == "another")
			if e.Start >= start && e.End <= end && (other || slices.ContainsFunc(f.Slots, func(slot *Slot) bool { return slices.Contains(slot.From, e.Type) })) {
				values = append(values, e.Value)
			}
		}
		return values
	}
	of := named(first)
	return !slices.ContainsFunc(named(second), func(v string) bool { return !slices.Contains(of, v) })
}

// joinedTo are the places of what was joined to a request.
func (m *machine) joinedTo(r nlu.Request) [][2]int {
	var spans [][2]int
	for _, j := range m.joined {
		if j.Intent == r.Intent {
			start, end := extent(m.whole.Text, j, slices.DeleteFunc(slices.Clone(m.whole.Requests), func(o nlu.Request) bool { return o.Start == j.Start }))
			spans = append(spans, [2]int{start, end})
		}
	}
	return spans
}

// withOnly is a text for one request with spaces for all but some places, and their entities.
func withOnly(s *Said, r nlu.Request, spans [][2]int) *Said {
	out, text := *s, []byte(strings.Repeat(" ", len(s.Text)))
	for _, at := range spans {
		copy(text[at[0]:at[1]], s.Text[at[0]:at[1]])
	}
	out.Choice, out.Text, out.Ranking = "", string(text), nil
	out.Requests = []nlu.Request{r}
	out.Entities = slices.DeleteFunc(slices.Clone(s.Entities), func(e nlu.Entity) bool {
		return !slices.ContainsFunc(spans, func(at [2]int) bool { return at[0] <= e.Start && e.End <= at[1] })
	})
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
