package skill_test

import (
	"encoding/json"
	"errors"
	"testing"
	"time"

	"github.com/shopspring/decimal"

	"github.com/floorwalker/floorwalker/catalog"
	"github.com/floorwalker/floorwalker/catalog/store"
	"github.com/floorwalker/floorwalker/dialog/flow"
	"github.com/floorwalker/floorwalker/dialog/journal"
	"github.com/floorwalker/floorwalker/dialog/skill"
)

// act runs a skill that changes something, in a transaction.
func (d *demo) act(c flow.Call) (r flow.Result, a *journal.Action) {
	d.t.Helper()
	if c.Conversation == "" {
		c.Conversation = d.talk
	}
	d.update(func(tx *store.Tx) (err error) { r, a, err = d.Act(tx, c); return err })
	return r, a
}

func cancelling(customer, order, version string) flow.Call {
	return flow.Call{Skill: "cancel_order", Identity: verified(customer), Args: map[string]any{"order": order, "reason": "no longer needed"},
		Expect: map[string]string{"order/" + order: version}}
}

func asJSON(t *testing.T, v any) string {
	t.Helper()
	text, err := json.Marshal(v)
	if err != nil {
		t.Fatal(err)
	}
	return string(text)
}

// What cancelling does, as COMMANDS.md has it: status, reason, one refund per payment with its
// amount and method, gift cards at once, and nothing else.
func TestCancelOrder(t *testing.T) {
	for _, c := range []struct {
		customer, order string
		refunds         []catalog.Payment
		balances        map[string]string // of gift cards, afterwards
	}{
		{"C1001", "W10234", []catalog.Payment{refund("64.80", "credit_card_4417")}, map[string]string{"gift_card_2045": "45.00"}},
		{"C1011", "W10235", []catalog.Payment{refund("25.00", "gift_card_7716"), refund("41.50", "alipay_1011")}, map[string]string{"gift_card_7716": "85"}},
		{"C1010", "W10228", []catalog.Payment{refund("40.00", "gift_card_6084"), refund("36.90", "credit_card_1190")}, map[string]string{"gift_card_6084": "120"}},
	} {
		t.Run(c.order, func(t *testing.T) {
			d := open(t)
			want, customer := d.order(c.order), d.customer(c.customer)
			r, a := d.act(cancelling(c.customer, c.order, "1"))
			if r.Changed || r.Refused != "" || r.Down {
				t.Fatalf("got %+v", r)
			}
			if asJSON(t, a) != asJSON(t, &journal.Action{Name: "cancel_order", Record: "order/" + c.order,
				Arguments: map[string]any{"order": c.order, "reason": "no longer needed"}}) {
				t.Errorf("action %+v", a)
			}
			want.Status, want.CancelReason = "cancelled", "no longer needed"
			want.Payments = append(want.Payments, c.refunds...)
			if got := d.order(c.order); asJSON(t, got) != asJSON(t, want) || got.Version != 2 {
				t.Errorf("order, version %d:\n%s\nwant\n%s", got.Version, asJSON(t, got), asJSON(t, want))
			}
			after := d.customer(c.customer)
			for i, m := range after.PaymentMethods {
				if balance, ok := c.balances[m.ID]; ok {
					if !m.Balance.Equal(decimal.RequireFromString(balance)) {
						t.Errorf("%s has %s, want %s", m.ID, m.Balance, balance)
					}
					customer.PaymentMethods[i].Balance = m.Balance
				}
			}
			if asJSON(t, after) != asJSON(t, customer) {
				t.Errorf("more of the customer changed:\n%s\nwant\n%s", asJSON(t, after), asJSON(t, customer))
			}
			if r, a := d.act(cancelling(c.customer, c.order, "2")); r.Refused != "cannot_cancel" || a != nil {
				t.Errorf("again: %+v, %+v", r, a)
			}
			view := d.call("order", verified(c.customer), "en", nil, "order", c.order).View.(skill.OrderView)
			if view.Status != "cancelled" || len(view.Refunds) != len(c.refunds) {
				t.Errorf("seen afterwards: %+v", view)
			}
		})
	}
}

