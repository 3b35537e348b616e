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

// hanYear reads 2016年, 二零一六年, 07年, 今年: the year and whether it stands with 年.
func (r *reader) hanYear(i int) (int, int, bool) {
	for _, y := range hanYears {
		if next, ok := r.says(i, y.words); ok {
			if next, ok := r.says(next, "的"); ok {
				return r.now.Year() + y.n, next, true
			}
			return r.now.Year() + y.n, next, true
		}
	}
	v, next, ok := r.wholeNumber(i)
	if !ok || r.Word(next) != "年" {
		return 0, 0, false
	}
	two := next == i+1 && len(r.Word(i)) == 2 && r.Digits(i) || r.Word(i) == "零" || next == i+2 && r.Han(i) && r.Han(i+1) && v < 100 && r.Word(i) != "十" && r.Word(i+1) != "十"
	if _, ok := r.says(next+1, "前", "后", "後", "间", "半", "以前", "以后", "之前", "之后", "来"); ok && v < 1000 && r.Word(i)[0] != '0' && r.Word(i) != "零" {
		return 0, 0, false // 10年前
	}
	switch {
	case v >= 1000 && v <= 2200:
	case two && v < 40:
		v += 2000
	case two && v > 50 && v < 100:
		v += 1900
	default:
		return 0, 0, false
	}
	next++
	if at, ok := r.says(next, "的"); ok {
		next = at
	}
	return v, next, true
}

// hanMonth reads N月, 本月, 下个月: months counted in a year, or from now.
func (r *reader) hanMonth(i int) (month int, relative bool, next int, ok bool) {
	if n, at, ok := r.hanWhich(i); ok {
		if end, ok := r.says(at, "月份", "月"); ok {
			return n, true, end, true
		}
		return 0, false, 0, false
	}
	if at, ok := r.says(i, "正月"); ok {
		return 1, false, at, true
	}
	v, at, ok := r.wholeNumber(i)
	if !ok || v < 1 || v > 12 {
		return 0, false, 0, false
	}
	end, ok := r.says(at, "月份", "月")
	return v, false, end, ok
}

// hanWhich reads 上, 下, 这, 本 before a week, a month …: how many away.
func (r *reader) hanWhich(i int) (int, int, bool) {
	n, at := 0, i
	if w := r.Word(i - 1); w == "马" || w == "馬" || w == "以" || w == "早" || w == "晚" {
		return 0, 0, false
	}
	switch r.Word(i) {
	case "上", "前":
		for ; r.Word(at) == "上"; at++ {
			n--
		}
	case "下":
		for ; r.Word(at) == "下"; at++ {
			n++
		}
	case "这", "這", "本", "当", "今":
		at++
	}
	if at == i {
		return 0, 0, false
	}
	if w := r.Word(at); w == "个" || w == "個" || w == "一" && n != 0 {
		at++
		if r.Word(at) == "个" || r.Word(at) == "個" {
			at++
		}
	}
	return n, at, true
}

// hanWeek reads 周, 星期, 礼拜.
func (r *reader) hanWeek(i int) (int, bool) {
	return r.says(i, "周", "週", "星期", "礼拜", "禮拜")
}

// hanDate reads a day.
func (r *reader) hanDate(i int) (item, bool) { return r.once('1', i, r.readHanDate) }

func (r *reader) readHanDate(i int) (item, bool) {
	for _, d := range hanDays {
		if next, ok := r.says(i, d.words); ok {
			if _, brand := r.says(next, "头条", "之后》", "头條"); brand {
				return item{}, false
			}
			return fixed(Date, next, day(r.today.AddDate(0, 0, d.n))), true
		}
	}
	if it, ok := r.numericDate(i); ok && r.Digits(i) {
		return it, true
	}
	if n, at, ok := r.hanWhich(i); ok {
		if at, ok := r.hanWeek(at); ok && hanWeekdays[r.Word(at)] > 0 {
			return fixed(Date, at+1, r.inWeek(n, hanWeekdays[r.Word(at)])), true
		}
	}
	if at, ok := r.hanWeek(i); ok && hanWeekdays[r.Word(at)] > 0 && r.Word(i-1) != "每" && !r.Digits(i-1) {
		return r.hanWeekday(at), true
	}
	if it, ok := r.hanAway(i); ok && it.kind == Date {
		return it, true
	}
	return r.calendarDay(i)
}

