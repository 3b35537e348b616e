package natsbus

import (
	"context"
	"encoding/json"
	"errors"
	"strings"
	"time"

	"github.com/nats-io/nats.go"

	"github.com/floorwalker/floorwalker/catalog"
	"github.com/floorwalker/floorwalker/catalog/feed"
	"github.com/floorwalker/floorwalker/catalog/store"
	"github.com/floorwalker/floorwalker/dialog"
)

// activity takes what a shopper did.
func (d desk) activity(ctx context.Context, r *request) (any, error) {
	if _, err := decode[struct{}](r); err != nil {
		return nil, err
	}
	return d.put(ctx, "activity", r.Data())
}

// changed is a record that changed.
type changed struct {
	Table   string          `json:"table"` // products, stock, orders; in, customers too
	Record  json.RawMessage `json:"record,omitempty"`
	Version int64           `json:"version,omitempty"` // of the stored record, out only
	ID      string          `json:"id,omitempty"`      // out only, of what is gone
	Removed bool            `json:"removed,omitempty"`
}

// change takes a record that changed in the shop's own systems.
func (d desk) change(ctx context.Context, r *request) (any, error) {
	in, err := decode[changed](r)
	switch {
	case err != nil:
		return nil, err
	case in.Table == "activity":
		return nil, bad("activity goes to %s", subject(d.shop, "activity"))
	case in.Removed:
		return nil, bad("what is gone can't be told here: import the products that are left")
	}
	done, err := d.put(ctx, in.Table, in.Record)
	if err == nil && in.Table == "orders" && done.Result != feed.Unchanged {
		d.tellOrder(ctx, d.shop, done.ID)
	}
	return done, err // products and stock are told when the shop takes them up
}

// put stores a record.
func (d desk) put(ctx context.Context, table string, record []byte) (feed.Done, error) {
	done, err := feed.Put(ctx, d.DB, d.shop, table, record, d.Now())
	switch {
	case err == nil:
		return done, nil
	case errors.Is(err, feed.ErrRefused):
		return done, bad("%v", err)
	case errors.Is(err, store.ErrFull), errors.Is(err, store.ErrUnavailable), ctx.Err() != nil:
		return done, &dialog.Error{Code: dialog.Unavailable, Message: "nothing can be stored at the moment", RetryAfter: time.Second, Err: err}
	}
	return done, err
}

// Products tells the products of a shop that changed, and the ids of those that are gone. It
// never waits; while there is no connection, what doesn't fit a buffer is lost.
func (b *Bus) Products(shop string, products []catalog.Product, gone []string) {
	for _, p := range products {
		b.tell(shop, "products", p, p.Version)
	}
	for _, id := range gone {
		b.publish(shop, changed{Table: "products", ID: id, Removed: true})
	}
}

// tellOrder tells an order as it is now.
func (b *Bus) tellOrder(ctx context.Context, shop, id string) {
	var o catalog.Order
	err := b.DB.View(ctx, func(tx *store.Tx) (err error) {
		o, err = store.In(tx, shop).Order(id)
		return err
	})
	if err != nil {
		if !errors.Is(err, store.ErrNotFound) {
			b.Logger.Warn("NATS: a change can't be told", "shop", shop, "order", id, "error", err)
		}
		return
	}
	b.tell(shop, "orders", o, o.Version)
}

// tellRecord tells the record that an action changed: order/<id> or others.
func (b *Bus) tellRecord(ctx context.Context, shop, record string) {
	if id, ok := strings.CutPrefix(record, "order/"); ok {
		b.tellOrder(ctx, shop, id)
	}
}

func (b *Bus) tell(shop, table string, record any, version int64) {
	body, err := json.Marshal(record)
	if err != nil {
		b.Logger.Warn("NATS: a change can't be told", "shop", shop, "table", table, "error", err)
		return
	}
	b.publish(shop, changed{Table: table, Record: body, Version: version})
}

func (b *Bus) publish(shop string, c changed) {
	m := nats.NewMsg(subject(shop, "change"))
	m.Header.Set(headerSource, source)
	var err error
	if m.Data, err = json.Marshal(c); err == nil {
		err = b.nc.PublishMsg(m)
	}
	if err != nil {
		b.Logger.Warn("NATS: a change can't be told", "shop", shop, "table", c.Table, "error", err)
	}
}
