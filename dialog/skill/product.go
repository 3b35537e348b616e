package skill

import (
	"context"
	"database/sql"
	"fmt"
	"reflect"
	"slices"
	"strings"
	"time"

	"github.com/shopspring/decimal"

	"github.com/floorwalker/floorwalker/catalog"
	"github.com/floorwalker/floorwalker/catalog/store"
	"github.com/floorwalker/floorwalker/dialog/flow"
	"github.com/floorwalker/floorwalker/dialog/journal"
)

// product reads one product, or those of its variants that are meant. Its argument is what
// described_product makes: {product, sku?, options?}.
var product = skill{
	Skill: flow.Skill{Name: "product", Kind: flow.Look, Args: []string{"product"}, View: reflect.TypeFor[ProductView]()},
	run:   (*Set).product,
}

// ProductView is a product, as far as the variants go that are meant: those with the options
// that were said, or all. Its record is the variant if it is one, else the product.
type ProductView struct {
	catalog.Source
	Title          string        `expr:"title" fact:"name"`
	Brand          string        `expr:"brand" fact:"name"`
	Options        string        `expr:"options" fact:"name"` // worded, as they were said or of the one variant
	Named          bool          `expr:"named"`               // the question names an option
	Offered        bool          `expr:"offered"`             // there is such a variant at all
	Available      bool          `expr:"available"`           // any of them
	StockKnown     bool          `expr:"stock_known"`         // of each that is available
	Stock          int           `expr:"stock" fact:"stock"`  // together
	OnePrice       bool          `expr:"one_price"`
	Price          catalog.Money `expr:"price" fact:"price"` // the lowest
	PriceFrom      catalog.Money `expr:"price_from" fact:"price"`
	PriceTo        catalog.Money `expr:"price_to" fact:"price"`
	VariantCount   int           `expr:"variant_count" fact:"count"`
	AvailableCount int           `expr:"available_count" fact:"count"`
	Incoming       time.Time     `expr:"incoming" fact:"date"`  // when more come, of what is sold out; zero: unknown
	Pieces         int           `expr:"pieces" fact:"count"`   // how many are asked about, 0: it wasn't said
	Together       catalog.Money `expr:"together" fact:"price"` // what they cost, at the lowest price
	Sums           []PartView    `expr:"sums"`                  // as prices, of all the pieces
	OffersAsked    bool          `expr:"offers_asked"`          // the question is about the price with an offer
	Offers         []OfferView   `expr:"offers"`                // what it comes to with each
	Prices         []PartView    `expr:"prices"`                // what costs what, where prices differ and it is soon said
	Parts          []PartView    `expr:"parts"`                 // the stock of each variant, where there are several, but not many
	Dimensions     []OptionView  `expr:"dimensions"`            // what there is to choose from, of those asked about or all
	SoldOut        []PartView    `expr:"sold_out"`              // of the variants, where only some are
	Choices        []flow.Option `expr:"choices"`               // the variants, by SKU
	Cards          []ProductCard `expr:"cards"`                 // one for each variant, unless they are many
	Whole          []ProductCard `expr:"whole"`                 // one for all of them

	locale string
}

// PartView is some of a product's variants.
type PartView struct {
	catalog.Source
	Options    string        `expr:"options" fact:"name"` // what they have in common: "10 inch"
	Price      catalog.Money `expr:"price" fact:"price"`
	Available  bool          `expr:"available"`
	StockKnown bool          `expr:"stock_known"`
	Stock      int           `expr:"stock" fact:"stock"`
}

// OptionView is an option and the values it comes in.
type OptionView struct {
	catalog.Source
	Name   string `expr:"name" fact:"name"`
	Values string `expr:"values" fact:"name"` // worded: "white, black"
	Count  int    `expr:"count" fact:"count"`
}

// Card shows the product.
func (v ProductView) Card(locale string) journal.Card { return v.Cards[0].Card(locale) }

// ProductCard shows a product, or one variant of it.
type ProductCard struct {
	product  catalog.Product
	variants []catalog.Variant // not empty; several: the lowest price counts
	currency string
}

