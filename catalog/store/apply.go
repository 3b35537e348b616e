package store

import (
	"errors"
	"fmt"
	"strings"
	"time"
)

// ErrFilled says that records of this shop came in before.
var ErrFilled = errors.New("records are there already")

// refusalLimit bounds how many refusals of each kind are told; all are counted.
const refusalLimit = 10_000

// Applied tells what became of the staged rows.
type Applied struct {
	Counts   map[string]Count // by table: products, customers, orders, stock, activity
	Refusals []Refusal        // at most 10,000 of each kind
}

// Count is how many records of a table were new, changed, and as they were; and how many
// rows were refused.
type Count struct{ Added, Updated, Unchanged, Refused int }

// Refusal is a row that could not become a record.
type Refusal struct {
	Table  string
	Line   int
	ID     string
	Reason string
}

// Apply makes the staged rows records and forgets the import. A record that is as it was
// keeps its version.
func (s Staging) Apply(now time.Time) (Applied, error) {
	a := applying{Staging: s, Applied: Applied{Counts: map[string]Count{}}}
	for _, step := range []func() error{a.refuse, a.stock, a.products, a.customers, a.orders, a.activity, a.restock, a.revise} {
		if err := step(); err != nil {
			return Applied{}, fmt.Errorf("applying import %s: %w", s.id, err)
		}
	}
	if _, err := s.tx.Exec(`INSERT INTO shops (shop, revision, filled) VALUES (?, 0, ?)
		ON CONFLICT (shop) DO UPDATE SET filled = coalesce(shops.filled, excluded.filled)`, s.shop, stamp(&now)); err != nil {
		return Applied{}, fmt.Errorf("applying import %s: %w", s.id, err)
	}
	return a.Applied, s.Drop()
}

// Filled reports whether records were ever imported into this shop, or are there.
func (r Records) Filled() (bool, error) {
	var filled bool
	err := r.tx.QueryRow(`SELECT EXISTS (SELECT 1 FROM shops WHERE shop = ? AND filled IS NOT NULL)
		OR EXISTS (SELECT 1 FROM products WHERE shop = ?) OR EXISTS (SELECT 1 FROM customers WHERE shop = ?)`,
		r.shop, r.shop, r.shop).Scan(&filled)
	if err != nil {
		return false, fmt.Errorf("looking for records of shop %q: %w", r.shop, err)
	}
	return filled, nil
}

type applying struct {
	Staging
	Applied
	restocked int
}

// refusals are the rows that only the whole import can judge.
var refusals = []struct{ table, id, reason, where string }{
	{"products", "id", "one of its SKUs is another product's, which this import doesn't change", `id IN (
		SELECT n.product FROM staged_variants n JOIN variants v ON v.shop = $shop AND v.sku = n.sku AND v.product <> n.product
		WHERE n.import = $import AND NOT EXISTS (SELECT 1 FROM staged_products p WHERE p.import = n.import AND p.id = v.product))`},
	{"orders", "id", "no customer has the id that it names", `NOT EXISTS (SELECT 1 FROM customers c WHERE c.shop = $shop AND c.id = customer)
		AND NOT EXISTS (SELECT 1 FROM staged_customers n WHERE n.import = $import AND n.id = customer)`},
	{"stock", "sku", "no product has this SKU", `NOT EXISTS (SELECT 1 FROM variants v WHERE v.shop = $shop AND v.sku = staged_stock.sku)
		AND NOT EXISTS (SELECT 1 FROM staged_variants n WHERE n.import = $import AND n.sku = staged_stock.sku)`},
}

// bind replaces the names $shop and $import by placeholders, in their order.
func (s Staging) bind(query string) (string, []any) {
	var args []any
	var b strings.Builder
	for {
		at := strings.IndexByte(query, '$')
		if at < 0 {
			b.WriteString(query)
			return b.String(), args
		}
		b.WriteString(query[:at])
		name, value := "$shop", s.shop
		if strings.HasPrefix(query[at:], "$import") {
			name, value = "$import", s.id
		}
		b.WriteByte('?')
		args = append(args, value)
		query = query[at+len(name):]
	}
}

