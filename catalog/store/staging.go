package store

import (
	"encoding/json"
	"errors"
	"fmt"
	"strings"
	"time"

	"github.com/shopspring/decimal"

	"github.com/floorwalker/floorwalker/catalog"
)

// ErrSKUTaken says that another product of the same import has a variant's SKU; it comes
// within a [TakenError].
var ErrSKUTaken = errors.New("another product has this SKU")

// TakenError names the SKU of an ErrSKUTaken.
type TakenError struct{ SKU string }

func (e *TakenError) Error() string { return fmt.Sprintf("SKU %q: %v", e.SKU, ErrSKUTaken) }

func (e *TakenError) Unwrap() error { return ErrSKUTaken }

// stagedFor is how long the rows of an import that was killed are kept.
const stagedFor = 24 * time.Hour

// Staging collects the rows of one import, over many short transactions, so that shoppers
// are served meanwhile; [Staging.Apply] then makes them records in one. Until then nothing of
// them is to be seen.
type Staging struct {
	tx   *Tx
	shop string
	id   string
}

// Stage returns the staging of an import. The id is the caller's, unique.
func Stage(tx *Tx, shop, id string) Staging { return Staging{tx: tx, shop: shop, id: id} }

// Begin notes the import, and forgets those that were killed long ago.
func (s Staging) Begin(now time.Time) error {
	old := now.Add(-stagedFor)
	for _, t := range stagedTables {
		if _, err := s.tx.Exec(`DELETE FROM `+t+` WHERE import IN (SELECT id FROM imports WHERE begun < ?)`, stamp(&old)); err != nil {
			return fmt.Errorf("clearing old imports: %w", err)
		}
	}
	if _, err := s.tx.Exec(`DELETE FROM imports WHERE begun < ?`, stamp(&old)); err != nil {
		return fmt.Errorf("clearing old imports: %w", err)
	}
	if _, err := s.tx.Exec(`INSERT INTO imports (id, begun) VALUES (?, ?)`, s.id, stamp(&now)); err != nil {
		return fmt.Errorf("beginning import %s: %w", s.id, err)
	}
	return nil
}

var stagedTables = []string{"staged_products", "staged_variants", "staged_customers", "staged_orders", "staged_stock", "staged_activity"}

// Drop forgets the import.
func (s Staging) Drop() error {
	for _, t := range stagedTables {
		if _, err := s.tx.Exec(`DELETE FROM `+t+` WHERE import = ?`, s.id); err != nil {
			return fmt.Errorf("clearing import %s: %w", s.id, err)
		}
	}
	if _, err := s.tx.Exec(`DELETE FROM imports WHERE id = ?`, s.id); err != nil {
		return fmt.Errorf("clearing import %s: %w", s.id, err)
	}
	return nil
}

// The methods below put a row beside the earlier ones and return the line of the row that
// it replaces, because it has the same key, or 0.

// Product stages a product. After ErrSKUTaken nothing of it stays, and an earlier row does.
func (s Staging) Product(line int, p catalog.Product) (replaced int, err error) {
	variants := p.Variants
	p.Variants = nil
	doc, err := json.Marshal(p)
	if err != nil {
		return 0, fmt.Errorf("encoding product %q: %w", p.ID, err)
	}
	if _, err := s.tx.Exec(`SAVEPOINT staged`); err != nil {
		return 0, err
	}
	replaced, err = s.put("staged_products", line, []column{{"id", p.ID}}, column{"change", 0}, column{"doc", string(doc)})
	if err == nil && replaced > 0 {
		_, err = s.tx.Exec(`DELETE FROM staged_variants WHERE import = ? AND product = ?`, s.id, p.ID)
	}
	for i := 0; i < len(variants) && err == nil; i++ {
		err = s.variant(p.ID, i, variants[i])
	}
	if errors.Is(err, ErrSKUTaken) {
		if _, e := s.tx.Exec(`ROLLBACK TO SAVEPOINT staged`); e != nil {
			return 0, e
		}
	}
	if err == nil || errors.Is(err, ErrSKUTaken) {
		_, e := s.tx.Exec(`RELEASE SAVEPOINT staged`)
		err = errors.Join(err, e)
	}
	return replaced, err
}

