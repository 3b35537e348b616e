package change_test

import (
	"errors"
	"fmt"
	"testing"

	"github.com/shopspring/decimal"

	"github.com/floorwalker/floorwalker/catalog"
	"github.com/floorwalker/floorwalker/catalog/change"
)

func money(s string) decimal.Decimal { return decimal.RequireFromString(s) }

// bought is an order of two mugs, a mug of the same kind on a line of its own, and a lamp.
func bought(status string) (catalog.Order, catalog.Customer) {
	balance := money("20.00")
	o := catalog.Order{ID: "W1", Customer: "C1", Status: status, Items: []catalog.Item{
		{SKU: "MUG-BLU", Product: "mug", Price: money("12.90"), Quantity: 2, Options: map[string]string{"color": "blue"}},
		{SKU: "MUG-BLU", Product: "mug", Price: money("12.90"), Quantity: 1, Options: map[string]string{"color": "blue"}},
		{SKU: "LAMP", Product: "lamp", Price: money("49.90"), Quantity: 1},
	}, Payments: []catalog.Payment{{Kind: "payment", Amount: money("88.60"), Method: "visa"}}}
	return o, catalog.Customer{ID: "C1", PaymentMethods: []catalog.PaymentMethod{
		{ID: "visa", Kind: "credit_card"}, {ID: "gift", Kind: "gift_card", Balance: &balance}}}
}

func mug(sku, price string) change.Swap {
	return change.Swap{Pieces: change.Pieces{Line: 0, Quantity: 1}, Product: "mug",
		To: catalog.Variant{SKU: sku, Price: money(price), Available: true, Options: map[string]string{"color": "red"}}}
}

func lines(o catalog.Order) string {
	text := ""
	for _, i := range o.Items {
		text += fmt.Sprintf("%s×%d@%s ", i.SKU, i.Quantity, i.Price)
	}
	return text
}

func payments(o catalog.Order) string {
	text := ""
	for _, p := range o.Payments {
		text += fmt.Sprintf("%s %s %s; ", p.Kind, p.Amount, p.Method)
	}
	return text
}

func TestReturnNotesEachPiece(t *testing.T) {
	o, c := bought("delivered")
	got, err := change.Return(o, c, []change.Pieces{{Line: 2, Quantity: 1}, {Line: 0, Quantity: 2}}, "gift")
	if err != nil || got.Status != "return_requested" || got.RefundMethod != "gift" || fmt.Sprint(got.ReturnedSKUs) != "[LAMP MUG-BLU MUG-BLU]" {
		t.Fatalf("got %+v, %v", got, err)
	}
	if payments(got) != payments(o) {
		t.Errorf("money moved already: %s", payments(got))
	}
}

func TestExchangeNotesPairsAndMovesNothing(t *testing.T) {
	o, c := bought("delivered")
	got, err := change.Exchange(o, c, []change.Swap{mug("MUG-RED", "30.00")}, "gift")
	if err != nil || got.Status != "exchange_requested" || fmt.Sprint(got.Exchanged) != "[{MUG-BLU MUG-RED}]" || lines(got) != lines(o) {
		t.Fatalf("got %+v, %v", got, err)
	}
	if _, err := change.Exchange(o, c, []change.Swap{mug("MUG-BLU", "12.90")}, "visa"); err != nil {
		t.Errorf("the same again: %v", err)
	}
}

func TestItemsPayTheDifference(t *testing.T) {
	for _, x := range []struct{ price, method, lines, payments, balance string }{
		{"15.00", "gift", "MUG-RED×1@15 MUG-BLU×1@12.9 MUG-BLU×1@12.9 LAMP×1@49.9 ", "payment 88.6 visa; payment 2.1 gift; ", "17.9"},
		{"10.00", "gift", "MUG-RED×1@10 MUG-BLU×1@12.9 MUG-BLU×1@12.9 LAMP×1@49.9 ", "payment 88.6 visa; refund 2.9 gift; ", "22.9"},
		{"12.90", "", "MUG-RED×1@12.9 MUG-BLU×1@12.9 MUG-BLU×1@12.9 LAMP×1@49.9 ", "payment 88.6 visa; ", "20"},
	} {
		o, c := bought("pending")
		got, after, err := change.Items(o, c, []change.Swap{mug("MUG-RED", x.price)}, x.method)
		if err != nil || lines(got) != x.lines || payments(got) != x.payments || after.PaymentMethods[1].Balance.String() != x.balance || got.Status != "pending_items_modified" {
			t.Errorf("%s: %s| %s| %s, %v", x.price, lines(got), payments(got), after.PaymentMethods[1].Balance, err)
		}
		if payments(o) != "payment 88.6 visa; " || c.PaymentMethods[1].Balance.String() != "20" {
			t.Errorf("the records given were changed: %s, %s", payments(o), c.PaymentMethods[1].Balance)
		}
	}
}

func TestPaymentMovesAllOfIt(t *testing.T) {
	o, c := bought("pending")
	if _, _, err := change.Payment(o, c, "gift"); !errors.Is(err, change.GiftCardTooLow) {
		t.Errorf("a gift card of 20 pays 88.60: %v", err)
	}
	o.Payments[0].Amount = money("18.00")
	got, after, err := change.Payment(o, c, "gift")
	if err != nil || payments(got) != "payment 18 visa; payment 18 gift; refund 18 visa; " || after.PaymentMethods[1].Balance.String() != "2" {
		t.Errorf("%s %s %v", payments(got), after.PaymentMethods[1].Balance, err)
	}
	if _, _, err := change.Payment(got, after, "visa"); !errors.Is(err, change.NotOnePayment) {
		t.Errorf("again: %v", err)
	}
}

func TestRefusals(t *testing.T) {
	o, c := bought("delivered")
	sold, other := mug("MUG-RED", "12.90"), mug("MUG-RED", "12.90")
	sold.To.Available = false
	other.Product = "lamp"
	few := 0
	none := mug("MUG-RED", "12.90")
	none.To.Stock = &few
	for _, x := range []struct {
		name  string
		swaps []change.Swap
		how   string
		want  change.Refusal
	}{
		{"sold out", []change.Swap{sold}, "visa", change.SoldOut},
		{"none left", []change.Swap{none}, "visa", change.SoldOut},
		{"another product", []change.Swap{other}, "visa", change.OtherProduct},
		{"nothing", nil, "visa", change.NothingChosen},
		{"more than there are", []change.Swap{mug("A", "1"), mug("A", "1"), mug("A", "1")}, "visa", change.NotInOrder},
		{"a strange method", []change.Swap{mug("A", "1")}, "amex", change.UnknownMethod},
		{"a gift card too low", []change.Swap{mug("A", "40.00")}, "gift", change.GiftCardTooLow},
		{"the same, pending", []change.Swap{mug("MUG-BLU", "12.90")}, "visa", change.SameVariant},
	} {
		got, _, err := change.Items(o, c, x.swaps, x.how)
		if !errors.Is(err, x.want) || lines(got) != lines(o) {
			t.Errorf("%s: %v, want %v", x.name, err, x.want)
		}
	}
	if _, err := change.Return(o, c, []change.Pieces{{Line: 1, Quantity: 2}}, "visa"); !errors.Is(err, change.NotInOrder) {
		t.Errorf("two of one: %v", err)
	}
}
