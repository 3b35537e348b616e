package reply

import (
	"slices"
	"strings"
	"unicode"
	"unicode/utf8"

	"github.com/floorwalker/floorwalker/nlu/fold"
)

// sentence is one that is looked at. Offsets are those of the folded text.
type sentence struct {
	*Ground
	fold.Text
	original string
	words    []word
	matches  []match
	clauses  []clause
	before   []*thing // what was spoken of before it
	about    []*thing
	topics   map[string]bool
}

// match is a place that tells a fact, if the rest of its clause does.
type match struct {
	form
	start, end int
	fact       int // that it is taken to tell; -1: none yet
}

// clause is a part of a sentence between commas, conjunctions and the like.
type clause struct {
	start, end int
	major      bool // a comma or the like, not a conjunction, stands before it
	words      []word
	question   bool
	about      []*thing // what it speaks of at its end
	cues       []found  // outside matches
}

// found is a cue in a text.
type found struct {
	cues       []string
	start, end int
}

func (g *Ground) read(text string) *sentence {
	s := &sentence{Ground: g, Text: fold.New(text), original: text}
	s.words = g.claims.words(s.Text)
	s.match()
	s.cut()
	return s
}

// match finds the forms of facts, the longest at each place.
func (s *sentence) match() {
	lower := s.Lower
	for i := 0; i < len(lower); {
		r, size := utf8.DecodeRuneInString(lower[i:])
		advance := size
		for _, f := range s.forms[r] {
			if strings.HasPrefix(lower[i:], f.text) && s.apart(i, i+len(f.text), f) {
				s.matches = append(s.matches, match{f, i, i + len(f.text), -1})
				advance = len(f.text)
				break
			}
		}
		i += advance
	}
}

const numerals = "几数多零〇一二两三四五六七八九十百千万亿半壹贰叁肆伍陆柒捌玖拾佰仟萬億兩廿卅点折成倍"

// apart reports whether a form stands for itself: not within a word, a larger number or an idiom.
func (s *sentence) apart(start, end int, f form) bool {
	lower := s.Lower
	before, _ := utf8.DecodeLastRuneInString(lower[:start])
	after, width := utf8.DecodeRuneInString(lower[end:])
	first, _ := utf8.DecodeRuneInString(f.text)
	last, _ := utf8.DecodeLastRuneInString(f.text)
	if fold.Word(first) && fold.Word(before) && !(f.bare && before == 'x') || fold.Word(last) && fold.Word(after) && !(f.bare && after == 'x') {
		return false
	}
	if f.said && !strings.ContainsAny(f.text, "@+") {
		return strings.ContainsRune(`"'「『《`, before)
	}
	if unicode.Is(unicode.Sc, first) && unicode.IsLetter(before) || f.text == "一" && !strings.ContainsRune("个件只台盒瓶套条把款", after) {
		return false
	}
	if f.whole || f.names() {
		return !strings.ContainsRune(numerals, first) || !strings.ContainsRune(numerals, before)
	}
	digit := func(r rune) bool { return r >= '0' && r <= '9' }
	next, _ := utf8.DecodeRuneInString(lower[min(len(lower), end+width):])
	previous := rune(0)
	if start > 0 {
		_, n := utf8.DecodeLastRuneInString(lower[:start])
		previous, _ = utf8.DecodeLastRuneInString(lower[:start-n])
	}
	switch {
	case figured(first) && strings.ContainsRune(numerals, before) || figured(last) && strings.ContainsRune(numerals, after),
		digit(before) || digit(after), // $2 in $24
		strings.ContainsRune(".:/", before) && digit(first) && (digit(previous) || strings.ContainsRune(numerals, previous)),
		strings.ContainsRune(".:/", after) && digit(next),
		before == ',' && digit(first) && digit(previous) && s.groups(start-1),
		after == ',' && digit(next) && !strings.Contains(f.text, ".") && s.groups(end),
		before == '-' || after == '-' && (digit(next) || unicode.IsLetter(next)) || after == '~' || before == '~',
		before == '.' && digit(first), before == '+' || after == '+',
		strings.ContainsRune("%‰°^²³½¼¾", after) || unicode.Is(unicode.Sc, before) || f.bare && unicode.Is(unicode.Sc, after):
		return false
	}
	return s.countsApart(start, end)
}

