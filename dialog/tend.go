package dialog

import (
	"context"
	"errors"
	"time"

	"github.com/floorwalker/floorwalker/dialog/flow"
	"github.com/floorwalker/floorwalker/dialog/journal"
)

// deskEmpty is the event whose flow speaks for people who aren't there any more.
const deskEmpty = "desk_empty"

// How the desks are tended.
const (
	tendEvery  = 2 * time.Second
	tendAtOnce = 1000 // conversations looked at in one pass, over all shops
	tendTold   = 50   // in a queue whose places are told anew: those further back hear later
)

// tendSoon has the desks looked at: somebody came, went, or was taken.
func (e *Engine) tendSoon() {
	select {
	case e.hands <- struct{}{}:
	default:
	}
}

// tend looks after the conversations that people have or wait for, until ctx ends: it tells
// those in a queue how it moves, and gives on what an agent left. work is for turns, which may
// still end after ctx has.
func (e *Engine) tend(ctx, work context.Context) {
	if e.Desk == nil {
		return
	}
	tick := time.NewTicker(tendEvery)
	defer tick.Stop()
	t := tending{engine: e, away: map[place]time.Time{}}
	for {
		select {
		case <-ctx.Done():
			return
		case <-e.hands:
		case <-tick.C:
		}
		if err := t.pass(ctx, work); err != nil && ctx.Err() == nil {
			e.Logger.Error("tending the desks", "error", err)
		}
	}
}

// tending is what one pass over the desks leaves to the next.
type tending struct {
	engine *Engine
	away   map[place]time.Time // since when nobody is at a shop's desk, or the agent of that id isn't
}

// pass looks at every conversation that people have or wait for.
func (t *tending) pass(ctx, work context.Context) error {
	held, err := t.engine.Journal.Held(ctx, "", tendAtOnce)
	if err != nil {
		return err
	}
	away, queued := map[place]time.Time{}, map[string]int{}
	var errs []error
	for _, c := range held {
		if ctx.Err() != nil {
			break
		}
		if t.engine.Shops(c.Shop) == nil {
			continue
		}
		if t.gone(c, away) {
			errs = append(errs, t.moveOn(work, c))
			continue
		}
		if c.Owner == journal.OwnerQueue {
			queued[c.Shop]++
			if n := queued[c.Shop]; n <= tendTold && n != c.Position {
				errs = append(errs, t.tell(work, c, n))
			}
		}
	}
	t.away = away
	return errors.Join(errs...)
}

// gone reports whether nobody has been there for a conversation for as long as the engine
// allows, and notes since when in away.
func (t *tending) gone(c journal.Conversation, away map[place]time.Time) bool {
	desk := t.engine.Desk
	var who string // nobody in particular
	switch {
	case c.Owner == journal.OwnerAgent && desk.At(c.Shop, c.Agent), c.Owner == journal.OwnerQueue && desk.Staffed(c.Shop):
		return false
	case c.Owner == journal.OwnerAgent:
		who = c.Agent
	}
	now, key := t.engine.Clock(), place{c.Shop, who}
	since, known := t.away[key]
	if !known {
		since = now
	}
	away[key] = since
	return now.Sub(since) >= t.engine.Away
}

// moveOn gives on a conversation that nobody is there for: to the others at the desk, or else
// to the bot, which says so.
func (t *tending) moveOn(ctx context.Context, c journal.Conversation) error {
	e := t.engine
	if !e.Desk.Staffed(c.Shop) {
		return e.comeHome(ctx, c)
	}
	_, err := e.hand(ctx, place{c.Shop, c.ID}, func(now journal.Conversation) (*journal.State, error) {
		if now.Owner != c.Owner || now.Agent != c.Agent {
			return nil, nil
		}
		return &journal.State{Owner: journal.OwnerQueue, Reason: reasonAgentLeft}, nil
	})
	e.tendSoon()
	return err
}

// tell says to a shopper in the queue which place they have now.
func (t *tending) tell(ctx context.Context, c journal.Conversation, position int) error {
	_, err := t.engine.hand(ctx, place{c.Shop, c.ID}, func(now journal.Conversation) (*journal.State, error) {
		if now.Owner != journal.OwnerQueue || now.Turns != c.Turns { // it moved: the next pass knows
			return nil, nil
		}
		return &journal.State{Owner: journal.OwnerQueue, Position: position}, nil
	})
	return err
}

// comeHome is a turn that nobody asked for: the bot has the conversation back, because the
// desk is empty, and says what can be done instead.
func (e *Engine) comeHome(ctx context.Context, c journal.Conversation) error {
	t := newTurn(newServing(e, place{c.Shop, c.ID}), e.Shops(c.Shop), c)
	t.home, t.firm, t.memory, t.seen = true, true, t.memory.apart(), c.Last
	t.memory.Flow.Heard = nil // an address given for something else is not where they want to be called
	free, err := e.slot(ctx)
	if err != nil {
		return err
	}
	defer free()
	t.started = e.Clock()
	err = t.safely(ctx, func(ctx context.Context) error { return t.come(ctx, flow.Input{Event: deskEmpty}) })
	switch {
	case errors.Is(err, journal.ErrSuperseded): // somebody came after all, or took it
		return nil
	case err != nil && again(err):
		return err
	case err != nil: // whatever the flow's fault is, nobody is left waiting for people who aren't there
		t.log.Error("no words for an empty desk", "error", err)
		_, err = e.hand(ctx, t.serving.place, func(now journal.Conversation) (*journal.State, error) {
			if now.Turns != c.Turns {
				return nil, nil
			}
			return &journal.State{Owner: journal.OwnerBot, Reason: reasonDeskEmpty}, nil
		})
		return err
	}
	e.metrics.owners.WithLabelValues(string(journal.OwnerBot)).Inc()
	t.done(deskEmpty)
	return nil
}
