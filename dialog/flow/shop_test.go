package flow_test

import (
	"fmt"
	"io/fs"
	"maps"
	"reflect"
	"slices"
	"strings"
	"testing"
	"testing/fstest"

	"github.com/goccy/go-yaml"

	"github.com/floorwalker/floorwalker/catalog"
	"github.com/floorwalker/floorwalker/dialog/builtin"
	"github.com/floorwalker/floorwalker/dialog/flow"
	"github.com/floorwalker/floorwalker/nlu"
)

// The shop that flows are tried in: a few orders in memory, no server.

type orderView struct {
	catalog.Source
	ID      string     `expr:"id"`
	Status  string     `expr:"status"`
	Tracked bool       `expr:"tracked"`
	Overdue bool       `expr:"overdue"`
	Unsent  bool       `expr:"unsent"`
	AgeDays int        `expr:"age_days"`
	Told    bool       `expr:"told"`
	Items   []itemView `expr:"items"`

	Paid         []any `expr:"paid"`
	Refunds      []any `expr:"refunds"`
	ReturnOver   bool  `expr:"return_over"`
	ExchangeOver bool  `expr:"exchange_over"`
}

type planView struct {
	catalog.Source
	Order   string     `expr:"order"`
	Dearer  bool       `expr:"dearer"`
	Cheaper bool       `expr:"cheaper"`
	Same    bool       `expr:"same"`
	Items   []itemView `expr:"items"`
}

type itemView struct {
	SKU   string `expr:"sku"`
	Title string `expr:"title"`
}

type countView struct {
	catalog.Source
	Count    int   `expr:"count"`
	Then     bool  `expr:"then"`
	Relaxed  bool  `expr:"relaxed"`
	Vague    bool  `expr:"vague"`
	Open     bool  `expr:"open"`
	Mentions bool  `expr:"mentions"`
	Meant    bool  `expr:"meant"`
	Fitting  bool  `expr:"fitting"`
	ByPrice  int   `expr:"by_price"`
	ByThan   int   `expr:"by_than"`
	NoneThan bool  `expr:"none_than"`
	Products []any `expr:"products"`
	Orders   []any `expr:"orders"`
}

type productView struct {
	catalog.Source
	Name       string `expr:"name"`
	Available  bool   `expr:"available"`
	Offered    bool   `expr:"offered"`
	StockKnown bool   `expr:"stock_known"`
	OnePrice   bool   `expr:"one_price"`
	Pieces     int    `expr:"pieces"`
	Asked      bool   `expr:"offers_asked"`
	Offers     []any  `expr:"offers"`
	Named      bool   `expr:"named"`
	Parts      []any  `expr:"parts"`
	Prices     []any  `expr:"prices"`
	Dimensions []any  `expr:"dimensions"`
	Whole      []any  `expr:"whole"`
	Cards      []any  `expr:"cards"`
}

type deskView struct {
	catalog.Source
	Staffed bool `expr:"staffed"`
	Open    bool `expr:"open"`
}

type knowledgeView struct {
	catalog.Source
	Answers bool   `expr:"answers"`
	Partly  bool   `expr:"partly"`
	Again   bool   `expr:"again"`
	Text    string `expr:"text"`
}

type factsView struct {
	catalog.Source
	Answers bool `expr:"answers"`
	Which   bool `expr:"which"`
	How     bool `expr:"how"`
}

type meView struct {
	catalog.Source
	FirstName string `expr:"first_name"`
}

