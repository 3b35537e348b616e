// Package journaltest is the suite that every journal passes, and the property that it
// behaves as the journal in memory does.
package journaltest

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"reflect"
	"sync"
	"testing"
	"time"

	"github.com/floorwalker/floorwalker/catalog"
	"github.com/floorwalker/floorwalker/dialog/journal"
)

// Open makes an empty journal that gives events their times from now. It is closed by the
// test's cleanup.
type Open func(t *testing.T, now func() time.Time) journal.Journal

// Clock is a time that moves on by a second each time it is read. It is safe for
// concurrent use.
type Clock struct {
	mu sync.Mutex
	n  int
}

// Now is the next second.
func (c *Clock) Now() time.Time {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.n++
	return time.Date(2026, 10, 1, 9, 0, c.n, 0, time.UTC)
}

// Test runs the suite.
func Test(t *testing.T, open Open) {
	for name, test := range map[string]func(*testing.T, journal.Journal){
		"a conversation begins once and is found":             begins,
		"what is said gets the next offset":                   says,
		"the same client id gets its first offset for ever":   repeats,
		"a hundred at once get a hundred offsets":             atOnce,
		"a turn appends all or nothing":                       endsTurn,
		"a turn that another overtook appends nothing":        superseded,
		"reading goes on from any offset":                     reads,
		"unanswered are those the bot owes a turn":            unanswered,
		"nothing is owed for what was said to people":         ownedByPeople,
		"bodies come back with fields nobody knows":           unknownFields,
		"conversations of one id in two shops are two":        shops,
		"what isn't an object is refused and leaves no trace": badBodies,
		"a sender comes back to the conversation left open":   opensSender,
		"a verified customer comes back on the same channel":  opensCustomer,
		"a message goes where it went before":                 opensForMessage,
		"of many who open at once one begins":                 opensOnce,
		"the outbox has what wasn't passed on":                outbox,
		"people's conversations are found in their order":     heldByPeople,
		"only the agent who has it writes in it":              writtenByOwner,
		"notes are kept beside the events":                    notes,
	} {
		t.Run(name, func(t *testing.T) { test(t, open(t, new(Clock).Now)) })
	}
}

// Conversation is one to begin a test with.
func Conversation(shop, id string) journal.Conversation {
	return journal.Conversation{
		Shop: shop, ID: id, SecretHash: []byte{1, 2, 3}, Channel: "websocket", Sender: "tab-1", Locale: "zh-CN",
		Owner: journal.OwnerBot, CreatedAt: time.Date(2026, 10, 1, 8, 0, 0, 123456000, time.UTC),
	}
}

// Said is an utterance of a shopper.
func Said(id, text string) journal.Event {
	return event(journal.KindUtterance, journal.Utterance{Role: journal.RoleShopper, ID: id, Text: text})
}

func event(kind string, body any) journal.Event {
	b, err := json.Marshal(body)
	if err != nil {
		panic(err) // a body of this package
	}
	return journal.Event{Kind: kind, Body: b}
}

func start(t *testing.T, j journal.Journal, ids ...string) {
	t.Helper()
	for _, id := range ids {
		if err := j.Begin(t.Context(), Conversation("demo", id)); err != nil {
			t.Fatal(err)
		}
	}
}

func say(t *testing.T, j journal.Journal, id, client, text string) journal.Event {
	t.Helper()
	e, _, err := j.Say(t.Context(), "demo", id, client, Said(client, text))
	if err != nil {
		t.Fatal(err)
	}
	return e
}

func head(t *testing.T, j journal.Journal, id string) journal.Conversation {
	t.Helper()
	c, err := j.Head(t.Context(), "demo", id)
	if err != nil {
		t.Fatal(err)
	}
	return c
}

