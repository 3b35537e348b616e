package flow

import (
	"slices"
	"strings"

	"github.com/floorwalker/floorwalker/nlu"
)

// Of a text that says several things, only a part answers a question.

// leastCertain is how likely a request for another flow must be for its words to be no answer.
const leastCertain = 0.5

// ownPart is a text without what asks for other flows: what is named there is said of
// something else. A request that is little more than one of the options is none.
func (m *machine) ownPart(s *Said, others []nlu.Request, options []choice) *Said {
	var spans [][2]int
	for _, r := range others {
		if r.P < leastCertain || r.Start < 0 || r.Start >= r.End || r.End > len(s.Text) {
			continue
		}
		words := s.Text[r.Start:r.End]
		if !slices.ContainsFunc(options, func(c choice) bool { return m.mostly(words, c) }) {
			spans = append(spans, [2]int{r.Start, r.End})
		}
	}
	return without(s, spans)
}

// mostly reports whether a choice makes half or more of a text.
func (m *machine) mostly(text string, c choice) bool {
	return slices.ContainsFunc(c.names(), func(n string) bool {
		return m.says(text, n, true) && 2*len(tokens(n)) >= len(tokens(text))
	})
}

// without is a text with spaces for spans of it, and their entities gone.
func without(s *Said, spans [][2]int) *Said {
	if len(spans) == 0 {
		return s
	}
	out, text := *s, []byte(s.Text)
	for _, at := range spans {
		for i := at[0]; i < at[1]; i++ {
			text[i] = ' '
		}
		out.Entities = slices.DeleteFunc(slices.Clone(out.Entities), func(e nlu.Entity) bool { return at[0] <= e.Start && e.End <= at[1] })
	}
	if out.Text = string(text); strings.TrimSpace(out.Text) == "" {
		out.Text = ""
	}
	return &out
}

// withoutQuestions is a text without what asks for another flow with a question mark: what is
// named there is no answer.
func withoutQuestions(s *Said, others []nlu.Request) *Said {
	var spans [][2]int
	for _, r := range others {
		if r.Start < 0 || r.Start >= r.End || r.End > len(s.Text) {
			continue
		}
		end := len(s.Text) - len(strings.TrimLeft(s.Text[r.End:], "?？!！ "))
		if strings.ContainsAny(s.Text[r.Start:end], "?？") {
			spans = append(spans, [2]int{r.Start, end})
		}
	}
	return without(s, spans)
}

// unanswered are the requests without those whose words were the answer: "call me on 555 0117",
// where a number was asked for; "I'd like the black one", where it was which one.
func (m *machine) unanswered(s *Said, slot *Slot, requests []nlu.Request) []nlu.Request {
	return slices.DeleteFunc(slices.Clone(requests), func(r nlu.Request) bool {
		tells := !m.set.changes(m.set.intents[r.Intent]) && r.Start >= 0 && r.Start <= r.End && r.End <= len(s.Text) &&
			!strings.ContainsAny(s.Text[r.Start:], "?？")
		for i, e := range s.Entities {
			if r.Start <= e.Start && e.End <= r.End && (m.used[i] || tells && m.resolves(slot, e.Type)) {
				return true
			}
		}
		return false
	})
}

// resolves reports whether a resolver of a slot reads entities of a type.
func (m *machine) resolves(slot *Slot, entity string) bool {
	return slot != nil && slices.ContainsFunc(slot.From, func(from string) bool {
		return !m.set.v.Entities[from] && slices.Contains(m.set.v.Skills[from].Entities, entity)
	})
}

// short reports whether a text is hardly more than the values in it: an answer, whatever
// intent it is nearest to.
func (m *machine) short(s *Said) bool {
	if strings.ContainsAny(s.Text, "?？") || len(s.Entities) == 0 {
		return false
	}
	rest := []byte(s.Text)
	for _, e := range s.Entities {
		for i := max(e.Start, 0); i < min(e.End, len(rest)); i++ {
			rest[i] = ' '
		}
	}
	return len(wordsOf(string(rest))) <= 3
}
