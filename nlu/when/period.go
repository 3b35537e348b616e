package when

import (
	"strings"
	"time"
)

// period reads a stretch of days.
func (r *reader) period(i int) (item, bool) { return r.once('p', i, r.readPeriod) }

func (r *reader) readPeriod(i int) (item, bool) {
	var best item
	found := false
	for _, read := range []func(int) (item, bool){r.partOf, r.pointedUnit, r.several, r.monthPeriod, r.yearPeriod, r.quarter, r.weekPeriod, r.dayRange, r.toDate, r.lengthFrom} {
		if it, ok := read(i); ok && (!found || it.next > best.next) {
			best, found = it, true
		}
	}
	return best, found
}

// unitOf is the stretch of a unit n of it away from now.
func (r *reader) unitOf(u byte, n int) (stretch, bool) {
	month := time.Date(r.now.Year(), r.now.Month(), 1, 0, 0, 0, 0, time.UTC)
	week := weekOf(r.today).from
	switch u {
	case 'W':
		return weekOf(week.AddDate(0, 0, 7*n)), true
	case 'K':
		s := week.AddDate(0, 0, 7*n)
		return stretch{s, s.AddDate(0, 0, 5)}, true
	case 'E':
		s := week.AddDate(0, 0, 7*n+5)
		return stretch{s, s.AddDate(0, 0, 2)}, true
	case 'F':
		s := week.AddDate(0, 0, 14*n)
		return stretch{s, s.AddDate(0, 0, 14)}, true
	case 'M':
		m := month.AddDate(0, n, 0)
		return stretch{m, m.AddDate(0, 1, 0)}, true
	case 'Q':
		m := month.AddDate(0, -(int(month.Month())-1)%3+3*n, 0)
		return stretch{m, m.AddDate(0, 3, 0)}, true
	case 'Y':
		return yearOf(r.now.Year() + n), true
	case 'X':
		s := yearOf(r.now.Year()/10*10 + 10*n)
		return stretch{s.from, s.from.AddDate(10, 0, 0)}, true
	case 'C':
		s := yearOf(r.now.Year()/100*100 + 100*n)
		return stretch{s.from, s.from.AddDate(100, 0, 0)}, true
	}
	return stretch{}, false
}

// unitAt reads a unit, "working week" and "calendar year" among them.
func (r *reader) unitAt(i int) (byte, int, bool) {
	w := r.Word(i)
	if (w == "working" || w == "work" || w == "business") && r.Word(i+1) == "week" {
		return 'K', i + 2, true
	}
	if w == "calendar" {
		i++
	}
	u := units[r.Word(i)]
	return u, i + 1, u != 0 && u != 'D' && u != 's' && u != 'm' && u != 'h' && !strings.HasSuffix(r.Word(i), "s")
}

// pointedUnit reads "next week", "the month", "this May".
func (r *reader) pointedUnit(i int) (item, bool) { return r.once('u', i, r.readPointedUnit) }

func (r *reader) readPointedUnit(i int) (item, bool) {
	n, _, at, ok := r.pointer(i)
	if !ok {
		return item{}, false
	}
	if m, next, ok := r.monthName(at); ok && r.Word(i) != "the" {
		if y, end, ok := r.year(next); ok {
			return fixed(Period, end, monthOf(y, m)), true
		}
		year := r.now.Year()
		switch {
		case n > 0 && m <= int(r.now.Month()):
			year++
		case n < 0 && m >= int(r.now.Month()):
			year--
		}
		if _, _, _, isDay := r.dayNumber(next); isDay {
			return item{}, false
		}
		return fixed(Period, next, monthOf(year, m)), true
	}
	u, next, ok := r.unitAt(at)
	if !ok {
		return item{}, false
	}
	if r.Word(i) == "the" && at == i+1 { // "the month" says which only behind some words
		if _, isDay := relativeDays[r.Word(next)]; isDay || r.Word(next) == "of" || weekdays[r.Word(next)] > 0 || r.Digits(next) {
			return item{}, false
		}
		switch r.Word(i - 1) {
		case "in", "for", "of", "during", "within", "happened", "unavailable":
		default:
			return item{}, false
		}
	}
	s, ok := r.unitOf(u, n)
	return fixed(Period, next, s), ok
}

