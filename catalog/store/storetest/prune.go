package storetest

import (
	"errors"
	"slices"
	"testing"
	"time"

	"github.com/floorwalker/floorwalker/catalog"
	"github.com/floorwalker/floorwalker/catalog/store"
)

// Pruning tests that an import removes what it no longer has, and reads what it has staged.
func Pruning(t *testing.T, open Open) {
	db := open(t, "pruning")
	now := time.Date(2026, 1, 2, 3, 4, 5, 0, time.UTC)
	bring := func(id string, prune func(store.Staging) error, products ...catalog.Product) error {
		return db.Update(t.Context(), func(tx *store.Tx) error {
			s := store.Stage(tx, shop, id)
			if err := s.Begin(now); err != nil {
				return err
			}
			for i, p := range products {
				_, err := s.Product(i+1, p)
				_, err2 := s.Stock(i+1, catalog.StockLevel{SKU: p.Variants[0].SKU, Location: "main", OnHand: 3})
				if err := errors.Join(err, err2); err != nil {
					return err
				}
			}
			if err := prune(s); err != nil {
				return err
			}
			_, err := s.Apply(now)
			return err
		})
	}
	left := func() (ids, stock []string, revision int64) {
		t.Helper()
		view(t, db, func(tx *store.Tx) error {
			r := store.In(tx, shop)
			err := r.Products(func(p catalog.Product) error { ids = append(ids, p.ID); return nil })
			err2 := r.StockLevels(func(l catalog.StockLevel) error { stock = append(stock, l.SKU); return nil })
			var err3 error
			revision, err3 = r.Revision()
			return errors.Join(err, err2, err3)
		})
		return ids, stock, revision
	}
	nothing := func(store.Staging) error { return nil }
	if err := bring("one", nothing, product("a", "A"), product("b", "B"), product("c", "C"), product("d", "D")); err != nil {
		t.Fatal(err)
	}
	_, _, before := left()

	no := errors.New("no")
	err := bring("two", func(s store.Staging) error {
		_, err := s.Prune(nil, func(gone, all int) error {
			if gone != 3 || all != 4 {
				t.Errorf("%d of %d are gone, not 3 of 4", gone, all)
			}
			return no
		})
		return err
	}, product("a", "A"))
	if ids, _, _ := left(); !errors.Is(err, no) || len(ids) != 4 {
		t.Errorf("what wasn't allowed: %v, %v", err, ids)
	}

	var pruned store.Pruned
	if err := bring("three", func(s store.Staging) (err error) {
		p, line, err := s.StagedProduct("e")
		if err != nil || line != 2 || len(p.Variants) != 1 || p.Variants[0].SKU != "D" {
			t.Errorf("staged: %+v at %d, %v", p, line, err)
		}
		if _, _, err := s.StagedProduct("b"); !errors.Is(err, store.ErrNotFound) {
			t.Errorf("a product that isn't staged: %v", err)
		}
		owner, _, err := s.Variant("D")
		other, _, err2 := s.Variant("B")
		if err != nil || err2 != nil || owner != "e" || other != "b" {
			t.Errorf("SKU D is of %q, B of %q: %v, %v", owner, other, err, err2)
		}
		pruned, err = s.Prune([]string{"b"}, func(int, int) error { return nil })
		return err
	}, product("a", "A"), product("e", "D")); err != nil {
		t.Fatal(err)
	}
	ids, stock, after := left()
	if !slices.Equal(ids, []string{"a", "b", "e"}) || !slices.Equal(stock, []string{"A", "B", "D"}) || pruned.Products != 2 || !slices.Equal(pruned.IDs, []string{"c", "d"}) || after <= before {
		t.Errorf("left are %v with stock of %v, pruned %+v, revision %d after %d", ids, stock, pruned, after, before)
	}
}
