package entity

import (
	"cmp"
	"fmt"
	"regexp"
	"slices"
	"strings"
	"unicode"
)

// Shape is what a shop's order ids look like, learnt from samples. The zero value takes a few
// letters and at least four digits for one. It is immutable.
type Shape struct {
	templates []template
}

// template is one way in which ids are built: runs of letters, digits and separators.
type template struct {
	pattern *regexp.Regexp
	parts   []part
	bare    *regexp.Regexp // the digits alone, where all else is always the same; nil otherwise
}

// part is one run of an id.
type part struct {
	kind     byte   // 'a' letters, 'd' digits, 's' one other character
	literal  string // what it always is; empty if it varies
	min, max int    // characters
	upper    bool   // letters: always upper case
}

// maxTemplates bounds how many ways of building ids are told apart; a shop with more has ids
// without a form, as hashes have.
const maxTemplates = 4

// ShapeOf learns the shape of order ids.
func ShapeOf(ids []string) Shape {
	groups := map[string][]part{}
	count := map[string]int{}
	for _, id := range ids {
		parts := split(id)
		key := signature(parts)
		count[key]++
		if seen, ok := groups[key]; ok {
			groups[key] = widen(seen, parts)
		} else if len(parts) > 0 {
			groups[key] = parts
		}
	}
	keys := make([]string, 0, len(groups))
	for k := range groups {
		keys = append(keys, k)
	}
	slices.SortFunc(keys, func(a, b string) int { return cmp.Or(cmp.Compare(count[b], count[a]), cmp.Compare(a, b)) })
	if len(keys) > maxTemplates {
		return Shape{templates: []template{formless(ids)}}
	}
	var s Shape
	for _, k := range keys {
		s.templates = append(s.templates, compile(groups[k]))
	}
	return s
}

func split(id string) []part {
	var parts []part
	for _, r := range strings.TrimSpace(id) {
		kind := byte('s')
		switch {
		case r < 128 && unicode.IsLetter(r):
			kind = 'a'
		case r < 128 && unicode.IsDigit(r):
			kind = 'd'
		}
		if n := len(parts); n > 0 && kind != 's' && parts[n-1].kind == kind {
			parts[n-1].literal += string(r)
		} else {
			parts = append(parts, part{kind: kind, literal: string(r)})
		}
	}
	for i, p := range parts {
		parts[i].min, parts[i].max = len(p.literal), len(p.literal)
		parts[i].upper = p.literal == strings.ToUpper(p.literal)
		if p.kind == 'd' {
			parts[i].literal = ""
		}
	}
	return parts
}

func signature(parts []part) string {
	var b strings.Builder
	for _, p := range parts {
		b.WriteByte(p.kind)
		if p.kind == 's' {
			b.WriteString(p.literal)
		}
	}
	return b.String()
}

func widen(a, b []part) []part {
	out := slices.Clone(a)
	for i := range out {
		if out[i].literal != b[i].literal {
			out[i].literal = ""
		}
		out[i].min, out[i].max = min(a[i].min, b[i].min), max(a[i].max, b[i].max)
		out[i].upper = a[i].upper && b[i].upper
	}
	return out
}

// slack is by how many digits an id that begins with the shop's letters may be too short or
// too long and still be meant for one: "not found" is a better answer to it than silence.
const slack = 2

func compile(parts []part) template {
	t := template{parts: parts}
	hasLetters := slices.ContainsFunc(parts, func(p part) bool { return p.kind == 'a' })
	var b strings.Builder
	b.WriteString(`(?i)#?\s?`)
	fixed, digits := true, -1
	for i, p := range parts {
		if i > 0 && p.kind != 's' && parts[i-1].kind != 's' {
			b.WriteString(`[\s-]?`)
		}
		switch {
		case p.kind == 's' && i == 0:
			b.WriteString(regexp.QuoteMeta(p.literal) + `?\s?`)
		case p.kind == 's':
			b.WriteString(`[\s_-]?` + regexp.QuoteMeta(p.literal) + `?[\s_-]?`)
		case p.literal != "":
			b.WriteString(regexp.QuoteMeta(p.literal))
		case p.kind == 'a':
			fmt.Fprintf(&b, `([a-z]{%d,%d})`, p.min, p.max)
			fixed = false
		case hasLetters:
			fmt.Fprintf(&b, `(\d{%d,%d})`, max(min(3, p.min), p.min-slack), p.max+slack)
		default:
			fmt.Fprintf(&b, `(\d{%d,%d})`, p.min, p.max)
		}
		if p.kind == 'd' {
			fixed = fixed && digits < 0
			digits = i
		}
	}
	t.pattern = safe(b.String())
	if fixed && digits >= 0 && parts[digits].min >= 4 {
		t.bare = safe(fmt.Sprintf(`\d{%d,%d}`, parts[digits].min, parts[digits].max))
	}
	if !hasLetters {
		t.pattern = nil // digits alone are taken only where they can't be something else
	}
	return t
}

// formless takes ids that have no form but a length, if they have digits and letters both.
func formless(ids []string) template {
	lo, hi := 1<<10, 0
	for _, id := range ids {
		lo, hi = min(lo, len(id)), max(hi, len(id))
	}
	lo, hi = min(max(lo, 5), 100), min(max(hi, 5), 100)
	return template{pattern: safe(fmt.Sprintf(`[A-Za-z0-9][A-Za-z0-9_-]{%d,%d}`, lo-1, hi-1))}
}

