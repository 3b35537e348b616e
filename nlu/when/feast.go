package when

import "time"

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
