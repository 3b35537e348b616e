package main

import (
	"context"
	"errors"
	"fmt"
	"io/fs"
	"log/slog"
	"net"
	"net/http"
	"os"
	"path/filepath"
	"sync"
	"time"

	"github.com/prometheus/client_golang/prometheus"
	"github.com/prometheus/client_golang/prometheus/collectors"
	"golang.org/x/sync/errgroup"

	"github.com/floorwalker/floorwalker/catalog/store"
	"github.com/floorwalker/floorwalker/catalog/store/sqlite"
	"github.com/floorwalker/floorwalker/channels"
	"github.com/floorwalker/floorwalker/channels/admin"
	"github.com/floorwalker/floorwalker/channels/codes"
	"github.com/floorwalker/floorwalker/channels/natsbus"
	"github.com/floorwalker/floorwalker/channels/rest"
	"github.com/floorwalker/floorwalker/channels/web"
	"github.com/floorwalker/floorwalker/channels/websocket"
	"github.com/floorwalker/floorwalker/dialog"
	"github.com/floorwalker/floorwalker/dialog/backup"
	"github.com/floorwalker/floorwalker/dialog/desk"
	"github.com/floorwalker/floorwalker/dialog/journal"
	"github.com/floorwalker/floorwalker/models"
	"github.com/floorwalker/floorwalker/models/artifact"
	"github.com/floorwalker/floorwalker/models/onnx"
)

// drain is how long a stopping server waits for turns under way and for clients to go.
const drain = 10 * time.Second

// How long an answer to a shopper may take to leave, streams apart, and a connection may be idle.
const (
	answerTime = time.Minute
	idleTime   = 2 * time.Minute
)

type serveCommand struct {
	Config      string   `help:"Configuration file." env:"FLOORWALKER_CONFIG" placeholder:"FILE"`
	Shop        []string `help:"Shop folder; may be given several times." env:"FLOORWALKER_SHOPS" placeholder:"DIR"`
	Data        string   `help:"Folder of everything that is kept." env:"FLOORWALKER_DATA_DIR" placeholder:"DIR"`
	Listen      string   `help:"Address for shoppers." env:"FLOORWALKER_LISTEN" placeholder:"ADDR"`
	AdminListen string   `help:"Address for the shop's people." env:"FLOORWALKER_ADMIN_LISTEN" placeholder:"ADDR"`
	Database    string   `help:"Where records and conversations are kept." env:"FLOORWALKER_DATABASE" placeholder:"sqlite"`
	Demo        bool     `help:"Offer the customers of channels.demo in shop.yaml to sign in as on the page, without a password. On where no shop is named." env:"FLOORWALKER_DEMO"`
	EncoderKind string   `help:"How texts become vectors: local or off." env:"FLOORWALKER_ENCODER_KIND" placeholder:"KIND"`

	natsFlags
	codesFlags
	WebhookToken string `help:"Who has it may speak for senders on the webhook; better given in the environment. Without it there is no webhook." env:"FLOORWALKER_WEBHOOK_TOKEN" placeholder:"TOKEN"`

	LimitsConnections       *int   `help:"Connections at once." env:"FLOORWALKER_LIMITS_CONNECTIONS" placeholder:"N"`
	LimitsFrame             string `help:"Size of a client's frame, such as 64KiB." env:"FLOORWALKER_LIMITS_FRAME" placeholder:"SIZE"`
	LimitsText              *int   `help:"Characters in an utterance." env:"FLOORWALKER_LIMITS_TEXT" placeholder:"N"`
	LimitsMessagesPerMinute *int   `help:"Utterances a minute in one conversation." env:"FLOORWALKER_LIMITS_MESSAGES_PER_MINUTE" placeholder:"N"`
	LimitsBegunPerMinute    *int   `help:"Conversations a minute that one address begins." env:"FLOORWALKER_LIMITS_BEGUN_PER_MINUTE" placeholder:"N"`

	Proxies []string `help:"Addresses or networks of proxies in front, whose X-Forwarded-For is believed; without it, this machine's." env:"FLOORWALKER_PROXIES" placeholder:"NETWORK"`

	LogLevel slog.Level `help:"debug, info, warn or error." env:"FLOORWALKER_LOG_LEVEL" default:"info"`
	LogJSON  bool       `help:"Log as JSON lines." env:"FLOORWALKER_LOG_JSON"`
}

