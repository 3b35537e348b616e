package reply

import (
	"slices"
	"strings"
)

// named is what is spoken of once the i-th match names something.
func (s *sentence) named(k, i int, about []*thing) []*thing {
	m := s.matches[i]
	if i > 0 && len(s.matches[i-1].form.about) > 0 && strings.Trim(s.Lower[s.matches[i-1].end:m.start], " 的") == "" &&
		!slices.ContainsFunc(about, func(t *thing) bool { return !slices.ContainsFunc(m.form.about, t.within) }) {
		return about // the gray flask
	}
	next := narrowed(about, m.form.about)
	if s.coordinated(k, i) {
		next = append(slices.Clone(next), about...)
	}
	return next
}

// narrowed is what is spoken of once a name was said: of the things that it names, those within what
// was spoken of before, else those beside it under the same head, else all.
func narrowed(before, named []*thing) []*thing {
	var inside, beside []*thing
	for _, t := range named {
		if slices.ContainsFunc(before, t.within) {
			inside = append(inside, t)
			continue
		}
		if slices.ContainsFunc(before, func(b *thing) bool { return sameHead(b, t) }) {
			beside = append(beside, t)
		}
	}
	switch {
	case len(inside) > 0:
		named = inside
	case len(beside) > 0:
		named = likest(before, beside)
	}
	return slices.DeleteFunc(slices.Clone(named), func(t *thing) bool { // a part is meant rather than the whole
		return slices.ContainsFunc(named, func(u *thing) bool { return u != t && u.within(t) })
	})
}

// likest are the things that share the most options with what was spoken of: after the black one of
// a size, another size is black, too.
func likest(before, things []*thing) []*thing {
	if len(before) == 0 || len(before[0].options) == 0 ||
		slices.ContainsFunc(before, func(t *thing) bool { return !slices.Equal(t.options, before[0].options) }) {
		return things
	}
	most := 0
	var best []*thing
	for _, t := range things {
		n := 0
		for _, o := range t.options {
			if slices.Contains(before[0].options, o) {
				n++
			}
		}
		if n > most {
			most, best = n, nil
		}
		if n == most {
			best = append(best, t)
		}
	}
	return best
}

// sameHead reports whether two things are parts of one, or one is part of the other.
func sameHead(a, b *thing) bool {
	for ; a != nil && a.parent != nil; a = a.parent {
		if b.within(a) {
			return true
		}
	}
	return false
}

// coordinated reports whether the name before the i-th match is one of the same list: both the flask
// and the kettle. What is said of them is said of each.
func (s *sentence) coordinated(k, i int) bool {
	if i == 0 || len(s.matches[i-1].form.about) == 0 || len(s.claims.coordination) == 0 {
		return false
	}
	from, to := s.matches[i-1].end, s.matches[i].start
	gap := s.Lower[from:to]
	if slices.ContainsFunc(s.matches[i].form.about, func(t *thing) bool { return slices.ContainsFunc(s.matches[i-1].form.about, t.within) }) {
		return false // a part of it
	}
	linked := strings.ContainsAny(gap, "、&/")
	for _, w := range s.words {
		if w.start < from || w.end > to {
			continue
		}
		if s.claims.coordination.longest([]word{w}) == 0 {
			return false
		}
		linked = linked || w.text == "and" || w.text == "or" || w.text == "和" || w.text == "与" || w.text == "及" || w.text == "跟"
	}
	return linked
}

// forWhat is what the i-th match is said to be for, in so many words: $24.90 for the blue one.
func (s *sentence) forWhat(i int) []*thing {
	var about []*thing
	for n, m := range s.matches[i+1:] {
		if len(m.form.about) == 0 {
			break
		}
		gap := strings.Fields(s.Lower[s.matches[i+n].end:m.start])
		if n > 0 && len(gap) > 0 || n == 0 && len(gap) == 0 {
			break
		}
		if slices.ContainsFunc(gap, func(w string) bool { return !slices.Contains(forWords, w) }) {
			break
		}
		about = narrowed(about, m.form.about)
	}
	return about
}

var forWords = []string{"for", "the", "our", "your", "each", "in", "of", "("}

func (s *sentence) namedAfter(i, end int) []*thing {
	var about []*thing
	for _, m := range s.matches[i+1:] {
		if m.end > end {
			break
		}
		if len(m.form.about) > 0 {
			about = narrowed(about, m.form.about)
		}
	}
	return about
}

// spokenAt is what is spoken of at an offset of a clause: what was named last before it, else what
// the clause names after it.
func (s *sentence) spokenAt(k, at int) []*thing {
	c := s.clauses[k]
	about := s.clauses[max(0, k-1)].about
	if k == 0 {
		about = s.before
	}
	named := false
	if s.lists(k) { // sold out: blue, red
		for _, m := range s.matches {
			if m.start >= c.end && len(m.form.about) > 0 {
				return narrowed(about, m.form.about)
			}
		}
	}
	for i, m := range s.matches {
		if m.start < c.start || m.end > c.end || len(m.form.about) == 0 {
			continue
		}
		if m.start > at && named {
			break
		}
		about, named = s.named(k, i, about), true
	}
	return about
}
