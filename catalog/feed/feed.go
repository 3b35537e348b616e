// Package feed brings a shop's records in and hands them out.
//
// [Import] reads the record files of a shop folder row by row. What can be put right without
// guessing is cleaned, what can't is refused, and both are told; a bad row never loses a
// good one. All good rows become records at once or, if anything stops the import, none.
// [Export] writes the same files.
//
// A format is Floorwalker's own, merchant or shopify. format.go lists their layouts and tells
// them by content; reader.go says what a reader of one makes, and one file each reads
// (merchant_xml.go) or writes (write_merchant.go) a layout. Products that stand in several rows
// are put together in group.go. Memory is bounded by the largest product, order or row.
package feed

import (
	"context"
	"crypto/rand"
	"errors"
	"fmt"
	"io/fs"
	"slices"
	"time"

	"github.com/floorwalker/floorwalker/catalog/store"
)

// noteLimit bounds the notes that a Report keeps; all are counted, and handed to Options.Note.
const noteLimit = 1000

// Options of an import. The zero value is usable but for Now.
type Options struct {
	Format   string         // floorwalker, merchant or shopify; "" tells it by content
	Currency string         // the shop's; "": amounts aren't compared with it
	Prune    bool           // remove the products that the files no longer have
	Most     bool           // … even if that is more than half of them
	Now      time.Time      // when the import begins
	Note     func(Note)     // told each note as it is made; nil: only the report has them
	Progress func(rows int) // told now and then how many rows are read; nil: nobody is

	changes *changes
}

// Kinds of notes.
const (
	Cleaned = "cleaned" // the record is there, with what was put right
	Refused = "refused" // the row is no record
	Skipped = "skipped" // the row isn't meant to be one: a draft, a product that isn't published
	Removed = "removed" // the product went, because the files no longer have it
)

// Note is what was done to one row.
type Note struct {
	File    string `json:"file"`
	Line    int    `json:"line"`
	ID      string `json:"id,omitempty"`
	Kind    string `json:"kind"`
	Message string `json:"message"`
}

func (n Note) String() string {
	id := ""
	if n.ID != "" {
		id = " " + n.ID
	}
	if n.Line == 0 {
		return fmt.Sprintf("%s:%s %s: %s", n.File, id, n.Kind, n.Message)
	}
	return fmt.Sprintf("%s:%d:%s %s: %s", n.File, n.Line, id, n.Kind, n.Message)
}

// Report tells what an import did.
type Report struct {
	Tables []Table `json:"tables"` // those that had a file
	Notes  []Note  `json:"notes"`  // the first 1,000, by file and line

	// PricesChange is when the first sale price of a feed begins or ends: import again then.
	PricesChange *time.Time `json:"prices_change,omitempty"`
}

// Table is one table's part of an import. Read counts rows; Added, Updated, Unchanged and
// Removed records; Refused rows that are none, and Skipped rows that aren't meant to be;
// Cleaned rows that were changed; Replaced rows that a later one of the same id replaced;
// Joined rows that are one record with an earlier one, as variants of a product are. The
// customers of an order file have no rows of their own.
type Table struct {
	Name      string `json:"table"`
	File      string `json:"file"`
	Format    string `json:"format"` // what the file was taken for, in words
	Read      int    `json:"read"`
	Added     int    `json:"added"`
	Updated   int    `json:"updated"`
	Unchanged int    `json:"unchanged"`
	Cleaned   int    `json:"cleaned"`
	Refused   int    `json:"refused"`
	Skipped   int    `json:"skipped"`
	Replaced  int    `json:"replaced"`
	Joined    int    `json:"joined"`
	Removed   int    `json:"removed"`
}

// Refused is how many rows of all tables were refused.
func (r Report) Refused() (n int) {
	for _, t := range r.Tables {
		n += t.Refused
	}
	return n
}

// Import brings the record files at the root of from into a shop. It may run beside a
// server on the same database. After an error the shop's records are as they were.
func Import(ctx context.Context, db store.DB, shop string, from fs.FS, o Options) (Report, error) {
	report, err := run(ctx, db, shop, from, o, func(store.Records) error { return nil })
	if err != nil {
		return report, fmt.Errorf("importing into shop %s: %w", shop, err)
	}
	return report, nil
}

