package when

import "time"

// end reads what may begin or end a period: a day, a period, now.
func (r *reader) end(i int) (item, bool) { return r.once('e', i, r.readEnd) }

func (r *reader) readEnd(i int) (item, bool) {
	if r.Word(i) == "now" {
		return fixed(Date, i+1, day(r.today)), true
	}
	d, ok1 := r.date(i)
	p, ok2 := r.period(i)
	switch {
	case ok1 && d.daily && !r.Digits(i) && r.Word(i) != "the":
		ok1 = false
	case ok1 && ok2 && p.next > d.next:
		return p, true
	}
	if ok1 {
		return d, true
	}
	return p, ok2
}

// between reads a period by its two ends: "from March to May", "Nov 18 - Dec 19, 2015", "between now and Friday".
func (r *reader) between(i int) (item, bool) {
	at, opened := i, false
	if w := r.Word(at); w == "from" || w == "between" || w == "in" && r.Digits(i+1) {
		at, opened = at+1, w != "in"
	}
	a, ok := r.end(at)
	if !ok || !rangeMark(r.Word(a.next), opened && r.Word(i) == "between") {
		return item{}, false
	}
	to := a.next + 1
	if w := r.Word(a.next); (w == "until" || w == "till") && !opened {
		return item{}, false
	}
	if r.Word(to) == "the" && r.Word(to+1) != "end" {
		if it, ok := r.end(to + 1); ok && !it.daily {
			to++
		}
	}
	if r.Word(to) == "date" {
		return fixed(Period, to+1, stretch{a.spans[0].from, r.today}), true
	}
	b, ok := r.end(to)
	if !ok || a.kind == Date && a.daily || b.daily && a.kind != Date {
		return item{}, false
	}
	if r.clockAt(b.next-1) || r.Word(a.next) == "-" && a.weekday > 0 {
		return item{}, false
	}
	it := item{kind: Period, next: b.next}
	edge := func(s stretch) time.Time { return s.from }
	if len(b.spans) > 0 && b.kind == Period && r.whole(to) {
		edge = func(s stretch) time.Time { return s.to }
	}
	it.spans = r.stretches(a, b, edge)
	return it, len(it.spans) > 0
}

// whole reports whether an end takes its period with it: "to the end of 2008", "to the middle of May".
func (r *reader) whole(i int) bool {
	if r.Word(i) == "the" {
		i++
	}
	w := r.Word(i)
	return w == "end" || w == "middle"
}

// stretches pairs the readings of two ends.
func (r *reader) stretches(a, b item, edge func(stretch) time.Time) []stretch {
	from := func(s stretch) time.Time { return s.from }
	switch {
	case a.yearly != nil && b.yearly != nil:
		return r.both(func(y int) (stretch, bool) {
			s, ok1 := a.yearly(y)
			for k := y; k <= y+1; k++ {
				if e, ok2 := b.yearly(k); ok1 && ok2 && edge(e).After(from(s)) {
					return stretch{from(s), edge(e)}, true
				}
			}
			return stretch{}, false
		})
	case a.yearly != nil:
		to := edge(b.spans[0])
		for y := to.Year(); y > to.Year()-3; y-- {
			if s, ok := a.yearly(y); ok && from(s).Before(to) {
				return []stretch{{from(s), to}}
			}
		}
	case b.yearly != nil:
		start := from(a.spans[len(a.spans)-1])
		for y := start.Year(); y < start.Year()+3; y++ {
			if e, ok := b.yearly(y); ok && edge(e).After(start) {
				return []stretch{{start, edge(e)}}
			}
		}
	case a.weekday > 0 && b.weekday > 0:
		var out []stretch
		for _, s := range a.spans {
			out = append(out, stretch{s.from, after(s.from, b.weekday)})
		}
		return out
	case b.weekday > 0:
		start := from(a.spans[0])
		return []stretch{{start, after(start, b.weekday)}}
	default:
		start, to := from(a.spans[len(a.spans)-1]), edge(b.spans[len(b.spans)-1])
		if start.Before(to) {
			return []stretch{{start, to}}
		}
	}
	return nil
}

