package entity

import (
	"maps"
	"regexp"
	"slices"
	"strings"
	"unicode"
	"unicode/utf8"

	"github.com/floorwalker/floorwalker/catalog"
	"github.com/floorwalker/floorwalker/nlu/fold"
)

// Lexicon knows the words for a shop's products, categories, brands and options, in every
// language they have. It is immutable, and so safe for concurrent use.
type Lexicon struct {
	root    *node
	skus    map[string]string // upper case → as the shop writes it
	vocab   map[string]bool   // keys of Latin words
	deletes map[string]string // a word without one letter → the word, for typing errors
}

// node is a place in the tree of phrases: a token leads to the next.
type node struct {
	next    map[string]*node
	entries []entry
}

// entry is what a phrase means.
type entry struct {
	kind, value string
	option      string // option: its name
	weak        bool   // counts only beside its option's name, or where options are expected
}

// maxNamed is how many products a word may name before it names none.
const maxNamed = 12

// minTypo is the length from which a word may have one letter wrong.
const minTypo = 6

// NewLexicon learns the words of products. Each group of synonyms means what any of its members
// means. Of translations, those of the locales are taken; no locales means all.
func NewLexicon(products []catalog.Product, synonyms [][]string, locales []string) *Lexicon {
	l := &Lexicon{root: &node{}, skus: map[string]string{}, vocab: map[string]bool{}, deletes: map[string]string{}}
	for _, p := range products {
		l.product(p, locales)
	}
	for _, group := range synonyms {
		var meant []entry
		for _, word := range group {
			if n := l.find(word); n != nil {
				meant = append(meant, n.entries...)
			}
		}
		for _, word := range group {
			for _, e := range meant {
				l.add(word, e)
			}
		}
	}
	l.spell()
	return l
}

func (l *Lexicon) product(p catalog.Product, locales []string) {
	titles := []string{p.Title}
	for _, lang := range slices.Sorted(maps.Keys(p.Translations)) {
		if len(locales) == 0 || slices.ContainsFunc(locales, func(loc string) bool { return strings.HasPrefix(loc, lang) || strings.HasPrefix(lang, loc) }) {
			titles = append(titles, p.Translations[lang].Title)
		}
	}
	for _, title := range titles {
		for _, term := range terms(title) {
			l.add(term, entry{kind: "product", value: p.ID})
		}
	}
	for _, c := range p.Category {
		l.add(c, entry{kind: "category", value: c})
	}
	if p.Brand != "" {
		l.add(p.Brand, entry{kind: "brand", value: p.Brand})
	}
	for _, v := range p.Variants {
		l.skus[strings.ToUpper(v.SKU)] = v.SKU
		for _, name := range slices.Sorted(maps.Keys(v.Options)) {
			value := v.Options[name]
			e := entry{kind: "option", value: name + "=" + value, option: name}
			l.addOption(value, e)
			for _, t := range p.Translations {
				l.addOption(t.Options[name][value], e)
			}
		}
	}
}

// addOption adds the wording of an option's value; wordings that mean something else in
// most sentences are weak.
func (l *Lexicon) addOption(wording string, e entry) {
	letters := strings.TrimFunc(wording, func(r rune) bool { return !unicode.IsLetter(r) && !unicode.IsDigit(r) })
	digits := strings.Trim(letters, "0123456789.,") == ""
	e.weak = digits || vague[strings.ToLower(letters)] || len(letters) <= 2 || utf8.RuneCountInString(letters) == 1
	l.add(wording, e)
	if color := []rune(wording); len(color) == 2 && color[1] == '色' { // 红的 is 红色
		l.add(string(color[0])+"的", e)
	}
	if color := []rune(wording); len(color) > 2 && color[len(color)-1] == '色' { // 靛蓝 is 靛蓝色
		l.add(string(color[:len(color)-1]), e)
	}
	if m := area.FindStringSubmatch(strings.ToLower(wording)); m != nil {
		for _, times := range []string{" ", " x ", " by ", "乘"} {
			l.add(m[1]+times+m[2], e)
			l.add(m[1]+times+m[2]+" "+m[3], e)
		}
	}
	m := measure.FindStringSubmatch(strings.ToLower(wording))
	if m == nil {
		return
	}
	for _, group := range units {
		if slices.Contains(group, m[2]) {
			for _, unit := range group {
				l.add(m[1]+" "+unit, e)
			}
			return
		}
	}
}

// area is two figures, and mostly a unit: "70 × 140 cm".
var area = regexp.MustCompile(`^(\d[\d.]*)\s*[×x*]\s*(\d[\d.]*)\s*(\pL*)$`)

// measure is a figure and its unit: "10 inch", "500 毫升".
var measure = regexp.MustCompile(`^(\d[\d.,]*)[\s-]*(\pL+)$`)

// add makes a phrase mean e, once.
func (l *Lexicon) add(phrase string, e entry) {
	tokens := lexTokens(fold.New(phrase))
	if len(tokens) == 0 || e.kind != "option" && len(tokens) == 1 && grammar[tokens[0].key] {
		return
	}
	n := l.root
	for _, t := range tokens {
		if n.next == nil {
			n.next = map[string]*node{}
		}
		if n.next[t.key] == nil {
			n.next[t.key] = &node{}
		}
		n = n.next[t.key]
		if !t.han {
			l.vocab[t.key] = true
		}
	}
	if !slices.ContainsFunc(n.entries, func(o entry) bool { return o.kind == e.kind && o.value == e.value }) {
		n.entries = append(n.entries, e)
	}
}

