package websocket_test

import (
	"bytes"
	"fmt"
	"math/rand/v2"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	gorilla "github.com/gorilla/websocket"
)

// watchful reads frames and checks on the way what a client may rely on.
type watchful struct {
	*client
	accepted map[int64]bool // offsets
	mine     map[string]bool
	last     int64
}

func (w *watchful) read() frame {
	w.t.Helper()
	f := w.next()
	switch {
	case f.Type == "accepted":
		w.accepted[f.Offset] = true
	case f.Type == "event":
		if f.Offset != w.last+1 {
			w.t.Errorf("event %d after %d", f.Offset, w.last)
		}
		w.last = f.Offset
		if f.Kind == "utterance" && w.mine[f.ID] && !w.accepted[f.Offset] {
			w.t.Errorf("event %s came before it was accepted", f.raw)
		}
	}
	return f
}

// Two pages of one conversation and three other shoppers send bursts; whoever wrote something
// reads that it is accepted before any event that follows from it.
func TestAcceptedComesBeforeWhatDependsOnIt(t *testing.T) {
	s := serve(t)
	first, w := s.hello(nil)
	second, _ := s.hello(resumed(w, w.Epoch, 0))
	clients := []*client{first, second}
	for range 3 {
		c, _ := s.hello(nil)
		clients = append(clients, c)
	}
	const messages = 40
	var all sync.WaitGroup
	for n, c := range clients {
		v := &watchful{client: c, accepted: map[int64]bool{}, mine: map[string]bool{}}
		for i := range messages {
			v.mine[fmt.Sprintf("c%d-%d", n, i)] = true
		}
		all.Go(func() {
			for i := range messages {
				text := []string{"Hello.", "and", "Where is my order?"}[i%3]
				if err := c.WriteJSON(object{"type": "message", "id": fmt.Sprintf("c%d-%d", n, i), "text": text}); err != nil {
					t.Error(err)
				}
			}
		})
		all.Go(func() {
			replied := map[int64]int{}
			for answered := 0; answered < messages; {
				f := v.read()
				if f.Kind != "reply" {
					continue
				}
				for _, o := range f.InReplyTo {
					replied[o]++
					if replied[o] > 1 {
						t.Errorf("utterance %d has two replies", o)
					}
					if v.accepted[o] {
						answered++
					} else if n > 1 { // of the first two, either may have said it
						t.Errorf("reply %s came before offset %d was accepted", f.raw, o)
					}
				}
			}
		})
	}
	all.Wait()
}

func TestSameIDAgainIsAcceptedAgainAndNothingMore(t *testing.T) {
	s := serve(t)
	c, w := s.hello(nil)
	r := c.ask("m1", "Hello.")
	for range 3 {
		c.say("m1", "Something else altogether.")
		if f := c.next(); f.Type != "accepted" || f.ID != "m1" || f.Offset != 1 {
			t.Errorf("again: %s, want accepted at 1", f.raw)
		}
	}
	if r2 := c.ask("m2", "Hello again."); r2.Offset != r.Offset+2 {
		t.Errorf("the next reply is at %d, want %d: nothing else was journalled", r2.Offset, r.Offset+2)
	}
	resumed, _ := s.hello(resumed(w, w.Epoch, 0)) // and on another connection
	resumed.events(4)
	resumed.say("m1", "Hello.")
	if f := resumed.next(); f.Type != "accepted" || f.Offset != 1 {
		t.Errorf("again, resumed: %s", f.raw)
	}
}

// talkAtLength holds a conversation of several kinds of events and returns it whole.
func talkAtLength(t *testing.T, s *socket) (w frame, whole []frame) {
	c, w := s.hello(nil)
	r := c.ask("m1", "Hello.")
	c.ask("m2", "Do you have a kettle?")
	c.send(object{"type": "feedback", "id": "f1", "turn": r.Turn, "rating": 5})
	c.until(typed("accepted"))
	last := c.ask("m3", "Where is my order?").Offset
	c.Close()
	c, _ = s.hello(resumed(w, w.Epoch, 0))
	return w, c.events(last)
}

func TestResumeAtEveryOffsetGivesTheSameJournal(t *testing.T) {
	s := serve(t)
	w, whole := talkAtLength(t, s)
	if len(whole) < 7 {
		t.Fatalf("only %d events", len(whole))
	}
	last := int64(len(whole))
	for offset := range last + 1 {
		c, again := s.hello(resumed(w, w.Epoch, offset))
		if again.Offset != last || again.Reset {
			t.Errorf("resumed at %d: %s", offset, again.raw)
		}
		c.say("m1", "anything") // its accepted marks the end of what comes by itself
		var got [][]byte
		for f := c.next(); ; f = c.next() {
			if f.Type == "event" {
				got = append(got, f.raw)
			} else if f.Type != "accepted" {
				t.Errorf("resumed at %d: %s is replayed", offset, f.raw)
			}
			if len(got) == int(last-offset) {
				break
			}
		}
		for i, e := range got {
			if !bytes.Equal(e, whole[int(offset)+i].raw) {
				t.Errorf("resumed at %d: %s, want %s", offset, e, whole[int(offset)+i].raw)
			}
		}
		c.Close()
	}
}

