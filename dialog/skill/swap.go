package skill

import (
	"context"
	"errors"
	"reflect"
	"slices"

	"github.com/floorwalker/floorwalker/catalog"
	"github.com/floorwalker/floorwalker/catalog/change"
	"github.com/floorwalker/floorwalker/catalog/store"
	"github.com/floorwalker/floorwalker/dialog/flow"
	"github.com/floorwalker/floorwalker/dialog/journal"
)

// chosenItems reads the items of an order that are chosen, each with what it comes in.
var chosenItems = skill{
	Skill: flow.Skill{Name: "chosen_items", Kind: flow.Look, Args: []string{"order", "items"}, View: reflect.TypeFor[ChosenView](), Needs: verified},
	run:   (*Set).chosenItems,
}

// swapPlan works out what it comes to to have other variants in the place of items.
var swapPlan = skill{
	Skill: flow.Skill{Name: "swap_plan", Kind: flow.Look, Args: []string{"order", "items", "variant", "payment_method"},
		Options: []string{"variant", "payment_method"}, View: reflect.TypeFor[SwapView](), Needs: verified},
	run: (*Set).swapPlan,
}

// exchangeItems asks for items of a delivered order to be swapped: it notes for which, and how the
// difference is paid.
var exchangeItems = skill{
	Skill: flow.Skill{Name: "exchange_items", Kind: flow.Act, Args: []string{"order", "items", "variant", "payment_method"},
		Options: []string{"variant"}, Refuses: append(swapRefusals(), cannotExchange, tooLateToExchange), Needs: verified},
	act: (*Set).exchangeItems,
}

// changeItems puts other variants in the place of items of an order that hasn't left yet, and
// moves the difference.
var changeItems = skill{
	Skill: flow.Skill{Name: "change_items", Kind: flow.Act, Args: []string{"order", "items", "variant", "payment_method"},
		Options: []string{"variant", "payment_method"}, Refuses: append(swapRefusals(), cannotChangeItems), Needs: verified},
	act: (*Set).changeItems,
}

// payingMethods lists the methods that can pay what swapping items costs, or take what it saves.
var payingMethods = skill{
	Skill: flow.Skill{Name: "paying_methods", Kind: flow.Resolve, Args: []string{"order", "items", "variant"}, Options: []string{"items", "variant"}, Needs: verified},
	run:   (*Set).payingMethods,
}

// payingMethod takes a method that can.
var payingMethod = skill{
	Skill: flow.Skill{Name: "paying_method", Kind: flow.Check, Args: []string{"payment_method", "order", "items", "variant"}, Options: []string{"items", "variant"},
		Refuses: []string{giftCardTooLow, noSuchMethod}, Needs: verified},
	run: (*Set).payingMethod,
}

const (
	cannotExchange    = "cannot_exchange"
	tooLateToExchange = "too_late_to_exchange"
	cannotChangeItems = "cannot_change_items"
	variantGone       = "variant_gone"
	giftCardTooLow    = "gift_card_too_low"
)

func swapRefusals() []string {
	return []string{variantGone, giftCardTooLow, noSuchMethod, orderNotFound}
}

// ChosenView is the items of an order that are chosen.
type ChosenView struct {
	catalog.Source
	Items []ChosenItem `expr:"items"`
}

// ChosenItem is one of them.
type ChosenItem struct {
	catalog.Source
	Title      string       `expr:"title" fact:"name"`
	SKU        string       `expr:"sku" fact:"name"`
	Options    string       `expr:"options" fact:"name"`
	Quantity   int          `expr:"quantity" fact:"quantity"`
	Index      int          `expr:"index"`      // in the order
	Dimensions []OptionView `expr:"dimensions"` // what can be had
	Choice     bool         `expr:"choice"`     // anything else can be had
}

// SwapView is what swapping items comes to.
type SwapView struct {
	catalog.Source
	Order      string        `expr:"order" fact:"name"`
	Pairs      []PairView    `expr:"pairs"`
	Difference catalog.Money `expr:"difference" fact:"amount"` // without a sign
	Dearer     bool          `expr:"dearer"`
	Cheaper    bool          `expr:"cheaper"`
	Method     string        `expr:"method" fact:"name"` // worded; empty: none is chosen
	Gift       bool          `expr:"gift"`
}

