package dialog_test

import (
	"context"
	"errors"
	"path/filepath"
	"reflect"
	"slices"
	"sync"
	"testing"

	"github.com/floorwalker/floorwalker/catalog/store"
	"github.com/floorwalker/floorwalker/dialog"
	"github.com/floorwalker/floorwalker/dialog/flow"
	"github.com/floorwalker/floorwalker/dialog/journal"
	"github.com/floorwalker/floorwalker/dialog/skill"
)

// elsewhere is another system, in which call-backs are noted: once for each key, however often
// it is asked. asked, if set, is called whenever it is.
type elsewhere struct {
	*hands
	mu    sync.Mutex
	keys  []string // as it was asked
	noted map[string]bool
	asked func()
	fails error
}

func (e *elsewhere) Remote(skill string) bool { return skill == "call_back" }

func (e *elsewhere) Reach(_ context.Context, call flow.Call, key string) (skill.Deed, error) {
	e.mu.Lock()
	defer e.mu.Unlock()
	e.keys = append(e.keys, key)
	if e.fails != nil {
		return nil, e.fails
	}
	e.noted[key] = true
	if e.asked != nil {
		e.asked()
	}
	return func(*store.Tx) (flow.Result, *journal.Action, error) {
		return flow.Result{}, &journal.Action{Name: call.Skill, Record: "callback/elsewhere", Arguments: map[string]any{}}, nil
	}, nil
}

// with has the shop's call-backs noted there.
func (e *elsewhere) with(o *dialog.Options) {
	shops := o.Shops
	e.hands, e.noted = new(hands), map[string]bool{}
	o.Shops = func(id string) *dialog.Shop {
		shop := *shops(id)
		shop.Skills = e
		return &shop
	}
}

// A process that is killed after another system did what it was asked, before that was kept, asks
// again under the same key: it is done once, told once and answered once.
func TestKilledWhileAnotherSystemActs(t *testing.T) {
	path := filepath.Join(t.TempDir(), "shop.db")
	var w *world
	var id, left string
	there := &elsewhere{}
	w = openWorld(t, path, there.with)
	id = w.begin("en")
	there.asked = func() {
		if left == "" {
			w.say(id, "late", "hello!") // accepted before the crash, not of this turn
			left = snapshot(t, path)
		}
	}
	w.reply(id, w.say(id, "m1", "call me back.").Offset)
	w.reply(id, w.say(id, "m2", "5551234.").Offset)
	yes := w.say(id, "m3", "yes!")
	first := w.reply(id, yes.Offset)
	w.close()

	after := &elsewhere{}
	again := openWorld(t, left, after.with)
	second := again.reply(id, yes.Offset)
	if !reflect.DeepEqual(first.InReplyTo, second.InReplyTo) || first.Text != second.Text || first.Turn != second.Turn {
		t.Errorf("after the crash the reply is\n%+v, before it was\n%+v", second, first)
	}
	late := again.until(id, yes.Offset, journal.KindReply)
	if r := again.reply(id, late.Offset); r.Text != "Hello!" {
		t.Errorf("what came late is answered by %+v", r)
	}
	if n := again.count(id, journal.KindAction); n != 1 {
		t.Errorf("%d actions are told, want 1", n)
	}
	if !slices.Equal(there.keys, after.keys) || len(after.keys) != 1 {
		t.Errorf("it was asked with the keys %v, and after the crash with %v", there.keys, after.keys)
	}
}

// What has an outcome is not asked for again, whatever fails after it.
func TestAnotherSystemIsAskedOnceForWhatIsKept(t *testing.T) {
	there := &elsewhere{}
	w := newWorld(t, there.with)
	id := w.begin("en")
	w.reply(id, w.say(id, "m1", "call me back.").Offset)
	w.reply(id, w.say(id, "m2", "5551234.").Offset)
	w.reply(id, w.say(id, "m3", "yes!").Offset)
	w.reply(id, w.say(id, "m4", "hello!").Offset)
	if len(there.keys) != 1 || w.count(id, journal.KindAction) != 1 {
		t.Errorf("asked with %v, %d actions told", there.keys, w.count(id, journal.KindAction))
	}
	d := journal.Doing{Turn: "another", Expect: 4, Upto: 9}
	key := journal.Key{Conversation: id, Epoch: w.db.Epoch(), Offset: 5}
	if _, err := w.log.Intend(t.Context(), "demo", d, key); err == nil || errors.Is(err, journal.ErrSuperseded) {
		t.Errorf("a yes that was acted on can be used again: %v", err)
	}
}