// WholeCard shows a product with all its variants. It has some; currency is the shop's.
func WholeCard(p catalog.Product, locale, currency string) journal.Card {
	return ProductCard{product: p, variants: p.Variants, currency: currency}.Card(locale)
}

// Card words the card.
func (c ProductCard) Card(locale string) journal.Card {
	cheaper := func(a, b catalog.Variant) int { return a.Price.Cmp(b.Price) }
	shown := slices.MinFunc(c.variants, cheaper)
	card := journal.Card{Product: c.product.ID, Title: productTitle(&c.product, locale),
		Price: catalog.Money{Amount: shown.Price, Currency: currencyOf(shown, c.currency)},
		From:  cheaper(shown, slices.MaxFunc(c.variants, cheaper)) < 0,
		Image: c.product.Image, URL: c.product.URL, Options: c.options(locale),
		Available: slices.ContainsFunc(c.variants, func(v catalog.Variant) bool { return v.Available })}
	if len(c.variants) == 1 {
		card.SKU = shown.SKU
	}
	return card
}

// options are what the card's variants come in, by option name.
func (c ProductCard) options(locale string) (all []journal.CardOption) {
	in := translation(&c.product, locale).Options
	for _, v := range c.variants {
		for name, value := range v.Options {
			i := slices.IndexFunc(all, func(o journal.CardOption) bool { return o.Name == name })
			if i < 0 {
				i, all = len(all), append(all, journal.CardOption{Name: name})
			}
			if word := in[name][value]; word != "" {
				value = word
			}
			if !slices.Contains(all[i].Values, value) {
				all[i].Values = append(all[i].Values, value)
			}
		}
	}
	slices.SortFunc(all, func(a, b journal.CardOption) int { return strings.Compare(a.Name, b.Name) })
	return all
}

func currencyOf(v catalog.Variant, otherwise string) string {
	if v.Currency != "" {
		return v.Currency
	}
	return otherwise
}

// meant is which product, and which variants of it: those that have one of the values of each
// option.
type meant struct {
	product, sku string
	options      map[string][]string
}

func meantBy(v any) meant {
	m := meant{options: map[string][]string{}}
	object, _ := v.(map[string]any)
	m.product, _ = object["product"].(string)
	m.sku, _ = object["sku"].(string)
	options, _ := object["options"].(map[string]any)
	for name, value := range options {
		values, several := value.([]any)
		if !several {
			values = []any{value}
		}
		for _, v := range values {
			m.options[name] = append(m.options[name], fmt.Sprint(v))
		}
	}
	return m
}

// value is m as the value of a slot.
func (m meant) value() map[string]any {
	v := map[string]any{"product": m.product}
	if m.sku != "" {
		v["sku"] = m.sku
	}
	if len(m.options) > 0 {
		options := map[string]any{}
		for name, values := range m.options {
			if len(values) == 1 {
				options[name] = values[0]
				continue
			}
			var list []any
			for _, value := range values {
				list = append(list, value)
			}
			options[name] = list
		}
		v["options"] = options
	}
	return v
}

// has reports whether a variant is meant.
func (m meant) has(v catalog.Variant) bool {
	if m.sku != "" {
		return v.SKU == m.sku
	}
	for name, values := range m.options {
		if !slices.Contains(values, v.Options[name]) {
			return false
		}
	}
	return true
}

func (s *Set) product(ctx context.Context, call flow.Call) (flow.Result, error) {
	var result flow.Result
	m := meantBy(argValue(call, "product"))
	err := s.DB.View(ctx, func(tx *store.Tx) error {
		p, err := s.newShelf(store.In(tx, s.Shop)).product(m.product)
		if err != nil || p == nil || len(p.Variants) == 0 {
			return err
		}
		v := s.productView(*p, m, call.Locale)
		v.Named = call.Said != nil && len(optionsIn(call.Said)) > 0
		s.asked(&v, p, call.Said)
		s.sum(&v, p, call.Said)
		if !v.Available && v.Offered {
			v.Incoming, err = s.incoming(tx, p.Variants, m)
		}
		result.View = v
		return err
	})
	return result, err
}