func TestResumeWherePlaceIsGone(t *testing.T) {
	s := serve(t)
	w, whole := talkAtLength(t, s)
	last := int64(len(whole))
	for name, resume := range map[string]object{
		"unknown epoch":        {"epoch": "another", "offset": 1},
		"no epoch":             {"offset": 1},
		"offset too large":     {"epoch": w.Epoch, "offset": last + 1},
		"offset larger by far": {"epoch": w.Epoch, "offset": int64(1) << 60},
		"offset below zero":    {"epoch": w.Epoch, "offset": -1},
	} {
		c, again := s.hello(object{"conversation": w.Conversation, "secret": w.Secret, "resume": resume})
		if !again.Reset || again.Offset != last {
			t.Errorf("%s: %s, want a reset", name, again.raw)
		}
		if events := c.events(last); events[0].Offset != 1 || len(events) != len(whole) {
			t.Errorf("%s: %d events from %d, want all", name, len(events), events[0].Offset)
		}
	}
	if _, again := s.hello(object{"conversation": w.Conversation, "secret": w.Secret}); again.Reset {
		t.Error("without resume there is nothing to reset")
	}
}

// A page that loses its connection again and again, in the middle of anything, sees one journal.
func TestResumesInTheMiddleOfTalkSeeOneJournal(t *testing.T) {
	s := serve(t)
	random := rand.New(rand.NewPCG(1, 2))
	c, w := s.hello(nil)
	talker, _ := s.hello(resumed(w, w.Epoch, 0))
	const messages = 30
	go func() {
		for i := range messages {
			if talker.WriteJSON(object{"type": "message", "id": fmt.Sprint("m", i), "text": "Hello."}) != nil {
				return
			}
		}
	}()
	var last int64
	for answered := 0; answered < messages; {
		for range random.IntN(8) {
			f := c.next()
			if f.Type != "event" {
				continue
			}
			if f.Offset != last+1 {
				t.Fatalf("event %d after %d", f.Offset, last)
			}
			last = f.Offset
			if answered += len(f.InReplyTo); answered == messages {
				break
			}
		}
		c.Close()
		c, _ = s.hello(resumed(w, w.Epoch, last))
	}
}

func TestBrokenFramesAreRefusedAndTheConnectionStays(t *testing.T) {
	s := serve(t)
	c, _ := s.hello(nil)
	for _, f := range []struct {
		name string
		kind int
		data string
		id   string // in the error
		code string
	}{
		{"not JSON", gorilla.TextMessage, "hello?", "", "bad_frame"},
		{"a JSON text", gorilla.TextMessage, `"hello"`, "", "bad_frame"},
		{"a list", gorilla.TextMessage, `[{"type":"typing"}]`, "", "bad_frame"},
		{"null", gorilla.TextMessage, `null`, "", "bad_frame"},
		{"unknown type", gorilla.TextMessage, `{"type":"dance","id":"x1"}`, "x1", "bad_frame"},
		{"no type", gorilla.TextMessage, `{}`, "", "bad_frame"},
		{"nothing", gorilla.TextMessage, ``, "", "bad_frame"},
		{"two objects", gorilla.TextMessage, `{"type":"typing"}{"type":"typing"}`, "", "bad_frame"},
		{"a brace too many", gorilla.TextMessage, `{"type":"typing"}}`, "", "bad_frame"},
		{"a second hello", gorilla.TextMessage, `{"type":"hello","id":"x2","shop":"corner"}`, "x2", "bad_frame"},
		{"a text that is a number", gorilla.TextMessage, `{"id":"x3","type":"message","text":4}`, "x3", "bad_frame"},
		{"invalid UTF-8", gorilla.TextMessage, "{\"type\":\"message\",\"id\":\"x4\",\"text\":\"\xff\"}", "", "bad_frame"},
		{"binary", gorilla.BinaryMessage, `{"type":"message","id":"x5","text":"Hello."}`, "", "bad_frame"},
		{"no text", gorilla.TextMessage, `{"type":"message","id":"x6"}`, "x6", "bad_frame"},
		{"no id", gorilla.TextMessage, `{"type":"message","text":"Hello."}`, "", "bad_frame"},
		{"an id with spaces", gorilla.TextMessage, `{"type":"message","id":"x 7","text":"Hello."}`, "x 7", "bad_frame"},
		{"a choice of nothing", gorilla.TextMessage, `{"type":"choose","id":"x8"}`, "x8", "bad_frame"},
		{"a rating of 6", gorilla.TextMessage, `{"type":"feedback","id":"x9","turn":"t","rating":6}`, "x9", "bad_frame"},
		{"too long a text", gorilla.TextMessage, `{"type":"message","id":"y1","text":"` + strings.Repeat("长", 10_001) + `"}`, "y1", "too_large"},
		{"too long a choice", gorilla.TextMessage, `{"type":"choose","id":"y2","choice":"` + strings.Repeat("x", 10_001) + `"}`, "y2", "too_large"},
	} {
		c.sendRaw(f.kind, []byte(f.data))
		if got := c.next(); got.Type != "error" || got.Code != f.code || got.ID != f.id || got.Message == "" {
			t.Errorf("%s: got %s, want %s for %q", f.name, got.raw, f.code, f.id)
		}
		c.send(object{"type": "typing", "mood": "fine"}) // sound, with a field that nobody knows: no answer
	}
	c.say("ok", strings.Repeat("长", 10_000))
	if f := c.next(); f.Type != "accepted" || f.Offset != 1 {
		t.Errorf("10,000 characters: %.200s", f.raw)
	}
}

