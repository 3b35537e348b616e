package pipeline

import (
	"strings"

	"github.com/floorwalker/floorwalker/nlu"
	"github.com/floorwalker/floorwalker/nlu/fold"
	"github.com/floorwalker/floorwalker/nlu/intent"
)

// peels are the examples that may stand before or after what a clause really says: those of
// fillers, and of yes, no and stop. They come from the intents' own examples.
type peels struct {
	fillers map[string]string // example as tokens joined by spaces → intent
	answers map[string]string // yes, no and stop, before a clause only
	longest int               // tokens of the longest
}

// maxPeel bounds the tokens of what is peeled off; longer examples are clauses of their own.
const maxPeel = 8

func newPeels(set intent.Set) peels {
	p := peels{fillers: map[string]string{}, answers: map[string]string{}}
	for _, in := range set {
		into := p.fillers
		switch in.Act {
		case nlu.Filler, nlu.Farewell:
		case nlu.Affirm, nlu.Deny, nlu.Stop:
			into = p.answers
		default:
			continue
		}
		for _, lines := range in.Examples {
			for _, e := range lines {
				if tokens := fold.New(e).Tokens(); len(tokens) > 0 && len(tokens) <= maxPeel {
					into[joined(tokens)] = in.Name
					p.longest = max(p.longest, len(tokens))
				}
			}
		}
	}
	return p
}

func joined(tokens []fold.Token) string {
	words := make([]string, len(tokens))
	for i, t := range tokens {
		words[i] = t.Text
	}
	return strings.Join(words, " ")
}

// part is a piece of a clause with the intent that it is an example of.
type part struct {
	span
	intent string
}

// front is the longest of a table's examples that the tokens begin with, but not all of them.
func (p peels) front(table map[string]string, tokens []fold.Token) (string, int) {
	for n := min(p.longest, len(tokens)-1); n > 0; n-- {
		if name, ok := table[joined(tokens[:n])]; ok {
			return name, n
		}
	}
	return "", 0
}

func (p peels) back(table map[string]string, tokens []fold.Token) (string, int) {
	for n := min(p.longest, len(tokens)-1); n > 0; n-- {
		if name, ok := table[joined(tokens[len(tokens)-n:])]; ok {
			return name, n
		}
	}
	return "", 0
}

// strip takes fillers off both ends of the tokens of a clause and returns what is left.
// A Chinese filler goes only where punctuation or another script parts it from the rest, or
// the rest is long: 那个 begins many a clause that means it.
func (p peels) strip(tokens []fold.Token) (before, after []part, rest []fold.Token) {
	for len(tokens) > 0 {
		name, n := p.front(p.fillers, tokens)
		if n == 0 || !parted(tokens, n) {
			break
		}
		before = append(before, part{span{tokens[0].Start, tokens[n-1].End}, name})
		tokens = tokens[n:]
	}
	for len(tokens) > 0 {
		name, n := p.back(p.fillers, tokens)
		if n == 0 || !parted(tokens, len(tokens)-n) {
			break
		}
		at := len(tokens) - n
		after = append([]part{{span{tokens[at].Start, tokens[len(tokens)-1].End}, name}}, after...)
		tokens = tokens[:at]
	}
	return before, after, tokens
}

// parted reports whether tokens n-1 and n are apart: not two characters of one Chinese word.
func parted(tokens []fold.Token, n int) bool {
	a, b := tokens[n-1], tokens[n]
	return !(a.Han && b.Han) || a.End != b.Start
}

// stopped reports whether punctuation stands between tokens n-1 and n; in Chinese a space is as good.
func stopped(t fold.Text, tokens []fold.Token, n int) bool {
	a, b := tokens[n-1], tokens[n]
	return a.Han && b.Han && a.End != b.Start || strings.ContainsAny(t.Lower[tokens[n-1].End:tokens[n].Start], ".,;:!?-。，！？；、")
}
