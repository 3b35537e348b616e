package feed_test

import (
	"encoding/json"
	"io/fs"
	"os"
	"os/exec"
	"path/filepath"
	"reflect"
	"runtime"
	"strings"
	"testing"
	"time"

	"github.com/floorwalker/floorwalker/catalog/feed"
	"github.com/floorwalker/floorwalker/catalog/shopfile"
	"github.com/floorwalker/floorwalker/catalog/store"
)

// dataDir is where the public data is, if it is there.
func dataDir(t testing.TB) string {
	dir := os.Getenv("FLOORWALKER_DATA")
	if dir == "" {
		dir = "../../../shared/data"
	}
	if _, err := os.Stat(dir); err != nil {
		t.Skipf("SKIPPED: no public data at %s: set FLOORWALKER_DATA", dir)
	}
	return dir
}

// TestTau2Shop imports the public shop of 50 products, 500 customers and 1,000 orders.
func TestTau2Shop(t *testing.T) {
	dir, tool := t.TempDir(), filepath.Join(dataDir(t), "../tools/tau2/shop.py")
	python, err := exec.LookPath("python3")
	if err != nil {
		t.Skip("SKIPPED: no python3")
	}
	if out, err := exec.Command(python, tool, filepath.Join(dataDir(t), "tau2_retail/db.json"), dir).CombinedOutput(); err != nil {
		t.Skipf("SKIPPED: the shop's converter does not run: %v\n%s", err, out)
	}
	db := fresh(t)
	start := time.Now()
	report := bring(t, db, os.DirFS(dir))
	t.Logf("imported in %v", time.Since(start))
	for i, want := range []int{50, 500, 1000} {
		if got := report.Tables[i]; got.Added != want || got.Refused > 0 {
			t.Errorf("%+v, want %d added", got, want)
		}
	}
	for _, n := range report.Notes {
		if n.Kind == feed.Refused || !strings.Contains(n.Message, "made text") {
			t.Error(n)
		}
	}
	inShop(t, db, func(r store.Records) error {
		for _, id := range []string{"#W2378156", "W2378156", "w2378156 "} {
			if o, err := r.OrderLike(id); err != nil || o.ID != "#W2378156" {
				t.Errorf("OrderLike(%q): %q, %v", id, o.ID, err)
			}
		}
		return nil
	})
	if _, faults := shopfile.Settings(os.DirFS(dir), "tau2"); len(faults) > 0 {
		t.Error(faults)
	}
	for table, name := range map[string]string{"products": "products.jsonl", "customers": "customers.jsonl", "orders": "orders.jsonl"} {
		in, err := os.ReadFile(filepath.Join(dir, name))
		if err != nil {
			t.Fatal(err)
		}
		same(t, string(in), exported(t, db, table))
	}
}

// same compares record files by their values: fields in any order, rows by id, empty text
// like none.
func same(t *testing.T, in, out string) {
	t.Helper()
	values := func(lines string) map[string]any {
		all := map[string]any{}
		for _, line := range strings.Split(strings.TrimSpace(lines), "\n") {
			var v map[string]any
			if err := json.Unmarshal([]byte(line), &v); err != nil {
				t.Fatal(err)
			}
			all[v["id"].(string)] = plain(v)
		}
		return all
	}
	a, b := values(in), values(out)
	if len(a) != len(b) {
		t.Errorf("%d records in, %d out", len(a), len(b))
	}
	for id, want := range a {
		if !reflect.DeepEqual(want, b[id]) {
			t.Errorf("%s\n in %v\nout %v", id, want, b[id])
			return
		}
	}
}

func plain(v any) any {
	switch v := v.(type) {
	case map[string]any:
		for k, x := range v {
			if list, ok := x.([]any); x == "" || ok && len(list) == 0 {
				delete(v, k)
			} else {
				v[k] = plain(x)
			}
		}
	case []any:
		for i, x := range v {
			v[i] = plain(x)
		}
	}
	return v
}

// BenchmarkImport imports 100,000 products of two variants.
func BenchmarkImport(b *testing.B) {
	const products = 100_000
	dir := b.TempDir()
	data, err := fs.ReadFile(synthetic(products), "products.jsonl")
	if err != nil {
		b.Fatal(err)
	}
	if err := os.WriteFile(filepath.Join(dir, "products.jsonl"), data, 0o600); err != nil {
		b.Fatal(err)
	}
	size := len(data)
	data = nil
	for b.Loop() {
		db := fresh(b)
		runtime.GC()
		var peak uint64
		report, err := feed.Import(b.Context(), db, "demo", os.DirFS(dir), feed.Options{Now: at, Progress: func(int) {
			var m runtime.MemStats
			runtime.ReadMemStats(&m)
			peak = max(peak, m.HeapAlloc)
		}})
		if err != nil || report.Tables[0].Added != products {
			b.Fatal(report, err)
		}
		b.ReportMetric(float64(peak)/(1<<20), "MB-heap")
	}
	b.SetBytes(int64(size))
	b.ReportMetric(float64(products*b.N)/b.Elapsed().Seconds(), "rows/s")
}
