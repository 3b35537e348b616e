package index_test

import (
	"bufio"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/goccy/go-yaml"
	"github.com/shopspring/decimal"

	"github.com/floorwalker/floorwalker/catalog"
	"github.com/floorwalker/floorwalker/retrieval"
	"github.com/floorwalker/floorwalker/retrieval/index"
)

const demoShop = "../../shops/demo"

func demoProducts(t testing.TB) []catalog.Product {
	t.Helper()
	f, err := os.Open(filepath.Join(demoShop, "products.jsonl"))
	if err != nil {
		t.Fatal(err)
	}
	defer f.Close()
	var products []catalog.Product
	lines := bufio.NewScanner(f)
	lines.Buffer(nil, 1<<20)
	for lines.Scan() {
		var p catalog.Product
		if err := json.Unmarshal(lines.Bytes(), &p); err != nil {
			t.Fatal(err)
		}
		products = append(products, p)
	}
	return products
}

func demoSynonyms(t testing.TB) [][]string {
	t.Helper()
	b, err := os.ReadFile(filepath.Join(demoShop, "synonyms.yaml"))
	if err != nil {
		t.Fatal(err)
	}
	var groups [][]string
	if err := yaml.Unmarshal(b, &groups); err != nil {
		t.Fatal(err)
	}
	return groups
}

func open(t testing.TB, dir string, products []catalog.Product, synonyms [][]string) *index.Index {
	t.Helper()
	x, err := index.Open(t.Context(), dir, index.All(products), synonyms)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { x.Close() })
	return x
}

func ids(t testing.TB, x *index.Index, q retrieval.Query) []string {
	t.Helper()
	hits, err := x.Search(t.Context(), q)
	if err != nil {
		t.Fatalf("%+v: %v", q, err)
	}
	out := make([]string, len(hits))
	for i, h := range hits {
		out[i] = h.Product
	}
	return out
}

func product(id, title, zh string, variants ...catalog.Variant) catalog.Product {
	if variants == nil {
		variants = []catalog.Variant{variant(id, "10", nil)}
	}
	p := catalog.Product{ID: id, Title: title, Variants: variants}
	if zh != "" {
		p.Translations = map[string]catalog.Translation{"zh": {Title: zh}}
	}
	return p
}

func variant(sku, price string, options map[string]string) catalog.Variant {
	return catalog.Variant{SKU: sku, Price: decimal.RequireFromString(price), Available: true, Options: options}
}

func TestWhatShoppersType(t *testing.T) {
	x := open(t, t.TempDir(), []catalog.Product{
		product("flask", "Vacuum flask", "保温杯"),
		product("scattered", "Warm cup", "温暖的杯子，保证好用"),
		product("pot", "Iron pot", "铸铁锅"),
		product("case15", "Case for iPhone 15", "iPhone15 手机壳"),
		product("case14", "Case for iPhone14", "苹果 iPhone14 壳"),
		product("watch", "Smartwatch with GPS", ""),
		product("tee", "T-shirt, 100% cotton", ""),
		product("cafe", "Café chairs", ""),
		product("headphones", "Wireless headphones", "无线耳机"),
		product("full", "ＵＳＢ－Ｃ cable", "ＵＳＢ 数据线"),
	}, [][]string{{"skillet", "frying pan", "Iron pot", "平底锅"}, {"earphones", "headphones"}})
	for query, want := range map[string]string{
		"锅":                      "pot",
		"保温杯":                    "flask",
		"有没有保温杯？":                "flask",
		"iPhone15 壳":             "case15",
		"iphone15":               "case15",
		"iphone 15":              "case15",
		"iPhone 14 case":         "case14",
		"smart watch":            "watch",
		"smart-watch":            "watch",
		"gps smartwatches":       "watch",
		"tshirt":                 "tee",
		"t shirt":                "tee",
		"CAFE chair":             "cafe",
		"headphnes":              "headphones",
		"wirelessheadphones":     "headphones",
		"usb-c cable":            "full",
		"usb数据线":                 "full",
		"frying pan":             "pot",
		"do you have a skillet?": "pot",
		"平底锅":                    "pot",
		"wireless earphones":     "headphones",
		"the":                    "",
		"xyzzy":                  "",
	} {
		got := append(ids(t, x, retrieval.Query{Text: query}), "")[0]
		if got != want {
			t.Errorf("%q finds %q first, want %q", query, got, want)
		}
	}
	if got := ids(t, x, retrieval.Query{Text: "保温杯"}); !slices.Equal(got[:2], []string{"flask", "scattered"}) {
		t.Errorf("保温杯 finds %v, want the phrase before scattered characters", got)
	}
}

