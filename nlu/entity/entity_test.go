package entity_test

import (
	"fmt"
	"strings"
	"testing"
	"unicode/utf8"

	"github.com/floorwalker/floorwalker/catalog"
	"github.com/floorwalker/floorwalker/nlu"
	"github.com/floorwalker/floorwalker/nlu/entity"
)

func products() []catalog.Product {
	zh := func(title string, options map[string]map[string]string) map[string]catalog.Translation {
		return map[string]catalog.Translation{"zh": {Title: title, Options: options}}
	}
	colors := map[string]map[string]string{"color": {"blue": "蓝色", "black": "黑色", "red": "红色"}}
	return []catalog.Product{
		{ID: "kettle", Title: "Brushed Steel Kettle", Brand: "Norhaven", Category: []string{"Kitchen", "Kettles"},
			Translations: zh("拉丝不锈钢水壶", colors),
			Variants: []catalog.Variant{
				{SKU: "FL-0007-BLU", Options: map[string]string{"color": "blue", "capacity": "1.5 l"}},
				{SKU: "FL-0007-BLK", Options: map[string]string{"color": "black", "capacity": "500 ml"}}}},
		{ID: "desk-lamp", Title: "Desk Lamp", Category: []string{"Home", "Lighting"}, Translations: zh("护眼台灯", nil),
			Variants: []catalog.Variant{{SKU: "6469567736", Options: map[string]string{"color": "black", "brightness": "medium", "power source": "battery"}}}},
		{ID: "floor-lamp", Title: "Floor Lamp (tall)", Category: []string{"Home", "Lighting"}, Translations: zh("落地灯", nil),
			Variants: []catalog.Variant{{SKU: "FL-0002", Options: map[string]string{"color": "red", "switch": "no"}}}},
		{ID: "shirt", Title: "T-Shirt", Category: []string{"Clothing"}, Translations: zh("T恤", nil),
			Variants: []catalog.Variant{{SKU: "TS-1", Options: map[string]string{"size": "M", "color": "blue"}}, {SKU: "TS-2", Options: map[string]string{"size": "XL", "color": "red"}}}},
		{ID: "thermos", Title: "Insulated Bottle", Category: []string{"Kitchen"}, Translations: zh("真空保温杯", nil),
			Variants: []catalog.Variant{{SKU: "TB-1", Options: map[string]string{"size": "medium"}}}},
	}
}

func lexicon() *entity.Lexicon {
	return entity.NewLexicon(products(), [][]string{{"thermos", "flask", "insulated bottle", "暖壶"}, {"保温杯", "水杯"}}, []string{"en", "zh"})
}

func show(es []nlu.Entity) string {
	out := make([]string, len(es))
	for i, e := range es {
		out[i] = e.Type + ":" + e.Value
	}
	return strings.Join(out, " | ")
}

