package skill

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"net/http"
	"net/url"
	"slices"
	"strings"
	"sync"
	"time"

	"github.com/floorwalker/floorwalker/catalog"
	"github.com/floorwalker/floorwalker/catalog/store"
	"github.com/floorwalker/floorwalker/dialog/flow"
	"github.com/floorwalker/floorwalker/dialog/journal"
)

// OrderSystem is the shop's own system of orders, where it has one: it knows how they stand, and it
// changes them. The records here are a copy, brought up to date before a skill reads them.
// docs/orders.md is what it is asked.
type OrderSystem struct {
	base string
	way  *way
	now  func() time.Time

	mu    sync.Mutex
	fresh map[string]time.Time // by path: until when its answer is good
}

const (
	orderFresh   = 2 * time.Second // what was read so lately isn't read again: one turn reads an order several times
	orderTimeout = 3 * time.Second
	freshBound   = 10_000
	ordersAtOnce = 5 // read of what one utterance names, at most
)

// NewOrderSystem makes the one that shop.yaml names; nil if it names none. getenv gives its key.
func NewOrderSystem(s catalog.OrderSystem, getenv func(string) string, now func() time.Time) (*OrderSystem, error) {
	if s.URL == "" {
		return nil, nil
	}
	u, err := url.Parse(s.URL)
	if err != nil || u.Host == "" || u.Scheme != "http" && u.Scheme != "https" {
		return nil, fmt.Errorf("url %q is no HTTP address: write for example https://shop.example/floorwalker", s.URL)
	}
	timeout := orderTimeout
	if s.Timeout != "" {
		if timeout, err = time.ParseDuration(s.Timeout); err != nil || timeout <= 0 || timeout > longestRemote {
			return nil, fmt.Errorf("timeout %q: write a time such as 3s, %v at most: a shopper waits for it", s.Timeout, longestRemote)
		}
	}
	key := ""
	if s.KeyEnv != "" {
		if key = getenv(s.KeyEnv); key == "" {
			return nil, fmt.Errorf("the environment variable %s is empty or not set: give it the order system's key before you start", s.KeyEnv)
		}
	}
	return &OrderSystem{base: strings.TrimSuffix(s.URL, "/"), way: newWay(key, timeout), now: now, fresh: map[string]time.Time{}}, nil
}

// OrderRecords are what an order system answers with: records as they are now.
type OrderRecords struct {
	Orders    []catalog.Order    `json:"orders,omitempty"`
	Customers []catalog.Customer `json:"customers,omitempty"`
}

// OrderChange is a change that an order system is asked for, by POST to /changes with the key as
// Idempotency-Key, and what it gives back for GET /changes/KEY, with the records, once it is made.
type OrderChange struct {
	Change    string         `json:"change"` // cancel_order, return_items, …
	Record    string         `json:"record"` // order/W10231, customer/C1002
	Customer  string         `json:"customer"`
	Arguments map[string]any `json:"arguments"`
	Before    OrderRecords   `json:"before"` // as the shopper saw them; if they are no longer so, nothing is to be done
	OrderRecords
	Refused string `json:"refused,omitempty"` // with status 422: why it was not made
}

// errDry rolls back what an act would have done.
var errDry = errors.New("only tried")

// refresh brings up to date what a skill is about to read: the orders that are named, and those of
// the customer.
func (o *OrderSystem) refresh(ctx context.Context, s *Set, call flow.Call) error {
	var paths []string
	for _, id := range o.named(call) {
		paths = append(paths, "/orders/"+url.PathEscape(id))
	}
	if call.Identity.Level > catalog.Anonymous && call.Identity.Customer != "" {
		paths = append(paths, "/customers/"+url.PathEscape(call.Identity.Customer))
	}
	for _, path := range paths {
		if !o.due(path) {
			continue
		}
		found, ok, err := o.get(ctx, path)
		if err != nil {
			return err
		}
		if ok {
			if err := s.DB.Update(ctx, func(tx *store.Tx) error { return found.save(store.In(tx, s.Shop)) }); err != nil {
				return err
			}
		}
		o.note(path)
	}
	return nil
}