func (s Staging) variant(product string, position int, v catalog.Variant) error {
	row, err := encodeVariant(v)
	if err != nil {
		return fmt.Errorf("encoding variant %q: %w", v.SKU, err)
	}
	result, err := s.tx.Exec(`INSERT INTO staged_variants (import, sku, product, position, doc, price, available, stock)
		VALUES (?, ?, ?, ?, ?, ?, ?, ?) ON CONFLICT DO NOTHING`,
		s.id, v.SKU, product, position, row.doc, row.price, row.available, row.stock)
	if err != nil {
		return fmt.Errorf("staging variant %q: %w", v.SKU, err)
	}
	if n, err := result.RowsAffected(); err != nil || n == 0 {
		return errors.Join(&TakenError{v.SKU}, err)
	}
	return nil
}

// Customer stages a customer.
func (s Staging) Customer(line int, c catalog.Customer) (replaced int, err error) {
	doc, err := json.Marshal(c)
	if err != nil {
		return 0, fmt.Errorf("encoding customer %q: %w", c.ID, err)
	}
	return s.put("staged_customers", line, []column{{"id", c.ID}}, column{"email", foldEmail(c.Email)},
		column{"postal_code", foldPostalCode(c.Address.PostalCode)}, column{"doc", string(doc)})
}

// Order stages an order.
func (s Staging) Order(line int, o catalog.Order) (replaced int, err error) {
	doc, err := json.Marshal(o)
	if err != nil {
		return 0, fmt.Errorf("encoding order %q: %w", o.ID, err)
	}
	return s.put("staged_orders", line, []column{{"id", o.ID}}, column{"loose", looseID(o.ID)},
		column{"customer", o.Customer}, column{"placed_at", stamp(o.PlacedAt)}, column{"doc", string(doc)})
}

// Stock stages what lies of a SKU in a place.
func (s Staging) Stock(line int, l catalog.StockLevel) (replaced int, err error) {
	return s.put("staged_stock", line, []column{{"sku", l.SKU}, {"location", l.Location}}, column{"on_hand", l.OnHand},
		column{"reserved", l.Reserved}, column{"incoming", l.Incoming}, column{"incoming_at", l.IncomingAt})
}

// Activity stages something that a shopper did. The same twice is two: it replaces nothing.
func (s Staging) Activity(line int, a catalog.Activity) (replaced int, err error) {
	key := []any{s.id, a.Customer, a.Product, a.Kind, stamp(&a.Time)}
	var seq int
	if err := s.tx.QueryRow(`SELECT count(*) FROM staged_activity
		WHERE import = ? AND customer = ? AND product = ? AND kind = ? AND at = ?`, key...).Scan(&seq); err != nil {
		return 0, fmt.Errorf("staging activity: %w", err)
	}
	_, err = s.change(`INSERT INTO staged_activity (import, customer, product, kind, at, seq, line, quantity, price)
		VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?)`, append(key, seq, line, a.Quantity, decimals(a.Price))...)
	return 0, err
}

// decimals writes an amount with the decimals that it has.
func decimals(d decimal.Decimal) string { return d.StringFixed(max(0, -d.Exponent())) }

// put inserts a row or replaces the one with its key.
func (s Staging) put(table string, line int, key []column, values ...column) (replaced int, err error) {
	names, args := []string{"import", "line"}, []any{s.id, line}
	match, matchArgs := []string{"import = ?"}, []any{s.id}
	for _, c := range key {
		names, args = append(names, c.name), append(args, c.value)
		match, matchArgs = append(match, c.name+" = ?"), append(matchArgs, c.value)
	}
	for _, c := range values {
		names, args = append(names, c.name), append(args, c.value)
	}
	insert := `INSERT INTO ` + table + ` (` + strings.Join(names, ", ") + `) VALUES (?` +
		strings.Repeat(", ?", len(names)-1) + `) ON CONFLICT DO NOTHING`
	n, err := s.change(insert, args...)
	if err != nil || n > 0 {
		return 0, err
	}
	where := ` FROM ` + table + ` WHERE ` + strings.Join(match, " AND ")
	if err := s.tx.QueryRow(`SELECT line`+where, matchArgs...).Scan(&replaced); err != nil {
		return 0, fmt.Errorf("staging line %d: %w", line, err)
	}
	if _, err := s.change(`DELETE`+where, matchArgs...); err != nil {
		return 0, err
	}
	_, err = s.change(insert, args...)
	return replaced, err
}

// change runs a statement and returns how many rows it changed.
func (s Staging) change(query string, args ...any) (int, error) {
	result, err := s.tx.Exec(query, args...)
	if err != nil {
		return 0, fmt.Errorf("import %s: %w", s.id, err)
	}
	n, err := result.RowsAffected()
	return int(n), err
}
