// Package when reads dates, times, periods and durations in English and Chinese, told from the time of the text:
// "next Friday", "two weeks ago", "from 3 to 12 May", "上周三", "十月的第一周".
//
// What has no year, or is a weekday alone, is said of the past and of the future: it has both readings, the past one
// first. Weeks begin on Monday (ISO 8601).
package when

import (
	"strings"
	"time"

	"github.com/floorwalker/floorwalker/nlu/numeral"
)

// Kind is what a time is.
type Kind string

// Kinds of times, and how their values are written. Several readings are joined by "|".
const (
	Date     Kind = "date"     // 2006-01-02
	Time     Kind = "time"     // 15:04:05
	DateTime Kind = "datetime" // 2006-01-02T15:04:05
	Duration Kind = "duration" // ISO 8601: P2W, PT1H30M
	Period   Kind = "period"   // 2006-01-02/2006-02-01, the end not within it; ".." for an open one
)

// Span is a time that a text names, at half-open byte offsets of the folded text.
type Span struct {
	Kind       Kind
	Value      string
	Start, End int
}

// stretch is one reading: from and to, of which either may be open (zero).
type stretch struct{ from, to time.Time }

// item is a time that was read, up to token next.
type item struct {
	kind   Kind
	next   int
	spans  []stretch // readings of dates (a day long), moments (of no length) and periods
	clocks []int     // of times: seconds of the day
	length length    // of durations

	yearly  func(year int) (stretch, bool) // what has no year; nil otherwise
	weekday int                            // a weekday alone, 1 to 7
	daily   bool                           // a day of an unknown month: "the 4th"
	bare    bool                           // a figure that is only a time beside a date: "at 7"
}

// reader reads one text.
type reader struct {
	*numeral.Text
	now     time.Time // wall time, as UTC
	today   time.Time
	chinese bool // figures are read as Chinese write them: day before month where the year stands last

	read map[reading]answer // so that nothing is read twice, however often it is asked for
}

// reading is one thing read at one token, answer what came of it.
type (
	reading struct {
		what byte
		at   int
	}
	answer struct {
		it item
		ok bool
	}
)

// once reads a thing at a token unless that was done before.
func (r *reader) once(what byte, i int, read func(int) (item, bool)) (item, bool) {
	if i < 0 || i >= r.Len() {
		return item{}, false
	}
	key := reading{what, i}
	if a, ok := r.read[key]; ok {
		return a.it, a.ok
	}
	it, ok := read(i)
	r.read[key] = answer{it, ok}
	return it, ok
}

// Find finds the times of a text that was written at now. A zero now finds none.
func Find(x *numeral.Text, now time.Time, chinese bool) []Span {
	if now.IsZero() || !hints(x) {
		return nil
	}
	now = time.Date(now.Year(), now.Month(), now.Day(), now.Hour(), now.Minute(), now.Second(), 0, time.UTC)
	r := &reader{Text: x, now: now, today: now.Truncate(24 * time.Hour), chinese: chinese, read: map[reading]answer{}}
	var out []Span
	for i := 0; i < x.Len(); {
		it, ok := r.best(i)
		if !ok || it.next <= i {
			i++
			continue
		}
		if v := it.value(); v != "" {
			start, _ := x.Bounds(i)
			_, end := x.Bounds(it.next - 1)
			out = append(out, Span{it.kind, v, start, end})
		}
		i = it.next
	}
	return out
}

// hints reports whether a text has anything that a time is made of.
func hints(x *numeral.Text) bool {
	for i := range x.Len() {
		if w := x.Word(i); x.Digits(i) || x.Han(i) && hanHints[w] || starters[w] || months[w] > 0 || weekdays[w] > 0 || units[w] != 0 {
			return true
		}
	}
	return false
}

// best is the longest time that begins at token i.
func (r *reader) best(i int) (item, bool) {
	var best item
	found := false
	try := func(it item, ok bool) {
		if ok && (!found || it.next > best.next) {
			best, found = it, true
		}
	}
	if r.insideCode(i) {
		return item{}, false
	}
	if r.Han(i) || r.Digits(i) || r.chinese {
		try(r.hanTime(i))
	}
	try(r.hours(i))
	if !r.Han(i) {
		try(r.between(i))
		try(r.bounded(i))
		try(r.moment(i))
		try(r.period(i))
		try(r.date(i))
		try(r.duration(i))
		if it, ok := r.clock(i); ok && !it.bare {
			try(it, ok)
		}
	}
	if found && best.kind == Date && best.daily && !r.Han(best.next-1) && !r.dayAlone(i, best.next) {
		return item{}, false
	}
	return best, found
}

// hours reads what is within one day and so no value of ours: two times ("3 to 5 pm"), or one that bounds ("before 5pm").
func (r *reader) hours(i int) (item, bool) {
	read := func(i int) (item, bool) {
		if it, ok := r.hanClock(i); ok {
			return it, true
		}
		return r.clock(i)
	}
	at := i
	opened := hourBounds[r.Word(at)]
	if opened {
		at++
	}
	a, ok := read(at)
	if !ok {
		return item{}, false
	}
	switch w := r.Word(a.next); {
	case w == "-" || w == "to" || w == "until" || w == "till" || w == "到" || w == "至" || w == "~" || opened && (w == "and" || w == "和"):
		if b, ok := read(a.next + 1); ok && (!a.bare || !b.bare) {
			return item{next: b.next}, true
		}
	}
	if opened && !a.bare {
		return item{next: a.next}, true
	}
	if n, ok := r.says(a.next, "之前", "以前", "之后", "以后", "前", "后"); ok && !a.bare {
		return item{next: n}, true
	}
	return item{}, false
}