func TestFiveBrokenFramesInARowClose(t *testing.T) {
	s := serve(t)
	c, _ := s.hello(nil)
	for range 4 {
		c.sendRaw(gorilla.TextMessage, []byte("{"))
		c.refused("bad_frame")
	}
	c.ask("m1", "Hello.") // not in a row any more
	for range 5 {
		c.sendRaw(gorilla.BinaryMessage, []byte("{"))
		c.refused("bad_frame")
	}
	c.closes(gorilla.ClosePolicyViolation)
}

func TestFrameTooLargeCloses(t *testing.T) {
	s := serve(t)
	c, w := s.hello(nil)
	talker, _ := s.hello(resumed(w, w.Epoch, 0))
	talker.say("m1", "Hello.") // so that there is also something to write
	c.say("m2", strings.Repeat("x", 1<<20))
	c.closes(gorilla.CloseMessageTooBig)
	c, _ = s.hello(resumed(w, w.Epoch, 0))
	c.until(kind("reply"))
}

func TestFeedbackAndChoiceAreInTheJournal(t *testing.T) {
	s := serve(t)
	c, w := s.hello(nil)
	r := c.ask("m1", "Hello.")
	c.send(object{"type": "feedback", "id": "f1", "turn": r.Turn, "rating": 4, "comment": "好！"})
	accepted := c.until(typed("accepted"))
	c.send(object{"type": "choose", "id": "c1", "choice": "yes", "text": "Yes, please."})
	c.until(func(f frame) bool { return f.Type == "accepted" && f.ID == "c1" })
	c.until(kind("reply"))
	again, _ := s.hello(resumed(w, w.Epoch, r.Offset))
	if f := again.next(); f.Kind != "feedback" || f.Offset != accepted.Offset || f.Turn != r.Turn || f.Rating != 4 {
		t.Errorf("feedback: %s, accepted at %d", f.raw, accepted.Offset)
	}
	if u := again.next(); u.Kind != "utterance" || u.Choice != "yes" || u.ID != "c1" || u.Role != "shopper" || u.Text != "Yes, please." {
		t.Errorf("choice: %s", u.raw)
	}
}

// Typing and deltas are told while they mean something: a page that is slow misses some.
func TestTypingAndDeltasComeAsItHappensAndAreNotReplayed(t *testing.T) {
	s := serve(t)
	c, w := s.hello(nil)
	var reply frame
	whole := []string{"accepted", "utterance", "typing", "delta", "reply"}
	for n, seen := 1, []string(nil); !slices.Equal(seen, whole); n++ {
		if n > 500 {
			t.Fatalf("never saw %q, at last %q", whole, seen)
		}
		time.Sleep(time.Duration(min(n-1, 20)) * time.Millisecond) // a busy machine may be late for long
		seen = nil
		var delta frame
		c.say(fmt.Sprint("m", n), "Hello.")
		for len(seen) == 0 || seen[len(seen)-1] != "reply" {
			f := c.next()
			switch {
			case f.Type == "delta":
				delta = f
			case f.Type == "typing" && f.Role != "bot":
				t.Errorf("got %s", f.raw)
			case f.Kind == "reply":
				reply = f
			}
			seen = append(seen, strings.TrimPrefix(f.Type+f.Kind, "event"))
		}
		if delta.Type != "" && (delta.Turn != reply.Turn || delta.Text != reply.Text) {
			t.Errorf("delta %s before reply %s", delta.raw, reply.raw)
		}
	}
	again, _ := s.hello(resumed(w, w.Epoch, 0))
	again.say("m1", "Hello.")
	for range reply.Offset + 1 { // all events and the accepted, in any order
		if f := again.next(); f.Type != "event" && f.Type != "accepted" {
			t.Errorf("%s is replayed", f.raw)
		}
	}
}

func TestShoppersTypingIsWaitedFor(t *testing.T) {
	s := serve(t)
	c, _ := s.hello(nil)
	c.say("m1", "hello")
	c.send(object{"type": "typing"})
	u := c.until(kind("utterance"))
	r := c.until(kind("reply"))
	if took := instant(t, r.At).Sub(instant(t, u.At)); took < 900*time.Millisecond {
		t.Errorf("the reply came after %v, want about a second", took)
	}
}

func instant(t *testing.T, text string) time.Time {
	t.Helper()
	at, err := time.Parse(time.RFC3339, text)
	if err != nil || !strings.HasSuffix(text, "Z") {
		t.Errorf("%q is no UTC time of RFC 3339 (%v)", text, err)
	}
	return at
}
