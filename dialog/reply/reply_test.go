package reply_test

import (
	"fmt"
	"slices"
	"strings"
	"testing"
	"testing/fstest"
	"time"

	"github.com/shopspring/decimal"

	"github.com/floorwalker/floorwalker/catalog"
	"github.com/floorwalker/floorwalker/dialog/flow"
	"github.com/floorwalker/floorwalker/dialog/journal"
	"github.com/floorwalker/floorwalker/dialog/reply"
)

var now = time.Date(2026, 11, 3, 20, 0, 0, 0, time.FixedZone("CST", 8*3600))

type item struct {
	Title    string            `expr:"title" fact:"name"`
	Quantity int               `expr:"quantity" fact:"quantity"`
	Options  map[string]string `expr:"options" fact:"name"`
	Hidden   string            `expr:"hidden"`
}

type order struct {
	catalog.Source
	ID       string          `expr:"id" fact:"name"`
	Status   string          `expr:"status" fact:"order_state"`
	Total    catalog.Money   `expr:"total" fact:"amount"`
	Placed   time.Time       `expr:"placed" fact:"date"`
	ETA      string          `expr:"eta" fact:"date"`
	Address  catalog.Address `expr:"address" fact:"address"`
	Tracking []string        `expr:"tracking" fact:"tracking"`
	Items    []item          `expr:"items"`
	Left     int             `expr:"left" fact:"stock"`
	Off      decimal.Decimal `expr:"off" fact:"percent"`
	Secret   string          `expr:"secret"`
	Open     bool            `expr:"open"`
	Name     catalog.Text    `expr:"name" fact:"name"`
}

func money(amount, currency string) catalog.Money {
	return catalog.Money{Amount: decimal.RequireFromString(amount), Currency: currency}
}

func sample() *order {
	return &order{
		Source: catalog.Source{Record: "order/W1", Version: "7", ReadAt: now},
		ID:     "W1", Status: "pending", Total: money("1226.1", "USD"),
		Placed: time.Date(2026, 11, 2, 17, 0, 0, 0, time.UTC), ETA: "2026-11-09",
		Address:  catalog.Address{Line1: "1 Main St", City: "Austin", Region: "TX", PostalCode: "78701", Country: "USA"},
		Tracking: []string{"T1", "T2", "T3"},
		Items:    []item{{Title: "Kettle", Quantity: 1, Options: map[string]string{"color": "red"}}, {Title: "Lamp", Quantity: 1200}},
		Left:     1, Off: decimal.RequireFromString("12.5"), Open: true,
		Name: catalog.Text{"en": "Flask", "zh": "水壶"},
	}
}

const words = `
words:
  order_state:
    pending: {en: waiting, zh: 待发货}
  color: {red: {en: red, zh: 红色}}
blocked: {en: "Sorry, not now.", zh: 抱歉。}
`

// bank loads one reply, "x", with the same template in both languages, and words.
func bank(t testing.TB, template string) *reply.Bank {
	t.Helper()
	quoted := "'" + strings.ReplaceAll(template, "'", "''") + "'"
	return load(t, words+"x: {en: "+quoted+", zh: "+quoted+"}\n")
}

func load(t testing.TB, yaml string) *reply.Bank {
	t.Helper()
	b, faults := reply.Load(fstest.MapFS{"replies/a.yaml": {Data: []byte(yaml)}}, nil, []string{"en", "zh"})
	if err := faults.Err(); err != nil {
		t.Fatal(err)
	}
	return b
}

func env() map[string]any {
	return map[string]any{
		"order":  sample(),
		"reason": flow.Value{V: "red", Text: "the red one", Offset: 4},
		"none":   []item{},
		"title":  "your order", "proof": "red", "proofs": map[string]any{"all": []string{"red", "red"}},
		"policy": map[string]any{"cancel": map[string]any{
			"days": "5–7", "hours": uint64(48),
			"fee":  map[string]any{"amount": "5", "currency": "USD"},
			"note": map[string]any{"en": "as is", "zh": "按原样"},
		}},
	}
}

