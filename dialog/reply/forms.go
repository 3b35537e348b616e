package reply

import (
	"fmt"
	"slices"
	"strings"
	"time"
	"unicode/utf8"

	"github.com/shopspring/decimal"

	"github.com/floorwalker/floorwalker/catalog"
	"github.com/floorwalker/floorwalker/nlu/fold"
)

// form is one way to write a value, folded and in lower case.
type form struct {
	text  string
	bare  bool     // a number without a unit: what stands about it decides what it is
	whole bool     // a name, an address or the like, whatever figures are in it
	said  bool     // a shopper's words, told in quotation marks only
	facts []int    // indexes of Ground.facts that it may tell
	about []*thing // that it names
}

// namedBy are the fields whose values name what a sentence speaks of.
var namedBy = map[string]bool{"title": true, "id": true, "order": true, "options": true, "sku": true, "method": true, "brand": true}

// index writes down every form of every fact.
func (g *Ground) index(c Context) {
	all := map[string]*form{}
	note := func(text string, bare bool) *form {
		text = strings.TrimSpace(folded(text))
		if text == "" {
			return &form{}
		}
		f := all[text]
		if f == nil {
			f = &form{text: text, bare: bare}
			all[text] = f
		}
		return f
	}
	for i, f := range g.facts {
		for _, text := range g.wordings(f.Fact, c) {
			into := note(text, f.bareNumber())
			into.said = f.Kind == catalog.KindSaid && (into.said || len(into.facts) == 0)
			into.facts = append(into.facts, i)
			into.whole = into.whole || f.role == nil
		}
		if !f.naming {
			continue
		}
		names := []string{f.Value}
		if parts := strings.FieldsFunc(f.Value, func(r rune) bool { return r == ',' || r == '，' || r == '、' }); len(parts) > 1 {
			names = append(names, parts...)
			for _, part := range parts {
				f.owner.options = append(f.owner.options, strings.TrimSpace(part))
			}
		}
		for _, name := range names {
			if utf8.RuneCountInString(strings.TrimSpace(name)) < 2 {
				continue
			}
			into := note(name, false)
			into.facts = append(into.facts, i)
			into.about = append(into.about, f.owner)
		}
	}
	g.forms = map[rune][]form{}
	for _, f := range all {
		r, _ := utf8.DecodeRuneInString(f.text)
		g.forms[r] = append(g.forms[r], *f)
	}
	for _, list := range g.forms {
		slices.SortFunc(list, func(a, b form) int { return len(b.text) - len(a.text) })
	}
}

// folded is a text in lower case as fold writes it.
func folded(text string) string {
	for _, r := range text {
		if r >= 0x80 && !(0x4e00 <= r && r <= 0x9fff) {
			return fold.New(text).Lower
		}
	}
	return strings.ToLower(text)
}

// bareNumber reports whether a fact is written as a number alone.
func (f grounded) bareNumber() bool {
	switch f.Kind {
	case catalog.KindStock, catalog.KindQuantity, catalog.KindCount:
		return true
	case catalog.KindPolicy:
		return f.Unit == ""
	}
	return false
}

// wordings are the ways to write a fact, in the languages that are written here.
func (g *Ground) wordings(f catalog.Fact, c Context) []string {
	own, err := g.bank.word(g.locale, f, "")
	var texts []string
	if err == nil {
		texts = append(texts, own)
	}
	switch f.Kind {
	case catalog.KindPrice, catalog.KindAmount:
		texts = append(texts, moneyForms(f)...)
	case catalog.KindStock, catalog.KindQuantity, catalog.KindCount:
		if d, err := parseFigure(f.Value); err == nil {
			texts = append(texts, numberForms(d)...)
		}
	case catalog.KindPercent:
		texts = append(texts, percentForms(f.Value)...)
	case catalog.KindDate:
		texts = append(texts, dateForms(f.Value, c.Now)...)
	case catalog.KindPolicy:
		if f.Unit != "" {
			return append(texts, moneyForms(f)...)
		}
		texts = append(texts, rangeForms(f.Value)...)
	case catalog.KindSaid:
		if f.Unit != "" {
			return append(texts, moneyForms(f)...)
		}
	case catalog.KindAddress:
		for _, part := range strings.FieldsFunc(own, func(r rune) bool { return r == ',' || r == '，' }) {
			if strings.Trim(part, " 0123456789-") != "" {
				texts = append(texts, part)
			}
		}
	case catalog.KindOrderState:
		return nil // a state is looked for by its meaning
	}
	return texts
}

