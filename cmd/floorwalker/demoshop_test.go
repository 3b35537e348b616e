package main

import (
	"bufio"
	"bytes"
	"encoding/csv"
	"encoding/json"
	"encoding/xml"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"maps"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
	"testing"
	"time"
	"unicode"

	"github.com/shopspring/decimal"

	"github.com/floorwalker/floorwalker/catalog"
	"github.com/floorwalker/floorwalker/retrieval/knowledge"
)

// What is committed of the demo shop is what its generator makes, byte for byte.
func TestDemoShopIsWhatItsGeneratorMakes(t *testing.T) {
	python := exec.Command("python3", "-c", "import tomllib")
	if err := python.Run(); err != nil {
		t.Skip("SKIPPED: the generator needs Python 3.11 as python3:", err)
	}
	out := t.TempDir()
	generate := exec.Command("python3", "-B", "../../shops/generate", "--out", out)
	if told, err := generate.CombinedOutput(); err != nil {
		t.Fatalf("%v\n%s", err, told)
	}
	made, kept := folderFiles(t, out, "."), folderFiles(t, demoShop, "images")
	for name, data := range made {
		committed, err := os.ReadFile(filepath.Join(demoShop, name))
		if err != nil || !bytes.Equal(data, committed) {
			t.Errorf("%s is not what the generator makes (%v): run python3 shops/generate --out shops/demo", name, err)
		}
	}
	for name := range kept {
		if made[name] == nil {
			t.Errorf("%s is none of the generator's: remove it", name)
		}
	}
}

func folderFiles(t *testing.T, dir, under string) map[string][]byte {
	t.Helper()
	files := map[string][]byte{}
	root := os.DirFS(dir)
	err := fs.WalkDir(root, under, func(name string, d fs.DirEntry, err error) error {
		if err != nil || d.IsDir() {
			return err
		}
		files[name], err = fs.ReadFile(root, name)
		return err
	})
	if err != nil {
		t.Fatal(err)
	}
	return files
}

func demoLines[T any](t *testing.T, name string) []T {
	t.Helper()
	f, err := os.Open(filepath.Join(demoShop, name))
	if err != nil {
		t.Fatal(err)
	}
	defer f.Close()
	var all []T
	scanner := bufio.NewScanner(f)
	scanner.Buffer(nil, 1<<20)
	for scanner.Scan() {
		var one T
		if err := json.Unmarshal(scanner.Bytes(), &one); err != nil {
			t.Fatalf("%s:%d: %v", name, len(all)+1, err)
		}
		all = append(all, one)
	}
	return all
}

func TestDemoShopIsLargeEnough(t *testing.T) {
	variants, categories := 0, map[string]bool{}
	products := demoLines[catalog.Product](t, "products.jsonl")
	for _, p := range products {
		variants += len(p.Variants)
		categories[p.Category[len(p.Category)-1]] = true
	}
	passages, faults := knowledge.Load(os.DirFS(demoShop), []string{"en", "zh"})
	if len(faults) > 0 {
		t.Fatal(faults)
	}
	perLocale := map[string]int{}
	for _, p := range passages {
		perLocale[p.Locale]++
	}
	customers, orders := demoLines[catalog.Customer](t, "customers.jsonl"), demoLines[catalog.Order](t, "orders.jsonl")
	if len(products) < 150 || variants < 600 || len(categories) != 12 || len(customers) < 80 || len(orders) < 250 || perLocale["en"] < 40 || perLocale["zh"] < 40 {
		t.Errorf("%d products, %d variants, %d categories, %d customers, %d orders, passages %v",
			len(products), variants, len(categories), len(customers), len(orders), perLocale)
	}
	states := map[string]int{}
	for _, o := range orders {
		states[o.Status]++
	}
	for _, s := range []string{"pending", "pending_items_modified", "processed", "shipped", "delivered", "cancelled", "return_requested", "exchange_requested"} {
		if states[s] < 3 {
			t.Errorf("orders by state: %v, only %d are %s", states, states[s], s)
		}
	}
}

