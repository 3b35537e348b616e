package dialog_test

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"github.com/floorwalker/floorwalker/dialog"
	"github.com/floorwalker/floorwalker/dialog/desk"
	"github.com/floorwalker/floorwalker/dialog/journal"
)

// staffed gives a world's engine a desk.
func staffed(p *desk.Presence) func(*dialog.Options) {
	return func(o *dialog.Options) { o.Desk = p }
}

// queued begins a conversation and has it given to the queue.
func (w *world) queued() string {
	w.t.Helper()
	id := w.begin("en")
	w.reply(id, w.say(id, "m1", "I want a person.").Offset)
	w.state(id, journal.OwnerQueue)
	return id
}

func (w *world) take(id, agent string) {
	w.t.Helper()
	if _, err := w.engine.Take(context.Background(), "demo", id, agent); err != nil {
		w.t.Fatalf("%s takes %s: %v", agent, id, err)
	}
}

// states are the state events of a conversation.
func (w *world) states(id string) (states []journal.State) {
	w.t.Helper()
	for _, e := range w.events(id) {
		if e.Kind == journal.KindState {
			s, err := journal.Body[journal.State](e)
			if err != nil {
				w.t.Fatal(err)
			}
			states = append(states, s)
		}
	}
	return states
}

// state waits until a conversation's last state event names an owner, and returns it.
func (w *world) state(id string, owner journal.Owner) journal.State {
	w.t.Helper()
	return w.statewise(id, func(s journal.State) bool { return s.Owner == owner })
}

func (w *world) statewise(id string, want func(journal.State) bool) journal.State {
	w.t.Helper()
	ctx, cancel := context.WithTimeout(context.Background(), 5*time.Minute)
	defer cancel()
	feed := w.engine.Follow("demo", id, 0)
	defer feed.Close()
	for {
		if states := w.states(id); len(states) > 0 && want(states[len(states)-1]) {
			return states[len(states)-1]
		}
		if _, err := feed.Next(ctx); err != nil {
			w.t.Fatalf("waiting for a state: %v; there are %+v\n%s", err, w.states(id), w.logged)
		}
	}
}

func code(err error) dialog.Code {
	var e *dialog.Error
	if errors.As(err, &e) {
		return e.Code
	}
	return ""
}

func byAgent(id, agent, client, text string) dialog.Utterance {
	return dialog.Utterance{Shop: "demo", Conversation: id, Role: journal.RoleAgent, Agent: agent, ID: client, Text: text}
}

func TestOfManyAgentsOneHasTheConversation(t *testing.T) {
	w := newWorld(t)
	id := w.queued()
	const agents = 16
	won, all := make(chan string, agents), sync.WaitGroup{}
	for i := range agents {
		all.Go(func() {
			agent := fmt.Sprint("agent", i)
			switch _, err := w.engine.Take(t.Context(), "demo", id, agent); {
			case err == nil:
				won <- agent
			case code(err) != dialog.Conflict:
				t.Errorf("%s: %v, want %s", agent, err, dialog.Conflict)
			}
		})
	}
	all.Wait()
	if len(won) != 1 {
		t.Fatalf("%d agents have it", len(won))
	}
	winner := <-won
	states := w.states(id)
	if len(states) != 2 || states[1] != (journal.State{Owner: journal.OwnerAgent, Agent: winner}) {
		t.Errorf("states %+v, want the queue, then %s", states, winner)
	}
	first, err := w.engine.Take(t.Context(), "demo", id, winner)
	if again, err2 := w.engine.Take(t.Context(), "demo", id, winner); err != nil || err2 != nil || again != first || len(w.states(id)) != 2 {
		t.Errorf("taken again: %+v (%v), then %+v (%v)", first, err, again, err2)
	}
}

