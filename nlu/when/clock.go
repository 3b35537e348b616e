package when

import "time"

// half reads am and pm in its spellings: "am", "p.m.", "a m", "9a"; it is 0 or 12.
func (r *reader) half(i int) (int, int, bool) {
	hours := map[byte]int{'a': 0, 'p': 12}
	switch w := r.Word(i); {
	case w == "am" || w == "pm":
		return hours[w[0]], i + 1, true
	case w != "a" && w != "p":
		return 0, 0, false
	case r.Word(i+1) == "." && r.Word(i+2) == "m":
		if r.Word(i+3) == "." {
			return hours[w[0]], i + 4, true
		}
		return hours[w[0]], i + 3, true
	case r.Word(i+1) == "m":
		return hours[w[0]], i + 2, true
	case r.Joined(i) && r.Digits(i-1):
		return hours[w[0]], i + 1, true
	}
	return 0, 0, false
}

// part reads "in the morning", "this afternoon", "at night": its hours.
func (r *reader) part(i int) (from, next int, ok bool) {
	if w := r.Word(i); w == "in" || w == "at" || w == "on" {
		i++
	}
	if w := r.Word(i); w == "the" || w == "this" {
		i++
	}
	if w := r.Word(i); w == "early" || w == "late" {
		i++
	}
	p, ok := dayParts[r.Word(i)]
	return p[0], i + 1, ok
}

// clock reads a time of the day.
func (r *reader) clock(i int) (item, bool) { return r.once('c', i, r.readClock) }

func (r *reader) readClock(i int) (item, bool) {
	if w := r.Word(i); w == "at" || w == "around" || w == "about" || w == "circa" {
		it, ok := r.clock(i + 1)
		return it, ok
	}
	switch r.Word(i) {
	case "noon", "midday", "noonish":
		return item{kind: Time, next: i + 1, clocks: []int{12 * 3600}}, true
	case "midnight":
		return item{kind: Time, next: i + 1, clocks: []int{0}}, true
	}
	if r.Word(i) == "mid" && r.Word(i+1) == "night" {
		return item{kind: Time, next: i + 2, clocks: []int{0}}, true
	}
	if from, at, ok := r.part(i); ok { // in the morning at 7
		if w := r.Word(at); w == "at" || w == "around" {
			at++
		}
		if it, ok := r.hour(at); ok && r.Word(i) != "night" {
			it.clocks, it.bare = inPart(it.clocks, from), false
			return it, true
		}
		return item{}, false
	}
	return r.hour(i)
}

// inPart keeps the readings that lie in a part of the day.
func inPart(clocks []int, from int) []int {
	if len(clocks) < 2 {
		return clocks
	}
	early := clocks[0] % (12 * 3600)
	if from == 8 || from == 20 && early < 5*3600 {
		return []int{early}
	}
	return []int{early + 12*3600}
}

// hour reads hour and minutes, with am or pm and what part of the day it is.
func (r *reader) hour(i int) (item, bool) { return r.once('h', i, r.readHour) }

func (r *reader) readHour(i int) (item, bool) {
	h, m, s, next, kind := r.figures(i)
	if kind == 0 {
		return item{}, false
	}
	it := item{kind: Time, bare: kind == 'b'}
	if kind == 'p' && !(r.Word(i-1) == "at" || r.Word(i-1) == "before" || r.Word(i-1) == "until") {
		it.bare = true
	}
	total := h*3600 + m*60 + s
	switch _, _, ok := r.half(next); {
	case ok:
		plus, n, _ := r.half(next)
		if h > 12 && plus == 0 || h > 23 {
			return item{}, false
		}
		if h <= 12 {
			total = h%12*3600 + plus*3600 + m*60 + s
		}
		it.clocks, it.next, it.bare = []int{total}, n, false
		return it, true
	case r.Word(next) == "oclock":
		next, it.bare = next+1, false
	case r.Word(next) == "o" && r.Word(next+1) == "'" && r.Word(next+2) == "clock":
		next, it.bare = next+3, false
	case r.Word(next) == "ish" && r.Joined(next):
		it.clocks, it.next = []int{total}, next+1
		it.bare = false
		return it, true
	}
	it.clocks, it.next = []int{total}, next
	if h >= 1 && h <= 12 {
		it.clocks = []int{total, (total + 12*3600) % (24 * 3600)}
	}
	if it.bare && units[r.Word(next)] != 0 {
		return item{}, false
	}
	if from, n, ok := r.part(next); ok && (kind != 'b' || n > next+1) {
		it.clocks, it.next, it.bare = inPart(it.clocks, from), n, false
	}
	return it, true
}

