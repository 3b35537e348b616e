package feed_test

import (
	"fmt"
	"maps"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"testing/fstest"
	"time"

	"github.com/floorwalker/floorwalker/catalog"
	"github.com/floorwalker/floorwalker/catalog/feed"
	"github.com/floorwalker/floorwalker/catalog/store"
)

const shopifyProducts = `Handle,Title,Body (HTML),Vendor,Product Category,Type,Tags,Published,Option1 Name,Option1 Value,Option2 Name,Option2 Value,Variant SKU,Variant Grams,Variant Inventory Tracker,Variant Inventory Qty,Variant Inventory Policy,Variant Price,Image Src,Image Position,Care (product.metafields.custom.care),Status
lamp,Desk Lamp,"<p>Warm &amp; <b>bright</b>.</p>
<ul><li>40 W</li><li>Dimmable</li></ul>",Fern,Home & Garden > Lighting > Lamps,Lamp,"new, gift",true,Color,Red,Size,Small,'L-RS,500,shopify,7,deny,19.90,https://shop.example/l.jpg,1,Dry cloth,active
lamp,,,,,,,,,Red,,Large,L-RL,500,shopify,0,deny,29.90,https://shop.example/l2.jpg,2,,
lamp,,,,,,,,,,,,,,,,,,https://shop.example/l3.jpg,3,,
lamp,,,,,,,,,Blue,,Small,,500,shopify,-3,continue,19.90,,,,
lamp,,,,,,,,,Blue,,Large,L-BL,500,,,deny,,,,,
gift,Gift Card,,Fern,,Gift,,true,Title,Default Title,,,G,0,,,deny,25.00,,,,active
secret,Next Year's Lamp,,Fern,,Lamp,,true,Color,Red,,,S-1,0,,,deny,25.00,,,,draft
secret,,,,,,,,,Blue,,,S-2,0,,,deny,25.00,,,,
old,Old Lamp,,Fern,,Lamp,,false,Title,Default Title,,,O,0,,,deny,25.00,,,,active
lamp,,,,,,,,Color,Green,Size,Small,L-GS,500,shopify,1,deny,18.00,,,,
orphan,,,,,,,,Color,Green,Size,Small,OR,500,shopify,1,deny,18.00,,,,
`

func TestShopifyProducts(t *testing.T) {
	db := fresh(t)
	report := take(t, db, folder("products_export.csv", shopifyProducts))
	want := `{"id":"gift","title":"Gift Card","brand":"Fern","category":["Gift"],"variants":[{"sku":"G","options":{},"available":true,"price":"25.00"}]}
{"id":"lamp","title":"Desk Lamp","brand":"Fern","description":"Warm & bright.\n\n• 40 W\n• Dimmable","category":["Home & Garden","Lighting","Lamps"],"attributes":{"care":"Dry cloth","tags":"new, gift","type":"Lamp"},"image":"https://shop.example/l.jpg","variants":[{"sku":"L-RS","options":{"color":"Red","size":"Small"},"available":true,"stock":7,"price":"19.90"},{"sku":"L-RL","options":{"color":"Red","size":"Large"},"available":false,"stock":0,"price":"29.90"},{"sku":"lamp/Blue/Small","options":{"color":"Blue","size":"Small"},"available":true,"price":"19.90"},{"sku":"L-GS","options":{"color":"Green","size":"Small"},"available":true,"stock":1,"price":"18.00"}]}
`
	if got := exported(t, db, "products"); got != want {
		t.Errorf("got\n%s\nwant\n%s", got, want)
	}
	want = `products_export.csv:6: lamp cleaned: "Variant SKU" is missing: "lamp/Blue/Small" is used
products_export.csv:7: lamp refused: "Variant Price" is missing: without one nothing can be sold
products_export.csv:9: secret skipped: its status is draft: not for sale
products_export.csv:10: secret skipped: its status is draft: not for sale
products_export.csv:11: old skipped: it isn't published: not for sale
products_export.csv:13: orphan refused: no row of this product has its title
`
	if got := notes(report); got != want {
		t.Errorf("got\n%swant\n%s", got, want)
	}
	if p := report.Tables[0]; p.Format != "Shopify products" || p.Added != 2 || p.Joined != 4 || p.Skipped != 3 || p.Refused != 2 {
		t.Errorf("%+v", p)
	}
	newer := "Title,URL handle,Description,Vendor,Published on online store,Status,SKU,Option1 name,Option1 value,Price,Continue selling when out of stock,Inventory quantity,Product image URL\n" +
		"Mug,mug,<p>Blue</p>,Fern,TRUE,Active,M-1,Color,Blue,9.00,TRUE,0,https://shop.example/m.jpg\n"
	take(t, db, folder("products.csv", newer))
	inShop(t, db, func(r store.Records) error {
		p, v, err := r.Variant("M-1")
		if p.Title != "Mug" || p.Description != "Blue" || v.Options["color"] != "Blue" || !v.Available || v.Stock != nil {
			t.Errorf("%+v", p)
		}
		return err
	})
}

