package feed

import (
	"maps"
	"slices"
	"strings"

	"golang.org/x/text/currency"

	"github.com/floorwalker/floorwalker/catalog"
	"github.com/floorwalker/floorwalker/catalog/store"
)

// Records of Floorwalker's own format, one JSON object a line.

func product(o object) (string, stager) {
	p := catalog.Product{ID: o.id("id"), Title: o.need("title"), Brand: o.text("brand"), Description: o.text("description"),
		Category: o.texts("category"), Attributes: o.pairs("attributes"), Image: o.text("image"), URL: o.text("url"),
		Variants: []catalog.Variant{}, Translations: translations(o)}
	skus := map[string]bool{}
	o.objects("variants", func(o object) {
		v := variant(o)
		if skus[v.SKU] {
			o.row.refuse("SKU %s stands twice", quoted(v.SKU))
		}
		skus[v.SKU] = true
		p.Variants = append(p.Variants, v)
	})
	return p.ID, func(s store.Staging, line int) (int, error) { return s.Product(line, p) }
}

func variant(o object) catalog.Variant {
	v := catalog.Variant{SKU: o.id("sku"), Options: o.pairs("options"), Price: o.price("price"),
		Currency: o.text("currency"), Available: o.truth("available")}
	if v.Options == nil {
		v.Options = map[string]string{}
	}
	if unit := strings.ToUpper(v.Currency); unit != "" {
		if _, err := currency.ParseISO(unit); err != nil {
			o.row.refuse("%s: %s is not a currency of ISO 4217", quoted(o.path+"currency"), quoted(v.Currency))
		}
		if unit != v.Currency {
			o.row.clean("%s: %s made %s", quoted(o.path+"currency"), v.Currency, unit)
			v.Currency = unit
		}
	}
	if n, ok := o.whole("stock"); ok {
		if n < 0 {
			o.row.clean("%s: %d made 0", quoted(o.path+"stock"), n)
			n = 0
		}
		v.Stock = &n
	}
	return v
}

func translations(o object) map[string]catalog.Translation {
	all, ok := o.object("translations")
	if !ok {
		return nil
	}
	out := map[string]catalog.Translation{}
	for _, language := range slices.Sorted(maps.Keys(all.values)) {
		o, ok := all.object(language)
		if !ok {
			continue
		}
		t := catalog.Translation{Title: o.text("title"), Description: o.text("description"), Attributes: o.pairs("attributes")}
		if options, ok := o.object("options"); ok {
			t.Options = map[string]map[string]string{}
			for _, name := range slices.Sorted(maps.Keys(options.values)) {
				t.Options[name] = options.pairs(name)
			}
		}
		o.done()
		out[language] = t
	}
	return out
}

func address(o object) catalog.Address {
	a, ok := o.object("address")
	if !ok {
		return catalog.Address{}
	}
	defer a.done()
	return catalog.Address{Line1: a.text("line1"), Line2: a.text("line2"), City: a.text("city"), Region: a.text("region"),
		PostalCode: a.text("postal_code"), Country: a.text("country")}
}

func customer(o object) (string, stager) {
	c := catalog.Customer{ID: o.id("id"), FirstName: o.text("first_name"), LastName: o.text("last_name"), Email: o.text("email"),
		Phone: o.text("phone"), Address: address(o), PaymentMethods: []catalog.PaymentMethod{}, Locale: o.text("locale")}
	o.objects("payment_methods", func(o object) {
		m := catalog.PaymentMethod{ID: o.id("id"), Kind: o.need("kind"), Brand: o.text("brand"), LastFour: o.text("last_four")}
		if o.get("balance") != nil {
			b := o.price("balance")
			m.Balance = &b
		}
		c.PaymentMethods = append(c.PaymentMethods, m)
	})
	return c.ID, func(s store.Staging, line int) (int, error) { return s.Customer(line, c) }
}

func order(o object) (string, stager) {
	r := catalog.Order{ID: o.id("id"), Customer: o.id("customer"), PlacedAt: o.when("placed_at"), Status: o.need("status"),
		Address: address(o), Items: []catalog.Item{}, Payments: []catalog.Payment{},
		CancelReason: o.text("cancel_reason"), ReturnedSKUs: o.texts("returned_skus"), RefundMethod: o.text("refund_method")}
	o.objects("items", func(o object) { r.Items = append(r.Items, item(o)) })
	o.objects("payments", func(o object) {
		p := catalog.Payment{Kind: o.need("kind"), Amount: o.amount("amount"), Method: o.text("method")}
		if p.Kind != "payment" && p.Kind != "refund" {
			o.row.refuse("%s: %s is neither payment nor refund", quoted(o.path+"kind"), quoted(p.Kind))
		}
		r.Payments = append(r.Payments, p)
	})
	o.objects("shipments", func(o object) {
		r.Shipments = append(r.Shipments, catalog.Shipment{Tracking: o.texts("tracking"), SKUs: o.texts("skus"), ETA: o.date("eta")})
	})
	o.objects("exchanged", func(o object) {
		r.Exchanged = append(r.Exchanged, catalog.Exchange{From: o.need("from"), To: o.need("to")})
	})
	return r.ID, func(s store.Staging, line int) (int, error) { return s.Order(line, r) }
}

func item(o object) catalog.Item {
	i := catalog.Item{SKU: o.id("sku"), Product: o.text("product"), Title: o.text("title"), Options: o.pairs("options"),
		Price: o.price("price"), Quantity: 1}
	if i.Options == nil {
		i.Options = map[string]string{}
	}
	if n, ok := o.whole("quantity"); ok {
		if n < 1 {
			o.row.refuse("%s is %d: at least 1 was bought", quoted(o.path+"quantity"), n)
		}
		i.Quantity = n
	}
	return i
}

// Rows of Floorwalker's own format, in CSV.

var (
	stockColumns    = columns{needed: []string{"sku", "on_hand"}, known: []string{"sku", "location", "on_hand", "reserved", "incoming", "incoming_at"}}
	activityColumns = columns{needed: []string{"customer", "product", "kind", "time"}, known: []string{"customer", "product", "kind", "quantity", "price", "time"}}
)

func stock(o object) (string, stager) {
	l := catalog.StockLevel{SKU: o.id("sku"), Location: o.text("location"), IncomingAt: o.date("incoming_at")}
	for key, n := range map[string]*int{"on_hand": &l.OnHand, "reserved": &l.Reserved, "incoming": &l.Incoming} {
		*n, _ = o.whole(key)
		if *n < 0 {
			o.row.refuse("%s is negative", quoted(key))
		}
	}
	return l.SKU, func(s store.Staging, line int) (int, error) { return s.Stock(line, l) }
}

var activityKinds = map[string]bool{"view": true, "cart": true, "purchase": true, "return": true}

func activity(o object) (string, stager) {
	a := catalog.Activity{Customer: o.text("customer"), Product: o.id("product"), Kind: o.need("kind"), Quantity: 1}
	if !activityKinds[a.Kind] {
		o.row.refuse("kind %s is unknown: use view, cart, purchase or return", quoted(a.Kind))
	}
	if n, ok := o.whole("quantity"); ok {
		a.Quantity = n
	}
	if o.get("price") != nil && o.get("price") != "" {
		a.Price = o.price("price")
	}
	if at := o.when("time"); at != nil {
		a.Time = *at
	} else {
		o.row.refuse("%s is missing", quoted("time"))
	}
	return a.Customer + "/" + a.Product, func(s store.Staging, line int) (int, error) { return s.Activity(line, a) }
}
