package main

import (
	"context"
	"encoding/json"
	"fmt"
	"math/rand/v2"
	"slices"
	"sync"
	"testing"
	"time"

	"github.com/gorilla/websocket"
	"github.com/shopspring/decimal"

	"github.com/floorwalker/floorwalker/catalog"
)

// shopper is a client in the middle of a conversation: it cancels its order, talks of other
// things before and after, and comes back whenever the server is gone.
type shopper struct {
	order, proof string
	round        int // in which it says yes
	chatter      []string

	place    heard            // the welcome that began the conversation
	seen     int64            // offset of the last event
	accepted map[string]int64 // id → offset
	unsent   map[string]any   // the last frame, until it is accepted
	sent     int              // frames, which are numbered
	waits    int64            // offset that is to be replied to
	told     heard            // the last reply
	resumes  int
	resent   int // messages that might have been in the journal or not
	owed     int // replies that were owed when the server was killed
}

// rounds are the lives of the server.
type rounds struct {
	mu    sync.Mutex
	life  int
	url   string
	news  chan struct{}
	yes   chan int        // who just said yes, in which round
	begun []chan struct{} // closed when round n lets its shoppers say yes
}

func (r *rounds) up(url string) {
	r.mu.Lock()
	defer r.mu.Unlock()
	r.life, r.url = r.life+1, url
	close(r.news)
	r.news = make(chan struct{})
}

// server waits for a server of a later life than one that is over.
func (r *rounds) server(ctx context.Context, over int) (url string, life int, err error) {
	for {
		r.mu.Lock()
		url, life, news := r.url, r.life, r.news
		r.mu.Unlock()
		if life > over {
			return url, life, nil
		}
		select {
		case <-news:
		case <-ctx.Done():
			return "", 0, ctx.Err()
		}
	}
}

// run holds the conversation through all lives of the server.
func (s *shopper) run(ctx context.Context, r *rounds) error {
	for life := 0; ; {
		url, now, err := r.server(ctx, life)
		if err != nil {
			return err
		}
		done, err := s.visit(ctx, url, r)
		if done || ctx.Err() != nil {
			return err
		}
		if unfair, ok := err.(broken); ok {
			return unfair
		}
		life = now // it is gone: wait for the next
	}
}

// broken is an error that isn't the kill's.
type broken struct{ error }

// visit talks over one connection until it is lost or all is said.
func (s *shopper) visit(ctx context.Context, url string, r *rounds) (done bool, err error) {
	hello := map[string]any{}
	if s.place.Conversation != "" {
		hello = map[string]any{"conversation": s.place.Conversation, "secret": s.place.Secret,
			"resume": map[string]any{"epoch": s.place.Epoch, "offset": s.seen}}
	}
	ws, w, err := come(url, hello)
	if err != nil {
		return false, err
	}
	defer ws.Close()
	context.AfterFunc(ctx, func() { ws.Close() })
	if s.place.Conversation == "" {
		s.place = w
	} else {
		s.resumes++
	}
	if s.waits > 0 {
		s.owed++
	}
	if w.Reset || w.Epoch != s.place.Epoch || w.Offset < s.seen {
		return false, broken{fmt.Errorf("resumed at %d: %s", s.seen, w.raw)}
	}
	if s.unsent != nil { // it may be in the journal or not: the same id again
		s.resent++
		if err := ws.WriteJSON(s.unsent); err != nil {
			return false, err
		}
	}
	for {
		for s.unsent != nil || s.waits > 0 {
			if err := s.hear(ws); err != nil {
				return false, err
			}
		}
		frame, err := s.next(ctx, r)
		if frame == nil || err != nil {
			return err == nil, err
		}
		s.sent++
		frame["id"] = fmt.Sprintf("%s-%d", s.order, s.sent)
		s.unsent = frame
		if err := ws.WriteJSON(frame); err != nil {
			return false, err
		}
	}
}

// hear takes one frame.
func (s *shopper) hear(ws *websocket.Conn) error {
	f, err := read(ws)
	if err != nil {
		return err
	}
	switch {
	case f.Type == "error":
		return broken{fmt.Errorf("%s", f.raw)}
	case f.Type == "accepted":
		if before, again := s.accepted[f.ID]; again && before != f.Offset {
			return broken{fmt.Errorf("%s was accepted at %d, now at %d", f.ID, before, f.Offset)}
		}
		if s.accepted[f.ID] = f.Offset; s.unsent != nil && s.unsent["id"] == f.ID {
			s.unsent = nil
			if !slices.Contains(s.told.InReplyTo, f.Offset) { // of a message sent again, the reply may have come first
				s.waits = f.Offset
			}
		}
	case f.Type == "event":
		if f.Offset != s.seen+1 {
			return broken{fmt.Errorf("event %d after %d", f.Offset, s.seen)}
		}
		s.seen = f.Offset
		if f.Kind == "reply" {
			s.told = f
			if slices.Contains(f.InReplyTo, s.waits) {
				s.waits = 0
			}
		}
	}
	return nil
}

