package skill_test

import (
	"encoding/json"
	"net/http"
	"net/http/httptest"
	"path/filepath"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/floorwalker/floorwalker/catalog"
	"github.com/floorwalker/floorwalker/catalog/store"
	"github.com/floorwalker/floorwalker/dialog/flow"
	"github.com/floorwalker/floorwalker/dialog/journal"
	"github.com/floorwalker/floorwalker/dialog/skill"
)

// backOffice is a shop's own system of orders, as docs/orders.md asks for it: the reference for those who
// write one. It knows how to cancel.
type backOffice struct {
	*httptest.Server
	mu        sync.Mutex
	orders    map[string]catalog.Order
	customers map[string]catalog.Customer
	made      map[string]skill.OrderChange // by key
	asked     []string
	fails     func(w http.ResponseWriter, r *http.Request) bool // answers in its place, if it says so
}

func newBackOffice(t *testing.T) *backOffice {
	b := &backOffice{orders: map[string]catalog.Order{}, customers: map[string]catalog.Customer{}, made: map[string]skill.OrderChange{}}
	dir := filepath.Join("..", "..", "shops", "demo")
	for _, c := range lines[catalog.Customer](t, filepath.Join(dir, "customers.jsonl")) {
		b.customers[c.ID] = c
	}
	for _, o := range lines[catalog.Order](t, filepath.Join(dir, "orders.jsonl")) {
		b.orders[o.ID] = o
	}
	mux := http.NewServeMux()
	mux.HandleFunc("GET /orders/{id}", b.order)
	mux.HandleFunc("GET /customers/{id}", b.customer)
	mux.HandleFunc("GET /changes/{key}", b.known)
	mux.HandleFunc("POST /changes", b.change)
	b.Server = httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		b.mu.Lock()
		defer b.mu.Unlock()
		b.asked = append(b.asked, r.Method+" "+r.URL.Path)
		if b.fails == nil || !b.fails(w, r) {
			mux.ServeHTTP(w, r)
		}
	}))
	t.Cleanup(b.Close)
	return b
}

func tell(w http.ResponseWriter, status int, answer any) {
	w.WriteHeader(status)
	json.NewEncoder(w).Encode(answer)
}

func (b *backOffice) order(w http.ResponseWriter, r *http.Request) {
	o, ok := b.orders[r.PathValue("id")]
	if !ok {
		http.NotFound(w, r)
		return
	}
	tell(w, 200, skill.OrderRecords{Orders: []catalog.Order{o}, Customers: []catalog.Customer{b.customers[o.Customer]}})
}

func (b *backOffice) customer(w http.ResponseWriter, r *http.Request) {
	c, ok := b.customers[r.PathValue("id")]
	if !ok {
		http.NotFound(w, r)
		return
	}
	all := skill.OrderRecords{Customers: []catalog.Customer{c}}
	for _, o := range b.orders {
		if o.Customer == c.ID {
			all.Orders = append(all.Orders, o)
		}
	}
	tell(w, 200, all)
}

func (b *backOffice) known(w http.ResponseWriter, r *http.Request) {
	made, ok := b.made[r.PathValue("key")]
	if !ok {
		http.NotFound(w, r)
		return
	}
	tell(w, 200, made)
}

// change makes a change once for each key.
func (b *backOffice) change(w http.ResponseWriter, r *http.Request) {
	var c skill.OrderChange
	if err := json.NewDecoder(r.Body).Decode(&c); err != nil {
		http.Error(w, err.Error(), 400)
		return
	}
	key := r.Header.Get("Idempotency-Key")
	if made, ok := b.made[key]; ok {
		tell(w, 200, made)
		return
	}
	o := b.orders[strings.TrimPrefix(c.Record, "order/")]
	switch {
	case c.Change != "cancel_order" || o.Customer != c.Customer:
		http.Error(w, "not known here", 400)
	case len(c.Before.Orders) != 1 || c.Before.Orders[0].Status != o.Status:
		tell(w, 409, skill.OrderRecords{Orders: []catalog.Order{o}})
	case o.ID == "W10237": // frozen: the office alone knows
		tell(w, 422, map[string]string{"refused": "cannot_cancel"})
	default:
		o.Status, o.CancelReason = "cancelled", "at the office: "+c.Arguments["reason"].(string)
		b.orders[o.ID] = o
		c.OrderRecords = skill.OrderRecords{Orders: []catalog.Order{o}}
		b.made[key] = c
		tell(w, 200, c)
	}
}

