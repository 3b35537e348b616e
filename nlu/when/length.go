package when

import (
	"strconv"
	"strings"
	"time"

	"github.com/floorwalker/floorwalker/nlu/numeral"
)

// length is how long something takes, by units: years, months, weeks, days, hours, minutes, seconds.
type length map[byte]float64

// iso writes a length as ISO 8601 does.
func (l length) iso() string {
	date, clock := "", ""
	for _, u := range []byte("YMWD") {
		if l[u] != 0 {
			date += numeral.String(l[u]) + string(u)
		}
	}
	for _, u := range []byte("hms") {
		if l[u] != 0 {
			clock += numeral.String(l[u]) + strings.ToUpper(string(u))
		}
	}
	if clock != "" {
		clock = "T" + clock
	}
	if date+clock == "" {
		return ""
	}
	return "P" + date + clock
}

// add is t and n lengths: n may be negative.
func (l length) add(t time.Time, n int) time.Time {
	whole := func(u byte) int { return n * int(l[u]) }
	t = addMonths(t, 12*whole('Y')+whole('M')).AddDate(0, 0, 7*whole('W')+whole('D'))
	if part := l['Y'] - float64(int(l['Y'])); part != 0 {
		t = addMonths(t, n*int(part*12))
	}
	seconds := l['h']*3600 + l['m']*60 + l['s'] + (l['D']-float64(int(l['D'])))*86400
	return t.Add(time.Duration(float64(n) * seconds * float64(time.Second)))
}

// addMonths stays within the month: 31 January and a month is 28 February.
func addMonths(t time.Time, n int) time.Time {
	first := time.Date(t.Year(), t.Month(), 1, t.Hour(), t.Minute(), t.Second(), 0, time.UTC).AddDate(0, n, 0)
	last := first.AddDate(0, 1, -1).Day()
	return first.AddDate(0, 0, min(t.Day(), last)-1)
}

// short reports whether a length is of less than days.
func (l length) short() bool { return l['h']+l['m']+l['s'] > 0 }

// put adds n of a unit.
func (l length) put(u byte, n float64) {
	switch u {
	case 'Q':
		l['M'] += 3 * n
	case 'F':
		l['W'] += 2 * n
	case 'X':
		l['Y'] += 10 * n
	case 'C':
		l['Y'] += 100 * n
	case 'E':
		l['D'] += 2 * n
	case 'K':
		l['W'] += n
	default:
		l[u] += n
	}
}

// count reads how many: "3", "two and a half", "a", "a few".
func (r *reader) count(i int) (float64, int, bool) {
	switch w := r.Word(i); w {
	case "a", "an":
		if r.Word(i+1) == "few" {
			return 3, i + 2, true
		}
		if r.Word(i+1) == "couple" {
			if r.Word(i+2) == "of" {
				return 2, i + 3, true
			}
			return 2, i + 2, true
		}
		if units[r.Word(i+1)] != 0 && (r.Word(i+1) != "second" || !isLatin(r.Word(i+2))) {
			return 1, i + 1, true
		}
	case "few", "some", "several":
		return 3, i + 1, units[r.Word(i+1)] != 0
	case "half":
		if a := r.Word(i + 1); a == "a" || a == "an" {
			return 0.5, i + 2, units[r.Word(i+2)] != 0
		}
		return 0, 0, false
	}
	if r.Han(i) {
		return 0, 0, false
	}
	v, next, ok := r.Read(i)
	return v, next, ok && v >= 0 && v < 10000
}

// amount reads one or several numbers with their units: "3 hours 30 minutes", "one hour and a half".
func (r *reader) amount(i int) (length, int, bool) {
	it, ok := r.once('L', i, func(i int) (item, bool) {
		l, next, ok := r.readAmount(i)
		return item{length: l, next: next}, ok
	})
	return it.length, it.next, ok
}

func (r *reader) readAmount(i int) (length, int, bool) {
	l := length{}
	next := i
	for {
		v, n, ok := r.count(next)
		if !ok {
			break
		}
		if r.Word(n) == "-" && r.Joined(n) {
			n++
		}
		u := units[r.Word(n)]
		if u == 0 {
			break
		}
		if u == 'Q' && r.Word(n) == "quarter" || r.Digits(n-1) && r.Joined(n) && len(r.Word(n)) < 2 {
			break
		}
		l.put(u, v)
		next = n + 1
		if r.Word(next) == "and" {
			if h := next + 1; r.Word(h) == "half" || r.Word(h) == "a" && r.Word(h+1) == "half" {
				l.put(u, 0.5)
				next = h + 1
				if r.Word(h) == "a" {
					next++
				}
				break
			}
			if _, n, ok := r.count(next + 1); ok && units[r.Word(n)] != 0 && units[r.Word(n)] != u {
				next++
				continue
			}
			break
		}
		if r.Word(next) == "," {
			if _, n, ok := r.count(next + 1); ok && units[r.Word(n)] != 0 && units[r.Word(n)] != u {
				next++
			}
		}
	}
	return l, next, next > i
}

// duration reads a length of time.
func (r *reader) duration(i int) (item, bool) { return r.once('l', i, r.readDuration) }

func (r *reader) readDuration(i int) (item, bool) {
	if (r.Word(i) == "all" || r.Word(i) == "whole") && units[r.Word(i+1)] != 0 && r.Word(i+1) != "days" {
		l := length{}
		l.put(units[r.Word(i+1)], 1)
		return item{kind: Duration, next: i + 2, length: l}, true
	}
	if r.Word(i) == "the" && r.Word(i+1) == "hour" && r.Word(i-1) == "for" {
		return item{kind: Duration, next: i + 2, length: length{'h': 1}}, true
	}
	if w := r.Word(i - 1); w == "every" || w == "each" || w == "once" {
		return item{}, false
	}
	l, next, ok := r.amount(i)
	if ok && (r.Word(i) == "a" || r.Word(i) == "an") && (r.Word(i-1) == "once" || r.Word(i-1) == "twice" || r.Word(i-1) == "times") {
		return item{}, false
	}
	return item{kind: Duration, next: next, length: l}, ok && l.iso() != ""
}

func atoi(s string) int {
	n, err := strconv.Atoi(s)
	if err != nil {
		return -1
	}
	return n
}
