package store

import (
	"database/sql"
	"encoding/json"
	"errors"
	"fmt"

	"github.com/floorwalker/floorwalker/catalog"
)

// A product is kept without its variants, and a variant without its stock: each has one
// place.

// Product returns a product by id, with its variants in the shop's order.
func (r Records) Product(id string) (catalog.Product, error) {
	var found catalog.Product
	err := r.products(func(p catalog.Product) error { found = p; return nil }, `AND p.id = ?`, id)
	if err == nil && found.ID == "" {
		err = fmt.Errorf("product %q: %w", id, ErrNotFound)
	}
	return found, err
}

// Variant returns a variant by SKU, and the product it is one of.
func (r Records) Variant(sku string) (catalog.Product, catalog.Variant, error) {
	var id string
	err := r.tx.QueryRow(`SELECT product FROM variants WHERE shop = ? AND sku = ?`, r.shop, sku).Scan(&id)
	if errors.Is(err, sql.ErrNoRows) {
		err = ErrNotFound
	}
	if err != nil {
		return catalog.Product{}, catalog.Variant{}, fmt.Errorf("variant %q: %w", sku, err)
	}
	p, err := r.Product(id)
	for _, v := range p.Variants {
		if v.SKU == sku {
			return p, v, nil
		}
	}
	return p, catalog.Variant{}, err
}

// Products calls fn with every product, by id, until it returns an error.
func (r Records) Products(fn func(catalog.Product) error) error {
	return r.products(fn, ``)
}

func (r Records) products(fn func(catalog.Product) error, where string, args ...any) error {
	rows, err := r.tx.Query(`SELECT p.id, p.doc, p.version, v.doc, v.stock FROM products p
		LEFT JOIN variants v ON v.shop = p.shop AND v.product = p.id
		WHERE p.shop = ? `+where+` ORDER BY p.id, v.position`, append([]any{r.shop}, args...)...)
	if err != nil {
		return fmt.Errorf("reading products: %w", err)
	}
	defer rows.Close()
	var p catalog.Product
	for rows.Next() {
		var id string
		var doc, variant sql.RawBytes
		var version int64
		var stock sql.NullInt64
		if err := rows.Scan(&id, &doc, &version, &variant, &stock); err != nil {
			return fmt.Errorf("reading products: %w", err)
		}
		if id != p.ID {
			if p.ID != "" {
				if err := fn(p); err != nil {
					return err
				}
			}
			p = catalog.Product{}
			if err := json.Unmarshal(doc, &p); err != nil {
				return fmt.Errorf("reading product %q: %w", id, err)
			}
			p.Version = version
		}
		if variant == nil {
			continue
		}
		v, err := decodeVariant(variant, stock)
		if err != nil {
			return fmt.Errorf("reading a variant of product %q: %w", id, err)
		}
		p.Variants = append(p.Variants, v)
	}
	if err := rows.Err(); err != nil {
		return fmt.Errorf("reading products: %w", err)
	}
	if p.ID == "" {
		return nil
	}
	return fn(p)
}

// SaveProduct writes a product and its variants. A SKU that another product has is an error.
func (r Records) SaveProduct(p catalog.Product) (int64, error) {
	variants := p.Variants
	p.Variants = nil
	version, err := r.save("products", p.ID, p.Version, p)
	if err != nil {
		return 0, err
	}
	if _, err := r.tx.Exec(`DELETE FROM variants WHERE shop = ? AND product = ?`, r.shop, p.ID); err != nil {
		return 0, fmt.Errorf("saving product %q: %w", p.ID, err)
	}
	for i, v := range variants {
		row, err := encodeVariant(v)
		if err != nil {
			return 0, fmt.Errorf("saving product %q: %w", p.ID, err)
		}
		if _, err := r.tx.Exec(`INSERT INTO variants (shop, sku, product, position, doc, price, available, stock)
			VALUES (?, ?, ?, ?, ?, ?, ?, ?)`,
			r.shop, v.SKU, p.ID, i, row.doc, row.price, row.available, row.stock); err != nil {
			return 0, fmt.Errorf("saving variant %q of product %q: %w", v.SKU, p.ID, err)
		}
	}
	return version, r.bump()
}

// Revision grows with each change of products or stock: indexes follow it. 0 before the first.
func (r Records) Revision() (int64, error) {
	var n int64
	err := r.tx.QueryRow(`SELECT revision FROM shops WHERE shop = ?`, r.shop).Scan(&n)
	if errors.Is(err, sql.ErrNoRows) {
		return 0, nil
	}
	if err != nil {
		return 0, fmt.Errorf("reading the revision of shop %q: %w", r.shop, err)
	}
	return n, nil
}

func (r Records) bump() error {
	if _, err := r.tx.Exec(`INSERT INTO shops (shop, revision) VALUES (?, 1)
		ON CONFLICT (shop) DO UPDATE SET revision = shops.revision + 1`, r.shop); err != nil {
		return fmt.Errorf("counting the revision of shop %q: %w", r.shop, err)
	}
	return nil
}

// variantRow is a variant as the columns of its table.
type variantRow struct {
	doc, price string
	available  int
	stock      sql.NullInt64
}

func encodeVariant(v catalog.Variant) (variantRow, error) {
	row := variantRow{price: decimals(v.Price)}
	if v.Available {
		row.available = 1
	}
	if v.Stock != nil {
		row.stock = sql.NullInt64{Int64: int64(*v.Stock), Valid: true}
	}
	v.Stock = nil
	doc, err := json.Marshal(v)
	row.doc = string(doc)
	return row, err
}

func decodeVariant(doc []byte, stock sql.NullInt64) (catalog.Variant, error) {
	var v catalog.Variant
	if err := json.Unmarshal(doc, &v); err != nil {
		return v, err
	}
	if stock.Valid {
		n := int(stock.Int64)
		v.Stock = &n
	}
	return v, nil
}