func refund(amount, method string) catalog.Payment {
	return catalog.Payment{Kind: "refund", Amount: decimal.RequireFromString(amount), Method: method}
}

func TestGiftCardPaidTwiceRisesByBoth(t *testing.T) {
	d := open(t)
	d.update(func(tx *store.Tx) error {
		o, err := store.In(tx, "demo").Order("W10235")
		if err != nil {
			return err
		}
		o.Payments = append(o.Payments, catalog.Payment{Kind: "payment", Amount: decimal.RequireFromString("0.50"), Method: "gift_card_7716"})
		_, err = store.In(tx, "demo").SaveOrder(o)
		return err
	})
	if r, a := d.act(cancelling("C1011", "W10235", "2")); a == nil {
		t.Fatalf("got %+v", r)
	}
	if n := len(d.order("W10235").Payments); n != 6 {
		t.Errorf("%d payments, want 3 and 3 refunds", n)
	}
	if b := d.customer("C1011").PaymentMethods[1].Balance; b.String() != "85.5" {
		t.Errorf("balance %s, want 85.50", b)
	}
}

func TestCancelOrderIsRefused(t *testing.T) {
	d := open(t)
	for _, c := range []struct {
		name string
		call flow.Call
		want flow.Result
	}{
		{"on its way", cancelling("C1001", "W10213", "1"), flow.Result{Refused: "cannot_cancel"}},
		{"somebody else's", cancelling("C1002", "W10234", "1"), flow.Result{Refused: "order_not_found"}},
		{"none", cancelling("C1002", "W99999", "1"), flow.Result{Refused: "order_not_found"}},
		{"changed since the summary", cancelling("C1001", "W10234", "7"), flow.Result{Changed: true}},
		{"never summarised", flow.Call{Skill: "cancel_order", Identity: verified("C1001"), Args: map[string]any{"order": "W10234"}}, flow.Result{Changed: true}},
		{"only claimed", flow.Call{Skill: "cancel_order", Identity: claimed("C1001"), Args: map[string]any{"order": "W10234"},
			Expect: map[string]string{"order/W10234": "1"}}, flow.Result{Refused: "order_not_found"}},
	} {
		t.Run(c.name, func(t *testing.T) {
			before := asJSON(t, d.order("W10234"))
			r, a := d.act(c.call)
			if asJSON(t, r) != asJSON(t, c.want) || a != nil {
				t.Errorf("got %+v, %+v; want %+v", r, a, c.want)
			}
			if after := asJSON(t, d.order("W10234")); after != before {
				t.Errorf("the order changed: %s", after)
			}
		})
	}
}

func TestCancelOrderIsAllOrNothing(t *testing.T) {
	d := open(t)
	order, customer := asJSON(t, d.order("W10235")), asJSON(t, d.customer("C1011"))
	broken := errors.New("broken")
	for n := 1; ; n++ {
		failed := false
		d.db.BeforeStatement(func(i int, _ string) error {
			if i == n {
				failed = true
				return broken
			}
			return nil
		})
		err := d.db.Update(t.Context(), func(tx *store.Tx) error { _, _, err := d.Act(tx, cancelling("C1011", "W10235", "1")); return err })
		d.db.BeforeStatement(nil)
		if !failed {
			if err != nil || n < 4 {
				t.Errorf("at statement %d: %v", n, err)
			}
			return
		}
		if err == nil {
			t.Fatalf("a fault in statement %d is no error", n)
		}
		if asJSON(t, d.order("W10235")) != order || asJSON(t, d.customer("C1011")) != customer {
			t.Fatalf("a fault in statement %d leaves something", n)
		}
	}
}

func TestRequestCallback(t *testing.T) {
	d := open(t)
	call := flow.Call{Skill: "request_callback", Identity: claimed("C1001"), Offset: 7, Args: map[string]any{"contact": "+15035550117"}}
	_, first := d.act(call)
	_, again := d.act(call)
	if first == nil || asJSON(t, first) != asJSON(t, again) {
		t.Fatalf("rerun: %+v, then %+v", first, again)
	}
	d.update(func(tx *store.Tx) error {
		open, err := store.In(tx, "demo").Callbacks("open")
		if err != nil {
			return err
		}
		if len(open) != 1 || "callback/"+open[0].ID != first.Record || open[0].Contact != "+15035550117" ||
			open[0].Customer != "C1001" || open[0].Conversation != "talk" || !open[0].CreatedAt.Equal(d.now) {
			t.Errorf("kept %+v", open)
		}
		return nil
	})
	call.Offset = 9
	if _, other := d.act(call); other.Record == first.Record {
		t.Error("another request is taken for the same")
	}
}

