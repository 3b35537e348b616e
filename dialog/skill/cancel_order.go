package skill

import (
	"errors"
	"slices"

	"github.com/shopspring/decimal"

	"github.com/floorwalker/floorwalker/catalog"
	"github.com/floorwalker/floorwalker/catalog/store"
	"github.com/floorwalker/floorwalker/dialog/flow"
	"github.com/floorwalker/floorwalker/dialog/journal"
)

// cancelOrder calls an order off: it is cancelled with a reason, each payment comes back by
// the way it was made, and gift cards have it at once.
var cancelOrder = skill{
	Skill: flow.Skill{Name: "cancel_order", Kind: flow.Act, Args: []string{"order", "reason"},
		Refuses: []string{cannotCancel, orderNotFound}, Needs: verified},
	act: (*Set).cancelOrder,
}

const (
	cannotCancel    = "cannot_cancel"
	statusCancelled = "cancelled"
	statusProcessed = "processed"
	statusPending   = "pending"
	statusShipped   = "shipped"
)

func (s *Set) cancelOrder(tx *store.Tx, call flow.Call) (flow.Result, *journal.Action, error) {
	r := store.In(tx, s.Shop)
	o, ok, err := ownOrderLike(r, arg(call, "order"), call.Identity)
	if err != nil || !ok {
		return flow.Result{Refused: orderNotFound}, nil, err
	}
	record := orderRecord(o.ID)
	if call.Expect[record] != version(o.Version) {
		return flow.Result{Changed: true}, nil, nil
	}
	if !slices.Contains(s.policyList("cancel", "statuses"), o.Status) {
		return flow.Result{Refused: cannotCancel}, nil, nil
	}
	reason := arg(call, "reason")
	back := map[string]decimal.Decimal{}
	for _, p := range slices.Clone(o.Payments) {
		if p.Kind == kindPayment {
			o.Payments = append(o.Payments, catalog.Payment{Kind: kindRefund, Amount: p.Amount, Method: p.Method})
			back[p.Method] = back[p.Method].Add(p.Amount)
		}
	}
	o.Status, o.CancelReason = statusCancelled, reason
	if _, err := r.SaveOrder(o); err != nil {
		return flow.Result{}, nil, err
	}
	if err := raise(r, o.Customer, back); err != nil {
		return flow.Result{}, nil, err
	}
	return flow.Result{}, &journal.Action{Name: "cancel_order", Record: record,
		Arguments: map[string]any{"order": o.ID, "reason": reason}}, nil
}

// raise puts amounts on the customer's gift cards, by payment method; other methods are not
// ours to move.
func raise(r store.Records, customer string, amounts map[string]decimal.Decimal) error {
	c, err := r.Customer(customer)
	if errors.Is(err, store.ErrNotFound) {
		return nil
	}
	if err != nil {
		return err
	}
	c.PaymentMethods = slices.Clone(c.PaymentMethods)
	moved := false
	for i, m := range c.PaymentMethods {
		amount, ok := amounts[m.ID]
		if !ok || m.Kind != kindGiftCard {
			continue
		}
		balance := amount
		if m.Balance != nil {
			balance = balance.Add(*m.Balance)
		}
		c.PaymentMethods[i].Balance, moved = &balance, true
	}
	if !moved {
		return nil
	}
	_, err = r.SaveCustomer(c)
	return err
}

// policyList is a list of words in the shop's policies.
func (s *Set) policyList(path ...string) []string {
	var at any = s.Policy
	for _, name := range path {
		object, _ := at.(map[string]any)
		at = object[name]
	}
	var words []string
	switch list := at.(type) {
	case []string:
		words = list
	case []any:
		for _, v := range list {
			if word, ok := v.(string); ok {
				words = append(words, word)
			}
		}
	}
	return words
}
