package sqlite_test

import (
	"path/filepath"
	"testing"

	"github.com/floorwalker/floorwalker/catalog/store"
	"github.com/floorwalker/floorwalker/catalog/store/sqlite"
	"github.com/floorwalker/floorwalker/catalog/store/storetest"
)

func TestSuite(t *testing.T) {
	dir := t.TempDir()
	storetest.Run(t, func(t *testing.T, name string, sets ...store.MigrationSet) store.DB {
		return open(t, filepath.Join(dir, name+".db"), sets...)
	})
}

func open(t testing.TB, path string, sets ...store.MigrationSet) *sqlite.DB {
	t.Helper()
	db, err := sqlite.Open(t.Context(), path, sets...)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		if err := db.Close(); err != nil {
			t.Error(err)
		}
	})
	return db
}
