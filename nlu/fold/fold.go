// Package fold makes text comparable without losing where each character came from:
// recognisers match on the folded text, and spans are told on what was written.
package fold

import (
	"strings"
	"unicode"
	"unicode/utf8"

	"golang.org/x/text/unicode/norm"
)

// Text is a text in NFKC, without zero-width and direction marks, with each control
// character and each kind of space a plain space (line feeds stay). Lower is the same,
// byte for byte in step, in lower case and in simplified Chinese.
type Text struct {
	String string
	Lower  string

	starts []int32 // byte of String → where its source begins in the original
	ends   []int32 // byte of String → where its source ends
}

// longestRun bounds the characters that are normalised together: a stranger's text may hold
// thousands of combining marks in a row, which no word has.
const longestRun = 64

// New folds any text; invalid UTF-8 becomes U+FFFD.
func New(text string) Text {
	var t Text
	var out strings.Builder
	out.Grow(len(text))
	emit := func(s string, from, to int) {
		out.WriteString(s)
		for range len(s) {
			t.starts = append(t.starts, int32(from))
			t.ends = append(t.ends, int32(to))
		}
	}
	for i := 0; i < len(text); {
		n := segment(text[i:])
		for _, r := range norm.NFKC.String(strings.ToValidUTF8(text[i:i+n], "\uFFFD")) {
			switch {
			case dropped(r):
			case r == '\n':
				emit("\n", i, i+n)
			case unicode.IsControl(r) || unicode.IsSpace(r):
				emit(" ", i, i+n)
			default:
				emit(string(plain(r)), i, i+n)
			}
		}
		i += n
	}
	t.String = out.String()
	t.Lower = lower(t.String)
	return t
}

// Span turns half-open byte offsets of String into those of the original text.
func (t Text) Span(start, end int) (int, int) {
	if len(t.starts) == 0 || start >= end {
		return 0, 0
	}
	return int(t.starts[start]), int(t.ends[end-1])
}

// segment is the length of the first run that normalises on its own.
func segment(s string) int {
	if s[0] < utf8.RuneSelf && (len(s) == 1 || s[1] < utf8.RuneSelf) {
		return 1
	}
	n := norm.NFKC.NextBoundaryInString(s, true)
	if n <= 0 || n > longestRun {
		_, n = utf8.DecodeRuneInString(s)
	}
	return n
}

func dropped(r rune) bool {
	return unicode.Is(unicode.Cf, r) || r == '\uFEFF' || unicode.Is(unicode.Variation_Selector, r)
}

// plain replaces the punctuation that word processors make of what people type.
func plain(r rune) rune {
	switch r {
	case '\u2018', '\u2019', '\u02BC', '`', '\u00B4':
		return '\''
	case '\u201C', '\u201D':
		return '"'
	case '\u2010', '\u2011', '\u2012', '\u2013', '\u2014', '\u2212':
		return '-'
	}
	return r
}

// lower is strings.ToLower, with traditional Chinese simplified, but for the few letters whose lower case has another length.
func lower(s string) string {
	var b strings.Builder
	b.Grow(len(s))
	for _, r := range s {
		l := unicode.ToLower(r)
		if r >= 0x4E00 {
			if s, ok := simplified[r]; ok {
				l = s
			}
		}
		if utf8.RuneLen(l) != utf8.RuneLen(r) {
			l = r
		}
		b.WriteRune(l)
	}
	return b.String()
}

// Han reports whether r is a Chinese character.
func Han(r rune) bool { return unicode.Is(unicode.Han, r) }

// Word reports whether r belongs to a word of a script that separates words: a letter, a mark
// or a digit outside Han.
func Word(r rune) bool {
	return !Han(r) && (unicode.IsLetter(r) || unicode.IsDigit(r) || unicode.IsMark(r))
}

// Token is a word, a number or one Han character of the lower-cased text, with its byte offsets.
type Token struct {
	Text       string
	Start, End int
	Han        bool
}

// Tokens cuts Lower into tokens; punctuation and spaces separate, an apostrophe within a word
// doesn't.
func (t Text) Tokens() []Token {
	var out []Token
	start := -1
	flush := func(end int) {
		if start >= 0 {
			word := strings.TrimRight(t.Lower[start:end], "'")
			out = append(out, Token{Text: word, Start: start, End: start + len(word)})
			start = -1
		}
	}
	for i, r := range t.Lower {
		switch {
		case Han(r):
			flush(i)
			out = append(out, Token{Text: string(r), Start: i, End: i + utf8.RuneLen(r), Han: true})
		case Word(r):
			if start < 0 {
				start = i
			}
		case r == '\'' && start >= 0:
		default:
			flush(i)
		}
	}
	flush(len(t.Lower))
	return out
}