func TestTemplates(t *testing.T) {
	for _, c := range []struct{ template, en, zh string }{
		{"Order {order.id}.", "Order W1.", "Order W1."},
		{"{order.status}", "waiting", "待发货"},
		{"{order.total}", "$1,226.10", "US$1,226.10"},
		{"{order.placed}", "Nov 3, 2026", "2026年11月3日"},
		{"{order.eta}", "Nov 9, 2026", "2026年11月9日"},
		{"{order.address}", "1 Main St, Austin, TX 78701, USA", "1 Main St, Austin, TX 78701, USA"},
		{"{order.tracking}", "T1, T2 and T3", "T1、T2和T3"},
		{"{order.tracking.1}", "T2", "T2"},
		{"{order.off}", "12.5%", "12.5%"},
		{"{order.name}", "Flask", "水壶"},
		{"{order.items.0.options.color, words, color}", "red", "红色"},
		{"{reason}, {reason, words, color}", "red, red", "red, 红色"},
		{"{policy.cancel.days}/{policy.cancel.hours}/{policy.cancel.fee}/{policy.cancel.note}", "5–7/48/$5.00/as is", "5–7/48/US$5.00/按原样"},
		{"{order.left, plural, one {# left} other {# are left}}", "1 left", "1 are left"},
		{"{order.items, plural, =0 {none} =2 {both} other {#}}", "both", "both"},
		{"{order.items, plural, one {# item} other {# items}}", "2 items", "2 items"},
		{"{none, plural, =0 {nothing} other {#}}", "nothing", "nothing"},
		{"{order.status, select, pending {p} other {o}}{order.status, select, shipped {s} other {o}}", "po", "po"},
		{"{order.open, if, {yes} else {no}}{none, if, {yes} else {no}}{missing, if, {yes}}", "yesno", "yesno"},
		{"{order.items, each, as item {{item.title} × {item.quantity}}}", "Kettle × 1 and Lamp × 1,200", "Kettle × 1和Lamp × 1,200"},
		{"{order.items, each, as item {{item.title}} sep {; }}", "Kettle; Lamp", "Kettle; Lamp"},
		{"{order.tracking, each, as t {{t}} sep {, } last { or }}", "T1, T2 or T3", "T1, T2 or T3"},
		{"{title}; {proof, words, color}; {proofs.all, words, color}", "your order; red; red and red", "your order; 红色; 红色和红色"},
		{"it's '{'quoted'}' ''twice'' and '{it''s}'", "it's {quoted} 'twice' and {it's}", "it's {quoted} 'twice' and {it's}"},
		{"{order.items, plural, other {'#' is {order.items, each, as item {{item.title}}}}}", "# is Kettle and Lamp", "# is Kettle和Lamp"},
	} {
		b := bank(t, c.template)
		for locale, want := range map[string]string{"en": c.en, "zh": c.zh, "zh-CN": c.zh, "fr": c.en} {
			w, _, err := b.Compose([]flow.Saying{{Reply: "x", Env: env()}}, reply.Context{Locale: locale, Now: now, Policy: "p1"})
			if err != nil {
				t.Fatal(err)
			}
			if w.Text != want || w.Blocked != nil {
				t.Errorf("%s in %s: %q, want %q; blocked: %q", c.template, locale, w.Text, want, w.Blocked)
			}
		}
	}
}

func TestFactsSayWhereTheyComeFrom(t *testing.T) {
	b := bank(t, "“{order.id}”: {order.items, plural, other {# of}} {order.total}, {policy.cancel.hours}, {reason}")
	w, _, err := b.Compose([]flow.Saying{{Reply: "x", Env: env()}}, reply.Context{Locale: "zh", Now: now, Policy: "p1"})
	if err != nil {
		t.Fatal(err)
	}
	var got []string
	for _, f := range w.Facts {
		got = append(got, fmt.Sprintf("%s %s%s %s@%s %q", f.Kind, f.Value, f.Unit, f.Record, f.Version, w.Text[f.Start:f.End]))
	}
	want := []string{
		`name W1 order/W1@7 "W1"`,
		`count 2 order/W1@7 "2"`,
		`amount 1226.10USD order/W1@7 "US$1,226.10"`,
		`policy 48 policy/cancel.hours@p1 "48"`,
		`said red utterance/4@ "red"`,
	}
	if !slices.Equal(got, want) {
		t.Errorf("%q", got)
	}
}

func TestMoneyByCurrency(t *testing.T) {
	b := bank(t, "{order.total}")
	for _, c := range []struct{ amount, currency, en, zh string }{
		{"226.11", "USD", "$226.11", "US$226.11"},
		{"1000", "JPY", "¥1,000", "JP¥1,000"},
		{"99", "CNY", "CN¥99.00", "¥99.00"},
		{"-5.5", "EUR", "-€5.50", "-€5.50"},
		{"1.005", "USD", "$1.005", "US$1.005"},
		{"12345678901234567.89", "USD", "$12,345,678,901,234,567.89", "US$12,345,678,901,234,567.89"},
		{"3", "CHF", "CHF 3.00", "CHF 3.00"},
	} {
		o := sample()
		o.Total = money(c.amount, c.currency)
		for locale, want := range map[string]string{"en": c.en, "zh": c.zh} {
			w, _, err := b.Compose([]flow.Saying{{Reply: "x", Env: map[string]any{"order": o}}}, reply.Context{Locale: locale, Now: now})
			if err != nil || w.Text != want {
				t.Errorf("%s %s in %s: %q %v %v", c.amount, c.currency, locale, w.Text, w.Blocked, err)
			}
		}
	}
}

