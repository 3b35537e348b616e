package skill_test

import (
	"reflect"
	"strings"
	"testing"
	"time"

	"github.com/floorwalker/floorwalker/catalog"
	"github.com/floorwalker/floorwalker/dialog/flow"
	"github.com/floorwalker/floorwalker/dialog/skill"
	"github.com/floorwalker/floorwalker/retrieval"
)

// TestWhatIsSaidOfSomeProductsIsSaidOfNoOthers: a passage about knives answers no question
// about a flask.
func TestWhatIsSaidOfSomeProductsIsSaidOfNoOthers(t *testing.T) {
	bound := func(id, title, answer string, products ...string) retrieval.Found {
		return retrieval.Found{Passage: retrieval.Passage{ID: id, Title: title, Text: answer, Products: products}, Answer: answer, Answers: true}
	}
	found := passages{
		bound("knives", "刀具与砧板的保养", "不要进洗碗机。", "knife-chef", "board-acacia"),
		bound("flasks", "保温杯的保养", "儿童保温杯整只都可以。", "flask-trail", "flask-kids"),
	}
	d := open(t, func(d *skill.Deps) { d.Passages = found })
	for _, c := range []struct {
		question, product, want string
	}{
		{"能用洗碗机洗吗", "flask-kids", "儿童保温杯整只都可以。"},
		{"能用洗碗机洗吗", "knife-chef", "不要进洗碗机。"},
		{"能用洗碗机洗吗", "", ""},              // of what?
		{"能用洗碗机洗吗", "lamp-desk-led", ""}, // nothing is said of it
		{"砧板能用洗碗机洗吗", "flask-kids", "不要进洗碗机。"},
		{"山径保温杯能用洗碗机洗吗", "", "儿童保温杯整只都可以。"},
	} {
		args := []any{"question", c.question}
		if c.product != "" {
			args = append(args, "product", map[string]any{"product": c.product})
		}
		v := d.call("knowledge", nobody, "zh", d.say(c.question), args...).View.(skill.KnowledgeView)
		if v.Text != c.want || v.Answers != (c.want != "") {
			t.Errorf("%q of %q: %q, want %q", c.question, c.product, v.Text, c.want)
		}
	}
}

func TestProductAskedAbout(t *testing.T) {
	d := open(t)
	before := map[string]any{"product": "flask-kids"}
	for _, c := range []struct {
		text string
		want string
	}{
		{"is it dishwasher safe?", "flask-kids"},
		{"and the trail flask?", "flask-trail"},
		{"is the gooseneck kettle on sale", "kettle-gooseneck"},
		{"are kettles on sale", ""}, // several, and none of them was spoken of
	} {
		got := ""
		if r := d.call("product_asked_about", nobody, "en", d.say(c.text), "product", before); len(r.Values) == 1 {
			got = r.Values[0].V.(map[string]any)["product"].(string)
		}
		if got != c.want {
			t.Errorf("%q is about %q, want %q", c.text, got, c.want)
		}
	}
}

func TestPromotionsOfToday(t *testing.T) {
	text := func(en string) catalog.Text { return catalog.Text{"en": en, "zh": "九折。"} }
	d := open(t, func(d *skill.Deps) {
		d.Promotions = []skill.Promotion{
			{ID: "over", Text: text("Over."), When: skill.Period{Until: "2026-11-01"}},
			{ID: "kettles", Text: text("10% off kettles."), When: skill.Period{From: "2026-11-01", Until: "2026-12-24"},
				What: skill.Offer{PercentOff: 10, Categories: []string{"Kettles, Coffee & Tea"}}},
			{ID: "later", Text: text("Later."), When: skill.Period{From: "2026-12-01"}},
			{ID: "all", Text: text("$8 off."), What: skill.Offer{AmountOff: "8.00", OrderOver: "60.00"}},
		}
	})
	look := func(said *flow.Said, args ...any) skill.PromotionsView {
		return d.call("promotions", nobody, "en", said, args...).View.(skill.PromotionsView)
	}
	v := look(d.say("any coupons?"))
	if v.Count != 2 || v.Fitting || v.Promotions[0].Text != "10% off kettles." || v.Promotions[0].Percent != 10 ||
		v.Promotions[0].Until.Format(time.DateOnly) != "2026-12-24" || v.Promotions[1].Amount.Amount.String() != "8" || v.Promotions[0].Record != "promotion/kettles" {
		t.Errorf("got %+v", v)
	}
	if v := look(d.say("kettle sale")); v.Count != 1 || !v.Fitting || v.Promotions[0].Percent != 10 {
		t.Errorf("of kettles: %+v", v)
	}
	if v := look(nil, "product", map[string]any{"product": "wok-carbon-steel"}); v.Count != 2 || v.Fitting {
		t.Errorf("of a wok there is nothing special: %+v", v)
	}
}

func TestComparing(t *testing.T) {
	d := open(t)
	flasks := map[string]any{"text": "flask"}
	for _, c := range []struct {
		text string
		want []any
		args []any
	}{
		{"difference between the trail flask and the commuter flask", []any{"flask-trail", "flask-commuter"}, nil},
		{"gooseneck vs rapid", []any{"kettle-gooseneck", "kettle-rapid"}, nil},
		{"细嘴那个和快煮那个有啥区别", []any{"kettle-gooseneck", "kettle-rapid"}, nil},
		{"which keeps hot longer", []any{"flask-kids", "flask-trail"}, []any{"compared", map[string]any{"products": []any{"flask-kids", "flask-trail"}}}},
		{"which of them is better", nil, nil},
	} {
		r := d.call("compared_products", nobody, "en", d.say(c.text), c.args...)
		var got []any
		if len(r.Values) == 1 {
			got = r.Values[0].V.(map[string]any)["products"].([]any)
		}
		if !reflect.DeepEqual(got, c.want) {
			t.Errorf("%q compares %v, want %v", c.text, got, c.want)
		}
	}
	r := d.call("compared_products", nobody, "en", d.say("what's the difference between these two"), "query", flasks)
	if len(r.Values) != 1 || len(r.Values[0].V.(map[string]any)["products"].([]any)) != 2 {
		t.Errorf("the first two that were shown: %+v", r.Values)
	}
	two := map[string]any{"products": []any{"flask-trail", "flask-commuter"}}
	v := d.call("comparison", nobody, "en", nil, "compared", two).View.(skill.ComparisonView)
	if v.Count != 2 || !strings.Contains(v.Compared[0].Differs, "keeps hot: 12 hours") || strings.Contains(v.Compared[0].Differs, "stainless") ||
		v.Compared[0].OnePrice || !v.Compared[1].OnePrice {
		t.Errorf("got %+v", v.Compared)
	}
	if zh := d.call("comparison", nobody, "zh", nil, "compared", two).View.(skill.ComparisonView); !strings.Contains(zh.Compared[1].Differs, "保温：8 小时") {
		t.Errorf("got %+v", zh.Compared)
	}
}
