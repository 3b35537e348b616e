package sqlite_test

import (
	"errors"
	"os"
	"path/filepath"
	"strings"
	"sync"
	"testing"

	"github.com/floorwalker/floorwalker/catalog/store"
	"github.com/floorwalker/floorwalker/catalog/store/sqlite"
)

// A copy that is made while others write is of one moment: two records that are always changed
// together agree.
func TestCopyIsOfOneMoment(t *testing.T) {
	dir := t.TempDir()
	path := filepath.Join(dir, "a shop's % data.db")
	db := open(t, path)
	save := func(value string) error {
		return db.Update(t.Context(), func(tx *store.Tx) error {
			for _, half := range []string{"left", "right"} {
				_, err := tx.Exec(`INSERT INTO meta (key, value) VALUES (?, ?) ON CONFLICT (key) DO UPDATE SET value = excluded.value`, half, value)
				if err != nil {
					return err
				}
			}
			return nil
		})
	}
	if err := save("0"); err != nil {
		t.Fatal(err)
	}
	stop := make(chan struct{})
	var writing sync.WaitGroup
	writing.Go(func() {
		for n := 0; ; n++ {
			select {
			case <-stop:
				return
			default:
			}
			if err := save(strings.Repeat("x", n%500)); err != nil {
				t.Error(err)
				return
			}
		}
	})
	for _, name := range []string{"1.db", "2.db", "3.db"} {
		into := filepath.Join(dir, name)
		if err := sqlite.Copy(t.Context(), path, into); err != nil {
			t.Fatal(err)
		}
		if err := sqlite.Check(t.Context(), into); err != nil {
			t.Fatal(err)
		}
		copied := open(t, into)
		var values int
		err := copied.View(t.Context(), func(tx *store.Tx) error {
			return tx.QueryRow(`SELECT COUNT(DISTINCT value) FROM meta WHERE key IN ('left', 'right')`).Scan(&values)
		})
		if values != 1 {
			t.Errorf("%s has the halves with %d values", name, values)
		}
		if err != nil || copied.Epoch() != db.Epoch() {
			t.Errorf("%v, epoch %s, want %s", err, copied.Epoch(), db.Epoch())
		}
	}
	close(stop)
	writing.Wait()
}

func TestCopyTells(t *testing.T) {
	dir := t.TempDir()
	path := filepath.Join(dir, "shop.db")
	db := open(t, path)
	facts, err := sqlite.Describe(t.Context(), path, store.Migrations())
	want, wrong := store.Migrations().Version()
	if err != nil || wrong != nil || facts.Epoch != db.Epoch() || facts.Schema["store"] != want || want < 11 {
		t.Errorf("%+v, %v, %v, want epoch %s and version %d", facts, err, wrong, db.Epoch(), want)
	}
	if err := sqlite.Copy(t.Context(), filepath.Join(dir, "none.db"), filepath.Join(dir, "copy.db")); !errors.Is(err, os.ErrNotExist) {
		t.Error(err)
	}
	if _, err := os.Stat(filepath.Join(dir, "none.db")); err == nil {
		t.Error("looking for a database has made one")
	}
	whole := filepath.Join(dir, "whole.db")
	if err := sqlite.Copy(t.Context(), path, whole); err != nil {
		t.Fatal(err)
	}
	broken, err := os.ReadFile(whole)
	if err != nil {
		t.Fatal(err)
	}
	for i := 8192; i < 12288; i++ {
		broken[i] = 0xff
	}
	damaged := filepath.Join(dir, "damaged.db")
	if err := os.WriteFile(damaged, broken, 0o600); err != nil {
		t.Fatal(err)
	}
	if err := sqlite.Check(t.Context(), damaged); err == nil {
		t.Error("a damaged database passes the check")
	}
}

func TestTablesOfALaterVersionAreRefused(t *testing.T) {
	path := filepath.Join(t.TempDir(), "shop.db")
	db, err := sqlite.Open(t.Context(), path)
	if err != nil {
		t.Fatal(err)
	}
	err = db.Update(t.Context(), func(tx *store.Tx) error {
		_, err := tx.Exec(`INSERT INTO migrations_store (version_id, is_applied) VALUES (999, 1)`)
		return err
	})
	if err := errors.Join(err, db.Close()); err != nil {
		t.Fatal(err)
	}
	if _, err := sqlite.Open(t.Context(), path); err == nil || !strings.Contains(err.Error(), "999") {
		t.Errorf("opened: %v", err)
	}
}

func TestAlone(t *testing.T) {
	path := filepath.Join(t.TempDir(), "shop.db")
	db, err := sqlite.Open(t.Context(), path)
	if err != nil {
		t.Fatal(err)
	}
	if err := sqlite.Alone(t.Context(), path); !errors.Is(err, sqlite.ErrInUse) {
		t.Errorf("while it's open: %v", err)
	}
	if err := db.Update(t.Context(), func(*store.Tx) error { return nil }); err != nil {
		t.Errorf("asking disturbs who has it open: %v", err)
	}
	if err := db.Close(); err != nil {
		t.Fatal(err)
	}
	if err := sqlite.Alone(t.Context(), path); err != nil {
		t.Errorf("after it was closed: %v", err)
	}
}
