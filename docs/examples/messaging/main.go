// Command messaging is an example: a gateway between WhatsApp's Cloud API and Floorwalker, told about in
// docs/messaging.md. It uses what a stranger may use: the platform's HTTP, and Floorwalker's NATS subjects.
//
//	platform → webhook → stream messaging → inbox → floorwalker.<shop>.say
//	platform ← outbox ← stream floorwalker-<shop>
//
// Whatever must outlive the process is kept in NATS: what came in on a stream, and in a bucket how far
// both streams were read and how each conversation stands. Run one gateway for a telephone number.
package main

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"net"
	"net/http"
	"os"
	"os/signal"
	"sync"
	"syscall"
	"time"

	"github.com/nats-io/nats.go"
	"github.com/nats-io/nats.go/jetstream"
)

// settings are read from the environment.
type settings struct {
	listen, nats, shop       string
	graph, number, token     string        // the platform's API, our number's id there, and what we sign in with
	appSecret, verifyToken   string        // what the platform signs with, and what it shows when it subscribes
	template, templateLocale string        // what may be sent after the window: asks the shopper to write
	window                   time.Duration // how long after a shopper's message texts may be sent
	unreadable               string        // what whoever sends a picture or a voice message is told
}

func fromEnvironment(get func(string) string) (s settings, err error) {
	for _, v := range []struct {
		to              *string
		name, byDefault string
		required        bool
	}{
		{&s.listen, "LISTEN", "127.0.0.1:9090", false}, {&s.nats, "NATS_URL", "nats://127.0.0.1:4222", false}, {&s.shop, "SHOP", "demo", false},
		{&s.graph, "GRAPH_URL", "https://graph.facebook.com/v23.0", false}, {&s.number, "PHONE_NUMBER_ID", "", true},
		{&s.token, "ACCESS_TOKEN", "", true}, {&s.appSecret, "APP_SECRET", "", true}, {&s.verifyToken, "VERIFY_TOKEN", "", true},
		{&s.template, "TEMPLATE", "answer_ready", false}, {&s.templateLocale, "TEMPLATE_LOCALE", "en", false},
		{&s.unreadable, "UNREADABLE", "Sorry, I can read text only. / 抱歉，我只能看文字消息。", false},
	} {
		if *v.to = get(v.name); *v.to == "" {
			*v.to = v.byDefault
		}
		if *v.to == "" && v.required {
			err = errors.Join(err, fmt.Errorf("%s isn't set; docs/messaging.md says what it is", v.name))
		}
	}
	s.window = 24 * time.Hour
	if w := get("WINDOW"); w != "" {
		var wrong error
		s.window, wrong = time.ParseDuration(w)
		err = errors.Join(err, wrong)
	}
	return s, err
}

// gateway is what both ways share.
type gateway struct {
	settings
	log   *slog.Logger
	now   func() time.Time
	nc    *nats.Conn
	js    jetstream.JetStream
	store jetstream.KeyValue
}

func main() {
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt, syscall.SIGTERM)
	defer stop()
	log := slog.New(slog.NewJSONHandler(os.Stderr, nil))
	s, err := fromEnvironment(os.Getenv)
	if err == nil {
		err = run(ctx, s, log)
	}
	if err != nil && ctx.Err() == nil {
		log.Error("messaging", "error", err)
		os.Exit(1)
	}
}

// run serves until ctx ends.
func run(ctx context.Context, s settings, log *slog.Logger) error {
	nc, err := nats.Connect(s.nats, nats.Name("messaging"), nats.MaxReconnects(-1), nats.ReconnectWait(time.Second), nats.RetryOnFailedConnect(true))
	if err != nil {
		return fmt.Errorf("connecting to NATS at %s: %w", s.nats, err)
	}
	defer nc.Close()
	js, err := jetstream.New(nc)
	if err != nil {
		return err
	}
	g := &gateway{settings: s, log: log, now: time.Now, nc: nc, js: js}
	if err := g.try(ctx, g.prepare); err != nil {
		return err
	}
	listener, err := net.Listen("tcp", s.listen)
	if err != nil {
		return fmt.Errorf("%w; choose another LISTEN", err)
	}
	server := &http.Server{Handler: g.webhook(), ReadTimeout: 20 * time.Second, WriteTimeout: 20 * time.Second}
	var parts sync.WaitGroup
	defer parts.Wait()
	parts.Go(func() { g.follow(ctx, inboxStream, g.receive) })
	parts.Go(func() { g.follow(ctx, "floorwalker-"+s.shop, g.event) })
	parts.Go(func() {
		<-ctx.Done()
		last, cancel := context.WithTimeout(context.WithoutCancel(ctx), 5*time.Second)
		defer cancel()
		server.Shutdown(last)
	})
	log.Info("listening", "address", listener.Addr().String(), "nats", s.nats, "shop", s.shop)
	if err := server.Serve(listener); !errors.Is(err, http.ErrServerClosed) {
		return err
	}
	return nil
}

// Where things are kept.
const (
	inboxStream = "messaging"
	bucket      = "messaging"
	keptFor     = 30 * 24 * time.Hour // as Floorwalker's stream
)

// prepare makes the stream and the bucket unless they are there.
func (g *gateway) prepare(ctx context.Context) (err error) {
	if _, err = g.js.Stream(ctx, inboxStream); errors.Is(err, jetstream.ErrStreamNotFound) {
		_, err = g.js.CreateStream(ctx, jetstream.StreamConfig{Name: inboxStream, Subjects: []string{"messaging.in.*"},
			MaxAge: keptFor, Duplicates: 10 * time.Minute, Description: "What came from the messaging platform"})
	}
	if err != nil {
		return err
	}
	if g.store, err = g.js.KeyValue(ctx, bucket); errors.Is(err, jetstream.ErrBucketNotFound) {
		g.store, err = g.js.CreateKeyValue(ctx, jetstream.KeyValueConfig{Bucket: bucket, TTL: 2 * keptFor, Description: "How the messaging gateway stands"})
	}
	return err
}
