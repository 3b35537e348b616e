package journaltest

import (
	"fmt"
	"reflect"
	"sync"
	"testing"
	"time"

	"github.com/floorwalker/floorwalker/catalog"
	"github.com/floorwalker/floorwalker/dialog/journal"
)

// written is a conversation as a message of a gateway would begin it.
func written(id, sender, customer string) journal.Conversation {
	c := Conversation("demo", id)
	c.Channel, c.Sender = "phone", sender
	if customer != "" {
		c.Identity = catalog.Identity{Customer: customer, Level: catalog.Verified}
	}
	return c
}

// opens checks which conversation a message goes to.
func opens(t *testing.T, j journal.Journal, c journal.Conversation, client, want string) {
	t.Helper()
	got, begun, err := j.Open(t.Context(), c, client)
	if err != nil || got.ID != want || begun != (want == c.ID) {
		t.Fatalf("message %s of sender %q, customer %q: conversation %s, begun %t (%v); want %s",
			client, c.Sender, c.Identity.Customer, got.ID, begun, err, want)
	}
	if stored := head(t, j, want); !reflect.DeepEqual(got, stored) {
		t.Errorf("opened\n     %+v\nhead %+v", got, stored)
	}
}

func closeIt(t *testing.T, j journal.Journal, id string) {
	t.Helper()
	closed := event(journal.KindClosed, journal.Closed{By: "bot", Reason: "silence"})
	c := head(t, j, id)
	if _, err := j.EndTurn(t.Context(), "demo", id, journal.Turn{Expect: c.Turns, Answered: c.Last, Events: []journal.Event{closed}, Identity: c.Identity}); err != nil {
		t.Fatal(err)
	}
	if !head(t, j, id).Closed {
		t.Errorf("%s isn't closed", id)
	}
}

func opensSender(t *testing.T, j journal.Journal) {
	opens(t, j, written("c1", "+1", ""), "m1", "c1")
	opens(t, j, written("c2", "+1", ""), "m2", "c1")
	opens(t, j, written("c3", "+2", ""), "m1", "c3")
	opens(t, j, written("c4", "+1", "ann"), "m3", "c1") // nobody is verified there yet
	other := written("c5", "+1", "")
	other.Channel = "letter"
	opens(t, j, other, "m1", "c5")
	other = written("c6", "+1", "")
	other.Shop = "other"
	if got, begun, err := j.Open(t.Context(), other, "m1"); err != nil || !begun || got.ID != "c6" {
		t.Errorf("in another shop: %s, begun %t, %v", got.ID, begun, err)
	}
	closeIt(t, j, "c1")
	opens(t, j, written("c7", "+1", ""), "m4", "c7")
	say(t, j, "c1", "m5", "one thing more") // whoever writes there opens it again
	if head(t, j, "c1").Closed {
		t.Error("what was said didn't open the conversation again")
	}
	opens(t, j, written("c8", "", ""), "m1", "c8") // nobody's is everybody's own
	opens(t, j, written("c9", "", ""), "m2", "c9")
}

func opensCustomer(t *testing.T, j journal.Journal) {
	opens(t, j, written("c1", "", "ann"), "m1", "c1")
	opens(t, j, written("c2", "", "ann"), "m2", "c1")
	opens(t, j, written("c3", "", "bob"), "m1", "c3")
	opens(t, j, written("c4", "+1", "bob"), "m1", "c4") // bob's, from a sender of its own
	opens(t, j, written("c5", "+1", "ann"), "m1", "c5") // the same phone, another hand
	opens(t, j, written("c6", "+1", "bob"), "m2", "c4")
	claims := written("d1", "", "")
	claims.Identity = catalog.Identity{Customer: "cat", Level: catalog.Claimed}
	if err := j.Begin(t.Context(), claims); err != nil {
		t.Fatal(err)
	}
	opens(t, j, written("d2", "", "cat"), "m1", "d2") // a claim is no proof
}

func opensForMessage(t *testing.T, j journal.Journal) {
	opens(t, j, written("c1", "+1", ""), "m1", "c1")
	say(t, j, "c1", "m1", "hello")
	closeIt(t, j, "c1")
	later := written("c2", "+1", "")
	later.CreatedAt = later.CreatedAt.Add(time.Hour)
	opens(t, j, later, "m2", "c2")
	opens(t, j, written("c3", "+1", ""), "m1", "c1") // sent again
	opens(t, j, written("c3", "+1", ""), "m3", "c2")
}

func opensOnce(t *testing.T, j journal.Journal) {
	const n = 50
	var mu sync.Mutex
	ids, begun := map[string]bool{}, 0
	var wg sync.WaitGroup
	for i := range n {
		wg.Go(func() {
			c, first, err := j.Open(t.Context(), written(fmt.Sprint("c", i), "+1", ""), fmt.Sprint("m", i))
			if err != nil {
				t.Error(err)
			}
			mu.Lock()
			defer mu.Unlock()
			if ids[c.ID] = true; first {
				begun++
			}
		})
	}
	wg.Wait()
	if len(ids) != 1 || begun != 1 {
		t.Errorf("%d began, and got %v", begun, ids)
	}
}

func outbox(t *testing.T, j journal.Journal) {
	o, ok := j.(journal.Outbox)
	if !ok {
		t.Fatalf("%T is no outbox", j)
	}
	start(t, j, "c1", "c2", "c3", "quiet")
	if err := j.Begin(t.Context(), Conversation("other", "c9")); err != nil {
		t.Fatal(err)
	}
	if _, _, err := j.Say(t.Context(), "other", "c9", "m1", Said("m1", "hi")); err != nil {
		t.Fatal(err)
	}
	for _, id := range []string{"c1", "c2", "c3", "c1"} {
		say(t, j, id, fmt.Sprint("m", head(t, j, id).Last), "hi")
	}
	waits := func(after string, limit int, want ...string) {
		t.Helper()
		got := []string{}
		waiting, err := o.Waiting(t.Context(), "demo", after, limit)
		for _, p := range waiting {
			if p.Epoch != head(t, j, p.ID).Epoch {
				t.Errorf("%s has epoch %q", p.ID, p.Epoch)
			}
			got = append(got, fmt.Sprintf("%s %d/%d", p.ID, p.Passed, p.Last))
		}
		if err != nil || !reflect.DeepEqual(got, append([]string{}, want...)) {
			t.Errorf("waiting after %q: %v (%v), want %v", after, got, err, want)
		}
	}
	pass := func(done ...journal.Position) {
		t.Helper()
		if err := o.Pass(t.Context(), "demo", done); err != nil {
			t.Fatal(err)
		}
	}
	waits("", 10, "c1 0/2", "c2 0/1", "c3 0/1")
	waits("", 2, "c1 0/2", "c2 0/1")
	waits("c2", 2, "c3 0/1")
	pass()
	pass(journal.Position{ID: "c1", Passed: 1}, journal.Position{ID: "c2", Passed: 1}, journal.Position{ID: "gone", Passed: 1})
	waits("", 10, "c1 1/2", "c3 0/1")
	pass(journal.Position{ID: "c1", Passed: 2})
	pass(journal.Position{ID: "c1", Passed: 1}) // late
	waits("", 10, "c3 0/1")
	say(t, j, "c2", "m9", "hi")
	waits("", 10, "c2 1/2", "c3 0/1")
}