func TestOnlyWhoHasItWritesAndGivesItOn(t *testing.T) {
	there := desk.NewPresence()
	w := newWorld(t, staffed(there))
	defer there.Join("demo", "mei")()
	defer there.Join("demo", "ann")()
	id := w.queued()
	ctx := t.Context()
	say := func(agent, client string) error {
		_, err := w.engine.Say(ctx, byAgent(id, agent, client, "Hello, this is "+agent))
		return err
	}
	release := func(agent string) error { _, err := w.engine.Release(ctx, "demo", id, agent); return err }
	transfer := func(agent, to string) error {
		_, err := w.engine.Transfer(ctx, "demo", id, agent, to)
		return err
	}
	note := func(conversation, agent string) error {
		_, err := w.engine.Note(ctx, "demo", conversation, journal.Note{ID: "n1", Agent: agent, Text: "VIP"})
		return err
	}
	for _, step := range []struct {
		what string
		err  error
		want dialog.Code
	}{
		{"mei writes to the queue", say("mei", "a1"), dialog.Conflict},
		{"mei passes on what she hasn't", transfer("mei", "ann"), dialog.Conflict},
		{"mei takes it", func() error { _, err := w.engine.Take(ctx, "demo", id, "mei"); return err }(), ""},
		{"mei writes", say("mei", "m1"), ""}, // the shopper's first had that id too
		{"mei writes it again", say("mei", "m1"), ""},
		{"ann writes", say("ann", "a2"), dialog.Conflict},
		{"ann gives it back", release("ann"), dialog.Conflict},
		{"ann passes it on", transfer("ann", ""), dialog.Conflict},
		{"mei passes it to nobody there", transfer("mei", "bob"), dialog.Conflict},
		{"ann notes", note(id, "ann"), ""},
		{"mei passes it to ann", transfer("mei", "ann"), ""},
		{"mei writes, too late", say("mei", "a3"), dialog.Conflict},
		{"ann writes", say("ann", "a4"), ""},
		{"ann passes it to the queue", transfer("ann", ""), ""},
		{"mei gives the queue's back", release("mei"), ""},
		{"and again", release("mei"), dialog.Conflict},
		{"mei repeats what was accepted", say("mei", "m1"), ""},
		{"nobody takes it", func() error { _, err := w.engine.Take(ctx, "demo", id, ""); return err }(), dialog.BadFrame},
		{"a bell takes it", func() error { _, err := w.engine.Take(ctx, "demo", id, "\a"); return err }(), dialog.BadFrame},
		{"mei takes what isn't there", func() error { _, err := w.engine.Take(ctx, "demo", "none", "mei"); return err }(), dialog.NotFound},
		{"mei notes what isn't there", note("none", "mei"), dialog.NotFound},
	} {
		if code(step.err) != step.want || step.want == "" && step.err != nil {
			t.Errorf("%s: %v, want %q", step.what, step.err, step.want)
		}
	}
	var said, owners []string
	for _, e := range w.events(id) {
		if u, err := journal.Body[journal.Utterance](e); e.Kind == journal.KindUtterance && err == nil && u.Role == journal.RoleAgent {
			said = append(said, u.Agent+" "+u.ID)
		}
	}
	for _, s := range w.states(id) {
		owners = append(owners, fmt.Sprint(s.Owner, s.Agent, s.Position, s.Reason))
	}
	if want := []string{"mei m1", "ann a4"}; !slices.Equal(said, want) {
		t.Errorf("said by agents: %q, want %q", said, want)
	}
	if want := []string{"queue1asked", "agentmei0", "agentann0transferred", "queue1transferred", "bot0released"}; !slices.Equal(owners, want) {
		t.Errorf("owners %q, want %q", owners, want)
	}
}

// Somebody takes the conversation while the bot is at its turn: either the reply was first, or
// there is none.
func TestTakenDuringATurnOfTheBot(t *testing.T) {
	w := newWorld(t)
	id := w.begin("en")
	during := func(text string) {
		if text == "hello, while you take it!" {
			w.take(id, "mei")
		}
	}
	w.words.during.Store(&during)
	w.say(id, "m1", "hello, while you take it!")
	w.state(id, journal.OwnerAgent)
	w.say(id, "m2", "hello? mei?")
	if _, err := w.engine.Say(t.Context(), byAgent(id, "mei", "a1", "Here I am.")); err != nil {
		t.Error(err)
	}
	if _, err := w.engine.Release(t.Context(), "demo", id, "mei"); err != nil {
		t.Fatal(err)
	}
	last := w.say(id, "m3", "hello, bot!")
	w.reply(id, last.Offset)
	if replies := w.replies(id); len(replies) != 1 || !slices.Equal(replies[0].InReplyTo, []int64{last.Offset}) {
		t.Errorf("replies %+v, want one, to what was said after the release", replies)
	}
}

