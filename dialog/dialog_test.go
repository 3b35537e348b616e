package dialog_test

import (
	"context"
	"errors"
	"fmt"
	"reflect"
	"slices"
	"strings"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"github.com/floorwalker/floorwalker/catalog"
	"github.com/floorwalker/floorwalker/dialog"
	"github.com/floorwalker/floorwalker/dialog/journal"
)

func TestShopperIsCalledBack(t *testing.T) {
	w := newWorld(t)
	id := w.begin("en")
	for i, c := range []struct{ say, want string }{
		{"please call me back.", "Which number?"},
		{"it is 5551234 today.", "I'll have 5551234 called. Right?"},
		{"yes, please do that.", "Done, somebody calls."},
		{"你好，请问有人在吗？", "您好！"},
	} {
		receipt := w.say(id, fmt.Sprint("m", i), c.say)
		r := w.reply(id, receipt.Offset)
		if r.Text != c.want || !slices.Equal(r.InReplyTo, []int64{receipt.Offset}) {
			t.Errorf("%q: %q in reply to %v, want %q to %d\n%s", c.say, r.Text, r.InReplyTo, c.want, receipt.Offset, w.logged)
		}
	}
	if n := w.count(id, journal.KindAction); n != 1 {
		t.Errorf("%d actions, want 1", n)
	}
	last := w.replies(id)[3]
	if last.Language != "zh" {
		t.Errorf("the last reply is in %q", last.Language)
	}
	if last.Facts == nil || last.Cards == nil || last.Choices == nil || last.Intents == nil {
		t.Errorf("a list is null in %+v", last)
	}
}

func TestSameIDIsAcceptedOnceAndAnsweredOnce(t *testing.T) {
	w := newWorld(t)
	id := w.begin("en")
	first := w.say(id, "m1", "hello there my friends")
	w.reply(id, 0)
	if again := w.say(id, "m1", "hello there my friends"); again != first {
		t.Errorf("again: %+v, want %+v", again, first)
	}
	second := w.say(id, "m2", "hello there my friends")
	w.reply(id, second.Offset)
	if n := len(w.events(id)); n != 4 {
		t.Errorf("%d events, want 4: two utterances, two replies", n)
	}
}

func TestFollowersSeeOneJournalFromAnyOffset(t *testing.T) {
	w := newWorld(t)
	id := w.begin("en")
	for i, text := range []string{"call me back please.", "5551234.", "yes!", "hello!"} {
		w.reply(id, w.say(id, fmt.Sprint("m", i), text).Offset)
	}
	whole := w.events(id)
	for after := range whole {
		feed := w.engine.Follow("demo", id, int64(after))
		for _, want := range whole[after:] {
			n, err := feed.Next(t.Context())
			if err != nil || n.Event == nil || !reflect.DeepEqual(*n.Event, want) {
				t.Fatalf("after %d: got %+v (%v), want offset %d", after, n, err, want.Offset)
			}
		}
		feed.Close()
	}
}

// TestDeltaComesBeforeItsReplyAndNotAfter says the same until the follower is in time for all: who is late
// gets the reply without what came before it.
func TestDeltaComesBeforeItsReplyAndNotAfter(t *testing.T) {
	w := newWorld(t)
	id := w.begin("en")
	feed := w.engine.Follow("demo", id, 0)
	defer feed.Close()
	whole := []string{"utterance", "typing", "delta Hello!", "reply"}
	for n, seen := 1, []string(nil); !slices.Equal(seen, whole); n++ {
		if n > 500 {
			t.Fatalf("never saw %q, at last %q", whole, seen)
		}
		time.Sleep(time.Duration(min(n-1, 20)) * time.Millisecond)
		seen = nil
		w.say(id, fmt.Sprint("m", n), "hello!")
		for !slices.Contains(seen, "reply") {
			n, err := feed.Next(t.Context())
			if err != nil {
				t.Fatal(err)
			}
			switch {
			case n.Event != nil:
				seen = append(seen, n.Event.Kind)
			case n.Delta != nil:
				seen = append(seen, "delta "+n.Delta.Text)
			default:
				seen = append(seen, "typing")
			}
		}
		inTime := slices.DeleteFunc(slices.Clone(whole), func(s string) bool { return !slices.Contains(seen, s) })
		if !slices.Equal(seen, inTime) {
			t.Fatalf("saw %q, want the order of %q", seen, whole)
		}
	}
}

