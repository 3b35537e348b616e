package rest_test

import (
	"bufio"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"log/slog"
	"net"
	"net/http"
	"net/http/httptest"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/floorwalker/floorwalker/catalog/store"
	"github.com/floorwalker/floorwalker/catalog/store/sqlite"
	"github.com/floorwalker/floorwalker/channels"
	"github.com/floorwalker/floorwalker/channels/rest"
	"github.com/floorwalker/floorwalker/dialog"
	"github.com/floorwalker/floorwalker/dialog/desk"
	"github.com/floorwalker/floorwalker/dialog/journal"
	"github.com/floorwalker/floorwalker/models/artifact"
)

// town has two corner shops, served by the real engine on a database file: one for all tests, each
// with conversations and a server of its own.
var town struct {
	engine *dialog.Engine
	shops  *dialog.Shops
	keys   channels.Keys
}

// webhookToken is that of the webhook.
const webhookToken = "a token for the webhook"

func TestMain(m *testing.M) {
	code, err := serveTown(m)
	if err != nil {
		fmt.Fprintln(os.Stderr, err)
		code = 1
	}
	os.Exit(code)
}

func serveTown(m *testing.M) (code int, err error) {
	dir, err := os.MkdirTemp("", "town-")
	if err != nil {
		return 1, err
	}
	defer func() { err = errors.Join(err, os.RemoveAll(dir)) }()
	ctx, stop := context.WithCancel(context.Background())
	defer stop()
	db, err := sqlite.Open(ctx, filepath.Join(dir, "town.db"), store.Migrations(), journal.Migrations())
	if err != nil {
		return 1, err
	}
	defer func() { err = errors.Join(err, db.Close()) }()
	learned, err := artifact.Dir() // kept by content, so that the next run needn't learn again
	if err != nil {
		return 1, err
	}
	folders, err := shopFolders(dir)
	if err != nil {
		return 1, err
	}
	quiet := slog.New(slog.DiscardHandler)
	there := desk.NewPresence()
	town.shops, err = dialog.OpenShops(ctx, folders, dialog.Parts{DB: db, Kept: dir, Learned: learned, Desk: there, Logger: quiet, Now: time.Now})
	if err != nil {
		return 1, err
	}
	defer func() { err = errors.Join(err, town.shops.Close()) }()
	hub := new(journal.Hub)
	town.keys = channels.Keys{Dir: filepath.Join(dir, "keys")}
	town.engine = dialog.New(dialog.Options{Journal: journal.NewSQL(db, hub, time.Now), Hub: hub, Shops: town.shops.Shop, Desk: there, Logger: quiet, MessagesPerMinute: 200})
	ended := make(chan error, 1)
	go func() { ended <- town.engine.Run(ctx) }()
	code = m.Run()
	stop()
	return code, <-ended
}

// shopFolders are the corner shop that the socket is tried on, and another of the same that has its
// pages elsewhere.
func shopFolders(dir string) ([]string, error) {
	corner := filepath.Join("..", "websocket", "testdata", "corner")
	other := filepath.Join(dir, "other")
	if err := os.CopyFS(other, os.DirFS(corner)); err != nil {
		return nil, err
	}
	file := filepath.Join(other, "shop.yaml")
	text, err := os.ReadFile(file)
	if err != nil {
		return nil, err
	}
	changed := strings.NewReplacer("id: corner", "id: other", "corner.example", "other.example").Replace(string(text))
	return []string{corner, other}, os.WriteFile(file, []byte(changed), 0o600)
}

// server is one of its own for a test.
type server struct {
	*rest.Server
	t   testing.TB
	url string
}

// patience is how long a test waits for what must come.
const patience = 30 * time.Second

