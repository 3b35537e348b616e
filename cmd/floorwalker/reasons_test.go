package main

import (
	"cmp"
	"context"
	"encoding/json"
	"fmt"
	"log/slog"
	"maps"
	"os"
	"path/filepath"
	"reflect"
	"regexp"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/floorwalker/floorwalker/catalog"
	"github.com/floorwalker/floorwalker/dialog"
	"github.com/floorwalker/floorwalker/dialog/flow"
	"github.com/floorwalker/floorwalker/dialog/journal"
	"github.com/floorwalker/floorwalker/dialog/story"
)

// What became of a wish that a shopper had, after telling all their wishes in their first message.
const (
	missed = "missed" // nothing like it was summed up
	helped = "helped" // summed up rightly, after asking what the message may have said
	whole  = "whole"  // … without asking for more than how it is paid, and why
)

// TestReasons tells the bot, as first message, why the shoppers of tau2's 74 retail tasks call, in their
// own words but for the pronouns, and counts how many of their wishes it then sums up rightly: the
// kind of change, the order, the items and what comes in their place. Whatever it asks besides is
// answered as the task has it.
//
//	FLOORWALKER_DATA=… go test -v -run TestReasons ./cmd/floorwalker
func TestReasons(t *testing.T) {
	if testing.Short() {
		t.Skip("SKIPPED: 74 conversations take a while")
	}
	needModels(t)
	shop := readTau2(t)
	dir := t.TempDir()
	shop.write(t, dir)
	s, err := openStages(t.Context(), dir, slog.New(slog.NewTextHandler(os.Stderr, &slog.HandlerOptions{Level: slog.LevelWarn})))
	if err != nil {
		t.Fatal(err)
	}
	defer s.Close()
	count := map[string]int{}
	wishes, tasks, included, exact := 0, 0, 0, 0
	for _, task := range shop.tasks {
		caller := &caller{shop: shop, task: task, came: make([]string, len(task.wishes)), agreed: -1}
		err := s.onStage(t.Context(), story.Story{}, slog.New(slog.DiscardHandler), caller.decided, func(stage story.Stage) {
			if err := caller.call(t.Context(), stage); err != nil {
				t.Errorf("task %s: %v", task.id, err)
			}
		})
		if err != nil {
			t.Fatal(err)
		}
		for i, w := range task.wishes {
			word := cmp.Or(caller.came[i], missed)
			count[word]++
			t.Logf("task %s: %s %s %v", task.id, word, w.flow, w.arguments)
		}
		if len(task.wishes) > 0 {
			lacking, further := caller.kinds()
			tasks, wishes = tasks+1, wishes+len(task.wishes)
			if !lacking {
				included++
			}
			if !lacking && !further {
				exact++
			}
			if lacking || further || slices.Contains(caller.came, "") {
				t.Logf("task %s:\n  %s", task.id, strings.Join(caller.log, "\n  "))
			}
		}
	}
	t.Logf("%d wishes: %d summed up rightly at once, %d after asking, %d missed", wishes, count[whole], count[helped], count[missed])
	t.Logf("%d tasks: in %d all kinds of changes wanted were begun, in %d no others", tasks, included, exact)
	if least := leastUnderstood; count[whole]+count[helped] < least {
		t.Errorf("%d of %d wishes were understood; it were %d", count[whole]+count[helped], wishes, least)
	}
}

// leastUnderstood is how many of the wishes have been summed up rightly before.
const leastUnderstood = 66

// wish is a change that a shopper wants.
type wish struct {
	flow      string
	arguments map[string]any
}

type task struct {
	id, reason, customer string
	wishes               []wish
}

// tau2 is the public shop with its tasks.
type tau2 struct {
	products, customers, orders map[string]map[string]any // as in a shop folder
	variants                    map[string]map[string]any
	tasks                       []task
}

// changeFlows are our flows for the benchmark's actions.
var changeFlows = map[string]string{
	"cancel_pending_order":           "cancel_order",
	"return_delivered_order_items":   "return_items",
	"exchange_delivered_order_items": "exchange_items",
	"modify_pending_order_items":     "change_items",
	"modify_pending_order_address":   "change_address",
	"modify_pending_order_payment":   "change_payment",
	"modify_user_address":            "change_default_address",
}

