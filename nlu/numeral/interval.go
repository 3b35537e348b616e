package numeral

import (
	"cmp"
	"regexp"
	"slices"
)

// Interval is a range of numbers; an end that is missing is open.
type Interval struct {
	Low, High            *float64
	WithLow, WithHigh    bool // the end belongs to it
	Start, End           int  // half-open byte offsets of the folded text
	NumberFrom, NumberTo int  // of the numbers alone
}

// String is the interval in the notation of mathematics: "[20,50)", "(,300]".
func (v Interval) String() string {
	out := "("
	if v.WithLow {
		out = "["
	}
	if v.Low != nil {
		out += String(*v.Low)
	}
	out += ","
	if v.High != nil {
		out += String(*v.High)
	}
	if v.WithHigh {
		return out + "]"
	}
	return out + ")"
}

// relation of a number to what is meant.
type relation byte

const (
	none relation = iota
	over
	atLeast
	under
	atMost
	equal
	over2 // 比 … 大
)

// The words before a number, and those after it, that make a bound of it. The most particular stand first.
var (
	more   = `(?:more|greater|bigger|larger|higher|taller|longer|heavier|older|later|better)`
	less   = `(?:less|fewer|smaller|lower|shorter|lighter|cheaper|younger|earlier|worse)`
	before = []struct {
		pattern *regexp.Regexp
		is      relation
	}{
		{regexp.MustCompile(`(?:\b(?:equal to or )?` + more + `(?: than)?,? or equal(?: than| to)?|\bequal to or ` + more + ` than|\b(?:no|not) (?:be )?` + less + ` than|\bat least(?: or equal to)?|\bminimum(?: of)?|\bnot under|\bnot below|>\s?=|≥|大于或?者?等于|大於或?者?等於|不小于|不少于|不低于|不小於|不少於|不低於|至少(?:是|有|要)?|最少(?:是|有|要)?|起码)(?:\s+the)?\s*$`), atLeast},
		{regexp.MustCompile(`(?:\b(?:equal to or )?` + less + `(?: than)?,? or equal(?: than| to)?|\bequal to or ` + less + ` than|\b(?:no|not) (?:be )?` + more + ` than|\bnot over|\bnot above|\bat most|\bup to|\bmaximum(?: of)?|<\s?=|≤|小于或?者?等于|小於或?者?等於|不大于|不超过|不超過|不多于|不高于|不大於|不多於|不高於|至多(?:是|有)?|最多(?:是|有)?|不多过)(?:\s+the)?\s*$`), atMost},
		{regexp.MustCompile(`(?:\b` + more + ` than|\bover|\babove|\bexceed(?:s|ed|ing)?|\bsurpass(?:es|ed|ing)?|[^<=]>|^>|大于|大於|超过了?|超過了?|多于|多於|高于|高於|贵过)(?:\s+the)?\s*$`), over},
		{regexp.MustCompile(`(?:\b` + less + ` than|\bunder|\bbelow|\bbeneath|[^>=]<|^<|小于|小於|低于|低於|少于|少於|不到|不足|便宜过)(?:\s+the)?\s*$`), under},
		{regexp.MustCompile(`(?:\bequal(?:s|ing|ed)?(?: to)?|等于|等於)(?:\s+the)?\s*$`), equal},
		{regexp.MustCompile(`比\s*$`), over2},
	}
	after = []struct {
		pattern *regexp.Regexp
		is      relation
	}{
		{regexp.MustCompile(`^\s*(?:(?:or|and) ` + more + `(?: than)?\b|(?:or|and) (?:above|over|up|upwards?)\b|\+|或者?(?:以上|更多|更高|更大))`), atLeast},
		{regexp.MustCompile(`^\s*(?:(?:or|and) ` + less + `(?: than)?\b|(?:or|and) (?:below|under|down)\b|或者?(?:以下|更少|更低|更小))`), atMost},
		{regexp.MustCompile(`^\s*(?:以上|之上)`), over},
		{regexp.MustCompile(`^\s*(?:以下|之下|以内|以內|之内)`), under},
	}
	orEqual   = regexp.MustCompile(`^\s*or equal(?: to)?\b`)
	compared  = regexp.MustCompile(`^(?:还|更)?(大|多|高|长|贵|小|少|低|短|便宜)`)
	joins     = regexp.MustCompile(`^(?:\s*(?:,|，)?\s*(?:and|but|并且?|且|而)?\s*)$`)
	through   = regexp.MustCompile(`^\s*(?:-|~|to|through|until|till|到|至)\s*$`)
	and       = regexp.MustCompile(`^\s*(?:-|~|and|to|与|和|跟|到|至)\s*(?:the\s+)?$`)
	opening   = regexp.MustCompile(`(?:\bbetween|\bfrom|从|在|从)\s*(?:the\s+)?$`)
	betweenZh = regexp.MustCompile(`^\s*(?:之间|之間|间|間)`)
)

// windows are how many bytes before and after a number may make a bound of it.
const (
	windowBefore = 48
	windowAfter  = 24
)