// named are the ids of orders that a call is about.
func (o *OrderSystem) named(call flow.Call) []string {
	var ids []string
	if id := arg(call, "order"); id != "" {
		ids = append(ids, id)
	}
	for _, said := range append(slices.Clone(call.Before), saidOf(call)...) {
		for _, e := range said.Entities {
			if e.Type == "order_id" && !slices.Contains(ids, e.Value) && len(ids) < ordersAtOnce {
				ids = append(ids, e.Value)
			}
		}
	}
	return ids
}

func saidOf(call flow.Call) []flow.Said {
	if call.Said == nil {
		return nil
	}
	return []flow.Said{*call.Said}
}

func (o *OrderSystem) due(path string) bool {
	o.mu.Lock()
	defer o.mu.Unlock()
	return !o.now().Before(o.fresh[path])
}

func (o *OrderSystem) note(path string) {
	o.mu.Lock()
	defer o.mu.Unlock()
	if len(o.fresh) >= freshBound {
		clear(o.fresh)
	}
	o.fresh[path] = o.now().Add(orderFresh)
}

// stale has everything be read anew: something was changed.
func (o *OrderSystem) stale() {
	o.mu.Lock()
	defer o.mu.Unlock()
	clear(o.fresh)
}

// get reads records. Ok is false where there are none.
func (o *OrderSystem) get(ctx context.Context, path string) (found OrderRecords, ok bool, err error) {
	_, err = o.way.ask(ctx, question{method: http.MethodGet, url: o.base + path}, func(status int, text []byte) error {
		found, ok = OrderRecords{}, status == http.StatusOK
		return o.read(status, text, &found)
	})
	if err != nil {
		return OrderRecords{}, false, fmt.Errorf("order system, GET %s: %w", path, err)
	}
	return found, ok, nil
}

// read reads an answer with status 200; 404 leaves into as it is.
func (o *OrderSystem) read(status int, text []byte, into any) error {
	switch status {
	case http.StatusNotFound:
		return nil
	case http.StatusOK:
		if err := json.Unmarshal(text, into); err != nil {
			return passing{fmt.Errorf("its answer is no JSON of the right form: %w: %.200q", err, text), true}
		}
		return nil
	}
	return fmt.Errorf("it answers %d: %.200q", status, text)
}

// act has the order system change something. What may be changed is tried here first, on the
// records as they are there now; what it answers is what is kept.
func (o *OrderSystem) act(ctx context.Context, s *Set, k skill, call flow.Call, key string) (Deed, error) {
	path := "/changes/" + url.PathEscape(key)
	var made OrderChange
	known := false
	_, err := o.way.ask(ctx, question{method: http.MethodGet, url: o.base + path}, func(status int, text []byte) error {
		made, known = OrderChange{}, status == http.StatusOK
		return o.read(status, text, &made)
	})
	if err != nil {
		return o.failed(ctx, s, k, key, false, err)
	}
	if known { // before a crash of ours, or when its answer was lost
		return o.keep(s, made), nil
	}
	o.stale()
	if err := o.refresh(ctx, s, call); err != nil {
		return o.failed(ctx, s, k, key, false, err)
	}
	result, change, err := o.dry(ctx, s, k, call)
	if err != nil {
		return nil, err
	}
	if change == nil {
		return func(*store.Tx) (flow.Result, *journal.Action, error) { return result, nil, nil }, nil
	}
	return o.change(ctx, s, k, *change, key)
}

// dry does an act and rolls it back: the change as the order system is to make it, nil if there is none.
func (o *OrderSystem) dry(ctx context.Context, s *Set, k skill, call flow.Call) (result flow.Result, change *OrderChange, err error) {
	err = s.DB.Update(ctx, func(tx *store.Tx) error {
		change = nil
		before, err := recordsOf(store.In(tx, s.Shop), call.Expect)
		if err != nil {
			return err
		}
		var action *journal.Action
		if result, action, err = k.act(s, tx, call); err != nil {
			return err
		}
		if action != nil {
			change = &OrderChange{Change: action.Name, Record: action.Record, Customer: call.Identity.Customer, Arguments: action.Arguments, Before: before}
		}
		return errDry
	})
	if errors.Is(err, errDry) {
		err = nil
	}
	return result, change, err
}

