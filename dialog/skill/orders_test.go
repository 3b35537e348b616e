package skill_test

import (
	"strings"
	"testing"

	"github.com/floorwalker/floorwalker/catalog"
	"github.com/floorwalker/floorwalker/dialog/skill"
)

func TestOrderIsShownToItsCustomerOnly(t *testing.T) {
	d := open(t)
	for _, c := range []struct {
		name  string
		who   catalog.Identity
		order string
		seen  bool
	}{
		{"own", verified("C1001"), "W10234", true},
		{"own, claimed", claimed("C1001"), "W10234", true},
		{"own, loosely written", verified("C1001"), "#w10234", true},
		{"somebody else's", verified("C1002"), "W10234", false},
		{"nobody known", catalog.Identity{}, "W10234", false},
		{"a name without a proof", catalog.Identity{Customer: "C1001"}, "W10234", false},
		{"none", verified("C1001"), "W99999", false},
	} {
		t.Run(c.name, func(t *testing.T) {
			if r := d.call("order", c.who, "en", nil, "order", c.order); (r.View != nil) != c.seen {
				t.Errorf("view %+v, seen should be %t", r.View, c.seen)
			}
			r := d.call("own_order", c.who, "en", nil, "order", c.order)
			if c.seen && (r.Refused != "" || ids(r) != "W10234") {
				t.Errorf("check: %+v, want W10234", r)
			}
			if !c.seen && (r.Refused != "order_not_found" || len(r.Values) != 0) {
				t.Errorf("check: %+v, want order_not_found", r)
			}
		})
	}
}

func TestOrderView(t *testing.T) {
	d := open(t)
	en := d.call("order", verified("C1001"), "en", nil, "order", "W10234").View.(skill.OrderView)
	if en.ID != "W10234" || en.Status != "pending" || en.Total.Amount.String() != "64.8" || en.Total.Currency != "USD" ||
		en.ItemCount != 2 || en.Record != "order/W10234" || en.Version != "1" || !en.ReadAt.Equal(d.now) ||
		en.PlacedAt.Format("2006-01-02") != "2026-10-30" || en.Address.PostalCode != "97214" {
		t.Errorf("got %+v", en)
	}
	if it := en.Items[0]; it.Title != "Trail Flask" || it.Options != "blue, 500 ml" || it.Quantity != 1 || it.Price.Amount.String() != "24.9" {
		t.Errorf("first item %+v", it)
	}
	if p := en.Paid[0]; p.Method != "Visa ending in 4417" || p.Kind != "credit_card" || en.GiftCardOnly || en.HasGiftCard || !en.HasOther {
		t.Errorf("paid %+v", en.Paid)
	}
	zh := d.call("order", verified("C1001"), "zh-CN", nil, "order", "W10234").View.(skill.OrderView)
	if it := zh.Items[0]; it.Title != "山径保温杯" || it.Options != "蓝色、500 毫升" {
		t.Errorf("first item in Chinese %+v", it)
	}
	if m := zh.Paid[0].Method; m != "Visa（尾号 4417）" {
		t.Errorf("method in Chinese %q", m)
	}
	mixed := d.call("order", verified("C1011"), "zh", nil, "order", "W10235").View.(skill.OrderView)
	if !mixed.HasGiftCard || !mixed.HasOther || mixed.GiftCardOnly || mixed.Paid[0].Method != "礼品卡" || mixed.Paid[1].Method != "支付宝账户" {
		t.Errorf("paid in two ways: %+v", mixed.Paid)
	}
	shipped := d.call("order", verified("C1001"), "en", nil, "order", "W10213").View.(skill.OrderView)
	if !shipped.Tracked || len(shipped.Tracking) == 0 {
		t.Errorf("shipped order without tracking: %+v", shipped)
	}
	gone := d.call("order", verified("C1005"), "en", nil, "order", "W10167").View.(skill.OrderView)
	if len(gone.Refunds) != 2 || len(gone.Paid) != 2 || gone.CancelReason != "no longer needed" {
		t.Errorf("cancelled order: paid %+v, refunds %+v, reason %q", gone.Paid, gone.Refunds, gone.CancelReason)
	}
	less := d.call("order", claimed("C1001"), "en", nil, "order", "W10234").View.(skill.OrderView)
	if less.Address != (catalog.Address{}) || less.Paid != nil || less.Status != "pending" {
		t.Errorf("somebody only claimed to be the customer sees %+v", less)
	}
}

