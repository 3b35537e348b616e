package reply_test

import (
	"iter"
	"slices"
	"strings"
	"testing"
	"testing/fstest"
	"unicode"

	"github.com/floorwalker/floorwalker/catalog"
	"github.com/floorwalker/floorwalker/dialog/flow"
	"github.com/floorwalker/floorwalker/dialog/journal"
	"github.com/floorwalker/floorwalker/dialog/reply"
)

func FuzzTemplate(f *testing.F) {
	for _, s := range []string{
		"Hi {order.id}", "{order.items, each, as item {{item.title} × {item.quantity}} sep {, } last { and }}",
		"{order.left, plural, =0 {none} one {# item} other {# '#' items}}", "{order.open, if, {a} else {b}}", "it''s '{'", "{reason, words, color}",
		"{order.status, select, pending {…} other {}}", "{{}}", "{a.0.b}", "'", "#",
	} {
		f.Add(s)
	}
	f.Fuzz(func(t *testing.T, template string) {
		quoted := "'" + strings.ReplaceAll(template, "'", "''") + "'"
		b, faults := reply.Load(fstest.MapFS{"replies/a.yaml": {Data: []byte(words + "x: {en: " + quoted + ", zh: 好}\n")}}, nil, []string{"en", "zh"})
		for _, fault := range faults {
			if fault.Message == "" || fault.File == "" {
				t.Fatalf("%+v", fault)
			}
		}
		if len(faults) > 0 {
			return
		}
		w, _, err := b.Compose([]flow.Saying{{Reply: "x", Env: env()}}, reply.Context{Locale: "en", Now: now})
		if err != nil {
			t.Fatal(err)
		}
		if err := b.Check("en", w.Text, w.Facts, nil); err != nil {
			t.Fatal(err)
		}
	})
}

func FuzzCheck(f *testing.F) {
	b := bank(f, "a")
	f.Add("It is $20.00.", 6, 12, "20", "price")
	f.Add("还有三件 x@y", 0, 6, "还有", "said")
	f.Add("\xff\xfe.com ://", 0, 1, "\xff", "name")
	f.Fuzz(func(t *testing.T, text string, start, end int, value, kind string) {
		facts := []journal.Fact{{Fact: catalog.Fact{Kind: catalog.Kind(kind), Value: value, Unit: "USD", Record: "r"}, Start: start, End: end}}
		if b.Check("zh", text, facts, names) == nil && (start < 0 || end > len(text) || start >= end) {
			t.Fatal("a fact out of place passed")
		}
		if b.Check("en", text, nil, names) == nil && strings.IndexFunc(text, unicode.IsNumber) >= 0 {
			t.Fatalf("a digit passed in %q", text)
		}
	})
}

func BenchmarkCompose(b *testing.B) {
	bank := load(b, words+`
x:
  en: ["Order {order.id} is {order.status}: {order.items, each, as item {{item.title} × {item.quantity}}}, {order.total} in all.", "Your order {order.id} of {order.placed} is {order.status}. It comes to {order.total}."]
  zh: "订单 {order.id}{order.status}。"
y: {en: Anything else?, zh: 还有吗？}
`)
	c := reply.Context{Locale: "en", Now: now, Names: names}
	says := []flow.Saying{{Reply: "x", Env: env()}, {Reply: "y"}}
	b.ReportAllocs()
	for b.Loop() {
		w, said, err := bank.Compose(says, c)
		if err != nil || w.Blocked != nil {
			b.Fatal(err, w.Blocked)
		}
		c.Said = said
	}
}

func BenchmarkCheck(b *testing.B) {
	bank := bank(b, "a")
	many := reply.NewNames(titles(100_000))
	text := strings.Repeat("That one is with the carrier and should be with you soon, just wait a little. 请稍等。", 4)
	b.SetBytes(int64(len(text)))
	b.ReportAllocs()
	for b.Loop() {
		if err := bank.Check("en", text, nil, many); err != nil {
			b.Fatal(err)
		}
	}
}

func titles(n int) iter.Seq[string] {
	parts := []string{"Blue", "Kettle", "Pro", "Flask", "Lamp", "壶", "灯", "Mini", "Desk", "Steel"}
	return func(yield func(string) bool) {
		for i := range n {
			var title []string
			for k := i; k > 0; k /= len(parts) {
				title = append(title, parts[k%len(parts)])
			}
			if !yield(strings.Join(title, " ")) {
				return
			}
		}
	}
}

func TestNamesFindTheLongest(t *testing.T) {
	n := reply.NewNames(slices.Values([]string{"Acme", "Acme Flask", "iPhone15 壳", "水壶"}))
	var got []string
	text := "An acme flask, Acme; ACME, iphone15壳 and 保温水壶."
	n.Find(text, func(start, end int) bool { got = append(got, text[start:end]); return true })
	if want := []string{"acme flask", "Acme", "iphone15壳", "水壶"}; !slices.Equal(got, want) {
		t.Errorf("%q", got)
	}
}