var skills = []flow.Skill{
	{Name: "order", Kind: flow.Look, Args: []string{"order"}, View: reflect.TypeFor[orderView](), Needs: "claimed"},
	{Name: "order_history", Kind: flow.Look, View: reflect.TypeFor[countView](), Needs: "verified"},
	{Name: "products", Kind: flow.Look, Args: []string{"query"}, View: reflect.TypeFor[countView]()},
	{Name: "product", Kind: flow.Look, Args: []string{"product"}, View: reflect.TypeFor[productView]()},
	{Name: "knowledge", Kind: flow.Look, Args: []string{"question", "product"}, Options: []string{"product"}, View: reflect.TypeFor[knowledgeView]()},
	{Name: "product_fact", Kind: flow.Look, Args: []string{"question", "product"}, Options: []string{"product"}, View: reflect.TypeFor[factsView]()},
	{Name: "follow_up", Kind: flow.Look, View: reflect.TypeFor[knowledgeView]()},
	{Name: "callbacks", Kind: flow.Look, View: reflect.TypeFor[countView]()},
	{Name: "known_contact", Kind: flow.Resolve, Entities: []string{"email", "phone"}},
	{Name: "product_asked_about", Kind: flow.Resolve, Args: []string{"product"}, Options: []string{"product"}},
	{Name: "product_pointed_at", Kind: flow.Resolve, Args: []string{"product"}, Options: []string{"product"}},
	{Name: "promotions", Kind: flow.Look, Args: []string{"product"}, Options: []string{"product"}, View: reflect.TypeFor[countView]()},
	{Name: "prices_compared", Kind: flow.Resolve, Args: []string{"compared"}, Options: []string{"compared"}, Entities: []string{"product"}},
	{Name: "compared_products", Kind: flow.Resolve, Args: []string{"compared"}, Options: []string{"compared"}, Entities: []string{"product"}},
	{Name: "comparison", Kind: flow.Look, Args: []string{"compared"}, View: reflect.TypeFor[countView]()},
	{Name: "desk", Kind: flow.Look, View: reflect.TypeFor[deskView]()},
	{Name: "me", Kind: flow.Look, View: reflect.TypeFor[meView](), Needs: "claimed"},
	{Name: "described_order", Kind: flow.Resolve, Args: []string{"order"}, Options: []string{"order"}, Entities: []string{"product"}, Needs: "claimed"},
	{Name: "own_orders", Kind: flow.Resolve, Needs: "claimed"},
	{Name: "described_product", Kind: flow.Resolve, Args: []string{"product"}, Options: []string{"product"}, Entities: []string{"product", "option"}},
	{Name: "search_words", Kind: flow.Resolve, Args: []string{"query"}, Options: []string{"query"}, Entities: []string{"product"}},
	{Name: "proof", Kind: flow.Resolve, Args: []string{"order"}, Options: []string{"order"}, Refuses: []string{"wrong_proof", "code_sent"}, Soft: []string{"code_sent"}, Entities: []string{"email"}},
	{Name: "own_order", Kind: flow.Check, Args: []string{"order"}, Refuses: []string{"no_such_order"}, Needs: "claimed"},
	{Name: "whole_order", Kind: flow.Check, Args: []string{"order"}, Refuses: []string{"only_whole_order"}, Needs: "claimed"},
	{Name: "cancel_order", Kind: flow.Act, Args: []string{"order", "reason"}, Refuses: []string{"cannot_cancel"}, Needs: "verified"},
	{Name: "order_to_return", Kind: flow.Resolve, Args: []string{"order"}, Options: []string{"order"}, Needs: "claimed"},
	{Name: "order_to_exchange", Kind: flow.Resolve, Args: []string{"order"}, Options: []string{"order"}, Needs: "claimed"},
	{Name: "order_to_change", Kind: flow.Resolve, Args: []string{"order"}, Options: []string{"order"}, Needs: "claimed"},
	{Name: "order_to_readdress", Kind: flow.Resolve, Args: []string{"order"}, Options: []string{"order"}, Needs: "claimed"},
	{Name: "order_to_repay", Kind: flow.Resolve, Args: []string{"order"}, Options: []string{"order"}, Needs: "claimed"},
	{Name: "order_to_cancel", Kind: flow.Resolve, Args: []string{"order"}, Options: []string{"order"}, Entities: []string{"product"}, Needs: "claimed"},
	{Name: "order_to_withdraw", Kind: flow.Resolve, Args: []string{"order"}, Options: []string{"order"}, Recall: []string{"order"}, Needs: "verified"},
	{Name: "orders_to_cancel", Kind: flow.Resolve, Needs: "verified"},
	{Name: "orders_to_withdraw", Kind: flow.Resolve, Needs: "verified"},
	{Name: "withdrawal_plan", Kind: flow.Look, Args: []string{"order"}, View: reflect.TypeFor[planView](), Needs: "verified"},
	{Name: "withdraw_request", Kind: flow.Act, Args: []string{"order"}, Refuses: []string{"cannot_withdraw"}, Needs: "verified"},
	{Name: "orders_to_return", Kind: flow.Resolve, Needs: "verified"},
	{Name: "orders_to_exchange", Kind: flow.Resolve, Needs: "verified"},
	{Name: "orders_to_change", Kind: flow.Resolve, Needs: "verified"},
	{Name: "orders_to_readdress", Kind: flow.Resolve, Needs: "verified"},
	{Name: "orders_to_repay", Kind: flow.Resolve, Needs: "verified"},
	{Name: "order_items", Kind: flow.Resolve, Args: []string{"order"}, Entities: []string{"product"}, Needs: "verified"},
	{Name: "items_offered", Kind: flow.Resolve, Args: []string{"order"}, Needs: "verified"},
	{Name: "own_method", Kind: flow.Resolve, Args: []string{"order"}, Options: []string{"order"}, Refuses: []string{"no_such_method"}, Needs: "verified"},
	{Name: "refund_methods", Kind: flow.Resolve, Args: []string{"order"}, Needs: "verified"},
	{Name: "refund_method", Kind: flow.Check, Args: []string{"payment_method", "order"}, Refuses: []string{"refund_elsewhere"}, Needs: "verified"},
	{Name: "return_plan", Kind: flow.Look, Args: []string{"order", "items", "payment_method"}, View: reflect.TypeFor[planView](), Needs: "verified"},
	{Name: "return_items", Kind: flow.Act, Args: []string{"order", "items", "payment_method"}, Refuses: []string{"cannot_return"}, Needs: "verified"},
	{Name: "wanted_variant", Kind: flow.Resolve, Args: []string{"order", "items", "item", "variant"}, Options: []string{"items", "variant"}, Refuses: []string{"no_such_variant"}, Needs: "verified"},
	{Name: "variants_offered", Kind: flow.Resolve, Args: []string{"order", "item"}, Needs: "verified"},
	{Name: "chosen_items", Kind: flow.Look, Args: []string{"order", "items"}, View: reflect.TypeFor[planView](), Needs: "verified"},
	{Name: "swap_plan", Kind: flow.Look, Args: []string{"order", "items", "variant", "payment_method"}, Options: []string{"variant", "payment_method"}, View: reflect.TypeFor[planView](), Needs: "verified"},
	{Name: "paying_methods", Kind: flow.Resolve, Args: []string{"order", "items", "variant"}, Options: []string{"items", "variant"}, Needs: "verified"},
	{Name: "paying_method", Kind: flow.Check, Args: []string{"payment_method", "order", "items", "variant"}, Options: []string{"items", "variant"}, Refuses: []string{"gift_card_too_low"}, Needs: "verified"},
	{Name: "exchange_items", Kind: flow.Act, Args: []string{"order", "items", "variant", "payment_method"}, Options: []string{"variant"}, Refuses: []string{"cannot_exchange"}, Needs: "verified"},
	{Name: "change_items", Kind: flow.Act, Args: []string{"order", "items", "variant", "payment_method"}, Options: []string{"variant", "payment_method"}, Refuses: []string{"cannot_change_items"}, Needs: "verified"},
	{Name: "postal_address", Kind: flow.Resolve, Args: []string{"order"}, Options: []string{"order"}, Refuses: []string{"address_incomplete"}, Needs: "verified"},
	{Name: "account_address", Kind: flow.Resolve, Refuses: []string{"address_incomplete"}, Needs: "verified"},
	{Name: "address_plan", Kind: flow.Look, Args: []string{"order", "address"}, Options: []string{"order"}, View: reflect.TypeFor[planView](), Needs: "verified"},
	{Name: "change_address", Kind: flow.Act, Args: []string{"order", "address"}, Refuses: []string{"cannot_change_address"}, Needs: "verified"},
	{Name: "change_default_address", Kind: flow.Act, Args: []string{"address"}, Needs: "verified"},
	{Name: "other_methods", Kind: flow.Resolve, Args: []string{"order"}, Needs: "verified"},
	{Name: "other_method", Kind: flow.Check, Args: []string{"payment_method", "order"}, Refuses: []string{"same_payment_method"}, Needs: "verified"},
	{Name: "payment_plan", Kind: flow.Look, Args: []string{"order", "payment_method"}, View: reflect.TypeFor[planView](), Needs: "verified"},
	{Name: "change_payment", Kind: flow.Act, Args: []string{"order", "payment_method"}, Refuses: []string{"cannot_change_payment"}, Needs: "verified"},
	{Name: "swap", Kind: flow.Act, Args: []string{"order", "variant"}, Needs: "verified"},
	{Name: "handoff", Kind: flow.Request},
	{Name: "request_callback", Kind: flow.Request, Args: []string{"contact", "note"}, Options: []string{"note"}},
	{Name: "withdraw_callback", Kind: flow.Request},
}

