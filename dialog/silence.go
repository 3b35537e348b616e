package dialog

import (
	"context"
	"errors"
	"fmt"
	"sync"
	"time"

	"github.com/floorwalker/floorwalker/dialog/flow"
	"github.com/floorwalker/floorwalker/dialog/journal"
)

// silence is the event whose flow speaks where a question got no answer for a while.
const silence = "silence"

const (
	silenceEvery = 15 * time.Second
	mostOpen     = 20_000 // questions watched at once; of more, some are not asked about
)

// silenceAfter reads from a shop's policies how long an open question may stay without a word
// before its flow for silence speaks: `silence: {after_minutes: N}`; 0: for ever.
func silenceAfter(policy map[string]any) (time.Duration, error) {
	topic, _ := policy[silence].(map[string]any)
	given, ok := topic["after_minutes"]
	if !ok {
		return 0, nil
	}
	var minutes float64
	switch n := given.(type) {
	case int:
		minutes = float64(n)
	case int64:
		minutes = float64(n)
	case uint64:
		minutes = float64(n)
	case float64:
		minutes = n
	default:
		return 0, fmt.Errorf("policies.silence.after_minutes is %v; write a number of minutes, 0 for never", given)
	}
	if minutes < 0 || minutes > 24*60 {
		return 0, fmt.Errorf("policies.silence.after_minutes is %v; write 0 (never) to 1440", given)
	}
	return time.Duration(minutes * float64(time.Minute)), nil
}

// silences are the questions that are open, by conversation. They live in memory: after a
// restart nobody is asked whether they are still there.
type silences struct {
	mu   sync.Mutex
	open map[place]silent
}

// silent is one question: the turns of the conversation once it was asked, and when it is time
// to ask again.
type silent struct {
	turns int64
	due   time.Time
}

func (s *silences) watch(p place, q silent) {
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.open == nil {
		s.open = map[place]silent{}
	}
	if len(s.open) < mostOpen {
		s.open[p] = q
	}
}

func (s *silences) forget(p place) {
	s.mu.Lock()
	defer s.mu.Unlock()
	delete(s.open, p)
}

// due takes the questions whose time has come.
func (s *silences) due(now time.Time) map[place]silent {
	s.mu.Lock()
	defer s.mu.Unlock()
	out := map[place]silent{}
	for p, q := range s.open {
		if !now.Before(q.due) {
			out[p] = q
			delete(s.open, p)
		}
	}
	return out
}

// mind watches over open questions until ctx ends. work is for turns, which may still end after
// ctx has.
func (e *Engine) mind(ctx, work context.Context) {
	tick := time.NewTicker(silenceEvery)
	defer tick.Stop()
	for {
		select {
		case <-ctx.Done():
			return
		case <-tick.C:
		}
		for p, q := range e.silences.due(e.Clock()) {
			if err := e.breakSilence(work, p, q); err != nil && ctx.Err() == nil {
				e.Logger.Error("asking who fell silent", "shop", p.shop, "conversation", p.id, "error", err)
			}
		}
	}
}

// breakSilence is a turn that nobody asked for: it asks once more, if the shopper is still
// connected and nothing has happened since.
func (e *Engine) breakSilence(ctx context.Context, p place, q silent) error {
	shop := e.Shops(p.shop)
	if shop == nil || !e.live.followed(p) {
		return nil
	}
	c, err := e.Journal.Head(ctx, p.shop, p.id)
	switch {
	case errors.Is(err, journal.ErrNotFound):
		return nil
	case err != nil:
		return err
	case c.Owner != journal.OwnerBot || c.Turns != q.turns:
		return nil
	}
	t := newTurn(newServing(e, p), shop, c)
	if err := t.read(ctx); err != nil || len(t.said) > 0 { // something was said: it is being answered
		return err
	}
	t.quiet, t.firm = true, true
	free, err := e.slot(ctx)
	if err != nil {
		return err
	}
	defer free()
	t.started = e.Clock()
	err = t.safely(ctx, func(ctx context.Context) error { return t.come(ctx, flow.Input{Event: silence}) })
	if errors.Is(err, journal.ErrSuperseded) { // they wrote after all
		return nil
	}
	if err == nil {
		t.done(silence)
	}
	return err
}

// heed watches the question that a turn left open, unless the turn itself broke a silence: one
// is asked about once.
func (t *turn) heed(state flow.State) {
	after := t.shop.Silence
	if after <= 0 || t.quiet || len(state.Stack) == 0 {
		t.engine.silences.forget(t.serving.place)
		return
	}
	t.engine.silences.watch(t.serving.place, silent{turns: t.head.Turns + 1, due: t.engine.Clock().Add(after)})
}