// FillOnce imports the record files of a shop folder if the shop never had records. filled
// says whether it did; a folder without record files fills nothing.
func FillOnce(ctx context.Context, db store.DB, shop string, from fs.FS, o Options) (report Report, filled bool, err error) {
	err = db.View(ctx, func(tx *store.Tx) (err error) {
		filled, err = store.In(tx, shop).Filled()
		return err
	})
	if err != nil || filled {
		return Report{}, false, err
	}
	report, err = run(ctx, db, shop, from, o, func(r store.Records) error {
		if filled, err := r.Filled(); err != nil || filled {
			return errors.Join(store.ErrFilled, err) // another process was quicker
		}
		return nil
	})
	switch {
	case errors.Is(err, ErrNoFiles), errors.Is(err, store.ErrFilled):
		return Report{}, false, nil
	case err != nil:
		return report, false, fmt.Errorf("filling shop %s: %w", shop, err)
	}
	return report, true, nil
}

// run stages all files and applies them if allow, asked in the same transaction, agrees.
func run(ctx context.Context, db store.DB, shop string, from fs.FS, o Options, allow func(store.Records) error) (Report, error) {
	files, err := filesOf(o.Format, from)
	if err != nil {
		return Report{}, err
	}
	if o.Prune && !slices.ContainsFunc(files, func(f source) bool { return f.layout.table == "products" }) {
		return Report{}, errors.New("nothing can be pruned without a file of products")
	}
	o.changes = &changes{now: o.Now}
	im := &importing{db: db, shop: shop, id: rand.Text(), options: o}
	if err := db.Update(ctx, func(tx *store.Tx) error { return im.stage(tx).Begin(o.Now) }); err != nil {
		return Report{}, err
	}
	for _, f := range files {
		if err := im.file(ctx, from, f); err != nil {
			return im.report, im.abandon(ctx, fmt.Errorf("%s: %w", f.name, err))
		}
	}
	if err := im.apply(ctx, allow); err != nil {
		return im.report, im.abandon(ctx, err)
	}
	if at := o.changes.first; !at.IsZero() {
		im.report.PricesChange = &at
	}
	return im.report, nil
}

// abandon clears what was staged, even if ctx has ended; what can't be cleared is not seen
// by anyone and cleared by a later import.
func (im *importing) abandon(ctx context.Context, cause error) error {
	ctx, cancel := context.WithTimeout(context.WithoutCancel(ctx), 10*time.Second)
	defer cancel()
	if err := im.db.Update(ctx, func(tx *store.Tx) error { return im.stage(tx).Drop() }); err != nil {
		return errors.Join(cause, err)
	}
	return cause
}

func (im *importing) apply(ctx context.Context, allow func(store.Records) error) error {
	var applied store.Applied
	var pruned store.Pruned
	err := im.db.Update(ctx, func(tx *store.Tx) (err error) {
		if err := allow(store.In(tx, im.shop)); err != nil {
			return err
		}
		if im.options.Prune {
			if pruned, err = im.prune(im.stage(tx)); err != nil {
				return err
			}
		}
		applied, err = im.stage(tx).Apply(im.options.Now)
		return err
	})
	if err != nil {
		return err
	}
	im.customersOfOrders(applied)
	files := map[string]string{}
	for i := range im.report.Tables {
		t := &im.report.Tables[i]
		c := applied.Counts[t.Name]
		t.Added, t.Updated, t.Unchanged = c.Added, c.Updated, c.Unchanged
		t.Refused += c.Refused
		files[t.Name] = t.File
		if t.Name == "products" {
			t.Removed = pruned.Products
		}
	}
	for _, r := range applied.Refusals {
		im.note(Note{File: files[r.Table], Line: r.Line, ID: r.ID, Kind: Refused, Message: r.Reason})
	}
	for _, id := range pruned.IDs {
		im.note(Note{File: files["products"], ID: id, Kind: Removed, Message: "no longer in the file"})
	}
	return nil
}

// customersOfOrders adds the table of those who came in with their orders.
func (im *importing) customersOfOrders(applied store.Applied) {
	named := func(name string) int {
		return slices.IndexFunc(im.report.Tables, func(t Table) bool { return t.Name == name })
	}
	orders := named("orders")
	if c := applied.Counts["customers"]; orders >= 0 && named("customers") < 0 && c.Added+c.Updated+c.Unchanged > 0 {
		o := im.report.Tables[orders]
		im.report.Tables = slices.Insert(im.report.Tables, orders, Table{Name: "customers", File: o.File, Format: o.Format})
	}
}
