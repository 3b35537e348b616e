package skill

import (
	"cmp"
	"context"
	"errors"
	"maps"
	"regexp"
	"slices"
	"strings"

	"github.com/shopspring/decimal"

	"github.com/floorwalker/floorwalker/catalog"
	"github.com/floorwalker/floorwalker/catalog/store"
	"github.com/floorwalker/floorwalker/dialog/flow"
	"github.com/floorwalker/floorwalker/nlu"
	"github.com/floorwalker/floorwalker/retrieval"
	"github.com/floorwalker/floorwalker/retrieval/text"
)

// describedProduct finds the product that is spoken of: values {product, sku?, options?}. One
// spoken of before counts where nothing else is said.
var describedProduct = skill{
	Skill: flow.Skill{Name: "described_product", Kind: flow.Resolve, Args: []string{"product"}, Options: []string{"product"},
		Entities: []string{"product", "sku", "option", "reference"}},
	run: (*Set).describedProduct,
}

// mostProducts is how many products are worth asking which one is meant.
const mostProducts = 5

func (s *Set) describedProduct(ctx context.Context, call flow.Call) (flow.Result, error) {
	if call.Said == nil {
		return flow.Result{}, nil
	}
	call.Said = s.withoutShopName(call.Said)
	before, err := s.shownBefore(ctx, call)
	if err != nil {
		return flow.Result{}, err
	}
	options := optionsIn(call.Said)
	candidates, err := s.spoken(ctx, call, before)
	if err != nil {
		return flow.Result{}, err
	}
	if skus, _ := namedProducts(call.Said); len(skus) > 0 { // it says its options itself
		options = nil
	}
	if way := s.words.byPrice(call.Said.Text); way != 0 && len(candidates) > 1 { // "your cheapest kettle"
		if candidates, err = s.extreme(ctx, candidates, way); err != nil {
			return flow.Result{}, err
		}
	}
	return s.productValues(ctx, call, candidates, options)
}

// spoken are the products that a text may mean: those it names or points at, else those shown
// that its words fit, else what was spoken of before.
func (s *Set) spoken(ctx context.Context, call flow.Call, before shown) ([]meant, error) {
	now := meantBy(argValue(call, "product"))
	if now.product == "" {
		now = before.one()
	}
	skus, products := namedProducts(call.Said)
	words := s.spokenOf(s.uncounted(call.Said))
	if s.says(s.tidy(s.words.optionCalled.without(words))) == "" { // "which colors are there?"
		words = ""
	}
	if pointed, ok := before.pointed(call.Said, now); ok && len(skus) == 0 && len(products) != 1 {
		return []meant{pointed}, nil
	}
	these := s.words.these.in(call.Said.Text)
	switch {
	case len(skus) > 0:
		var out []meant
		for _, sku := range skus {
			out = append(out, meant{sku: sku})
		}
		return out, nil
	case len(products) == 1:
		return meantAll(products), nil
	case words == "" && now.product != "": // "and in black?", "how much is it?"
		return []meant{now}, nil
	case words == "":
		var out []meant
		for _, p := range before.latest() {
			out = append(out, p.meant)
		}
		return out, nil
	}
	called, all := s.shownAs(before, words)
	if all && (these || len(products) == 0) {
		return called, nil
	}
	if len(products) > 0 {
		products, err := s.narrowed(ctx, call, products, words)
		if shown := before.among(products); len(products) > 1 && len(shown) > 0 {
			products = shown
		}
		if len(products) > 1 && len(called) > 0 && these {
			return called, err
		}
		return meantAll(products), err
	}
	ids, err := s.clearMatches(ctx, words, call.Locale)
	switch shown := before.among(ids); {
	case err != nil:
		return nil, err
	case slices.Contains(ids, now.product): // still the one spoken of
		return []meant{now}, nil
	case len(shown) > 0:
		return meantAll(shown), nil
	case len(ids) > 0:
		return meantAll(ids), nil
	case len(called) > 0:
		return called, nil
	case now.product != "" && (these || len(optionsIn(call.Said)) > 0): // with words that name nothing
		return []meant{now}, nil
	}
	return nil, nil
}

// uncounted is what is said without how many pieces, and without the offer, that a price is
// asked for: neither names the thing.
func (s *Set) uncounted(said *flow.Said) *flow.Said {
	var blank [][2]int
	for _, e := range said.Entities {
		if e.Type == "number" && !measureAfter.MatchString(strings.TrimLeft(said.Text[min(e.End, len(said.Text)):], " ")) {
			blank = append(blank, [2]int{e.Start, e.End})
		}
	}
	for _, p := range []*regexp.Regexp{s.words.offers.pattern, percentage, tenths} {
		for _, at := range p.FindAllStringIndex(said.Text, -1) {
			blank = append(blank, [2]int{at[0], at[1]})
		}
	}
	out := *said
	out.Text = blanked(said.Text, blank)
	return &out
}