// Intervals are the ranges of numbers and the bounds that a text names.
func (x *Text) Intervals() []Interval {
	numbers := x.Numbers()
	for _, p := range x.places() {
		if !slices.ContainsFunc(numbers, func(n Number) bool { return p.Start < n.End && n.Start < p.End }) {
			numbers = append(numbers, p)
		}
	}
	for _, n := range x.found {
		if x.text(n.next) == "-" || x.text(n.first-1) == "-" { // 1000-5000
			if !slices.ContainsFunc(numbers, func(o Number) bool { return o.Start < n.End && n.Start < o.End }) && !n.attached {
				numbers = append(numbers, n)
			}
		}
	}
	for i := range x.tokens { // more than half
		if x.text(i) == "half" && !slices.ContainsFunc(numbers, func(o Number) bool { return o.first <= i && i < o.next }) {
			numbers = append(numbers, Number{Value: 0.5, first: i, next: i + 1, Start: x.tokens[i].start, End: x.tokens[i].end})
		}
	}
	slices.SortFunc(numbers, func(a, b Number) int { return cmp.Compare(a.Start, b.Start) })
	var out []Interval
	for i := 0; i < len(numbers); i++ {
		if i+1 < len(numbers) {
			if v, ok := x.pair(numbers, i); ok {
				out = append(out, v)
				i++
				continue
			}
		}
		if v, ok := x.bound(numbers[i]); ok {
			out = append(out, v)
		}
	}
	return x.merged(out)
}

// pair reads "between 20 and 30", "20 to 30", "1000-5000".
func (x *Text) pair(numbers []Number, i int) (Interval, bool) {
	a, b := numbers[i], numbers[i+1]
	if b.Value < 0 && b.Start == a.End { // 20-100, where the dash was read as a sign
		b.Value, b.Start = -b.Value, b.Start+1
	}
	if a.End > b.Start || a.Value >= b.Value {
		return Interval{}, false
	}
	gap := x.Lower[a.End:b.Start]
	start, end := a.Start, b.End
	open := opening.FindStringIndex(x.Lower[max(0, a.Start-windowBefore):a.Start])
	closing := betweenZh.FindStringIndex(x.Lower[b.End:min(len(x.Lower), b.End+windowAfter)])
	switch {
	case open != nil && and.MatchString(gap):
		start = max(0, a.Start-windowBefore) + open[0]
	case closing != nil && and.MatchString(gap):
	case through.MatchString(gap) && !x.inChain(numbers, i):
	default:
		return Interval{}, false
	}
	if closing != nil {
		end += closing[1]
	}
	return Interval{Low: &a.Value, High: &b.Value, WithLow: true, Start: start, End: end, NumberFrom: a.Start, NumberTo: b.End}, true
}

// inChain reports whether two numbers belong to a longer row, as of a telephone number or a date.
func (x *Text) inChain(numbers []Number, i int) bool {
	a, b := numbers[i], numbers[i+1]
	return x.text(a.first-1) == "-" || x.text(a.first-1) == "+" || x.text(a.first-1) == "/" || x.text(b.next) == "-" && x.is(b.next+1, digits) || x.text(b.next) == "/" || x.text(b.next) == "="
}

// bound reads the words before and after one number.
func (x *Text) bound(n Number) (Interval, bool) {
	from := max(0, n.Start-windowBefore)
	head, tail := x.Lower[from:n.Start], x.Lower[n.End:min(len(x.Lower), n.End+windowAfter)]
	is, v := none, Interval{Start: n.Start, End: n.End, NumberFrom: n.Start, NumberTo: n.End}
	for _, b := range before {
		if m := b.pattern.FindStringIndex(head); m != nil {
			is, v.Start = b.is, from+m[0]
			for v.Start < n.Start && (x.Lower[v.Start] != '<' && x.Lower[v.Start] != '>') && head[v.Start-from] == ' ' {
				v.Start++
			}
			break
		}
	}
	if is == over2 {
		m := compared.FindStringSubmatchIndex(tail)
		if m == nil {
			return v, false
		}
		is = over
		switch tail[m[2]:m[3]] {
		case "小", "少", "低", "短", "便宜":
			is = under
		}
		v.End += m[1]
	}
	for _, a := range after {
		m := a.pattern.FindStringIndex(tail)
		if m == nil || is != none && is != equal || x.numberAt(n.End+m[1]) {
			continue
		}
		is, v.End = a.is, n.End+m[1]
		break
	}
	if m := orEqual.FindStringIndex(tail); m != nil && (is == over || is == under) && !x.numberAt(n.End+m[1]) {
		is += atLeast - over
		v.End = n.End + m[1]
	}
	value := n.Value
	switch is {
	case over, atLeast:
		v.Low, v.WithLow = &value, is == atLeast
	case under, atMost:
		v.High, v.WithHigh = &value, is == atMost
	case equal:
		v.Low, v.High, v.WithLow, v.WithHigh = &value, &value, true, true
	default:
		if !n.vague {
			return v, false
		}
		v.Low = &value
	}
	return v, true
}

// numberAt reports whether a number begins at a byte, or after the spaces there.
func (x *Text) numberAt(at int) bool {
	for at < len(x.Lower) && x.Lower[at] == ' ' {
		at++
	}
	return slices.ContainsFunc(x.found, func(n Number) bool { return n.Start == at })
}

// merged joins neighbours that bound each other: "more than 10 and less than 20".
func (x *Text) merged(all []Interval) []Interval {
	var out []Interval
	for _, v := range all {
		if n := len(out) - 1; n >= 0 && out[n].End <= v.Start && joins.MatchString(x.Lower[out[n].End:v.Start]) {
			a := out[n]
			if a.Low != nil && a.High == nil && v.Low == nil && v.High != nil && *a.Low < *v.High {
				out[n].High, out[n].WithHigh, out[n].End, out[n].NumberTo = v.High, v.WithHigh, v.End, v.NumberTo
				continue
			}
			if a.Low == nil && a.High != nil && v.Low != nil && v.High == nil && *v.Low < *a.High {
				out[n].Low, out[n].WithLow, out[n].End, out[n].NumberTo = v.Low, v.WithLow, v.End, v.NumberTo
				continue
			}
		}
		out = append(out, v)
	}
	return out
}
