package reply

import (
	"slices"
	"strings"
	"unicode"
	"unicode/utf8"

	"github.com/floorwalker/floorwalker/catalog"
	"github.com/floorwalker/floorwalker/nlu/fold"
)

// strange finds letters that only look like others, and letters set apart from each other.
func (s *sentence) strange() []Finding {
	var all []Finding
	for i, r := range s.Lower {
		n := utf8.RuneLen(r)
		if s.covered(i, i+n) {
			continue
		}
		if from, _ := s.Span(i, i+1); s.numeral(from) {
			all = append(all, Finding{"a figure that no fact carries", "", i, i + n})
			continue
		}
		if r < 0x80 {
			continue
		}
		plain := s.claims.bare(string(r))
		latin := plain != "" && plain[0] < 0x80
		switch {
		case fold.Han(r) && r >= 0x3400 && !(r >= 0xf900 && r <= 0xfaff), latin:
		case unicode.IsLetter(r), unicode.IsMark(r), unicode.IsNumber(r), r == utf8.RuneError, r >= 0x2e80 && r <= 0x2fdf:
			all = append(all, Finding{"a character that looks like another", "", i, i + n})
		case unicode.Is(unicode.Sc, r):
			all = append(all, Finding{"an amount that no fact carries", "", i, i + n})
		}
	}
	single := 0
	for _, w := range s.words {
		if len(w.text) == 1 && !s.covered(w.start, w.end) {
			if single++; single == 3 {
				all = append(all, Finding{"letters set apart", "", w.start, w.end})
			}
		} else {
			single = 0
		}
	}
	return all
}

// numeral reports whether a number that isn't written in digits stands at an offset of the original:
// ½, Ⅻ.
func (s *sentence) numeral(at int) bool {
	r, _ := utf8.DecodeRuneInString(s.original[at:])
	return unicode.In(r, unicode.Nl, unicode.No) && r != '〇'
}

// unfounded finds what only facts may say, outside their places.
func (s *sentence) unfounded() []Finding {
	var all []Finding
	report := func(what string, start, end int) { all = append(all, Finding{what, "", start, end}) }
	for i := 0; i < len(s.Lower); i++ {
		c := s.Lower[i]
		if s.covered(i, i+1) {
			continue
		}
		switch {
		case isDigit(c):
			start := i
			for i+1 < len(s.Lower) && isDigit(s.Lower[i+1]) {
				i++
			}
			report("a figure that no fact carries", start, i+1)
		case c == '$' || c == '%':
			report("an amount that no fact carries", i, i+1)
		case c == '@':
			report("an address that no fact carries", i, i+1)
		case c == '.' && s.bank.rules.site(s.Lower, i), strings.HasPrefix(s.Lower[i:], "://"):
			report("a link that no fact carries", i, i+1)
		case c == '-' && isCode(s.String, i) && !strings.EqualFold(wordAfter(s.String, i+1), "mail"):
			report("a code that no fact carries", i, i+1)
		}
	}
	s.phrases(s.words, report)
	s.phrases(s.joined(), report)
	s.capitals(report)
	if s.names != nil {
		s.names.Find(s.String, func(start, end int) bool {
			if s.bare(start, end) {
				report("a name that no fact carries", start, end)
			}
			return true
		})
	}
	return all
}

// bare reports whether a letter or digit between two offsets is outside every value and name.
func (s *sentence) bare(start, end int) bool {
	for i, r := range s.Lower[start:end] {
		if (unicode.IsLetter(r) || unicode.IsNumber(r)) && !s.covered(start+i, start+i+1) {
			return true
		}
	}
	return false
}

