package journal_test

import (
	"encoding/json"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"reflect"
	"testing"
	"time"

	"github.com/floorwalker/floorwalker/catalog"
	"github.com/floorwalker/floorwalker/catalog/store"
	"github.com/floorwalker/floorwalker/catalog/store/sqlite"
	"github.com/floorwalker/floorwalker/dialog/journal"
	"github.com/floorwalker/floorwalker/dialog/journal/journaltest"
)

// shop is a database with its journal.
type shop struct {
	t  *testing.T
	db *sqlite.DB
	j  *journal.SQL
}

func openShop(t *testing.T, path string) shop {
	db := openDB(t, path)
	noon := func() time.Time { return time.Date(2026, 10, 1, 12, 0, 0, 0, time.UTC) }
	return shop{t, db, journal.NewSQL(db, nil, noon)}
}

// callBack is an action: it keeps a callback, which may be done once only.
func (s shop) callBack(d journal.Doing) (journal.Outcome, error) {
	key := journal.Key{Conversation: "c1", Epoch: "e", Offset: 1}
	return s.j.Act(s.t.Context(), "demo", d, key, func(tx *store.Tx) (json.RawMessage, *journal.Action, error) {
		if _, err := store.In(tx, "demo").SaveCallback(catalog.Callback{ID: "k1", Conversation: "c1", State: "open"}); err != nil {
			return nil, nil, err
		}
		return json.RawMessage(`{"done":true}`), &journal.Action{Name: "request_callback", Record: "callback/k1"}, nil
	})
}

// turn begins a conversation, says something, acts on it and answers; what was done before
// is found done. It stops at the first error.
func (s shop) turn() error {
	ctx := s.t.Context()
	if err := s.j.Begin(ctx, journaltest.Conversation("demo", "c1")); err != nil && !errors.Is(err, journal.ErrExists) {
		return err
	}
	if _, _, err := s.j.Say(ctx, "demo", "c1", "m1", journaltest.Said("m1", "call me")); err != nil {
		return err
	}
	c, err := s.j.Head(ctx, "demo", "c1")
	if err != nil || c.Turns > 0 {
		return err
	}
	o, err := s.callBack(journal.Doing{Turn: "t1", Upto: 1})
	if err != nil {
		return err
	}
	reply, err := journal.NewEvent(journal.KindReply, journal.Reply{Turn: o.Turn, InReplyTo: []int64{1}, Text: "We will."})
	if err != nil {
		return err
	}
	_, err = s.j.EndTurn(ctx, "demo", "c1", journal.Turn{Answered: o.Upto, Events: []journal.Event{reply}, State: json.RawMessage(`{"n":1}`)})
	return err
}

// whole fails where a part of a transaction is there and another part isn't.
func (s shop) whole() {
	s.t.Helper()
	ctx := s.t.Context()
	c, err := s.j.Head(ctx, "demo", "c1")
	if errors.Is(err, journal.ErrNotFound) {
		return
	}
	if err != nil {
		s.t.Fatal(err)
	}
	kinds := map[string]int{}
	for _, e := range s.events() {
		kinds[e.Kind]++
	}
	count := func(what, query string) (n int) {
		err := s.db.View(ctx, func(tx *store.Tx) error { return tx.QueryRow(query).Scan(&n) })
		if err != nil {
			s.t.Fatal(what, err)
		}
		return n
	}
	told := fmt.Sprint(kinds, " clients ", count("clients", `SELECT count(*) FROM client_ids`),
		" outcomes ", count("outcomes", `SELECT count(*) FROM outcomes`), " callbacks ", count("callbacks", `SELECT count(*) FROM callbacks`),
		" last ", c.Last, " turns ", c.Turns, " answered ", c.Answered, " state ", string(c.State))
	for _, sound := range []string{
		`map[] clients 0 outcomes 0 callbacks 0 last 0 turns 0 answered 0 state `,
		`map[utterance:1] clients 1 outcomes 0 callbacks 0 last 1 turns 0 answered 0 state `,
		`map[action:1 utterance:1] clients 1 outcomes 1 callbacks 1 last 2 turns 0 answered 0 state `,
		`map[action:1 reply:1 utterance:1] clients 1 outcomes 1 callbacks 1 last 3 turns 1 answered 1 state {"n":1}`,
	} {
		if told == sound {
			return
		}
	}
	s.t.Errorf("half of a transaction is there: %s", told)
}

func (s shop) events() []journal.Event {
	s.t.Helper()
	events, err := s.j.Read(s.t.Context(), "demo", "c1", 0, 100)
	if err != nil {
		s.t.Fatal(err)
	}
	return events
}

// statements runs a turn without a fault: its journal, and how many statements it writes by.
func statements(t *testing.T) (journalled []journal.Event, n int) {
	s := openShop(t, newFile(t))
	s.db.BeforeStatement(func(int, string) error { n++; return nil })
	if err := s.turn(); err != nil {
		t.Fatal(err)
	}
	return s.events(), n
}

func TestFaultBeforeAnyStatementLeavesBothOrNeither(t *testing.T) {
	want, n := statements(t)
	if n < 15 {
		t.Fatalf("a turn had %d statements: the hook doesn't see them all", n)
	}
	for at := 1; at <= n; at++ {
		t.Run(fmt.Sprint("statement ", at), func(t *testing.T) {
			path, broken, i := newFile(t), errors.New("broken"), 0
			s := openShop(t, path)
			s.db.BeforeStatement(func(int, string) error {
				if i++; i == at {
					return broken
				}
				return nil
			})
			if err := s.turn(); !errors.Is(err, broken) {
				t.Fatalf("the turn ended with %v, want the fault", err)
			}
			s.whole()
			if err := s.db.Close(); err != nil {
				t.Fatal(err)
			}
			s = openShop(t, path)
			s.whole()
			s.rerun(want)
		})
	}
}