func TestChineseAddress(t *testing.T) {
	o := sample()
	o.Address = catalog.Address{Line1: "长安街1号", City: "北京市", Region: "北京市", PostalCode: "100006", Country: "中国"}
	w, _, err := bank(t, "{order.address}").Compose([]flow.Saying{{Reply: "x", Env: map[string]any{"order": o}}}, reply.Context{Locale: "zh", Now: now})
	if err != nil || w.Text != "中国北京市长安街1号，100006" {
		t.Errorf("%q %v %v", w.Text, w.Blocked, err)
	}
}

func TestWhatCantBeToldIsBlocked(t *testing.T) {
	for template, reason := range map[string]string{
		"{order.secret}":                         "no tag fact",
		"{order.nothing}":                        "no field",
		"{missing}":                              "nothing to tell",
		"{order.open}":                           "no tag fact",
		"{order.items}":                          "no tag fact",
		"{none, plural, other {#}}":              "no record",
		"{order.secret, plural, other {x}}":      "neither a number",
		"{order.id.deeper}":                      "has no parts",
		"{loose}":                                "a figure",
		"{proof.kinds}":                          "no tag fact",
		"{unsaid}":                               "no record",
		"{order.items.9.title}":                  "nothing to tell",
		"{policy.cancel}":                        "can't be told",
		"{order.items.0.options.size}":           "nothing to tell",
		"{order.items, each, as i {{i.hidden}}}": "no tag fact",
	} {
		e := env()
		e["loose"], e["unsaid"] = "within 2 days", flow.Value{V: "x"}
		e["proof"] = map[string]any{"kinds": []string{"red"}}
		w, _, err := bank(t, template).Compose([]flow.Saying{{Reply: "x", Env: e}}, reply.Context{Locale: "en", Now: now})
		if err != nil {
			t.Fatal(err)
		}
		if w.Text != "Sorry, not now." || len(w.Blocked) != 1 || !strings.Contains(w.Blocked[0], reason) {
			t.Errorf("%s: %q %q, want %s", template, w.Text, w.Blocked, reason)
		}
	}
}

func TestAnotherVariantStepsIn(t *testing.T) {
	b := load(t, words+`
x:
  en: ["It is {order.secret}.", "It is {order.status}."]
  zh: 好
`)
	w, _, err := b.Compose([]flow.Saying{{Reply: "x", Env: env()}}, reply.Context{Locale: "en", Now: now})
	if err != nil || w.Text != "It is waiting." || len(w.Blocked) != 1 {
		t.Errorf("%q %q %v", w.Text, w.Blocked, err)
	}
	w, _, err = b.Compose([]flow.Saying{{Reply: "unheard_of"}}, reply.Context{Locale: "zh", Now: now})
	if err != nil || w.Text != "抱歉。" || len(w.Blocked) != 1 {
		t.Errorf("%q %q %v", w.Text, w.Blocked, err)
	}
}

func TestVariantsTakeTurns(t *testing.T) {
	b := load(t, words+`
x: {en: [a, b, c], zh: 好}
y: {en: [which one, what order], zh: 好, again: {en: [once more, still]}}
`)
	said := map[string][]int(nil)
	say := func(names ...string) string {
		var says []flow.Saying
		for _, n := range names {
			says = append(says, flow.Saying{Reply: n})
		}
		w, next, err := b.Compose(says, reply.Context{Locale: "en", Now: now, Said: said})
		if err != nil {
			t.Fatal(err)
		}
		said = next
		return w.Text
	}
	var got []string
	for range 7 {
		got = append(got, say("x"))
	}
	if want := "a b c a b c a"; strings.Join(got, " ") != want {
		t.Errorf("%q", got)
	}
	if got := say("x", "x"); got != "b c" {
		t.Errorf("twice in a turn: %q", got)
	}
	for _, want := range []string{"which one", "once more", "still", "once more"} {
		if got := say("y"); got != want {
			t.Errorf("%q, want %q", got, want)
		}
	}
	for range 4 {
		say("x")
	}
	if got := say("y", "y"); got != "what order which one" {
		t.Errorf("later, twice: %q", got)
	}
	before := fmt.Sprint(said)
	w, next, err := b.Compose([]flow.Saying{{Reply: "x"}}, reply.Context{Locale: "en", Now: now, Said: said, First: true})
	if err != nil || w.Text != "a" || fmt.Sprint(next) != before {
		t.Errorf("first: %q %v %v", w.Text, next, err)
	}
}

