package websocket_test

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"log/slog"
	"net"
	"net/http"
	"net/http/httptest"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	gorilla "github.com/gorilla/websocket"

	"github.com/floorwalker/floorwalker/catalog/store"
	"github.com/floorwalker/floorwalker/catalog/store/sqlite"
	"github.com/floorwalker/floorwalker/channels"
	"github.com/floorwalker/floorwalker/channels/websocket"
	"github.com/floorwalker/floorwalker/dialog"
	"github.com/floorwalker/floorwalker/dialog/desk"
	"github.com/floorwalker/floorwalker/dialog/journal"
	"github.com/floorwalker/floorwalker/models/artifact"
)

// corner is the shop of testdata/corner, served by the real engine on a database file: one for
// all tests, each with conversations and a socket of its own.
var corner struct {
	engine *dialog.Engine
	shops  *dialog.Shops
	keys   channels.Keys
}

func TestMain(m *testing.M) {
	code, err := serveCorner(m)
	if err != nil {
		fmt.Fprintln(os.Stderr, err)
		code = 1
	}
	os.Exit(code)
}

func serveCorner(m *testing.M) (code int, err error) {
	dir, err := os.MkdirTemp("", "corner-")
	if err != nil {
		return 1, err
	}
	defer func() { err = errors.Join(err, os.RemoveAll(dir)) }()
	ctx, stop := context.WithCancel(context.Background())
	defer stop()
	db, err := sqlite.Open(ctx, filepath.Join(dir, "corner.db"), store.Migrations(), journal.Migrations())
	if err != nil {
		return 1, err
	}
	defer func() { err = errors.Join(err, db.Close()) }()
	learned, err := artifact.Dir() // kept by content, so that the next run needn't learn again
	if err != nil {
		return 1, err
	}
	quiet := slog.New(slog.DiscardHandler)
	corner.shops, err = dialog.OpenShops(ctx, []string{filepath.Join("testdata", "corner")}, dialog.Parts{
		DB: db, Kept: dir, Learned: learned, Desk: desk.NewPresence(), Logger: quiet, Now: time.Now})
	if err != nil {
		return 1, err
	}
	defer func() { err = errors.Join(err, corner.shops.Close()) }()
	hub := new(journal.Hub)
	corner.keys = channels.Keys{Dir: filepath.Join(dir, "keys")}
	corner.engine = dialog.New(dialog.Options{Journal: journal.NewSQL(db, hub, time.Now), Hub: hub,
		Shops: corner.shops.Shop, Logger: quiet, MessagesPerMinute: 100_000})
	ended := make(chan error, 1)
	go func() { ended <- corner.engine.Run(ctx) }()
	code = m.Run()
	stop()
	return code, <-ended
}

// socket is a server of its own for a test.
type socket struct {
	*websocket.Server
	t   testing.TB
	url string // ws://…
}

// serve serves the corner shop until the test ends. change may alter the options.
func serve(t testing.TB, change ...func(*websocket.Options)) *socket {
	t.Helper()
	o := websocket.Options{Engine: corner.engine, Keys: corner.keys, Origins: corner.shops.Origins, Shops: corner.shops.IDs}
	for _, c := range change {
		c(&o)
	}
	s := &socket{Server: websocket.New(o), t: t}
	h := httptest.NewUnstartedServer(s)
	h.Listener = smallBuffers{h.Listener}
	h.Start()
	s.url = "ws" + strings.TrimPrefix(h.URL, "http")
	t.Cleanup(func() {
		ctx, cancel := context.WithTimeout(context.Background(), 5*time.Second)
		defer cancel()
		s.Shutdown(ctx)
		h.Close()
	})
	return s
}

// smallBuffers takes connections whose kernel holds little, so that a slow client is soon
// noticed.
type smallBuffers struct{ net.Listener }

func (l smallBuffers) Accept() (net.Conn, error) {
	c, err := l.Listener.Accept()
	if tcp, ok := c.(*net.TCPConn); ok {
		err = errors.Join(err, tcp.SetWriteBuffer(8<<10))
	}
	return c, err
}

// client is one connection, as a shopper's page holds it.
type client struct {
	*gorilla.Conn
	t testing.TB
}

// frame is anything that comes from the server.
type frame struct {
	Type         string  `json:"type"`
	ID           string  `json:"id"`
	Offset       int64   `json:"offset"`
	Epoch        string  `json:"epoch"`
	Kind         string  `json:"kind"`
	At           string  `json:"at"`
	Role         string  `json:"role"`
	Text         string  `json:"text"`
	Choice       string  `json:"choice"`
	Turn         string  `json:"turn"`
	Rating       int     `json:"rating"`
	InReplyTo    []int64 `json:"in_reply_to"`
	Code         string  `json:"code"`
	Message      string  `json:"message"`
	RetryAfterMS int64   `json:"retry_after_ms"`
	Conversation string  `json:"conversation"`
	Secret       string  `json:"secret"`
	Owner        string  `json:"owner"`
	Locale       string  `json:"locale"`
	Reset        bool    `json:"reset"`

	raw []byte
}