func TestDemoShopSpeaksBothLanguages(t *testing.T) {
	for _, p := range demoLines[catalog.Product](t, "products.jsonl") {
		zh := p.Translations["zh"]
		for what, pair := range map[string][2]string{"title": {p.Title, zh.Title}, "description": {p.Description, zh.Description}} {
			if !hasHan(pair[1]) || hasHan(pair[0]) || pair[0] == "" {
				t.Errorf("%s: %s is %q and %q", p.ID, what, pair[0], pair[1])
			}
		}
		for _, v := range p.Variants {
			for name, value := range v.Options {
				if zh.Options[name][value] == "" {
					t.Errorf("%s: the %s %q has no Chinese word", v.SKU, name, value)
				}
			}
		}
		if left, right := slices.Sorted(maps.Keys(p.Attributes)), slices.Sorted(maps.Keys(zh.Attributes)); !slices.Equal(left, right) {
			t.Errorf("%s: attributes %v and %v", p.ID, left, right)
		}
	}
}

func hasHan(s string) bool {
	return strings.ContainsFunc(s, func(r rune) bool { return unicode.Is(unicode.Han, r) })
}

func TestDemoShopPicturesAreDrawingsOnly(t *testing.T) {
	for _, p := range demoLines[catalog.Product](t, "products.jsonl") {
		data, err := os.ReadFile(filepath.Join(demoShop, filepath.FromSlash(p.Image)))
		if err != nil || len(data) > 3<<10 || p.Image != "images/"+p.ID+".svg" {
			t.Errorf("%s: picture %q of %d bytes: %v", p.ID, p.Image, len(data), err)
			continue
		}
		for tokens := xml.NewDecoder(bytes.NewReader(data)); ; {
			token, err := tokens.Token()
			if errors.Is(err, io.EOF) {
				break
			}
			if err != nil {
				t.Errorf("%s: %v", p.Image, err)
				break
			}
			start, _ := token.(xml.StartElement)
			if slices.Contains([]string{"script", "style", "image", "use", "foreignObject"}, start.Name.Local) {
				t.Errorf("%s holds <%s>", p.Image, start.Name.Local)
			}
		}
		if bytes.Contains(data, []byte("$")) {
			t.Errorf("%s: a color was left out", p.Image)
		}
	}
}

// Availability is what lies in the two places less what open orders wait for.
func TestDemoShopStockAddsUp(t *testing.T) {
	f, err := os.Open(filepath.Join(demoShop, "stock.csv"))
	if err != nil {
		t.Fatal(err)
	}
	defer f.Close()
	rows, err := csv.NewReader(f).ReadAll()
	if err != nil {
		t.Fatal(err)
	}
	free, places := map[string]int{}, map[string]int{}
	for _, row := range rows[1:] {
		onHand, _ := strconv.Atoi(row[2])
		reserved, _ := strconv.Atoi(row[3])
		free[row[0]] += onHand - reserved
		places[row[0]]++
	}
	for _, p := range demoLines[catalog.Product](t, "products.jsonl") {
		for _, v := range p.Variants {
			if v.Stock == nil { // made to order
				continue
			}
			if *v.Stock != free[v.SKU] || places[v.SKU] != 2 || v.Available != (*v.Stock > 0) {
				t.Errorf("%s: stock %d and available %t, but %d free in %d places", v.SKU, *v.Stock, v.Available, free[v.SKU], places[v.SKU])
			}
		}
	}
}

func TestDemoShopPeopleAreMadeUp(t *testing.T) {
	names := map[string]bool{}
	for _, c := range demoLines[catalog.Customer](t, "customers.jsonl") {
		if !strings.HasSuffix(c.Email, "@example.com") || c.Phone != "" && !strings.Contains(c.Phone, "-555-01") && !strings.HasPrefix(c.Phone, "+86 139 0000 ") {
			t.Errorf("%s: %s, %s", c.ID, c.Email, c.Phone)
		}
		key := c.FirstName + " " + c.LastName + " " + c.Address.PostalCode
		if names[key] || names[c.Email] || len(c.PaymentMethods) == 0 {
			t.Errorf("%s: %s is there twice, or can't pay", c.ID, key)
		}
		names[key], names[c.Email] = true, true
	}
}

