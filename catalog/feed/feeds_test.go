package feed_test

import (
	"bytes"
	"encoding/binary"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"testing/fstest"
	"time"
	"unicode/utf16"

	"github.com/floorwalker/floorwalker/catalog/feed"
	"github.com/floorwalker/floorwalker/catalog/store"
)

// take imports as a shopkeeper with prices in dollars does.
func take(t testing.TB, db store.DB, from fs.FS, change ...func(*feed.Options)) feed.Report {
	t.Helper()
	o := feed.Options{Now: at, Currency: "USD"}
	for _, c := range change {
		c(&o)
	}
	report, err := feed.Import(t.Context(), db, "demo", from, o)
	if err != nil {
		t.Fatal(err)
	}
	addsUp(t, report)
	return report
}

// addsUp checks that each row is counted once. Customers may come with orders, without rows.
func addsUp(t testing.TB, report feed.Report) {
	t.Helper()
	for _, x := range report.Tables {
		if x.Name != "customers" && x.Read != x.Added+x.Updated+x.Unchanged+x.Refused+x.Skipped+x.Replaced+x.Joined {
			t.Errorf("counts don't add up: %+v\n%s", x, notes(report))
		}
	}
}

func notes(r feed.Report) string {
	var b strings.Builder
	for _, n := range r.Notes {
		fmt.Fprintln(&b, n)
	}
	return b.String()
}

func exportedAs(t testing.TB, db store.DB, out feed.Output) string {
	t.Helper()
	var b bytes.Buffer
	if err := feed.Export(t.Context(), db, "demo", out, &b); err != nil {
		t.Fatal(err)
	}
	return b.String()
}

func rows(separator string, rows ...[]string) string {
	var b strings.Builder
	for _, r := range rows {
		b.WriteString(strings.Join(r, separator) + "\n")
	}
	return b.String()
}

var merchantHead = []string{"id", "item_group_id", "title", "description", "link", "image_link", "availability", "price", "sale_price", "sale_price_effective_date",
	"brand", "product_type", "google_product_category", "color", "size", "product_detail", "gtin"}

// item is a good row of a merchant feed, changed in some columns.
func item(id string, change ...string) []string {
	row := []string{id, "", "Lamp " + id, "A lamp.", "https://shop.example/" + id, "https://shop.example/" + id + ".jpg", "in_stock", "19.90 USD", "", "",
		"Fern", "Home > Lighting", "", "", "", "", "4006381333931"}
	for i := 0; i < len(change); i += 2 {
		for n, name := range merchantHead {
			if name == change[i] {
				row[n] = change[i+1]
			}
		}
	}
	return row
}

func TestMerchantFeed(t *testing.T) {
	db := fresh(t)
	report := take(t, db, folder("products.tsv", rows("\t", merchantHead,
		item("LR-S", "item_group_id", "lamp", "title", "Desk Lamp - Red, Small", "color", "Red", "size", "Small", "description", "\"Two lines:\nwith \"\"quotes\"\" &amp; <b>tags</b>\"",
			"product_detail", "General:Watts:40 W,General:Plug:Type C", "price", "1,019.90 USD", "sale_price", "15.50 USD", "sale_price_effective_date", "2026-05-01T00:00+0200/2026-06-30T23:59+0200"),
		item("rug", "title", "Rug &quot;Sun&quot;", "product_type", "", "google_product_category", "Home &amp; Garden &gt; Decor &gt; Rugs", "availability", "preorder", "color", "red"),
		item("LB-S", "item_group_id", "lamp", "title", "Desk Lamp - Blue, Small", "color", "Blue", "size", "Small", "availability", "out of stock",
			"product_detail", "General:Watts:60 W,General:Plug:Type C", "sale_price", "9 USD", "sale_price_effective_date", "2026-07-01T00:00Z/2026-07-31T00:00Z"),
	)))
	want := `{"id":"lamp","title":"Desk Lamp","brand":"Fern","description":"Two lines:\nwith \"quotes\" & tags","category":["Home","Lighting"],"attributes":{"Plug":"Type C"},"image":"https://shop.example/LR-S.jpg","url":"https://shop.example/LR-S","variants":[{"sku":"LR-S","options":{"Watts":"40 W","color":"Red","size":"Small"},"currency":"USD","available":true,"price":"15.50"},{"sku":"LB-S","options":{"Watts":"60 W","color":"Blue","size":"Small"},"currency":"USD","available":false,"price":"19.90"}]}
{"id":"rug","title":"Rug \"Sun\"","brand":"Fern","description":"A lamp.","category":["Home & Garden","Decor","Rugs"],"attributes":{"availability":"preorder","color":"red"},"image":"https://shop.example/rug.jpg","url":"https://shop.example/rug","variants":[{"sku":"rug","options":{},"currency":"USD","available":false,"price":"19.90"}]}
`
	if got := exported(t, db, "products"); got != want {
		t.Errorf("got\n%s\nwant\n%s", got, want)
	}
	if p := report.Tables[0]; p.Format != "Google Merchant feed, rows" || p.Added != 2 || p.Joined != 1 || p.Refused != 0 {
		t.Errorf("%+v\n%s", p, notes(report))
	}
	if at := report.PricesChange; at == nil || !at.Equal(time.Date(2026, 6, 30, 21, 59, 0, 0, time.UTC)) {
		t.Errorf("prices change at %v", at)
	}
	for _, n := range []string{
		`products.tsv:2: LR-S cleaned: "description": HTML made text; "price": 1,019.90 read as 1019.90`,
		`products.tsv:4: rug cleaned: "title": HTML entities made text; "google_product_category": HTML entities made text`,
	} {
		if !strings.Contains(notes(report), n+"\n") {
			t.Errorf("no note %s in\n%s", n, notes(report))
		}
	}
}

