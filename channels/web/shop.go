package web

import (
	"context"
	"fmt"
	"net/http"
	"strconv"

	"github.com/floorwalker/floorwalker/catalog"
	"github.com/floorwalker/floorwalker/channels"
	"github.com/floorwalker/floorwalker/dialog/journal"
)

// Shop is what a page may know of a shop.
type Shop struct {
	ID      string                  `json:"id"`
	Name    catalog.Text            `json:"name"`
	Locales []string                `json:"locales"`
	Notices map[string]catalog.Text `json:"notices"` // bot, consent

	Origins []string `json:"-"` // whose pages may talk to it
}

// shop is GET /shop.json?shop=ID, without ID the first. A page that may not talk to the shop is
// told so here: the socket's refusal tells a browser nothing.
func shop(o Options) http.HandlerFunc {
	return func(w http.ResponseWriter, r *http.Request) {
		w.Header().Set("Access-Control-Allow-Origin", "*")
		w.Header().Set("Cache-Control", "no-cache")
		s, ok := o.Shop(r.URL.Query().Get("shop"))
		if !ok {
			http.Error(w, "no shop of that id is served here", http.StatusNotFound)
			return
		}
		if origin := r.Header.Get("Origin"); !channels.MayTalk(origin, r.Host, s.Origins) {
			http.Error(w, fmt.Sprintf("pages of %s may not talk to this shop: add it to channels.websocket.origins in its shop.yaml", origin), http.StatusForbidden)
			return
		}
		writeJSON(w, s)
	}
}

// mostProducts are shown at once.
const mostProducts = 60

// Products are some of a shop's products, as cards in a locale; at most limit.
type Products func(ctx context.Context, shop, locale string, limit int) ([]journal.Card, error)

// products is GET /products.json?shop=ID&locale=L&limit=N.
func products(o Options) http.HandlerFunc {
	return func(w http.ResponseWriter, r *http.Request) {
		q := r.URL.Query()
		limit := mostProducts
		if text := q.Get("limit"); text != "" {
			n, err := strconv.Atoi(text)
			if err != nil || n < 1 {
				http.Error(w, "limit: want a number from 1", http.StatusBadRequest)
				return
			}
			limit = min(n, mostProducts)
		}
		s, ok := o.Shop(q.Get("shop"))
		if !ok {
			http.Error(w, "no shop of that id is served here", http.StatusNotFound)
			return
		}
		cards, err := o.Products(r.Context(), s.ID, q.Get("locale"), limit)
		if err != nil {
			http.Error(w, "products can't be read now; try again", http.StatusServiceUnavailable)
			return
		}
		writeJSON(w, map[string]any{"cards": append([]journal.Card{}, cards...)})
	}
}