func (s Staging) run(query string) (int, error) {
	query, args := s.bind(query)
	return s.change(query, args...)
}

func (s Staging) count(query string) (n int, err error) {
	query, args := s.bind(query)
	err = s.tx.QueryRow(query, args...).Scan(&n)
	return n, err
}

func (a *applying) refuse() error {
	for _, r := range refusals {
		where := ` FROM staged_` + r.table + ` WHERE import = $import AND (` + r.where + `)`
		query, args := a.bind(`SELECT line, ` + r.id + where + ` ORDER BY line` + fmt.Sprintf(` LIMIT %d`, refusalLimit))
		if err := a.collect(r.table, r.reason, query, args); err != nil {
			return err
		}
		n, err := a.run(`DELETE` + where)
		if err != nil {
			return err
		}
		count := a.Counts[r.table]
		count.Refused = n
		a.Counts[r.table] = count
	}
	_, err := a.run(`DELETE FROM staged_variants WHERE import = $import AND NOT EXISTS (
		SELECT 1 FROM staged_products p WHERE p.import = $import AND p.id = staged_variants.product)`)
	return err
}

func (a *applying) collect(table, reason, query string, args []any) error {
	rows, err := a.tx.Query(query, args...)
	if err != nil {
		return err
	}
	defer rows.Close()
	for rows.Next() {
		r := Refusal{Table: table, Reason: reason}
		if err := rows.Scan(&r.Line, &r.ID); err != nil {
			return err
		}
		a.Refusals = append(a.Refusals, r)
	}
	return rows.Err()
}

// upsert writes the rows of a staged table, counts, and leaves those alone that are as they
// were. version is counted up where the table has one.
func (a *applying) upsert(table string, key, values []string, versioned bool) error {
	columns := append(append([]string{}, key...), values...)
	var match, sets, differs []string
	for _, k := range key {
		match = append(match, "t."+k+" = n."+k)
	}
	for _, v := range values {
		sets = append(sets, v+" = excluded."+v)
		differs = append(differs, table+"."+v+" <> excluded."+v)
	}
	into, from := "shop, "+strings.Join(columns, ", "), "$shop, n."+strings.Join(columns, ", n.")
	if versioned {
		into, from = into+", version", from+", 1"
		sets = append(sets, "version = "+table+".version + 1")
	}
	staged, err := a.count(`SELECT count(*) FROM staged_` + table + ` WHERE import = $import`)
	if err != nil {
		return err
	}
	added, err := a.count(`SELECT count(*) FROM staged_` + table + ` n WHERE n.import = $import AND NOT EXISTS (
		SELECT 1 FROM ` + table + ` t WHERE t.shop = $shop AND ` + strings.Join(match, " AND ") + `)`)
	if err != nil {
		return err
	}
	written, err := a.run(`INSERT INTO ` + table + ` (` + into + `) SELECT ` + from + ` FROM staged_` + table + ` n
		WHERE n.import = $import ON CONFLICT (shop, ` + strings.Join(key, ", ") + `) DO UPDATE SET ` + strings.Join(sets, ", ") + `
		WHERE ` + strings.Join(differs, " OR "))
	if err != nil {
		return err
	}
	count := a.Counts[table]
	count.Added, count.Updated, count.Unchanged = added, written-added, staged-written
	a.Counts[table] = count
	return nil
}

func (a *applying) customers() error {
	return a.upsert("customers", []string{"id"}, []string{"email", "postal_code", "doc"}, true)
}

func (a *applying) orders() error {
	return a.upsert("orders", []string{"id"}, []string{"loose", "customer", "placed_at", "doc"}, true)
}

func (a *applying) stock() error {
	return a.upsert("stock", []string{"sku", "location"}, []string{"on_hand", "reserved", "incoming", "incoming_at"}, false)
}

func (a *applying) activity() error {
	return a.upsert("activity", []string{"customer", "product", "kind", "at", "seq"}, []string{"quantity", "price"}, false)
}