// readTau2 reads the benchmark's database and tasks.
func readTau2(t *testing.T) *tau2 {
	dir := filepath.Join(cmp.Or(os.Getenv("FLOORWALKER_DATA"), "../../../shared/data"), "tau2_retail")
	if _, err := os.Stat(dir); err != nil {
		t.Skipf("SKIPPED, nothing measured: %s is missing; set FLOORWALKER_DATA to the folder of public data", dir)
	}
	decode := func(name string, into any) {
		text, err := os.ReadFile(filepath.Join(dir, name))
		if err == nil {
			err = json.Unmarshal(text, into)
		}
		if err != nil {
			t.Fatal(err)
		}
	}
	var db struct{ Products, Users, Orders map[string]map[string]any }
	decode("db.json", &db)
	s := &tau2{products: map[string]map[string]any{}, customers: map[string]map[string]any{}, orders: map[string]map[string]any{}, variants: map[string]map[string]any{}}
	for id, p := range db.Products {
		s.product(id, p)
	}
	for id, u := range db.Users {
		s.customer(id, u)
	}
	for id, o := range db.Orders {
		s.order(id, o)
	}
	var tasks []struct {
		ID       string
		Scenario struct {
			Instructions struct {
				Reason string `json:"reason_for_call"`
			}
		} `json:"user_scenario"`
		Criteria struct {
			Actions []struct {
				Name      string
				Arguments map[string]any
			}
		} `json:"evaluation_criteria"`
	}
	decode("tasks_train.json", &tasks)
	for _, x := range tasks {
		next := task{id: x.ID, reason: firstPerson(x.Scenario.Instructions.Reason)}
		for _, a := range x.Criteria.Actions {
			if name, ok := changeFlows[a.Name]; ok {
				next.wishes = append(next.wishes, wish{name, a.Arguments})
			}
			if id, _ := a.Arguments["user_id"].(string); id != "" {
				next.customer = id
			}
			if id, _ := a.Arguments["order_id"].(string); next.customer == "" && s.orders[id] != nil {
				next.customer, _ = s.orders[id]["customer"].(string)
			}
		}
		s.tasks = append(s.tasks, next)
	}
	return s
}

func (s *tau2) product(id string, p map[string]any) {
	var variants []map[string]any
	for _, sku := range slices.Sorted(maps.Keys(p["variants"].(map[string]any))) {
		v := p["variants"].(map[string]any)[sku].(map[string]any)
		variant := map[string]any{"sku": sku, "options": v["options"], "price": fmt.Sprintf("%.2f", v["price"]), "currency": "USD", "available": v["available"]}
		s.variants[sku] = variant
		variants = append(variants, variant)
	}
	s.products[id] = map[string]any{"id": id, "title": p["name"], "category": []any{p["name"]}, "variants": variants}
}

func (s *tau2) customer(id string, u map[string]any) {
	var methods []map[string]any
	all := u["payment_methods"].(map[string]any)
	for _, key := range slices.Sorted(maps.Keys(all)) {
		m := all[key].(map[string]any)
		method := map[string]any{"id": m["id"], "kind": m["source"]}
		for _, k := range []string{"brand", "last_four"} {
			if v, ok := m[k]; ok {
				method[k] = v
			}
		}
		if b, ok := m["balance"]; ok {
			method["balance"] = fmt.Sprintf("%.2f", b)
		}
		methods = append(methods, method)
	}
	name := u["name"].(map[string]any)
	s.customers[id] = map[string]any{"id": id, "first_name": name["first_name"], "last_name": name["last_name"], "email": u["email"],
		"address": tau2Address(u["address"].(map[string]any)), "payment_methods": methods, "locale": "en"}
}

