package lexical

import (
	"errors"
	"io"

	"github.com/blevesearch/bleve/v2/search"
	index "github.com/blevesearch/bleve_index_api"
)

// best finds what any of its searchers finds and scores the highest of theirs, so that having
// a word twice, under two names, counts no more than once. (bleve's disjunction adds up, and
// scales by the share that matched.)
type best struct {
	of    []search.Searcher
	heads []*search.DocumentMatch // nil where exhausted
	begun bool
}

var _ search.Searcher = (*best)(nil)

func newBest(of []search.Searcher) search.Searcher {
	b := &best{of: of, heads: make([]*search.DocumentMatch, len(of))}
	b.SetQueryNorm(1) // a term searcher that never hears of a norm ignores its boost
	return b
}

// Next implements search.Searcher.
func (b *best) Next(ctx *search.SearchContext) (*search.DocumentMatch, error) {
	if !b.begun {
		b.begun = true
		for i, s := range b.of {
			head, err := s.Next(ctx)
			if err != nil {
				return nil, err
			}
			b.heads[i] = head
		}
	}
	return b.take(ctx)
}

// Advance implements search.Searcher.
func (b *best) Advance(ctx *search.SearchContext, id index.IndexInternalID) (*search.DocumentMatch, error) {
	for i, s := range b.of {
		head := b.heads[i]
		if b.begun && (head == nil || head.IndexInternalID.Compare(id) >= 0) {
			continue
		}
		if head != nil {
			ctx.DocumentMatchPool.Put(head)
		}
		next, err := s.Advance(ctx, id)
		if err != nil {
			return nil, err
		}
		b.heads[i] = next
	}
	b.begun = true
	return b.take(ctx)
}

// take gives the first document among the heads and moves those that stood on it.
func (b *best) take(ctx *search.SearchContext) (*search.DocumentMatch, error) {
	var first *search.DocumentMatch
	for _, h := range b.heads {
		if h == nil {
			continue
		}
		if first == nil {
			first = h
			continue
		}
		switch c := h.IndexInternalID.Compare(first.IndexInternalID); {
		case c < 0, c == 0 && h.Score > first.Score:
			first = h
		}
	}
	if first == nil {
		return nil, nil
	}
	for i, h := range b.heads {
		if h == nil || !h.IndexInternalID.Equals(first.IndexInternalID) {
			continue
		}
		next, err := b.of[i].Next(ctx)
		if err != nil {
			return nil, err
		}
		b.heads[i] = next
		if h != first {
			ctx.DocumentMatchPool.Put(h)
		}
	}
	return first, nil
}

// Close implements search.Searcher.
func (b *best) Close() error { return closing(nil, b.of) }

// Weight implements search.Searcher.
func (b *best) Weight() float64 {
	var sum float64
	for _, s := range b.of {
		sum += s.Weight()
	}
	return sum
}

// SetQueryNorm implements search.Searcher.
func (b *best) SetQueryNorm(n float64) {
	for _, s := range b.of {
		s.SetQueryNorm(n)
	}
}

// Count implements search.Searcher: at most as many as all of them find.
func (b *best) Count() uint64 {
	var sum uint64
	for _, s := range b.of {
		sum += s.Count()
	}
	return sum
}

// Min implements search.Searcher.
func (b *best) Min() int { return 0 }

// Size implements search.Searcher.
func (b *best) Size() int {
	var sum int
	for _, s := range b.of {
		sum += s.Size()
	}
	return sum
}

// DocumentMatchPoolSize implements search.Searcher.
func (b *best) DocumentMatchPoolSize() int {
	sum := len(b.of)
	for _, s := range b.of {
		sum += s.DocumentMatchPoolSize()
	}
	return sum
}

// closing closes what was opened before err happened.
func closing(err error, searchers []search.Searcher, more ...io.Closer) error {
	errs := []error{err}
	for _, s := range searchers {
		errs = append(errs, s.Close())
	}
	for _, c := range more {
		errs = append(errs, c.Close())
	}
	return errors.Join(errs...)
}
