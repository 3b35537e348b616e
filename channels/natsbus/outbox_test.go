package natsbus_test

import (
	"fmt"
	"net"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/nats-io/nats-server/v2/server"
	"github.com/nats-io/nats.go/jetstream"

	"github.com/floorwalker/floorwalker/catalog/store"
	"github.com/floorwalker/floorwalker/channels"
	"github.com/floorwalker/floorwalker/channels/natsbus"
	"github.com/floorwalker/floorwalker/dialog"
	"github.com/floorwalker/floorwalker/dialog/journal"
)

// remote is a NATS server that can be killed and come back.
type remote struct {
	t    testing.TB
	port int
	dir  string
	*server.Server
}

func newRemote(t testing.TB) *remote {
	t.Helper()
	free, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	r := &remote{t: t, port: free.Addr().(*net.TCPAddr).Port, dir: t.TempDir()}
	free.Close()
	t.Cleanup(r.kill)
	return r
}

func (r *remote) url() string { return fmt.Sprintf("nats://127.0.0.1:%d", r.port) }

func (r *remote) start() {
	r.t.Helper()
	s, err := server.NewServer(&server.Options{Host: "127.0.0.1", Port: r.port, JetStream: true, StoreDir: r.dir, NoSigs: true, NoLog: true})
	if err != nil {
		r.t.Fatal(err)
	}
	s.Start()
	if !s.ReadyForConnections(patience) {
		r.t.Fatal("NATS doesn't start")
	}
	r.Server = s
}

func (r *remote) kill() {
	if r.Server != nil {
		r.Server.Shutdown()
		r.Server.WaitForShutdown()
		r.Server = nil
	}
}

// talk begins a conversation that is answered n times, and returns its id.
func (c *corner) talk(n int) string {
	c.t.Helper()
	w, err := c.engine.Begin(c.t.Context(), dialog.Opening{Shop: "corner", Channel: "websocket"})
	if err != nil {
		c.t.Fatal(err)
	}
	for i := range n {
		c.say(w.Conversation, fmt.Sprint("m", i))
	}
	return w.Conversation
}

// say says something over another channel and waits for the reply.
func (c *corner) say(conversation, id string) {
	c.t.Helper()
	r, err := c.engine.Say(c.t.Context(), dialog.Utterance{Shop: "corner", Conversation: conversation, Role: journal.RoleShopper, ID: id, Text: "How much is the Brass Kettle?"})
	if err != nil {
		c.t.Fatal(err)
	}
	if a, err := c.engine.Await(c.t.Context(), "corner", conversation, r.Offset); err != nil || a.Pending {
		c.t.Fatalf("%+v, %v", a, err)
	}
}

// whole checks that the stream has all that the journal has, once, in order.
func (c *corner) whole(l *line, ids ...string) {
	c.t.Helper()
	want := 0
	journalled := map[string][]journal.Event{}
	for _, id := range ids {
		journalled[id] = c.events(id)
		want += len(journalled[id])
	}
	head, err := c.log.Head(c.t.Context(), "corner", ids[0])
	if err != nil {
		c.t.Fatal(err)
	}
	for _, m := range l.streamed("floorwalker-corner", want) {
		id := strings.TrimPrefix(m.Subject(), "floorwalker.corner.conversation.")
		if len(journalled[id]) == 0 {
			c.t.Fatalf("more of %s than the journal has: %s", m.Subject(), m.Data())
		}
		e := journalled[id][0]
		journalled[id] = journalled[id][1:]
		frame, err := channels.EventFrame(head.Epoch, e)
		if err != nil || string(m.Data()) != string(frame) {
			c.t.Fatalf("%s: %s, want %s (%v)", m.Subject(), m.Data(), frame, err)
		}
		if got, want := m.Headers().Get("Nats-Msg-Id"), fmt.Sprintf("%s/%s/%d", id, head.Epoch, e.Offset); got != want {
			c.t.Errorf("message id %s, want %s", got, want)
		}
	}
}

func (c *corner) passed() bool {
	waiting, err := c.log.Waiting(c.t.Context(), "corner", "", 10)
	if err != nil {
		c.t.Fatal(err)
	}
	return len(waiting) == 0
}

func eventually(t testing.TB, what string, is func() bool) {
	t.Helper()
	for end := time.Now().Add(patience); !is(); time.Sleep(5 * time.Millisecond) {
		if time.Now().After(end) {
			t.Fatal("waited in vain: ", what)
		}
	}
}

func TestEventsAreOnTheStream(t *testing.T) {
	c := open(t)
	before := c.talk(2) // from before there was NATS
	_, l := c.serve(c.options())
	during := c.talk(3)
	a := l.says(`{"id":"m1","text":"hello","sender":"s"}`)
	eventually(t, "all is passed on", c.passed)
	c.whole(l, before, during, a.Conversation)
}

