package index

import (
	"cmp"
	"context"
	"fmt"
	"slices"
	"strings"
	"sync"

	"github.com/shopspring/decimal"

	"github.com/floorwalker/floorwalker/catalog"
	"github.com/floorwalker/floorwalker/retrieval"
	"github.com/floorwalker/floorwalker/retrieval/text"
)

// columns hold what products are filtered by.
type columns struct {
	mu     sync.RWMutex
	rows   []row          // in the order in which products came; removed ones stay, empty
	places map[string]int // id → index of rows
	sum    uint64         // of the hashes of all texts, whatever their order
	pairs  map[string]int // option name and value → its number
	names  names
}

type row struct {
	product  string
	category []string // compared as text.Key gives them
	variants []variant
	hash     uint64
	names    []uint32 // numbers of the terms of its titles, ascending
}

type variant struct {
	sku     string
	price   decimal.Decimal
	inStock bool
	options []int // numbers of pairs, ascending
}

// filter is a query's filters, ready to be compared.
type filter struct {
	category []string // spellings; nil: any
	options  []int
	min, max *decimal.Decimal
	inStock  bool
	nothing  bool // an option that no variant has
}

func newColumns() *columns {
	return &columns{places: map[string]int{}, pairs: map[string]int{}, names: names{numbers: map[string]uint32{}}}
}

// key names the texts of all products.
func (c *columns) key() string {
	c.mu.RLock()
	defer c.mu.RUnlock()
	return fmt.Sprintf("%d products, texts %016x", len(c.places), c.sum)
}

// put takes over a product and reports whether its texts are other than before.
func (c *columns) put(p catalog.Product, hash uint64) bool {
	c.mu.Lock()
	defer c.mu.Unlock()
	r := row{product: p.ID, hash: hash, names: c.names.number(titles(p))}
	for _, level := range p.Category {
		r.category = append(r.category, text.Key(level))
	}
	for _, v := range p.Variants {
		r.variants = append(r.variants, variant{
			sku: v.SKU, price: v.Price, options: c.numbers(v.Options),
			inStock: v.Available && (v.Stock == nil || *v.Stock > 0),
		})
	}
	at, known := c.places[p.ID]
	if !known {
		c.places[p.ID] = len(c.rows)
		c.rows = append(c.rows, r)
		c.sum += hash
		return true
	}
	before := c.rows[at].hash
	c.names.forget(c.rows[at].names)
	c.rows[at] = r
	c.sum += hash - before
	return before != hash
}

func (c *columns) remove(id string) {
	c.mu.Lock()
	defer c.mu.Unlock()
	if at, known := c.places[id]; known {
		c.sum -= c.rows[at].hash
		c.names.forget(c.rows[at].names)
		c.rows[at] = row{}
		delete(c.places, id)
	}
}

// numbers gives the numbers of option pairs, new ones for new pairs.
func (c *columns) numbers(options map[string]string) []int {
	out := make([]int, 0, len(options))
	for name, value := range options {
		k := pair(name, value)
		n, known := c.pairs[k]
		if !known {
			n = len(c.pairs)
			c.pairs[k] = n
		}
		out = append(out, n)
	}
	slices.Sort(out)
	return out
}

func pair(name, value string) string { return text.Fold(name) + "\x00" + text.Fold(value) }

func (x *Index) filter(q retrieval.Query) filter {
	f := filter{min: q.Min, max: q.Max, inStock: q.InStock}
	if strings.TrimSpace(q.Category) != "" {
		f.category = x.parser.Load().Same(q.Category)
	}
	x.columns.mu.RLock()
	defer x.columns.mu.RUnlock()
	for name, value := range q.Options {
		n, known := x.columns.pairs[pair(name, value)]
		if !known {
			f.nothing = true
		}
		f.options = append(f.options, n)
	}
	return f
}

// any says whether the filter excludes anything.
func (f filter) any() bool {
	return f.category != nil || len(f.options) > 0 || f.min != nil || f.max != nil || f.inStock || f.nothing
}

func (f filter) passes(v variant) bool {
	if f.inStock && !v.inStock || f.nothing ||
		f.min != nil && v.price.LessThan(*f.min) || f.max != nil && v.price.GreaterThan(*f.max) {
		return false
	}
	for _, n := range f.options {
		if _, has := slices.BinarySearch(v.options, n); !has {
			return false
		}
	}
	return true
}

func (f filter) inCategory(r row) bool {
	return f.category == nil || slices.ContainsFunc(r.category, func(level string) bool {
		return slices.Contains(f.category, level)
	})
}

// passing gives the SKUs of a product's variants that pass.
func (c *columns) passing(id string, f filter) []string {
	c.mu.RLock()
	defer c.mu.RUnlock()
	at, known := c.places[id]
	if !known {
		return nil
	}
	return skus(c.rows[at], f)
}

func skus(r row, f filter) []string {
	if !f.inCategory(r) {
		return nil
	}
	var out []string
	for _, v := range r.variants {
		if f.passes(v) {
			out = append(out, v.sku)
		}
	}
	return out
}

// list gives the first products that pass.
func (c *columns) list(ctx context.Context, f filter, limit int) ([]retrieval.Hit, error) {
	c.mu.RLock()
	defer c.mu.RUnlock()
	var hits []retrieval.Hit
	for i, r := range c.rows {
		if i%1024 == 0 && ctx.Err() != nil {
			return nil, fmt.Errorf("listing products: %w", ctx.Err())
		}
		if r.product == "" {
			continue
		}
		if s := skus(r, f); len(s) > 0 || !f.any() {
			hits = append(hits, retrieval.Hit{Product: r.product, SKUs: s})
			if len(hits) == limit {
				break
			}
		}
	}
	return hits, nil
}

// optionValues gives the values of all variants' options, each once.
func optionValues(p catalog.Product) []string {
	seen := map[string]bool{}
	for _, v := range p.Variants {
		for _, value := range v.Options {
			seen[value] = true
		}
	}
	return sortedKeys(seen)
}

func sortedKeys[K cmp.Ordered, V any](m map[K]V) []K {
	keys := make([]K, 0, len(m))
	for k := range m {
		keys = append(keys, k)
	}
	slices.Sort(keys)
	return keys
}
