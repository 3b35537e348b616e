package skill

import (
	"context"
	"maps"
	"reflect"
	"slices"
	"strings"

	"github.com/floorwalker/floorwalker/catalog"
	"github.com/floorwalker/floorwalker/catalog/store"
	"github.com/floorwalker/floorwalker/dialog/flow"
	"github.com/floorwalker/floorwalker/nlu"
	"github.com/floorwalker/floorwalker/retrieval/text"
)

// comparedProducts finds the products that are to be compared: those named, else the first
// of those that were searched for before. Its value is {products: [ids]}.
var comparedProducts = skill{
	Skill: flow.Skill{Name: "compared_products", Kind: flow.Resolve, Args: []string{"query", "product", "compared"},
		Options: []string{"query", "product", "compared"}, Entities: []string{"product"}},
	run: (*Set).comparedProducts,
}

// comparison tells how products differ. Its argument is what compared_products makes.
var comparison = skill{
	Skill: flow.Skill{Name: "comparison", Kind: flow.Look, Args: []string{"compared"}, View: reflect.TypeFor[ComparisonView]()},
	run:   (*Set).comparison,
}

// pricesCompared finds the products whose prices are to be compared: "which is cheaper?" of two
// or more that are named or were shown, 跟铸铁的比哪个便宜 of one beside that spoken of. Its value is
// that of compared_products, with the options that were said.
var pricesCompared = skill{
	Skill: flow.Skill{Name: "prices_compared", Kind: flow.Resolve, Args: []string{"query", "product", "compared"},
		Options: []string{"query", "product", "compared"}, Entities: []string{"product", "option"}},
	run: (*Set).pricesCompared,
}

func (s *Set) pricesCompared(ctx context.Context, call flow.Call) (flow.Result, error) {
	if call.Said == nil || !s.words.whichCosts.in(call.Said.Text) {
		return flow.Result{}, nil
	}
	before, err := s.shownBefore(ctx, call)
	if err != nil {
		return flow.Result{}, err
	}
	ids := comparedIn(argValue(call, "compared"))
	sides, parts, err := s.sides(ctx, call)
	if err != nil {
		return flow.Result{}, err
	}
	now := meantBy(argValue(call, "product")).product
	if now == "" {
		now = before.one().product
	}
	latest := before.latest()
	switch {
	case now != "" && parts == 1 && len(sides) > 0 && !slices.Contains(sides, now): // "than the cast iron one"
		ids = []string{now, sides[0]}
	case len(sides) > 1:
		ids = sides
	case len(sides) == 1: // "your cheapest kettle" is one search, no comparison
		return flow.Result{}, nil
	case len(latest) > 1:
		ids = nil
		for _, p := range latest {
			ids = append(ids, p.meant.product)
		}
	}
	if ids = firstOfEach(ids); len(ids) < 2 {
		return flow.Result{}, nil
	}
	list := make([]any, 0, mostProducts)
	for _, id := range ids[:min(mostProducts, len(ids))] {
		list = append(list, id)
	}
	return flow.Result{Values: []flow.Value{{V: map[string]any{"products": list}, Text: call.Said.Text, Offset: offset(call.Said)}}}, nil
}

// ComparisonView is products side by side.
type ComparisonView struct {
	catalog.Source
	Count    int            `expr:"count" fact:"count"`
	Products []ProductView  `expr:"products"`
	Compared []ComparedView `expr:"compared"`
	ByPrice  int            `expr:"by_price"` // what is asked: -1: which is cheaper, 1: which is dearer; they are in that order
	Tied     bool           `expr:"tied"`     // the first two start at the same price
	First    ComparedView   `expr:"first"`
	Options  string         `expr:"options" fact:"name"` // worded: what was said of all of them
}

// ComparedView is one product of a comparison.
type ComparedView struct {
	catalog.Source
	Title     string        `expr:"title" fact:"name"`
	OnePrice  bool          `expr:"one_price"`
	PriceFrom catalog.Money `expr:"price_from" fact:"price"`
	PriceTo   catalog.Money `expr:"price_to" fact:"price"`
	Differs   string        `expr:"differs" fact:"name"` // worded attributes that the others have otherwise: "keeps hot 12 hours, …"
}

// Bounds on a comparison.
const (
	mostCompared = 3
	mostTraits   = 5
)

