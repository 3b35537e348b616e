package skill

import (
	"slices"
	"strings"

	"github.com/floorwalker/floorwalker/catalog"
	"github.com/floorwalker/floorwalker/catalog/store"
	"github.com/floorwalker/floorwalker/dialog/flow"
)

// line is one line of an order, as it may be spoken of.
type line struct {
	index   int
	item    catalog.Item
	product *catalog.Product // nil: the shop has it no more
	names   [][]string       // the words of its titles, in all languages, and its SKU
	heads   map[string]bool  // the words that say what it is
	telling map[string]bool  // all words of its titles that say something
	options [][]string       // the words of its options' values, in all languages
	ends    map[string]bool  // the last characters of its Chinese titles
}

// mention is a place in a text that speaks of lines of an order.
type mention struct {
	start, end int // of its tokens, half-open
	lines      []int
	several    bool // of more than one thing
	left       bool // of what is left out
	weak       bool // of less than what a thing is called
}

// linesOf reads the lines of an order.
func (s *Set) linesOf(r store.Records, o catalog.Order) ([]line, error) {
	shelf := s.newShelf(r)
	lines := make([]line, len(o.Items))
	for i, item := range o.Items {
		p, err := shelf.product(item.Product)
		if err != nil {
			return nil, err
		}
		lines[i] = s.lineOf(i, item, p)
	}
	return lines, nil
}

func (s *Set) lineOf(index int, item catalog.Item, p *catalog.Product) line {
	l := line{index: index, item: item, product: p, heads: map[string]bool{}, telling: map[string]bool{}, ends: map[string]bool{}}
	titles := []string{item.Title}
	if p != nil {
		titles = append(titles, p.Title)
		for _, t := range p.Translations {
			if t.Title != "" {
				titles = append(titles, t.Title)
			}
		}
	}
	slices.Sort(titles)
	for _, title := range slices.Compact(titles) {
		l.name(s.change, title)
	}
	l.names = append(l.names, wordsOf(tokensOf(item.SKU)))
	for name, value := range item.Options {
		for _, v := range spellings(p, name, value) {
			l.options = append(l.options, wordsOf(tokensOf(v)))
		}
	}
	return l
}

// spellings are an option's value in all languages.
func spellings(p *catalog.Product, name, value string) []string {
	all := []string{value}
	if p == nil {
		return all
	}
	for _, t := range p.Translations {
		if v := t.Options[name][value]; v != "" {
			all = append(all, v)
			if short := strings.TrimSuffix(v, "色"); short != v && len([]rune(short)) > 0 {
				all = append(all, short)
			}
		}
	}
	slices.Sort(all)
	return slices.Compact(all)
}

// name takes in a title: its words, and of them those that name what it is.
func (l *line) name(w *changeWords, title string) {
	main, _, _ := strings.Cut(strings.ReplaceAll(title, "，", ","), ",")
	words := wordsOf(tokensOf(title))
	l.names = append(l.names, words)
	if short := wordsOf(tokensOf(main)); len(short) < len(words) && len(short) > 0 {
		l.names = append(l.names, short)
	}
	head := ""
	for _, word := range wordsOf(tokensOf(main)) {
		if w.ends[word] {
			break
		}
		if !w.filler[word] && !isHanWord(word) && len(word) > 1 {
			head = word
			l.telling[word] = true
		}
	}
	if head != "" {
		l.heads[head] = true
	}
	l.nameHan(main)
	for _, end := range w.Filler["zh"] { // 被套套装 is a 被套, too
		if thing, ok := strings.CutSuffix(main, end); ok {
			l.nameHan(thing)
		}
	}
}

// nameHan takes in the Chinese of a title: its ends of two characters and more name the thing.
func (l *line) nameHan(title string) {
	var run []string
	for _, t := range tokensOf(title) {
		if isHanWord(t.word) {
			run = append(run, t.word)
		}
	}
	if len(run) > 0 {
		l.ends[run[len(run)-1]] = true
	}
	for from := 0; from+2 <= len(run); from++ {
		l.heads[strings.Join(run[from:], "")] = true
		for to := from + 2; to <= len(run); to++ {
			l.telling[strings.Join(run[from:to], "")] = true
		}
	}
}

func isHanWord(word string) bool {
	for _, r := range word {
		return scriptOf(r) == han
	}
	return false
}