// signs of currencies, before and after an amount.
var currencySigns = map[string]struct{ before, after []string }{
	"USD": {[]string{"$", "us$", "usd ", "usd"}, []string{" usd", "usd", " dollars", " us dollars", "美元", "美金"}},
	"CNY": {[]string{"¥", "￥", "cny ", "rmb ", "rmb", "人民币"}, []string{"元", "块", "块钱", "元人民币", " cny", " rmb", " yuan"}},
	"EUR": {[]string{"€", "eur "}, []string{"€", " eur", " euros", "欧元"}},
	"GBP": {[]string{"£", "gbp "}, []string{" gbp", " pounds", "英镑"}},
}

func moneyForms(f catalog.Fact) []string {
	d, err := parseFigure(f.Value)
	if err != nil || d.IsNegative() {
		return nil
	}
	amounts := []string{d.StringFixed(2), d.String()}
	if whole, rest, _ := strings.Cut(d.StringFixed(2), "."); len(whole) > 3 && len(whole) < 7 {
		grouped := whole[:len(whole)-3] + "," + whole[len(whole)-3:]
		amounts = append(amounts, grouped+"."+rest)
		if rest == "00" {
			amounts = append(amounts, grouped)
		}
	}
	signs, ok := currencySigns[f.Unit]
	if !ok {
		signs = struct{ before, after []string }{[]string{f.Unit + " "}, []string{" " + f.Unit}}
	}
	var texts []string
	for _, amount := range amounts {
		for _, s := range signs.before {
			texts = append(texts, s+amount, s+" "+amount)
		}
		for _, s := range signs.after {
			texts = append(texts, amount+s)
			if fold.Han([]rune(s)[0]) {
				texts = append(texts, amount+" "+s)
			}
		}
	}
	if d.IsInteger() && d.LessThan(decimal.NewFromInt(10000)) {
		n := int(d.IntPart())
		for _, s := range signs.after {
			if fold.Han([]rune(s)[0]) {
				texts = append(texts, chineseNumber(n)+s)
			} else if strings.HasPrefix(s, " ") {
				texts = append(texts, englishNumber(n)+s)
			}
		}
	}
	return texts
}

func numberForms(d decimal.Decimal) []string {
	texts := []string{d.String()}
	if !d.IsInteger() || d.IsNegative() || d.GreaterThanOrEqual(decimal.NewFromInt(10000)) {
		return texts
	}
	n := int(d.IntPart())
	texts = append(texts, chineseNumber(n))
	if n != 1 { // "one" is seldom a figure; where it is, it is written as one
		texts = append(texts, englishNumber(n))
	}
	switch {
	case n >= 1000:
		texts = append(texts, fmt.Sprintf("%d,%03d", n/1000, n%1000))
	case n == 2:
		texts = append(texts, "两", "俩")
	}
	return texts
}

func percentForms(value string) []string {
	d, err := parseFigure(value)
	if err != nil {
		return nil
	}
	texts := []string{d.String() + "%", d.String() + " %", d.String() + " percent", d.String() + " per cent"}
	if d.IsInteger() && d.IsPositive() && d.LessThan(decimal.NewFromInt(100)) {
		n := int(d.IntPart())
		left := 100 - n
		texts = append(texts, englishNumber(n)+" percent", "百分之"+chineseNumber(n))
		if left%10 == 0 {
			texts = append(texts, fmt.Sprintf("%d折", left/10), fmt.Sprintf("%d 折", left/10), chineseNumber(left/10)+"折")
		} else if left > 10 {
			texts = append(texts, fmt.Sprintf("%d.%d折", left/10, left%10), fmt.Sprintf("%d.%d 折", left/10, left%10),
				fmt.Sprintf("%d折", left), chineseNumber(left/10)+chineseNumber(left%10)+"折")
		}
	}
	return texts
}

func rangeForms(value string) []string {
	low, high, two := strings.Cut(fold.New(value).String, "-")
	low, high = strings.TrimSpace(low), strings.TrimSpace(high)
	a, err := decimal.NewFromString(low)
	if err != nil {
		return nil
	}
	if !two {
		return numberForms(a)
	}
	b, err := decimal.NewFromString(high)
	if err != nil {
		return nil
	}
	var texts []string
	for _, joint := range []string{"-", " - ", " to ", "到", "至", "~", " 到 ", " 至 "} {
		texts = append(texts, low+joint+high)
	}
	if a.IsInteger() && b.IsInteger() {
		m, n := int(a.IntPart()), int(b.IntPart())
		texts = append(texts, englishNumber(m)+" to "+englishNumber(n), chineseNumber(m)+"到"+chineseNumber(n), chineseNumber(m)+"至"+chineseNumber(n),
			"between "+low+" and "+high)
	}
	return texts
}

