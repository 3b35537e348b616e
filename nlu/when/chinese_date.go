package when

import (
	"time"
)

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