func TestManyTakeAndGiveBackWhileTheBotAnswers(t *testing.T) {
	w := newWorld(t)
	id := w.begin("en")
	const messages = 40
	var all sync.WaitGroup
	for _, agent := range []string{"mei", "ann"} {
		all.Go(func() {
			for range 15 {
				if _, err := w.engine.Take(t.Context(), "demo", id, agent); err != nil {
					if code(err) != dialog.Conflict {
						t.Error(err)
					}
					continue
				}
				if _, err := w.engine.Release(t.Context(), "demo", id, agent); err != nil && code(err) != dialog.Conflict {
					t.Error(err)
				}
			}
		})
	}
	all.Go(func() {
		for m := range messages {
			w.say(id, fmt.Sprint("m", m), "hello!")
		}
	})
	all.Wait()
	for _, agent := range []string{"mei", "ann"} { // one of them may have lost all attempts at giving it back
		if _, err := w.engine.Release(t.Context(), "demo", id, agent); err != nil && code(err) != dialog.Conflict {
			t.Error(err)
		}
	}
	last := w.say(id, "last", "hello!")
	if a, err := w.engine.Await(t.Context(), "demo", id, last.Offset); err != nil || a.Owner != "" {
		t.Fatalf("waiting for the last reply: %+v, %v", a, err)
	}
	answered, owner := map[int64]int{}, journal.OwnerBot
	for _, e := range w.events(id) {
		switch e.Kind {
		case journal.KindState:
			s, err := journal.Body[journal.State](e)
			if err != nil {
				t.Fatal(err)
			}
			owner = s.Owner
		case journal.KindReply:
			if owner != journal.OwnerBot {
				t.Errorf("the bot replied at %d while %s had it", e.Offset, owner)
			}
			r, err := journal.Body[journal.Reply](e)
			if err != nil {
				t.Fatal(err)
			}
			for _, o := range r.InReplyTo {
				answered[o]++
			}
		}
	}
	for o, n := range answered {
		if n != 1 {
			t.Errorf("%d is in %d replies", o, n)
		}
	}
	if answered[last.Offset] != 1 {
		t.Error("what was said after all is unanswered")
	}
}

func TestYesMeantForAPersonConfirmsNothing(t *testing.T) {
	w := newWorld(t)
	asked := func() (id string) {
		id = w.begin("en")
		for i, text := range []string{"please call me back.", "it is 5551234 today."} {
			w.reply(id, w.say(id, fmt.Sprint("m", i), text).Offset)
		}
		return id
	}
	meant, id := asked(), asked()
	w.take(id, "mei")
	if _, err := w.engine.Say(t.Context(), byAgent(id, "mei", "a1", "I've called you. Was that all?")); err != nil {
		t.Fatal(err)
	}
	if _, err := w.engine.Release(t.Context(), "demo", id, "mei"); err != nil {
		t.Fatal(err)
	}
	for conversation, actions := range map[string]int{meant: 1, id: 0} {
		r := w.reply(conversation, w.say(conversation, "m3", "yes!").Offset)
		if n := w.count(conversation, journal.KindAction); n != actions {
			t.Errorf("%d actions, want %d; the bot says %q", n, actions, r.Text)
		}
	}
}

func TestQueueIsToldHowItMoves(t *testing.T) {
	there := desk.NewPresence()
	w := newWorld(t, staffed(there))
	defer there.Join("demo", "mei")()
	var ids []string
	for i := range 4 {
		ids = append(ids, w.queued())
		if s := w.states(ids[i])[0]; s.Position != i+1 {
			t.Errorf("number %d is told %+v", i+1, s)
		}
	}
	at := func(n int) func(journal.State) bool {
		return func(s journal.State) bool { return s.Owner == journal.OwnerQueue && s.Position == n }
	}
	w.take(ids[1], "mei")
	w.statewise(ids[2], at(2))
	w.statewise(ids[3], at(3))
	if _, err := w.engine.Transfer(t.Context(), "demo", ids[1], "mei", ""); err != nil {
		t.Fatal(err)
	}
	if s := w.state(ids[1], journal.OwnerQueue); s.Position != 2 {
		t.Errorf("back in the queue it is told %+v, want its old place", s)
	}
	w.statewise(ids[2], at(3))
	w.statewise(ids[3], at(4))
	if len(w.states(ids[0])) != 1 {
		t.Errorf("the first, who didn't move, is told %+v", w.states(ids[0]))
	}
}

