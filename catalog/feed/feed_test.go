package feed_test

import (
	"bytes"
	"context"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"testing/fstest"
	"time"

	"github.com/floorwalker/floorwalker/catalog/feed"
	"github.com/floorwalker/floorwalker/catalog/store"
	"github.com/floorwalker/floorwalker/catalog/store/sqlite"
)

var at = time.Date(2026, 6, 1, 12, 0, 0, 0, time.UTC)

func open(t testing.TB, path string) *sqlite.DB {
	t.Helper()
	db, err := sqlite.Open(t.Context(), path)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		if err := db.Close(); err != nil {
			t.Error(err)
		}
	})
	return db
}

func fresh(t testing.TB) *sqlite.DB { return open(t, filepath.Join(t.TempDir(), "f.db")) }

// folder is a shop folder of files, by name and content.
func folder(files ...string) fstest.MapFS {
	out := fstest.MapFS{}
	for i := 0; i < len(files); i += 2 {
		out[files[i]] = &fstest.MapFile{Data: []byte(files[i+1])}
	}
	return out
}

func bring(t testing.TB, db store.DB, from fs.FS) feed.Report {
	t.Helper()
	report, err := feed.Import(t.Context(), db, "demo", from, feed.Options{Now: at})
	if err != nil {
		t.Fatal(err)
	}
	return report
}

func inShop(t testing.TB, db store.DB, fn func(store.Records) error) {
	t.Helper()
	if err := db.View(t.Context(), func(tx *store.Tx) error { return fn(store.In(tx, "demo")) }); err != nil {
		t.Fatal(err)
	}
}

func exported(t testing.TB, db store.DB, table string) string {
	t.Helper()
	var out bytes.Buffer
	if err := feed.Export(t.Context(), db, "demo", feed.Output{Table: table}, &out); err != nil {
		t.Fatal(err)
	}
	return out.String()
}

const (
	good    = `{"id":"good","title":"Lamp","category":["Home"],"variants":[{"sku":"G","options":{},"price":"1.00","available":true}]}`
	shopper = `{"id":"mary","first_name":"Mary","last_name":"Li","email":"m@example.com","address":{},"payment_methods":[]}`
)

