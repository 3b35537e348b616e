package reply

import (
	"slices"
	"strings"
)

// stated holds states of orders and availability to the facts.
func (s *sentence) stated(k int) []Finding {
	var all []Finding
	c := s.clauses[k]
	for i := 0; i < len(c.words); i++ {
		w := c.words[i]
		rest := c.words[i:]
		n, hold := s.stateAt(rest)
		kind := ""
		if hold != nil && s.claims.letters.in(c.words) {
			n, hold = 0, nil
		}
		if hold != nil {
			kind = "a state that no fact carries"
		}
		if a := s.claims.unavailable.longest(rest); a > n {
			n, kind, hold = a, "availability that no fact carries", func(t *thing) (bool, bool) { return t.available != nil, t.available != nil && !*t.available }
		}
		if a := s.claims.available.longest(rest); a > n && !(s.claims.others.in(c.words) && w.text == "available") {
			n, kind, hold = a, "availability that no fact carries", func(t *thing) (bool, bool) { return t.available != nil, t.available != nil && *t.available }
		}
		if n == 0 {
			continue
		}
		end := rest[n-1].end
		if s.coveredByName(w.start, end) || s.supposed(k, i, i+n) {
			i += n - 1
			continue
		}
		denied := s.deniedAt(c.words, i)
		if !s.holds(s.spokenAt(k, w.start), hold, denied) || !s.listed(k, hold, denied) || !s.ofNext(k, hold, denied) {
			all = append(all, Finding{kind, "", w.start, end})
		}
		i += n - 1
	}
	return all
}

// coveredByName reports whether a place is part of a name.
func (s *sentence) coveredByName(start, end int) bool {
	return slices.ContainsFunc(s.matches, func(m match) bool { return m.start < end && m.end > start })
}

// claim says of a thing whether it has such a fact, and whether that is so.
type claim func(*thing) (has, so bool)

// stateAt is the longest state that words begin with.
func (s *sentence) stateAt(words []word) (int, claim) {
	most := 0
	var is []string
	deny := false
	for _, st := range s.claims.states {
		for _, set := range []wordset{st.say, st.deny} {
			n := set.longest(words)
			if n == 0 || n < most {
				continue
			}
			negative := len(st.deny) > 0 && st.deny.longest(words) == n && st.say.longest(words) != n
			if n > most {
				is, deny = nil, negative
			}
			if negative == deny {
				is = append(is, st.Is...)
			}
			most = n
		}
	}
	if most == 0 {
		return 0, nil
	}
	return most, func(t *thing) (bool, bool) {
		state := s.state(t)
		return state != "", slices.Contains(is, state) != deny
	}
}

// listed reports whether a claim that ends in a colon holds of everything named after it.
func (s *sentence) listed(k int, hold claim, denied bool) bool {
	for _, m := range s.matches {
		if s.lists(k) && m.start >= s.clauses[k].end && len(m.form.about) > 0 && !s.holds(narrowed(s.clauses[k].about, m.form.about), hold, denied) {
			return false
		}
	}
	return true
}

// ofNext reports whether a claim that begins a sentence and names nothing holds of what the next
// clause begins with: sold out, the kettle.
func (s *sentence) ofNext(k int, hold claim, denied bool) bool {
	if k > 0 || len(s.clauses) < 2 || len(s.clauses[1].words) == 0 {
		return true
	}
	for _, m := range s.matches {
		if m.start < s.clauses[0].end && len(m.form.about) > 0 {
			return true
		}
		if m.start == s.clauses[1].words[0].start && len(m.form.about) > 0 {
			return s.holds(narrowed(s.before, m.form.about), hold, denied)
		}
	}
	return true
}

// lists reports whether a clause names nothing and ends in a colon, or is no more than a claim: what it is about comes after it.
func (s *sentence) lists(k int) bool {
	c := s.clauses[k]
	alone := k == 0 && (s.claims.available.longest(c.words) == len(c.words) || s.claims.unavailable.longest(c.words) == len(c.words))
	return (alone || strings.HasSuffix(s.Lower[:c.end], ":")) && !slices.ContainsFunc(s.matches, func(m match) bool {
		return m.start >= c.start && m.end <= c.end && len(m.form.about) > 0
	})
}

// holds reports whether a claim holds of everything that is spoken of.
func (s *sentence) holds(about []*thing, hold claim, denied bool) bool {
	if len(about) == 0 {
		about = []*thing{s.root}
	}
	any := false
	for _, t := range about {
		for _, b := range s.bearers(t, func(t *thing) bool { has, _ := hold(t); return has }) {
			any = true
			if _, so := hold(b); so == denied {
				return false
			}
		}
	}
	return any
}

// deniedAt reports whether what begins at the i-th word is negated.
func (s *sentence) deniedAt(words []word, i int) bool {
	denied := false
	reach := 3
	if words[i].han {
		reach = 2
	}
	for j := max(0, i-reach-1); j < i; j++ {
		n := s.claims.negators.longest(words[j:i])
		if n > 0 && i-(j+n) <= reach {
			denied = !denied
			j += n - 1
		}
	}
	return denied
}

// supposed reports whether words from, to of a clause speak of what may be: a question, a wish, a
// condition.
func (s *sentence) supposed(k, from, to int) bool {
	c := s.clauses[k]
	if c.question {
		return true
	}
	if to < len(c.words) && c.words[from].han && s.claims.afterwards.longest(c.words[to:]) > 0 {
		return true
	}
	words := c.words[:from]
	for len(words) > 0 && s.claims.links.longest(words[len(words)-1:]) > 0 {
		words = words[:len(words)-1]
	}
	if s.endsIn(s.claims.maybe, words) {
		return true
	}
	if s.endsIn(s.claims.when, words) {
		return true
	}
	for n := min(3, len(words)); n > 0; n-- { // if the order is …
		if rest := words[len(words)-n:]; s.claims.whom.longest(rest) == n || s.isName(rest) {
			return s.endsIn(s.claims.when, words[:len(words)-n])
		}
	}
	return false
}

func (s *sentence) isName(words []word) bool {
	return slices.ContainsFunc(s.matches, func(m match) bool {
		return len(m.form.about) > 0 && m.start == words[0].start && m.end == words[len(words)-1].end
	})
}

func (s *sentence) endsIn(set wordset, words []word) bool {
	for n := 1; n <= min(3, len(words)); n++ {
		if last := words[len(words)-n:]; set.longest(last) == n && !s.covered(last[0].start, last[n-1].end) {
			return true
		}
	}
	return false
}