var intentActs = map[string]nlu.Act{
	"affirm": nlu.Affirm, "deny": nlu.Deny, "stop": nlu.Stop, "correct": nlu.Correct, "repeat": nlu.Repeat,
	"unsure": nlu.Unsure, "greet": nlu.Filler, "thanks": nlu.Filler, "bye": nlu.Filler, "abuse": nlu.Abuse,
}

// intents are those of the built-in files, the acts by other names, and one more.
var intents = func() []string {
	names := append(slices.Sorted(maps.Keys(intentActs)), "gift")
	files, err := fs.Glob(builtin.Files, "intents/*.yaml")
	if err != nil {
		panic(err)
	}
	for _, f := range files {
		text, err := builtin.Files.ReadFile(f)
		if err != nil {
			panic(err)
		}
		var all map[string]struct{ Act nlu.Act }
		if err := yaml.Unmarshal(text, &all); err != nil {
			panic(err)
		}
		for _, name := range slices.Sorted(maps.Keys(all)) {
			if all[name].Act == "" {
				names = append(names, name)
			}
		}
	}
	return names
}()

var entityTypes = strings.Fields("order_id email phone product option reference number postal_code")

// vocabulary knows the built-in replies, those named, and the shop's skills.
func vocabulary(t testing.TB, more ...string) flow.Vocabulary {
	t.Helper()
	v := flow.Vocabulary{Skills: map[string]flow.Skill{}, Replies: map[string]bool{}, Intents: map[string]bool{}, Entities: map[string]bool{}, Choices: map[string][]flow.Option{},
		Locales: []string{"en", "zh"}, Proofs: map[string][]string{"claimed": {"order_email", "order_postal_code"}, "verified": {"code"}}}
	for _, s := range skills {
		v.Skills[s.Name] = s
	}
	for _, i := range intents {
		v.Intents[i] = true
	}
	for _, e := range entityTypes {
		v.Entities[e] = true
	}
	files, err := builtin.Files.ReadDir("replies")
	if err != nil {
		t.Fatal(err)
	}
	for _, f := range files {
		text, err := builtin.Files.ReadFile("replies/" + f.Name())
		if err != nil {
			t.Fatal(err)
		}
		var replies map[string]any
		if err := yaml.Unmarshal(text, &replies); err != nil {
			t.Fatal(err)
		}
		for name, reply := range replies {
			v.Replies[name] = true
			v.Choices[name] = offers(reply)
		}
	}
	for _, name := range append(more, "no_such_order", "wrong_proof", "code_sent", "cannot_cancel") {
		v.Replies[name] = true
	}
	text, err := builtin.Files.ReadFile("policies.yaml")
	if err != nil {
		t.Fatal(err)
	}
	if err := yaml.Unmarshal(text, &v.Policy); err != nil {
		t.Fatal(err)
	}
	return v
}

