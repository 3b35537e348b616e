package entity

import (
	"regexp"
	"slices"
	"strings"

	"github.com/floorwalker/floorwalker/nlu/fold"
)

var skuPattern = regexp.MustCompile(`[A-Za-z0-9][A-Za-z0-9._/-]*[A-Za-z0-9]`)

// skus finds the shop's own SKUs, in any case.
func skus(in *input) []hit {
	if in.lexicon == nil {
		return nil
	}
	var out []hit
	for _, m := range skuPattern.FindAllStringIndex(in.String, -1) {
		if sku, ok := in.lexicon.skus[strings.ToUpper(in.String[m[0]:m[1]])]; ok && in.apart(m[0], m[1]) {
			out = append(out, hit{"sku", sku, m[0], m[1]})
		}
	}
	return out
}

// lexical finds products, categories, brands and options: at each word the longest phrase.
func lexical(in *input) []hit {
	if in.lexicon == nil {
		return nil
	}
	tokens := lexTokens(in.Text)
	for i := range tokens {
		if !tokens[i].han {
			tokens[i].key = in.lexicon.correct(tokens[i].key)
		}
	}
	var out []hit
	for i := 0; i < len(tokens); {
		n, length := in.lexicon.longest(in, tokens, i)
		if n == nil {
			i++
			continue
		}
		start, end := tokens[i].start, tokens[i+length-1].end
		hits := meanings(in, n, tokens, i, i+length, start, end)
		out = append(out, hits...)
		if len(hits) == 0 {
			length = 1
		}
		i += length
	}
	return out
}

// longest is the longest phrase that begins at token i and lies outside what is taken.
func (l *Lexicon) longest(in *input, tokens []lexToken, i int) (*node, int) {
	var best *node
	length := 0
	n := l.root
	for j := i; j < len(tokens); j++ {
		if in.overlaps(hit{start: tokens[j].start, end: tokens[j].end}) {
			break
		}
		if n = n.next[tokens[j].key]; n == nil {
			break
		}
		if len(n.entries) > 0 {
			best, length = n, j-i+1
		}
	}
	return best, length
}

// meanings are the entities that a phrase stands for.
func meanings(in *input, n *node, tokens []lexToken, from, to, start, end int) []hit {
	var out []hit
	var products []string
	named := false
	for _, e := range n.entries {
		if e.kind == "option" && beside(e.option, tokens, from, to) {
			named = true
		}
	}
	wanted := in.expectsAny("option", "options", "variant")
	loud := end-start >= 2 && in.String[start:end] == strings.ToUpper(in.String[start:end]) && in.String[start:end] != in.Lower[start:end]
	for _, e := range n.entries {
		switch {
		case e.kind == "product":
			products = append(products, e.value)
		case e.kind != "option":
			out = append(out, hit{e.kind, e.value, start, end})
		case named && !beside(e.option, tokens, from, to):
		case e.weak && !named && !wanted && !loud:
		default:
			out = append(out, hit{e.kind, e.value, start, end})
		}
	}
	if len(products) > 0 && len(products) <= maxNamed {
		slices.Sort(products)
		out = append(out, hit{"product", strings.Join(products, "|"), start, end})
	}
	return out
}

// beside reports whether an option's name stands before the tokens from to to, or right after.
func beside(option string, tokens []lexToken, from, to int) bool {
	for from > 0 && linking[tokens[from-1].key] {
		from--
	}
	for _, name := range append([]string{option}, optionWords[strings.ToLower(option)]...) {
		want := lexTokens(fold.New(strings.NewReplacer("_", " ", "-", " ").Replace(name)))
		if n := len(want); n > 0 && (from >= n && sameKeys(tokens[from-n:from], want) || to+n <= len(tokens) && sameKeys(tokens[to:to+n], want)) {
			return true
		}
	}
	return false
}

func sameKeys(a, b []lexToken) bool {
	return slices.EqualFunc(a, b, func(x, y lexToken) bool { return x.key == y.key })
}
