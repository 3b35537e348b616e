package reply_test

import (
	"errors"
	"slices"
	"strings"
	"testing"

	"pgregory.net/rapid"

	"github.com/floorwalker/floorwalker/catalog"
	"github.com/floorwalker/floorwalker/dialog/flow"
	"github.com/floorwalker/floorwalker/dialog/journal"
	"github.com/floorwalker/floorwalker/dialog/reply"
)

var names = reply.NewNames(slices.Values([]string{"Acme", "Blue Kettle Pro", "保温水壶", "Lamp", "X", "42", "Dr. Martens"}))

func TestCheckRefusesWhatNoFactCarries(t *testing.T) {
	b := bank(t, "a")
	for _, text := range []string{
		"It has 3 left.", "It costs $20.", "Only twenty dollars.", "A 5% discount", "In １２ days", "①", "½ price", "第Ⅳ",
		"Write to a@b.com", "See https://example.com", "See www.example", "See example.com.", "Order W123", "SKU FL-BLU",
		"It arrives tomorrow", "by Monday", "in November", "in 2026年", "within two business days", "twenty-four hours",
		"Two items are left", "one business day", "half a day", "Shipping is free!", "We guarantee it.", "You get a FULL REFUND",
		"两天内送达", "还有三件", "一天之内", "十个工作日", "包邮", "我们保证", "免费的", "明天到", "五折", "星期三", "百分之五",
		"by Acme", "the blue  kettle-pro", "这款保温水壶", "A Lamp is here", "dr martens", "€", "50￥",
	} {
		err := b.Check("en", text, nil, names)
		var found *reply.Finding
		if !errors.As(err, &found) {
			t.Errorf("%q passed", text)
			continue
		}
		if text[found.Start:found.End] != found.Text {
			t.Errorf("%q: %q at %d–%d", text, found.Text, found.Start, found.End)
		}
	}
	for _, text := range []string{
		"One moment, please.", "Feel free to ask.", "I can't promise that.", "Which one is it?", "Tell me one of the items.",
		"That lamp, or an acmeish one", "Is it the second one?", "How can I help you today?", "Thanks! Anything else, e.g. sizes?",
		"请稍等一下。", "十分抱歉", "一件一件来", "第二个订单？", "万一不行", "无法保证哦", "请问是哪一个？", "一会儿", "", "水壶",
		"He may march on.", "X", "follow-up and CO-op",
	} {
		if err := b.Check("zh", text, nil, names); err != nil {
			t.Errorf("%q: %v", text, err)
		}
	}
}

func TestCheckRefusesWrongSpans(t *testing.T) {
	b := bank(t, "a")
	price := catalog.Fact{Kind: catalog.KindPrice, Value: "20", Unit: "USD", Record: "variant/a"}
	name := catalog.Fact{Kind: catalog.KindName, Value: "Blue Kettle", Record: "product/a"}
	at := func(f catalog.Fact, start, end int) journal.Fact {
		return journal.Fact{Fact: f, Start: start, End: end}
	}
	loose := price
	loose.Record = ""
	for _, c := range []struct {
		text  string
		facts []journal.Fact
		want  string // part of the error; "" none
	}{
		{"It is $20.00.", []journal.Fact{at(price, 6, 12)}, ""},
		{"It is $20.01.", []journal.Fact{at(price, 6, 12)}, "not what the price"},
		{"It is US$20.00.", []journal.Fact{at(price, 8, 14)}, ""},
		{"It is $20.00.", []journal.Fact{at(price, 6, 11)}, "not what the price"},
		{"It is $20.00.", []journal.Fact{at(price, 7, 12)}, "not what the price"},
		{"It is $20.00.", []journal.Fact{at(price, 6, 99)}, "out of place"},
		{"It is $20.00.", []journal.Fact{at(price, -1, 5)}, "out of place"},
		{"It is $20.00.", []journal.Fact{at(price, 6, 12), at(price, 6, 12)}, "out of place"},
		{"It is $20.00.", []journal.Fact{at(price, 6, 6)}, "out of place"},
		{"It is $20.00.", []journal.Fact{at(loose, 6, 12)}, "no record"},
		{"$20.00 or 5", []journal.Fact{at(price, 0, 6)}, "figure"},
		{"价格", []journal.Fact{at(price, 1, 3)}, "out of place"},
		{"Blue Kettle Pro", []journal.Fact{at(name, 0, 11)}, "name"},
		{"Blue Kettle, sir", []journal.Fact{at(name, 0, 11)}, ""},
		{"It is waiting", []journal.Fact{at(catalog.Fact{Kind: "order_state", Value: "pending", Record: "order/a"}, 6, 13)}, ""},
		{"It is pending", []journal.Fact{at(catalog.Fact{Kind: "order_state", Value: "pending", Record: "order/a"}, 6, 13)}, "not what the order_state"},
		{"It is red", []journal.Fact{at(catalog.Fact{Kind: "made_up", Value: "red", Record: "order/a"}, 6, 9)}, ""},
		{"It is odd", []journal.Fact{at(catalog.Fact{Kind: "made_up", Value: "odd", Record: "order/a"}, 6, 9)}, "not what"},
	} {
		err := b.Check("en", c.text, c.facts, names)
		switch {
		case err == nil && c.want != "":
			t.Errorf("%q passed, want %s", c.text, c.want)
		case err != nil && (c.want == "" || !strings.Contains(err.Error(), c.want)):
			t.Errorf("%q: %v, want %s", c.text, err, c.want)
		}
	}
}

