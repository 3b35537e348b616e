package numeral

import "regexp"

// Span is a value at half-open byte offsets of the folded text.
type Span struct {
	Value      string
	Start, End int
}

// relative are places counted from the end or from where one is.
var relative = []struct {
	pattern *regexp.Regexp
	value   string
}{
	{regexp.MustCompile(`\bantepenultimate\b`), "end-2"},
	{regexp.MustCompile(`\bpenultimate\b|\b(?:the )?(?:one before the last(?: one)?|second[ -]to[ -]last|last but one)\b|倒数第二`), "end-1"},
	{regexp.MustCompile(`\b(?:last|final)\b|最后一?|最後一?`), "end+0"},
	{regexp.MustCompile(`\b(?:previous|preceding)(?: one)?\b|上一(?:个|個|条|件)`), "current-1"},
	{regexp.MustCompile(`\b(?:next|following)(?: one)?\b|下一(?:个|個|条|件)`), "current+1"},
	{regexp.MustCompile(`\bcurrent(?: one)?\b`), "current+0"},
}

var suffixes = map[string]bool{"st": true, "nd": true, "rd": true, "th": true}

// Ordinals are the places that a text names: "3" for "third", "end-1" for "second to last".
func (x *Text) Ordinals() []Span {
	var out []Span
	for _, r := range relative {
		for _, m := range r.pattern.FindAllStringIndex(x.Lower, -1) {
			if !overlaps(out, m[0], m[1]) {
				out = append(out, Span{r.value, m[0], m[1]})
			}
		}
	}
	for _, n := range x.places() {
		if !overlaps(out, n.Start, n.End) {
			out = append(out, Span{String(n.Value), n.Start, n.End})
		}
	}
	return out
}

// places are the ordinals that are counted from the start.
func (x *Text) places() []Number {
	var out []Number
	for i := 0; i < len(x.tokens); {
		v, next, ok := x.place(i)
		if !ok {
			i++
			continue
		}
		out = append(out, Number{Value: v, first: i, next: next, Start: x.tokens[i].start, End: x.tokens[next-1].end})
		i = next
	}
	return out
}

func (x *Text) place(i int) (float64, int, bool) {
	switch {
	case x.text(i) == "第":
		v, next, _, ok := x.magnitude(i + 1)
		return v, next, ok
	case x.is(i, digits):
		if suffixes[x.text(i+1)] && x.joined(i+1) && !(x.joined(i) && x.is(i-1, word)) {
			return parse(x.text(i)), i + 2, true
		}
		return 0, 0, false
	case !x.is(i, word):
		return 0, 0, false
	}
	if p, ok := parts[x.text(i)]; ok {
		return p, i + 1, p < 100
	}
	v, next, ok := x.cardinal(i, len(x.tokens))
	if !ok {
		return 0, 0, false
	}
	if x.text(next) == "-" {
		next++
	}
	if x.text(next) == "and" {
		next++
	}
	p, ok := parts[x.text(next)]
	switch whole := int64(v); {
	case !ok:
		return 0, 0, false
	case p >= 1000 || p == 100 && v < 100:
		return v * p, next + 1, true
	case p < 10 && whole%10 == 0 && whole >= 20 && whole%100 != 10, p < 100 && whole%100 == 0 && whole > 0:
		return v + p, next + 1, true
	}
	return 0, 0, false
}

func overlaps(spans []Span, start, end int) bool {
	for _, s := range spans {
		if start < s.End && s.Start < end {
			return true
		}
	}
	return false
}