func TestRowsAreCleanedOrRefusedAndNeverLoseAGoodOne(t *testing.T) {
	variant := func(fields string) string {
		return `{"id":"p","title":"P","variants":[{"sku":"S","price":"1.00","available":true` + fields + `}]}`
	}
	order := func(fields string) string { return `{"id":"#W1","customer":"mary","status":"pending"` + fields + `}` }
	for _, c := range []struct{ file, row, want string }{ // want: the note without its place
		{"products", `{"title":"P","variants":[]}`, `refused: "id" is missing`},
		{"products", `{"id":"  ","title":"P","variants":[]}`, `refused: "id" is missing`},
		{"products", `{"id":"a\u0007b","title":"P"}`, `refused: "id" has control characters`},
		{"products", `{"id":"` + strings.Repeat("é", 129) + `","title":"P"}`, `refused: "id" has 129 characters: at most 128 are allowed`},
		{"products", `{"id":"` + strings.Repeat("é", 128) + `","title":"P"}`, ``},
		{"products", `{"id":["p"],"title":"P"}`, `refused: "id" is not text`},
		{"products", `{"id":"p","variants":[]}`, `refused: "title" is missing`},
		{"products", `{"id":" p ","title":"P"}`, `cleaned: "id": spaces around it removed`},
		{"products", `{"id":7,"title":"P"}`, `cleaned: "id": the number 7 made text`},
		{"products", `{"id":"p","title":"P","colour":"red"}`, `cleaned: unknown field "colour" ignored`},
		{"products", `{"id":"p","title":"P\u0000Q"}`, `cleaned: "title": control characters removed`},
		{"products", `{"id":"p","title":"P","attributes":{"watts":40,"dimmable":true}}`,
			`cleaned: "attributes.dimmable": true made text; "attributes.watts": the number 40 made text`},
		{"products", `{"id":"p","title":"P","category":"Home"}`, `refused: "category" is not a list`},
		{"products", variant(`,"price":19.9`), `cleaned: "variants[0].price": the number 19.9 made decimal text`},
		{"products", variant(`,"price":"19,90"`), `refused: "variants[0].price": "19,90" is not an amount: write it like "19.90"`},
		{"products", variant(`,"price":"$5"`), `refused: "variants[0].price": "$5" is not an amount: write it like "19.90"`},
		{"products", variant(`,"price":1e999999999`), `refused: "variants[0].price": "1e999999999" is not an amount: write it like "19.90"`},
		{"products", variant(`,"price":"NaN"`), `refused: "variants[0].price": "NaN" is not an amount: write it like "19.90"`},
		{"products", variant(`,"price":-1`), `refused: "variants[0].price" is negative`},
		{"products", variant(`,"available":"true"`), `cleaned: "variants[0].available": text "true" made true`},
		{"products", variant(`,"available":"maybe"`), `refused: "variants[0].available" is neither true nor false`},
		{"products", variant(`,"stock":1.5`), `refused: "variants[0].stock": "1.5" is not a whole number`},
		{"products", variant(`,"stock":null,"currency":"usd"`), `cleaned: "variants[0].currency": usd made USD`},
		{"products", variant(`,"currency":"dollar"`), `refused: "variants[0].currency": "dollar" is not a currency of ISO 4217`},
		{"products", variant(`},{"sku":"S","price":"2","available":true`), `refused: SKU "S" stands twice`},
		{"products", variant(`},{"sku":"G","price":"2","available":true`), `refused: SKU "G": another product has this SKU in this file: give each its own`},
		{"products", "{\"id\":\"\xff\",\"title\":\"P\"}", `refused: not UTF-8 text: save the file with the encoding UTF-8`},
		{"products", `["p"]`, `refused: not one JSON object: json: cannot unmarshal array into Go value of type map[string]interface {}`},
		{"products", `null`, `refused: not one JSON object: it is null`},
		{"products", `{"id":"p","title":"P"} {}`, `refused: not one JSON object: something follows the object`},
		{"products", good, `cleaned: replaces the row of line 1, which has the same id`},
		{"products", `{"id":"p","title":"` + strings.Repeat("x", 1<<20) + `"}`, `refused: the line has 1048598 bytes: at most 1048576 are read`},
		{"orders", order(``), ``},
		{"orders", `{"id":"#W1","customer":"nobody","status":"pending"}`, `refused: no customer has the id that it names`},
		{"orders", order(`,"placed_at":"2026-03-01"`), `cleaned: "placed_at": "2026-03-01" read as 2026-03-01T00:00:00Z`},
		{"orders", order(`,"placed_at":"yesterday"`), `refused: "placed_at": "yesterday" is not a time: write it like 2026-11-03T09:30:00Z`},
		{"orders", order(`,"items":[{"sku":"G","price":"1","quantity":0}]`), `refused: "items[0].quantity" is 0: at least 1 was bought`},
		{"orders", order(`,"payments":[{"kind":"gift","amount":"1"}]`), `refused: "payments[0].kind": "gift" is neither payment nor refund`},
		{"orders", order(`,"shipments":[{"tracking":["1"],"skus":[],"eta":"soon"}]`), `refused: "shipments[0].eta": "soon" is not a date: write it like 2026-11-03`},
		{"stock", `G,main,5,0,0,`, ``},
		{"stock", `G,main,many,0,0,`, `refused: "on_hand": "many" is not a whole number`},
		{"stock", `G,main,5`, `refused: not a row of this file: 3 cells stand below 6 columns`},
		{"stock", `"G,main,5,0,0,`, `refused: not a row of this file: extraneous or missing " in quoted-field`},
		{"stock", `NONE,main,5,0,0,`, `refused: no product has this SKU`},
		{"activity", `mary,good,stare,1,1.00,2026-01-01T00:00:00Z`, `refused: kind "stare" is unknown: use view, cart, purchase or return`},
		{"activity", `mary,good,view,,,`, `refused: "time" is missing`},
	} {
		files := map[string][]string{
			"products": {good, ""}, "customers": {shopper}, "orders": {"", `{"id":"#W2","customer":"mary","status":"pending"}`},
			"stock":    {"sku,location,on_hand,reserved,incoming,incoming_at", "", "G,other,1,0,0,"},
			"activity": {"customer,product,kind,quantity,price,time", "", "mary,good,view,1,1.00,2026-01-02T00:00:00Z"},
		}
		files[c.file] = append(files[c.file], `unused`)[:len(files[c.file])]
		files[c.file][slices.Index(files[c.file], "")] = c.row
		from := fstest.MapFS{}
		for table, rows := range files {
			ext := ".jsonl"
			if table == "stock" || table == "activity" {
				ext = ".csv"
			}
			from[table+ext] = &fstest.MapFile{Data: []byte(strings.Join(rows, "\n") + "\n")}
		}
		db := fresh(t)
		report := bring(t, db, from)
		got := ""
		for _, n := range report.Notes {
			if n.File != c.file+".jsonl" && n.File != c.file+".csv" || n.Line == 0 {
				t.Errorf("%.80s: a note at the wrong place: %s", c.row, n)
			}
			got += n.Kind + ": " + n.Message
		}
		if got != c.want {
			t.Errorf("%.80s\n got %s\nwant %s", c.row, got, c.want)
		}
		inShop(t, db, func(r store.Records) error {
			_, _, err := r.Variant("G")
			_, err2 := r.Order("#W2")
			if err != nil || err2 != nil {
				t.Errorf("%.80s: a good row was lost: %v, %v", c.row, err, err2)
			}
			return nil
		})
	}
}

