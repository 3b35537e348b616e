package skill

import (
	"context"
	"errors"
	"reflect"
	"slices"
	"strconv"
	"time"

	"github.com/shopspring/decimal"

	"github.com/floorwalker/floorwalker/catalog"
	"github.com/floorwalker/floorwalker/catalog/store"
	"github.com/floorwalker/floorwalker/dialog/flow"
)

// order reads one order of the shopper's own.
var order = skill{
	Skill: flow.Skill{Name: "order", Kind: flow.Look, Args: []string{"order"}, View: reflect.TypeFor[OrderView](), Needs: claimed},
	run:   (*Set).order,
}

// OrderView is an order of the shopper's own. To somebody who is only claimed to be the
// customer it shows no address, no payments and no reason.
type OrderView struct {
	catalog.Source
	ID           string          `expr:"id" fact:"name"`
	Status       string          `expr:"status" fact:"order_state"`
	PlacedAt     time.Time       `expr:"placed_at" fact:"date"` // zero: unknown
	Total        catalog.Money   `expr:"total" fact:"amount"`   // of the items
	Items        []ItemView      `expr:"items"`
	Lines        []ItemView      `expr:"lines"` // items of the same title joined, for wording
	ItemCount    int             `expr:"item_count" fact:"count"`
	Tracked      bool            `expr:"tracked"`
	Tracking     []string        `expr:"tracking" fact:"tracking"`
	ETA          time.Time       `expr:"eta" fact:"date"` // of the last parcel; zero: unknown, or not on its way
	Overdue      bool            `expr:"overdue"`         // on its way, and the day it was due is over
	Unsent       bool            `expr:"unsent"`          // nothing of it has left yet
	AgeDays      int             `expr:"age_days"`        // whole days since it was placed; 0: unknown
	Told         bool            `expr:"told"`            // the last thing told was this order
	Paid         []PaymentView   `expr:"paid"`
	Refunds      []PaymentView   `expr:"refunds"`
	CancelReason string          `expr:"cancel_reason" fact:"name"`
	Address      catalog.Address `expr:"address" fact:"address"`
	GiftCardOnly bool            `expr:"gift_card_only"` // all that was paid was paid by gift card
	HasGiftCard  bool            `expr:"has_gift_card"`
	HasOther     bool            `expr:"has_other"`
	ReturnOver   bool            `expr:"return_over"`   // the days in which it could be returned are over
	ExchangeOver bool            `expr:"exchange_over"` // likewise, exchanged
}

// ItemView is one line of an order.
type ItemView struct {
	Title    string        `expr:"title" fact:"name"`
	SKU      string        `expr:"sku" fact:"name"`
	Options  string        `expr:"options" fact:"name"` // worded: "blue, 750 ml"
	Quantity int           `expr:"quantity" fact:"quantity"`
	Price    catalog.Money `expr:"price" fact:"price"` // of one
	Total    catalog.Money `expr:"total" fact:"amount"`
}

// PaymentView is money in or back.
type PaymentView struct {
	Amount catalog.Money `expr:"amount" fact:"amount"`
	Method string        `expr:"method" fact:"name"` // worded: "Visa ending in 4417"
	Kind   string        `expr:"kind"`               // of the method: gift_card, …; empty: unknown
}

func (s *Set) order(ctx context.Context, call flow.Call) (flow.Result, error) {
	var result flow.Result
	err := s.read(ctx, func(r store.Records) error {
		o, ok, err := ownOrderLike(r, arg(call, "order"), call.Identity)
		if err != nil || !ok {
			return err
		}
		view, err := s.orderView(s.newShelf(r), o, call)
		result.View = view
		return err
	})
	return result, err
}

// ownOrderLike finds the order that a person means by id, if it is their own.
func ownOrderLike(r store.Records, id string, who catalog.Identity) (catalog.Order, bool, error) {
	if id == "" || who.Customer == "" || who.Level < catalog.Claimed {
		return catalog.Order{}, false, nil
	}
	o, err := r.OrderLike(id)
	if errors.Is(err, store.ErrNotFound) {
		return catalog.Order{}, false, nil
	}
	if err != nil || o.Customer != who.Customer {
		return catalog.Order{}, false, err
	}
	return o, true, nil
}

