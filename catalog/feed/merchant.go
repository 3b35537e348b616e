package feed

import (
	"maps"
	"slices"
	"strings"
	"time"

	"github.com/floorwalker/floorwalker/catalog"
)

// merchant is the format of Google Merchant Center's product data specification, which most
// shop systems can write.
const merchant = "merchant"

// merchantOptions are the attributes that tell the variants of an item group apart, by the
// specification.
var merchantOptions = []string{"color", "size", "material", "pattern"}

// merchantDetails are attributes that are kept as the product's, or as options where variants
// of a group differ in them.
var merchantDetails = []string{"condition", "gender", "age_group", "size_type", "size_system", "energy_efficiency_class", "availability_date"}

// merchantIgnored are the specification's other attributes: for advertising, tax and delivery.
var merchantIgnored = strings.Fields(`additional_image_link mobile_link gtin mpn identifier_exists adult multipack is_bundle
	unit_pricing_measure unit_pricing_base_measure installment subscription_cost loyalty_points loyalty_program auto_pricing_min_price
	cost_of_goods_sold expiration_date ads_redirect custom_label_0 custom_label_1 custom_label_2 custom_label_3 custom_label_4 promotion_id
	lifestyle_image_link excluded_destination included_destination shopping_ads_excluded_country pause shipping shipping_label shipping_weight
	shipping_length shipping_width shipping_height ships_from_country max_handling_time min_handling_time transit_time_label tax tax_category
	product_highlight product_length product_width product_height product_weight min_energy_efficiency_class max_energy_efficiency_class
	certification structured_title structured_description virtual_model_link sell_on_google_quantity short_title external_seller_id
	display_ads_id display_ads_link display_ads_title display_ads_value display_ads_similar_ids cloud_export_additional_properties
	guid pubdate updated published author category comments source enclosure`)

var merchantRead = append(append([]string{"id", "title", "description", "summary", "content", "link", "image_link", "price", "sale_price", "sale_price_effective_date",
	"availability", "brand", "product_type", "google_product_category", "item_group_id", "item_group_title", "product_detail", "quantity"},
	merchantOptions...), merchantDetails...)

var merchantHeading = heading{
	needed: []string{"id", "title", "price"},
	known: func(c string) bool {
		return slices.Contains(merchantRead, c) || slices.Contains(merchantIgnored, c) || strings.HasPrefix(c, "c:")
	},
	fold: func(c string) string {
		c, _, _ = strings.Cut(strings.ToLower(c), "(")
		return strings.ReplaceAll(strings.TrimPrefix(strings.TrimSpace(c), "g:"), " ", "_")
	},
}

// availabilities are the specification's values: whether a thing can be bought and sent now.
var availabilities = map[string]bool{"in_stock": true, "limited_availability": true, "available_for_order": true,
	"out_of_stock": false, "preorder": false, "backorder": false, "discontinued": false}

// merchantItem makes a product's part of an item.
type merchantItem struct {
	now      time.Time
	currency string // the shop's; "" unknown
	changes  *changes
}

func (m merchantItem) part(values map[string]any, line int, details []detail, done *row) part {
	o := newObject(values, "", done)
	p := part{line: line, id: o.text("item_group_id"), name: o.text("id"), head: true, details: map[string]string{}}
	v := catalog.Variant{SKU: o.id("id"), Options: map[string]string{}}
	grouped := p.id != ""
	if grouped {
		p.id = o.id("item_group_id")
	} else {
		p.id = v.SKU
	}
	p.product = catalog.Product{Title: o.words("title"), Brand: o.words("brand"), Description: m.description(o),
		Category: m.category(o), Image: o.words("image_link"), URL: o.words("link")}
	if p.product.Title == "" {
		done.refuse("%s is missing", quoted("title"))
	}
	m.price(o, &v)
	m.available(o, &v, p.details)
	m.details(o, details, grouped, &v, &p)
	if group := o.words("item_group_title"); group != "" {
		p.product.Title = group
	}
	if done.refused == "" {
		p.variant = &v
	} else {
		p.head = false
	}
	p.remarks = done.remarks(line, p.name)
	for i := range p.remarks {
		p.remarks[i].of = p.id
	}
	return p
}

func (merchantItem) description(o object) string {
	for _, key := range []string{"description", "summary", "content"} {
		if s := o.prose(key); s != "" {
			return s
		}
	}
	return ""
}

// category is the shop's own path or, without one, Google's, unless that is a number.
func (merchantItem) category(o object) []string {
	path := o.words("product_type")
	if google := o.words("google_product_category"); path == "" && strings.Trim(google, "0123456789") != "" {
		path = google
	}
	return categoryOf(path)
}

// categoryOf is a path written like Home > Lighting > Lamps.
func categoryOf(path string) []string {
	out := []string{}
	for step := range strings.SplitSeq(path, ">") {
		if step = strings.TrimSpace(step); step != "" {
			out = append(out, step)
		}
	}
	return out
}

