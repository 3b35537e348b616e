package journal_test

import (
	"encoding/json"
	"strings"
	"testing"
	"time"

	"github.com/floorwalker/floorwalker/catalog/store"
	"github.com/floorwalker/floorwalker/dialog/journal"
	"github.com/floorwalker/floorwalker/dialog/journal/journaltest"
)

// A copy that was made between an action and its reply does the action no second time, whatever
// its epoch.
func TestRestoredKeepsWhatWasDone(t *testing.T) {
	path := newFile(t)
	noon := func() time.Time { return time.Date(2026, 10, 1, 12, 0, 0, 0, time.UTC) }
	db := openDB(t, path)
	before := db.Epoch()
	act := func(j *journal.SQL, epoch string) (done bool, o journal.Outcome) {
		key := journal.Key{Conversation: "c1", Epoch: epoch, Offset: 1}
		o, err := j.Act(t.Context(), "demo", journal.Doing{Turn: "t1", Upto: 1}, key, func(*store.Tx) (json.RawMessage, *journal.Action, error) {
			done = true
			return json.RawMessage(`{"n":1}`), &journal.Action{Name: "a", Record: "order/1"}, nil
		})
		if err != nil {
			t.Fatal(err)
		}
		return done, o
	}
	j := journal.NewSQL(db, nil, noon)
	if err := j.Begin(t.Context(), journaltest.Conversation("demo", "c1")); err != nil {
		t.Fatal(err)
	}
	if _, _, err := j.Say(t.Context(), "demo", "c1", "m1", journaltest.Said("m1", "yes")); err != nil {
		t.Fatal(err)
	}
	if done, _ := act(j, before); !done {
		t.Fatal("nothing was done")
	}
	if err := journal.Restored(t.Context(), db, "the-epoch-after-it"); err != nil {
		t.Fatal(err)
	}
	if err := db.Close(); err != nil {
		t.Fatal(err)
	}
	db = openDB(t, path)
	if db.Epoch() != "the-epoch-after-it" {
		t.Fatalf("epoch %s", db.Epoch())
	}
	j = journal.NewSQL(db, nil, noon)
	acted, err := j.Acted(t.Context(), "demo", "c1")
	if err != nil || len(acted) != 1 {
		t.Fatalf("%v, %v", acted, err)
	}
	if done, o := act(j, db.Epoch()); done || o.Key != "c1/the-epoch-after-it/1/0" || string(o.Result) != `{"n":1}` {
		t.Errorf("done again: %t, %+v", done, o)
	}
	head, err := j.Head(t.Context(), "demo", "c1")
	if err != nil || head.Last != 2 || head.Epoch != db.Epoch() {
		t.Errorf("%+v, %v", head, err)
	}
}

func TestCheckFindsAGap(t *testing.T) {
	db := openDB(t, newFile(t))
	j := journal.NewSQL(db, nil, new(journaltest.Clock).Now)
	for _, id := range []string{"c1", "c2", "empty"} {
		if err := j.Begin(t.Context(), journaltest.Conversation("demo", id)); err != nil {
			t.Fatal(err)
		}
	}
	for _, id := range []string{"m1", "m2", "m3"} {
		for _, c := range []string{"c1", "c2"} {
			if _, _, err := j.Say(t.Context(), "demo", c, id, journaltest.Said(id, "hi")); err != nil {
				t.Fatal(err)
			}
		}
	}
	if err := journal.Check(t.Context(), db); err != nil {
		t.Fatal(err)
	}
	for _, offset := range []int{2, 1, 3} {
		err := db.Update(t.Context(), func(tx *store.Tx) error {
			_, err := tx.Exec(`DELETE FROM events WHERE conversation = 'c2' AND "offset" = ?`, offset)
			return err
		})
		if err != nil {
			t.Fatal(err)
		}
		if err := journal.Check(t.Context(), db); err == nil || !strings.Contains(err.Error(), "c2") {
			t.Errorf("without event %d: %v", offset, err)
		}
	}
}
