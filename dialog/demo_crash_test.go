package dialog_test

import (
	"context"
	"fmt"
	"log/slog"
	"path/filepath"
	"reflect"
	"strings"
	"sync/atomic"
	"testing"
	"time"

	"github.com/floorwalker/floorwalker/catalog"
	"github.com/floorwalker/floorwalker/catalog/store"
	"github.com/floorwalker/floorwalker/catalog/store/sqlite"
	"github.com/floorwalker/floorwalker/dialog"
	"github.com/floorwalker/floorwalker/dialog/desk"
	"github.com/floorwalker/floorwalker/dialog/journal"
	"github.com/floorwalker/floorwalker/models/artifact"
)

// openDemo serves the demo shop, with its own flows and skills, from a database file. before is
// called before each wording.
func openDemo(t *testing.T, path string, before func()) *world {
	t.Helper()
	w := &world{t: t, path: path}
	var err error
	if w.db, err = sqlite.Open(t.Context(), path, store.Migrations(), journal.Migrations()); err != nil {
		t.Fatal(err)
	}
	learned, err := artifact.Dir()
	if err != nil {
		t.Fatal(err)
	}
	logger := slog.New(slog.DiscardHandler)
	shops, err := dialog.OpenShops(t.Context(), []string{filepath.Join("..", "shops", "demo")}, dialog.Parts{
		DB: w.db, Kept: t.TempDir(), Learned: learned, Desk: desk.NewPresence(), Logger: logger, Now: time.Now})
	if err != nil {
		t.Fatal(err)
	}
	shop := *shops.Shop("demo")
	shop.Replies = moment{shop.Replies, before}
	hub := new(journal.Hub)
	w.log = journal.NewSQL(w.db, hub, time.Now)
	w.engine = dialog.New(dialog.Options{Journal: w.log, Hub: hub, Logger: logger, MessagesPerMinute: 100_000,
		Shops: func(string) *dialog.Shop { return &shop }})
	ctx, cancel := context.WithCancel(context.Background())
	ended := make(chan error, 1)
	go func() { ended <- w.engine.Run(ctx) }()
	w.stop = func() {
		cancel()
		if err := <-ended; err != nil {
			t.Error(err)
		}
		if err := shops.Close(); err != nil {
			t.Error(err)
		}
	}
	t.Cleanup(w.close)
	return w
}

func (w *world) order(id string) (o catalog.Order) {
	w.t.Helper()
	if err := w.db.View(w.t.Context(), func(tx *store.Tx) (err error) {
		o, err = store.In(tx, "demo").Order(id)
		return err
	}); err != nil {
		w.t.Fatal(err)
	}
	return o
}

// A cancellation is confirmed on an order as it was, changes it, and looks at it again to tell.
// Whoever is killed between the change and the telling tells it after the restart: the order is
// not the one that was confirmed any more, and that is no reason to stop, to ask again or to cancel
// twice.
func TestKilledBetweenCancellationAndReply(t *testing.T) {
	for _, c := range []struct {
		name string
		yes  func(w *world, id string) dialog.Receipt
	}{
		{name: "said", yes: func(w *world, id string) dialog.Receipt { return w.say(id, "yes", "Yes, please.") }},
		{name: "chosen", yes: func(w *world, id string) dialog.Receipt {
			u := utterance(id, "yes", "Yes, cancel it")
			u.Choice = "yes"
			r, err := w.engine.Say(t.Context(), u)
			if err != nil {
				t.Fatal(err)
			}
			return r
		}},
	} {
		t.Run(c.name, func(t *testing.T) {
			var w *world
			var left string
			var armed atomic.Bool
			path := filepath.Join(t.TempDir(), "demo.db")
			w = openDemo(t, path, func() {
				if armed.CompareAndSwap(true, false) {
					left = snapshot(t, path)
				}
			})
			id := w.begin("en")
			for i, text := range []string{"Please cancel my order W10236.", "Hannah Lindqvist, 55407.", "It is no longer needed."} {
				w.reply(id, w.say(id, fmt.Sprint("m", i), text).Offset)
			}
			asked := w.replies(id)
			if x := asked[len(asked)-1].Expects; x == nil || x.Slot != "confirm" {
				t.Fatalf("it asks for %+v: %q", x, asked[len(asked)-1].Text)
			}
			before := w.order("W10236")
			armed.Store(true)
			yes := c.yes(w, id)
			first := w.reply(id, yes.Offset)
			w.close()

			again := openDemo(t, left, func() {})
			if o := again.order("W10236"); o.Status != "cancelled" || o.Version == before.Version {
				t.Fatalf("the order was left %s: the test didn't kill it between change and reply", o.Status)
			}
			second := again.reply(id, yes.Offset)
			if !strings.Contains(first.Text, "W10236") || !reflect.DeepEqual(untimed(first), untimed(second)) {
				t.Errorf("after the crash the reply is\n%+v, before it was\n%+v", second, first)
			}
			if n := again.count(id, journal.KindAction); n != 1 {
				t.Errorf("%d actions, want 1", n)
			}
			if o := again.order("W10236"); len(o.Payments) != 2*len(before.Payments) {
				t.Errorf("payments: %v", o.Payments)
			}
			if r := again.reply(id, again.say(id, "more", "Please cancel my order W10236.").Offset); !strings.Contains(r.Text, "already") {
				t.Errorf("asked for again: %q", r.Text)
			}
		})
	}
}

// untimed is a reply without the times at which its facts were read.
func untimed(r journal.Reply) journal.Reply {
	r.Facts = append([]journal.Fact{}, r.Facts...)
	for i := range r.Facts {
		r.Facts[i].ReadAt = time.Time{}
	}
	return r
}