func (c *serveCommand) Help() string {
	return "Flags go before environment variables, those before the configuration file.\n\n" +
		"Example: floorwalker serve --shop shops/demo --data ./data --listen 127.0.0.1:8080"
}

func (c *serveCommand) Run(ctx context.Context, s streams) error {
	cfg, err := c.config()
	if err != nil {
		return err
	}
	options := &slog.HandlerOptions{Level: c.LogLevel}
	var handler slog.Handler = slog.NewTextHandler(s.err, options)
	if c.LogJSON {
		handler = slog.NewJSONHandler(s.err, options)
	}
	a, err := newApp(ctx, cfg, slog.New(handler))
	if err != nil {
		return err
	}
	return a.run(ctx)
}

// config is the file with flags and environment over it.
func (c *serveCommand) config() (config, error) {
	cfg, err := readConfig(c.Config)
	if err != nil {
		return cfg, fmt.Errorf("%w: %w", errUsage, err)
	}
	over(&cfg.Data, c.Data)
	over(&cfg.Listen, c.Listen)
	over(&cfg.AdminListen, c.AdminListen)
	over(&cfg.Database, c.Database)
	over(&cfg.Encoder.Kind, c.EncoderKind)
	c.natsFlags.over(&cfg.NATS)
	c.codesFlags.over(&cfg.Codes)
	over(&cfg.Webhook.Token, c.WebhookToken)
	given(&cfg.Limits.Connections, c.LimitsConnections)
	over(&cfg.Limits.Frame, c.LimitsFrame)
	given(&cfg.Limits.Text, c.LimitsText)
	given(&cfg.Limits.MessagesPerMinute, c.LimitsMessagesPerMinute)
	given(&cfg.Limits.BegunPerMinute, c.LimitsBegunPerMinute)
	if len(c.Proxies) > 0 {
		cfg.Proxies = c.Proxies
	}
	if len(c.Shop) > 0 {
		cfg.Shops = c.Shop
	}
	cfg.Demo = cfg.Demo || c.Demo
	if len(cfg.Shops) == 0 {
		cfg.Shops, cfg.Demo = []string{"shops/demo"}, true
	}
	if err := cfg.validate(); err != nil {
		return cfg, fmt.Errorf("%w: %w", errUsage, err)
	}
	return cfg, nil
}

// over sets a text unless the one that goes before it is missing.
func over(value *string, text string) {
	if text != "" {
		*value = text
	}
}

// given does so with a number, which may be 0, and then is refused.
func given(value, number *int) {
	if number != nil {
		*value = *number
	}
}

// app is a server's parts, made and not yet running.
type app struct {
	cfg     config
	logger  *slog.Logger
	db      store.DB
	encoder models.Encoder
	engine  *dialog.Engine
	there   *desk.Presence
	shops   *dialog.Shops
	socket  *websocket.Server
	rest    *rest.Server
	bus     *natsbus.Bus // nil: not asked for
	post    *codes.Post  // nil: codes go to the log
	keys    channels.Keys
	metrics *prometheus.Registry
	token   string

	shopper, shop net.Listener
	closers       []func() error // in order of making; closed from the last
}

