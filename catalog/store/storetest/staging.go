package storetest

import (
	"errors"
	"testing"
	"time"

	"github.com/floorwalker/floorwalker/catalog"
	"github.com/floorwalker/floorwalker/catalog/store"
)

// Staging tests imports.
func Staging(t *testing.T, open Open) {
	db := open(t, "staging")
	now := time.Date(2026, 1, 2, 3, 4, 5, 0, time.UTC)
	stage := func(id string, fn func(store.Staging) error) {
		t.Helper()
		update(t, db, func(tx *store.Tx) error {
			s := store.Stage(tx, shop, id)
			return errors.Join(s.Begin(now), fn(s))
		})
	}
	apply := func(id string) (a store.Applied) {
		t.Helper()
		update(t, db, func(tx *store.Tx) (err error) { a, err = store.Stage(tx, shop, id).Apply(now); return err })
		return a
	}
	want := func(a store.Applied, table string, count store.Count) {
		t.Helper()
		if a.Counts[table] != count {
			t.Errorf("%s: %+v, want %+v", table, a.Counts[table], count)
		}
	}
	version := func(product string) (v int64, stock int) {
		t.Helper()
		view(t, db, func(tx *store.Tx) error {
			p, err := store.In(tx, shop).Product(product)
			if p.Variants[0].Stock != nil {
				stock = *p.Variants[0].Stock
			}
			v = p.Version
			return err
		})
		return v, stock
	}
	rows := func(s store.Staging) error {
		_, err := s.Product(1, product("lamp", "L-1"))
		replaced, err2 := s.Product(3, product("lamp", "L-1", "L-2"))
		if replaced != 1 {
			t.Errorf("line 3 replaced line %d, not 1", replaced)
		}
		if _, err := s.Product(4, product("copy", "C-1", "L-2")); !errors.Is(err, store.ErrSKUTaken) {
			t.Errorf("two products have one SKU: %v", err)
		}
		_, err3 := s.Product(5, product("flask", "F-1"))
		_, err4 := s.Customer(1, customer("mary", "m@example.com", ""))
		_, err5 := s.Order(1, order("#1", "mary", now))
		_, err6 := s.Order(2, order("#2", "nobody", now))
		return errors.Join(err, err2, err3, err4, err5, err6)
	}

	stage("first", rows)
	view(t, db, func(tx *store.Tx) error {
		r := store.In(tx, shop)
		if _, err := r.Product("lamp"); !errors.Is(err, store.ErrNotFound) {
			t.Errorf("a staged product is seen: %v", err)
		}
		if filled, err := r.Filled(); filled || err != nil {
			t.Errorf("filled before anything is applied: %v", err)
		}
		return nil
	})
	a := apply("first")
	want(a, "products", store.Count{Added: 2})
	want(a, "customers", store.Count{Added: 1})
	want(a, "orders", store.Count{Added: 1, Refused: 1})
	if len(a.Refusals) != 1 || a.Refusals[0].Line != 2 || a.Refusals[0].ID != "#2" {
		t.Errorf("refusals %+v", a.Refusals)
	}

	stage("again", rows)
	a = apply("again")
	want(a, "products", store.Count{Unchanged: 2})
	want(a, "orders", store.Count{Unchanged: 1, Refused: 1})
	if v, _ := version("lamp"); v != 1 {
		t.Errorf("an unchanged product has version %d", v)
	}

	// Stock of a product that isn't imported, in two places; then the product again.
	stage("stock", func(s store.Staging) error {
		_, err := s.Stock(2, catalog.StockLevel{SKU: "F-1", Location: "a", OnHand: 7, Reserved: 2})
		_, err2 := s.Stock(3, catalog.StockLevel{SKU: "F-1", Location: "b", OnHand: 3})
		_, err3 := s.Stock(4, catalog.StockLevel{SKU: "X-9", OnHand: 3})
		return errors.Join(err, err2, err3)
	})
	a = apply("stock")
	want(a, "stock", store.Count{Added: 2, Refused: 1})
	if v, n := version("flask"); v != 2 || n != 8 {
		t.Errorf("after stock came, the flask has version %d and stock %d, want 2 and 8", v, n)
	}
	stage("product", rows)
	want(apply("product"), "products", store.Count{Unchanged: 2})
	if v, n := version("flask"); v != 2 || n != 8 {
		t.Errorf("importing the flask again made version %d and stock %d, want 2 and 8", v, n)
	}

	// A SKU moves from one product to another, and can't be taken from one left alone.
	stage("move", func(s store.Staging) error {
		_, err := s.Product(1, product("lamp", "L-1"))
		_, err2 := s.Product(2, product("spare", "L-2"))
		_, err3 := s.Product(3, product("thief", "F-1"))
		return errors.Join(err, err2, err3)
	})
	a = apply("move")
	want(a, "products", store.Count{Added: 1, Updated: 1, Refused: 1})
	view(t, db, func(tx *store.Tx) error {
		p, _, err := store.In(tx, shop).Variant("L-2")
		if p.ID != "spare" {
			t.Errorf("L-2 is a variant of %q", p.ID)
		}
		p, _, err2 := store.In(tx, shop).Variant("F-1")
		if p.ID != "flask" {
			t.Errorf("F-1 is a variant of %q", p.ID)
		}
		return errors.Join(err, err2)
	})

	// What a killed import left is gone a day later.
	stage("killed", rows)
	now = now.Add(25 * time.Hour)
	stage("next", func(store.Staging) error { return nil })
	view(t, db, func(tx *store.Tx) error {
		var left int
		err := tx.QueryRow(`SELECT (SELECT count(*) FROM staged_products) + (SELECT count(*) FROM imports)`).Scan(&left)
		if left != 1 {
			t.Errorf("%d rows of imports are left, want 1", left)
		}
		return err
	})
}