func (r *reader) hanWeekday(at int) item {
	wd := hanWeekdays[r.Word(at)]
	future := r.inWeek(0, wd)
	if future.from.Before(r.today) {
		future = r.inWeek(1, wd)
	}
	return item{kind: Date, next: at + 1, weekday: wd, spans: []stretch{day(future.from.AddDate(0, 0, -7)), future}}
}

// calendarDay reads [year] [month] day: 2010年1月29日, 本月十日, 29日.
func (r *reader) calendarDay(i int) (item, bool) {
	year, at, hasYear := r.hanYear(i)
	if !hasYear {
		at = i
	}
	month, relative, next, hasMonth := r.hanMonth(at)
	if hasYear && !hasMonth {
		return item{}, false
	}
	if hasMonth {
		at = next
	}
	lead := at
	if r.Word(at) == "初" {
		at++
	}
	d, next, ok := r.wholeNumber(at)
	if !ok || d < 1 || d > 31 {
		return item{}, false
	}
	if w := r.Word(next); w == "日" || w == "号" || w == "號" {
		next++
		if !hasMonth {
			if _, taken := r.says(next, "楼", "线", "店", "机", "门", "房"); taken || r.Joined(i) && r.Word(i-1) == "第" {
				return item{}, false
			}
		}
	} else if !hasMonth || r.Digits(at) || lead == at && r.Joined(next) && r.Han(next) && len(r.Word(next)) > 0 && hanCounts[r.Word(next)] {
		return item{}, false
	}
	it := item{}
	switch {
	case hasYear:
		s, ok := dayOf(year, month, d)
		if !ok {
			return item{}, false
		}
		it = fixed(Date, next, s)
	case relative:
		m, _ := r.unitOf('M', month)
		s, ok := dayOf(m.from.Year(), int(m.from.Month()), d)
		if !ok {
			return item{}, false
		}
		it = fixed(Date, next, s)
	case hasMonth:
		if it, ok = r.yearlyDay(next, month, d); !ok {
			return item{}, false
		}
	default:
		it = r.dayOfSomeMonth(next, d)
	}
	at = it.next
	if r.Word(at) == "," {
		at++
	}
	if wd, ok := r.hanWeek(at); ok && hanWeekdays[r.Word(wd)] > 0 {
		it.next = wd + 1
	}
	return it, len(it.spans) > 0
}

// hanCounts may follow a number that counts something.
var hanCounts = set(`个 個 件 条 只 台 套 双 瓶 把 张 本 份 箱 盒 支 块 元 分 周 天 年 小 点 位 人 次 年 折 成`)

// dayOfSomeMonth is a day of this month or the ones around it: the last that was, and the next to come.
func (r *reader) dayOfSomeMonth(next, d int) item {
	it := item{kind: Date, next: next, daily: true}
	month := time.Date(r.now.Year(), r.now.Month(), 1, 0, 0, 0, 0, time.UTC)
	search := func(step int, fits func(stretch) bool) {
		for k := range 4 {
			m := month.AddDate(0, step*k, 0)
			if s, ok := dayOf(m.Year(), int(m.Month()), d); ok && fits(s) {
				it.spans = append(it.spans, s)
				return
			}
		}
	}
	search(-1, func(s stretch) bool { return s.from.Before(r.now) })
	search(1, func(s stretch) bool { return !s.from.Before(r.now) })
	return it
}

// hanLength reads a length: 8天又二十个小时, 半年, 三年半.
func (r *reader) hanLength(i int) (length, int, bool) {
	it, ok := r.once('6', i, func(i int) (item, bool) {
		l, next, ok := r.readHanLength(i)
		return item{length: l, next: next}, ok
	})
	return it.length, it.next, ok
}

