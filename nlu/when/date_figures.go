package when

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
