package token

import (
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"unicode/utf8"

	"github.com/sugarme/tokenizer"
	"github.com/sugarme/tokenizer/normalizer"
)

// Pipeline returns the tokeniser as one of sugarme/tokenizer, which tells for each token where in
// the text it is, in bytes. Its texts must be valid UTF-8; it adds no start and end and has no
// limit. [Unigram.Encode] gives the same ids and is many times faster.
func (u *Unigram) Pipeline() *tokenizer.Tokenizer {
	t := tokenizer.NewTokenizer(model{u})
	t.WithNormalizer(normal{u})
	return t
}

// normal is the normalising half of a Unigram, which marks word boundaries too.
type normal struct{ u *Unigram }

var _ normalizer.Normalizer = normal{}

// Normalize gives the normalised text with the range of the original behind each of its bytes
// and the other way round.
func (n normal) Normalize(in *normalizer.NormalizedString) (*normalizer.NormalizedString, error) {
	text := in.GetOriginal()
	if !utf8.ValidString(text) {
		return nil, fmt.Errorf("token: the text isn't valid UTF-8; use strings.ToValidUTF8 before")
	}
	a := alignment{forth: make([][]int, 0, len(text)), back: make([][]int, 0, len(text)+len(boundary))}
	var replaced strings.Builder
	for at := 0; at < len(text); {
		cluster := leading(text[at:])
		replaced.Reset()
		n.u.writeCluster(&replaced, cluster)
		a.write(replaced.String(), at, at+len(cluster))
		at += len(cluster)
	}
	return normalizer.NewNormalizedString(text, a.out.String(), a.back, a.forth, in.Shift()), nil
}

// alignment builds a text of words with where its bytes come from.
type alignment struct {
	out   strings.Builder
	back  [][]int // for each byte written, its range of the original
	forth [][]int // for each byte of the original, its range of what is written
	space bool    // what was written last
}

// write writes what stands for the bytes from to to of the original.
func (a *alignment) write(text string, from, to int) {
	begin := a.out.Len()
	for _, r := range text {
		switch {
		case r == ' ' && a.space: // runs of spaces are one
		case r == ' ':
			a.put(boundary, from, to)
		default:
			if a.out.Len() == 0 && string(r) != boundary {
				a.put(boundary, 0, 0)
				begin = a.out.Len()
			}
			a.put(string(r), from, to)
		}
		a.space = r == ' '
	}
	for range to - from {
		a.forth = append(a.forth, []int{begin, a.out.Len()})
	}
}

func (a *alignment) put(s string, from, to int) {
	a.out.WriteString(s)
	for range len(s) {
		a.back = append(a.back, []int{from, to})
	}
}

// model is the choosing half of a Unigram.
type model struct{ u *Unigram }

var _ tokenizer.Model = model{}

// Tokenize splits a normalised text; offsets are bytes of it.
func (m model) Tokenize(text string) ([]tokenizer.Token, error) {
	var (
		out     []tokenizer.Token
		lattice lattice
	)
	for at := 0; at < len(text); {
		word := firstWord(text[at:])
		for _, piece := range m.u.segment(&lattice, word) {
			from, to := at+int(piece.from), at+int(piece.to)
			out = append(out, tokenizer.Token{Id: int(piece.id), Value: text[from:to], Offsets: []int{from, to}})
		}
		at += len(word)
	}
	return out, nil
}

func (m model) TokenToId(piece string) (int, bool) {
	id, ok := m.u.ids[piece]
	return int(id), ok
}

func (m model) IdToToken(id int) (string, bool) {
	if id < 0 || id >= len(m.u.pieces) {
		return "", false
	}
	return m.u.pieces[id], true
}

func (m model) GetVocab() map[string]int {
	all := make(map[string]int, len(m.u.ids))
	for piece, id := range m.u.ids {
		all[piece] = int(id)
	}
	return all
}

func (m model) GetVocabSize() int { return len(m.u.pieces) }

// Save writes the pieces, one a line.
func (m model) Save(folder string, prefix ...string) error {
	name := strings.Join(append(prefix, "vocabulary.txt"), "-")
	return os.WriteFile(filepath.Join(folder, name), []byte(strings.Join(m.u.pieces, "\n")+"\n"), 0o644)
}
