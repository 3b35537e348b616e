package lexical

import (
	"context"
	"math"
	"slices"
	"strings"

	"github.com/blevesearch/bleve/v2/mapping"
	"github.com/blevesearch/bleve/v2/search"
	"github.com/blevesearch/bleve/v2/search/query"
	"github.com/blevesearch/bleve/v2/search/searcher"
	index "github.com/blevesearch/bleve_index_api"

	"github.com/floorwalker/floorwalker/retrieval/text"
)

// How much a match counts beside one of the word itself.
const (
	synonymWeight   = 0.9
	fuzzyWeight     = 0.6
	partsWeight     = 0.8
	characterWeight = 0.2 // beside a pair of characters
)

const mostFuzzy = 5 // words that a misspelt one may stand for

// plan is a query for bleve, worked out when it meets the index: which words exist decides
// what the query means.
type plan struct {
	units  []text.Unit
	tier   tier
	keep   func(id string) bool
	only   []string // among these documents; nil: all
	totals map[string]fieldSum

	refused int // documents that had the text and that keep refused
}

var _ query.Query = (*plan)(nil)

// Searcher implements query.Query.
func (p *plan) Searcher(ctx context.Context, r index.IndexReader, _ mapping.IndexMapping, o search.SearcherOptions) (search.Searcher, error) {
	count, err := r.DocCount()
	if err != nil {
		return nil, err
	}
	w := &weaver{ctx: p.scoring(ctx, count), reader: r, options: o, documents: float64(count), tier: p.tier}
	for name := range p.totals {
		w.fields = append(w.fields, name)
	}
	slices.Sort(w.fields)
	units, err := w.join(p.units)
	if err != nil {
		return nil, err
	}
	least := p.tier.least - (len(p.units) - len(units))
	s, err := w.units(units, max(1, least))
	if err == nil && p.only != nil {
		s, err = w.among(s, p.only)
	}
	if err != nil {
		return nil, err
	}
	if p.keep == nil {
		return s, nil
	}
	return searcher.NewFilteringSearcher(w.ctx, s, func(_ *search.SearchContext, d *search.DocumentMatch) bool {
		id, err := r.ExternalID(d.IndexInternalID)
		if err == nil && p.keep(id) {
			return true
		}
		p.refused++
		return false
	}), nil
}

// scoring makes bleve score by BM25 with the true average lengths; by itself it takes the
// size of the dictionary for the length of all documents.
func (p *plan) scoring(ctx context.Context, count uint64) context.Context {
	stats := &search.BM25Stats{DocCount: float64(count), FieldCardinality: map[string]int{}}
	for name, sum := range p.totals {
		stats.FieldCardinality[name] = int(sum.Length / float64(max(1, sum.Documents)) * float64(count))
	}
	ctx = context.WithValue(ctx, search.BM25StatsKey, stats)
	return context.WithValue(ctx, search.GetScoringModelCallbackKey,
		search.GetScoringModelCallbackFn(func() string { return index.BM25Scoring }))
}

// weaver makes searchers of units.
type weaver struct {
	ctx       context.Context // of one search; bleve's constructors want it
	reader    index.IndexReader
	options   search.SearcherOptions
	fields    []string
	documents float64
	tier      tier
}

// join makes one unit of neighbours that the index also knows as one word: "smart watch".
func (w *weaver) join(units []text.Unit) ([]text.Unit, error) {
	var out []text.Unit
	for i := 0; i < len(units); i++ {
		a := plainWord(units[i])
		if i+1 < len(units) && a != "" {
			if b := plainWord(units[i+1]); b != "" {
				joined := text.Stem(a + b)
				n, err := w.frequency(joined)
				if err != nil {
					return nil, err
				}
				if n > 0 {
					both := []text.Piece{units[i].Any[0][0], units[i+1].Any[0][0]}
					out = append(out, text.Unit{Typed: units[i].Typed + " " + units[i+1].Typed,
						Any: [][]text.Piece{both, {{Term: joined, Word: a + b}}}})
					i++
					continue
				}
			}
		}
		out = append(out, units[i])
	}
	return out, nil
}