func (s *Set) comparedProducts(ctx context.Context, call flow.Call) (flow.Result, error) {
	if call.Said == nil {
		return flow.Result{}, nil
	}
	ids, _, err := s.sides(ctx, call)
	if err != nil {
		return flow.Result{}, err
	}
	before, err := s.shownBefore(ctx, call)
	if err != nil {
		return flow.Result{}, err
	}
	if pointed := s.countedOff(before, call.Said); len(pointed) > 1 {
		ids = pointed
	}
	if len(ids) < 2 {
		for _, p := range before.latest() {
			ids = append(ids, p.meant.product)
		}
		ids = append(ids, s.spokenBefore(ctx, call)...)
	}
	ids = firstOfEach(ids)
	if len(ids) < 2 {
		return flow.Result{}, nil
	}
	most := mostCompared
	if s.words.two.in(call.Said.Text) {
		most = 2
	}
	list := make([]any, 0, mostCompared)
	for _, id := range ids[:min(most, len(ids))] {
		list = append(list, id)
	}
	return flow.Result{Values: []flow.Value{{V: map[string]any{"products": list}, Text: call.Said.Text, Offset: offset(call.Said)}}}, nil
}

// countedOff are the products of the list shown that a text counts off: "the first and the
// third", "the first two".
func (s *Set) countedOff(before shown, said *flow.Said) []string {
	var ids []string
	for _, m := range before.pointedAll(said) {
		ids = append(ids, m.product)
	}
	if list := before.list(); s.words.firstTwo.in(said.Text) && len(list) > 1 {
		ids = []string{list[0].meant.product, list[1].meant.product}
	}
	return firstOfEach(ids)
}

// sides are the products named on each side of "and", "or", "vs", and on how many; of one phrase
// that names a few, all of them.
func (s *Set) sides(ctx context.Context, call flow.Call) (ids []string, naming int, err error) {
	var several []string
	_, anything := namedProducts(call.Said)
	before := len(anything) == 0 && len(s.spokenBefore(ctx, call)) > 1 // "which keeps hot longer?"
	parts := s.words.between.cut(call.Said.Text)
	for _, part := range parts {
		if len(parts) > 2 && s.words.whichOne.in(call.Said.Text[part[0]:part[1]]) { // what is asked of them
			continue
		}
		said := flow.Said{Understanding: nlu.Understanding{Text: call.Said.Text[part[0]:part[1]]}}
		for _, e := range call.Said.Entities {
			if e.Start >= part[0] && e.End <= part[1] {
				e.Start, e.End = e.Start-part[0], e.End-part[0]
				said.Entities = append(said.Entities, e)
			}
		}
		_, named := namedProducts(&said)
		byWords := len(named) == 0 // then at least its title must have them
		words := s.tidy(s.words.title.without(s.words.comparing.without(s.spokenOf(&said))))
		whole := len(named) > 1 && len(named) <= mostProducts && s.says(s.tidy(s.words.comparing.without(s.besideProducts(&said)))) == "" // "the two teapots"
		if len(named) != 1 && !whole && (len(named) > 0 || !before) {
			found, err := s.clearMatches(ctx, words, call.Locale)
			if err != nil {
				return nil, 0, err
			}
			if both := slices.DeleteFunc(slices.Clone(found), func(id string) bool { return len(named) > 0 && !slices.Contains(named, id) }); len(both) > 0 {
				named = both
			}
		}
		if len(named) > 1 && !whole || byWords {
			titled, err := s.titledBy(ctx, named, words)
			if err != nil {
				return nil, 0, err
			}
			if len(titled) > 0 || byWords {
				named = titled
			}
		}
		if len(named) > 0 && len(named) <= mostProducts {
			naming++
		}
		switch {
		case len(named) == 1:
			ids = append(ids, named[0])
		case len(named) > 1 && len(named) <= mostProducts:
			several = append(several, named...)
		}
	}
	if len(ids) < 2 {
		ids = append(ids, several...)
	}
	return firstOfEach(ids), naming, nil
}

// titledBy are those products whose title has most of the words.
func (s *Set) titledBy(ctx context.Context, ids []string, words string) (best []string, err error) {
	terms := text.Terms(words)
	most := 0
	err = s.read(ctx, func(r store.Records) error {
		best, most = nil, 0
		shelf := s.newShelf(r)
		for _, id := range ids {
			p, err := shelf.product(id)
			if err != nil {
				return err
			}
			if p == nil {
				continue
			}
			n := len(slices.DeleteFunc(slices.Clone(terms), func(t string) bool { return !hasTerms(p, []string{t}) }))
			if n > most {
				best, most = nil, n
			}
			if n == most && n > 0 {
				best = append(best, id)
			}
		}
		return nil
	})
	return best, err
}

// spokenBefore are the products of the last comparison or search, and the one spoken of.
func (s *Set) spokenBefore(ctx context.Context, call flow.Call) []string {
	if ids := comparedIn(argValue(call, "compared")); len(ids) > 0 {
		return ids
	}
	var ids []string
	if object, ok := argValue(call, "query").(map[string]any); ok {
		found, err := s.search(ctx, queryOf(object, call.Locale), how{need: needOf(object)})
		if err != nil {
			return nil // nothing is known of before; it is asked
		}
		for _, h := range found.hits {
			ids = append(ids, h.Product)
		}
	}
	if id := meantBy(argValue(call, "product")).product; id != "" {
		ids = append([]string{id}, ids...)
	}
	return ids
}

