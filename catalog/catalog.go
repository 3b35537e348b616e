// Package catalog holds what a shop knows: its records (products, customers, orders,
// stock), the [Fact]s that may be told of them, and to whom.
//
// Records are plain values. Where they are kept is catalog/store's matter, how they come in
// and go out catalog/feed's.
package catalog

import (
	"time"

	"github.com/shopspring/decimal"
)

// Money is an amount in a currency (ISO 4217). In JSON of records, amounts stand alone as
// decimal strings and the currency beside them or in the shop's settings.
type Money struct {
	Amount   decimal.Decimal `json:"amount" expr:"amount"`
	Currency string          `json:"currency" expr:"currency"`
}

// Product is a thing sold, in one or more variants.
type Product struct {
	ID           string                 `json:"id"`
	Title        string                 `json:"title"`
	Brand        string                 `json:"brand,omitempty"`
	Description  string                 `json:"description,omitempty"`
	Category     []string               `json:"category"` // from the widest to the narrowest
	Attributes   map[string]string      `json:"attributes,omitempty"`
	Image        string                 `json:"image,omitempty"`
	URL          string                 `json:"url,omitempty"`
	Translations map[string]Translation `json:"translations,omitempty"` // by language
	Variants     []Variant              `json:"variants"`

	Version int64 `json:"-"` // of the stored record; 0 where it was not read from a store
}

// Translation is a product's wording in another language.
type Translation struct {
	Title       string                       `json:"title,omitempty"`
	Description string                       `json:"description,omitempty"`
	Options     map[string]map[string]string `json:"options,omitempty"` // option name, value → value
	Attributes  map[string]string            `json:"attributes,omitempty"`
}

// Variant is one buyable form of a product.
type Variant struct {
	SKU       string            `json:"sku"`
	Options   map[string]string `json:"options"`
	Price     decimal.Decimal   `json:"price"`
	Currency  string            `json:"currency,omitempty"` // empty: the shop's
	Available bool              `json:"available"`
	Stock     *int              `json:"stock,omitempty"` // nil: amount unknown, say no number
}

// Customer is a person who has bought or may buy.
type Customer struct {
	ID             string          `json:"id"`
	FirstName      string          `json:"first_name"`
	LastName       string          `json:"last_name"`
	Email          string          `json:"email"`
	Phone          string          `json:"phone,omitempty"`
	Address        Address         `json:"address"`
	PaymentMethods []PaymentMethod `json:"payment_methods"`
	Locale         string          `json:"locale,omitempty"`

	Version int64 `json:"-"`
}

// Address is a postal address.
type Address struct {
	Line1      string `json:"line1"`
	Line2      string `json:"line2,omitempty"`
	City       string `json:"city"`
	Region     string `json:"region"`
	PostalCode string `json:"postal_code"`
	Country    string `json:"country"`
}

// PaymentMethod is one way in which a customer pays.
type PaymentMethod struct {
	ID       string           `json:"id"`
	Kind     string           `json:"kind"` // gift_card, credit_card, paypal, …
	Balance  *decimal.Decimal `json:"balance,omitempty"`
	Brand    string           `json:"brand,omitempty"`
	LastFour string           `json:"last_four,omitempty"`
}

// Order is what a customer bought at one time, and what became of it.
type Order struct {
	ID           string     `json:"id"`
	Customer     string     `json:"customer"`
	PlacedAt     *time.Time `json:"placed_at,omitempty"`
	Status       string     `json:"status"`
	Address      Address    `json:"address"`
	Items        []Item     `json:"items"` // never merged: the same SKU may stand twice
	Payments     []Payment  `json:"payments"`
	Shipments    []Shipment `json:"shipments,omitempty"`
	CancelReason string     `json:"cancel_reason,omitempty"`
	ReturnedSKUs []string   `json:"returned_skus,omitempty"`
	Exchanged    []Exchange `json:"exchanged,omitempty"`
	RefundMethod string     `json:"refund_method,omitempty"`

	Version int64 `json:"-"`
}

// Item is one line of an order.
type Item struct {
	SKU      string            `json:"sku"`
	Product  string            `json:"product"`
	Title    string            `json:"title"`
	Options  map[string]string `json:"options"`
	Price    decimal.Decimal   `json:"price"` // of one
	Quantity int               `json:"quantity"`
}

// Payment is money that moved for an order: in ("payment") or back ("refund").
type Payment struct {
	Kind   string          `json:"kind"`
	Amount decimal.Decimal `json:"amount"`
	Method string          `json:"method"` // a PaymentMethod's ID
}

// Shipment is a parcel of an order.
type Shipment struct {
	Tracking []string `json:"tracking"`
	SKUs     []string `json:"skus"`
	ETA      string   `json:"eta,omitempty"` // a date, YYYY-MM-DD
}

// Exchange is one item that is to be swapped for another.
type Exchange struct {
	From string `json:"from"`
	To   string `json:"to"`
}

// StockLevel is what lies of one SKU in one place.
type StockLevel struct {
	SKU        string
	Location   string
	OnHand     int
	Reserved   int
	Incoming   int
	IncomingAt string // a date, YYYY-MM-DD, or empty
}

// Activity is one thing a shopper did.
type Activity struct {
	Customer string
	Product  string
	Kind     string // view, cart, purchase, return
	Quantity int
	Price    decimal.Decimal
	Time     time.Time
}
