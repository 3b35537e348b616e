// Package natsbus is the channel of other programs: messaging back ends say things for
// shoppers, programs ask for orders, stock and products and bring activity and changes, and
// whoever listens gets every event.
//
// In reading order: [Options] and [New], which opens a NATS server in this process or connects
// to another (connect.go, embedded.go); [Bus.Run], which serves each shop as a NATS micro
// service (service.go; say.go, ask.go and records.go have the endpoints) and passes the
// journal's events on to JetStream (outbox.go).
//
// Goroutines: an endpoint takes its requests one after the other, in a goroutine of its
// subscription, so that what a gateway says in order is journalled in order. Whoever waits for
// a reply has a goroutine, at most Options.Waits of them; beyond, the answer is pending at once.
// There is one goroutine a shop for the outbox. [Bus.Run] owns and waits for all.
//
// When NATS is lost, chat over other channels goes on: the client reconnects for ever, callers
// get no answer meanwhile, and the outbox catches up from its position in the journal.
package natsbus

import (
	"context"
	"crypto/tls"
	"errors"
	"fmt"
	"log/slog"
	"sync"
	"time"

	"github.com/nats-io/nats-server/v2/server"
	"github.com/nats-io/nats.go"
	"github.com/nats-io/nats.go/jetstream"
	"github.com/nats-io/nats.go/micro"
	"github.com/prometheus/client_golang/prometheus"

	"github.com/floorwalker/floorwalker/catalog/store"
	"github.com/floorwalker/floorwalker/dialog"
	"github.com/floorwalker/floorwalker/dialog/journal"
)

// Options configure a Bus. One of Listen and URL is given.
type Options struct {
	Listen      string // HOST:PORT of a server in this process
	URL         string // of another, such as tls://nats.example:4222; several with commas
	Credentials string // path of a credentials file, user:password, or a token
	Dir         string // where the server in this process keeps streams

	Engine  *dialog.Engine
	Outbox  journal.Outbox
	Hub     *journal.Hub // the one that Outbox's journal wakes
	DB      store.DB
	Shops   []string // ids
	Logger  *slog.Logger
	Metrics prometheus.Registerer // nil: none
	Now     func() time.Time      // nil: time.Now
	TLS     *tls.Config           // of the connection to URL; nil: the system's authorities

	Wait  time.Duration // for a reply; 0: 30 s
	Waits int           // requests that wait for a reply at once; 0: 10,000
	Grace time.Duration // for requests under way once Run is to end; 0: 10 s
}

// Bus serves shops on NATS.
type Bus struct {
	Options
	metrics *metrics
	server  *server.Server // nil: another process's
	nc      *nats.Conn
	js      jetstream.JetStream
	closed  chan struct{} // the connection is closed for good
	outs    map[string]*outbox

	work  context.Context // of requests
	stop  context.CancelFunc
	waits sync.WaitGroup
	slots chan struct{} // one for each that waits
}

// New opens the server, if one is to listen, and connects. A server elsewhere that can't be
// reached is no error: the Bus keeps trying. The caller calls Run, or Close without it.
func New(o Options) (*Bus, error) {
	if o.Now == nil {
		o.Now = time.Now
	}
	if o.Logger == nil {
		o.Logger = slog.New(slog.DiscardHandler)
	}
	o.Wait, o.Waits, o.Grace = or(o.Wait, 30*time.Second), or(o.Waits, 10_000), or(o.Grace, 10*time.Second)
	b := &Bus{Options: o, metrics: newMetrics(o.Metrics), closed: make(chan struct{}),
		slots: make(chan struct{}, o.Waits), outs: map[string]*outbox{}}
	b.work, b.stop = context.WithCancel(context.Background())
	for _, shop := range o.Shops {
		b.outs[shop] = newOutbox(b, shop)
	}
	if err := b.open(); err != nil {
		return nil, errors.Join(fmt.Errorf("NATS: %w", err), b.Close())
	}
	return b, nil
}

func or[T comparable](v, otherwise T) T {
	var zero T
	if v == zero {
		return otherwise
	}
	return v
}

