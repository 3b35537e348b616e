package natsbus

import (
	"context"
	"errors"
	"time"

	"github.com/shopspring/decimal"

	"github.com/floorwalker/floorwalker/catalog"
	"github.com/floorwalker/floorwalker/dialog"
	"github.com/floorwalker/floorwalker/dialog/journal"
	"github.com/floorwalker/floorwalker/dialog/skill"
	"github.com/floorwalker/floorwalker/nlu"
)

// worded is how an answer is told.
type worded struct {
	Text  string         `json:"text"`
	Facts []journal.Fact `json:"facts"`
}

type orderQuestion struct {
	Order string `json:"order"`
	Proof struct {
		Email string `json:"email"`
	} `json:"proof"`
	Customer string `json:"customer"`
	Locale   string `json:"locale"`
}

type orderAnswer struct {
	Order    string        `json:"order"`
	Status   string        `json:"status"`
	PlacedAt *time.Time    `json:"placed_at,omitempty"`
	Total    catalog.Money `json:"total"`
	Items    []itemAnswer  `json:"items"`
	Tracking []string      `json:"tracking"`
	ETA      string        `json:"eta,omitempty"`
	worded
}

type itemAnswer struct {
	SKU      string        `json:"sku"`
	Title    string        `json:"title"`
	Options  string        `json:"options,omitempty"`
	Quantity int           `json:"quantity"`
	Price    catalog.Money `json:"price"`
}

// notTheirs is the same for an order that doesn't exist and for somebody else's.
func notTheirs() error {
	return &dialog.Error{Code: dialog.NotFound, Message: "there is no such order of that customer"}
}

func (d desk) askOrder(ctx context.Context, r *request) (any, error) {
	in, err := decode[orderQuestion](r)
	if err == nil {
		err = short("order", in.Order)
	}
	if err != nil {
		return nil, err
	}
	var who catalog.Identity
	switch {
	case in.Customer != "" && in.Proof.Email != "":
		return nil, bad("want customer or proof, not both")
	case in.Customer != "":
		who, err = catalog.Identity{Customer: in.Customer, Level: catalog.Verified}, short("customer", in.Customer)
	case in.Proof.Email != "":
		if err = short("proof.email", in.Proof.Email); err == nil {
			who, err = d.Engine.Prove(ctx, d.shop, in.Order, in.Proof.Email)
		}
	default:
		return nil, bad("want customer or proof: {\"email\"}")
	}
	if code(err) == dialog.Forbidden {
		return nil, notTheirs()
	}
	if err != nil {
		return nil, err
	}
	a, err := d.Engine.Ask(ctx, dialog.Question{Shop: d.shop, Locale: in.Locale, Identity: who, About: skill.OrderQuestion(in.Order)})
	view, ok := a.View.(skill.OrderView)
	if code(err) == dialog.NotFound || err == nil && !ok {
		return nil, notTheirs()
	}
	if err != nil {
		return nil, err
	}
	return orderOf(view, a), nil
}

func code(err error) dialog.Code {
	var e *dialog.Error
	if errors.As(err, &e) {
		return e.Code
	}
	return ""
}

func orderOf(v skill.OrderView, a dialog.Answer) orderAnswer {
	out := orderAnswer{Order: v.ID, Status: v.Status, Total: v.Total, Items: []itemAnswer{}, Tracking: v.Tracking, worded: worded{a.Text, a.Facts}}
	if out.Tracking == nil {
		out.Tracking = []string{}
	}
	if !v.PlacedAt.IsZero() {
		at := v.PlacedAt.UTC()
		out.PlacedAt = &at
	}
	if !v.ETA.IsZero() {
		out.ETA = v.ETA.Format(time.DateOnly)
	}
	for _, i := range v.Items {
		out.Items = append(out.Items, itemAnswer{i.SKU, i.Title, i.Options, i.Quantity, i.Price})
	}
	return out
}

type stockQuestion struct {
	SKU     string `json:"sku"`
	Product string `json:"product"`
	Locale  string `json:"locale"`
}

type stockAnswer struct {
	Available bool   `json:"available"`
	Stock     *int   `json:"stock,omitempty"`    // absent: not known
	Incoming  string `json:"incoming,omitempty"` // the day on which more come
	worded
}

func (d desk) askStock(ctx context.Context, r *request) (any, error) {
	in, err := decode[stockQuestion](r)
	if err != nil {
		return nil, err
	}
	var about nlu.Understanding
	switch {
	case in.SKU != "" && in.Product != "":
		return nil, bad("want sku or product, not both")
	case in.SKU != "":
		about, err = skill.SKUQuestion(in.SKU), short("sku", in.SKU)
	default:
		about, err = skill.ProductQuestion(in.Product), short("sku or product", in.Product)
	}
	if err != nil {
		return nil, err
	}
	a, err := d.Engine.Ask(ctx, dialog.Question{Shop: d.shop, Locale: in.Locale, About: about})
	view, ok := a.View.(skill.ProductView)
	if code(err) == dialog.NotFound || err == nil && !ok {
		return nil, &dialog.Error{Code: dialog.NotFound, Message: "there is no such product"}
	}
	if err != nil {
		return nil, err
	}
	out := stockAnswer{Available: view.Available, worded: worded{a.Text, a.Facts}}
	if view.StockKnown {
		out.Stock = &view.Stock
	}
	if !view.Incoming.IsZero() {
		out.Incoming = view.Incoming.Format(time.DateOnly)
	}
	return out, nil
}

type searchQuestion struct {
	Query  string `json:"query"`
	Locale string `json:"locale"`
	Limit  int    `json:"limit"`
}

// searchAnswer has a card for each product found, best first, and of each the price as a fact.
type searchAnswer struct {
	Cards   []journal.Card `json:"cards"`
	Facts   []catalog.Fact `json:"facts"`
	Relaxed bool           `json:"relaxed,omitempty"` // none has all that was asked for
}

// Bounds of a search.
const (
	defaultLimit = 5
	mostProducts = 50
	longestQuery = 1000 // characters
)

func (d desk) askSearch(ctx context.Context, r *request) (any, error) {
	in, err := decode[searchQuestion](r)
	switch {
	case err != nil:
		return nil, err
	case in.Query == "" || len([]rune(in.Query)) > longestQuery:
		return nil, bad("query: want 1 to %d characters", longestQuery)
	case in.Limit < 0 || in.Limit > mostProducts:
		return nil, bad("limit: want 1 to %d, not %d", mostProducts, in.Limit)
	}
	view, locale, err := d.Engine.Find(ctx, d.shop, in.Query, in.Locale, or(in.Limit, defaultLimit))
	if err != nil {
		return nil, err
	}
	out := searchAnswer{Cards: []journal.Card{}, Facts: []catalog.Fact{}, Relaxed: view.Relaxed}
	for _, p := range view.Products {
		card := p.Card(locale)
		out.Cards = append(out.Cards, card)
		out.Facts = append(out.Facts, catalog.Fact{Kind: catalog.KindPrice, Value: decimals(card.Price.Amount), Unit: card.Price.Currency,
			Record: p.Record, Version: p.Version, ReadAt: p.ReadAt})
	}
	return out, nil
}

// decimals writes an amount with the decimals that it has.
func decimals(d decimal.Decimal) string { return d.StringFixed(max(0, -d.Exponent())) }
