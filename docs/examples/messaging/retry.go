package main

import (
	"context"
	"errors"
	"math/rand/v2"
	"time"
)

// Back-off of what is tried again: doubled each time, with jitter.
const (
	firstPause   = 250 * time.Millisecond
	longestPause = time.Minute
	tryTime      = 15 * time.Second // how long one try may take
)

// final is an error that no other try mends.
type final struct{ error }

func (f final) Unwrap() error { return f.error }

// later is an error with the time after which to try again.
type later struct {
	error
	after time.Duration
}

func (l later) Unwrap() error { return l.error }

// try tries f until it succeeds, fails for good, or ctx ends. A try that has begun is let end: what the
// platform takes must be noted.
func (g *gateway) try(ctx context.Context, f func(context.Context) error) error {
	for pause := firstPause; ; pause = min(2*pause, longestPause) {
		once, cancel := context.WithTimeout(context.WithoutCancel(ctx), tryTime)
		err := f(once)
		cancel()
		var ended final
		if err == nil || errors.As(err, &ended) {
			return err
		}
		if ctx.Err() != nil {
			return errors.Join(err, ctx.Err())
		}
		wait := pause/2 + rand.N(pause/2)
		var l later
		if errors.As(err, &l) {
			wait = max(wait, l.after)
		}
		g.log.Warn("trying again", "error", err, "in", wait)
		timer := time.NewTimer(wait)
		select {
		case <-timer.C:
		case <-ctx.Done():
			timer.Stop()
		}
	}
}
