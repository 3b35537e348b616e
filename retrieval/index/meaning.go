package index

import (
	"context"
	"iter"
	"strings"
	"time"

	"github.com/floorwalker/floorwalker/catalog"
	"github.com/floorwalker/floorwalker/models"
	"github.com/floorwalker/floorwalker/retrieval"
	"github.com/floorwalker/floorwalker/retrieval/dense"
)

// soon is how many texts without a vector a start waits for: about ten seconds of two cores.
// More of them are encoded while the shop is open.
const soon = 1000

// soonEnough is how long it waits: an encoder that fails leaves words alone to find things.
const soonEnough = 30 * time.Second

// ByMeaning makes the products findable by what they mean, too. Vectors are kept in dir under
// a name, for the next start. Report is told of errors that leave words alone to find some.
func (x *Index) ByMeaning(ctx context.Context, dir, name string, products iter.Seq2[catalog.Product, error], encoder models.Encoder, report func(error)) error {
	d, err := dense.Open(dir, name, encoder, report)
	if err != nil {
		return err
	}
	x.meaning.Store(d)
	var documents []dense.Document
	for p, err := range products {
		if err != nil {
			return err
		}
		documents = append(documents, meant(p))
	}
	d.Put(documents)
	if d.Pending() > soon {
		return nil
	}
	bound, cancel := context.WithTimeout(ctx, soonEnough)
	defer cancel()
	if err := d.Wait(bound); err != nil && ctx.Err() != nil {
		return ctx.Err()
	}
	return nil
}

// meant is what a product is, in each language: its title, where it stands in the shop, and its
// description. (Attributes made it worse: .59 instead of .65 nDCG on testdata/needs.csv.)
func meant(p catalog.Product) dense.Document {
	d := dense.Document{ID: p.ID, Texts: []string{p.Title + " (" + strings.Join(p.Category, ", ") + "). " + p.Description}}
	for _, language := range sortedKeys(p.Translations) {
		if t := p.Translations[language]; t.Title != "" {
			d.Texts = append(d.Texts, t.Title+"。"+t.Description)
		}
	}
	return d
}

// Near implements retrieval.Products.
func (x *Index) Near(ctx context.Context, q retrieval.Query) ([]retrieval.Hit, error) {
	d := x.meaning.Load()
	typed := strings.ToValidUTF8(q.Text[:min(len(q.Text), longestText)], "")
	if d == nil || strings.TrimSpace(typed) == "" {
		return nil, nil
	}
	limit := q.Limit
	if limit <= 0 {
		limit = defaultLimit
	}
	f := x.filter(q)
	near, err := d.Rank(ctx, typed, min(limit, mostHits), func(id string) bool { return len(x.columns.passing(id, f)) > 0 })
	if err != nil {
		return nil, err
	}
	units, _ := x.parser.Load().Parse(typed)
	all := make([]string, len(units))
	for i, u := range units {
		all[i] = u.Typed
	}
	hits := make([]retrieval.Hit, 0, len(near))
	for _, n := range near {
		hits = append(hits, retrieval.Hit{Product: n.ID, SKUs: x.columns.passing(n.ID, f), Score: n.Score,
			Named: x.columns.named(n.ID, units, all)})
	}
	return hits, nil
}
