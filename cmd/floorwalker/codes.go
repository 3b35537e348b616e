package main

import (
	"fmt"
	"os"

	"github.com/floorwalker/floorwalker/catalog"
	"github.com/floorwalker/floorwalker/channels/codes"
	"github.com/floorwalker/floorwalker/dialog/skill"
)

type codesConfig struct {
	Kind   string `yaml:"kind"`
	URL    string `yaml:"url"`
	From   string `yaml:"from"`
	KeyEnv string `yaml:"key_env"`
}

// codesFlags go before the keys of codes.
type codesFlags struct {
	CodesKind   string `help:"How one-time codes go to customers: log, smtp or http." env:"FLOORWALKER_CODES_KIND" placeholder:"KIND"`
	CodesURL    string `name:"codes-url" help:"Mail server, such as smtp://user@mail.example:587, or address that takes codes, such as https://shop.example/codes." env:"FLOORWALKER_CODES_URL" placeholder:"URL"`
	CodesFrom   string `help:"Sender of the mail, such as care@shop.example." env:"FLOORWALKER_CODES_FROM" placeholder:"ADDRESS"`
	CodesKeyEnv string `help:"Variable with the mail server's password, or the bearer token." env:"FLOORWALKER_CODES_KEY_ENV" placeholder:"NAME"`
}

// over lays the flags that are given over the configuration.
func (f codesFlags) over(c *codesConfig) {
	over(&c.Kind, f.CodesKind)
	over(&c.URL, f.CodesURL)
	over(&c.From, f.CodesFrom)
	over(&c.KeyEnv, f.CodesKeyEnv)
}

// impossible is what can't be of the keys of codes.
func (c codesConfig) impossible() (key string, err error) {
	switch c.Kind {
	case "log":
		if c.URL != "" {
			return "codes.url", fmt.Errorf("with kind log nothing is sent there: write kind: smtp or http")
		}
		return "codes", nil
	case "smtp", "http":
		_, err := c.way()
		return "codes", err
	}
	return "codes.kind", fmt.Errorf("%q; want log, smtp or http", c.Kind)
}

// way is how letters go out; nil with kind log.
func (c codesConfig) way() (codes.Way, error) {
	switch c.Kind {
	case "smtp":
		return codes.NewSMTP(c.URL, c.From, os.Getenv(c.KeyEnv))
	case "http":
		return codes.NewHTTP(c.URL, os.Getenv(c.KeyEnv))
	}
	return nil, nil
}

// openCodes makes what sends one-time codes. What it makes runs with the server.
func (a *app) openCodes() (skill.Sender, error) {
	way, err := a.cfg.Codes.way()
	if err != nil {
		return nil, err
	}
	if way == nil {
		return codes.Log{Logger: a.logger}, nil
	}
	a.post = codes.New(codes.Options{Way: way, Logger: a.logger, Metrics: a.metrics,
		Settings: func(id string) (catalog.Settings, bool) {
			if shop := a.shops.Shop(id); shop != nil {
				return shop.Settings, true
			}
			return catalog.Settings{}, false
		}})
	return a.post, nil
}
