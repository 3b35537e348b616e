package skill

import (
	"context"
	"slices"
	"strings"

	"github.com/floorwalker/floorwalker/catalog"
	"github.com/floorwalker/floorwalker/catalog/store"
	"github.com/floorwalker/floorwalker/dialog/flow"
	"github.com/floorwalker/floorwalker/retrieval"
	"github.com/floorwalker/floorwalker/retrieval/text"
)

// describedOrder finds the shopper's orders that fit what is said of one: what was in it, its
// state, when it was placed, the latest. Nothing said of it: no values, unless there is but one order.
var describedOrder = skill{
	Skill: flow.Skill{Name: "described_order", Kind: flow.Resolve, Args: []string{"order"}, Options: []string{"order"},
		Entities: []string{"product", "sku", "option", "brand", "category", "reference"}, Needs: claimed},
	run: (*Set).describedOrder,
}

// orderFor finds the orders that fit what is said, as describedOrder does; of several, those that a
// policy's statuses have. All of them are meant where that is said ("all my pending orders"), or where
// what is named was in different ones.
func orderFor(name, policy string) skill {
	k := describedOrder
	k.Name = name
	k.run = func(s *Set, ctx context.Context, call flow.Call) (flow.Result, error) {
		if result, err := s.ordersMeant(ctx, policy, call); err != nil || len(result.Values) > 0 {
			return result, err
		}
		result, err := s.describedOrder(ctx, call)
		if err != nil || len(result.Values) < 2 {
			return result, err
		}
		will, err := s.withStatus(ctx, result.Values, policy, call)
		if len(will) > 0 {
			result.Values = will
		}
		return result, err
	}
	return k
}

// ordersFor lists the shopper's newest orders that a policy's statuses have, all if none has.
func ordersFor(name, policy string) skill {
	k := ownOrders
	k.Name = name
	k.run = func(s *Set, ctx context.Context, call flow.Call) (flow.Result, error) {
		var result flow.Result
		err := s.read(ctx, func(r store.Records) error {
			orders, err := r.OrdersOf(call.Identity.Customer)
			if err != nil {
				return err
			}
			will := slices.DeleteFunc(slices.Clone(orders), func(o catalog.Order) bool { return !slices.Contains(s.policyList(policy, "statuses"), o.Status) })
			if len(will) == 0 {
				will = orders
			}
			result = flow.Result{}
			result.Values, err = s.orderValues(s.newShelf(r), will, call)
			return err
		})
		return result, err
	}
	return k
}

func (s *Set) withStatus(ctx context.Context, values []flow.Value, policy string, call flow.Call) ([]flow.Value, error) {
	var out []flow.Value
	err := s.read(ctx, func(r store.Records) error {
		out = nil
		for _, v := range values {
			id, _ := v.V.(string)
			o, ok, err := ownOrderLike(r, id, call.Identity)
			if err != nil {
				return err
			}
			if ok && slices.Contains(s.policyList(policy, "statuses"), o.Status) {
				out = append(out, v)
			}
		}
		return nil
	})
	return out, err
}

// bought is an order with the products that were in it.
type bought struct {
	catalog.Order
	products []*catalog.Product // by item; nil: the shop has it no more
}

func (s *Set) describedOrder(ctx context.Context, call flow.Call) (flow.Result, error) {
	if call.Said == nil || says(call.Said, "order_id") { // a number is no description
		return flow.Result{}, nil
	}
	var orders []bought
	err := s.read(ctx, func(r store.Records) error {
		var err error
		orders, err = s.boughtBy(r, call.Identity.Customer)
		return err
	})
	if err != nil {
		return flow.Result{}, err
	}
	found, err := s.fitting(ctx, orders, call)
	if err != nil || len(found) == 0 {
		return flow.Result{}, err
	}
	var result flow.Result
	err = s.read(ctx, func(r store.Records) error {
		var err error
		result.Values, err = s.orderValues(s.newShelf(r), found, call)
		return err
	})
	return result, err
}

func says(said *flow.Said, kind string) bool {
	for _, e := range said.Entities {
		if e.Type == kind {
			return true
		}
	}
	return false
}

func (s *Set) boughtBy(r store.Records, customer string) ([]bought, error) {
	orders, err := r.OrdersOf(customer)
	if err != nil {
		return nil, err
	}
	shelf := s.newShelf(r)
	all := make([]bought, len(orders))
	for i, o := range orders {
		all[i].Order = o
		for _, item := range o.Items {
			p, err := shelf.product(item.Product)
			if err != nil {
				return nil, err
			}
			all[i].products = append(all[i].products, p)
		}
	}
	return all, nil
}

