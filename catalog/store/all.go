package store

import (
	"database/sql"
	"encoding/json"
	"errors"
	"fmt"
	"time"

	"github.com/shopspring/decimal"

	"github.com/floorwalker/floorwalker/catalog"
)

// The methods below call fn with every record of a table, until it returns an error. fn must
// not use the transaction.

// Customers goes through all customers, by id.
func (r Records) Customers(fn func(catalog.Customer) error) error {
	return each(r, "customers", func(c *catalog.Customer) *int64 { return &c.Version }, fn,
		`SELECT doc, version FROM customers WHERE shop = ? ORDER BY id`, r.shop)
}

// Orders goes through all orders, by id.
func (r Records) Orders(fn func(catalog.Order) error) error {
	return each(r, "orders", func(o *catalog.Order) *int64 { return &o.Version }, fn,
		`SELECT doc, version FROM orders WHERE shop = ? ORDER BY id`, r.shop)
}

// OrdersAndCustomers goes through all orders, by id, each with its customer.
func (r Records) OrdersAndCustomers(fn func(catalog.Order, catalog.Customer) error) error {
	return r.rows("orders", func(rows *sql.Rows) error {
		var o catalog.Order
		var c catalog.Customer
		var order, customer sql.RawBytes
		err := rows.Scan(&order, &o.Version, &customer, &c.Version)
		if err == nil {
			err = errors.Join(json.Unmarshal(order, &o), json.Unmarshal(customer, &c))
		}
		if err != nil {
			return fmt.Errorf("reading orders: %w", err)
		}
		return fn(o, c)
	}, `SELECT o.doc, o.version, c.doc, c.version FROM orders o JOIN customers c ON c.shop = o.shop AND c.id = o.customer
		WHERE o.shop = ? ORDER BY o.id`, r.shop)
}

// StockLevels goes through what lies in each place, by SKU and place.
func (r Records) StockLevels(fn func(catalog.StockLevel) error) error {
	return r.rows("stock", func(rows *sql.Rows) error {
		var l catalog.StockLevel
		if err := rows.Scan(&l.SKU, &l.Location, &l.OnHand, &l.Reserved, &l.Incoming, &l.IncomingAt); err != nil {
			return fmt.Errorf("reading stock: %w", err)
		}
		return fn(l)
	}, `SELECT sku, location, on_hand, reserved, incoming, incoming_at FROM stock WHERE shop = ? ORDER BY sku, location`, r.shop)
}

// Activities goes through what shoppers did, by time.
func (r Records) Activities(fn func(catalog.Activity) error) error {
	return r.rows("activity", func(rows *sql.Rows) error {
		var a catalog.Activity
		var at, price string
		err := rows.Scan(&a.Customer, &a.Product, &a.Kind, &a.Quantity, &price, &at)
		if err == nil {
			a.Time, err = time.Parse(time.RFC3339Nano, at)
		}
		if err == nil {
			a.Price, err = decimal.NewFromString(price)
		}
		if err != nil {
			return fmt.Errorf("reading activity: %w", err)
		}
		return fn(a)
	}, `SELECT customer, product, kind, quantity, price, at FROM activity WHERE shop = ?
		ORDER BY at, customer, product, kind, seq`, r.shop)
}

func (r Records) rows(what string, fn func(*sql.Rows) error, query string, args ...any) error {
	rows, err := r.tx.Query(query, args...)
	if err != nil {
		return fmt.Errorf("reading %s: %w", what, err)
	}
	defer rows.Close()
	for rows.Next() {
		if err := fn(rows); err != nil {
			return err
		}
	}
	if err := rows.Err(); err != nil {
		return fmt.Errorf("reading %s: %w", what, err)
	}
	return nil
}
