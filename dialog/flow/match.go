package flow

import (
	"encoding/json"
	"reflect"
	"slices"
	"strings"
	"unicode"

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
		if text != "" && (text == fold(v.Text) || text == fold(wordOf(v.V))) {
			return v, true
		}
	}
	if word, ok := matchText(options, said.Text, expected); ok {
		return made(word)
	}
	return Value{}, false
}

// matchText is the value of the choice that a text names: word for word, contained, or, the
// best alone, by shared words. Where no choice is expected, chance likeness isn't enough.
func matchText(choices []choice, text string, expected bool) (string, bool) {
	text = fold(text)
	if text == "" {
		return "", false
	}
	titles := func(c choice) []string {
		out := []string{c.Value}
		for _, l := range keysOf(c.Label) {
			out = append(out, c.Label[l])
		}
		return out
	}
	best, longest := "", 0
	for _, c := range choices {
		for _, n := range append(titles(c), c.say...) {
			if n = fold(n); n == text {
				return c.Value, true
			} else if containsWords(text, n) && len(n) > longest {
				best, longest = c.Value, len(n)
			}
		}
	}
	if longest > 0 {
		return best, true
	}
	least, words := 0.5, 1
	if !expected {
		least, words = 0.67, 2
	}
	said := wordsOf(text)
	top, unique := 0.0, false
	for _, c := range choices {
		share := 0.0
		for _, n := range titles(c) { // a part of the other words for it says too little
			if s, shared := overlap(wordsOf(fold(n)), said); shared >= words {
				share = max(share, s)
			}
		}
		switch {
		case share > top:
			top, best, unique = share, c.Value, true
		case share == top && share > 0:
			unique = false
		}
	}
	return best, unique && top >= least
}

// fold makes texts alike that differ in case, width and space only.
func fold(s string) string {
	return strings.Join(strings.Fields(cases.Fold().String(norm.NFKC.String(s))), " ")
}

// containsWords reports whether part stands in text, at word boundaries where the script has them.
func containsWords(text, part string) bool {
	if part == "" {
		return false
	}
	if slices.ContainsFunc([]rune(part), isHan) {
		return strings.Contains(text, part)
	}
	return strings.Contains(" "+strings.Join(wordsOf(text), " ")+" ", " "+strings.Join(wordsOf(part), " ")+" ") && len(wordsOf(part)) > 0
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

// overlap is the share of words that a text has, and how many they are.
func overlap(words, text []string) (float64, int) {
	if len(words) == 0 {
		return 0, 0
	}
	n := 0
	for _, w := range words {
		if slices.Contains(text, w) {
			n++
		}
	}
	return float64(n) / float64(len(words)), n
}

// sameValue compares slot values as plain JSON.
func sameValue(a, b any) bool { return reflect.DeepEqual(plain(a), plain(b)) }