// figures reads an hour: kind 'c' with minutes by a colon, 'p' by a point, 'w' in words with minutes, 'b' bare; 0 if there is none.
func (r *reader) figures(i int) (h, m, s, next int, kind byte) {
	if past, n, ok := r.pastOrTo(i); ok {
		return past / 60, past % 60, 0, n, 'w'
	}
	if r.Digits(i) {
		h = atoi(r.Word(i))
		two := func(mark string, at int) bool {
			return r.Word(at) == mark && r.Joined(at) && r.Digits(at+1) && r.Joined(at+1) && len(r.Word(at+1)) == 2 && atoi(r.Word(at+1)) < 60
		}
		switch {
		case (len(r.Word(i)) == 3 || len(r.Word(i)) == 4) && h/100 < 24 && h%100 < 60:
			if _, _, ok := r.half(i + 1); ok {
				return h / 100, h % 100, 0, i + 1, 'c'
			}
			return 0, 0, 0, 0, 0
		case h > 24 || len(r.Word(i)) > 2:
			return 0, 0, 0, 0, 0
		case two(":", i+1):
			m, next = atoi(r.Word(i+2)), i+3
			if two(":", next) {
				return h, m, atoi(r.Word(next + 1)), next + 2, 'c'
			}
			return h, m, 0, next, 'c'
		case two(".", i+1) && !(r.Word(i+3) == "." && r.Joined(i+3) && r.Digits(i+4) && r.Joined(i+4)):
			return h, atoi(r.Word(i + 2)), 0, i + 3, 'p'
		}
		if w := r.Word(i + 1); (w == "." || w == "," || w == "/" || w == "-" || w == "%") && r.Joined(i+1) && r.Digits(i+2) && r.Joined(i+2) {
			return 0, 0, 0, 0, 0
		}
		return h, 0, 0, i + 1, 'b'
	}
	if !isLatin(r.Word(i)) || r.Word(i) == "a" || r.Word(i) == "an" {
		return 0, 0, 0, 0, 0
	}
	v, n, ok := r.Read(i)
	if !ok || v < 1 || v > 12 || n != i+1 {
		return 0, 0, 0, 0, 0
	}
	at := n
	if r.Word(at) == "-" && r.Joined(at) {
		at++
	}
	if mm, end, ok := r.Read(at); ok && mm >= 10 && mm < 60 && isLatin(r.Word(at)) {
		if r.Word(end) == "minutes" {
			end++
		}
		return int(v), int(mm), 0, end, 'w'
	}
	return int(v), 0, 0, n, 'b'
}

// pastOrTo reads "half past seven", "quarter to 8", "ten past six": minutes of the day.
func (r *reader) pastOrTo(i int) (int, int, bool) {
	at, minutes := i, 0
	if r.Word(at) == "a" && r.Word(at+1) == "quarter" {
		at++
	}
	switch w := r.Word(at); w {
	case "half":
		minutes = 30
	case "quarter":
		minutes = 15
	default:
		v, n, ok := r.Read(at)
		if !ok || v < 1 || v > 59 {
			return 0, 0, false
		}
		minutes, at = int(v), n-1
		if w := r.Word(n); w == "minutes" || w == "mins" {
			at++
		}
	}
	at++
	sign := 1
	switch r.Word(at) {
	case "past":
	case "to":
		sign = -1
		if minutes > 30 || r.Digits(i) {
			return 0, 0, false
		}
	default:
		return 0, 0, false
	}
	v, n, ok := r.Read(at + 1)
	if !ok || v < 1 || v > 12 {
		return 0, 0, false
	}
	return int(v)*60 + sign*minutes, n, true
}

// moment reads a day with a time of the day.
func (r *reader) moment(i int) (item, bool) {
	if it, ok := r.away(i); ok && it.kind == DateTime {
		return it, true
	}
	if it, ok := r.endOfDay(i); ok {
		return it, true
	}
	if it, ok := r.dayThenClock(i); ok {
		return it, true
	}
	return r.clockThenDay(i)
}

