package lexical

import (
	"context"
	"fmt"

	"github.com/blevesearch/bleve/v2/search"

	"github.com/floorwalker/floorwalker/retrieval/text"
)

// Known tells in about how many documents each unit is: as many as the rarest word of its most
// frequent alternative. Of a run of characters, the pairs count. All is how many documents
// there are.
func (x *Index) Known(ctx context.Context, units []text.Unit) (in []int, all int, err error) {
	defer func() {
		if p := recover(); p != nil {
			in, err = nil, fmt.Errorf("reading the index in %s: %w: %v; restart to rebuild it", x.dir, ErrCorrupt, p)
		}
	}()
	advanced, err := x.bleve.Advanced()
	if err != nil {
		return nil, 0, fmt.Errorf("reading the index in %s: %w", x.dir, err)
	}
	r, err := advanced.Reader()
	if err != nil {
		return nil, 0, fmt.Errorf("reading the index in %s: %w", x.dir, err)
	}
	defer func() { err = closing(err, nil, r) }()
	count, err := r.DocCount()
	if err != nil {
		return nil, 0, err
	}
	x.mu.Lock()
	totals := x.state.Totals
	x.mu.Unlock()
	w := &weaver{ctx: ctx, reader: r, options: search.SearcherOptions{}, documents: float64(count)}
	for name := range totals {
		w.fields = append(w.fields, name)
	}
	for _, u := range units {
		most := 0
		for _, pieces := range u.Any {
			n, err := w.rarest(pieces)
			if err != nil {
				return nil, 0, err
			}
			most = max(most, n)
		}
		in = append(in, most)
	}
	return in, int(count), nil
}

// rarest is the frequency of the rarest term of pieces.
func (w *weaver) rarest(pieces []text.Piece) (int, error) {
	least := -1
	for _, p := range pieces {
		for _, term := range p.Terms() {
			n, err := w.frequency(term)
			if err != nil {
				return 0, err
			}
			if least < 0 || int(n) < least {
				least = int(n)
			}
		}
	}
	return max(least, 0), nil
}
