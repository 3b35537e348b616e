package reply_test

import (
	"bufio"
	"cmp"
	"encoding/json"
	"maps"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/shopspring/decimal"

	"github.com/floorwalker/floorwalker/catalog"
	"github.com/floorwalker/floorwalker/dialog/builtin"
	"github.com/floorwalker/floorwalker/dialog/flow"
	"github.com/floorwalker/floorwalker/dialog/reply"
)

// Views as skills make them, of the records of the demo shop.
type (
	productScene struct {
		catalog.Source
		Title      string        `expr:"title" fact:"name"`
		Brand      string        `expr:"brand" fact:"name"`
		Options    string        `expr:"options" fact:"name"`
		Available  bool          `expr:"available"`
		StockKnown bool          `expr:"stock_known"`
		Stock      int           `expr:"stock" fact:"stock"`
		OnePrice   bool          `expr:"one_price"`
		Price      catalog.Money `expr:"price" fact:"price"`
		PriceFrom  catalog.Money `expr:"price_from" fact:"price"`
		PriceTo    catalog.Money `expr:"price_to" fact:"price"`
		Incoming   time.Time     `expr:"incoming" fact:"date"`
		Variants   int           `expr:"variant_count" fact:"count"`
		Prices     []partScene   `expr:"prices"`
		Parts      []partScene   `expr:"parts"`
	}
	partScene struct {
		catalog.Source
		Options    string        `expr:"options" fact:"name"`
		Price      catalog.Money `expr:"price" fact:"price"`
		Available  bool          `expr:"available"`
		StockKnown bool          `expr:"stock_known"`
		Stock      int           `expr:"stock" fact:"stock"`
	}
	comparison struct {
		catalog.Source
		Count    int            `expr:"count" fact:"count"`
		Compared []productScene `expr:"compared"`
		ByPrice  int            `expr:"by_price"`
		Tied     bool           `expr:"tied"`
		First    productScene   `expr:"first"`
		Options  string         `expr:"options" fact:"name"`
	}
	orderScene struct {
		catalog.Source
		ID           string         `expr:"id" fact:"name"`
		Status       string         `expr:"status" fact:"order_state"`
		PlacedAt     time.Time      `expr:"placed_at" fact:"date"`
		Total        catalog.Money  `expr:"total" fact:"amount"`
		Lines        []lineScene    `expr:"lines"`
		Tracking     []string       `expr:"tracking" fact:"tracking"`
		ETA          time.Time      `expr:"eta" fact:"date"`
		ItemCount    int            `expr:"item_count" fact:"count"`
		Paid         []paymentScene `expr:"paid"`
		Refunds      []paymentScene `expr:"refunds"`
		GiftCardOnly bool           `expr:"gift_card_only"`
		HasGiftCard  bool           `expr:"has_gift_card"`
	}
	lineScene struct {
		Title    string        `expr:"title" fact:"name"`
		Quantity int           `expr:"quantity" fact:"quantity"`
		Price    catalog.Money `expr:"price" fact:"price"`
		Total    catalog.Money `expr:"total" fact:"amount"`
	}
	paymentScene struct {
		Amount catalog.Money `expr:"amount" fact:"amount"`
		Method string        `expr:"method" fact:"name"`
	}
	// HistoryView has the name of the view whose count is one of orders.
	HistoryView struct {
		catalog.Source
		Count  int          `expr:"count" fact:"count"`
		Orders []orderScene `expr:"orders"`
		More   bool         `expr:"more"`
		Then   bool         `expr:"then"`
	}
)

// floor is the demo shop: what turns of it are made of.
type floor struct {
	bank     *reply.Bank
	products []catalog.Product
	orders   []catalog.Order
	names    reply.Lexicon
	policy   map[string]any
	passages map[string][]reply.Passage // by locale
	now      time.Time
}

// scene is one turn: what it may tell, and the replies that tell it.
type scene struct {
	says     []flow.Saying
	context  reply.Context
	passages []reply.Passage
}