// inStaffedBubble is inBubble with a desk.
func inStaffedBubble(t *testing.T, test func(t *testing.T, w *world, there *desk.Presence)) {
	t.Helper()
	path := t.TempDir() + "/shop.db"
	synctest.Test(t, func(t *testing.T) {
		there := desk.NewPresence()
		w := openWorld(t, path, staffed(there))
		defer w.close()
		test(t, w, there)
	})
}

func TestNobodyWaitsAtAnEmptyDesk(t *testing.T) {
	inStaffedBubble(t, func(t *testing.T, w *world, there *desk.Presence) {
		leave := there.Join("demo", "mei")
		waiting, served := w.queued(), w.queued()
		w.take(served, "mei")
		leave()
		time.Sleep(50 * time.Second)
		leave = there.Join("demo", "mei") // the page was loaded anew
		time.Sleep(2 * time.Minute)
		for _, id := range []string{waiting, served} {
			if len(w.replies(id)) != 1 {
				t.Errorf("somebody is there, and yet %+v", w.replies(id))
			}
		}
		leave()
		time.Sleep(55 * time.Second)
		if n := len(w.replies(waiting)); n != 1 {
			t.Fatalf("given up too early: %d replies", n)
		}
		time.Sleep(10 * time.Second)
		for _, id := range []string{waiting, served} {
			events := w.events(id)
			replies := w.replies(id)
			r := replies[len(replies)-1]
			if s := w.state(id, journal.OwnerBot); len(replies) != 2 || s.Reason != "desk_empty" || events[len(events)-2].Kind != journal.KindState ||
				r.Text != "Nobody is here any more. Which number?" || r.InReplyTo == nil || len(r.InReplyTo) != 0 || r.Expects == nil || r.Expects.Slot != "contact" {
				t.Errorf("state %+v, then %+v", s, r)
			}
		}
		time.Sleep(10 * time.Minute)
		if n := len(w.replies(waiting)); n != 2 {
			t.Errorf("it is told %d times", n-1)
		}
		if r := w.reply(waiting, w.say(waiting, "m2", "5551234, please.").Offset); r.Text != "Done, somebody calls." {
			t.Errorf("the offer is taken: %q", r.Text)
		}
	})
}

func TestWhatAnAgentLeavesGoesToTheOthers(t *testing.T) {
	inStaffedBubble(t, func(t *testing.T, w *world, there *desk.Presence) {
		leave := there.Join("demo", "mei")
		defer there.Join("demo", "ann")()
		id := w.queued()
		w.take(id, "mei")
		leave()
		time.Sleep(65 * time.Second)
		want := journal.State{Owner: journal.OwnerQueue, Position: 1, Reason: "agent_left"}
		if s := w.state(id, journal.OwnerQueue); s != want {
			t.Errorf("state %+v, want %+v", s, want)
		}
		w.take(id, "ann")
		time.Sleep(5 * time.Minute)
		if s := w.states(id); s[len(s)-1] != (journal.State{Owner: journal.OwnerAgent, Agent: "ann"}) {
			t.Errorf("ann, who is there, lost it: %+v", s)
		}
	})
}

// What is waiting when a server starts gets the same time: people come back after a restart.
func TestRestartGivesPeopleTimeToComeBack(t *testing.T) {
	path := t.TempDir() + "/shop.db"
	synctest.Test(t, func(t *testing.T) {
		there := desk.NewPresence()
		leave := there.Join("demo", "mei")
		w := openWorld(t, path, staffed(there))
		id := w.queued()
		w.close()
		leave()
		time.Sleep(time.Hour)
		w = openWorld(t, path, staffed(there))
		defer w.close()
		time.Sleep(30 * time.Second)
		if n := len(w.replies(id)); n != 1 {
			t.Fatalf("%d replies half a minute after the start", n)
		}
		time.Sleep(40 * time.Second)
		w.state(id, journal.OwnerBot)
	})
}