// recordsOf reads the orders and customers that a summary showed.
func recordsOf(r store.Records, shown map[string]string) (OrderRecords, error) {
	var all OrderRecords
	for record := range shown {
		kind, id, _ := strings.Cut(record, "/")
		switch kind {
		case "order":
			o, err := r.Order(id)
			if err != nil && !errors.Is(err, store.ErrNotFound) {
				return all, err
			}
			all.Orders = append(all.Orders, o)
		case "customer":
			c, err := r.Customer(id)
			if err != nil && !errors.Is(err, store.ErrNotFound) {
				return all, err
			}
			all.Customers = append(all.Customers, c)
		}
	}
	return all, nil
}

// change asks for a change.
func (o *OrderSystem) change(ctx context.Context, s *Set, k skill, change OrderChange, key string) (Deed, error) {
	made, stands := OrderChange{}, false
	arrived, err := o.way.ask(ctx, question{method: http.MethodPost, url: o.base + "/changes", key: key, body: change}, func(status int, text []byte) error {
		made, stands = OrderChange{}, status == http.StatusConflict
		if status == http.StatusConflict || status == http.StatusUnprocessableEntity {
			status = http.StatusOK
		}
		if err := o.read(status, text, &made); err != nil {
			return err
		}
		if made.Refused != "" && !slices.Contains(k.Refuses, made.Refused) {
			return fmt.Errorf("it refuses with %q; %s knows %v", made.Refused, k.Name, k.Refuses)
		}
		return nil
	})
	switch {
	case err != nil:
		return o.failed(ctx, s, k, key, arrived, err)
	case made.Refused != "":
		return done(flow.Result{Refused: made.Refused}), nil
	case stands:
		return func(tx *store.Tx) (flow.Result, *journal.Action, error) {
			return flow.Result{Changed: true}, nil, made.save(store.In(tx, s.Shop))
		}, nil
	}
	made.Change, made.Record, made.Arguments = change.Change, change.Record, change.Arguments
	return o.keep(s, made), nil
}

// keep is the deed that follows a change that was made.
func (o *OrderSystem) keep(s *Set, made OrderChange) Deed {
	return func(tx *store.Tx) (flow.Result, *journal.Action, error) {
		err := made.save(store.In(tx, s.Shop))
		return flow.Result{}, &journal.Action{Name: made.Change, Record: made.Record, Arguments: made.Arguments}, err
	}
}

// failed is what follows an order system that gave no answer.
func (o *OrderSystem) failed(ctx context.Context, s *Set, k skill, key string, arrived bool, err error) (Deed, error) {
	if ctx.Err() != nil {
		return nil, ctx.Err()
	}
	if errors.Is(err, store.ErrUnavailable) {
		return nil, err
	}
	o.stale()
	s.Logger.Error("the order system gave no answer", "shop", s.Shop, "skill", k.Name, "key", key, "perhaps_done", arrived, "error", err)
	if arrived {
		return done(flow.Result{Refused: unconfirmed}), nil
	}
	return done(flow.Result{Down: true}), nil
}

// save takes the records over, those that are not as they are here.
func (f OrderRecords) save(r store.Records) error {
	for _, c := range f.Customers {
		here, err := r.Customer(c.ID)
		if err != nil && !errors.Is(err, store.ErrNotFound) {
			return err
		}
		if c.Version = here.Version; err == nil && same(c, here) {
			continue
		}
		if _, err := r.SaveCustomer(c); err != nil {
			return err
		}
	}
	for _, o := range f.Orders {
		here, err := r.Order(o.ID)
		if err != nil && !errors.Is(err, store.ErrNotFound) {
			return err
		}
		if o.Version = here.Version; err == nil && same(o, here) {
			continue
		}
		if _, err := r.Customer(o.Customer); errors.Is(err, store.ErrNotFound) {
			return fmt.Errorf("order %q is of customer %q, whom nobody has told of: answer with the customer, too", o.ID, o.Customer)
		}
		if _, err := r.SaveOrder(o); err != nil {
			return err
		}
	}
	return nil
}

func same(a, b any) bool {
	x, err := json.Marshal(a)
	y, more := json.Marshal(b)
	return err == nil && more == nil && string(x) == string(y)
}
