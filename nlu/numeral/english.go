package numeral

// These tables are constants in all but syntax: nothing writes to them.
var (
	small = map[string]float64{
		"zero": 0, "nought": 0, "naught": 0, "one": 1, "two": 2, "three": 3, "four": 4, "five": 5, "six": 6, "seven": 7, "eight": 8,
		"nine": 9, "ten": 10, "eleven": 11, "twelve": 12, "thirteen": 13, "fourteen": 14, "fifteen": 15, "sixteen": 16,
		"seventeen": 17, "eighteen": 18, "nineteen": 19,
	}
	tens = map[string]float64{
		"twenty": 20, "thirty": 30, "forty": 40, "fourty": 40, "fifty": 50, "sixty": 60, "seventy": 70, "eighty": 80, "ninety": 90,
	}
	scales = map[string]float64{
		"thousand": 1e3, "thousands": 1e3, "lakh": 1e5, "million": 1e6, "millions": 1e6, "mil": 1e6, "mln": 1e6, "crore": 1e7,
		"billion": 1e9, "billions": 1e9, "bln": 1e9, "bn": 1e9, "trillion": 1e12, "trillions": 1e12, "tln": 1e12,
	}
	dozens = set(`dozen dozens dz dzs doz`)
	// parts are ordinals, as places and as denominators.
	parts = map[string]float64{
		"first": 1, "second": 2, "third": 3, "fourth": 4, "fifth": 5, "sixth": 6, "seventh": 7, "eighth": 8, "ninth": 9, "nineth": 9,
		"tenth": 10, "eleventh": 11, "twelfth": 12, "thirteenth": 13, "fourteenth": 14, "fifteenth": 15, "sixteenth": 16,
		"seventeenth": 17, "eighteenth": 18, "nineteenth": 19, "twentieth": 20, "thirtieth": 30, "fortieth": 40, "fiftieth": 50,
		"sixtieth": 60, "seventieth": 70, "eightieth": 80, "ninetieth": 90, "hundredth": 100, "thousandth": 1e3, "millionth": 1e6,
		"billionth": 1e9, "trillionth": 1e12,
	}
)

// scaled multiplies figures by the word behind them: "10k", "2.33 million", "322 hundred", "3 dozen".
func (x *Text) scaled(v float64, from, next int) (float64, int, bool, bool) {
	upper := func(i int) string { return x.String[x.tokens[i].start:x.tokens[i].end] }
	if !x.is(next, word) {
		return v, next, false, true
	}
	switch w := x.text(next); {
	case w == "k" || w == "m" && upper(next) == "M" && next-from > 1 || w == "mm" && upper(next) == "MM" || w == "mil" && x.joined(next):
		return v * map[string]float64{"k": 1e3, "m": 1e6, "mm": 1e6, "mil": 1e6}[w], next + 1, false, true
	case !x.joined(next) && (w == "hundred" || w == "over" || w == "out" || w == "and" || scales[w] > 0 || dozens[w]):
		if v, next, ok := x.english(from); ok {
			return v, next, false, true
		}
	}
	return v, next, false, true
}

// english reads a number of words, which may begin with figures.
func (x *Text) english(i int) (float64, int, bool) {
	v, next, ok := x.fraction(i)
	if !ok {
		if v, next, ok = x.cardinal(i, len(x.tokens)); !ok {
			return 0, 0, false
		}
		if next == i+1 && x.text(i) == "one" && pointing[x.text(i-1)] {
			return 0, 0, false
		}
		v, next = x.spokenDecimals(v, next)
	}
	if s := scales[x.text(next)]; s > 0 { // five and a half million
		v, next = v*s, next+1
	} else if x.text(next) == "of" && x.text(next+1) == "a" && scales[x.text(next+2)] > 0 {
		v, next = v*scales[x.text(next+2)], next+3
	}
	return v, next, true
}

// pointing words make of "one" a thing and no number.
var pointing = set(`the this that which last next previous first another other any no every each new same right`)

// cardinal reads a whole number that ends before token end.
func (x *Text) cardinal(i, end int) (float64, int, bool) {
	return x.below(i, end, 1e18)
}