// next is what it says next, nil when all is said.
func (s *shopper) next(ctx context.Context, r *rounds) (map[string]any, error) {
	say := func(text string) (map[string]any, error) { return map[string]any{"type": "message", "text": text}, nil }
	switch s.told.Expects.Slot {
	case "identity":
		return say(s.proof)
	case "order":
		return say(s.order)
	case "reason":
		return map[string]any{"type": "choose", "choice": s.told.Choices[0].Value}, nil
	case "confirm":
		select {
		case <-r.begun[s.round]:
		case <-ctx.Done():
			return nil, ctx.Err()
		}
		select {
		case r.yes <- s.round:
		default:
		}
		return say("Yes, please.")
	}
	if len(s.chatter) == 0 {
		return nil, nil
	}
	text := s.chatter[0]
	s.chatter = s.chatter[1:]
	return say(text)
}

// shoppers are twelve, with the demo shop's pending orders. Four of them ask again to cancel what
// is cancelled.
func shoppers() []*shopper {
	var all []*shopper
	for i, c := range [][2]string{
		{"W10228", "Ruth Adler, 19147"}, {"W10229", "Aisha Karim, 11215"}, {"W10230", "我叫陈嘉明，邮编100027。"}, {"W10231", "Daniel Reyes, 78704"},
		{"W10232", "George Papadakis, 60640"}, {"W10234", "Maya Okafor, 97214"}, {"W10235", "我叫林晓雯，邮编200031。"}, {"W10236", "Hannah Lindqvist, 55407"},
		{"W10237", "Sofia Marchetti, 94609"}, {"W10238", "我叫周子涵，邮编610041。"}, {"W10239", "Maya Okafor, 97214"}, {"W10240", "Priya Raman, 98103"},
	} {
		s := &shopper{order: c[0], proof: c[1], round: i % kills, accepted: map[string]int64{}}
		for range i % 4 {
			s.chatter = append(s.chatter, "Do you have a kettle that boils quickly?")
		}
		s.chatter = append(s.chatter, "Please cancel my order "+s.order+".", "Thank you very much!")
		if i%3 == 0 {
			s.chatter = append(s.chatter, "Please cancel my order "+s.order+".")
		}
		s.chatter = append(s.chatter, "Where is my order "+s.order+"?", "Goodbye, and thank you.")
		all = append(all, s)
	}
	return all
}

// kills of the server in the test.
const kills = 10

// A server that is killed again and again, in the middle of conversations, loses nothing and does
// nothing twice.
func TestServerIsKilled(t *testing.T) {
	start := time.Now()
	seed := uint64(start.UnixNano())
	t.Logf("seed %d", seed)
	random := rand.New(rand.NewPCG(seed, 0))
	shop, data := demo(t), t.TempDir()
	before := map[string]string{}
	args := []string{"--shop", shop, "--data", data, "--encoder-kind", "off"}
	s := serving(t, args...)
	for _, line := range exported(t, data, "orders") {
		before[orderOf(t, line).ID] = line
	}
	balances := giftCards(t, data)

	ctx, cancel := context.WithTimeout(t.Context(), 3*time.Minute)
	defer cancel()
	r := &rounds{news: make(chan struct{}), yes: make(chan int, 100)}
	for range kills {
		r.begun = append(r.begun, make(chan struct{}))
	}
	all := shoppers()
	var talking sync.WaitGroup
	for _, one := range all {
		talking.Go(func() {
			if err := one.run(ctx, r); err != nil {
				t.Errorf("%s: %v", one.order, err)
			}
		})
	}
	inTurn := 0
	for n := range kills {
		r.up(s.url())
		time.Sleep(time.Duration(random.IntN(300)) * time.Millisecond) // some moment of the talk
		for len(r.yes) > 0 {
			<-r.yes
		}
		close(r.begun[n])
		select { // soon after a yes, if one is said: that is where most can go wrong
		case <-r.yes:
			inTurn++
			time.Sleep(time.Duration(random.IntN(30_000)) * time.Microsecond)
		case <-time.After(300 * time.Millisecond):
		}
		s.kill()
		s = serving(t, args...)
	}
	r.up(s.url())
	talking.Wait()
	if t.Failed() {
		text, _ := s.log()
		t.Fatal(text)
	}

	messages, resumes, resent, owed, events := 0, 0, 0, 0, 0
	after := map[string]catalog.Order{}
	for _, line := range exported(t, data, "orders") {
		o := orderOf(t, line)
		if after[o.ID] = o; !slices.ContainsFunc(all, func(s *shopper) bool { return s.order == o.ID }) && before[o.ID] != line {
			t.Errorf("nobody's order changed:\n%s\n%s", before[o.ID], line)
		}
	}
	for _, one := range all {
		messages, resumes, resent, owed = messages+len(one.accepted), resumes+one.resumes, resent+one.resent, owed+one.owed
		events += one.check(t, s.url())
		cancelledOnce(t, orderOf(t, before[one.order]), after[one.order])
	}
	for _, one := range all { // what a gift card paid is on it again, once
		for _, p := range orderOf(t, before[one.order]).Payments {
			if _, is := balances[p.Method]; is {
				balances[p.Method] = balances[p.Method].Add(p.Amount)
			}
		}
	}
	if now := giftCards(t, data); fmt.Sprint(now) != fmt.Sprint(balances) {
		t.Errorf("gift cards hold %v, want %v", now, balances)
	}
	if code := s.stop(); code != 0 {
		t.Errorf("exit %d", code)
	}
	t.Logf("%d shoppers, %d kills (%d soon after a yes), %d resumes, %d messages sent again, %d replies owed at a kill; %d messages accepted, %d events, %d orders cancelled once; %v",
		len(all), kills, inTurn, resumes, resent, owed, messages, events, len(all), time.Since(start).Round(100*time.Millisecond))
}

