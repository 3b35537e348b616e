package skill

import (
	"cmp"
	"context"
	"encoding/json"
	"regexp"
	"slices"
	"strings"
	"unicode"
	"unicode/utf8"

	"github.com/floorwalker/floorwalker/catalog"
	"github.com/floorwalker/floorwalker/catalog/store"
	"github.com/floorwalker/floorwalker/dialog/flow"
)

// postalAddress reads a full postal address of what is said; the one of the account, or of
// another order of the shopper's, may be meant, too. The value is an address as records have it.
var postalAddress = skill{
	Skill: flow.Skill{Name: "postal_address", Kind: flow.Resolve, Sure: true, Args: []string{"order"}, Options: []string{"order"},
		Entities: []string{"postal_code"}, Refuses: []string{addressIncomplete}, Needs: verified},
	run: (*Set).postalAddress,
}

// accountAddress reads a full postal address for the account.
var accountAddress = skill{
	Skill: flow.Skill{Name: "account_address", Kind: flow.Resolve, Sure: true, Entities: []string{"postal_code"}, Refuses: []string{addressIncomplete}, Needs: verified},
	run:   (*Set).postalAddress,
}

const addressIncomplete = "address_incomplete"

func (s *Set) postalAddress(ctx context.Context, call flow.Call) (flow.Result, error) {
	if call.Said == nil {
		return flow.Result{}, nil
	}
	return s.ofShopper(ctx, call, func(r store.Records, c catalog.Customer, o catalog.Order) (flow.Result, error) {
		a, ok, err := s.addressMeant(r, call, c, o)
		switch {
		case err != nil:
		case ok:
			return flow.Result{Values: []flow.Value{{V: a, Text: call.Said.Text, Offset: offset(call.Said)}}}, nil
		case call.Expected && strings.ContainsFunc(call.Said.Text, unicode.IsDigit) && len([]rune(call.Said.Text)) > 5:
			return flow.Result{Refused: addressIncomplete}, nil
		}
		return flow.Result{}, err
	})
}

// addressMeant is the address that a text has, or points at.
func (s *Set) addressMeant(r store.Records, call flow.Call, c catalog.Customer, o catalog.Order) (catalog.Address, bool, error) {
	text := call.Said.Text
	for _, e := range call.Said.Entities {
		if e.Type == "order_id" { // no house number
			text = text[:e.Start] + strings.Repeat(" ", e.End-e.Start) + text[e.End:]
		}
	}
	if a, ok := readAddress(text); ok {
		return s.spelled(a, c.Address.Country), true, nil
	}
	if o.ID != "" && s.change.account.in(text) && c.Address != (catalog.Address{}) {
		return c.Address, true, nil
	}
	if a, ok, err := s.ownAddress(r, call, c, o, text); ok || err != nil {
		return a, ok, err
	}
	if !s.change.address.in(text) {
		return catalog.Address{}, false, nil
	}
	for _, e := range call.Said.Entities {
		if e.Type != "order_id" {
			continue
		}
		other, ok, err := ownOrderLike(r, e.Value, call.Identity)
		if err != nil {
			return catalog.Address{}, false, err
		}
		if ok && o.ID != "" && other.ID != o.ID {
			return other.Address, true, nil
		}
	}
	return catalog.Address{}, false, nil
}

// ownAddress is the only address among those of the account and of the shopper's orders, other than the
// one that an order has now, that is in a place that is named: "send it to my Chicago address".
func (s *Set) ownAddress(r store.Records, call flow.Call, c catalog.Customer, o catalog.Order, text string) (catalog.Address, bool, error) {
	if streetStart.MatchString(text) || !call.Expected && !s.change.address.in(text) {
		return catalog.Address{}, false, nil
	}
	orders, err := r.OrdersOf(c.ID)
	if err != nil {
		return catalog.Address{}, false, err
	}
	known := []catalog.Address{c.Address}
	for _, other := range orders {
		known = append(known, other.Address)
	}
	now := o.Address
	if o.ID == "" {
		now = c.Address
	}
	var named []catalog.Address
	for _, a := range known {
		if a != now && a != (catalog.Address{}) && !slices.Contains(named, a) && s.change.inPlace(a, text) {
			named = append(named, a)
		}
	}
	if len(named) != 1 {
		return catalog.Address{}, false, nil
	}
	return named[0], true, nil
}