// serve serves the town until the test ends. change may alter the options.
func serve(t testing.TB, change ...func(*rest.Options)) *server {
	t.Helper()
	o := rest.Options{Engine: town.engine, Keys: town.keys, Origins: town.shops.Origins, Shops: town.shops.IDs, Webhook: webhookToken}
	for _, c := range change {
		c(&o)
	}
	s := &server{Server: rest.New(o), t: t}
	h := httptest.NewUnstartedServer(s)
	h.Config.WriteTimeout = time.Minute
	h.Listener = smallBuffers{h.Listener}
	h.Start()
	s.url = h.URL
	t.Cleanup(func() {
		ctx, cancel := context.WithTimeout(context.Background(), 5*time.Second)
		defer cancel()
		s.Shutdown(ctx)
		h.Close()
	})
	return s
}

// smallBuffers takes connections whose kernel holds little, so that a slow client is soon noticed.
type smallBuffers struct{ net.Listener }

func (l smallBuffers) Accept() (net.Conn, error) {
	c, err := l.Listener.Accept()
	if tcp, ok := c.(*net.TCPConn); ok {
		err = errors.Join(err, tcp.SetWriteBuffer(8<<10))
	}
	return c, err
}

// answer is whatever comes back.
type answer struct {
	status int
	header http.Header
	raw    string

	Conversation string `json:"conversation"`
	Secret       string `json:"secret"`
	Epoch        string `json:"epoch"`
	Locale       string `json:"locale"`
	Accepted     int64  `json:"accepted"`

	Type         string `json:"type"`
	ID           string `json:"id"`
	Code         string `json:"code"`
	Message      string `json:"message"`
	RetryAfterMS int64  `json:"retry_after_ms"`
}

// event is one of the journal, as a client reads it.
type event struct {
	Type      string  `json:"type"`
	Epoch     string  `json:"epoch"`
	Offset    int64   `json:"offset"`
	Kind      string  `json:"kind"`
	Role      string  `json:"role"`
	ID        string  `json:"id"`
	Text      string  `json:"text"`
	Choice    string  `json:"choice"`
	InReplyTo []int64 `json:"in_reply_to"`
	Choices   []struct{ Label, Value string }
	Owner     string `json:"owner"`
	Code      string `json:"code"`
	Reset     bool   `json:"reset"`
	Turn      string `json:"turn"`
}

// do sends a request; headers are name and value in turn.
func (s *server) do(method, path, body string, headers ...string) answer {
	s.t.Helper()
	r, err := http.NewRequestWithContext(s.t.Context(), method, s.url+path, strings.NewReader(body))
	if err != nil {
		s.t.Fatal(err)
	}
	for i := 0; i < len(headers); i += 2 {
		r.Header.Set(headers[i], headers[i+1])
	}
	resp, err := http.DefaultClient.Do(r)
	if err != nil {
		s.t.Fatal(err)
	}
	defer resp.Body.Close()
	data, err := io.ReadAll(resp.Body)
	if err != nil {
		s.t.Fatal(err)
	}
	a := answer{status: resp.StatusCode, header: resp.Header, raw: string(data)}
	if strings.HasPrefix(a.raw, "{") {
		if err := json.Unmarshal(data, &a); err != nil {
			s.t.Errorf("%s %s: %q: %v", method, path, data, err)
		}
	}
	return a
}

// refuses checks that an answer is an error as JSON.
func (a answer) refuses(t testing.TB, what string, status int, code string) {
	t.Helper()
	if a.status != status || a.Type != "error" || a.Code != code || a.Message == "" || a.header.Get("Content-Type") != "application/json" {
		t.Errorf("%s: %d %s %v; want %d %s as JSON", what, a.status, a.raw, a.header["Content-Type"], status, code)
	}
}

// talk is a conversation over HTTP.
type talk struct {
	*server
	id, secret, epoch string
}

func (s *server) begin() talk {
	s.t.Helper()
	a := s.do(http.MethodPost, "/v1/conversations", `{"shop":"corner","locale":"en"}`)
	if a.status != http.StatusCreated || a.Conversation == "" || a.Secret == "" || a.Epoch == "" {
		s.t.Fatalf("beginning: %d %s", a.status, a.raw)
	}
	return talk{s, a.Conversation, a.Secret, a.Epoch}
}