// says is words, "" if they are only such that say nothing.
func (s *Set) says(words string) string {
	if _, filler := s.reader.Parse(words); filler {
		return ""
	}
	return words
}

func meantAll(ids []string) []meant {
	var out []meant
	for _, id := range ids {
		out = append(out, meant{product: id})
	}
	return out
}

// narrowed are those of the products that a word names for which the words beside it are right,
// too: "rapid" of the kettles.
func (s *Set) narrowed(ctx context.Context, call flow.Call, products []string, words string) ([]string, error) {
	if len(products) < 2 || s.besideProducts(call.Said) == "" {
		return products, nil
	}
	ids, err := s.clearMatches(ctx, words, call.Locale)
	if both := slices.DeleteFunc(ids, func(id string) bool { return !slices.Contains(products, id) }); len(both) > 0 || err != nil {
		return both, err
	}
	titled, err := s.titledBy(ctx, products, words)
	if len(titled) == 0 {
		titled = products
	}
	return titled, err
}

// withoutShopName is what is said with the shop's own name blanked: "Lantern Lane" is no lantern.
func (s *Set) withoutShopName(said *flow.Said) *flow.Said {
	var names []string
	for _, name := range s.Settings.Name {
		names = append(names, name)
	}
	if len(names) == 0 {
		return said
	}
	var blank [][2]int
	for _, at := range newPhrases(names).pattern.FindAllStringIndex(said.Text, -1) {
		blank = append(blank, [2]int{at[0], at[1]})
	}
	out := *said
	out.Text = blanked(said.Text, blank)
	out.Entities = slices.DeleteFunc(slices.Clone(said.Entities), func(e nlu.Entity) bool {
		return slices.ContainsFunc(blank, func(b [2]int) bool { return e.Start < b[1] && b[0] < e.End })
	})
	return &out
}

// extreme are those candidates that cost the least (way < 0) or the most.
func (s *Set) extreme(ctx context.Context, candidates []meant, way int) (best []meant, err error) {
	err = s.read(ctx, func(r store.Records) error {
		best = nil
		shelf := s.newShelf(r)
		var bound decimal.Decimal
		for _, m := range candidates {
			p, err := s.productOf(shelf, &m)
			if err != nil {
				return err
			}
			if p == nil || len(p.Variants) == 0 {
				continue
			}
			price := lowest(p.Variants)
			switch c := price.Cmp(bound) * way; {
			case len(best) == 0 || c > 0:
				best, bound = []meant{m}, price
			case c == 0:
				best = append(best, m)
			}
		}
		return nil
	})
	return best, err
}

func lowest(variants []catalog.Variant) decimal.Decimal {
	return slices.MinFunc(variants, func(a, b catalog.Variant) int { return a.Price.Cmp(b.Price) }).Price
}

// besideProducts is what a question says of the products that it names: "rapid" of the kettle.
func (s *Set) besideProducts(said *flow.Said) string {
	var spans [][2]int
	for _, e := range said.Entities {
		if e.Type == "product" {
			spans = append(spans, [2]int{e.Start, e.End})
		}
	}
	beside := *said
	beside.Text = blanked(said.Text, spans)
	return s.spokenOf(&beside)
}

// namedProducts is what a text names by name.
func namedProducts(said *flow.Said) (skus, products []string) {
	for _, e := range said.Entities {
		switch e.Type {
		case "sku":
			skus = append(skus, e.Value)
		case "product":
			products = append(products, strings.Split(e.Value, "|")...)
		}
	}
	slices.Sort(products)
	return skus, slices.Compact(products)
}

// clearMatches searches and takes only what has every word, one of them in its title, and of
// that only what is about as good as the best.
func (s *Set) clearMatches(ctx context.Context, words, locale string) ([]string, error) {
	if words == "" {
		return nil, nil
	}
	hits, err := s.Products.Search(ctx, retrieval.Query{Text: words, Locale: locale})
	if err != nil {
		return nil, err
	}
	const close = 0.6 // of the best score
	var ids []string
	for _, h := range hits {
		if len(h.Lacks) == 0 && len(h.Named) > 0 && h.Score >= close*hits[0].Score {
			ids = append(ids, h.Product)
		}
	}
	return ids, nil
}

