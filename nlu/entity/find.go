package entity

import (
	"strings"

	"github.com/floorwalker/floorwalker/nlu"
	"github.com/floorwalker/floorwalker/nlu/fold"
	"github.com/floorwalker/floorwalker/nlu/numeral"
	"github.com/floorwalker/floorwalker/nlu/when"
)

// Find finds the values of one type, whatever else the same words may mean: in "$20" both the amount and the
// number 20. [Extract] gives each word to one type. Types that need a shop's data find nothing.
func Find(text, kind string, c nlu.Context) []nlu.Entity {
	folded := fold.New(text)
	x := numeral.New(folded)
	var hits []hit
	spans := func(all []numeral.Span) {
		for _, s := range all {
			hits = append(hits, hit{kind, s.Value, s.Start, s.End})
		}
	}
	switch kind {
	case "number":
		for _, n := range x.Numbers() {
			hits = append(hits, hit{kind, numeral.String(n.Value), n.Start, n.End})
		}
	case "number_range":
		for _, v := range x.Intervals() {
			hits = append(hits, hit{kind, v.String(), v.Start, v.End})
		}
	case "ordinal":
		spans(x.Ordinals())
	case "percentage":
		spans(x.Percentages())
	case "money":
		for _, m := range x.Money() {
			hits = append(hits, hit{kind, m.String(), m.Start, m.End})
		}
	case "date", "time", "datetime", "duration", "period":
		for _, s := range when.Find(x, c.Now, strings.HasPrefix(c.Locale, "zh")) {
			if string(s.Kind) == kind {
				hits = append(hits, hit{kind, s.Value, s.Start, s.End})
			}
		}
	default:
		in := newInput(folded, nil, Shape{}, c)
		for _, find := range recognisers {
			for _, h := range find(in) {
				if h.kind == kind && h.start < h.end {
					hits = append(hits, h)
				}
			}
		}
	}
	out := make([]nlu.Entity, 0, len(hits))
	for _, h := range hits {
		start, end := folded.Span(h.start, h.end)
		out = append(out, nlu.Entity{Type: kind, Text: text[start:end], Value: h.value, Start: start, End: end})
	}
	return out
}