// PairView is one item and what comes in its place.
type PairView struct {
	catalog.Source
	Title     string        `expr:"title" fact:"name"`
	Quantity  int           `expr:"quantity" fact:"quantity"`
	From      string        `expr:"from" fact:"name"` // its options
	To        string        `expr:"to" fact:"name"`
	Price     catalog.Money `expr:"price" fact:"price"` // of one of the new ones
	Same      bool          `expr:"same"`               // the very same again
	FromPrice catalog.Money `expr:"from_price" fact:"price"`
}

func (s *Set) chosenItems(ctx context.Context, call flow.Call) (flow.Result, error) {
	var result flow.Result
	err := s.read(ctx, func(r store.Records) error {
		result = flow.Result{}
		o, ok, err := ownOrderLike(r, arg(call, "order"), call.Identity)
		if err != nil || !ok {
			return err
		}
		shelf := s.newShelf(r)
		view := ChosenView{Source: s.source(orderRecord(o.ID), version(o.Version))}
		for _, p := range picked(argValue(call, "items")) {
			if p.Line < 0 || p.Line >= len(o.Items) {
				continue
			}
			item := o.Items[p.Line]
			product, err := shelf.product(item.Product)
			if err != nil {
				return err
			}
			chosen := ChosenItem{Source: view.Source, Title: itemTitle(item, product, call.Locale), SKU: item.SKU, Quantity: p.Quantity, Index: p.Line,
				Options: s.words.options(product, item.Options, call.Locale)}
			if product != nil {
				had := slices.DeleteFunc(slices.Clone(product.Variants), func(v catalog.Variant) bool { return !canBeHad(v) })
				chosen.Dimensions = s.dimensions(product, had, call.Locale)
				chosen.Choice = slices.ContainsFunc(had, func(v catalog.Variant) bool { return v.SKU != item.SKU })
			}
			view.Items = append(view.Items, chosen)
		}
		result.View = view
		return nil
	})
	return result, err
}

// swaps reads which variants are to come in the place of which items: a list of SKUs, in the order
// of the items. Fewer SKUs than items: the first of the items.
func (s *Set) swaps(r store.Records, call flow.Call) ([]change.Swap, []catalog.Product, error) {
	var skus []string
	switch v := argValue(call, "variant").(type) {
	case []any:
		for _, x := range v {
			sku, _ := x.(string)
			skus = append(skus, sku)
		}
	case string:
		skus = []string{v}
	}
	all := picked(argValue(call, "items"))
	var out []change.Swap
	var products []catalog.Product
	for i, p := range all[:min(len(all), len(skus))] {
		product, v, err := r.Variant(skus[i])
		if err != nil && !errors.Is(err, store.ErrNotFound) {
			return nil, nil, err
		}
		out = append(out, change.Swap{Pieces: p, Product: product.ID, To: v})
		products = append(products, product)
	}
	return out, products, nil
}

func (s *Set) swapPlan(ctx context.Context, call flow.Call) (flow.Result, error) {
	return s.ofShopper(ctx, call, func(r store.Records, c catalog.Customer, o catalog.Order) (flow.Result, error) {
		swaps, products, err := s.swaps(r, call)
		if err != nil || o.ID == "" {
			return flow.Result{}, err
		}
		difference := change.Difference(o, swaps)
		view := SwapView{Source: s.source(orderRecord(o.ID), version(o.Version)), Order: o.ID, Difference: s.money(difference.Abs()),
			Dearer: difference.IsPositive(), Cheaper: difference.IsNegative()}
		view.DerivedFrom = []string{orderRecord(o.ID)}
		if id := arg(call, "payment_method"); id != "" {
			m := methodOf(c, id)
			view.Method, view.Gift = s.words.method(m, call.Locale), m.Kind == kindGiftCard
		}
		for i, w := range swaps {
			if w.Line < 0 || w.Line >= len(o.Items) {
				continue
			}
			item, record := o.Items[w.Line], "variant/"+w.To.SKU
			view.DerivedFrom = append(view.DerivedFrom, record)
			view.Pairs = append(view.Pairs, PairView{Source: s.source(record, version(products[i].Version)), Title: itemTitle(item, &products[i], call.Locale),
				Quantity: w.Quantity, From: s.words.options(&products[i], item.Options, call.Locale),
				To: s.words.options(&products[i], w.To.Options, call.Locale), Price: s.money(w.To.Price), FromPrice: s.money(item.Price), Same: item.SKU == w.To.SKU})
		}
		return flow.Result{View: view}, nil
	})
}

