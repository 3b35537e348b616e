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

// numericDate reads "22/04/2019", "2019-aug-1", "5/12": month before day, unless there is no such month.
func (r *reader) numericDate(i int) (item, bool) { return r.once('n', i, r.readNumericDate) }

func (r *reader) readNumericDate(i int) (item, bool) {
	if !r.Digits(i) && months[r.Word(i)] == 0 || r.Word(i-1) == "-" && r.Joined(i) && r.Digits(i-2) && r.Word(i+1) == "-" {
		return item{}, false
	}
	var parts []string
	mark, at := r.Word(i+1), i
	if mark != "/" && mark != "-" && mark != "." {
		return item{}, false
	}
	for {
		parts = append(parts, r.Word(at))
		if len(parts) == 3 || r.Word(at+1) != mark || !r.Joined(at+1) || !r.Joined(at+2) || !r.Digits(at+2) && months[r.Word(at+2)] == 0 {
			break
		}
		at += 2
	}
	next := at + 1
	if r.Joined(next) && isLatin(r.Word(next)) || r.Word(next) == mark && r.Joined(next) && r.Digits(next+1) && r.Joined(next+1) && mark != "-" {
		return item{}, false
	}
	if len(parts) == 2 {
		return r.dayAndMonth(i, next, mark, parts)
	}
	if len(parts) < 3 {
		return item{}, false
	}
	return r.threeParts(next, parts)
}

func (r *reader) threeParts(next int, parts []string) (item, bool) {
	year, rest := -1, []string{}
	named := 0
	for _, p := range parts {
		switch {
		case months[p] > 0:
			named = months[p]
		case len(p) == 4 && year < 0:
			year = atoi(p)
		case len(p) <= 2:
			rest = append(rest, p)
		default:
			return item{}, false
		}
	}
	var years []int
	switch {
	case year >= 0:
		years = []int{year}
	case len(rest) == 3 && r.chinese:
		years, rest = fullYears(atoi(rest[0])), rest[1:]
	case len(rest) == 3:
		years, rest = fullYears(atoi(rest[2])), rest[:2]
	case len(rest) == 2 && named > 0:
		years, rest = fullYears(atoi(rest[1])), rest[:1]
	}
	it := item{kind: Date, next: next}
	for _, y := range years {
		m, d := named, 0
		switch {
		case named > 0 && len(rest) == 1:
			d = atoi(rest[0])
		case named == 0 && len(rest) == 2:
			m, d = atoi(rest[0]), atoi(rest[1])
			if m > 12 || r.chinese && len(parts[2]) == 4 && d <= 12 {
				m, d = d, m
			}
		}
		if s, ok := dayOf(y, m, d); ok {
			it.spans = append(it.spans, s)
		}
	}
	return it, len(it.spans) > 0
}

// fullYears are what two digits of a year may mean.
func fullYears(y int) []int {
	switch {
	case y < 30:
		return []int{2000 + y}
	case y < 40:
		return []int{1900 + y, 2000 + y}
	}
	return []int{1900 + y}
}

// dayAndMonth reads two parts: a day without a year.
func (r *reader) dayAndMonth(i, next int, mark string, parts []string) (item, bool) {
	if months[parts[0]] > 0 || months[parts[1]] > 0 || len(parts[0]) > 2 || len(parts[1]) > 2 {
		return item{}, false
	}
	m, d := atoi(parts[0]), atoi(parts[1])
	if m > 12 {
		m, d = d, m
	}
	cue := r.Word(i - 1)
	cued := cue == "on" || cue == "by" || cue == "since" || cue == "before" || cue == "after" || cue == "until" || cue == "this" || cue == "next" || cue == "from" ||
		weekdays[cue] > 0 || cue == "in" && mark == "/" || cue == "to" && mark == "/"
	fraction := d <= 10 && m < d && (m == 1 || d <= 5 || m == 3 && d == 8)
	if mark != "/" && !cued || fraction && !cued {
		return item{}, false
	}
	switch w := r.Word(next); {
	case w == "%" || w == "$" || w == "/" || mark == "." && units[w] != 0:
		return item{}, false
	}
	if y, n, ok := r.year(next); ok && r.Word(next) == "," {
		s, ok := dayOf(y, m, d)
		return fixed(Date, n, s), ok
	}
	return r.yearlyDay(next, m, d)
}

