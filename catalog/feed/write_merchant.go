package feed

import (
	"encoding/xml"
	"fmt"
	"io"
	"maps"
	"slices"
	"strconv"
	"strings"

	"github.com/floorwalker/floorwalker/catalog"
	"github.com/floorwalker/floorwalker/catalog/store"
)

// merchantColumns are the attributes that are written, in this order.
var merchantColumns = []string{"id", "item_group_id", "title", "description", "link", "image_link", "availability", "price", "brand", "product_type",
	"color", "size", "material", "pattern", "quantity"}

// merchantSheet writes items.
type merchantSheet interface {
	item(values []string, details []detail) error
	end() error
}

// exportMerchant writes one item for each variant. A product without variants has nothing
// that can be sold, and is left out.
func exportMerchant(r store.Records, w io.Writer, out Output) error {
	var sheet merchantSheet = &merchantRows{w: w}
	if out.XML {
		sheet = &merchantRSS{w: w}
	}
	err := r.Products(func(p catalog.Product) error {
		for _, v := range p.Variants {
			values, details, err := merchantItemOf(p, v, out.Currency)
			if err != nil {
				return err
			}
			if err := sheet.item(values, details); err != nil {
				return err
			}
		}
		return nil
	})
	if err != nil {
		return err
	}
	return sheet.end()
}

func merchantItemOf(p catalog.Product, v catalog.Variant, shop string) ([]string, []detail, error) {
	unit := v.Currency
	if unit == "" {
		unit = shop
	}
	if unit == "" {
		return nil, nil, fmt.Errorf("variant %q has no currency, and a merchant feed must have it: give it one, or currency in shop.yaml", v.SKU)
	}
	group := p.ID
	if len(p.Variants) == 1 && p.ID == v.SKU && len(v.Options) == 0 {
		group = ""
	}
	stock := ""
	if v.Stock != nil {
		stock = strconv.Itoa(*v.Stock)
	}
	available := "out_of_stock"
	if v.Available {
		available = "in_stock"
	}
	attributes := maps.Clone(p.Attributes)
	if said := attributes["availability"]; !v.Available && (said == "preorder" || said == "backorder" || said == "discontinued") {
		available = said
		delete(attributes, "availability")
	}
	steps := make([]string, len(p.Category))
	for i, step := range p.Category {
		steps[i] = escaped(strings.ReplaceAll(step, ">", "›"))
	}
	values := []string{v.SKU, group, escaped(p.Title), escaped(p.Description), escaped(p.URL), escaped(p.Image), available,
		written(v.Price) + " " + unit, escaped(p.Brand), strings.Join(steps, " > "),
		escaped(v.Options["color"]), escaped(v.Options["size"]), escaped(v.Options["material"]), escaped(v.Options["pattern"]), stock}
	var details []detail
	for _, name := range slices.Sorted(maps.Keys(v.Options)) {
		if !slices.Contains(merchantOptions, name) {
			details = append(details, detail{optionSection, name, v.Options[name]})
		}
	}
	for _, name := range slices.Sorted(maps.Keys(attributes)) {
		details = append(details, detail{"details", name, attributes[name]})
	}
	return values, details, nil
}

// merchantRows writes tab-separated rows below a heading.
type merchantRows struct {
	w     io.Writer
	begun bool
}

func (m *merchantRows) item(values []string, details []detail) error {
	if err := m.begin(); err != nil {
		return err
	}
	text := make([]string, len(details))
	for i, d := range details {
		text[i] = d.String()
	}
	return m.write(append(values, strings.Join(text, ",")))
}

func (m *merchantRows) begin() error {
	if m.begun {
		return nil
	}
	m.begun = true
	_, err := io.WriteString(m.w, strings.Join(merchantColumns, "\t")+"\tproduct_detail\n")
	return err
}

func (m *merchantRows) write(cells []string) error {
	for i, c := range cells {
		if strings.ContainsAny(c, "\t\n\r\"") {
			cells[i] = `"` + strings.ReplaceAll(c, `"`, `""`) + `"`
		}
	}
	_, err := io.WriteString(m.w, strings.Join(cells, "\t")+"\n")
	return err
}

func (m *merchantRows) end() error { return m.begin() }

// merchantRSS writes RSS 2.0 with Google's namespace.
type merchantRSS struct {
	w     io.Writer
	begun bool
}

const rssHead = xml.Header + `<rss version="2.0" xmlns:g="http://base.google.com/ns/1.0">
<channel>
<title>Products</title>
`

func (m *merchantRSS) begin() error {
	if m.begun {
		return nil
	}
	m.begun = true
	_, err := io.WriteString(m.w, rssHead)
	return err
}

func (m *merchantRSS) item(values []string, details []detail) error {
	if err := m.begin(); err != nil {
		return err
	}
	var b strings.Builder
	b.WriteString("<item>\n")
	for i, name := range merchantColumns {
		if values[i] != "" {
			writeElement(&b, name, values[i])
		}
	}
	for _, d := range details {
		b.WriteString("<g:product_detail>")
		for _, e := range [][2]string{{"section_name", d.section}, {"attribute_name", d.name}, {"attribute_value", d.value}} {
			writeElement(&b, e[0], e[1])
		}
		b.WriteString("</g:product_detail>\n")
	}
	b.WriteString("</item>\n")
	_, err := io.WriteString(m.w, b.String())
	return err
}

func writeElement(b *strings.Builder, name, value string) {
	b.WriteString("<g:" + name + ">")
	_ = xml.EscapeText(b, []byte(value)) // a Builder takes everything
	b.WriteString("</g:" + name + ">\n")
}

func (m *merchantRSS) end() error {
	if err := m.begin(); err != nil {
		return err
	}
	_, err := io.WriteString(m.w, "</channel>\n</rss>\n")
	return err
}
