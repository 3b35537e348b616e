package feed

import (
	"encoding/csv"
	"errors"
	"fmt"
	"io"
	"maps"
	"slices"
	"strconv"
	"strings"

	"github.com/floorwalker/floorwalker/catalog"
	"github.com/floorwalker/floorwalker/catalog/store"
)

var shopifyProductsWritten = []string{"Handle", "Title", "Body (HTML)", "Vendor", "Product Category", "Type", "Tags", "Published",
	"Option1 Name", "Option1 Value", "Option2 Name", "Option2 Value", "Option3 Name", "Option3 Value",
	"Variant SKU", "Variant Inventory Tracker", "Variant Inventory Qty", "Variant Inventory Policy", "Variant Price", "Image Src", "Status"}

// attributesWritten bounds the attributes that become columns.
const attributesWritten = 500

// exportShopifyProducts writes a row for each variant, and a metafield column for each
// attribute that any product has. A product without variants is left out.
func exportShopifyProducts(r store.Records, w io.Writer, out Output) error {
	columns := map[string]bool{}
	if err := r.Products(func(p catalog.Product) error {
		for name := range p.Attributes {
			columns[name] = true
		}
		if len(columns) > attributesWritten {
			return fmt.Errorf("the products have more than %d attributes, which are columns of Shopify's: use the format %s", attributesWritten, merchant)
		}
		return nil
	}); err != nil {
		return err
	}
	delete(columns, "tags")
	attributes := slices.Sorted(maps.Keys(columns))
	heading := slices.Clone(shopifyProductsWritten)
	for _, name := range attributes {
		heading = append(heading, name+" (product.metafields.custom."+metafieldKey(name)+")")
	}
	sheet := csv.NewWriter(w)
	if err := sheet.Write(heading); err != nil {
		return err
	}
	err := r.Products(func(p catalog.Product) error { return writeShopifyProduct(sheet, p, attributes, out.Currency) })
	sheet.Flush()
	return errors.Join(err, sheet.Error())
}

// metafieldKey is an attribute's name as Shopify allows it.
func metafieldKey(name string) string {
	return strings.Map(func(r rune) rune {
		if r >= 'a' && r <= 'z' || r >= '0' && r <= '9' || r == '_' || r == '-' {
			return r
		}
		return '_'
	}, strings.ToLower(name))
}

func writeShopifyProduct(sheet *csv.Writer, p catalog.Product, attributes []string, shop string) error {
	options, err := optionsOf(p)
	if err != nil {
		return err
	}
	for i, v := range p.Variants {
		if v.Currency != "" && v.Currency != shop {
			return fmt.Errorf("variant %q is priced in %s, and Shopify's file has no other currency than the shop's %q: use the format %s", v.SKU, v.Currency, shop, merchant)
		}
		cells := make([]string, len(shopifyProductsWritten)+len(attributes))
		cells[0] = p.ID
		if i == 0 {
			category, kind := "", ""
			if n := len(p.Category); n > 0 {
				category, kind = strings.Join(p.Category, " > "), p.Category[n-1]
			}
			copy(cells[1:], []string{escaped(p.Title), paragraphs(p.Description), escaped(p.Brand), escaped(category), escaped(kind), p.Attributes["tags"], "TRUE"})
			cells[19] = p.Image
			for n, name := range attributes {
				cells[len(shopifyProductsWritten)+n] = escaped(p.Attributes[name])
			}
		}
		for n, name := range options {
			cells[8+2*n], cells[9+2*n] = name, escaped(v.Options[name])
		}
		if len(options) == 0 {
			cells[8], cells[9] = "Title", "Default Title"
		}
		cells[14], cells[18], cells[20] = v.SKU, written(v.Price), "active"
		cells[15], cells[16], cells[17] = shopifyStock(v)
		if err := sheet.Write(cells); err != nil {
			return err
		}
	}
	return nil
}

// optionsOf are the names of a product's options, of which Shopify has three.
func optionsOf(p catalog.Product) ([]string, error) {
	names := map[string]bool{}
	for _, v := range p.Variants {
		for name := range v.Options {
			names[name] = true
		}
	}
	if len(names) > 3 {
		return nil, fmt.Errorf("product %q has %d options, and Shopify takes 3: use the format %s", p.ID, len(names), merchant)
	}
	return slices.Sorted(maps.Keys(names)), nil
}

// shopifyStock are tracker, quantity and policy.
func shopifyStock(v catalog.Variant) (tracker, quantity, policy string) {
	switch {
	case !v.Available:
		return "shopify", "0", "deny"
	case v.Stock == nil:
		return "", "", "deny"
	case *v.Stock <= 0:
		return "shopify", "0", "continue"
	}
	return "shopify", strconv.Itoa(*v.Stock), "deny"
}