// plainWord is the word of a unit that is just one word of letters.
func plainWord(u text.Unit) string {
	if len(u.Any) != 1 || len(u.Any[0]) != 1 || len(u.Any[0][0].Parts) > 0 || !letters(u.Any[0][0].Word) {
		return ""
	}
	return u.Any[0][0].Word
}

func letters(s string) bool {
	return s != "" && strings.IndexFunc(s, func(r rune) bool { return r < 'a' || r > 'z' }) < 0
}

func (w *weaver) units(units []text.Unit, least int) (search.Searcher, error) {
	all := make([]search.Searcher, 0, len(units))
	for _, u := range units {
		s, err := w.unit(u)
		if err != nil {
			return nil, closing(err, all)
		}
		all = append(all, s)
	}
	if least >= len(all) {
		return w.all(all)
	}
	return w.some(all, least)
}

// unit scores the best of its alternatives.
func (w *weaver) unit(u text.Unit) (search.Searcher, error) {
	alternatives, err := w.spellings(u)
	if err != nil {
		return nil, err
	}
	var any []search.Searcher
	for i, pieces := range u.Any {
		weight := 1.0
		if i > 0 {
			weight = synonymWeight
		}
		if any, err = w.alternative(any, pieces, weight); err != nil {
			return nil, err
		}
	}
	for _, pieces := range alternatives {
		if any, err = w.alternative(any, pieces, fuzzyWeight); err != nil {
			return nil, err
		}
	}
	return newBest(any), nil
}

func (w *weaver) alternative(any []search.Searcher, pieces []text.Piece, weight float64) ([]search.Searcher, error) {
	all := make([]search.Searcher, 0, len(pieces))
	for _, piece := range pieces {
		s, err := w.piece(piece, weight)
		if err != nil {
			return nil, closing(err, append(any, all...))
		}
		all = append(all, s)
	}
	s, err := w.all(all)
	if err != nil {
		return nil, closing(err, any)
	}
	return append(any, s), nil
}

// spellings gives what a word that no document has may stand for: two words written as one,
// or a word one letter away.
func (w *weaver) spellings(u text.Unit) ([][]text.Piece, error) {
	word := plainWord(u)
	if len(word) < 5 {
		return nil, nil
	}
	if n, err := w.frequency(u.Any[0][0].Term); n > 0 || err != nil {
		return nil, err
	}
	a, b, err := w.split(word)
	if err != nil || a != "" {
		return [][]text.Piece{{{Term: a}, {Term: b}}}, err
	}
	near, err := w.near(u.Any[0][0].Term)
	if err != nil {
		return nil, err
	}
	out := make([][]text.Piece, len(near))
	for i, term := range near {
		out[i] = []text.Piece{{Term: term}}
	}
	return out, nil
}

// split finds two words of the index that make up the word, the rarer as frequent as can be.
func (w *weaver) split(word string) (a, b string, err error) {
	var best uint64
	for i := 3; i+3 <= len(word); i++ {
		first, second := text.Stem(word[:i]), text.Stem(word[i:])
		n, err := w.frequency(first)
		if err != nil {
			return "", "", err
		}
		if n <= best {
			continue
		}
		m, err := w.frequency(second)
		if err != nil {
			return "", "", err
		}
		if min(n, m) > best {
			best, a, b = min(n, m), first, second
		}
	}
	return a, b, nil
}

// near finds the most frequent words one letter away.
func (w *weaver) near(term string) ([]string, error) {
	fuzzy, ok := w.reader.(index.IndexReaderFuzzy)
	if !ok {
		return nil, nil
	}
	found := map[string]uint64{}
	for _, f := range w.fields {
		dict, err := fuzzy.FieldDictFuzzy(f, term, 1, "")
		if err != nil {
			return nil, err
		}
		for {
			entry, err := dict.Next()
			if err != nil {
				return nil, closing(err, nil, dict)
			}
			if entry == nil {
				break
			}
			if letters(entry.Term) {
				found[entry.Term] += entry.Count
			}
		}
		if err := dict.Close(); err != nil {
			return nil, err
		}
	}
	var terms []string
	for t := range found {
		terms = append(terms, t)
	}
	slices.SortFunc(terms, func(a, b string) int {
		if found[a] != found[b] {
			return int(found[b]) - int(found[a])
		}
		return strings.Compare(a, b)
	})
	return terms[:min(mostFuzzy, len(terms))], nil
}