func (r *reader) endOfDay(i int) (item, bool) {
	at := i
	if r.Word(at) == "the" {
		at++
	}
	last := func(s stretch) stretch { t := s.to.Add(-time.Second); return stretch{t, t} }
	if r.Word(at) == "eod" {
		return fixed(DateTime, at+1, last(day(r.today))), true
	}
	if r.Word(at) != "end" || r.Word(at+1) != "of" {
		return item{}, false
	}
	if next, ok := r.phrase(at+2, "the day"); ok {
		return fixed(DateTime, next, last(day(r.today))), true
	}
	if r.Word(at+2) == "day" {
		return fixed(DateTime, at+3, last(day(r.today))), true
	}
	of := at + 2
	if r.Word(of) == "the" {
		of++
	}
	it, ok := r.date(of)
	if !ok || it.daily {
		return item{}, false
	}
	spans := make([]stretch, len(it.spans)) // it is remembered as it was
	for k, s := range it.spans {
		spans[k] = last(s)
	}
	it.spans = spans
	it.kind = DateTime
	return it, true
}

// dayOrPart reads a day, or a part of today: "this morning", "tonight"; and a part of the day behind a day.
func (r *reader) dayOrPart(i int) (it item, from, next int, ok bool) {
	if w := r.Word(i); w == "tonight" || w == "tonite" {
		return fixed(Date, i+1, day(r.today)), 20, i + 1, true
	}
	if p, isPart := dayParts[r.Word(i+1)]; r.Word(i) == "this" && isPart {
		return fixed(Date, i+2, day(r.today)), p[0], i + 2, true
	}
	if r.Word(i) == "last" && r.Word(i+1) == "night" {
		return fixed(Date, i+2, day(r.today.AddDate(0, 0, -1))), 20, i + 2, true
	}
	it, ok = r.date(i)
	next = it.next
	if from, n, isPart := r.part(next); ok && isPart {
		return it, from, n, true
	}
	return it, -1, next, ok
}

func (r *reader) dayThenClock(i int) (item, bool) {
	d, from, at, ok := r.dayOrPart(i)
	if !ok {
		return item{}, false
	}
	if r.Word(at) == "(" && weekdays[r.Word(at+1)] > 0 && r.Word(at+2) == ")" {
		at += 3
	}
	asked := false
	for {
		w := r.Word(at)
		if w == "at" || w == "around" || w == "@" || w == "about" {
			asked = true
		} else if w != "," && w != "-" {
			break
		}
		at++
	}
	c, ok := r.clock(at)
	if !ok || c.bare && !asked || c.bare && (r.Word(c.next) == "-" || r.Word(c.next) == "to") {
		return item{}, false
	}
	if r.Word(c.next) == "-" || r.Word(c.next) == "to" || r.Word(c.next) == "until" {
		if _, ok := r.clock(c.next + 1); ok {
			return item{}, false // a period within the day
		}
	}
	return join(d, c, from)
}

func (r *reader) clockThenDay(i int) (item, bool) {
	if w := r.Word(i - 1); w == "from" || w == "between" || w == "to" || w == "-" || w == "until" || w == "before" || w == "after" {
		return item{}, false
	}
	c, ok := r.clock(i)
	if !ok {
		return item{}, false
	}
	at := c.next
	for w := r.Word(at); w == "on" || w == ","; w = r.Word(at) {
		at++
	}
	d, from, next, ok := r.dayOrPart(at)
	if !ok || c.bare && from < 0 || c.bare && r.Word(at-1) != "," && r.Word(i-1) != "at" && r.Word(i) != "at" {
		return item{}, false
	}
	d.next = next
	it, ok := join(d, c, from)
	it.next = next
	return it, ok
}

// join makes moments of days and times.
func join(d, c item, from int) (item, bool) {
	it := item{kind: DateTime, next: c.next}
	clocks := c.clocks
	if from >= 0 {
		clocks = inPart(clocks, from)
	}
	for _, k := range clocks {
		for _, s := range d.spans {
			t := s.from.Add(time.Duration(k) * time.Second)
			it.spans = append(it.spans, stretch{t, t})
		}
	}
	return it, len(it.spans) > 0
}