const rss = `<?xml version="1.0"?>
<rss xmlns:g="http://base.google.com/ns/1.0" xmlns:c="http://base.google.com/cns/1.0" version="2.0"><channel><title>Shop</title>
<!-- <item><g:id>comment</g:id></item> -->
<item><title>plain</title><g:title>Lamp</g:title><link>https://shop.example/lamp?a=1&amp;b=2</link><description><![CDATA[<p>One</p><p>Two </item> three</p>]]></description>
 <g:id>L-R</g:id><g:item_group_id>lamp</g:item_group_id><g:color>Red</g:color><g:price>19.90 USD</g:price><g:availability>in_stock</g:availability>
 <g:product_detail><g:section_name>General</g:section_name><g:attribute_name>Watts</g:attribute_name><g:attribute_value>40</g:attribute_value></g:product_detail>
 <c:voltage type="string">230 V</c:voltage><g:product_type>Home &gt; Lamps</g:product_type><g:product_type>Other</g:product_type></item>
<item><g:title>Cut off</g:title><g:id>broken
<item><g:id>L-B</g:id><g:title>Black & Decker Lamp&nbsp;</g:title><g:item_group_id>lamp</g:item_group_id><g:color>Blue</g:color><g:price>21 USD</g:price><g:availability>InStock</g:availability></item>
<item><g:id>bad</g:id><g:title>x</g:titel><g:price>1 USD</g:price></item>
<item><g:id>last</g:id><g:title>Last</g:title><g:price>1 USD</g:price><g:availability>in_stock</g:availability><g:surprise>1</g:surprise></item>
</channel></rss>
`

func TestMerchantXML(t *testing.T) {
	db := fresh(t)
	report := take(t, db, folder("products.xml", rss))
	inShop(t, db, func(r store.Records) error {
		p, err := r.Product("lamp")
		if err != nil {
			return err
		}
		if p.Title != "Lamp" || p.Description != "One\n\nTwo three" || p.URL != "https://shop.example/lamp?a=1&b=2" ||
			strings.Join(p.Category, "/") != "Home/Lamps" || p.Attributes["Watts"] != "40" || p.Attributes["voltage"] != "230 V" || len(p.Variants) != 2 || p.Variants[1].SKU != "L-B" {
			t.Errorf("%+v", p)
		}
		_, err = r.Product("last")
		return err
	})
	want := `products.xml:4: L-R cleaned: "description": HTML made text
products.xml:8: refused: the item has no end before the next begins
products.xml:9: L-B cleaned: an & that should be &amp; is kept
products.xml:10: refused: not well-formed XML: line 1: element <title> closed by </titel>
products.xml:11: last cleaned: unknown elements ignored: "surprise"
`
	if notes(report) != want || report.Tables[0].Format != "Google Merchant feed, XML" {
		t.Errorf("%s\n%+v", notes(report), report.Tables)
	}
}