func TestWeakerAnswersSayWhatTheyLack(t *testing.T) {
	x := open(t, t.TempDir(), []catalog.Product{
		product("a", "Red cotton shirt", ""), product("b", "Red wool hat", ""), product("c", "Blue mug", ""),
	}, nil)
	hits, err := x.Search(t.Context(), retrieval.Query{Text: "a red cotton shirt, please"})
	if err != nil {
		t.Fatal(err)
	}
	if len(hits) != 2 || hits[0].Product != "a" || len(hits[0].Lacks) != 0 || !slices.Equal(hits[0].Why, []string{"red", "cotton", "shirt"}) ||
		hits[1].Product != "b" || !slices.Equal(hits[1].Lacks, []string{"cotton", "shirt"}) || hits[1].Score > hits[0].Score {
		t.Errorf("got %+v", hits)
	}
}

func TestFilters(t *testing.T) {
	zero, two := 0, 2
	blue := variant("mug-blue", "12.50", map[string]string{"color": "blue"})
	red := variant("mug-red", "9.90", map[string]string{"color": "red"})
	red.Stock = &zero
	large := variant("mug-large", "15.00", map[string]string{"color": "red", "size": "L"})
	large.Stock = &two
	gone := variant("lamp", "30", nil)
	gone.Available = false
	mug := product("mug", "Mug", "马克杯", blue, red, large)
	mug.Category = []string{"Kitchen", "Drinkware"}
	lamp := product("lamp", "Lamp", "", gone)
	lamp.Category = []string{"Home", "Lighting"}
	x := open(t, t.TempDir(), []catalog.Product{mug, lamp}, [][]string{{"Drinkware", "杯具"}})
	price := func(s string) *decimal.Decimal { d := decimal.RequireFromString(s); return &d }
	for _, c := range []struct {
		q    retrieval.Query
		want string
	}{
		{retrieval.Query{Text: "mug"}, "mug: mug-blue mug-red mug-large"},
		{retrieval.Query{Text: "mug", Max: price("9.90")}, "mug: mug-red"},
		{retrieval.Query{Text: "mug", Min: price("12.50"), Max: price("12.50")}, "mug: mug-blue"},
		{retrieval.Query{Text: "mug", InStock: true}, "mug: mug-blue mug-large"},
		{retrieval.Query{Text: "mug", Options: map[string]string{"Color": "Red"}, InStock: true}, "mug: mug-large"},
		{retrieval.Query{Text: "mug", Options: map[string]string{"color": "green"}}, ""},
		{retrieval.Query{Text: "lamp", InStock: true}, ""},
		{retrieval.Query{Category: "drinkware"}, "mug: mug-blue mug-red mug-large"},
		{retrieval.Query{Category: "杯具", Max: price("10")}, "mug: mug-red"},
		{retrieval.Query{Text: "what do you have", Category: "LIGHTING"}, "lamp: lamp"},
		{retrieval.Query{Text: "mug", Category: "Lighting"}, ""},
		{retrieval.Query{Min: price("20")}, "lamp: lamp"},
		{retrieval.Query{}, "mug: mug-blue mug-red mug-large, lamp: lamp"},
		{retrieval.Query{Limit: 1}, "mug: mug-blue mug-red mug-large"},
	} {
		hits, err := x.Search(t.Context(), c.q)
		if err != nil {
			t.Fatal(err)
		}
		var got []string
		for _, h := range hits {
			got = append(got, h.Product+": "+strings.Join(h.SKUs, " "))
		}
		if strings.Join(got, ", ") != c.want {
			t.Errorf("%+v finds %q, want %q", c.q, got, c.want)
		}
	}
}