func (s *Set) orderView(shelf *shelf, o catalog.Order, call flow.Call) (OrderView, error) {
	record := orderRecord(o.ID)
	v := OrderView{Source: s.source(record, version(o.Version)), ID: o.ID, Status: o.Status, Told: toldLast(call) == record}
	v.DerivedFrom = []string{record}
	if o.PlacedAt != nil {
		v.PlacedAt = o.PlacedAt.In(s.zone)
	}
	total := decimal.Zero
	for _, item := range o.Items {
		p, err := shelf.product(item.Product)
		if err != nil {
			return v, err
		}
		sum := item.Price.Mul(decimal.NewFromInt(int64(item.Quantity)))
		total = total.Add(sum)
		v.ItemCount += item.Quantity
		v.Items = append(v.Items, ItemView{Title: itemTitle(item, p, call.Locale), SKU: item.SKU,
			Options: s.words.options(p, item.Options, call.Locale), Quantity: item.Quantity,
			Price: s.money(item.Price), Total: s.money(sum)})
	}
	v.Total, v.Lines = s.money(total), joined(v.Items)
	for _, parcel := range o.Shipments {
		v.Tracking = append(v.Tracking, parcel.Tracking...)
		if eta := s.date(parcel.ETA); eta.After(v.ETA) {
			v.ETA = eta
		}
	}
	v.Tracked = len(v.Tracking) > 0
	if o.Status != statusShipped && o.Status != statusProcessed { // what has come, or comes no more, is no longer due
		v.ETA = time.Time{}
	}
	v.Overdue = !v.ETA.IsZero() && call.Now.After(v.ETA.AddDate(0, 0, 1))
	v.Unsent = len(o.Shipments) == 0 && (o.Status == statusPending || o.Status == statusProcessed)
	if o.PlacedAt != nil {
		v.AgeDays = int(call.Now.Sub(*o.PlacedAt).Hours() / 24)
	}
	if call.Identity.Level < catalog.Verified {
		return v, nil
	}
	v.ReturnOver, v.ExchangeOver = s.tooLate(o, "returns", call.Now), s.tooLate(o, "exchanges", call.Now)
	v.Address, v.CancelReason = o.Address, o.CancelReason
	return v, s.addPayments(&v, shelf, o, call.Locale)
}

// joined puts items of the same title on one line.
func joined(items []ItemView) []ItemView {
	var lines []ItemView
	for _, item := range items {
		i := slices.IndexFunc(lines, func(l ItemView) bool { return l.Title == item.Title })
		if i < 0 {
			lines = append(lines, item)
			continue
		}
		lines[i].Quantity += item.Quantity
		lines[i].Total.Amount = lines[i].Total.Amount.Add(item.Total.Amount)
	}
	return lines
}

// addPayments fills in what was paid and paid back, and how.
func (s *Set) addPayments(v *OrderView, shelf *shelf, o catalog.Order, locale string) error {
	c, err := shelf.records.Customer(o.Customer)
	if err != nil && !errors.Is(err, store.ErrNotFound) {
		return err
	}
	for _, p := range o.Payments {
		method := methodOf(c, p.Method)
		view := PaymentView{Amount: s.money(p.Amount), Method: s.words.method(method, locale), Kind: method.Kind}
		if p.Kind == kindRefund {
			v.Refunds = append(v.Refunds, view)
			continue
		}
		v.Paid = append(v.Paid, view)
		if method.Kind == kindGiftCard {
			v.HasGiftCard = true
		} else {
			v.HasOther = true
		}
	}
	v.GiftCardOnly = v.HasGiftCard && !v.HasOther
	return nil
}

// Kinds of payments and methods that rules are about.
const (
	kindPayment  = "payment"
	kindRefund   = "refund"
	kindGiftCard = "gift_card"
)

// methodOf returns a customer's payment method, an empty one if there is none of that id.
func methodOf(c catalog.Customer, id string) catalog.PaymentMethod {
	for _, m := range c.PaymentMethods {
		if m.ID == id {
			return m
		}
	}
	return catalog.PaymentMethod{ID: id}
}

func orderRecord(id string) string { return "order/" + id }

func version(v int64) string { return strconv.FormatInt(v, 10) }

func (s *Set) money(amount decimal.Decimal) catalog.Money {
	return catalog.Money{Amount: amount, Currency: s.Settings.Currency}
}

// date reads a date, YYYY-MM-DD, as noon in the shop's time zone, so that it is told as the
// same day; anything else is no date.
func (s *Set) date(text string) time.Time {
	day, err := time.ParseInLocation(time.DateOnly, text, s.zone)
	if err != nil {
		return time.Time{}
	}
	return day.Add(12 * time.Hour)
}
