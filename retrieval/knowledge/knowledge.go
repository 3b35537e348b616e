// Package knowledge finds the passage of a shop's knowledge that answers a question, and the
// sentences of it that do.
//
// Passages are ranked twice, by words (retrieval/lexical) and by meaning (an encoder), and
// the two orders are fused by reciprocal rank (Cormack, Clarke, Büttcher 2009). Whether a
// passage answers at all is a separate judgment: a score calibrated on questions that had an
// answer and questions that had none, from how near the meaning is and how much of the
// question's wording the passage has.
package knowledge

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"iter"
	"os"
	"path/filepath"
	"slices"
	"strings"

	"github.com/floorwalker/floorwalker/models"
	"github.com/floorwalker/floorwalker/retrieval"
	"github.com/floorwalker/floorwalker/retrieval/lexical"
	"github.com/floorwalker/floorwalker/retrieval/text"
)

const (
	defaultLimit   = 3
	mostFound      = 50
	longestAsked   = 2000 // bytes of a question that are read
	lexicalResults = 50
)

// Reciprocal rank fusion. The usual constant of 60 is for thousands of documents; among some
// dozen passages the first ranks must differ more. Meaning is much the better judge of whole
// questions, words break ties. Chosen on the questions marked "fit".
const (
	rankConstant  = 3
	wordsWeight   = 1
	meaningWeight = 6
)

// Knowledge finds passages. It is safe for concurrent use.
type Knowledge struct {
	passages []entry
	places   map[string]int // id → index of passages
	encoder  models.Encoder // nil: words alone decide
	index    *lexical.Index
	parser   *text.Parser

	// Report, if set before the first question, is told of each error of the encoder that
	// made a question be answered by words alone.
	Report func(error)
}

var _ retrieval.Passages = (*Knowledge)(nil)

// entry is a passage made ready.
type entry struct {
	retrieval.Passage
	sentences []sentence
	terms     map[string]bool   // of heading and text
	headings  []map[string]bool // terms of the heading and of each other way of asking
	whole     []float32         // title, heading and text, as a passage
	asked     [][]float32       // the heading and each other way of asking, as questions
}

type sentence struct {
	text   string
	terms  map[string]bool
	vector []float32
}

// New makes passages ready to be asked. The index and the vectors are kept in dir and used
// again by the next start for what hasn't changed. With a nil encoder words alone decide.
// Synonyms are groups of words that mean the same. Close it after use.
func New(ctx context.Context, dir string, passages []retrieval.Passage, encoder models.Encoder, synonyms [][]string) (*Knowledge, error) {
	if err := os.MkdirAll(dir, 0o755); err != nil {
		return nil, fmt.Errorf("making the folder for knowledge: %w", err)
	}
	k := &Knowledge{places: map[string]int{}, encoder: encoder, parser: text.NewParser(synonyms)}
	for _, p := range byID(passages) {
		k.places[p.ID] = len(k.passages)
		k.passages = append(k.passages, prepare(p))
	}
	if encoder != nil {
		if err := k.encode(ctx, dir); err != nil {
			return nil, err
		}
	}
	var err error
	k.index, err = lexical.Open(ctx, filepath.Join(dir, "words"), lexical.Content{Key: contentKey(k.passages), Documents: documents(k.passages)}, k.parser)
	return k, err
}

// Close releases the files. The encoder stays the caller's.
func (k *Knowledge) Close() error { return k.index.Close() }

func prepare(p retrieval.Passage) entry {
	e := entry{Passage: p, terms: termSet(append([]string{p.Title, p.Heading, p.Text}, p.Asked...)...)}
	for _, way := range e.ways() {
		e.headings = append(e.headings, termSet(p.Title, way))
	}
	for _, s := range Sentences(p.Text) {
		e.sentences = append(e.sentences, sentence{text: s, terms: termSet(s)})
	}
	return e
}

// ways are the heading and the other ways of asking for it.
func (e entry) ways() []string { return append([]string{e.Heading}, e.Asked...) }

func termSet(texts ...string) map[string]bool {
	set := map[string]bool{}
	for _, t := range texts {
		for _, term := range text.Terms(t) {
			set[term] = true
		}
	}
	return set
}

// encode fills in the vectors.
func (k *Knowledge) encode(ctx context.Context, dir string) error {
	whole := func(e entry) wanted { return wanted{models.Passage, e.Title + ". " + e.Heading + "\n" + e.Text} }
	asked := func(way string) wanted { return wanted{models.Query, way} }
	said := func(s sentence) wanted { return wanted{models.Passage, s.text} }
	var texts []wanted
	for _, e := range k.passages {
		texts = append(texts, whole(e))
		for _, way := range e.ways() {
			texts = append(texts, asked(way))
		}
		for _, s := range e.sentences {
			texts = append(texts, said(s))
		}
	}
	vectors, err := remember(ctx, dir, k.encoder, texts)
	if err != nil {
		return err
	}
	for i, e := range k.passages {
		k.passages[i].whole = vectors[whole(e)]
		for _, way := range e.ways() {
			k.passages[i].asked = append(k.passages[i].asked, vectors[asked(way)])
		}
		for j, s := range e.sentences {
			e.sentences[j].vector = vectors[said(s)]
		}
	}
	return nil
}

func contentKey(passages []entry) string {
	var b strings.Builder
	for _, p := range passages {
		fmt.Fprintf(&b, "%q %q %q %q %q\n", p.ID, p.Locale, p.Version, p.Title, p.ways())
	}
	return b.String()
}

// Weights of a passage's texts among its words.
const (
	headingWeight = 3
	titleWeight   = 1
	textWeight    = 1
)

