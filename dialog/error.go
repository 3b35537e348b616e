package dialog

import (
	"context"
	"errors"
	"fmt"
	"time"

	"github.com/floorwalker/floorwalker/catalog/store"
	"github.com/floorwalker/floorwalker/dialog/journal"
)

// Code says what kind of error it is, in the protocol's words.
type Code string

// The codes that channels tell their clients.
const (
	BadFrame     Code = "bad_frame"
	TooLarge     Code = "too_large"
	Unauthorized Code = "unauthorized"
	Forbidden    Code = "forbidden"
	NotFound     Code = "not_found"
	RateLimited  Code = "rate_limited"
	Conflict     Code = "conflict"
	Unavailable  Code = "unavailable"
	ShuttingDown Code = "shutting_down"
	Internal     Code = "internal"
)

// Error is what a client may know of an error. Err is for the log, never for the client.
type Error struct {
	Code       Code
	Message    string
	RetryAfter time.Duration // 0: don't say
	Err        error
}

func (e *Error) Error() string {
	if e.Err != nil {
		return fmt.Sprintf("%s: %s: %v", e.Code, e.Message, e.Err)
	}
	return fmt.Sprintf("%s: %s", e.Code, e.Message)
}

func (e *Error) Unwrap() error { return e.Err }

// fault is an error that is plain from its code and message.
func fault(code Code, format string, args ...any) *Error {
	return &Error{Code: code, Message: fmt.Sprintf(format, args...)}
}

// forbidden is the same for a wrong secret and for a conversation that doesn't exist.
func forbidden() *Error {
	return fault(Forbidden, "no conversation opens with that id and secret")
}

// shared are the errors that mean the same wherever they happen.
var shared = []struct {
	err     error
	code    Code
	message string
	retry   time.Duration
}{
	{store.ErrFull, Unavailable, "nothing new can be stored at the moment", 30 * time.Second},
	{store.ErrUnavailable, Unavailable, "the store can't be reached at the moment", time.Second},
	{context.Canceled, Unavailable, "the request was given up", time.Second},
	{context.DeadlineExceeded, Unavailable, "it took too long", time.Second},
	{journal.ErrNotOwner, Conflict, "only the agent who has the conversation writes in it; take it first", 0},
	{journal.ErrSuperseded, Conflict, "the conversation changed meanwhile", time.Second},
}

// told makes of any error the one that a client may know; nil stays nil. What is unknown is
// logged with a trace id that the client gets.
func (e *Engine) told(doing string, err error) error {
	if err == nil {
		return nil
	}
	var known *Error
	if errors.As(err, &known) {
		return known
	}
	if errors.Is(err, journal.ErrNotFound) {
		return forbidden()
	}
	for _, s := range shared {
		if errors.Is(err, s.err) {
			return &Error{Code: s.code, Message: s.message, RetryAfter: s.retry, Err: err}
		}
	}
	trace := e.IDs.Turn()
	e.Logger.Error(doing, "trace", trace, "error", err)
	return &Error{Code: Internal, Message: "something went wrong here; trace " + trace, RetryAfter: time.Second, Err: err}
}
