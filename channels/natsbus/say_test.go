package natsbus_test

import (
	"encoding/json"
	"fmt"
	"reflect"
	"testing"
	"time"

	"github.com/nats-io/nats.go"

	"github.com/floorwalker/floorwalker/catalog"
	"github.com/floorwalker/floorwalker/dialog/journal"
)

func TestSay(t *testing.T) {
	c := open(t)
	_, l := c.serve(c.options())

	// A sender's messages come together in one conversation.
	first := l.ask("say", `{"id":"m1","text":"Do you have a kettle?","channel":"whatsapp","sender":"+15035550117"}`)
	if first.Accepted != 1 || first.Epoch == "" || first.Conversation == "" || first.Events != nil || first.Pending {
		t.Fatalf("first: %s", first.raw)
	}
	second := l.says(`{"id":"m2","text":"How much is the Brass Kettle?","channel":"whatsapp","sender":"+15035550117","more":1}`)
	if second.Conversation != first.Conversation || second.Pending || second.Owner != "" {
		t.Fatalf("second: %s", second.raw)
	}
	has(t, second.last(t), "30")
	other := l.says(`{"id":"m1","text":"你好，有水壶吗？","channel":"whatsapp","sender":"+15035550118","locale":"zh"}`)
	if other.Conversation == first.Conversation {
		t.Error("two senders share a conversation")
	}
	has(t, other.last(t), "为您")

	// By the conversation, too; another channel is another conversation.
	third := l.says(fmt.Sprintf(`{"id":"m3","text":"Is the Brass Kettle in stock?","conversation":%q}`, first.Conversation))
	has(t, third.last(t), "4")
	if elsewhere := l.ask("say", `{"id":"m1","text":"hello","sender":"+15035550117"}`); elsewhere.Conversation == first.Conversation {
		t.Error("two channels share a conversation")
	}

	// Again is the same, to the letter, with and without waiting.
	for name, c := range map[string]struct {
		body  string
		again answer
		wait  []string
	}{
		"without waiting": {`{"id":"m1","text":"Do you have a kettle?","channel":"whatsapp","sender":"+15035550117"}`, first, nil},
		"waiting":         {`{"id":"m2","text":"How much is the Brass Kettle?","channel":"whatsapp","sender":"+15035550117"}`, second, []string{"Floorwalker-Wait", "reply"}},
		"another text":    {`{"id":"m2","text":"What?","channel":"whatsapp","sender":"+15035550117"}`, second, []string{"Floorwalker-Wait", "reply"}},
	} {
		if got := l.ask("say", c.body, c.wait...); got.raw != c.again.raw {
			t.Errorf("%s: %s, want %s", name, got.raw, c.again.raw)
		}
	}

	for _, r := range [][3]string{
		{`{"id":"m1","text":"hello"}`, "bad_frame", "400"},
		{`{"id":"m 1","text":"hello","sender":"s"}`, "bad_frame", "400"},
		{`{"id":"m1","sender":"s"}`, "bad_frame", "400"},
		{`{"id":"m1","text":"hello","sender":"s","customer":"a\u0001b"}`, "bad_frame", "400"},
		{`{"id":"m1","text":7,"sender":"s"}`, "bad_frame", "400"},
		{`{"id":"m1","text":"hello","conversation":"nowhere"}`, "forbidden", "403"},
		{`{"id":"m1","text":"hello","conversation":"no where"}`, "forbidden", "403"},
	} {
		l.refused("say", r[0], r[1], r[2])
	}
	l.refused("say", `{"id":"m1","text":"hello","sender":"s"}`, "bad_frame", "400", "Floorwalker-Wait", "ever")
	long, _ := json.Marshal(map[string]any{"id": "m1", "sender": "s", "text": string(make([]rune, 10_001))})
	l.refused("say", string(long), "too_large", "413")
}

func TestCustomerIsVerified(t *testing.T) {
	c := open(t)
	_, l := c.serve(c.options())
	a := l.says(`{"id":"m1","text":"Where is my order W1001?","customer":"C1"}`)
	has(t, a.last(t), "W1001", "pending")
	head, err := c.log.Head(t.Context(), "corner", a.Conversation)
	if err != nil || head.Identity != (catalog.Identity{Customer: "C1", Level: catalog.Verified}) || head.Channel != "nats" {
		t.Errorf("%+v, %v", head, err)
	}
	if b := l.ask("say", `{"id":"m2","text":"thanks","customer":"C1"}`); b.Conversation != a.Conversation {
		t.Error("the customer has another conversation")
	}
	if b := l.says(`{"id":"m3","text":"Where is my order W1001?","customer":"C2"}`); b.Conversation == a.Conversation {
		t.Error("another customer has the same conversation")
	} else if text := b.last(t); text == "" || text == a.last(t) {
		t.Errorf("another customer is told %q", text)
	}
	l.refused("say", fmt.Sprintf(`{"id":"m4","text":"hello","customer":"C2","conversation":%q}`, a.Conversation), "forbidden", "403")

	// A sender who signs in later keeps the conversation.
	before := l.ask("say", `{"id":"m1","text":"hello","sender":"s"}`)
	after := l.says(`{"id":"m2","text":"Where is my order W1002?","sender":"s","customer":"C2"}`)
	if before.Conversation != after.Conversation {
		t.Error("signing in began another conversation")
	}
	has(t, after.last(t), "W1002", "TRK77")
}