func (c talk) path(what string) string { return "/v1/conversations/" + c.id + "/" + what }

func (c talk) post(body string) answer {
	c.t.Helper()
	return c.do(http.MethodPost, c.path("messages"), body, "Authorization", "Bearer "+c.secret)
}

// say says something and returns its offset.
func (c talk) say(id, text string) int64 {
	c.t.Helper()
	body, err := json.Marshal(map[string]string{"id": id, "text": text})
	if err != nil {
		c.t.Fatal(err)
	}
	a := c.post(string(body))
	if a.status != http.StatusAccepted || a.Accepted == 0 || a.Epoch != c.epoch {
		c.t.Fatalf("saying %.40q: %d %s", text, a.status, a.raw)
	}
	return a.Accepted
}

// events are those after a place, as a list.
func (c talk) events(after string) (all []event) {
	c.t.Helper()
	a := c.do(http.MethodGet, c.path("events?after="+after), "", "Authorization", "Bearer "+c.secret)
	if err := json.Unmarshal([]byte(a.raw), &all); err != nil || a.status != http.StatusOK || all == nil {
		c.t.Fatalf("events after %s: %d %.300s (%v)", after, a.status, a.raw, err)
	}
	return all
}

// piece is one message of a stream.
type piece struct {
	name, id string
	retry    string
	comment  bool
	event
}

// flow is a stream that is read.
type flow struct {
	t     testing.TB
	resp  *http.Response
	lines *bufio.Reader
	close func()
}

// follow opens a stream.
func (c talk) follow(headers ...string) *flow {
	c.t.Helper()
	ctx, cancel := context.WithTimeout(c.t.Context(), patience)
	r, err := http.NewRequestWithContext(ctx, http.MethodGet, c.url+c.path("events"), nil)
	if err != nil {
		c.t.Fatal(err)
	}
	r.Header.Set("Authorization", "Bearer "+c.secret)
	r.Header.Set("Accept", "text/event-stream")
	for i := 0; i < len(headers); i += 2 {
		r.Header.Set(headers[i], headers[i+1])
	}
	resp, err := http.DefaultClient.Do(r)
	if err != nil {
		c.t.Fatal(err)
	}
	f := &flow{c.t, resp, bufio.NewReader(resp.Body), func() { cancel(); resp.Body.Close() }}
	c.t.Cleanup(f.close)
	if got := resp.Header.Get("Content-Type"); resp.StatusCode != http.StatusOK || got != "text/event-stream" {
		c.t.Fatalf("a stream: %d %s", resp.StatusCode, got)
	}
	return f
}

// next reads the next message, or the error that ended the stream.
func (f *flow) next() (piece, error) {
	var p piece
	for {
		line, err := f.lines.ReadString('\n')
		if err != nil {
			return p, err
		}
		name, value, _ := strings.Cut(strings.TrimSuffix(line, "\n"), ":")
		value = strings.TrimPrefix(value, " ")
		switch {
		case line == "\n":
			return p, nil
		case name == "":
			p.comment = true
		case name == "id":
			p.id = value
		case name == "event":
			p.name = value
		case name == "retry":
			p.retry = value
		case name == "data":
			if err := json.Unmarshal([]byte(value), &p.event); err != nil {
				return p, err
			}
		default:
			f.t.Errorf("a stream has the line %q", line)
		}
	}
}

// until reads up to the first message that fits.
func (f *flow) until(fits func(piece) bool) piece {
	f.t.Helper()
	for {
		p, err := f.next()
		if err != nil {
			f.t.Fatal(err)
		}
		if fits(p) {
			return p
		}
	}
}

func kind(k string) func(piece) bool   { return func(p piece) bool { return p.Kind == k } }
func called(n string) func(piece) bool { return func(p piece) bool { return p.name == n } }
