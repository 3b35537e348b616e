package feed

import (
	"fmt"
	"maps"
	"regexp"
	"slices"
	"strings"

	"github.com/floorwalker/floorwalker/catalog"
)

var shopifyProductColumns = []string{"handle", "title", "body (html)", "vendor", "product category", "type", "tags", "published", "status",
	"option1 name", "option1 value", "option2 name", "option2 value", "option3 name", "option3 value",
	"variant sku", "variant inventory tracker", "variant inventory qty", "variant inventory policy", "variant price", "image src"}

// shopifyProductIgnored are columns, or what they begin with, that say nothing to customers.
var shopifyProductIgnored = []string{"variant grams", "variant fulfillment service", "variant compare at price", "variant requires shipping",
	"variant taxable", "variant barcode", "variant image", "variant weight unit", "variant tax code", "image position", "image alt text",
	"gift card", "seo title", "seo description", "google shopping / ", "cost per item", "included / ", "price / ", "compare at price / ",
	"compare-at price / ", "unit price", "barcode", "charge tax", "tax code", "weight value (grams)", "weight unit for display",
	"requires shipping", "fulfillment service", "option1 linked to", "option2 linked to", "option3 linked to", "collection", "standard product type",
	"custom product type", "base price", "pricing / "}

// metafield is a column like Care (product.metafields.custom.care), which is an attribute.
var metafield = regexp.MustCompile(`^(.+) \(product\.metafields\.[^()]+\)$`)

var shopifyProductHeading = heading{
	needed: []string{"handle", "title"},
	known: func(c string) bool {
		return slices.Contains(shopifyProductColumns, c) || metafield.MatchString(c) ||
			slices.ContainsFunc(shopifyProductIgnored, func(begin string) bool { return strings.HasPrefix(c, begin) })
	},
	fold: foldShopify,
}

// shopifyProducts reads the rows of products: the first of a Handle has the product's own
// columns, each one a variant or only a picture.
type shopifyProducts struct {
	*table
	handle  string
	options [3]string // names, which stand in the product's first row only
	hidden  string    // why the product at hand isn't for sale; "": it is
}

func openShopifyProducts(t text, _ Options) (reader, error) {
	tb, err := shopifyProductHeading.open(t)
	if err != nil {
		return nil, err
	}
	s := &shopifyProducts{table: tb}
	return &parts{row: s.row, told: tb.told, size: func() int { return tb.size }}, nil
}

func (s *shopifyProducts) row() (part, error) {
	values, line, done, err := s.next()
	if err != nil {
		return part{}, err
	}
	if values == nil {
		return part{line: line, remarks: done.remarks(line, "")}, nil
	}
	o := newObject(values, "", done)
	p := part{line: line, id: o.id("handle")}
	if done.refused != "" {
		return part{line: line, remarks: done.remarks(line, "")}, nil
	}
	p.product = s.product(o, &p)
	if p.id != s.handle {
		s.handle, s.options, s.hidden = p.id, [3]string{}, ""
	}
	if p.head {
		s.hidden = hiddenBy(o)
	}
	if s.hidden != "" && done.refused == "" {
		return part{line: line, id: p.id, remarks: []remark{{line: line, id: p.id, kind: Skipped, message: s.hidden}}}, nil
	}
	if p.head || o.values["variant price"] != nil || o.values["variant sku"] != nil || o.values["option1 value"] != nil {
		v := s.variant(o, p.id)
		if done.refused == "" {
			p.variant = &v
		}
	}
	p.remarks = done.remarks(line, p.id)
	for i := range p.remarks {
		p.remarks[i].of = p.id
	}
	return p, nil
}

func (s *shopifyProducts) product(o object, p *part) catalog.Product {
	c := catalog.Product{ID: p.id, Title: o.words("title"), Brand: o.words("vendor"), Description: plain(o.text("body (html)")),
		Category: categoryOf(o.words("product category")), Image: o.text("image src")}
	p.head = c.Title != ""
	attributes := map[string]string{"tags": o.text("tags")}
	if kind := o.words("type"); len(c.Category) == 0 && kind != "" {
		c.Category = []string{kind}
	} else if !slices.Contains(c.Category, kind) {
		attributes["type"] = kind
	}
	for column := range o.values {
		if m := metafield.FindStringSubmatch(column); m != nil {
			attributes[m[1]] = plain(o.text(column))
		}
	}
	maps.DeleteFunc(attributes, func(_, v string) bool { return v == "" })
	if len(attributes) > 0 {
		c.Attributes = attributes
	}
	return c
}

// hiddenBy says why a product isn't for sale.
func hiddenBy(o object) string {
	if status := strings.ToLower(o.text("status")); status != "" && status != "active" {
		return fmt.Sprintf("its status is %s: not for sale", status)
	}
	if strings.EqualFold(o.text("published"), "false") {
		return "it isn't published: not for sale"
	}
	return ""
}

func (s *shopifyProducts) variant(o object, handle string) catalog.Variant {
	v := catalog.Variant{Options: map[string]string{}}
	var values []string
	for i := range s.options {
		if name := o.words(fmt.Sprintf("option%d name", i+1)); name != "" {
			s.options[i] = strings.ToLower(name)
		}
		value := o.words(fmt.Sprintf("option%d value", i+1))
		switch {
		case value == "" || s.options[i] == "title" && strings.EqualFold(value, "Default Title"):
		case s.options[i] == "":
			o.row.refuse("%s has no %s above it", quoted(value), quoted(fmt.Sprintf("Option%d Name", i+1)))
		default:
			v.Options[s.options[i]] = value
			values = append(values, value)
		}
	}
	if v.SKU = o.unpadded("variant sku"); v.SKU != "" {
		o.values["variant sku"] = v.SKU
		o.id("variant sku")
	} else {
		v.SKU = madeSKU(handle, values)
		o.row.clean("%s is missing: %s is used", quoted("Variant SKU"), quoted(v.SKU))
	}
	var ok bool
	if v.Price, ok = o.bare("variant price"); !ok {
		o.row.refuse("%s is missing: without one nothing can be sold", quoted("Variant Price"))
	}
	s.available(o, &v)
	return v
}

// madeSKU is the key of a variant that has none: the product's and its options.
func madeSKU(handle string, values []string) string {
	sku := []rune(strings.Join(append([]string{handle}, values...), "/"))
	return strings.TrimSpace(string(sku[:min(len(sku), idLimit)]))
}

// available reads the stock. Where Shopify doesn't track it, or the file doesn't have it
// (shops with several locations), the thing is available and how many are there unknown.
func (s *shopifyProducts) available(o object, v *catalog.Variant) {
	v.Available = true
	tracked := !s.has("variant inventory tracker") || o.text("variant inventory tracker") != ""
	n, ok := o.whole("variant inventory qty")
	if !ok || !tracked {
		return
	}
	sellsOn := slices.Contains([]string{"continue", "true"}, strings.ToLower(o.text("variant inventory policy")))
	if n <= 0 && sellsOn {
		return
	}
	n = max(0, n)
	v.Available, v.Stock = n > 0, &n
}
