package dialog_test

import (
	"context"
	"errors"
	"os"
	"path/filepath"
	"reflect"
	"slices"
	"sync/atomic"
	"testing"
	"testing/synctest"
	"time"

	"github.com/prometheus/client_golang/prometheus"

	"github.com/floorwalker/floorwalker/catalog/store"
	"github.com/floorwalker/floorwalker/dialog"
	"github.com/floorwalker/floorwalker/dialog/flow"
	"github.com/floorwalker/floorwalker/dialog/journal"
	"github.com/floorwalker/floorwalker/dialog/reply"
	"github.com/floorwalker/floorwalker/dialog/skill"
)

// moment calls a function before each wording: after what a turn does, before its reply.
type moment struct {
	dialog.Replies
	before func()
}

func (m moment) Compose(says []flow.Saying, c reply.Context) (reply.Worded, map[string][]int, error) {
	m.before()
	return m.Replies.Compose(says, c)
}

// wording lets a function be called before each wording of the demo shop.
func wording(before func()) func(*dialog.Options) {
	return func(o *dialog.Options) {
		shop := *o.Shops("demo")
		shop.Replies = moment{shop.Replies, before}
		o.Shops = func(string) *dialog.Shop { return &shop }
	}
}

// snapshot copies a database as a process that is killed now would leave it.
func snapshot(t *testing.T, path string) string {
	t.Helper()
	to := filepath.Join(t.TempDir(), "left.db")
	for _, part := range []string{"", "-wal"} {
		b, err := os.ReadFile(path + part)
		if err != nil {
			t.Error(err)
		}
		if err := os.WriteFile(to+part, b, 0o600); err != nil {
			t.Error(err)
		}
	}
	return to
}

func TestKilledBetweenActionAndReply(t *testing.T) {
	var w *world
	var id, left string
	path := filepath.Join(t.TempDir(), "shop.db")
	var armed atomic.Bool
	w = openWorld(t, path, wording(func() {
		if armed.CompareAndSwap(true, false) {
			w.say(id, "late", "hello!") // accepted before the crash, not of this turn
			left = snapshot(t, path)
		}
	}))
	id = w.begin("en")
	w.reply(id, w.say(id, "m1", "call me back.").Offset)
	w.reply(id, w.say(id, "m2", "5551234.").Offset)
	armed.Store(true)
	yes := w.say(id, "m3", "yes!")
	first := w.reply(id, yes.Offset)
	w.close()

	again := openWorld(t, left)
	if n := again.count(id, journal.KindAction); n != 1 {
		t.Fatalf("%d actions were left, want 1: the test didn't kill it between action and reply", n)
	}
	second := again.reply(id, yes.Offset)
	if !reflect.DeepEqual(first, second) {
		t.Errorf("after the crash the reply is\n%+v, before it was\n%+v", second, first)
	}
	late := again.until(id, yes.Offset, journal.KindReply)
	if r := again.reply(id, late.Offset); len(r.InReplyTo) != 1 || r.Text != "Hello!" {
		t.Errorf("what came late is answered by %+v", r)
	}
	if n := again.count(id, journal.KindAction); n != 1 {
		t.Errorf("%d actions, want 1", n)
	}
}

func TestShutdownFinishesTheTurnUnderWay(t *testing.T) {
	w := newWorld(t)
	id := w.begin("en")
	reading, go_on := make(chan struct{}), make(chan struct{})
	during := func(string) { close(reading); <-go_on }
	w.words.during.Store(&during)
	w.say(id, "m1", "hello!")
	<-reading
	stopped := make(chan struct{})
	go func() { w.stop(); close(stopped) }()
	for {
		_, err := w.engine.Say(t.Context(), utterance(id, "m2", "hello!"))
		var e *dialog.Error
		if errors.As(err, &e) && e.Code == dialog.ShuttingDown && e.RetryAfter > 0 {
			break
		}
		if err != nil {
			t.Fatal(err)
		}
	}
	select {
	case <-stopped:
		t.Error("Run ended before the turn")
	default:
	}
	close(go_on)
	<-stopped
	if r := w.replies(id); len(r) == 0 || r[0].InReplyTo[0] != 1 {
		t.Errorf("replies: %+v, want one to 1", r)
	}
	w.stop = nil
	w.db.Close()
}

func TestShutdownLeavesWhatTakesTooLong(t *testing.T) {
	path := filepath.Join(t.TempDir(), "shop.db")
	var id string
	synctest.Test(t, func(t *testing.T) {
		w := openWorld(t, path, func(o *dialog.Options) {
			shop := *o.Shops("demo")
			shop.Skills = stuck{}
			o.Shops, o.Grace = func(string) *dialog.Shop { return &shop }, 5*time.Second
		})
		id = w.begin("en")
		w.reply(id, w.say(id, "m1", "call me back.").Offset)
		w.say(id, "m2", "5551234.")
		synctest.Wait()
		start := time.Now()
		w.close()
		if took := time.Since(start); took != 5*time.Second {
			t.Errorf("the shutdown took %v, want the grace of 5s", took)
		}
	})
	w := openWorld(t, path)
	if r := w.reply(id, 2); r.Text != "I'll have 5551234 called. Right?" {
		t.Errorf("the next process says %q", r.Text)
	}
}

// stuck is a shop whose skills never answer.
type stuck struct{}

func (stuck) Run(ctx context.Context, _ flow.Call) (flow.Result, error) {
	<-ctx.Done()
	return flow.Result{}, ctx.Err()
}