// offers are the choices that a reply's text brings.
func offers(reply any) []flow.Option {
	fields, _ := reply.(map[string]any)
	list, _ := fields["choices"].([]any)
	var out []flow.Option
	for _, c := range list {
		option, _ := c.(map[string]any)
		labels, _ := option["label"].(map[string]any)
		o := flow.Option{Value: fmt.Sprint(option["value"]), Label: catalog.Text{}}
		for l, text := range labels {
			o.Label[l] = fmt.Sprint(text)
		}
		out = append(out, o)
	}
	return out
}

func load(t testing.TB, v flow.Vocabulary, shop string) *flow.Set {
	t.Helper()
	set, faults := flow.Load(builtin.Files, fstest.MapFS{"flows/shop.yaml": {Data: []byte(shop)}}, v)
	if err := faults.Err(); err != nil {
		t.Fatal(err)
	}
	return set
}

// world is what the fake skills read and change.
type world struct {
	orders  map[string]*orderView
	version int
	down    map[string]bool
	staffed bool
	deeds   map[string]bool // keys of acts done
}

func newWorld() *world {
	w := &world{orders: map[string]*orderView{}, version: 1, down: map[string]bool{}, deeds: map[string]bool{}}
	for id, status := range map[string]string{"W1": "pending", "W2": "pending", "W3": "shipped", "W4": "cancelled"} {
		w.orders[id] = &orderView{ID: id, Status: status, Tracked: status == "shipped",
			Items: []itemView{{"SKU-A", "kettle"}, {"SKU-B", "lamp"}}}
	}
	return w
}

