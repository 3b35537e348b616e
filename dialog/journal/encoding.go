package journal

import (
	"bytes"
	"encoding/json"
	"fmt"
)

// Encoding is the version in which events are written. A reader knows it and all before.
const Encoding = 1

// NewEvent makes an event of a kind from one of this package's bodies.
func NewEvent(kind string, body any) (Event, error) {
	b, err := json.Marshal(body)
	if err != nil {
		return Event{}, fmt.Errorf("encoding a %s event: %w", kind, err)
	}
	return Event{Kind: kind, Body: b}, nil
}

// Body reads an event's body as T: Utterance, Action, Reply, State, Feedback or Closed.
// Fields that T doesn't have stay in e.Body.
func Body[T any](e Event) (T, error) {
	var t T
	if err := json.Unmarshal(e.Body, &t); err != nil {
		return t, fmt.Errorf("reading the %s event at offset %d: %w", e.Kind, e.Offset, err)
	}
	return t, nil
}

// encode checks an event that is to be written and returns its body in the one form that
// is kept: a compact object.
func encode(e Event) (json.RawMessage, error) {
	if e.Kind == "" {
		return nil, fmt.Errorf("an event needs a kind")
	}
	var b bytes.Buffer
	if err := json.Compact(&b, e.Body); err != nil {
		return nil, fmt.Errorf("the body of a %s event must be JSON: %w", e.Kind, err)
	}
	if b.Len() == 0 || b.Bytes()[0] != '{' {
		return nil, fmt.Errorf("the body of a %s event must be a JSON object", e.Kind)
	}
	return b.Bytes(), nil
}

// decode reads the body of an event as it was stored in encoding v. Fields that this
// program doesn't know stay in the body.
func decode(v int, offset int64, body string) (json.RawMessage, error) {
	if v < 1 || v > Encoding {
		return nil, fmt.Errorf("the event at offset %d is written in encoding %d and this program reads up to %d: run the newer version that wrote it",
			offset, v, Encoding)
	}
	return json.RawMessage(body), nil
}

// asks reports whether an event wants a turn: an utterance of the shopper does.
func asks(e Event) bool {
	if e.Kind != KindUtterance {
		return false
	}
	var u struct {
		Role string `json:"role"`
	}
	return json.Unmarshal(e.Body, &u) == nil && u.Role == RoleShopper
}