var orderHead = strings.Split("Name,Email,Financial Status,Paid at,Fulfillment Status,Fulfilled at,Accepts Marketing,Currency,Subtotal,Shipping,Taxes,Total,Created at,Lineitem quantity,Lineitem name,Lineitem price,Lineitem sku,Lineitem fulfillment status,Lineitem discount,Billing Name,Billing Street,Billing Address1,Billing City,Billing Zip,Billing Country,Billing Phone,Shipping Name,Shipping Address1,Shipping Address2,Shipping City,Shipping Zip,Shipping Province,Shipping Country,Notes,Cancelled at,Payment Method,Refunded Amount,Outstanding Balance,Id,Tags", ",")

// line is a row of Shopify's orders: an item, and whatever is changed.
func line(name, email string, change ...string) []string {
	values := map[string]string{"Name": name, "Email": email, "Created at": "2024-03-06 09:00:00 -0500", "Lineitem quantity": "1", "Lineitem name": "Rug",
		"Lineitem price": "4.00", "Lineitem sku": "R", "Lineitem fulfillment status": "pending"}
	for i := 0; i < len(change); i += 2 {
		values[change[i]] = change[i+1]
	}
	row := make([]string, len(orderHead))
	for i, column := range orderHead {
		if row[i] = values[column]; strings.ContainsAny(row[i], "\",\n") {
			row[i] = `"` + strings.ReplaceAll(row[i], `"`, `""`) + `"`
		}
	}
	return row
}

// first is the first row of a paid order.
func first(name, email string, change ...string) []string {
	return line(name, email, append([]string{"Financial Status", "paid", "Paid at", "2024-03-06 09:00:00 -0500", "Fulfillment Status", "unfulfilled", "Currency", "USD",
		"Total", "4.00", "Refunded Amount", "0.00", "Outstanding Balance", "0.00", "Payment Method", "Stripe", "Billing Name", "Mary"}, change...)...)
}

const maya, mary = "maya.okafor@example.com", "mary@shop.example"

var shopifyOrders = rows(",", orderHead,
	first("#1006", "", "Billing Name", "Guest Person", "Lineitem name", "Sticker", "Lineitem price", "5.00", "Lineitem sku", "", "Total", "5.00", "Payment Method", "Shopify Payments"),
	first("#1005", maya, "Fulfillment Status", "fulfilled", "Total", "26.90", "Created at", "2024-03-08 09:00:00 -0500", "Lineitem quantity", "2", "Lineitem name", `Desk Lamp - Red, "Small"`,
		"Lineitem price", "10.00", "Lineitem sku", "L-RS", "Lineitem discount", "1.00", "Billing Name", "Maya N. Okafor", "Billing Address1", "1 High St", "Billing City", "Leeds",
		"Billing Zip", "'02110", "Billing Country", "GB", "Billing Phone", "+44 1", "Shipping Address1", "2 Low St", "Shipping Address2", "Flat\n3", "Notes", "leave\nat door",
		"Refunded Amount", "10.00", "Payment Method", "Shopify Payments"),
	line("#1005", maya),
	first("#1004", "Maya.Okafor@example.com", "Financial Status", "authorized", "Paid at", "", "Outstanding Balance", "4.00", "Billing Name", "Other Name", "Payment Method", "PayPal Express Checkout"),
	first("#1003", mary, "Financial Status", "refunded", "Cancelled at", "2024-03-06 10:00:00 -0500", "Payment Method", "gift_card + Stripe", "Refunded Amount", "4.00"),
	first("#1002", mary, "Financial Status", "refunded", "Refunded Amount", "4.00"),
	first("#1001", mary, "Fulfillment Status", "partial", "Total", "8.00", "Lineitem fulfillment status", "fulfilled", "Tags", "vip"),
	line("#1001", mary, "Lineitem sku", "L"),
	first("#1000", mary, "Fulfillment Status", "fulfilled", "Tags", "vip, status:delivered"),
	first("#0999", mary, "Currency", "EUR"),
	first("#0998", mary),
	line("#0998", mary, "Lineitem quantity", "0"),
	line("#1005", maya, "Lineitem name", "Late Rug"),
	line("#0997", maya),
)

