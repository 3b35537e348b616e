package storetest

import (
	"encoding/json"
	"errors"
	"testing"
	"time"

	"github.com/shopspring/decimal"

	"github.com/floorwalker/floorwalker/catalog"
	"github.com/floorwalker/floorwalker/catalog/store"
)

const shop = "demo"

func customer(id, email, postal string) catalog.Customer {
	return catalog.Customer{ID: id, FirstName: "玛丽", LastName: "O'Neill", Email: email,
		Address:        catalog.Address{Line1: "1 High St", City: "Leeds", PostalCode: postal, Country: "GB"},
		PaymentMethods: []catalog.PaymentMethod{{ID: "gift_1", Kind: "gift_card", Balance: amount("40.50")}}}
}

func order(id, customer string, placed time.Time) catalog.Order {
	return catalog.Order{ID: id, Customer: customer, PlacedAt: &placed, Status: "pending",
		Items: []catalog.Item{{SKU: "FL-1", Product: "flask", Title: "Flask", Options: map[string]string{"color": "红色"},
			Price: *amount("19.90"), Quantity: 1}},
		Payments: []catalog.Payment{{Kind: "payment", Amount: *amount("19.90"), Method: "gift_1"}}}
}

func amount(s string) *decimal.Decimal { d := decimal.RequireFromString(s); return &d }

// same compares records as they are written.
func same(t *testing.T, what string, got, want any) {
	t.Helper()
	g, _ := json.Marshal(got)
	w, _ := json.Marshal(want)
	if string(g) != string(w) {
		t.Errorf("%s:\n got %s\nwant %s", what, g, w)
	}
}

