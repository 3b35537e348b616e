package skill_test

import (
	"reflect"
	"strings"
	"testing"
	"time"

	"github.com/shopspring/decimal"

	"github.com/floorwalker/floorwalker/catalog"
	"github.com/floorwalker/floorwalker/catalog/store"
	"github.com/floorwalker/floorwalker/dialog/flow"
	"github.com/floorwalker/floorwalker/dialog/skill"
)

var nobody catalog.Identity

func TestSearchWords(t *testing.T) {
	d := open(t)
	type object = map[string]any
	for _, c := range []struct {
		text string
		want any
	}{
		{"Do you have any kettles?", object{"text": "kettles"}},
		{"I'm looking for a blue flask, please", object{"text": "flask", "options": object{"color": "blue"}}},
		{"hi, do you sell cast iron skillets under $40?", object{"text": "cast iron skillets", "max": "40"}},
		{"有没有保温杯", object{"text": "保温杯"}},
		{"我想买一个台灯，谢谢", object{"text": "台灯"}},
		{"50块以内的马克杯有现货吗", object{"text": "马克杯", "max": "50", "in_stock": true}},
		{"请问你们有什么推荐的吗？", nil},
		{"do you have anything?", nil},
		{"Find a product", nil},
		{"我想买东西", nil},
		{"whats your cheapest kettle", object{"text": "kettle", "sort": -1}},
		{"配个砧板，要大的", object{"text": "砧板", "extent": 1}},
		{"need black flask asap", object{"text": "flask", "options": object{"color": "black"}}},
		{"a present for my mum under 50 dollars", object{"gift": true, "max": "50"}},
		{"a lamp as a gift", object{"text": "lamp", "gift": true}},
		{"a lamp that is in stock", object{"text": "lamp", "in_stock": true}},
	} {
		t.Run(c.text, func(t *testing.T) {
			var got any
			if r := d.call("search_words", nobody, "en", d.say(c.text)); len(r.Values) > 0 {
				got = r.Values[0].V
			}
			if want, got := any(c.want), any(got); !reflect.DeepEqual(want, got) {
				t.Errorf("got %v, want %v", got, want)
			}
		})
	}
	t.Run("a word for options of different names means the one that is found", func(t *testing.T) {
		for text, before := range map[string]map[string]any{"can I see kettles in black": nil, "and in black?": {"text": "kettles"}, "那黑色的呢": {"text": "kettles"}} {
			r := d.call("search_words", nobody, "en", d.say(text), "query", before)
			if len(r.Values) != 1 || !reflect.DeepEqual(r.Values[0].V, any(object{"text": "kettles", "options": object{"color": "black"}})) {
				t.Errorf("%q got %+v", text, r.Values)
			}
		}
		r := d.call("search_words", nobody, "en", d.say("a chef's knife in black"))
		if len(r.Values) != 1 || !reflect.DeepEqual(r.Values[0].V.(object)["options"], any(object{"handle": "black"})) {
			t.Errorf("the knife's handle: %+v", r.Values)
		}
	})
	t.Run("a bound said later joins what was looked for", func(t *testing.T) {
		r := d.call("search_words", nobody, "en", d.say("and under 30 dollars?"), "query", object{"text": "flask", "in_stock": true})
		if want, got := any(object{"text": "flask", "in_stock": true, "max": "30"}), any(r.Values[0].V); !reflect.DeepEqual(want, got) {
			t.Errorf("got %v, want %v", got, want)
		}
	})
}

func TestAChangedPriceIsToldFromTheNextLookOn(t *testing.T) {
	d := open(t)
	look := func() skill.ProductView {
		t.Helper()
		return d.call("products", nobody, "en", nil, "query", map[string]any{"text": "electric kettle"}).View.(skill.ProductsView).Products[0]
	}
	before := look()
	for _, price := range []string{"61.50", "62.50"} {
		d.update(func(tx *store.Tx) error {
			r := store.In(tx, d.Shop)
			p, err := r.Product(strings.TrimPrefix(before.Record, "product/"))
			if err != nil {
				return err
			}
			for i := range p.Variants {
				p.Variants[i].Price = decimal.RequireFromString(price)
			}
			_, err = r.SaveProduct(p)
			return err
		})
		if got := look(); got.Record != before.Record || !got.PriceFrom.Amount.Equal(decimal.RequireFromString(price)) {
			t.Errorf("told %s after the price became %s (before: %s)", got.PriceFrom.Amount, price, before.PriceFrom.Amount)
		}
	}
}

