package websocket_test

import (
	"encoding/json"
	"fmt"
	"slices"
	"strings"
	"testing"
	"time"

	gorilla "github.com/gorilla/websocket"

	"github.com/floorwalker/floorwalker/channels"
	"github.com/floorwalker/floorwalker/channels/websocket"
	"github.com/floorwalker/floorwalker/dialog/desk"
)

// staffed serves the corner shop with a desk.
func staffed(t *testing.T) (*socket, *desk.Presence) {
	there := desk.NewPresence()
	return serve(t, func(o *websocket.Options) { o.Desk = there }), there
}

// agentFrame is what an agent's frames have beside those of shoppers.
type agentFrame struct {
	frame
	Agent string `json:"agent"`
	Note  int64  `json:"note"`
	After int64  `json:"after"`
}

func (f frame) agents(t testing.TB) agentFrame {
	t.Helper()
	a := agentFrame{}
	if err := json.Unmarshal(f.raw, &a); err != nil {
		t.Fatal(err)
	}
	a.raw = f.raw
	return a
}

// agent connects somebody at the desk.
func (s *socket) agent(name string, valid time.Duration) *client {
	s.t.Helper()
	token, err := corner.keys.Sign("corner", name, channels.RoleAgent, time.Now().Add(valid))
	if err != nil {
		s.t.Fatal(err)
	}
	c, w := s.hello(object{"token": token})
	if a := w.agents(s.t); a.Agent != name || a.Role != "agent" || w.Conversation != "" || w.Secret != "" {
		s.t.Errorf("the welcome is %s", w.raw)
	}
	return c
}

// does sends a frame of an agent and returns what it is answered by.
func (c *client) does(kind, conversation string, more object) frame {
	c.t.Helper()
	f := object{"type": kind, "id": kind + fmt.Sprint(time.Now().UnixNano()), "conversation": conversation}
	for k, v := range more {
		f[k] = v
	}
	c.send(f)
	return c.until(func(got frame) bool { return got.ID == f["id"] && (got.Type == "accepted" || got.Type == "error") })
}

func (c *client) state(conversation, owner string) frame {
	c.t.Helper()
	return c.until(func(f frame) bool { return f.Kind == "state" && f.Conversation == conversation && f.Owner == owner })
}

func TestAgentTakesAnswersAndGivesBack(t *testing.T) {
	s, there := staffed(t)
	shopper, w := s.hello(nil)
	shopper.ask("m1", "do you have lamps?")
	mei, ann := s.agent("mei", time.Hour), s.agent("ann", time.Hour)
	if names := there.Agents("corner"); !slices.Equal(names, []string{"ann", "mei"}) {
		t.Errorf("at the desk are %v", names)
	}
	if f := ann.does("take", w.Conversation, nil); f.Type != "accepted" || f.Conversation != w.Conversation {
		t.Fatalf("ann takes it: %s", f.raw)
	}
	if f := ann.until(typed("following")); f.Owner != "agent" || f.agents(t).Agent != "ann" || f.Reset {
		t.Errorf("then %s", f.raw)
	}
	var kinds []string
	for range 3 {
		f := ann.until(typed("event"))
		if kinds = append(kinds, f.Kind); f.Conversation != w.Conversation || f.Epoch == "" || f.Offset != int64(len(kinds)) {
			t.Errorf("%s", f.raw)
		}
	}
	if !slices.Equal(kinds, []string{"utterance", "reply", "state"}) {
		t.Errorf("ann reads %q", kinds)
	}
	if f := shopper.until(kind("state")); f.Owner != "agent" || f.agents(t).Agent != "ann" {
		t.Errorf("the shopper is told %s", f.raw)
	}
	mei.state(w.Conversation, "agent")
	if f := mei.does("take", w.Conversation, nil); f.Code != "conflict" || !strings.Contains(f.Message, "ann") {
		t.Errorf("mei takes it too: %s", f.raw)
	}
	if f := mei.does("message", w.Conversation, object{"text": "It's me!"}); f.Code != "conflict" {
		t.Errorf("mei writes: %s", f.raw)
	}
	if f := ann.does("note", w.Conversation, object{"text": "wants a green one"}); f.Type != "accepted" {
		t.Errorf("ann notes: %s", f.raw)
	}
	if f := ann.until(typed("note")).agents(t); f.Note != 1 || f.Agent != "ann" || f.Text != "wants a green one" || f.After != 3 {
		t.Errorf("the note is %s", f.raw)
	}
	ann.send(object{"type": "typing", "conversation": w.Conversation})
	if f := shopper.until(typed("typing")); f.Role != "agent" {
		t.Errorf("%s", f.raw)
	}
	message := object{"id": "m1", "text": "We have green ones."} // an id that the shopper used too
	first, again := ann.does("message", w.Conversation, message), ann.does("message", w.Conversation, message)
	if first.Type != "accepted" || first.Offset != again.Offset {
		t.Errorf("%s, then %s", first.raw, again.raw)
	}
	if f := shopper.next(); f.Kind != "utterance" || f.Role != "agent" || f.Text != "We have green ones." || f.agents(t).Agent != "ann" {
		t.Errorf("the shopper, who may know of no note, reads %s", f.raw)
	}
	shopper.send(object{"type": "typing"})
	if f := ann.until(typed("typing")); f.Role != "shopper" || f.Conversation != w.Conversation {
		t.Errorf("%s", f.raw)
	}
	shopper.say("m2", "great, thanks")
	if f := ann.until(func(f frame) bool { return f.Kind == "utterance" && f.Role == "shopper" && f.Offset > 1 }); f.Text != "great, thanks" {
		t.Errorf("%s", f.raw)
	}
	if f := ann.does("transfer", w.Conversation, object{"to": "bob"}); f.Code != "conflict" {
		t.Errorf("to somebody who isn't there: %s", f.raw)
	}
	if f := ann.does("transfer", w.Conversation, nil); f.Type != "accepted" {
		t.Errorf("to the queue: %s", f.raw)
	}
	shopper.until(func(f frame) bool { return f.Kind == "state" && f.Owner == "queue" })
	mei.state(w.Conversation, "queue")
	mei.does("take", w.Conversation, nil)
	if f := mei.does("release", w.Conversation, nil); f.Type != "accepted" {
		t.Errorf("mei gives it back: %s", f.raw)
	}
	if f := shopper.until(func(f frame) bool { return f.Kind == "state" && f.Owner == "bot" }); f.Offset == 0 {
		t.Errorf("%s", f.raw)
	}
	if f := shopper.ask("m3", "do you have lamps?"); f.Text == "" {
		t.Errorf("the bot says %s", f.raw)
	}
}

