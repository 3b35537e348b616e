package feed

import (
	"errors"
	"fmt"
	"io"
	"maps"
	"slices"
	"strings"
	"unicode/utf8"

	"github.com/floorwalker/floorwalker/catalog"
	"github.com/floorwalker/floorwalker/catalog/store"
)

// variantLimit bounds the variants of a product, and with them memory.
const variantLimit = 2048

// part is a row's share of a product that stands in several rows.
type part struct {
	line    int
	id      string // of the product; "" where it can't be told
	name    string // of the row, for notes
	product catalog.Product
	variant *catalog.Variant  // nil: the row adds none
	details map[string]string // attributes of the variant that are options where variants differ in them
	remarks []remark
	head    bool // the row tells the product's own fields
	size    int  // of the row's text, in bytes
}

// parts makes products of rows: those of one id that follow each other are gathered in memory,
// those that come later are joined to what was staged.
type parts struct {
	row   func() (part, error)
	size  func() int // of the row that was read, in bytes
	ahead *part
	told  []remark // to be told before the first
}

func (r *parts) next() (entry, error) {
	if len(r.told) > 0 {
		e := entry{remarks: r.told}
		r.told = nil
		return e, nil
	}
	first, err := r.take()
	if err != nil {
		return entry{}, err
	}
	g := &group{id: first.id}
	g.add(first)
	for {
		p, err := r.take()
		if errors.Is(err, io.EOF) {
			break
		}
		if err != nil {
			return entry{}, err
		}
		if p.id != first.id || g.rows >= variantLimit*2 || g.size > batchSize {
			r.ahead = &p
			break
		}
		g.add(p)
	}
	return g.entry(), nil
}

func (r *parts) take() (part, error) {
	if r.ahead != nil {
		p := *r.ahead
		r.ahead = nil
		return p, nil
	}
	p, err := r.row()
	p.size = r.size()
	return p, err
}

// group is a product that is being gathered.
type group struct {
	id       string
	rows     int
	size     int
	line     int
	product  catalog.Product
	variants []gathered
	remarks  []remark
}

// gathered is one variant and what its row said.
type gathered struct {
	catalog.Variant
	line    int
	title   string
	details map[string]string
}

func (g *group) add(p part) {
	g.rows++
	g.size += p.size
	g.remarks = append(g.remarks, p.remarks...)
	if g.line == 0 {
		g.line = p.line
	}
	if p.head || p.variant != nil {
		g.own(p.product)
	}
	if p.variant == nil {
		return
	}
	g.variants = append(g.variants, gathered{*p.variant, p.line, p.product.Title, p.details})
}

// own takes what the product doesn't have yet: the first row that tells a thing counts.
func (g *group) own(p catalog.Product) {
	for _, field := range []struct {
		to   *string
		from string
	}{{&g.product.Title, p.Title}, {&g.product.Brand, p.Brand}, {&g.product.Description, p.Description},
		{&g.product.Image, p.Image}, {&g.product.URL, p.URL}} {
		if *field.to == "" {
			*field.to = field.from
		}
	}
	if len(g.product.Category) == 0 {
		g.product.Category = p.Category
	}
	for k, v := range p.Attributes {
		if _, ok := g.product.Attributes[k]; !ok {
			if g.product.Attributes == nil {
				g.product.Attributes = map[string]string{}
			}
			g.product.Attributes[k] = v
		}
	}
}

func (g *group) entry() entry {
	e := entry{line: g.line, id: g.id, rows: g.rows, size: g.size, remarks: g.remarks}
	if g.kept() > 0 || g.product.Title != "" {
		e.put = g.put
	}
	return e
}

// put stages the product, with what is staged of it already.
func (g *group) put(s store.Staging) (outcome, error) {
	merged := *g
	all, line, known, err := merged.joined(s)
	if err != nil {
		return outcome{}, err
	}
	o := outcome{known: known}
	all, o.replaced, o.remarks = distinct(all, g.id)
	if len(all) > variantLimit {
		o.remarks = append(o.remarks, remark{line: all[variantLimit].line, id: g.id, kind: Refused, rows: len(all) - variantLimit,
			message: fmt.Sprintf("a product has at most %d variants: the rows from here on are left out", variantLimit)})
		all = all[:variantLimit]
	}
	if merged.product.Title == "" {
		o.remarks = []remark{{line: g.line, id: g.id, kind: Refused, rows: g.kept(), message: "no row of this product has its title"}}
		return outcome{remarks: o.remarks, nothing: true}, nil
	}
	for len(all) > 0 {
		p := merged.settled(all)
		if p.Translations, err = s.Translations(p.ID); err != nil {
			return outcome{}, err
		}
		_, err := s.Product(line, p)
		var taken *store.TakenError
		if err == nil || !errors.As(err, &taken) {
			return o, err
		}
		at := slices.IndexFunc(all, func(v gathered) bool { return v.SKU == taken.SKU })
		if at < 0 {
			return outcome{}, err
		}
		o.remarks = append(o.remarks, remark{line: all[at].line, id: taken.SKU, of: g.id, kind: Refused, message: taken.Error() + " in this file: give each its own"})
		all = slices.Delete(slices.Clone(all), at, at+1)
	}
	o.nothing = true
	if left := g.kept() - len(g.variants); left > 0 {
		o.remarks = append(o.remarks, remark{line: g.line, id: g.id, kind: Refused, rows: left, message: "no row of this product is a variant that can be sold"})
	}
	return o, nil
}

// kept is how many rows weren't refused before.
func (g *group) kept() int {
	n := g.rows
	for _, r := range g.remarks {
		if r.kind != Cleaned {
			n -= max(1, r.rows)
		}
	}
	return n
}