func TestMerchantAtomAndCutXML(t *testing.T) {
	entry := `<entry><g:id>%s</g:id><id>tag:x</id><title>Lamp</title><link rel="self" href="no"/><link href="https://shop.example/x"/><summary>It shines.</summary><g:price>5.00 USD</g:price><g:availability>in stock</g:availability></entry>` + "\n"
	atom := `<feed xmlns="http://www.w3.org/2005/Atom" xmlns:g="http://base.google.com/ns/1.0">` + "\n" + fmt.Sprintf(entry, "a") + fmt.Sprintf(entry, "b")
	for end, refusal := range map[string]string{
		"</feed>":     "",
		"":            "products.xml:4: refused: the file ends before its last element does: it is cut off; export it again\n",
		"<entry><g:i": "products.xml:4: refused: the last item is cut off in the middle\n",
	} {
		db := fresh(t)
		report := take(t, db, folder("products.xml", atom+end))
		if notes(report) != refusal {
			t.Errorf("%q: %s", end, notes(report))
		}
		inShop(t, db, func(r store.Records) error {
			_, err := r.Product("b")
			p, err2 := r.Product("a")
			if err != nil || err2 != nil || p.URL != "https://shop.example/x" || p.Description != "It shines." {
				t.Errorf("%q: %+v, %v, %v", end, p, err, err2)
			}
			return nil
		})
	}
}

// Every oddity of one row, between two good ones that must come through.
func TestOddRowsOfMerchantFeeds(t *testing.T) {
	db := fresh(t)
	for i, c := range []struct {
		row  []string
		want string
	}{
		{item("x", "price", ""), `x refused: "price" is missing: without one nothing can be sold`},
		{item("x", "price", "19.90"), `x cleaned: "price" has no currency: taken as the shop's`},
		{item("x", "price", "19.90 EUR"), `x cleaned: "price" is in EUR, and the shop's currency is USD: kept in EUR`},
		{item("x", "price", "19,90 USD"), `x cleaned: "price": 19,90 read as 19.90`},
		{item("x", "price", "1.299,00 USD"), `x cleaned: "price": 1.299,00 read as 1299.00`},
		{item("x", "price", "1,299 USD"), `x refused: "price": "1,299 USD" may be read in two ways: write it like 1299.00`},
		{item("x", "price", "$19.90"), `x refused: "price": "$19.90" is not an amount: write it like 19.90 USD`},
		{item("x", "price", "19.90 ZZZ"), `x refused: "price": "ZZZ" is not a currency of ISO 4217`},
		{item("x", "price", "-1 USD"), `x refused: "price" is negative`},
		{item("x", "sale_price", "9.90 EUR"), `x cleaned: "sale_price" is in another currency than "price": ignored`},
		{item("x", "sale_price", "29.90 USD"), `x cleaned: "sale_price" is higher than "price": ignored`},
		{item("x", "sale_price", "9.90 USD", "sale_price_effective_date", "soon"), `x cleaned: "sale_price_effective_date": "soon" is no period: the sale price is ignored; write it like 2026-11-01T00:00Z/2026-11-30T23:59Z`},
		{item("x", "title", ""), `x refused: "title" is missing`},
		{item(""), ` refused: "id" is missing`},
		{item("x", "availability", ""), `x refused: "availability" is missing: write in_stock or out_of_stock`},
		{item("x", "availability", "maybe"), `x refused: "availability": "maybe" is unknown: write in_stock, out_of_stock, preorder or backorder`},
		{item("good-1"), `good-1 cleaned: replaces the row of line 2, which has the same id`},
		{item("good-1", "item_group_id", "g"), `good-1 refused: SKU "good-1": another product has this SKU in this file: give each its own`},
		{item("x")[:5], ` refused: not a row of this file: 5 cells stand below 17 columns`},
		{append(item("x"), "", ""), ` cleaned: empty cells after the last column dropped`},
		{append(item("x"), "", "more"), ` refused: not a row of this file: 19 cells stand below 17 columns`},
		{item("x", "title", `24" lamp`), ``},
		{item("x", "title", `"Best" lamp`), ` cleaned: quotes that don't match are kept as they stand`},
		{item("x", "title", `"Lamp`), ` cleaned: quotes that don't match are kept as they stand`},
		{item("x", "description", "\"one\ntwo\""), ``},
		{[]string{"x", `"`}, ` refused: not a row of this file: `},
		{item("x", "title", "L\xff"), ` refused: not UTF-8 text: save the file with the encoding UTF-8`},
		{item("x", "title", " Lamp\x01 "), `x cleaned: "title": spaces around it removed; "title": control characters removed`},
		{item("x", "title", strings.Repeat("x", 1<<20)), ` refused: the line has `},
	} {
		shop := fmt.Sprint("shop", i)
		report, err := feed.Import(t.Context(), db, shop, folder("products.tsv", rows("\t", merchantHead, item("good-1"), c.row, item("good-2"))), feed.Options{Now: at, Currency: "USD"})
		if err != nil {
			t.Fatal(err)
		}
		addsUp(t, report)
		got := strings.TrimSuffix(strings.TrimPrefix(notes(report), "products.tsv:3:"), "\n")
		got, want := strings.TrimSpace(got), strings.TrimSpace(c.want)
		if got != want && (want == "" || !strings.Contains(got, want)) {
			t.Errorf("%.60q\n got %s\nwant %s", c.row, got, c.want)
		}
		if err := db.View(t.Context(), func(tx *store.Tx) error {
			_, _, err := store.In(tx, shop).Variant("good-1")
			_, _, err2 := store.In(tx, shop).Variant("good-2")
			return errors.Join(err, err2)
		}); err != nil {
			t.Errorf("%.60q: a good row was lost: %v", c.row, err)
		}
	}
}

