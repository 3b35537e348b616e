package dialog

import (
	"context"
	"slices"

	"github.com/floorwalker/floorwalker/dialog/journal"
)

// Awaited is what came of an utterance.
type Awaited struct {
	Events  []journal.Event // after the utterance, up to its reply and what was appended with that; never nil
	Owner   journal.Owner   // queue or agent, where people answer from now on; else empty
	Pending bool            // there is no reply yet, and the bot owes it
}

// Await waits for the reply to the utterance at an offset, until ctx ends: then it is pending,
// which is no error. While a person owns the conversation it waits for nothing.
func (e *Engine) Await(ctx context.Context, shop, conversation string, offset int64) (Awaited, error) {
	watch := e.Hub.Watch(shop, conversation)
	defer watch.Close()
	a := Awaited{Events: []journal.Event{}}
	for after := offset; ; {
		select {
		case <-watch.C:
		case <-ctx.Done():
			a.Pending = true
			return a, nil
		}
		done, err := e.await(ctx, place{shop, conversation}, &a, &after, offset)
		if ctx.Err() != nil {
			a.Pending = !done
			return a, nil
		}
		if err != nil || done {
			return a, e.told("waiting for a reply", err)
		}
	}
}

// await reads what there is after an offset. It is done when the reply is there, or people are.
func (e *Engine) await(ctx context.Context, p place, a *Awaited, after *int64, offset int64) (done bool, err error) {
	// Before the events: who takes the conversation over afterwards wakes the watch again.
	head, err := e.Journal.Head(ctx, p.shop, p.id)
	if err != nil {
		return false, err
	}
	for {
		events, err := e.Journal.Read(ctx, p.shop, p.id, *after, feedEvents)
		if err != nil {
			return false, err
		}
		for i, event := range events {
			*after = event.Offset
			a.Events = append(a.Events, event)
			if replies(event, offset) {
				return true, e.addRest(ctx, p, a, events[i+1:])
			}
		}
		if len(events) < feedEvents {
			break
		}
	}
	if head.Owner != journal.OwnerBot {
		a.Owner = head.Owner
		return true, nil
	}
	return head.Answered >= offset, nil // it was people's to answer, back then
}

func replies(e journal.Event, offset int64) bool {
	if e.Kind != journal.KindReply {
		return false
	}
	r, err := journal.Body[journal.Reply](e)
	return err == nil && slices.Contains(r.InReplyTo, offset)
}

// addRest adds what was appended in one transaction with the reply, the last of a.Events: it
// has the same time. If that is all that was read, there may be more.
func (e *Engine) addRest(ctx context.Context, p place, a *Awaited, rest []journal.Event) error {
	reply := a.Events[len(a.Events)-1]
	if len(rest) == 0 {
		var err error
		if rest, err = e.Journal.Read(ctx, p.shop, p.id, reply.Offset, feedEvents); err != nil {
			return err
		}
	}
	for _, event := range rest {
		if !event.At.Equal(reply.At) || event.Kind != journal.KindState {
			return nil
		}
		a.Events = append(a.Events, event)
		if s, err := journal.Body[journal.State](event); err == nil && s.Owner != journal.OwnerBot {
			a.Owner = s.Owner
		}
	}
	return nil
}