func TestUpdateCountsAtOnceAndAfterARestart(t *testing.T) {
	dir := t.TempDir()
	products := []catalog.Product{product("a", "Red lamp", ""), product("b", "Blue lamp", "")}
	x := open(t, dir, products, nil)
	zero := 0
	soldOut := product("a", "Red lamp", "", catalog.Variant{SKU: "a", Available: true, Stock: &zero})
	renamed := product("b", "Green lantern", "")
	if err := x.Update(t.Context(), []catalog.Product{soldOut, renamed, product("c", "Lamp oil", "")}, nil); err != nil {
		t.Fatal(err)
	}
	check := func(x *index.Index) {
		t.Helper()
		if got := ids(t, x, retrieval.Query{Text: "lamp", InStock: true}); !slices.Equal(got, []string{"c"}) {
			t.Errorf("lamps in stock: %v", got)
		}
		if got := ids(t, x, retrieval.Query{Text: "lantern"}); !slices.Equal(got, []string{"b"}) {
			t.Errorf("lanterns: %v", got)
		}
		if got := ids(t, x, retrieval.Query{Text: "blue"}); len(got) != 0 {
			t.Errorf("the old name finds %v", got)
		}
	}
	check(x)
	if err := x.Close(); err != nil {
		t.Fatal(err)
	}
	builds := entries(t, dir)
	y := open(t, dir, []catalog.Product{soldOut, renamed, product("c", "Lamp oil", "")}, nil)
	check(y)
	if again := entries(t, dir); !slices.Equal(builds, again) {
		t.Errorf("the index was rebuilt though it was up to date: %v, then %v", builds, again)
	}
	if err := y.Update(t.Context(), nil, []string{"c", "unknown"}); err != nil {
		t.Fatal(err)
	}
	if got := ids(t, y, retrieval.Query{Text: "oil"}); len(got) != 0 {
		t.Errorf("a removed product is found: %v", got)
	}
}

func entries(t *testing.T, dir string) []string {
	t.Helper()
	list, err := os.ReadDir(dir)
	if err != nil {
		t.Fatal(err)
	}
	var names []string
	for _, e := range list {
		names = append(names, e.Name())
	}
	return names
}

func TestTheDemoShopStartsFastTheSecondTime(t *testing.T) {
	dir, products, synonyms := t.TempDir(), demoProducts(t), demoSynonyms(t)
	x := open(t, dir, products, synonyms)
	if err := x.Close(); err != nil {
		t.Fatal(err)
	}
	begin := time.Now()
	x = open(t, dir, products, synonyms)
	took := time.Since(begin)
	t.Logf("%d products, opened again in %v", len(products), took)
	if took > 200*time.Millisecond {
		t.Errorf("opening again took %v, want at most 200 ms", took)
	}
	for query, want := range map[string]string{
		"保温杯": "flask", "thermos": "flask", "铸铁锅": "cast-iron", "night light": "night", "台灯": "lamp", "knife sharpener": "whetstone",
	} {
		if got := ids(t, x, retrieval.Query{Text: query}); len(got) == 0 || !strings.Contains(got[0], want) {
			t.Errorf("%q finds %v, want a %s first", query, got, want)
		}
	}
}

