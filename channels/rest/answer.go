package rest

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"math"
	"net/http"
	"os"
	"strconv"
	"strings"
	"time"

	"github.com/floorwalker/floorwalker/channels"
	"github.com/floorwalker/floorwalker/dialog"
)

// exchange is one request and the way to answer it.
type exchange struct {
	server *Server
	w      http.ResponseWriter
	r      *http.Request
	out    *http.ResponseController
	ctx    context.Context // ends with the request, or when the server has to go
	id     string          // of what the client sent, if it has one
	begun  bool            // the answer has begun to leave: it can't become an error any more
}

// deadline gives what is written next so long to leave.
func (x *exchange) deadline() {
	wait := x.server.WriteWait
	if x.ctx.Err() != nil {
		wait = min(wait, lastWait)
	}
	_ = x.out.SetWriteDeadline(time.Now().Add(wait)) // a server that knows none writes without
}

// send answers with JSON.
func (x *exchange) send(status int, v any) error {
	data, err := json.Marshal(v)
	if err != nil {
		return err
	}
	x.begin(status, "application/json")
	_, _ = x.w.Write(append(data, '\n')) // whoever is gone needs no answer
	return nil
}

// begin writes the head of an answer.
func (x *exchange) begin(status int, kind string) {
	x.begun = true
	x.deadline()
	x.w.Header().Set("Content-Type", kind)
	x.w.Header().Set("Cache-Control", "no-store")
	x.w.WriteHeader(status)
}

// refuse answers with an error, as on the socket; the status is that of its code.
func (x *exchange) refuse(err error) (code string) {
	refusal := channels.Refusal(x.id, err)
	h := x.w.Header()
	if refusal.RetryAfterMS > 0 {
		h.Set("Retry-After", strconv.Itoa(int(math.Ceil(float64(refusal.RetryAfterMS)/1000))))
	}
	if refusal.Code == string(dialog.Unauthorized) {
		h.Set("WWW-Authenticate", `Bearer realm="floorwalker"`)
	}
	_ = x.send(channels.Status(dialog.Code(refusal.Code)), refusal) // it can be encoded
	return refusal.Code
}

// read reads the body into v, within the bounds of size and time.
func (x *exchange) read(v any, what, example string) error {
	_ = x.out.SetReadDeadline(time.Now().Add(x.server.BodyWait))
	data, err := io.ReadAll(http.MaxBytesReader(x.w, x.r.Body, x.server.Body))
	var large *http.MaxBytesError
	switch {
	case errors.As(err, &large):
		return &dialog.Error{Code: dialog.TooLarge, Message: fmt.Sprintf("a request may have %d bytes at most", x.server.Body)}
	case errors.Is(err, os.ErrDeadlineExceeded):
		return &dialog.Error{Code: dialog.BadFrame, Message: "the body took too long to come"}
	case err != nil:
		return &dialog.Error{Code: dialog.BadFrame, Message: "the body ended early"}
	}
	_ = x.out.SetReadDeadline(time.Time{}) // else the client would count as gone at that time
	return channels.Decode(data, v, what, example)
}

// bearer is the secret or token that a request brings, "" without one.
func (x *exchange) bearer() string {
	scheme, secret, _ := strings.Cut(x.r.Header.Get("Authorization"), " ")
	if !strings.EqualFold(scheme, "Bearer") {
		return ""
	}
	return strings.TrimSpace(secret)
}

func bad(format string, args ...any) error {
	return &dialog.Error{Code: dialog.BadFrame, Message: fmt.Sprintf(format, args...)}
}
