package numeral

import "strings"

// These tables are constants in all but syntax: nothing writes to them.
var (
	hanDigits = map[string]float64{
		"零": 0, "〇": 0, "一": 1, "壹": 1, "二": 2, "贰": 2, "貳": 2, "两": 2, "兩": 2, "俩": 2, "倆": 2, "三": 3, "叁": 3, "參": 3, "四": 4, "肆": 4,
		"五": 5, "伍": 5, "六": 6, "陆": 6, "陸": 6, "七": 7, "柒": 7, "八": 8, "捌": 8, "九": 9, "玖": 9,
	}
	hanUnits = map[string]float64{
		"十": 10, "拾": 10, "百": 100, "佰": 100, "千": 1e3, "仟": 1e3, "万": 1e4, "萬": 1e4, "亿": 1e8, "億": 1e8, "兆": 1e12,
	}
	// idioms hold a digit and count nothing: "一切", "四川", "收拾".
	idioms = strings.Fields(`一切 一看 一下 一样 一樣 一起 一直 一定 一般 一些 一旦 一边 一邊 一会 一會 一共 一向 一律 一致 一生 一味 一再 一块儿 一如 一概 一方面
		万一 萬一 统一 唯一 单一 其中之一 专一 四川 四周 四处 四季 四面 三明治 五金 五官 六神 七夕 八卦 九州 十分 十足 百度 百货 百合 百姓 千万别 千萬別 千万不 千瓦
		陆地 陸地 大陆 大陸 陆续 陸續 登陆 登陸 着陆 内陆 陆军 队伍 隊伍 入伍 退伍 伍仁 伍佰 收拾 夕拾 拾起 拾到 拾取 拾荒 放肆 肆意 肆无 大肆 两两 兩兩
		美两 一流 一带 一路 一手 一心 一口气 三星 三文鱼 不三不四 乱七八糟 丢三落四 三角`)
	vagueMarks = set(`余 餘 多 几 幾`)
)

// idiomsAt maps the first and the second character of idioms to them.
var idiomsAt = func() map[string][]string {
	out := map[string][]string{}
	for _, w := range idioms {
		first := string([]rune(w)[0])
		out[first] = append(out[first], w)
	}
	return out
}()

// idiomatic reports whether the character of token i belongs to an idiom.
func (x *Text) idiomatic(i int) bool {
	for j := i; j >= max(0, i-3); j-- {
		for _, w := range idiomsAt[x.text(j)] {
			if strings.HasPrefix(x.Lower[x.tokens[j].start:], w) && x.tokens[j].start+len(w) > x.tokens[i].start {
				return true
			}
		}
	}
	return false
}

// chinese reads a number of Chinese characters, which may hold figures ("7万5千"): whole ones, decimals (点), fractions (分之) and mixed ones (又).
func (x *Text) chinese(i int) (v float64, next int, vague, ok bool) {
	if x.is(i, han) && (x.idiomatic(i) || x.vagueTens(i) || x.vagueTens(i-1) || x.vagueTens(i-2)) {
		return 0, 0, false, false
	}
	if x.text(i) == "半" && x.text(i+1) == "打" && x.text(i+2) != "折" {
		return 6, i + 2, false, true
	}
	v, next, vague, ok = x.hanDecimal(i)
	if !ok {
		return 0, 0, false, false
	}
	if num, n, ok := x.over(next); ok && v != 0 {
		return num / v, n, false, true
	}
	if x.text(next) == "又" {
		if den, n, _, ok := x.hanDecimal(next + 1); ok && den != 0 {
			if num, n, ok := x.over(n); ok {
				return v + num/den, n, false, true
			}
		}
	}
	if x.text(next) == "打" && x.text(next+1) != "折" {
		return v * 12, next + 1, false, true
	}
	if x.is(i, digits) && !x.is(next-1, han) && !x.anyHan(i, next) {
		return 0, 0, false, false // nothing Chinese about it
	}
	return v, next, vague, true
}

func (x *Text) anyHan(i, end int) bool {
	for ; i < end; i++ {
		if x.is(i, han) {
			return true
		}
	}
	return false
}

// over reads 分之 and the numerator.
func (x *Text) over(i int) (float64, int, bool) {
	if x.text(i) != "分" || x.text(i+1) != "之" {
		return 0, 0, false
	}
	j, s := i+2, 1.0
	if x.text(j) == "负" || x.text(j) == "負" {
		j, s = j+1, -1
	}
	num, n, _, ok := x.hanDecimal(j)
	return s * num, n, ok
}

// hanDecimal reads a whole number and what follows 点.
func (x *Text) hanDecimal(i int) (float64, int, bool, bool) {
	v, next, vague, ok := x.hanWhole(i)
	if !ok || x.text(next) != "点" && x.text(next) != "點" || vague {
		return v, next, vague, ok
	}
	figures, n := "", next+1
	for ; x.is(n, han); n++ {
		d, isDigit := hanDigits[x.text(n)]
		if !isDigit || x.text(n) == "两" || x.text(n) == "兩" {
			break
		}
		figures += String(d)
	}
	if figures == "" || x.text(n) == "点" || x.text(n) == "分" && x.text(n+1) != "之" {
		return v, next, false, true
	}
	v += parse("0." + figures)
	for hanUnits[x.text(n)] >= 1e4 {
		v *= hanUnits[x.text(n)]
		n++
	}
	return v, n, false, true
}