func (r *reader) readHanLength(i int) (length, int, bool) {
	l, next := length{}, i
	for {
		at := next
		if r.Word(at) == "又" && at > i {
			at++
		}
		v, n := 0.5, at+1
		if r.Word(at) != "半" {
			var ok bool
			if v, n, ok = r.Read(at); !ok || v < 0 || v >= 10000 {
				break
			}
			if r.Digits(at) && n > at+1 && r.Han(n-1) {
				v, n = float64(atoi(r.Word(at))), at+1
			}
		}
		unit := byte(0)
		for _, u := range hanUnits {
			if end, ok := r.says(n, u.words); ok {
				unit, n = u.unit, end
				break
			}
		}
		if unit == 0 || unit == 'D' && r.Word(n-1) == "日" && at == i || unit == 'Y' && v > 1000 {
			break
		}
		l.put(unit, v)
		next = n
		if r.Word(next) == "半" && !r.hanUnitAt(next+1) {
			l.put(unit, 0.5)
			next++
			break
		}
	}
	return l, next, next > i
}

func (r *reader) hanUnitAt(i int) bool {
	for _, u := range hanUnits {
		if _, ok := r.says(i, u.words); ok {
			return true
		}
	}
	return false
}

func (r *reader) hanDuration(i int) (item, bool) {
	if w := r.Word(i - 1); w == "每" || w == "第" {
		return item{}, false
	}
	l, next, ok := r.hanLength(i)
	return item{kind: Duration, next: next, length: l}, ok && l.iso() != ""
}

// hanAway reads 5天前, 两周之后, 10分钟之前.
func (r *reader) hanAway(i int) (item, bool) { return r.once('5', i, r.readHanAway) }

func (r *reader) readHanAway(i int) (item, bool) {
	l, next, ok := r.hanLength(i)
	if !ok {
		return item{}, false
	}
	sign := 0
	end, ok := r.says(next, "之前", "以前", "前")
	if ok {
		sign = -1
	} else if end, ok = r.says(next, "之后", "之後", "以后", "以後", "后", "後"); ok {
		sign = 1
	}
	if sign == 0 {
		return item{}, false
	}
	if l.short() {
		t := l.add(r.now, sign)
		return fixed(DateTime, end, stretch{t, t}), true
	}
	return fixed(Date, end, day(l.add(r.today, sign))), true
}

// hanPart reads a part of the day.
func (r *reader) hanPart(i int) (from, next int, ok bool) {
	for _, p := range hanParts {
		if end, ok := r.says(i, p.words); ok {
			return p.from, end, true
		}
	}
	return -1, i, false
}

// hanClock reads 晚上九点半, 15时20分, 下午5:00.
func (r *reader) hanClock(i int) (item, bool) { return r.once('3', i, r.readHanClock) }

func (r *reader) readHanClock(i int) (item, bool) {
	at := i
	if n, ok := r.says(at, "大约", "大概", "差不多"); ok {
		at = n
	}
	from, at, parted := r.hanPart(at)
	if r.Word(at) == "的" && parted {
		at++
	}
	h, m, s, next, ok := r.hanHour(at)
	if !ok {
		return item{}, false
	}
	if !parted {
		if plus, n, ok := r.half(next); ok {
			h, next, parted, from = h%12+plus, n, true, plus
			return item{kind: Time, next: next, clocks: []int{h*3600 + m*60 + s}}, true
		}
	}
	total := h*3600 + m*60 + s
	it := item{kind: Time, next: next, clocks: []int{total}}
	switch {
	case parted && h <= 12 && from >= 11:
		if from == 11 && h >= 11 || h == 12 {
			break
		}
		it.clocks = []int{total + 12*3600}
	case parted:
		if h == 12 && from == 0 {
			it.clocks = []int{total % (12 * 3600)}
		}
	case h >= 1 && h <= 12:
		it.clocks = []int{total, (total + 12*3600) % (24 * 3600)}
	}
	return it, true
}

