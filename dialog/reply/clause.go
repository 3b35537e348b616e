package reply

import (
	"slices"
	"strings"

	"github.com/floorwalker/floorwalker/catalog"
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

// value holds a value to its role, and to the thing that it is said of.
func (s *sentence) value(k int, m *match, about []*thing) *Finding {
	what := ""
	for _, i := range m.facts {
		f := s.facts[i]
		if f.role == nil {
			m.fact = i
			return nil
		}
		if why := s.fits(k, *m, f, about); why != "" {
			what = why
			continue
		}
		m.fact = i
		return nil
	}
	return &Finding{what, "", m.start, m.end}
}

// fits says why a value can't be a fact's here, "" if it can.
func (s *sentence) fits(k int, m match, f grounded, about []*thing) string {
	if s.deniedValue(k, m) {
		return "a value that is denied"
	}
	if !s.inRole(k, m, f.role) {
		return "a value in another role"
	}
	if f.owner == s.root || f.Kind == catalog.KindPolicy {
		return ""
	}
	if len(about) == 0 {
		about = []*thing{s.root}
	}
	var bearers []*thing
	for _, t := range about {
		for _, b := range s.bearers(t, func(t *thing) bool { return s.ofFamily(t, f.role) }) {
			if !slices.Contains(bearers, b) {
				bearers = append(bearers, b)
			}
		}
	}
	if len(bearers) == 0 && f.role.Whole {
		bearers = s.bearers(s.root, func(t *thing) bool { return s.ofFamily(t, f.role) })
	}
	if len(bearers) == 0 {
		return "a value of something else"
	}
	for _, b := range bearers {
		same := func(i int) bool {
			g := s.facts[i]
			return g.role == f.role && g.Value == f.Value && g.Unit == f.Unit
		}
		if !slices.ContainsFunc(b.facts, same) {
			return "a value of something else"
		}
	}
	return ""
}

// inRole reports whether the cues about a value let it be what a role says.
func (s *sentence) inRole(k int, m match, r *role) bool {
	may := append(append([]string{}, r.May...), r.Needs...)
	allowed := func(cues []string) bool {
		return slices.ContainsFunc(cues, func(c string) bool { return slices.Contains(may, c) })
	}
	weighs := weighed[r.Kind]
	if !s.besideValue(m, r) {
		return false
	}
	needed := len(r.Needs) == 0 || s.adjacent(m, r.Needs, 12)
	if needed && len(r.Needs) > 0 && r.Kind == "date" && s.adjacent(m, r.Needs, 1) {
		return true // 11 月 7 日下的
	}
	for at := k; at >= 0; at-- {
		seen := false
		for _, cue := range s.clauses[at].cues {
			if !slices.ContainsFunc(cue.cues, func(c string) bool { return slices.Contains(weighs, c) }) {
				continue
			}
			seen = true
			if at == k && !allowed(cue.cues) && s.Lower[cue.start:cue.end] != "was" { // weighed beside the value only
				return false
			}
			needed = needed || slices.ContainsFunc(cue.cues, func(c string) bool { return slices.Contains(r.Needs, c) })
			if at < k && !allowed(cue.cues) && !needed {
				return false
			}
		}
		if seen || k-at >= 3 {
			break
		}
	}
	return needed && s.onTopic(k, r)
}

// weighed are the cues that mean something beside values of a kind.
var weighed = map[string][]string{
	"money":   {"unit", "total", "refund", "paid", "difference", "discount", "threshold", "fee", "old", "than", "price"},
	"percent": {"discount", "refund", "fee"},
	"date":    {"placed", "eta", "arrival", "incoming", "until", "refund"},
	"number":  {"stock", "stocked", "pieces", "placed"},
}

// adjacent reports whether one of some cues stands right before a value, or so many bytes after it.
func (s *sentence) adjacent(m match, cues []string, after int) bool {
	for i, w := range s.words {
		groups, n := s.claims.cue(s.words[i:])
		if n == 0 || s.covered(w.start, w.end) || !slices.ContainsFunc(groups, func(g string) bool { return slices.Contains(cues, g) }) {
			continue
		}
		end := s.words[i+n-1].end
		before := end <= m.start && m.start-end <= 3
		if before || !slices.Contains(groups, "upto") && w.start >= m.end && w.start-m.end <= after {
			return true
		}
	}
	return slices.Contains(cues, "upto") && strings.HasSuffix(strings.TrimRight(s.Lower[:m.start], " "), "-")
}

// besideValue looks at what stands right beside a value: a unit of time, "up to", "from", "×".
func (s *sentence) besideValue(m match, r *role) bool {
	has := func(cue string) bool {
		return slices.Contains(r.May, cue) || slices.Contains(r.Needs, cue)
	}
	for i, w := range s.words {
		groups, n := s.claims.cue(s.words[i:])
		if n == 0 || s.covered(w.start, w.end) {
			continue
		}
		end := s.words[i+n-1].end
		after := w.start >= m.end && s.between(m.end, w.start) <= 1 && !strings.ContainsAny(s.Lower[m.end:w.start], ",;.，。；、")
		before := end <= m.start && strings.TrimSpace(s.Lower[end:m.start]) == ""
		if w.text == "was" && before && r.Kind == "money" && !has("past") {
			return false
		}
		for _, g := range groups {
			switch g {
			case "days", "months", "others":
				if after && r.Kind == "money" && !has(g) {
					return false
				}
				fallthrough
			case "orders", "foreign":
				if after && r.Kind == "number" && !has(g) && !(g == "orders" && w.text == "单" && has("pieces")) {
					return false
				}
			case "upto":
				if before && r.Kind == "money" && !has(g) && s.bound(i) {
					return false
				}
			case "least":
				if before && r.Kind == "money" && !has(g) && (w.text == "between" || w.text == "from" && strings.Contains(s.Lower[m.end:], " to ")) {
					return false
				}
			}
		}
	}
	if r.Whole && r.Kind == "number" && !s.counts(m) {
		return false
	}
	times := func(text string) bool { return strings.HasPrefix(text, "×") }
	if times(strings.TrimLeft(s.Lower[m.end:], " ")) || strings.HasSuffix(strings.TrimRight(s.Lower[:m.start], " "), "×") || strings.HasSuffix(s.Lower[:m.start], " x") {
		return r.name == "quantity" || r.name == "pieces" || r.Kind == "money"
	}
	return true
}

// counts reports whether what stands after a number can be counted by it: nothing, a name, or a word
// for what is shown.
func (s *sentence) counts(m match) bool {
	for i, w := range s.words {
		if w.start < m.end || s.claims.skipped[w.text] {
			continue
		}
		return strings.ContainsAny(s.Lower[m.end:w.start], ",;:.。，；：)") || s.covered(w.start, w.end) || s.claims.counted.longest(s.words[i:]) > 0
	}
	return true
}

// between counts the words between two offsets.
func (s *sentence) between(from, to int) (n int) {
	for _, w := range s.words {
		if w.start >= from && w.end <= to {
			n++
		}
	}
	return n
}

// bound reports whether the i-th word is an upper bound: not the "to" of "comes to", nor an "and"
// without "between".
func (s *sentence) bound(i int) bool {
	w := s.words[i]
	switch w.text {
	case "to":
		return i > 0 && !slices.Contains([]string{"comes", "come", "amounts", "came", "added", "add", "down", "up"}, s.words[i-1].text)
	case "and":
		return slices.ContainsFunc(s.words[:i], func(w word) bool { return w.text == "between" })
	case "到", "至":
		return slices.ContainsFunc(s.matches, func(m match) bool { return m.end <= w.start && w.start-m.end <= 2 })
	}
	return true
}

// onTopic reports whether a policy's figure is said of what it is for.
func (s *sentence) onTopic(k int, r *role) bool {
	if len(r.Topic) == 0 {
		return true
	}
	for at := k; at >= 0; at-- {
		if topics := s.topicsOf(at); len(topics) > 0 {
			s.topics = topics
			return suits(topics, r.Topic)
		}
	}
	for at := k + 1; at < len(s.clauses); at++ { // five to seven business days is what a refund takes
		if topics := s.topicsOf(at); len(topics) > 0 {
			return suits(topics, r.Topic)
		}
	}
	return len(s.topics) > 0 && suits(s.topics, r.Topic)
}

func suits(topics map[string]bool, own []string) bool {
	for t := range topics {
		if !slices.ContainsFunc(strings.Split(t, "|"), func(one string) bool { return slices.Contains(own, one) }) {
			return false
		}
	}
	return true
}

// topicsOf are the topics of policies that a clause has words of: for each word those that it may
// stand for.
func (s *sentence) topicsOf(k int) map[string]bool {
	topics := map[string]bool{}
	c := s.clauses[k]
	for i := 0; i < len(c.words); i++ {
		if n := s.claims.neutral.longest(c.words[i:]); n > 0 {
			i += n - 1
			continue
		}
		groups, n := s.claims.cue(c.words[i:])
		var of []string
		for _, g := range groups {
			if s.claims.topics[g] {
				of = append(of, g)
			}
		}
		if len(of) > 0 {
			topics[strings.Join(of, "|")] = true
		}
		i += max(0, n-1)
	}
	return topics
}

// deniedValue reports whether a value is negated: not $24.90, 不是 12 件.
func (s *sentence) deniedValue(k int, m match) bool {
	const reach = 2 // words between
	c := s.clauses[k]
	for i, w := range c.words {
		n := s.claims.negators.longest(c.words[i:])
		if n == 0 {
			continue
		}
		end := c.words[i+n-1].end
		near := reach
		if w.han {
			near = 3
		}
		if end <= m.start && s.between(end, m.start) <= near && !s.covered(w.start, end) {
			return true
		}
	}
	return false
}

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