func TestSlowFollowerGetsNoDeltaOfAReplyItHas(t *testing.T) {
	inBubble(t, func(t *testing.T, w *world) {
		id := w.begin("en")
		slow := w.engine.Follow("demo", id, 0)
		defer slow.Close()
		w.reply(id, w.say(id, "m1", "hello!").Offset)
		ctx, cancel := context.WithTimeout(t.Context(), time.Minute)
		defer cancel()
		for _, want := range []string{journal.KindUtterance, journal.KindReply} {
			if n, err := slow.Next(ctx); err != nil || n.Event == nil || n.Event.Kind != want {
				t.Fatalf("got %+v (%v), want the %s", n, err, want)
			}
		}
		if n, err := slow.Next(ctx); !errors.Is(err, context.DeadlineExceeded) {
			t.Errorf("then %+v (%v), want nothing", n, err)
		}
	})
}

// BenchmarkTurns has many shoppers say a whole sentence each and wait for the reply.
func BenchmarkTurns(b *testing.B) {
	w := newWorld(b)
	b.SetParallelism(16)
	b.RunParallel(func(pb *testing.PB) {
		id, n := w.begin("en"), 0
		for pb.Next() {
			n++
			w.reply(id, w.say(id, fmt.Sprint("m", n), "hello there, my friends.").Offset)
		}
	})
}

func TestThousandMessagesAtOnceAreEachAnsweredOnce(t *testing.T) {
	w := newWorld(t)
	const conversations, messages = 20, 50
	ids := make([]string, conversations)
	var wg sync.WaitGroup
	for c := range ids {
		ids[c] = w.begin("en")
		for m := range messages {
			wg.Go(func() {
				if _, err := w.engine.Say(t.Context(), utterance(ids[c], fmt.Sprint("m", m), "hello!")); err != nil {
					t.Error(err)
				}
			})
		}
	}
	wg.Wait()
	w.stop() // finishes what was accepted
	for _, id := range ids {
		answered := map[int64]int{}
		for _, r := range w.replies(id) {
			for _, o := range r.InReplyTo {
				answered[o]++
			}
		}
		for i, e := range w.events(id) {
			if e.Offset != int64(i+1) {
				t.Fatalf("offset %d at place %d", e.Offset, i)
			}
			if e.Kind == journal.KindUtterance && answered[e.Offset] != 1 {
				t.Errorf("%s: utterance %d is in %d replies", id, e.Offset, answered[e.Offset])
			}
		}
	}
	w.stop = nil
	w.db.Close()
}

func TestPersonTakesOverAndGivesBack(t *testing.T) {
	w := newWorld(t)
	id := w.begin("en")
	r := w.reply(id, w.say(id, "m1", "I want a person.").Offset)
	state, err := journal.Body[journal.State](w.until(id, 0, journal.KindState))
	if err != nil || state.Owner != journal.OwnerQueue || state.Reason != "asked" || r.Text != "A person answers you now." {
		t.Errorf("%q, then state %+v (%v)", r.Text, state, err)
	}
	if receipt := w.say(id, "m2", "hello, is anybody there?"); receipt.Owner != journal.OwnerQueue {
		t.Errorf("the receipt names %q as owner", receipt.Owner)
	}
	if _, err := w.engine.Release(t.Context(), "demo", id, "mei"); err != nil {
		t.Fatal(err)
	}
	var e *dialog.Error
	if _, err := w.engine.Release(t.Context(), "demo", id, "mei"); !errors.As(err, &e) || e.Code != dialog.Conflict {
		t.Errorf("returning it twice: %v, want %s", err, dialog.Conflict)
	}
	third := w.say(id, "m3", "hello!")
	w.reply(id, third.Offset)
	var answered []int64
	for _, r := range w.replies(id) {
		answered = append(answered, r.InReplyTo...)
	}
	if !slices.Equal(answered, []int64{1, third.Offset}) {
		t.Errorf("answered are %v, want 1 and %d: not what was said to the queue", answered, third.Offset)
	}
}

func TestPanicIsAnsweredWithAnApology(t *testing.T) {
	w := newWorld(t)
	id := w.begin("en")
	r := w.reply(id, w.say(id, "m1", "a panic, please!").Offset)
	if r.Text != "Something is broken, please say it again." || !slices.Equal(r.InReplyTo, []int64{1}) {
		t.Errorf("got %q in reply to %v", r.Text, r.InReplyTo)
	}
	if r := w.reply(id, w.say(id, "m2", "hello!").Offset); r.Text != "Hello!" {
		t.Errorf("afterwards: %q", r.Text)
	}
	w.close()
	if log := w.logged.String(); !strings.Contains(log, "a bug in understanding") || !strings.Contains(log, "trace="+r.Turn) {
		t.Errorf("the log doesn't tell what happened under trace %s:\n%s", r.Turn, log)
	}
}

