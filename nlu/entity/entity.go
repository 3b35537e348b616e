// Package entity finds values in what shoppers write: order ids as the shop writes them,
// products and options of its catalogue, and what every shop meets: e-mail addresses, names,
// postal codes, money, numbers, references to things said before.
//
// docs/entities.md says which types there are and how their values are written.
package entity

import (
	"cmp"
	"slices"
	"strings"
	"time"
	"unicode/utf8"

	"github.com/floorwalker/floorwalker/nlu"
	"github.com/floorwalker/floorwalker/nlu/fold"
	"github.com/floorwalker/floorwalker/nlu/numeral"
	"github.com/floorwalker/floorwalker/nlu/when"
)

// Extract finds the entities of a text, by position. A nil lexicon knows no products, and a zero
// shape takes what order ids often look like. Any input is fine: invalid UTF-8, direction
// marks, ten thousand characters.
func Extract(text string, lex *Lexicon, shape Shape, c nlu.Context) []nlu.Entity {
	return ExtractFolded(text, fold.New(text), lex, shape, c)
}

// ExtractFolded is Extract for a text that is folded already.
func ExtractFolded(text string, folded fold.Text, lex *Lexicon, shape Shape, c nlu.Context) []nlu.Entity {
	in := newInput(folded, lex, shape, c)
	out := []nlu.Entity{}
	for _, find := range recognisers {
		hits := slices.DeleteFunc(find(in), func(h hit) bool { return h.start >= h.end || in.overlaps(h) })
		for _, h := range hits {
			start, end := in.Span(h.start, h.end)
			out = append(out, nlu.Entity{Type: h.kind, Text: text[start:end], Value: h.value, Start: start, End: end})
		}
		for _, h := range hits {
			in.take(h)
		}
	}
	for _, h := range numberRanges(in) { // beside the number, and what it may mean as an option
		start, end := in.Span(h.start, h.end)
		out = append(out, nlu.Entity{Type: h.kind, Text: text[start:end], Value: h.value, Start: start, End: end})
	}
	slices.SortStableFunc(out, func(a, b nlu.Entity) int {
		return cmp.Or(cmp.Compare(a.Start, b.Start), cmp.Compare(b.End, a.End), cmp.Compare(a.Type, b.Type))
	})
	return out
}

// recognisers, most certain first: what one has found, those after it leave alone.
var recognisers = []func(*input) []hit{
	emails,
	skus,
	orderIDs,
	trackings,
	codes,
	amounts,
	phones,
	postalCodes,
	bareOrderIDs,
	names,
	times,
	references,
	lexical,
	percentages,
	numbers,
	ordinals,
}

// input is one text and what is known beside it.
type input struct {
	fold.Text
	lexicon *Lexicon
	shape   Shape
	locale  string
	expects map[string]bool
	taken   []bool // bytes of String that belong to an entity
	now     time.Time
	figures *numeral.Text
	moments []when.Span
	timed   bool // moments were looked for
}

func newInput(folded fold.Text, lex *Lexicon, shape Shape, c nlu.Context) *input {
	in := &input{Text: folded, lexicon: lex, shape: shape, locale: c.Locale, now: c.Now, expects: map[string]bool{}, taken: make([]bool, len(folded.String))}
	for _, e := range c.Expects {
		in.expects[e] = true
	}
	return in
}

// numerals reads the numbers, once.
func (in *input) numerals() *numeral.Text {
	if in.figures == nil {
		in.figures = numeral.New(in.Text)
	}
	return in.figures
}

// times reads dates, times, periods and durations, once.
func (in *input) times() []when.Span {
	if !in.timed {
		in.timed, in.moments = true, when.Find(in.numerals(), in.now, strings.HasPrefix(in.locale, "zh"))
	}
	return in.moments
}

// inTime reports whether a place belongs to a date or such.
func (in *input) inTime(start, end int) bool {
	return slices.ContainsFunc(in.times(), func(t when.Span) bool { return start < t.End && t.Start < end })
}

// hit is a value at half-open byte offsets of the folded text.
type hit struct {
	kind, value string
	start, end  int
}

func (in *input) overlaps(h hit) bool {
	return slices.Contains(in.taken[h.start:h.end], true)
}

func (in *input) take(h hit) {
	for i := h.start; i < h.end; i++ {
		in.taken[i] = true
	}
}

// expectsAny reports whether the bot asked for one of these.
func (in *input) expectsAny(kinds ...string) bool {
	return slices.ContainsFunc(kinds, func(k string) bool { return in.expects[k] })
}

// apart reports whether no word goes on before start or after end: Han characters and
// punctuation end a Latin word.
func (in *input) apart(start, end int) bool {
	before, _ := utf8.DecodeLastRuneInString(in.String[:start])
	after, _ := utf8.DecodeRuneInString(in.String[end:])
	return !fold.Word(before) && !fold.Word(after)
}

// before is the lower-cased text up to n bytes before start.
func (in *input) before(start, n int) string {
	return in.Lower[max(0, start-n):start]
}

// after is the lower-cased text up to n bytes after end.
func (in *input) after(end, n int) string {
	return in.Lower[end:min(len(in.Lower), end+n)]
}