func (s *Set) productView(p catalog.Product, m meant, locale string) ProductView {
	v := ProductView{Source: s.source("product/"+p.ID, version(p.Version)), Title: productTitle(&p, locale), Brand: p.Brand, locale: locale}
	variants := slices.DeleteFunc(slices.Clone(p.Variants), func(x catalog.Variant) bool { return !m.has(x) })
	v.Offered, v.VariantCount = len(variants) > 0, len(variants)
	v.Options = s.words.values(&p, m.options, locale)
	if len(variants) == 1 && len(p.Variants) > 1 {
		v.Record = "variant/" + variants[0].SKU
		v.Options = s.words.options(&p, variants[0].Options, locale)
	}
	if len(variants) == 0 {
		variants = p.Variants // what there is instead
	}
	s.price(&v, variants)
	if v.Offered {
		v.count(variants)
	}
	s.parts(&v, &p, variants, locale)
	for _, x := range variants {
		v.Choices = append(v.Choices, flow.Option{Value: x.SKU, View: s.label("variant/"+x.SKU, p.Version, s.words.options(&p, x.Options, locale))})
		v.Cards = append(v.Cards, ProductCard{p, []catalog.Variant{x}, s.Settings.Currency})
	}
	v.Whole = []ProductCard{{p, variants, s.Settings.Currency}}
	const mostCards = 5
	if len(v.Cards) > mostCards {
		v.Cards = []ProductCard{{p, variants, s.Settings.Currency}}
	}
	return v
}

func (s *Set) price(v *ProductView, variants []catalog.Variant) {
	low := slices.MinFunc(variants, func(a, b catalog.Variant) int { return a.Price.Cmp(b.Price) })
	high := slices.MaxFunc(variants, func(a, b catalog.Variant) int { return a.Price.Cmp(b.Price) })
	money := func(x catalog.Variant) catalog.Money {
		return catalog.Money{Amount: x.Price, Currency: currencyOf(x, s.Settings.Currency)}
	}
	v.Price, v.PriceFrom, v.PriceTo = money(low), money(low), money(high)
	v.OnePrice = low.Price.Equal(high.Price)
}

func (v *ProductView) count(variants []catalog.Variant) {
	v.StockKnown = true
	for _, x := range variants {
		if !x.Available {
			continue
		}
		v.AvailableCount++
		if x.Stock == nil {
			v.StockKnown = false
			continue
		}
		v.Stock += *x.Stock
	}
	v.Available = v.AvailableCount > 0
	v.StockKnown = v.StockKnown && v.Available
	if !v.StockKnown {
		v.Stock = 0
	}
}

// incoming is when more of the variants that are meant come, the earliest day from today on.
func (s *Set) incoming(tx *store.Tx, variants []catalog.Variant, m meant) (time.Time, error) {
	first := ""
	today := s.Now().In(s.zone).Format(time.DateOnly)
	for _, x := range variants {
		if !m.has(x) {
			continue
		}
		var at sql.NullString
		err := tx.QueryRow(`SELECT MIN(incoming_at) FROM stock WHERE shop = ? AND sku = ? AND incoming > 0 AND incoming_at >= ?`,
			s.Shop, x.SKU, today).Scan(&at)
		if err != nil {
			return time.Time{}, fmt.Errorf("reading what comes of %q: %w", x.SKU, err)
		}
		if at.Valid && (first == "" || at.String < first) {
			first = at.String
		}
	}
	return s.date(first), nil
}

// label words a choice: a fact by itself.
func (s *Set) label(record string, v int64, text string) catalog.Fact {
	return catalog.Fact{Kind: catalog.KindName, Value: text, Record: record, Version: version(v), ReadAt: s.Now()}
}

// amount reads a decimal, nil if it is none.
func amount(v any) *decimal.Decimal {
	text, _ := v.(string)
	d, err := decimal.NewFromString(text)
	if err != nil {
		return nil
	}
	return &d
}