func TestDemoShopOrdersAreConsistent(t *testing.T) {
	variants, product := map[string]catalog.Variant{}, map[string]string{}
	for _, p := range demoLines[catalog.Product](t, "products.jsonl") {
		for _, v := range p.Variants {
			variants[v.SKU], product[v.SKU] = v, p.ID
		}
	}
	methods := map[string]bool{}
	for _, c := range demoLines[catalog.Customer](t, "customers.jsonl") {
		for _, m := range c.PaymentMethods {
			methods[c.ID+" "+m.ID] = true
		}
	}
	today := time.Date(2026, 11, 24, 15, 0, 0, 0, time.UTC)
	var last catalog.Order
	future := 0
	for _, o := range demoLines[catalog.Order](t, "orders.jsonl") {
		fault := func(format string, args ...any) {
			t.Helper()
			t.Errorf("%s (%s): %s", o.ID, o.Status, fmt.Sprintf(format, args...))
		}
		if o.PlacedAt == nil || !o.PlacedAt.Before(today) || last.PlacedAt != nil && (o.ID <= last.ID || !o.PlacedAt.After(*last.PlacedAt)) {
			fault("placed at %v, after %s at %v", o.PlacedAt, last.ID, last.PlacedAt)
		}
		last = o

		worth, bought := decimal.Zero, map[string]int{}
		for _, i := range o.Items {
			worth = worth.Add(i.Price.Mul(decimal.NewFromInt(int64(i.Quantity))))
			bought[i.SKU] += i.Quantity
			if v := variants[i.SKU]; product[i.SKU] != i.Product || !v.Price.Equal(i.Price) || !maps.Equal(v.Options, i.Options) {
				fault("item %+v is none of the shop's variants", i)
			}
		}
		paid := decimal.Zero
		for _, p := range o.Payments {
			paid = paid.Add(map[string]decimal.Decimal{"payment": p.Amount, "refund": p.Amount.Neg()}[p.Kind])
			if !methods[o.Customer+" "+p.Method] || !p.Amount.IsPositive() {
				fault("payment %+v", p)
			}
		}
		if o.Status == "cancelled" {
			worth = decimal.Zero
		}
		if !paid.Equal(worth) {
			fault("%s are paid for %s", paid, worth)
		}
		if cancelled := o.Status == "cancelled"; cancelled != (o.CancelReason != "") {
			fault("cancelled because of %q", o.CancelReason)
		}

		left := slices.Contains([]string{"processed", "shipped", "delivered", "return_requested", "exchange_requested"}, o.Status)
		sent := map[string]bool{}
		for _, s := range o.Shipments {
			for _, sku := range s.SKUs {
				sent[sku] = true
			}
			if (s.ETA != "") != (o.Status == "shipped") || s.ETA != "" && s.ETA <= o.PlacedAt.Format(time.DateOnly) || len(s.Tracking) == 0 {
				fault("parcel %+v", s)
			}
			if s.ETA >= today.Format(time.DateOnly) {
				future++
			}
		}
		if left && !slices.Equal(slices.Sorted(maps.Keys(sent)), slices.Sorted(maps.Keys(bought))) || !left && len(sent) > 0 {
			fault("parcels hold %v, bought were %v", sent, bought)
		}

		if (o.Status == "return_requested") != (len(o.ReturnedSKUs) > 0) || (o.Status == "exchange_requested") != (len(o.Exchanged) > 0) ||
			o.RefundMethod != "" && !methods[o.Customer+" "+o.RefundMethod] || !slices.IsSorted(o.ReturnedSKUs) {
			fault("returned %v, exchanged %v, refund by %q", o.ReturnedSKUs, o.Exchanged, o.RefundMethod)
		}
		for _, sku := range o.ReturnedSKUs {
			if bought[sku]--; bought[sku] < 0 {
				fault("returns more %s than were bought", sku)
			}
		}
		for _, e := range o.Exchanged {
			if bought[e.From] == 0 || e.From == e.To || product[e.From] != product[e.To] || !variants[e.To].Available {
				fault("exchange %+v", e)
			}
		}
	}
	if future < 3 {
		t.Errorf("%d parcels are still to come", future)
	}
}
