package entity

import (
	"regexp"
	"strings"

	"github.com/nyaruka/phonenumbers"
)

var (
	emailPattern = regexp.MustCompile(`[A-Za-z0-9._%+-]+@(?:[A-Za-z0-9-]+(?:\.[A-Za-z0-9-]+)*\.[A-Za-z]{2,24}|\[\d{1,3}(?:\.\d{1,3}){3}\])`)
	tracked      = regexp.MustCompile(`(?i)1Z[ ]?[0-9A-Z]{3}[ ]?[0-9A-Z]{3}[ ]?[0-9A-Z]{2}[ ]?[0-9A-Z]{4}[ ]?[0-9A-Z]{4}|[A-Z]{2}\d{9}[A-Z]{2}|SF\d{12,15}|(?:JD|YT|ZTO|JT|STO)[A-Z]{0,2}\d{10,15}|\d{12,22}`)
	codePattern  = regexp.MustCompile(`\d{4,8}`)
	phonePattern = regexp.MustCompile(`\+?\(? ?\d[\d ()./-]{4,22}\d(?:\s?(?i:x|ext\.?)\s?\d{1,6})?`)
	extension    = regexp.MustCompile(`\s?(?i:x|ext\.?)\s?\d{1,6}$`)
	// phoneNamed stands right before what can be nothing but a telephone number, whether or not any country has such numbers.
	phoneNamed = regexp.MustCompile(`(?:phone|mobile|cell|tel|telephone|fax|landline|call me (?:at|on)|reach me (?:at|on))(?: ?(?:number|no\.?|nr\.?|#))?(?: in [a-z]+)?\s*(?:is|was|:|=)?\s*$|(?:电话|手机|座机|传真|電話|手機)(?:号码?|號碼?)?\s*(?:是|为|:)?\s*$`)
	dateLike   = regexp.MustCompile(`^\d{1,4}([-./])\d{1,2}[-./]\d{1,4}$`)
	phoneCue   = regexp.MustCompile(`(?:phone|mobile|cell|tel|call|number|ring|电话|手机|号码|联系)`)
	mobileCN   = regexp.MustCompile(`^1[3-9]\d{9}$`)
	american   = regexp.MustCompile(`^\(?\d{3}\)?[ .-]{1,2}\d{3}[ .-]\d{4}$`)
	postal     = regexp.MustCompile(`(?i)[A-Z]{1,2}\d[A-Z\d]? ?\d[A-Z]{2}|[ABCEGHJ-NPRSTVXY]\d[A-Z][ -]?\d[A-Z]\d|\d{5}-\d{4}|\d{5,6}`)
)

func emails(in *input) []hit {
	var out []hit
	for _, m := range emailPattern.FindAllStringIndex(in.String, -1) {
		start := m[0] + len(in.String[m[0]:m[1]]) - len(strings.TrimLeft(in.String[m[0]:m[1]], "."))
		out = append(out, hit{"email", strings.ToLower(in.String[start:m[1]]), start, m[1]})
	}
	return out
}

func trackings(in *input) []hit {
	var out []hit
	for _, m := range tracked.FindAllStringIndex(in.String, -1) {
		if in.apart(m[0], m[1]) {
			out = append(out, hit{"tracking", strings.ToUpper(strings.ReplaceAll(in.String[m[0]:m[1]], " ", "")), m[0], m[1]})
		}
	}
	return out
}

// codes are one-time codes, found only where one is expected.
func codes(in *input) []hit {
	if !in.expects["code"] {
		return nil
	}
	var out []hit
	for _, m := range codePattern.FindAllStringIndex(in.String, -1) {
		if len(in.String[m[0]:m[1]]) == 5 && in.expectsPostal() {
			continue // a one-time code has four, six or eight digits, a zip code five
		}
		if in.apart(m[0], m[1]) && !zipCue.MatchString(in.before(m[0], 40)) && !orderCue.MatchString(in.before(m[0], 40)) {
			out = append(out, hit{"code", in.String[m[0]:m[1]], m[0], m[1]})
		}
	}
	return out
}

