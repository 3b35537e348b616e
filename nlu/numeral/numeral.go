// Package numeral reads numbers, ordinals, percentages, ranges of numbers and amounts of money in English
// and Chinese: digits, words, fractions and what mixes them ("3 hundred and 21", "7万5千", "三块五").
// It reads tokens once from left to right, so that the time is linear in the text.
package numeral

import (
	"math"
	"strconv"
	"strings"

	"github.com/floorwalker/floorwalker/nlu/fold"
)

// Number is a number that a text names, at half-open byte offsets of the folded text.
type Number struct {
	Value      float64
	Start, End int

	first, next int  // tokens, half-open
	attached    bool // letters follow without a space ("180ml")
	vague       bool // "十几万": at least that
}

// String writes a value with as many figures as it has, without an exponent where that is readable.
func String(v float64) string {
	if v == 0 {
		return "0"
	}
	if a := math.Abs(v); a < 1e-9 || a >= 1e17 {
		return strconv.FormatFloat(v, 'E', -1, 64)
	}
	v, _ = strconv.ParseFloat(strconv.FormatFloat(v, 'g', 15, 64), 64) // 0.1+0.2
	return strconv.FormatFloat(v, 'f', -1, 64)
}

// Text is a scanned text with its numbers; the recognisers of this package read it. It is immutable.
type Text struct {
	fold.Text
	tokens []token
	found  []Number
}

// New scans a folded text.
func New(t fold.Text) *Text {
	x := &Text{Text: t, tokens: scan(t.Lower)}
	for i := 0; i < len(x.tokens); {
		n, ok := x.number(i)
		if !ok {
			i++
			continue
		}
		x.found = append(x.found, n)
		i = max(n.next, i+1)
	}
	return x
}

// Numbers are the numbers of the text by position. Those with letters behind them ("180ml") aren't among them.
func (x *Text) Numbers() []Number {
	out := make([]Number, 0, len(x.found))
	for _, n := range x.found {
		if !n.attached && !x.partOfCode(n) {
			out = append(out, n)
		}
	}
	return out
}

// partOfCode reports whether digits are a piece of a date, a telephone number or a code: "1995-01".
func (x *Text) partOfCode(n Number) bool {
	dash := func(sign, other int) bool {
		return sign >= 0 && other >= 0 && other < len(x.tokens) && x.tokens[sign].text == "-" && x.tokens[other].kind == digits &&
			!x.tokens[max(sign, other)].spaced && !x.tokens[min(sign+1, len(x.tokens)-1)].spaced && !x.tokens[sign].spaced
	}
	if x.tokens[n.first].kind != digits || x.tokens[n.next-1].kind != digits {
		return false
	}
	return dash(n.next, n.next+1) && len(x.tokens[n.first].text) == 4 || dash(n.first-1, n.first-2) && len(x.tokens[n.first-2].text) == 4
}

// kind of a token.
type kind byte

const (
	word   kind = 'w' // letters of a script that separates words
	digits kind = 'd'
	han    kind = 'h' // one Chinese character
	sign   kind = 's' // any other character that isn't a space
)

// token is a piece of the lower-cased text.
type token struct {
	kind       kind
	text       string
	start, end int
	spaced     bool // a space or a line feed stands before it
}

func scan(lower string) []token {
	out := make([]token, 0, len(lower)/3+1)
	spaced := true
	last := kind(0)
	for i, r := range lower {
		size := len(string(r))
		k := sign
		switch {
		case r == ' ' || r == '\n':
			spaced, last = true, 0
			continue
		case r >= '0' && r <= '9':
			k = digits
		case fold.Han(r) || r == '〇':
			k = han
		case fold.Word(r):
			k = word
		}
		if n := len(out) - 1; k == last && (k == digits || k == word) {
			out[n].end = i + size
			out[n].text = lower[out[n].start:out[n].end]
		} else {
			out = append(out, token{kind: k, text: lower[i : i+size], start: i, end: i + size, spaced: spaced})
		}
		spaced, last = false, k
	}
	return out
}

