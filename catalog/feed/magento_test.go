package feed_test

import (
	"encoding/csv"
	"html"
	"maps"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"github.com/floorwalker/floorwalker/catalog"
	"github.com/floorwalker/floorwalker/catalog/feed"
	"github.com/floorwalker/floorwalker/catalog/store"
)

// magento is a configurable product of the public catalogue, with its variants.
type magento struct {
	row      map[string]string
	variants []map[string]string // of the simple products, with their options
	options  []map[string]string
}

// magentoCatalog reads the public catalogue of sports clothes.
func magentoCatalog(t *testing.T) []magento {
	t.Helper()
	path := filepath.Join(dataDir(t), "magento_catalog/app/code/Magento/ConfigurableSampleData/fixtures/products.csv")
	f, err := os.Open(path)
	if err != nil {
		t.Skipf("SKIPPED: no %s: set FLOORWALKER_DATA", path)
	}
	defer f.Close()
	all, err := csv.NewReader(f).ReadAll()
	if err != nil {
		t.Fatal(err)
	}
	simple := map[string]map[string]string{}
	var out []magento
	for _, cells := range all[1:] {
		row := map[string]string{}
		for i, c := range cells {
			row[all[0][i]] = c
		}
		simple[row["sku"]] = row
		if row["configurable_variations"] == "" {
			continue
		}
		m := magento{row: row}
		for variation := range strings.SplitSeq(row["configurable_variations"], "|") {
			options := map[string]string{}
			for pair := range strings.SplitSeq(variation, ",") {
				k, v, _ := strings.Cut(pair, "=")
				options[k] = v
			}
			m.variants = append(m.variants, simple[options["sku"]])
			delete(options, "sku")
			m.options = append(m.options, options)
		}
		out = append(out, m)
	}
	return out
}

func (m magento) category() string {
	first, _, _ := strings.Cut(m.row["categories"], ",")
	return strings.Join(strings.Split(first, "/")[1:], " > ")
}

// merchantOf converts the catalogue to a merchant feed, as a shop system's plugin would:
// titles with options, descriptions in HTML.
func merchantOf(all []magento) string {
	cell := func(s string) string { return `"` + strings.ReplaceAll(s, `"`, `""`) + `"` }
	out := [][]string{merchantHead}
	for _, m := range all {
		for i, v := range m.variants {
			row := item(v["sku"], "item_group_id", m.row["sku"], "title", cell(v["name"]), "description", cell(v["description"]), "price", v["price"]+" USD",
				"product_type", html.EscapeString(m.category()), "image_link", "https://shop.example"+v["base_image"], "color", m.options[i]["color"], "size", m.options[i]["size"])
			out = append(out, row)
		}
	}
	return rows("\t", out...)
}

// shopifyOf converts it to Shopify's products.
func shopifyOf(t *testing.T, all []magento) string {
	t.Helper()
	var b strings.Builder
	w := csv.NewWriter(&b)
	write := func(cells ...string) {
		if err := w.Write(cells); err != nil {
			t.Fatal(err)
		}
	}
	write("Handle", "Title", "Body (HTML)", "Product Category", "Option1 Name", "Option1 Value", "Option2 Name", "Option2 Value", "Variant SKU", "Variant Inventory Tracker", "Variant Inventory Qty", "Variant Inventory Policy", "Variant Price", "Status")
	for _, m := range all {
		for i, v := range m.variants {
			title, body, category := "", "", ""
			if i == 0 {
				title, body, category = m.row["name"], v["description"], m.category()
			}
			write(m.row["sku"], title, body, category, "Size", m.options[i]["size"], "Color", m.options[i]["color"], v["sku"], "shopify", v["qty"], "deny", v["price"], "active")
		}
	}
	w.Flush()
	return b.String()
}

func TestMagentoCatalogAsFeeds(t *testing.T) {
	if testing.Short() {
		t.Skip("a whole catalogue")
	}
	all := magentoCatalog(t)
	for file, content := range map[string]string{"products.tsv": merchantOf(all), "products.csv": shopifyOf(t, all)} {
		db := fresh(t)
		report := take(t, db, folder(file, content))
		p := report.Tables[0]
		if p.Added != len(all) || p.Refused > 0 || p.Replaced > 0 || p.Joined != p.Read-len(all) || p.Read < 1800 {
			t.Errorf("%s: %+v\n%.2000s", file, p, notes(report))
		}
		kinds := map[string]int{}
		for _, n := range report.Notes {
			kinds[n.Message]++
		}
		t.Log(file, p, kinds)
		inShop(t, db, func(r store.Records) error {
			for _, m := range all {
				got, err := r.Product(m.row["sku"])
				if err != nil {
					return err
				}
				checkMagento(t, file, m, got)
			}
			return nil
		})
		for format, name := range map[string]string{"merchant": "products.tsv", "shopify": "products.csv"} {
			out := exportedAs(t, db, feed.Output{Format: format, Table: "products", Currency: "USD"})
			if format == "shopify" && file == "products.tsv" {
				continue // prices with a currency of their own go out where that is the shop's
			}
			again := take(t, db, folder(name, out)).Tables[0]
			if again.Added+again.Refused > 0 || again.Updated+again.Unchanged != len(all) {
				t.Errorf("%s out as %s and in again: %+v", file, format, again)
			}
		}
	}
}

func checkMagento(t *testing.T, file string, m magento, got catalog.Product) {
	t.Helper()
	title := strings.TrimSpace(html.UnescapeString(m.row["name"]))
	if got.Title != title || len(got.Variants) != len(m.variants) || strings.Join(got.Category, " > ") != m.category() ||
		strings.ContainsAny(got.Description, "<&") && !strings.Contains(got.Description, " & ") ||
		strings.Contains(m.variants[0]["description"], ">&bull;") && !strings.Contains(got.Description, "\n• ") {
		t.Errorf("%s: %s: %q, want %q; %d variants, %q\n%.300s", file, got.ID, got.Title, title, len(got.Variants), got.Category, got.Description)
	}
	for i, v := range got.Variants {
		if v.SKU != m.variants[i]["sku"] || !maps.Equal(v.Options, m.options[i]) || v.Price.String() != m.variants[i]["price"] || !v.Available {
			t.Errorf("%s: %s: %+v, want %v", file, got.ID, v, m.options[i])
		}
	}
	if file == "products.csv" && slices.ContainsFunc(got.Variants, func(v catalog.Variant) bool { return v.Stock == nil || *v.Stock != 100 }) {
		t.Errorf("%s: stock", got.ID)
	}
}