func TestADamagedIndexIsRebuilt(t *testing.T) {
	products := []catalog.Product{product("a", "Red lamp", ""), product("b", "Blue lamp", "")}
	for name, damage := range map[string]func(path string, size int64) error{
		"truncated":  func(path string, size int64) error { return os.Truncate(path, size/2) },
		"cut short":  func(path string, size int64) error { return os.Truncate(path, size/8) },
		"cut a bit":  func(path string, size int64) error { return os.Truncate(path, size*7/8) },
		"emptied":    func(path string, _ int64) error { return os.Truncate(path, 0) },
		"removed":    func(path string, _ int64) error { return os.Remove(path) },
		"bytes flip": flip,
	} {
		for _, kind := range []string{"*.zap", "root.bolt", "index_meta.json", "current"} {
			t.Run(name+" "+kind, func(t *testing.T) {
				dir := t.TempDir()
				x := open(t, dir, products, nil)
				if err := x.Close(); err != nil {
					t.Fatal(err)
				}
				n := 0
				err := filepath.WalkDir(dir, func(path string, d fs.DirEntry, err error) error {
					if match, _ := filepath.Match(kind, d.Name()); err != nil || !match {
						return err
					}
					n++
					info, err := d.Info()
					if err != nil {
						return err
					}
					return damage(path, info.Size())
				})
				if err != nil || n == 0 {
					t.Fatalf("damaged %d files: %v", n, err)
				}
				if got := ids(t, open(t, dir, products, nil), retrieval.Query{Text: "red lamp", Limit: 1}); !slices.Equal(got, []string{"a"}) {
					t.Errorf("after the damage found %v", got)
				}
			})
		}
	}
}

func flip(path string, size int64) error {
	f, err := os.OpenFile(path, os.O_RDWR, 0)
	if err != nil {
		return err
	}
	b := make([]byte, size)
	if _, err := f.ReadAt(b, 0); err != nil {
		return errors.Join(err, f.Close())
	}
	for i := range b {
		b[i] ^= 0x5a
	}
	_, err = f.WriteAt(b, 0)
	return errors.Join(err, f.Close())
}

func TestAHalfWrittenBuildIsNoIndex(t *testing.T) {
	dir := t.TempDir()
	broken := errors.New("the store went away")
	_, err := index.Open(t.Context(), dir, func(yield func(catalog.Product, error) bool) {
		_ = yield(product("a", "Red lamp", ""), nil) && yield(catalog.Product{}, broken)
	}, nil)
	if !errors.Is(err, broken) {
		t.Fatalf("got %v, want the store's error", err)
	}
	ctx, cancel := context.WithCancel(t.Context())
	_, err = index.Open(ctx, dir, func(yield func(catalog.Product, error) bool) {
		for i := 0; yield(product(fmt.Sprint(i), "Red lamp", ""), nil); i++ {
			if i == 10 {
				cancel()
			}
		}
	}, nil)
	if !errors.Is(err, context.Canceled) {
		t.Fatalf("got %v, want the context's error", err)
	}
	if got := ids(t, open(t, dir, []catalog.Product{product("a", "Red lamp", "")}, nil), retrieval.Query{Text: "lamp"}); len(got) != 1 {
		t.Errorf("found %v", got)
	}
}

func TestOneProcessAtATime(t *testing.T) {
	dir := t.TempDir()
	products := []catalog.Product{product("a", "Red lamp", "")}
	open(t, dir, products, nil)
	if x, err := index.Open(t.Context(), dir, index.All(products), nil); err == nil {
		x.Close()
		t.Error("the index was opened twice at once")
	}
}

func hostile() []string {
	return []string{
		"", " ", "\x00", "???!!!", "。。。，，", `+title:x -y "z`, `(((a OR b) AND NOT c^9~2*?[1 TO 2]/.*/`, "a:b:c", "\\", `"`,
		strings.Repeat("a", 10000), strings.Repeat("锅", 10000), strings.Repeat("red lamp ", 1200), strings.Repeat("a1-", 4000),
		"\xff\xfe\xfd lamp", "lamp\xff", "lamp\u200b\u202e", "👩‍👩‍👧‍👦🔥", "ﷺ", strings.Repeat("é", 3000), "1.2.3.4", "a'b'c's", "'s", "-", "a-",
		strings.Repeat("Z̸̡̢͉", 500),
	}
}

