package natsbus_test

import (
	"encoding/json"
	"fmt"
	"strings"
	"testing"
	"time"

	"github.com/nats-io/nats.go"

	"github.com/floorwalker/floorwalker/catalog"
	"github.com/floorwalker/floorwalker/catalog/store"
)

// changes hears what changes go out.
func (l *line) changes() (next func() map[string]any) {
	l.t.Helper()
	sub, err := l.SubscribeSync("floorwalker.corner.change")
	if err != nil {
		l.t.Fatal(err)
	}
	if err := l.Flush(); err != nil {
		l.t.Fatal(err)
	}
	return func() map[string]any {
		l.t.Helper()
		for {
			m, err := sub.NextMsg(patience)
			if err != nil {
				l.t.Fatal(err)
			}
			if m.Header.Get("Floorwalker-Source") == "" {
				continue // what came in
			}
			var c map[string]any
			if err := json.Unmarshal(m.Data, &c); err != nil {
				l.t.Fatal(err)
			}
			return c
		}
	}
}

func TestActivityIsKept(t *testing.T) {
	c := open(t)
	_, l := c.serve(c.options())
	view := `{"customer":"C1","product":"kettle","kind":"view","time":"2026-11-02T19:00:00Z"}`
	for _, want := range []string{"added", "unchanged"} {
		if a := l.ask("activity", view); a.Result != want || a.ID != "C1/kettle" {
			t.Errorf("%s, want %s", a.raw, want)
		}
	}
	l.ask("activity", `{"customer":"C1","product":"kettle","kind":"purchase","quantity":2,"price":"30.00","time":"2026-11-02T19:05:00Z"}`)
	if err := l.Publish("floorwalker.corner.activity", []byte(`{"customer":"C2","product":"mug","kind":"cart","time":"2026-11-02T19:06:00Z"}`)); err != nil {
		t.Fatal(err)
	}
	l.ask("activity", view) // comes after it
	kinds := ""
	err := c.db.View(t.Context(), func(tx *store.Tx) error {
		kinds = ""
		return store.In(tx, "corner").Activities(func(a catalog.Activity) error { kinds += a.Kind + " "; return nil })
	})
	if err != nil || len(strings.Fields(kinds)) != 3 {
		t.Errorf("kept: %s (%v)", kinds, err)
	}
}

func TestChangesComeInAndGoOut(t *testing.T) {
	c := open(t)
	o := c.options()
	b, l := c.serve(o)
	c.bus = b
	c.runs(c.shops.Watch)
	next := l.changes()

	shipped := `{"table":"orders","record":{"id":"W1001","customer":"C1","status":"shipped","items":[{"sku":"K-1","product":"kettle","title":"Brass Kettle","price":"30.00"}],"shipments":[{"tracking":["TRK1"],"skus":["K-1"]}]}}`
	if a := l.ask("change", shipped); a.Result != "updated" || a.ID != "W1001" {
		t.Errorf("%s", a.raw)
	}
	if out := next(); out["table"] != "orders" || out["version"] != 2.0 || out["record"].(map[string]any)["status"] != "shipped" {
		t.Errorf("out: %v", out)
	}
	if a := l.ask("ask.order", `{"order":"W1001","customer":"C1"}`); a.Status != "shipped" || len(a.Tracking) != 1 {
		t.Errorf("asked: %s", a.raw)
	}
	if a := l.ask("change", shipped); a.Result != "unchanged" { // tells nobody anything
		t.Errorf("%s", a.raw)
	}

	if a := l.ask("change", `{"table":"stock","record":{"sku":"M-BLU","location":"shelf","on_hand":7}}`); a.Result != "added" {
		t.Errorf("%s", a.raw)
	}
	if a := l.ask("ask.stock", `{"sku":"M-BLU"}`); a.Stock == nil || *a.Stock != 7 {
		t.Errorf("asked: %s", a.raw)
	}
	out := next()
	variant := out["record"].(map[string]any)["variants"].([]any)[0].(map[string]any)
	if out["table"] != "products" || variant["sku"] != "M-BLU" || variant["stock"] != 7.0 {
		t.Errorf("out: %v", out)
	}
	if a := l.ask("change", `{"table":"products","record":{"id":"teapot","title":"Teapot","category":["Kitchen"],"variants":[{"sku":"T-1","options":{},"price":"20.00","available":true}]}}`); a.Result != "added" {
		t.Errorf("%s", a.raw)
	}
	if out := next(); out["record"].(map[string]any)["id"] != "teapot" {
		t.Errorf("out: %v", out)
	}
	for end := time.Now().Add(patience); ; { // it is told when it is indexed, a moment before it is found
		if a := l.ask("ask.search", `{"query":"teapot"}`); len(a.Cards) == 1 {
			break
		} else if time.Now().After(end) {
			t.Fatalf("a new product isn't found: %s", a.raw)
		}
	}
}