// several reads "the last 3 months", "5 upcoming years", "within the next 10 days".
func (r *reader) several(i int) (item, bool) {
	at, within := i, false
	if r.Word(at) == "within" {
		at, within = at+1, true
	}
	if r.Word(at) == "the" {
		at++
	}
	n, pointed := which[r.Word(at)]
	pointed = pointed && n != 0
	if pointed {
		at++
	}
	v, next, ok := r.count(at)
	if !ok || v != float64(int(v)) || !within && !pointed && r.Word(at) == "a" {
		return item{}, false
	}
	if m, ok := which[r.Word(next)]; ok && m != 0 && !pointed {
		n, pointed, next = m, true, next+1
	}
	u := units[r.Word(next)]
	if u == 0 || u == 's' || u == 'm' || u == 'h' || !within && !pointed {
		return item{}, false
	}
	l := length{}
	l.put(u, v)
	switch {
	case pointed && n < 0:
		return fixed(Period, next+1, stretch{l.add(r.today, -1), r.today}), true
	case within:
		return fixed(Period, next+1, stretch{r.today, l.add(r.today, 1)}), true
	}
	from := r.today.AddDate(0, 0, 1)
	return fixed(Period, next+1, stretch{from, l.add(from, 1)}), true
}

// monthPeriod reads "May", "May 2018", "2018 May", "dec/2018", "2015-3", "8/2019", "Jan-Feb 2017" apart.
func (r *reader) monthPeriod(i int) (item, bool) { return r.once('M', i, r.readMonthPeriod) }

func (r *reader) readMonthPeriod(i int) (item, bool) {
	if w := r.Word(i - 1); r.Digits(i) && (w == "-" || w == "/") && r.Joined(i) && isLatin(r.Word(i-2)) && months[r.Word(i-2)] == 0 {
		return item{}, false // a code
	}
	if r.Digits(i) {
		mark := r.Word(i + 1)
		if y := atoi(r.Word(i)); len(r.Word(i)) == 4 && y >= 1500 && y <= 2200 {
			if (mark == "-" || mark == "/") && r.Joined(i+1) && r.Joined(i+2) && len(r.Word(i+2)) <= 2 && !(r.Word(i+3) == mark && r.Joined(i+3)) {
				if m := atoi(r.Word(i + 2)); m >= 1 && m <= 12 {
					return fixed(Period, i+3, monthOf(y, m)), true
				}
			}
			at := i + 1
			if mark == "-" || mark == "/" || mark == "," {
				at++
			}
			if m, next, ok := r.monthName(at); ok && !(r.Digits(next) && len(r.Word(next)) <= 2) {
				return fixed(Period, next, monthOf(y, m)), true
			}
		}
		if m := atoi(r.Word(i)); len(r.Word(i)) <= 2 && m >= 1 && m <= 12 && (mark == "/" || mark == "-") && r.Joined(i+1) && r.Joined(i+2) && len(r.Word(i+2)) == 4 {
			if y, next, ok := r.year(i + 2); ok && r.Word(i-1) != "-" && r.Word(i-1) != "/" {
				return fixed(Period, next, monthOf(y, m)), true
			}
		}
		return item{}, false
	}
	m, next, ok := r.monthName(i)
	if !ok {
		return item{}, false
	}
	if y, end, ok := r.year(next); ok {
		return fixed(Period, end, monthOf(y, m)), true
	}
	if unsure[r.Word(i)] && !leads[r.Word(i-1)] || r.Word(i) == "may" && (r.Word(i-1) == "," || r.Word(i-1) == "and" || r.Word(i-1) == "or" || r.Word(i-1) == "this") {
		return item{}, false
	}
	return r.yearlyItem(Period, next, func(y int) (stretch, bool) { return monthOf(y, m), true })
}

