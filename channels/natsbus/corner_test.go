package natsbus_test

import (
	"context"
	"encoding/json"
	"log/slog"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/nats-io/nats.go"
	"github.com/nats-io/nats.go/jetstream"

	"github.com/floorwalker/floorwalker/catalog"
	"github.com/floorwalker/floorwalker/catalog/store"
	"github.com/floorwalker/floorwalker/catalog/store/sqlite"
	"github.com/floorwalker/floorwalker/channels/natsbus"
	"github.com/floorwalker/floorwalker/dialog"
	"github.com/floorwalker/floorwalker/dialog/desk"
	"github.com/floorwalker/floorwalker/dialog/journal"
	"github.com/floorwalker/floorwalker/models/artifact"
)

// patience is how long a test waits for what must come.
const patience = 20 * time.Second

// corner is the shop of testdata/corner on the real engine and a database file.
type corner struct {
	t      testing.TB
	db     *sqlite.DB
	hub    *journal.Hub
	log    *journal.SQL
	shops  *dialog.Shops
	desk   *desk.Presence
	engine *dialog.Engine
	bus    *natsbus.Bus // told of products; nil: nobody
}

// open opens the shop; its engine runs until the test ends.
func open(t testing.TB) *corner {
	t.Helper()
	dir := t.TempDir()
	c := &corner{t: t, hub: new(journal.Hub), desk: desk.NewPresence()}
	var err error
	if c.db, err = sqlite.Open(t.Context(), filepath.Join(dir, "corner.db"), store.Migrations(), journal.Migrations()); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { c.db.Close() })
	learned, err := artifact.Dir() // kept by content, so that the next run needn't learn again
	if err != nil {
		t.Fatal(err)
	}
	quiet := slog.New(slog.DiscardHandler)
	c.shops, err = dialog.OpenShops(t.Context(), []string{filepath.Join("testdata", "corner")}, dialog.Parts{
		DB: c.db, Kept: dir, Learned: learned, Desk: c.desk, Logger: quiet, Now: time.Now,
		Changed: func(shop string, products []catalog.Product, gone []string) {
			if c.bus != nil {
				c.bus.Products(shop, products, gone)
			}
		}})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { c.shops.Close() })
	c.log = journal.NewSQL(c.db, c.hub, time.Now)
	c.engine = dialog.New(dialog.Options{Journal: c.log, Hub: c.hub, Shops: c.shops.Shop, Desk: c.desk, Logger: quiet, MessagesPerMinute: 100_000})
	c.runs(c.engine.Run)
	return c
}

// runs runs something until the test ends, or what it returns is called.
func (c *corner) runs(run func(context.Context) error) (stop func()) {
	ctx, cancel := context.WithCancel(context.Background())
	ended := make(chan error, 1)
	go func() { ended <- run(ctx) }()
	done := false
	stop = func() {
		if done {
			return
		}
		done = true
		cancel()
		select {
		case err := <-ended:
			if err != nil {
				c.t.Error(err)
			}
		case <-time.After(patience):
			c.t.Error("it doesn't end")
		}
	}
	c.t.Cleanup(stop)
	return stop
}

// options are those of a bus with a server in this process.
func (c *corner) options() natsbus.Options {
	return natsbus.Options{Listen: "127.0.0.1:0", Dir: c.t.TempDir(), Engine: c.engine, Outbox: c.log, Hub: c.hub, DB: c.db, Shops: c.shops.IDs()}
}

// line is a client, as another program holds it.
type line struct {
	*nats.Conn
	t testing.TB
}

// serve serves the shop until the test ends and returns a client.
func (c *corner) serve(o natsbus.Options, more ...nats.Option) (*natsbus.Bus, *line) {
	c.t.Helper()
	b, err := natsbus.New(o)
	if err != nil {
		c.t.Fatal(err)
	}
	c.runs(b.Run)
	url := o.URL
	if url == "" {
		url = "nats://" + b.Address()
	}
	return b, dial(c.t, url, more...)
}

func dial(t testing.TB, url string, more ...nats.Option) *line {
	t.Helper()
	nc, err := nats.Connect(url, append(more, nats.MaxReconnects(-1), nats.ReconnectWait(50*time.Millisecond))...)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(nc.Close)
	l := &line{nc, t}
	l.served()
	return l
}

// served waits until the service says that it has its last endpoint.
func (l *line) served() {
	l.t.Helper()
	for end := time.Now().Add(patience); ; {
		r, err := l.Request("$SRV.INFO.floorwalker-corner", nil, time.Second)
		if err == nil && strings.Contains(string(r.Data), "floorwalker.corner.change") {
			return
		} else if time.Now().After(end) {
			l.t.Fatal("no service: ", err)
		}
	}
}

