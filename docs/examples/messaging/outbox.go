package main

import (
	"context"
	"encoding/json"
	"errors"
	"time"

	"github.com/nats-io/nats.go/jetstream"
)

// event is one of a conversation, as docs/nats.md has it.
type event struct {
	Epoch   string
	Offset  int64
	At      time.Time
	Kind    string
	Role    string
	ID      string
	Text    string
	Cards   []card
	Choices []choice
}

// event sends on what the bot and people at the desk wrote. Each event is known by its offset, so one that
// comes again is not sent again.
func (g *gateway) event(ctx context.Context, m jetstream.Msg) error {
	var e event
	if err := json.Unmarshal(m.Data(), &e); err != nil {
		return final{err}
	}
	id := lastToken(m)
	t, err := g.thread(ctx, id)
	if err != nil {
		return err
	}
	from, ours := writer(e.ID)
	shopper := e.Kind == "utterance" && e.Role == "shopper"
	if t.To == "" && !(shopper && ours) {
		return nil // another channel's conversation
	}
	if e.Epoch == t.Epoch && e.Offset <= t.Done {
		return nil
	}
	texts := []string(nil)
	switch {
	case shopper:
		texts = t.Held
		if !ours {
			from = t.To // said for them by another program
		}
		if _, err = g.change(ctx, id, func(t *thread) { t.To, t.Wrote, t.Called = from, e.At, false }); err == nil {
			_, err = g.store.PutString(ctx, "sender."+from, id)
		}
	case e.Kind == "utterance": // of a person at the desk: a number is no choice any more
		texts = split(e.Text)
		_, err = g.change(ctx, id, func(t *thread) { t.Choices = nil })
	case e.Kind == "reply":
		texts = split(plain(e))
		_, err = g.change(ctx, id, func(t *thread) { t.Choices = e.Choices }) // before anybody can answer with a number
	}
	if err != nil {
		return err
	}
	for _, text := range texts {
		if err := g.send(ctx, id, text); err != nil {
			return err
		}
	}
	return g.record(ctx, id, func(t *thread) {
		if t.Epoch, t.Done = e.Epoch, e.Offset; shopper {
			t.Held = t.Held[min(len(texts), len(t.Held)):]
		}
	})
}

// record keeps what has happened.
func (g *gateway) record(ctx context.Context, id string, f func(*thread)) error {
	return g.try(ctx, func(once context.Context) error {
		_, err := g.change(once, id, f)
		return err
	})
}

// send sends one text, or holds it where the window is closed. It returns when that is done, or ctx ends.
func (g *gateway) send(ctx context.Context, id, text string) error {
	t, err := g.thread(ctx, id)
	if err != nil {
		return err
	}
	if g.now().Sub(t.Wrote) < g.window {
		var message string
		err := g.try(ctx, func(once context.Context) (err error) { message, err = g.text(once, t.To, text); return err })
		switch {
		case err == nil:
			return g.record(ctx, id, func(t *thread) { t.note(sent{message, text}) })
		case ctx.Err() != nil:
			return err
		case !errors.Is(err, errWindow):
			g.log.Error("the platform refuses a text; it is left out", "conversation", id, "error", err)
			return nil
		}
	}
	return g.try(ctx, func(once context.Context) error {
		t, err := g.change(once, id, func(t *thread) { t.hold(text) })
		if err != nil {
			return err
		}
		return g.call(once, id, t)
	})
}

// call asks a shopper for whom something is held to write, once: with the template.
func (g *gateway) call(ctx context.Context, id string, t thread) error {
	if t.Called || len(t.Held) == 0 {
		return nil
	}
	if err := g.sendTemplate(ctx, t.To); err != nil {
		return err
	}
	_, err := g.change(ctx, id, func(t *thread) { t.Called = true })
	return err
}