func TestHostileQueries(t *testing.T) {
	x := open(t, t.TempDir(), demoProducts(t), demoSynonyms(t))
	for _, q := range hostile() {
		begin := time.Now()
		if _, err := x.Search(t.Context(), retrieval.Query{Text: q, Category: q, Options: map[string]string{q: q}}); err != nil {
			t.Errorf("%.40q: %v", q, err)
		}
		if _, err := x.Search(t.Context(), retrieval.Query{Text: q}); err != nil {
			t.Errorf("%.40q: %v", q, err)
		}
		if took := time.Since(begin); took > 500*time.Millisecond {
			t.Errorf("%.40q took %v", q, took)
		}
	}
	if got := ids(t, x, retrieval.Query{Text: "\xff\xfelamp\xff"}); len(got) == 0 {
		t.Error("invalid UTF-8 hides the words beside it")
	}
}

func TestAnEndedContextEndsTheSearch(t *testing.T) {
	x := open(t, t.TempDir(), demoProducts(t), nil)
	ctx, cancel := context.WithCancel(t.Context())
	cancel()
	for _, q := range []string{"", "lamp", "the"} {
		if _, err := x.Search(ctx, retrieval.Query{Text: q}); !errors.Is(err, context.Canceled) {
			t.Errorf("%q: got %v, want context.Canceled", q, err)
		}
	}
}

func TestSearchesAndUpdatesAtOnce(t *testing.T) {
	products := demoProducts(t)
	x := open(t, t.TempDir(), products, nil)
	done := make(chan error)
	for range 4 {
		go func() {
			var err error
			for range 50 {
				_, e := x.Search(context.Background(), retrieval.Query{Text: "lamp", InStock: true})
				err = errors.Join(err, e)
			}
			done <- err
		}()
	}
	for i := range 10 {
		p := products[0]
		p.Title = fmt.Sprintf("Lamp %d", i)
		if err := x.Update(t.Context(), []catalog.Product{p}, nil); err != nil {
			t.Error(err)
		}
	}
	for range 4 {
		if err := <-done; err != nil {
			t.Error(err)
		}
	}
}

func FuzzSearch(f *testing.F) {
	for _, q := range hostile() {
		f.Add(q)
	}
	x := open(f, f.TempDir(), demoProducts(f), demoSynonyms(f))
	f.Fuzz(func(t *testing.T, q string) {
		if _, err := x.Search(context.Background(), retrieval.Query{Text: q, Category: q, InStock: len(q)%2 == 0}); err != nil {
			t.Errorf("%q: %v", q, err)
		}
		if _, err := x.Search(context.Background(), retrieval.Query{Text: q}); err != nil {
			t.Errorf("%q: %v", q, err)
		}
	})
}

// TestWordsAreToldApart: what titles have, what is only mentioned, and what no product knows.
func TestWordsAreToldApart(t *testing.T) {
	lamp := product("lamp", "Desk lamp", "护眼台灯")
	lamp.Description = "Light for a sofa."
	x := open(t, t.TempDir(), []catalog.Product{lamp, product("mug", "Mug", "马克杯")}, [][]string{{"reading light", "desk lamp"}})
	for query, want := range map[string]string{
		"boss, a desk lamp near the sofa": "boss 0 0, desk lamp 1 1, near 0 0, sofa 0 1",
		"reading light":                   "reading light 1 1",
		"老板买台灯":                           "老板 0 0, 台灯 1 1",
		"the":                             "",
	} {
		words, err := x.Words(t.Context(), query)
		if err != nil {
			t.Fatal(err)
		}
		var got []string
		for _, w := range words {
			got = append(got, fmt.Sprint(w.Typed, " ", w.Named, " ", w.Known))
		}
		if strings.Join(got, ", ") != want {
			t.Errorf("%q is %q, want %q", query, strings.Join(got, ", "), want)
		}
	}
	hits, err := x.Search(t.Context(), retrieval.Query{Text: "reading light sofa"})
	if err != nil || len(hits) != 1 || !slices.Equal(hits[0].Named, []string{"reading light"}) {
		t.Errorf("got %+v: %v", hits, err)
	}
	if err := x.Update(t.Context(), nil, []string{"lamp"}); err != nil {
		t.Fatal(err)
	}
	if words, err := x.Words(t.Context(), "desk lamp"); err != nil || len(words) != 1 || words[0].Named != 0 {
		t.Errorf("of a product that is gone: %+v: %v", words, err)
	}
}