func TestExtract(t *testing.T) {
	tau := entity.ShapeOf([]string{"#W2378156", "#W9502127", "#W0000001"})
	demo := entity.ShapeOf([]string{"W10234", "W10235", "W20031"})
	digits := entity.ShapeOf([]string{"10234567", "20001111"})
	dashed := entity.ShapeOf([]string{"ORD-2024-00123", "ORD-2025-10001"})
	lex := lexicon()
	for _, c := range []struct {
		text    string
		shape   entity.Shape
		expects string
		want    string
	}{
		// Order ids
		{"订单W10234到哪了", demo, "", "order_id:W10234"},
		{"cancel #W2378156 please", tau, "", "order_id:#W2378156"},
		{"w2378156", tau, "", "order_id:#W2378156"},
		{"It's #w 2378156.", tau, "", "order_id:#W2378156"},
		{"order 9502127", tau, "", "order_id:#W9502127"},
		{"9502127", tau, "order_id", "order_id:#W9502127"},
		{"9502127", tau, "", "number:9502127"},
		{"order no. 10234", demo, "", "order_id:W10234"},
		{"订单号是10234", demo, "", "order_id:W10234"},
		{"#10234 and W10235", demo, "", "order_id:W10234 | order_id:W10235"},
		{"Ｗ１０２３４还没到", demo, "", "order_id:W10234"},
		{"W1023", demo, "", "order_id:W1023"},
		{"where is 10234567", digits, "", "order_id:10234567"},
		{"ord-2024-00123 or ORD 2025 10001", dashed, "", "order_id:ORD-2024-00123 | order_id:ORD-2025-10001"},
		{"status of AB12345", entity.Shape{}, "", "order_id:AB12345"},
		{"order no. 10234", entity.Shape{}, "", "order_id:10234"},
		{"a new 4K TV", tau, "", ""},
		// Who they are
		{"my email is A@B.co", tau, "", "email:a@b.co"},
		{"邮箱是li.wei@example.com谢谢", tau, "", "email:li.wei@example.com"},
		{"Yusuf Rossi 19122", tau, "name_postal_code", "name:Yusuf Rossi | postal_code:19122"},
		{"I'm Yusuf Rossi, zip 19122", tau, "", "name:Yusuf Rossi | postal_code:19122"},
		{"Hi there! I'm Mei Kovacs, zip 28236 Thanks!", tau, "name_postal_code", "name:Mei Kovacs | postal_code:28236"},
		{"yusuf rossi 19122", tau, "name_postal_code", "name:yusuf rossi | postal_code:19122"},
		{"my name is anna o'neil and my zip is 10001", tau, "", "name:anna o'neil | postal_code:10001"},
		{"I'm looking for it", tau, "name_postal_code", ""},
		{"I'm Looking For It", tau, "", ""},
		{"我叫王小明，邮编200120", tau, "", "name:王小明 | postal_code:200120"},
		{"我是李伟", tau, "", "name:李伟"},
		{"我是学生", tau, "", ""},
		{"SW1A 1AA", tau, "", "postal_code:SW1A 1AA"},
		{"k1a0b1", tau, "", "postal_code:K1A 0B1"},
		{"my zip is 10234", demo, "order_id", "postal_code:10234"},
		{"482913", tau, "code", "code:482913"},
		{"19122", tau, "code name_postal_code", "postal_code:19122"},
		{"call me on 212 555 0147", tau, "", "phone:+12125550147"},
		{"手机号13800138000", tau, "", "phone:+8613800138000"},
		{"快递单号SF1234567890123", tau, "", "tracking:SF1234567890123"},
		// Money
		{"under $300", tau, "", "money_max:300 USD"},
		{"under 300", tau, "", "money_max:300"},
		{"less than 2 weeks", tau, "", "number:2"},
		{"三百块以内", tau, "", "money_max:300"},
		{"100元以下的", tau, "", "money_max:100"},
		{"over 50 dollars", tau, "", "money_min:50 USD"},
		{"it cost $1,299.50", tau, "", "money:1299.50 USD"},
		{"between 20 and 50 dollars", tau, "", "money_min:20 USD | money_max:50 USD"},
		{"50到100块", tau, "", "money_min:50 | money_max:100"},
		{"$20-50", tau, "", "money_min:20 USD | money_max:50 USD"},
		{"¥199的", tau, "", "money:199 CNY"},
		{"30 bucks max", tau, "", "money_max:30 USD"},
		// Numbers and references
		{"two mugs", tau, "", "number:2"},
		{"两个", tau, "", "number:2"},
		{"问一下", tau, "", ""},
		{"the other one", tau, "", "reference:other"},
		{"not that order, the second one", tau, "", "reference:same | reference:2"},
		{"最近那个", tau, "", "reference:last"},
		{"上一个", tau, "", "reference:last"},
		{"不对，是另一个", tau, "", "reference:other"},
		{"第2个", tau, "", "reference:2"},
		{"I need one", tau, "", "number:1"},
		{"which one", tau, "", ""},
		// The catalogue
		{"do you have a kettle", tau, "", "product:kettle | category:Kettles"},
		{"any kettels?", tau, "", "product:kettle | category:Kettles"},
		{"the BRUSHED STEEL KETTLE", tau, "", "product:kettle"},
		{"lamps", tau, "", "product:desk-lamp|floor-lamp"},
		{"落地灯有货吗", tau, "", "product:floor-lamp"},
		{"想买保温杯", tau, "", "product:thermos"},
		{"flasks", tau, "", "product:thermos"},
		{"暖壶", tau, "", "product:thermos"},
		{"tshirt in blue", tau, "", "product:shirt | option:color=blue"},
		{"T恤M码", tau, "", "product:shirt | option:size=M"},
		{"i'm a fan", tau, "", ""},
		{"蓝色的", tau, "", "option:color=blue"},
		{"500ml", tau, "", "option:capacity=500 ml"},
		{"brightness medium", tau, "", "option:brightness=medium"},
		{"medium", tau, "", "option:brightness=medium | option:size=medium"},
		{"power source: battery", tau, "", "option:power source=battery"},
		{"no", tau, "option", "option:switch=no"},
		{"no", tau, "", ""},
		{"FL-0007-blu有货吗", tau, "", "sku:FL-0007-BLU"},
		{"6469567736", tau, "", "sku:6469567736"},
		{"norhaven lighting", tau, "", "brand:Norhaven | category:Lighting"},
	} {
		got := entity.Extract(c.text, lex, c.shape, nlu.Context{Locale: "en", Expects: strings.Fields(c.expects)})
		if show(got) != c.want && !sameSet(show(got), c.want) {
			t.Errorf("%q (expects %q):\n got %s\nwant %s", c.text, c.expects, show(got), c.want)
		}
	}
}