// What the bot changes goes out as a change, too.
func TestActionsGoOutAsChanges(t *testing.T) {
	c := open(t)
	_, l := c.serve(c.options())
	next := l.changes()
	var last answer
	for i, text := range []string{"I want to cancel order W1001", "I no longer need it", "yes"} {
		last = l.says(fmt.Sprintf(`{"id":"m%d","text":%q,"customer":"C1"}`, i, text))
	}
	events := last.events(t)
	if len(events) != 2 || events[0].Kind != "action" || events[0].Record != "order/W1001" {
		t.Fatalf("cancelled: %s", last.raw)
	}
	if out := next(); out["table"] != "orders" || out["record"].(map[string]any)["status"] != "cancelled" {
		t.Errorf("out: %v", out)
	}
}

func TestDeadLetters(t *testing.T) {
	c := open(t)
	_, l := c.serve(c.options())
	type letter struct{ name, body string }
	letters := []letter{
		{"say", `{"id":`}, {"say", "{\"id\":\"\xff\"}"}, {"ask.order", `not JSON`}, {"ask.stock", `{"sku":{}}`}, {"ask.search", ``},
		{"activity", `{"customer":"C1","product":"kettle","kind":"stare","time":"2026-11-02T19:00:00Z"}`},
		{"activity", `{"customer":"C1"`},
		{"change", `{"table":"prices","record":{}}`}, {"change", `{"table":"orders"}`}, {"change", `{"table":"activity","record":{}}`},
		{"change", `{"table":"orders","record":{"id":"W7","customer":"nobody","status":"pending"}}`},
		{"change", `{"table":"products","id":"kettle","removed":true}`},
	}
	for _, m := range letters {
		a := l.refused(m.name, m.body, "bad_frame", "400")
		if strings.ContainsAny(a.header.Get("Nats-Service-Error"), "\r\n") {
			t.Errorf("%s %s: %q", m.name, m.body, a.header)
		}
	}
	l.refused("ask.stock", `{"sku":"none"}`, "not_found", "404") // it could be read

	// Nobody waits to hear that these went wrong.
	letters = append(letters, letter{"change", `{"table":"stock","record":{"sku":"none","on_hand":1}}`}, letter{"say", `{"id":"m1","text":"hello","conversation":"gone"}`})
	for _, m := range letters[len(letters)-2:] {
		msg := nats.NewMsg("floorwalker.corner." + m.name)
		msg.Data = []byte(m.body)
		msg.Header.Set("Trace", "t1")
		msg.Header.Set("Nats-Msg-Id", "mine")
		if err := l.PublishMsg(msg); err != nil {
			t.Fatal(err)
		}
	}
	for i, m := range l.streamed("floorwalker-corner-dead", len(letters)) {
		if i >= len(letters)-2 { // of two endpoints, in any order
			if m.Headers().Get("Trace") != "t1" || m.Headers().Get("Nats-Msg-Id") != "" {
				t.Errorf("headers %v", m.Headers())
			}
			continue
		}
		if string(m.Data()) != letters[i].body || m.Headers().Get("Floorwalker-Subject") != "floorwalker.corner."+letters[i].name ||
			!strings.HasPrefix(m.Headers().Get("Floorwalker-Error"), "bad_frame: ") || m.Subject() != "floorwalker.corner.dead" {
			t.Errorf("letter %d: %s %v %s, want %v", i, m.Subject(), m.Headers(), m.Data(), letters[i])
		}
	}
}

func TestServiceIsDiscovered(t *testing.T) {
	c := open(t)
	_, l := c.serve(c.options())
	l.ask("ask.stock", `{"sku":"K-1"}`)
	l.refused("ask.stock", `{"sku":"none"}`, "not_found", "404")
	r, err := l.Request("$SRV.STATS.floorwalker-corner", nil, patience)
	if err != nil {
		t.Fatal(err)
	}
	var stats struct {
		Name, Version string
		Endpoints     []struct {
			Name, Subject string
			NumRequests   int    `json:"num_requests"`
			NumErrors     int    `json:"num_errors"`
			LastError     string `json:"last_error"`
		}
	}
	if err := json.Unmarshal(r.Data, &stats); err != nil || stats.Version != "1.0.0" {
		t.Fatalf("%s (%v)", r.Data, err)
	}
	var names []string
	for _, e := range stats.Endpoints {
		names = append(names, e.Subject)
		if e.Name == "ask-stock" && (e.NumRequests != 2 || e.NumErrors != 1 || !strings.HasPrefix(e.LastError, "404:")) {
			t.Errorf("%+v", e)
		}
	}
	if want := "say ask.order ask.stock ask.search activity change"; strings.ReplaceAll(strings.Join(names, " "), "floorwalker.corner.", "") != want {
		t.Errorf("endpoints %v, want %s", names, want)
	}
}
