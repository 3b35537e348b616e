package reply

import (
	"strings"

	"github.com/shopspring/decimal"
	"golang.org/x/text/currency"
	"golang.org/x/text/feature/plural"
	"golang.org/x/text/language"
	"golang.org/x/text/message"
	"golang.org/x/text/number"

	"github.com/floorwalker/floorwalker/catalog"
)

// locale words values in one language and region.
type locale struct {
	name    string   // as shop.yaml has it
	chain   []string // where wording is looked for, in lower case: zh-cn, zh
	tag     language.Tag
	printer *message.Printer
	style   style
	decimal string            // between units and decimals
	percent string            // after a percentage
	symbols map[string]string // of currencies, by ISO 4217 code
}

// style is what golang.org/x/text has no public tables for.
type style struct {
	date         string // layout of package time
	comma, and   string // of lists
	space        string // between sayings
	symbolBehind bool   // 5 € rather than €5
	widestFirst  bool   // addresses written in Han run from country to house
}

// styles by language, or language and region; anything else is written as plainly as possible.
var styles = map[string]style{
	"en":    {date: "Jan 2, 2006", comma: ", ", and: " and ", space: " "},
	"en-gb": {date: "2 Jan 2006", comma: ", ", and: " and ", space: " "},
	"en-au": {date: "2 Jan 2006", comma: ", ", and: " and ", space: " "},
	"zh":    {date: "2006年1月2日", comma: "、", and: "和", widestFirst: true},
	"ja":    {date: "2006年1月2日", comma: "、", and: "、", widestFirst: true},
	"de":    {date: "2.1.2006", comma: ", ", and: " und ", space: " ", symbolBehind: true},
	"fr":    {date: "02/01/2006", comma: ", ", and: " et ", space: " ", symbolBehind: true},
	"es":    {date: "2/1/2006", comma: ", ", and: " y ", space: " ", symbolBehind: true},
	"":      {date: "2006-01-02", comma: ", ", and: ", ", space: " "},
}

// chainOf is where wording for a locale is looked for: itself, then less and less of it.
func chainOf(name string) []string {
	name = strings.ToLower(strings.ReplaceAll(name, "_", "-"))
	chain := []string{name}
	for {
		i := strings.LastIndexByte(name, '-')
		if i < 0 {
			return chain
		}
		name = name[:i]
		chain = append(chain, name)
	}
}

func newLocale(name string, codes []string) *locale {
	tag := language.Make(name)
	l := &locale{name: name, chain: chainOf(name), tag: tag, printer: message.NewPrinter(tag)}
	l.style = styles[""]
	for _, key := range l.chain {
		if s, ok := styles[key]; ok {
			l.style = s
			break
		}
	}
	l.decimal = strings.Trim(l.printer.Sprint(number.Decimal(0.5)), "05")
	l.percent = strings.TrimPrefix(l.printer.Sprint(number.Percent(0)), "0")
	l.symbols = make(map[string]string, len(codes))
	for _, code := range codes {
		unit, err := currency.ParseISO(code)
		if err != nil {
			continue
		}
		l.symbols[code] = halfWidth.Replace(l.printer.Sprint(currency.Symbol(unit)))
	}
	return l
}

// halfWidth makes currency symbols the width of the digits beside them.
var halfWidth = strings.NewReplacer("￥", "¥", "￦", "₩")

// currencies lists every code in use.
func currencies() []string {
	var codes []string
	for it := currency.Query(); it.Next(); {
		codes = append(codes, it.Unit().String())
	}
	return codes
}

// pick chooses wording by language; "" in it stands for every language.
func (l *locale) pick(t catalog.Text) string {
	for _, key := range l.chain {
		if s := t[key]; s != "" {
			return s
		}
	}
	if s := t[l.name]; s != "" {
		return s
	}
	for key, s := range t {
		if strings.EqualFold(key, l.name) && s != "" {
			return s
		}
	}
	return t[""]
}

// join is what stands between the items of a list.
func (l *locale) join(last bool) string {
	if last {
		return l.style.and
	}
	return l.style.comma
}

// plural is CLDR's form of a number written in digits.
func (l *locale) plural(value string) plural.Form {
	d, err := parseFigure(value)
	if err != nil {
		return plural.Other
	}
	digits := d.Coefficient().String()
	digits = strings.TrimPrefix(digits, "-")
	for range d.Exponent() {
		digits += "0"
	}
	scale := max(0, -int(d.Exponent()))
	raw := make([]byte, len(digits))
	for i := range digits {
		raw[i] = digits[i] - '0'
	}
	return plural.Cardinal.MatchDigits(l.tag, raw, len(raw)-scale, scale)
}

// number writes a decimal exactly, grouped as the locale does.
func (l *locale) number(d decimal.Decimal, places int) string {
	text := d.Abs().StringFixed(int32(places))
	whole, rest, _ := strings.Cut(text, ".")
	if len(whole) > 3 && len(whole) <= 18 {
		n, _ := decimal.NewFromString(whole)
		whole = l.printer.Sprint(number.Decimal(n.IntPart()))
	}
	if rest != "" {
		whole += l.decimal + rest
	}
	if d.IsNegative() {
		return "-" + whole
	}
	return whole
}

// money writes an amount with its currency: $226.11, US$226.11, 226,11 €.
func (l *locale) money(d decimal.Decimal, code string) string {
	text := l.number(d.Abs(), places(d, code))
	symbol, ok := l.symbols[code]
	switch {
	case !ok || symbol == code:
		text = code + " " + text
	case l.style.symbolBehind:
		text += " " + symbol
	default:
		text = symbol + text
	}
	if d.IsNegative() {
		return "-" + text
	}
	return text
}

// places is how many decimals an amount has: the currency's, more if it has more itself.
func places(d decimal.Decimal, code string) int {
	scale := 2
	if unit, err := currency.ParseISO(code); err == nil {
		scale, _ = currency.Standard.Rounding(unit)
	}
	own := -int(d.Exponent())
	for own > scale && d.Equal(d.Truncate(int32(own-1))) {
		own--
	}
	return max(scale, own)
}

func canonicalAmount(d decimal.Decimal, code string) string {
	return d.StringFixed(int32(places(d, code)))
}
