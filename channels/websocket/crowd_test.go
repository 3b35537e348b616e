package websocket_test

import (
	"context"
	"fmt"
	"net"
	"strings"
	"sync"
	"testing"
	"time"

	gorilla "github.com/gorilla/websocket"
	"github.com/prometheus/client_golang/prometheus"

	"github.com/floorwalker/floorwalker/channels/websocket"
)

// Ten thousand messages at once: each is accepted or told when to come again, those accepted
// are all answered, and others are served meanwhile.
func TestFloodIsLimitedAndLosesNothing(t *testing.T) {
	s := serve(t)
	c, _ := s.hello(nil)
	other, _ := s.hello(nil)
	messages := 10_000
	if testing.Short() {
		messages = 1000
	}
	go func() {
		for i := range messages {
			if c.WriteJSON(object{"type": "message", "id": fmt.Sprint("m", i), "text": "Hello."}) != nil {
				return
			}
		}
	}()
	var all sync.WaitGroup
	all.Go(func() {
		for i := range 10 {
			start := time.Now()
			other.ask(fmt.Sprint("m", i), "Hello.")
			if took := time.Since(start); took > 5*time.Second {
				t.Errorf("somebody else waited %v", took)
			}
		}
	})
	accepted, limited, answered := map[int64]bool{}, 0, 0
	var last frame
	for len(accepted)+limited < messages || answered < len(accepted) {
		f := c.next()
		switch {
		case f.Type == "accepted":
			accepted[f.Offset] = true
		case f.Type == "error":
			limited++
			if last = f; f.Code != "rate_limited" || f.RetryAfterMS <= 0 || f.ID == "" {
				t.Fatalf("got %s", f.raw)
			}
		case f.Kind == "reply":
			answered += len(f.InReplyTo)
		}
	}
	all.Wait()
	if len(accepted) < 200 || limited == 0 || answered != len(accepted) {
		t.Errorf("%d accepted, %d limited, %d answered", len(accepted), limited, answered)
	}
	time.Sleep(time.Duration(last.RetryAfterMS) * time.Millisecond) // as told
	c.ask(last.ID, "Hello.")
	t.Logf("%d accepted and answered, %d told to wait", len(accepted), limited)
}

// A client that doesn't take its frames is cut off, disturbs nobody, and resumes.
func TestSlowClientIsCutOffAndResumes(t *testing.T) {
	metrics := prometheus.NewRegistry()
	s := serve(t, func(o *websocket.Options) { o.WriteWait, o.Metrics = 200*time.Millisecond, metrics })
	d := gorilla.Dialer{NetDial: func(network, address string) (net.Conn, error) {
		conn, err := net.Dial(network, address)
		if tcp, ok := conn.(*net.TCPConn); ok && err == nil {
			err = tcp.SetReadBuffer(4 << 10)
		}
		return conn, err
	}}
	ws, _, err := d.Dial(s.url, nil)
	if err != nil {
		t.Fatal(err)
	}
	defer ws.Close()
	slow := &client{ws, t}
	slow.send(hello(nil))
	w := slow.next()
	talker, _ := s.hello(resumed(w, w.Epoch, 0))
	deadline, said := time.Now().Add(patience), 0
	for connections(t, metrics) == 2 {
		if said++; time.Now().After(deadline) || said > 190 {
			t.Fatalf("the slow client is still connected after %d long texts", said)
		}
		talker.say(fmt.Sprint("m", said), strings.Repeat("文", 9_999)+"。")
		talker.until(typed("accepted"))
	}
	again, _ := s.hello(resumed(w, w.Epoch, 0))
	answered := map[int64]bool{}
	for offset := int64(0); len(answered) < said; {
		f := again.next()
		if f.Type != "event" {
			continue
		}
		if f.Offset != offset+1 {
			t.Fatalf("event %d after %d", f.Offset, offset)
		}
		offset = f.Offset
		for _, o := range f.InReplyTo {
			answered[o] = true
		}
	}
}

func connections(t *testing.T, metrics *prometheus.Registry) int {
	t.Helper()
	families, err := metrics.Gather()
	if err != nil {
		t.Fatal(err)
	}
	for _, f := range families {
		if f.GetName() == "floorwalker_websocket_connections" {
			return int(f.GetMetric()[0].GetGauge().GetValue())
		}
	}
	t.Fatal("connections aren't counted")
	return 0
}

func TestShutdownSendsEverybodyAway(t *testing.T) {
	s := serve(t)
	waiting := s.dial() // has not said hello
	var clients []*client
	for range 3 {
		c, _ := s.hello(nil)
		clients = append(clients, c)
	}
	clients[0].say("m1", "Hello.") // on its way
	ended := make(chan struct{})
	go func() { s.Shutdown(t.Context()); close(ended) }()
	for _, c := range append(clients, waiting) {
		c.closes(gorilla.CloseGoingAway)
	}
	<-ended
	s.dial().closes(gorilla.CloseGoingAway) // too late
}

func TestShutdownCutsOffWhoStays(t *testing.T) {
	s := serve(t)
	s.hello(nil) // never reads, and so never answers the close frame
	flooding, _ := s.hello(nil)
	go func() {
		for flooding.WriteJSON(object{"type": "typing"}) == nil {
		}
	}()
	ctx, cancel := context.WithTimeout(t.Context(), 100*time.Millisecond)
	defer cancel()
	start := time.Now()
	s.Shutdown(ctx)
	if took := time.Since(start); took > 5*time.Second {
		t.Errorf("the shutdown took %v", took)
	}
}

// A connection on which nothing comes is lost: the network may not have told.
func TestSilentConnectionIsLost(t *testing.T) {
	metrics := prometheus.NewRegistry()
	s := serve(t, func(o *websocket.Options) {
		o.PingEvery, o.WriteWait, o.Metrics = 200*time.Millisecond, time.Second, metrics
	})
	silent, _ := s.hello(nil)
	silent.SetPingHandler(func(string) error { return nil })
	live, _ := s.hello(nil)
	go func() { // answers pings, by reading
		for {
			if _, _, err := live.ReadMessage(); err != nil {
				return
			}
		}
	}()
	go func() {
		for {
			if _, _, err := silent.ReadMessage(); err != nil {
				return
			}
		}
	}()
	for deadline := time.Now().Add(patience); connections(t, metrics) != 1; {
		if time.Now().After(deadline) {
			t.Fatalf("%d connections, want 1", connections(t, metrics))
		}
	}
	if err := live.WriteJSON(object{"type": "typing"}); err != nil {
		t.Error(err)
	}
}