// NATS is killed while shoppers talk, and comes back: they notice nothing, and the stream has
// every event once, in order.
func TestNATSIsKilledAndComesBack(t *testing.T) {
	c := open(t)
	r := newRemote(t)
	o := c.options()
	o.Listen, o.URL = "", r.url()
	b, err := natsbus.New(o) // it isn't there yet
	if err != nil {
		t.Fatal(err)
	}
	stop := c.runs(b.Run)
	ids := []string{c.talk(2)}
	for range 3 {
		r.start()
		l := dial(t, r.url())
		for range 3 {
			ids = append(ids, c.talk(1))
		}
		c.say(ids[0], fmt.Sprint("again", len(ids)))
		r.kill() // whatever is on its way
		l.Close()
		ids = append(ids, c.talk(2))
		c.say(ids[0], fmt.Sprint("away", len(ids)))
	}
	r.start()
	l := dial(t, r.url())
	eventually(t, "it has caught up", c.passed)
	c.whole(l, ids...)
	has(t, l.says(`{"id":"m1","text":"How much is the Brass Kettle?","sender":"s"}`).last(t), "30")
	stop()
}

// The process is killed after JetStream has events and before that is noted: whether that was
// just now or long ago, nothing is there twice.
func TestPositionThatWasLost(t *testing.T) {
	for name, late := range map[string]time.Duration{"just now": 0, "long ago": time.Hour} {
		t.Run(name, func(t *testing.T) {
			c := open(t)
			r := newRemote(t)
			r.start()
			o := c.options()
			o.Listen, o.URL = "", r.url()
			b, err := natsbus.New(o)
			if err != nil {
				t.Fatal(err)
			}
			stop := c.runs(b.Run)
			l := dial(t, r.url())
			id := c.talk(3)
			eventually(t, "all is passed on", c.passed)
			stop()
			c.forget(id)
			if late > 0 {
				forgetIDs(t, l)
			}
			c.say(id, "later")
			o.Now = func() time.Time { return time.Now().Add(late) }
			_, l = c.serve(o)
			eventually(t, "all is passed on", c.passed)
			c.whole(l, id)
		})
	}
}

// Whoever runs NATS may give a stream other bounds: they stay, and so do its messages.
func TestStreamStaysAsItIs(t *testing.T) {
	c := open(t)
	dir := t.TempDir()
	o := c.options()
	o.Dir = filepath.Join(dir, "nats")
	b, err := natsbus.New(o)
	if err != nil {
		t.Fatal(err)
	}
	stop := c.runs(b.Run)
	l := dial(t, "nats://"+b.Address())
	id := c.talk(1)
	eventually(t, "all is passed on", c.passed)
	bound(t, l, 7)
	stop()
	l.Close()
	_, l = c.serve(o) // the same folder
	c.say(id, "more")
	eventually(t, "all is passed on", c.passed)
	c.whole(l, id)
	if got := bound(t, l, 0); got != 7 {
		t.Errorf("the stream's bound was changed to %d messages a subject", got)
	}
}

// forget undoes that the events of a conversation were noted as passed on.
func (c *corner) forget(id string) {
	c.t.Helper()
	err := c.db.Update(c.t.Context(), func(tx *store.Tx) error {
		_, err := tx.Exec(`UPDATE conversations SET published = 1 WHERE id = ?`, id)
		return err
	})
	if err != nil {
		c.t.Fatal(err)
	}
}

// events is the stream, for its configuration to be changed.
func stream(t testing.TB, l *line) (jetstream.JetStream, jetstream.StreamConfig) {
	t.Helper()
	js, err := jetstream.New(l.Conn)
	if err != nil {
		t.Fatal(err)
	}
	s, err := js.Stream(t.Context(), "floorwalker-corner")
	if err != nil {
		t.Fatal(err)
	}
	return js, s.CachedInfo().Config
}

// forgetIDs has the server forget the message ids that it knows, as it does in time.
func forgetIDs(t testing.TB, l *line) {
	t.Helper()
	js, c := stream(t, l)
	c.Duplicates = 100 * time.Millisecond
	if _, err := js.UpdateStream(t.Context(), c); err != nil {
		t.Fatal(err)
	}
	time.Sleep(300 * time.Millisecond) // the server's own clock
}

// bound sets, unless to 0, and returns how many messages of a conversation the stream keeps.
func bound(t testing.TB, l *line, n int64) int64 {
	t.Helper()
	js, c := stream(t, l)
	if n > 0 {
		c.MaxMsgsPerSubject = n
		if _, err := js.UpdateStream(t.Context(), c); err != nil {
			t.Fatal(err)
		}
	}
	return c.MaxMsgsPerSubject
}
