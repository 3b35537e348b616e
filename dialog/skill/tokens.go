package skill

import (
	"slices"
	"strings"
	"unicode"
	"unicode/utf8"

	"golang.org/x/text/unicode/norm"
)

// token is a word, a number or a Chinese character of a text, and where it stands.
type token struct {
	word       string // folded, without what makes a plural
	plural     bool
	start, end int
}

// tokensOf parts a text: letters from digits, each Chinese character by itself; a point stays
// between digits.
func tokensOf(text string) []token {
	var out []token
	kind, start := 0, 0
	flush := func(end int) {
		if kind != 0 && end > start {
			out = append(out, newToken(text[start:end], start))
		}
		kind = 0
	}
	for at := 0; at < len(text); {
		r, size := utf8.DecodeRuneInString(text[at:])
		after, _ := utf8.DecodeRuneInString(text[at+size:])
		next := scriptOf(r)
		point := (r == '.' || r == ',') && kind == digit && unicode.IsDigit(after)
		apostrophe := (r == '\'' || r == '’') && kind == letter
		switch {
		case point, apostrophe:
		case next == han || next != kind:
			flush(at)
			kind, start = next, at
		}
		at += size
		if next == han {
			flush(at)
		}
	}
	flush(len(text))
	return out
}

const (
	letter = iota + 1
	digit
	han
)

func scriptOf(r rune) int {
	switch {
	case unicode.Is(unicode.Han, r):
		return han
	case unicode.IsDigit(r):
		return digit
	case unicode.IsLetter(r):
		return letter
	}
	return 0
}

func newToken(raw string, start int) token {
	word := strings.ToLower(norm.NFKC.String(raw))
	word = strings.NewReplacer("'", "", "’", "").Replace(word)
	t := token{word: word, start: start, end: start + len(raw)}
	if single := singular(word); single != word {
		t.word, t.plural = single, true
	}
	return t
}

// singular leaves off what makes an English plural, roughly: both sides of a comparison are
// treated alike.
func singular(word string) string {
	switch {
	case len(word) < 4 || word[len(word)-1] != 's' || strings.HasSuffix(word, "ss"):
		return word
	case strings.HasSuffix(word, "ies"):
		return word[:len(word)-3] + "y"
	case strings.HasSuffix(word, "shes"), strings.HasSuffix(word, "ches"), strings.HasSuffix(word, "xes"), strings.HasSuffix(word, "sses"):
		return word[:len(word)-2]
	}
	return word[:len(word)-1]
}

func wordsOf(tokens []token) []string {
	out := make([]string, len(tokens))
	for i, t := range tokens {
		out[i] = t.word
	}
	return out
}

// standsAt reports whether words stand in a text from a token on.
func standsAt(tokens []token, at int, words []string) bool {
	if len(words) == 0 || at+len(words) > len(tokens) {
		return false
	}
	return slices.EqualFunc(tokens[at:at+len(words)], words, func(t token, w string) bool { return t.word == w })
}