// joined are the variants of the group after those that are staged.
func (g *group) joined(s store.Staging) (all []gathered, line int, known bool, err error) {
	before, line, err := s.StagedProduct(g.id)
	if errors.Is(err, store.ErrNotFound) {
		return g.variants, g.line, false, nil
	}
	if err != nil {
		return nil, 0, false, err
	}
	for _, v := range before.Variants {
		all = append(all, gathered{v, line, before.Title, before.Attributes})
	}
	later := g.product
	g.product = before
	g.own(later)
	g.product.Attributes = maps.Clone(g.product.Attributes)
	return append(all, g.variants...), line, true, nil
}

// distinct leaves out variants that a later row of the same SKU replaces, and tells those that
// customers can't tell apart.
func distinct(all []gathered, id string) (out []gathered, replaced int, remarks []remark) {
	at, same := map[string]int{}, map[string]string{}
	for _, v := range all {
		if i, ok := at[v.SKU]; ok {
			replaced++
			remarks = append(remarks, replaces(v.line, v.SKU, out[i].line))
			out[i] = v
			continue
		}
		at[v.SKU] = len(out)
		out = append(out, v)
	}
	for _, v := range out {
		key := ""
		for _, k := range slices.Sorted(maps.Keys(v.Options)) {
			key += k + "\x00" + v.Options[k] + "\x00"
		}
		for _, k := range slices.Sorted(maps.Keys(v.details)) {
			key += "\x01" + k + "\x00" + v.details[k]
		}
		if other, ok := same[key]; ok {
			remarks = append(remarks, remark{line: v.line, id: v.SKU, kind: Cleaned, silent: true,
				message: fmt.Sprintf("nothing tells it apart from %s of the same product %s: give each its options", quoted(other), quoted(id))})
		}
		same[key] = v.SKU
	}
	return out, replaced, remarks
}

func replaces(line int, id string, before int) remark {
	return remark{line: line, id: id, kind: Cleaned, silent: true, message: fmt.Sprintf("replaces the row of line %d, which has the same id", before)}
}

// settled is the product of these variants. A detail in which they differ is an option, one
// that they share an attribute.
func (g *group) settled(all []gathered) catalog.Product {
	p := g.product
	p.ID, p.Title = g.id, titleOf(all, p.Title)
	if p.Category == nil {
		p.Category = []string{}
	}
	p.Attributes = maps.Clone(p.Attributes)
	p.Variants = make([]catalog.Variant, len(all))
	values, count := map[string]map[string]bool{}, map[string]int{}
	for i, v := range all {
		p.Variants[i] = v.Variant
		p.Variants[i].Options = maps.Clone(v.Options)
		for name, value := range v.details {
			if values[name] == nil {
				values[name] = map[string]bool{}
			}
			values[name][value] = true
			count[name]++
		}
	}
	for name, different := range values {
		if option := len(different) > 1 && count[name] == len(all); option && !clashes(all, name) {
			for i, v := range all {
				p.Variants[i].Options[name] = v.details[name]
			}
			delete(p.Attributes, name)
			continue
		}
		first := slices.IndexFunc(all, func(v gathered) bool { return v.details[name] != "" })
		if first < 0 {
			continue
		}
		if p.Attributes == nil {
			p.Attributes = map[string]string{}
		}
		p.Attributes[name] = all[first].details[name]
	}
	if len(p.Attributes) == 0 {
		p.Attributes = nil
	}
	return p
}

func clashes(all []gathered, option string) bool {
	return slices.ContainsFunc(all, func(v gathered) bool { _, ok := v.Options[option]; return ok })
}

// titleOf is the product's title where each variant has one of its own, as in "Lamp - red":
// what they share once the variants' options are taken off their ends.
func titleOf(all []gathered, otherwise string) string {
	shared, bare := otherwise, ""
	same := true
	for i, v := range all {
		if v.title == "" {
			continue
		}
		same = same && v.title == shared
		short := withoutOptions(v.title, v.Variant.Options)
		if bare == "" && i == 0 {
			bare = short
		}
		bare = sharedWords(bare, short)
	}
	if same || bare == "" {
		return shared
	}
	return bare
}

// What stands between the words of a title, and of that before and after an option's value.
const (
	between = before + after
	before  = " \t-–—/,|·:;(["
	after   = " \t)]"
)

// withoutOptions takes a variant's option values off the end of its title.
func withoutOptions(title string, options map[string]string) string {
	left := slices.Collect(maps.Values(options))
	slices.SortFunc(left, func(a, b string) int { return len(b) - len(a) })
	for found := true; found; {
		found = false
		for i, value := range left {
			rest := strings.TrimRight(title, after)
			cut := len(rest) - len(value)
			if value == "" || cut <= 0 || !strings.EqualFold(rest[cut:], value) || !endsApart(rest[:cut]) {
				continue
			}
			title = strings.TrimRight(rest[:cut], before)
			left = slices.Delete(left, i, i+1)
			found = true
			break
		}
	}
	return title
}

func endsApart(s string) bool {
	r, _ := utf8.DecodeLastRuneInString(s)
	return strings.ContainsRune(between, r)
}

// sharedWords is the beginning that two titles have in common, whole words only.
func sharedWords(a, b string) string {
	n := 0
	for n < len(a) && n < len(b) && a[n] == b[n] {
		n++
	}
	apart := func(s string) bool {
		r, _ := utf8.DecodeRuneInString(s[n:])
		return n == len(s) || strings.ContainsRune(between, r)
	}
	if !apart(a) || !apart(b) {
		n = max(0, strings.LastIndexAny(a[:n], between))
	}
	return strings.TrimRight(a[:n], before)
}
