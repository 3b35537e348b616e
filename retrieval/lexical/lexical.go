// Package lexical is an index of texts on disk: bleve's scorch, with the analysis of
// retrieval/text and BM25F ranking.
//
// A document has one indexed field per language; within it the texts are weighted (a word
// in the title counts more than one in the description) before term frequency saturates,
// as BM25F does (Robertson, Zaragoza, Taylor 2004). A query asks for units (see
// retrieval/text); a document scores the sum over the units of the best alternative in the
// best language.
//
// bleve takes part with its segments, dictionaries, term scoring and collector. Its
// registered analysers, mapping and query language are not used: texts are cut here, so
// nothing is registered globally, and no query syntax exists that a shopper could hit.
package lexical

import (
	"context"
	"errors"
	"fmt"
	"iter"
	"sync"

	"github.com/blevesearch/bleve/v2"

	"github.com/floorwalker/floorwalker/retrieval/text"
)

// Document is what is found: an id and its texts.
type Document struct {
	ID    string
	Texts []Text
}

// Text is a piece of a document. Language "" is the records' own language.
type Text struct {
	Language string
	Weight   float64
	Value    string
}

// Request asks for documents.
type Request struct {
	Text  string
	Limit int
	Keep  func(id string) bool // nil: all; called on the searching goroutine
	Loose bool                 // rank whatever has any of the words, as for a whole question

	Parser *text.Parser // reads Text; nil: the one that the index was opened with
}

// Hit is a document that answers, best first. Words are those units of the query, as typed,
// that it has, Lacks the others; both are empty beyond the first 20 hits.
type Hit struct {
	ID    string
	Score float64
	Words []string
	Lacks []string
}

// Index finds documents. It is safe for concurrent use. Searches after Close return an error.
type Index struct {
	dir    string
	parser *text.Parser
	bleve  bleve.Index

	closing sync.Once // bleve panics when closed twice

	mu    sync.Mutex // one writer
	state state
}

// ErrCorrupt says that files of the index are damaged. Opening it anew rebuilds it.
var ErrCorrupt = errors.New("the index is damaged")

// Content is what an index is made from. Key names it: an index on disk that was made from
// the same key is opened, any other is built anew. Documents may be ranged over more than
// once. An error that comes with a document ends the build and is returned.
type Content struct {
	Key       string
	Documents iter.Seq2[Document, error]
}

// Open opens the index in dir, or builds it there from content if what lies in dir was made
// from something else, is half-written or damaged. One process has it open at a time.
func Open(ctx context.Context, dir string, content Content, parser *text.Parser) (*Index, error) {
	x := &Index{dir: dir, parser: parser}
	err := x.reopen(content.Key)
	switch {
	case err == nil:
		return x, nil
	case errors.Is(err, errInUse):
		return nil, fmt.Errorf("opening the index in %s: %w", dir, err)
	}
	if err := x.build(ctx, content); err != nil {
		return nil, fmt.Errorf("building the index in %s: %w", dir, err)
	}
	return x, nil
}

// Key is the key of the content that the index now has.
func (x *Index) Key() string {
	x.mu.Lock()
	defer x.mu.Unlock()
	return x.state.Key
}

// Change replaces and removes documents at once. Afterwards the index counts as made from key.
func (x *Index) Change(ctx context.Context, key string, put []Document, remove []string) error {
	x.mu.Lock()
	defer x.mu.Unlock()
	if err := ctx.Err(); err != nil {
		return err
	}
	next := x.state
	next.Key = key
	next.Totals = copyTotals(x.state.Totals)
	batch := x.bleve.NewBatch()
	for _, d := range put {
		if err := next.add(batch, d); err != nil {
			return err
		}
	}
	for _, id := range remove {
		batch.Delete(id)
	}
	if err := next.save(batch); err != nil {
		return err
	}
	if err := x.bleve.Batch(batch); err != nil {
		return fmt.Errorf("writing to the index in %s: %w", x.dir, err)
	}
	x.state = next
	return nil
}

// Close releases the files. Closing again does nothing.
func (x *Index) Close() (err error) {
	x.closing.Do(func() { err = x.bleve.Close() })
	return err
}

