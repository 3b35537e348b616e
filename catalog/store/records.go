package store

import (
	"database/sql"
	"encoding/json"
	"errors"
	"fmt"

	"github.com/floorwalker/floorwalker/catalog"
)

// Records are one shop's records within a transaction. Methods that look for one record
// return ErrNotFound if it is not there. Save methods take the version that was read (0: a
// new record), return the new one, and ErrConflict if another is stored.
type Records struct {
	tx   *Tx
	shop string
}

// In returns the records of a shop. A shop without any has none: it needs no creation.
func In(tx *Tx, shop string) Records { return Records{tx: tx, shop: shop} }

// Customer returns a customer by id.
func (r Records) Customer(id string) (catalog.Customer, error) {
	var c catalog.Customer
	err := r.one(&c, &c.Version, "customer", id,
		`SELECT doc, version FROM customers WHERE shop = ? AND id = ?`, r.shop, id)
	return c, err
}

// CustomersBy returns the customers with that value in a field, by id: email (any case) or
// postal_code (any case and spacing).
func (r Records) CustomersBy(field, value string) ([]catalog.Customer, error) {
	fold, ok := map[string]func(string) string{"email": foldEmail, "postal_code": foldPostalCode}[field]
	if !ok {
		return nil, fmt.Errorf("customers can't be looked up by %q: use email or postal_code", field)
	}
	key := fold(value)
	if key == "" {
		return nil, nil // a customer without an address is nobody's match
	}
	return list(r, "customers by "+field, func(c *catalog.Customer) *int64 { return &c.Version },
		`SELECT doc, version FROM customers WHERE shop = ? AND `+field+` = ? ORDER BY id`, r.shop, key)
}

// SaveCustomer writes a customer.
func (r Records) SaveCustomer(c catalog.Customer) (int64, error) {
	return r.save("customers", c.ID, c.Version, c, column{"email", foldEmail(c.Email)},
		column{"postal_code", foldPostalCode(c.Address.PostalCode)})
}

// Order returns the order with exactly that id.
func (r Records) Order(id string) (catalog.Order, error) {
	var o catalog.Order
	err := r.one(&o, &o.Version, "order", id,
		`SELECT doc, version FROM orders WHERE shop = ? AND id = ?`, r.shop, id)
	return o, err
}

// OrderLike returns the order that a person means by id: exactly that id or, if none has it,
// the only one that differs by a leading '#', by case, width or spaces around it.
func (r Records) OrderLike(id string) (catalog.Order, error) {
	o, err := r.Order(id)
	if !errors.Is(err, ErrNotFound) {
		return o, err
	}
	found, err := list(r, "orders like "+id, func(o *catalog.Order) *int64 { return &o.Version },
		`SELECT doc, version FROM orders WHERE shop = ? AND loose = ? ORDER BY id LIMIT 2`, r.shop, looseID(id))
	if err != nil {
		return catalog.Order{}, err
	}
	if len(found) != 1 {
		return catalog.Order{}, fmt.Errorf("order %q: %w", id, ErrNotFound)
	}
	return found[0], nil
}

// OrdersOf returns a customer's orders, the newest first; those without a date come last.
func (r Records) OrdersOf(customer string) ([]catalog.Order, error) {
	return list(r, "orders of "+customer, func(o *catalog.Order) *int64 { return &o.Version },
		`SELECT doc, version FROM orders WHERE shop = ? AND customer = ? ORDER BY placed_at DESC, id DESC`,
		r.shop, customer)
}

// SaveOrder writes an order. Its customer must exist.
func (r Records) SaveOrder(o catalog.Order) (int64, error) {
	return r.save("orders", o.ID, o.Version, o, column{"loose", looseID(o.ID)},
		column{"customer", o.Customer}, column{"placed_at", stamp(o.PlacedAt)})
}

// Callback returns a request to be called back.
func (r Records) Callback(id string) (catalog.Callback, error) {
	var c catalog.Callback
	err := r.one(&c, &c.Version, "callback", id,
		`SELECT doc, version FROM callbacks WHERE shop = ? AND id = ?`, r.shop, id)
	return c, err
}

// Callbacks returns the requests in a state, the oldest first.
func (r Records) Callbacks(state string) ([]catalog.Callback, error) {
	return list(r, "callbacks", func(c *catalog.Callback) *int64 { return &c.Version },
		`SELECT doc, version FROM callbacks WHERE shop = ? AND state = ? ORDER BY at, id`, r.shop, state)
}

// SaveCallback writes a request to be called back.
func (r Records) SaveCallback(c catalog.Callback) (int64, error) {
	return r.save("callbacks", c.ID, c.Version, c, column{"state", c.State}, column{"at", stamp(&c.CreatedAt)})
}

// one reads a record and its version.
func (r Records) one(record any, version *int64, what, id, query string, args ...any) error {
	var doc []byte
	err := r.tx.QueryRow(query, args...).Scan(&doc, version)
	if errors.Is(err, sql.ErrNoRows) {
		return fmt.Errorf("%s %q: %w", what, id, ErrNotFound)
	}
	if err == nil {
		err = json.Unmarshal(doc, record)
	}
	if err != nil {
		return fmt.Errorf("reading %s %q: %w", what, id, err)
	}
	return nil
}

// list reads records and their versions.
func list[T any](r Records, what string, version func(*T) *int64, query string, args ...any) (found []T, err error) {
	err = each(r, what, version, func(record T) error {
		found = append(found, record)
		return nil
	}, query, args...)
	return found, err
}

// each calls fn with every record of a query on doc and version.
func each[T any](r Records, what string, version func(*T) *int64, fn func(T) error, query string, args ...any) error {
	rows, err := r.tx.Query(query, args...)
	if err != nil {
		return fmt.Errorf("reading %s: %w", what, err)
	}
	defer rows.Close()
	for rows.Next() {
		var doc sql.RawBytes
		var record T
		if err := rows.Scan(&doc, version(&record)); err != nil {
			return fmt.Errorf("reading %s: %w", what, err)
		}
		if err := json.Unmarshal(doc, &record); err != nil {
			return fmt.Errorf("reading %s: %w", what, err)
		}
		if err := fn(record); err != nil {
			return err
		}
	}
	if err := rows.Err(); err != nil {
		return fmt.Errorf("reading %s: %w", what, err)
	}
	return nil
}
