package feed_test

import (
	"bytes"
	"fmt"
	"path/filepath"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/floorwalker/floorwalker/catalog"
	"github.com/floorwalker/floorwalker/catalog/feed"
	"github.com/floorwalker/floorwalker/catalog/store"
)

// TestImportAndExportBesideAServer imports and exports on handles of their own, as other
// processes would, while shoppers' orders are being written.
func TestImportAndExportBesideAServer(t *testing.T) {
	path := filepath.Join(t.TempDir(), "f.db")
	server, importer, exporter := open(t, path), open(t, path), open(t, path)
	bring(t, server, folder("customers.jsonl", shopper))

	const products = 3000
	var all sync.WaitGroup
	done := make(chan struct{})
	var orders int
	var longest time.Duration
	all.Go(func() {
		for ; ; orders++ {
			select {
			case <-done:
				return
			default:
			}
			start := time.Now()
			if err := server.Update(t.Context(), func(tx *store.Tx) error {
				_, err := store.In(tx, "demo").SaveOrder(catalog.Order{ID: fmt.Sprint(orders), Customer: "mary", Status: "pending"})
				return err
			}); err != nil {
				t.Errorf("order %d: %v", orders, err)
			}
			longest = max(longest, time.Since(start))
		}
	})
	all.Go(func() {
		for {
			select {
			case <-done:
				return
			default:
			}
			var out bytes.Buffer
			if err := feed.Export(t.Context(), exporter, "demo", feed.Output{Table: "products"}, &out); err != nil {
				t.Error(err)
			} else if n := strings.Count(out.String(), "\n"); n != 0 && n != products {
				t.Errorf("an export saw %d of %d products", n, products)
			}
		}
	})
	report := bring(t, importer, synthetic(products))
	close(done)
	all.Wait()
	if report.Tables[0].Added != products || strings.Count(exported(t, server, "orders"), "\n") != orders {
		t.Errorf("%+v, %d orders", report.Tables, orders)
	}
	t.Logf("%d orders were written meanwhile; the longest took %v", orders, longest)
}
