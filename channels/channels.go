// Package channels is what every channel shares: the frames of the protocol, who a token
// says writes, and limits. Each channel is a child.
package channels

import (
	"encoding/json"
	"errors"
	"fmt"
	"maps"
	"slices"
	"time"

	"github.com/floorwalker/floorwalker/dialog"
	"github.com/floorwalker/floorwalker/dialog/journal"
)

// EventHead is what every event has, whatever its kind.
type EventHead struct {
	Type   string    `json:"type"`
	Epoch  string    `json:"epoch"`
	Offset int64     `json:"offset"`
	At     time.Time `json:"at"`
	Kind   string    `json:"kind"`
}

// EventFrame is an event as clients get it: one object with the event's fields beside its
// epoch, offset, time and kind.
func EventFrame(epoch string, e journal.Event) ([]byte, error) {
	head, err := json.Marshal(EventHead{"event", epoch, e.Offset, e.At.UTC(), e.Kind})
	if err != nil {
		return nil, err
	}
	if len(e.Body) < 2 || e.Body[0] != '{' {
		return nil, fmt.Errorf("event %d of kind %s: its body is not an object", e.Offset, e.Kind)
	}
	if len(e.Body) == 2 {
		return head, nil
	}
	frame := make([]byte, 0, len(head)+len(e.Body))
	frame = append(frame, head[:len(head)-1]...)
	frame = append(frame, ',')
	return append(frame, e.Body[1:]...), nil
}

// ErrorFrame tells a client that a frame of its was not accepted, or the conversation not
// given. ID is the frame's, if it had one.
type ErrorFrame struct {
	Type         string `json:"type"`
	ID           string `json:"id,omitempty"`
	Code         string `json:"code"`
	Message      string `json:"message"`
	RetryAfterMS int64  `json:"retry_after_ms,omitempty"`
}

// Refusal words an error for a client. What is not a [dialog.Error] is `internal`: its text
// stays in the log.
func Refusal(id string, err error) ErrorFrame {
	var e *dialog.Error
	if !errors.As(err, &e) {
		e = &dialog.Error{Code: dialog.Internal, Message: "something went wrong here; please try again", RetryAfter: time.Second}
	}
	wait := e.RetryAfter + time.Millisecond - 1 // a wait too short to tell is one of a millisecond
	return ErrorFrame{Type: "error", ID: id, Code: string(e.Code), Message: e.Message, RetryAfterMS: wait.Milliseconds()}
}

// statuses are the codes of errors as HTTP has them.
var statuses = map[dialog.Code]int{
	dialog.BadFrame: 400, dialog.TooLarge: 413, dialog.Unauthorized: 401, dialog.Forbidden: 403, dialog.NotFound: 404,
	dialog.RateLimited: 429, dialog.Conflict: 409, dialog.Unavailable: 503, dialog.ShuttingDown: 503, dialog.Internal: 500,
}

// Status is the status that HTTP has for a code.
func Status(code dialog.Code) int {
	if s := statuses[code]; s != 0 {
		return s
	}
	return 500
}

// Codes are all codes of errors.
func Codes() []dialog.Code { return slices.Sorted(maps.Keys(statuses)) }