// pointer reads "this", "next", "this coming": how far from now, and whether the very next or last is meant whatever its week.
func (r *reader) pointer(i int) (n int, nearest bool, next int, ok bool) {
	w := r.Word(i)
	if w == "the" && r.Word(i+1) != "the" {
		if n, nearest, next, ok := r.pointer(i + 1); ok {
			return n, nearest, next, true
		}
	}
	n, ok = which[w]
	if !ok {
		return 0, false, i, false
	}
	if w == "this" {
		if m, ok := which[r.Word(i+1)]; ok && m != 0 {
			return m, true, i + 2, true
		}
	}
	return n, w == "past" || w == "coming" || w == "upcoming", i + 1, true
}

// inWeek is a weekday of the week n weeks from now.
func (r *reader) inWeek(n, weekday int) stretch {
	return day(weekOf(r.today).from.AddDate(0, 0, 7*n+weekday-1))
}

// weekdayDate reads weekdays with all that may stand with them: "next Friday", "Tuesday, March 7", "friday the 26th", "Monday of next week",
// "next week Monday".
func (r *reader) weekdayDate(i int) (item, bool) { return r.once('w', i, r.readWeekdayDate) }

func (r *reader) readWeekdayDate(i int) (item, bool) {
	n, nearest, at, pointed := r.pointer(i)
	if pointed && (r.Word(at) == "week" || r.Word(at) == "wk") {
		day := at + 1
		for w := r.Word(day); w == "on" || w == "-" || w == ","; w = r.Word(day) {
			day++
		}
		if wd := weekdays[r.Word(day)]; wd > 0 {
			return fixed(Date, day+1, r.inWeek(n, wd)), true
		}
		return item{}, false
	}
	wd := weekdays[r.Word(at)]
	if wd == 0 {
		if pointed && r.Digits(at) && r.Word(i) != "the" { // this 5/12
			if it, ok := r.numericDate(at); ok && it.yearly != nil {
				s, ok := it.yearly(r.now.Year() + n)
				return fixed(Date, it.next, s), ok
			}
		}
		return item{}, false
	}
	next := at + 1
	if r.Word(next) == "." && r.Joined(next) && len(r.Word(at)) <= 4 && isLatin(r.Word(next+1)) {
		next++
	}
	if it, ok := r.dayBeside(next, wd); ok {
		if pointed && it.yearly != nil {
			if s, ok := it.yearly(r.now.Year()); ok {
				return fixed(Date, it.next, s), true
			}
		}
		return it, true
	}
	if pointed && r.Word(i) != "the" {
		s := r.inWeek(n, wd)
		if nearest {
			for s = day(r.today.AddDate(0, 0, n)); s.from.Weekday() != time.Weekday(wd%7); s = day(s.from.AddDate(0, 0, n)) {
			}
		}
		return fixed(Date, next, s), true
	}
	if pointed {
		return item{}, false
	}
	of := next
	if w := r.Word(of); w == "of" || w == "in" || w == "," {
		of++
	}
	if m, _, week, ok := r.pointer(of); ok && r.Word(week) == "week" && r.Word(of) != "the" || ok && r.Word(week) == "week" && week > of+1 {
		return fixed(Date, week+1, r.inWeek(m, wd)), true
	}
	if unsure[r.Word(at)] && !leads[r.Word(i-1)] {
		return item{}, false
	}
	future := r.inWeek(0, wd)
	if future.from.Before(r.today) {
		future = r.inWeek(1, wd)
	}
	return item{kind: Date, next: next, weekday: wd, spans: []stretch{day(future.from.AddDate(0, 0, -7)), future}}, true
}

// leads are words before which "may", "sun" and their like are times.
var leads = set(`in on of by since until till before after this next last from to during between or , for and through early late mid week -`)