// below reads a whole number under a limit.
func (x *Text) below(i, end int, limit float64) (float64, int, bool) {
	v, next, ok := x.hundreds(i, end)
	if !ok {
		return 0, 0, false
	}
	if dozens[x.text(next)] && next < end {
		return v * 12, next + 1, true
	}
	scale := 0.0
	for next < end && scales[x.text(next)] > 0 {
		scale = scales[x.text(next)]
		v *= scale
		next++
	}
	if v >= limit {
		return 0, 0, false
	}
	if scale == 0 {
		return v, next, true
	}
	rest := next
	if x.text(rest) == "and" {
		rest++
	}
	if r, n, ok := x.below(rest, end, scale); ok && r > 0 && n <= end && !x.startsPart(n) {
		return v + r, n, true
	}
	return v, next, true
}

// startsPart reports whether a token is the denominator of what stands before it.
func (x *Text) startsPart(i int) bool {
	w := x.text(i)
	return w == "half" || w == "quarter" || w == "quarters"
}

// hundreds reads a number under a thousand, or figures.
func (x *Text) hundreds(i, end int) (float64, int, bool) {
	v, next := 0.0, i
	switch w := x.text(i); {
	case i >= end:
		return 0, 0, false
	case x.is(i, digits):
		var ok bool
		if v, next, ok = x.decimal(i); !ok || next > end {
			return 0, 0, false
		}
	case (w == "a" || w == "an") && i+1 < end && (x.text(i+1) == "hundred" || scales[x.text(i+1)] > 0 || dozens[x.text(i+1)]):
		v, next = 1, i+1
	case w == "hundred" && !x.is(i-1, word):
		v, next = 1, i
	default:
		var ok bool
		if v, next, ok = x.tens(i, end); !ok {
			return 0, 0, false
		}
	}
	if x.text(next) != "hundred" && x.text(next) != "hundreds" || next >= end {
		return v, next, true
	}
	v, next = v*100, next+1
	rest := next
	if x.text(rest) == "and" {
		rest++
	}
	if x.is(rest, digits) && rest < end && len(x.text(rest)) <= 2 {
		if r, n, ok := x.decimal(rest); ok && n == rest+1 && x.text(n) != "hundred" && scales[x.text(n)] == 0 {
			return v + r, n, true
		}
	}
	if r, n, ok := x.tens(rest, end); ok && x.text(n) != "hundred" && !(rest > next && x.startsPart(n)) {
		return v + r, n, true
	}
	return v, next, true
}

// tens reads a number under a hundred.
func (x *Text) tens(i, end int) (float64, int, bool) {
	if i >= end {
		return 0, 0, false
	}
	if v, ok := small[x.text(i)]; ok {
		return v, i + 1, true
	}
	v, ok := tens[x.text(i)]
	if !ok {
		return 0, 0, false
	}
	next := i + 1
	unit := next
	if x.text(unit) == "-" {
		unit++
	}
	if u, ok := small[x.text(unit)]; ok && u > 0 && u < 10 && unit < end {
		return v + u, unit + 1, true
	}
	return v, next, true
}

// spokenDecimals reads "point zero three" behind a number.
func (x *Text) spokenDecimals(v float64, i int) (float64, int) {
	if x.text(i) != "point" {
		return v, i
	}
	figures, next := "", i+1
	for {
		if d, ok := small[x.text(next)]; ok {
			figures += String(d)
			next++
			continue
		}
		break
	}
	if figures == "" {
		return v, i
	}
	return v + parse("0."+figures), next
}

// denominator is what token i divides by: "thirds", "half". Plural ones divide any number.
func (x *Text) denominator(i int) (v float64, plural, ok bool) {
	switch w := x.text(i); w {
	case "half":
		return 2, false, true
	case "halves":
		return 2, true, true
	case "quarter":
		return 4, false, true
	case "quarters":
		return 4, true, true
	default:
		if n := len(w); n > 4 && w[n-1] == 's' {
			v, ok = parts[w[:n-1]]
			return v, true, ok && v > 2
		}
		v, ok = parts[w]
		return v, false, ok && v > 2
	}
}