func utf16le(s string) string {
	var b bytes.Buffer
	for _, u := range utf16.Encode([]rune("\ufeff" + s)) {
		_ = binary.Write(&b, binary.LittleEndian, u)
	}
	return b.String()
}

func TestFilesOfManyKinds(t *testing.T) {
	tsv := rows("\t", merchantHead, item("a", "title", "Lämp 灯"), item("b"))
	latin := `<?xml version="1.0" encoding="ISO-8859-1"?>` + "<rss><item><id>a</id><title>L\xe4mp \xb7</title><price>1 USD</price><availability>in stock</availability></item></rss>"
	for name, c := range map[string]struct {
		content, want string
		products      int
	}{
		"BOM":        {"\ufeff" + tsv, "feed:1: cleaned: byte order mark removed\n", 2},
		"CRLF":       {strings.ReplaceAll(tsv, "\n", "\r\n"), "", 2},
		"UTF-16":     {utf16le(tsv), "feed:1: cleaned: the file is UTF-16: read as such\n", 2},
		"no mark":    {utf16le(tsv)[2:], "feed:1: cleaned: the file is UTF-16: read as such\n", 2},
		"semicolon":  {rows(";", merchantHead, item("a")), "", 1},
		"Latin-1":    {latin, "feed:1: cleaned: the file is ISO-8859-1: read as such\n", 1},
		"columns":    {"color,id,title,availability,PRICE,Pile,id\nred,a,Lamp,in stock,1 USD,9,b\n", "feed:1: cleaned: unknown columns ignored: \"pile\"\nfeed:1: cleaned: columns that stand twice, the later ignored: \"id\"\n", 1},
		"cut in row": {tsv[:len(tsv)-40], "feed:3: refused: the last row is cut off in the middle: 10 cells stand below 17 columns\n", 1},
		"blank":      {"\n\n" + tsv + "\n\n\n", "", 2},
		"stray": {rows(",", []string{"id", "title", "price", "availability"}, []string{"a", "Lamp", "1 USD", "in stock"}, []string{"b", `"Lamp`, "1 USD", "in stock"},
			[]string{"c", `"Lamp ""x"" one"`, "1 USD", "in stock"}, []string{"d", "\"two\nlines\"", "1 USD", "in stock"}), "feed:3: refused: not a row of this file: ", 3},
		"no rows": {"id\ttitle\tprice\n", "", 0},
	} {
		db := fresh(t)
		dir := t.TempDir()
		if err := os.WriteFile(filepath.Join(dir, "feed"), []byte(c.content), 0o600); err != nil {
			t.Fatal(err)
		}
		from, err := feed.From(filepath.Join(dir, "feed"))
		if err != nil {
			t.Fatal(err)
		}
		report := take(t, db, from)
		if got := notes(report); got != c.want && (c.want == "" || !strings.HasPrefix(got, c.want)) {
			t.Errorf("%s:\n got %swant %s", name, got, c.want)
		}
		if n := strings.Count(exported(t, db, "products"), "\n"); n != c.products {
			t.Errorf("%s: %d products, want %d\n%s", name, n, c.products, notes(report))
		}
		if name == "UTF-16" && !strings.Contains(exported(t, db, "products"), "Lämp 灯") || name == "Latin-1" && !strings.Contains(exported(t, db, "products"), "Lämp ·") {
			t.Errorf("%s: %s", name, exported(t, db, "products"))
		}
	}
	for want, files := range map[string]fstest.MapFS{
		"products.tsv is empty: export it again":                                   folder("products.tsv", "\n \n"),
		`doesn't look like a Google Merchant feed`:                                 folder("products.csv", "colour,weight\n1,2\n"),
		"both products.jsonl and products.tsv have products":                       folder("products.jsonl", good, "products.tsv", tsv),
		"products.xml is empty":                                                    folder("products.xml", ""),
		"it begins with \"PK\\x03":                                                 folder("products.csv", "PK\x03\x04 a spreadsheet"),
		`the encoding "klingon" is unknown: save the file with the encoding UTF-8`: folder("products.xml", `<?xml version="1.0" encoding="klingon"?><rss>`),
	} {
		_, err := feed.Import(t.Context(), fresh(t), "demo", files, feed.Options{Now: at})
		if err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("got %v, want %s", err, want)
		}
	}
}