// fitting narrows the orders, newest first, by each thing that is said.
func (s *Set) fitting(ctx context.Context, orders []bought, call flow.Call) ([]catalog.Order, error) {
	said := call.Said
	left, described := s.byContents(orders, said)
	previous := arg(call, "order")
	spokenOf := !described && previous != "" && (s.words.thatOrder.in(said.Text) || refers(said, "same"))
	if !described && !spokenOf {
		var err error
		if left, described, err = s.bySearch(ctx, orders, call); err != nil {
			return nil, err
		}
	}
	narrow := func(is func(bought) bool) {
		described = true
		left = slices.DeleteFunc(slices.Clone(left), func(o bought) bool { return !is(o) })
	}
	if states := s.statesIn(said.Text); len(states) > 0 {
		narrow(func(o bought) bool { return slices.Contains(states, o.Status) })
	}
	if times := s.bygone(said, call.Now); len(times) > 0 {
		then := func(o bought) bool { return placedIn(o.Order, times) }
		// "I need it by Friday" says nothing of when it was bought
		if slices.ContainsFunc(left, then) || s.words.buying.in(said.Text) {
			narrow(then)
		}
	}
	last := s.words.theLatest.in(said.Text) || refers(said, "last")
	first := s.words.theEarliest.in(said.Text)
	switch {
	case last && len(left) > 0:
		left, described = left[:1], true
	case first && len(left) > 0:
		left, described = left[len(left)-1:], true
	case !described && spokenOf:
		narrow(func(o bought) bool { return o.ID == previous })
	case !described && len(orders) == 1 && s.words.anOrder.in(said.Text):
		described = true
	}
	if i := slices.IndexFunc(left, func(o bought) bool { return o.ID == previous }); described && i >= 0 && len(left) < len(orders) {
		left = left[i : i+1] // "the kettle" is that of the order spoken of
	}
	if !described {
		return nil, nil
	}
	found := make([]catalog.Order, len(left))
	for i, o := range left {
		found[i] = o.Order
	}
	return found, nil
}

func refers(said *flow.Said, value string) bool {
	for _, e := range said.Entities {
		if e.Type == "reference" && e.Value == value {
			return true
		}
	}
	return false
}

func (s *Set) statesIn(said string) []string {
	var states []string
	for state, names := range s.words.states {
		if names.in(said) {
			states = append(states, state)
		}
	}
	return states
}

// byContents gives the orders that have most of what is named: products, options, brands,
// categories, and words of titles in any language. described says whether anything named is
// in any of the orders.
func (s *Set) byContents(orders []bought, said *flow.Said) (left []bought, described bool) {
	terms := s.terms(said)
	best := 0
	for _, o := range orders {
		fits := map[string]int{} // what is named → how much it counts, once for all items
		for i, item := range o.Items {
			contents(fits, item, o.products[i], said, terms)
		}
		score := 0
		for _, weight := range fits {
			score += weight
		}
		switch {
		case score > best:
			best, left = score, []bought{o}
		case score == best && score > 0:
			left = append(left, o)
		}
	}
	if best == 0 {
		return orders, false
	}
	return left, true
}

// terms are the words of a text that may name a thing: stems, and pairs of characters.
func (s *Set) terms(said *flow.Said) map[string]bool {
	terms := map[string]bool{}
	for _, term := range text.Terms(s.words.asking.without(s.words.title.without(said.Text))) {
		terms[term] = true
	}
	return terms
}

// contents notes what of all that is named fits one item.
func contents(fits map[string]int, item catalog.Item, p *catalog.Product, said *flow.Said, terms map[string]bool) {
	const named, worded, option = 10, 2, 1 // what nlu found counts more than a word shared
	for _, e := range said.Entities {
		switch {
		case e.Type == "sku" && e.Value == item.SKU,
			e.Type == "product" && slices.Contains(strings.Split(e.Value, "|"), item.Product),
			e.Type == "brand" && p != nil && strings.EqualFold(p.Brand, e.Value),
			e.Type == "category" && p != nil && slices.Contains(p.Category, e.Value):
			fits[e.Type+" "+e.Value] = named
		case e.Type == "option":
			if name, value, _ := strings.Cut(e.Value, "="); item.Options[name] == value && value != "" {
				fits[e.Type+" "+e.Value] = option
			}
		}
	}
	for _, term := range titleTerms(item, p) {
		if terms[term] {
			fits[term] = worded
		}
	}
}

// titleTerms are the telling terms of an item's titles in all languages: words of three
// letters and more, and pairs of characters.
func titleTerms(item catalog.Item, p *catalog.Product) []string {
	titles := []string{item.Title}
	if p != nil {
		titles = append(titles, p.Title)
		for _, t := range p.Translations {
			titles = append(titles, t.Title)
		}
	}
	var terms []string
	for _, title := range titles {
		for _, term := range text.Terms(title) {
			if ascii := term[0] < 0x80; ascii && len(term) > 2 || !ascii && len([]rune(term)) > 1 {
				terms = append(terms, term)
			}
		}
	}
	slices.Sort(terms)
	return slices.Compact(terms)
}

// bySearch gives the orders with products that a search finds: by other words for them.
func (s *Set) bySearch(ctx context.Context, orders []bought, call flow.Call) (left []bought, described bool, err error) {
	words := s.tidy(s.words.asking.without(s.words.anOrder.without(s.thing(call.Said, false))))
	if words == "" || len(orders) == 0 {
		return orders, false, nil
	}
	hits, err := s.Products.Search(ctx, retrieval.Query{Text: words, Locale: call.Locale, Limit: 20})
	if err != nil {
		return nil, false, err
	}
	found := map[string]bool{}
	for _, h := range hits {
		found[h.Product] = len(h.Lacks) == 0
	}
	for _, o := range orders {
		if slices.ContainsFunc(o.Items, func(i catalog.Item) bool { return found[i.Product] }) {
			left = append(left, o)
		}
	}
	if len(left) == 0 {
		return orders, false, nil
	}
	return left, true, nil
}
