package skill

import (
	"bytes"
	"context"
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net"
	"net/http"
	"reflect"
	"slices"
	"time"

	"github.com/failsafe-go/failsafe-go"
	"github.com/failsafe-go/failsafe-go/circuitbreaker"
	"github.com/failsafe-go/failsafe-go/retrypolicy"

	"github.com/floorwalker/floorwalker/catalog"
	"github.com/floorwalker/floorwalker/dialog/flow"
	"github.com/floorwalker/floorwalker/dialog/journal"
)

const (
	remoteTries  = 3
	remotePause  = 200 * time.Millisecond // before the second try, twice that before the third
	remoteRest   = 15 * time.Second       // after five failed tries in a row: answers come at once, that it is down
	remoteAnswer = 1 << 20                // bytes that are read of an answer
)

// RemoteRequest is what a remote skill is asked.
type RemoteRequest struct {
	Skill        string         `json:"skill"`
	Shop         string         `json:"shop"`
	Conversation string         `json:"conversation"`
	Locale       string         `json:"locale"`
	Customer     string         `json:"customer,omitempty"` // known at least at the level that the skill needs
	Level        string         `json:"level"`              // anonymous, claimed or verified
	Arguments    map[string]any `json:"arguments"`

	Expect map[string]string `json:"expect,omitempty"` // of an act: the versions of the records that the summary showed
}

// RemoteAnswer is what it answers with status 200.
type RemoteAnswer struct {
	View    json.RawMessage `json:"view,omitempty"`    // of a look: an object with the fields that it returns
	Record  string          `json:"record,omitempty"`  // what was read or changed, such as "repair/R-17"
	Version string          `json:"version,omitempty"` // of that record: a change of it between summary and yes is told
	Refused string          `json:"refused,omitempty"` // one of the words that the skill refuses with
	Changed bool            `json:"changed,omitempty"` // a record is no longer as the summary showed it; nothing was done
}

// way is how a remote skill is reached: what it went through lately decides whether it is tried.
type way struct {
	client  *http.Client
	breaker circuitbreaker.CircuitBreaker[any]
	tries   failsafe.Executor[any]
}

func newWay() *way {
	w := &way{client: &http.Client{
		// A redirect would take what the shopper said somewhere that nobody has named.
		CheckRedirect: func(*http.Request, []*http.Request) error { return http.ErrUseLastResponse },
	}}
	w.breaker = circuitbreaker.NewBuilder[any]().WithFailureThreshold(5).WithDelay(remoteRest).
		HandleIf(func(_ any, err error) bool { return errors.As(err, new(passing)) }).Build()
	again := retrypolicy.NewBuilder[any]().WithMaxAttempts(remoteTries).WithBackoff(remotePause, 4*remotePause).WithJitterFactor(.2).
		HandleIf(func(_ any, err error) bool { return errors.As(err, new(passing)) }).ReturnLastFailure().Build()
	w.tries = failsafe.With[any](again, w.breaker)
	return w
}

// passing is a fault that may pass: it is tried again. Arrived: the request may have been carried out.
type passing struct {
	error
	arrived bool
}

func (p passing) Unwrap() error { return p.error }

// look asks a remote skill that only reads.
func (r *Remote) look(s *Set, ctx context.Context, call flow.Call) (flow.Result, error) {
	answer, found, _, err := r.ask(ctx, s.Shop, call, "")
	if err != nil || !found {
		return flow.Result{}, err
	}
	if answer.Refused != "" {
		return flow.Result{Refused: answer.Refused}, nil
	}
	view, err := r.view(answer, s.Now(), s.zone)
	return flow.Result{View: view}, err
}

// act has a remote skill carried out, under a key that is the same whenever it is asked again.
func (r *Remote) act(ctx context.Context, s *Set, call flow.Call, key string) (flow.Result, *journal.Action, error) {
	answer, found, arrived, err := r.ask(ctx, s.Shop, call, key)
	switch {
	case err != nil && ctx.Err() != nil:
		return flow.Result{}, nil, ctx.Err()
	case err != nil && arrived:
		s.Logger.Error("a remote skill gave no answer: whether it was carried out isn't known", "shop", s.Shop, "skill", r.Name, "key", key, "error", err)
		return flow.Result{Refused: unconfirmed}, nil, nil
	case err != nil || !found:
		s.Logger.Error("a remote skill wasn't carried out", "shop", s.Shop, "skill", r.Name, "key", key, "error", err)
		return flow.Result{Down: true}, nil, nil
	case answer.Refused != "" || answer.Changed:
		return flow.Result{Refused: answer.Refused, Changed: answer.Changed}, nil, nil
	}
	record := answer.Record
	if record == "" {
		record = r.Name + "/" + key
	}
	return flow.Result{}, &journal.Action{Name: r.Name, Record: record, Arguments: said(call)}, nil
}

// said are a call's arguments as plain values.
func said(call flow.Call) map[string]any {
	all := map[string]any{}
	for name := range call.Args {
		if v := argValue(call, name); v != nil {
			all[name] = v
		}
	}
	return all
}