func TestPersonAnswers(t *testing.T) {
	c := open(t)
	_, l := c.serve(c.options())
	leave := c.desk.Join("corner", "agent-1")
	defer leave()
	a := l.says(`{"id":"m1","text":"I want to talk to a person","sender":"s"}`)
	events := a.events(t)
	if len(events) != 2 || events[0].Kind != journal.KindReply || events[1].Kind != journal.KindState || a.Owner != "queue" || a.Pending {
		t.Fatalf("handed over: %s", a.raw)
	}
	began := time.Now()
	b := l.says(`{"id":"m2","text":"hello?","sender":"s"}`)
	if b.Owner != "queue" || b.Pending || b.Events == nil || len(b.Events) != 0 || time.Since(began) > patience/2 {
		t.Errorf("while people answer, after %v: %s", time.Since(began), b.raw)
	}
	again := l.says(`{"id":"m1","text":"I want to talk to a person","sender":"s"}`)
	if again.raw != a.raw {
		t.Errorf("again: %s, want %s", again.raw, a.raw)
	}

	// Back with the bot, nobody owes what was said to people an answer.
	if _, err := c.engine.Release(t.Context(), "corner", a.Conversation, "agent-1"); err != nil {
		t.Fatal(err)
	}
	if old := l.says(`{"id":"m2","text":"hello?","sender":"s"}`); old.Pending || old.last(t) != "" {
		t.Errorf("what was said to people: %s", old.raw)
	}
	has(t, l.says(`{"id":"m3","text":"How much is the Brass Kettle?","sender":"s"}`).last(t), "30")
}

// A reply that doesn't come in time is pending; it comes to whoever asks again. A person who takes
// over meanwhile ends the waiting.
func TestWaitingEnds(t *testing.T) {
	c := open(t)
	o := c.options()
	o.Wait = 50 * time.Millisecond
	o.Engine = idle(c)
	_, l := c.serve(o)
	a := l.says(`{"id":"m1","text":"How much is the Brass Kettle?","sender":"s"}`)
	if !a.Pending || a.Owner != "" || len(a.Events) != 0 || a.Events == nil || a.Accepted != 1 {
		t.Errorf("%s", a.raw)
	}

	o = c.options()
	o.Engine, o.Waits = idle(c), 1
	_, l = c.serve(o)
	waiting := make(chan answer, 1)
	go func() { waiting <- l.says(`{"id":"m2","text":"Anybody?","sender":"s"}`) }()
	for len(c.events(a.Conversation)) < 2 {
		time.Sleep(time.Millisecond)
	}
	if b := l.says(`{"id":"m3","text":"Hello?","sender":"s"}`); !b.Pending || b.Accepted != 3 {
		t.Errorf("more wait than may: %s", b.raw)
	}
	if _, err := o.Engine.Take(t.Context(), "corner", a.Conversation, "agent-1"); err != nil {
		t.Fatal(err)
	}
	if b := <-waiting; b.Owner != "agent" || b.Pending {
		t.Errorf("a person took over: %s", b.raw)
	}
}

// Waiting for a reply holds up nobody, and what is said in order is journalled in order.
func TestManyAtOnce(t *testing.T) {
	c := open(t)
	_, l := c.serve(c.options())
	const n = 100
	inbox := l.NewRespInbox()
	sub, err := l.SubscribeSync(inbox)
	if err != nil {
		t.Fatal(err)
	}
	for i := range n {
		m := &nats.Msg{Subject: "floorwalker.corner.say", Reply: inbox, Header: nats.Header{},
			Data: fmt.Appendf(nil, `{"id":"m%d","text":"Do you have a kettle?","sender":"s%d"}`, i, i%10)}
		if i%2 == 0 {
			m.Header.Set("Floorwalker-Wait", "reply")
		}
		if err := l.PublishMsg(m); err != nil {
			t.Fatal(err)
		}
	}
	conversations := map[string]bool{}
	for range n {
		m, err := sub.NextMsg(patience)
		if err != nil {
			t.Fatal(err)
		}
		var a answer
		if err := json.Unmarshal(m.Data, &a); err != nil || a.Accepted == 0 || a.Pending {
			t.Fatalf("%s (%v)", m.Data, err)
		}
		conversations[a.Conversation] = true
	}
	if len(conversations) != 10 {
		t.Errorf("%d conversations, want 10", len(conversations))
	}
	for id := range conversations {
		var ids []string
		for _, e := range c.events(id) {
			if e.Kind == journal.KindUtterance {
				u, err := journal.Body[journal.Utterance](e)
				if err != nil {
					t.Fatal(err)
				}
				ids = append(ids, u.ID)
			}
		}
		var want []string
		var k int
		fmt.Sscanf(ids[0], "m%d", &k)
		for ; k < n; k += 10 {
			want = append(want, fmt.Sprint("m", k))
		}
		if !reflect.DeepEqual(ids, want) {
			t.Errorf("journalled in the order %v, want %v", ids, want)
		}
	}
}

func BenchmarkSay(b *testing.B) {
	c := open(b)
	_, l := c.serve(c.options())
	b.SetParallelism(32)
	b.RunParallel(func(pb *testing.PB) {
		sender := l.NewRespInbox()
		for n := 0; pb.Next(); n++ {
			l.ask("say", fmt.Sprintf(`{"id":"m%d","text":"hello","sender":%q}`, n, sender))
		}
	})
}
