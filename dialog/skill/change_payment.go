package skill

import (
	"context"
	"reflect"
	"slices"

	"github.com/floorwalker/floorwalker/catalog"
	"github.com/floorwalker/floorwalker/catalog/change"
	"github.com/floorwalker/floorwalker/catalog/store"
	"github.com/floorwalker/floorwalker/dialog/flow"
	"github.com/floorwalker/floorwalker/dialog/journal"
)

// otherMethods lists the methods that an order could be paid by instead.
var otherMethods = skill{
	Skill: flow.Skill{Name: "other_methods", Kind: flow.Resolve, Args: []string{"order"}, Needs: verified},
	run:   (*Set).otherMethods,
}

// otherMethod takes a method that an order can be paid by instead.
var otherMethod = skill{
	Skill: flow.Skill{Name: "other_method", Kind: flow.Check, Args: []string{"payment_method", "order"},
		Refuses: []string{giftCardTooLow, samePaymentMethod, noSuchMethod}, Needs: verified},
	run: (*Set).otherMethod,
}

// paymentPlan works out what it comes to to pay an order by another method.
var paymentPlan = skill{
	Skill: flow.Skill{Name: "payment_plan", Kind: flow.Look, Args: []string{"order", "payment_method"}, View: reflect.TypeFor[PaymentPlan](), Needs: verified},
	run:   (*Set).paymentPlan,
}

// changePayment charges an order to another method and pays back the first one.
var changePayment = skill{
	Skill: flow.Skill{Name: "change_payment", Kind: flow.Act, Args: []string{"order", "payment_method"},
		Refuses: []string{cannotChangePayment, giftCardTooLow, samePaymentMethod, noSuchMethod, orderNotFound}, Needs: verified},
	act: (*Set).changePayment,
}

const (
	cannotChangePayment = "cannot_change_payment"
	samePaymentMethod   = "same_payment_method"
)

// PaymentPlan is another way to pay an order.
type PaymentPlan struct {
	catalog.Source
	Order    string        `expr:"order" fact:"name"`
	Amount   catalog.Money `expr:"amount" fact:"amount"`
	From     string        `expr:"from" fact:"name"`
	To       string        `expr:"to" fact:"name"`
	FromGift bool          `expr:"from_gift"`
}

// paymentRefused is the word for why an order can't be paid by a method; "" where it can.
func paymentRefused(o catalog.Order, c catalog.Customer, method string) string {
	_, _, err := change.Payment(o, c, method)
	if err == nil {
		return ""
	}
	if err == change.SameMethod {
		return samePaymentMethod
	}
	return swapRefused(err, cannotChangePayment)
}

func (s *Set) otherMethods(ctx context.Context, call flow.Call) (flow.Result, error) {
	return s.ofShopper(ctx, call, func(_ store.Records, c catalog.Customer, o catalog.Order) (flow.Result, error) {
		return s.methodsOffered(call, c, func(m catalog.PaymentMethod) bool { return paymentRefused(o, c, m.ID) == "" }), nil
	})
}

func (s *Set) otherMethod(ctx context.Context, call flow.Call) (flow.Result, error) {
	return s.ofShopper(ctx, call, func(_ store.Records, c catalog.Customer, o catalog.Order) (flow.Result, error) {
		why := paymentRefused(o, c, arg(call, "payment_method"))
		if why == cannotChangePayment { // the flow has looked at that before it asks
			why = noSuchMethod
		}
		return flow.Result{Refused: why}, nil
	})
}

func (s *Set) paymentPlan(ctx context.Context, call flow.Call) (flow.Result, error) {
	return s.ofShopper(ctx, call, func(_ store.Records, c catalog.Customer, o catalog.Order) (flow.Result, error) {
		if len(o.Payments) == 0 {
			return flow.Result{}, nil
		}
		first := methodOf(c, o.Payments[0].Method)
		view := PaymentPlan{Source: s.source(orderRecord(o.ID), version(o.Version)), Order: o.ID, Amount: s.money(o.Payments[0].Amount),
			From: s.words.method(first, call.Locale), To: s.words.method(methodOf(c, arg(call, "payment_method")), call.Locale), FromGift: first.Kind == kindGiftCard}
		view.DerivedFrom = []string{orderRecord(o.ID)}
		return flow.Result{View: view}, nil
	})
}

func (s *Set) changePayment(tx *store.Tx, call flow.Call) (flow.Result, *journal.Action, error) {
	r := store.In(tx, s.Shop)
	o, c, refused, err := s.toChange(r, call, "change_payment", cannotChangePayment)
	if err != nil || refused.Refused != "" || refused.Changed {
		return refused, nil, err
	}
	method := arg(call, "payment_method")
	if !slices.ContainsFunc(c.PaymentMethods, func(m catalog.PaymentMethod) bool { return m.ID == method }) {
		return flow.Result{Refused: noSuchMethod}, nil, nil
	}
	if why := paymentRefused(o, c, method); why != "" {
		return flow.Result{Refused: why}, nil, nil
	}
	after, payer, err := change.Payment(o, c, method)
	if err != nil {
		return refusal(err, cannotChangePayment)
	}
	if err := save(r, after, c, payer); err != nil {
		return flow.Result{}, nil, err
	}
	return flow.Result{}, &journal.Action{Name: "change_payment", Record: orderRecord(o.ID),
		Arguments: map[string]any{"order": o.ID, "payment_method": method}}, nil
}
