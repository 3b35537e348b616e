package when

// yearWords are what stands before a figure that is a year.
var yearWords = set(`in of since before after during year until till by from between to than for not and through or the cy <= >= = ~ -`)

// yearPeriod reads "2018", "the year 2018", "1990s", "the 90s", "21st century", "nineteen ninety six".
func (r *reader) yearPeriod(i int) (item, bool) { return r.once('y', i, r.readYearPeriod) }

func (r *reader) readYearPeriod(i int) (item, bool) {
	at := i
	if r.Word(at) == "the" {
		at++
	}
	named := false
	if w := r.Word(at); w == "year" || w == "cy" {
		at, named = at+1, true
		if r.Word(at) == "of" {
			at++
		}
	}
	if y := atoi(r.Word(at)); r.Digits(at) && len(r.Word(at)) == 4 && y >= 1500 && y <= 2200 {
		if s := r.Word(at + 1); s == "s" || s == "'" && r.Word(at+2) == "s" && y%10 == 0 {
			next := at + 2
			if s == "'" {
				next++
			}
			return fixed(Period, next, stretch{yearOf(y).from, yearOf(y + 10).from}), y%10 == 0
		}
		after := r.Word(at + 1)
		if r.clockAt(at) || after == "." && r.Joined(at+1) && r.Digits(at+2) && r.Joined(at+2) || after == "%" || after == "$" || r.Joined(at+1) && isLatin(after) || after == "-" && r.Joined(at+1) && r.Digits(at+2) && len(r.Word(at+2)) != 4 {
			return item{}, false
		}
		range4 := (after == "-" || after == "~") && len(r.Word(at+2)) == 4 && r.Digits(at+2)
		if !named && !yearWords[r.Word(at-1)] && !range4 && !(r.Word(at-1) == "," && yearWords[r.Word(at-2)]) && !(after == "to" || after == "through") {
			return item{}, false
		}
		if w := r.Word(at - 1); (w == "-" || w == "/") && r.Joined(at) && !(r.Digits(at-2) && len(r.Word(at-2)) == 4) {
			return item{}, false
		}
		return fixed(Period, at+1, yearOf(y)), true
	}
	if y := atoi(r.Word(at)); r.Digits(at) && len(r.Word(at)) == 2 && y%10 == 0 && r.Word(at+1) == "s" && r.Joined(at+1) && at > i {
		return fixed(Period, at+2, stretch{yearOf(1900 + y).from, yearOf(1910 + y).from}), true
	}
	if w := r.Word(at); w == "cy" && len(r.Word(at+1)) == 2 && r.Digits(at+1) {
		return fixed(Period, at+2, yearOf(2000+atoi(r.Word(at+1)))), true
	}
	if v, n, ok := r.ReadPlace(at); ok && r.Word(n) == "century" && v >= 1 && v <= 22 {
		return fixed(Period, n+1, stretch{yearOf(int(v-1) * 100).from, yearOf(int(v) * 100).from}), true
	}
	if isLatin(r.Word(at)) && (r.Word(at-1) == "in" || named) {
		hundreds, n, ok := r.Read(at)
		if ok && (hundreds == 19 || hundreds == 18 || hundreds == 20) {
			if rest, end, ok := r.Read(n); ok && rest >= 10 && rest < 100 && isLatin(r.Word(n)) {
				return fixed(Period, end, yearOf(int(hundreds*100+rest))), true
			}
		}
		if ok && hundreds >= 1900 && hundreds <= 2100 && n > at+1 {
			return fixed(Period, n, yearOf(int(hundreds))), true
		}
	}
	return item{}, false
}

// quarter reads "q1 2019", "2019-q1", "the first quarter of 2013", "2019 h2".
func (r *reader) quarter(i int) (item, bool) {
	at := i
	if y := atoi(r.Word(at)); r.Digits(at) && len(r.Word(at)) == 4 && y >= 1500 && y <= 2200 {
		at++
		if r.Word(at) == "-" || r.Word(at) == "/" {
			at++
		}
		if part, next, ok := r.quarterName(at); ok {
			return fixed(Period, next, part(y)), true
		}
		return item{}, false
	}
	if r.Word(at) == "the" {
		at++
	}
	part, next, ok := r.quarterName(at)
	if !ok {
		return item{}, false
	}
	if y, n, ok := r.year(next); ok {
		return fixed(Period, n, part(y)), true
	}
	of := next
	if r.Word(of) == "of" || r.Word(of) == "in" {
		of++
	}
	if n, _, m, ok := r.pointer(of); ok && r.Word(m) == "year" {
		if r.Word(of) == "the" && m == of+1 {
			this, following := part(r.now.Year()), part(r.now.Year()+1)
			return item{kind: Period, next: m + 1, spans: []stretch{this, following}}, true
		}
		return fixed(Period, m+1, part(r.now.Year()+n)), true
	}
	return r.yearlyItem(Period, next, func(y int) (stretch, bool) { return part(y), true })
}

func (r *reader) quarterName(i int) (func(int) stretch, int, bool) {
	months := func(first, n int) func(int) stretch {
		return func(y int) stretch { s := monthOf(y, first).from; return stretch{s, s.AddDate(0, n, 0)} }
	}
	if w := r.Word(i); (w == "q" || w == "h") && r.Digits(i+1) && r.Joined(i+1) {
		n := atoi(r.Word(i + 1))
		switch {
		case w == "q" && n >= 1 && n <= 4:
			return months(3*n-2, 3), i + 2, true
		case w == "h" && n >= 1 && n <= 2:
			return months(6*n-5, 6), i + 2, true
		}
		return nil, 0, false
	}
	v, n, ok := r.ReadPlace(i)
	if r.Word(i) == "last" {
		v, n, ok = -1, i+1, true
	}
	switch w := r.Word(n); {
	case !ok:
	case w == "quarter" && v == -1 && r.Word(n+1) == "of":
		return months(10, 3), n + 1, true
	case w == "quarter" && v >= 1 && v <= 4:
		return months(3*int(v)-2, 3), n + 1, true
	case w == "half" && v >= 1 && v <= 2 && r.Word(n+1) == "of":
		return months(6*int(v)-5, 6), n + 1, true
	}
	return nil, 0, false
}