// mentions finds what a text says of the lines of an order, in its order.
func (s *Set) mentions(tokens []token, said *flow.Said, lines []line) []mention {
	taken := make([]bool, len(tokens))
	all := named(tokens, taken, lines)
	all = append(all, byEntities(tokens, taken, said, lines)...)
	all = append(all, called(tokens, taken, lines, true)...)
	if len(all) == 0 {
		all = called(tokens, taken, lines, false)
	}
	slices.SortFunc(all, func(a, b mention) int { return a.start - b.start })
	for i := range all {
		s.characterise(tokens, said.Text, all, i, lines)
	}
	return all
}

// named are the places where whole titles or SKUs stand, the longest first.
func named(tokens []token, taken []bool, lines []line) []mention {
	var out []mention
	for at := 0; at < len(tokens); at++ {
		size := 0
		var fits []int
		for _, l := range lines {
			for _, name := range l.names {
				if len(name) < size || !standsAt(tokens, at, name) || len(name) == 1 && len(name[0]) < 3 && !isHanWord(name[0]) {
					continue
				}
				if len(name) > size {
					size, fits = len(name), nil
				}
				if !slices.Contains(fits, l.index) {
					fits = append(fits, l.index)
				}
			}
		}
		if size > 0 {
			out = append(out, mention{start: at, end: at + size, lines: fits})
			for i := at; i < at+size; i++ {
				taken[i] = true
			}
			at += size - 1
		}
	}
	return out
}

// byEntities are the places that nlu knows to name products of the order.
func byEntities(tokens []token, taken []bool, said *flow.Said, lines []line) []mention {
	var out []mention
	for _, e := range said.Entities {
		if e.Type != "product" && e.Type != "category" {
			continue
		}
		m := mention{start: -1}
		for i, t := range tokens {
			if t.start >= e.Start && t.end <= e.End {
				if m.start < 0 {
					m.start = i
				}
				m.end = i + 1
			}
		}
		if m.start < 0 || slices.Contains(taken[m.start:m.end], true) {
			continue
		}
		for _, l := range lines {
			if e.Type == "product" && slices.Contains(strings.Split(e.Value, "|"), l.item.Product) ||
				e.Type == "category" && l.product != nil && slices.Contains(l.product.Category, e.Value) {
				m.lines = append(m.lines, l.index)
			}
		}
		if len(m.lines) == 0 {
			continue
		}
		for i := m.start; i < m.end; i++ {
			taken[i] = true
		}
		out = append(out, m)
	}
	return out
}

// called are the places where words of titles stand together: with the word that says what it
// is, or any of them.
func called(tokens []token, taken []bool, lines []line, strong bool) []mention {
	var out []mention
	for at := 0; at < len(tokens); at++ {
		end, fits, head := longest(tokens, taken, at, lines)
		if len(fits) == 0 || strong && !head {
			continue
		}
		out = append(out, mention{start: at, end: end, lines: fits, weak: !head})
		for i := at; i < end; i++ {
			taken[i] = true
		}
		at = end - 1
	}
	return out
}

// longest is how far words of titles go from a token on, the lines that have most of them, and
// whether one of the words says what it is.
func longest(tokens []token, taken []bool, at int, lines []line) (end int, fits []int, head bool) {
	best, size := 0, 0
	for _, l := range lines {
		n, words, isHead := l.reach(tokens, taken, at)
		score := 2 * words
		if isHead {
			score++
		}
		switch {
		case words == 0 || score < best:
		case score > best:
			best, size, fits, head = score, n, []int{l.index}, isHead
		default:
			fits, size = append(fits, l.index), max(size, n)
		}
	}
	return at + size, fits, head
}

func (l line) reach(tokens []token, taken []bool, at int) (n, words int, head bool) {
	run := ""
	for i := at; i < len(tokens) && !taken[i]; i++ {
		word := tokens[i].word
		if isHanWord(word) {
			run += word
			switch {
			case l.telling[run]:
				n, words, head = i+1-at, len([]rune(run)), l.heads[run]
			case n > 0 && i == at+n && l.ends[word]: // 铸铁锅 is a 珐琅铸铁炖锅
				return n + 1, words + 1, true
			case len([]rune(run)) >= 2:
				return n, words, head
			}
			continue
		}
		if run != "" || !l.telling[word] {
			return n, words, head
		}
		n, words, head = i+1-at, words+1, head || l.heads[word]
	}
	return n, words, head
}