func TestOrderHistory(t *testing.T) {
	d := open(t)
	v := d.call("order_history", verified("C1001"), "en", nil).View.(skill.HistoryView)
	var got []string
	for _, o := range v.Orders {
		got = append(got, o.ID)
	}
	if v.Count != 6 || !v.More || strings.Join(got, " ") != "W10239 W10234 W10213 W10197 W10161" {
		t.Errorf("count %d, more %t, %v", v.Count, v.More, got)
	}
	for text, want := range map[string]int{"what did I buy in October": 4, "6月份买了什么": 1, "my orders from March": 0, "my orders": 6} {
		v := d.call("order_history", verified("C1001"), "en", d.say(text)).View.(skill.HistoryView)
		if v.Count != want || v.Then != (want != 6) {
			t.Errorf("%q: %d orders, of a time %t", text, v.Count, v.Then)
		}
	}
	if r := d.call("order_history", claimed("C1001"), "en", nil); r.View != nil {
		t.Errorf("somebody only claimed to be the customer sees %+v", r.View)
	}
	if v := d.call("order_history", verified("new"), "en", nil).View.(skill.HistoryView); v.Count != 0 || v.More {
		t.Errorf("a shopper who never bought: %+v", v)
	}
}

func TestOwnOrdersAreOffered(t *testing.T) {
	d := open(t)
	r := d.call("own_orders", verified("C1001"), "zh", nil)
	if ids(r) != "W10239 W10234 W10213 W10197 W10161" {
		t.Errorf("offered %q", ids(r))
	}
	if label := r.Values[1].View.(catalog.Fact); label.Value != "W10234：山径保温杯、快煮电热水壶" && !strings.HasPrefix(label.Value, "W10234：山径保温杯、") || label.Record != "order/W10234" {
		t.Errorf("label %+v", label)
	}
	if r := d.call("own_orders", claimed("C1001"), "en", nil); len(r.Values) != 0 {
		t.Errorf("offered to somebody only claimed to be the customer: %q", ids(r))
	}
}

func TestDescribedOrder(t *testing.T) {
	d := open(t)
	for _, c := range []struct{ who, text, want string }{
		{"C1001", "the one with the kettle and the flask", "W10234"},
		{"C1001", "the order with the desk lamp", "W10161"},
		{"C1001", "the throw", "W10213"},
		{"C1001", "my latest order", "W10239"},
		{"C1001", "the last one", "W10239"},
		{"C1001", "最近那单", "W10239"},
		{"C1001", "where's my shipped order", "W10213"},
		{"C1001", "买台灯的那单", "W10161"},
		{"C1001", "山径保温杯那个订单", "W10234 W10128"},
		{"C1001", "the blanket", "W10213"},
		{"C1001", "the order from June", "W10128"},
		{"C1001", "8月份下的订单", "W10161"},
		{"C1001", "what I ordered on October 24th", "W10213"},
		{"C1001", "10月11号买的那单", "W10197"},
		{"C1001", "what I bought in March", ""},
		{"C1001", "the cushion covers", "W10239"},
		{"C1011", "藤篮那单", "W10235"},
		{"C1001", "where is my order", ""},
		{"C1001", "我要取消订单", ""},
		{"C1007", "cancel my order", "W10229"}, // the only one
		{"C1007", "hello there", ""},
		{"C1001", "my order W10133", ""}, // a number is no description
		{"C1001", "the dutch oven", ""},  // somebody else's
		{"C1002", "the last one", "W10231"},
	} {
		t.Run(c.text, func(t *testing.T) {
			if got := ids(d.call("described_order", verified(c.who), "en", d.say(c.text))); got != c.want {
				t.Errorf("got %q, want %q", got, c.want)
			}
		})
	}
	if got := ids(d.call("described_order", verified("C1001"), "en", d.say("that one"), "order", "W10161")); got != "W10161" {
		t.Errorf("the order spoken of before: got %q", got)
	}
	if r := d.call("described_order", catalog.Identity{}, "en", d.say("the last one")); len(r.Values) != 0 {
		t.Errorf("nobody known, but found %q", ids(r))
	}
}

func TestMe(t *testing.T) {
	d := open(t)
	if v := d.call("me", claimed("C1011"), "zh", nil).View.(skill.CustomerView); v.FirstName != "晓雯" || v.LastName != "林" {
		t.Errorf("got %+v", v)
	}
	for _, who := range []catalog.Identity{{}, verified("nobody")} {
		if r := d.call("me", who, "en", nil); r.View != nil {
			t.Errorf("%+v is shown %+v", who, r.View)
		}
	}
}

func TestItemsOfTheSameTitleAreToldOnce(t *testing.T) {
	d := open(t)
	v := d.call("order", verified("C1046"), "en", nil, "order", "W10001").View.(skill.OrderView)
	if len(v.Items) != 4 || len(v.Lines) != 3 || v.Lines[0].Title != "Cone Coffee Dripper" || v.Lines[0].Quantity != 2 || v.Items[0].Quantity != 1 {
		t.Errorf("items %+v, lines %+v", v.Items, v.Lines)
	}
}