// newApp makes the parts, top to bottom. When it fails, what was made is closed again.
func newApp(ctx context.Context, cfg config, logger *slog.Logger) (a *app, err error) {
	a = &app{cfg: cfg, logger: logger, metrics: prometheus.NewRegistry()}
	defer func() {
		if err != nil {
			err = errors.Join(err, a.close())
		}
	}()
	a.metrics.MustRegister(collectors.NewGoCollector(), collectors.NewProcessCollector(collectors.ProcessCollectorOpts{}))

	db, err := openData(ctx, cfg.Data)
	if err != nil {
		return a, err
	}
	a.db = db
	a.closers = append(a.closers, db.Close)

	if a.encoder, err = openEncoder(cfg.Encoder.Kind, logger, a.metrics); err != nil {
		return a, err
	}
	if e, ok := a.encoder.(*onnx.Encoder); ok {
		a.closers = append(a.closers, e.Close)
	}

	learned, err := artifact.Dir()
	if err != nil {
		return a, err
	}
	a.there = desk.NewPresence()
	hub := new(journal.Hub)
	log := journal.NewSQL(db, hub, time.Now)
	sender, err := a.openCodes()
	if err != nil {
		return a, err
	}
	a.shops, err = dialog.OpenShops(ctx, cfg.Shops, dialog.Parts{
		DB: db, Encoder: a.encoder, Kept: cfg.Data, Learned: learned, Desk: a.there, Codes: sender, Logger: logger, Now: time.Now,
		Changed: a.productsChanged,
	})
	if err != nil {
		return a, err
	}
	a.closers = append(a.closers, a.shops.Close)

	a.engine = dialog.New(dialog.Options{
		Journal: log, Hub: hub, Shops: a.shops.Shop, Logger: logger, Metrics: a.metrics,
		MessagesPerMinute: cfg.Limits.MessagesPerMinute, Text: cfg.Limits.Text, Grace: drain,
		Desk: a.there,
	})
	if err := a.openBus(log, hub); err != nil {
		return a, err
	}
	frame, err := parseSize(cfg.Limits.Frame)
	if err != nil {
		return a, err
	}
	a.keys = channels.Keys{Dir: filepath.Join(cfg.Data, "keys")}
	for _, id := range a.shops.IDs() { // made now, so that the shop's site can read them
		if _, err := a.keys.Key(id); err != nil {
			return a, err
		}
	}
	about, err := documents(cfg.Limits.Text)
	if err != nil {
		return a, err
	}
	proxies, err := parseNetworks(cfg.Proxies)
	if err != nil {
		return a, err
	}
	begins := channels.NewBegins(cfg.Limits.BegunPerMinute, proxies, time.Now)
	room := channels.NewRoom(cfg.Limits.Connections)
	a.socket = websocket.New(websocket.Options{
		Engine: a.engine, Keys: a.keys, Origins: a.shops.Origins, Shops: a.shops.IDs, Desk: a.there,
		Room: room, Begins: begins, Frame: frame, Logger: logger, Metrics: a.metrics,
	})
	a.rest = rest.New(rest.Options{
		Engine: a.engine, Keys: a.keys, Origins: a.shops.Origins, Shops: a.shops.IDs,
		Room: room, Begins: begins, Body: frame, Webhook: cfg.Webhook.Token, About: about, Logger: logger, Metrics: a.metrics,
	})
	return a, a.listen()
}

// listen opens both listeners, so that a taken address is known before anything is served.
func (a *app) listen() error {
	path := filepath.Join(a.cfg.Data, "admin.token")
	token, made, err := admin.Token(path)
	if err != nil {
		return err
	}
	a.token = token
	if made {
		a.logger.Info("sign in to the admin listener with this token", "token", token, "kept_in", path)
	}
	if a.shopper, err = net.Listen("tcp", a.cfg.Listen); err != nil {
		return fmt.Errorf("listening for shoppers: %w; another server may be running there, or choose another --listen", err)
	}
	a.closers = append(a.closers, a.shopper.Close)
	if a.shop, err = net.Listen("tcp", a.cfg.AdminListen); err != nil {
		return fmt.Errorf("listening for the shop's people: %w; another server may be running there, or choose another --admin-listen", err)
	}
	a.closers = append(a.closers, a.shop.Close)
	return nil
}

// address is where shoppers connect.
func (a *app) address() string { return a.shopper.Addr().String() }

// first is the id of the first shop.
func (a *app) first() string { return a.shops.IDs()[0] }

