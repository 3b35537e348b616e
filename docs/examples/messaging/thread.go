package main

import (
	"context"
	"encoding/json"
	"errors"
	"slices"
	"time"

	"github.com/nats-io/nats.go/jetstream"
)

// thread is how a conversation stands.
type thread struct {
	To      string // the shopper's number
	Epoch   string
	Done    int64     // offset of the last event that was handled
	Wrote   time.Time // when the shopper last wrote: the window is open from then
	Choices []choice  // of the last reply
	Sent    []sent    // texts of which it isn't known whether they arrived, the newest last
	Held    []string  // texts that wait until the shopper writes, the oldest first
	Called  bool      // the shopper was asked to
}

type sent struct{ ID, Text string }

// most is how many texts are kept of each kind.
const most = 20

func (t *thread) hold(text string) { t.Held = newest(append(t.Held, text)) }
func (t *thread) note(s sent)      { t.Sent = newest(append(t.Sent, s)) }

func newest[T any](all []T) []T { return all[max(0, len(all)-most):] }

// take takes out a text that was sent.
func (t *thread) take(id string) (s sent) {
	if i := slices.IndexFunc(t.Sent, func(s sent) bool { return s.ID == id }); i >= 0 {
		s = t.Sent[i]
		t.Sent = slices.Delete(t.Sent, i, i+1)
	}
	return s
}

// thread is how a conversation stands; that of an unknown one has no To.
func (g *gateway) thread(ctx context.Context, id string) (t thread, err error) {
	entry, err := g.store.Get(ctx, "thread."+id)
	if errors.Is(err, jetstream.ErrKeyNotFound) {
		return t, nil
	}
	if err != nil {
		return t, err
	}
	return t, json.Unmarshal(entry.Value(), &t)
}

// change changes how a conversation stands. f may be called more than once: both ways write.
func (g *gateway) change(ctx context.Context, id string, f func(*thread)) (thread, error) {
	for {
		var t thread
		var revision uint64
		entry, err := g.store.Get(ctx, "thread."+id)
		if err == nil {
			revision, err = entry.Revision(), json.Unmarshal(entry.Value(), &t)
		}
		if err != nil && !errors.Is(err, jetstream.ErrKeyNotFound) {
			return t, err
		}
		f(&t)
		data, err := json.Marshal(t)
		if err != nil {
			return t, err
		}
		if _, err = g.store.Update(ctx, "thread."+id, data, revision); !errors.Is(err, jetstream.ErrKeyExists) {
			return t, err
		}
	}
}

// conversationOf is the conversation in which somebody last wrote, or nothing.
func (g *gateway) conversationOf(ctx context.Context, person string) (string, error) {
	entry, err := g.store.Get(ctx, "sender."+person)
	if errors.Is(err, jetstream.ErrKeyNotFound) {
		return "", nil
	}
	if err != nil {
		return "", err
	}
	return string(entry.Value()), nil
}

func (g *gateway) threadOf(ctx context.Context, person string) (thread, error) {
	id, err := g.conversationOf(ctx, person)
	if err != nil || id == "" {
		return thread{}, err
	}
	return g.thread(ctx, id)
}