// What lies of a SKU in all places, free to be sold: `x` stands for the SKU.
const freeStock = `(SELECT CASE WHEN sum(k.on_hand - k.reserved) > 0 THEN sum(k.on_hand - k.reserved) ELSE 0 END
	FROM stock k WHERE k.shop = $shop AND k.sku = x)`

// A product changes with its own words or with any of its variants.
const (
	changeNew     = 1
	changeUpdated = 2
)

func (a *applying) products() error {
	free := strings.ReplaceAll(freeStock, "= x", "= staged_variants.sku")
	steps := []string{
		`UPDATE staged_variants SET stock = ` + free + ` WHERE import = $import
			AND EXISTS (SELECT 1 FROM stock k WHERE k.shop = $shop AND k.sku = staged_variants.sku)`,
		fmt.Sprintf(`UPDATE staged_products SET change = %d WHERE import = $import
			AND NOT EXISTS (SELECT 1 FROM products p WHERE p.shop = $shop AND p.id = staged_products.id)`, changeNew),
		fmt.Sprintf(`UPDATE staged_products SET change = %d WHERE import = $import AND change = 0 AND (
			doc <> (SELECT p.doc FROM products p WHERE p.shop = $shop AND p.id = staged_products.id)
			OR (SELECT count(*) FROM variants v WHERE v.shop = $shop AND v.product = staged_products.id)
				<> (SELECT count(*) FROM staged_variants n WHERE n.import = $import AND n.product = staged_products.id)
			OR EXISTS (SELECT 1 FROM staged_variants n LEFT JOIN variants v ON v.shop = $shop AND v.sku = n.sku
				WHERE n.import = $import AND n.product = staged_products.id AND (v.sku IS NULL OR v.product <> n.product
				OR v.position <> n.position OR v.doc <> n.doc OR v.stock IS DISTINCT FROM n.stock)))`, changeUpdated),
		`INSERT INTO products (shop, id, doc, version) SELECT $shop, n.id, n.doc, 1 FROM staged_products n
			WHERE n.import = $import AND n.change > 0
			ON CONFLICT (shop, id) DO UPDATE SET doc = excluded.doc, version = products.version + 1`,
		`DELETE FROM variants WHERE shop = $shop AND product IN (
			SELECT n.id FROM staged_products n WHERE n.import = $import AND n.change > 0)`,
		`INSERT INTO variants (shop, sku, product, position, doc, price, available, stock)
			SELECT $shop, n.sku, n.product, n.position, n.doc, n.price, n.available, n.stock FROM staged_variants n
			JOIN staged_products p ON p.import = n.import AND p.id = n.product
			WHERE n.import = $import AND p.change > 0`,
	}
	for _, step := range steps {
		if _, err := a.run(step); err != nil {
			return err
		}
	}
	return a.countProducts()
}

func (a *applying) countProducts() error {
	count := a.Counts["products"]
	for change, n := range map[int]*int{0: &count.Unchanged, changeNew: &count.Added, changeUpdated: &count.Updated} {
		var err error
		if *n, err = a.count(fmt.Sprintf(`SELECT count(*) FROM staged_products WHERE import = $import AND change = %d`, change)); err != nil {
			return err
		}
	}
	a.Counts["products"] = count
	return nil
}

// restock brings new stock to the variants of products that were not imported.
func (a *applying) restock() error {
	differs := `sku IN (SELECT n.sku FROM staged_stock n WHERE n.import = $import) AND stock IS DISTINCT FROM ` +
		strings.ReplaceAll(freeStock, "= x", "= variants.sku")
	if _, err := a.run(`UPDATE products SET version = version + 1 WHERE shop = $shop AND id IN (
		SELECT product FROM variants WHERE shop = $shop AND ` + differs + `)`); err != nil {
		return err
	}
	n, err := a.run(`UPDATE variants SET stock = ` + strings.ReplaceAll(freeStock, "= x", "= variants.sku") +
		` WHERE shop = $shop AND ` + differs)
	a.restocked = n
	return err
}

func (a *applying) revise() error {
	p := a.Counts["products"]
	if p.Added+p.Updated+a.restocked == 0 {
		return nil
	}
	return In(a.tx, a.shop).bump()
}
