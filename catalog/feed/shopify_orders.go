package feed

import (
	"errors"
	"fmt"
	"io"
	"slices"
	"strings"

	"github.com/shopspring/decimal"

	"github.com/floorwalker/floorwalker/catalog"
)

var shopifyOrderColumns = []string{"name", "email", "financial status", "paid at", "fulfillment status", "currency", "total", "created at",
	"lineitem quantity", "lineitem name", "lineitem price", "lineitem sku", "lineitem fulfillment status", "lineitem discount", "cancelled at",
	"payment method", "refunded amount", "outstanding balance", "phone", "tags",
	"billing name", "billing address1", "billing address2", "billing city", "billing zip", "billing province", "billing country", "billing phone",
	"shipping name", "shipping address1", "shipping address2", "shipping city", "shipping zip", "shipping province", "shipping country", "shipping phone"}

var shopifyOrderIgnored = []string{"fulfilled at", "accepts marketing", "subtotal", "shipping", "taxes", "discount code", "discount amount",
	"lineitem compare at price", "lineitem requires shipping", "lineitem taxable", "billing ", "shipping ", "notes", "note attributes",
	"payment reference", "payment id", "payment terms", "vendor", "employee", "location", "device id", "id", "risk level", "source",
	"tax ", "receipt number", "duties", "next payment due at"}

var shopifyOrderHeading = heading{
	needed: []string{"name", "lineitem name", "lineitem price"},
	known: func(c string) bool {
		return slices.Contains(shopifyOrderColumns, c) ||
			slices.ContainsFunc(shopifyOrderIgnored, func(begin string) bool { return strings.HasPrefix(c, begin) })
	},
	fold: strings.ToLower,
}

// shopifyOrders reads orders: the rows of a Name that follow each other are one order, and
// only the first has more than its item.
type shopifyOrders struct {
	*table
	currency string
	ahead    *orderRow
}

// orderRow is one row of an order.
type orderRow struct {
	line   int
	name   string
	object object
	broken bool
	size   int // of its text, in bytes
}

func openShopifyOrders(t text, o Options) (reader, error) {
	tb, err := shopifyOrderHeading.open(t)
	if err != nil {
		return nil, err
	}
	return &shopifyOrders{table: tb, currency: o.Currency}, nil
}

func (s *shopifyOrders) next() (entry, error) {
	if len(s.told) > 0 {
		e := entry{remarks: s.told}
		s.told = nil
		return e, nil
	}
	first, err := s.take()
	if err != nil {
		return entry{}, err
	}
	if first.broken || first.name == "" {
		return entry{line: first.line, rows: 1, remarks: first.object.row.remarks(first.line, "")}, nil
	}
	rows, size := []orderRow{first}, first.size
	for {
		r, err := s.take()
		if errors.Is(err, io.EOF) {
			break
		}
		if err != nil {
			return entry{}, err
		}
		if r.name != first.name || len(rows) == variantLimit || size > batchSize {
			s.ahead = &r
			break
		}
		rows, size = append(rows, r), size+r.size
	}
	e := s.entry(rows)
	e.size = size
	return e, nil
}

func (s *shopifyOrders) take() (orderRow, error) {
	if s.ahead != nil {
		r := *s.ahead
		s.ahead = nil
		return r, nil
	}
	values, line, done, err := s.table.next()
	if err != nil {
		return orderRow{}, err
	}
	r := orderRow{line: line, object: newObject(values, "", done), broken: values == nil, size: s.size}
	if !r.broken {
		r.name = r.object.id("name")
	}
	return r, nil
}

// entry makes an order of its rows. An order of which an item can't be read is refused whole:
// the rest would be another order.
func (s *shopifyOrders) entry(rows []orderRow) entry {
	first := rows[0]
	e := entry{line: first.line, id: first.name, rows: len(rows)}
	p := placed{line: first.line, head: isHead(first.object)}
	if p.head {
		p.read(first.object, s.currency)
	}
	p.order.ID = first.name
	for _, r := range rows {
		p.item(r.object)
		if r.object.row.refused != "" {
			message := r.object.row.refused
			if len(rows) > 1 {
				message += fmt.Sprintf("; all %d rows of the order are left out", len(rows))
			}
			e.remarks = []remark{{line: r.line, id: first.name, kind: Refused, message: message, rows: len(rows)}}
			return e
		}
	}
	p.settle(first.object)
	for _, r := range rows {
		e.remarks = append(e.remarks, r.object.row.remarks(r.line, first.name)...)
	}
	e.put = p.put
	return e
}

// isHead reports whether a row has more than an item, whose rows bear the name, the e-mail
// address and the time too.
func isHead(o object) bool {
	for _, key := range []string{"financial status", "fulfillment status", "currency", "total"} {
		if o.values[key] != nil {
			return true
		}
	}
	return false
}

// placed is an order as Shopify tells it, and who placed it.
type placed struct {
	line     int
	head     bool
	order    catalog.Order
	customer catalog.Customer
	sent     []string // SKUs
}

