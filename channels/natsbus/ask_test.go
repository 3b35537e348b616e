package natsbus_test

import (
	"testing"

	"github.com/floorwalker/floorwalker/catalog"
)

func TestAskOrder(t *testing.T) {
	c := open(t)
	_, l := c.serve(c.options())
	own := l.ask("ask.order", `{"order":"w1002","proof":{"email":"Bo@Example.com"}}`)
	if own.Status != "shipped" || len(own.Tracking) != 1 || own.Tracking[0] != "TRK77" || len(own.Facts) == 0 {
		t.Errorf("%s", own.raw)
	}
	has(t, own.Text, "Your order W1002 is on its way", "Harbor Mug", "TRK77")
	for _, f := range own.Facts {
		if f.Record != "order/W1002" || f.End <= f.Start || f.End > len(own.Text) || f.Version == "" {
			t.Errorf("fact %+v", f)
		}
	}
	again := l.ask("ask.order", `{"order":"W1002","customer":"C2"}`)
	if again.Status != "shipped" || again.Text != own.Text {
		t.Errorf("not always the first variant: %q, %q", own.Text, again.Text)
	}
	has(t, l.ask("ask.order", `{"order":"W1002","customer":"C2","locale":"zh"}`).Text, "您的订单 W1002 目前", "海港马克杯")

	// What isn't there and what isn't theirs look the same.
	want := l.refused("ask.order", `{"order":"W9999","customer":"C1"}`, "not_found", "404")
	for _, body := range []string{
		`{"order":"W1002","customer":"C1"}`,
		`{"order":"W1002","customer":"nobody"}`,
		`{"order":"W1002","proof":{"email":"ann@example.com"}}`,
		`{"order":"W9999","proof":{"email":"ann@example.com"}}`,
		`{"order":"W1002","proof":{"email":"nobody@example.com"}}`,
		`{"order":"W1002","proof":{"email":"nonsense"}}`,
	} {
		if got := l.refused("ask.order", body, "not_found", "404"); got.raw != want.raw {
			t.Errorf("%s: %s, want %s", body, got.raw, want.raw)
		}
	}
	for _, body := range []string{`{}`, `{"order":"W1002"}`, `{"order":"W1002","customer":"C2","proof":{"email":"bo@example.com"}}`,
		`{"order":"W1002","proof":"bo@example.com"}`, `{"order":"\u0007","customer":"C2"}`} {
		l.refused("ask.order", body, "bad_frame", "400")
	}
}

// Guesses are limited by whom they are tried on, whether that order is there or not.
func TestGuessesAreLimited(t *testing.T) {
	c := open(t)
	_, l := c.serve(c.options())
	for _, order := range []string{"W1002", "W9999"} {
		limited := 0
		for range 30 {
			if a := l.ask("ask.order", `{"order":"`+order+`","proof":{"email":"guess@example.com"}}`); a.Code == "rate_limited" {
				limited++
			} else if a.Code != "not_found" {
				t.Fatalf("%s", a.raw)
			}
		}
		if limited != 10 {
			t.Errorf("%s: %d of 30 guesses are refused, want 10", order, limited)
		}
	}
	if a := l.ask("ask.order", `{"order":"W1001","proof":{"email":"ann@example.com"}}`); a.Status != "pending" {
		t.Errorf("others suffer: %s", a.raw)
	}
}

func TestAskStock(t *testing.T) {
	c := open(t)
	_, l := c.serve(c.options())
	for _, q := range []struct {
		body, text string
		available  bool
		stock      int // -1: not told
	}{
		{`{"sku":"K-1"}`, "Yes, Brass Kettle is in stock: 4 left, at $30.00 each.", true, 4},
		{`{"product":"kettle"}`, "Yes, Brass Kettle is in stock: 4 left, at $30.00 each.", true, 4},
		{`{"sku":"M-BLU"}`, "Yes, Harbor Mug (blue) is available.", true, -1},
		{`{"sku":"M-RED","locale":"zh-CN"}`, "海港马克杯（红色）目前缺货。", false, -1},
	} {
		a := l.ask("ask.stock", q.body)
		if a.Available == nil || *a.Available != q.available || (a.Stock == nil) != (q.stock < 0) || a.Stock != nil && *a.Stock != q.stock || a.Facts == nil {
			t.Errorf("%s: %s", q.body, a.raw)
		}
		if a.Text != q.text {
			t.Errorf("%s: %q, want %q", q.body, a.Text, q.text)
		}
	}
	for _, body := range []string{`{"sku":"none"}`, `{"product":"none"}`, `{"product":"kettle|mug|none"}`} {
		l.refused("ask.stock", body, "not_found", "404")
	}
	for _, body := range []string{`{}`, `{"sku":"K-1","product":"kettle"}`, `[]`, `null`, `"K-1"`} {
		l.refused("ask.stock", body, "bad_frame", "400")
	}
}

func TestAskSearch(t *testing.T) {
	c := open(t)
	_, l := c.serve(c.options())
	a := l.ask("ask.search", `{"query":"a mug under 20 dollars"}`)
	if len(a.Cards) != 1 || a.Cards[0].Product != "mug" || len(a.Facts) != 1 || a.Facts[0].Kind != catalog.KindPrice ||
		a.Facts[0].Value != "9.90" || a.Facts[0].Unit != "USD" || a.Facts[0].ReadAt.IsZero() {
		t.Errorf("%s", a.raw)
	}
	if a := l.ask("ask.search", `{"query":"水壶"}`); len(a.Cards) != 1 || a.Cards[0].Title != "黄铜水壶" {
		t.Errorf("%s", a.raw)
	}
	if a := l.ask("ask.search", `{"query":"kitchen","limit":1}`); len(a.Cards) != 1 {
		t.Errorf("%s", a.raw)
	}
	if a := l.ask("ask.search", `{"query":"xylophone"}`); a.Cards == nil || len(a.Cards) != 0 || a.Facts == nil {
		t.Errorf("%s", a.raw)
	}
	for _, body := range []string{`{}`, `{"query":"x","limit":-1}`, `{"query":"x","limit":1000}`} {
		l.refused("ask.search", body, "bad_frame", "400")
	}
}