// posts is how often a change was asked for.
func (b *backOffice) posts() (n int) {
	b.mu.Lock()
	defer b.mu.Unlock()
	for _, asked := range b.asked {
		if strings.HasPrefix(asked, "POST") {
			n++
		}
	}
	return n
}

// moves is what happens at the office while nobody looks.
func (b *backOffice) moves(id string, change func(*catalog.Order)) {
	b.mu.Lock()
	defer b.mu.Unlock()
	o := b.orders[id]
	change(&o)
	b.orders[id] = o
}

func (b *backOffice) failing(f func(http.ResponseWriter, *http.Request) bool) {
	b.mu.Lock()
	defer b.mu.Unlock()
	b.fails = f
}

// at is the demo shop with that office. Time goes by with each look, so that nothing stays fresh.
func (b *backOffice) at(t *testing.T) *demo {
	return open(t, func(d *skill.Deps) {
		now := time.Now()
		clock := func() time.Time { now = now.Add(time.Minute); return now }
		var err error
		if d.Orders, err = skill.NewOrderSystem(catalog.OrderSystem{URL: b.URL + "/", Timeout: "300ms"}, nil, clock); err != nil {
			t.Fatal(err)
		}
	})
}

// reach has an act done at the office, and keeps what came of it.
func (d *demo) reach(c flow.Call, key string) (r flow.Result, a *journal.Action) {
	d.t.Helper()
	if !d.Remote(c.Skill) {
		d.t.Fatalf("%s is not done by the office", c.Skill)
	}
	deed, err := d.Reach(d.t.Context(), c, key)
	if err != nil {
		d.t.Fatal(err)
	}
	d.update(func(tx *store.Tx) (err error) { r, a, err = deed(tx); return err })
	return r, a
}

func TestOrdersAreAsTheOfficeHasThem(t *testing.T) {
	b := newBackOffice(t)
	d := b.at(t)
	b.moves("W10234", func(o *catalog.Order) { o.Status = "shipped" })
	view := d.call("order", verified("C1001"), "en", nil, "order", "W10234").View.(skill.OrderView)
	if view.Status != "shipped" || view.Version != "2" {
		t.Errorf("%+v", view)
	}
	view = d.call("order", verified("C1001"), "en", nil, "order", "W10234").View.(skill.OrderView)
	if view.Version != "2" {
		t.Errorf("what hasn't changed has a new version: %+v", view)
	}
	b.mu.Lock()
	fresh := b.orders["W10234"]
	fresh.ID, fresh.Status = "W10999", "pending"
	b.orders[fresh.ID] = fresh
	b.mu.Unlock()
	if r := d.call("order", verified("C1001"), "en", nil, "order", "W10999"); r.View == nil {
		t.Error("an order that came in since isn't found")
	}
	if r := d.call("own_order", verified("C1002"), "en", nil, "order", "W10999"); r.Refused != "order_not_found" {
		t.Errorf("somebody else's: %+v", r)
	}
	if d.Remote("request_callback") || d.Remote("handoff") || d.Remote("order") {
		t.Error("what is no change of an order is done here")
	}
}

func TestTheOfficeChangesOnce(t *testing.T) {
	b := newBackOffice(t)
	d := b.at(t)
	r, a := d.reach(cancelling("C1001", "W10234", "1"), "k1")
	if r.Refused != "" || r.Changed || a == nil || a.Name != "cancel_order" || a.Record != "order/W10234" || a.Arguments["order"] != "W10234" {
		t.Fatalf("%+v, %+v", r, a)
	}
	if o := d.order("W10234"); o.Status != "cancelled" || o.CancelReason != "at the office: no longer needed" {
		t.Errorf("kept is %+v, not what the office has", o)
	}
	// The process dies before that is kept, and asks again.
	again, c := d.reach(cancelling("C1001", "W10234", "1"), "k1")
	if asJSON(t, again) != asJSON(t, r) || asJSON(t, c) != asJSON(t, a) || b.posts() != 1 {
		t.Errorf("again: %+v, %+v after %d changes", again, c, b.posts())
	}
}

