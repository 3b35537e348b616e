package feed

import (
	"context"
	"crypto/rand"
	"errors"
	"fmt"
	"maps"
	"slices"
	"strings"
	"time"
	"unicode/utf8"

	"github.com/floorwalker/floorwalker/catalog/store"
)

// ErrRefused means that what came is no record of the table, or none that can be kept.
var ErrRefused = errors.New("refused")

// What a record put in was to the store.
const (
	Added     = "added"
	Updated   = "updated"
	Unchanged = "unchanged"
)

// Done is what became of one record put in.
type Done struct {
	ID      string `json:"id"`
	Result  string `json:"result"`            // added, updated, unchanged
	Cleaned string `json:"cleaned,omitempty"` // what was put right
}

// Put brings one record in: a JSON object as a line of the table's file has it, for stock and
// activity with the columns as fields. It goes the way of an import of one row: it replaces the
// record of its id whole. An error that wraps ErrRefused says why it is none.
func Put(ctx context.Context, db store.DB, shop, table string, object []byte, now time.Time) (Done, error) {
	read, ok := records()[table]
	if !ok {
		return Done{}, fmt.Errorf("%w: table %q is unknown: use %s", ErrRefused, table,
			strings.Join(slices.Sorted(maps.Keys(records())), ", "))
	}
	if len(object) > lineLimit || !utf8.Valid(object) {
		return Done{}, fmt.Errorf("%w: want UTF-8 of at most %d bytes", ErrRefused, lineLimit)
	}
	r := &row{}
	id, put := jsonLines(read)().decode(string(object), r)
	if r.refused != "" {
		return Done{}, fmt.Errorf("%w: %s", ErrRefused, r.refused)
	}
	var applied store.Applied
	err := db.Update(ctx, func(tx *store.Tx) error {
		s := store.Stage(tx, shop, rand.Text())
		if err := s.Begin(now); err != nil {
			return err
		}
		if _, err := put(s, 1); err != nil {
			return err
		}
		var err error
		applied, err = s.Apply(now)
		if err == nil && len(applied.Refusals) > 0 {
			err = fmt.Errorf("%w: %s", ErrRefused, applied.Refusals[0].Reason)
		}
		return err
	})
	if errors.Is(err, store.ErrSKUTaken) {
		err = fmt.Errorf("%w: %w", ErrRefused, err)
	}
	if err != nil {
		return Done{}, fmt.Errorf("%s %s of shop %s: %w", table, quoted(id), shop, err)
	}
	return Done{ID: id, Result: resultOf(applied.Counts[table]), Cleaned: strings.Join(r.cleaned, "; ")}, nil
}

func records() map[string]func(object) (string, stager) {
	return map[string]func(object) (string, stager){
		"products": product, "customers": customer, "orders": order, "stock": stock, "activity": activity,
	}
}

func resultOf(c store.Count) string {
	switch {
	case c.Added > 0:
		return Added
	case c.Updated > 0:
		return Updated
	}
	return Unchanged
}
