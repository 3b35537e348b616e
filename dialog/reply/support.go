package reply

import (
	"slices"
	"strings"

	"github.com/floorwalker/floorwalker/nlu/fold"
	"github.com/floorwalker/floorwalker/retrieval/text"
)

// passage is an approved text, cut into the clauses that a sentence may rest on.
type passage struct {
	Passage
	clauses []support
}

// support is a stretch of a passage: a sentence, or a part of one between commas together with the
// conditions that hang on it.
type support struct {
	terms []term
}

// term is a word or a Chinese character. A hard one changes what a sentence says.
type term struct {
	text string
	hard bool
}

// leastShared is how much of a sentence must be a passage's own words, in its order.
const leastShared = 0.7

func (g *Ground) addPassage(p Passage) {
	made := passage{Passage: p}
	for _, sentence := range splitSentences(p.Text) {
		f := fold.New(sentence)
		parts := splitClauses(f.String)
		for from := range parts {
			for to := from + 1; to <= len(parts); to++ {
				if g.severed(parts, from, to) {
					continue
				}
				made.clauses = append(made.clauses, support{g.terms(strings.Join(parts[from:to], ","))})
			}
		}
	}
	g.passages = append(g.passages, made)
}

// severed reports whether parts from, to of a sentence would lose a condition beside them.
func (g *Ground) severed(parts []string, from, to int) bool {
	conditional := func(part string) bool {
		words := g.claims.words(fold.New(part))
		return g.claims.severs.longest(words) > 0
	}
	return from > 0 && conditional(parts[from-1]) || to < len(parts) && conditional(parts[to]) || len(parts) > 12
}

// splitClauses cuts a sentence at its commas, but for those within figures.
func splitClauses(s string) []string {
	var parts []string
	start := 0
	for i, r := range s {
		if !strings.ContainsRune(",;:", r) {
			continue
		}
		if i > 0 && i+1 < len(s) && isDigit(s[i-1]) && isDigit(s[i+1]) {
			continue
		}
		parts = append(parts, s[start:i])
		start = i + 1
	}
	return append(parts, s[start:])
}

// fillers are Chinese characters and English words that say nothing by themselves.
const fillers = " i'm afraid sorry yes usually there the a an is are was be been it its this that these your you our we i of and so then also please as very 的 了 是 会 就 也 都 您 你 我 们 呢 吗 哦 啊 这 那 个 和 请 "

// terms are the words of a text that say something. Hard are figures, negations, conditions,
// promises, states and what is written like a name.
func (g *Ground) terms(s string) []term {
	folded := fold.New(s)
	words := g.claims.words(folded)
	hardUntil := -1
	var terms []term
	for i, w := range words {
		rest := words[i:]
		c := g.claims
		for _, set := range []wordset{c.negators, c.conditions, c.promises, c.dates, c.numbers, c.available, c.unavailable, c.traits} {
			if n := set.longest(rest); n > 0 && (n > c.idioms.longest(rest)) {
				hardUntil = max(hardUntil, i+n-1)
			}
		}
		for _, st := range c.states {
			hardUntil = max(hardUntil, i+max(st.say.longest(rest), st.deny.longest(rest))-1)
		}
		hard := i <= hardUntil || strings.ContainsAny(w.text, "0123456789")
		if !hard && strings.Contains(fillers, " "+w.text+" ") {
			continue
		}
		stem := w.text
		if !w.han {
			stem = text.Stem(w.text)
			if contracted := strings.TrimSuffix(w.text, "n't"); contracted != w.text {
				stem = "not"
			}
		}
		terms = append(terms, term{stem, hard})
	}
	return terms
}

// carried finds a passage that says what a part of the sentence about a finding does: the sentence,
// or the clauses between commas about the finding.
func (s *sentence) carried(f Finding) (*Passage, int, int) {
	if len(s.passages) == 0 {
		return nil, 0, 0
	}
	bounds := []int{0}
	for _, c := range s.clauses {
		if c.major && c.start > 0 {
			bounds = append(bounds, c.start)
		}
	}
	bounds = append(bounds, len(s.Lower))
	for n := len(bounds) - 1; n >= 1; n-- {
		for from := 0; from+n < len(bounds); from++ {
			start, end := bounds[from], bounds[from+n]
			if start > f.Start || end < f.End {
				continue
			}
			terms := s.terms(s.String[start:end])
			for i := range s.passages {
				p := &s.passages[i]
				if slices.ContainsFunc(p.clauses, func(c support) bool { return c.carries(terms) }) {
					return &p.Passage, start, end
				}
			}
		}
	}
	return nil, 0, 0
}

// carries reports whether a text says what the passage says, and nothing else: most of its words are
// the passage's in their order, all hard words among them; and the stretch that they stand in has
// no other hard words.
func (c support) carries(terms []term) bool {
	if len(terms) < 2 {
		return false
	}
	own, theirs := align(terms, c.terms)
	shared := 0
	for i, t := range terms {
		if own[i] {
			shared++
		} else if t.hard {
			return false
		}
	}
	if float64(shared) < leastShared*float64(len(terms)) {
		return false
	}
	for i, t := range c.terms {
		if t.hard && !theirs[i] {
			return false
		}
	}
	return true
}

// align marks the longest common subsequence in both.
func align(a, b []term) (inA, inB []bool) {
	inA, inB = make([]bool, len(a)), make([]bool, len(b))
	width := len(b) + 1
	best := make([]int32, (len(a)+1)*width)
	for i := len(a) - 1; i >= 0; i-- {
		for j := len(b) - 1; j >= 0; j-- {
			switch {
			case a[i].text == b[j].text:
				best[i*width+j] = best[(i+1)*width+j+1] + 1
			default:
				best[i*width+j] = max(best[(i+1)*width+j], best[i*width+j+1])
			}
		}
	}
	for i, j := 0, 0; i < len(a) && j < len(b); {
		switch {
		case a[i].text == b[j].text:
			inA[i], inB[j] = true, true
			i, j = i+1, j+1
		case best[(i+1)*width+j] >= best[i*width+j+1]:
			i++
		default:
			j++
		}
	}
	return inA, inB
}