// inPlace reports whether a text names the city of an address, or its region by a name that isn't its code.
func (w *changeWords) inPlace(a catalog.Address, text string) bool {
	tokens := tokensOf(text)
	if saidIn(tokens, []string{a.City}) > 0 {
		return true
	}
	return slices.ContainsFunc(w.Places, func(names []string) bool {
		return (strings.EqualFold(names[0], a.City) || names[0] == a.Region) && saidIn(tokens, names[1:]) > 0
	})
}

// spelled gives an address its country as the account spells it: none said is the account's.
func (s *Set) spelled(a catalog.Address, usual string) catalog.Address {
	if a.Country == "" {
		a.Country = usual
		return a
	}
	for _, names := range s.change.Countries {
		has := func(name string) bool {
			return slices.ContainsFunc(names, func(n string) bool { return strings.EqualFold(n, name) })
		}
		if has(a.Country) && has(usual) {
			a.Country = usual
		}
	}
	return a
}

// mostAddress bounds a part of an address.
const mostAddress = 128

// regionCode is a region with a postal code after it, as they end an address: "TX 78701",
// "BC V6B 1A1".
var regionCode = regexp.MustCompile(`(?:^|[\s,])([A-Z]{2,3}|[A-Z][a-z]+(?: [A-Z][a-z]+){0,2})\.?,?\s+(\d{5}(?:-\d{4})?|[A-Z]\d[A-Z] ?\d[A-Z]\d)\b`)

// streetStart is where a street with its number begins, or a box.
var streetStart = regexp.MustCompile(`(?i)(?:\b\d+[a-z]?(?:[-/]\d+)?\s+\S|\bp\.?\s?o\.?\s?box\s+\d+)`)

// readAddress reads a full postal address. It reports false where the street with its number, the
// city or the code is missing.
func readAddress(text string) (catalog.Address, bool) {
	text = strings.TrimSpace(text)
	if strings.ContainsFunc(text, func(r rune) bool { return unicode.Is(unicode.Han, r) }) {
		if a, ok := readHanAddress(text); ok {
			return a, true
		}
	}
	for _, at := range slices.Backward(regionCode.FindAllStringSubmatchIndex(text, -1)) {
		a := catalog.Address{Region: text[at[2]:at[3]], PostalCode: text[at[4]:at[5]], Country: countryAfter(text[at[1]:])}
		start := streetStart.FindStringIndex(text[:at[2]])
		if start == nil {
			continue
		}
		head := text[start[0]:at[2]]
		parts := addressParts(head)
		if len(parts) == 1 { // "12 Main Street Austin TX 78701": nothing parts street and city
			continue
		}
		if len(parts) < 2 {
			continue
		}
		a.Line1, a.City = parts[0], parts[len(parts)-1]
		a.Line2 = strings.Join(parts[1:len(parts)-1], ", ")
		if sound(a) {
			return a, true
		}
	}
	return catalog.Address{}, false
}

func addressParts(s string) []string {
	var parts []string
	for _, part := range strings.FieldsFunc(s, func(r rune) bool { return strings.ContainsRune(",;\n，；", r) }) {
		if part = strings.Join(strings.Fields(part), " "); part != "" {
			parts = append(parts, part)
		}
	}
	return parts
}

