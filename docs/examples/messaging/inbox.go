package main

import (
	"context"
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"errors"
	"fmt"
	"strconv"
	"strings"
	"time"

	"github.com/nats-io/nats.go"
	"github.com/nats-io/nats.go/jetstream"
)

// received is a message from a person, or the status of one to them.
type received struct {
	ID   string
	From string
	Type string
	Text struct{ Body string }

	Image, Video, Document struct{ Caption string }
	Button                 struct{ Text string }
	Interactive            struct {
		Button struct{ Title string } `json:"button_reply"`
		List   struct{ Title string } `json:"list_reply"`
	}

	To     string `json:"recipient_id"` // of statuses
	Status string // sent, delivered, read, failed
	Errors []struct {
		Code  int
		Title string
	}
}

func (r received) person() string { return r.From + r.To }

// words are what a message says.
func (r received) words() string {
	for _, w := range []string{r.Text.Body, r.Button.Text, r.Interactive.Button.Title, r.Interactive.List.Title, r.Image.Caption, r.Video.Caption, r.Document.Caption} {
		if w = strings.TrimSpace(w); w != "" {
			return w
		}
	}
	return ""
}

// silent are the types that need no answer.
var silent = map[string]bool{"reaction": true, "system": true}

// prefix begins the ids of this gateway's messages: then who wrote, and a hash of the platform's id. So the
// utterance's own event tells where replies to it go.
const prefix = "wa-"

func messageID(from, id string) string {
	sum := sha256.Sum256([]byte(id))
	return prefix + from + "-" + hex.EncodeToString(sum[:12])
}

// writer is who wrote a message, if it came through this gateway.
func writer(id string) (string, bool) {
	rest, ours := strings.CutPrefix(id, prefix)
	from, _, cut := strings.Cut(rest, "-")
	return from, ours && cut && digits.MatchString(from)
}

// receive handles one thing that the platform delivered.
func (g *gateway) receive(ctx context.Context, m jetstream.Msg) error {
	var r received
	if err := json.Unmarshal(m.Data(), &r); err != nil {
		return final{err}
	}
	switch {
	case r.Status != "":
		return g.status(ctx, m, r)
	case r.words() != "":
		return g.say(ctx, r)
	case silent[r.Type]:
		return nil
	}
	_, err := g.text(ctx, r.From, g.unreadable)
	return err
}

// say says a message, without waiting for the reply: that comes on the stream.
func (g *gateway) say(ctx context.Context, r received) error {
	said := map[string]string{"id": messageID(r.From, r.ID), "text": r.words(), "channel": "whatsapp", "sender": r.From}
	t, err := g.threadOf(ctx, r.From)
	if err != nil {
		return err
	}
	if c, ok := picked(r.words(), t.Choices); ok {
		said["choice"], said["text"] = c.Value, c.Label
	}
	body, err := json.Marshal(said)
	if err != nil {
		return final{err}
	}
	ctx, cancel := context.WithTimeout(ctx, tryTime)
	defer cancel()
	answer, err := g.nc.RequestWithContext(ctx, "floorwalker."+g.shop+".say", body)
	if err != nil {
		return fmt.Errorf("saying %s: %w", said["id"], err)
	}
	return refusal(answer)
}

// refusal is the error that Floorwalker answered with: docs/nats.md says which are worth another try.
func refusal(m *nats.Msg) error {
	code := m.Header.Get("Nats-Service-Error-Code")
	if code == "" {
		return nil
	}
	err := errors.New(code + ": " + m.Header.Get("Nats-Service-Error"))
	if n, _ := strconv.Atoi(code); n == 429 || n == 409 || n >= 500 {
		var told struct {
			After int64 `json:"retry_after_ms"`
		}
		_ = json.Unmarshal(m.Data, &told)
		return later{err, time.Duration(told.After) * time.Millisecond}
	}
	return final{err}
}

// soon is how long a status may be ahead of the note that its text was sent.
const soon = 5 * time.Second

// status takes up what became of a text that was sent. One that came after the window is held.
func (g *gateway) status(ctx context.Context, m jetstream.Msg, r received) error {
	id, err := g.conversationOf(ctx, r.To)
	if err != nil || id == "" {
		return err
	}
	var lost sent
	failed := r.Status == "failed"
	t, err := g.change(ctx, id, func(t *thread) {
		if lost = t.take(r.ID); failed && lost.Text != "" && len(r.Errors) > 0 && r.Errors[0].Code == windowClosed {
			t.hold(lost.Text)
		}
	})
	if about, err := m.Metadata(); failed && lost.ID == "" && err == nil && g.now().Sub(about.Timestamp) < soon {
		return fmt.Errorf("message %s failed, and isn't known to be sent", r.ID)
	}
	g.log.Info("status", "message", r.ID, "status", r.Status)
	if !failed || err != nil {
		return err
	}
	g.log.Error("a text didn't arrive", "conversation", id, "message", r.ID, "errors", r.Errors, "held", len(t.Held))
	return g.call(ctx, id, t)
}
