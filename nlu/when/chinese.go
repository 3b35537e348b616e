package when

import (
	"strings"
	"time"
)

// These tables are constants in all but syntax: nothing writes to them.
var (
	hanDays = []struct {
		words string
		n     int
	}{
		{"大前天", -3}, {"大后天", 3}, {"大後天", 3}, {"前天", -2}, {"前日", -2}, {"昨天", -1}, {"昨日", -1}, {"今天", 0}, {"今日", 0}, {"当天", 0}, {"明天", 1}, {"明日", 1}, {"后天", 2}, {"後天", 2},
	}
	hanYears = []struct {
		words string
		n     int
	}{{"大前年", -3}, {"前年", -2}, {"去年", -1}, {"今年", 0}, {"本年", 0}, {"明年", 1}, {"后年", 2}, {"後年", 2}}
	hanParts = []struct {
		words string
		from  int // hours: those of the clock that may be meant begin here
		short bool
	}{
		{"凌晨", 0, false}, {"清晨", 0, false}, {"早上", 0, false}, {"早晨", 0, false}, {"上午", 0, false}, {"早间", 0, false}, {"中午", 11, false}, {"下午", 12, false}, {"午后", 12, false},
		{"傍晚", 12, false}, {"晚上", 12, false}, {"夜里", 12, false}, {"深夜", 12, false}, {"早", 0, true}, {"晚", 12, true}, {"午夜", 12, false},
	}
	hanWeekdays = map[string]int{"一": 1, "二": 2, "三": 3, "四": 4, "五": 5, "六": 6, "日": 7, "天": 7}
	// hanUnits are units of lengths, the longer names first.
	hanUnits = []struct {
		words string
		unit  byte
	}{
		{"个星期", 'W'}, {"個星期", 'W'}, {"个礼拜", 'W'}, {"個禮拜", 'W'}, {"星期", 'W'}, {"礼拜", 'W'}, {"个周", 'W'}, {"周", 'W'}, {"週", 'W'}, {"个月", 'M'}, {"個月", 'M'}, {"年", 'Y'},
		{"天", 'D'}, {"个小时", 'h'}, {"個小時", 'h'}, {"小时", 'h'}, {"小時", 'h'}, {"个钟头", 'h'}, {"個鐘頭", 'h'}, {"钟头", 'h'}, {"分钟", 'm'}, {"分鐘", 'm'}, {"秒钟", 's'}, {"秒", 's'}, {"个季度", 'Q'}, {"日", 'D'},
	}
)

// says reads a word of Chinese characters.
func (r *reader) says(i int, words ...string) (int, bool) {
	for _, w := range words {
		at, rest := i, w
		for rest != "" && at < r.Len() && strings.HasPrefix(rest, r.Word(at)) {
			rest = rest[len(r.Word(at)):]
			at++
		}
		if rest == "" {
			return at, true
		}
	}
	return i, false
}

// whole reads a whole number, in figures or characters.
func (r *reader) wholeNumber(i int) (int, int, bool) {
	if r.Digits(i) && len(r.Word(i)) <= 4 && !r.Han(i+1) {
		return atoi(r.Word(i)), i + 1, true
	}
	v, next, ok := r.Read(i)
	if ok && r.Digits(i) && next > i+1 { // 2天 may not read on
		return atoi(r.Word(i)), i + 1, v >= 0
	}
	return int(v), next, ok && v >= 0 && v < 10000 && v == float64(int(v))
}

// hanTime is the longest time that begins at token i, in Chinese.
func (r *reader) hanTime(i int) (item, bool) {
	var best item
	found := false
	for _, read := range []func(int) (item, bool){r.hanBetween, r.hanBounded, r.hanMoment, r.hanPeriod, r.hanDate, r.hanClock, r.hanDuration} {
		if it, ok := read(i); ok && (!found || it.next > best.next) {
			best, found = it, true
		}
	}
	return best, found
}

// hanEnd reads what may begin or end a period.
func (r *reader) hanEnd(i int) (item, bool) { return r.once('4', i, r.readHanEnd) }

