package main

import (
	"context"
	"errors"
	"slices"
	"strings"
	"time"

	"github.com/floorwalker/floorwalker/catalog"
	"github.com/floorwalker/floorwalker/catalog/store"
	"github.com/floorwalker/floorwalker/channels"
	"github.com/floorwalker/floorwalker/channels/web"
	"github.com/floorwalker/floorwalker/dialog/journal"
	"github.com/floorwalker/floorwalker/dialog/skill"
)

// storefront is what pages learn of the shops.
type storefront struct{ *app }

// shop is a shop by id, the first without one.
func (s storefront) shop(id string) (web.Shop, bool) {
	if id == "" {
		id = s.first()
	}
	shop := s.shops.Shop(id)
	if shop == nil {
		return web.Shop{}, false
	}
	about := shop.Settings
	return web.Shop{ID: about.ID, Name: about.Name, Locales: about.Locales, Notices: about.Notices, Origins: s.shops.Origins(id)}, true
}

// mostLookedAt bounds how many products are read to show a few.
const mostLookedAt = 1000

// products are a few from each of the shop's categories in turn.
func (s storefront) products(ctx context.Context, shop, locale string, limit int) ([]journal.Card, error) {
	settings := s.shops.Shop(shop).Settings
	byCategory, order := map[string][]catalog.Product{}, []string(nil)
	enough := errors.New("enough")
	looked := 0
	err := s.db.View(ctx, func(tx *store.Tx) error {
		return store.In(tx, shop).Products(func(p catalog.Product) error {
			if looked++; looked > mostLookedAt {
				return enough
			}
			if len(p.Variants) == 0 {
				return nil
			}
			category := strings.Join(p.Category, "/")
			if byCategory[category] == nil {
				order = append(order, category)
			}
			byCategory[category] = append(byCategory[category], p)
			return nil
		})
	})
	if err != nil && !errors.Is(err, enough) {
		return nil, err
	}
	var cards []journal.Card
	for round := 0; len(cards) < limit; round++ {
		before := len(cards)
		for _, c := range order {
			if round < len(byCategory[c]) && len(cards) < limit {
				cards = append(cards, skill.WholeCard(byCategory[c][round], locale, settings.Currency))
			}
		}
		if len(cards) == before {
			break
		}
	}
	return cards, nil
}

// demoTokenFor is how long a customer who is only tried out stays signed in.
const demoTokenFor = time.Hour

// demo is what the first shop's shop.yaml offers under channels.demo; nil unless the server was
// started for trying out. A shop that names no customers offers none.
func (s storefront) demo() *web.Demo {
	if !s.cfg.Demo {
		return nil
	}
	return &web.Demo{Page: s.demoPage, Token: func(customer string) (string, error) {
		if !slices.Contains(texts(s.offered()["customers"]), customer) {
			return "", web.ErrNotOffered
		}
		return s.keys.Sign(s.first(), customer, channels.RoleCustomer, time.Now().Add(demoTokenFor))
	}}
}

func (s storefront) offered() map[string]any {
	demo, _ := s.shops.Shop(s.first()).Settings.Channels["demo"].(map[string]any)
	return demo
}

func (s storefront) demoPage(ctx context.Context, locale string) (web.DemoPage, error) {
	demo := s.offered()
	page := web.DemoPage{Customers: []web.DemoCustomer{}, Try: []string{}}
	language, _, _ := strings.Cut(locale, "-")
	if try, ok := demo["try"].(map[string]any); ok {
		page.Try = append(page.Try, texts(try[language])...)
	}
	err := s.db.View(ctx, func(tx *store.Tx) error {
		page.Customers = page.Customers[:0]
		for _, id := range texts(demo["customers"]) {
			c, err := store.In(tx, s.first()).Customer(id)
			if errors.Is(err, store.ErrNotFound) {
				continue
			}
			if err != nil {
				return err
			}
			name := c.FirstName + " " + c.LastName
			if strings.HasPrefix(c.Locale, "zh") {
				name = c.LastName + c.FirstName
			}
			page.Customers = append(page.Customers, web.DemoCustomer{ID: id, Name: name})
		}
		return nil
	})
	return page, err
}

// texts are the texts in a YAML list.
func texts(list any) (all []string) {
	items, _ := list.([]any)
	for _, item := range items {
		if text, ok := item.(string); ok {
			all = append(all, text)
		}
	}
	return all
}