func TestAgentResumesEachConversation(t *testing.T) {
	s, _ := staffed(t)
	shopper, w := s.hello(nil)
	shopper.ask("m1", "do you have lamps?")
	mei := s.agent("mei", time.Hour)
	mei.does("take", w.Conversation, nil)
	mei.does("note", w.Conversation, object{"text": "one"})
	mei.until(typed("note"))
	following := mei.does("message", w.Conversation, object{"text": "Hello!"})
	mei.Close()
	shopper.say("m2", "are you there?")
	shopper.until(func(f frame) bool { return f.ID == "m2" })
	mei = s.agent("mei", time.Hour)
	mei.state(w.Conversation, "agent") // what she has she is told of
	follow := func(c *client, resume object) (frame, []frame) {
		c.send(object{"type": "follow", "conversation": w.Conversation, "resume": resume})
		f := c.until(typed("following"))
		var got []frame
		for len(got) == 0 || got[len(got)-1].Text != "are you there?" {
			got = append(got, c.until(func(f frame) bool { return f.Type == "event" || f.Type == "note" }))
		}
		return f, got
	}
	f, got := follow(mei, nil)
	epoch := f.Epoch
	if f.Reset || f.Offset != 5 || len(got) != 5 {
		t.Errorf("all: %s, then %d events", f.raw, len(got))
	}
	if f := mei.until(typed("note")); f.Text != "one" {
		t.Errorf("then %s", f.raw)
	}
	if f, got = follow(mei, object{"epoch": epoch, "offset": following.Offset, "note": 1}); f.Reset || len(got) != 1 {
		t.Errorf("from where she was: %s, then %d events", f.raw, len(got))
	}
	if f, got = follow(mei, object{"epoch": "another", "offset": 4}); !f.Reset || len(got) != 5 {
		t.Errorf("from another history: %s, then %d events", f.raw, len(got))
	}
	mei.send(object{"type": "unfollow", "conversation": w.Conversation})
	mei.does("note", w.Conversation, object{"text": "two"})
	mei.does("release", w.Conversation, nil)
	if f := mei.until(func(f frame) bool { return f.Kind == "state" || f.Type == "note" && f.Text == "two" }); f.Type != "event" || f.Owner != "bot" {
		t.Errorf("unfollowed, she still gets %s", f.raw)
	}
}

func TestAgentsFramesThatAreNone(t *testing.T) {
	s, _ := staffed(t)
	shopper, w := s.hello(nil)
	shopper.ask("m1", "do you have lamps?")
	for _, kind := range []string{"take", "release", "note", "transfer", "follow"} {
		shopper.send(object{"type": kind, "id": kind, "conversation": w.Conversation, "text": "x"})
		if f := shopper.until(func(f frame) bool { return f.ID == kind }); f.Code != "bad_frame" {
			t.Errorf("a shopper who would %s: %s", kind, f.raw)
		}
	}
	mei := s.agent("mei", time.Hour)
	for _, c := range []struct {
		kind, conversation string
		more               object
		code               string
	}{
		{"take", "nowhere", nil, "not_found"},
		{"follow", "nowhere", nil, "not_found"},
		{"follow", "", nil, "not_found"},
		{"message", w.Conversation, object{"text": "Hi"}, "conflict"},
		{"message", w.Conversation, nil, "bad_frame"},
		{"note", w.Conversation, nil, "bad_frame"},
		{"note", w.Conversation, object{"text": "x", "id": "a b"}, "bad_frame"},
		{"note", w.Conversation, object{"text": strings.Repeat("好", 10_001)}, "too_large"},
		{"release", w.Conversation, nil, "conflict"},
		{"dance", w.Conversation, nil, "bad_frame"},
		{"hello", w.Conversation, nil, "bad_frame"},
	} {
		if f := mei.does(c.kind, c.conversation, c.more); f.Code != c.code {
			t.Errorf("%s: %s, want %s", c.kind, f.raw, c.code)
		}
	}
	short := s.agent("ann", 200*time.Millisecond)
	short.closes(gorilla.ClosePolicyViolation) // its token has expired
}

func TestEightTakeTheSameAtOnce(t *testing.T) {
	s, _ := staffed(t)
	shopper, w := s.hello(nil)
	shopper.ask("m1", "do you have lamps?")
	var agents []*client
	for i := range 8 {
		agents = append(agents, s.agent(fmt.Sprint("agent", i), time.Hour))
	}
	for _, a := range agents {
		a.send(object{"type": "take", "id": "t", "conversation": w.Conversation})
	}
	won := 0
	for _, a := range agents {
		if f := a.until(func(f frame) bool { return f.ID == "t" && f.Type != "following" }); f.Type == "accepted" {
			won++
		} else if f.Code != "conflict" {
			t.Errorf("%s", f.raw)
		}
	}
	if won != 1 {
		t.Errorf("%d have it", won)
	}
}