func TestWhatWasSaidIsBounded(t *testing.T) {
	var yaml strings.Builder
	yaml.WriteString(words)
	for i := range 200 {
		fmt.Fprintf(&yaml, "r%d: {en: a, zh: 好}\n", i)
	}
	b := load(t, yaml.String())
	said := map[string][]int{"": nil, "r1": {}, "odd": {4}}
	for i := range 2000 {
		var says []flow.Saying
		for j := range 5 {
			says = append(says, flow.Saying{Reply: fmt.Sprintf("r%d", (i*5+j)%200)})
		}
		_, next, err := b.Compose(says, reply.Context{Locale: "en", Now: now, Said: said})
		if err != nil {
			t.Fatal(err)
		}
		if said = next; len(said) > 65 {
			t.Fatalf("%d replies remembered", len(said))
		}
	}
}

func TestJoining(t *testing.T) {
	b := load(t, words+`
a: {en: One thing., zh: 一件事。}
b: {en: "Another: {order.id}.", zh: "另有 {order.id}。"}
lines: {en: "a\nb", zh: "甲\n乙"}
`)
	for _, c := range []struct{ locale, says, want string }{
		{"en", "a b", "One thing. Another: W1."},
		{"zh", "a b", "一件事。另有 W1。"},
		{"en", "b lines b", "Another: W1.\na\nb\nAnother: W1."},
	} {
		var says []flow.Saying
		for _, n := range strings.Fields(c.says) {
			says = append(says, flow.Saying{Reply: n, Env: env()})
		}
		w, _, err := b.Compose(says, reply.Context{Locale: c.locale, Now: now})
		if err != nil || w.Text != c.want {
			t.Errorf("%q %q %v", w.Text, w.Blocked, err)
		}
		for _, f := range w.Facts {
			if w.Text[f.Start:f.End] != "W1" {
				t.Errorf("%q", w.Text[f.Start:f.End])
			}
		}
		if err := b.Check(c.locale, w.Text, w.Facts, nil); err != nil {
			t.Error(err)
		}
	}
}

type shown struct{ title string }

func (s shown) Card(locale string) journal.Card { return journal.Card{Title: s.title + " " + locale} }

func TestAViewThatIsAFactIsToldAsAWhole(t *testing.T) {
	b := load(t, words+`
option: {en: "{option}", zh: "{option}"}
x: {en: Which?, zh: 哪个？}
`)
	label := catalog.Fact{Kind: catalog.KindName, Value: "Kettle, 750 ml", Record: "product/a"}
	w, _, err := b.Compose([]flow.Saying{{Reply: "x", Choices: []flow.Option{{Value: "a", View: label}}}}, reply.Context{Locale: "en", Now: now})
	if err != nil || len(w.Choices) != 1 || w.Choices[0].Label != "Kettle, 750 ml" {
		t.Errorf("%q %v", w.Choices, err)
	}
}

func TestChoicesAndCards(t *testing.T) {
	b := load(t, words+`
option: {en: "{option.id}, {option.total}", zh: "{option.id}，{option.total}"}
x:
  en: Which?
  zh: 哪个？
  choices: [{label: {en: Yes, zh: 好的}, value: "yes"}, {label: {en: Person, zh: 人工}, value: person}]
`)
	var many []*shown
	for range 20 {
		many = append(many, &shown{"k"})
	}
	w, _, err := b.Compose([]flow.Saying{{Reply: "x", Cards: many, Choices: []flow.Option{
		{Value: "W1", View: sample()},
		{Value: "yes", Label: catalog.Text{"zh": "对", "en": "Right"}},
		{Value: "plain"},
	}}}, reply.Context{Locale: "zh-CN", Now: now})
	if err != nil {
		t.Fatal(err)
	}
	want := []journal.Choice{{Label: "W1，US$1,226.10", Value: "W1"}, {Label: "对", Value: "yes"}, {Label: "plain", Value: "plain"}, {Label: "人工", Value: "person"}}
	if !slices.Equal(w.Choices, want) {
		t.Errorf("%q", w.Choices)
	}
	if len(w.Cards) != 10 || w.Cards[0].Title != "k zh" {
		t.Errorf("%d cards: %v", len(w.Cards), w.Cards)
	}
}