func (r *reader) readHanEnd(i int) (item, bool) {
	if n, ok := r.says(i, "现在", "現在", "今"); ok && (n > i+1 || r.Word(n) != "天" && r.Word(n) != "年" && r.Word(n) != "日") {
		return fixed(Date, n, day(r.today)), true
	}
	d, ok1 := r.hanDate(i)
	if !ok1 && r.Digits(i) {
		d, ok1 = r.numericDate(i)
	}
	p, ok2 := r.hanPeriod(i)
	if ok1 && (!ok2 || d.next >= p.next) {
		return d, true
	}
	return p, ok2
}

// hanBetween reads 从一月十日到十二日, 2018年和2019年之间, 三月至五月.
func (r *reader) hanBetween(i int) (item, bool) {
	at := i
	if w := r.Word(at); w == "从" || w == "從" || w == "由" || w == "自" {
		at++
	}
	a, ok := r.hanEnd(at)
	if !ok {
		return item{}, false
	}
	mark := r.Word(a.next)
	joined := mark == "和" || mark == "与" || mark == "跟"
	if mark != "到" && mark != "至" && mark != "-" && mark != "~" && !joined {
		return item{}, false
	}
	b, ok := r.hanEnd(a.next + 1)
	if !ok {
		return item{}, false
	}
	next := b.next
	if end, ok := r.says(next, "之间", "之間", "期间"); ok {
		next = end
	} else if joined {
		return item{}, false
	}
	if b.daily && a.kind == Date { // 从一月十日到十二日
		d := b.spans[0].from.Day()
		b.daily = false
		b.yearly = nil
		inMonth := func(s stretch) stretch {
			e, _ := dayOf(s.from.Year(), int(s.from.Month()), d)
			return stretch{s.from, e.from}
		}
		if y := a.yearly; y != nil {
			return r.yearlyItem(Period, next, func(year int) (stretch, bool) { s, ok := y(year); return inMonth(s), ok })
		}
		return fixed(Period, next, inMonth(a.spans[0])), true
	}
	it := item{kind: Period, next: next, spans: r.stretches(a, b, func(s stretch) time.Time { return s.from })}
	return it, len(it.spans) > 0 && !a.daily
}

// hanBounds stand before a time, hanSuffixes behind it; the longer ones first.
var (
	hanBounds = []struct {
		words string
		side  byte
	}{{"截止到", 'b'}, {"截至", 'b'}, {"直到", 'b'}, {"自从", 's'}, {"自", 's'}, {"从", 's'}, {"從", 's'}, {"包括", 0}, {"在", 0}}
	hanSuffixes = []struct {
		words string
		side  byte
	}{
		{"或之前", 'u'}, {"或以前", 'u'}, {"及以前", 'u'}, {"及之前", 'u'}, {"或之后", 's'}, {"或以后", 's'}, {"及以后", 's'}, {"之前", 'b'}, {"以前", 'b'}, {"前", 'b'}, {"之后", 'a'}, {"以后", 'a'}, {"之後", 'a'}, {"以後", 'a'}, {"后", 'a'},
		{"以来", 's'}, {"以來", 's'}, {"开始", 's'}, {"起", 's'},
	}
)

// hanBounded reads 2018年以前, 从2015年起, 截止到五月.
func (r *reader) hanBounded(i int) (item, bool) {
	at, side := i, byte(0)
	for _, b := range hanBounds {
		if n, ok := r.says(i, b.words); ok {
			at, side = n, b.side
			break
		}
	}
	it, ok := r.hanEnd(at)
	if !ok {
		return item{}, false
	}
	for _, s := range hanSuffixes {
		if n, ok := r.says(it.next, s.words); ok && !(s.words == "前" && it.kind == Period && it.yearly != nil) {
			it.next = n
			return open(it, s.side, ""), true
		}
	}
	if side == 'b' {
		return open(it, side, ""), true
	}
	return item{}, false
}