// after is the next weekday after a day.
func after(t time.Time, weekday int) time.Time {
	for t = t.AddDate(0, 0, 1); t.Weekday() != time.Weekday(weekday%7); t = t.AddDate(0, 0, 1) {
	}
	return t
}

// bounds are words before and behind a time that make an open period of it.
var bounds = []struct {
	words string
	side  byte // 's' since, 'a' after, 'b' before, 'u' until and with it
}{
	{"no later than", 'b'}, {"not later than", 'b'}, {"as late as", 'u'}, {"on or before", 'u'}, {"on or after", 's'}, {"later than", 'a'}, {"earlier than", 'b'},
	{"greater than", 'a'}, {"less than", 'b'}, {"year greater than", 'a'}, {"prior to", 'b'}, {"as early as", 's'}, {"starting from", 's'}, {"starting on", 's'}, {"starting in", 's'},
	{"starting", 's'}, {"beginning", 's'}, {"since", 's'}, {"after", 'a'}, {"before", 'b'}, {"until", 'b'}, {"till", 'b'}, {"by", 'b'}, {"up to", 'b'},
	{"< =", 'u'}, {"> =", 's'}, {"from", 's'},
}

var bounding = func() map[string]bool {
	out := map[string]bool{}
	for _, b := range bounds {
		out[set1(b.words)] = true
	}
	return out
}()

func set1(words string) string {
	for i := range len(words) {
		if words[i] == ' ' {
			return words[:i]
		}
	}
	return words
}

var suffixBounds = []struct {
	words string
	side  byte
}{
	{"or later", 's'}, {"and later", 's'}, {"or after", 's'}, {"and greater", 's'}, {"and onwards", 's'}, {"onwards", 's'}, {"onward", 's'}, {"or earlier", 'u'}, {"and earlier", 'u'}, {"or before", 'u'},
}

// bounded reads a period that is open at one end: "since August", "before the end of May", "1/1/2016 and later".
func (r *reader) bounded(i int) (item, bool) {
	if bounding[r.Word(i)] {
		for _, b := range bounds {
			at, ok := r.phrase(i, b.words)
			if !ok {
				continue
			}
			for w := r.Word(at); w == "the" && (periodParts[r.Word(at+1)] == "") || w == "on" || w == "around"; w = r.Word(at) {
				at++
			}
			it, ok := r.end(at)
			if !ok || it.kind == DateTime || b.words == "from" && r.Word(it.next) != "on" && r.Word(it.next) != "onwards" {
				return item{}, false
			}
			if it.daily && r.Word(at-1) != "the" && r.Word(at-1) != "on" || r.clockAt(it.next-1) {
				return item{}, false
			}
			if c, ok := r.clock(it.next); ok && !c.bare {
				return item{}, false
			}
			part := r.Word(at)
			if part == "the" {
				part = r.Word(at + 1)
			}
			return open(it, b.side, periodParts[part]), true
		}
	}
	it, ok := r.end(i)
	if !ok {
		return item{}, false
	}
	for _, b := range suffixBounds {
		if next, ok := r.phrase(it.next, b.words); ok {
			it.next = next
			return open(it, b.side, ""), true
		}
	}
	return item{}, false
}

// open makes an open period of a time. After a period is after its end, before one is before its start; of a part
// ("before the end of May") the whole's edge counts.
func open(it item, side byte, part string) item {
	out := item{kind: Period, next: it.next}
	for _, s := range it.spans {
		day := it.kind == Date
		switch {
		case side == 's', side == 'a' && (day || part == "start"):
			out.spans = append(out.spans, stretch{from: s.from})
		case side == 'a':
			out.spans = append(out.spans, stretch{from: s.to})
		case side == 'u' && !day || side == 'b' && part == "end":
			out.spans = append(out.spans, stretch{to: s.to})
		default:
			out.spans = append(out.spans, stretch{to: s.from})
		}
	}
	return out
}
