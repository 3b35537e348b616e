package skill

import (
	"cmp"
	"context"
	"fmt"
	"reflect"
	"slices"
	"strings"
	"time"

	"github.com/floorwalker/floorwalker/catalog"
	"github.com/floorwalker/floorwalker/catalog/store"
	"github.com/floorwalker/floorwalker/dialog/flow"
	"github.com/floorwalker/floorwalker/retrieval"
)

// products searches. Its argument is what search_words makes.
var products = skill{
	Skill: flow.Skill{Name: "products", Kind: flow.Look, Args: []string{"query"}, View: reflect.TypeFor[ProductsView]()},
	run:   (*Set).products,
}

// ProductsView is what a search found.
type ProductsView struct {
	catalog.Source
	Count    int           `expr:"count" fact:"count"` // of Products
	Relaxed  bool          `expr:"relaxed"`            // nothing has all that was asked for; these come near
	Query    string        `expr:"query" fact:"said"`
	Vague    bool          `expr:"vague"`               // a gift is looked for, and no thing is named
	Mentions bool          `expr:"mentions"`            // no product is called any of that; these only mention it
	Open     bool          `expr:"open"`                // vague, and no gift
	Missing  string        `expr:"missing" fact:"said"` // what was asked for and none of them has; empty: several things
	Than     catalog.Money `expr:"than" fact:"price"`   // all of them cost less; none if by_than is 0
	ByThan   int           `expr:"by_than"`             // -1: less than that, 1: more
	NoneThan bool          `expr:"none_than"`           // nothing does: what comes nearest is shown
	Meant    bool          `expr:"meant"`               // found by what the question means: nothing may be called that
	Words    string        `expr:"words" fact:"said"`   // what was found of what was said, where that is not all of it
	ByPrice  int           `expr:"by_price"`            // -1: the cheapest first, 1: the dearest
	First    ProductView   `expr:"first"`
	SoldOut  []SoldOutView `expr:"sold_out"`
	Products []ProductView `expr:"products"` // best first, at most 5
}

// SoldOutView is a product found that can't be had now.
type SoldOutView struct {
	catalog.Source
	Title    string    `expr:"title" fact:"name"`
	Options  string    `expr:"options" fact:"name"`  // worded, where one variant was looked for
	Incoming time.Time `expr:"incoming" fact:"date"` // zero: unknown
}

func (s *Set) products(ctx context.Context, call flow.Call) (flow.Result, error) {
	object, _ := argValue(call, "query").(map[string]any)
	q := queryOf(object, call.Locale)
	way, extent := sign(object["sort"]), sign(object["extent"])
	if gift, _ := object["gift"].(bool); gift && q.Text == "" && q.Category == "" && q.Options == nil {
		return flow.Result{View: ProductsView{Source: s.source("products", s.Settings.Version), Vague: true}}, nil
	}
	limit := cmp.Or(q.Limit, mostProducts)
	if way != 0 {
		q.Limit = mostSorted
	}
	found, err := s.search(ctx, q, how{object["than"] != nil, needOf(object)})
	if err != nil {
		return flow.Result{}, err
	}
	if at := slices.Index(sizes(), found.missing); at >= 0 && len(found.hits) > 0 { // "the large one" of what comes in 900 ml and 1.2 l
		found.missing, found.relaxed = "", false
		if extent = 1; at < len(sizes())/2 {
			extent = -1
		}
	}
	found.missing = asTyped(found.missing, call.Said)
	if gift, _ := object["gift"].(bool); gift && found.unknown { // "a housewarming gift"
		return flow.Result{View: ProductsView{Source: s.source("products", s.Settings.Version), Vague: true}}, nil
	}
	if weak := !found.named && len(strings.Fields(found.words)) < 2; weak && s.openMinded(q, call.Said, found) {
		return flow.Result{View: ProductsView{Source: s.source("products", s.Settings.Version), Vague: true, Open: true}}, nil
	}
	than, byThan := amount(object["than"]), sign(object["way"])
	noneThan := than != nil && len(found.hits) == 0
	if noneThan { // what is nearest to that price
		q.Min, q.Max, q.Limit, way = nil, nil, mostSorted, byThan
		if found, err = s.search(ctx, q, how{need: needOf(object)}); err != nil {
			return flow.Result{}, err
		}
		limit = 1
	}
	hits := found.hits
	view := ProductsView{Relaxed: found.relaxed, Query: q.Text, ByPrice: way, Missing: found.missing, Words: found.words,
		Meant: found.meant, ByThan: byThan, NoneThan: noneThan,
		Mentions: q.Text != "" && !found.named && !found.meant && !s.words.kind.in(q.Text)}
	if than != nil {
		view.Than = s.money(*than)
	}
	err = s.DB.View(ctx, func(tx *store.Tx) error {
		r := store.In(tx, s.Shop)
		view.Products, view.SoldOut = nil, nil
		revision, err := r.Revision()
		if err != nil {
			return err
		}
		view.Source = s.source("products", version(revision))
		shelf := s.newShelf(r)
		for _, h := range hits {
			p, err := shelf.product(h.Product)
			if err != nil {
				return err
			}
			if p == nil || len(p.Variants) == 0 { // gone since it was indexed
				continue
			}
			h.SKUs = s.ofExtent(p, h.SKUs, extent)
			view.Products = append(view.Products, s.hitView(*p, h, call.Locale))
		}
		if way != 0 {
			slices.SortStableFunc(view.Products, func(a, b ProductView) int { return a.PriceFrom.Amount.Cmp(b.PriceFrom.Amount) * -way })
		}
		view.Products = view.Products[:min(limit, len(view.Products))]
		view.Count = len(view.Products)
		if view.Count > 0 {
			view.First = view.Products[0]
		}
		view.SoldOut, err = s.soldOut(tx, view.Products)
		return err
	})
	return flow.Result{View: view}, err
}