func (r *reader) hanHour(i int) (h, m, s, next int, ok bool) {
	if r.Digits(i) && r.clockAt(i) {
		h, m, s, next, kind := r.figures(i)
		return h, m, s, next, kind == 'c'
	}
	h, at, ok := r.hourNumber(i)
	if !ok || h > 24 {
		return 0, 0, 0, 0, false
	}
	if w := r.Word(at); w != "点" && w != "點" && w != "时" && w != "時" {
		return 0, 0, 0, 0, false
	}
	next = at + 1
	if n, ok := r.says(next, "钟", "鐘", "整"); ok {
		return h, 0, 0, n, true
	}
	switch n, ok := r.says(next, "半"); {
	case ok:
		return h, 30, 0, n, true
	}
	if n, ok := r.says(next, "一刻"); ok {
		return h, 15, 0, n, true
	}
	if n, ok := r.says(next, "三刻"); ok {
		return h, 45, 0, n, true
	}
	if mm, n, ok := r.wholeNumber(next); ok && mm < 60 && r.Word(n) != "点" && (r.Word(n) == "分" || r.Han(next) && !hanCounts[r.Word(n)] && n > next+1) {
		m, next = mm, n
		if r.Word(next) == "分" {
			next++
		}
		if ss, n, ok := r.wholeNumber(next); ok && ss < 60 && r.Word(n) == "秒" {
			s, next = ss, n+1
		}
	} else if w := r.Word(next); hanCounts[w] {
		return 0, 0, 0, 0, false // 一点小礼物
	}
	if w := r.Word(i); w == "一" && next == i+2 && !r.Digits(i) { // 一点 is mostly "a bit"
		_, _, parted := r.hanPart(i - 2)
		return h, m, s, next, parted
	}
	return h, m, s, next, true
}

// hourNumber reads the number before 点, which a longer number would take for a decimal point.
func (r *reader) hourNumber(i int) (int, int, bool) {
	if r.Digits(i) {
		return atoi(r.Word(i)), i + 1, len(r.Word(i)) <= 2
	}
	end := i
	for ; end < i+3 && hourDigits[r.Word(end)] > 0; end++ {
	}
	if end == i {
		return 0, 0, false
	}
	v := 0
	for k := i; k < end; k++ {
		switch d := hourDigits[r.Word(k)]; {
		case d == 10 && v == 0:
			v = 10
		case d == 10:
			v *= 10
		case d == 100:
		default:
			v += d
		}
	}
	return v, end, true
}

// hourDigits: 100 stands for zero.
var hourDigits = map[string]int{"零": 100, "一": 1, "二": 2, "两": 2, "兩": 2, "三": 3, "四": 4, "五": 5, "六": 6, "七": 7, "八": 8, "九": 9, "十": 10}

// hanMoment reads a day with a time of the day.
func (r *reader) hanMoment(i int) (item, bool) {
	if it, ok := r.hanAway(i); ok && it.kind == DateTime {
		return it, true
	}
	d, ok := r.hanDate(i)
	at := d.next
	if n, early := r.says(i, "今晚", "今早"); early {
		d, ok, at = fixed(Date, n, day(r.today)), true, n-1
	} else if n, early := r.says(i, "明晚", "明早"); early {
		d, ok, at = fixed(Date, n, day(r.today.AddDate(0, 0, 1))), true, n-1
	} else if n, early := r.says(i, "昨晚"); early {
		d, ok, at = fixed(Date, n, day(r.today.AddDate(0, 0, -1))), true, n-1
	}
	if !ok {
		return item{}, false
	}
	if r.Word(at) == "的" || r.Word(at) == "," {
		at++
	}
	c, ok := r.hanClock(at)
	if !ok {
		return item{}, false
	}
	if w := r.Word(c.next); w == "-" || w == "到" || w == "至" || w == "和" {
		return item{}, false
	}
	return join(d, c, -1)
}

// hanPeriod reads a stretch of days.
func (r *reader) hanPeriod(i int) (item, bool) { return r.once('2', i, r.readHanPeriod) }