// ask sends the request, again where that may help. Found is false for 404. Arrived tells, with an
// error, that some try may have been carried out.
func (r *Remote) ask(ctx context.Context, shop string, call flow.Call, key string) (answer RemoteAnswer, found, arrived bool, err error) {
	request := RemoteRequest{Skill: r.Name, Shop: shop, Conversation: call.Conversation, Locale: call.Locale,
		Level: levelWord(call.Identity.Level), Arguments: said(call), Expect: call.Expect}
	if call.Identity.Level > catalog.Anonymous {
		request.Customer = call.Identity.Customer
	}
	body, err := json.Marshal(request)
	if err != nil {
		return answer, false, false, fmt.Errorf("asking %s: %w", r.Name, err)
	}
	err = r.way.tries.WithContext(ctx).Run(func() error {
		var err error
		answer, found, err = r.try(ctx, body, key)
		var p passing
		arrived = arrived || errors.As(err, &p) && p.arrived
		return err
	})
	if err != nil {
		return RemoteAnswer{}, false, arrived, fmt.Errorf("asking %s: %w", r.Name, err)
	}
	return answer, found, false, nil
}

// try asks once.
func (r *Remote) try(ctx context.Context, body []byte, key string) (answer RemoteAnswer, found bool, err error) {
	ctx, cancel := context.WithTimeout(ctx, r.timeout)
	defer cancel()
	req, err := http.NewRequestWithContext(ctx, http.MethodPost, r.url, bytes.NewReader(body))
	if err != nil {
		return answer, false, err
	}
	req.Header.Set("Content-Type", "application/json")
	if key != "" {
		req.Header.Set("Idempotency-Key", key)
	}
	if r.key != "" {
		req.Header.Set("Authorization", "Bearer "+r.key)
	}
	resp, err := r.way.client.Do(req)
	if err != nil {
		var dial *net.OpError
		return answer, false, passing{err, !errors.As(err, &dial) || dial.Op != "dial"}
	}
	defer resp.Body.Close()
	text, err := io.ReadAll(io.LimitReader(resp.Body, remoteAnswer+1))
	switch code := resp.StatusCode; {
	case err != nil:
		return answer, false, passing{fmt.Errorf("its answer broke off: %w", err), true}
	case code == http.StatusNotFound:
		return answer, false, nil
	case code == http.StatusTooManyRequests, code == http.StatusServiceUnavailable:
		return answer, false, passing{fmt.Errorf("it answers %s", resp.Status), false}
	case code >= 500:
		return answer, false, passing{fmt.Errorf("it answers %s: %.200q", resp.Status, text), true}
	case code != http.StatusOK:
		return answer, false, fmt.Errorf("it answers %s: %.200q", resp.Status, text)
	case len(text) > remoteAnswer:
		return answer, false, fmt.Errorf("its answer has more than %d bytes", remoteAnswer)
	}
	if err := json.Unmarshal(text, &answer); err != nil {
		return RemoteAnswer{}, false, passing{fmt.Errorf("its answer is no JSON of the right form: %w: %.200q", err, text), true}
	}
	if answer.Refused != "" && !slices.Contains(r.Refuses, answer.Refused) {
		return RemoteAnswer{}, false, fmt.Errorf("it refuses with %q; its file knows %v", answer.Refused, r.Refuses)
	}
	return answer, true, nil
}

// view makes the view of an answer; nil if it has none.
func (r *Remote) view(a RemoteAnswer, now time.Time, zone *time.Location) (any, error) {
	if len(a.View) == 0 || string(a.View) == "null" {
		return nil, nil
	}
	var given map[string]json.RawMessage
	if err := json.Unmarshal(a.View, &given); err != nil {
		return nil, fmt.Errorf("%s: its view is no object: %w", r.Name, err)
	}
	v := reflect.New(r.View)
	for i, f := range r.fields {
		raw, ok := given[f.name]
		if !ok || string(raw) == "null" {
			continue // empty: a reply's {field, if, …} tells
		}
		if err := decodeReturned(raw, v.Elem().Field(i+1), zone); err != nil {
			return nil, fmt.Errorf("%s: its field %s: %w", r.Name, f.name, err)
		}
	}
	record := a.Record
	if record == "" {
		record = r.Name + "/" + r.Name
	}
	version := a.Version
	if version == "" {
		sum := sha256.Sum256(a.View)
		version = hex.EncodeToString(sum[:6])
	}
	v.Elem().Field(0).Set(reflect.ValueOf(catalog.Source{Record: record, Version: version, ReadAt: now}))
	return v.Interface(), nil
}

// decodeReturned reads one field. A date may be a day without a time, in the shop's zone.
func decodeReturned(raw json.RawMessage, into reflect.Value, zone *time.Location) error {
	if t, ok := into.Addr().Interface().(*time.Time); ok {
		var text string
		if err := json.Unmarshal(raw, &text); err != nil {
			return err
		}
		at, err := time.Parse(time.RFC3339, text)
		if err != nil {
			if at, err = time.ParseInLocation(time.DateOnly, text, zone); err != nil {
				return fmt.Errorf("%q is no date: write 2026-12-24 or 2026-12-24T10:00:00Z", text)
			}
		}
		*t = at
		return nil
	}
	return json.Unmarshal(raw, into.Addr().Interface())
}