func TestShopifyOrders(t *testing.T) {
	db := fresh(t)
	from := folder("customers.jsonl", `{"id":"mary","first_name":"Mary","last_name":"Li","email":"Mary@shop.example","address":{},"payment_methods":[]}`,
		"products.csv", shopifyProducts, "orders_export.csv", shopifyOrders)
	report := take(t, db, from)
	if got := exported(t, db, "customers"); got != `{"id":"guest:#1006","first_name":"Guest","last_name":"Person","email":"","address":{"line1":"","city":"","region":"","postal_code":"","country":""},"payment_methods":[{"id":"Shopify Payments","kind":"credit_card"}]}
{"id":"mary","first_name":"Mary","last_name":"Li","email":"Mary@shop.example","address":{"line1":"","city":"","region":"","postal_code":"","country":""},"payment_methods":[]}
{"id":"maya.okafor@example.com","first_name":"Maya N.","last_name":"Okafor","email":"maya.okafor@example.com","phone":"+44 1","address":{"line1":"1 High St","city":"Leeds","region":"","postal_code":"02110","country":"GB"},"payment_methods":[{"id":"Shopify Payments","kind":"credit_card"},{"id":"PayPal Express Checkout","kind":"paypal"}]}
` {
		t.Errorf("customers\n%s", got)
	}
	inShop(t, db, func(r store.Records) error {
		for id, want := range map[string]string{
			"#1006": "guest:#1006 pending [payment 5.00 Shopify Payments] [Sticker  1 5.00]", "#1005": "maya.okafor@example.com shipped [payment 26.90 Shopify Payments refund 10.00 Shopify Payments] [L-RS lamp 2 9.50 R  1 4.00 R  1 4.00]",
			"#1004": "maya.okafor@example.com pending [] [R  1 4.00]", "#1003": "mary cancelled [payment 4.00 gift_card + Stripe refund 4.00 gift_card + Stripe] [R  1 4.00]",
			"#1002": "mary processed [payment 4.00 Stripe refund 4.00 Stripe] [R  1 4.00]", "#1001": "mary processed [payment 8.00 Stripe] [R  1 4.00 L  1 4.00]",
			"#1000": "mary delivered [payment 4.00 Stripe] [R  1 4.00]",
		} {
			o, err := r.Order(id)
			if err != nil {
				return err
			}
			var paid, items []string
			for _, p := range o.Payments {
				paid = append(paid, p.Kind+" "+p.Amount.StringFixed(2)+" "+p.Method)
			}
			for _, i := range o.Items {
				items = append(items, fmt.Sprint(i.SKU, " ", i.Product, " ", i.Quantity, " ", i.Price.StringFixed(2)))
			}
			if got := fmt.Sprint(o.Customer, " ", o.Status, " ", paid, " ", items); got != want {
				t.Errorf("%s\n got %s\nwant %s", id, got, want)
			}
		}
		o, err := r.Order("#1005")
		if o.PlacedAt == nil || !o.PlacedAt.Equal(time.Date(2024, 3, 8, 14, 0, 0, 0, time.UTC)) || o.Address.Line2 != "Flat\n3" || o.Items[0].Options["color"] != "Red" || o.Items[0].Title != `Desk Lamp - Red, "Small"` {
			t.Errorf("%+v", o)
		}
		o, err2 := r.Order("#1001")
		if len(o.Shipments) != 1 || strings.Join(o.Shipments[0].SKUs, " ") != "R" {
			t.Errorf("%+v", o)
		}
		if err == nil {
			err = err2
		}
		return err
	})
	for _, want := range []string{
		`orders_export.csv:2: #1006 cleaned: "Lineitem sku" is missing: the item's name is used`,
		`orders_export.csv:9: #1002 cleaned: state "refunded", "unfulfilled" has no counterpart: taken as processed, which nobody can change`,
		`orders_export.csv:13: #0999 refused: "Currency" is EUR, and the shop's is USD: amounts of orders are always in the shop's`,
		`orders_export.csv:15: #0998 refused: "Lineitem quantity" is 0: at least 1 was bought; all 2 rows of the order are left out`,
		`orders_export.csv:17: #0997 refused: no row of this order says more than an item: who ordered it isn't known`,
	} {
		if !strings.Contains(notes(report), want+"\n") {
			t.Errorf("no note %s in\n%s", want, notes(report))
		}
	}
	for _, again := range take(t, db, from).Tables {
		if again.Added+again.Updated != 0 {
			t.Errorf("the same again: %+v", again)
		}
	}
}

