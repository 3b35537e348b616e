package numeral

import (
	"cmp"
	"slices"
)

var percentWords = set(`percent percents percentage percentages pct 个百分点`)

// Percentages are shares of a hundred: "20%" for "twenty percent", "百分之二十", "两成" and "两折".
func (x *Text) Percentages() []Span {
	out := x.hanParts()
	add := func(v float64, start, end int) {
		if !overlaps(out, start, end) {
			out = append(out, Span{String(v) + "%", start, end})
		}
	}
	for _, n := range x.found {
		if v, next, ok := x.tenths(n); ok {
			add(v, n.Start, x.tokens[next-1].end)
			continue
		}
		if next, ok := x.percentAt(n.next); ok && !n.attached && !(x.joined(n.first) && (x.text(n.first-1) == "%" || x.text(n.first-1) == "=")) && !(x.is(next, digits) && x.joined(next)) {
			add(n.Value, n.Start, x.tokens[next-1].end)
		} else if n.first >= 2 && x.text(n.first-1) == "of" && percentBefore(x, n.first-1) >= 0 {
			add(n.Value, x.tokens[percentBefore(x, n.first-1)].start, n.End)
		}
	}
	for i := range x.tokens {
		if (x.text(i) == "对" || x.text(i) == "對" || x.text(i) == "半") && x.text(i+1) == "折" && (x.text(i) == "半" || x.text(i-1) == "打") {
			add(50, x.tokens[i].start, x.tokens[i+1].end)
		}
	}
	slices.SortFunc(out, func(a, b Span) int { return cmp.Compare(a.Start, b.Start) })
	return out
}

// percentAt reads a word or sign for percent.
func (x *Text) percentAt(i int) (int, bool) {
	switch {
	case x.text(i) == "%" || percentWords[x.text(i)]:
		return i + 1, true
	case x.text(i) == "per" && (x.text(i+1) == "cent" || x.text(i+1) == "cents"):
		return i + 2, true
	case x.text(i) == "个" || x.text(i) == "個":
		i++
	}
	if x.text(i) == "百" && x.text(i+1) == "分" && (x.text(i+2) == "点" || x.text(i+2) == "點") {
		return i + 3, true
	}
	return 0, false
}

// percentBefore is the token with which "percent" begins before token i: "percent of 10"; -1 if there is none or a number before it.
func percentBefore(x *Text, i int) int {
	at := i - 1
	if x.text(at) == "cent" && x.text(at-1) == "per" {
		at--
	} else if !percentWords[x.text(at)] {
		return -1
	}
	for _, n := range x.found {
		if n.next == at {
			return -1
		}
	}
	return at
}

// hanParts finds 百分之五, 千分之二.
func (x *Text) hanParts() []Span {
	var out []Span
	for i := 0; i < len(x.tokens); i++ {
		whole, next := 1.0, i
		for hanUnits[x.text(next)] >= 100 {
			whole *= hanUnits[x.text(next)]
			next++
		}
		if next == i || x.text(next) != "分" || x.text(next+1) != "之" || i > 0 && x.inNumber(i-1) {
			continue
		}
		n, ok := x.number(next + 2)
		if !ok && x.text(next+2) == "百" {
			n, ok = Number{Value: 100, next: next + 3}, true
		}
		if !ok {
			continue
		}
		if x.vagueTens(next + 2) {
			continue
		}
		out = append(out, Span{String(n.Value*100/whole) + "%", x.tokens[i].start, x.tokens[n.next-1].end})
		i = n.next - 1
	}
	return out
}

// inNumber reports whether token i is a digit of a Chinese number.
func (x *Text) inNumber(i int) bool {
	_, ok := hanDigits[x.text(i)]
	return ok || x.is(i, digits)
}

// vagueTens is 二三十: twenty or thirty.
func (x *Text) vagueTens(i int) bool {
	a := hanDigits[x.text(i)]
	b := hanDigits[x.text(i+1)]
	return a > 0 && b == a+1 && hanUnits[x.text(i+2)] > 0
}

// tenths reads 成 and 折 behind a number: 三成半, 七成六, 九折, 七五折.
func (x *Text) tenths(n Number) (float64, int, bool) {
	t := x.text(n.next)
	if t != "成" && t != "折" || n.Value <= 0 || n.vague {
		return 0, 0, false
	}
	v := n.Value * 10
	if v > 100 {
		v = n.Value // 75折
	}
	next := n.next + 1
	if v > 100 || t == "折" && (v == 100 || n.Value >= 10 && n.Value != float64(int(n.Value))) {
		return 0, 0, false
	}
	if t == "成" {
		if x.text(next) == "半" {
			return v + 5, next + 1, true
		}
		if d, ok := hanDigits[x.text(next)]; ok && d > 0 && !x.inNumber(next+1) && hanUnits[x.text(next+1)] == 0 {
			return v + d, next + 1, true
		}
	}
	return v, next, true
}