func (stuck) Act(*store.Tx, flow.Call) (flow.Result, *journal.Action, error) {
	return flow.Result{}, nil, errors.New("not to be called")
}

func (stuck) Remote(string) bool { return false }

func (stuck) Reach(context.Context, flow.Call, string) (skill.Deed, error) {
	return nil, errors.New("not to be called")
}

func TestStoreThatIsDownDelaysButLosesNothing(t *testing.T) {
	inBubble(t, func(t *testing.T, w *world) {
		id := w.begin("en")
		w.reply(id, w.say(id, "m1", "call me back.").Offset)
		w.reply(id, w.say(id, "m2", "5551234.").Offset)
		acting := func() { // from here on nothing can be written, and the process knows nothing of it
			w.db.BeforeStatement(func(int, string) error { return store.ErrUnavailable })
		}
		w.hands.acting.Store(&acting)
		yes := w.say(id, "m3", "yes!")
		time.Sleep(10 * time.Second)
		_, err := w.engine.Say(t.Context(), utterance(id, "m4", "hello!"))
		var e *dialog.Error
		if !errors.As(err, &e) || e.Code != dialog.Unavailable || e.RetryAfter == 0 {
			t.Errorf("saying something while it is down: %v", err)
		}
		w.hands.acting.Store(nil)
		w.db.BeforeStatement(nil)
		if r := w.reply(id, yes.Offset); r.Text != "Done, somebody calls." {
			t.Errorf("when it is back: %q", r.Text)
		}
		if n := w.count(id, journal.KindAction); n != 1 {
			t.Errorf("%d actions, want 1", n)
		}
	})
}

func TestFullDiskRefusesNewUtterances(t *testing.T) {
	w := newWorld(t)
	id := w.begin("en")
	w.db.BeforeStatement(func(int, string) error { return store.ErrFull })
	_, err := w.engine.Say(t.Context(), utterance(id, "m1", "hello!"))
	var e *dialog.Error
	if !errors.As(err, &e) || e.Code != dialog.Unavailable || e.RetryAfter < time.Second {
		t.Errorf("got %v, want %s and when to come back", err, dialog.Unavailable)
	}
	if n := len(w.events(id)); n != 0 {
		t.Errorf("%d events", n)
	}
}

func TestActionThatPanicsIsNotDone(t *testing.T) {
	w := newWorld(t)
	id := w.begin("en")
	w.reply(id, w.say(id, "m1", "call me back.").Offset)
	w.reply(id, w.say(id, "m2", "5551234.").Offset)
	acting := func() { panic("a bug in a skill") }
	w.hands.acting.Store(&acting)
	if r := w.reply(id, w.say(id, "m3", "yes!").Offset); r.Text != "Something is broken, please say it again." {
		t.Errorf("got %q", r.Text)
	}
	w.hands.acting.Store(nil)
	if n := w.count(id, journal.KindAction); n != 0 {
		t.Errorf("%d actions, want none", n)
	}
}

func TestWhatAnEarlierProcessLeftIsAnswered(t *testing.T) {
	path := filepath.Join(t.TempDir(), "shop.db")
	w := openWorld(t, path)
	ids := []string{w.begin("en"), w.begin("zh"), w.begin("en")}
	w.stop()
	for _, id := range ids[:2] { // said, and the process gone before any turn
		said, err := journal.NewEvent(journal.KindUtterance, journal.Utterance{Role: journal.RoleShopper, ID: "m1", Text: "hello"})
		if err != nil {
			t.Fatal(err)
		}
		if _, _, err := w.log.Say(t.Context(), "demo", id, "m1", said); err != nil {
			t.Fatal(err)
		}
	}
	w.stop = nil
	w.db.Close()
	w = openWorld(t, path)
	for id, want := range map[string]string{ids[0]: "Hello!", ids[1]: "您好！"} {
		if r := w.reply(id, 0); r.Text != want {
			t.Errorf("%q, want %q", r.Text, want)
		}
	}
	if n := len(w.events(ids[2])); n != 0 {
		t.Errorf("the quiet one has %d events", n)
	}
}

func TestMetricsCountTurns(t *testing.T) {
	registry := prometheus.NewRegistry()
	w := newWorld(t, func(o *dialog.Options) { o.Metrics = registry })
	id := w.begin("en")
	w.reply(id, w.say(id, "m1", "hello!").Offset)
	w.reply(id, w.say(id, "m2", "a panic!").Offset)
	w.close()
	families, err := registry.Gather()
	if err != nil {
		t.Fatal(err)
	}
	got := map[string]float64{}
	var names []string
	for _, f := range families {
		names = append(names, f.GetName())
		for _, m := range f.GetMetric() {
			key := f.GetName()
			for _, l := range m.GetLabel() {
				key += " " + l.GetValue()
			}
			got[key] = m.GetCounter().GetValue() + m.GetGauge().GetValue() + float64(m.GetHistogram().GetSampleCount())
		}
	}
	for key, want := range map[string]float64{
		"floorwalker_utterances_total utterance":    2,
		"floorwalker_turns_total answered":          1,
		"floorwalker_turns_total unavailable":       1,
		"floorwalker_turn_seconds":                  2,
		"floorwalker_turn_stage_seconds append":     2,
		"floorwalker_conversations_active":          0,
		"floorwalker_turns_superseded_total":        0,
		"floorwalker_replies_blocked_total":         0,
		"floorwalker_turn_stage_seconds understand": 2,
	} {
		if got[key] != want {
			t.Errorf("%s is %v, want %v", key, got[key], want)
		}
	}
	if !slices.IsSorted(names) {
		t.Error(names)
	}
}
