// Package language tells English from Chinese in texts of a few words, and says nothing where
// the text doesn't tell. It knows those two languages; a text in another gets no answer.
package language

import (
	"strings"
	"unicode"

	"github.com/floorwalker/floorwalker/nlu/fold"
)

// hanWeight is how many English words one Chinese character stands for, about: what decides in
// "帮我check一下order status".
const hanWeight = 0.6

// Of returns "en", "zh", or "" where the text is of neither or doesn't tell: "ok", "W123", a
// name, an emoji.
func Of(text string) string { return OfFolded(fold.New(text)) }

// OfFolded is Of for a text that is folded already.
func OfFolded(t fold.Text) string {
	var han, foreign int
	for _, r := range t.String {
		switch {
		case fold.Han(r):
			han++
		case unicode.IsLetter(r) && !unicode.Is(unicode.Latin, r):
			foreign++ // kana, Hangul, Cyrillic, Thai, …
		}
	}
	if foreign > 0 && foreign*4 >= han {
		return ""
	}
	english := english(t)
	switch {
	case han > 0 && float64(han)*hanWeight >= english.weight:
		return "zh"
	case english.sure():
		return "en"
	}
	return ""
}

// evidence is what the words of Latin script say.
type evidence struct {
	words    int     // that tell something
	function int     // English function words among them
	foreign  int     // function words and letters of other languages
	capital  int     // words that begin with a capital, as names do
	weight   float64 // of English against Chinese
}

func (e evidence) sure() bool {
	if e.words == 0 || e.foreign > e.function {
		return false
	}
	return e.function > 0 || e.capital < e.words
}

func english(t fold.Text) evidence {
	var e evidence
	for _, tok := range t.Tokens() {
		word := tok.Text
		if tok.Han || neutral[word] || !letters(word) || partOfAddress(t, tok) {
			continue
		}
		ascii := isASCII(word)
		switch {
		case functionWords[word] || strings.Contains(word, "'") && ascii:
			e.function++
			e.words++
			e.weight++
			if foreignWords[word] {
				e.foreign++ // "me", "no", "as" are words elsewhere too
			}
			continue
		case foreignWords[word] || !ascii:
			e.foreign++
			continue
		case len(word) < 2:
			continue
		}
		e.words++
		if unicode.IsUpper(rune(t.String[tok.Start])) {
			e.capital++
			e.weight += 0.2
		} else {
			e.weight += 0.7
		}
	}
	return e
}

// partOfAddress reports whether a word stands in an e-mail or web address or a user name.
func partOfAddress(t fold.Text, tok fold.Token) bool {
	return tok.Start > 0 && strings.IndexByte("@._/", t.Lower[tok.Start-1]) >= 0 ||
		tok.End+1 < len(t.Lower) && strings.IndexByte("@._/", t.Lower[tok.End]) >= 0 && t.Lower[tok.End+1] != ' '
}

func letters(word string) bool {
	for _, r := range word {
		if !unicode.IsLetter(r) && r != '\'' {
			return false
		}
	}
	return word != ""
}

func isASCII(word string) bool {
	for i := range len(word) {
		if word[i] >= 0x80 {
			return false
		}
	}
	return true
}
