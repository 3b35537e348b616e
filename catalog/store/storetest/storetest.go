// Package storetest holds every implementation of [store.DB] to its contract.
package storetest

import (
	"context"
	"errors"
	"fmt"
	"sync"
	"testing"

	"github.com/floorwalker/floorwalker/catalog/store"
)

// Open opens the database of a test, the same one if called again with the same name, with
// the given sets besides the store's own.
type Open func(t *testing.T, name string, sets ...store.MigrationSet) store.DB

// Run runs the whole suite.
func Run(t *testing.T, open Open) {
	t.Run("Transactions", func(t *testing.T) { Transactions(t, open) })
	t.Run("Records", func(t *testing.T) { Records(t, open) })
	t.Run("Products", func(t *testing.T) { Products(t, open) })
	t.Run("Staging", func(t *testing.T) { Staging(t, open) })
	t.Run("Pruning", func(t *testing.T) { Pruning(t, open) })
}

// Transactions tests what DB promises.
func Transactions(t *testing.T, open Open) {
	ctx := t.Context()

	t.Run("an error leaves nothing and comes back as it is", func(t *testing.T) {
		db := open(t, "error")
		mine := errors.New("mine")
		err := db.Update(ctx, func(tx *store.Tx) error {
			put(t, tx, "a", "1")
			return mine
		})
		if err != mine {
			t.Errorf("got error %v, want the function's own", err)
		}
		if got := get(t, db, "a"); got != "" {
			t.Errorf("a refused write left %q", got)
		}
	})

	t.Run("a panic leaves nothing, reaches the caller, and writing goes on", func(t *testing.T) {
		db := open(t, "panic")
		func() {
			defer func() {
				if recover() == nil {
					t.Error("the panic did not reach the caller")
				}
			}()
			_ = db.Update(ctx, func(tx *store.Tx) error { put(t, tx, "a", "1"); panic("stop") })
		}()
		update(t, db, func(tx *store.Tx) error { put(t, tx, "b", "2"); return nil })
		if a, b := get(t, db, "a"), get(t, db, "b"); a != "" || b != "2" {
			t.Errorf("a=%q b=%q, want only b", a, b)
		}
	})

	t.Run("writers at once each get their own outcome", func(t *testing.T) {
		db := open(t, "many")
		var all sync.WaitGroup
		errs := make([]error, 200)
		for i := range errs {
			all.Go(func() {
				errs[i] = db.Update(ctx, func(tx *store.Tx) error {
					put(t, tx, fmt.Sprint("k", i), "1")
					if i%3 == 0 {
						return fmt.Errorf("writer %d refuses", i)
					}
					return nil
				})
			})
		}
		all.Wait()
		for i, err := range errs {
			kept := get(t, db, fmt.Sprint("k", i)) == "1"
			if refused := i%3 == 0; kept == refused || (err != nil) != refused {
				t.Errorf("writer %d: error %v, kept %t", i, err, kept)
			}
		}
	})

	t.Run("no write is lost when many read and write one value", func(t *testing.T) {
		db := open(t, "count")
		var all sync.WaitGroup
		for range 50 {
			all.Go(func() {
				update(t, db, func(tx *store.Tx) error {
					var n int
					if err := tx.QueryRow(`SELECT count(*) FROM meta WHERE key LIKE 'n%'`).Scan(&n); err != nil {
						return err
					}
					put(t, tx, fmt.Sprint("n", n), "1")
					return nil
				})
			})
		}
		all.Wait()
		if got := get(t, db, "n49"); got != "1" {
			t.Error("50 counted writes did not reach 50")
		}
	})

	t.Run("a view is one snapshot and writes nothing", func(t *testing.T) {
		db := open(t, "view")
		update(t, db, func(tx *store.Tx) error { put(t, tx, "a", "old"); return nil })
		err := db.View(ctx, func(tx *store.Tx) error {
			before := value(t, tx, "a")
			update(t, db, func(tx *store.Tx) error { put(t, tx, "a", "new"); return nil })
			if after := value(t, tx, "a"); before != "old" || after != "old" {
				t.Errorf("within a view a changed from %q to %q", before, after)
			}
			return nil
		})
		if err != nil {
			t.Error(err)
		}
		if got := get(t, db, "a"); got != "new" {
			t.Errorf("after the view a is %q", got)
		}
		if err := db.View(ctx, func(tx *store.Tx) error {
			_, err := tx.Exec(`DELETE FROM meta`)
			return err
		}); err == nil {
			t.Error("a view could delete")
		}
	})

	t.Run("a caller who gave up writes nothing and takes nobody else down", func(t *testing.T) {
		db := open(t, "cancel")
		gone, cancel := context.WithCancel(ctx)
		err := db.Update(gone, func(tx *store.Tx) error {
			put(t, tx, "a", "1")
			cancel()
			_, err := tx.Exec(`DELETE FROM meta WHERE key = 'b'`)
			return err
		})
		if !errors.Is(err, context.Canceled) {
			t.Errorf("got %v, want context.Canceled", err)
		}
		if err := db.Update(gone, func(tx *store.Tx) error { put(t, tx, "a", "2"); return nil }); !errors.Is(err, context.Canceled) {
			t.Errorf("got %v, want context.Canceled", err)
		}
		update(t, db, func(tx *store.Tx) error { put(t, tx, "b", "2"); return nil })
		if a, b := get(t, db, "a"), get(t, db, "b"); a != "" || b != "2" {
			t.Errorf("a=%q b=%q, want only b", a, b)
		}
	})

	t.Run("the epoch stays", func(t *testing.T) {
		first := open(t, "epoch").Epoch()
		if again := open(t, "epoch").Epoch(); first == "" || first != again {
			t.Errorf("epoch %q, then %q", first, again)
		}
		if other := open(t, "other").Epoch(); other == first {
			t.Error("two databases share an epoch")
		}
	})

	t.Run("a query may run again while its rows are read", func(t *testing.T) {
		db := open(t, "nested")
		update(t, db, func(tx *store.Tx) error {
			for i := range 5 {
				put(t, tx, fmt.Sprint("x", i), "v")
			}
			const query = `SELECT key FROM meta WHERE key LIKE 'x%' ORDER BY key`
			rows, err := tx.Query(query)
			if err != nil {
				return err
			}
			defer rows.Close()
			n := 0
			for rows.Next() {
				var outer, inner string
				if err := rows.Scan(&outer); err != nil {
					return err
				}
				if err := tx.QueryRow(query).Scan(&inner); err != nil || inner != "x0" || outer != fmt.Sprint("x", n) {
					t.Errorf("row %d: outer %q, inner %q, error %v", n, outer, inner, err)
				}
				n++
			}
			if n != 5 {
				t.Errorf("read %d rows of 5", n)
			}
			return rows.Err()
		})
	})

	t.Run("after Close", func(t *testing.T) {
		db := open(t, "closed")
		if err := db.Close(); err != nil {
			t.Fatal(err)
		}
		none := func(*store.Tx) error { return nil }
		if err := db.Update(ctx, none); !errors.Is(err, store.ErrUnavailable) {
			t.Errorf("Update: %v, want ErrUnavailable", err)
		}
		if err := db.View(ctx, none); !errors.Is(err, store.ErrUnavailable) {
			t.Errorf("View: %v, want ErrUnavailable", err)
		}
		if err := db.Close(); err != nil {
			t.Errorf("closing again: %v", err)
		}
	})
}