// weekPeriod reads "week 31", "the week of April 10th", "the last week of July", "the first week of 2015".
func (r *reader) weekPeriod(i int) (item, bool) {
	at := i
	if r.Word(at) == "the" {
		at++
	}
	if w := r.Word(at); w == "w" && r.Word(at+1) == "/" && r.Word(at+2) == "c" || w == "week" {
		at++
		if w == "w" {
			at += 2
		}
		switch w := r.Word(at); w {
		case "of", "starting", "commencing", "beginning":
			at++
		default:
			if w := atoi(r.Word(at)); r.Digits(at) && w >= 1 && w <= 53 {
				return fixed(Period, at+1, weekIn(yearOf(r.now.Year()), w)), true
			}
			if r.Word(at-1) == "week" {
				return item{}, false
			}
		}
		if w := r.Word(at); w == "on" || w == "the" {
			at++
		}
		it, ok := r.date(at)
		if !ok {
			return item{}, false
		}
		weeks := item{kind: Period, next: it.next}
		for _, s := range it.spans {
			weeks.spans = append(weeks.spans, weekOf(s.from))
		}
		return weeks, true
	}
	n, next := 0, at+1
	if r.Word(at) == "last" {
		n = -1
	} else if v, m, ok := r.ReadPlace(at); ok && v <= 53 {
		n, next = int(v), m
	}
	if n == 0 || r.Word(next) != "week" || r.Word(next+1) != "of" && r.Word(next+1) != "in" {
		return item{}, false
	}
	of := next + 2
	if m, end, ok := r.monthName(of); ok {
		if y, e, ok := r.year(end); ok {
			return fixed(Period, e, weekIn(monthOf(y, m), n)), true
		}
		return r.yearlyItem(Period, end, func(y int) (stretch, bool) { return weekIn(monthOf(y, m), n), true })
	}
	if y, e, ok := r.year(of); ok {
		return fixed(Period, e, weekIn(yearOf(y), n)), true
	}
	if it, ok := r.pointedUnit(of); ok {
		return fixed(Period, it.next, weekIn(it.spans[0], n)), true
	}
	return item{}, false
}

// parts of a period, by the words for them.
var periodParts = map[string]string{
	"early": "start", "beginning": "start", "start": "start", "mid": "mid", "middle": "mid", "late": "end", "end": "end", "earlier": "start", "later": "end",
	"rest": "rest", "remaining": "rest", "remainder": "rest",
}

// partOf reads "mid-November", "the end of 2018", "later this week", "the rest of the month".
func (r *reader) partOf(i int) (item, bool) {
	at := i
	if r.Word(at) == "the" {
		at++
	}
	part := periodParts[r.Word(at)]
	if part == "" {
		return item{}, false
	}
	word := r.Word(at)
	at++
	for w := r.Word(at); w == "of" || w == "in" || w == "-"; w = r.Word(at) {
		at++
	}
	whole, plain := item{}, false
	for _, read := range []func(int) (item, bool){r.pointedUnit, r.monthPeriod, r.yearPeriod} {
		if it, ok := read(at); ok {
			whole, plain = it, true
			break
		}
	}
	if u, next, ok := r.unitAt(at); !plain && ok && (word == "end" || word == "beginning" || word == "start" || word == "middle") {
		s, ok := r.unitOf(u, 0)
		whole, plain = fixed(Period, next, s), ok
	}
	if u, next, ok := r.unitAt(at + 1); !plain && r.Word(at) == "the" && ok {
		s, ok := r.unitOf(u, 0)
		whole, plain = fixed(Period, next, s), ok
	}
	if y, next, ok := r.year(at); !plain && ok {
		whole, plain = fixed(Period, next, yearOf(y)), true
	}
	if !plain || whole.kind != Period {
		return item{}, false
	}
	byYear := r.Digits(whole.next-1) && whole.yearly == nil && whole.spans[0].to.Sub(whole.spans[0].from) > 360*24*time.Hour
	it := whole
	it.spans = nil
	for _, s := range whole.spans {
		it.spans = append(it.spans, r.cut(s, part, byYear))
	}
	if f := whole.yearly; f != nil {
		it.yearly = func(y int) (stretch, bool) { s, ok := f(y); return r.cut(s, part, false), ok }
	}
	return it, true
}

// cut is a part of a stretch: of a month its first half, its days 10 to 20, its second half; of a year half of it, or a third where the year is a figure.
func (r *reader) cut(s stretch, part string, byYear bool) stretch {
	days := int(s.to.Sub(s.from).Hours() / 24)
	switch {
	case part == "rest":
		return stretch{r.today, s.to.AddDate(0, 0, -1)}
	case days <= 7 && part == "start":
		return stretch{s.from, s.from.AddDate(0, 0, 3)}
	case days <= 7 && part == "end":
		return stretch{s.from.AddDate(0, 0, 3), s.to}
	case days <= 31 && part == "start":
		return stretch{s.from, s.from.AddDate(0, 0, 15)}
	case days <= 31 && part == "mid":
		return stretch{s.from.AddDate(0, 0, 9), s.from.AddDate(0, 0, 20)}
	case days <= 31 && part == "end":
		return stretch{s.from.AddDate(0, 0, 15), s.to}
	case byYear && part == "start":
		return stretch{s.from, s.from.AddDate(0, 4, 0)}
	case byYear && part == "mid":
		return stretch{s.from.AddDate(0, 4, 0), s.from.AddDate(0, 8, 0)}
	case byYear && part == "end":
		return stretch{s.from.AddDate(0, 8, 0), s.to}
	case part == "start":
		return stretch{s.from, s.from.AddDate(0, 6, 0)}
	case part == "end":
		return stretch{s.from.AddDate(0, 6, 0), s.to}
	}
	return stretch{s.from.AddDate(0, 3, 0), s.from.AddDate(0, 9, 0)}
}