func (s *tau2) order(id string, o map[string]any) {
	status := strings.NewReplacer("pending (item modified)", "pending_items_modified", " ", "_").Replace(o["status"].(string))
	var items, payments, shipments []map[string]any
	for _, x := range o["items"].([]any) {
		i := x.(map[string]any)
		items = append(items, map[string]any{"sku": i["item_id"], "product": i["product_id"], "title": i["name"], "options": i["options"],
			"price": fmt.Sprintf("%.2f", i["price"]), "quantity": 1})
	}
	for _, x := range o["payment_history"].([]any) {
		p := x.(map[string]any)
		payments = append(payments, map[string]any{"kind": p["transaction_type"], "amount": fmt.Sprintf("%.2f", p["amount"]), "method": p["payment_method_id"]})
	}
	sent, _ := o["fulfillments"].([]any)
	for _, x := range sent {
		f := x.(map[string]any)
		shipments = append(shipments, map[string]any{"tracking": f["tracking_id"], "skus": f["item_ids"]})
	}
	s.orders[id] = map[string]any{"id": id, "customer": o["user_id"], "status": status, "address": tau2Address(o["address"].(map[string]any)),
		"items": items, "payments": payments, "shipments": shipments}
}

func tau2Address(a map[string]any) map[string]any {
	return map[string]any{"line1": a["address1"], "line2": a["address2"], "city": a["city"], "region": a["state"], "postal_code": a["zip"], "country": a["country"]}
}

// write makes a shop folder.
func (s *tau2) write(t *testing.T, dir string) {
	files := map[string]string{"shop.yaml": "id: tau2\nname: tau2\nlocales: [en]\ncurrency: USD\ntime_zone: America/New_York\n"}
	for name, rows := range map[string]map[string]map[string]any{"products": s.products, "customers": s.customers, "orders": s.orders} {
		var lines strings.Builder
		for _, id := range slices.Sorted(maps.Keys(rows)) {
			if err := json.NewEncoder(&lines).Encode(rows[id]); err != nil {
				t.Fatal(err)
			}
		}
		files[name+".jsonl"] = lines.String()
	}
	for name, text := range files {
		if err := os.WriteFile(filepath.Join(dir, name), []byte(text), 0o600); err != nil {
			t.Fatal(err)
		}
	}
}

// pronouns turn what a shopper is told to want into what they say, the first that fits at each place.
var pronouns = []struct {
	from *regexp.Regexp
	to   string
}{
	{regexp.MustCompile(`(?i)\byou're\b|\byou are\b`), "I'm"},
	{regexp.MustCompile(`(?i)\byou were\b`), "I was"},
	{regexp.MustCompile(`(?i)\byourself\b`), "myself"},
	{regexp.MustCompile(`(?i)\byours\b`), "mine"},
	{regexp.MustCompile(`Your\b`), "My"},
	{regexp.MustCompile(`\byour\b`), "my"},
	{regexp.MustCompile(`(?i)\b(to|for|tell|give|asks?|tells|allows|saves) you\b`), "$1 me"},
	{regexp.MustCompile(`(?i)\byou\b`), "I"},
}

func firstPerson(text string) string {
	for _, p := range pronouns {
		text = p.from.ReplaceAllString(text, p.to)
	}
	return text
}

// caller is the shopper of one task.
type caller struct {
	shop   *tau2
	task   task
	out    flow.Output // what the turn that was answered last came to
	came   []string    // of each wish
	agreed int         // the last wish that was agreed to
	asked  bool        // something was asked since the last summary that the message may have said
	begun  []string    // flows that got as far as asking something or summing up
	log    []string
}

func (c *caller) decided(out flow.Output) { c.out = out }

const mostTurns = 60