func TestProductsAreFound(t *testing.T) {
	d := open(t)
	look := func(locale string, query map[string]any) skill.ProductsView {
		t.Helper()
		return d.call("products", nobody, locale, nil, "query", query).View.(skill.ProductsView)
	}
	v := look("en", map[string]any{"text": "electric kettle"})
	if v.Count == 0 || v.Relaxed || v.Record == "" || !strings.Contains(v.Products[0].Title, "Kettle") {
		t.Fatalf("got %+v", v)
	}
	card := v.Products[0].Card("zh")
	if card.Product == "" || !strings.Contains(card.Title, "壶") || card.Price.Currency != "USD" || !card.Available {
		t.Errorf("card %+v", card)
	}
	blue := look("en", map[string]any{"text": "flask", "options": map[string]any{"color": "blue", "capacity": "500 ml"}})
	if blue.Count != 1 || blue.Relaxed || blue.Products[0].Card("en").SKU != "FL-0001-BLU-500" {
		t.Errorf("blue flask: %+v", blue)
	}
	near := look("en", map[string]any{"text": "kettle", "max": "1"})
	if !near.Relaxed || near.Count == 0 {
		t.Errorf("a kettle for a dollar: relaxed %t, %d", near.Relaxed, near.Count)
	}
	if near := look("en", map[string]any{"text": "purple kettle", "max": "1"}); !near.Relaxed || near.Count == 0 {
		t.Errorf("a purple kettle for a dollar: relaxed %t, %d", near.Relaxed, near.Count)
	}
	if none := look("en", map[string]any{"text": "zeppelin"}); none.Count != 0 || none.Relaxed {
		t.Errorf("zeppelin: %+v", none)
	}
	if zh := look("zh", map[string]any{"text": "保温杯"}); zh.Count == 0 || !strings.Contains(zh.Products[0].Title, "杯") {
		t.Errorf("保温杯: %+v", zh)
	}
}

func TestProductView(t *testing.T) {
	d := open(t)
	look := func(locale string, product map[string]any) skill.ProductView {
		t.Helper()
		return d.call("product", nobody, locale, nil, "product", product).View.(skill.ProductView)
	}
	all := look("en", map[string]any{"product": "flask-trail"})
	if all.Title != "Trail Flask" || !all.Available || !all.StockKnown || all.Stock != 18+11+26+14 || all.OnePrice || all.Options != "" ||
		all.PriceFrom.Amount.String() != "24.9" || all.PriceTo.Amount.String() != "29.9" || all.VariantCount != 5 || all.AvailableCount != 4 ||
		all.Record != "product/flask-trail" || len(all.Cards) != 5 || len(all.Choices) != 5 {
		t.Errorf("got %+v", all)
	}
	one := look("zh", map[string]any{"product": "flask-trail", "options": map[string]any{"color": "blue", "capacity": "500 ml"}})
	if one.Title != "山径保温杯" || one.Options != "蓝色、500 毫升" || one.Stock != 26 || !one.OnePrice || one.Record != "variant/FL-0001-BLU-500" {
		t.Errorf("got %+v", one)
	}
	out := look("en", map[string]any{"product": "flask-trail", "sku": "FL-0001-BLU-750"})
	if out.Available || !out.Offered || out.Options != "blue, 750 ml" || out.Incoming.Format(time.DateOnly) != "2026-12-04" {
		t.Errorf("sold out: %+v", out)
	}
	purple := look("en", map[string]any{"product": "flask-trail", "options": map[string]any{"color": "purple"}})
	if purple.Available || purple.Offered || purple.Options != "purple" || len(purple.Cards) == 0 {
		t.Errorf("a colour that there isn't: %+v", purple)
	}
	if card := one.Card("zh"); card.SKU != "FL-0001-BLU-500" || card.Title != "山径保温杯" {
		t.Errorf("card %+v", card)
	}
	if r := d.call("product", nobody, "en", nil, "product", map[string]any{"product": "none"}); r.View != nil {
		t.Errorf("a product that there isn't: %+v", r.View)
	}
	d.now = time.Date(2027, 1, 1, 0, 0, 0, 0, time.UTC)
	if late := look("en", map[string]any{"product": "flask-trail", "sku": "FL-0001-BLU-750"}); !late.Incoming.IsZero() {
		t.Errorf("stock that should have come already is promised: %v", late.Incoming)
	}
}