// dayRange reads days of one month: "3 to 12 of Sept", "July 3-12", "4-23 in next month", "between the 21st and 23rd" apart.
func (r *reader) dayRange(i int) (item, bool) {
	at := i
	opened := false
	if w := r.Word(at); w == "from" || w == "between" {
		at, opened = at+1, true
	}
	if m, next, ok := r.monthName(at); ok { // July 3-12
		a, n, _, ok1 := r.dayNumber(next)
		if !ok1 || !rangeMark(r.Word(n), opened) {
			return item{}, false
		}
		b, end, _, ok2 := r.dayNumber(n + 1)
		if !ok2 || b <= a || months[r.Word(end)] > 0 || r.Word(end) == "/" || r.Word(end) == ":" {
			return item{}, false
		}
		return r.days(end, m, a, b)
	}
	if r.Word(at) == "the" {
		at++
	}
	a, n, _, ok := r.dayNumber(at)
	if !ok || !rangeMark(r.Word(n), opened) {
		return item{}, false
	}
	n++
	if r.Word(n) == "the" {
		n++
	}
	b, of, _, ok := r.dayNumber(n)
	if !ok || b <= a {
		return item{}, false
	}
	for w := r.Word(of); w == "of" || w == "in"; w = r.Word(of) {
		of++
	}
	if m, end, ok := r.monthName(of); ok {
		return r.days(end, m, a, b)
	}
	if n, _, m, ok := r.pointer(of); ok && r.Word(m) == "month" {
		s, _ := r.unitOf('M', n)
		return fixed(Period, m+1, stretch{s.from.AddDate(0, 0, a-1), s.from.AddDate(0, 0, b-1)}), true
	}
	return item{}, false
}

func (r *reader) days(next, m, a, b int) (item, bool) {
	of := func(y int) (stretch, bool) {
		from, ok1 := dayOf(y, m, a)
		to, ok2 := dayOf(y, m, b)
		return stretch{from.from, to.from}, ok1 && ok2
	}
	if y, end, ok := r.year(next); ok {
		s, ok := of(y)
		return fixed(Period, end, s), ok
	}
	return r.yearlyItem(Period, next, of)
}

func rangeMark(w string, opened bool) bool {
	return w == "-" || w == "to" || w == "~" || w == "through" || w == "until" || w == "till" || opened && w == "and"
}

// toDate reads "year to date".
func (r *reader) toDate(i int) (item, bool) {
	if next, ok := r.phrase(i+1, "to date"); ok {
		if u, _, ok := r.unitAt(i); ok {
			s, _ := r.unitOf(u, 0)
			return fixed(Period, next, stretch{s.from, r.today}), true
		}
	}
	if r.Word(i+1) == "date" && (r.Word(i) == "to" || r.Word(i) == "till") {
		return fixed(Period, i+2, stretch{to: r.today}), true
	}
	return item{}, false
}

// lengthFrom reads "2 weeks starting May 20th", "3 days, from today".
func (r *reader) lengthFrom(i int) (item, bool) {
	l, next, ok := r.amount(i)
	if !ok || l.short() {
		return item{}, false
	}
	if r.Word(next) == "," {
		next++
		if r.Word(next) != "from" {
			return item{}, false
		}
	}
	switch r.Word(next) {
	case "starting", "beginning", "commencing":
	case "from":
		if r.Word(next-1) != "," {
			return item{}, false
		}
	default:
		return item{}, false
	}
	it, ok := r.date(next + 1)
	if !ok {
		return item{}, false
	}
	from := it.spans[len(it.spans)-1].from
	if len(it.spans) > 1 && it.spans[0].from.Year() == r.now.Year() {
		from = it.spans[0].from
	}
	return fixed(Period, it.next, stretch{from, l.add(from, 1)}), true
}
