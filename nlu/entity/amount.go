package entity

import (
	"regexp"
	"strings"
)

const (
	digitsPart  = `\d{1,3}(?:,\d{3})+(?:\.\d{1,2})?|\d{1,9}(?:\.\d{1,2})?`
	chinesePart = `[0-9零〇一二两三四五六七八九十百千万]{1,9}`
	amountPart  = `(` + digitsPart + `|` + chinesePart + `|(?:a |one |two |three |four |five |six |seven |eight |nine )?hundred|ten|twenty|thirty|forty|fifty|sixty|seventy|eighty|ninety)`
	signPart    = `(us\$|usd|hk\$|c\$|ca\$|cad|a\$|\$|€|eur|£|gbp|¥|rmb|cny)`
	unitPart    = `(us dollars?|dollars?|bucks|usd|euros?|eur|pounds?|gbp|cad|quid|rmb|cny|yuan|人民币|美元|美金|欧元|英镑|元人民币|块钱|块|元|刀|€|£|\$)`
)

// currencies of what people write. "块" and "元" mean whatever the shop counts in.
var currencies = map[string]string{
	"us$": "USD", "usd": "USD", "$": "USD", "dollar": "USD", "us dollar": "USD", "bucks": "USD", "美元": "USD", "美金": "USD", "刀": "USD",
	"€": "EUR", "eur": "EUR", "euro": "EUR", "欧元": "EUR", "£": "GBP", "gbp": "GBP", "pound": "GBP", "quid": "GBP", "英镑": "GBP",
	"¥": "CNY", "rmb": "CNY", "cny": "CNY", "yuan": "CNY", "人民币": "CNY", "元人民币": "CNY",
	"hk$": "HKD", "c$": "CAD", "ca$": "CAD", "cad": "CAD", "a$": "AUD",
}

var (
	signed   = regexp.MustCompile(signPart + ` ?` + amountPart)
	measured = regexp.MustCompile(amountPart + ` ?-?` + unitPart)
	bare     = regexp.MustCompile(amountPart)

	between = regexp.MustCompile(`(?:between|from|从)? ?` + signPart + `? ?` + amountPart + ` ?` + unitPart + `?(?:\s?(?:-|~|to|and|到|至)\s?)` + signPart + `? ?` + amountPart + ` ?` + unitPart + `?`)

	atMost  = regexp.MustCompile(`(?:under|below|less than|cheaper than|up to|at most|max(?:imum)?(?: of)?|no more than|not more than|not over|within|budget (?:is|of)(?: about| around)?|不超过|不高于|低于|少于|最多|不到|便宜过|预算(?:是|大概|在|大约)?)\s*$`)
	atLeast = regexp.MustCompile(`(?:over|above|more than|at least|from|starting (?:at|from)|min(?:imum)?(?: of)?|超过|高于|不低于|至少|最少|大于)\s*$`)
	most    = regexp.MustCompile(`^\s?(?:or less|or under|max\b|tops|以下|以内|之内|内|之下)`)
	least   = regexp.MustCompile(`^\s?(?:or more|and up|\+|以上|之上|起)`)
	about   = regexp.MustCompile(`(?:around|about|roughly|approx(?:imately)?|大约|大概|差不多)\s*$`) // money: what it may cost
	orSo    = regexp.MustCompile(`^\s?(?:or so|左右|上下)`)
	negated = regexp.MustCompile(`(?:not|no|不)\s*(?:over|above|more than|超过|高于)\s*$`)
)

// amounts finds money and the bounds of it. A number without a currency is one only as a
// bound ("under 300"), and not if a unit of something else follows ("under 5 days").
func amounts(in *input) []hit {
	if out := ranges(in); len(out) > 0 {
		return out
	}
	var out []hit
	add := func(m []int, amount, currency string) {
		start, end := m[0], m[1]
		value, ok := numeral(strings.TrimPrefix(amount, "a "))
		if amount == "hundred" || amount == "a hundred" {
			value, ok = "100", true
		}
		if !ok || !in.apart(start, end) {
			return
		}
		kind := in.bound(start, end)
		if kind == "" && currency == "-" {
			return
		}
		if before, after := in.before(start, 16), in.after(end, 8); kind == "" && (about.MatchString(before) || orSo.MatchString(after)) {
			kind = "money_max"
		}
		if kind == "" {
			kind = "money"
		}
		if code := currencies[currency]; code != "" {
			value += " " + code
		}
		out = append(out, hit{kind, value, start, end})
	}
	for _, m := range signed.FindAllStringSubmatchIndex(in.Lower, -1) {
		end := m[1]
		if u := unitPattern.FindStringIndex(in.Lower[end:]); u != nil {
			end += u[1] // "$300 USD", "¥300元"
		}
		add([]int{m[0], end}, in.Lower[m[4]:m[5]], in.Lower[m[2]:m[3]])
	}
	for _, m := range measured.FindAllStringSubmatchIndex(in.Lower, -1) {
		add(m, in.Lower[m[2]:m[3]], singular(in.Lower[m[4]:m[5]]))
	}
	for _, m := range bare.FindAllStringSubmatchIndex(in.Lower, -1) {
		if !unitAfter.MatchString(in.after(m[1], 12)) {
			add(m, in.Lower[m[2]:m[3]], "-")
		}
	}
	return disjoint(out)
}

var unitPattern = regexp.MustCompile(`^ ?` + unitPart)

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

// ranges finds "between 20 and 50", "$20-50", "50到100块".
func ranges(in *input) []hit {
	var out []hit
	for _, m := range between.FindAllStringSubmatchIndex(in.Lower, -1) {
		group := func(i int) string {
			if m[2*i] < 0 {
				return ""
			}
			return in.Lower[m[2*i]:m[2*i+1]]
		}
		currency := currencies[group(1)]
		for _, g := range []string{group(4), singular(group(3)), singular(group(6))} {
			if currency == "" {
				currency = currencies[g]
			}
		}
		said := group(1)+group(3)+group(4)+group(6) != "" || strings.HasPrefix(in.Lower[m[0]:m[1]], "between")
		low, ok1 := numeral(group(2))
		high, ok2 := numeral(group(5))
		if !said || !ok1 || !ok2 || !in.apart(m[0], m[1]) || unitAfter.MatchString(in.after(m[1], 12)) {
			continue
		}
		if currency != "" {
			low, high = low+" "+currency, high+" "+currency
		}
		end := m[1]
		out = append(out, hit{"money_min", low, m[4], m[5]}, hit{"money_max", high, m[10], end})
	}
	return out
}

func singular(unit string) string {
	if unit == "bucks" || !strings.HasSuffix(unit, "s") {
		return unit
	}
	return strings.TrimSuffix(unit, "s")
}