func (p *placed) read(o object, shop string) {
	if unit := strings.ToUpper(o.text("currency")); unit != "" && shop != "" && unit != shop {
		o.row.refuse("%s is %s, and the shop's is %s: amounts of orders are always in the shop's", quoted("Currency"), unit, shop)
	}
	shipping, billing := addressOf(o, "shipping"), addressOf(o, "billing")
	p.order.Address = shipping
	if at, ok := moment(o.text("created at")); ok {
		p.order.PlacedAt = &at
	} else if s := o.text("created at"); s != "" {
		o.row.refuse("%s: %s is not a time: write it like 2026-11-03 09:30:00 +0000", quoted("Created at"), quoted(s))
	}
	p.order.Items, p.order.Payments = []catalog.Item{}, []catalog.Payment{}
	p.customer = customerOf(o, billing, shipping)
	p.payments(o)
}

func addressOf(o object, kind string) catalog.Address {
	return catalog.Address{Line1: o.text(kind + " address1"), Line2: o.text(kind + " address2"), City: o.text(kind + " city"),
		Region: o.text(kind + " province"), PostalCode: o.unpadded(kind + " zip"), Country: o.text(kind + " country")}
}

// payments are money that moved: what was paid and isn't outstanding, and what was refunded.
func (p *placed) payments(o object) {
	method := o.text("payment method")
	if method != "" {
		p.customer.PaymentMethods = []catalog.PaymentMethod{{ID: method, Kind: kindOf(method)}}
	}
	state := strings.ToLower(o.text("financial status"))
	total, known := o.bare("total")
	outstanding, _ := o.bare("outstanding balance")
	paid := o.text("paid at") != "" || slices.Contains([]string{"paid", "partially_paid", "partially_refunded", "refunded"}, state)
	if moved := total.Sub(outstanding); known && paid && moved.IsPositive() && state != "voided" {
		p.order.Payments = append(p.order.Payments, catalog.Payment{Kind: "payment", Amount: moved, Method: method})
	}
	if back, ok := o.bare("refunded amount"); ok && back.IsPositive() {
		p.order.Payments = append(p.order.Payments, catalog.Payment{Kind: "refund", Amount: back, Method: method})
	}
}

// kinds of payment methods that Floorwalker knows, by what their names contain. A gift card
// isn't among them: its balance is Shopify's to change.
var kinds = []struct{ contains, kind string }{
	{" + ", ""}, {"gift", ""}, {"paypal", "paypal"}, {"shopify payments", "credit_card"}, {"shopify_payments", "credit_card"}, {"credit", "credit_card"},
	{"stripe", "credit_card"}, {"visa", "credit_card"}, {"mastercard", "credit_card"},
}

func kindOf(method string) string {
	method = strings.ToLower(method)
	for _, k := range kinds {
		if strings.Contains(method, k.contains) && k.kind != "" {
			return k.kind
		} else if strings.Contains(method, k.contains) {
			break
		}
	}
	return method
}

func (p *placed) item(o object) {
	name := o.words("lineitem name")
	i := catalog.Item{SKU: o.unpadded("lineitem sku"), Title: name, Options: map[string]string{}, Quantity: 1}
	if i.SKU == "" {
		i.SKU = madeSKU(name, nil)
		o.row.clean("%s is missing: the item's name is used", quoted("Lineitem sku"))
	}
	if n := len([]rune(i.SKU)); n > idLimit {
		o.row.refuse("%s has %d characters: at most %d are allowed", quoted("Lineitem sku"), n, idLimit)
	}
	if i.SKU == "" {
		o.row.refuse("%s is missing", quoted("Lineitem name"))
	}
	var ok bool
	if i.Price, ok = o.bare("lineitem price"); !ok {
		o.row.refuse("%s is missing", quoted("Lineitem price"))
	}
	if n, ok := o.whole("lineitem quantity"); ok {
		i.Quantity = n
	}
	if i.Quantity < 1 {
		o.row.refuse("%s is %d: at least 1 was bought", quoted("Lineitem quantity"), i.Quantity)
	} else if off, ok := o.bare("lineitem discount"); ok {
		p.discount(o, &i, off)
	}
	if strings.EqualFold(o.text("lineitem fulfillment status"), "fulfilled") {
		p.sent = append(p.sent, i.SKU)
	}
	p.order.Items = append(p.order.Items, i)
}

// discount takes an item's discount off its price, where that gives a price that can be paid.
func (p *placed) discount(o object, i *catalog.Item, off decimal.Decimal) {
	if off.IsZero() {
		return
	}
	quantity := decimal.NewFromInt(int64(i.Quantity))
	each := off.DivRound(quantity, max(0, -i.Price.Exponent()))
	if price := i.Price.Sub(each); each.Mul(quantity).Equal(off) && !price.IsNegative() {
		i.Price = price
		return
	}
	o.row.clean("%s %s doesn't divide by %d: the price before it is kept", quoted("Lineitem discount"), off, i.Quantity)
}
