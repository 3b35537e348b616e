package journaltest

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"reflect"
	"testing"
	"time"

	"pgregory.net/rapid"

	"github.com/floorwalker/floorwalker/catalog"
	"github.com/floorwalker/floorwalker/dialog/journal"
)

// Model checks with random operations that a journal does what the one in memory does, and
// that reading on from any offset gives the same events as reading all. reopen closes and
// opens the same journal again, as after a crash; it may return its argument.
func Model(t *testing.T, open Open, reopen func(journal.Journal) journal.Journal) {
	var run int
	now := new(Clock).Now
	shared := open(t, now)
	rapid.Check(t, func(r *rapid.T) {
		run++
		m := &machine{real: shared, now: now, prefix: fmt.Sprint("run", run, "-"), reopen: reopen}
		m.model = journal.NewMemory("model", func() time.Time { return time.Unix(1, 0) })
		for _, id := range m.ids() {
			must(r, m.real.Begin(context.Background(), Conversation("demo", id)))
			must(r, m.model.Begin(context.Background(), Conversation("demo", id)))
		}
		r.Repeat(map[string]func(*rapid.T){
			"say":     m.say,
			"endTurn": m.endTurn,
			"read":    m.read,
			"reopen":  m.crash,
			"":        m.compare,
		})
		shared = m.real
	})
}

type machine struct {
	real   journal.Journal
	model  *journal.Memory
	now    func() time.Time
	prefix string
	reopen func(journal.Journal) journal.Journal
}

func (m *machine) ids() []string { return []string{m.prefix + "a", m.prefix + "b"} }

func (m *machine) id(r *rapid.T) string { return rapid.SampledFrom(m.ids()).Draw(r, "id") }

func must(r *rapid.T, err error) {
	r.Helper()
	if err != nil {
		r.Fatal(err)
	}
}

// both fails unless the two errors are of one kind.
func both(r *rapid.T, real, model error) {
	r.Helper()
	for _, known := range []error{journal.ErrNotFound, journal.ErrSuperseded, journal.ErrExists, journal.ErrNotOwner} {
		if errors.Is(real, known) != errors.Is(model, known) {
			r.Fatalf("got %v, the model %v", real, model)
		}
	}
	if (real == nil) != (model == nil) {
		r.Fatalf("got %v, the model %v", real, model)
	}
}

// alike compares events without their times.
func alike(r *rapid.T, real, model []journal.Event) {
	r.Helper()
	if len(real) != len(model) {
		r.Fatalf("%d events, the model has %d", len(real), len(model))
	}
	for i := range real {
		a, b := real[i], model[i]
		a.At, b.At = time.Time{}, time.Time{}
		if !reflect.DeepEqual(a, b) {
			r.Fatalf("event %+v, the model has %+v", a, b)
		}
	}
}

func (m *machine) say(r *rapid.T) {
	id := m.id(r)
	client := rapid.SampledFrom([]string{"m1", "m2", "m3", "m4", "m5"}).Draw(r, "client")
	e := Said(client, rapid.String().Draw(r, "text"))
	if rapid.IntRange(0, 4).Draw(r, "agent") == 0 {
		e = event(journal.KindUtterance, journal.Utterance{Role: journal.RoleAgent, ID: client, Agent: "mei"})
	}
	a, again, err := m.real.Say(context.Background(), "demo", id, client, e)
	b, againModel, errModel := m.model.Say(context.Background(), "demo", id, client, e)
	both(r, err, errModel)
	if again != againModel {
		r.Fatalf("repeated %v, the model %v", again, againModel)
	}
	alike(r, []journal.Event{a}, []journal.Event{b})
}

func (m *machine) endTurn(r *rapid.T) {
	id := m.id(r)
	c, err := m.model.Head(context.Background(), "demo", id)
	must(r, err)
	turn := journal.Turn{
		Expect:   c.Turns - int64(rapid.IntRange(0, 1).Draw(r, "late")),
		Answered: rapid.Int64Range(0, c.Last).Draw(r, "answered"),
		Identity: catalog.Identity{Customer: rapid.SampledFrom([]string{"", "ann"}).Draw(r, "customer")},
		Owner:    rapid.SampledFrom([]journal.Owner{"", journal.OwnerBot, journal.OwnerQueue, journal.OwnerAgent}).Draw(r, "owner"),
		Locale:   rapid.SampledFrom([]string{"", "en", "zh"}).Draw(r, "locale"),
	}
	switch turn.Owner {
	case journal.OwnerAgent:
		turn.Agent = rapid.SampledFrom([]string{"mei", "ann"}).Draw(r, "agent")
	case journal.OwnerQueue:
		turn.Position = rapid.IntRange(0, 3).Draw(r, "position")
	}
	if rapid.Bool().Draw(r, "state") {
		turn.State = json.RawMessage(fmt.Sprintf(`{"n":%d}`, c.Turns))
	}
	for range rapid.IntRange(0, 2).Draw(r, "events") {
		said := event(journal.KindReply, journal.Reply{Turn: fmt.Sprint("t", c.Turns)})
		if rapid.IntRange(0, 3).Draw(r, "close") == 0 {
			said = event(journal.KindClosed, journal.Closed{By: "bot", Reason: "silence"})
		} else if turn.Owner != "" {
			said = event(journal.KindState, journal.State{Owner: turn.Owner, Agent: turn.Agent, Position: turn.Position})
		}
		turn.Events = append(turn.Events, said)
	}
	a, err := m.real.EndTurn(context.Background(), "demo", id, turn)
	b, errModel := m.model.EndTurn(context.Background(), "demo", id, turn)
	both(r, err, errModel)
	alike(r, a, b)
}

func (m *machine) read(r *rapid.T) {
	id := m.id(r)
	after, limit := rapid.Int64Range(0, 20).Draw(r, "after"), rapid.IntRange(1, 20).Draw(r, "limit")
	a, err := m.real.Read(context.Background(), "demo", id, after, limit)
	b, errModel := m.model.Read(context.Background(), "demo", id, after, limit)
	both(r, err, errModel)
	alike(r, a, b)
}

// crash is rare: to open a database takes longer than all else.
func (m *machine) crash(r *rapid.T) {
	if rapid.IntRange(0, 15).Draw(r, "crash") == 15 {
		m.real = m.reopen(m.real)
	}
}

// compare checks heads, and that a follower who resumes anywhere sees the one journal.
func (m *machine) compare(r *rapid.T) {
	id := m.id(r)
	a, err := m.real.Head(context.Background(), "demo", id)
	b, errModel := m.model.Head(context.Background(), "demo", id)
	both(r, err, errModel)
	if a.Handed.IsZero() != b.Handed.IsZero() {
		r.Fatalf("handed to people %v, the model %v", a.Handed, b.Handed)
	}
	a.Epoch, a.Handed = b.Epoch, b.Handed
	if !reflect.DeepEqual(a, b) {
		r.Fatalf("head\n     %+v\nmodel %+v", a, b)
	}
	whole, err := m.real.Read(context.Background(), "demo", id, 0, 1000)
	must(r, err)
	at := rapid.IntRange(0, len(whole)).Draw(r, "resume")
	rest, err := m.real.Read(context.Background(), "demo", id, int64(at), 1000)
	must(r, err)
	if !sameAll(rest, whole[at:]) {
		r.Fatalf("resumed at %d: %v, want %v", at, rest, whole[at:])
	}
	for i, e := range whole {
		if e.Offset != int64(i+1) {
			r.Fatalf("offset %d at place %d", e.Offset, i)
		}
	}
}