// price is the sale price while that is in effect, else the price.
func (m merchantItem) price(o object, v *catalog.Variant) {
	price, unit, ok := o.money("price")
	if !ok {
		o.row.refuse("%s is missing: without one nothing can be sold", quoted("price"))
		return
	}
	v.Price, v.Currency = price, unit
	if sale, saleUnit, ok := o.money("sale_price"); ok {
		switch active, known := m.inEffect(o, "sale_price_effective_date"); {
		case !known:
		case saleUnit != unit:
			o.row.clean("%s is in another currency than %s: ignored", quoted("sale_price"), quoted("price"))
		case sale.GreaterThan(price):
			o.row.clean("%s is higher than %s: ignored", quoted("sale_price"), quoted("price"))
		case active:
			v.Price = sale
		}
	}
	if unit == "" {
		o.row.clean("%s has no currency: taken as the shop's", quoted("price"))
	} else if m.currency != "" && unit != m.currency {
		o.row.clean("%s is in %s, and the shop's currency is %s: kept in %s", quoted("price"), unit, m.currency, unit)
	}
}

// inEffect reports whether now is within a period FROM/TO; no period is always in effect.
func (m merchantItem) inEffect(o object, key string) (active, known bool) {
	s := o.text(key)
	if s == "" {
		return true, true
	}
	from, to, ok := strings.Cut(s, "/")
	begin, beginOK := moment(from)
	end, endOK := moment(to)
	if !ok || !beginOK || !endOK || end.Before(begin) {
		o.row.clean("%s: %s is no period: the sale price is ignored; write it like 2026-11-01T00:00Z/2026-11-30T23:59Z", quoted(key), quoted(s))
		return false, false
	}
	m.changes.at(begin)
	m.changes.at(end)
	return !m.now.Before(begin) && m.now.Before(end), true
}

// moments are the ways in which ISO 8601 lets a time be written.
var moments = []string{"2006-01-02T15:04Z0700", "2006-01-02T15:04Z07:00", "2006-01-02T15:04:05Z0700", time.RFC3339, "2006-01-02T15:04:05", "2006-01-02T15:04",
	"2006-01-02 15:04:05 -0700", "2006-01-02 15:04:05 MST", time.DateTime, time.DateOnly}

func moment(s string) (time.Time, bool) {
	for _, form := range moments {
		if t, err := time.Parse(form, strings.TrimSpace(s)); err == nil && t.Year() >= 1900 && t.Year() <= 2200 {
			return t, true
		}
	}
	return time.Time{}, false
}

func (merchantItem) available(o object, v *catalog.Variant, details map[string]string) {
	said := o.text("availability")
	value := strings.ReplaceAll(strings.ToLower(strings.TrimPrefix(strings.TrimPrefix(said, "https://schema.org/"), "http://schema.org/")), " ", "_")
	for _, name := range slices.Sorted(maps.Keys(availabilities)) { // schema.org writes InStock
		if strings.ReplaceAll(name, "_", "") == value {
			value = name
		}
	}
	var known bool
	if v.Available, known = availabilities[value]; !known {
		if said == "" {
			o.row.refuse("%s is missing: write in_stock or out_of_stock", quoted("availability"))
			return
		}
		o.row.refuse("%s: %s is unknown: write in_stock, out_of_stock, preorder or backorder", quoted("availability"), quoted(said))
		return
	}
	if value == "preorder" || value == "backorder" || value == "discontinued" {
		details["availability"] = value
	}
	if n, ok := o.whole("quantity"); ok {
		n = max(0, n)
		v.Stock = &n
	}
}

// details sorts what else an item says into options and attributes.
func (merchantItem) details(o object, more []detail, grouped bool, v *catalog.Variant, p *part) {
	put := func(name, value string, option bool) {
		switch {
		case name == "" || value == "":
		case option:
			v.Options[name] = value
		default:
			p.details[name] = value
		}
	}
	for _, name := range merchantOptions {
		put(name, o.words(name), grouped)
	}
	for _, name := range merchantDetails {
		put(name, o.words(name), false)
	}
	for _, d := range more {
		put(d.name, d.value, grouped && strings.EqualFold(d.section, optionSection))
	}
	for _, key := range slices.Sorted(maps.Keys(o.values)) {
		if name, custom := strings.CutPrefix(key, "c:"); custom {
			put(strings.TrimSuffix(name, ":string"), o.words(key), false)
		}
	}
	for name := range p.details {
		if _, ok := v.Options[name]; ok {
			delete(p.details, name)
		}
	}
}

// changes keeps when the first of the feed's prices changes after now.
type changes struct {
	now   time.Time
	first time.Time
}

func (c *changes) at(t time.Time) {
	if c != nil && t.After(c.now) && (c.first.IsZero() || t.Before(c.first)) {
		c.first = t
	}
}
