package knowledge

import (
	"slices"
	"strings"
	"unicode"
)

// abbreviations whose point ends no sentence.
const abbreviations = " approx. art. ave. blvd. ca. co. corp. dept. dr. e.g. est. etc. fig. ft. i.e. inc. jr. ltd. max. min. mr. mrs. ms. mt. no. nos. oz. p. pp. prof. sr. st. tel. vol. vs. "

// Sentences cuts a text into its sentences, as written but for the space around them. A
// blank line or the next item of a list ends a sentence too. Numbers ("5.95"), abbreviations
// ("e.g.") and initials ("U.S.") are not cut.
func Sentences(s string) []string {
	var out []string
	runes := []rune(s)
	start := 0
	cut := func(end int) {
		if sentence := strings.TrimSpace(string(runes[start:end])); sentence != "" {
			out = append(out, sentence)
		}
		start = end
	}
	for i := 0; i < len(runes); i++ {
		switch r := runes[i]; {
		case r == '\n':
			if next := strings.TrimLeft(string(runes[i+1:min(len(runes), i+8)]), " \t"); next == "" || next[0] == '\n' || isItem(next) {
				cut(i + 1)
			}
		case ends(runes, i):
			for i+1 < len(runes) && (closes(runes[i+1]) || strong(runes[i+1])) {
				i++
			}
			cut(i + 1)
		}
	}
	cut(len(runes))
	return out
}

func strong(r rune) bool { return strings.ContainsRune("。！？!?…", r) }

func closes(r rune) bool { return strings.ContainsRune("\"'”’」』）)】]", r) }

// isItem tells the beginning of a list's item: "- ", "* ", "+ ", "1. ", "1) ".
func isItem(line string) bool {
	mark, _, spaced := strings.Cut(line, " ")
	rest := strings.TrimLeft(mark, "0123456789")
	return spaced && (slices.Contains([]string{"-", "*", "+"}, mark) || rest != mark && (rest == "." || rest == ")"))
}

// ends reports whether runes[i] ends a sentence.
func ends(runes []rune, i int) bool {
	r := runes[i]
	next := i + 1
	for next < len(runes) && closes(runes[next]) {
		next++
	}
	last := next == len(runes)
	switch {
	case strings.ContainsRune("。！？", r):
		return true
	case r == '…':
		return last || unicode.IsSpace(runes[next])
	case r == '!' || r == '?':
		return last || unicode.IsSpace(runes[next]) || runes[next] >= 0x2e80
	case r != '.':
		return false
	case last:
		return true
	case !unicode.IsSpace(runes[next]):
		return false
	}
	begin := i
	for begin > 0 && !unicode.IsSpace(runes[begin-1]) && runes[begin-1] != '(' {
		begin--
	}
	word := strings.ToLower(string(runes[begin : i+1]))
	if isItem(word+" ") && startsLine(runes, begin) {
		return false
	}
	if strings.Contains(abbreviations, " "+word+" ") || i-begin == 1 && unicode.IsUpper(runes[begin]) ||
		strings.Count(word, ".") > 1 && i-begin < 8 && !opensSentence(runes[next:]) {
		return false
	}
	return opensSentence(runes[next:])
}

func startsLine(runes []rune, at int) bool {
	for at > 0 && (runes[at-1] == ' ' || runes[at-1] == '\t') {
		at--
	}
	return at == 0 || runes[at-1] == '\n'
}

// opensSentence reports whether what follows looks like a new sentence rather than the rest
// of one.
func opensSentence(rest []rune) bool {
	for _, r := range rest {
		if unicode.IsLetter(r) || unicode.IsDigit(r) {
			return !unicode.IsLower(r)
		}
		if !unicode.IsSpace(r) && !unicode.IsPunct(r) && !unicode.IsSymbol(r) {
			return true
		}
	}
	return true
}

// onward are the beginnings of sentences that go on from the one before.
var onward = []string{"we then ", "then ", "it ", "it's ", "it’s ", "they ", "this ", "that ", "these ", "those ", "after that", "but ", "and ",
	"so ", "you may also ", "you can also ", "there is no ", "no longer ", "我们会", "也", "它", "这", "那", "但", "不过", "然后", "之后", "而"}

// goesOn reports whether a sentence makes sense only after the one before.
func goesOn(s string) bool {
	s = strings.ToLower(s)
	return slices.ContainsFunc(onward, func(beginning string) bool { return strings.HasPrefix(s, beginning) })
}
