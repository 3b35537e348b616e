// Package text cuts what is indexed and what is asked for into the same terms, for
// languages that put spaces between words and for those that don't.
//
//   - Text is folded first: NFKC (full width to half width), lower case, no accents.
//   - Words are stemmed if they are English. Where letters meet digits or a hyphen the word
//     counts whole and in parts: "iPhone15" is iphone15, iphone and 15.
//   - Han, kana, Hangul and Thai count as single characters and as pairs, since nothing
//     says where their words end: "保温杯" is 保, 温, 杯, 保温 and 温杯.
//
// Change [Version] whenever terms come out differently: indexes are keyed by it.
package text

import (
	"strings"
	"unicode"

	"github.com/blevesearch/snowballstem"
	"github.com/blevesearch/snowballstem/english"
	"golang.org/x/text/unicode/norm"
)

// Version names this analysis.
const Version = "2"

// longest is how many bytes a word may have; more is no word that anybody searches for.
const longest = 64

// Atom is the smallest piece that is searched for: a word, or one character of a script
// without spaces.
type Atom struct {
	Term  string   // folded, and stemmed if it is an English word
	Word  string   // folded only
	Parts []string // of a word with digits or hyphens; nil otherwise
	Han   bool     // one character of a script without spaces
	Glued bool     // follows the previous atom with nothing between
}

// Fold makes spellings of the same text equal: NFKC, lower case, Latin without accents,
// invalid UTF-8 replaced.
func Fold(s string) string {
	s = norm.NFKC.String(strings.ToLower(strings.ToValidUTF8(s, "\uFFFD")))
	if isASCII(s) {
		return s
	}
	s = strings.Map(func(r rune) rune {
		if r >= 0x300 && r <= 0x36f { // combining accents
			return -1
		}
		return r
	}, norm.NFD.String(s))
	return norm.NFC.String(s)
}

// Atoms cuts s, in reading order.
func Atoms(s string) []Atom {
	var atoms []Atom
	c := cutter{runes: []rune(Fold(s))}
	for c.at < len(c.runes) {
		r := c.runes[c.at]
		switch {
		case unspaced(r):
			atoms = append(atoms, Atom{Term: string(r), Word: string(r), Han: true, Glued: c.glued})
			c.at++
			c.glued = true
		case unicode.IsLetter(r) || unicode.IsDigit(r):
			if a, ok := wordAtom(c.word()); ok {
				a.Glued = c.glued
				atoms = append(atoms, a)
			}
			c.glued = true
		default:
			c.at++
			c.glued = false
		}
	}
	return atoms
}

// Terms gives all terms of s, with repetitions: what a document is indexed by.
func Terms(s string) []string {
	var terms []string
	atoms := Atoms(s)
	for i, a := range atoms {
		terms = append(terms, a.Term)
		terms = append(terms, a.Parts...)
		if a.Han && i+1 < len(atoms) && atoms[i+1].Han && atoms[i+1].Glued {
			terms = append(terms, a.Term+atoms[i+1].Term)
		}
	}
	return terms
}

// cutter walks over folded text.
type cutter struct {
	runes []rune
	at    int
	glued bool
}

// word reads one word: runs of letters and of digits, joined by nothing, a hyphen or an
// apostrophe; a point or comma only between digits.
func (c *cutter) word() (parts []string) {
	var run []rune
	flush := func() {
		if len(run) > 0 {
			parts = append(parts, string(run))
			run = nil
		}
	}
	for ; c.at < len(c.runes); c.at++ {
		r := c.runes[c.at]
		next := rune(0)
		if c.at+1 < len(c.runes) {
			next = c.runes[c.at+1]
		}
		inWord := (unicode.IsLetter(next) || unicode.IsDigit(next)) && !unspaced(next)
		switch {
		case unspaced(r):
			flush()
			return parts
		case unicode.IsLetter(r), unicode.IsDigit(r):
			if len(run) > 0 && unicode.IsDigit(r) != numeric(run) {
				flush()
			}
			run = append(run, r)
		case unicode.Is(unicode.M, r):
			run = append(run, r)
		case (r == '\'' || r == '’') && inWord:
			if next == 's' && (c.at+2 >= len(c.runes) || !unicode.IsLetter(c.runes[c.at+2])) {
				c.at++ // possessive
			}
		case (r == '-' || r == '‐' || r == '‑') && inWord:
			flush()
		case (r == '.' || r == ',') && unicode.IsDigit(next) && numeric(run):
			if r == '.' {
				run = append(run, r)
			}
		default:
			flush()
			return parts
		}
	}
	flush()
	return parts
}

// numeric tells a run of digits, perhaps with a point, from one of letters.
func numeric(run []rune) bool { return len(run) > 0 && unicode.IsDigit(run[0]) }

func wordAtom(parts []string) (Atom, bool) {
	word := strings.Join(parts, "")
	if word == "" || len(word) > longest {
		return Atom{}, false
	}
	if len(parts) == 1 {
		return Atom{Term: Stem(word), Word: word}, true
	}
	a := Atom{Term: word, Word: word}
	for _, p := range parts {
		a.Parts = append(a.Parts, Stem(p))
	}
	return a, true
}

// Stem gives the stem of a folded English word (Porter 2); other words come back as they are.
func Stem(word string) string {
	if len(word) < 3 {
		return word
	}
	for i := range len(word) {
		if word[i] < 'a' || word[i] > 'z' {
			return word
		}
	}
	env := snowballstem.NewEnv(word)
	english.Stem(env)
	return env.Current()
}

func unspaced(r rune) bool {
	return r >= 0xe00 && (r == 'ー' || unicode.In(r, unicode.Han, unicode.Hiragana, unicode.Katakana, unicode.Hangul, unicode.Thai))
}

func isASCII(s string) bool {
	for i := range len(s) {
		if s[i] >= 0x80 {
			return false
		}
	}
	return true
}
