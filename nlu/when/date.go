package when

import "time"

// date reads a day.
func (r *reader) date(i int) (item, bool) { return r.once('d', i, r.readDate) }

func (r *reader) readDate(i int) (item, bool) {
	var best item
	found := false
	for _, read := range []func(int) (item, bool){r.weekdayDate, r.numericDate, r.monthDay, r.dayMonth, r.relativeDay, r.away, r.holiday, r.dayOnly} {
		if it, ok := read(i); ok && it.kind == Date && (!found || it.next > best.next) {
			best, found = it, true
		}
	}
	return best, found
}

// year reads four digits, after a comma, "of" or "in" where such may stand.
func (r *reader) year(i int) (int, int, bool) {
	switch w := r.Word(i); {
	case w == "," || w == "of" || w == "in" || w == "-" && r.Joined(i) || w == "/" && r.Joined(i):
		if r.Word(i+1) == "the" && r.Word(i+2) == "year" {
			i += 2
		}
		i++
	}
	if y := atoi(r.Word(i)); len(r.Word(i)) == 4 && y >= 1500 && y <= 2200 && !r.clockAt(i) {
		return y, i + 1, true
	}
	return 0, 0, false
}

// clockAt reports whether digits are of an hour: "12:30".
func (r *reader) clockAt(i int) bool {
	return r.Word(i+1) == ":" && r.Joined(i+1) && r.Digits(i+2) && r.Joined(i+2)
}

// dayNumber reads a day of a month: "4", "4th", "twenty nine", "fifteenth".
func (r *reader) dayNumber(i int) (d, next int, place, ok bool) {
	if v, n, ok := r.ReadPlace(i); ok && v >= 1 && v <= 31 {
		return int(v), n, true, true
	}
	if r.Digits(i) {
		d := atoi(r.Word(i))
		_, _, half := r.half(i + 1)
		return d, i + 1, false, len(r.Word(i)) <= 2 && d >= 1 && d <= 31 && !r.clockAt(i) && !half
	}
	if !isLatin(r.Word(i)) || r.Word(i) == "a" || r.Word(i) == "an" {
		return 0, 0, false, false
	}
	v, n, ok := r.Read(i)
	return int(v), n, false, ok && v >= 1 && v <= 31 && v == float64(int(v)) && n <= i+3
}

// monthName reads a month, with the point of an abbreviation.
func (r *reader) monthName(i int) (int, int, bool) {
	m := months[r.Word(i)]
	if m == 0 || r.Word(i-1) == "$" {
		return 0, 0, false
	}
	if r.Word(i+1) == "." && r.Joined(i+1) && len(r.Word(i)) <= 4 {
		return m, i + 2, true
	}
	return m, i + 1, true
}

// monthDay reads "May 4", "Dec. 31, 1994", "march fifteenth", "mar4".
func (r *reader) monthDay(i int) (item, bool) { return r.once('m', i, r.readMonthDay) }

func (r *reader) readMonthDay(i int) (item, bool) {
	m, at, ok := r.monthName(i)
	if !ok {
		return item{}, false
	}
	if s := r.Word(at); (s == "-" || s == "/") && r.Joined(at) && r.Joined(at+1) || s == "the" {
		at++
	}
	d, next, _, ok := r.dayNumber(at)
	if !ok {
		return item{}, false
	}
	if y, n, ok := r.year(next); ok {
		s, ok := dayOf(y, m, d)
		return fixed(Date, n, s), ok
	}
	if r.Word(next) == "-" && r.Joined(next) && r.Digits(next+1) && r.Joined(next+1) && len(r.Word(next+1)) <= 2 && r.Word(next+2) != ":" && atoi(r.Word(next+1)) > d {
		return item{}, false // july 3-12
	}
	return r.yearlyDay(next, m, d)
}

func (r *reader) yearlyDay(next, m, d int) (item, bool) {
	return r.yearlyItem(Date, next, func(y int) (stretch, bool) { return dayOf(y, m, d) })
}

// dayMonth reads "4 May", "the 22nd of april 1995", "twenty third day of September".
func (r *reader) dayMonth(i int) (item, bool) { return r.once('D', i, r.readDayMonth) }

func (r *reader) readDayMonth(i int) (item, bool) {
	if r.Word(i) == "the" {
		i++
	}
	if r.Word(i-1) == "$" {
		return item{}, false
	}
	d, at, _, ok := r.dayNumber(i)
	if !ok {
		return item{}, false
	}
	if r.Word(at) == "day" {
		at++
	}
	if r.Word(at) == "of" {
		at++
	}
	if r.Word(at) == "-" && r.Joined(at) {
		at++
	}
	m, next, ok := r.monthName(at)
	if !ok || r.Word(at) == "second" {
		return item{}, false
	}
	if y, n, ok := r.year(next); ok {
		s, ok := dayOf(y, m, d)
		return fixed(Date, n, s), ok
	}
	return r.yearlyDay(next, m, d)
}