func begins(t *testing.T, j journal.Journal) {
	want := Conversation("demo", "c1")
	want.Identity = catalog.Identity{Customer: "ann_lee_1", Level: catalog.Verified}
	if err := j.Begin(t.Context(), want); err != nil {
		t.Fatal(err)
	}
	got := head(t, j, "c1")
	if got.Epoch == "" {
		t.Error("a conversation must have an epoch")
	}
	want.Epoch = got.Epoch
	if !reflect.DeepEqual(got, want) {
		t.Errorf("head:\n got %+v\nwant %+v", got, want)
	}
	if err := j.Begin(t.Context(), want); !errors.Is(err, journal.ErrExists) {
		t.Errorf("beginning it again: %v, want ErrExists", err)
	}
	for what, err := range map[string]error{
		"Head":    second(j.Head(t.Context(), "demo", "c2")),
		"Read":    second(j.Read(t.Context(), "demo", "c2", 0, 10)),
		"EndTurn": second(j.EndTurn(t.Context(), "demo", "c2", journal.Turn{})),
		"Say":     third(j.Say(t.Context(), "demo", "c2", "m1", Said("m1", "hi"))),
	} {
		if !errors.Is(err, journal.ErrNotFound) {
			t.Errorf("%s of an unknown conversation: %v, want ErrNotFound", what, err)
		}
	}
}

func second[T any](_ T, err error) error        { return err }
func third[T, U any](_ T, _ U, err error) error { return err }
func same(a, b journal.Event) bool              { return reflect.DeepEqual(a, b) }
func offsets(events []journal.Event) (os []int64) {
	for _, e := range events {
		os = append(os, e.Offset)
	}
	return os
}
func sameAll(a, b []journal.Event) bool {
	return len(a) == len(b) && (len(a) == 0 || reflect.DeepEqual(a, b))
}

func says(t *testing.T, j journal.Journal) {
	start(t, j, "c1")
	for i, text := range []string{"hello", "有蓝色的吗？", "\x00 and \"quotes\""} {
		e := say(t, j, "c1", fmt.Sprint("m", i), text)
		if e.Offset != int64(i+1) || e.At.IsZero() {
			t.Errorf("utterance %d got offset %d at %v", i+1, e.Offset, e.At)
		}
		u, err := journal.Body[journal.Utterance](e)
		if err != nil || u.Text != text {
			t.Errorf("text came back as %q (%v)", u.Text, err)
		}
	}
	if c := head(t, j, "c1"); c.Last != 3 || c.Answered != 0 || c.Turns != 0 {
		t.Errorf("head after three utterances: %+v", c)
	}
}

func repeats(t *testing.T, j journal.Journal) {
	start(t, j, "c1")
	first := say(t, j, "c1", "m1", "cancel it")
	say(t, j, "c1", "m2", "please")
	again, repeated, err := j.Say(t.Context(), "demo", "c1", "m1", Said("m1", "another text"))
	if err != nil || !repeated || !same(first, again) {
		t.Errorf("again: %+v %v %v, want %+v, true", again, repeated, err, first)
	}
	if c := head(t, j, "c1"); c.Last != 2 {
		t.Errorf("a repeated id moved the last offset to %d", c.Last)
	}
}

func atOnce(t *testing.T, j journal.Journal) {
	start(t, j, "c1")
	const n = 100
	var wg sync.WaitGroup
	for i := range n {
		for range 2 { // each is sent twice
			wg.Go(func() {
				if _, _, err := j.Say(t.Context(), "demo", "c1", fmt.Sprint("m", i), Said(fmt.Sprint("m", i), "hi")); err != nil {
					t.Error(err)
				}
			})
		}
	}
	wg.Wait()
	events, err := j.Read(t.Context(), "demo", "c1", 0, 2*n)
	if err != nil || len(events) != n {
		t.Fatalf("%d events (%v), want %d", len(events), err, n)
	}
	for i, o := range offsets(events) {
		if o != int64(i+1) {
			t.Fatalf("offset %d at place %d", o, i)
		}
	}
}