func TestMarksOfOtherPrograms(t *testing.T) {
	db := fresh(t)
	report := bring(t, db, folder("products.jsonl", "\ufeff"+good+"\r\n\r\n"+strings.ReplaceAll(strings.ReplaceAll(good, "good", "better"), `"G"`, `"B"`)+"\r\n",
		"customers.jsonl", shopper+"\n"+`{"id":"cut","first_na`))
	if p := report.Tables[0]; p.Read != 2 || p.Added != 2 || p.Cleaned != 1 {
		t.Errorf("products: %+v", p)
	}
	want := []string{
		"products.jsonl:1: good cleaned: byte order mark removed",
		"customers.jsonl:2: refused: the last line is cut off in the middle: not one JSON object: unexpected EOF"}
	for i, n := range report.Notes {
		if i >= len(want) || n.String() != want[i] {
			t.Errorf("note %d: %s", i, n)
		}
	}
	if len(report.Notes) != len(want) {
		t.Errorf("notes %v", report.Notes)
	}
	if c := report.Tables[1]; c.Added != 1 || c.Refused != 1 || report.Refused() != 1 {
		t.Errorf("customers: %+v", c)
	}
}

func TestFilesThatCantBeRead(t *testing.T) {
	for want, from := range map[string]fs.FS{
		"no record files":           folder("shop.yaml", "id: x\n"),
		`has no column "on_hand"`:   folder("products.jsonl", good, "stock.csv", "sku,amount\nG,1\n"),
		`column "sku" stands twice`: folder("products.jsonl", good, "stock.csv", "sku,on_hand,sku\n"),
		`the heading is not CSV`:    folder("products.jsonl", good, "stock.csv", "\"sku\n"),
	} {
		db := fresh(t)
		if _, err := feed.Import(t.Context(), db, "demo", from, feed.Options{Now: at}); err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("got %v, want %s", err, want)
		}
		if exported(t, db, "products") != "" {
			t.Errorf("%s: something was imported", want)
		}
		if n := leftovers(t, db); n != 0 {
			t.Errorf("%s: %d staged rows are left", want, n)
		}
	}
	if _, err := feed.Import(t.Context(), fresh(t), "demo", folder(), feed.Options{Now: at, Format: "xml"}); err == nil || !strings.Contains(err.Error(), "use floorwalker") {
		t.Errorf("unknown format: %v", err)
	}
	if err := feed.Export(t.Context(), fresh(t), "demo", feed.Output{Table: "shoes"}, &bytes.Buffer{}); err == nil || !strings.Contains(err.Error(), "use activity, customers") {
		t.Errorf("unknown table: %v", err)
	}
}

func leftovers(t *testing.T, db store.DB) (n int) {
	t.Helper()
	if err := db.View(t.Context(), func(tx *store.Tx) error {
		return tx.QueryRow(`SELECT (SELECT count(*) FROM staged_products) + (SELECT count(*) FROM staged_variants)
			+ (SELECT count(*) FROM staged_customers) + (SELECT count(*) FROM staged_orders) + (SELECT count(*) FROM staged_stock)
			+ (SELECT count(*) FROM staged_activity) + (SELECT count(*) FROM imports)`).Scan(&n)
	}); err != nil {
		t.Fatal(err)
	}
	return n
}

const everything = `{"id":"#W10","customer":"mary","placed_at":"2026-03-01T10:00:00Z","status":"exchange_requested","address":{"line1":"1 <High> St","city":"Leeds","region":"","postal_code":"LS1","country":"GB"},"items":[{"sku":"G","product":"good","title":"Lamp & shade","options":{"color":"红色"},"quantity":2,"price":"19.90"},{"sku":"G","product":"good","title":"Lamp","options":{},"quantity":1,"price":"19.90"}],"payments":[{"kind":"payment","method":"card","amount":"59.70"},{"kind":"refund","method":"card","amount":"10.00"}],"shipments":[{"tracking":["T1"],"skus":["G"],"eta":"2026-03-05"}],"cancel_reason":"ordered by mistake","returned_skus":["G"],"exchanged":[{"from":"G","to":"H"}],"refund_method":"card"}`