// relativeDay reads "tomorrow", "the day after tomorrow", "the day before".
func (r *reader) relativeDay(i int) (item, bool) {
	at := i
	if r.Word(at) == "the" {
		at++
	}
	if r.Word(at) == "day" && (r.Word(at+1) == "after" || r.Word(at+1) == "before") {
		n := 1
		if r.Word(at+1) == "before" {
			n = -1
		}
		if d, ok := relativeDays[r.Word(at+2)]; ok {
			return fixed(Date, at+3, day(r.today.AddDate(0, 0, n+d))), true
		}
		if at > i && r.Word(i-1) != "day" && !isLatin(r.Word(at+2)) {
			return fixed(Date, at+2, day(r.today.AddDate(0, 0, n))), true
		}
		return item{}, false
	}
	if n, ok := which[r.Word(at)]; ok && n != 0 && r.Word(at+1) == "day" && r.Word(at) != "past" {
		return fixed(Date, at+2, day(r.today.AddDate(0, 0, n))), true
	}
	if at > i && r.Word(at) == "day" && (r.Word(i-1) == "of" || r.Word(i-1) == "for") {
		return fixed(Date, at+1, day(r.today)), true
	}
	d, ok := relativeDays[r.Word(i)]
	if !ok || r.Word(i) == "tonight" || r.Word(i) == "tonite" {
		return item{}, false
	}
	return fixed(Date, i+1, day(r.today.AddDate(0, 0, d))), true
}

// away reads a length from now or from a day: "two weeks ago", "in 3 days", "4 months from tomorrow". Lengths under a day give a moment.
func (r *reader) away(i int) (item, bool) { return r.once('a', i, r.readAway) }

func (r *reader) readAway(i int) (item, bool) {
	at, in := i, false
	if r.Word(at) == "in" {
		at, in = at+1, true
	}
	l, next, ok := r.amount(at)
	if !ok || l.iso() == "" {
		return item{}, false
	}
	base, sign, end := r.today, 0, next
	if l.short() {
		base = r.now
	}
	switch w := r.Word(next); {
	case w == "ago" || w == "back" && r.Word(next-1) != "back":
		sign, end = -1, next+1
	case w == "later" || w == "hence":
		sign, end = 1, next+1
	case w == "from" && r.Word(next+1) == "now":
		sign, end = 1, next+2
	case w == "after" || w == "from" || w == "since" || w == "following" || w == "before" || w == "prior" && r.Word(next+1) == "to":
		of := next + 1
		if w == "prior" {
			of++
		}
		if it, ok := r.date(of); ok && !l.short() {
			base, sign, end = it.spans[len(it.spans)-1].from, 1, it.next
		} else if y, n, ok := r.year(of); ok && w == "since" && !l.short() {
			base, sign, end = yearOf(y).from, 1, n
		}
		if w == "before" || w == "prior" {
			sign = -sign
		}
	}
	if sign == 0 {
		if !in {
			return item{}, false
		}
		sign = 1
	}
	t := l.add(base, sign)
	if l.short() {
		return fixed(DateTime, end, stretch{t, t}), true
	}
	return fixed(Date, end, day(t)), true
}

// dayOnly reads a day of the month: "the 4th", "the 15th day of next month".
func (r *reader) dayOnly(i int) (item, bool) {
	at := i
	if r.Word(at) == "the" {
		at++
	}
	d, next, place, ok := r.dayNumber(at)
	if !ok || !place || at == i && !r.Digits(at) {
		return item{}, false
	}
	of := next
	if r.Word(of) == "day" {
		of++
	}
	if r.Word(of) == "of" {
		of++
	}
	if n, _, m, ok := r.pointer(of); ok && r.Word(m) == "month" {
		month := addMonths(time.Date(r.now.Year(), r.now.Month(), 1, 0, 0, 0, 0, time.UTC), n)
		s, ok := dayOf(month.Year(), int(month.Month()), d)
		return fixed(Date, m+1, s), ok
	}
	it := item{kind: Date, next: next, daily: true}
	month := time.Date(r.now.Year(), r.now.Month(), 1, 0, 0, 0, 0, time.UTC)
	for k := 0; k > -4; k-- {
		m := month.AddDate(0, k, 0)
		if s, ok := dayOf(m.Year(), int(m.Month()), d); ok && s.from.Before(r.now) {
			it.spans = append(it.spans, s)
			break
		}
	}
	for k := 0; k < 4; k++ {
		m := month.AddDate(0, k, 0)
		if s, ok := dayOf(m.Year(), int(m.Month()), d); ok && !s.from.Before(r.now) {
			it.spans = append(it.spans, s)
			break
		}
	}
	return it, len(it.spans) > 0
}

// dayAlone reports whether "the 4th" can be a day: it isn't the fourth of something.
func (r *reader) dayAlone(i, next int) bool {
	switch w := r.Word(next); {
	case !isLatin(w):
	case w == "at" || w == "from" || w == "between" || w == "around" || w == "to" || w == "until" || w == "and" || w == "or" || w == "please" || w == "with" || w == "for":
	default:
		return false
	}
	switch w := r.Word(i - 1); {
	case w == "on" || w == "by" || w == "since" || w == "before" || w == "after" || w == "until" || w == "for" && r.Word(i) == "the":
		return true
	case r.Word(i) == "the":
		_, _, digitsFirst := r.Read(i + 1)
		return digitsFirst && r.Digits(i+1) && r.Word(next) != "for"
	}
	return false
}