// giftCards are the balances, by id.
func giftCards(t testing.TB, data string) map[string]decimal.Decimal {
	t.Helper()
	all := map[string]decimal.Decimal{}
	for _, line := range exported(t, data, "customers") {
		var c catalog.Customer
		if err := json.Unmarshal([]byte(line), &c); err != nil {
			t.Fatal(err)
		}
		for _, m := range c.PaymentMethods {
			if m.Balance != nil {
				all[m.ID] = *m.Balance
			}
		}
	}
	return all
}

func orderOf(t testing.TB, line string) (o catalog.Order) {
	t.Helper()
	if err := json.Unmarshal([]byte(line), &o); err != nil {
		t.Fatalf("%s: %v", line, err)
	}
	return o
}

// check reads the whole journal of a shopper's conversation and returns how many events it has.
func (s *shopper) check(t *testing.T, url string) int {
	ws, w, err := come(url, map[string]any{"conversation": s.place.Conversation, "secret": s.place.Secret})
	if err != nil {
		t.Fatal(err)
	}
	defer ws.Close()
	utterances, replied, keys, actions := map[string]int64{}, map[int64]int{}, map[string]bool{}, 0
	turns := map[string]int{}
	for last := int64(0); last < w.Offset; {
		f, err := read(ws)
		if err != nil {
			t.Fatal(err)
		}
		if f.Type != "event" {
			continue
		}
		if f.Offset != last+1 {
			t.Errorf("%s: event %d after %d", s.order, f.Offset, last)
		}
		last = f.Offset
		switch f.Kind {
		case "utterance":
			if _, twice := utterances[f.ID]; twice {
				t.Errorf("%s: %s is in the journal twice", s.order, f.ID)
			}
			utterances[f.ID] = f.Offset
		case "action":
			actions++
			if f.Name != "cancel_order" || f.Record != "order/"+s.order || keys[f.Key] {
				t.Errorf("%s: action %s", s.order, f.raw)
			}
			keys[f.Key] = true
		case "reply":
			if turns[f.Turn]++; turns[f.Turn] > 1 {
				t.Errorf("%s: turn %s has two replies", s.order, f.Turn)
			}
			for _, o := range f.InReplyTo {
				replied[o]++
			}
		}
	}
	if actions != 1 {
		t.Errorf("%s: %d actions, want 1", s.order, actions)
	}
	if len(utterances) != len(s.accepted) {
		t.Errorf("%s: %d utterances in the journal, %d accepted", s.order, len(utterances), len(s.accepted))
	}
	for id, offset := range s.accepted {
		if utterances[id] != offset || replied[offset] != 1 {
			t.Errorf("%s: %s was accepted at %d, is at %d, and is in %d replies", s.order, id, offset, utterances[id], replied[offset])
		}
	}
	return int(w.Offset)
}

// cancelledOnce compares an order before and after: cancelled, with one refund for each payment.
func cancelledOnce(t *testing.T, before, after catalog.Order) {
	t.Helper()
	want := slices.Clone(before.Payments)
	for _, p := range before.Payments {
		p.Kind = "refund"
		want = append(want, p)
	}
	if after.Status != "cancelled" || fmt.Sprint(after.Payments) != fmt.Sprint(want) {
		t.Errorf("%s is %s with %v, want it cancelled with %v", before.ID, after.Status, after.Payments, want)
	}
}
