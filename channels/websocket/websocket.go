// Package websocket is the socket of shoppers, and of agents (agent.go): `GET /v1/chat`, protocol
// floorwalker.v1.
//
// Each connection has three goroutines, all owned by [Server.ServeHTTP]: one reads frames and
// handles them in order, one follows the journal, one pings. They write under the connection's
// lock; the reader holds it while an utterance is journalled, so that `accepted` leaves before
// any event that depends on it. A client too slow to take its frames is cut off after the
// write time-out and resumes from the journal.
package websocket

import (
	"context"
	"log/slog"
	"net/http"
	"slices"
	"sync"
	"time"

	"github.com/gorilla/websocket"
	"github.com/prometheus/client_golang/prometheus"

	"github.com/floorwalker/floorwalker/channels"
	"github.com/floorwalker/floorwalker/dialog"
	"github.com/floorwalker/floorwalker/dialog/desk"
)

// Subprotocol is the version of the protocol that is spoken.
const Subprotocol = "floorwalker.v1"

// Options configure a Server. Zero limits mean the defaults of the protocol.
type Options struct {
	Engine      *dialog.Engine
	Keys        channels.Keys
	Origins     func(shop string) []string // origins of a shop's sites, beside this server's own
	Shops       func() []string            // ids of the loaded shops
	Desk        *desk.Presence             // agents with a token are at it while they are connected; nil: none may
	Connections int                        // at most this many at once
	Room        *channels.Room             // shared with other channels; nil: one for Connections
	Begins      *channels.Begins           // how many conversations an address begins; nil: no limit
	Frame       int64                      // bytes in a client's frame
	Logger      *slog.Logger
	Metrics     prometheus.Registerer
	Now         func() time.Time // for tokens and limits

	HelloWait time.Duration // how long a connection may take to say hello
	WriteWait time.Duration // how long a frame may take to leave
	PingEvery time.Duration
}

// Server serves the socket.
type Server struct {
	Options
	upgrader websocket.Upgrader
	frames   *prometheus.CounterVec
	ctx      context.Context // of every connection's work
	stop     context.CancelFunc

	mu       sync.Mutex
	closing  bool
	sessions map[*session]struct{}
	running  sync.WaitGroup
}

// New returns a server.
func New(o Options) *Server {
	if o.Connections == 0 {
		o.Connections = 20_000
	}
	if o.Room == nil {
		o.Room = channels.NewRoom(o.Connections)
	}
	if o.Frame == 0 {
		o.Frame = 64 << 10
	}
	if o.HelloWait == 0 {
		o.HelloWait = 10 * time.Second
	}
	if o.WriteWait == 0 {
		o.WriteWait = 10 * time.Second
	}
	if o.PingEvery == 0 {
		o.PingEvery = 30 * time.Second
	}
	if o.Now == nil {
		o.Now = time.Now
	}
	if o.Logger == nil {
		o.Logger = slog.New(slog.DiscardHandler)
	}
	s := &Server{Options: o, sessions: map[*session]struct{}{}}
	s.ctx, s.stop = context.WithCancel(context.Background())
	s.upgrader = websocket.Upgrader{
		Subprotocols: []string{Subprotocol},
		CheckOrigin:  func(r *http.Request) bool { return s.anyOrigin(r) },
		// Most frames are short and most connections idle: small buffers, shared for writing.
		ReadBufferSize: 1 << 10, WriteBufferSize: 2 << 10, WriteBufferPool: &sync.Pool{},
	}
	s.frames = prometheus.NewCounterVec(prometheus.CounterOpts{Name: "floorwalker_websocket_frames_total",
		Help: "Frames received, by type and whether they were taken."}, []string{"type", "result"})
	if o.Metrics != nil {
		o.Metrics.MustRegister(s.frames, prometheus.NewGaugeFunc(prometheus.GaugeOpts{
			Name: "floorwalker_websocket_connections", Help: "Open connections."},
			func() float64 { return float64(s.live()) }))
	}
	return s
}

func (s *Server) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	if offered := websocket.Subprotocols(r); len(offered) > 0 && !slices.Contains(offered, Subprotocol) {
		http.Error(w, "this server speaks the WebSocket subprotocol "+Subprotocol, http.StatusBadRequest)
		return
	}
	if !s.Room.Enter() {
		w.Header().Set("Retry-After", "5")
		http.Error(w, "too many connections; try again later", http.StatusServiceUnavailable)
		return
	}
	defer s.Room.Leave()
	ws, err := s.upgrader.Upgrade(w, r, nil)
	if err != nil {
		return // the upgrader has answered
	}
	c := newSession(s, ws, r)
	if !s.admit(c) {
		c.close(websocket.CloseGoingAway, goingAway)
		c.linger()
		return
	}
	defer s.dismiss(c)
	c.run(s.ctx)
}

// admit counts a session in, unless the server is closing.
func (s *Server) admit(c *session) bool {
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.closing {
		return false
	}
	s.sessions[c] = struct{}{}
	s.running.Add(1)
	return true
}

// live is how many connections are served.
func (s *Server) live() int {
	s.mu.Lock()
	defer s.mu.Unlock()
	return len(s.sessions)
}

func (s *Server) dismiss(c *session) {
	s.mu.Lock()
	delete(s.sessions, c)
	s.mu.Unlock()
	s.running.Done()
}

// goingAway is what clients read with close code 1001.
const goingAway = "going away; connect again"

// Shutdown tells every client that the server goes away (1001) and waits for them until ctx
// ends; then it cuts them off. No connection is left when it returns.
func (s *Server) Shutdown(ctx context.Context) {
	s.mu.Lock()
	s.closing = true
	var telling sync.WaitGroup
	for c := range s.sessions {
		telling.Go(func() { c.close(websocket.CloseGoingAway, goingAway) })
	}
	s.mu.Unlock()
	late := context.AfterFunc(ctx, s.cut)
	telling.Wait()
	s.running.Wait()
	late()
	s.stop()
}

// cut ends every connection at once.
func (s *Server) cut() {
	s.stop()
	s.mu.Lock()
	defer s.mu.Unlock()
	for c := range s.sessions {
		c.ws.Close()
	}
}

// anyOrigin says whether a browser's origin may connect at all: which shop it wants is only
// known after hello, where [Server.origin] looks again.
func (s *Server) anyOrigin(r *http.Request) bool {
	return channels.AnyMayTalk(r.Header.Get("Origin"), r.Host, s.Shops(), s.Origins)
}

// origin reports whether a page of this origin may talk to a shop.
func (s *Server) origin(shop, origin, host string) bool {
	return channels.MayTalk(origin, host, s.Origins(shop))
}