func update(t *testing.T, db store.DB, fn func(*store.Tx) error) {
	t.Helper()
	if err := db.Update(t.Context(), fn); err != nil {
		t.Errorf("Update: %v", err)
	}
}

func view(t *testing.T, db store.DB, fn func(*store.Tx) error) {
	t.Helper()
	if err := db.View(t.Context(), fn); err != nil {
		t.Errorf("View: %v", err)
	}
}

func put(t *testing.T, tx *store.Tx, key, value string) {
	t.Helper()
	if _, err := tx.Exec(`INSERT INTO meta (key, value) VALUES (?, ?)
		ON CONFLICT (key) DO UPDATE SET value = excluded.value`, key, value); err != nil && tx.Context().Err() == nil {
		t.Errorf("writing %s: %v", key, err)
	}
}

func value(t *testing.T, tx *store.Tx, key string) string {
	t.Helper()
	var v string
	if err := tx.QueryRow(`SELECT coalesce(max(value), '') FROM meta WHERE key = ?`, key).Scan(&v); err != nil {
		t.Errorf("reading %s: %v", key, err)
	}
	return v
}

func get(t *testing.T, db store.DB, key string) (v string) {
	t.Helper()
	view(t, db, func(tx *store.Tx) error { v = value(t, tx, key); return nil })
	return v
}
