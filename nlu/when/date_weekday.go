package when

import "time"

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
