package feed

import (
	"bufio"
	"context"
	"encoding/csv"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"maps"
	"os"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/shopspring/decimal"

	"github.com/floorwalker/floorwalker/catalog"
	"github.com/floorwalker/floorwalker/catalog/store"
)

// Output says what is exported, and how.
type Output struct {
	Table    string // products, customers, orders, stock or activity
	Format   string // floorwalker, merchant or shopify; "" is floorwalker
	Currency string // the shop's, for formats that write it
	XML      bool   // a merchant feed as RSS instead of tab-separated rows
}

// writer writes one table.
type writer func(store.Records, io.Writer, Output) error

// writers are the tables that each format has.
func writers() map[string]map[string]writer {
	return map[string]map[string]writer{
		own: {
			"products":  func(r store.Records, w io.Writer, _ Output) error { return r.Products(toLines[catalog.Product](w)) },
			"customers": func(r store.Records, w io.Writer, _ Output) error { return r.Customers(toLines[catalog.Customer](w)) },
			"orders":    func(r store.Records, w io.Writer, _ Output) error { return r.Orders(toLines[catalog.Order](w)) },
			"stock":     exportStock,
			"activity":  exportActivity,
		},
		merchant: {"products": exportMerchant},
		shopify:  {"products": exportShopifyProducts, "orders": exportShopifyOrders},
	}
}

// Export writes a table of a shop to w as it was at one moment: in Floorwalker's own format
// products, customers and orders in JSON lines, stock and activity in CSV.
func Export(ctx context.Context, db store.DB, shop string, out Output, w io.Writer) error {
	if out.Format == "" {
		out.Format = own
	}
	tables, ok := writers()[out.Format]
	if !ok {
		return fmt.Errorf("format %q is unknown: use %s", out.Format, strings.Join(slices.Sorted(maps.Keys(writers())), ", "))
	}
	write, ok := tables[out.Table]
	if !ok {
		return fmt.Errorf("format %s has no table %q: use %s", out.Format, out.Table, strings.Join(slices.Sorted(maps.Keys(tables)), ", "))
	}
	buffered := bufio.NewWriter(w)
	err := db.View(ctx, func(tx *store.Tx) error { return write(store.In(tx, shop), buffered, out) })
	if err == nil {
		err = buffered.Flush()
	}
	if err != nil {
		return fmt.Errorf("exporting %s of shop %s: %w", out.Table, shop, err)
	}
	return nil
}

// ExportFile exports into a file, which is there whole or, after an error, as it was before.
func ExportFile(ctx context.Context, db store.DB, shop string, out Output, path string) (err error) {
	f, err := os.CreateTemp(filepath.Dir(path), "."+filepath.Base(path)+"-*")
	if err != nil {
		return fmt.Errorf("exporting %s: %w", out.Table, err)
	}
	defer func() {
		if err != nil {
			err = errors.Join(err, os.Remove(f.Name()))
		}
	}()
	err = Export(ctx, db, shop, out, f)
	if err == nil {
		err = f.Sync()
	}
	if err = errors.Join(err, f.Close()); err != nil {
		return err
	}
	return os.Rename(f.Name(), path)
}

func toLines[T any](w io.Writer) func(T) error {
	out := json.NewEncoder(w)
	out.SetEscapeHTML(false)
	return func(record T) error { return out.Encode(record) }
}

func exportStock(r store.Records, w io.Writer, _ Output) error {
	out := csv.NewWriter(w)
	if err := out.Write(stockColumns.known); err != nil {
		return err
	}
	err := r.StockLevels(func(l catalog.StockLevel) error {
		return out.Write([]string{l.SKU, l.Location, strconv.Itoa(l.OnHand), strconv.Itoa(l.Reserved), strconv.Itoa(l.Incoming), l.IncomingAt})
	})
	out.Flush()
	return errors.Join(err, out.Error())
}

func exportActivity(r store.Records, w io.Writer, _ Output) error {
	out := csv.NewWriter(w)
	if err := out.Write(activityColumns.known); err != nil {
		return err
	}
	err := r.Activities(func(a catalog.Activity) error {
		return out.Write([]string{a.Customer, a.Product, a.Kind, strconv.Itoa(a.Quantity),
			written(a.Price), a.Time.UTC().Format(time.RFC3339Nano)})
	})
	out.Flush()
	return errors.Join(err, out.Error())
}

// written is an amount with the decimals that it has.
func written(d decimal.Decimal) string { return d.StringFixed(max(0, -d.Exponent())) }
