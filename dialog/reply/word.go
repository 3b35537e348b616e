package reply

import (
	"encoding/json"
	"fmt"
	"strings"
	"time"
	"unicode"

	"github.com/shopspring/decimal"

	"github.com/floorwalker/floorwalker/catalog"
)

// wording is how facts of each kind are told; it depends on the fact and the locale alone, so
// that the check can do it over.
var wording = map[catalog.Kind]func(*locale, catalog.Fact) (string, error){
	catalog.KindPrice:      wordMoney,
	catalog.KindAmount:     wordMoney,
	catalog.KindStock:      wordNumber,
	catalog.KindQuantity:   wordNumber,
	catalog.KindCount:      wordNumber,
	catalog.KindPercent:    wordPercent,
	catalog.KindDate:       wordDate,
	catalog.KindAddress:    wordAddress,
	catalog.KindOrderState: wordState,
	catalog.KindTracking:   wordText,
	catalog.KindName:       wordText,
	catalog.KindPolicy:     wordPolicy,
	catalog.KindSaid:       wordSaid,
}

// word tells a fact, by a list under `words:` if one is named or is the kind's own.
func (b *Bank) word(l *locale, f catalog.Fact, words string) (string, error) {
	if f.Record == "" {
		return "", fmt.Errorf("a %s from no record can't be told", f.Kind)
	}
	if words == "" {
		words = string(f.Kind)
	}
	if text := l.pick(b.words[words][f.Value]); text != "" {
		return text, nil
	}
	way, ok := wording[f.Kind]
	if !ok {
		return "", fmt.Errorf("%q is no kind of fact", f.Kind)
	}
	text, err := way(l, f)
	if err == nil && text == "" {
		err = errEmpty
	}
	return text, err
}

// worded reports whether text tells the fact, by any way that word may have taken.
func (b *Bank) worded(l *locale, f catalog.Fact, text string) bool {
	if plain, err := b.word(l, f, ""); err == nil && plain == text {
		return true
	}
	if numeric(f) {
		return false
	}
	for _, values := range b.words {
		if t, ok := values[f.Value]; ok && l.pick(t) == text {
			return true
		}
	}
	return false
}

// numeric facts have one wording; a list of words can't stand for a figure.
func numeric(f catalog.Fact) bool {
	switch f.Kind {
	case catalog.KindPrice, catalog.KindAmount, catalog.KindStock, catalog.KindQuantity,
		catalog.KindCount, catalog.KindPercent, catalog.KindDate:
		return true
	}
	return f.Unit != ""
}

func figure(f catalog.Fact) (decimal.Decimal, error) {
	d, err := parseFigure(f.Value)
	if err != nil {
		return d, fmt.Errorf("a %s must be a number, not %q", f.Kind, f.Value)
	}
	return d, nil
}

// parseFigure reads a number of a size that is fit to be told.
func parseFigure(value string) (decimal.Decimal, error) {
	if len(value) > 40 {
		return decimal.Zero, errTooLong
	}
	d, err := decimal.NewFromString(value)
	if err == nil && (d.Exponent() < -12 || d.Exponent() > 15) {
		err = errTooLong
	}
	return d, err
}

func wordMoney(l *locale, f catalog.Fact) (string, error) {
	d, err := figure(f)
	if err == nil && f.Unit == "" {
		err = fmt.Errorf("a %s needs its currency", f.Kind)
	}
	if err != nil {
		return "", err
	}
	return l.money(d, f.Unit), nil
}

func wordNumber(l *locale, f catalog.Fact) (string, error) {
	d, err := figure(f)
	if err != nil {
		return "", err
	}
	text := l.number(d, max(0, -int(d.Exponent())))
	if f.Unit != "" {
		text += " " + f.Unit
	}
	return text, nil
}

func wordPercent(l *locale, f catalog.Fact) (string, error) {
	d, err := figure(f)
	if err != nil {
		return "", err
	}
	return l.number(d, max(0, -int(d.Exponent()))) + l.percent, nil
}

func wordDate(l *locale, f catalog.Fact) (string, error) {
	value := f.Value
	if len(value) > len(time.DateOnly) {
		if _, err := time.Parse(time.RFC3339, value); err != nil {
			return "", fmt.Errorf("a date must be YYYY-MM-DD, not %q", value)
		}
		value = value[:len(time.DateOnly)]
	}
	t, err := time.Parse(time.DateOnly, value)
	if err != nil {
		return "", fmt.Errorf("a date must be YYYY-MM-DD, not %q", value)
	}
	return t.Format(l.style.date), nil
}

func wordText(_ *locale, f catalog.Fact) (string, error) { return clean(f.Value), nil }

// wordState is for states that no list words: a shop's own.
func wordState(_ *locale, f catalog.Fact) (string, error) {
	return clean(strings.ReplaceAll(f.Value, "_", " ")), nil
}

func wordPolicy(l *locale, f catalog.Fact) (string, error) {
	if f.Unit != "" {
		return wordMoney(l, f)
	}
	return clean(f.Value), nil
}

func wordSaid(l *locale, f catalog.Fact) (string, error) {
	switch {
	case f.Unit != "":
		return wordMoney(l, f)
	case strings.HasPrefix(f.Value, `{"line1"`):
		return wordAddress(l, f)
	}
	return clean(f.Value), nil
}

// canonicalAddress is an address as a fact's value: JSON, as in records. None is empty.
func canonicalAddress(a catalog.Address) string {
	if a == (catalog.Address{}) {
		return ""
	}
	raw, err := json.Marshal(a)
	if err != nil { // a struct of strings always marshals
		return ""
	}
	return string(raw)
}

// wordAddress writes an address on one line.
func wordAddress(l *locale, f catalog.Fact) (string, error) {
	var a catalog.Address
	if json.Unmarshal([]byte(f.Value), &a) != nil {
		return clean(f.Value), nil
	}
	if l.style.widestFirst && hasHan(a.City+a.Line1) {
		text := a.Country + a.Region
		if a.City != a.Region { // 北京市北京市
			text += a.City
		}
		return clean(strings.Join(filled(text+a.Line1+a.Line2, a.PostalCode), "，")), nil
	}
	region := strings.Join(filled(a.Region, a.PostalCode), " ")
	return clean(strings.Join(filled(a.Line1, a.Line2, a.City, region, a.Country), ", ")), nil
}

func filled(parts ...string) []string {
	var kept []string
	for _, p := range parts {
		if p = strings.TrimSpace(p); p != "" {
			kept = append(kept, p)
		}
	}
	return kept
}

func hasHan(s string) bool {
	return strings.IndexFunc(s, func(c rune) bool { return unicode.Is(unicode.Han, c) }) >= 0
}

// clean takes out of a value what would garble a text: control characters but for line breaks,
// direction overrides, broken UTF-8, space around it.
func clean(s string) string {
	s = strings.Map(func(c rune) rune {
		switch {
		case c == '\n':
			return c
		case c == '\t':
			return ' '
		case unicode.IsControl(c), '\u202a' <= c && c <= '\u202e', '\u2066' <= c && c <= '\u2069', c == '\ufeff':
			return -1
		}
		return c
	}, strings.ToValidUTF8(s, "\uFFFD"))
	return strings.TrimSpace(s)
}