func (r *reader) readHanPeriod(i int) (item, bool) {
	if it, ok := r.hanCalendar(i); ok {
		return it, true
	}
	if it, ok := r.hanSeveral(i); ok {
		return it, true
	}
	n, at, ok := r.hanWhich(i)
	if !ok {
		return item{}, false
	}
	if end, ok := r.hanWeek(at); ok {
		if w, ok := r.says(end, "末"); ok {
			s, _ := r.unitOf('E', n)
			return fixed(Period, w, s), true
		}
		s, _ := r.unitOf('W', n)
		return fixed(Period, end, s), hanWeekdays[r.Word(end)] == 0
	}
	if end, ok := r.says(at, "半年"); ok {
		half := monthOf(r.now.Year(), 1+6*((int(r.now.Month())-1)/6)).from.AddDate(0, 6*n, 0)
		return fixed(Period, end, stretch{half, half.AddDate(0, 6, 0)}), true
	}
	if end, ok := r.says(at, "半周"); ok && n != 0 {
		w := weekOf(r.today)
		if n > 0 {
			return fixed(Period, end, stretch{w.from.AddDate(0, 0, 3), w.to}), true
		}
		return fixed(Period, end, stretch{w.from, w.from.AddDate(0, 0, 3)}), true
	}
	for _, u := range []struct {
		words string
		unit  byte
	}{{"季度", 'Q'}, {"季", 'Q'}, {"月", 'M'}, {"年", 'Y'}} {
		if end, ok := r.says(at, u.words); ok {
			s, _ := r.unitOf(u.unit, n)
			return fixed(Period, end, s), r.Word(end) != "前" || u.unit != 'Y'
		}
	}
	return item{}, false
}

// hanCalendar reads 2018年, 2018年10月, 十月的第一周, 明年下半年, 19世纪70年代.
func (r *reader) hanCalendar(i int) (item, bool) {
	if it, ok := r.hanDecade(i); ok {
		return it, true
	}
	if r.Digits(i) && len(r.Word(i)) == 4 && !r.Han(i+1) && r.Word(i+1) != "-" && r.Word(i+1) != "/" {
		return item{}, false
	}
	year, at, hasYear := r.hanYear(i)
	if !hasYear {
		at = i
	}
	month, relative, next, hasMonth := r.hanMonth(at)
	if _, n, isDay := r.wholeNumber(next); hasMonth && isDay && (r.Word(n) == "日" || r.Word(n) == "号") {
		return item{}, false
	}
	var whole item
	switch {
	case hasYear && hasMonth && !relative:
		whole = fixed(Period, next, monthOf(year, month))
	case hasMonth && relative:
		s, _ := r.unitOf('M', month)
		whole = fixed(Period, next, s)
	case hasMonth:
		whole, _ = r.yearlyItem(Period, next, func(y int) (stretch, bool) { return monthOf(y, month), true })
	case hasYear:
		whole = fixed(Period, at, yearOf(year))
	default:
		return item{}, false
	}
	if !hasMonth {
		if it, ok := r.hanPartOfYear(whole, year); ok {
			return it, true
		}
	}
	if it, ok := r.hanPartOf(whole); ok {
		return it, true
	}
	if r.Word(whole.next-1) == "的" {
		whole.next--
	}
	return whole, true
}

func (r *reader) hanPartOfYear(whole item, year int) (item, bool) {
	at := whole.next
	part := func(next, first, n int) (item, bool) {
		s := monthOf(year, first).from
		return fixed(Period, next, stretch{s, s.AddDate(0, n, 0)}), true
	}
	if n, ok := r.says(at, "上半年"); ok {
		return part(n, 1, 6)
	}
	if n, ok := r.says(at, "下半年"); ok {
		return part(n, 7, 6)
	}
	if r.Word(at) != "第" {
		return item{}, false
	}
	v, n, ok := r.wholeNumber(at + 1)
	if !ok || v < 1 {
		return item{}, false
	}
	if end, ok := r.says(n, "个月", "個月"); ok && v <= 12 {
		return part(end, v, 1)
	}
	if end, ok := r.says(n, "季度", "季", "个季度"); ok && v <= 4 {
		return part(end, 3*v-2, 3)
	}
	return item{}, false
}

