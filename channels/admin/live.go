package admin

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"net/http"
	"strconv"
	"strings"
	"time"

	"github.com/go-chi/chi/v5"

	"github.com/floorwalker/floorwalker/channels"
	"github.com/floorwalker/floorwalker/dialog"
	"github.com/floorwalker/floorwalker/dialog/desk"
)

// What is told to the page goes over server-sent events: the browser connects again by itself and
// says what it has.
const (
	liveWrite = 10 * time.Second // for one event to leave
	liveQuiet = 15 * time.Second // after which a sign of life is sent
)

// stream is one connection that is told things.
type stream struct {
	w    http.ResponseWriter
	ctrl *http.ResponseController
}

func newStream(w http.ResponseWriter) stream {
	w.Header().Set("Content-Type", "text/event-stream")
	return stream{w, http.NewResponseController(w)}
}

// send tells an event of a name; id, if it isn't empty, is what the page has then. data holds no
// line breaks: it is JSON.
func (s stream) send(name, id string, data []byte) error {
	var b bytes.Buffer
	if id != "" {
		fmt.Fprintf(&b, "id: %s\n", id)
	}
	fmt.Fprintf(&b, "event: %s\ndata: %s\n\n", name, data)
	return s.write(b.Bytes())
}

func (s stream) sendJSON(name, id string, v any) error {
	data, err := json.Marshal(v)
	if err != nil {
		return err
	}
	return s.send(name, id, data)
}

// alive tells nothing, so that whatever is in between keeps the connection.
func (s stream) alive() error { return s.write([]byte(":\n\n")) }

func (s stream) write(data []byte) error {
	s.ctrl.SetWriteDeadline(time.Now().Add(liveWrite)) // without one, a lost page is found out later
	if _, err := s.w.Write(data); err != nil {
		return err
	}
	return s.ctrl.Flush()
}

// deskList is what the page lists.
type deskList struct {
	dialog.View
	Callbacks int `json:"callbacks"` // that are open
}

// live tells who waits and who has whom, and is the agent's presence at the desk.
func (d *Desk) live(w http.ResponseWriter, r *http.Request) {
	shop, agent := r.URL.Query().Get("shop"), r.URL.Query().Get("agent")
	err := dialog.SoundAgent(agent)
	if err == nil && !d.serves(shop) {
		err = &dialog.Error{Code: dialog.NotFound, Message: "no shop of that id is served here"}
	}
	if err != nil {
		d.answer(w, nil, err)
		return
	}
	defer d.Presence.Join(shop, agent)()
	s, ctx := newStream(w), r.Context()
	lobby := d.Engine.Lobby(shop)
	defer lobby.Close()
	var last []byte
	for {
		list, err := d.list(ctx, lobby, shop)
		var now []byte
		if err == nil {
			now, err = json.Marshal(list)
		}
		switch {
		case err != nil:
		case bytes.Equal(now, last):
			err = s.alive()
		default:
			last, err = now, s.send("list", "", now)
		}
		if err != nil {
			d.lost(ctx, err)
			return
		}
	}
}

func (d *Desk) list(ctx context.Context, lobby *dialog.Lobby, shop string) (deskList, error) {
	v, err := lobby.Next(ctx)
	if err != nil {
		return deskList{}, err
	}
	open, err := d.Callbacks.List(ctx, shop, desk.Open)
	return deskList{v, len(open)}, err
}

func (d *Desk) serves(shop string) bool {
	for _, s := range d.Shops() {
		if s.ID == shop {
			return true
		}
	}
	return false
}

// lost notes why a page is told nothing more, unless it has gone: then it was the connection.
func (d *Desk) lost(ctx context.Context, err error) {
	var own *dialog.Error
	if ctx.Err() == nil && errors.As(err, &own) && own.Code != dialog.ShuttingDown {
		d.Logger.Error("a desk's page is cut off; it comes again", "error", err)
	}
}

// seen is how much of a conversation the page has: the ids of its events.
type seen struct {
	epoch        string
	offset, note int64
}

func (s seen) String() string { return fmt.Sprintf("%s/%d/%d", s.epoch, s.offset, s.note) }

// parseSeen reads an id that this server gave; anything else is the zero one.
func parseSeen(id string) seen {
	parts := strings.Split(id, "/")
	if len(parts) != 3 {
		return seen{}
	}
	offset, err1 := strconv.ParseInt(parts[1], 10, 64)
	note, err2 := strconv.ParseInt(parts[2], 10, 64)
	if err1 != nil || err2 != nil || offset < 0 || note < 0 {
		return seen{}
	}
	return seen{parts[0], offset, note}
}

// head begins what is told of a conversation. With Reset, what the page has of it is void.
type head struct {
	dialog.Standing
	Epoch string `json:"epoch"`
	Reset bool   `json:"reset"`
}

// conversation tells what was and is said in a conversation, and what people note of it.
func (d *Desk) conversation(w http.ResponseWriter, r *http.Request) {
	shop, id, ctx := r.URL.Query().Get("shop"), chi.URLParam(r, "id"), r.Context()
	standing, epoch, err := d.Engine.Standing(ctx, shop, id)
	if err != nil {
		d.answer(w, nil, err)
		return
	}
	has := parseSeen(r.Header.Get("Last-Event-ID"))
	reset := has.epoch != epoch || has.offset > standing.Offset
	if reset {
		has = seen{epoch: epoch}
	}
	feed := d.Engine.Attend(shop, id, has.offset, has.note)
	defer feed.Close()
	s := newStream(w)
	err = s.sendJSON("head", has.String(), head{standing, epoch, reset})
	for err == nil {
		err = s.next(ctx, feed, &has)
	}
	d.lost(ctx, err)
}

// next tells the next thing that happens, or after a while that nothing does.
func (s stream) next(ctx context.Context, feed *dialog.Feed, has *seen) error {
	quiet, cancel := context.WithTimeout(ctx, liveQuiet)
	defer cancel()
	n, err := feed.Next(quiet)
	switch {
	case err != nil && quiet.Err() != nil && ctx.Err() == nil:
		return s.alive()
	case err != nil:
		return err
	case n.Event != nil:
		data, err := channels.EventFrame(has.epoch, *n.Event)
		if err != nil {
			return err
		}
		has.offset = n.Event.Offset
		return s.send("event", has.String(), data)
	case n.Note != nil:
		has.note = n.Note.Seq
		return s.sendJSON("note", has.String(), n.Note)
	case n.Typing != "":
		return s.sendJSON("typing", "", n.Typing)
	}
	return nil // wording so far: the desk waits for the whole
}
