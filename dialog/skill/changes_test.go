package skill_test

import (
	"testing"

	"github.com/floorwalker/floorwalker/catalog"
	"github.com/floorwalker/floorwalker/dialog/flow"
)

func pick(lines ...int) []any {
	var out []any
	for _, l := range lines {
		out = append(out, map[string]any{"line": float64(l), "quantity": 1.0})
	}
	return out
}

// acting is a confirmed change of an order by a customer, as the conversation hands it over.
func acting(name, customer, order string, args map[string]any, expect map[string]string) flow.Call {
	args["order"] = order
	if expect == nil {
		expect = map[string]string{}
	}
	expect["order/"+order] = "1"
	return flow.Call{Skill: name, Identity: verified(customer), Args: args, Expect: expect}
}

func redKettle() (map[string]any, map[string]string) {
	return map[string]any{"items": pick(0), "variant": []any{"KT-0009-RED"}, "payment_method": "credit_card_4417"},
		map[string]string{"variant/KT-0009-RED": "1"}
}

// Every change is made by the customer alone, in a state that the policy has, at the version that
// was confirmed, and once.
func TestChangesAreGuarded(t *testing.T) {
	address := map[string]any{"line1": "9 Oak Court", "city": "Seattle", "region": "WA", "postal_code": "98103", "country": "US"}
	kettle := func() (map[string]any, map[string]string) {
		return map[string]any{"items": pick(1), "variant": []any{"KT-0008-BLK"}, "payment_method": "credit_card_4417"},
			map[string]string{"variant/KT-0008-BLK": "1"}
	}
	plain := func(args map[string]any) func() (map[string]any, map[string]string) {
		return func() (map[string]any, map[string]string) {
			out := map[string]any{}
			for k, v := range args {
				out[k] = v
			}
			return out, nil
		}
	}
	for _, c := range []struct {
		skill, customer, order string
		args                   func() (map[string]any, map[string]string)
		wrongState             string // another order of theirs, for which it is refused
		status                 string // afterwards
	}{
		{"return_items", "C1001", "W10197", plain(map[string]any{"items": pick(1), "payment_method": "credit_card_4417"}), "W10234", "return_requested"},
		{"exchange_items", "C1001", "W10197", redKettle, "W10234", "exchange_requested"},
		{"change_items", "C1001", "W10234", kettle, "W10197", "pending_items_modified"},
		{"change_address", "C1001", "W10234", plain(map[string]any{"address": address}), "W10197", "pending"},
		{"change_payment", "C1002", "W10231", plain(map[string]any{"payment_method": "paypal_1002"}), "W10217", "pending"},
	} {
		t.Run(c.skill, func(t *testing.T) {
			d := open(t)
			try := func(customer, order string) (flow.Result, bool) {
				args, expect := c.args()
				r, a := d.act(acting(c.skill, customer, order, args, expect))
				return r, a != nil
			}
			before := asJSON(t, d.order(c.order))
			if r, did := try("C1005", c.order); did || r.Refused != "order_not_found" {
				t.Errorf("somebody else: %+v, %v", r, did)
			}
			if r, did := try(c.customer, c.wrongState); did || r.Refused == "" {
				t.Errorf("%s: %+v, %v", c.wrongState, r, did)
			}
			args, expect := c.args()
			old := acting(c.skill, c.customer, c.order, args, expect)
			old.Expect["order/"+c.order] = "0"
			if r, a := d.act(old); a != nil || !r.Changed {
				t.Errorf("an old version: %+v, %v", r, a)
			}
			args, expect = c.args()
			claimed := acting(c.skill, c.customer, c.order, args, expect)
			claimed.Identity.Level = catalog.Claimed
			if _, a := d.act(claimed); a != nil {
				t.Errorf("somebody who is only claimed to be it: %v", a)
			}
			if got := asJSON(t, d.order(c.order)); got != before {
				t.Fatalf("changed all the same:\n%s\nwas\n%s", got, before)
			}
			if r, did := try(c.customer, c.order); !did || d.order(c.order).Status != c.status {
				t.Fatalf("the customer: %+v, %v, %s", r, did, d.order(c.order).Status)
			}
			if r, did := try(c.customer, c.order); did || !r.Changed {
				t.Errorf("again: %+v, %v", r, did)
			}
		})
	}
}

// What is wrong with the values is refused, whatever the conversation let through.
func TestChangesRefuseWrongValues(t *testing.T) {
	for name, c := range map[string]struct {
		call flow.Call
		want string
	}{
		"money to another card": {acting("return_items", "C1028", "W10206", map[string]any{"items": pick(0), "payment_method": "paypal_1028"}, nil), "refund_elsewhere"},
		"an item twice":         {acting("return_items", "C1001", "W10197", map[string]any{"items": pick(0, 0), "payment_method": "credit_card_4417"}, nil), "cannot_return"},
		"no such item":          {acting("return_items", "C1001", "W10197", map[string]any{"items": pick(7), "payment_method": "credit_card_4417"}, nil), "cannot_return"},
		"a strange method":      {acting("change_payment", "C1001", "W10234", map[string]any{"payment_method": "credit_card_9999"}, nil), "no_such_method"},
		"a gift card too low":   {acting("change_payment", "C1001", "W10234", map[string]any{"payment_method": "gift_card_2045"}, nil), "gift_card_too_low"},
		"an address with none":  {acting("change_address", "C1001", "W10234", map[string]any{"address": map[string]any{"city": "Seattle"}}, nil), "cannot_change_address"},
		"another product": {acting("exchange_items", "C1001", "W10197", map[string]any{"items": pick(0), "variant": []any{"MG-0004-BLU"}, "payment_method": "credit_card_4417"},
			map[string]string{"variant/MG-0004-BLU": "1"}), "variant_gone"},
		"sold out": {acting("exchange_items", "C1003", "W10194", map[string]any{"items": pick(0), "variant": []any{"TX-0031-20LB"}, "payment_method": "paypal_1003"},
			map[string]string{"variant/TX-0031-20LB": "1"}), "variant_gone"},
	} {
		t.Run(name, func(t *testing.T) {
			d := open(t)
			c.call.Now = d.now
			if r, a := d.act(c.call); a != nil || r.Refused != c.want {
				t.Errorf("%+v, %v; want %s", r, a, c.want)
			}
		})
	}
}

// A price that changed since the summary is confirmed anew.
func TestAnotherPriceIsConfirmedAnew(t *testing.T) {
	d := open(t)
	args, _ := redKettle()
	if r, a := d.act(acting("exchange_items", "C1001", "W10197", args, map[string]string{"variant/KT-0009-RED": "7"})); a != nil || !r.Changed {
		t.Errorf("%+v, %v", r, a)
	}
}
