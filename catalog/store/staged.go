package store

import (
	"database/sql"
	"encoding/json"
	"errors"
	"fmt"

	"github.com/floorwalker/floorwalker/catalog"
)

// The methods below read what an import has staged, for formats in which one record stands
// in several rows. They return ErrNotFound if it isn't there.

// StagedProduct returns a product that is staged, and its line.
func (s Staging) StagedProduct(id string) (p catalog.Product, line int, err error) {
	if err := s.staged("products", id, &p, &line); err != nil {
		return p, 0, err
	}
	rows, err := s.tx.Query(`SELECT doc, stock FROM staged_variants WHERE import = ? AND product = ? ORDER BY position`, s.id, id)
	if err != nil {
		return p, 0, fmt.Errorf("reading staged product %q: %w", id, err)
	}
	defer rows.Close()
	for rows.Next() {
		var doc []byte
		var stock sql.NullInt64
		if err := rows.Scan(&doc, &stock); err != nil {
			return p, 0, fmt.Errorf("reading staged product %q: %w", id, err)
		}
		v, err := decodeVariant(doc, stock)
		if err != nil {
			return p, 0, fmt.Errorf("reading staged product %q: %w", id, err)
		}
		p.Variants = append(p.Variants, v)
	}
	return p, line, rows.Err()
}

// StagedOrder returns an order that is staged, and its line.
func (s Staging) StagedOrder(id string) (o catalog.Order, line int, err error) {
	err = s.staged("orders", id, &o, &line)
	return o, line, err
}

// StagedCustomer returns a customer that is staged.
func (s Staging) StagedCustomer(id string) (c catalog.Customer, err error) {
	var line int
	err = s.staged("customers", id, &c, &line)
	return c, err
}

func (s Staging) staged(table, id string, record any, line *int) error {
	var doc []byte
	err := s.tx.QueryRow(`SELECT doc, line FROM staged_`+table+` WHERE import = ? AND id = ?`, s.id, id).Scan(&doc, line)
	if errors.Is(err, sql.ErrNoRows) {
		return fmt.Errorf("staged %s %q: %w", table, id, ErrNotFound)
	}
	if err == nil {
		err = json.Unmarshal(doc, record)
	}
	if err != nil {
		return fmt.Errorf("reading staged %s %q: %w", table, id, err)
	}
	return nil
}

// CustomersBy returns at most two ids of customers that have an e-mail address (any case),
// staged or stored.
func (s Staging) CustomersBy(email string) ([]string, error) {
	email = foldEmail(email)
	rows, err := s.tx.Query(`SELECT id FROM staged_customers WHERE import = ? AND email = ?
		UNION SELECT id FROM customers WHERE shop = ? AND email = ? LIMIT 2`, s.id, email, s.shop, email)
	if err != nil {
		return nil, fmt.Errorf("looking for customers by e-mail address: %w", err)
	}
	defer rows.Close()
	var ids []string
	for rows.Next() {
		var id string
		if err := rows.Scan(&id); err != nil {
			return nil, fmt.Errorf("looking for customers by e-mail address: %w", err)
		}
		ids = append(ids, id)
	}
	return ids, rows.Err()
}

// Variant returns the variant that has a SKU, staged or stored, and its product's id.
func (s Staging) Variant(sku string) (product string, v catalog.Variant, err error) {
	var doc []byte
	err = s.tx.QueryRow(`SELECT product, doc FROM staged_variants WHERE import = ? AND sku = ?`, s.id, sku).Scan(&product, &doc)
	if errors.Is(err, sql.ErrNoRows) {
		err = s.tx.QueryRow(`SELECT product, doc FROM variants WHERE shop = ? AND sku = ?`, s.shop, sku).Scan(&product, &doc)
	}
	if errors.Is(err, sql.ErrNoRows) {
		err = ErrNotFound
	}
	if err == nil {
		v, err = decodeVariant(doc, sql.NullInt64{})
	}
	if err != nil {
		return "", v, fmt.Errorf("variant %q: %w", sku, err)
	}
	return product, v, nil
}

// Translations returns those that a stored product has; none if there is no such product.
func (s Staging) Translations(product string) (map[string]catalog.Translation, error) {
	var doc []byte
	err := s.tx.QueryRow(`SELECT doc FROM products WHERE shop = ? AND id = ?`, s.shop, product).Scan(&doc)
	if errors.Is(err, sql.ErrNoRows) {
		return nil, nil
	}
	var p catalog.Product
	if err == nil {
		err = json.Unmarshal(doc, &p)
	}
	if err != nil {
		return nil, fmt.Errorf("reading product %q: %w", product, err)
	}
	return p.Translations, nil
}

// Stored returns a customer that is stored already.
func (s Staging) Stored(customer string) (catalog.Customer, error) {
	return In(s.tx, s.shop).Customer(customer)
}