// text of token i, "" beyond the ends.
func (x *Text) text(i int) string {
	if i < 0 || i >= len(x.tokens) {
		return ""
	}
	return x.tokens[i].text
}

func (x *Text) is(i int, k kind) bool { return i >= 0 && i < len(x.tokens) && x.tokens[i].kind == k }

// joined reports whether token i follows the one before it without a space.
func (x *Text) joined(i int) bool { return i > 0 && i < len(x.tokens) && !x.tokens[i].spaced }

// number reads the longest number that begins at token i.
func (x *Text) number(i int) (Number, bool) {
	start, negative := i, false
	switch {
	case x.text(i) == "-" && !x.joinedToWord(i) && x.text(i-1) != "-" && x.text(i+1) != "-":
		negative = true
		i++
	case x.text(i) == "minus" || x.text(i) == "negative" || x.text(i) == "负" || x.text(i) == "負":
		negative = true
		i++
	}
	if x.is(i, word) && x.joined(i) && x.is(i-1, digits) || x.is(i, digits) && x.joined(i) && x.is(i-1, word) && !prefixes[x.text(i-1)] {
		return Number{}, false // inside of a code
	}
	v, next, vague, ok := x.magnitude(i)
	if !ok {
		return Number{}, false
	}
	if _, end, isPlace := x.place(i); isPlace && end > next && (x.text(next) == "-" || parts[x.text(next)] > 0) {
		return Number{}, false // twenty-second
	}
	if negative {
		v = -v
	}
	n := Number{Value: v, first: start, next: next, vague: vague, Start: x.tokens[start].start, End: x.tokens[next-1].end}
	n.attached = x.joined(next) && x.is(next, word) && x.is(next-1, digits)
	return n, true
}

// prefixes are letters that may stand right before the digits of an amount.
var prefixes = set(`usd eur gbp cny rmb jpy hkd cad aud x`)

// joinedToWord reports whether a sign continues what stands before it: "5-3", "a-1".
func (x *Text) joinedToWord(i int) bool {
	return x.joined(i) && (x.is(i-1, word) || x.is(i-1, digits) || x.is(i-1, han) && !x.joined(i+1))
}

// magnitude reads a number without its sign.
func (x *Text) magnitude(i int) (v float64, next int, vague, ok bool) {
	if x.is(i, han) {
		return x.chinese(i)
	}
	if x.is(i, digits) || x.text(i) == "." {
		if v, next, vague, ok = x.chinese(i); ok {
			return v, next, vague, ok
		}
		if v, next, ok = x.figures(i); !ok {
			return 0, 0, false, false
		}
		return x.scaled(v, i, next)
	}
	v, next, ok = x.english(i)
	return v, next, false, ok
}

// figures reads digits: grouped, decimal, with an exponent, fractions.
func (x *Text) figures(i int) (float64, int, bool) {
	v, next, ok := x.decimal(i)
	if !ok {
		return 0, 0, false
	}
	if d, n, ok := x.slash(i); ok {
		return d, n, true
	}
	if x.is(next, digits) && x.tokens[next].spaced { // 1 4/5
		if d, n, ok := x.slash(next); ok && next == i+1 {
			return v + d, n, true
		}
	}
	if e, n, ok := x.exponent(next); ok {
		return v * math.Pow(10, e), n, true
	}
	if x.text(next) == "^" && x.joined(next) {
		if e, n, ok := x.signed(next + 1); ok {
			return math.Pow(v, e), n, true
		}
	}
	return v, next, true
}

// slash reads a fraction of digits, but no date.
func (x *Text) slash(i int) (float64, int, bool) {
	bar := func(i int) bool { return x.text(i) == "/" || x.text(i) == "⁄" }
	if !x.is(i, digits) || !bar(i+1) || !x.is(i+2, digits) || x.tokens[i+1].spaced || x.tokens[i+2].spaced || bar(i+3) || bar(i-1) && x.joined(i) {
		return 0, 0, false
	}
	a, b := parse(x.text(i)), parse(x.text(i+2))
	if b == 0 {
		return 0, 0, false
	}
	return a / b, i + 3, true
}

