package main

import (
	"encoding/json"
	"fmt"
	"math/rand/v2"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"
)

// exported is a table of the demo shop as export writes it, line by line.
func exported(t testing.TB, data, table string) []string {
	t.Helper()
	r := floorwalker(t, "", "export", "--shop", demoShop, "--data", data, "--table", table, "--out", "-")
	if r.code != 0 {
		t.Fatalf("export: exit %d\n%s", r.code, r.err)
	}
	return strings.Split(strings.TrimSpace(r.out), "\n")
}

func products(n int, price string) string {
	var b strings.Builder
	for i := range n {
		fmt.Fprintf(&b, `{"id":"p%d","title":"Thing %d","category":["Things"],"attributes":{},"translations":{},"variants":[{"sku":"S-%d","options":{},"price":"%s","currency":"USD","available":true,"stock":%d}]}`+"\n",
			i, i, i, price, i%9)
	}
	return b.String()
}

// An import that is killed leaves nothing or everything.
func TestImportIsKilled(t *testing.T) {
	const n = 4000
	data, from := t.TempDir(), t.TempDir()
	write(t, filepath.Join(from, "products.jsonl"), products(n, "1.00"))
	args := []string{"import", "--shop", demoShop, "--from", from, "--data", data}
	start := time.Now()
	if r := floorwalker(t, "", args...); r.code != 0 {
		t.Fatal(r.err)
	}
	whole := time.Since(start)
	write(t, filepath.Join(from, "products.jsonl"), products(n, "2.00"))
	random, killed := rand.New(rand.NewPCG(3, 4)), 0
	for range 4 {
		c := command(t, args...)
		if err := c.Start(); err != nil {
			t.Fatal(err)
		}
		timer := time.AfterFunc(time.Duration(random.Float64()*float64(whole)), func() { c.Process.Kill() })
		err := c.Wait()
		timer.Stop()
		old, renewed := 0, 0
		for _, line := range exported(t, data, "products") {
			old += strings.Count(line, `"1.00"`)
			renewed += strings.Count(line, `"2.00"`)
		}
		switch {
		case err != nil && (old == n && renewed == 0 || old == 0 && renewed == n):
			killed++
		case err == nil && renewed == n && old == 0:
		default:
			t.Fatalf("ended by %v: %d old prices and %d new ones, want %d of one", err, old, renewed, n)
		}
	}
	if killed == 0 {
		t.Error("no import was killed in the middle")
	}
	if r := floorwalker(t, "", args...); r.code != 0 {
		t.Errorf("afterwards: exit %d\n%s", r.code, r.err)
	}
	t.Logf("%d of 4 imports killed within %v", killed, whole)
}

func TestRecordFileCutInHalf(t *testing.T) {
	data, from := t.TempDir(), t.TempDir()
	whole, err := os.ReadFile(filepath.Join(demoShop, "orders.jsonl"))
	if err != nil {
		t.Fatal(err)
	}
	half := string(whole[:len(whole)/2])
	write(t, filepath.Join(from, "orders.jsonl"), half)
	good := strings.Count(half, "\n")
	if r := floorwalker(t, "", "import", "--shop", demoShop, "--from", filepath.Join(demoShop, "customers.jsonl"), "--data", data); r.code != 0 {
		t.Fatal(r.err)
	}
	r := floorwalker(t, "", "import", "--shop", demoShop, "--from", from, "--data", data)
	if r.code != 1 || !strings.Contains(r.err, fmt.Sprintf("orders.jsonl:%d", good+1)) || !strings.Contains(r.err, "1 rows were refused") {
		t.Errorf("exit %d\n%s\n%s", r.code, r.out, r.err)
	}
	if n := len(exported(t, data, "orders")); n != good {
		t.Errorf("%d orders are in, want %d", n, good)
	}
}

// Records go out and come in beside a running server, which takes them.
func TestExportAndImportBesideARunningServer(t *testing.T) {
	data := t.TempDir()
	s := serving(t, "--shop", demoShop, "--data", data, "--encoder-kind", "off")
	c := s.talking("demo")
	outs := t.TempDir()
	written := make(chan result, 5)
	go func() {
		for _, table := range []string{"products", "customers", "orders", "stock", "activity"} {
			written <- floorwalker(t, "", "export", "--shop", demoShop, "--data", data, "--table", table, "--out", filepath.Join(outs, table))
		}
		close(written)
	}()
	said := 0
	for r := range written { // and it goes on talking meanwhile
		said++
		c.says(t, fmt.Sprint("m", said), "Do you have a kettle?")
		if r.code != 0 {
			t.Errorf("export: exit %d\n%s", r.code, r.err)
		}
	}
	for _, table := range []string{"products", "customers", "orders", "stock", "activity"} {
		if text, err := os.ReadFile(filepath.Join(outs, table)); err != nil || strings.Count(string(text), "\n") < 10 {
			t.Errorf("%s: %.100s (%v)", table, text, err)
		}
	}
	from := t.TempDir()
	var order map[string]any
	for _, line := range exported(t, data, "orders") {
		if strings.Contains(line, `"W10234"`) {
			if err := json.Unmarshal([]byte(line), &order); err != nil {
				t.Fatal(err)
			}
		}
	}
	order["status"] = "shipped"
	line, err := json.Marshal(order)
	if err != nil {
		t.Fatal(err)
	}
	write(t, filepath.Join(from, "orders.jsonl"), string(line)+"\n")
	if r := floorwalker(t, "", "import", "--shop", demoShop, "--from", from, "--data", data); r.code != 0 {
		t.Fatal(r.err)
	}
	c.says(t, "order", "Where is my order W10234?")
	if text := c.says(t, "proof", "Maya Okafor, 97214."); !strings.Contains(text, "W10234") || !slices.ContainsFunc([]string{"shipped", "on its way"}, func(w string) bool { return strings.Contains(text, w) }) {
		t.Errorf("after the import the order is told as %q", text)
	}
}