func endsTurn(t *testing.T, j journal.Journal) {
	start(t, j, "c1")
	say(t, j, "c1", "m1", "hello")
	who := catalog.Identity{Customer: "ann_lee_1", Level: catalog.Claimed}
	reply := event(journal.KindReply, journal.Reply{Turn: "t1", InReplyTo: []int64{1}, Text: "Hello!"})
	state := event(journal.KindState, journal.State{Owner: journal.OwnerQueue})
	events, err := j.EndTurn(t.Context(), "demo", "c1", journal.Turn{
		Answered: 1, Events: []journal.Event{reply, state}, State: json.RawMessage(`{"a":1}`),
		Identity: who, Owner: journal.OwnerQueue, Locale: "en",
	})
	if err != nil || !reflect.DeepEqual(offsets(events), []int64{2, 3}) {
		t.Fatalf("offsets %v, %v", offsets(events), err)
	}
	want := head(t, j, "c1")
	want.Last, want.Answered, want.Turns, want.State = 3, 3, 1, json.RawMessage(`{"a":1}`)
	want.Identity, want.Owner, want.Locale = who, journal.OwnerQueue, "en"
	if got := head(t, j, "c1"); !reflect.DeepEqual(got, want) {
		t.Errorf("head:\n got %+v\nwant %+v", got, want)
	}
	if _, err := j.EndTurn(t.Context(), "demo", "c1", journal.Turn{Expect: 1, Identity: who}); err != nil {
		t.Fatal(err)
	}
	want.Turns = 2
	if got := head(t, j, "c1"); !reflect.DeepEqual(got, want) {
		t.Errorf("after a turn that says nothing new:\n got %+v\nwant %+v", got, want)
	}
}

func superseded(t *testing.T, j journal.Journal) {
	start(t, j, "c1")
	say(t, j, "c1", "m1", "hello")
	turn := journal.Turn{Answered: 1, Events: []journal.Event{event(journal.KindReply, journal.Reply{Turn: "t1"})}}
	if _, err := j.EndTurn(t.Context(), "demo", "c1", turn); err != nil {
		t.Fatal(err)
	}
	before := head(t, j, "c1")
	turn.State = json.RawMessage(`{"late":true}`)
	if _, err := j.EndTurn(t.Context(), "demo", "c1", turn); !errors.Is(err, journal.ErrSuperseded) {
		t.Errorf("the same turn again: %v, want ErrSuperseded", err)
	}
	if after := head(t, j, "c1"); !reflect.DeepEqual(before, after) {
		t.Errorf("it changed the head from %+v to %+v", before, after)
	}
}

func reads(t *testing.T, j journal.Journal) {
	start(t, j, "c1")
	for i := range 7 {
		say(t, j, "c1", fmt.Sprint("m", i), "hi")
	}
	whole, err := j.Read(t.Context(), "demo", "c1", 0, 100)
	if err != nil || len(whole) != 7 {
		t.Fatalf("%d events, %v", len(whole), err)
	}
	for after := range int64(9) {
		for limit := 1; limit < 9; limit++ {
			got, err := j.Read(t.Context(), "demo", "c1", after, limit)
			from := min(int(after), 7)
			if want := whole[from:min(from+limit, 7)]; err != nil || !sameAll(got, want) {
				t.Errorf("after %d, at most %d: offsets %v (%v), want %v", after, limit, offsets(got), err, offsets(want))
			}
		}
	}
}

func unanswered(t *testing.T, j journal.Journal) {
	start(t, j, "quiet", "late", "early", "answered", "human")
	say(t, j, "early", "m1", "hi")
	say(t, j, "late", "m1", "hi")
	say(t, j, "answered", "m1", "hi")
	if _, err := j.EndTurn(t.Context(), "demo", "answered", journal.Turn{Answered: 1}); err != nil {
		t.Fatal(err)
	}
	owned(t, j, "human", journal.OwnerAgent, "mei")
	agent := event(journal.KindUtterance, journal.Utterance{Role: journal.RoleAgent, ID: "a1", Text: "hello", Agent: "mei"})
	if _, _, err := j.Say(t.Context(), "demo", "human", "a1", agent); err != nil {
		t.Fatal(err)
	}
	owned(t, j, "human", journal.OwnerBot, "")
	feedback := event(journal.KindFeedback, journal.Feedback{ID: "f1", Turn: "t1", Rating: 5})
	if _, _, err := j.Say(t.Context(), "demo", "answered", "f1", feedback); err != nil {
		t.Fatal(err)
	}
	for limit, want := range map[int][]string{10: {"early", "late"}, 1: {"early"}} {
		heads, err := j.Unanswered(t.Context(), limit)
		var got []string
		for _, c := range heads {
			got = append(got, c.ID)
			if !reflect.DeepEqual(c, head(t, j, c.ID)) {
				t.Errorf("%s is not its head: %+v", c.ID, c)
			}
		}
		if err != nil || !reflect.DeepEqual(got, want) {
			t.Errorf("at most %d: %v (%v), want %v", limit, got, err, want)
		}
	}
}