func TestHandoffAndDesk(t *testing.T) {
	d := open(t)
	r, a := d.act(flow.Call{Skill: "handoff", Args: map[string]any{"reason": "complaint"}})
	if r.Owner != "queue" || r.Reason != "complaint" || a != nil {
		t.Errorf("got %+v, %+v", r, a)
	}
	la := func(text string) time.Time {
		zone, err := time.LoadLocation("America/Los_Angeles")
		if err != nil {
			t.Fatal(err)
		}
		at, err := time.ParseInLocation("2006-01-02 15:04", text, zone)
		if err != nil {
			t.Fatal(err)
		}
		return at
	}
	for _, c := range []struct {
		now, en, zh string
		open        bool
	}{
		{"2026-11-02 12:00", "", "", true},
		{"2026-11-02 08:00", "today at 09:00 PST", "今天 09:00（北京时间周二 01:00）", false},
		{"2026-11-02 19:00", "tomorrow at 09:00 PST", "明天 09:00（北京时间周三 01:00）", false},
		{"2026-11-07 17:00", "on Monday at 09:00 PST", "周一 09:00（北京时间周二 01:00）", false},
		{"2026-11-25 19:00", "on Friday at 09:00 PST", "周五 09:00（北京时间周六 01:00）", false}, // Thanksgiving between
	} {
		d.now = la(c.now)
		for locale, want := range map[string]string{"en": c.en, "zh": c.zh} {
			v := d.call("desk", nobody, locale, nil).View.(skill.DeskView)
			if v.Opens != want || v.Open != c.open || v.Staffed || v.Record == "" {
				t.Errorf("%s, %s: %+v, want %q", c.now, locale, v, want)
			}
		}
	}
	d.desk.there = true
	if v := d.call("desk", nobody, "en", nil).View.(skill.DeskView); !v.Staffed {
		t.Errorf("somebody is there: %+v", v)
	}
}

func TestKnowledge(t *testing.T) {
	var found passages
	d := open(t, func(d *skill.Deps) { d.Passages = &found })
	ask := func() skill.KnowledgeView {
		t.Helper()
		return d.call("knowledge", nobody, "en", d.say("how do I wash it?"), "question", "how do I wash it?").View.(skill.KnowledgeView)
	}
	if v := ask(); v.Answers || v.Text != "" {
		t.Errorf("nothing there: %+v", v)
	}
	if err := json.Unmarshal([]byte(`[{"id":"care#wash","title":"Care","text":"By hand. Dry at once.","version":"v1","Answer":"By hand.","Answers":true}]`), &found); err != nil {
		t.Fatal(err)
	}
	if v := ask(); !v.Answers || v.Text != "By hand." || v.Title != "Care" || v.Record != "passage/care#wash" || v.Version != "v1" {
		t.Errorf("got %+v", v)
	}
	found[0].Answers = false
	if v := ask(); v.Answers || v.Text != "" || v.Other != "Care" {
		t.Errorf("only near: %+v", v)
	}
}

func TestSpecsAreWhatRuns(t *testing.T) {
	d := open(t)
	for name, spec := range skill.Specs() {
		if spec.Name != name {
			t.Errorf("%s is called %s", name, spec.Name)
		}
		var err error
		if spec.Kind == flow.Act || spec.Kind == flow.Request {
			err = d.db.Update(t.Context(), func(tx *store.Tx) error { _, _, err := d.Act(tx, flow.Call{Skill: name}); return err })
		} else {
			_, err = d.Run(t.Context(), flow.Call{Skill: name})
		}
		if err != nil {
			t.Errorf("%s without anything: %v", name, err)
		}
	}
	if _, err := d.Run(t.Context(), flow.Call{Skill: "cancel_order"}); err == nil {
		t.Error("an act can be run outside of a transaction")
	}
}
