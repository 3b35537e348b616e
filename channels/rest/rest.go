// Package rest is the HTTP of other programs and of pages that hold no socket open: it begins
// conversations, takes what shoppers say and tells events, as a list or as they come (server-sent
// events); and it answers the webhook that clients of other bot servers speak.
//
// In reading order: [Options] and [Server]; route.go, the table of all there is, from which
// describe.go makes the OpenAPI document; conversation.go, events.go and webhook.go, which do it;
// answer.go, how bodies are read and errors told. What is refused here is what the WebSocket
// refuses, in the same words.
//
// Goroutines: each request has that of its http.Server and no other. A stream of events ends when
// its client is gone, is too slow to take what comes, or the server goes away; then the client
// resumes from the journal.
package rest

import (
	"context"
	"log/slog"
	"net/http"
	"sync"
	"time"

	"github.com/prometheus/client_golang/prometheus"

	"github.com/floorwalker/floorwalker/channels"
	"github.com/floorwalker/floorwalker/dialog"
)

// Options configure a Server. Zero limits mean the defaults of the protocol.
type Options struct {
	Engine  *dialog.Engine
	Keys    channels.Keys
	Origins func(shop string) []string // origins of a shop's sites, beside this server's own
	Shops   func() []string            // ids of the loaded shops
	Room    *channels.Room             // for requests at once, streams among them; nil: 20,000
	Begins  *channels.Begins           // how many conversations an address begins; nil: no limit
	Body    int64                      // bytes in a request; 0: 64 KiB
	Webhook string                     // token of the webhook; empty: there is none
	About   map[string][]byte          // JSON documents about all this, by path
	Logger  *slog.Logger
	Metrics prometheus.Registerer
	Now     func() time.Time // for tokens

	BodyWait  time.Duration // how long a body may take to come; 0: 10 s
	WriteWait time.Duration // how long a piece of an answer may take to leave; 0: 10 s
	BeatEvery time.Duration // the longest silence of a stream; 0: 15 s
	ReplyWait time.Duration // how long the webhook waits for a reply; 0: 30 s
}

// Server serves HTTP. The http.Server around it needs a WriteTimeout longer than ReplyWait, which
// renews the deadlines that are set here for what comes next on a connection.
type Server struct {
	Options
	routes   http.Handler
	requests *prometheus.CounterVec
	streams  prometheus.Gauge

	telling context.Context // of streams
	hush    context.CancelFunc
	work    context.Context // of everything else
	stop    context.CancelFunc

	mu      sync.Mutex
	closing bool
	running sync.WaitGroup
}

// New returns a server.
func New(o Options) *Server {
	if o.Room == nil {
		o.Room = channels.NewRoom(20_000)
	}
	if o.Body == 0 {
		o.Body = 64 << 10
	}
	if o.Now == nil {
		o.Now = time.Now
	}
	if o.Logger == nil {
		o.Logger = slog.New(slog.DiscardHandler)
	}
	for _, d := range []struct {
		wait      *time.Duration
		otherwise time.Duration
	}{{&o.BodyWait, 10 * time.Second}, {&o.WriteWait, 10 * time.Second}, {&o.BeatEvery, 15 * time.Second}, {&o.ReplyWait, 30 * time.Second}} {
		if *d.wait == 0 {
			*d.wait = d.otherwise
		}
	}
	s := &Server{Options: o,
		requests: prometheus.NewCounterVec(prometheus.CounterOpts{Name: "floorwalker_rest_requests_total",
			Help: "Requests by operation and what came of them."}, []string{"operation", "result"}),
		streams: prometheus.NewGauge(prometheus.GaugeOpts{Name: "floorwalker_rest_streams", Help: "Open streams of events."}),
	}
	if o.Metrics != nil {
		o.Metrics.MustRegister(s.requests, s.streams)
	}
	s.telling, s.hush = context.WithCancel(context.Background())
	s.work, s.stop = context.WithCancel(context.Background())
	s.routes = s.router()
	return s
}

func (s *Server) ServeHTTP(w http.ResponseWriter, r *http.Request) { s.routes.ServeHTTP(w, r) }

// enter counts a request in, unless the server is closing or full.
func (s *Server) enter() error {
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.closing {
		return goingAway()
	}
	if !s.Room.Enter() {
		return &dialog.Error{Code: dialog.Unavailable, Message: "too many connections; try again later", RetryAfter: 5 * time.Second}
	}
	s.running.Add(1)
	return nil
}

func (s *Server) leave() {
	s.Room.Leave()
	s.running.Done()
}

func goingAway() error {
	return &dialog.Error{Code: dialog.ShuttingDown, Message: "the server is going away; come back to another", RetryAfter: time.Second}
}

// lastWait is how long the last words of an answer may take to leave once the server has to go.
const lastWait = time.Second

// Shutdown takes no more requests, ends streams at once and the others by the end of ctx: who waits
// for a reply is told then that there is none yet. Nothing is served any more when it returns.
func (s *Server) Shutdown(ctx context.Context) {
	s.mu.Lock()
	s.closing = true
	s.mu.Unlock()
	s.hush()
	late := context.AfterFunc(ctx, s.stop)
	s.running.Wait()
	late()
	s.stop()
}
