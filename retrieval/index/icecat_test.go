package index_test

import (
	"bufio"
	"cmp"
	"compress/gzip"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/shopspring/decimal"

	"github.com/floorwalker/floorwalker/catalog"
	"github.com/floorwalker/floorwalker/retrieval"
	"github.com/floorwalker/floorwalker/retrieval/evaluate"
	"github.com/floorwalker/floorwalker/retrieval/index"
)

// publicData gives the folder of a public data set, or skips.
func publicData(t testing.TB, name string) string {
	t.Helper()
	dir := filepath.Join(cmp.Or(os.Getenv("FLOORWALKER_DATA"), "../../../shared/data"), name)
	if _, err := os.Stat(dir); errors.Is(err, fs.ErrNotExist) {
		t.Skipf("SKIPPED, nothing measured: %s is missing; set FLOORWALKER_DATA to the folder of public data", dir)
	}
	return dir
}

// TestIcecatRelevance holds product search to the quality of a tuned SQLite FTS5 (.655).
func TestIcecatRelevance(t *testing.T) {
	dir := publicData(t, "chorus_icecat")
	products := icecat(t, filepath.Join(dir, "products.jsonl.gz"))
	begin := time.Now()
	x, err := index.Open(t.Context(), t.TempDir(), index.All(products), nil)
	if err != nil {
		t.Fatal(err)
	}
	defer x.Close()
	t.Logf("indexed %d products in %v", len(products), time.Since(begin))
	f, err := os.Open(filepath.Join(dir, "rated_half.csv"))
	if err != nil {
		t.Fatal(err)
	}
	defer f.Close()
	judgments, err := evaluate.ReadJudgments(f)
	if err != nil {
		t.Fatal(err)
	}
	m, err := evaluate.MeasureSearch(t.Context(), x, judgments, 10, time.Now)
	if err != nil {
		t.Fatal(err)
	}
	t.Logf("%+v", m)
	if m.Queries != 65 || m.NDCG < 0.655 {
		t.Errorf("nDCG@10 is %.3f over %d queries, want at least .655 over 65", m.NDCG, m.Queries)
	}
	perQuery(t, x, judgments)
}

func perQuery(t *testing.T, x retrieval.Products, all evaluate.Judgments) {
	if !testing.Verbose() {
		return
	}
	for q, j := range all {
		m, err := evaluate.MeasureSearch(context.Background(), x, evaluate.Judgments{q: j}, 10, time.Now)
		if err != nil {
			t.Fatal(err)
		}
		t.Logf("%-22s %.3f %.1f ms", q, m.NDCG, m.P50)
	}
}

// icecat reads the products as the shop would have imported them.
func icecat(t testing.TB, path string) []catalog.Product {
	t.Helper()
	f, err := os.Open(path)
	if err != nil {
		t.Fatal(err)
	}
	defer f.Close()
	z, err := gzip.NewReader(f)
	if err != nil {
		t.Fatal(err)
	}
	lines := bufio.NewScanner(z)
	lines.Buffer(nil, 1<<20)
	var products []catalog.Product
	for lines.Scan() {
		var raw map[string]any
		if err := json.Unmarshal(lines.Bytes(), &raw); err != nil {
			t.Fatal(err)
		}
		str := func(k string) string { s, _ := raw[k].(string); return s }
		p := catalog.Product{ID: str("id"), Title: str("title"), Brand: str("supplier"), Description: str("short_description"),
			Attributes: map[string]string{}}
		for k, v := range raw {
			if strings.HasPrefix(k, "attr_t_") {
				p.Attributes[strings.TrimPrefix(k, "attr_t_")] = fmt.Sprint(v)
			}
		}
		price, _ := raw["price"].(float64)
		p.Variants = []catalog.Variant{{SKU: p.ID, Price: decimal.NewFromFloat(price / 100), Available: true}}
		products = append(products, p)
	}
	if err := lines.Err(); err != nil {
		t.Fatal(err)
	}
	return products
}
