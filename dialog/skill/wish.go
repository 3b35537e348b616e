package skill

import (
	"cmp"
	"slices"
	"strings"
	"unicode"

	"github.com/floorwalker/floorwalker/catalog"
	"github.com/floorwalker/floorwalker/nlu"
)

// wish is what somebody wants a variant to be like.
type wish struct {
	allowed  map[string][]string // by option: one of these values
	either   [][]option          // one of each list
	excluded []option
	byPrice  int  // -1: the cheapest, 1: the dearest
	bySize   int  // -1: smaller, 1: larger
	same     bool // the very thing again
	any      bool // whichever
}

func (w wish) empty() bool {
	return len(w.allowed) == 0 && len(w.either) == 0 && len(w.excluded) == 0 && w.byPrice == 0 && w.bySize == 0 && !w.same && !w.any
}

// onlySays reports whether all that is wished for is what a thing has already.
func (w wish) onlySays(options map[string]string) bool {
	for name, values := range w.allowed {
		if slices.ContainsFunc(values, func(v string) bool { return options[name] != v }) {
			return false
		}
	}
	for _, list := range w.either {
		if !slices.ContainsFunc(list, func(o option) bool { return options[o.name] == o.value }) {
			return false
		}
	}
	return len(w.excluded) == 0 && w.byPrice == 0 && w.bySize == 0 && !w.same && !w.any
}

func (w wish) fits(options map[string]string) bool {
	for name, values := range w.allowed {
		if !slices.Contains(values, options[name]) {
			return false
		}
	}
	for _, list := range w.either {
		if !slices.ContainsFunc(list, func(o option) bool { return options[o.name] == o.value }) {
			return false
		}
	}
	return !slices.ContainsFunc(w.excluded, func(o option) bool { return options[o.name] == o.value })
}

// speaks reports whether the wish says anything of an option.
func (w wish) speaks(name string) bool {
	if _, ok := w.allowed[name]; ok {
		return true
	}
	return slices.ContainsFunc(w.either, func(list []option) bool {
		return slices.ContainsFunc(list, func(o option) bool { return o.name == name })
	})
}

// hit is a value of an option in a text.
type hit struct {
	start, end int // tokens
	options    []option
	named      bool // the option's name stands beside it
	negated    bool
}

// wishIn reads what a text wants of a product's variants, in the place of a thing that has
// options. sure: it is said in answer to the question, so that bare figures and letters count.
func (s *Set) wishIn(text string, entities []nlu.Entity, p *catalog.Product, has map[string]string, sure bool) wish {
	tokens := tokensOf(text)
	hits := s.valuesIn(text, tokens, p, sure)
	hits = append(hits, entityValues(tokens, hits, entities, p)...)
	w := wish{allowed: map[string][]string{}}
	for _, h := range hits {
		switch {
		case h.negated:
			w.excluded = append(w.excluded, h.options...)
		case len(h.options) == 1:
			o := h.options[0]
			w.allowed[o.name] = appendNew(w.allowed[o.name], o.value)
		default:
			w.either = append(w.either, h.options)
		}
	}
	for name, value := range s.lackingIn(text, tokens, p) {
		w.allowed[name] = appendNew(w.allowed[name], value)
	}
	for name, values := range w.allowed { // "a white one instead of the black one"
		if len(values) > 1 {
			w.allowed[name] = slices.DeleteFunc(values, func(v string) bool { return v == has[name] })
		}
	}
	w.byPrice = s.words.byPrice(text)
	switch {
	case len(w.allowed) > 0: // "large" may be a value
	case s.words.large.in(text):
		w.bySize = 1
	case s.words.small.in(text):
		w.bySize = -1
	}
	w.same = s.change.same.in(text)
	w.any = sure && s.change.anyOne.in(text)
	return w
}

// valuesIn finds values of a product's options in a text, the longest first.
func (s *Set) valuesIn(text string, tokens []token, p *catalog.Product, sure bool) []hit {
	var found []hit
	for _, o := range optionsOf(p) {
		for _, spelling := range spellings(p, o.name, o.value) {
			words := wordsOf(tokensOf(spelling))
			for at := range tokens {
				if !standsAt(tokens, at, words) {
					continue
				}
				h := hit{start: at, end: at + len(words), options: []option{o}, named: s.optionNamedAt(tokens, at, at+len(words), o.name)}
				if h.named || !s.weakValue(text[tokens[at].start:tokens[h.end-1].end], words, sure) {
					h.negated = s.negatedAt(text, tokens, at)
					found = append(found, h)
				}
			}
		}
	}
	slices.SortStableFunc(found, func(a, b hit) int {
		return cmp.Or(cmp.Compare(b.end-b.start, a.end-a.start), cmp.Compare(boolInt(b.named), boolInt(a.named)), cmp.Compare(a.start, b.start))
	})
	var out []hit
	for _, h := range found {
		same := slices.IndexFunc(out, func(o hit) bool { return o.start == h.start && o.end == h.end })
		switch {
		case same >= 0 && out[same].named == h.named:
			if !slices.Contains(out[same].options, h.options[0]) {
				out[same].options = append(out[same].options, h.options[0])
			}
		case !slices.ContainsFunc(out, func(o hit) bool { return h.start < o.end && o.start < h.end }):
			out = append(out, h)
		}
	}
	return out
}

