package token

import (
	"strings"
	"unicode"
	"unicode/utf8"

	"golang.org/x/text/unicode/norm"
)

// Normal is the text as the vocabulary was learned on: characters replaced (full width by half
// width, controls by nothing), letters composed with their accents, runs of spaces one
// space. Invalid UTF-8 becomes spaces.
func (u *Unigram) Normal(text string) string {
	if plain(text) {
		return text
	}
	text = strings.ToValidUTF8(text, "\uFFFD")
	var b strings.Builder
	b.Grow(len(text) + 8)
	for text != "" {
		cluster := leading(text)
		text = text[len(cluster):]
		u.writeCluster(&b, cluster)
	}
	return singleSpaced(b.String())
}

// plain reports whether normalising changes nothing: printable ASCII, no two spaces in a row.
func plain(text string) bool {
	for i := 0; i < len(text); i++ {
		c := text[i]
		if c < ' ' || c > '~' || c == ' ' && i > 0 && text[i-1] == ' ' {
			return false
		}
	}
	return true
}

// leading returns the first character with the marks that belong to it (a grapheme cluster as
// far as normalising can tell the difference).
func leading(text string) string {
	first, end := utf8.DecodeRuneInString(text)
	if first == '\r' && strings.HasPrefix(text[end:], "\n") {
		return text[:end+1]
	}
	if first < ' ' || first > '~' && unicode.In(first, unicode.Cc, unicode.Cf, unicode.Zl, unicode.Zp) {
		return text[:end]
	}
	for end < len(text) {
		r, size := utf8.DecodeRuneInString(text[end:])
		if !extends(r) {
			break
		}
		end += size
	}
	return text[:end]
}

// extends reports whether a character belongs to the one before it: marks, joiners, half-width
// voicing marks, and the vowels AM of Thai and Lao.
func extends(r rune) bool {
	if r < 0x300 || r >= 0x3400 && r < 0xA000 { // Latin and Han, nearly all there is
		return false
	}
	switch r {
	case 0x200C, 0x200D, 0xFF9E, 0xFF9F, 0x0E33, 0x0EB3:
		return true
	}
	return unicode.Is(unicode.M, r)
}

// writeCluster writes one cluster normalised. As in the reference, the first replacement that
// fits the beginning of a cluster of fewer than 6 bytes stands for all of it; in a longer
// one each character is replaced by itself.
func (u *Unigram) writeCluster(b *strings.Builder, cluster string) {
	if len(cluster) < 6 {
		if to, ok := u.replacement(cluster); ok {
			b.WriteString(to)
			return
		}
	}
	for _, r := range cluster {
		if to, ok := u.replacements[r]; ok {
			b.WriteString(to)
		} else {
			b.WriteRune(r)
		}
	}
}

// replacement finds what stands for a short cluster: what its first character is replaced by, or
// else the letter that it and its first accent compose to. The reference's table has no
// compositions that begin with a letter already composed, and none with U+0344.
func (u *Unigram) replacement(cluster string) (string, bool) {
	first, size := utf8.DecodeRuneInString(cluster)
	if to, ok := u.replacements[first]; ok {
		return to, true
	}
	if size == len(cluster) || !norm.NFD.IsNormalString(cluster[:size]) {
		return "", false
	}
	accent, next := utf8.DecodeRuneInString(cluster[size:])
	composed := norm.NFC.String(cluster[:size+next])
	if accent == 0x344 || utf8.RuneCountInString(composed) != 1 {
		return "", false
	}
	return composed, true
}

func singleSpaced(text string) string {
	if !strings.Contains(text, "  ") {
		return text
	}
	var b strings.Builder
	b.Grow(len(text))
	for i := 0; i < len(text); i++ {
		if text[i] != ' ' || i == 0 || text[i-1] != ' ' {
			b.WriteByte(text[i])
		}
	}
	return b.String()
}