func (w *weaver) piece(p text.Piece, weight float64) (search.Searcher, error) {
	if p.Run != nil {
		return w.run(p.Run, weight)
	}
	whole, err := w.term(p.Term, weight)
	if err != nil || len(p.Parts) == 0 {
		return whole, err
	}
	parts, err := w.terms(p.Parts, weight*partsWeight)
	if err != nil {
		return nil, closing(err, []search.Searcher{whole})
	}
	all, err := w.all(parts)
	if err != nil {
		return nil, closing(err, []search.Searcher{whole})
	}
	return newBest([]search.Searcher{whole, all}), nil
}

// run wants all characters and half of the pairs; in a loose tier, all characters or any pair.
func (w *weaver) run(characters []string, weight float64) (search.Searcher, error) {
	single := weight
	if len(characters) > 1 {
		single = weight * characterWeight
	}
	singles, err := w.terms(characters, single)
	if err != nil {
		return nil, err
	}
	all, err := w.all(singles)
	if err != nil || len(characters) == 1 {
		return all, err
	}
	pairs := make([]string, len(characters)-1)
	for i := range pairs {
		pairs[i] = characters[i] + characters[i+1]
	}
	doubles, err := w.terms(pairs, weight)
	if err != nil {
		return nil, closing(err, []search.Searcher{all})
	}
	least := (len(pairs) + 1) / 2
	if w.tier.loose {
		least = 1
	}
	some, err := w.some(doubles, least)
	if err != nil {
		return nil, closing(err, []search.Searcher{all})
	}
	if w.tier.loose {
		return newBest([]search.Searcher{all, some}), nil
	}
	return w.all([]search.Searcher{all, some})
}

func (w *weaver) terms(terms []string, weight float64) ([]search.Searcher, error) {
	out := make([]search.Searcher, 0, len(terms))
	for _, t := range terms {
		s, err := w.term(t, weight)
		if err != nil {
			return nil, closing(err, out)
		}
		out = append(out, s)
	}
	return out, nil
}

// term scores the best of the languages.
func (w *weaver) term(term string, weight float64) (search.Searcher, error) {
	var languages []search.Searcher
	for _, f := range w.fields {
		n, err := w.frequencyIn(f, term)
		if err != nil {
			return nil, closing(err, languages)
		}
		if n == 0 {
			continue
		}
		// bleve multiplies by the inverse document frequency twice; once is BM25.
		idf := math.Log(1 + (w.documents-float64(n)+0.5)/(float64(n)+0.5))
		s, err := searcher.NewTermSearcher(w.ctx, w.reader, term, f, weight/max(idf, 0.01), w.options)
		if err != nil {
			return nil, closing(err, languages)
		}
		languages = append(languages, s)
	}
	if len(languages) == 0 {
		return searcher.NewMatchNoneSearcher(w.reader)
	}
	return newBest(languages), nil
}

func (w *weaver) all(of []search.Searcher) (search.Searcher, error) {
	if len(of) == 1 {
		return of[0], nil
	}
	return searcher.NewConjunctionSearcher(w.ctx, w.reader, of, w.options)
}

func (w *weaver) some(of []search.Searcher, least int) (search.Searcher, error) {
	if len(of) == 1 {
		return of[0], nil
	}
	return searcher.NewDisjunctionSearcher(w.ctx, w.reader, of, float64(least), w.options)
}

func (w *weaver) among(s search.Searcher, ids []string) (search.Searcher, error) {
	documents, err := searcher.NewDocIDSearcher(w.ctx, w.reader, ids, 1, w.options)
	if err != nil {
		return nil, closing(err, []search.Searcher{s})
	}
	return w.all([]search.Searcher{s, documents})
}

// frequency is in how many documents and languages the term is.
func (w *weaver) frequency(term string) (uint64, error) {
	var sum uint64
	for _, f := range w.fields {
		n, err := w.frequencyIn(f, term)
		if err != nil {
			return 0, err
		}
		sum += n
	}
	return sum, nil
}

func (w *weaver) frequencyIn(field, term string) (uint64, error) {
	r, err := w.reader.TermFieldReader(w.ctx, []byte(term), field, false, false, false)
	if err != nil {
		return 0, err
	}
	n := r.Count()
	return n, r.Close()
}