func sameSet(a, b string) bool {
	x, y := strings.Split(a, " | "), strings.Split(b, " | ")
	if len(x) != len(y) {
		return false
	}
	seen := map[string]int{}
	for i := range x {
		seen[x[i]]++
		seen[y[i]]--
	}
	for _, n := range seen {
		if n != 0 {
			return false
		}
	}
	return true
}

func TestSpansAreAsWritten(t *testing.T) {
	text := "我的订单\u200bＷ１０２３４, and \u202ejane@example.com\u202c"
	got := entity.Extract(text, nil, entity.ShapeOf([]string{"W10234"}), nlu.Context{})
	if len(got) != 2 || got[0].Text != "Ｗ１０２３４" || got[1].Text != "jane@example.com" {
		t.Errorf("got %+v", got)
	}
}

func FuzzExtract(f *testing.F) {
	for _, s := range []string{
		"订单W10234到哪了 #W2378156", "\xff\xfeW1\xc3", "\u202e\u200f\u200bW10234", strings.Repeat("1", 10000),
		strings.Repeat("订单", 5000), "between 20 and 50$", "零零零百百百千", "1Z 999 AA1 01 2345 6784", "+1 (212) 555-0147", "a@b.co.", "İẞǅ ﷺ",
		"3百五十 块", "我叫", "I'm A B C D",
	} {
		f.Add(s)
	}
	lex := lexicon()
	shapes := []entity.Shape{{}, entity.ShapeOf([]string{"W10234"}), entity.ShapeOf([]string{"1", "a", "#", "", "a-1-b-2", "\xff", "9z9z9"})}
	f.Fuzz(func(t *testing.T, text string) {
		for _, shape := range shapes {
			for _, expects := range [][]string{nil, {"name", "order_id", "code", "option", "phone"}} {
				for _, e := range entity.Extract(text, lex, shape, nlu.Context{Expects: expects}) {
					if e.Start < 0 || e.End > len(text) || e.Start >= e.End || text[e.Start:e.End] != e.Text || !utf8.ValidString(e.Value) {
						t.Fatalf("%q: %+v", text, e)
					}
				}
			}
		}
	})
}

func FuzzShape(f *testing.F) {
	f.Add("W10234", "#W1 W10234")
	f.Add(strings.Repeat("9", 5000), "99999")
	f.Fuzz(func(t *testing.T, id, text string) {
		entity.Extract(text, nil, entity.ShapeOf([]string{id, "W1"}), nlu.Context{Expects: []string{"order_id"}})
	})
}

func BenchmarkExtract(b *testing.B) {
	lex, shape := lexicon(), entity.ShapeOf([]string{"W10234"})
	for b.Loop() {
		entity.Extract("Hi, can you tell me where my order W10234 with the blue kettle is? 谢谢", lex, shape, nlu.Context{})
	}
}

func ExampleExtract() {
	for _, e := range entity.Extract("取消订单w10234，谢谢", nil, entity.ShapeOf([]string{"W10234"}), nlu.Context{}) {
		fmt.Println(e.Type, e.Value, e.Text)
	}
	// Output: order_id W10234 w10234
}

// TestGrammarNamesNoProduct: "can" is no watering can, wherever it stands.
func TestGrammarNamesNoProduct(t *testing.T) {
	lex := entity.NewLexicon([]catalog.Product{{ID: "can", Title: "Watering Can"}, {ID: "go", Title: "Travel Go"}}, nil, nil)
	for text, want := range map[string]string{"how fast can u ship": "", "can i go there": "", "is the watering can in stock": "can", "two watering cans": "can"} {
		got := ""
		for _, e := range entity.Extract(text, lex, entity.Shape{}, nlu.Context{}) {
			if e.Type == "product" {
				got = e.Value
			}
		}
		if got != want {
			t.Errorf("%q names %q, want %q", text, got, want)
		}
	}
}

// TestMeasuresAreReadInAnyUnitName: 10寸, 10 inches and 10-inch are the shop's "10 inch".
func TestMeasuresAreReadInAnyUnitName(t *testing.T) {
	lex := entity.NewLexicon([]catalog.Product{{ID: "pan", Title: "Pan", Variants: []catalog.Variant{
		{SKU: "a", Options: map[string]string{"size": "10 inch"}}, {SKU: "b", Options: map[string]string{"size": "500 ml"}}, {SKU: "c", Options: map[string]string{"color": "红色"}},
	}}}, nil, nil)
	for text, want := range map[string]string{"10寸": "size=10 inch", "10英寸的": "size=10 inch", "the 10-inch one": "size=10 inch", "10 inches": "size=10 inch",
		"500毫升": "size=500 ml", "a 500ml one": "size=500 ml", "10 in May": "", "红的还有吗": "color=红色", "110寸": ""} {
		got := ""
		for _, e := range entity.Extract(text, lex, entity.Shape{}, nlu.Context{}) {
			if e.Type == "option" {
				got = e.Value
			}
		}
		if got != want {
			t.Errorf("%q says %q, want %q", text, got, want)
		}
	}
}
