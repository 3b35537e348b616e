package pipeline

import (
	"regexp"
	"strings"
	"unicode/utf8"

	"github.com/floorwalker/floorwalker/nlu/fold"
)

// breaks end a clause: the end of a sentence, and words by which a second request begins.
// What group 1 matches belongs to neither clause.
var breaks = []*regexp.Regexp{
	regexp.MustCompile(`(\n)`),
	regexp.MustCompile(`[。！？；!?;]+()`),
	regexp.MustCompile(`\.+()(?:\s|$)`),
	regexp.MustCompile(`((?:,\s*|\s)(?:and also|and then|then also|also,|and another thing|plus,|one more thing|by the way|btw)\s)`),
	regexp.MustCompile(`(,\s*(?:and|then|but|also|just|instead)\s)`),
	regexp.MustCompile(`(\sand (?:then )?)(?:i (?:also )?(?:want|need|would|have)|i'd|(?:can|could|please|tell|check|show|where|what|how|is|are|do|does|when)\b)`),
	regexp.MustCompile(`(\sand (?:then |also )?)(?:return|exchange|cancel|change|swap|modify|send back|refund)\s(?:the|my|all|both|it|them|order|one|#?w\d)\b`),
	regexp.MustCompile(`(\sbut\s)`),
	regexp.MustCompile(`([,，、\s]*(?:另外|还想|顺便|以及|同时|然后|接着)[,，:：]?)`),
	regexp.MustCompile(`([,，、\s]+还有[,，:：]?)`),
	regexp.MustCompile(`(还有[,，:：])`),
	regexp.MustCompile(`(还有)(?:[我你您请帮问想要查看]|怎么|如何|能不能|可不可以|可以|是不是)`), // not "余额还有多少"
	regexp.MustCompile(`([,，]\s*再)`),
	regexp.MustCompile(`([,，]\s*(?:而是|只是|但是|不过|就))`),
}

// maxClauses bounds what one text may ask: what comes after belongs to the last clause.
const maxClauses = 12

// span is a half-open range of bytes of the folded text.
type span struct{ start, end int }

// clauses cuts a text; nothing but spaces and punctuation is no clause. Values (an e-mail
// address, a price) are never cut.
func clauses(t fold.Text, inValue func(at int) bool) []span {
	cut := make(map[int]int) // where a clause ends → where the next begins
	for _, b := range breaks {
		for _, m := range b.FindAllStringSubmatchIndex(t.Lower, -1) {
			from, to := m[2], m[3]
			if from < len(t.Lower) && !inValue(from) {
				cut[from] = max(cut[from], to)
			}
		}
	}
	var out []span
	start := 0
	for i := 0; i <= len(t.Lower); i++ {
		next, ends := cut[i]
		if i < len(t.Lower) && (!ends || len(out) == maxClauses-1) {
			continue
		}
		if s := trim(t.Lower, span{start, i}); s.start < s.end {
			out = append(out, s)
		}
		start = max(next, i)
		i = max(i, start-1)
	}
	return out
}

// marks are what stands around words.
const marks = " \n\t.,;:!?-_~\"'()[]。，！？；：、…·*"

func trim(s string, at span) span {
	for at.start < at.end && strings.ContainsAny(firstRune(s[at.start:at.end]), marks) {
		at.start += len(firstRune(s[at.start:at.end]))
	}
	for at.start < at.end && strings.ContainsAny(lastRune(s[at.start:at.end]), marks) {
		at.end -= len(lastRune(s[at.start:at.end]))
	}
	return at
}

func firstRune(s string) string {
	_, n := utf8.DecodeRuneInString(s)
	return s[:n]
}

func lastRune(s string) string {
	_, n := utf8.DecodeLastRuneInString(s)
	return s[len(s)-n:]
}
