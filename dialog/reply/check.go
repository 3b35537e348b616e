package reply

import (
	_ "embed"
	"fmt"
	"strings"
	"unicode"
	"unicode/utf8"

	"github.com/goccy/go-yaml"

	"github.com/floorwalker/floorwalker/dialog/journal"
)

//go:embed promises.yaml
var promisesFile []byte

// Finding is a place in a text that must not leave.
type Finding struct {
	What       string // "a figure that no fact carries", …
	Text       string // the place's text
	Start, End int    // half-open byte offsets
}

func (f *Finding) Error() string {
	return fmt.Sprintf("%s: %q at %d", f.What, f.Text, f.Start)
}

// Check refuses a text that says more than its facts: a figure, date, promise, address of a
// site or mail, or name outside every fact's place, or a place that doesn't tell its fact.
// Facts are in order of their places. names may be nil. The error is a *Finding.
func (b *Bank) Check(locale, text string, facts []journal.Fact, names Lexicon) error {
	l := b.match(locale)
	end := 0
	for _, f := range facts {
		switch {
		case f.Start < end || f.End <= f.Start || f.End > len(text) ||
			!utf8.RuneStart(text[f.Start]) || f.End < len(text) && !utf8.RuneStart(text[f.End]):
			return &Finding{"a fact out of place", f.Value, f.Start, f.End}
		case f.Record == "":
			return &Finding{"a fact from no record", text[f.Start:f.End], f.Start, f.End}
		case !b.worded(l, f.Fact, text[f.Start:f.End]):
			return &Finding{fmt.Sprintf("not what the %s %q is called", f.Kind, f.Value), text[f.Start:f.End], f.Start, f.End}
		}
		end = f.End
	}
	if found := b.rules.find(text, facts, names); found != nil {
		return found
	}
	return nil
}

// rules are promises.yaml, ready to match.
type rules struct {
	promises, harmless, dates       phrases
	numbers, one, measured, counted phrases
	sites                           phrases
}

func loadRules(file []byte) (*rules, error) {
	var lists map[string][][]string
	if err := yaml.Unmarshal(file, &lists); err != nil {
		return nil, fmt.Errorf("promises.yaml: %w", err)
	}
	set := func(keys ...string) phrases {
		p := phrases{}
		for _, key := range keys {
			for _, row := range lists[key] {
				for _, phrase := range row {
					p.add(lexemes(phrase))
				}
			}
		}
		return p
	}
	return &rules{
		promises: set("promises", "periods"), harmless: set("harmless"), dates: set("dates"),
		numbers: set("numbers"), one: set("one"), measured: set("measured"),
		counted: set("counted"), sites: set("sites"),
	}, nil
}

// find returns the first place outside facts that needs one, nil if there is none.
func (r *rules) find(text string, facts []journal.Fact, names Lexicon) *Finding {
	m := mask{text, facts}
	if found := r.signs(m); found != nil {
		return found
	}
	words := lexemes(text)
	if found := r.phrases(m, words); found != nil {
		return found
	}
	if names == nil {
		return nil
	}
	var found *Finding
	names.Find(text, func(start, end int) bool {
		if m.bare(start, end) {
			found = m.finding("a name that no fact carries", start, end)
		}
		return found == nil
	})
	return found
}

// mask is a text and the places of its facts.
type mask struct {
	text  string
	facts []journal.Fact
}

func (m mask) finding(what string, start, end int) *Finding {
	return &Finding{what, m.text[start:end], start, end}
}

// bare reports whether a letter or digit between two offsets lies outside every fact.
func (m mask) bare(start, end int) bool {
	next := 0
	for i, c := range m.text[start:end] {
		at := start + i
		for next < len(m.facts) && m.facts[next].End <= at {
			next++
		}
		inside := next < len(m.facts) && m.facts[next].Start <= at
		if !inside && (unicode.IsLetter(c) || unicode.IsNumber(c)) {
			return true
		}
	}
	return false
}

