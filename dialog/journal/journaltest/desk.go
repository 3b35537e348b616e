package journaltest

import (
	"errors"
	"fmt"
	"reflect"
	"testing"

	"github.com/floorwalker/floorwalker/dialog/journal"
)

// owned ends a turn that gives a conversation to somebody.
func owned(t *testing.T, j journal.Journal, id string, owner journal.Owner, agent string) {
	t.Helper()
	state := event(journal.KindState, journal.State{Owner: owner, Agent: agent})
	_, err := j.EndTurn(t.Context(), "demo", id, journal.Turn{Expect: head(t, j, id).Turns, Events: []journal.Event{state}, Owner: owner, Agent: agent})
	if err != nil {
		t.Fatal(err)
	}
}

// asDesk skips journals that no desk works with.
func asDesk(t *testing.T, j journal.Journal) journal.Desk {
	t.Helper()
	d, ok := j.(journal.Desk)
	if !ok {
		t.Skip("it is no desk's journal")
	}
	return d
}

func ids(heads []journal.Conversation) []string {
	list := []string{}
	for _, c := range heads {
		list = append(list, c.ID)
	}
	return list
}

func heldByPeople(t *testing.T, j journal.Journal) {
	d := asDesk(t, j)
	start(t, j, "c1", "c2", "c3", "c4", "quiet")
	for _, id := range []string{"c1", "c2", "c3", "c4"} {
		say(t, j, id, "m1", "hi")
	}
	owned(t, j, "c3", journal.OwnerQueue, "")
	owned(t, j, "c1", journal.OwnerQueue, "")
	owned(t, j, "c4", journal.OwnerAgent, "mei")
	owned(t, j, "c3", journal.OwnerAgent, "mei") // keeps its place
	owned(t, j, "c1", journal.OwnerBot, "")
	owned(t, j, "c1", journal.OwnerQueue, "") // came back: the last now
	for shop, want := range map[string][]string{"demo": {"c3", "c4", "c1"}, "": {"c3", "c4", "c1"}, "other": {}} {
		held, err := d.Held(t.Context(), shop, 10)
		if err != nil || !reflect.DeepEqual(ids(held), want) {
			t.Errorf("held in %q: %v (%v), want %v", shop, ids(held), err, want)
		}
	}
	held, err := d.Held(t.Context(), "demo", 1)
	if err != nil || len(held) != 1 || !reflect.DeepEqual(held[0], head(t, j, "c3")) || held[0].Agent != "mei" || held[0].Stated != 3 || held[0].Handed.IsZero() {
		t.Errorf("the first is %+v (%v), want the head of c3", held, err)
	}
	if recent, err := d.Recent(t.Context(), "demo", 10); err != nil || !reflect.DeepEqual(ids(recent), []string{"c2"}) {
		t.Errorf("recent are %v (%v), want c2", ids(recent), err)
	}
	owned(t, j, "c3", journal.OwnerBot, "")
	say(t, j, "c2", "m2", "hello?")
	if c := head(t, j, "c3"); !c.Handed.IsZero() || c.Agent != "" {
		t.Errorf("back with the bot: %+v", c)
	}
	if recent, err := d.Recent(t.Context(), "demo", 10); err != nil || !reflect.DeepEqual(ids(recent), []string{"c2", "c3"}) {
		t.Errorf("recent are %v (%v), want c2, c3", ids(recent), err)
	}
}

func writtenByOwner(t *testing.T, j journal.Journal) {
	start(t, j, "c1")
	write := func(agent, id string) error {
		_, _, err := j.Say(t.Context(), "demo", "c1", agent+"/"+id, event(journal.KindUtterance,
			journal.Utterance{Role: journal.RoleAgent, ID: id, Text: "hello", Agent: agent}))
		return err
	}
	for _, c := range []struct {
		owner journal.Owner
		agent string
		may   bool
	}{{journal.OwnerBot, "", false}, {journal.OwnerQueue, "", false}, {journal.OwnerAgent, "ann", false}, {journal.OwnerAgent, "mei", true}} {
		owned(t, j, "c1", c.owner, c.agent)
		before := head(t, j, "c1")
		err := write("mei", fmt.Sprint(c.owner, c.agent))
		if c.may != (err == nil) || !c.may && !errors.Is(err, journal.ErrNotOwner) {
			t.Errorf("owned by %s %s: %v", c.owner, c.agent, err)
		}
		if after := head(t, j, "c1"); !c.may && !reflect.DeepEqual(before, after) {
			t.Errorf("what was refused changed the head: %+v", after)
		}
	}
	owned(t, j, "c1", journal.OwnerBot, "")
	if err := write("mei", "agentmei"); err != nil {
		t.Errorf("what was accepted before, again: %v", err)
	}
}

func notes(t *testing.T, j journal.Journal) {
	d := asDesk(t, j)
	start(t, j, "c1", "c2")
	say(t, j, "c1", "m1", "hi")
	note := func(id, agent, text string) journal.Note {
		n, err := d.Note(t.Context(), "demo", "c1", journal.Note{ID: id, Agent: agent, Text: text})
		if err != nil {
			t.Fatal(err)
		}
		return n
	}
	first, second, third := note("n1", "mei", "VIP"), note("n2", "mei", "退款中"), note("n1", "ann", "called her")
	if first.Seq != 1 || second.Seq != 2 || third.Seq != 3 || first.After != 1 || first.At.IsZero() || third.Text != "called her" {
		t.Errorf("kept %+v, %+v, %+v", first, second, third)
	}
	if again := note("n1", "mei", "other words"); again != first {
		t.Errorf("again: %+v, want the first %+v", again, first)
	}
	kept, err := d.Notes(t.Context(), "demo", "c1", 1, 1)
	if err != nil || !reflect.DeepEqual(kept, []journal.Note{second}) {
		t.Errorf("after the first, at most one: %+v (%v)", kept, err)
	}
	if none, err := d.Notes(t.Context(), "demo", "c2", 0, 10); err != nil || none == nil || len(none) > 0 {
		t.Errorf("the other conversation has %+v (%v)", none, err)
	}
	if events, err := j.Read(t.Context(), "demo", "c1", 0, 10); err != nil || len(events) != 1 {
		t.Errorf("%d events (%v): a note must be none", len(events), err)
	}
	if _, err := d.Note(t.Context(), "demo", "nobody", journal.Note{ID: "n1", Agent: "mei"}); !errors.Is(err, journal.ErrNotFound) {
		t.Errorf("a note on nothing: %v", err)
	}
}