func (s shop) rerun(want []journal.Event) {
	s.t.Helper()
	if err := s.turn(); err != nil {
		s.t.Fatal(err)
	}
	s.whole()
	if got := s.events(); !reflect.DeepEqual(got, want) {
		s.t.Errorf("the rerun's journal\n got %+v\nwant %+v", got, want)
	}
}

// A process killed before a statement leaves the files as they are at that moment.
func TestKilledBeforeAnyStatementLeavesBothOrNeither(t *testing.T) {
	want, n := statements(t)
	path := newFile(t)
	s := openShop(t, path)
	var left []string
	s.db.BeforeStatement(func(int, string) error {
		to := newFile(t)
		for _, part := range []string{"", "-wal"} {
			if b, err := os.ReadFile(path + part); err == nil {
				if err := os.WriteFile(to+part, b, 0o600); err != nil {
					return err
				}
			}
		}
		left = append(left, to)
		return nil
	})
	if err := s.turn(); err != nil {
		t.Fatal(err)
	}
	if len(left) != n {
		t.Fatalf("%d moments, want %d", len(left), n)
	}
	for i, file := range left {
		t.Run(fmt.Sprint("statement ", i+1, " ", filepath.Base(file)), func(t *testing.T) {
			s := openShop(t, file)
			s.whole()
			s.rerun(want)
		})
	}
}

func TestActionIsDoneOnce(t *testing.T) {
	s := openShop(t, newFile(t))
	if err := s.j.Begin(t.Context(), journaltest.Conversation("demo", "c1")); err != nil {
		t.Fatal(err)
	}
	if _, _, err := s.j.Say(t.Context(), "demo", "c1", "m1", journaltest.Said("m1", "call me")); err != nil {
		t.Fatal(err)
	}
	first, err := s.callBack(journal.Doing{Turn: "t1", Upto: 1})
	if err != nil {
		t.Fatal(err)
	}
	again, err := s.callBack(journal.Doing{Turn: "t2", Upto: 9})
	if err != nil || !reflect.DeepEqual(first, again) {
		t.Errorf("again: %+v (%v), want the first outcome %+v", again, err, first)
	}
	acted, err := s.j.Acted(t.Context(), "demo", "c1")
	if err != nil || !reflect.DeepEqual(acted, []journal.Outcome{first}) {
		t.Errorf("acted: %+v (%v), want %+v", acted, err, first)
	}
	a, err := journal.Body[journal.Action](s.events()[1])
	if err != nil || a.Turn != "t1" || a.Key != first.Key || a.Key != "c1/e/1/0" {
		t.Errorf("the action told is %+v (%v)", a, err)
	}
	if _, err := s.j.EndTurn(t.Context(), "demo", "c1", journal.Turn{Answered: 1}); err != nil {
		t.Fatal(err)
	}
	if acted, err := s.j.Acted(t.Context(), "demo", "c1"); err != nil || len(acted) > 0 {
		t.Errorf("once the turn has ended, acted is %+v (%v), want none", acted, err)
	}
	if late, err := s.callBack(journal.Doing{Turn: "t1", Upto: 1}); err != nil || !reflect.DeepEqual(late, first) {
		t.Errorf("who missed the end of the turn gets %+v (%v), want its outcome", late, err)
	}
	if _, err := s.callBack(journal.Doing{Turn: "t2", Expect: 1, Upto: 3}); !errors.Is(err, journal.ErrSpent) {
		t.Errorf("another turn on the same yes: %v, want ErrSpent", err)
	}
}

func TestTurnThatWasOvertakenDoesNotAct(t *testing.T) {
	s := openShop(t, newFile(t))
	if err := s.turn(); err != nil {
		t.Fatal(err)
	}
	key := journal.Key{Conversation: "c1", Epoch: "e", Offset: 2}
	_, err := s.j.Act(t.Context(), "demo", journal.Doing{Turn: "t0"}, key, func(*store.Tx) (json.RawMessage, *journal.Action, error) {
		t.Error("it acted")
		return nil, nil, nil
	})
	if !errors.Is(err, journal.ErrSuperseded) {
		t.Errorf("got %v, want ErrSuperseded", err)
	}
}

func TestHubWakesFollowersOfTheConversationOnly(t *testing.T) {
	var hub journal.Hub
	a, b, other := hub.Watch("demo", "c1"), hub.Watch("demo", "c1"), hub.Watch("demo", "c2")
	for _, w := range []*journal.Watch{a, b, other} {
		<-w.C // what is there already
	}
	for range 1000 { // nobody reads: the writer must not be held up
		hub.Wake("demo", "c1")
	}
	for _, w := range []*journal.Watch{a, b} {
		if len(w.C) != 1 {
			t.Errorf("%d wake-ups wait, want 1", len(w.C))
		}
	}
	if len(other.C) != 0 {
		t.Error("the other conversation was woken")
	}
	a.Close()
	a.Close()
	<-a.C
	hub.Wake("demo", "c1")
	if len(a.C) != 0 {
		t.Error("a closed watch was woken")
	}
}