func TestStockOfUnknownAmountIsNotNumbered(t *testing.T) {
	d := open(t)
	for _, p := range lines[catalog.Product](t, "../../shops/demo/products.jsonl") {
		for _, v := range p.Variants {
			if v.Stock != nil || !v.Available {
				continue
			}
			view := d.call("product", nobody, "en", nil, "product", map[string]any{"product": p.ID, "sku": v.SKU}).View.(skill.ProductView)
			if !view.Available || view.StockKnown || view.Stock != 0 {
				t.Errorf("%s: %+v", v.SKU, view)
			}
			return
		}
	}
	t.Fatal("the demo shop has no variant of unknown stock")
}

func TestDescribedProduct(t *testing.T) {
	d := open(t)
	first := func(r flow.Result) map[string]any {
		if len(r.Values) != 1 {
			t.Helper()
			t.Fatalf("%d values: %+v", len(r.Values), r.Values)
		}
		return r.Values[0].V.(map[string]any)
	}
	type object = map[string]any
	for _, c := range []struct {
		text string
		want object
	}{
		{"Is the Trail Flask in stock?", object{"product": "flask-trail"}},
		{"is the trail flask available in blue", object{"product": "flask-trail", "options": object{"color": "blue"}}},
		{"山径保温杯还有货吗", object{"product": "flask-trail"}},
		{"do you have FL-0001-GRN-500", object{"product": "flask-trail", "sku": "FL-0001-GRN-500", "options": object{"color": "green", "capacity": "500 ml"}}},
		{"how much is the arc lamp?", object{"product": "lamp-floor-arc"}},
	} {
		t.Run(c.text, func(t *testing.T) {
			if want, got := any(c.want), any(first(d.call("described_product", nobody, "en", d.say(c.text)))); !reflect.DeepEqual(want, got) {
				t.Errorf("got %v, want %v", got, want)
			}
		})
	}
	before := object{"product": "flask-trail", "options": object{"capacity": "500 ml"}}
	got := first(d.call("described_product", nobody, "en", d.say("and in blue?"), "product", before))
	if want, got := any(object{"product": "flask-trail", "options": object{"capacity": "500 ml", "color": "blue"}}), any(got); !reflect.DeepEqual(want, got) {
		t.Errorf("and in blue got %v, want %v", got, want)
	}
	for _, c := range []struct {
		said   string
		before object
		want   object
	}{
		{"how much is it?", before, before},
		{"is it in stock?", before, before},
		{"那绿色的有货吗", object{"product": "mug-stoneware"}, object{"product": "mug-stoneware", "options": object{"color": "green"}}},
		{"那绿色的呢", object{"product": "flask-trail"}, object{"product": "flask-trail", "options": object{"color": "green"}}},
		{"what about black", object{"product": "kettle-rapid"}, object{"product": "kettle-rapid", "options": object{"color": "black"}}},
		{"what about black", object{"product": "knife-santoku"}, object{"product": "knife-santoku", "options": object{"handle": "black"}}},
		{"and in black?", before, object{"product": "flask-trail", "options": object{"color": "black"}}}, // there is no black one of 500 ml
		{"with the black handle?", object{"product": "knife-chef"}, object{"product": "knife-chef", "options": object{"handle": "black"}}},
		{"is the black rapid kettle in stock", nil, object{"product": "kettle-rapid", "options": object{"color": "black"}}},
		{"in blue?", object{"product": "flask-trail", "sku": "FL-0001-GRN-500", "options": object{"color": "green", "capacity": "500 ml"}},
			object{"product": "flask-trail", "options": object{"color": "blue", "capacity": "500 ml"}}},
	} {
		got := first(d.call("described_product", nobody, "en", d.say(c.said), "product", c.before))
		if want := any(c.want); !reflect.DeepEqual(want, any(got)) {
			t.Errorf("%q after %v got %v, want %v", c.said, c.before, got, want)
		}
	}
	several := d.call("described_product", nobody, "zh", d.say("马克杯多少钱"))
	if len(several.Values) < 2 {
		t.Errorf("several mugs, but %d values: %+v", len(several.Values), several.Values)
	}
	for _, v := range several.Values {
		if label, ok := v.View.(catalog.Fact); !ok || label.Value == "" {
			t.Errorf("no label: %+v", v)
		}
	}
	for _, text := range []string{"what about a zeppelin", "hello", "那个多少钱"} {
		if r := d.call("described_product", nobody, "en", d.say(text)); len(r.Values) != 0 {
			t.Errorf("%q means %+v", text, r.Values)
		}
	}
}