// reading is a Chinese number under way.
type reading struct {
	large   []large // from 万 upwards, each smaller than the one before it
	section float64 // of what is under 万
	digit   float64 // a digit that waits for its unit
	waiting bool
	unit    float64 // the last unit
	zero    bool    // 零 stood before the digit
	vague   bool
}

// large is a part of a number that ends in a large unit.
type large struct{ value, unit float64 }

// hanWhole reads a whole number: by places ("三千零五"), or digit by digit ("二零零四").
func (x *Text) hanWhole(i int) (float64, int, bool, bool) {
	if v, next, ok := x.spelt(i); ok {
		return v, next, false, true
	}
	var r reading
	start := i
	for {
		t := x.text(i)
		if x.is(i, digits) && !r.waiting && (i == start || x.joined(i) || hanUnits[x.text(i-1)] > 0) {
			v, n, ok := x.decimal(i)
			if !ok || n != i+1 && hanUnits[x.text(n)] == 0 && !vagueMarks[x.text(n)] && i != start {
				break
			}
			r.digit, r.waiting = v, true
			i = n
			continue
		}
		if d, ok := hanDigits[t]; ok {
			if r.waiting && r.digit > 0 {
				break
			}
			if d == 0 && i > start {
				r.zero, i = true, i+1
				continue
			}
			r.digit, r.waiting = d, true
			i++
			continue
		}
		if vagueMarks[t] && i > start && x.vagueHere(i, start) {
			r.vague, i = true, i+1
			continue
		}
		u := hanUnits[t]
		if u == 0 || !r.take(u, i == start, x.bareUnit(i)) {
			break
		}
		i++
	}
	if i == start || i == start+1 && hanUnits[x.text(start)] > 10 {
		return 0, 0, false, false
	}
	if x.text(i-1) == "零" && i-start > 1 && r.vague {
		i--
	}
	return r.value(), i, r.vague, true
}

// vagueHere reports whether 余, 多 or 几 stands within a number: a large unit follows. 几 may replace a digit.
func (x *Text) vagueHere(i, start int) bool {
	for j := i + 1; j <= i+2; j++ {
		if hanUnits[x.text(j)] >= 1e4 {
			return true
		}
	}
	return false
}

// bareUnit reports whether a unit without a digit may begin a number: 十, 百三.
func (x *Text) bareUnit(i int) bool {
	t := x.text(i)
	if t == "十" || t == "拾" {
		return true
	}
	_, digit := hanDigits[x.text(i+1)]
	return hanUnits[t] == 100 && digit
}

// take multiplies by a unit; false where the unit can't follow.
func (r *reading) take(u float64, first, bare bool) bool {
	if first && !bare {
		return false
	}
	if u >= 1e4 {
		v := r.section + r.pending()
		if v == 0 && len(r.large) == 0 {
			return false
		}
		for n := len(r.large) - 1; n >= 0 && (r.large[n].unit < u || v == 0 && r.large[n].unit == u); n-- {
			v += r.large[n].value // 四千万亿
			r.large = r.large[:n]
		}
		if v == 0 {
			return false
		}
		r.large = append(r.large, large{v * u, u})
		r.section = 0
	} else {
		if !r.waiting {
			if !first && !r.zero && r.unit < 1e4 {
				return false // 五十千
			}
			r.digit = 1
		}
		if r.digit == 0 {
			r.digit = 1 // 零十
		}
		if r.unit > 0 && r.unit < 1e4 && u >= r.unit && r.section > 0 {
			return false
		}
		r.section += r.digit * u
	}
	r.digit, r.waiting, r.unit, r.zero = 0, false, u, false
	return true
}

func (r *reading) pending() float64 {
	if r.waiting {
		return r.digit
	}
	return 0
}

// value adds what is left; a last digit without its unit is of the next place: 三百五 is 350.
func (r *reading) value() float64 {
	d := r.pending()
	if r.waiting && r.digit > 0 && r.digit < 10 && r.unit > 10 && !r.zero {
		d *= r.unit / 10
	}
	d += r.section
	for _, l := range r.large {
		d += l.value
	}
	return d
}

// spelt reads two or more digits in a row: 二零零四, 零八.
func (x *Text) spelt(i int) (float64, int, bool) {
	figures, n := "", i
	for ; x.is(n, han); n++ {
		d, ok := hanDigits[x.text(n)]
		if !ok || x.text(n) == "两" || x.text(n) == "兩" || n-i > 18 {
			break
		}
		figures += String(d)
	}
	if n-i < 2 || hanUnits[x.text(n)] > 0 || vagueMarks[x.text(n)] {
		return 0, 0, false
	}
	return parse(figures), n, true
}