func TestWhatMayNotBeSaid(t *testing.T) {
	w := newWorld(t, func(o *dialog.Options) { o.MessagesPerMinute = 3 })
	id := w.begin("en")
	for name, c := range map[string]struct {
		u    dialog.Utterance
		code dialog.Code
	}{
		"too long":             {utterance(id, "m1", strings.Repeat("好", 10_001)), dialog.TooLarge},
		"not UTF-8":            {utterance(id, "m1", "a\xff"), dialog.BadFrame},
		"nothing":              {utterance(id, "m1", ""), dialog.BadFrame},
		"no id":                {utterance(id, "", "hi"), dialog.BadFrame},
		"an odd id":            {utterance(id, "m 1", "hi"), dialog.BadFrame},
		"a long id":            {utterance(id, strings.Repeat("a", 65), "hi"), dialog.BadFrame},
		"no such role":         {dialog.Utterance{Shop: "demo", Conversation: id, Role: "bot", ID: "m1", Text: "hi"}, dialog.BadFrame},
		"unknown conversation": {utterance("nobody", "m1", "hi"), dialog.Forbidden},
		"odd conversation":     {utterance("../x", "m1", "hi"), dialog.Forbidden},
		"unknown shop":         {dialog.Utterance{Shop: "x", Conversation: id, Role: "shopper", ID: "m1", Text: "hi"}, dialog.NotFound},
	} {
		var e *dialog.Error
		if _, err := w.engine.Say(t.Context(), c.u); !errors.As(err, &e) || e.Code != c.code {
			t.Errorf("%s: %v, want %s", name, err, c.code)
		}
	}
	if n := len(w.events(id)); n != 0 {
		t.Fatalf("%d events of what was refused", n)
	}
	w.say(id, "longest", strings.Repeat("好", 10_000))
	w.say(id, "m1", "hi")
	if _, err := w.engine.Feedback(t.Context(), dialog.Rating{Shop: "demo", Conversation: id,
		Feedback: journal.Feedback{ID: "f1", Turn: "t1", Rating: 5}}); err != nil {
		t.Error(err)
	}
	var e *dialog.Error
	if _, err := w.engine.Say(t.Context(), utterance(id, "m2", "hi")); !errors.As(err, &e) || e.Code != dialog.RateLimited ||
		e.RetryAfter <= 0 || e.RetryAfter > 20*time.Second {
		t.Errorf("the fourth in a minute: %v", err)
	}
}

func TestResume(t *testing.T) {
	w := newWorld(t)
	ann := catalog.Identity{Customer: "ann_lee_1", Level: catalog.Verified}
	bob := catalog.Identity{Customer: "bob_ray_2", Level: catalog.Verified}
	begin := func(who catalog.Identity) dialog.Welcome {
		welcome, err := w.engine.Begin(t.Context(), dialog.Opening{Shop: "demo", Locale: "zh-CN", Identity: who})
		if err != nil {
			t.Fatal(err)
		}
		return welcome
	}
	anonymous, anns := begin(catalog.Identity{}), begin(ann)
	if len(anonymous.Secret) != 43 || anonymous.Locale != "zh-CN" || anonymous.Owner != journal.OwnerBot || anonymous.Epoch == "" {
		t.Errorf("welcome: %+v", anonymous)
	}
	for _, c := range []struct {
		name  string
		id    string
		proof dialog.Proof
		opens bool
	}{
		{"secret", anonymous.Conversation, dialog.Proof{Secret: anonymous.Secret}, true},
		{"wrong secret", anonymous.Conversation, dialog.Proof{Secret: anns.Secret}, false},
		{"no secret", anonymous.Conversation, dialog.Proof{}, false},
		{"unknown", "nobody", dialog.Proof{Secret: anonymous.Secret}, false},
		{"unknown, no secret", "nobody", dialog.Proof{}, false},
		{"somebody else signed in", anonymous.Conversation, dialog.Proof{Identity: bob}, false},
		{"her token", anns.Conversation, dialog.Proof{Identity: ann}, true},
		{"his token", anns.Conversation, dialog.Proof{Identity: bob}, false},
		{"his token and the secret", anns.Conversation, dialog.Proof{Identity: bob, Secret: anns.Secret}, false},
		{"a claim", anns.Conversation, dialog.Proof{Identity: catalog.Identity{Customer: ann.Customer, Level: catalog.Claimed}}, false},
		{"signed in meanwhile", anonymous.Conversation, dialog.Proof{Identity: ann, Secret: anonymous.Secret}, true},
		{"then by token alone", anonymous.Conversation, dialog.Proof{Identity: ann}, true},
	} {
		welcome, err := w.engine.Resume(t.Context(), "demo", c.id, c.proof)
		if c.opens {
			if err != nil || welcome.Secret != "" || welcome.Conversation != c.id {
				t.Errorf("%s: %+v, %v", c.name, welcome, err)
			}
			continue
		}
		var e *dialog.Error
		if !errors.As(err, &e) || *e != (dialog.Error{Code: dialog.Forbidden, Message: "no conversation opens with that id and secret"}) {
			t.Errorf("%s: %v, want the one forbidden", c.name, err)
		}
	}
}

