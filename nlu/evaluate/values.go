package evaluate

import (
	"math"
	"slices"
	"strconv"
	"strings"

	"github.com/floorwalker/floorwalker/nlu/entity"
)

// otherNames are what other collections call our types.
var otherNames = map[string]string{
	"numberrange": "number_range", "percent": "percentage", "currency": "money", "price": "money", "phonenumber": "phone",
	"ordinal.relative": "ordinal", "datetimev2.date": "date", "datetimev2.time": "time", "datetimev2.datetime": "datetime",
	"datetimev2.duration": "duration", "datetimev2.daterange": "period", "daterange": "period", "date_range": "period",
	"dateperiod": "period", "date_period": "period",
}

// entityType is our name of a type.
func entityType(name string) (string, bool) {
	lower := strings.ToLower(name)
	if slices.Contains(entity.Types(), lower) {
		return lower, true
	}
	own, ok := otherNames[lower]
	return own, ok
}

// sameValue compares values by what they mean: numbers as numbers, amounts with their currency, telephone numbers by their
// digits, durations by their length. A value with several readings is joined by "|"; all of the wanted ones must be among those found.
func sameValue(want, got Entity, lang string) bool {
	kind, _ := entityType(want.Type)
	readings := strings.Split(got.Value, "|")
	for _, w := range strings.Split(want.Value, "|") {
		if !slices.ContainsFunc(readings, func(g string) bool { return sameReading(kind, w, g, want, lang) }) {
			return false
		}
	}
	return true
}

func sameReading(kind, want, got string, expected Entity, lang string) bool {
	want, got = strings.TrimSpace(want), strings.TrimSpace(got)
	if strings.EqualFold(want, got) {
		return true
	}
	switch kind {
	case "number", "ordinal":
		return sameNumber(want, got)
	case "percentage":
		return sameNumber(strings.TrimSuffix(want, "%"), strings.TrimSuffix(got, "%"))
	case "number_range":
		return sameRange(want, got)
	case "money":
		return sameMoney(want, got, lang)
	case "phone":
		return samePhone(want, got)
	case "duration":
		return sameDuration(want, got)
	case "datetime", "time", "date", "period":
		return plainTime(want) == plainTime(got)
	}
	return false
}

func sameNumber(a, b string) bool {
	x, err1 := strconv.ParseFloat(strings.ReplaceAll(a, ",", ""), 64)
	y, err2 := strconv.ParseFloat(b, 64)
	return err1 == nil && err2 == nil && math.Abs(x-y) <= 1e-9*math.Abs(x)
}

// sameRange compares "[20,50)" with the brackets, and each end as a number.
func sameRange(a, b string) bool {
	if len(a) < 3 || len(b) < 3 || a[0] != b[0] && !strings.Contains(a[:2], ",") || a[len(a)-1] != b[len(b)-1] {
		return false
	}
	al, ah, ok1 := strings.Cut(a[1:len(a)-1], ",")
	bl, bh, ok2 := strings.Cut(b[1:len(b)-1], ",")
	same := func(x, y string) bool { return x == y || sameNumber(x, y) }
	return ok1 && ok2 && same(strings.TrimSpace(al), bl) && same(strings.TrimSpace(ah), bh)
}

// sameMoney compares amounts and currencies. An amount without a currency is in whatever the shop counts in, as 元 and 块 are.
func sameMoney(want, got, lang string) bool {
	a, wanted, _ := strings.Cut(want, " ")
	b, code, _ := strings.Cut(got, " ")
	local := code == "" && (wanted == "CNY" && strings.HasPrefix(lang, "zh"))
	return sameNumber(a, b) && (wanted == "" || strings.EqualFold(wanted, code) || local)
}

// samePhone compares the digits of a number as it is written with those of E.164, which begin with a country's code
// and leave out zeros that are only dialled within the country.
func samePhone(want, got string) bool {
	plain := func(s string) string {
		var b strings.Builder
		for _, r := range strings.ReplaceAll(s, "(0)", "") {
			if r >= '0' && r <= '9' {
				b.WriteRune(r)
			}
		}
		return strings.TrimLeft(b.String(), "0")
	}
	if i := strings.IndexAny(want, "xe"); i > 6 { // an extension
		want = want[:i]
	}
	w, g := plain(want), plain(got)
	return w == g || len(w) >= 6 && strings.HasSuffix(g, w) || len(g) >= 6 && strings.HasSuffix(w, g) ||
		len(w) > 8 && len(g) > 8 && w[len(w)-8:] == g[len(g)-8:] && w[:2] == g[:2]
}

// sameDuration compares lengths: seconds, or ISO 8601 with a month of 30 and a year of 365 days.
func sameDuration(want, got string) bool {
	a, ok1 := seconds(want)
	b, ok2 := seconds(got)
	return ok1 && ok2 && math.Abs(a-b) <= 1e-6*a
}

func seconds(s string) (float64, bool) {
	if v, err := strconv.ParseFloat(s, 64); err == nil {
		return v, true
	}
	if !strings.HasPrefix(s, "P") {
		return 0, false
	}
	date := map[byte]float64{'Y': 365 * 86400, 'M': 30 * 86400, 'W': 7 * 86400, 'D': 86400}
	clock := map[byte]float64{'H': 3600, 'M': 60, 'S': 1}
	units, total, from := date, 0.0, 1
	for i := 1; i < len(s); i++ {
		if s[i] == 'T' {
			units, from = clock, i+1
			continue
		}
		if u := units[s[i]]; u > 0 {
			v, err := strconv.ParseFloat(s[from:i], 64)
			if err != nil {
				return 0, false
			}
			total, from = total+v*u, i+1
		}
	}
	return total, from == len(s) && len(s) > 2
}

// plainTime writes a time in one way, whatever stands between its parts: T or a space, :00 or nothing.
func plainTime(s string) string {
	s = strings.ReplaceAll(strings.ToUpper(s), "T", " ")
	parts := strings.Split(s, "/")
	for i, p := range parts {
		if p == ".." {
			p = ""
		}
		if n := strings.Count(p, ":"); n == 1 {
			p += ":00"
		}
		parts[i] = strings.TrimSpace(p)
	}
	return strings.Join(parts, "/")
}