// dayBeside reads the date that stands with a weekday.
func (r *reader) dayBeside(i, weekday int) (item, bool) {
	if w := r.Word(i); w == "," || w == "-" {
		i++
	}
	for _, read := range []func(int) (item, bool){r.monthDay, r.dayMonth} {
		if it, ok := read(i); ok {
			return it, true
		}
	}
	if it, ok := r.numericDate(i); ok {
		return it, true
	}
	at := i
	if r.Word(at) == "the" {
		at++
	}
	d, next, place, ok := r.dayNumber(at)
	if !ok || !place && (at > i || r.Word(i-1) == "," || r.Word(i-1) == "-" || r.Word(next) == "-" || r.Word(next) == "oclock" || r.Word(next) == "o" || r.Word(next) == "." && r.Joined(next) && r.Digits(next+1)) {
		return item{}, false
	}
	if !place && !r.Digits(at) || units[r.Word(next)] != 0 {
		return item{}, false
	}
	fits := func(m time.Time) (stretch, bool) {
		s, ok := dayOf(m.Year(), int(m.Month()), d)
		return s, ok && s.from.Weekday() == time.Weekday(weekday%7)
	}
	month := time.Date(r.now.Year(), r.now.Month(), 1, 0, 0, 0, 0, time.UTC)
	if s, ok := fits(month); ok {
		return fixed(Date, next, s), true
	}
	it := item{kind: Date, next: next}
	for _, step := range []int{-1, 1} {
		for k := 1; k < 48; k++ {
			if s, ok := fits(month.AddDate(0, step*k, 0)); ok {
				it.spans = append(it.spans, s)
				break
			}
		}
	}
	return it, len(it.spans) > 0
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

// feasts are days with a name: of a fixed date, or worked out.
var feasts = []struct {
	words string
	of    func(year int) (month, day int)
}{
	{"christmas eve", at(12, 24)}, {"xmas eve", at(12, 24)}, {"christmas day", at(12, 25)}, {"christmas", at(12, 25)}, {"xmas", at(12, 25)}, {"boxing day", at(12, 26)},
	{"new year ' s eve", at(12, 31)}, {"new year eve", at(12, 31)}, {"new years eve", at(12, 31)}, {"new year ' s day", at(1, 1)}, {"new year day", at(1, 1)}, {"new years day", at(1, 1)}, {"new year ' s", at(1, 1)},
	{"valentine ' s day", at(2, 14)}, {"valentines day", at(2, 14)}, {"valentine ' s", at(2, 14)}, {"saint patrick ' s day", at(3, 17)}, {"saint patrick", at(3, 17)}, {"st patrick ' s day", at(3, 17)},
	{"april fools day", at(4, 1)}, {"juneteenth", at(6, 19)}, {"freedom day", at(6, 19)}, {"jubilee day", at(6, 19)}, {"independence day", at(7, 4)}, {"halloween", at(10, 31)},
	{"thanksgiving day", thanksgiving(0)}, {"thanksgiving", thanksgiving(0)}, {"black friday", thanksgiving(1)}, {"cyber monday", thanksgiving(4)},
	{"easter sunday", easter}, {"easter", easter},
}

func at(month, day int) func(int) (int, int) { return func(int) (int, int) { return month, day } }

// thanksgiving is the fourth Thursday of November, and days after it.
func thanksgiving(after int) func(int) (int, int) {
	return func(year int) (int, int) {
		first := time.Date(year, 11, 1, 0, 0, 0, 0, time.UTC)
		t := first.AddDate(0, 0, (11-int(first.Weekday()))%7+21+after)
		return int(t.Month()), t.Day()
	}
}

// easter is the Western one (Meeus, Jones and Butcher's algorithm).
func easter(year int) (int, int) {
	a, b, c := year%19, year/100, year%100
	d, e := b/4, b%4
	g := (8*b + 13) / 25
	h := (19*a + b - d - g + 15) % 30
	i, k := c/4, c%4
	l := (32 + 2*e + 2*i - h - k) % 7
	m := (a + 11*h + 22*l) / 451
	n := h + l - 7*m + 114
	return n / 31, n%31 + 1
}

func (r *reader) holiday(i int) (item, bool) {
	n, _, at, pointed := r.pointer(i)
	if !pointed {
		at = i
	}
	for _, f := range feasts {
		next, ok := r.phrase(at, f.words)
		if !ok {
			continue
		}
		yearly := func(y int) (stretch, bool) { m, d := f.of(y); return dayOf(y, m, d) }
		if y, end, ok := r.year(next); ok {
			s, _ := yearly(y)
			return fixed(Date, end, s), true
		}
		it, ok := r.yearlyItem(Date, next, yearly)
		if pointed && n != 0 && len(it.spans) == 2 {
			it = fixed(Date, next, it.spans[(n+1)/2])
		}
		return it, ok
	}
	return item{}, false
}

// phrase reads words that are separated by spaces.
func (r *reader) phrase(i int, words string) (int, bool) {
	start := 0
	for k := 0; k <= len(words); k++ {
		if k < len(words) && words[k] != ' ' {
			continue
		}
		if r.Word(i) != words[start:k] {
			return 0, false
		}
		i, start = i+1, k+1
	}
	return i, true
}
