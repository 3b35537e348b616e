package skill

import (
	"context"
	"fmt"
	"reflect"
	"slices"

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
	Products []ProductView `expr:"products"` // best first, at most 5
}

func (s *Set) products(ctx context.Context, call flow.Call) (flow.Result, error) {
	object, _ := argValue(call, "query").(map[string]any)
	q := queryOf(object, call.Locale)
	hits, relaxed, err := s.search(ctx, q)
	if err != nil {
		return flow.Result{}, err
	}
	view := ProductsView{Relaxed: relaxed, Query: q.Text}
	err = s.read(ctx, func(r store.Records) error {
		revision, err := r.Revision()
		if err != nil {
			return err
		}
		view.Source = s.source("products", version(revision))
		shelf := newShelf(r)
		for _, h := range hits {
			p, err := shelf.product(h.Product)
			if err != nil {
				return err
			}
			if p == nil || len(p.Variants) == 0 { // gone since it was indexed
				continue
			}
			view.Products = append(view.Products, s.hitView(*p, h, call.Locale))
		}
		view.Count = len(view.Products)
		return nil
	})
	return flow.Result{View: view}, err
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

// relaxations take filters off one after the other, each on top of those before.
var relaxations = []func(*retrieval.Query){
	func(q *retrieval.Query) { q.Options = nil },
	func(q *retrieval.Query) { q.InStock = false },
	func(q *retrieval.Query) { q.Min, q.Max = nil, nil },
	func(q *retrieval.Query) { q.Category = "" },
}

// search finds what has all that is asked for or else, relaxed, what comes near it.
func (s *Set) search(ctx context.Context, q retrieval.Query) (hits []retrieval.Hit, relaxed bool, err error) {
	var near []retrieval.Hit
	for i := 0; ; i++ {
		hits, err := s.Products.Search(ctx, q)
		if err != nil {
			return nil, false, err
		}
		exact := slices.DeleteFunc(slices.Clone(hits), func(h retrieval.Hit) bool { return len(h.Lacks) > 0 })
		if len(exact) > 0 {
			return exact, i > 0, nil
		}
		if len(near) == 0 {
			near = hits
		}
		if i == len(relaxations) {
			return near, len(near) > 0, nil
		}
		before := q
		relaxations[i](&q)
		for i+1 < len(relaxations) && reflect.DeepEqual(before, q) { // there was no such filter
			i++
			relaxations[i](&q)
		}
		if reflect.DeepEqual(before, q) || q.Text == "" && !filtered(q) {
			return near, len(near) > 0, nil
		}
	}
}

func filtered(q retrieval.Query) bool {
	return q.Category != "" || q.Options != nil || q.Min != nil || q.Max != nil || q.InStock
}
