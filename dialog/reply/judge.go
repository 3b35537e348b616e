package reply

import (
	"slices"

	"github.com/floorwalker/floorwalker/catalog"
	"github.com/floorwalker/floorwalker/dialog/journal"
)

// Judge holds a text to its Ground, sentence by sentence: what a sentence speaks of goes on in
// those after it. It is for one text, and not safe for concurrent use.
type Judge struct {
	ground *Ground
	about  []*thing // what was spoken of last
	topics map[string]bool
}

// Judge begins a text.
func (g *Ground) Judge() *Judge { return &Judge{ground: g} }

// longestSentence is how many bytes a sentence may have: what is longer can't be released in time.
const longestSentence = 1200

// Sentence returns the facts that a sentence tells, with their places, or a *Finding.
func (j *Judge) Sentence(text string) ([]journal.Fact, error) {
	if len(text) > longestSentence {
		return nil, &Finding{"a sentence too long to be checked", text[:20], 0, len(text)}
	}
	s := j.ground.read(text)
	s.before, s.about, s.topics = j.about, j.about, j.topics
	found := s.findings()
	var told []journal.Fact
	for len(found) > 0 {
		passage, start, end := s.carried(found[0])
		if passage == nil {
			f := found[0]
			f.Start, f.End = s.Span(f.Start, f.End)
			f.Text = text[f.Start:f.End]
			return nil, &f
		}
		found = slices.DeleteFunc(found, func(f Finding) bool { return f.Start >= start && f.End <= end })
		from, to := s.Span(start, end)
		told = append(told, journal.Fact{Fact: catalog.Fact{Kind: catalog.KindPolicy, Value: passage.Text, Record: passage.Record, Version: passage.Version}, Start: from, End: to})
	}
	for _, m := range s.matches {
		from, to := s.Span(m.start, m.end)
		if m.fact < 0 || slices.ContainsFunc(told, func(f journal.Fact) bool { return from < f.End && to > f.Start }) {
			continue
		}
		told = append(told, journal.Fact{Fact: j.ground.facts[m.fact].Fact, Start: from, End: to})
	}
	slices.SortFunc(told, func(a, b journal.Fact) int { return a.Start - b.Start })
	j.about, j.topics = s.about, s.topics
	return told, nil
}

// findings are the places that must not leave as they are.
func (s *sentence) findings() []Finding {
	var all []Finding
	all = append(all, s.strange()...)
	all = append(all, s.unfounded()...)
	for k := range s.clauses {
		all = append(all, s.clause(k)...)
	}
	return all
}

func (s *sentence) covered(start, end int) bool {
	return slices.ContainsFunc(s.matches, func(m match) bool { return m.start < end && m.end > start })
}
