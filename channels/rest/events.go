package rest

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"net/http"
	"regexp"
	"strconv"
	"strings"
	"time"

	"github.com/floorwalker/floorwalker/channels"
	"github.com/floorwalker/floorwalker/dialog"
	"github.com/floorwalker/floorwalker/dialog/journal"
)

// events are how a conversation's events are answered; the document says what one is.
type events []json.RawMessage

const (
	stream   = "text/event-stream"
	listOf   = "application/json"
	accepts  = "Accept"
	lastSeen = "Last-Event-ID"
)

func (x *exchange) events() error {
	shop, w, err := x.enters()
	if err != nil {
		return err
	}
	streams := strings.Contains(x.r.Header.Get(accepts), stream)
	p := channels.Place{Epoch: w.Epoch}
	if q := x.r.URL.Query(); q.Has("after") {
		if p, err = place(q.Get("after"), w.Epoch); err != nil {
			return err
		}
	}
	if last := x.r.Header.Values(lastSeen); len(last) > 0 {
		if p, err = place(last[0], w.Epoch); err != nil {
			return err
		}
	}
	after, reset := channels.ResumeAt(p, w)
	if streams {
		return x.stream(shop, w, after, reset)
	}
	return x.list(shop, w, after)
}

var placed = regexp.MustCompile(placePattern)

// place reads where a client is; without an epoch it is in this one.
func place(text, epoch string) (channels.Place, error) {
	if !placed.MatchString(text) {
		return channels.Place{}, bad("after and %s: want an offset, or an epoch and an offset with a slash between", lastSeen)
	}
	if e, offset, ok := strings.Cut(text, "/"); ok {
		epoch, text = e, offset
	}
	n, err := strconv.ParseInt(text, 10, 64)
	return channels.Place{Epoch: epoch, Offset: n}, err // 18 digits always fit
}

// list answers with the events that there are, however many: they are read and written in pieces.
func (x *exchange) list(shop string, w dialog.Welcome, after int64) error {
	var piece bytes.Buffer
	for before := "["; ; before = "," {
		page, err := x.server.Engine.Events(x.ctx, shop, w.Conversation, after)
		if err != nil {
			return err
		}
		if !x.begun {
			x.begin(http.StatusOK, listOf)
		}
		for _, e := range page {
			frame, err := channels.EventFrame(w.Epoch, e)
			if err != nil {
				return err
			}
			piece.WriteString(before)
			piece.Write(frame)
			before, after = ",", e.Offset
		}
		if last := len(page) == 0 || after >= w.Offset; last {
			if len(page) == 0 && before == "[" {
				piece.WriteString("[")
			}
			piece.WriteString("]\n")
			return x.write(&piece)
		}
		if err := x.write(&piece); err != nil {
			return err
		}
	}
}

// write sends a piece of an answer on its way, within the time that it may take.
func (x *exchange) write(piece *bytes.Buffer) error {
	x.deadline()
	_, err := piece.WriteTo(x.w)
	piece.Reset()
	if err == nil {
		err = x.out.Flush()
	}
	if err != nil {
		return fmt.Errorf("%w: %w", errGone, err)
	}
	return nil
}

// errGone says that nobody takes the answer any more.
var errGone = errors.New("the client is gone or too slow")

// retry is when a client whose stream has ended comes again.
const retry = 2 * time.Second

// stream tells events and what isn't kept as it comes: the frames of the socket. Events of the
// journal are messages with an id that resumes after them; the other frames have their type as the
// name of the event, so that only who asks for them hears them.
func (x *exchange) stream(shop string, w dialog.Welcome, after int64, reset bool) error {
	ctx, cancel := context.WithCancel(x.ctx)
	defer cancel()
	defer context.AfterFunc(x.server.telling, func() {
		cancel()
		_ = x.out.SetWriteDeadline(time.Now().Add(lastWait))
	})()
	x.server.streams.Inc()
	defer x.server.streams.Dec()
	feed := x.server.Engine.Follow(shop, w.Conversation, after)
	defer feed.Close()

	x.w.Header().Set("X-Accel-Buffering", "no") // a proxy is to pass on each piece
	x.begin(http.StatusOK, stream)
	piece := new(bytes.Buffer)
	fmt.Fprintf(piece, "retry: %d\n", retry.Milliseconds())
	err := named(piece, "welcome", channels.Welcome(shop, w, reset))
	for err == nil {
		if err = x.write(piece); err != nil {
			break
		}
		err = x.next(ctx, feed, w.Epoch, piece)
	}
	if errors.Is(err, errGone) || x.r.Context().Err() != nil {
		return nil // it resumes where it was
	}
	if ctx.Err() != nil {
		err = goingAway()
	} else {
		x.server.Logger.Error("following a conversation", "conversation", w.Conversation, "error", err)
	}
	piece.Reset()
	_ = named(piece, "error", channels.Refusal("", err)) // it can be encoded
	_ = x.write(piece)                                   // a courtesy: it comes again anyway
	return nil
}

// next waits for what is to be told next and writes it down; after some silence a comment, from
// which both sides know that the other is there.
func (x *exchange) next(ctx context.Context, feed *dialog.Feed, epoch string, piece *bytes.Buffer) error {
	wait, cancel := context.WithTimeout(ctx, x.server.BeatEvery)
	defer cancel()
	n, err := feed.Next(wait)
	switch {
	case err != nil && ctx.Err() == nil && wait.Err() != nil:
		piece.WriteString(":\n\n")
		return nil
	case err != nil:
		return err
	case n.Event != nil:
		return event(piece, epoch, *n.Event)
	case n.Delta != nil:
		return named(piece, "delta", channels.DeltaFrame{Type: "delta", Turn: n.Delta.Turn, Seq: n.Delta.Seq, Text: n.Delta.Text})
	case n.Typing != "":
		return named(piece, "typing", channels.TypingFrame{Type: "typing", Role: n.Typing})
	}
	return nil
}

// event writes an event of the journal down. JSON has no line breaks outside of texts, and none
// in them, so that a frame is one line.
func event(piece *bytes.Buffer, epoch string, e journal.Event) error {
	frame, err := channels.EventFrame(epoch, e)
	if err == nil {
		fmt.Fprintf(piece, "id: %s/%d\ndata: %s\n\n", epoch, e.Offset, frame)
	}
	return err
}

// named writes a frame down that is in no journal.
func named(piece *bytes.Buffer, name string, frame any) error {
	data, err := json.Marshal(frame)
	if err == nil {
		fmt.Fprintf(piece, "event: %s\ndata: %s\n\n", name, data)
	}
	return err
}