// phones finds numbers that are valid in the regions of the conversation's languages, or
// anywhere if they begin with +. Ten digits in a row are one only if the text speaks of phones.
func phones(in *input) []hit {
	var out []hit
	for _, m := range phonePattern.FindAllStringIndex(in.String, -1) {
		h := trimmed(in, hit{kind: "phone", start: m[0], end: m[1]})
		if h.end == 0 || !in.apart(h.start, h.end) {
			continue
		}
		written := in.String[h.start:h.end]
		if x := extension.FindStringIndex(written); x != nil {
			written = written[:x[0]]
		}
		plainDigits := strings.Trim(written, "0123456789") == ""
		named := phoneNamed.MatchString(in.before(h.start, 48))
		cued := named || phoneCue.MatchString(in.before(h.start, 60)) || in.expectsAny("phone", "contact")
		if !named && (dateLike.MatchString(written) || in.inTime(h.start, h.end)) {
			continue
		}
		if plainDigits && !cued && !mobileCN.MatchString(written) || len(written) < 9 && !cued {
			continue
		}
		if h.value = numberOf(written, regions(in.locale, written), cued); h.value == "" && named {
			h.value = dialled(written)
		}
		if h.value != "" {
			out = append(out, h)
		}
	}
	return out
}

// numberOf is a phone number in E.164, "" if it is none: valid in one of the regions or, where
// one is spoken of, at least of a length that is possible in the first. An incomplete number
// of one country is easily a possible one of another.
func numberOf(written string, regions []string, cued bool) string {
	for _, region := range regions {
		if n, err := phonenumbers.Parse(written, region); err == nil && phonenumbers.IsValidNumber(n) {
			return phonenumbers.Format(n, phonenumbers.E164)
		}
	}
	n, err := phonenumbers.Parse(written, regions[0])
	if err == nil && cued && phonenumbers.IsPossibleNumber(n) && len(written) >= 10 {
		return phonenumbers.Format(n, phonenumbers.E164)
	}
	return ""
}

// dialled are the digits of a number that no country we look at has; 00 begins a country's code.
func dialled(written string) string {
	plain := strings.Map(func(r rune) rune {
		if r >= '0' && r <= '9' {
			return r
		}
		return -1
	}, strings.ReplaceAll(written, "(0)", ""))
	switch {
	case len(plain) < 6 || len(plain) > 17:
		return ""
	case strings.HasPrefix(plain, "00") && len(plain) > 10:
		return "+" + plain[2:]
	case strings.HasPrefix(strings.TrimLeft(written, "( "), "+"):
		return "+" + plain
	}
	return plain
}

func regions(locale, written string) []string {
	if american.MatchString(written) {
		return []string{"US", "CN", "GB"}
	}
	if strings.HasPrefix(locale, "zh") || mobileCN.MatchString(written) {
		return []string{"CN", "US", "GB"}
	}
	return []string{"US", "GB", "CN"}
}

func (in *input) expectsPostal() bool {
	return in.expectsAny("postal_code", "name_postal_code", "order_postal_code", "address")
}

// postalCodes finds US, Chinese, British and Canadian codes.
func postalCodes(in *input) []hit {
	var out []hit
	for _, m := range postal.FindAllStringIndex(in.String, -1) {
		code := strings.ToUpper(in.String[m[0]:m[1]])
		cued := zipCue.MatchString(in.before(m[0], 40))
		allDigits := strings.Trim(code, "0123456789") == ""
		switch {
		case !in.apart(m[0], m[1]):
			continue
		case cued:
		case orderCue.MatchString(in.before(m[0], 40)):
			continue
		case allDigits && in.expects["order_id"] && !in.expectsPostal():
			continue
		case allDigits && unitAfter.MatchString(in.after(m[1], 12)):
			continue
		case allDigits && in.shape.takesDigits(code) && !in.expectsPostal():
			continue
		}
		out = append(out, hit{"postal_code", spaced(code), m[0], m[1]})
	}
	return out
}

// takesDigits reports whether these digits alone are one of the shop's order ids.
func (s Shape) takesDigits(digits string) bool {
	for _, t := range s.templates {
		if t.pattern == nil && t.bare != nil && t.bare.FindString(digits) == digits {
			return true
		}
	}
	return false
}

// spaced writes British and Canadian codes with their space.
func spaced(code string) string {
	if strings.ContainsAny(code, " -") || strings.Trim(code, "0123456789") == "" || len(code) < 5 {
		return strings.Replace(code, "- ", " ", 1)
	}
	return code[:len(code)-3] + " " + code[len(code)-3:]
}