func ownedByPeople(t *testing.T, j journal.Journal) {
	start(t, j, "c1")
	say(t, j, "c1", "m1", "a person please")
	say(t, j, "c1", "m2", "hello?") // before the turn below ended: it goes to people as well
	if _, err := j.EndTurn(t.Context(), "demo", "c1", journal.Turn{Answered: 1, Owner: journal.OwnerQueue}); err != nil {
		t.Fatal(err)
	}
	say(t, j, "c1", "m3", "still there?")
	if c := head(t, j, "c1"); c.Answered != c.Last {
		t.Errorf("answered up to %d of %d while a queue owns it", c.Answered, c.Last)
	}
	if _, err := j.EndTurn(t.Context(), "demo", "c1", journal.Turn{Expect: 1, Owner: journal.OwnerBot}); err != nil {
		t.Fatal(err)
	}
	if heads, err := j.Unanswered(t.Context(), 10); err != nil || len(heads) > 0 {
		t.Errorf("back with the bot, %d are unanswered (%v), want none", len(heads), err)
	}
	say(t, j, "c1", "m4", "thank you")
	if heads, err := j.Unanswered(t.Context(), 10); err != nil || len(heads) != 1 {
		t.Errorf("after a new utterance %d are unanswered (%v), want 1", len(heads), err)
	}
}

func unknownFields(t *testing.T, j journal.Journal) {
	start(t, j, "c1")
	body := json.RawMessage(`{"role":"shopper","id":"m1","text":"hi","mood":{"x":[1,2.50]}}`)
	if _, _, err := j.Say(t.Context(), "demo", "c1", "m1", journal.Event{Kind: journal.KindUtterance, Body: body}); err != nil {
		t.Fatal(err)
	}
	events, err := j.Read(t.Context(), "demo", "c1", 0, 1)
	if err != nil || len(events) != 1 || !bytes.Equal(events[0].Body, body) {
		t.Errorf("came back as %v (%v), want %s", events, err, body)
	}
}

func shops(t *testing.T, j journal.Journal) {
	start(t, j, "c1")
	if err := j.Begin(t.Context(), Conversation("other", "c1")); err != nil {
		t.Fatal(err)
	}
	say(t, j, "c1", "m1", "hi")
	if events, err := j.Read(t.Context(), "other", "c1", 0, 10); err != nil || len(events) != 0 {
		t.Errorf("the other shop has %d events (%v)", len(events), err)
	}
}

func badBodies(t *testing.T, j journal.Journal) {
	start(t, j, "c1")
	good := Said("m1", "hi")
	for _, body := range []string{``, `[1]`, `{"half":`, `null`} {
		bad := journal.Event{Kind: journal.KindUtterance, Body: json.RawMessage(body)}
		if _, _, err := j.Say(t.Context(), "demo", "c1", "m1", bad); err == nil {
			t.Errorf("body %q was taken", body)
		}
		if _, err := j.EndTurn(t.Context(), "demo", "c1", journal.Turn{Events: []journal.Event{good, bad}}); err == nil {
			t.Errorf("a turn with body %q was taken", body)
		}
	}
	if c := head(t, j, "c1"); c.Last != 0 || c.Turns != 0 {
		t.Errorf("refused events moved the head: %+v", c)
	}
}