func (l *Lexicon) find(phrase string) *node {
	n := l.root
	for _, t := range lexTokens(fold.New(phrase)) {
		if n = n.next[t.key]; n == nil {
			return nil
		}
	}
	return n
}

// spell indexes the vocabulary for words with one letter missing, added, changed or
// swapped: each then shares with the right word what is left without one of its letters.
func (l *Lexicon) spell() {
	for _, w := range slices.Sorted(maps.Keys(l.vocab)) {
		if len(w) < minTypo-1 || !alphabetic(w) {
			continue
		}
		for i := range len(w) {
			d := w[:i] + w[i+1:]
			if _, taken := l.deletes[d]; !taken {
				l.deletes[d] = w
			}
		}
		l.deletes[w] = w
	}
}

// correct is the word of the lexicon that key was meant for.
func (l *Lexicon) correct(key string) string {
	if l.vocab[key] || len(key) < minTypo || !alphabetic(key) || common[key] {
		return key
	}
	if w, ok := l.deletes[key]; ok {
		return w
	}
	for i := range len(key) {
		if w, ok := l.deletes[key[:i]+key[i+1:]]; ok && oneEdit(key, w) {
			return w
		}
	}
	return key
}

// oneEdit reports whether a becomes b by one letter dropped, added or changed, or two
// neighbours swapped.
func oneEdit(a, b string) bool {
	for len(a) > 0 && len(b) > 0 && a[0] == b[0] {
		a, b = a[1:], b[1:]
	}
	for len(a) > 0 && len(b) > 0 && a[len(a)-1] == b[len(b)-1] {
		a, b = a[:len(a)-1], b[:len(b)-1]
	}
	return len(a) <= 1 && len(b) <= 1 || len(a) == 2 && len(b) == 2 && a[0] == b[1] && a[1] == b[0]
}

func alphabetic(s string) bool {
	for i := range len(s) {
		if s[i] < 'a' || s[i] > 'z' {
			return false
		}
	}
	return true
}

// lexToken is a token of the text as phrases are built of: Latin words in the singular, digits
// apart from letters.
type lexToken struct {
	key        string
	start, end int
	han        bool
}

func lexTokens(t fold.Text) []lexToken {
	var out []lexToken
	for _, tok := range t.Tokens() {
		if tok.Han {
			out = append(out, lexToken{tok.Text, tok.Start, tok.End, true})
			continue
		}
		start := tok.Start
		for i := tok.Start + 1; i <= tok.End; i++ {
			if i == tok.End || isDigit(t.Lower[i]) != isDigit(t.Lower[i-1]) {
				out = append(out, lexToken{stem(t.Lower[start:i]), start, i, false})
				start = i
			}
		}
	}
	return out
}

func isDigit(b byte) bool { return b >= '0' && b <= '9' }

// stem is the singular of an English noun, near enough to compare by.
func stem(w string) string {
	w = strings.TrimSuffix(w, "'s")
	switch {
	case len(w) > 4 && strings.HasSuffix(w, "ies"):
		return w[:len(w)-3] + "y"
	case len(w) > 4 && (strings.HasSuffix(w, "sses") || strings.HasSuffix(w, "xes") || strings.HasSuffix(w, "shes") || strings.HasSuffix(w, "ches")):
		return w[:len(w)-2]
	case len(w) > 5 && strings.HasSuffix(w, "lves"):
		return w[:len(w)-3] + "f" // shelves
	case len(w) > 3 && strings.HasSuffix(w, "s") && !strings.HasSuffix(w, "ss") && !strings.HasSuffix(w, "us") && !strings.HasSuffix(w, "is"):
		return w[:len(w)-1]
	}
	return w
}

var titleEnd = regexp.MustCompile(`[(,|/;:]|\s[-–—]\s|(?i:\s(?:with|for|in|by)\s)`)

// terms are a title and the ways of saying it shorter: what follows its adjectives ("desk
// lamp", "lamp"; "保温杯").
func terms(title string) []string {
	out := []string{title}
	head := title
	if m := titleEnd.FindStringIndex(title); m != nil && m[0] > 0 {
		head = title[:m[0]]
		out = append(out, head)
	}
	f := fold.New(head)
	tokens := lexTokens(f)
	for len(tokens) > 1 && (generic[tokens[len(tokens)-1].key] || strings.ContainsAny(tokens[len(tokens)-1].key, "0123456789")) {
		tokens = tokens[:len(tokens)-1]
	}
	if len(tokens) == 0 {
		return out
	}
	end := tokens[len(tokens)-1].end
	for i := range tokens {
		n := len(tokens) - i
		suffix := f.String[tokens[i].start:end]
		switch {
		case tokens[i].han && n >= 2 && allHan(tokens[i:]):
			out = append(out, suffix)
		case !tokens[i].han && (n >= 2 || len(suffix) >= 3 && !generic[tokens[i].key] && !spoken[tokens[i].key]):
			out = append(out, suffix)
		}
		if n == 2 && !tokens[i].han && !tokens[i+1].han {
			out = append(out, tokens[i].key+tokens[i+1].key) // tshirt, smartwatch
		}
	}
	return out
}

func allHan(tokens []lexToken) bool {
	return !slices.ContainsFunc(tokens, func(t lexToken) bool { return !t.han })
}
