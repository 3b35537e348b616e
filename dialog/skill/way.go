package skill

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net"
	"net/http"
	"time"

	"github.com/failsafe-go/failsafe-go"
	"github.com/failsafe-go/failsafe-go/circuitbreaker"
	"github.com/failsafe-go/failsafe-go/retrypolicy"
)

const (
	wayTries  = 3
	wayPause  = 200 * time.Millisecond // before the second try, twice that before the third
	wayRest   = 15 * time.Second       // after five failed tries in a row: answers come at once, that it is down
	wayAnswer = 1 << 20                // bytes that are read of an answer
)

// way is how a program of the shop's is reached: what it went through lately decides whether it
// is tried.
type way struct {
	client  *http.Client
	breaker circuitbreaker.CircuitBreaker[any]
	tries   failsafe.Executor[any]
	bearer  string        // "": none
	timeout time.Duration // of one try
}

func newWay(bearer string, timeout time.Duration) *way {
	w := &way{bearer: bearer, timeout: timeout, client: &http.Client{
		// A redirect would take what the shopper said somewhere that nobody has named.
		CheckRedirect: func(*http.Request, []*http.Request) error { return http.ErrUseLastResponse },
	}}
	passes := func(_ any, err error) bool { return errors.As(err, new(passing)) }
	w.breaker = circuitbreaker.NewBuilder[any]().WithFailureThreshold(5).WithDelay(wayRest).HandleIf(passes).Build()
	again := retrypolicy.NewBuilder[any]().WithMaxAttempts(wayTries).WithBackoff(wayPause, 4*wayPause).WithJitterFactor(.2).
		HandleIf(passes).ReturnLastFailure().Build()
	w.tries = failsafe.With[any](again, w.breaker)
	return w
}

// passing is a fault that may pass: it is tried again. Arrived: the request may have been carried out.
type passing struct {
	error
	arrived bool
}

func (p passing) Unwrap() error { return p.error }

// question is a request. Body goes as JSON, unless it is nil.
type question struct {
	method, url string
	key         string // of idempotency; "": none
	match       string // the version that is to be changed; "": any
	body        any
}

// ask sends a request, again where that may help, and has read read what is answered: with any
// status but 429, 503 and other 5xx. Arrived tells, with an error, that it may have been carried out.
func (w *way) ask(ctx context.Context, q question, read func(status int, text []byte) error) (arrived bool, err error) {
	var body []byte
	if q.body != nil {
		if body, err = json.Marshal(q.body); err != nil {
			return false, err
		}
	}
	err = w.tries.WithContext(ctx).Run(func() error {
		err := w.try(ctx, q, body, read)
		var p passing
		arrived = arrived || errors.As(err, &p) && p.arrived
		return err
	})
	return arrived && err != nil, err
}

// try asks once.
func (w *way) try(ctx context.Context, q question, body []byte, read func(int, []byte) error) error {
	ctx, cancel := context.WithTimeout(ctx, w.timeout)
	defer cancel()
	req, err := http.NewRequestWithContext(ctx, q.method, q.url, bytes.NewReader(body))
	if err != nil {
		return err
	}
	for name, value := range map[string]string{"Idempotency-Key": q.key, "If-Match": q.match} {
		if value != "" {
			req.Header.Set(name, value)
		}
	}
	if body != nil {
		req.Header.Set("Content-Type", "application/json")
	}
	if w.bearer != "" {
		req.Header.Set("Authorization", "Bearer "+w.bearer)
	}
	resp, err := w.client.Do(req)
	if err != nil {
		var dial *net.OpError
		return passing{err, !errors.As(err, &dial) || dial.Op != "dial"}
	}
	defer resp.Body.Close()
	text, err := io.ReadAll(io.LimitReader(resp.Body, wayAnswer+1))
	switch code := resp.StatusCode; {
	case err != nil:
		return passing{fmt.Errorf("its answer broke off: %w", err), true}
	case code == http.StatusTooManyRequests, code == http.StatusServiceUnavailable:
		return passing{fmt.Errorf("it answers %s", resp.Status), false}
	case code >= 500:
		return passing{fmt.Errorf("it answers %s: %.200q", resp.Status, text), true}
	case len(text) > wayAnswer:
		return fmt.Errorf("its answer has more than %d bytes", wayAnswer)
	}
	return read(resp.StatusCode, text)
}
