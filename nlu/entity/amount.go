package entity

import (
	"cmp"
	"regexp"
	"slices"
	"strings"

	"github.com/floorwalker/floorwalker/nlu/numeral"
)

var (
	gap    = regexp.MustCompile(`^\s?(?:-|~|to|and|到|至)\s?$`)
	outset = regexp.MustCompile(`(?:between|from|从) ?$`)

	atMost  = regexp.MustCompile(`(?:under|below|less than|cheaper than|up to|at most|max(?:imum)?(?: of)?|no more than|not more than|not over|within|budget (?:is|of)(?: about| around)?|不超过|不高于|低于|少于|最多|不到|便宜过|预算(?:是|大概|在|大约)?)\s*$`)
	atLeast = regexp.MustCompile(`(?:over|above|more than|at least|from|starting (?:at|from)|min(?:imum)?(?: of)?|超过|高于|不低于|至少|最少|大于)\s*$`)
	most    = regexp.MustCompile(`^\s?(?:or less|or under|max\b|tops|以下|以内|之内|内|之下)`)
	least   = regexp.MustCompile(`^\s?(?:or more|and up|\+|以上|之上|起)`)
	about   = regexp.MustCompile(`(?:around|about|roughly|approx(?:imately)?|大约|大概|差不多)\s*$`) // money: what it may cost
	orSo    = regexp.MustCompile(`^\s?(?:or so|左右|上下)`)
	negated = regexp.MustCompile(`(?:not|no|不)\s*(?:over|above|more than|超过|高于)\s*$`)
)

// amount is money, or a number that may be some.
type amount struct {
	value      float64
	currency   string
	said       bool // a currency stands with it, or 元
	start, end int
}

// text is the amount as entities have it.
func (a amount) text() string {
	return numeral.Money{Amount: a.value, Currency: a.currency}.String()
}

// mostAmount bounds what a number without a currency may be to be money.
const mostAmount = 1e9

func (in *input) amounts() []amount {
	var out []amount
	money := in.numerals().Money()
	for _, m := range money {
		out = append(out, amount{m.Amount, m.Currency, true, m.Start, m.End})
	}
	for _, n := range in.numerals().Numbers() {
		inside := slices.ContainsFunc(money, func(m numeral.Money) bool { return n.Start < m.End && m.Start < n.End })
		if !inside && n.Value >= 0 && n.Value < mostAmount && !in.inTime(n.Start, n.End) {
			out = append(out, amount{value: n.Value, start: n.Start, end: n.End})
		}
	}
	slices.SortFunc(out, func(a, b amount) int { return cmp.Compare(a.start, b.start) })
	return slices.DeleteFunc(out, func(a amount) bool { return !in.apart(a.start, a.end) })
}

// amounts finds money and the bounds of it. A number without a currency is one only as a
// bound ("under 300"), and not if a unit of something else follows ("under 5 days").
func amounts(in *input) []hit {
	all := in.amounts()
	if out := ranges(in, all); len(out) > 0 {
		return out
	}
	var out []hit
	for _, a := range all {
		kind := in.bound(a.start, a.end)
		if !a.said && (kind == "" || unitAfter.MatchString(in.after(a.end, 12))) {
			continue
		}
		if before, after := in.before(a.start, 16), in.after(a.end, 8); kind == "" && (about.MatchString(before) || orSo.MatchString(after)) {
			kind = "money_max"
		}
		if kind == "" {
			kind = "money"
		}
		out = append(out, hit{kind, a.text(), a.start, a.end})
	}
	return disjoint(out)
}

// bound is money_max, money_min or nothing, by the words around an amount.
func (in *input) bound(start, end int) string {
	before, after := in.before(start, 40), in.after(end, 16)
	switch {
	case negated.MatchString(before), atMost.MatchString(before), most.MatchString(after):
		return "money_max"
	case atLeast.MatchString(before), least.MatchString(after):
		return "money_min"
	}
	return ""
}

// Limit is where the words that make an amount a bound begin and end, the amount included: all of
// "under 23 bucks" and of "50块以内", given the text in lower case and the amount's place.
func Limit(lower string, start, end int) (int, int) {
	for _, p := range []*regexp.Regexp{negated, atMost, atLeast} {
		if at := p.FindStringIndex(lower[:start]); at != nil {
			start = at[0]
			break
		}
	}
	for _, p := range []*regexp.Regexp{most, least} {
		if at := p.FindStringIndex(lower[end:]); at != nil {
			return start, end + at[1]
		}
	}
	return start, end
}

// ranges finds "between 20 and 50", "$20-50", "50到100块".
func ranges(in *input, all []amount) []hit {
	var out []hit
	for i := 0; i+1 < len(all); i++ {
		low, high := all[i], all[i+1]
		if low.end > high.start || !gap.MatchString(in.Lower[low.end:high.start]) {
			continue
		}
		between := strings.HasPrefix(outset.FindString(in.before(low.start, 16)), "between")
		if !low.said && !high.said && !between || unitAfter.MatchString(in.after(high.end, 12)) {
			continue
		}
		if low.currency == "" {
			low.currency = high.currency
		}
		high.currency = cmp.Or(high.currency, low.currency)
		out = append(out, hit{"money_min", low.text(), low.start, low.end}, hit{"money_max", high.text(), high.start, high.end})
		i++
	}
	return out
}