// run serves until ctx ends, then lets turns finish and clients go, within the drain time.
func (a *app) run(ctx context.Context) error {
	shoppers := &http.Server{Handler: a.pages(), ReadHeaderTimeout: 10 * time.Second, WriteTimeout: answerTime, IdleTimeout: idleTime}
	work, stop := context.WithCancel(context.WithoutCancel(ctx))
	defer stop()
	group, ended := errgroup.WithContext(ctx)
	people := &http.Server{Handler: admin.Handler(admin.Options{Token: a.token, Metrics: a.metrics, Ready: a.ready, Desk: a.desk()}),
		ReadHeaderTimeout: 10 * time.Second,
		BaseContext:       func(net.Listener) context.Context { return ended }} // what is being told ends with the server
	group.Go(func() error { return a.engine.Run(ended) })
	group.Go(func() error { return a.shops.Watch(work) })
	if a.bus != nil {
		group.Go(func() error { return a.bus.Run(ended) })
	}
	if a.post != nil {
		group.Go(func() error { return a.post.Run(ended) })
	}
	group.Go(func() error { return served(shoppers.Serve(a.shopper)) })
	group.Go(func() error { return served(people.Serve(a.shop)) })
	group.Go(func() error {
		<-ended.Done()
		bound, cancel := context.WithTimeout(work, drain)
		defer cancel()
		var going sync.WaitGroup
		going.Go(func() { a.socket.Shutdown(bound) })
		going.Go(func() { a.restGoes(bound) })
		going.Wait()
		err := errors.Join(shoppers.Shutdown(bound), people.Shutdown(bound))
		stop()
		return err
	})
	a.logger.Info("serving", "shops", a.shops.IDs(), "shoppers", "http://"+a.address(), "people", "http://"+a.shop.Addr().String())
	err := group.Wait()
	if errors.Is(err, context.Canceled) {
		err = nil
	}
	return errors.Join(err, a.close())
}

// restGoes ends what is asked by HTTP, in good time: who waits for a reply is to be told that there
// is none before the connections are cut.
func (a *app) restGoes(ctx context.Context) {
	ctx, cancel := context.WithTimeout(ctx, drain-2*time.Second)
	defer cancel()
	a.rest.Shutdown(ctx)
}

// served turns the end that Shutdown brings into none.
func served(err error) error {
	if errors.Is(err, http.ErrServerClosed) {
		return nil
	}
	return err
}

// close closes what was made, from the last.
func (a *app) close() error {
	var errs []error
	for i := len(a.closers) - 1; i >= 0; i-- {
		if err := a.closers[i](); err != nil && !errors.Is(err, net.ErrClosed) {
			errs = append(errs, err)
		}
	}
	a.closers = nil
	return errors.Join(errs...)
}

// ready reports whether conversations can be taken.
func (a *app) ready() error {
	ctx, cancel := context.WithTimeout(context.Background(), 2*time.Second)
	defer cancel()
	return a.db.View(ctx, func(*store.Tx) error { return nil })
}

// pages are what shoppers get by HTTP.
func (a *app) pages() http.Handler {
	front := storefront{a}
	return web.Handler(web.Options{Socket: a.socket, REST: a.rest, Shop: front.shop, Products: front.products, Demo: front.demo(), Ready: a.ready, Images: a.images()})
}

// images are the pictures in the first shop's folder.
func (a *app) images() fs.FS { return os.DirFS(filepath.Join(a.cfg.Shops[0], "images")) }

// openData opens the database in the data folder, and makes both if they are missing.
func openData(ctx context.Context, dir string) (*sqlite.DB, error) {
	if err := os.MkdirAll(dir, 0o700); err != nil {
		return nil, fmt.Errorf("data folder: %w", err)
	}
	if err := backup.Unfinished(dir); err != nil {
		return nil, err
	}
	return sqlite.Open(ctx, filepath.Join(dir, backup.Database), store.Migrations(), journal.Migrations())
}

// openEncoder loads the encoder. Without its files the server still answers, with the lexical
// classifier, and says so. A nil metrics counts nothing.
func openEncoder(kind string, logger *slog.Logger, metrics prometheus.Registerer) (models.Encoder, error) {
	if kind == "off" {
		return nil, nil
	}
	cache, err := artifact.Open("")
	if err != nil {
		return nil, err
	}
	files, err := cache.Locate()
	if errors.Is(err, artifact.ErrMissing) {
		logger.Warn("the encoder is missing: understanding is poorer until it is there", "cure", "floorwalker models pull", "err", err)
		return nil, nil
	}
	if err != nil {
		return nil, err
	}
	e, err := onnx.Open(files, onnx.Options{Metrics: metrics})
	if err != nil {
		return nil, err
	}
	return e, nil
}