// safe compiles a pattern; one that an odd id makes impossible (a run of thousands of digits)
// matches nothing.
func safe(pattern string) *regexp.Regexp {
	re, err := regexp.Compile(pattern)
	if err != nil {
		return nil
	}
	return re
}

// canonical writes an id as the shop does, from the runs that vary.
func (t template) canonical(groups []string) string {
	var b strings.Builder
	for _, p := range t.parts {
		switch {
		case p.literal != "":
			b.WriteString(p.literal)
		case len(groups) == 0:
		case p.kind == 'a' && p.upper:
			b.WriteString(strings.ToUpper(groups[0]))
			groups = groups[1:]
		default:
			b.WriteString(groups[0])
			groups = groups[1:]
		}
	}
	return b.String()
}

var (
	commonID   = regexp.MustCompile(`#?\s?[A-Za-z]{1,4}[-]?\d{4,12}`)
	digitsOnly = regexp.MustCompile(`\d{4,18}`)
	orderCue   = regexp.MustCompile(`(?:order|purchase|订单号?|单号|编号|那单|这单|#)\s*(?:id|no\.?|nr\.?|num(?:ber)?)?\s*(?:is|was|:|=|#|是|为)?\s*#?\s*$`)
	zipCue     = regexp.MustCompile(`(?:zip|zip ?code|postal|post ?code|postal code|邮编|邮政编码)\s*(?:is|was|:|=|是|为)?\s*$`)
	unitAfter  = regexp.MustCompile(`^\s?(?:days?|weeks?|months?|years?|hours?|minutes?|mins?|inch(?:es)?|cm|mm|m|km|ft|feet|ml|l|oz|g|kg|lbs?|mah|w|watts?|v|gb|tb|mb|hz|%|pcs|pieces?|items?|people|times|percent|天|周|星期|个月|年|小时|分钟|寸|英寸|厘米|毫米|米|毫升|升|克|千克|公斤|斤|瓦|件|个|只|台|人|次|号|楼|室)(?:[^a-z]|$)`)
)

// orderIDs finds ids written with the shop's letters.
func orderIDs(in *input) []hit {
	if len(in.shape.templates) == 0 {
		return in.matches(commonID, func(s string) (string, bool) {
			return strings.ToUpper(strings.Join(strings.Fields(s), "")), true
		})
	}
	var out []hit
	for _, t := range in.shape.templates {
		if t.pattern == nil {
			continue
		}
		for _, m := range t.pattern.FindAllStringSubmatchIndex(in.String, -1) {
			h := trimmed(in, hit{kind: "order_id", start: m[0], end: m[1]})
			if !in.apart(h.start, h.end) {
				continue
			}
			if len(t.parts) == 0 {
				h.value = in.String[h.start:h.end]
				if !strings.ContainsAny(h.value, "0123456789") || strings.Trim(h.value, "0123456789") == "" {
					continue
				}
			} else {
				var groups []string
				for g := 2; g+1 < len(m); g += 2 {
					groups = append(groups, in.String[m[g]:m[g+1]])
				}
				h.value = t.canonical(groups)
			}
			out = append(out, h)
		}
	}
	return disjoint(out)
}

// bareOrderIDs finds the digits of an id alone, after a word for orders or where the bot asked
// for one, and where ids are nothing but digits.
func bareOrderIDs(in *input) []hit {
	var out []hit
	take := func(re *regexp.Regexp, certain bool, value func(string) string) {
		for _, m := range re.FindAllStringIndex(in.String, -1) {
			if !in.apart(m[0], m[1]) || zipCue.MatchString(in.before(m[0], 40)) {
				continue
			}
			if certain || in.expects["order_id"] || orderCue.MatchString(in.before(m[0], 40)) {
				start := m[0]
				if start > 0 && in.String[start-1] == '#' {
					start--
				}
				out = append(out, hit{"order_id", value(in.String[m[0]:m[1]]), start, m[1]})
			}
		}
	}
	if len(in.shape.templates) == 0 {
		take(digitsOnly, false, func(s string) string { return s })
	}
	for _, t := range in.shape.templates {
		if t.bare != nil {
			certain := t.pattern == nil && t.parts[0].min >= 6
			take(t.bare, certain, func(s string) string { return t.canonical([]string{s}) })
		}
	}
	return disjoint(out)
}

// matches is a hit for each match that stands apart and that value takes.
func (in *input) matches(re *regexp.Regexp, value func(string) (string, bool)) []hit {
	var out []hit
	for _, m := range re.FindAllStringIndex(in.String, -1) {
		h := trimmed(in, hit{kind: "order_id", start: m[0], end: m[1]})
		if v, ok := value(in.String[h.start:h.end]); ok && in.apart(h.start, h.end) {
			h.value = v
			out = append(out, h)
		}
	}
	return out
}

// trimmed drops spaces at the ends of a hit.
func trimmed(in *input, h hit) hit {
	s := in.String[h.start:h.end]
	h.start += len(s) - len(strings.TrimLeft(s, " \n"))
	h.end -= len(s) - len(strings.TrimRight(s, " \n"))
	if h.start >= h.end {
		h.start, h.end = 0, 0
	}
	return h
}

// disjoint keeps the longest of hits that overlap.
func disjoint(hits []hit) []hit {
	slices.SortStableFunc(hits, func(a, b hit) int {
		return cmp.Or(cmp.Compare(b.end-b.start, a.end-a.start), cmp.Compare(a.start, b.start))
	})
	var out []hit
	for _, h := range hits {
		if !slices.ContainsFunc(out, func(o hit) bool { return h.start < o.end && o.start < h.end }) {
			out = append(out, h)
		}
	}
	return out
}
