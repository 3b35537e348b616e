package journal_test

import (
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/floorwalker/floorwalker/catalog/store"
	"github.com/floorwalker/floorwalker/catalog/store/sqlite"
	"github.com/floorwalker/floorwalker/dialog/journal"
	"github.com/floorwalker/floorwalker/dialog/journal/journaltest"
)

func openDB(t *testing.T, path string) *sqlite.DB {
	t.Helper()
	db, err := sqlite.Open(t.Context(), path, journal.Migrations())
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { db.Close() })
	return db
}

func newFile(t *testing.T) string { return filepath.Join(t.TempDir(), "shop.db") }

func inMemory(_ *testing.T, now func() time.Time) journal.Journal {
	return journal.NewMemory("epoch-1", now)
}

func inSQL(t *testing.T, now func() time.Time) journal.Journal {
	return journal.NewSQL(openDB(t, newFile(t)), new(journal.Hub), now)
}

func TestMemory(t *testing.T) { journaltest.Test(t, inMemory) }

func TestSQL(t *testing.T) { journaltest.Test(t, inSQL) }

func TestSQLDoesWhatMemoryDoes(t *testing.T) {
	path, db := newFile(t), (*sqlite.DB)(nil)
	var now func() time.Time
	open := func(t *testing.T, n func() time.Time) journal.Journal {
		now, db = n, openDB(t, path)
		return journal.NewSQL(db, nil, now)
	}
	journaltest.Model(t, open, func(journal.Journal) journal.Journal {
		if err := db.Close(); err != nil {
			t.Fatal(err)
		}
		return open(t, now)
	})
}

func TestEventOfANewerEncodingIsRefusedByName(t *testing.T) {
	db := openDB(t, newFile(t))
	j := journal.NewSQL(db, nil, new(journaltest.Clock).Now)
	if err := j.Begin(t.Context(), journaltest.Conversation("demo", "c1")); err != nil {
		t.Fatal(err)
	}
	if _, _, err := j.Say(t.Context(), "demo", "c1", "m1", journaltest.Said("m1", "hi")); err != nil {
		t.Fatal(err)
	}
	err := db.Update(t.Context(), func(tx *store.Tx) error {
		_, err := tx.Exec(`UPDATE events SET v = 7`)
		return err
	})
	if err != nil {
		t.Fatal(err)
	}
	if _, err = j.Read(t.Context(), "demo", "c1", 0, 10); err == nil || !strings.Contains(err.Error(), "encoding 7") {
		t.Errorf("reading it: %v, want an error that names encoding 7", err)
	}
}
