// Package index finds products: their texts in a lexical index on disk, prices, stock,
// options and categories in columns in memory, so that a change of stock needs no indexing.
package index

import (
	"context"
	"encoding/binary"
	"errors"
	"fmt"
	"hash/fnv"
	"iter"
	"sync/atomic"
	"time"

	"github.com/floorwalker/floorwalker/catalog"
	"github.com/floorwalker/floorwalker/retrieval"
	"github.com/floorwalker/floorwalker/retrieval/dense"
	"github.com/floorwalker/floorwalker/retrieval/lexical"
	"github.com/floorwalker/floorwalker/retrieval/text"
)

const (
	defaultLimit = 5
	mostHits     = 200
	budget       = 500 * time.Millisecond // of a search whose context ends later or never
	longestText  = 2000                   // bytes of a query that are read
)

// Index finds a shop's products. It is safe for concurrent use.
type Index struct {
	texts   *lexical.Index
	columns *columns
	parser  atomic.Pointer[text.Parser]
	meaning atomic.Pointer[dense.Index] // nil: words alone find
}

var _ retrieval.Products = (*Index)(nil)

// Open opens the index of products in dir. The products are read once to fill the columns;
// only if their texts aren't those that the index on disk was made from (whatever became of
// prices and stock), they are read again and indexed anew. Synonyms are groups of words that
// mean the same; they may change from one start to the next. An error that comes with a
// product ends it and is returned.
func Open(ctx context.Context, dir string, products iter.Seq2[catalog.Product, error], synonyms [][]string) (*Index, error) {
	x := &Index{columns: newColumns()}
	x.SetSynonyms(synonyms)
	for p, err := range products {
		if err == nil {
			err = ctx.Err()
		}
		if err != nil {
			return nil, fmt.Errorf("reading products to index: %w", err)
		}
		x.columns.put(p, hash(p))
	}
	content := lexical.Content{Key: x.columns.key(), Documents: x.documents(products)}
	texts, err := lexical.Open(ctx, dir, content, x.parser.Load())
	if err != nil {
		return nil, err
	}
	x.texts = texts
	return x, nil
}

// SetSynonyms replaces the groups of words that mean the same; searches from now on use them.
func (x *Index) SetSynonyms(synonyms [][]string) { x.parser.Store(text.NewParser(synonyms)) }

// All gives products that are in memory already as Open wants them.
func All(products []catalog.Product) iter.Seq2[catalog.Product, error] {
	return func(yield func(catalog.Product, error) bool) {
		for _, p := range products {
			if !yield(p, nil) {
				return
			}
		}
	}
}

func (x *Index) documents(products iter.Seq2[catalog.Product, error]) iter.Seq2[lexical.Document, error] {
	return func(yield func(lexical.Document, error) bool) {
		for p, err := range products {
			if !yield(document(p), err) {
				return
			}
		}
	}
}

// Update takes over changed or new products and removes those that are no more. Prices, stock
// and options count at once; texts that changed are indexed before it returns.
func (x *Index) Update(ctx context.Context, changed []catalog.Product, removed []string) error {
	var put []lexical.Document
	var means []dense.Document
	for _, p := range changed {
		if x.columns.put(p, hash(p)) {
			put = append(put, document(p))
			means = append(means, meant(p))
		}
	}
	for _, id := range removed {
		x.columns.remove(id)
	}
	if d := x.meaning.Load(); d != nil {
		d.Put(means)
		d.Remove(removed)
	}
	if len(put) == 0 && len(removed) == 0 {
		return nil
	}
	return x.texts.Change(ctx, x.columns.key(), put, removed)
}

// Close releases the files.
func (x *Index) Close() error {
	err := x.texts.Close()
	if d := x.meaning.Load(); d != nil {
		err = errors.Join(d.Close(), err)
	}
	return err
}

// Search implements retrieval.Products. Without a text, or with one that says nothing ("do
// you have anything"), it lists what passes the filters, in the order of the products. At
// most 200 hits come back, and no search takes longer than half a second: the error is then
// context.DeadlineExceeded.
func (x *Index) Search(ctx context.Context, q retrieval.Query) ([]retrieval.Hit, error) {
	limit := q.Limit
	if limit <= 0 {
		limit = defaultLimit
	}
	limit = min(limit, mostHits)
	ctx, cancel := context.WithTimeout(ctx, budget)
	defer cancel()

	f := x.filter(q)
	typed := q.Text[:min(len(q.Text), longestText)]
	parser := x.parser.Load()
	units, onlyFiller := parser.Parse(typed)
	if len(units) == 0 || onlyFiller && f.any() {
		return x.columns.list(ctx, f, limit)
	}
	request := lexical.Request{Text: typed, Limit: limit, Parser: parser}
	if f.any() {
		request.Keep = func(id string) bool { return len(x.columns.passing(id, f)) > 0 }
	}
	found, err := x.texts.Search(ctx, request)
	if err != nil {
		return nil, err
	}
	hits := make([]retrieval.Hit, 0, len(found))
	for _, h := range found {
		skus := x.columns.passing(h.ID, f)
		if f.any() && len(skus) == 0 {
			continue // sold out between the two looks
		}
		hits = append(hits, retrieval.Hit{Product: h.ID, SKUs: skus, Score: h.Score, Why: h.Words, Lacks: h.Lacks,
			Named: x.columns.named(h.ID, units, h.Words)})
	}
	return hits, nil
}

// weights of what a product says, beside one of an attribute.
const (
	titleWeight       = 8
	brandWeight       = 2
	categoryWeight    = 3
	optionWeight      = 2
	attributeWeight   = 1
	descriptionWeight = 2
)

// document gives the texts of a product: one field in its own language and one for each
// translation. What is not translated (brand, category) stands in the first only.
func document(p catalog.Product) lexical.Document {
	d := lexical.Document{ID: p.ID}
	add := func(language string, weight float64, value string) {
		if value != "" {
			d.Texts = append(d.Texts, lexical.Text{Language: language, Weight: weight, Value: value})
		}
	}
	add("", titleWeight, p.Title)
	add("", brandWeight, p.Brand)
	for _, c := range p.Category {
		add("", categoryWeight, c)
	}
	for _, value := range optionValues(p) {
		add("", optionWeight, value)
	}
	for _, name := range sortedKeys(p.Attributes) {
		add("", attributeWeight, p.Attributes[name])
	}
	add("", descriptionWeight, p.Description)
	for _, language := range sortedKeys(p.Translations) {
		t := p.Translations[language]
		add(language, titleWeight, t.Title)
		for _, name := range sortedKeys(t.Options) {
			for _, value := range sortedKeys(t.Options[name]) {
				add(language, optionWeight, t.Options[name][value])
			}
		}
		for _, name := range sortedKeys(t.Attributes) {
			add(language, attributeWeight, t.Attributes[name])
		}
		add(language, descriptionWeight, t.Description)
	}
	return d
}

// hash changes whenever the texts of the product do.
func hash(p catalog.Product) uint64 {
	h := fnv.New64a()
	write := func(s string) {
		var n [8]byte
		binary.LittleEndian.PutUint64(n[:], uint64(len(s)))
		h.Write(n[:])
		h.Write([]byte(s))
	}
	d := document(p)
	write(d.ID)
	for _, t := range d.Texts {
		write(t.Language)
		write(fmt.Sprint(t.Weight))
		write(t.Value)
	}
	return h.Sum64()
}
