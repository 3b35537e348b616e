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

	"github.com/floorwalker/floorwalker/catalog"
	"github.com/floorwalker/floorwalker/catalog/store"
)

// tables write one table each.
func tables() map[string]func(store.Records, io.Writer) error {
	return map[string]func(store.Records, io.Writer) error{
		"products":  func(r store.Records, w io.Writer) error { return r.Products(toLines[catalog.Product](w)) },
		"customers": func(r store.Records, w io.Writer) error { return r.Customers(toLines[catalog.Customer](w)) },
		"orders":    func(r store.Records, w io.Writer) error { return r.Orders(toLines[catalog.Order](w)) },
		"stock":     exportStock,
		"activity":  exportActivity,
	}
}

// Export writes a table of a shop to w as it was at one moment, in Floorwalker's own format:
// products, customers and orders in JSON lines, stock and activity in CSV.
func Export(ctx context.Context, db store.DB, shop, table string, w io.Writer) error {
	write, ok := tables()[table]
	if !ok {
		return fmt.Errorf("table %q is unknown: use %s", table, strings.Join(slices.Sorted(maps.Keys(tables())), ", "))
	}
	buffered := bufio.NewWriter(w)
	err := db.View(ctx, func(tx *store.Tx) error { return write(store.In(tx, shop), buffered) })
	if err == nil {
		err = buffered.Flush()
	}
	if err != nil {
		return fmt.Errorf("exporting %s of shop %s: %w", table, shop, err)
	}
	return nil
}

// ExportFile exports into a file, which is there whole or, after an error, as it was before.
func ExportFile(ctx context.Context, db store.DB, shop, table, path string) (err error) {
	f, err := os.CreateTemp(filepath.Dir(path), "."+filepath.Base(path)+"-*")
	if err != nil {
		return fmt.Errorf("exporting %s: %w", table, err)
	}
	defer func() {
		if err != nil {
			err = errors.Join(err, os.Remove(f.Name()))
		}
	}()
	err = Export(ctx, db, shop, table, f)
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

func exportStock(r store.Records, w io.Writer) error {
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

func exportActivity(r store.Records, w io.Writer) error {
	out := csv.NewWriter(w)
	if err := out.Write(activityColumns.known); err != nil {
		return err
	}
	err := r.Activities(func(a catalog.Activity) error {
		return out.Write([]string{a.Customer, a.Product, a.Kind, strconv.Itoa(a.Quantity),
			a.Price.StringFixed(max(0, -a.Price.Exponent())), a.Time.UTC().Format(time.RFC3339Nano)})
	})
	out.Flush()
	return errors.Join(err, out.Error())
}
