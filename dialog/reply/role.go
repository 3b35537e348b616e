package reply

import (
	"slices"
	"strings"

	"github.com/floorwalker/floorwalker/catalog"
)

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