func TestExportIsWhatWasImported(t *testing.T) {
	first, second := fresh(t), fresh(t)
	from := folder("products.jsonl", good, "customers.jsonl", shopper, "orders.jsonl", everything,
		"stock.csv", "sku,location,on_hand,reserved,incoming,incoming_at\nG,main,5,1,10,2026-07-01\n",
		"activity.csv", "customer,product,kind,quantity,price,time\nmary,good,view,1,19.90,2026-01-01T00:00:00Z\nmary,good,view,1,19.90,2026-01-01T00:00:00Z\n")
	if report := bring(t, first, from); len(report.Notes) > 0 {
		t.Fatal(report.Notes)
	}
	if got := exported(t, first, "orders"); got != everything+"\n" {
		t.Errorf("order\n got %s\nwant %s", got, everything)
	}
	dir := t.TempDir()
	for table, name := range map[string]string{"products": "products.jsonl", "customers": "customers.jsonl", "orders": "orders.jsonl", "stock": "stock.csv", "activity": "activity.csv"} {
		if err := feed.ExportFile(t.Context(), first, "demo", feed.Output{Table: table}, filepath.Join(dir, name)); err != nil {
			t.Fatal(err)
		}
	}
	if left, _ := filepath.Glob(filepath.Join(dir, ".*")); len(left) > 0 {
		t.Errorf("temporary files are left: %v", left)
	}
	if report := bring(t, second, os.DirFS(dir)); len(report.Notes) > 0 {
		t.Error(report.Notes)
	}
	for _, table := range []string{"products", "customers", "orders", "stock", "activity"} {
		if a, b := exported(t, first, table), exported(t, second, table); a != b || a == "" {
			t.Errorf("%s\nfirst  %s\nsecond %s", table, a, b)
		}
	}
	inShop(t, second, func(r store.Records) error {
		_, v, err := r.Variant("G")
		if v.Stock == nil || *v.Stock != 4 {
			t.Errorf("stock 5, 1 reserved, gives %v", v.Stock)
		}
		return err
	})
}

func TestImportAgainKeepsVersionsOfWhatDidNotChange(t *testing.T) {
	db := fresh(t)
	from := folder("products.jsonl", good, "customers.jsonl", shopper, "orders.jsonl", everything)
	bring(t, db, from)
	var revision int64
	inShop(t, db, func(r store.Records) (err error) { revision, err = r.Revision(); return err })
	for _, table := range bring(t, db, from).Tables {
		if table.Unchanged != 1 || table.Updated+table.Added+table.Replaced != 0 {
			t.Errorf("the same again: %+v", table)
		}
	}
	from["orders.jsonl"].Data = []byte(strings.Replace(everything, "exchange_requested", "delivered", 1))
	report := bring(t, db, from)
	inShop(t, db, func(r store.Records) error {
		p, err := r.Product("good")
		o, err2 := r.OrderLike(" w10 ")
		if err != nil || err2 != nil || p.Version != 1 || o.Version != 2 || o.ID != "#W10" || o.Status != "delivered" {
			t.Errorf("product version %d, order %q version %d %s; %v, %v", p.Version, o.ID, o.Version, o.Status, err, err2)
		}
		if now, err := r.Revision(); now != revision || err != nil {
			t.Errorf("revision went from %d to %d without a product changing", revision, now)
		}
		return nil
	})
	if report.Tables[2].Updated != 1 {
		t.Errorf("orders: %+v", report.Tables[2])
	}
}

func TestFillOnce(t *testing.T) {
	db := fresh(t)
	fill := func(from fs.FS) bool {
		_, filled, err := feed.FillOnce(t.Context(), db, "demo", from, feed.Options{Now: at})
		if err != nil {
			t.Fatal(err)
		}
		return filled
	}
	if fill(folder("shop.yaml", "id: demo")) {
		t.Error("a folder without records fills nothing")
	}
	if !fill(folder("products.jsonl", good)) {
		t.Error("an empty shop was not filled")
	}
	if fill(folder("products.jsonl", good)) {
		t.Error("filled twice")
	}
	if _, filled, err := feed.FillOnce(t.Context(), db, "other", folder("customers.jsonl", shopper), feed.Options{Now: at}); !filled || err != nil {
		t.Errorf("another shop: %t, %v", filled, err)
	}
}