func openFloor(t testing.TB) *floor {
	t.Helper()
	dir := filepath.Join("..", "..", "shops", "demo")
	bank, faults := reply.Load(builtin.Files, nil, []string{"en", "zh"})
	if err := faults.Err(); err != nil {
		t.Fatal(err)
	}
	f := &floor{bank: bank, now: time.Date(2026, 11, 24, 12, 0, 0, 0, time.UTC), passages: map[string][]reply.Passage{},
		products: readLines[catalog.Product](t, filepath.Join(dir, "products.jsonl")),
		orders:   readLines[catalog.Order](t, filepath.Join(dir, "orders.jsonl"))}
	f.names = reply.NewNames(func(yield func(string) bool) {
		for _, p := range f.products {
			for _, name := range []string{p.Title, p.Brand, p.Translations["zh"].Title} {
				if name != "" && !yield(name) {
					return
				}
			}
		}
	})
	usd := func(s string) map[string]any { return map[string]any{"amount": s, "currency": "USD"} }
	f.policy = map[string]any{
		"cancel": map[string]any{"refund_days": "5-7"}, "returns": map[string]any{"window_days": 30}, "exchanges": map[string]any{"window_days": 30},
		"shipping": map[string]any{"days": "3-5", "flat": usd("5.95"), "free_over": usd("50.00")}, "warranty": map[string]any{"months": 24},
	}
	for _, locale := range []string{"en", "zh"} {
		files, err := filepath.Glob(filepath.Join(dir, "knowledge", "*."+locale+".md"))
		if err != nil || len(files) == 0 {
			t.Fatal("no knowledge", err)
		}
		for _, file := range files {
			raw, err := os.ReadFile(file)
			if err != nil {
				t.Fatal(err)
			}
			for _, part := range strings.Split(string(raw), "\n## ")[1:] {
				heading, body, _ := strings.Cut(part, "\n")
				paragraphs := slices.DeleteFunc(strings.Split(strings.TrimSpace(body), "\n\n"), func(p string) bool { return strings.HasPrefix(p, "asked:") })
				f.passages[locale] = append(f.passages[locale], reply.Passage{Record: "passage/" + filepath.Base(file) + "#" + heading,
					Version: "v", Title: heading, Text: strings.Join(paragraphs, "\n")})
			}
		}
	}
	return f
}

func readLines[T any](t testing.TB, file string) []T {
	t.Helper()
	r, err := os.Open(file)
	if err != nil {
		t.Fatal(err)
	}
	defer r.Close()
	var all []T
	lines := bufio.NewScanner(r)
	lines.Buffer(nil, 1<<20)
	for lines.Scan() {
		var v T
		if err := json.Unmarshal(lines.Bytes(), &v); err != nil {
			t.Fatal(err)
		}
		all = append(all, v)
	}
	return all
}

func (f *floor) source(record string) catalog.Source {
	return catalog.Source{Record: record, Version: "1", ReadAt: f.now}
}

func usDollars(d decimal.Decimal) catalog.Money { return catalog.Money{Amount: d, Currency: "USD"} }

func (f *floor) product(id string) catalog.Product {
	i := slices.IndexFunc(f.products, func(p catalog.Product) bool { return p.ID == id })
	if i < 0 {
		panic("no product " + id)
	}
	return f.products[i]
}

// look is what a product's view shows of the variants that have an option's value, "" for all.
func (f *floor) look(p catalog.Product, value, locale string) productScene {
	v := productScene{Source: f.source("product/" + p.ID), Title: p.Title, Brand: p.Brand, StockKnown: true}
	if locale == "zh" {
		v.Title = cmp.Or(p.Translations["zh"].Title, v.Title)
	}
	var low, high decimal.Decimal
	for _, variant := range p.Variants {
		var words []string
		has := value == ""
		for _, name := range slices.Sorted(maps.Keys(variant.Options)) {
			word := variant.Options[name]
			has = has || word == value
			if locale == "zh" {
				word = cmp.Or(p.Translations["zh"].Options[name][word], word)
			}
			words = append(words, word)
		}
		if !has {
			continue
		}
		part := partScene{Source: f.source("variant/" + variant.SKU), Options: strings.Join(words, map[string]string{"en": ", ", "zh": "、"}[locale]),
			Price: usDollars(variant.Price), Available: variant.Available, StockKnown: variant.Stock != nil}
		if variant.Stock != nil {
			part.Stock = *variant.Stock
		}
		if len(v.Parts) == 0 || variant.Price.LessThan(low) {
			low = variant.Price
		}
		if variant.Price.GreaterThan(high) {
			high = variant.Price
		}
		v.Stock += part.Stock
		v.Available = v.Available || part.Available
		v.StockKnown = v.StockKnown && part.StockKnown
		v.Parts = append(v.Parts, part)
	}
	v.Price, v.PriceFrom, v.PriceTo = usDollars(low), usDollars(low), usDollars(high)
	v.OnePrice, v.Variants = low.Equal(high), len(v.Parts)
	if v.OnePrice {
		v.Prices = nil
	} else {
		v.Prices = v.Parts
	}
	if len(v.Parts) == 1 {
		v.Options, v.Record, v.Parts, v.Prices = v.Parts[0].Options, v.Parts[0].Record, nil, nil
	}
	if !v.Available {
		v.Incoming = f.now.AddDate(0, 0, 9)
	}
	return v
}

func (f *floor) order(id string) catalog.Order {
	i := slices.IndexFunc(f.orders, func(o catalog.Order) bool { return o.ID == id })
	if i < 0 {
		panic("no order " + id)
	}
	return f.orders[i]
}

var stateWordings = map[string]bool{"pending": true, "processed": true, "shipped": true, "delivered": true, "cancelled": true, "return_requested": true, "exchange_requested": true}