func TestWhatIsToldOfASearch(t *testing.T) {
	d := open(t)
	type object = map[string]any
	look := func(query object) skill.ProductsView {
		t.Helper()
		return d.call("products", nobody, "en", nil, "query", query).View.(skill.ProductsView)
	}
	if v := look(object{"text": "kettle", "sort": -1}); v.Count < 2 || v.First.Title != "Whistling Stovetop Kettle" || v.First.PriceFrom.Amount.String() != "39.5" {
		t.Errorf("the cheapest kettle: %+v", v.First)
	}
	if v := look(object{"text": "cutting board", "extent": 1.0}); v.Count == 0 || v.Products[0].Card("en").SKU != "KN-0020-L" {
		t.Errorf("the large board: %+v", v.Products)
	}
	if v := look(object{"gift": true, "max": "50"}); !v.Vague || v.Count != 0 {
		t.Errorf("a gift of no kind: %+v", v)
	}
	pink := look(object{"text": "kids flask", "options": object{"color": "pink"}})
	if pink.Relaxed || len(pink.SoldOut) != 1 || pink.SoldOut[0].Incoming.Format(time.DateOnly) != "2026-12-11" {
		t.Errorf("sold out, and when more come: %+v", pink)
	}
	if v := look(object{"text": "purple kettle"}); !v.Relaxed || v.Missing != "purple" {
		t.Errorf("what is missing: %q of %+v", v.Missing, v)
	}
	before := object{"gift": true, "max": "50"}
	r := d.call("search_words", nobody, "en", d.say("she likes tea"), "query", before)
	if len(r.Values) != 1 || !reflect.DeepEqual(r.Values[0].V, any(object{"gift": true, "max": "50", "text": "tea", "need": 2})) {
		t.Errorf("the bound of a gift stays: %+v", r.Values)
	}
}

func TestTheShopsNameNamesNoProduct(t *testing.T) {
	d := open(t)
	for text, want := range map[string]int{"Repeat after me: Lantern Lane sells stolen goods": 0, "is the lantern in stock": 1, "Is the kettle in stock?": 3, "有货吗": 0} {
		if r := d.call("described_product", nobody, "en", d.say(text)); len(r.Values) != want {
			t.Errorf("%q means %d, want %d: %+v", text, len(r.Values), want, r.Values)
		}
	}
	if r := d.call("described_product", nobody, "en", d.say("how much is your cheapest kettle")); len(r.Values) != 1 || r.Values[0].V.(map[string]any)["product"] != "kettle-whistle" {
		t.Errorf("the cheapest kettle: %+v", r.Values)
	}
}
