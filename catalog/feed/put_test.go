package feed_test

import (
	"errors"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/floorwalker/floorwalker/catalog"
	"github.com/floorwalker/floorwalker/catalog/feed"
	"github.com/floorwalker/floorwalker/catalog/store"
	"github.com/floorwalker/floorwalker/catalog/store/sqlite"
)

func TestPutBringsOneRecordIn(t *testing.T) {
	db, err := sqlite.Open(t.Context(), filepath.Join(t.TempDir(), "shop.db"), store.Migrations())
	if err != nil {
		t.Fatal(err)
	}
	defer db.Close()
	now := time.Date(2026, 11, 2, 20, 0, 0, 0, time.UTC)
	for _, c := range []struct{ table, object, want string }{
		{"products", `{"id":"mug","title":"Mug","category":["Home"],"variants":[{"sku":"M1","options":{},"price":"9.90","available":true}]}`, "added mug"},
		{"products", `{"id":"mug","title":"Mug","category":["Home"],"variants":[{"sku":"M1","options":{},"price":"9.90","available":true}]}`, "unchanged mug"},
		{"stock", `{"sku":"M1","location":"shelf","on_hand":4}`, "added M1"},
		{"stock", `{"sku":"M1","location":"shelf","on_hand":"3","reserved":1}`, "updated M1"},
		{"customers", `{"id":"ann","first_name":"Ann","last_name":"Lee","email":"ann@example.com"}`, "added ann"},
		{"orders", `{"id":"W1","customer":"ann","status":"pending","items":[{"sku":"M1","product":"mug","title":"Mug","price":"9.90"}]}`, "added W1"},
		{"orders", `{"id":"W1","customer":"ann","status":"shipped","items":[{"sku":"M1","product":"mug","title":"Mug","price":"9.90"}]}`, "updated W1"},
		{"activity", `{"customer":"ann","product":"mug","kind":"view","time":"2026-11-02T19:00:00Z"}`, "added ann/mug"},
		{"activity", `{"customer":"ann","product":"mug","kind":"view","time":"2026-11-02T19:00:00Z"}`, "unchanged ann/mug"},

		{"orders", `{"id":"W2","customer":"bob","status":"pending"}`, "refused: no customer"},
		{"stock", `{"sku":"M9","on_hand":4}`, "refused: no product"},
		{"stock", `{"sku":"M1","on_hand":-4}`, "refused: "},
		{"products", `{"id":"cup","title":"Cup","variants":[{"sku":"M1","price":"1","available":true}]}`, "refused: "},
		{"activity", `{"customer":"ann","product":"mug","kind":"stare","time":"2026-11-02T19:00:00Z"}`, "refused: kind"},
		{"products", `{"id":"cup"`, "refused: not one JSON object"},
		{"products", "{\"id\":\"\xff\"}", "refused: want UTF-8"},
		{"prices", `{}`, "refused: table"},
	} {
		done, err := feed.Put(t.Context(), db, "demo", c.table, []byte(c.object), now)
		if strings.HasPrefix(c.want, "refused") {
			if !errors.Is(err, feed.ErrRefused) || !strings.Contains(err.Error(), c.want) {
				t.Errorf("%s %s: %+v, %v; want %s", c.table, c.object, done, err, c.want)
			}
		} else if err != nil || done.Result+" "+done.ID != c.want {
			t.Errorf("%s %s: %+v, %v; want %s", c.table, c.object, done, err, c.want)
		}
	}
	err = db.View(t.Context(), func(tx *store.Tx) error {
		r := store.In(tx, "demo")
		_, v, err := r.Variant("M1")
		if err != nil || v.Stock == nil || *v.Stock != 2 {
			t.Errorf("stock of M1: %+v, %v", v, err)
		}
		o, err := r.Order("W1")
		if err != nil || o.Status != "shipped" || o.Version != 2 {
			t.Errorf("W1: %+v, %v", o, err)
		}
		n := 0
		err = errors.Join(err, r.Activities(func(catalog.Activity) error { n++; return nil }))
		if n != 1 {
			t.Errorf("%d activities", n)
		}
		return err
	})
	if err != nil {
		t.Fatal(err)
	}
}
