package dialog

import (
	"strings"
	"time"
	"unicode"
	"unicode/utf8"
)

// How long a turn waits for more of what a shopper is saying.
const (
	burstPause  = 300 * time.Millisecond // after an utterance that may not be all
	typingPause = time.Second            // after the last sign that the shopper is writing
	burstBound  = 2 * time.Second        // after the first utterance, whatever comes
)

// whole reports whether a text looks like all that somebody wanted to say: it ends like a
// sentence, or has at least four words or six Chinese characters.
func whole(text string) bool {
	text = strings.TrimSpace(text)
	last, _ := utf8.DecodeLastRuneInString(text)
	if strings.ContainsRune(".?!。？！…~～)）", last) {
		return true
	}
	words, han, inWord := 0, 0, false
	for _, r := range text {
		letter := unicode.IsLetter(r) || unicode.IsDigit(r)
		switch {
		case unicode.Is(unicode.Han, r):
			han++
			inWord = false
		case letter && !inWord:
			words++
			inWord = true
		case unicode.IsSpace(r):
			inWord = false
		}
	}
	return words >= 4 || han >= 6
}