// Records tests customers, orders and callbacks.
func Records(t *testing.T, open Open) {
	t.Run("what is saved is found, by every way", func(t *testing.T) {
		db := open(t, "find")
		mary := customer("mary_1", "Mary@Example.com ", "ls1 4ap")
		bob := customer("bob_2", "bob@example.com", "LS14AP")
		day := time.Date(2026, 3, 1, 9, 0, 0, 0, time.FixedZone("", 3600))
		first, second, third := order("#W1001", "mary_1", day), order("#W1002", "mary_1", day.Add(time.Minute)), order("w1003", "mary_1", time.Time{})
		third.PlacedAt = nil
		update(t, db, func(tx *store.Tx) error {
			r := store.In(tx, shop)
			for _, c := range []catalog.Customer{mary, bob} {
				if v, err := r.SaveCustomer(c); err != nil || v != 1 {
					t.Errorf("saving %s: version %d, %v", c.ID, v, err)
				}
			}
			for _, o := range []catalog.Order{first, second, third} {
				if v, err := r.SaveOrder(o); err != nil || v != 1 {
					t.Errorf("saving %s: version %d, %v", o.ID, v, err)
				}
			}
			return nil
		})
		view(t, db, func(tx *store.Tx) error {
			r := store.In(tx, shop)
			c, err := r.Customer("mary_1")
			same(t, "customer", c, mary)
			if err != nil || c.Version != 1 {
				t.Errorf("customer: version %d, %v", c.Version, err)
			}
			for _, like := range []string{"#W1001", "W1001", " w1001 ", "#w1001", "＃Ｗ1001"} {
				o, err := r.OrderLike(like)
				if err != nil {
					t.Errorf("OrderLike(%q): %v", like, err)
				}
				same(t, "OrderLike "+like, o, first)
			}
			for _, none := range []string{"", "#", "W100", "W1001 W1002", "%"} {
				if _, err := r.OrderLike(none); !errors.Is(err, store.ErrNotFound) {
					t.Errorf("OrderLike(%q): %v, want ErrNotFound", none, err)
				}
			}
			if _, err := r.Order("W1001"); !errors.Is(err, store.ErrNotFound) {
				t.Errorf("Order is not exact: %v", err)
			}
			orders, err := r.OrdersOf("mary_1")
			if err != nil {
				t.Error(err)
			}
			same(t, "newest first", orders, []catalog.Order{second, first, third})
			for _, by := range []struct{ field, value, want string }{
				{"email", "MARY@example.COM", "mary_1"}, {"email", " bob@example.com", "bob_2"}, {"email", "", ""},
				{"postal_code", "LS1 4AP", "bob_2 mary_1"}, {"postal_code", "LS2", ""},
			} {
				found, err := r.CustomersBy(by.field, by.value)
				got := ""
				for i, c := range found {
					if i > 0 {
						got += " "
					}
					got += c.ID
				}
				if err != nil || got != by.want {
					t.Errorf("CustomersBy(%s, %q) = %q, %v; want %q", by.field, by.value, got, err, by.want)
				}
			}
			if _, err := r.CustomersBy("last_name", "x"); err == nil {
				t.Error("looked up by a field that isn't offered")
			}
			if _, err := store.In(tx, "another").Order("#W1001"); !errors.Is(err, store.ErrNotFound) {
				t.Errorf("another shop sees the order: %v", err)
			}
			return nil
		})
	})

	t.Run("ids that differ only loosely are told apart", func(t *testing.T) {
		db := open(t, "loose")
		update(t, db, func(tx *store.Tx) error {
			r := store.In(tx, shop)
			_, err := r.SaveCustomer(customer("c", "", ""))
			for _, id := range []string{"#7", "7"} {
				_, e := r.SaveOrder(order(id, "c", time.Time{}))
				err = errors.Join(err, e)
			}
			return err
		})
		view(t, db, func(tx *store.Tx) error {
			r := store.In(tx, shop)
			for _, id := range []string{"#7", "7"} {
				if o, err := r.OrderLike(id); err != nil || o.ID != id {
					t.Errorf("OrderLike(%q) = %q, %v", id, o.ID, err)
				}
			}
			if _, err := r.OrderLike(" 7"); !errors.Is(err, store.ErrNotFound) {
				t.Errorf("a guess between two orders: %v", err)
			}
			return nil
		})
	})

	t.Run("only the version that was read can be replaced", func(t *testing.T) {
		db := open(t, "versions")
		update(t, db, func(tx *store.Tx) error {
			r := store.In(tx, shop)
			_, err := r.SaveCustomer(customer("c", "", ""))
			if err != nil {
				return err
			}
			o := order("1", "c", time.Time{})
			if _, err := r.SaveOrder(o); err != nil {
				return err
			}
			if _, err := r.SaveOrder(o); !errors.Is(err, store.ErrConflict) {
				t.Errorf("a new order over an old one: %v", err)
			}
			o.Version, o.Status = 1, "cancelled"
			if v, err := r.SaveOrder(o); err != nil || v != 2 {
				t.Errorf("version %d, %v", v, err)
			}
			if _, err := r.SaveOrder(o); !errors.Is(err, store.ErrConflict) {
				t.Errorf("an old version written: %v", err)
			}
			got, err := r.Order("1")
			if got.Version != 2 || got.Status != "cancelled" {
				t.Errorf("stored %+v", got)
			}
			return err
		})
	})

	t.Run("an order has a customer", func(t *testing.T) {
		db := open(t, "foreign")
		if err := db.Update(t.Context(), func(tx *store.Tx) error {
			_, err := store.In(tx, shop).SaveOrder(order("1", "nobody", time.Time{}))
			return err
		}); err == nil {
			t.Error("an order of nobody was saved")
		}
	})

	t.Run("callbacks", func(t *testing.T) {
		db := open(t, "callbacks")
		at := time.Date(2026, 1, 2, 3, 4, 5, 0, time.UTC)
		late := catalog.Callback{ID: "b", Conversation: "x", Contact: "+86 10 1234", CreatedAt: at.Add(time.Hour), State: "open"}
		early := catalog.Callback{ID: "c", Conversation: "y", Contact: "a@b.example", Note: "lamp", CreatedAt: at, State: "open"}
		update(t, db, func(tx *store.Tx) error {
			r := store.In(tx, shop)
			_, err := r.SaveCallback(late)
			_, err2 := r.SaveCallback(early)
			open, err3 := r.Callbacks("open")
			same(t, "oldest first", open, []catalog.Callback{early, late})
			late.Version, late.State = 1, "done"
			_, err4 := r.SaveCallback(late)
			got, err5 := r.Callback("b")
			same(t, "saved", got, late)
			return errors.Join(err, err2, err3, err4, err5)
		})
	})
}