// object is what a client sends.
type object map[string]any

// patience is how long a test waits for a frame that must come.
const patience = 30 * time.Second

func (s *socket) dial(headers ...http.Header) *client {
	s.t.Helper()
	d := gorilla.Dialer{Subprotocols: []string{websocket.Subprotocol}}
	var header http.Header
	if len(headers) > 0 {
		header = headers[0]
	}
	ws, _, err := d.Dial(s.url, header)
	if err != nil {
		s.t.Fatal(err)
	}
	s.t.Cleanup(func() { ws.Close() })
	return &client{ws, s.t}
}

// hello connects and comes to a conversation, new unless more says otherwise.
func (s *socket) hello(more object) (*client, frame) {
	s.t.Helper()
	c := s.dial()
	c.send(hello(more))
	w := c.next()
	if w.Type != "welcome" {
		s.t.Fatalf("hello is answered by %s", w.raw)
	}
	return c, w
}

func hello(more object) object {
	h := object{"type": "hello", "shop": "corner"}
	for k, v := range more {
		h[k] = v
	}
	return h
}

func resumed(w frame, epoch string, offset int64) object {
	return object{"conversation": w.Conversation, "secret": w.Secret, "resume": object{"epoch": epoch, "offset": offset}}
}

func (c *client) send(v any) {
	c.t.Helper()
	data, err := json.Marshal(v)
	if err != nil {
		c.t.Fatal(err)
	}
	c.sendRaw(gorilla.TextMessage, data)
}

func (c *client) sendRaw(kind int, data []byte) {
	c.t.Helper()
	if err := c.WriteMessage(kind, data); err != nil {
		c.t.Fatal(err)
	}
}

func (c *client) say(id, text string) {
	c.t.Helper()
	c.send(object{"type": "message", "id": id, "text": text})
}

// receive reads a frame, or the error that ended the connection.
func (c *client) receive() (frame, error) {
	c.SetReadDeadline(time.Now().Add(patience))
	_, data, err := c.ReadMessage()
	if err != nil {
		return frame{}, err
	}
	f := frame{raw: bytes.Clone(data)}
	return f, json.Unmarshal(data, &f)
}

func (c *client) next() frame {
	c.t.Helper()
	f, err := c.receive()
	if err != nil {
		c.t.Fatal(err)
	}
	return f
}

// until reads up to the first frame that fits.
func (c *client) until(fits func(frame) bool) frame {
	c.t.Helper()
	for {
		if f := c.next(); fits(f) {
			return f
		}
	}
}

func kind(k string) func(frame) bool     { return func(f frame) bool { return f.Kind == k } }
func typed(kind string) func(frame) bool { return func(f frame) bool { return f.Type == kind } }

// ask says something and returns its reply.
func (c *client) ask(id, text string) frame {
	c.t.Helper()
	c.say(id, text)
	accepted := c.until(func(f frame) bool { return f.ID == id && f.Type != "event" })
	if accepted.Type != "accepted" {
		c.t.Fatalf("%s is answered by %s", id, accepted.raw)
	}
	return c.until(func(f frame) bool { return f.Kind == "reply" && contains(f.InReplyTo, accepted.Offset) })
}

func contains(offsets []int64, offset int64) bool {
	for _, o := range offsets {
		if o == offset {
			return true
		}
	}
	return false
}

// closed reads to the end of the connection and returns the close code that was read.
func (c *client) closed() (code int, text string) {
	c.t.Helper()
	for {
		_, err := c.receive()
		var e *gorilla.CloseError
		if errors.As(err, &e) {
			return e.Code, e.Text
		}
		if err != nil {
			c.t.Fatalf("the connection ended without a close frame: %v", err)
		}
	}
}

// refused reads the next frame, which must be an error of a code.
func (c *client) refused(code string) frame {
	c.t.Helper()
	f := c.next()
	if f.Type != "error" || f.Code != code {
		c.t.Errorf("got %s, want an error %s", f.raw, code)
	}
	return f
}

func (c *client) closes(code int) {
	c.t.Helper()
	if got, text := c.closed(); got != code {
		c.t.Errorf("closed with %d (%s), want %d", got, text, code)
	}
}

// events reads events until the conversation's last offset.
func (c *client) events(last int64) (events []frame) {
	c.t.Helper()
	for len(events) == 0 || events[len(events)-1].Offset < last {
		if f := c.next(); f.Type == "event" {
			events = append(events, f)
		}
	}
	return events
}
