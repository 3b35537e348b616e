// Package codes sends one-time codes to customers: by e-mail, through a program of the
// shop's by HTTP, or, where neither is set up, to the server's log.
//
// [Post] takes letters at once and sends them beside the conversation, so that how long an
// answer takes doesn't tell whether an address is known. What can't be sent is tried again
// for a while; when nothing can be sent any more, Post says so at once, and the shopper is
// told instead of waiting for a letter that doesn't come.
package codes

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"sync"
	"time"

	"github.com/failsafe-go/failsafe-go"
	"github.com/failsafe-go/failsafe-go/circuitbreaker"
	"github.com/failsafe-go/failsafe-go/retrypolicy"
	"github.com/prometheus/client_golang/prometheus"

	"github.com/floorwalker/floorwalker/catalog"
	"github.com/floorwalker/floorwalker/dialog/skill"
)

const (
	waiting = 256              // letters that wait for their turn
	hands   = 4                // letters on their way at once
	tryTime = 15 * time.Second // one try
	tries   = 4
)

// Way sends a worded letter, once. It is safe for concurrent use. An error that wraps
// [ErrRefused] is about the address alone: trying again is no use, and others get theirs.
type Way interface {
	Deliver(ctx context.Context, l Worded) error
}

// ErrRefused is of a letter that whoever was to carry it doesn't take for this address.
var ErrRefused = errors.New("refused for this address")

// errFinal is of what trying again doesn't mend, such as a wrong password.
var errFinal = errors.New("not to be tried again")

// Options of a Post.
type Options struct {
	Way      Way
	Settings func(shop string) (catalog.Settings, bool) // of a served shop
	Logger   *slog.Logger
	Metrics  prometheus.Registerer // nil: none
	Now      func() time.Time      // nil: the clock

	Pause time.Duration // before the second try, doubled before each further one; 0: 1 s
	Grace time.Duration // for letters, once Run is to end; 0: 8 s
	Rest  time.Duration // for which nothing is taken once three tries in a row have failed; 0: 30 s
}

// Post is a [skill.Sender] that sends letters while [Post.Run] runs. It is safe for
// concurrent use.
type Post struct {
	Options
	letters chan Worded
	breaker circuitbreaker.CircuitBreaker[any]
	sending failsafe.Executor[any]
	sent    *prometheus.CounterVec

	mu   sync.Mutex
	last error // why the latest try failed
}

// New makes a Post. Letters are kept until Run is called.
func New(o Options) *Post {
	if o.Now == nil {
		o.Now = time.Now
	}
	if o.Pause == 0 {
		o.Pause = time.Second
	}
	if o.Grace == 0 {
		o.Grace = 8 * time.Second
	}
	if o.Rest == 0 {
		o.Rest = 30 * time.Second
	}
	p := &Post{Options: o, letters: make(chan Worded, waiting),
		sent: prometheus.NewCounterVec(prometheus.CounterOpts{Name: "floorwalker_codes_total",
			Help: "One-time codes by outcome: sent, refused (for that address), failed."}, []string{"outcome"})}
	if o.Metrics != nil {
		o.Metrics.MustRegister(p.sent)
	}
	p.breaker = circuitbreaker.NewBuilder[any]().
		WithFailureThreshold(3).WithDelay(o.Rest).
		HandleIf(func(_ any, err error) bool {
			return err != nil && !errors.Is(err, ErrRefused) && !errors.Is(err, context.Canceled)
		}).
		Build()
	again := retrypolicy.NewBuilder[any]().
		WithMaxAttempts(tries).WithBackoff(o.Pause, 8*o.Pause).WithJitterFactor(.2).
		AbortOnErrors(ErrRefused, errFinal, context.Canceled, circuitbreaker.ErrOpen).ReturnLastFailure().
		Build()
	p.sending = failsafe.With[any](again, p.breaker)
	return p
}

// Send takes a letter. The error says why it is known already that it can't be sent.
func (p *Post) Send(_ context.Context, l skill.Letter) error {
	if p.breaker.IsOpen() {
		return fmt.Errorf("no one-time code can be sent at the moment: %w", p.why())
	}
	settings, ok := p.Settings(l.Shop)
	if !ok {
		return fmt.Errorf("a one-time code of shop %q, which isn't served", l.Shop)
	}
	select {
	case p.letters <- word(l, settings, p.Now()):
		return nil
	default:
		return fmt.Errorf("%d one-time codes wait to be sent already", waiting)
	}
}

func (p *Post) why() error {
	p.mu.Lock()
	defer p.mu.Unlock()
	return p.last
}

// Run sends letters until ctx ends, and then, within Grace, those on their way and those that wait.
func (p *Post) Run(ctx context.Context) error {
	sending, stop := context.WithCancel(context.WithoutCancel(ctx))
	defer stop()
	defer context.AfterFunc(ctx, func() { time.AfterFunc(p.Grace, stop) })()
	var all sync.WaitGroup
	for range hands {
		all.Go(func() {
			p.work(ctx, sending)
			p.finish(sending)
		})
	}
	all.Wait()
	return nil
}

// work sends letters until ctx ends.
func (p *Post) work(ctx, sending context.Context) {
	for {
		select {
		case l := <-p.letters:
			p.send(sending, l)
		case <-ctx.Done():
			return
		}
	}
}

// finish sends what waits, so that a server that is started anew loses no letter.
func (p *Post) finish(ctx context.Context) {
	for {
		select {
		case l := <-p.letters:
			p.send(ctx, l)
		default:
			return
		}
	}
}

// send sends one letter, while its code is good. The code itself is never logged.
func (p *Post) send(ctx context.Context, l Worded) {
	ctx, cancel := context.WithTimeout(ctx, l.Expires.Sub(p.Now()))
	defer cancel()
	err := p.sending.WithContext(ctx).Run(func() error { return p.try(ctx, l) })
	switch {
	case err == nil:
		p.sent.WithLabelValues("sent").Inc()
		p.Logger.InfoContext(ctx, "one-time code sent", "shop", l.Shop, "id", l.ID)
	case errors.Is(err, ErrRefused):
		p.sent.WithLabelValues("refused").Inc()
		p.Logger.WarnContext(ctx, "one-time code refused", "shop", l.Shop, "id", l.ID, "error", err)
	default:
		p.sent.WithLabelValues("failed").Inc()
		p.Logger.ErrorContext(ctx, "one-time code not sent", "shop", l.Shop, "id", l.ID, "error", errors.Join(err, p.why()))
	}
}

func (p *Post) try(ctx context.Context, l Worded) error {
	ctx, cancel := context.WithTimeout(ctx, tryTime)
	defer cancel()
	err := p.Way.Deliver(ctx, l)
	if err != nil {
		p.mu.Lock()
		p.last = err
		p.mu.Unlock()
	}
	return err
}

// Log "sends" codes to the server's log: for trying things out, and for shops whose codes
// somebody else reads there.
type Log struct{ *slog.Logger }

// Send logs the letter.
func (l Log) Send(ctx context.Context, letter skill.Letter) error {
	l.InfoContext(ctx, "one-time code", "shop", letter.Shop, "to", letter.To, "code", letter.Code)
	return nil
}
