package when

import (
	"time"
)

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