func documents(passages []entry) iter.Seq2[lexical.Document, error] {
	return func(yield func(lexical.Document, error) bool) {
		for _, p := range passages {
			d := lexical.Document{ID: p.ID, Texts: []lexical.Text{
				{Language: p.Locale, Weight: headingWeight, Value: strings.Join(p.ways(), "\n")},
				{Language: p.Locale, Weight: titleWeight, Value: p.Title},
				{Language: p.Locale, Weight: textWeight, Value: p.Text},
			}}
			if !yield(d, nil) {
				return
			}
		}
	}
}

// Find implements retrieval.Passages. It looks among the passages of the locale; only if
// none of them answers, and one of another locale does, those come back instead. A limit of
// 0 means 3. When the encoder has an error, words alone decide (see Report).
func (k *Knowledge) Find(ctx context.Context, question, locale string, limit int) ([]retrieval.Found, error) {
	if limit <= 0 {
		limit = defaultLimit
	}
	limit = min(limit, mostFound)
	question = strings.ToValidUTF8(question[:min(len(question), longestAsked)], "")
	q, err := k.ask(ctx, question, locale)
	if err != nil {
		return nil, err
	}
	own, err := k.among(ctx, q, limit, func(e entry) bool { return e.Locale == locale })
	if err != nil || len(own) > 0 && own[0].Answers {
		return own, err
	}
	others, err := k.among(ctx, q, limit, func(e entry) bool { return e.Locale != locale })
	if err != nil || len(own) == 0 || len(others) > 0 && others[0].Answers {
		return others, err
	}
	return own, nil
}

// Passage implements retrieval.Passages.
func (k *Knowledge) Passage(id string) (retrieval.Passage, bool) {
	i, ok := k.places[id]
	if !ok {
		return retrieval.Passage{}, false
	}
	return k.passages[i].Passage, true
}

// question is what is asked, made ready.
type question struct {
	text   string
	units  []text.Unit // what it is about: without filler, each once; none: it is about nothing
	vector []float32   // nil: words alone decide
}

func (k *Knowledge) ask(ctx context.Context, asked, locale string) (question, error) {
	q := question{text: asked}
	if units, onlyFiller := k.parser.Parse(asked); !onlyFiller {
		q.units = units
	}
	if k.encoder == nil || len(k.passages) == 0 || strings.TrimSpace(asked) == "" {
		return q, ctx.Err()
	}
	vectors, err := k.encoder.Encode(ctx, models.Query, []string{k.inOwnWords(q, locale)})
	switch {
	case ctx.Err() != nil:
		return q, ctx.Err()
	case err == nil && len(vectors) == 1:
		q.vector = vectors[0]
	case k.Report != nil:
		k.Report(fmt.Errorf("encoding a question: %w", cmp.Or(err, errNoVector)))
	}
	return q, nil
}

// inOwnWords is the question with words that no passage of the locale has replaced by synonyms
// that one has: meaning is compared between what the shop wrote and what it could have.
func (k *Knowledge) inOwnWords(q question, locale string) string {
	has := func(pieces []text.Piece) bool {
		return slices.ContainsFunc(k.passages, func(e entry) bool {
			return e.Locale == locale && covered(text.Unit{Any: [][]text.Piece{pieces}}, e.terms) == 1
		})
	}
	asked := q.text
	for _, u := range q.units {
		if len(u.Any) < 2 || has(u.Any[0]) {
			continue
		}
		if i := slices.IndexFunc(u.Any[1:], has); i >= 0 {
			asked = strings.Replace(text.Fold(asked), u.Typed, u.Spelled[i+1], 1)
		}
	}
	return asked
}

var errNoVector = errors.New("the encoder gave no vector")

// among ranks the passages that keep keeps.
func (k *Knowledge) among(ctx context.Context, q question, limit int, keep func(entry) bool) ([]retrieval.Found, error) {
	hits, err := k.index.Search(ctx, lexical.Request{Text: q.text, Limit: lexicalResults, Loose: true,
		Keep: func(id string) bool { return keep(k.passages[k.places[id]]) }})
	if err != nil {
		return nil, err
	}
	byWords := make([]int, len(hits))
	for i, h := range hits {
		byWords[i] = k.places[h.ID]
	}
	w := newWeigher(k.passages, k.where(keep), q)
	rankings := []ranking{{wordsWeight, byWords}}
	if q.vector != nil {
		rankings = append(rankings, ranking{meaningWeight, w.byMeaning()})
	}
	order := w.surest(fuse(rankings))
	found := make([]retrieval.Found, 0, min(limit, len(order)))
	for _, i := range order[:min(limit, len(order))] {
		score := w.answers(i)
		found = append(found, retrieval.Found{Passage: k.passages[i].Passage, Answer: w.answer(i), Nub: w.nub(i), Score: score,
			Answers: score >= threshold && len(q.units) > 0})
	}
	return found, nil
}

func (k *Knowledge) where(keep func(entry) bool) []int {
	var places []int
	for i, e := range k.passages {
		if keep(e) {
			places = append(places, i)
		}
	}
	return places
}

// ranking is an order of passages, best first, and what it counts.
type ranking struct {
	weight float64
	order  []int
}

// fuse orders what stands in the rankings by the sum of weight/(constant + rank).
func fuse(rankings []ranking) []int {
	scores := map[int]float64{}
	var order []int
	for _, r := range rankings {
		for rank, i := range r.order {
			if scores[i] == 0 {
				order = append(order, i)
			}
			scores[i] += r.weight / float64(rankConstant+rank+1)
		}
	}
	slices.SortStableFunc(order, func(a, b int) int { return cmp.Compare(scores[b], scores[a]) })
	return order
}
