package token

import (
	"slices"
	"unicode/utf8"
)

// node is the best way to a byte of a word: the piece that ends there, and where it begins.
type node struct {
	score float64
	from  int32
	id    int32
}

// span is a chosen piece and the bytes of the word that it covers.
type span struct {
	id       int32
	from, to int32
}

// lattice is room for one word, used again for the next.
type lattice struct {
	short [160]node
	long  []node
	path  []span
}

// of returns n+1 nodes that nothing reaches yet.
func (l *lattice) of(n int) []node {
	nodes := l.short[:]
	if n >= len(nodes) {
		if n >= len(l.long) {
			l.long = make([]node, 2*n+1)
		}
		nodes = l.long
	}
	nodes = nodes[:n+1]
	for i := range nodes {
		nodes[i] = node{from: -1}
	}
	return nodes
}

// segment returns the likeliest pieces of a word (Viterbi), until the lattice is used again. A
// character that is no piece is unknown, and unknown ones in a row are one.
func (u *Unigram) segment(l *lattice, word string) []span {
	n := len(word)
	nodes := l.of(n)
	reach := func(end int, score float64, from int, id int32) {
		if nodes[end].from < 0 || score > nodes[end].score {
			nodes[end] = node{score, int32(from), id}
		}
	}
	for i := 0; i < n; {
		first, size := utf8.DecodeRuneInString(word[i:])
		single := false
		longest := u.longest[first]
		for end := i + size; end-i <= longest; {
			if id, ok := u.ids[word[i:end]]; ok {
				reach(end, nodes[i].score+u.scores[id], i, id)
				single = single || end == i+size
			}
			if end == n {
				break
			}
			_, next := utf8.DecodeRuneInString(word[end:])
			end += next
		}
		if !single {
			reach(i+size, nodes[i].score+u.unknownScore, i, u.unknown)
		}
		i += size
	}
	l.path = u.walk(nodes, l.path[:0])
	return l.path
}

// walk appends the pieces on the best way to the last node, in order.
func (u *Unigram) walk(nodes []node, path []span) []span {
	for at := int32(len(nodes) - 1); at > 0; at = nodes[at].from {
		n := nodes[at]
		if last := len(path) - 1; n.id == u.unknown && last >= 0 && path[last].id == u.unknown {
			path[last].from = n.from
			continue
		}
		path = append(path, span{n.id, n.from, at})
	}
	slices.Reverse(path)
	return path
}
