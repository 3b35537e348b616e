package feed

import (
	"strings"

	"github.com/shopspring/decimal"
)

// shopify is the format of the CSV files that Shopify exports: products, by Handle, and orders,
// by Name. See https://help.shopify.com/manual/products/import-export and its counterpart for
// orders.
const shopify = "shopify"

// shopifyAliases are the column names of Shopify's newer product template.
var shopifyAliases = map[string]string{
	"url handle": "handle", "description": "body (html)", "body html": "body (html)", "published on online store": "published",
	"sku": "variant sku", "inventory tracker": "variant inventory tracker", "inventory quantity": "variant inventory qty",
	"continue selling when out of stock": "variant inventory policy", "price": "variant price",
	"compare-at price": "variant compare at price", "product image url": "image src", "variant image url": "variant image",
}

func foldShopify(c string) string {
	c = strings.ToLower(c)
	if name, ok := shopifyAliases[c]; ok {
		return name
	}
	return c
}

// amount is a price of Shopify's, which has no currency; ok is false where there is none.
func (o object) bare(key string) (amount decimal.Decimal, ok bool) {
	amount, unit, ok := o.money(key)
	if unit != "" {
		o.row.refuse("%s: %s has a currency, which Shopify never writes: is this Shopify's file?", quoted(key), quoted(unit))
		return decimal.Zero, false
	}
	return amount, ok
}

// unpadded is text without the apostrophe by which Shopify keeps spreadsheets from reading it
// as a number.
func (o object) unpadded(key string) string { return strings.TrimPrefix(o.text(key), "'") }