// call tells everything in one message and answers what is asked, until nothing is.
func (c *caller) call(ctx context.Context, stage story.Stage) error {
	ctx, cancel := context.WithTimeout(ctx, 2*time.Minute)
	defer cancel()
	w, err := stage.Engine.Begin(ctx, dialog.Opening{Shop: stage.Shop, Locale: "en", Channel: "test", Identity: catalog.Identity{Customer: c.task.customer, Level: catalog.Verified}})
	if err != nil {
		return err
	}
	feed := stage.Engine.Follow(stage.Shop, w.Conversation, 0)
	defer feed.Close()
	text := c.task.reason
	for n := 0; text != "" && n < mostTurns; n++ {
		c.log = append(c.log, "> "+text)
		receipt, err := stage.Engine.Say(ctx, dialog.Utterance{Shop: stage.Shop, Conversation: w.Conversation, Role: journal.RoleShopper, ID: fmt.Sprint(n), Text: text})
		if err != nil {
			return err
		}
		reply, err := answerTo(ctx, feed, receipt.Offset)
		if err != nil {
			return err
		}
		c.log = append(c.log, "< "+strings.ReplaceAll(reply.Text, "\n", " / "))
		text = c.answer(reply)
	}
	return nil
}

// answerTo waits for the reply to what was said at an offset.
func answerTo(ctx context.Context, feed *dialog.Feed, offset int64) (journal.Reply, error) {
	for {
		notice, err := feed.Next(ctx)
		if err != nil {
			return journal.Reply{}, err
		}
		if notice.Event == nil || notice.Event.Kind != journal.KindReply {
			continue
		}
		reply, err := journal.Body[journal.Reply](*notice.Event)
		if err != nil || slices.Contains(reply.InReplyTo, offset) {
			return reply, err
		}
	}
}

// answer is what the shopper says next, "" where nothing is asked.
func (c *caller) answer(reply journal.Reply) string {
	x := reply.Expects
	if x == nil || !slices.Contains(slices.Collect(maps.Values(changeFlows)), x.Flow) {
		return c.offered(reply)
	}
	if x.Slot == flow.SlotConfirm {
		return c.confirm(x.Flow)
	}
	w, ok := c.next(x.Flow)
	if !ok {
		c.begun = append(c.begun, x.Flow)
		c.asked = false
		return "never mind"
	}
	c.asked = c.asked || x.Slot != "payment_method" && x.Slot != "reason"
	return c.fill(*x, w)
}

// offered takes an offer of what is wanted ("shall I change the items instead?").
func (c *caller) offered(reply journal.Reply) string {
	for _, choice := range reply.Choices {
		if _, ok := c.next(choice.Value); ok {
			c.asked = true
			return choice.Label
		}
	}
	return ""
}

// next is the wish of a kind that is asked about: of the order spoken of, if it is known by now, else the
// next that nothing came of yet.
func (c *caller) next(kind string) (wish, bool) {
	var found *wish
	for i, w := range c.task.wishes {
		if w.flow != kind || c.came[i] != "" {
			continue
		}
		if found == nil || w.arguments["order_id"] == c.slot("order") && found.arguments["order_id"] != c.slot("order") {
			found = &w
		}
	}
	if found == nil {
		return wish{}, false
	}
	return *found, true
}

// slot is the value of a slot as what was said last knows it, nil where it doesn't.
func (c *caller) slot(name string) any {
	if len(c.out.Says) == 0 {
		return nil
	}
	slots, _ := c.out.Says[len(c.out.Says)-1].Env["slots"].(map[string]flow.Value)
	return slots[name].V
}

// confirm agrees to a summary of what is wanted.
func (c *caller) confirm(flow string) string {
	asked := c.asked
	c.asked = false
	again := ""
	if c.agreed >= 0 {
		again = c.task.wishes[c.agreed].flow
	}
	if again != flow || !c.same(c.task.wishes[c.agreed]) {
		c.begun = append(c.begun, flow)
	}
	for i, w := range c.task.wishes {
		if w.flow != flow || c.came[i] != "" && i != c.agreed || !c.same(w) {
			continue
		}
		c.agreed = i // it may be summed up anew: a plain yes was wanted
		if c.came[i] != "" {
			return "yes"
		}
		c.came[i] = whole
		if asked {
			c.came[i] = helped
		}
		return "yes"
	}
	return "no"
}