// inBubble runs a test with a clock of its own; the world is closed within it.
func inBubble(t *testing.T, test func(t *testing.T, w *world)) {
	t.Helper()
	path := t.TempDir() + "/shop.db"
	synctest.Test(t, func(t *testing.T) {
		w := openWorld(t, path)
		defer w.close()
		test(t, w)
	})
}

func TestBurstOfShortMessagesGetsOneReply(t *testing.T) {
	inBubble(t, func(t *testing.T, w *world) {
		id := w.begin("en")
		for i, text := range []string{"hi", "well", "so", "hello"} {
			w.say(id, fmt.Sprint("m", i), text)
			time.Sleep(200 * time.Millisecond)
		}
		w.reply(id, 0)
		time.Sleep(time.Minute)
		replies := w.replies(id)
		if len(replies) != 1 || !slices.Equal(replies[0].InReplyTo, []int64{1, 2, 3, 4}) || replies[0].Text != "Hello!" {
			t.Errorf("replies: %+v, want one to all four", replies)
		}
	})
}

func TestHowLongATurnWaits(t *testing.T) {
	for _, c := range []struct {
		name   string
		say    []string // before, each answered
		last   dialog.Utterance
		typing []time.Duration // since the utterance
		want   time.Duration
	}{
		{name: "a sentence", last: dialog.Utterance{Text: "hello there."}},
		{name: "a question in Chinese", last: dialog.Utterance{Text: "你好，在吗？"}},
		{name: "four words", last: dialog.Utterance{Text: "hello to all people"}},
		{name: "six characters", last: dialog.Utterance{Text: "请让人给我回电"}},
		{name: "a choice", last: dialog.Utterance{Choice: "yes"}},
		{name: "what was asked for", say: []string{"call me please!"}, last: dialog.Utterance{Text: "5551234"}},
		{name: "yes to a question", say: []string{"call me please!", "5551234."}, last: dialog.Utterance{Text: "yes"}},
		{name: "not what was asked for", say: []string{"call me please!"}, last: dialog.Utterance{Text: "hmm"}, want: 300 * time.Millisecond},
		{name: "a word", last: dialog.Utterance{Text: "hello"}, want: 300 * time.Millisecond},
		{name: "typing", last: dialog.Utterance{Text: "hello"}, typing: []time.Duration{250 * time.Millisecond}, want: 1250 * time.Millisecond},
		{name: "typing on and on", last: dialog.Utterance{Text: "hello"},
			typing: []time.Duration{250 * time.Millisecond, time.Second, 1900 * time.Millisecond}, want: 2 * time.Second},
	} {
		t.Run(c.name, func(t *testing.T) {
			inBubble(t, func(t *testing.T, w *world) {
				id := w.begin("en")
				for i, text := range c.say {
					w.reply(id, w.say(id, fmt.Sprint("before", i), text).Offset)
				}
				c.last.Shop, c.last.Conversation, c.last.Role, c.last.ID = "demo", id, journal.RoleShopper, "last"
				receipt, err := w.engine.Say(t.Context(), c.last)
				if err != nil {
					t.Fatal(err)
				}
				start := time.Now()
				go func() {
					for _, at := range c.typing {
						time.Sleep(at - time.Since(start))
						w.engine.Typing("demo", id)
					}
				}()
				w.reply(id, receipt.Offset)
				if took := time.Since(start); took < c.want-time.Millisecond || took > c.want+50*time.Millisecond {
					t.Errorf("waited %v, want %v", took, c.want)
				}
			})
		})
	}
}

func TestNewerTextIsAnsweredTogether(t *testing.T) {
	w := newWorld(t)
	id := w.begin("en")
	more := []string{"call me!", "5551234!", "hello!"}
	said := 0
	during := func(string) { // each reading is interrupted by another message
		if said < len(more) {
			said++
			w.say(id, fmt.Sprint("more", said), more[said-1])
		}
	}
	w.words.during.Store(&during)
	w.say(id, "m1", "hello!")
	first := w.reply(id, 0)
	if !slices.Equal(first.InReplyTo, []int64{1, 2, 3}) {
		t.Errorf("the first reply is to %v, want 1, 2 and 3: decided anew twice, not a third time", first.InReplyTo)
	}
	second := w.reply(id, 5)
	if !slices.Equal(second.InReplyTo, []int64{4}) {
		t.Errorf("the second reply is to %v, want 4", second.InReplyTo)
	}
}