func (s *Set) payingMethods(ctx context.Context, call flow.Call) (flow.Result, error) {
	return s.ofShopper(ctx, call, func(r store.Records, c catalog.Customer, o catalog.Order) (flow.Result, error) {
		swaps, _, err := s.swaps(r, call)
		return s.methodsOffered(call, c, func(m catalog.PaymentMethod) bool {
			return err == nil && change.Covers(c, m.ID, change.Difference(o, swaps)) == nil
		}), err
	})
}

func (s *Set) payingMethod(ctx context.Context, call flow.Call) (flow.Result, error) {
	return s.ofShopper(ctx, call, func(r store.Records, c catalog.Customer, o catalog.Order) (flow.Result, error) {
		swaps, _, err := s.swaps(r, call)
		return flow.Result{Refused: swapRefused(change.Covers(c, arg(call, "payment_method"), change.Difference(o, swaps)), noSuchMethod)}, err
	})
}

// swapRefused is the word for why a swap can't be made; "" where it can.
func swapRefused(err error, otherwise string) string {
	var why change.Refusal
	if !errors.As(err, &why) {
		return ""
	}
	if word, ok := map[change.Refusal]string{change.GiftCardTooLow: giftCardTooLow, change.UnknownMethod: noSuchMethod,
		change.SoldOut: variantGone, change.OtherProduct: variantGone, change.SameVariant: variantGone}[why]; ok {
		return word
	}
	return otherwise
}

// swapsConfirmed reads the swaps of an act, and reports whether the new items are as they were in the
// summary.
func (s *Set) swapsConfirmed(r store.Records, call flow.Call) ([]change.Swap, bool, error) {
	swaps, products, err := s.swaps(r, call)
	for i, w := range swaps {
		if call.Expect["variant/"+w.To.SKU] != version(products[i].Version) {
			return nil, false, err
		}
	}
	return swaps, true, err
}

func (s *Set) exchangeItems(tx *store.Tx, call flow.Call) (flow.Result, *journal.Action, error) {
	r := store.In(tx, s.Shop)
	o, c, refused, err := s.toChange(r, call, "exchanges", cannotExchange)
	if err != nil || refused.Refused != "" || refused.Changed {
		return refused, nil, err
	}
	if s.tooLate(o, "exchanges", call.Now) {
		return flow.Result{Refused: tooLateToExchange}, nil, nil
	}
	swaps, as, err := s.swapsConfirmed(r, call)
	if err != nil || !as {
		return flow.Result{Changed: !as}, nil, err
	}
	method := arg(call, "payment_method")
	after, err := change.Exchange(o, c, swaps, method)
	if err != nil {
		return refusal(err, swapRefused(err, cannotExchange))
	}
	if _, err := r.SaveOrder(after); err != nil {
		return flow.Result{}, nil, err
	}
	return flow.Result{}, &journal.Action{Name: "exchange_items", Record: orderRecord(o.ID),
		Arguments: map[string]any{"order": o.ID, "items": after.Exchanged, "payment_method": method}}, nil
}

func (s *Set) changeItems(tx *store.Tx, call flow.Call) (flow.Result, *journal.Action, error) {
	r := store.In(tx, s.Shop)
	o, c, refused, err := s.toChange(r, call, "change_items", cannotChangeItems)
	if err != nil || refused.Refused != "" || refused.Changed {
		return refused, nil, err
	}
	swaps, as, err := s.swapsConfirmed(r, call)
	if err != nil || !as {
		return flow.Result{Changed: !as}, nil, err
	}
	method := arg(call, "payment_method")
	after, payer, err := change.Items(o, c, swaps, method)
	if err != nil {
		return refusal(err, swapRefused(err, cannotChangeItems))
	}
	if err := save(r, after, c, payer); err != nil {
		return flow.Result{}, nil, err
	}
	var pairs []catalog.Exchange
	for _, w := range swaps {
		pairs = append(pairs, catalog.Exchange{From: o.Items[w.Line].SKU, To: w.To.SKU})
	}
	return flow.Result{}, &journal.Action{Name: "change_items", Record: orderRecord(o.ID),
		Arguments: map[string]any{"order": o.ID, "items": pairs, "payment_method": method}}, nil
}

// save writes an order, and its customer if anything of theirs has moved.
func save(r store.Records, o catalog.Order, before, after catalog.Customer) error {
	if _, err := r.SaveOrder(o); err != nil {
		return err
	}
	if reflect.DeepEqual(before, after) {
		return nil
	}
	_, err := r.SaveCustomer(after)
	return err
}