func comparedIn(v any) []string {
	object, _ := v.(map[string]any)
	list, _ := object["products"].([]any)
	var ids []string
	for _, x := range list {
		if id, ok := x.(string); ok {
			ids = append(ids, id)
		}
	}
	return ids
}

func firstOfEach(ids []string) []string {
	var out []string
	for _, id := range ids {
		out = appendNew(out, id)
	}
	return out
}

func (s *Set) comparison(ctx context.Context, call flow.Call) (flow.Result, error) {
	view := ComparisonView{}
	err := s.read(ctx, func(r store.Records) error {
		revision, err := r.Revision()
		if err != nil {
			return err
		}
		view = ComparisonView{Source: s.source("products", version(revision))}
		shelf := s.newShelf(r)
		var compared []catalog.Product
		for _, id := range comparedIn(argValue(call, "compared")) {
			p, err := shelf.product(id)
			if err != nil {
				return err
			}
			if p != nil && len(p.Variants) > 0 {
				compared = append(compared, *p)
			}
		}
		options := commonOptions(call.Said, compared)
		for i, p := range compared {
			m := meant{product: p.ID}.with(options, &p)
			v := s.productView(p, m, call.Locale)
			view.Options = v.Options
			view.Compared = append(view.Compared, ComparedView{Source: v.Source, Title: v.Title, OnePrice: v.OnePrice,
				PriceFrom: v.PriceFrom, PriceTo: v.PriceTo, Differs: s.differs(compared, i, call.Locale)})
			v.Cards = []ProductCard{{p, p.Variants, s.Settings.Currency}}
			view.Products = append(view.Products, v)
		}
		view.Count = len(view.Products)
		if call.Said != nil {
			s.rank(&view, call.Said.Text)
		}
		return nil
	})
	return flow.Result{View: view}, err
}

// rank puts what is compared in the order of prices, where that is what is asked.
func (s *Set) rank(view *ComparisonView, text string) {
	way := s.words.byPrice(text)
	if way == 0 || !s.words.whichCosts.in(text) || view.Count < 2 {
		return
	}
	view.ByPrice = way
	slices.SortStableFunc(view.Compared, func(a, b ComparedView) int { return a.PriceFrom.Amount.Cmp(b.PriceFrom.Amount) * -way })
	view.First = view.Compared[0]
	view.Tied = view.Compared[0].PriceFrom.Amount.Equal(view.Compared[1].PriceFrom.Amount)
}

// commonOptions are the options said that each of some products has.
func commonOptions(said *flow.Said, products []catalog.Product) []saidOption {
	if said == nil {
		return nil
	}
	return slices.DeleteFunc(optionsIn(said), func(o saidOption) bool {
		return slices.ContainsFunc(products, func(p catalog.Product) bool {
			x := o.of(&p)
			return !slices.ContainsFunc(p.Variants, func(v catalog.Variant) bool { return v.Options[x.name] == x.value })
		})
	})
}

// differs words what a product has that the others have otherwise, traits that more of them
// have first.
func (s *Set) differs(compared []catalog.Product, i int, locale string) string {
	all := make([]map[string]string, len(compared))
	count := map[string]int{}
	for j, p := range compared {
		all[j] = traits(&p, locale)
		for name := range all[j] {
			count[name]++
		}
	}
	names := slices.Sorted(maps.Keys(all[i]))
	names = slices.DeleteFunc(names, func(name string) bool {
		return !slices.ContainsFunc(all, func(other map[string]string) bool { return other[name] != all[i][name] })
	})
	slices.SortStableFunc(names, func(a, b string) int { return count[b] - count[a] })
	var worded []string
	for _, name := range names[:min(mostTraits, len(names))] {
		worded = append(worded, fill(s.words.Trait, locale, "{name}", s.traitName(name, locale), "{value}", all[i][name]))
	}
	return strings.Join(worded, wording(s.words.Between, locale))
}

// traits are a product's attributes, and the values of its options but colors, in a locale.
func traits(p *catalog.Product, locale string) map[string]string {
	t := translation(p, locale)
	out := map[string]string{}
	for name, value := range p.Attributes {
		if translated := t.Attributes[name]; translated != "" {
			value = translated
		}
		out[name] = value
	}
	for _, v := range p.Variants {
		for name, value := range v.Options {
			if name == "color" || name == "colour" || name == "handle" {
				continue
			}
			if translated := t.Options[name][value]; translated != "" {
				value = translated
			}
			if have := strings.Split(out[name], " / "); !slices.Contains(have, value) {
				out[name] = strings.TrimPrefix(out[name]+" / "+value, " / ")
			}
		}
	}
	return out
}