// productValues makes values of the candidates that exist, with the options that were said;
// an SKU tells its product. Of several products, those that have the options are meant, if
// any has, and of these those whose title has what is said beside the name.
func (s *Set) productValues(ctx context.Context, call flow.Call, candidates []meant, options []saidOption) (flow.Result, error) {
	var titled, fitting, named, others []flow.Value
	terms := text.Terms(s.says(s.besideProducts(call.Said)))
	err := s.read(ctx, func(r store.Records) error {
		titled, fitting, named, others = nil, nil, nil, nil
		shelf := s.newShelf(r)
		for _, m := range candidates {
			p, err := s.productOf(shelf, &m)
			if err != nil {
				return err
			}
			if p == nil {
				continue
			}
			said, extent := s.ofSize(options, p)
			m = s.sized(m.with(append(said, figures(call.Said, p)...), p), p, call.Said, extent)
			label := productTitle(p, call.Locale)
			if m.sku != "" {
				if options := s.words.values(p, m.options, call.Locale); options != "" {
					label = fill(s.words.Label, call.Locale, "{id}", label, "{titles}", options)
				}
			}
			value := flow.Value{V: m.value(), Text: call.Said.Text, Offset: offset(call.Said),
				View: s.label("product/"+p.ID, p.Version, label)}
			switch fits := slices.ContainsFunc(p.Variants, m.has); {
			case fits && len(terms) > 0 && hasTerms(p, terms):
				titled = append(titled, value)
				fallthrough
			case fits:
				fitting = append(fitting, value)
				if extent == 0 {
					named = append(named, value)
				}
			default:
				others = append(others, value)
			}
		}
		return nil
	})
	switch {
	case len(titled) > 0:
		fitting = titled
	case len(named) > 0: // one that is called small, rather than the least of several in figures
		fitting = named
	case len(fitting) == 0:
		fitting = others
	}
	return flow.Result{Values: fitting[:min(mostProducts, len(fitting))]}, err
}

// ofSize is the options said without a size in a word that the product has only in figures, and
// which end of them it means: "the large one" of 24, 30 and 36 cm.
func (s *Set) ofSize(options []saidOption, p *catalog.Product) (left []saidOption, extent float64) {
	for _, o := range options {
		x := o.of(p)
		at := slices.Index(sizes(), x.value)
		name := ""
		if len(p.Variants) > 0 {
			name, _ = s.words.sizeOf(p.Variants[0].Options)
		}
		has := slices.ContainsFunc(p.Variants, func(v catalog.Variant) bool { return v.Options[x.name] == x.value })
		if at < 0 || has || name == "" || at == len(sizes())/2 {
			left = append(left, o)
			continue
		}
		extent = 1
		if at < len(sizes())/2 {
			extent = -1
		}
	}
	return left, extent
}

// sized is m with the next larger or smaller of its sizes than was meant before, else with the
// largest or smallest, where that is what is asked for and no size is named.
func (s *Set) sized(m meant, p *catalog.Product, said *flow.Said, extent float64) meant {
	if extent == 0 && len(optionsIn(said)) == 0 {
		extent = float64(s.extent(said.Text))
	}
	if extent == 0 {
		return m
	}
	name, last, next := "", "", ""
	now, known := 0.0, false
	at := func(value string) float64 { n, _ := figure(value); return n * extent }
	for _, v := range p.Variants {
		of, ok := s.words.sizeOf(v.Options)
		if !ok {
			return m
		}
		if name == "" {
			name = of
			if values := m.options[name]; len(values) == 1 {
				now, known = at(values[0]), true
			}
		}
		value := v.Options[name]
		if last == "" || at(value) > at(last) {
			last = value
		}
		if known && at(value) > now && (next == "" || at(value) < at(next)) {
			next = value
		}
	}
	options := maps.Clone(m.options)
	if options == nil {
		options = map[string][]string{}
	}
	options[name] = []string{cmp.Or(next, last)}
	m.sku, m.options = "", options
	return m
}

func (s *Set) productOf(shelf *shelf, m *meant) (*catalog.Product, error) {
	if m.sku == "" {
		return shelf.product(m.product)
	}
	p, v, err := shelf.records.Variant(m.sku)
	if errors.Is(err, store.ErrNotFound) {
		return nil, nil
	}
	m.product, m.options = p.ID, single(v.Options)
	return &p, err
}

// hasTerms reports whether a product's title has all of these terms in one of its languages.
func hasTerms(p *catalog.Product, terms []string) bool {
	titles := []string{p.Title}
	for _, t := range p.Translations {
		titles = append(titles, t.Title)
	}
	return slices.ContainsFunc(titles, func(title string) bool {
		has := text.Terms(title)
		return !slices.ContainsFunc(terms, func(t string) bool { return !slices.Contains(has, t) })
	})
}