// same reports whether the summary that was told last is of a wish.
func (c *caller) same(w wish) bool {
	if len(c.out.Says) == 0 {
		return false
	}
	env := c.out.Says[len(c.out.Says)-1].Env
	slots, _ := env["slots"].(map[string]flow.Value)
	var items []struct{ Line int }
	var address struct {
		Line1, City string
		Code        string `json:"postal_code"`
	}
	text, _ := json.Marshal(slots["items"].V)
	_ = json.Unmarshal(text, &items) // no items: none
	text, _ = json.Marshal(slots["address"].V)
	_ = json.Unmarshal(text, &address)
	id, _ := slots["order"].V.(string)
	if want, _ := w.arguments["order_id"].(string); want != "" && want != id {
		return false
	}
	if line, _ := w.arguments["address1"].(string); line != "" && (line != address.Line1 || w.arguments["city"] != address.City || w.arguments["zip"] != address.Code) {
		return false
	}
	if method, _ := w.arguments["payment_method_id"].(string); slots["payment_method"].V != nil && method != slots["payment_method"].V {
		return false
	}
	var from, to []string
	for _, i := range items {
		if all, _ := c.shop.orders[id]["items"].([]map[string]any); i.Line < len(all) {
			from = append(from, all[i.Line]["sku"].(string))
		}
	}
	for _, record := range derived(env["plan"]) {
		if sku, ok := strings.CutPrefix(record, "variant/"); ok {
			to = append(to, sku)
		}
	}
	return slices.Equal(pairs(from, to), pairs(list(w.arguments["item_ids"]), list(w.arguments["new_item_ids"])))
}

func pairs(from, to []string) []string {
	out := slices.Clone(from)
	for i := range out {
		if i < len(to) {
			out[i] += " " + to[i]
		}
	}
	slices.Sort(out)
	return out
}

func list(v any) []string {
	var out []string
	all, _ := v.([]any)
	for _, x := range all {
		out = append(out, fmt.Sprint(x))
	}
	return out
}

// fill answers a question about a wish.
func (c *caller) fill(x journal.Expects, w wish) string {
	a := w.arguments
	switch x.Slot {
	case "order":
		return fmt.Sprint(a["order_id"])
	case "reason":
		return cmp.Or(fmt.Sprint(a["reason"]), "no longer needed")
	case "payment_method":
		return fmt.Sprint(a["payment_method_id"])
	case "address":
		return fmt.Sprintf("%s, %s, %s, %s %s, %s", a["address1"], a["address2"], a["city"], a["state"], a["zip"], a["country"])
	case "items":
		var names []string
		for _, i := range c.shop.orders[fmt.Sprint(a["order_id"])]["items"].([]map[string]any) {
			if slices.Contains(list(a["item_ids"]), i["sku"].(string)) {
				names = append(names, fmt.Sprintf("the %s (%s)", i["title"], optionValues(i["options"])))
			}
		}
		return strings.Join(names, " and ")
	case "variant":
		for i, sku := range list(a["item_ids"]) {
			if sku == x.Item {
				return optionValues(c.shop.variants[list(a["new_item_ids"])[i]]["options"])
			}
		}
	}
	return "I don't know"
}

// optionValues names all options: "color black, size M".
func optionValues(options any) string {
	var out []string
	for _, name := range slices.Sorted(maps.Keys(options.(map[string]any))) {
		out = append(out, fmt.Sprintf("%s %v", name, options.(map[string]any)[name]))
	}
	return strings.Join(out, ", ")
}

// kinds compares the kinds of changes that were begun with those wanted.
func (c *caller) kinds() (lacking, further bool) {
	n := map[string]int{}
	for _, name := range c.begun {
		n[name]++
	}
	for _, w := range c.task.wishes {
		n[w.flow]--
	}
	for _, d := range n {
		lacking, further = lacking || d < 0, further || d > 0
	}
	return lacking, further
}

// derived are the records that a plan rests on.
func derived(plan any) []string {
	source := reflect.Indirect(reflect.ValueOf(plan))
	if source.Kind() != reflect.Struct {
		return nil
	}
	from, _ := source.FieldByName("DerivedFrom").Interface().([]string)
	return from
}
