package main

import (
	"path/filepath"
	"time"

	"github.com/floorwalker/floorwalker/catalog"
	"github.com/floorwalker/floorwalker/channels/natsbus"
	"github.com/floorwalker/floorwalker/dialog/journal"
)

// natsFlags go before the keys of nats.
type natsFlags struct {
	NATSListen      string `name:"nats-listen" help:"Address of a NATS server to open; without credentials, of this machine only." env:"FLOORWALKER_NATS_LISTEN" placeholder:"ADDR"`
	NATSURL         string `name:"nats-url" help:"NATS server to join, such as tls://nats.example:4222." env:"FLOORWALKER_NATS_URL" placeholder:"URL"`
	NATSCredentials string `name:"nats-credentials" help:"For NATS: a credentials file, user:password, or a token." env:"FLOORWALKER_NATS_CREDENTIALS" placeholder:"WHO"`
}

// over lays the flags that are given over the configuration.
func (f natsFlags) over(c *natsConfig) {
	over(&c.Listen, f.NATSListen)
	over(&c.URL, f.NATSURL)
	over(&c.Credentials, f.NATSCredentials)
}

// impossible is what can't be of the keys of nats.
func (c natsConfig) impossible() (key string, err error) {
	switch {
	case c.Listen != "" && c.URL == "":
		key = "nats.listen"
	case c.URL != "" && c.Listen == "":
		key = "nats.url"
	default:
		key = "nats"
	}
	return key, natsbus.Check(c.Listen, c.URL, c.Credentials)
}

// openBus opens the NATS channel, if there is to be one.
func (a *app) openBus(log *journal.SQL, hub *journal.Hub) error {
	c := a.cfg.NATS
	if c.Listen == "" && c.URL == "" {
		return nil
	}
	bus, err := natsbus.New(natsbus.Options{Listen: c.Listen, URL: c.URL, Credentials: c.Credentials, Dir: filepath.Join(a.cfg.Data, "nats"),
		Engine: a.engine, Outbox: log, Hub: hub, DB: a.db, Shops: a.shops.IDs(), Logger: a.logger, Metrics: a.metrics, Now: time.Now, Grace: drain})
	if err != nil {
		return err
	}
	a.bus = bus
	a.closers = append(a.closers, bus.Close)
	return nil
}

// productsChanged tells other programs of products that the shop has taken up.
func (a *app) productsChanged(shop string, products []catalog.Product, gone []string) {
	if a.bus != nil {
		a.bus.Products(shop, products, gone)
	}
}
