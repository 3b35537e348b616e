package skill

import (
	"strings"
	"unicode"

	"github.com/floorwalker/floorwalker/retrieval/text"
)

// A message may ask several things: "do you ship to Alaska, and how long does it take?".

// mostQuestions bounds what of one message is answered.
const mostQuestions = 4

// questionPart is a question of a text: its own words, and those with what is told around it.
type questionPart struct{ own, all string }

// questionsIn are the questions of a text, in their order; what is no question belongs to the one
// before, at the beginning to the first. One that holds a single question, or none, is that whole.
func (s *Set) questionsIn(of string) []questionPart {
	var parts []questionPart
	start := 0
	for _, at := range s.segments(of) {
		words := strings.TrimSpace(of[at[0]:at[1]])
		if !s.asksSomething(of, at) {
			continue
		}
		if n := len(parts); n > 0 {
			parts[n-1].all = strings.TrimSpace(of[start:at[0]])
			start = at[0]
		}
		parts = append(parts, questionPart{own: words})
	}
	if len(parts) < 2 {
		return []questionPart{{own: of, all: of}}
	}
	parts[len(parts)-1].all = strings.TrimSpace(of[start:])
	return parts[:min(mostQuestions, len(parts))]
}

// segments cut a text where clauses end and at the words that join them: half-open spans of bytes.
func (s *Set) segments(of string) [][2]int {
	var out [][2]int
	for _, clause := range clauseSpans(of) {
		for _, at := range s.words.join.cut(of[clause[0]:clause[1]]) {
			if at[0] < at[1] {
				out = append(out, [2]int{clause[0] + at[0], clause[0] + at[1]})
			}
		}
	}
	return out
}

// asksSomething reports whether a part of a text reads like a question, by its words or the mark
// after it.
func (s *Set) asksSomething(of string, at [2]int) bool {
	words, after := strings.TrimSpace(of[at[0]:at[1]]), strings.TrimLeft(of[at[1]:], " ")
	if len(text.Atoms(words)) < 2 {
		return false
	}
	return strings.HasPrefix(after, "?") || strings.HasPrefix(after, "？") || strings.ContainsAny(words, "?？") ||
		s.words.questionFirst.first.MatchString(words) || s.words.questionWord.in(words) || s.words.questionLast.last.MatchString(words)
}

// goesOnFrom reports whether a question leans on what was said before: "and how long does that
// take?", 磨过了呢, or has hardly a word of its own.
func (s *Set) goesOnFrom(question string) bool {
	return s.words.onward.first.MatchString(question) || s.words.onwardLast.last.MatchString(question) || s.words.onwardWord.in(question) ||
		s.bare(question) && s.asksSomething(question, [2]int{0, len(question)})
}

// bare reports whether a text has hardly a word of its own.
func (s *Set) bare(question string) bool {
	units, filler := s.reader.Parse(question)
	n := 0
	for _, u := range units {
		for _, p := range u.Any[0] {
			n += max(1, len(p.Run)/2)
		}
	}
	return filler || n < 2
}

// clausesOf cuts a text at what parts clauses; between Chinese characters a space does.
func clausesOf(s string) []string {
	var out []string
	for _, at := range clauseSpans(s) {
		if clause := strings.TrimSpace(s[at[0]:at[1]]); clause != "" {
			out = append(out, clause)
		}
	}
	return out
}

// clauseSpans are the half-open spans of bytes of the clauses of a text.
func clauseSpans(s string) [][2]int {
	var out [][2]int
	start := 0
	runes := []rune(s)
	han := func(at int) bool { return at >= 0 && at < len(runes) && unicode.Is(unicode.Han, runes[at]) }
	i := 0
	for at, r := range s {
		within := (r == '.' || r == ':') && i+1 < len(runes) && runes[i+1] != ' '
		if strings.ContainsRune(",，.。;；:：?？!！\n", r) && !within || r == ' ' && han(i-1) && han(i+1) {
			out = append(out, [2]int{start, at})
			start = at + len(string(r))
		}
		i++
	}
	return append(out, [2]int{start, len(s)})
}
