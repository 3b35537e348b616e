// Package change works out what a change does to an order and to its customer: cancelling, returns,
// exchanges, other variants, another payment method, another address. Functions take records
// and give new ones, or a [Refusal] and nothing; they neither read nor keep anything.
//
// Which orders may be changed, and which methods may be used, is the shop's policy and the
// caller's matter. What money can't do is held here: a gift card pays no more than it has.
package change

import (
	"cmp"
	"slices"

	"github.com/shopspring/decimal"

	"github.com/floorwalker/floorwalker/catalog"
)

// Refusal is why a change can't be made, in a word.
type Refusal string

func (r Refusal) Error() string { return string(r) }

// Why a change can't be made.
const (
	NotInOrder     Refusal = "not_in_order"      // fewer pieces of it are in the order
	NothingChosen  Refusal = "nothing_chosen"    // no item at all
	OtherProduct   Refusal = "other_product"     // the new item is one of another product
	SoldOut        Refusal = "variant_sold_out"  // the new item can't be had
	SameVariant    Refusal = "same_variant"      // the new item is the old one
	UnknownMethod  Refusal = "unknown_method"    // the customer has no such payment method
	SameMethod     Refusal = "same_method"       // it is paid that way already
	NotOnePayment  Refusal = "several_payments"  // the order wasn't paid in one payment
	GiftCardTooLow Refusal = "gift_card_too_low" // it doesn't cover what is to be paid
	NotRequested   Refusal = "not_requested"     // nothing of the order was to come back
)

// Kinds of payments, and of the method whose money is the shop's own.
const (
	payment  = "payment"
	refund   = "refund"
	giftCard = "gift_card"
)

// States that changes lead to.
const (
	cancelled         = "cancelled"
	returnRequested   = "return_requested"
	exchangeRequested = "exchange_requested"
	itemsModified     = "pending_items_modified"
)

// Pieces are some of one line of an order.
type Pieces struct {
	Line     int // index of the item
	Quantity int
}

// Swap is pieces of one line for the same number of another variant of the same product.
type Swap struct {
	Pieces
	Product string // the new variant's
	To      catalog.Variant
}

// Difference is what the new items cost more than the old ones; negative: less.
func Difference(o catalog.Order, swaps []Swap) decimal.Decimal {
	total := decimal.Zero
	for _, s := range swaps {
		if s.Line >= 0 && s.Line < len(o.Items) {
			total = total.Add(s.To.Price.Sub(o.Items[s.Line].Price).Mul(decimal.NewFromInt(int64(s.Quantity))))
		}
	}
	return total
}

// Worth is what pieces of an order cost.
func Worth(o catalog.Order, all []Pieces) decimal.Decimal {
	total := decimal.Zero
	for _, p := range all {
		if p.Line >= 0 && p.Line < len(o.Items) {
			total = total.Add(o.Items[p.Line].Price.Mul(decimal.NewFromInt(int64(p.Quantity))))
		}
	}
	return total
}

// Cancel calls an order off for a reason: each payment comes back by the way it was made, to a gift
// card at once.
func Cancel(o catalog.Order, c catalog.Customer, reason string) (catalog.Order, catalog.Customer) {
	o.Status, o.CancelReason = cancelled, reason
	for _, p := range o.Payments {
		if p.Kind == payment {
			o.Payments = append(slices.Clip(o.Payments), catalog.Payment{Kind: refund, Amount: p.Amount, Method: p.Method})
			c = moved(c, p.Method, p.Amount)
		}
	}
	return o, c
}

// Return asks for items of an order to be sent back; the money moves later, to a method.
func Return(o catalog.Order, c catalog.Customer, all []Pieces, method string) (catalog.Order, error) {
	if err := held(o, all); err != nil {
		return o, err
	}
	if _, ok := methodOf(c, method); !ok {
		return o, UnknownMethod
	}
	o.ReturnedSKUs = nil
	for _, p := range all {
		for range p.Quantity {
			o.ReturnedSKUs = append(o.ReturnedSKUs, o.Items[p.Line].SKU)
		}
	}
	slices.Sort(o.ReturnedSKUs)
	o.Status, o.RefundMethod = returnRequested, method
	return o, nil
}

// Exchange asks for items of an order to be swapped for others; the money moves later, from or
// to a method.
func Exchange(o catalog.Order, c catalog.Customer, swaps []Swap, method string) (catalog.Order, error) {
	if err := swappable(o, swaps, false); err != nil {
		return o, err
	}
	if err := Covers(c, method, Difference(o, swaps)); err != nil {
		return o, err
	}
	o.Exchanged = nil
	for _, s := range swaps {
		for range s.Quantity {
			o.Exchanged = append(o.Exchanged, catalog.Exchange{From: o.Items[s.Line].SKU, To: s.To.SKU})
		}
	}
	slices.SortFunc(o.Exchanged, func(a, b catalog.Exchange) int {
		return cmp.Or(cmp.Compare(a.From, b.From), cmp.Compare(a.To, b.To))
	})
	o.Status, o.RefundMethod = exchangeRequested, method
	return o, nil
}

// Requested are the pieces of an order whose return or exchange has been asked for.
func Requested(o catalog.Order) []Pieces {
	skus := slices.Clone(o.ReturnedSKUs)
	for _, x := range o.Exchanged {
		skus = append(skus, x.From)
	}
	var all []Pieces
	for line, item := range o.Items {
		n := 0
		for n < item.Quantity && slices.Contains(skus, item.SKU) {
			at := slices.Index(skus, item.SKU)
			skus = slices.Delete(skus, at, at+1)
			n++
		}
		if n > 0 {
			all = append(all, Pieces{Line: line, Quantity: n})
		}
	}
	return all
}