// nearDays is within how many days a date needs no year.
const nearDays = 200

func dateForms(value string, now time.Time) []string {
	if len(value) < len(time.DateOnly) {
		return nil
	}
	t, err := time.Parse(time.DateOnly, value[:len(time.DateOnly)])
	if err != nil {
		return nil
	}
	layouts := []string{"Jan 2, 2006", "January 2, 2006", "2 Jan 2006", "2 January 2006", "2006-01-02", "2006/01/02", "2006/1/2",
		"2006年1月2日", "2006 年 1 月 2 日", "2006年1月2号"}
	days := int(t.Sub(time.Date(now.Year(), now.Month(), now.Day(), 0, 0, 0, 0, time.UTC)).Hours() / 24)
	if -nearDays < days && days < nearDays {
		layouts = append(layouts, "Jan 2", "January 2", "2 Jan", "2 January", "1月2日", "1 月 2 日", "1月2号")
	}
	var texts []string
	day := ordinal(t.Day())
	for _, layout := range layouts {
		text := t.Format(layout)
		texts = append(texts, text)
		switch layout {
		case "Jan 2", "January 2":
			month := strings.TrimSuffix(layout, " 2")
			texts = append(texts, t.Format(month)+" "+day, day+" of "+t.Format(month), "the "+day+" of "+t.Format(month),
				t.Format("Monday, ")+text, t.Format("Monday ")+text, t.Format("Mon, ")+text, t.Format(month)+" "+t.Format("02"))
		case "Jan 2, 2006", "January 2, 2006":
			month := strings.TrimSuffix(layout, " 2, 2006")
			texts = append(texts, t.Format("Monday, ")+text, t.Format(month)+" "+day+t.Format(", 2006"), day+" "+t.Format(month)+t.Format(" 2006"))
		case "1月2日", "2006年1月2日":
			weekday := string([]rune("日一二三四五六")[t.Weekday()])
			texts = append(texts, text+"（周"+weekday+"）", text+"(星期"+weekday+")", text+"星期"+weekday, text+"周"+weekday)
		}
	}
	switch days {
	case 0:
		texts = append(texts, "today", "今天", "今日")
	case 1:
		texts = append(texts, "tomorrow", "明天", "明日")
	case -1:
		texts = append(texts, "yesterday", "昨天")
	}
	return texts
}

func ordinal(n int) string {
	switch {
	case n%10 == 1 && n != 11:
		return fmt.Sprintf("%dst", n)
	case n%10 == 2 && n != 12:
		return fmt.Sprintf("%dnd", n)
	case n%10 == 3 && n != 13:
		return fmt.Sprintf("%drd", n)
	}
	return fmt.Sprintf("%dth", n)
}

var (
	smallNumbers = strings.Fields("zero one two three four five six seven eight nine ten eleven twelve thirteen fourteen fifteen sixteen seventeen eighteen nineteen")
	tensNumbers  = strings.Fields("- - twenty thirty forty fifty sixty seventy eighty ninety")
)

// englishNumber writes 0 to 9999 in words.
func englishNumber(n int) string {
	switch {
	case n < 20:
		return smallNumbers[n]
	case n < 100:
		if n%10 == 0 {
			return tensNumbers[n/10]
		}
		return tensNumbers[n/10] + "-" + smallNumbers[n%10]
	case n < 1000:
		return joinNumber(smallNumbers[n/100]+" hundred", n%100)
	}
	return joinNumber(smallNumbers[n/1000]+" thousand", n%1000)
}

func joinNumber(head string, rest int) string {
	if rest == 0 {
		return head
	}
	return head + " " + englishNumber(rest)
}

// chineseNumber writes 0 to 9999 in characters.
func chineseNumber(n int) string {
	digits := []rune("零一二三四五六七八九")
	switch {
	case n < 10:
		return string(digits[n])
	case n < 20:
		return strings.TrimSuffix("十"+string(digits[n%10]), "零")
	case n < 100:
		return strings.TrimSuffix(string(digits[n/10])+"十"+string(digits[n%10]), "零")
	case n < 1000:
		return higher(string(digits[n/100])+"百", n%100, 10)
	}
	return higher(string(digits[n/1000])+"千", n%1000, 100)
}

func higher(head string, rest, least int) string {
	switch {
	case rest == 0:
		return head
	case rest < least:
		return head + "零" + chineseNumber(rest)
	case rest < 20:
		return head + "一" + chineseNumber(rest)
	}
	return head + chineseNumber(rest)
}