// signs looks for single characters that only facts have: digits, currency and percent
// signs, and the marks of mail and site addresses.
func (r *rules) signs(m mask) *Finding {
	next := 0
	for i, c := range m.text {
		for next < len(m.facts) && m.facts[next].End <= i {
			next++
		}
		if next < len(m.facts) && m.facts[next].Start <= i {
			continue
		}
		what := ""
		switch {
		case c < 0x80 && (c|0x20 >= 'a' && c|0x20 <= 'z' || c == ' '):
			continue
		case unicode.IsNumber(c):
			what = "a figure that no fact carries"
		case strings.ContainsRune("%‰％", c) || unicode.Is(unicode.Sc, c):
			what = "an amount that no fact carries"
		case c == '@' || c == '＠':
			what = "an address that no fact carries"
		case c == ':' && strings.HasPrefix(m.text[i:], "://"):
			what = "a link that no fact carries"
		case c == '.' && r.site(m.text, i):
			what = "a link that no fact carries"
		case c == '-' && isCode(m.text, i):
			what = "a code that no fact carries"
		}
		if what != "" {
			start, end := m.around(i)
			return m.finding(what, start, end)
		}
	}
	return nil
}

// around widens a place to the blanks about it, for a message that helps.
func (m mask) around(at int) (start, end int) {
	start, end = at, at
	blank := func(c rune) bool { return unicode.IsSpace(c) || ideographic(c) }
	if i := strings.LastIndexFunc(m.text[:at], blank); i >= 0 {
		_, size := utf8.DecodeRuneInString(m.text[i:])
		start = i + size
	} else {
		start = 0
	}
	_, size := utf8.DecodeRuneInString(m.text[at:])
	if i := strings.IndexFunc(m.text[at+size:], blank); i >= 0 {
		end = at + size + i
	} else {
		end = len(m.text)
	}
	return start, end
}

// site reports whether the dot at i is one in a site's name: example.com, www.example.
func (r *rules) site(text string, i int) bool {
	left, right := wordBefore(text, i), wordAfter(text, i+1)
	if left == "" || right == "" {
		return false
	}
	return strings.EqualFold(left, "www") || r.sites.longest(lexemes(right)) > 0
}

// isCode reports whether the hyphen at i joins capitals, as in FL-BLU.
func isCode(text string, i int) bool {
	left, right := wordBefore(text, i), wordAfter(text, i+1)
	return len(left) > 1 && len(right) > 1 && left == strings.ToUpper(left) && right == strings.ToUpper(right)
}

func wordBefore(text string, i int) string {
	start := i
	for start > 0 && asciiLetter(text[start-1]) {
		start--
	}
	return text[start:i]
}

func wordAfter(text string, i int) string {
	end := i
	for end < len(text) && asciiLetter(text[end]) {
		end++
	}
	return text[i:end]
}

func asciiLetter(c byte) bool { return 'a' <= c|0x20 && c|0x20 <= 'z' }

// phrases looks for promises, dates and numbers in words.
func (r *rules) phrases(m mask, words []lexeme) *Finding {
	for i := 0; i < len(words); {
		rest := words[i:]
		if size := r.harmless.longest(rest); size > 0 {
			i += size
			continue
		}
		what, size := r.phrase(rest, i > 0 && m.text[words[i-1].start:words[i-1].end] == "第")
		if size > 0 && m.bare(rest[0].start, rest[size-1].end) {
			return m.finding(what, rest[0].start, rest[size-1].end)
		}
		i++
	}
	return nil
}

func (r *rules) phrase(words []lexeme, ordinal bool) (string, int) {
	if size := r.promises.longest(words); size > 0 {
		return "a promise that no fact carries", size
	}
	if size := r.dates.longest(words); size > 0 {
		return "a date that no fact carries", size
	}
	if ordinal {
		return "", 0
	}
	const what = "a figure in words that no fact carries"
	size := r.numbers.longest(words)
	if size == 0 {
		if size = r.one.longest(words); size == 0 {
			return "", 0
		}
		if end := unit(words, size, r.measured); end > 0 {
			return what, end
		}
		return "", 0
	}
	if end := unit(words, size, r.measured, r.counted); end > 0 {
		return what, end
	}
	return "", 0
}

// unit returns where a unit ends that begins at words[from] or, in an alphabet, one word on.
func unit(words []lexeme, from int, units ...phrases) int {
	for gap := 0; gap < 2 && from+gap < len(words); gap++ {
		if gap == 1 && words[from].wide {
			return 0
		}
		for _, u := range units {
			if size := u.longest(words[from+gap:]); size > 0 {
				return from + gap + size
			}
		}
	}
	return 0
}