// The demo shop goes out in each format and comes back: as it was where the format can say it.
func TestTheDemoShopGoesOutAndComesBack(t *testing.T) {
	if testing.Short() {
		t.Skip("a whole shop, five times")
	}
	db := fresh(t)
	demo := fstest.MapFS{}
	for _, name := range []string{"products.jsonl", "customers.jsonl", "orders.jsonl"} {
		data, err := os.ReadFile(filepath.Join("../../shops/demo", name))
		if err != nil {
			t.Fatal(err)
		}
		demo[name] = &fstest.MapFile{Data: data}
	}
	bring(t, db, demo)
	for file, out := range map[string]feed.Output{
		"products.tsv": {Format: "merchant", Table: "products", Currency: "USD"},
		"products.xml": {Format: "merchant", Table: "products", Currency: "USD", XML: true},
		"products.csv": {Format: "shopify", Table: "products", Currency: "USD"},
	} {
		dir := t.TempDir()
		if err := feed.ExportFile(t.Context(), db, "demo", out, filepath.Join(dir, file)); err != nil {
			t.Error(err)
			continue
		}
		report := take(t, db, os.DirFS(dir), func(o *feed.Options) { o.Format = out.Format })
		p := report.Tables[0]
		if len(report.Notes) > 0 || p.Added+p.Refused > 0 || out.Format == "merchant" && p.Updated > 0 {
			t.Errorf("%s: %+v\n%.2000s", file, p, notes(report))
		}
		again := exportedAs(t, db, out)
		if data, err := os.ReadFile(filepath.Join(dir, file)); err != nil || string(data) != again {
			t.Errorf("%s goes out differently the second time (%v)", file, err)
		}
		bring(t, db, demo)
	}
	out := feed.Output{Format: "shopify", Table: "orders", Currency: "USD"}
	states := func() map[string]string {
		all := map[string]string{}
		inShop(t, db, func(r store.Records) error {
			return r.Orders(func(o catalog.Order) error { all[o.ID] = o.Status; return nil })
		})
		return all
	}
	before := states()
	text := exportedAs(t, db, out)
	if report := take(t, db, folder("orders.csv", text)); report.Refused() > 0 {
		t.Error(notes(report))
	}
	if after := states(); !maps.Equal(before, after) || len(after) < 5 {
		t.Errorf("states were %v and are %v", before, after)
	}
	again := exportedAs(t, db, out)
	then := strings.Split(text, "\n")
	for i, row := range strings.Split(again, "\n") {
		if row != then[i] {
			t.Errorf("it goes out differently the second time:\n%s\n%s", then[i], row)
		}
	}
}

func FuzzFeeds(f *testing.F) {
	f.Add(0, rows("\t", merchantHead, item("a"), item("b", "item_group_id", "g", "color", "red"), item("c", "item_group_id", "g", "price", "")))
	f.Add(1, rss)
	f.Add(2, shopifyProducts)
	f.Add(3, shopifyOrders)
	db := fresh(f)
	f.Fuzz(func(t *testing.T, kind int, content string) {
		of := []struct {
			file string
			out  feed.Output
		}{{"products.tsv", feed.Output{Format: "merchant", Table: "products", Currency: "USD"}}, {"products.xml", feed.Output{Format: "merchant", Table: "products", Currency: "USD", XML: true}},
			{"products.csv", feed.Output{Format: "shopify", Table: "products"}}, {"orders.csv", feed.Output{Format: "shopify", Table: "orders"}}}[uint(kind)%4]
		report, err := feed.Import(t.Context(), db, "demo", folder(of.file, content), feed.Options{Now: at, Prune: of.out.Table == "products", Most: true})
		if err != nil {
			return
		}
		addsUp(t, report)
		var b strings.Builder
		if err := feed.Export(t.Context(), db, "demo", of.out, &b); err != nil {
			return // such as four options
		}
		again := take(t, db, folder(of.file, b.String()))
		if r := again.Refused(); r > 0 {
			t.Errorf("what went out doesn't come in: %s\n%s", notes(again), b.String())
		}
		if second := exportedAs(t, db, of.out); second != b.String() {
			t.Errorf("it goes out differently the second time:\n%s\n%s", b.String(), second)
		}
	})
}
