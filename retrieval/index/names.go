package index

import (
	"context"
	"math"
	"slices"
	"strings"

	"github.com/floorwalker/floorwalker/catalog"
	"github.com/floorwalker/floorwalker/retrieval"
	"github.com/floorwalker/floorwalker/retrieval/text"
)

// names are the terms of titles by number, and in how many titles each is: what a product is
// called says more of what it is than the rest of its texts.
type names struct {
	numbers map[string]uint32
	counts  []int // by number
}

// number gives the numbers of terms, ascending, each once, and counts them.
func (n *names) number(terms []string) []uint32 {
	out := make([]uint32, 0, len(terms))
	for _, t := range terms {
		k, known := n.numbers[t]
		if !known {
			k = uint32(len(n.counts))
			n.numbers[t] = k
			n.counts = append(n.counts, 0)
		}
		out = append(out, k)
	}
	slices.Sort(out)
	out = slices.Compact(out)
	for _, k := range out {
		n.counts[k]++
	}
	return out
}

// forget takes a product's terms out of the counts.
func (n *names) forget(of []uint32) {
	for _, k := range of {
		n.counts[k]--
	}
}

// in is in how many titles a term is.
func (n *names) in(term string) int {
	k, known := n.numbers[term]
	if !known {
		return 0
	}
	return n.counts[k]
}

// titles are the terms of a product's titles in all languages.
func titles(p catalog.Product) []string {
	terms := text.Terms(p.Title)
	for _, language := range sortedKeys(p.Translations) {
		terms = append(terms, text.Terms(p.Translations[language].Title)...)
	}
	return terms
}

// named are those of the words that a product's titles have. A long run of characters need
// not be there whole: half of its pairs are enough.
func (c *columns) named(id string, units []text.Unit, words []string) []string {
	c.mu.RLock()
	defer c.mu.RUnlock()
	at, known := c.places[id]
	if !known {
		return nil
	}
	has := func(term string) bool {
		k, known := c.names.numbers[term]
		if !known {
			return false
		}
		_, found := slices.BinarySearch(c.rows[at].names, k)
		return found
	}
	var out []string
	for _, u := range units {
		if slices.Contains(words, u.Typed) && slices.ContainsFunc(u.Any, func(pieces []text.Piece) bool {
			return !slices.ContainsFunc(pieces, func(p text.Piece) bool { return !mostOf(p.Terms(), has) })
		}) {
			out = append(out, u.Typed)
		}
	}
	return out
}

func mostOf(terms []string, has func(string) bool) bool {
	n := 0
	for _, t := range terms {
		if has(t) {
			n++
		}
	}
	return 2*n >= len(terms)
}

// Words implements retrieval.Products.
func (x *Index) Words(ctx context.Context, typed string) ([]retrieval.Word, error) {
	units, onlyFiller := x.parser.Load().Parse(typed[:min(len(typed), longestText)])
	if onlyFiller {
		return nil, nil
	}
	var parts []text.Unit
	for _, u := range units {
		parts = append(parts, x.columns.parts(u)...)
	}
	in, all, err := x.texts.Known(ctx, parts)
	if err != nil {
		return nil, err
	}
	words := make([]retrieval.Word, len(parts))
	for i, u := range parts {
		words[i] = retrieval.Word{Typed: u.Typed, Named: x.columns.inTitles(u), Known: in[i],
			Weight: math.Log(1 + (float64(all)+0.5)/(float64(in[i])+0.5))}
	}
	return words, nil
}

// inTitles is in about how many titles a unit is.
func (c *columns) inTitles(u text.Unit) int {
	c.mu.RLock()
	defer c.mu.RUnlock()
	most := 0
	for _, pieces := range u.Any {
		least := -1
		for _, p := range pieces {
			for _, t := range p.Terms() {
				if n := c.names.in(t); least < 0 || n < least {
					least = n
				}
			}
		}
		most = max(most, least)
	}
	return most
}

// likeness is characters that stand before a thing and say what it is like: 大碗 is a 碗.
const likeness = "大小长短高矮厚薄深浅宽窄圆方"

// parts cuts a run of characters that no title has whole into those parts that titles have;
// what lies between stays a part. Anything else stays one.
func (c *columns) parts(u text.Unit) []text.Unit {
	if len(u.Any) != 1 || len(u.Any[0]) != 1 || len(u.Any[0][0].Run) < 2 || c.inTitles(u) > 0 {
		return []text.Unit{u}
	}
	c.mu.RLock()
	defer c.mu.RUnlock()
	run := u.Any[0][0].Run
	var out []text.Unit
	if len(run) == 2 && (!strings.Contains(likeness, run[0]) || c.names.in(run[1]) == 0) {
		return []text.Unit{u}
	}
	cut := func(from, to int) {
		if to > from {
			word := ""
			for _, r := range run[from:to] {
				word += r
			}
			out = append(out, text.Unit{Typed: word, Any: [][]text.Piece{{{Term: word, Run: run[from:to]}}}, Spelled: []string{word}})
		}
	}
	from := 0
	for i := 0; i+1 < len(run); {
		end := i
		for end+1 < len(run) && c.names.in(run[end]+run[end+1]) > 0 {
			end++
		}
		if end == i {
			i++
			continue
		}
		cut(from, i)
		cut(i, end+1)
		from, i = end+1, end+1
	}
	if len(run) == 2 {
		cut(0, 1)
		from = 1
	}
	cut(from, len(run))
	return out
}
