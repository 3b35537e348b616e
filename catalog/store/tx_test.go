package store_test

import (
	"testing"

	"github.com/floorwalker/floorwalker/catalog/store"
)

func TestDollar(t *testing.T) {
	for query, want := range map[string]string{
		`SELECT 1`: `SELECT 1`,
		`INSERT INTO a VALUES (?, ?) ON CONFLICT DO NOTHING`: `INSERT INTO a VALUES ($1, $2) ON CONFLICT DO NOTHING`,
		`SELECT '?', "?", 'it''s ?' WHERE a = ?`:             `SELECT '?', "?", 'it''s ?' WHERE a = $1`,
	} {
		if got := store.Dollar(query); got != want {
			t.Errorf("got %s, want %s", got, want)
		}
	}
}