// exponent reads e10, e-1, x10^-4.
func (x *Text) exponent(i int) (float64, int, bool) {
	switch {
	case x.text(i) == "e" && x.joined(i):
		return x.signed(i + 1)
	case x.text(i) == "x" && x.joined(i) && x.text(i+1) == "10" && x.text(i+2) == "^":
		return x.signed(i + 3)
	}
	return 0, 0, false
}

func (x *Text) signed(i int) (float64, int, bool) {
	s := 1.0
	for ; (x.text(i) == "-" || x.text(i) == "+") && x.joined(i); i++ {
		if x.text(i) == "-" {
			s = -s
		}
	}
	if !x.is(i, digits) || !x.joined(i) {
		return 0, 0, false
	}
	return s * parse(x.text(i)), i + 1, true
}

// decimal reads plain digits: "1,234,567.8", "40 000", "2.5", "5,00", ".5". Digits with several points are several numbers.
func (x *Text) decimal(i int) (float64, int, bool) {
	if x.text(i) == "." {
		if !x.is(i+1, digits) || !x.joined(i+1) || x.joined(i) && (x.is(i-1, digits) || x.is(i-1, word)) {
			return 0, 0, false
		}
		return parse("0." + x.text(i+1)), i + 2, true
	}
	if !x.is(i, digits) {
		return 0, 0, false
	}
	follows := func(j int, mark string, size int) bool {
		return x.text(j) == mark && x.joined(j) && (!x.wide(j) || x.wide(j+1)) && x.is(j+1, digits) && x.joined(j+1) && (size == 0 || len(x.text(j+1)) == size)
	}
	whole, j := x.text(i), i+1
	preceded := x.joined(i) && (x.text(i-1) == "," || x.text(i-1) == ".") && x.is(i-2, digits) && x.joined(i-1)
	if len(whole) <= 3 && !preceded {
		grouped := i + 1
		text := whole
		for follows(grouped, ",", 3) {
			text += x.text(grouped + 1)
			grouped += 2
		}
		if grouped > j && !follows(grouped, ",", 0) {
			whole, j = text, grouped
		}
		if j == i+1 {
			spaces, text := i+1, whole
			for x.is(spaces, digits) && len(x.text(spaces)) == 3 && x.tokens[spaces].start == x.tokens[spaces-1].end+1 {
				text += x.text(spaces)
				spaces++
			}
			if spaces > j && !x.is(spaces, digits) && x.text(spaces) != "-" && !x.is(i-1, digits) && x.text(i-1) != "-" {
				whole, j = text, spaces
			}
		}
	}
	if follows(j, ".", 0) && !follows(j+2, ".", 0) && !preceded {
		return parse(whole + "." + x.text(j+1)), j + 2, true
	}
	if j == i+1 && follows(j, ",", 0) && len(x.text(j+1)) < 3 && !follows(j+2, ",", 0) && !preceded {
		return parse(whole + "." + x.text(j+1)), j + 2, true
	}
	return parse(whole), j, true
}

// wide reports whether a sign or a digit was written full-width: "20，300" are two numbers, "２０，３００" one.
func (x *Text) wide(i int) bool {
	if i >= len(x.tokens) {
		return false
	}
	start, end := x.Span(x.tokens[i].start, x.tokens[i].start+1)
	return end-start > 1
}

func parse(s string) float64 {
	v, _ := strconv.ParseFloat(s, 64) // digits only: at worst it is infinite
	if math.IsInf(v, 0) {
		return math.MaxFloat64
	}
	return v
}

func set(words string) map[string]bool {
	out := map[string]bool{}
	for _, w := range strings.Fields(words) {
		out[w] = true
	}
	return out
}

// Parse reads a text that is nothing but a number and writes it in figures.
func Parse(s string) (string, bool) {
	x := New(fold.New(strings.TrimSpace(s)))
	if len(x.found) != 1 || x.found[0].first != 0 || x.found[0].next != len(x.tokens) {
		return "", false
	}
	return String(x.found[0].Value), true
}
