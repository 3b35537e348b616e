// Package dialog is the engine: it takes utterances from channels, runs turns and tells
// events to who follows.
//
// In reading order: [Engine] and what it is made of ([Options], [Shop]); what channels call
// ([Engine.Begin], [Engine.Resume], [Engine.Say], [Engine.Follow]); then inside: serving.go
// has one goroutine for each conversation that waits for an answer, burst.go decides how
// long it waits for more, turn.go is one turn, deciding.go the way from text to reply.
//
// People take conversations over and give them back in people.go; tend.go looks after those
// that people have or wait for, feed.go and lobby.go tell who follows.
//
// Goroutines: [Engine.Run] owns them all and waits for them. There is one that tends the desks,
// and one for each
// conversation with something to answer, at most Options.Active; of these at most
// Options.Turns work at once, the others wait. A conversation with nothing to answer has no
// goroutine and no memory here: all is in the journal. Beyond Options.Active utterances
// are refused before they are journalled, with a time to retry after.
package dialog

import (
	"context"
	"log/slog"
	"runtime"
	"sync"
	"time"

	"github.com/prometheus/client_golang/prometheus"

	"github.com/floorwalker/floorwalker/dialog/desk"
	"github.com/floorwalker/floorwalker/dialog/flow"
	"github.com/floorwalker/floorwalker/dialog/journal"
)

// Options are the parts of an engine.
type Options struct {
	Journal Log
	Hub     *journal.Hub          // the one that Journal wakes
	Shops   func(id string) *Shop // the shop as loaded now; nil: unknown
	Clock   func() time.Time      // nil: time.Now
	Logger  *slog.Logger          // nil: none
	Metrics prometheus.Registerer // nil: none
	IDs     IDs                   // zero: random
	Decided func(flow.Output)     // told what each answered turn came to; it may not block. nil: nobody
	Desk    *desk.Presence        // who is at the desks; nil: nobody, and nobody waits for them

	MessagesPerMinute int           // of one conversation, in bursts up to as many; 0: 60
	Text              int           // characters in an utterance or a comment; 0: 10,000
	Turns             int           // decided at once; 0: two for each processor
	Active            int           // conversations with something to answer; 0: 10,000
	Grace             time.Duration // for running turns once Run is to end; 0: 10 s
	Away              time.Duration // an agent may be away, or a desk empty, before conversations are given on; 0: a minute
}

func (o Options) filled() Options {
	if o.Clock == nil {
		o.Clock = time.Now
	}
	if o.Logger == nil {
		o.Logger = slog.New(slog.DiscardHandler)
	}
	if o.Hub == nil {
		o.Hub = new(journal.Hub)
	}
	if o.Decided == nil {
		o.Decided = func(flow.Output) {}
	}
	o.IDs = o.IDs.filled()
	o.MessagesPerMinute = or(o.MessagesPerMinute, 60)
	o.Text = or(o.Text, 10_000)
	o.Turns = or(o.Turns, 2*runtime.NumCPU())
	o.Active = or(o.Active, 10_000)
	o.Grace = or(o.Grace, 10*time.Second)
	o.Away = or(o.Away, time.Minute)
	return o
}

func or[T comparable](v, otherwise T) T {
	var zero T
	if v == zero {
		return otherwise
	}
	return v
}

// Engine runs the conversations of all shops. It is safe for concurrent use.
type Engine struct {
	Options
	metrics *metrics
	limits  *limits
	live    live
	slots   chan struct{} // a turn that works holds one
	hands   chan struct{} // holds at most one: the desks are to be looked at

	mu       sync.Mutex
	active   map[place]*serving
	silences silences
	ctx      context.Context // of turns; nil before Run
	closing  chan struct{}   // closed when Run is to end
	turns    sync.WaitGroup
}

// place is where a conversation is kept.
type place struct{ shop, id string }

// New makes an engine. Until Run is called it journals what is said and answers nothing.
func New(o Options) *Engine {
	o = o.filled()
	return &Engine{
		Options: o,
		metrics: newMetrics(o.Metrics),
		limits:  newLimits(o.MessagesPerMinute),
		slots:   make(chan struct{}, o.Turns),
		hands:   make(chan struct{}, 1),
		active:  map[place]*serving{},
		closing: make(chan struct{}),
	}
}

// Run answers conversations until ctx ends, beginning with what an earlier process left
// unanswered. Then it refuses new utterances, lets running turns finish within
// Options.Grace, and returns nil: what is left stays in the journal and is taken up by the
// next Run. An Engine runs once.
func (e *Engine) Run(ctx context.Context) error {
	work, cancel := context.WithCancel(context.WithoutCancel(ctx))
	defer cancel()
	e.mu.Lock()
	e.ctx = work
	e.mu.Unlock()

	e.turns.Go(func() { e.tend(ctx, work) })
	e.turns.Go(func() { e.mind(ctx, work) })
	e.takeUp(ctx)

	e.mu.Lock()
	close(e.closing)
	e.mu.Unlock()
	stop := time.AfterFunc(e.Grace, cancel)
	defer stop.Stop()
	e.turns.Wait()
	return nil
}

// How often the journal is searched for conversations that wait for an answer: often
// while there are more of them than are served at once.
const (
	searchSeldom = 30 * time.Second
	searchOften  = time.Second
)

// takeUp serves what is unanswered in the journal, now and from time to time until ctx ends.
func (e *Engine) takeUp(ctx context.Context) {
	for {
		wait := searchSeldom
		left, err := e.Journal.Unanswered(ctx, e.Active)
		if err != nil && ctx.Err() == nil {
			e.Logger.Error("looking for unanswered conversations", "error", err)
			wait = searchOften
		}
		for _, c := range left {
			e.serve(place{c.Shop, c.ID}, c.Last)
		}
		if len(left) == e.Active {
			wait = searchOften
		}
		timer := time.NewTimer(wait)
		select {
		case <-ctx.Done():
			timer.Stop()
			return
		case <-timer.C:
		}
	}
}

// serve sees to it that what was said up to an offset gets its turn.
func (e *Engine) serve(p place, offset int64) {
	e.mu.Lock()
	defer e.mu.Unlock()
	s := e.active[p]
	if s == nil {
		if e.ctx == nil || e.isClosing() || len(e.active) >= e.Active {
			return // it is in the journal, where takeUp or the next process finds it
		}
		s = newServing(e, p)
		e.active[p] = s
		e.metrics.active.Inc()
		ctx := e.ctx
		e.turns.Go(func() { s.run(ctx) })
	}
	s.said(offset)
}

// leave ends the serving of a conversation, unless something was said after an offset.
func (e *Engine) leave(s *serving, offset int64) bool {
	e.mu.Lock()
	defer e.mu.Unlock()
	if s.latest() > offset {
		return false
	}
	delete(e.active, s.place)
	e.metrics.active.Dec()
	return true
}

func (e *Engine) isClosing() bool {
	select {
	case <-e.closing:
		return true
	default:
		return false
	}
}

// room reports whether a conversation may be served, now or already.
func (e *Engine) room(p place) bool {
	e.mu.Lock()
	defer e.mu.Unlock()
	return e.active[p] != nil || len(e.active) < e.Active
}