func product(id string, skus ...string) catalog.Product {
	p := catalog.Product{ID: id, Title: "Lamp", Category: []string{"Home", "Lighting"},
		Attributes:   map[string]string{"height_cm": "40"},
		Translations: map[string]catalog.Translation{"zh": {Title: "台灯"}}}
	for i, sku := range skus {
		n := 5 + i
		p.Variants = append(p.Variants, catalog.Variant{SKU: sku, Options: map[string]string{"color": "red"},
			Price: *amount("19.90"), Currency: "USD", Available: i == 0, Stock: &n})
	}
	return p
}

// Products tests products, variants and the revision.
func Products(t *testing.T, open Open) {
	db := open(t, "products")
	lamp, flask := product("lamp", "L-2", "L-1"), product("flask", "F-1")
	flask.Variants[0].Stock = nil
	revision := func() (n int64) {
		view(t, db, func(tx *store.Tx) (err error) { n, err = store.In(tx, shop).Revision(); return err })
		return n
	}
	empty := revision()
	update(t, db, func(tx *store.Tx) error {
		r := store.In(tx, shop)
		_, err := r.SaveProduct(lamp)
		_, err2 := r.SaveProduct(flask)
		return errors.Join(err, err2)
	})
	filled := revision()
	if empty != 0 || filled <= empty {
		t.Errorf("revision %d, then %d", empty, filled)
	}
	view(t, db, func(tx *store.Tx) error {
		r := store.In(tx, shop)
		got, err := r.Product("lamp")
		same(t, "product", got, lamp)
		p, v, err2 := r.Variant("L-1")
		same(t, "variant's product", p, lamp)
		same(t, "variant", v, lamp.Variants[1])
		_, err3 := r.Product("kettle")
		_, _, err4 := r.Variant("K-1")
		if !errors.Is(err3, store.ErrNotFound) || !errors.Is(err4, store.ErrNotFound) {
			t.Errorf("unknown: %v, %v", err3, err4)
		}
		var all []catalog.Product
		err5 := r.Products(func(p catalog.Product) error { all = append(all, p); return nil })
		same(t, "all, by id", all, []catalog.Product{flask, lamp})
		stop := errors.New("stop")
		if err := r.Products(func(catalog.Product) error { return stop }); err != stop {
			t.Errorf("stopping: %v", err)
		}
		return errors.Join(err, err2, err5)
	})

	lamp.Version, lamp.Variants = 1, lamp.Variants[1:]
	update(t, db, func(tx *store.Tx) error {
		r := store.In(tx, shop)
		if v, err := r.SaveProduct(lamp); err != nil || v != 2 {
			t.Errorf("version %d, %v", v, err)
		}
		if _, _, err := r.Variant("L-2"); !errors.Is(err, store.ErrNotFound) {
			t.Errorf("a variant no longer sold: %v", err)
		}
		return nil
	})
	if now := revision(); now <= filled {
		t.Errorf("revision stayed %d", now)
	}
	if err := db.Update(t.Context(), func(tx *store.Tx) error {
		_, err := store.In(tx, shop).SaveProduct(product("other", "L-1"))
		return err
	}); err == nil {
		t.Error("two products have one SKU")
	}
}
