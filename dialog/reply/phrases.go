package reply

import (
	"iter"
	"unicode"
	"unicode/utf8"
)

// Names finds names in texts: the longest at each place, on word borders, whatever the
// punctuation and spacing between their words, in Han character by character. A name of one
// word in an alphabet counts only as it is written, so that a product "Lamp" doesn't make
// every lamp a name. It keeps a hash of each name, so a million take some 20 MB. It is
// immutable and safe for concurrent use.
type Names struct {
	phrases phrases
	single  map[uint64]struct{} // names of one word, in their own case
}

var _ Lexicon = (*Names)(nil)

// NewNames makes a Lexicon of names. Names of one character or of digits only are left out.
func NewNames(names iter.Seq[string]) *Names {
	n := &Names{phrases: phrases{}, single: map[uint64]struct{}{}}
	for name := range names {
		words := lexemes(name)
		switch {
		case len(words) == 0 || utf8.RuneCountInString(name) < 2:
		case len(words) == 1 && !words[0].figures:
			n.single[words[0].exact] = struct{}{}
		case len(words) > 1:
			n.phrases.add(words)
		}
	}
	return n
}

// Find implements Lexicon.
func (n *Names) Find(text string, yield func(start, end int) bool) {
	if n == nil {
		return
	}
	n.find(lexemes(text), yield)
}

func (n *Names) find(words []lexeme, yield func(start, end int) bool) {
	for i := 0; i < len(words); {
		size := n.phrases.longest(words[i:])
		if size == 0 {
			if _, ok := n.single[words[i].exact]; ok {
				size = 1
			}
		}
		if size == 0 {
			i++
			continue
		}
		if !yield(words[i].start, words[i+size-1].end) {
			return
		}
		i += size
	}
}

// phrases is a set of word sequences by hash. A prefix of a phrase is in it too, as false.
type phrases map[uint64]bool

func (p phrases) add(words []lexeme) {
	var h uint64 = offset64
	for i, w := range words {
		h = mix(h, w.folded)
		if i == len(words)-1 {
			p[h] = true
		} else if _, ok := p[h]; !ok {
			p[h] = false
		}
	}
}

// longest returns how many words the longest phrase at the beginning has, 0 for none.
func (p phrases) longest(words []lexeme) int {
	size := 0
	var h uint64 = offset64
	for i, w := range words {
		h = mix(h, w.folded)
		whole, known := p[h]
		if !known {
			break
		}
		if whole {
			size = i + 1
		}
	}
	return size
}

// lexeme is a word: letters and digits of an alphabet, or one character of a script without
// word borders.
type lexeme struct {
	start, end    int
	folded, exact uint64 // hashes, without and with regard to case
	figures       bool   // digits only
	wide          bool   // one character of a script without word borders
}

func lexemes(text string) []lexeme {
	words := make([]lexeme, 0, len(text)/4+1)
	open := false
	for i, c := range text {
		size := utf8.RuneLen(c)
		if c == utf8.RuneError {
			_, size = utf8.DecodeRuneInString(text[i:])
		}
		end := i + size
		switch {
		case ideographic(c):
			words = append(words, lexeme{start: i, end: end, folded: mix(offset64, uint64(c)), wide: true})
			open = false
		case unicode.IsLetter(c) || unicode.IsNumber(c) || unicode.IsMark(c):
			if !open {
				words = append(words, lexeme{start: i, end: end, folded: offset64, exact: offset64, figures: true})
			}
			open = true
			w := &words[len(words)-1]
			w.end = end
			w.folded = mix(w.folded, uint64(unicode.ToLower(narrow(c))))
			w.exact = mix(w.exact, uint64(narrow(c)))
			w.figures = w.figures && unicode.IsNumber(c)
		case (c == '\'' || c == '’') && open: // don't is one word
		default:
			open = false
		}
	}
	return words
}

// narrow maps full-width forms of ASCII to ASCII.
func narrow(c rune) rune {
	if '！' <= c && c <= '～' {
		return c - '！' + '!'
	}
	return c
}

func ideographic(c rune) bool {
	return c >= 0x2e80 && unicode.In(c, unicode.Han, unicode.Hiragana, unicode.Katakana)
}

// offset64 and mix are FNV-1a over 64-bit words with a final shift, for better high bits.
const (
	offset64 = 14695981039346656037
	prime64  = 1099511628211
)

func mix(h, v uint64) uint64 {
	h = (h ^ v) * prime64
	return h ^ h>>29
}