func (f *floor) lookOrder(o catalog.Order, locale string) orderScene {
	v := orderScene{Source: f.source("order/" + o.ID), ID: o.ID, Status: string(o.Status)}
	if o.PlacedAt != nil {
		v.PlacedAt = *o.PlacedAt
	}
	total := decimal.Zero
	for _, item := range o.Items {
		title := item.Title
		if locale == "zh" {
			title = cmp.Or(f.product(item.Product).Translations["zh"].Title, title)
		}
		sum := item.Price.Mul(decimal.NewFromInt(int64(item.Quantity)))
		total = total.Add(sum)
		i := slices.IndexFunc(v.Lines, func(l lineScene) bool { return l.Title == title })
		if i < 0 {
			v.Lines = append(v.Lines, lineScene{Title: title, Price: usDollars(item.Price)})
			i = len(v.Lines) - 1
		}
		v.Lines[i].Quantity += item.Quantity
		v.ItemCount += item.Quantity
		v.Lines[i].Total = usDollars(v.Lines[i].Total.Amount.Add(sum))
	}
	v.Total = usDollars(total)
	for _, p := range o.Payments {
		kind, digits, _ := strings.Cut(strings.ReplaceAll(p.Method, "credit_card", "card"), "_")
		method := map[string]string{"card": "Visa ending in " + digits, "gift": "gift card ending in " + strings.TrimPrefix(digits, "card_"), "paypal": "PayPal"}[kind]
		pay := paymentScene{usDollars(p.Amount), cmp.Or(method, "Alipay")}
		if p.Kind == "refund" {
			v.Refunds = append(v.Refunds, pay)
		} else {
			v.Paid = append(v.Paid, pay)
		}
	}
	for _, s := range o.Shipments {
		v.Tracking = append(v.Tracking, s.Tracking...)
		if s.ETA != "" {
			v.ETA, _ = time.Parse(time.DateOnly, s.ETA)
		}
	}
	return v
}

func (f *floor) scene(locale string, record any, replies ...string) scene {
	s := scene{context: reply.Context{Locale: locale, Now: f.now, Policy: "1", Names: f.names}}
	for _, name := range replies {
		s.says = append(s.says, flow.Saying{Reply: name, Env: map[string]any{"record": record, "policy": f.policy}})
	}
	return s
}

// scenes are turns about every product and every order.
func (f *floor) scenes() []scene {
	var all []scene
	for _, locale := range []string{"en", "zh"} {
		for i, p := range f.products {
			v := f.look(p, "", locale)
			switch {
			case !v.Available:
				all = append(all, f.scene(locale, v, "out_of_stock"))
			case len(v.Parts) > 1:
				all = append(all, f.scene(locale, v, "in_stock_parts"))
			default:
				all = append(all, f.scene(locale, v, "in_stock_count"))
			}
			if !v.OnePrice && len(v.Prices) > 1 {
				all = append(all, f.scene(locale, v, "price_parts"), f.scene(locale, v, "price_range"))
			}
			if len(p.Variants) > 1 {
				for _, value := range p.Variants[0].Options {
					one := f.look(p, value, locale)
					if one.OnePrice && one.Available {
						all = append(all, f.scene(locale, one, "price"), f.scene(locale, one, "in_stock_count"))
					}
				}
			}
			other := f.look(f.products[(i+1)%len(f.products)], "", locale)
			if c := v.PriceFrom.Amount.Cmp(other.PriceFrom.Amount); c != 0 && v.Title != other.Title {
				pair := []productScene{v, other}
				if c > 0 {
					pair = []productScene{other, v}
				}
				all = append(all, f.scene(locale, comparison{Source: f.source("products"), Count: 2, Compared: pair, ByPrice: -1, First: pair[0]}, "prices_compared"))
			}
		}
		var latest []orderScene
		for _, o := range f.orders {
			if !stateWordings[string(o.Status)] {
				continue
			}
			v := f.lookOrder(o, locale)
			all = append(all, f.scene(locale, v, "order_status"))
			switch {
			case !v.ETA.IsZero():
				all = append(all, f.scene(locale, v, "order_status", "order_tracking"))
			case o.Status == "cancelled" && len(v.Refunds) > 0:
				all = append(all, f.scene(locale, v, "cancelled"))
			case o.Status == "pending":
				all = append(all, f.scene(locale, v, "order_status", "order_late"))
			case o.Status == "delivered":
				all = append(all, f.scene(locale, v, "too_late_to_return"))
			}
			if latest = append(latest, v); len(latest) == 3 {
				all = append(all, f.scene(locale, HistoryView{Source: f.source("customer/c"), Count: 3, Orders: latest}, "order_history"))
				latest = nil
			}
		}
	}
	return all
}

// wordings are the variants of a scene's reply.
func (s scene) wordings(b *reply.Bank) []reply.Worded {
	const most = 4
	var all []reply.Worded
	c := s.context
	seen := map[string]bool{}
	for range most {
		w, said, err := b.Compose(s.says, c)
		if err != nil {
			break
		}
		if c.Said = said; !seen[w.Text] {
			seen[w.Text] = true
			all = append(all, w)
		}
	}
	return all
}

func (s scene) ground(b *reply.Bank) *reply.Ground {
	return b.Ground(s.says, s.context, s.passages...)
}
