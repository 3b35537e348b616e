package skill

import (
	"regexp"
	"slices"
	"strings"
)

// phrases finds any of a list of phrases in what people write: in any case, whole words where
// the script has spaces between words.
type phrases struct{ pattern, first, last *regexp.Regexp }

func newPhrases(list []string) phrases {
	list = slices.Clone(list)
	for i, p := range list {
		list[i] = strings.ToValidUTF8(p, "") // a value may be what a stranger wrote
	}
	list = slices.DeleteFunc(list, func(p string) bool { return p == "" })
	slices.SortFunc(list, func(a, b string) int { // the longest that fits counts
		if len(a) != len(b) {
			return len(b) - len(a)
		}
		return strings.Compare(a, b)
	})
	parts := make([]string, len(list))
	for i, p := range list {
		q := strings.ReplaceAll(strings.ReplaceAll(regexp.QuoteMeta(p), "'", "['’]"), " ", `\s+`)
		if wordy(p[0]) {
			q = `\b` + q
		}
		if wordy(p[len(p)-1]) {
			q += `\b`
		}
		parts[i] = q
	}
	any := `(?:` + strings.Join(parts, "|") + `)`
	const gap = `[\s\pP\pS]*`
	return phrases{
		pattern: regexp.MustCompile(`(?i)` + any),
		first:   regexp.MustCompile(`(?i)^` + gap + any),
		last:    regexp.MustCompile(`(?i)` + any + gap + `$`),
	}
}

func wordy(b byte) bool {
	return b >= 'a' && b <= 'z' || b >= 'A' && b <= 'Z' || b >= '0' && b <= '9'
}

func (p phrases) in(s string) bool { return p.pattern.MatchString(s) }

// without takes the phrases out of s.
func (p phrases) without(s string) string { return p.pattern.ReplaceAllString(s, " ") }

// trim takes the phrases off the beginning and the end of s, again and again.
func (p phrases) trim(s string) string {
	for {
		next := p.last.ReplaceAllString(p.first.ReplaceAllString(s, " "), " ")
		if next == s {
			return s
		}
		s = next
	}
}

// cut gives the half-open spans of bytes of s between the phrases.
func (p phrases) cut(s string) [][2]int {
	var spans [][2]int
	from := 0
	for _, at := range p.pattern.FindAllStringIndex(s, -1) {
		spans = append(spans, [2]int{from, at[0]})
		from = at[1]
	}
	return append(spans, [2]int{from, len(s)})
}
