package skill

import (
	"context"
	"errors"
	"reflect"
	"slices"
	"time"

	"github.com/floorwalker/floorwalker/catalog"
	"github.com/floorwalker/floorwalker/catalog/change"
	"github.com/floorwalker/floorwalker/catalog/store"
	"github.com/floorwalker/floorwalker/dialog/flow"
	"github.com/floorwalker/floorwalker/dialog/journal"
)

// returnPlan works out what a return comes to.
var returnPlan = skill{
	Skill: flow.Skill{Name: "return_plan", Kind: flow.Look, Args: []string{"order", "items", "payment_method"},
		View: reflect.TypeFor[ReturnView](), Needs: verified},
	run: (*Set).returnPlan,
}

// returnItems asks for items of a delivered order to be sent back: it notes which, and where the
// money goes once they are there.
var returnItems = skill{
	Skill: flow.Skill{Name: "return_items", Kind: flow.Act, Args: []string{"order", "items", "payment_method"},
		Refuses: []string{cannotReturn, tooLateToReturn, refundElsewhere, orderNotFound}, Needs: verified},
	act: (*Set).returnItems,
}

const (
	cannotReturn    = "cannot_return"
	tooLateToReturn = "too_late_to_return"
)

// ReturnView is a return, as it would be.
type ReturnView struct {
	catalog.Source
	Order  string        `expr:"order" fact:"name"`
	Items  []ItemView    `expr:"items"`
	Whole  bool          `expr:"whole"`                // nothing of the order stays
	Refund catalog.Money `expr:"refund" fact:"amount"` // what the items cost together
	Method string        `expr:"method" fact:"name"`   // where the money goes, worded
	Gift   bool          `expr:"gift"`                 // to a gift card
}

func (s *Set) returnPlan(ctx context.Context, call flow.Call) (flow.Result, error) {
	return s.ofShopper(ctx, call, func(r store.Records, c catalog.Customer, o catalog.Order) (flow.Result, error) {
		if o.ID == "" {
			return flow.Result{}, nil
		}
		all := picked(argValue(call, "items"))
		items, err := s.itemViews(s.newShelf(r), o, all, call.Locale)
		if err != nil {
			return flow.Result{}, err
		}
		m := methodOf(c, arg(call, "payment_method"))
		record := orderRecord(o.ID)
		view := ReturnView{Source: s.source(record, version(o.Version)), Order: o.ID, Items: items,
			Refund: s.money(change.Worth(o, all)), Method: s.words.method(m, call.Locale), Gift: m.Kind == kindGiftCard,
			Whole: count(all) == pieceCount(o)}
		view.DerivedFrom = []string{record}
		return flow.Result{View: view}, nil
	})
}

func count(all []change.Pieces) int {
	n := 0
	for _, p := range all {
		n += p.Quantity
	}
	return n
}

func pieceCount(o catalog.Order) int {
	n := 0
	for _, item := range o.Items {
		n += item.Quantity
	}
	return n
}

// itemViews are lines of an order, as far as they are chosen.
func (s *Set) itemViews(shelf *shelf, o catalog.Order, all []change.Pieces, locale string) ([]ItemView, error) {
	var views []ItemView
	for _, p := range all {
		if p.Line < 0 || p.Line >= len(o.Items) {
			continue
		}
		item := o.Items[p.Line]
		product, err := shelf.product(item.Product)
		if err != nil {
			return nil, err
		}
		views = append(views, ItemView{Title: itemTitle(item, product, locale), SKU: item.SKU,
			Options: s.words.options(product, item.Options, locale), Quantity: p.Quantity,
			Price: s.money(item.Price), Total: s.money(change.Worth(o, []change.Pieces{p}))})
	}
	return views, nil
}

func (s *Set) returnItems(tx *store.Tx, call flow.Call) (flow.Result, *journal.Action, error) {
	r := store.In(tx, s.Shop)
	o, c, refused, err := s.toChange(r, call, "returns", cannotReturn)
	if err != nil || refused.Refused != "" || refused.Changed {
		return refused, nil, err
	}
	if s.tooLate(o, "returns", call.Now) {
		return flow.Result{Refused: tooLateToReturn}, nil, nil
	}
	method := arg(call, "payment_method")
	if m := methodOf(c, method); !s.refundable(o, m) {
		return flow.Result{Refused: refundElsewhere}, nil, nil
	}
	after, err := change.Return(o, c, picked(argValue(call, "items")), method)
	if err != nil {
		return refusal(err, cannotReturn)
	}
	if _, err := r.SaveOrder(after); err != nil {
		return flow.Result{}, nil, err
	}
	return flow.Result{}, &journal.Action{Name: "return_items", Record: orderRecord(o.ID),
		Arguments: map[string]any{"order": o.ID, "items": after.ReturnedSKUs, "payment_method": method}}, nil
}

// toChange reads the order that an act is to change, and its customer. The result says why it
// isn't to be: it isn't the shopper's own, it is at another version than the one confirmed, or it
// is in a state that the policy of that name doesn't have.
func (s *Set) toChange(r store.Records, call flow.Call, policy, otherwise string) (catalog.Order, catalog.Customer, flow.Result, error) {
	o, ok, err := ownOrderLike(r, arg(call, "order"), call.Identity)
	if err != nil || !ok {
		return o, catalog.Customer{}, flow.Result{Refused: orderNotFound}, err
	}
	if call.Expect[orderRecord(o.ID)] != version(o.Version) {
		return o, catalog.Customer{}, flow.Result{Changed: true}, nil
	}
	if !slices.Contains(s.policyList(policy, "statuses"), o.Status) {
		return o, catalog.Customer{}, flow.Result{Refused: otherwise}, nil
	}
	c, err := r.Customer(o.Customer)
	if errors.Is(err, store.ErrNotFound) {
		return o, c, flow.Result{Refused: orderNotFound}, nil
	}
	return o, c, flow.Result{}, err
}

// refusal makes a result of why a change can't be made, in the words for it that flows know.
func refusal(err error, word string) (flow.Result, *journal.Action, error) {
	var why change.Refusal
	if errors.As(err, &why) {
		return flow.Result{Refused: word}, nil, nil
	}
	return flow.Result{}, nil, err
}

// tooLate reports whether the window of a policy is over: window_days from delivery. Where no
// day of delivery is known, it is taken to be transit_days after the order was placed; without
// either there is no telling.
func (s *Set) tooLate(o catalog.Order, policy string, now time.Time) bool {
	window := s.policyNumber(policy, "window_days")
	if window <= 0 || now.IsZero() {
		return false
	}
	var from time.Time
	for _, parcel := range o.Shipments {
		if eta := s.date(parcel.ETA); eta.After(from) {
			from = eta
		}
	}
	if from.IsZero() && o.PlacedAt != nil {
		from = o.PlacedAt.AddDate(0, 0, s.policyNumber(policy, "transit_days"))
	}
	return !from.IsZero() && now.After(from.AddDate(0, 0, window))
}

// policyNumber is a whole number in the shop's policies, 0 where there is none.
func (s *Set) policyNumber(path ...string) int {
	switch n := s.policyAt(path).(type) {
	case int:
		return n
	case int64:
		return int(n)
	case uint64:
		return int(n)
	case float64:
		return int(n)
	}
	return 0
}