func (b *Bus) open() error {
	if err := Check(b.Listen, b.URL, b.Credentials); err != nil {
		return err
	}
	who, err := readCredentials(b.Credentials)
	if err != nil {
		return err
	}
	if b.Listen != "" {
		if b.server, err = listen(b.Listen, b.Dir, who, b.Logger); err != nil {
			return err
		}
	}
	if b.nc, err = b.connect(who); err != nil {
		return err
	}
	b.js, err = jetstream.New(b.nc, jetstream.WithPublishAsyncMaxPending(1000),
		jetstream.WithPublishAsyncErrHandler(func(_ jetstream.JetStream, m *nats.Msg, err error) {
			b.Logger.Error("NATS: a message that can't be read wasn't kept", "subject", m.Header.Get(headerSubject), "error", err)
		}))
	return err
}

// Address is where the server in this process listens.
func (b *Bus) Address() string { return b.server.Addr().String() }

// Run serves until ctx ends. Then it takes no new requests, lets those that wait for a reply
// finish within Options.Grace, passes on what it can of the journal, and closes everything.
func (b *Bus) Run(ctx context.Context) error {
	var passing sync.WaitGroup
	ending, end := context.WithCancel(context.WithoutCancel(ctx))
	defer end()
	for _, o := range b.outs {
		if b.nc.IsConnected() { // so that nothing is served before there is a place to keep it
			if err := o.streams(ctx); err != nil {
				b.Logger.Warn("NATS: events wait to be passed on", "shop", o.shop, "error", err)
			}
		}
		passing.Go(func() { o.run(ending) })
	}
	services, err := b.serve()
	if err == nil {
		b.announce()
		<-ctx.Done()
	}
	for _, s := range services {
		err = errors.Join(err, s.Stop())
	}
	if !b.settle() {
		b.Logger.Warn("NATS: some who wait for a reply are left without an answer")
	}
	end()
	passing.Wait()
	if errors.Is(err, nats.ErrConnectionClosed) || errors.Is(err, nats.ErrConnectionReconnecting) {
		err = nil // there is nobody to take leave of
	}
	return errors.Join(err, b.Close())
}

// serve starts the service of each shop.
func (b *Bus) serve() ([]micro.Service, error) {
	var services []micro.Service
	for _, shop := range b.Shops {
		s, err := b.service(shop)
		if err != nil {
			return services, fmt.Errorf("NATS: serving shop %s: %w", shop, err)
		}
		services = append(services, s)
	}
	return services, nil
}

// announce says where requests are taken, once they are.
func (b *Bus) announce() {
	switch {
	case !b.nc.IsConnected(): // it was said that there is no connection yet
	case b.nc.FlushTimeout(leave) != nil:
		b.Logger.Warn("NATS is slow to take subscriptions", "address", b.nc.ConnectedUrlRedacted())
	case b.server != nil:
		b.Logger.Info("NATS is served", "address", "nats://"+b.Address())
	default:
		b.Logger.Info("NATS is joined", "address", b.nc.ConnectedUrlRedacted())
	}
}

// settle waits for those who wait for a reply.
func (b *Bus) settle() bool {
	done := make(chan struct{})
	go func() { // ends with the last of them: Close ends their context
		b.waits.Wait()
		close(done)
	}()
	timer := time.NewTimer(b.Grace)
	defer timer.Stop()
	select {
	case <-done:
		return true
	case <-timer.C:
		return false
	}
}

// leave is how long closing waits for what is under way.
const leave = 2 * time.Second

// Close closes the connection and the server. It may be called again.
func (b *Bus) Close() error {
	if b.nc != nil && !b.nc.IsClosed() {
		if b.nc.Drain() != nil { // it isn't connected
			b.nc.Close()
		}
		select {
		case <-b.closed:
		case <-time.After(leave):
			b.nc.Close()
		}
	}
	b.stop()
	b.waits.Wait()
	if b.server != nil {
		b.server.Shutdown()
		b.server.WaitForShutdown()
	}
	return nil
}

// metrics of a Bus.
type metrics struct {
	passed    prometheus.Counter
	dead      prometheus.Counter
	connected prometheus.Gauge
}

func newMetrics(r prometheus.Registerer) *metrics {
	m := &metrics{
		passed: prometheus.NewCounter(prometheus.CounterOpts{Name: "floorwalker_nats_events_total",
			Help: "Events of conversations that JetStream has acknowledged."}),
		dead: prometheus.NewCounter(prometheus.CounterOpts{Name: "floorwalker_nats_dead_total",
			Help: "Messages that could not be read or kept and went to the dead subject."}),
		connected: prometheus.NewGauge(prometheus.GaugeOpts{Name: "floorwalker_nats_connected",
			Help: "1 while there is a connection to NATS."}),
	}
	if r != nil {
		r.MustRegister(m.passed, m.dead, m.connected)
	}
	return m
}