// hanPartOf reads weeks and days of a period: 的第一周, 的前10天, 的最后三周, 初, 中旬, 底.
func (r *reader) hanPartOf(whole item) (item, bool) {
	at := whole.next
	if r.Word(at) == "的" {
		at++
	}
	each := func(next int, f func(stretch) stretch) (item, bool) {
		it := item{kind: Period, next: next}
		for _, s := range whole.spans {
			it.spans = append(it.spans, f(s))
		}
		if y := whole.yearly; y != nil {
			return r.yearlyItem(Period, next, func(year int) (stretch, bool) { s, ok := y(year); return f(s), ok })
		}
		return it, true
	}
	for words, part := range map[string]string{"初": "start", "上旬": "start", "中旬": "mid", "下旬": "end", "底": "end", "末": "end"} {
		if n, ok := r.says(at, words); ok {
			return each(n, func(s stretch) stretch { return r.cut(s, part, false) })
		}
	}
	n, next := 0, at
	if r.Word(at) == "第" {
		v, end, ok := r.wholeNumber(at + 1)
		if ok {
			n, next = v, end
		}
		if w := r.Word(next); w == "个" || w == "個" {
			next++
		}
	} else if end, ok := r.says(at, "最后一", "最後一"); ok {
		n, next = -1, end
		if w := r.Word(next); w == "个" || w == "個" {
			next++
		}
	}
	if n != 0 {
		if end, ok := r.hanWeek(next); ok {
			if wd := hanWeekdays[r.Word(end)]; wd > 0 {
				it, ok := each(end+1, func(s stretch) stretch { return weekdayIn(s, n, wd) })
				it.kind = Date
				return it, ok
			}
			return each(end, func(s stretch) stretch { return weekIn(s, n) })
		}
		return item{}, false
	}
	first := true
	end, ok := r.says(at, "前")
	if !ok {
		if end, ok = r.says(at, "最后", "最後", "后", "後"); !ok {
			return item{}, false
		}
		first = false
	}
	l, end, ok := r.hanLength(end)
	if !ok || l.short() {
		return item{}, false
	}
	return each(end, func(s stretch) stretch {
		if l['W'] > 0 {
			s = stretch{weekIn(s, 1).from, weekIn(s, -1).to}
		}
		if first {
			return stretch{s.from, l.add(s.from, 1)}
		}
		return stretch{l.add(s.to, -1), s.to}
	})
}

// weekdayIn is the n-th weekday of a stretch, the last for -1.
func weekdayIn(s stretch, n, weekday int) stretch {
	if n < 0 {
		t := s.to.AddDate(0, 0, -1)
		for ; t.Weekday() != time.Weekday(weekday%7); t = t.AddDate(0, 0, -1) {
		}
		return day(t)
	}
	t := s.from
	for ; t.Weekday() != time.Weekday(weekday%7); t = t.AddDate(0, 0, 1) {
	}
	return day(t.AddDate(0, 0, 7*(n-1)))
}

func (r *reader) hanDecade(i int) (item, bool) {
	century, at := 0, i
	if v, n, ok := r.wholeNumber(i); ok && v >= 1 && v <= 22 {
		if end, ok := r.says(n, "世纪", "世紀"); ok {
			century, at = (v-1)*100, end
		}
	}
	if v, n, ok := r.wholeNumber(at); ok && v < 100 && v%10 == 0 {
		if end, ok := r.says(n, "年代"); ok {
			if century == 0 {
				century = 1900
				if v < 40 {
					century = 2000
				}
			}
			return fixed(Period, end, stretch{yearOf(century + v).from, yearOf(century + v + 10).from}), true
		}
	}
	if century > 0 {
		return fixed(Period, at, stretch{yearOf(century).from, yearOf(century + 100).from}), true
	}
	return item{}, false
}

// hanSeveral reads 前1周, 过去十年, 最近三个月, 未来两周.
func (r *reader) hanSeveral(i int) (item, bool) {
	at, past := r.says(i, "过去的", "過去的", "过去", "過去", "最近的", "最近", "近", "前", "之前")
	future := false
	if !past {
		if at, future = r.says(i, "未来", "未來", "接下来的", "接下来", "今后", "往后", "后"); !future {
			return item{}, false
		}
	}
	if w := r.Word(at); w == "这" || w == "的" {
		at++
	}
	l, next, ok := r.hanLength(at)
	if w := r.Word(at); !ok && (w == "几" || w == "幾" || w == "数") {
		for _, u := range hanUnits {
			if end, found := r.says(at+1, u.words); found {
				l, next, ok = length{}, end, true
				l.put(u.unit, 3)
				break
			}
		}
	}
	if !ok || l.short() {
		return item{}, false
	}
	if past {
		return fixed(Period, next, stretch{l.add(r.today, -1), r.today}), true
	}
	from := r.today.AddDate(0, 0, 1)
	return fixed(Period, next, stretch{from, l.add(from, 1)}), true
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