func TestFrom(t *testing.T) {
	dir := t.TempDir()
	for name, content := range folder("products.jsonl", good, "customers.jsonl", shopper) {
		if err := os.WriteFile(filepath.Join(dir, name), content.Data, 0o600); err != nil {
			t.Fatal(err)
		}
	}
	for path, tables := range map[string]int{dir: 2, filepath.Join(dir, "customers.jsonl"): 1} {
		from, err := feed.From(path)
		if err != nil {
			t.Fatal(err)
		}
		if report := bring(t, fresh(t), from); len(report.Tables) != tables {
			t.Errorf("%s: %+v", path, report.Tables)
		}
	}
	if _, err := feed.From(filepath.Join(dir, "none")); err == nil {
		t.Error("a folder that isn't there")
	}
}

func TestACancelledImportLeavesNothing(t *testing.T) {
	db := fresh(t)
	ctx, cancel := context.WithCancel(t.Context())
	_, err := feed.Import(ctx, db, "demo", synthetic(3000), feed.Options{Now: at, Progress: func(rows int) {
		if rows == 1500 {
			cancel()
		}
	}})
	if err == nil || exported(t, db, "products") != "" || leftovers(t, db) != 0 {
		t.Errorf("error %v, %d staged rows left", err, leftovers(t, db))
	}
}

func TestDemoShop(t *testing.T) {
	report := bring(t, fresh(t), os.DirFS("../../shops/demo"))
	if len(report.Notes) > 0 || len(report.Tables) < 3 {
		t.Errorf("%+v", report)
	}
}

// synthetic is a file of n products with two variants each.
func synthetic(n int) fs.FS {
	var b strings.Builder
	for i := range n {
		fmt.Fprintf(&b, `{"id":"P%06d","title":"Lamp number %d","brand":"Fern","description":"%s","category":["Home","Lighting"],"attributes":{"watts":"40"},"variants":[{"sku":"S%06d-A","options":{"color":"red"},"price":"19.90","currency":"USD","available":true,"stock":3},{"sku":"S%06d-B","options":{"color":"blue"},"price":"21.90","currency":"USD","available":false}]}`+"\n",
			i, i, strings.Repeat(" warm light", 15)[1:], i, i)
	}
	return folder("products.jsonl", b.String())
}

func FuzzRecordLines(f *testing.F) {
	for _, seed := range []string{good, shopper, everything, `{"id":1e400,"variants":[{}]}`, "\xff\xfe", `{"id":"a","translations":{"zh":{"options":{"c":{"r":1}}}}}`, "{\"id\":\"a\"}\n{"} {
		f.Add(seed)
	}
	db := fresh(f)
	f.Fuzz(func(t *testing.T, content string) {
		roundTrip(t, db, folder("products.jsonl", content, "customers.jsonl", shopper+"\n"+content, "orders.jsonl", content))
	})
}

func FuzzCSV(f *testing.F) {
	for _, seed := range []string{"sku,on_hand\nG,1\n", "SKU;on_hand", "sku,on_hand\r\n\"G\n,1\n", "customer,product,kind,time\na,b,view,2026-01-01\n", "\ufeffsku,on_hand,reserved\nG,1,2"} {
		f.Add(seed)
	}
	db := fresh(f)
	f.Fuzz(func(t *testing.T, content string) {
		for _, name := range []string{"stock.csv", "activity.csv"} {
			roundTrip(t, db, folder("products.jsonl", good, name, content))
		}
	})
}

// roundTrip imports whatever there is; what comes in must come out and in again unchanged.
func roundTrip(t *testing.T, db store.DB, from fs.FS) {
	report, err := feed.Import(t.Context(), db, "demo", from, feed.Options{Now: at})
	if err != nil {
		return
	}
	for _, table := range report.Tables {
		if table.Read < table.Refused+table.Replaced || table.Read != table.Added+table.Updated+table.Unchanged+table.Refused+table.Replaced {
			t.Errorf("counts don't add up: %+v", table)
		}
		again := bring(t, db, folder(table.File, exported(t, db, table.Name)))
		if got := again.Tables[0]; got.Updated+got.Added+got.Refused+got.Cleaned != 0 {
			t.Errorf("what was exported changes when it comes in: %+v %v", got, again.Notes)
		}
	}
}
