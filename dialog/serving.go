package dialog

import (
	"context"
	"errors"
	"math"
	"sync"
	"time"

	"github.com/floorwalker/floorwalker/catalog/store"
	"github.com/floorwalker/floorwalker/dialog/journal"
)

// serving is the one writer of turns of a conversation, as long as there is something to
// answer.
type serving struct {
	engine *Engine
	place  place
	news   chan struct{} // holds at most one: something was said, or is being typed

	mu    sync.Mutex
	last  int64     // the highest offset known to be said
	typed time.Time // the last sign that the shopper is writing

	failures int // turns in a row that could not be ended
}

func newServing(e *Engine, p place) *serving {
	return &serving{engine: e, place: p, news: make(chan struct{}, 1)}
}

func (s *serving) said(offset int64) {
	s.mu.Lock()
	s.last = max(s.last, offset)
	s.mu.Unlock()
	s.nudge()
}

func (s *serving) typing(at time.Time) {
	s.mu.Lock()
	s.typed = at
	s.mu.Unlock()
	s.nudge()
}

func (s *serving) nudge() {
	select {
	case s.news <- struct{}{}:
	default:
	}
}

func (s *serving) latest() int64 {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.last
}

func (s *serving) lastTyped() time.Time {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.typed
}

// A turn that can't be ended is tried again after a pause that doubles.
const (
	firstRetry = 100 * time.Millisecond
	lastRetry  = 30 * time.Second
)

// run takes turns until there is nothing to answer or ctx ends. What is not answered then
// stays in the journal.
func (s *serving) run(ctx context.Context) {
	for {
		seen, err := s.next(ctx)
		if ctx.Err() != nil || errors.Is(err, journal.ErrNotFound) {
			seen = math.MaxInt64 // the next process finds it, or it has been erased
		} else if err != nil {
			s.failed(err)
			s.pause(ctx, min(firstRetry<<min(s.failures, 10), lastRetry))
			s.failures++
			continue
		}
		s.failures = 0
		if seen > 0 && s.engine.leave(s, seen) {
			return
		}
	}
}

func (s *serving) failed(err error) {
	s.engine.metrics.turns.WithLabelValues("failed").Inc()
	s.engine.Logger.Error("a turn is tried again", "shop", s.place.shop, "conversation", s.place.id,
		"failures", s.failures+1, "error", err)
}

// pause waits for some time, less where ctx or the engine ends.
func (s *serving) pause(ctx context.Context, d time.Duration) {
	timer := time.NewTimer(d)
	defer timer.Stop()
	select {
	case <-timer.C:
	case <-ctx.Done():
	}
}

// superseded is how often a turn may be decided anew because newer text came.
const superseded = 2

// next takes one turn, if there is one to take. seen > 0 says that there is nothing left
// to answer up to there.
func (s *serving) next(ctx context.Context) (seen int64, err error) {
	for again := 0; ; again++ {
		t, seen, err := s.gather(ctx)
		if err != nil || t == nil {
			return seen, err
		}
		t.firm = t.firm || again == superseded
		err = s.engine.work(ctx, t)
		switch {
		case errors.Is(err, errNewer), errors.Is(err, journal.ErrSuperseded) && again < superseded: // the second: somebody took it
			s.engine.metrics.superseded.Inc()
		case err != nil || t.part:
			return 0, err
		default:
			return t.seen, nil
		}
	}
}

// gather takes what is unanswered, once it looks as if the shopper has said all.
func (s *serving) gather(ctx context.Context) (t *turn, seen int64, err error) {
	for {
		if t, seen, err = s.take(ctx); err != nil || t == nil {
			return nil, seen, err
		}
		for s.latest() <= t.seen {
			wait := s.patience(ctx, t)
			if wait <= 0 {
				return t, 0, nil
			}
			s.listen(ctx, wait)
		}
		if t.firm {
			return t, 0, nil // more than one turn takes waits already
		}
	}
}

// listen waits for something new to be said or typed, at most for d.
func (s *serving) listen(ctx context.Context, d time.Duration) {
	timer := time.NewTimer(d)
	defer timer.Stop()
	select {
	case <-s.news:
	case <-timer.C:
	case <-ctx.Done():
	case <-s.engine.closing:
	}
}

// patience is how much longer a turn should wait for more to be said.
func (s *serving) patience(ctx context.Context, t *turn) time.Duration {
	if t.acted || t.firm || s.engine.isClosing() || ctx.Err() != nil {
		return 0
	}
	first, last := t.said[0], t.said[len(t.said)-1]
	if t.chosen() || whole(last.Text) || t.fills(ctx) {
		return 0
	}
	until := last.at.Add(burstPause)
	if typed := s.lastTyped().Add(typingPause); typed.After(until) {
		until = typed
	}
	if bound := first.at.Add(burstBound); until.After(bound) {
		until = bound
	}
	return until.Sub(s.engine.Clock())
}

// Bounds of what one turn takes; what is beyond is the next turn's.
const (
	turnUtterances = 200
	turnText       = 64 << 10 // bytes
	turnPage       = 200      // events read at once
)

// take makes a turn of everything unanswered. No turn: nothing is, up to seen.
func (s *serving) take(ctx context.Context) (t *turn, seen int64, err error) {
	e, p := s.engine, s.place
	head, err := e.Journal.Head(ctx, p.shop, p.id)
	if err != nil {
		return nil, 0, err
	}
	shop := e.Shops(p.shop)
	if shop == nil || head.Owner != journal.OwnerBot {
		return nil, max(head.Last, s.latest()), nil
	}
	t = newTurn(s, shop, head)
	if err := t.read(ctx); err != nil {
		return nil, 0, err
	}
	if len(t.said) == 0 {
		return nil, max(t.seen, 1), nil
	}
	return t, 0, t.recover(ctx)
}

// retries of a turn that has acted, before it apologises: what it did is to be told.
const retries = 3

// work runs a turn in one of the engine's slots. A turn that goes wrong in itself is
// answered with an apology; the error of one that can't be ended comes back.
func (e *Engine) work(ctx context.Context, t *turn) error {
	free, err := e.slot(ctx)
	if err != nil {
		return err
	}
	defer free()
	outcome := "answered"
	err = t.safely(ctx, t.answer)
	if err != nil && !again(err) && ctx.Err() == nil && (!t.acted || t.serving.failures >= retries) {
		t.log.Error("a turn went wrong", "error", err)
		outcome = "unavailable"
		err = t.safely(ctx, t.apologise)
	}
	if err == nil {
		t.done(outcome)
	}
	return err
}

// slot waits until there is room for one more to work; free gives it back.
func (e *Engine) slot(ctx context.Context) (free func(), err error) {
	select {
	case e.slots <- struct{}{}:
		return func() { <-e.slots }, nil
	case <-ctx.Done():
		return nil, ctx.Err()
	}
}

// again reports whether an error means that the turn is to be taken once more: there is
// something newer, or nothing can be stored, not even an apology.
func again(err error) bool {
	for _, e := range []error{errNewer, journal.ErrSuperseded, store.ErrFull, store.ErrUnavailable} {
		if errors.Is(err, e) {
			return true
		}
	}
	return false
}