func (w *world) run(c flow.Call) flow.Result {
	if w.down[c.Skill] {
		return flow.Result{Down: true}
	}
	text := ""
	if c.Said != nil {
		text = c.Said.Text
	}
	switch c.Skill {
	case "order":
		o := w.orders[fmt.Sprint(c.Args["order"])]
		if o == nil {
			return flow.Result{}
		}
		v := *o
		v.Source = catalog.Source{Record: "order/" + o.ID, Version: fmt.Sprint(w.version)}
		return flow.Result{View: v}
	case "own_order":
		if w.orders[fmt.Sprint(c.Args["order"])] == nil {
			return flow.Result{Refused: "no_such_order"}
		}
	case "whole_order":
		if strings.Contains(text, "only the") {
			return flow.Result{Refused: "only_whole_order"}
		}
	case "own_orders", "orders_to_cancel":
		return flow.Result{Values: []flow.Value{{V: "W1", Text: "kettle order"}, {V: "W2", Text: "lamp order"}}}
	case "described_order", "order_to_cancel":
		return w.describedOrder(c, text)
	case "described_product", "search_words":
		return w.described(c, text)
	case "proof":
		return w.proof(c, text)
	case "me":
		return flow.Result{View: meView{FirstName: "Anna"}}
	case "product":
		return flow.Result{View: productView{Name: fmt.Sprint(c.Args["product"]), Available: true, Offered: true, OnePrice: true}}
	case "products", "order_history":
		return flow.Result{View: countView{Count: 2}}
	case "knowledge":
		return flow.Result{View: knowledgeView{Answers: strings.Contains(fmt.Sprint(c.Args["question"]), "shipping")}}
	case "follow_up":
		return flow.Result{View: knowledgeView{}}
	case "product_fact":
		return flow.Result{View: factsView{}}
	case "callbacks":
		return flow.Result{View: countView{}}
	case "desk":
		return flow.Result{View: deskView{Staffed: w.staffed, Open: true}}
	case "handoff":
		return flow.Result{Owner: "queue", Reason: "asked"}
	case "cancel_order", "swap":
		return w.act(c)
	}
	return flow.Result{}
}

func (w *world) describedOrder(c flow.Call, text string) flow.Result {
	switch {
	case strings.Contains(text, "other one"):
		return flow.Result{Values: []flow.Value{{V: map[string]string{"W1": "W2", "W2": "W1"}[fmt.Sprint(c.Args["order"])]}}}
	case strings.Contains(text, "kettle"):
		return flow.Result{Values: []flow.Value{{V: "W1", Text: "kettle"}}}
	case strings.Contains(text, "pending"):
		return flow.Result{Values: []flow.Value{{V: "W1", Text: "kettle order"}, {V: "W2", Text: "lamp order"}}}
	}
	return flow.Result{}
}

func (w *world) described(c flow.Call, text string) flow.Result {
	if strings.Contains(text, "mugs") {
		mug := func(id, title string) flow.Value {
			return flow.Value{V: id, Text: text, View: catalog.Fact{Value: title, Record: "product/" + id}}
		}
		return flow.Result{Values: []flow.Value{mug("mug-a", "Harbor Mug"), mug("mug-b", "Travel Mug")}}
	}
	for _, p := range []string{"kettle", "lamp"} {
		if strings.Contains(text, p) {
			return flow.Result{Values: []flow.Value{{V: p, Text: p}}}
		}
	}
	if before, ok := c.Args["product"]; ok && strings.Contains(text, "blue") {
		return flow.Result{Values: []flow.Value{{V: fmt.Sprint("blue ", before), Text: text}}}
	}
	return flow.Result{}
}

// proof takes an order with its e-mail as a claim, and 123456 as a code.
func (w *world) proof(c flow.Call, text string) flow.Result {
	switch {
	case strings.Contains(text, "123456"):
		return flow.Result{Identity: &catalog.Identity{Customer: "c1", Level: catalog.Verified}}
	case strings.Contains(text, "anna@") && c.Needs == catalog.Verified:
		return flow.Result{Refused: "code_sent"}
	case strings.Contains(text, "anna@"):
		return flow.Result{Identity: &catalog.Identity{Customer: "c1", Level: catalog.Claimed}}
	case strings.Contains(text, "@"):
		return flow.Result{Refused: "wrong_proof"}
	}
	return flow.Result{}
}

func (w *world) act(c flow.Call) flow.Result {
	o := w.orders[fmt.Sprint(c.Args["order"])]
	if o == nil { // a foreign state confirms what isn't there
		return flow.Result{Changed: true}
	}
	if c.Expect["order/"+o.ID] != fmt.Sprint(w.version) {
		return flow.Result{Changed: true}
	}
	if o.Status != "pending" {
		return flow.Result{Refused: "cannot_cancel"}
	}
	o.Status = "cancelled"
	w.version++
	return flow.Result{}
}

func sorted[V any](m map[string]V) []string { return slices.Sorted(maps.Keys(m)) }
