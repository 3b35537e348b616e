package feed

import (
	"regexp"
	"strings"

	"github.com/shopspring/decimal"
	"golang.org/x/text/currency"
)

var (
	moneyForm = regexp.MustCompile(`^([A-Za-z]{3})?\s*(-?[0-9][0-9.,]*)\s*([A-Za-z]{3})?$`)

	twoWays = regexp.MustCompile(`^-?\d{1,3}[.,]\d{3}$`)

	// numberForms are how a number may be written so that it means one thing only: the mark
	// between thousands, to be dropped, and the one before the decimals.
	numberForms = []struct {
		form               *regexp.Regexp
		thousands, decimal string
	}{
		{regexp.MustCompile(`^-?\d{1,12}(\.\d{1,6})?$`), "", "."},
		{regexp.MustCompile(`^-?\d{1,3}(,\d{3}){1,3}\.\d{1,6}$`), ",", "."},
		{regexp.MustCompile(`^-?\d{1,3}(,\d{3}){2,3}$`), ",", "."},
		{regexp.MustCompile(`^-?\d{1,3}(\.\d{3}){1,3},\d{1,2}$`), ".", ","},
		{regexp.MustCompile(`^-?\d{1,12},\d{1,2}$`), "", ","},
	}
)

// money reads an amount with or without its currency ("19.90 USD"); decimals stay as many as
// they are. ok is false where there is none or it was refused.
func (o object) money(key string) (amount decimal.Decimal, unit string, ok bool) {
	s, at := o.text(key), o.path+key
	if s == "" {
		return decimal.Zero, "", false
	}
	m := moneyForm.FindStringSubmatch(s)
	if m == nil || m[1] != "" && m[3] != "" {
		o.row.refuse("%s: %s is not an amount: write it like 19.90 USD", quoted(at), quoted(s))
		return decimal.Zero, "", false
	}
	unit = strings.ToUpper(m[1] + m[3])
	if unit != "" {
		if _, err := currency.ParseISO(unit); err != nil {
			o.row.refuse("%s: %s is not a currency of ISO 4217", quoted(at), quoted(m[1]+m[3]))
			return decimal.Zero, "", false
		}
	}
	number := ""
	for _, f := range numberForms {
		if f.form.MatchString(m[2]) {
			number = m[2]
			if f.thousands != "" {
				number = strings.ReplaceAll(number, f.thousands, "")
			}
			number = strings.Replace(number, f.decimal, ".", 1)
			break
		}
	}
	amount, err := decimal.NewFromString(number)
	switch {
	case err != nil && !twoWays.MatchString(m[2]):
		o.row.refuse("%s: %s is not an amount: write it like 19.90 USD", quoted(at), quoted(s))
	case err != nil:
		o.row.refuse("%s: %s may be read in two ways: write it like 1299.00", quoted(at), quoted(s))
	case amount.IsNegative():
		o.row.refuse("%s is negative", quoted(at))
	default:
		if number != m[2] {
			o.row.clean("%s: %s read as %s", quoted(at), m[2], number)
		}
		return amount, unit, true
	}
	return decimal.Zero, "", false
}