func TestWhatTheOfficeSaysOfAChange(t *testing.T) {
	for name, c := range map[string]struct {
		order  string
		before func(*backOffice)
		want   flow.Result
		posts  int
		status string // here, afterwards
	}{
		"refused":               {"W10237", nil, flow.Result{Refused: "cannot_cancel"}, 1, "pending"},
		"not here":              {"W10234", func(b *backOffice) { b.failing(unlessGET(503)) }, flow.Result{Down: true}, 3, "pending"},
		"perhaps":               {"W10234", func(b *backOffice) { b.failing(unlessGET(500)) }, flow.Result{Refused: "unconfirmed"}, 3, "pending"},
		"a wrong word":          {"W10234", func(b *backOffice) { b.failing(unlessGET(418)) }, flow.Result{Down: true}, 1, "pending"},
		"nobody can be reached": {"W10234", func(b *backOffice) { b.Close() }, flow.Result{Down: true}, 0, "pending"},
		"changed since": {"W10234", func(b *backOffice) { b.moves("W10234", func(o *catalog.Order) { o.Status = "shipped" }) },
			flow.Result{Changed: true}, 0, "shipped"},
		"changed in this moment": {"W10234", func(b *backOffice) {
			b.failing(func(w http.ResponseWriter, r *http.Request) bool {
				if r.Method == http.MethodPost {
					o := b.orders["W10234"]
					o.Status = "shipped"
					b.orders["W10234"] = o
				}
				return false
			})
		}, flow.Result{Changed: true}, 1, "shipped"},
	} {
		t.Run(name, func(t *testing.T) {
			b := newBackOffice(t)
			d := b.at(t)
			if c.before != nil {
				c.before(b)
			}
			customer := d.order(c.order).Customer
			r, a := d.reach(cancelling(customer, c.order, "1"), "k1")
			if asJSON(t, r) != asJSON(t, c.want) || a != nil || b.posts() != c.posts {
				t.Errorf("%+v, %+v after %d changes; want %+v after %d", r, a, b.posts(), c.want, c.posts)
			}
			if o := d.order(c.order); o.Status != c.status {
				t.Errorf("here it is %s", o.Status)
			}
		})
	}
}

// An answer that is lost is asked for again, and the office does it once.
func TestAnAnswerOfTheOfficeIsLost(t *testing.T) {
	b := newBackOffice(t)
	d := b.at(t)
	n := 0
	b.failing(func(w http.ResponseWriter, r *http.Request) bool {
		if r.Method != http.MethodPost {
			return false
		}
		if n++; n == 1 {
			b.change(httptest.NewRecorder(), r)
			w.Header().Set("Content-Length", "100")
			w.Write([]byte("{"))
			panic(http.ErrAbortHandler)
		}
		return false
	})
	r, a := d.reach(cancelling("C1001", "W10234", "1"), "k1")
	if r.Refused != "" || a == nil || len(b.made) != 1 || n != 2 {
		t.Errorf("%+v, %+v: %d changes made in %d tries", r, a, len(b.made), n)
	}
}

func TestWithoutTheOfficeNothingIsGuessed(t *testing.T) {
	b := newBackOffice(t)
	d := b.at(t)
	b.Close()
	for _, name := range []string{"order", "order_history", "own_order"} {
		r, err := d.Run(t.Context(), flow.Call{Conversation: "talk", Skill: name, Identity: verified("C1001"), Locale: "en", Args: map[string]any{"order": "W10234"}})
		if err != nil || !r.Down || r.View != nil {
			t.Errorf("%s: %+v, %v", name, r, err)
		}
	}
	if r, err := d.Run(t.Context(), flow.Call{Conversation: "talk", Skill: "desk", Locale: "en"}); err != nil || r.Down {
		t.Errorf("the desk needs no office: %+v, %v", r, err)
	}
}

func TestAnOrderSystemMustBeOne(t *testing.T) {
	for _, c := range []catalog.OrderSystem{{URL: "shop.example"}, {URL: "ftp://shop.example"}, {URL: "http://shop.example", Timeout: "1h"}, {URL: "http://shop.example", KeyEnv: "NOT_SET"}} {
		if _, err := skill.NewOrderSystem(c, func(string) string { return "" }, time.Now); err == nil {
			t.Errorf("%+v was taken", c)
		}
	}
	if o, err := skill.NewOrderSystem(catalog.OrderSystem{}, nil, time.Now); o != nil || err != nil {
		t.Errorf("none is %v, %v", o, err)
	}
}

// unlessGET answers with a status whatever is no GET.
func unlessGET(status int) func(http.ResponseWriter, *http.Request) bool {
	return func(w http.ResponseWriter, r *http.Request) bool {
		if r.Method == http.MethodGet {
			return false
		}
		w.WriteHeader(status)
		return true
	}
}
