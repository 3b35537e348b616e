package reply

import (
	"slices"
)

// clause holds one clause to the facts: what it speaks of, its values in their roles, states and
// availability.
func (s *sentence) clause(k int) []Finding {
	c := &s.clauses[k]
	c.about = s.before
	if k > 0 {
		c.about = s.clauses[k-1].about
	}
	var all []Finding
	within := func(m match) bool { return m.start >= c.start && m.end <= c.end }
	first := slices.IndexFunc(s.matches, within)
	about := c.about
	named := false
	for i := first; i >= 0 && i < len(s.matches) && within(s.matches[i]); i++ {
		m := &s.matches[i]
		if len(m.form.about) > 0 {
			about, named = s.named(k, i, about), true
			m.fact = m.facts[0]
			if i := slices.IndexFunc(m.facts, func(i int) bool { return slices.Contains(about, s.facts[i].owner) }); i >= 0 {
				m.fact = m.facts[i]
			}
			continue
		}
		spoken := about
		switch next := s.forWhat(i); {
		case next != nil: // $24.90 for the blue one
			spoken = narrowed(about, next)
		case !named:
			if after := s.namedAfter(i, c.end); after != nil {
				spoken = narrowed(about, after)
			}
		}
		if f := s.value(k, m, spoken); f != nil {
			all = append(all, *f)
		}
	}
	c.about, s.about = about, about
	all = append(all, s.stated(k)...)
	return append(all, s.compared(k)...)
}

// compared holds "cheaper" and "dearer" to the prices of what was named.
func (s *sentence) compared(k int) []Finding {
	c := s.clauses[k]
	for i, w := range c.words {
		cheap, dear := s.claims.cheaper.longest(c.words[i:]), s.claims.dearer.longest(c.words[i:])
		if cheap+dear == 0 || c.question || s.covered(w.start, w.end) {
			continue
		}
		if !s.extreme(s.spokenAt(k, w.start), cheap > 0) || s.deniedAt(c.words, i) {
			return []Finding{{"a comparison that no fact carries", "", w.start, c.words[i+max(cheap, dear)-1].end}}
		}
	}
	return nil
}

// extreme reports whether all things have the lowest price of the turn, or the highest.
func (s *sentence) extreme(things []*thing, lowest bool) bool {
	price := func(t *thing) (string, bool) {
		for _, i := range t.facts {
			if f := s.facts[i]; f.role != nil && (f.role.name == "price" || f.role.name == "price_from") {
				return f.Value, true
			}
		}
		return "", false
	}
	if len(things) == 0 {
		return true // of nothing named: what comes next says which
	}
	for _, t := range things {
		own, ok := price(t)
		if !ok {
			return false
		}
		mine, _ := parseFigure(own)
		for _, f := range s.facts {
			if f.role == nil || f.role.name != "price" && f.role.name != "price_from" || f.owner == t {
				continue
			}
			theirs, err := parseFigure(f.Value)
			if err == nil && (lowest && theirs.LessThan(mine) || !lowest && theirs.GreaterThan(mine)) && !f.owner.within(t) {
				return false
			}
		}
	}
	return true
}