func TestNamesInTemplatesAreBlocked(t *testing.T) {
	b := load(t, words+"x: {en: ['Try our Blue Kettle Pro.', 'Try {order.id}.'], zh: 好}\n")
	w, _, err := b.Compose([]flow.Saying{{Reply: "x", Env: env()}}, reply.Context{Locale: "en", Now: now, Names: names})
	if err != nil || w.Text != "Try W1." || len(w.Blocked) != 1 {
		t.Errorf("%q %q %v", w.Text, w.Blocked, err)
	}
}

// Whatever the values, the text is the literals with each fact's wording between, and passes
// its own check.
func TestSpansHoldForAnyValues(t *testing.T) {
	b := bank(t, "a{order.items, each, as item {[{item.title}|{item.quantity}]}}b{order.total}c{order.tracking}d{order.address}e{reason}f{order.left, plural, one {(#)} other {<#>}}")
	text := rapid.StringMatching(`[ \pL\pN\pP\n]{0,12}[a-z水]`)
	rapid.Check(t, func(t *rapid.T) {
		o := sample()
		o.Total = catalog.Money{Amount: o.Total.Amount.Shift(int32(rapid.IntRange(-4, 4).Draw(t, "shift"))), Currency: rapid.SampledFrom([]string{"USD", "JPY", "CNY", "KWD", "XYZ"}).Draw(t, "currency")}
		o.Tracking = rapid.SliceOfN(text, 1, 4).Draw(t, "tracking")
		o.Address.City = text.Draw(t, "city")
		o.Left = rapid.Int().Draw(t, "left")
		o.Items = nil
		for _, title := range rapid.SliceOfN(text, 0, 4).Draw(t, "titles") {
			o.Items = append(o.Items, item{Title: title, Quantity: rapid.Int().Draw(t, "quantity")})
		}
		locale := rapid.SampledFrom([]string{"en", "zh"}).Draw(t, "locale")
		said := flow.Value{V: text.Draw(t, "said"), Offset: 3}
		w, _, err := b.Compose([]flow.Saying{{Reply: "x", Env: map[string]any{"order": o, "reason": said}}},
			reply.Context{Locale: locale, Now: now})
		if err != nil || w.Blocked != nil {
			t.Fatal(err, w.Blocked)
		}
		if err := b.Check(locale, w.Text, w.Facts, nil); err != nil {
			t.Fatal(err)
		}
		var outside strings.Builder
		last := 0
		for _, f := range w.Facts {
			outside.WriteString(w.Text[last:f.Start])
			last = f.End
		}
		outside.WriteString(w.Text[last:])
		bare := strings.NewReplacer(", ", "", " and ", "", "、", "", "和", "", "(", "", ")", "", "<", "", ">", "").Replace(outside.String())
		if want := "a" + strings.Repeat("[|]", len(o.Items)) + "bcdef"; bare != want {
			t.Fatalf("literals %q, want %q, in %q", bare, want, w.Text)
		}
		if f := w.Facts[2*len(o.Items)]; f.Kind != catalog.KindAmount || !strings.Contains(w.Text[f.Start:f.End], ".") && o.Total.Currency != "JPY" {
			t.Fatalf("%+v %q", f, w.Text[f.Start:f.End])
		}
	})
}
