package flow

import (
	"cmp"
	"encoding/json"
	"reflect"
	"slices"
	"strconv"
	"strings"
	"unicode"
	"unicode/utf8"

	"github.com/expr-lang/expr/vm"
	"golang.org/x/text/cases"
	"golang.org/x/text/unicode/norm"

	"github.com/floorwalker/floorwalker/catalog"
)

// choice is an option with the words that also choose it.
type choice struct {
	Option
	say []string
}

// options evaluates an expression that gives choices: strings, or objects with value, label
// and say.
func (m *machine) options(p *vm.Program, fr *Frame) ([]Option, error) {
	choices, err := m.choices(p, fr)
	var out []Option
	for _, c := range choices {
		out = append(out, c.Option)
	}
	return out, err
}

func (m *machine) choices(p *vm.Program, fr *Frame) ([]choice, error) {
	items, err := m.list(p, fr)
	var out []choice
	for _, item := range items {
		if c, ok := m.choice(item); ok {
			out = append(out, c)
		}
	}
	return out, err
}

func (m *machine) choice(item any) (choice, bool) {
	switch v := item.(type) {
	case Option:
		return choice{Option: v}, true
	case string:
		return choice{Option: Option{Value: v, Label: m.everywhere(v)}}, true
	}
	var o struct {
		Value any `json:"value"`
		Label any `json:"label"`
		Say   any `json:"say"`
	}
	fields, ok := plain(item).(map[string]any)
	if !ok {
		word := wordOf(plain(item))
		return choice{Option: Option{Value: word, Label: m.everywhere(word)}}, word != ""
	}
	o.Value, o.Label, o.Say = fields["value"], fields["label"], fields["say"]
	word := wordOf(o.Value)
	if word == "" {
		return choice{}, false
	}
	c := choice{Option: Option{Value: word}, say: strs(o.Say)}
	switch label := o.Label.(type) {
	case map[string]any:
		c.Label = catalog.Text{}
		for l, t := range label {
			c.Label[l] = wordOf(t)
		}
	case nil:
		c.Label = m.everywhere(word)
	default:
		c.Label = m.everywhere(wordOf(label))
	}
	return c, true
}

// strs are all strings in plain JSON, maps in order of their keys.
func strs(v any) []string {
	switch v := v.(type) {
	case string:
		return []string{v}
	case []any:
		var out []string
		for _, e := range v {
			out = append(out, strs(e)...)
		}
		return out
	case map[string]any:
		var out []string
		for _, k := range keysOf(v) {
			out = append(out, strs(v[k])...)
		}
		return out
	}
	return nil
}

// wordOf is a plain value as a choice names it.
func wordOf(v any) string {
	if v == nil {
		return ""
	}
	if s, ok := v.(string); ok {
		return s
	}
	text, err := json.Marshal(v)
	if err != nil {
		return ""
	}
	return string(text)
}

// chosen is the option or offered value that a text takes.
func (m *machine) chosen(fr *Frame, options []choice, said *Said, expected bool) (Value, bool) {
	made := func(v any) (Value, bool) {
		return Value{V: v, Text: said.Text, Offset: last(said.Offsets)}, true
	}
	var offered []Value
	if fr.Wait != nil && expected {
		offered = fr.Wait.Offered
	}
	if said.Choice != "" && expected {
		for _, v := range offered {
			if wordOf(v.V) == said.Choice {
				return v, true
			}
		}
		for _, o := range options {
			if o.Value == said.Choice {
				return made(o.Value)
			}
		}
	}
	for _, v := range offered {
		text := fold(said.Text)
		if text != "" && (text == fold(cmp.Or(labelOf(v), v.Text)) || text == fold(wordOf(v.V))) {
			return v, true
		}
	}
	if n := m.pointedAt(said, max(len(offered), len(options))); n > 0 && expected {
		if len(offered) > 0 {
			return offered[n-1], true
		}
		return made(options[n-1].Value)
	}
	if word, ok := m.matchText(options, said.Text, expected); ok {
		return made(word)
	}
	return Value{}, false
}

// mostBeside is how many words may stand beside "the second one" in an answer that is that.
const mostBeside = 3

// pointedAt is the place, from 1, that a text points at in a list of so many, 0 if it doesn't
// or says more.
func (m *machine) pointedAt(said *Said, many int) int {
	for _, e := range said.Entities {
		n, err := strconv.Atoi(e.Value)
		if e.Type != "reference" || err != nil || n < 1 || n > many || e.Start < 0 || e.End > len(said.Text) || e.Start > e.End {
			continue
		}
		rest := wordsIn(tokens(said.Text[:e.Start] + " " + said.Text[e.End:]))
		if len(rest) <= mostBeside && !slices.Contains(rest, "?") && !m.set.assent.not.in(rest) {
			return n
		}
	}
	return 0
}