// A group's rows may stand anywhere; a feed has one language, and translations stay.
func TestVariantsThatStandApartAreOneProduct(t *testing.T) {
	db := fresh(t)
	bring(t, db, folder("products.jsonl", `{"id":"g3","title":"Old","translations":{"zh":{"title":"灯"}},"variants":[]}`))
	all := [][]string{merchantHead}
	for size := range 5 {
		for g := range 100 {
			all = append(all, item(fmt.Sprintf("g%d-%d", g, size), "item_group_id", fmt.Sprintf("g%d", g), "title", fmt.Sprintf("Lamp %d / size %d", g, size), "size", fmt.Sprintf("size %d", size)))
		}
	}
	report := take(t, db, folder("products.tsv", rows("\t", all...)))
	if p := report.Tables[0]; p.Added != 99 || p.Updated != 1 || p.Joined != 400 || len(report.Notes) > 0 {
		t.Errorf("%+v\n%s", p, notes(report))
	}
	inShop(t, db, func(r store.Records) error {
		p, err := r.Product("g3")
		if len(p.Variants) != 5 || p.Variants[4].Options["size"] != "size 4" || p.Title != "Lamp 3" || p.Translations["zh"].Title != "灯" {
			t.Errorf("%+v", p)
		}
		return err
	})
	if again := take(t, db, folder("products.tsv", rows("\t", all...))).Tables[0]; again.Unchanged != 100 {
		t.Errorf("the same again: %+v", again)
	}
}

func TestPrune(t *testing.T) {
	db := fresh(t)
	prune := func(o *feed.Options) { o.Prune = true }
	most := func(o *feed.Options) { o.Prune, o.Most = true, true }
	take(t, db, folder("products.tsv", rows("\t", merchantHead, item("a"), item("b"), item("c"), item("d"), item("e")),
		"stock.csv", "sku,location,on_hand\na,main,1\ne,main,2\n"))
	refused := func(want string, files fstest.MapFS, change ...func(*feed.Options)) {
		t.Helper()
		before := exported(t, db, "products")
		o := feed.Options{Now: at}
		for _, c := range change {
			c(&o)
		}
		_, err := feed.Import(t.Context(), db, "demo", files, o)
		if err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("got %v, want %s", err, want)
		}
		if exported(t, db, "products") != before || leftovers(t, db) != 0 {
			t.Errorf("%s: something was changed or is left", want)
		}
	}
	refused("3 of 5 products would be removed, which is more than half: nothing was imported; if the file is whole and right, say --prune-most",
		folder("products.tsv", rows("\t", merchantHead, item("a"), item("b"))), prune)
	refused("1 rows can't be read, so what is gone can't be told", folder("products.tsv", rows("\t", merchantHead, item("a"), item("b"), item("c"), []string{"d", "cut"})), most)
	refused("can't be read", folder("products.xml", `<rss><item><id>a</id><title>A</title><price>1 USD</price><availability>in stock</availability></item>`), most)
	refused("without a file of products", folder("stock.csv", "sku,on_hand\na,1\n"), prune)

	// a row that is refused is of a product that isn't gone; a SKU may move to another product
	report := take(t, db, folder("products.tsv", rows("\t", merchantHead, item("a"), item("b", "price", ""), item("c"), item("e", "item_group_id", "new"))), prune)
	if p := report.Tables[0]; p.Removed != 2 || p.Added != 1 || p.Unchanged != 2 || p.Refused != 1 ||
		!strings.Contains(notes(report), "products.tsv: d removed: no longer in the file\n") || !strings.Contains(notes(report), "products.tsv: e removed") {
		t.Errorf("%+v\n%s", p, notes(report))
	}
	if got := exported(t, db, "stock"); !strings.Contains(got, "\ne,main,2") || !strings.Contains(got, "\na,main,1") {
		t.Errorf("stock %s", got)
	}
	report = take(t, db, folder("products.tsv", rows("\t", merchantHead, item("new-1"))), most)
	if report.Tables[0].Removed != 4 || strings.Count(exported(t, db, "products"), "\n") != 1 || strings.Contains(exported(t, db, "stock"), "main") {
		t.Errorf("%+v\n%s%s", report.Tables[0], exported(t, db, "products"), exported(t, db, "stock"))
	}
}