// answer is whatever a service answers.
type answer struct {
	header nats.Header
	raw    string

	Accepted     int64             `json:"accepted"`
	Epoch        string            `json:"epoch"`
	Conversation string            `json:"conversation"`
	Owner        string            `json:"owner"`
	Pending      bool              `json:"pending"`
	Events       []json.RawMessage `json:"events"`

	Code    string `json:"code"`
	Message string `json:"message"`

	Status    string         `json:"status"`
	Text      string         `json:"text"`
	Facts     []journal.Fact `json:"facts"`
	Cards     []journal.Card `json:"cards"`
	Tracking  []string       `json:"tracking"`
	Available *bool          `json:"available"`
	Stock     *int           `json:"stock"`
	ID        string         `json:"id"`
	Result    string         `json:"result"`
}

// event is one of say's events.
type event struct {
	Offset    int64           `json:"offset"`
	Kind      string          `json:"kind"`
	Text      string          `json:"text"`
	InReplyTo []int64         `json:"in_reply_to"`
	Owner     string          `json:"owner"`
	Record    string          `json:"record"`
	Name      string          `json:"name"`
	Choices   json.RawMessage `json:"choices"`
}

func (a answer) events(t testing.TB) (events []event) {
	t.Helper()
	for _, raw := range a.Events {
		var e event
		if err := json.Unmarshal(raw, &e); err != nil {
			t.Fatal(err)
		}
		events = append(events, e)
	}
	return events
}

// last is the text of the last reply.
func (a answer) last(t testing.TB) string {
	t.Helper()
	text := ""
	for _, e := range a.events(t) {
		if e.Kind == journal.KindReply {
			text = e.Text
		}
	}
	return text
}

// ask sends a request and returns the answer, an error too.
func (l *line) ask(name, body string, headers ...string) answer {
	l.t.Helper()
	m := nats.NewMsg("floorwalker.corner." + name)
	m.Data = []byte(body)
	for i := 0; i < len(headers); i += 2 {
		m.Header.Set(headers[i], headers[i+1])
	}
	r, err := l.RequestMsg(m, patience)
	if err != nil {
		l.t.Fatalf("%s %s: %v", name, body, err)
	}
	a := answer{header: r.Header, raw: string(r.Data)}
	if err := json.Unmarshal(r.Data, &a); err != nil {
		l.t.Fatalf("%s %s is answered by %q: %v", name, body, r.Data, err)
	}
	return a
}

// says has something said, and waits for the reply.
func (l *line) says(body string) answer {
	l.t.Helper()
	return l.ask("say", body, "Floorwalker-Wait", "reply")
}

// refused checks that a request is refused, with the headers of services.
func (l *line) refused(name, body, code, number string, headers ...string) answer {
	l.t.Helper()
	a := l.ask(name, body, headers...)
	if a.Code != code || a.header.Get("Nats-Service-Error-Code") != number || a.header.Get("Nats-Service-Error") == "" || a.Message == "" {
		l.t.Errorf("%s %s: %v %s, want %s, %s", name, body, a.header, a.raw, code, number)
	}
	return a
}

// streamed is what a stream holds, oldest first, once it holds n messages.
func (l *line) streamed(name string, n int) []jetstream.Msg {
	l.t.Helper()
	js, err := jetstream.New(l.Conn)
	if err != nil {
		l.t.Fatal(err)
	}
	ctx, cancel := context.WithTimeout(context.Background(), patience)
	defer cancel()
	c, err := js.OrderedConsumer(ctx, name, jetstream.OrderedConsumerConfig{})
	if err != nil {
		l.t.Fatal(err)
	}
	var all []jetstream.Msg
	for len(all) < n {
		batch, err := c.Fetch(n-len(all), jetstream.FetchMaxWait(time.Second))
		if err != nil {
			l.t.Fatal(err)
		}
		for m := range batch.Messages() {
			all = append(all, m)
		}
		if ctx.Err() != nil {
			l.t.Fatalf("stream %s holds %d messages, want %d", name, len(all), n)
		}
	}
	s, err := js.Stream(ctx, name)
	if err != nil {
		l.t.Fatal(err)
	}
	if info, err := s.Info(ctx); err != nil || int(info.State.Msgs) != n {
		l.t.Errorf("stream %s holds %d messages, want %d (%v)", name, info.State.Msgs, n, err)
	}
	return all
}

// events are those of a conversation in the journal, as they must be on the stream.
func (c *corner) events(id string) []journal.Event {
	c.t.Helper()
	events, err := c.log.Read(c.t.Context(), "corner", id, 0, 1000)
	if err != nil {
		c.t.Fatal(err)
	}
	return events
}

func has(t testing.TB, text string, words ...string) {
	t.Helper()
	for _, w := range words {
		if !strings.Contains(text, w) {
			t.Errorf("%q lacks %q", text, w)
		}
	}
}

// idle is an engine on the same journal that answers nothing.
func idle(c *corner) *dialog.Engine {
	return dialog.New(dialog.Options{Journal: c.log, Hub: c.hub, Shops: c.shops.Shop, Desk: c.desk})
}