// leastShare of words is how much a text and a choice must have in common, either of the
// other, for the one to be the other in other words.
const leastAlike = 0.5

// matchText is the value of the choice that a text names: word for word, contained, or, where
// a choice is expected, the best alone of those that are nearly the text. Words shared by
// chance, a question and a denial name no choice.
func (m *machine) matchText(choices []choice, text string, expected bool) (string, bool) {
	if fold(text) == "" {
		return "", false
	}
	best, longest := "", 0
	for _, c := range choices {
		for _, n := range c.names() {
			if fold(n) == fold(text) {
				return c.Value, true
			}
			if size := len(tokens(n)); size > longest && m.says(text, n, expected) {
				best, longest = c.Value, size
			}
		}
	}
	if longest > 0 || !expected {
		return best, longest > 0
	}
	said := terms(text)
	words := wordsIn(tokens(text))
	top, unique := 0.0, false
	for _, c := range choices {
		share := 0.0
		for _, n := range c.names() {
			share = max(share, alike(terms(n), said))
		}
		switch {
		case share > top:
			top, best, unique = share, c.Value, true
		case share == top && share > 0:
			unique = false
		}
	}
	return best, unique && top >= leastAlike && !slices.Contains(words, "?") && !m.set.assent.not.in(words)
}

// names are all words for a choice.
func (c choice) names() []string {
	out := []string{c.Value}
	for _, l := range keysOf(c.Label) {
		out = append(out, c.Label[l])
	}
	return append(out, c.say...)
}

// says reports whether a text has a phrase in it that isn't denied, nor, where it would be an
// answer, asked. Unless an answer is expected, one character is too little.
func (m *machine) says(text, phrase string, expected bool) bool {
	want := wordsIn(tokens(phrase))
	if len(want) == 0 || !expected && utf8.RuneCountInString(strings.Join(want, "")) == 1 {
		return false
	}
	for _, clause := range sentences(text) {
		words := wordsIn(tokens(clause))
		for i := 0; i+len(want) <= len(words); i++ {
			if !slices.Equal(words[i:i+len(want)], want) {
				continue
			}
			if !m.set.assent.not.in(words[max(0, i-farDenial):i]) && !(expected && slices.Contains(words[i:], "?")) {
				return true
			}
		}
	}
	return false
}

// farDenial is how many words before a phrase a denial of it may stand.
const farDenial = 3

// sentences parts a text at marks and ends of lines; a mark stays with what is before it.
func sentences(text string) []string {
	return strings.FieldsFunc(strings.NewReplacer("?", "?\n", "？", "？\n").Replace(text), func(r rune) bool {
		return strings.ContainsRune("\n.!;,。！；，、", r)
	})
}

// terms are the words of a text; of Chinese, each two characters side by side.
func terms(text string) []string {
	var out []string
	all := tokens(text)
	for i, t := range all {
		r, size := utf8.DecodeRuneInString(t.word)
		if !isHan(r) {
			out = append(out, t.word)
			continue
		}
		if i+1 < len(all) && all[i+1].at == t.at+size {
			if next, _ := utf8.DecodeRuneInString(all[i+1].word); isHan(next) {
				out = append(out, t.word+all[i+1].word)
			}
		}
	}
	return out
}

// alike is the share of terms that each of two texts has of the other's, the smaller one.
func alike(a, b []string) float64 {
	if len(a) == 0 || len(b) == 0 {
		return 0
	}
	shared := func(of, in []string) float64 {
		n := 0
		for _, w := range of {
			if slices.Contains(in, w) {
				n++
			}
		}
		return float64(n) / float64(len(of))
	}
	return min(shared(a, b), shared(b, a))
}

// fold makes texts alike that differ in case, width and space only.
func fold(s string) string {
	return strings.Join(strings.Fields(cases.Fold().String(norm.NFKC.String(s))), " ")
}

func isHan(r rune) bool { return unicode.Is(unicode.Han, r) }

// wordsOf splits a text into words; each Chinese character is one.
func wordsOf(s string) []string {
	var out []string
	var word []rune
	flush := func() {
		if len(word) > 0 {
			out, word = append(out, string(word)), nil
		}
	}
	for _, r := range s {
		switch {
		case isHan(r):
			flush()
			out = append(out, string(r))
		case unicode.IsLetter(r) || unicode.IsDigit(r) || r == '\'':
			word = append(word, r)
		default:
			flush()
		}
	}
	flush()
	return out
}

// sameValue compares slot values as plain JSON.
func sameValue(a, b any) bool { return reflect.DeepEqual(plain(a), plain(b)) }