// Search finds the documents that have all units of the query; if they are fewer than the
// limit, those that have most follow, then any. Words that no document has are taken for
// misspellings of words one letter away. Once Keep refuses documents that answer, nothing
// weaker follows: that wouldn't be what was asked for. When ctx ends, so does the search,
// and the error is ctx's.
func (x *Index) Search(ctx context.Context, r Request) (hits []Hit, err error) {
	defer func() {
		if p := recover(); p != nil {
			hits, err = nil, fmt.Errorf("searching the index in %s: %w: %v; restart to rebuild it", x.dir, ErrCorrupt, p)
		}
	}()
	parser := x.parser
	if r.Parser != nil {
		parser = r.Parser
	}
	units, _ := parser.Parse(r.Text)
	if len(units) == 0 || r.Limit <= 0 {
		return nil, ctx.Err()
	}
	x.mu.Lock()
	totals := x.state.Totals
	x.mu.Unlock()
	for _, t := range tiers(len(units), r.Loose) {
		p := &plan{units: units, tier: t, keep: r.Keep, totals: totals}
		found, err := x.run(ctx, p, r.Limit)
		if err != nil {
			return nil, err
		}
		if hits = follow(hits, found, r.Limit); len(hits) == r.Limit || p.refused > 0 {
			break
		}
	}
	return hits, x.words(ctx, units, totals, hits)
}

// follow appends what is new among more, up to the limit. Scores never rise again.
func follow(hits, more []Hit, limit int) []Hit {
	seen := make(map[string]bool, len(hits))
	for _, h := range hits {
		seen[h.ID] = true
	}
	for _, h := range more {
		if len(hits) == limit {
			break
		}
		if seen[h.ID] {
			continue
		}
		if n := len(hits); n > 0 {
			h.Score = min(h.Score, hits[n-1].Score)
		}
		hits = append(hits, h)
	}
	return hits
}

// tier is how much of a query a document must have.
type tier struct {
	least int  // units
	loose bool // part of a run of characters is enough for it
}

// tiers are what to ask for in turn until something is found.
func tiers(units int, loose bool) []tier {
	if loose {
		return []tier{{1, true}}
	}
	out := []tier{{units, false}, {units, true}}
	for _, least := range []int{(2*units + 2) / 3, 1} {
		if least < out[len(out)-1].least {
			out = append(out, tier{least, true})
		}
	}
	return out
}

func (x *Index) run(ctx context.Context, p *plan, limit int) ([]Hit, error) {
	request := bleve.NewSearchRequestOptions(p, limit, 0, false)
	request.SortBy([]string{"-_score", "_id"})
	result, err := x.bleve.SearchInContext(ctx, request)
	switch {
	case errors.Is(err, context.DeadlineExceeded), errors.Is(err, context.Canceled):
		return nil, fmt.Errorf("searching: %w", err)
	case err != nil:
		return nil, fmt.Errorf("searching the index in %s: %w", x.dir, err)
	}
	hits := make([]Hit, len(result.Hits))
	for i, h := range result.Hits {
		hits[i] = Hit{ID: h.ID, Score: h.Score}
	}
	return hits, nil
}

// explained is how many hits are told which words they have.
const explained = 20

// words fills in which units each of the first hits has and lacks.
func (x *Index) words(ctx context.Context, units []text.Unit, totals map[string]fieldSum, hits []Hit) error {
	hits = hits[:min(explained, len(hits))]
	ids := make([]string, len(hits))
	place := make(map[string]int, len(hits))
	for i, h := range hits {
		ids[i], place[h.ID] = h.ID, i
	}
	for i, u := range units {
		if len(hits) == 0 {
			break
		}
		request := bleve.NewSearchRequestOptions(&plan{units: units[i : i+1], tier: tier{1, true}, only: ids, totals: totals}, len(ids), 0, false)
		request.Score = bleve.ScoreNone
		result, err := x.bleve.SearchInContext(ctx, request)
		if err != nil {
			return fmt.Errorf("searching: %w", err)
		}
		has := make([]bool, len(hits))
		for _, h := range result.Hits {
			has[place[h.ID]] = true
		}
		for at := range hits {
			if has[at] {
				hits[at].Words = append(hits[at].Words, u.Typed)
			} else {
				hits[at].Lacks = append(hits[at].Lacks, u.Typed)
			}
		}
	}
	return nil
}
