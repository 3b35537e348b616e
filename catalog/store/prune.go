package store

import (
	"fmt"
	"strings"
)

// Pruned tells which products went because the import no longer has them.
type Pruned struct {
	Products int
	IDs      []string // at most 10,000
}

// Prune removes the products that are neither staged nor among keep, with their variants and
// stock. allow is asked first, with how many would go and how many there are: its error
// stops it. It belongs before Apply, in the same transaction.
func (s Staging) Prune(keep []string, allow func(gone, all int) error) (Pruned, error) {
	gone := ` FROM products WHERE shop = ? AND NOT EXISTS (
		SELECT 1 FROM staged_products n WHERE n.import = ? AND n.id = products.id)`
	args := []any{s.shop, s.id}
	if len(keep) > 0 {
		gone += ` AND id NOT IN (?` + strings.Repeat(", ?", len(keep)-1) + `)`
		for _, id := range keep {
			args = append(args, id)
		}
	}
	var p Pruned
	var all int
	err := s.tx.QueryRow(`SELECT (SELECT count(*)`+gone+`), (SELECT count(*) FROM products WHERE shop = ?)`,
		append(append([]any{}, args...), s.shop)...).Scan(&p.Products, &all)
	if err != nil {
		return Pruned{}, fmt.Errorf("looking for products that are gone: %w", err)
	}
	if err := allow(p.Products, all); err != nil {
		return Pruned{}, err
	}
	if p.Products == 0 {
		return p, nil
	}
	if p.IDs, err = s.ids(`SELECT id`+gone+fmt.Sprintf(` ORDER BY id LIMIT %d`, refusalLimit), args); err != nil {
		return Pruned{}, err
	}
	for _, step := range []struct {
		query string
		args  []any
	}{
		{`DELETE FROM stock WHERE shop = ? AND NOT EXISTS (SELECT 1 FROM staged_variants n WHERE n.import = ? AND n.sku = stock.sku)
			AND sku IN (SELECT v.sku FROM variants v WHERE v.shop = ? AND v.product IN (SELECT id` + gone + `))`,
			append([]any{s.shop, s.id, s.shop}, args...)},
		{`DELETE FROM variants WHERE shop = ? AND product IN (SELECT id` + gone + `)`, append([]any{s.shop}, args...)},
		{`DELETE` + gone, args},
	} {
		if _, err := s.tx.Exec(step.query, step.args...); err != nil {
			return Pruned{}, fmt.Errorf("removing products that are gone: %w", err)
		}
	}
	return p, In(s.tx, s.shop).bump()
}

func (s Staging) ids(query string, args []any) ([]string, error) {
	rows, err := s.tx.Query(query, args...)
	if err != nil {
		return nil, fmt.Errorf("import %s: %w", s.id, err)
	}
	defer rows.Close()
	var ids []string
	for rows.Next() {
		var id string
		if err := rows.Scan(&id); err != nil {
			return nil, fmt.Errorf("import %s: %w", s.id, err)
		}
		ids = append(ids, id)
	}
	return ids, rows.Err()
}