func TestNotesAndTypingAreToldToWhomTheyConcern(t *testing.T) {
	inBubble(t, func(t *testing.T, w *world) {
		id := w.queued()
		w.take(id, "mei")
		shopper, people := w.engine.Follow("demo", id, 0), w.engine.Attend("demo", id, 0, 0)
		defer shopper.Close()
		defer people.Close()
		if _, err := w.engine.Note(t.Context(), "demo", id, journal.Note{ID: "n1", Agent: "mei", Text: "bought two lamps"}); err != nil {
			t.Fatal(err)
		}
		w.engine.Typing("demo", id)
		if err := w.engine.AgentTyping(t.Context(), "demo", id, "mei"); err != nil {
			t.Error(err)
		}
		if err := w.engine.AgentTyping(t.Context(), "demo", id, "ann"); code(err) != dialog.Conflict {
			t.Errorf("ann, who hasn't it, types: %v", err)
		}
		told := func(feed *dialog.Feed) (all []string) {
			ctx, cancel := context.WithTimeout(t.Context(), time.Minute)
			defer cancel()
			for {
				n, err := feed.Next(ctx)
				switch {
				case err != nil:
					return all
				case n.Event != nil:
					all = append(all, n.Event.Kind)
				case n.Note != nil:
					all = append(all, fmt.Sprint("note ", n.Note.Text, n.Note.After))
				default:
					all = append(all, "typing "+n.Typing)
				}
			}
		}
		if got, want := told(shopper), []string{"utterance", "reply", "state", "state", "typing agent"}; !slices.Equal(got, want) {
			t.Errorf("the shopper is told %q, want %q", got, want)
		}
		if got, want := told(people), []string{"utterance", "reply", "state", "state", "note bought two lamps4", "typing shopper"}; !slices.Equal(got, want) {
			t.Errorf("people are told %q, want %q", got, want)
		}
	})
}

func TestDeskSeesWhatWaits(t *testing.T) {
	there := desk.NewPresence()
	w := newWorld(t, staffed(there))
	defer there.Join("demo", "mei")()
	first, second, open := w.queued(), w.queued(), w.begin("zh")
	w.begin("en") // says nothing
	w.reply(open, w.say(open, "m1", "你好，请问有人在吗？").Offset)
	w.take(second, "mei")
	if _, err := w.engine.Say(t.Context(), byAgent(second, "mei", "a1", "Hello!")); err != nil {
		t.Fatal(err)
	}
	lobby := w.engine.Lobby("demo")
	defer lobby.Close()
	v, err := lobby.Next(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	var got []string
	for _, s := range append(v.Held, v.Open...) {
		got = append(got, fmt.Sprint(s.Conversation, s.Owner, s.Agent, s.Position, s.Locale, s.Since != nil, s.Last.Role, s.Last.Text))
	}
	want := []string{
		fmt.Sprint(first, "queue", "", 1, "en", true, "shopper", "I want a person."),
		fmt.Sprint(second, "agent", "mei", 0, "en", true, "agent", "Hello!"),
		fmt.Sprint(open, "bot", "", 0, "zh", false, "shopper", "你好，请问有人在吗？"),
	}
	if !slices.Equal(got, want) || !slices.Equal(v.Agents, []string{"mei"}) {
		t.Errorf("seen:\n%q\nwant\n%q\nthere are %q", got, want, v.Agents)
	}
	if _, err := w.engine.Take(t.Context(), "demo", first, "mei"); err != nil {
		t.Fatal(err)
	}
	for v.Held[0].Owner != journal.OwnerAgent {
		if v, err = lobby.Next(t.Context()); err != nil {
			t.Fatal(err)
		}
	}
	if e, err := w.engine.Stated(t.Context(), "demo", first, v.Held[0].Stated); err != nil || e.Kind != journal.KindState {
		t.Errorf("its last state is %+v (%v)", e, err)
	}
}