func boolInt(b bool) int {
	if b {
		return 1
	}
	return 0
}

// optionsOf are all options with their values that a product comes in, in order.
func optionsOf(p *catalog.Product) []option {
	var out []option
	for _, v := range p.Variants {
		for name, value := range v.Options {
			if o := (option{name, value}); !slices.Contains(out, o) {
				out = append(out, o)
			}
		}
	}
	slices.SortFunc(out, func(a, b option) int {
		return cmp.Or(strings.Compare(a.name, b.name), strings.Compare(a.value, b.value))
	})
	return out
}

// weakValue reports whether words are too little to be a value by themselves: a letter, a
// figure, a word such as "no".
func (s *Set) weakValue(written string, words []string, sure bool) bool {
	if len(words) > 1 {
		return false
	}
	word := words[0]
	if s.change.none[word] || word == "yes" || word == "one" {
		return true
	}
	if sure {
		return false
	}
	figure := strings.Trim(word, "0123456789.") == ""
	capital := len(written) == 1 && unicode.IsUpper(rune(written[0])) && written != "I" && written != "A"
	return figure || len([]rune(word)) == 1 && !capital
}

// optionNamedAt reports whether an option's name stands right before a value, or right after it.
func (s *Set) optionNamedAt(tokens []token, start, end int, name string) bool {
	for _, words := range s.optionCalls(name) {
		if len(words) == 0 {
			continue
		}
		if start >= len(words) && standsAt(tokens, start-len(words), words) {
			return true
		}
		if start > len(words) && standsAt(tokens, start-len(words)-1, words) && s.change.links[tokens[start-1].word] {
			return true
		}
		if standsAt(tokens, end, words) && len(words[0]) > 2 {
			return true
		}
	}
	return false
}

// optionCalls are the words for an option.
func (s *Set) optionCalls(name string) [][]string {
	out := [][]string{wordsOf(tokensOf(strings.ReplaceAll(name, "_", " ")))}
	for _, call := range s.words.OptionNames[strings.ToLower(name)].all() {
		out = append(out, wordsOf(tokensOf(call)))
	}
	return out
}

// farNegation is how many words before a value a negation of it may end.
const farNegation = 1

// negatedAt reports whether a negation stands before a value.
func (s *Set) negatedAt(text string, tokens []token, at int) bool {
	before := text[:tokens[at].start]
	for _, span := range s.change.negation.pattern.FindAllStringIndex(before, -1) {
		between := 0
		for _, t := range tokens[:at] {
			if t.start >= span[1] {
				between++
			}
		}
		if between <= farNegation {
			return true
		}
	}
	return false
}

// lackingIn are the options that a text wants a thing to be without, with the value that says so.
func (s *Set) lackingIn(text string, tokens []token, p *catalog.Product) map[string]string {
	out := map[string]string{}
	for _, o := range optionsOf(p) {
		if !s.change.none[strings.ToLower(o.value)] {
			continue
		}
		for _, words := range s.optionCalls(o.name) {
			for at := range tokens {
				if standsAt(tokens, at, words) && s.change.without.pattern.MatchString(text[tokens[max(0, at-2)].start:tokens[at].start]) {
					out[o.name] = o.value
				}
			}
		}
	}
	return out
}

// entityValues are values that nlu found and that aren't among the hits: by other words.
func entityValues(tokens []token, hits []hit, entities []nlu.Entity, p *catalog.Product) []hit {
	all := optionsOf(p)
	var out []hit
	for _, e := range entities {
		name, value, ok := strings.Cut(e.Value, "=")
		if e.Type != "option" || !ok || !slices.Contains(all, option{name, value}) {
			continue
		}
		h := hit{start: -1, options: []option{{name, value}}}
		for i, t := range tokens {
			if t.start >= e.Start && t.end <= e.End {
				if h.start < 0 {
					h.start = i
				}
				h.end = i + 1
			}
		}
		overlaps := func(o hit) bool { return h.start < o.end && o.start < h.end }
		if h.start >= 0 && !slices.ContainsFunc(hits, overlaps) && !slices.ContainsFunc(out, overlaps) {
			out = append(out, h)
		}
	}
	return out
}