// countryAfter is the country that may follow a postal code: words in capitals up to the end of the
// sentence, and small ones between them.
func countryAfter(rest string) string {
	rest = strings.TrimLeft(rest, " ,\n")
	if i := strings.IndexAny(rest, ".!?;,\n"); i >= 0 {
		rest = rest[:i]
	}
	words := strings.Fields(rest)
	for i, word := range words {
		small := i > 0 && i+1 < len(words) && (word == "of" || word == "and" || word == "the")
		if first, _ := utf8.DecodeRuneInString(word); !small && !unicode.IsUpper(first) || word == "Thanks" || word == "Thank" || word == "Please" {
			words = words[:i]
			break
		}
	}
	if len(words) > 5 {
		return ""
	}
	return strings.Join(words, " ")
}

var (
	hanPostal   = regexp.MustCompile(`(?:邮编|邮政编码)?[:：是为]?\s*(\d{6})`)
	hanProvince = regexp.MustCompile(`([\p{Han}]{2,8}?(?:省|自治区|特别行政区))`)
	hanCity     = regexp.MustCompile(`([\p{Han}]{2,6}?)市`)
	hanIntro    = regexp.MustCompile(`^.*?(?:地址是|地址为|地址：|地址:|寄到|送到|发到|改成|改为|改到|换成|换到|新地址|搬到了|搬到)[：:，,\s]*`)
	hanNumber   = regexp.MustCompile(`^(.*?\d+\s*(?:号|弄|巷|街)(?:院)?)\s*(.*)$`)
)

// readHanAddress reads a Chinese address: province, city, street with number, and the rest.
func readHanAddress(text string) (catalog.Address, bool) {
	text = hanIntro.ReplaceAllString(text, "")
	a := catalog.Address{}
	if at := hanPostal.FindStringSubmatchIndex(text); at != nil {
		a.PostalCode = text[at[2]:at[3]]
		text = text[:at[0]] + " " + text[at[1]:]
	}
	for _, name := range []string{"中华人民共和国", "中国"} {
		if strings.Contains(text, name) {
			text, a.Country = strings.Replace(text, name, " ", 1), "中国"
			break
		}
	}
	if at := hanProvince.FindStringIndex(text); at != nil {
		a.Region = text[at[0]:at[1]]
		text = text[:at[0]] + " " + text[at[1]:]
	}
	at := hanCity.FindStringSubmatchIndex(text)
	if at == nil {
		return a, false
	}
	a.City = text[at[2]:at[3]]
	a.Region = cmp.Or(a.Region, text[at[0]:at[1]])
	text = text[at[1]:]
	text = strings.Trim(text, " ,，。;；、\n")
	for _, end := range []string{"谢谢", "吧", "。"} {
		text, _, _ = strings.Cut(text, end)
	}
	text = strings.Trim(strings.NewReplacer("，", " ", ",", " ", "、", " ").Replace(text), " ")
	if m := hanNumber.FindStringSubmatch(text); m != nil {
		a.Line1, a.Line2 = m[1], m[2]
	} else {
		a.Line1 = text
	}
	a.Line1, a.Line2 = strings.Join(strings.Fields(a.Line1), " "), strings.Join(strings.Fields(a.Line2), " ")
	return a, sound(a) && strings.ContainsFunc(a.Line1, unicode.IsDigit)
}

// sound reports whether an address has what it must, and nothing that doesn't belong into one.
func sound(a catalog.Address) bool {
	for _, part := range []string{a.Line1, a.City, a.Region} {
		if part == "" {
			return false
		}
	}
	if strings.ContainsFunc(a.City, unicode.IsDigit) {
		return false
	}
	for _, part := range []string{a.Line1, a.Line2, a.City, a.Region, a.PostalCode, a.Country} {
		if len(part) > mostAddress || strings.ContainsFunc(part, unicode.IsControl) || strings.ContainsAny(part, "{}<>@") {
			return false
		}
	}
	return true
}

// addressOf reads the value of a slot.
func addressOf(v any) (catalog.Address, bool) {
	var a catalog.Address
	text, err := json.Marshal(v)
	if err != nil || json.Unmarshal(text, &a) != nil {
		return a, false
	}
	return a, sound(a)
}
