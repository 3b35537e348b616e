package reply

import (
	"slices"
	"strings"
	"unicode"
	"unicode/utf8"

	"github.com/floorwalker/floorwalker/catalog"
	"github.com/floorwalker/floorwalker/dialog/journal"
	"github.com/floorwalker/floorwalker/nlu/fold"
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