// Withdraw takes back the request for a return or an exchange, of which no money has moved yet; the
// order is in a state again that it had before.
func Withdraw(o catalog.Order, status string) (catalog.Order, error) {
	if len(o.ReturnedSKUs) == 0 && len(o.Exchanged) == 0 {
		return o, NotRequested
	}
	o.Status, o.ReturnedSKUs, o.Exchanged, o.RefundMethod = status, nil, nil, ""
	return o, nil
}

// Items puts other variants in the place of items of an order that hasn't left yet, and pays
// the difference from a method, or to it. The method may be "" where there is no difference.
func Items(o catalog.Order, c catalog.Customer, swaps []Swap, method string) (catalog.Order, catalog.Customer, error) {
	if err := swappable(o, swaps, true); err != nil {
		return o, c, err
	}
	difference := Difference(o, swaps)
	if !difference.IsZero() {
		if err := Covers(c, method, difference); err != nil {
			return o, c, err
		}
		kind := payment
		if difference.IsNegative() {
			kind = refund
		}
		o.Payments = append(slices.Clone(o.Payments), catalog.Payment{Kind: kind, Amount: difference.Abs(), Method: method})
		c = moved(c, method, difference.Neg())
	}
	o.Items = swapped(o.Items, swaps)
	o.Status = itemsModified
	return o, c, nil
}

// swapped are the items with others in their place; where only some pieces of a line are
// swapped, the others stay on a line of their own.
func swapped(items []catalog.Item, swaps []Swap) []catalog.Item {
	var out []catalog.Item
	for line, item := range items {
		for _, s := range swaps {
			if s.Line != line {
				continue
			}
			other := item
			other.SKU, other.Options, other.Price, other.Quantity = s.To.SKU, s.To.Options, s.To.Price, s.Quantity
			item.Quantity -= s.Quantity
			out = append(out, other)
		}
		if item.Quantity > 0 {
			out = append(out, item)
		}
	}
	return out
}

// Payment charges what was paid to another method, and pays it back to the first one.
func Payment(o catalog.Order, c catalog.Customer, method string) (catalog.Order, catalog.Customer, error) {
	if len(o.Payments) != 1 || o.Payments[0].Kind != payment {
		return o, c, NotOnePayment
	}
	first := o.Payments[0]
	if first.Method == method {
		return o, c, SameMethod
	}
	if err := Covers(c, method, first.Amount); err != nil {
		return o, c, err
	}
	o.Payments = append(slices.Clone(o.Payments),
		catalog.Payment{Kind: payment, Amount: first.Amount, Method: method},
		catalog.Payment{Kind: refund, Amount: first.Amount, Method: first.Method})
	return o, moved(moved(c, method, first.Amount.Neg()), first.Method, first.Amount), nil
}

// Covers reports whether a customer's method can pay an amount: nil, or why it can't. Below
// zero it is paid to the method, which any can take.
func Covers(c catalog.Customer, method string, amount decimal.Decimal) error {
	m, ok := methodOf(c, method)
	switch {
	case !ok:
		return UnknownMethod
	case m.Kind != giftCard || !amount.IsPositive():
		return nil
	case m.Balance == nil || m.Balance.LessThan(amount):
		return GiftCardTooLow
	}
	return nil
}

func held(o catalog.Order, all []Pieces) error {
	if len(all) == 0 {
		return NothingChosen
	}
	left := make([]int, len(o.Items))
	for i, item := range o.Items {
		left[i] = item.Quantity
	}
	for _, p := range all {
		if p.Line < 0 || p.Line >= len(left) || p.Quantity < 1 || left[p.Line] < p.Quantity {
			return NotInOrder
		}
		left[p.Line] -= p.Quantity
	}
	return nil
}

// swappable holds swaps to the order and to what can be had.
func swappable(o catalog.Order, swaps []Swap, other bool) error {
	all := make([]Pieces, len(swaps))
	for i, s := range swaps {
		all[i] = s.Pieces
	}
	if err := held(o, all); err != nil {
		return err
	}
	for _, s := range swaps {
		item := o.Items[s.Line]
		switch {
		case s.Product != item.Product:
			return OtherProduct
		case other && s.To.SKU == item.SKU:
			return SameVariant
		case !s.To.Available || s.To.Stock != nil && *s.To.Stock < s.Quantity:
			return SoldOut
		}
	}
	return nil
}

func methodOf(c catalog.Customer, id string) (catalog.PaymentMethod, bool) {
	for _, m := range c.PaymentMethods {
		if m.ID == id {
			return m, true
		}
	}
	return catalog.PaymentMethod{}, false
}

// moved puts an amount on a customer's gift card, or takes it off where it is negative. Other
// methods are not ours to move.
func moved(c catalog.Customer, method string, amount decimal.Decimal) catalog.Customer {
	c.PaymentMethods = slices.Clone(c.PaymentMethods)
	for i, m := range c.PaymentMethods {
		if m.ID != method || m.Kind != giftCard {
			continue
		}
		balance := amount
		if m.Balance != nil {
			balance = balance.Add(*m.Balance)
		}
		c.PaymentMethods[i].Balance = &balance
	}
	return c
}