// fraction reads "two thirds", "one hundred and three quarters", "half", "3 over 4".
func (x *Text) fraction(i int) (float64, int, bool) {
	if x.text(i) == "half" {
		if x.text(i+1) == "a" && (scales[x.text(i+2)] > 0 || x.text(i+2) == "hundred" || dozens[x.text(i+2)]) {
			v, next, _ := x.cardinal(i+1, len(x.tokens))
			return v / 2, next, true
		}
		return 0.5, i + 1, scales[x.text(i+1)] > 0
	}
	whole, next, ok := x.cardinal(i, len(x.tokens))
	if !ok && (x.text(i) == "a" || x.text(i) == "an") {
		d, _, ok := x.denominator(i + 1)
		return 1 / d, i + 2, ok
	}
	if !ok {
		return 0, 0, false
	}
	if v, n, ok := x.ratio(whole, next); ok {
		return v, n, true
	}
	if v, n, ok := x.mixed(whole, i, next); ok {
		return v, n, true
	}
	at := next
	if x.text(at) == "-" {
		at++
	}
	if d, plural, ok := x.denominator(at); ok {
		return x.divided(whole, i, next, d, at+1, plural)
	}
	// one | one hundred fifth
	if rest, n, ok := x.cardinal(next, len(x.tokens)); ok {
		if x.text(n) == "-" {
			n++
		}
		if d, plural, ok := x.denominator(n); ok && d < rest && (plural || whole == 1) {
			return whole / (rest + d), n + 1, true
		}
	}
	return 0, 0, false
}

// ratio reads "over three" and "out of three" behind a number: parts of a whole only.
func (x *Text) ratio(v float64, i int) (float64, int, bool) {
	from := i + 1
	if x.text(i) == "out" && x.text(i+1) == "of" {
		from++
	} else if x.text(i) != "over" {
		return 0, 0, false
	}
	if d, n, ok := x.cardinal(from, len(x.tokens)); ok && v < d {
		return v / d, n, true
	}
	return 0, 0, false
}

// mixed reads "and a half", "and two thirds" behind a whole number; of "one million and a half" it is half a million.
func (x *Text) mixed(whole float64, i, next int) (float64, int, bool) {
	if x.text(next) != "and" {
		return 0, 0, false
	}
	unit := 1.0
	if s := scales[x.text(next-1)]; s > 0 {
		unit = s
	}
	part := func(num float64, at int) (float64, int, bool) {
		if x.text(at) == "-" {
			at++
		}
		d, _, ok := x.denominator(at)
		if !ok || num >= d {
			return 0, 0, false
		}
		if s := scales[x.text(at+1)]; s > 0 && s < unit { // one billion and a half million
			return whole + num/d*s, at + 2, true
		}
		return whole + num/d*unit, at + 1, true
	}
	if x.text(next+1) == "a" || x.text(next+1) == "an" {
		return part(1, next+2)
	}
	if _, ok := parts[x.text(next+1)]; !ok && x.text(next+1) == "half" {
		return part(1, next+1)
	}
	if num, n, ok := x.tens(next+1, len(x.tokens)); ok {
		return part(num, n)
	}
	return 0, 0, false
}

// divided is the fraction whose number stands at tokens i to next and whose denominator d ends at token end.
func (x *Text) divided(whole float64, i, next int, d float64, end int, plural bool) (float64, int, bool) {
	for and := next - 1; and > i; and-- { // one hundred and three quarters
		if x.text(and) != "and" {
			continue
		}
		a, n, ok1 := x.cardinal(i, and)
		b, m, ok2 := x.cardinal(and+1, next)
		if ok1 && ok2 && n == and && m == next && b < d && (plural || b == 1) {
			return a + b/d*max(scales[x.text(and-1)], 1), end, true
		}
		if plural {
			return whole / d, end, true
		}
		return 0, 0, false
	}
	if t := tens[x.text(next-1)]; t > 0 && d < 10 && next-1 > i { // one hundred | thirty fifths
		if num, n, ok := x.cardinal(i, next-1); ok && n == next-1 && (plural || num == 1) {
			return num / (t + d), end, true
		}
	}
	if plural || whole == 1 {
		return whole / d, end, true
	}
	return 0, 0, false
}