// figured reports whether a character is a digit or a Chinese numeral.
func figured(r rune) bool { return r >= '0' && r <= '9' || strings.ContainsRune(numerals, r) }

// groups reports whether a comma may stand within a number: three digits follow, and it isn't a
// Chinese one.
func (s *sentence) groups(comma int) bool {
	rest := s.Lower[comma+1:]
	n := 0
	for n < len(rest) && isDigit(rest[n]) {
		n++
	}
	from, to := s.Span(comma, comma+1)
	return n == 3 && to-from == 1
}

// names reports whether a form names things.
func (f form) names() bool { return len(f.about) > 0 }

// countsApart reports whether the words beside a number don't make it another: two hundred, three
// dollars, 3 million, one moment.
func (s *sentence) countsApart(start, end int) bool {
	for i, w := range s.words {
		if w.end <= start-24 {
			continue
		}
		if w.start > end+24 {
			break
		}
		if n := s.claims.idioms.longest(s.words[i:]); n > 0 && w.start < end && s.words[i+n-1].end > start {
			return false
		}
		beside := w.end <= start && !s.broken(w.end, start) || w.start >= end && !s.broken(end, w.start)
		if beside && !w.han && s.claims.numbers.longest(s.words[i:i+1]) > 0 {
			return false
		}
	}
	return true
}

// broken reports whether more than a space or hyphen is between two offsets.
func (s *sentence) broken(from, to int) bool {
	return strings.Trim(s.Lower[from:to], " -") != ""
}

// cut cuts the sentence into clauses: at commas and the like, and at conjunctions.
func (s *sentence) cut() {
	bounds := []int{0}
	majors := []bool{true}
	add := func(at int, major bool) {
		if at > bounds[len(bounds)-1] {
			bounds, majors = append(bounds, at), append(majors, major)
		}
	}
	inMatch := func(i int) bool {
		return slices.ContainsFunc(s.matches, func(m match) bool { return m.start <= i && i < m.end })
	}
	at := 0
	for i, r := range s.Lower {
		for at < len(s.words) && s.words[at].start < i {
			at++
		}
		if inMatch(i) {
			continue
		}
		switch {
		case strings.ContainsRune(",;:()\n?!、。", r) || r == '-' && i > 0 && s.Lower[i-1] == ' ':
			if (r == ',' || r == ':') && i > 0 && i+1 < len(s.Lower) && isDigit(s.Lower[i-1]) && isDigit(s.Lower[i+1]) {
				continue
			}
			add(i+utf8.RuneLen(r), r != '(' && r != ')')
		case at < len(s.words) && s.words[at].start == i && slices.Contains([]string{"and", "or", "but", "while", "whereas", "和", "与", "及", "但", "而"}, s.words[at].text):
			if r >= 0x80 && !inMatch(i-1) && !inMatch(s.words[at].end) {
				continue // 和 within a word
			}
			add(i, false)
		}
	}
	for k, from := range bounds {
		to := len(s.Lower)
		if k+1 < len(bounds) {
			to = bounds[k+1]
		}
		c := clause{start: from, end: to, major: majors[k]}
		for i, w := range s.words {
			if w.start >= from && w.end <= to {
				c.words = append(c.words, w)
				if !inMatch(w.start) {
					if cues, n := s.claims.cue(s.words[i:]); n > 0 && s.words[i+n-1].end <= to {
						c.cues = append(c.cues, found{cues, w.start, s.words[i+n-1].end})
					}
				}
			}
		}
		s.clauses = append(s.clauses, c)
	}
	asks := strings.ContainsAny(s.String, "?")
	for k := range s.clauses {
		c := &s.clauses[k]
		han := slices.ContainsFunc(c.words, func(w word) bool { return w.han })
		c.question = asks && len(c.words) > 0 && (han && s.claims.questions.in(c.words) || !han && s.claims.questions.longest(c.words) > 0)
		if k > 0 && !c.major && s.clauses[k-1].question {
			c.question = true
		}
	}
}

func isDigit(b byte) bool { return '0' <= b && b <= '9' }
