package skill

import (
	"context"
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"fmt"
	"net/http"
	"reflect"
	"slices"
	"time"

	"github.com/floorwalker/floorwalker/catalog"
	"github.com/floorwalker/floorwalker/catalog/store"
	"github.com/floorwalker/floorwalker/dialog/flow"
	"github.com/floorwalker/floorwalker/dialog/journal"
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
func (r *Remote) act(ctx context.Context, s *Set, call flow.Call, key string) (Deed, error) {
	answer, found, arrived, err := r.ask(ctx, s.Shop, call, key)
	switch {
	case err != nil && ctx.Err() != nil:
		return nil, ctx.Err()
	case err != nil && arrived:
		s.Logger.Error("a remote skill gave no answer: whether it was carried out isn't known", "shop", s.Shop, "skill", r.Name, "key", key, "error", err)
		return done(flow.Result{Refused: unconfirmed}), nil
	case err != nil || !found:
		s.Logger.Error("a remote skill wasn't carried out", "shop", s.Shop, "skill", r.Name, "key", key, "error", err)
		return done(flow.Result{Down: true}), nil
	case answer.Refused != "" || answer.Changed:
		return done(flow.Result{Refused: answer.Refused, Changed: answer.Changed}), nil
	}
	record := answer.Record
	if record == "" {
		record = r.Name + "/" + key
	}
	return func(*store.Tx) (flow.Result, *journal.Action, error) {
		return flow.Result{}, &journal.Action{Name: r.Name, Record: record, Arguments: said(call)}, nil
	}, nil
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

// ask has the program answer. Found is false for 404. Arrived tells, with an error, that it may have
// been carried out.
func (r *Remote) ask(ctx context.Context, shop string, call flow.Call, key string) (answer RemoteAnswer, found, arrived bool, err error) {
	request := RemoteRequest{Skill: r.Name, Shop: shop, Conversation: call.Conversation, Locale: call.Locale,
		Level: levelWord(call.Identity.Level), Arguments: said(call), Expect: call.Expect}
	if call.Identity.Level > catalog.Anonymous {
		request.Customer = call.Identity.Customer
	}
	arrived, err = r.way.ask(ctx, question{method: http.MethodPost, url: r.url, key: key, body: request}, func(status int, text []byte) error {
		answer = RemoteAnswer{}
		if found = status != http.StatusNotFound; !found {
			return nil
		}
		if status != http.StatusOK {
			return fmt.Errorf("it answers %d: %.200q", status, text)
		}
		if err := json.Unmarshal(text, &answer); err != nil {
			return passing{fmt.Errorf("its answer is no JSON of the right form: %w: %.200q", err, text), true}
		}
		if answer.Refused != "" && !slices.Contains(r.Refuses, answer.Refused) {
			return fmt.Errorf("it refuses with %q; its file knows %v", answer.Refused, r.Refuses)
		}
		return nil
	})
	if err != nil {
		return RemoteAnswer{}, false, arrived, fmt.Errorf("asking %s: %w", r.Name, err)
	}
	return answer, found, false, nil
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