// openMinded reports whether somebody wants to be shown something, and little or nothing was
// found for what they say of it.
func (s *Set) openMinded(q retrieval.Query, said *flow.Said, f found) bool {
	switch {
	case said == nil || q.Text == "" || q.Category != "" || q.Options != nil:
		return false
	case len(f.hits) == 0:
		return q.Min != nil || q.Max != nil || s.words.recommend.in(said.Text)
	}
	return (f.words != "" || f.meant && !f.named) && s.words.recommend.in(said.Text)
}

// mostSorted is how many hits are put in the order of their prices.
const mostSorted = 50

// sign is the sign of a number in a query, 0 for none; numbers of kept queries are floats.
func sign(v any) int {
	switch n := v.(type) {
	case int:
		return cmp.Compare(n, 0)
	case float64:
		return cmp.Compare(n, 0)
	}
	return 0
}

// ofExtent leaves the largest (extent > 0) or smallest of a product's variants, by an option
// with figures or sizes; all of them if there is none.
func (s *Set) ofExtent(p *catalog.Product, skus []string, extent int) []string {
	if extent == 0 {
		return skus
	}
	best, left := 0.0, []string(nil)
	for _, v := range p.Variants {
		if len(skus) > 0 && !slices.Contains(skus, v.SKU) {
			continue
		}
		size, ok := s.words.size(v.Options)
		if !ok {
			return skus
		}
		switch size *= float64(extent); {
		case left == nil || size > best:
			best, left = size, []string{v.SKU}
		case size == best:
			left = append(left, v.SKU)
		}
	}
	return left
}

// soldOut are those of the products found of which nothing that was asked for can be had.
func (s *Set) soldOut(tx *store.Tx, products []ProductView) ([]SoldOutView, error) {
	var out []SoldOutView
	for _, v := range products {
		shown := v.Cards[0]
		if slices.ContainsFunc(shown.variants, func(x catalog.Variant) bool { return x.Available }) {
			continue
		}
		incoming, err := s.incoming(tx, shown.variants, meant{})
		if err != nil {
			return nil, err
		}
		sold := SoldOutView{Source: v.Source, Title: v.Title, Incoming: incoming}
		if len(shown.variants) == 1 {
			sold.Options = v.Options
		}
		out = append(out, sold)
	}
	return out, nil
}

// hitView is a product found, with one card of the variants that pass.
func (s *Set) hitView(p catalog.Product, h retrieval.Hit, locale string) ProductView {
	passing := slices.DeleteFunc(slices.Clone(p.Variants), func(v catalog.Variant) bool { return !slices.Contains(h.SKUs, v.SKU) })
	m := meant{product: p.ID}
	if len(passing) == 1 {
		m.sku = passing[0].SKU
	}
	if len(passing) == 0 {
		passing = p.Variants
	}
	v := s.productView(p, m, locale)
	v.Cards = []ProductCard{{p, passing, s.Settings.Currency}}
	return v
}

// asTyped is what is missing in the shopper's words, where it is an option that has just been said.
func asTyped(missing string, said *flow.Said) string {
	if said == nil {
		return missing
	}
	for _, e := range said.Entities {
		if _, value, ok := strings.Cut(e.Value, "="); e.Type == "option" && ok && value == missing {
			return e.Text
		}
	}
	return missing
}

// needOf is the need that a query tells; numbers of kept queries are floats.
func needOf(object map[string]any) need {
	switch n := object["need"].(type) {
	case int:
		return need(n)
	case float64:
		return need(n)
	}
	return noNeed
}

// queryOf reads the object that search_words makes.
func queryOf(object map[string]any, locale string) retrieval.Query {
	q := retrieval.Query{Locale: locale, Min: amount(object["min"]), Max: amount(object["max"])}
	q.Text, _ = object["text"].(string)
	q.Category, _ = object["category"].(string)
	q.InStock, _ = object["in_stock"].(bool)
	q.Limit, _ = object["limit"].(int)
	options, _ := object["options"].(map[string]any)
	for name, value := range options {
		if q.Options == nil {
			q.Options = map[string]string{}
		}
		q.Options[name] = fmt.Sprint(value)
	}
	return q
}