// phrases finds promises, dates, numbers in words and traits.
func (s *sentence) phrases(words []word, report func(what string, start, end int)) {
	c := s.claims
	for i := 0; i < len(words); i++ {
		w := words[i]
		rest := words[i:]
		free := func(n int) bool { return n > 0 && !s.whollyCovered(rest[:n]) }
		if n := c.harmless.longest(rest); free(n) {
			i += n - 1
			continue
		}
		if n := c.promises.longest(rest); free(n) {
			report("a promise that no fact carries", w.start, rest[n-1].end)
			continue
		}
		if !s.covered(w.start, w.end) && slices.ContainsFunc(c.stems, func(stem string) bool { return strings.HasPrefix(w.text, stem) }) {
			report("a promise that no fact carries", w.start, w.end)
			continue
		}
		if n := c.units.longest(rest); free(n) && s.follows(w.start) {
			i += n - 1 // of a value: its role says which it may have
			continue
		}
		if n := max(c.dates.longest(rest), c.units.longest(rest)); free(n) {
			report("a date that no fact carries", w.start, rest[n-1].end)
			continue
		}
		if n := c.idioms.longest(rest); free(n) && n >= c.numbers.longest(rest) {
			i += n - 1
			continue
		}
		if i > 0 && i+1 < len(words) && w.text == "一" && words[i-1].text == words[i+1].text {
			continue // 看一看
		}
		if n := c.numbers.longest(rest); free(n) {
			report("a figure in words that no fact carries", w.start, rest[n-1].end)
			continue
		}
		if n := c.traits.longest(rest); free(n) && !s.mentioned(rest[:n]) {
			report("a trait that no fact carries", w.start, rest[n-1].end)
		}
	}
}

// whollyCovered reports whether each of some words is part of a value or name.
func (s *sentence) whollyCovered(words []word) bool {
	return !slices.ContainsFunc(words, func(w word) bool { return !s.covered(w.start, w.end) })
}

// follows reports whether a value without a unit stands right before an offset.
func (s *sentence) follows(at int) bool {
	return slices.ContainsFunc(s.matches, func(m match) bool {
		return m.bare && m.end <= at && strings.Trim(s.Lower[m.end:at], " -个") == ""
	})
}

// mentioned reports whether words are part of a name that a fact has.
func (s *sentence) mentioned(words []word) bool {
	text := s.Lower[words[0].start:words[len(words)-1].end]
	return slices.ContainsFunc(s.facts, func(f grounded) bool {
		return f.Kind == catalog.KindName && strings.Contains(strings.ToLower(f.Value), text)
	})
}

// joined are the words with those made one that only a hyphen, a star or the like parts, and each
// two neighbours made one, so that no promise hides in pieces.
func (s *sentence) joined() []word {
	var joined []word
	for i := 0; i < len(s.words); i++ { // gua-ran-tee
		run := s.words[i]
		parts := 1
		for i+1 < len(s.words) && !run.han && !s.words[i+1].han && s.words[i+1].start > run.end &&
			strings.Trim(s.Lower[run.end:s.words[i+1].start], "-*_.·'|/\\") == "" {
			i++
			parts++
			run.text, run.end = run.text+s.words[i].text, s.words[i].end
		}
		if parts > 2 {
			joined = append(joined, run, word{"", run.end, run.end, false})
		}
	}
	for i, w := range s.words {
		if w.han || i == 0 {
			continue
		}
		before := s.words[i-1]
		if before.han || len(before.text)+len(w.text) < 4 {
			continue
		}
		gap := s.Lower[before.end:w.start]
		if strings.Trim(gap, "-*_.·'|/\\ ") == "" && len(gap) <= 3 && (gap != " " || len(before.text)+len(w.text) >= 7) {
			joined = append(joined, word{before.text + w.text, before.start, w.end, false}, word{"", w.end, w.end, false})
		}
	}
	return joined
}

// capitals finds words that are written as names are.
func (s *sentence) capitals(report func(string, int, int)) {
	chinese := slices.ContainsFunc(s.words, func(w word) bool { return w.han && !s.covered(w.start, w.end) })
	for _, w := range s.words {
		if w.han || s.covered(w.start, w.end) || w.start >= len(s.String) {
			continue
		}
		written := s.String[w.start:w.end]
		first, _ := utf8.DecodeRuneInString(written)
		if s.claims.known[written] || len(w.text) < 2 {
			continue
		}
		begins := strings.TrimRight(s.String[:w.start], ` "'“‘([*`)
		initial := begins == "" || strings.ContainsAny(begins[len(begins)-1:], ":.!?\n")
		if chinese && !initial || chinese && unicode.IsUpper(first) || unicode.IsUpper(first) && !initial {
			report("a name that no fact carries", w.start, w.end)
		}
	}
}