// hourBounds stand before hours that bound something.
var hourBounds = set(`from between before after until till since than 从`)

// insideCode reports whether token i belongs to a code or an address: "abc-12-2019", "133-03-03-2020".
func (r *reader) insideCode(i int) bool {
	if !r.Joined(i) || i == 0 {
		return false
	}
	switch w := r.Word(i - 1); {
	case w == "-" || w == "/" || w == "." || w == "_":
		return r.Digits(i) && (r.Digits(i-2) && r.Joined(i-1))
	case r.Digits(i) && isLatin(w):
		return true
	}
	return r.Digits(i-1) && isLatin(r.Word(i))
}

func isLatin(w string) bool { return w != "" && (w[0] >= 'a' && w[0] <= 'z') }

func (it item) value() string {
	var out []string
	add := func(v string) {
		for _, o := range out {
			if o == v {
				return
			}
		}
		out = append(out, v)
	}
	for _, s := range it.spans {
		switch it.kind {
		case Date:
			add(s.from.Format(time.DateOnly))
		case DateTime:
			add(s.from.Format("2006-01-02T15:04:05"))
		case Period:
			add(ends(s))
		}
	}
	for _, c := range it.clocks {
		if it.kind == Time {
			add(time.Time{}.Add(time.Duration(c) * time.Second).Format(time.TimeOnly))
		}
	}
	if it.kind == Duration {
		return it.length.iso()
	}
	return strings.Join(out, "|")
}

func ends(s stretch) string {
	from, to := "..", ".."
	if !s.from.IsZero() {
		from = s.from.Format(time.DateOnly)
	}
	if !s.to.IsZero() {
		to = s.to.Format(time.DateOnly)
	}
	return from + "/" + to
}

// day is a stretch of one day.
func day(t time.Time) stretch { return stretch{t, t.AddDate(0, 0, 1)} }

// dayOf is a day of the calendar; false for 30 February.
func dayOf(year, month, d int) (stretch, bool) {
	t := time.Date(year, time.Month(month), d, 0, 0, 0, 0, time.UTC)
	if month < 1 || month > 12 || d < 1 || t.Day() != d {
		return stretch{}, false
	}
	return day(t), true
}

func monthOf(year, month int) stretch {
	t := time.Date(year, time.Month(month), 1, 0, 0, 0, 0, time.UTC)
	return stretch{t, t.AddDate(0, 1, 0)}
}

func yearOf(year int) stretch {
	t := time.Date(year, 1, 1, 0, 0, 0, 0, time.UTC)
	return stretch{t, t.AddDate(1, 0, 0)}
}

// weekOf is the week of a day.
func weekOf(t time.Time) stretch {
	t = t.AddDate(0, 0, -(int(t.Weekday())+6)%7)
	return stretch{t, t.AddDate(0, 0, 7)}
}

// weekIn is the n-th week of a stretch: the first is the one with its first Thursday. Negative n count from the end.
func weekIn(s stretch, n int) stretch {
	first := weekOf(s.from)
	if first.from.AddDate(0, 0, 3).Before(s.from) {
		first = weekOf(s.from.AddDate(0, 0, 7))
	}
	if n < 0 {
		last := weekOf(s.to.AddDate(0, 0, -1))
		if !last.from.AddDate(0, 0, 3).Before(s.to) {
			last = weekOf(last.from.AddDate(0, 0, -1))
		}
		return weekOf(last.from.AddDate(0, 0, 7*(n+1)))
	}
	return weekOf(first.from.AddDate(0, 0, 7*(n-1)))
}

// both are the readings of what comes each year: the last that has begun, and the next that isn't over.
func (r *reader) both(yearly func(int) (stretch, bool)) []stretch {
	var past, future stretch
	for y := r.now.Year() - 8; y <= r.now.Year()+8; y++ {
		s, ok := yearly(y)
		if !ok {
			continue
		}
		if s.from.Before(r.now) {
			past = s
		}
		over := s.to
		if s.to.Sub(s.from) <= 24*time.Hour {
			over = s.from.Add(time.Nanosecond)
		}
		if future.from.IsZero() && over.After(r.now) {
			future = s
		}
	}
	switch {
	case past.from.IsZero() && future.from.IsZero():
		return nil
	case past.from.IsZero() || past == future:
		return []stretch{future}
	case future.from.IsZero():
		return []stretch{past}
	}
	return []stretch{past, future}
}

// yearlyItem is an item without a year.
func (r *reader) yearlyItem(kind Kind, next int, yearly func(int) (stretch, bool)) (item, bool) {
	it := item{kind: kind, next: next, yearly: yearly, spans: r.both(yearly)}
	return it, len(it.spans) > 0
}

func fixed(kind Kind, next int, s stretch) item {
	return item{kind: kind, next: next, spans: []stretch{s}}
}