// characterise notes of a mention whether it is of several things, of what is left out, and
// which of the lines it fits best by what is said of them around it.
func (s *Set) characterise(tokens []token, text string, all []mention, i int, lines []line) {
	m := &all[i]
	from, to := 0, len(text)
	if i > 0 {
		from = tokens[all[i-1].end-1].end
	}
	if i+1 < len(all) {
		to = tokens[all[i+1].start].start
	}
	before := text[from:tokens[m.start].start]
	if cut := lastBoundary(s.change, before, 0); cut > 0 && cut < len(strings.TrimRight(before, " ")) {
		before = before[cut:]
	}
	after := text[tokens[m.end-1].end:to]
	near := after
	if spans := s.change.boundary.pattern.FindStringIndex(after); spans != nil {
		near = after[:spans[0]]
	}
	allBut := s.change.everything.in(text[:tokens[m.start].start]) && s.change.allBut.in(text[from:tokens[m.start].start])
	m.left = s.change.alongside.last.MatchString(before) || s.change.except.in(before) || s.change.kept.in(near) || allBut ||
		i > 0 && all[i-1].left && strings.TrimSpace(s.change.boundary.without(before)) == "" ||
		i > 0 && all[i-1].left && s.change.joins(before)
	if len(m.lines) < 2 {
		return
	}
	about := before + " " + descriptor(after)
	m.several = s.change.several.in(before) || s.change.several.first.MatchString(near) || s.pluralOf(tokens[m.start:m.end], lines[m.lines[0]])
	if best := bestBy(m.lines, lines, tokensOf(about)); len(best) < len(m.lines) {
		m.lines, m.several = best, m.several && len(best) > 1
	}
	if len(m.lines) > 1 && !m.several {
		m.lines = s.extremeLine(m.lines, lines, before)
	}
}

// lastBoundary is where the last of the words that part two things ends, 0 if none stands there.
func lastBoundary(w *changeWords, s string, from int) int {
	at := from
	for _, span := range w.boundary.pattern.FindAllStringIndex(s[from:], -1) {
		at = from + span[1]
	}
	return at
}

// descriptor is what stands right after a thing and belongs to it: in brackets, or up to the next
// mark.
func descriptor(after string) string {
	trimmed := strings.TrimLeft(after, " ")
	for _, pair := range [][2]string{{"(", ")"}, {"（", "）"}} {
		if rest, ok := strings.CutPrefix(trimmed, pair[0]); ok {
			inside, _, _ := strings.Cut(rest, pair[1])
			return inside
		}
	}
	cut := strings.IndexAny(trimmed, ",;.\n，；。(（")
	if cut < 0 {
		return trimmed
	}
	return trimmed[:cut]
}

// pluralOf reports whether a thing is named in the plural, where its title isn't.
func (s *Set) pluralOf(tokens []token, l line) bool {
	last := tokens[len(tokens)-1]
	if !last.plural {
		return false
	}
	for _, t := range tokensOf(l.item.Title) {
		if t.word == last.word && t.plural {
			return false
		}
	}
	return true
}

// bestBy are those of the lines whose options are named most.
func bestBy(of []int, lines []line, about []token) []int {
	best := 0
	var out []int
	for _, i := range of {
		score := 0
		for _, value := range lines[i].options {
			for at := range about {
				if standsAt(about, at, value) {
					score += len(value)
					break
				}
			}
		}
		switch {
		case score > best:
			best, out = score, []int{i}
		case score == best:
			out = append(out, i)
		}
	}
	return out
}

// extremeLine is the largest, smallest, cheapest or dearest of the lines, if that is said.
func (s *Set) extremeLine(of []int, lines []line, before string) []int {
	by := func(i int) (float64, bool) { return s.words.size(lines[i].item.Options) }
	way := 0
	switch {
	case s.words.large.in(before):
		way = 1
	case s.words.small.in(before):
		way = -1
	case s.words.cheaper.in(before), s.words.cheapest.in(before):
		way = -1
		by = func(i int) (float64, bool) { return lines[i].item.Price.InexactFloat64(), true }
	case s.words.dearer.in(before), s.words.dearest.in(before):
		way = 1
		by = func(i int) (float64, bool) { return lines[i].item.Price.InexactFloat64(), true }
	}
	if way == 0 {
		return of
	}
	best, out := 0.0, []int(nil)
	for _, i := range of {
		v, ok := by(i)
		v *= float64(way)
		switch {
		case !ok:
			return of
		case out == nil || v > best:
			best, out = v, []int{i}
		case v == best:
			out = append(out, i)
		}
	}
	return out
}
