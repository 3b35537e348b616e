// Package web is the shopper's HTTP: the widget that sites embed, the demo page, health and the
// socket's place.
package web

import (
	"embed"
	"io/fs"
	"net/http"
	"strings"

	"github.com/go-chi/chi/v5"
	"github.com/go-chi/chi/v5/middleware"
)

//go:embed page
var page embed.FS

// Options say what is served.
type Options struct {
	Socket   http.Handler                 // GET /v1/chat
	REST     http.Handler                 // everything else below /v1 and /webhooks, and the documents about it; nil: none
	Shop     func(id string) (Shop, bool) // "": the first
	Products Products
	Demo     *Demo        // nil: customers sign in at the shop's own site only
	Ready    func() error // nil: takes conversations
	Images   fs.FS        // pictures of products, served at /images/; nil: none
}

// Handler serves the shopper's listener.
func Handler(o Options) http.Handler {
	r := chi.NewRouter()
	r.Use(headers)
	r.Method(http.MethodGet, "/v1/chat", o.Socket)
	if o.REST != nil {
		for _, path := range []string{"/v1/*", "/webhooks/*", "/openapi.json", "/asyncapi.json"} {
			r.Handle(path, o.REST)
		}
	}
	r.Get("/healthz", func(w http.ResponseWriter, _ *http.Request) { w.Write([]byte("ok\n")) })
	r.Get("/readyz", readiness(o.Ready))
	if o.Images != nil {
		r.Handle("/images/*", images(o.Images))
	}
	files, err := fs.Sub(page, "page")
	if err != nil {
		panic(err) // the folder is embedded
	}
	r.Group(func(r chi.Router) {
		r.Use(middleware.Compress(6, "text/html", "text/css", "text/javascript", "application/json"))
		newWidget().routes(r)
		r.Get("/shop.json", shop(o))
		r.Get("/products.json", products(o))
		if o.Demo != nil {
			o.Demo.routes(r)
		}
		r.Handle("/*", pages(files))
	})
	return r
}

// pages serves files, and for whatever else is asked for a page that leads back to the shop.
func pages(files fs.FS) http.Handler {
	server := http.FileServerFS(files)
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		path := strings.Trim(r.URL.Path, "/")
		if _, err := fs.Stat(files, path); path == "" || err == nil {
			server.ServeHTTP(w, r)
			return
		}
		lost, err := fs.ReadFile(files, "404.html")
		if err != nil {
			panic(err) // the folder is embedded
		}
		w.Header().Set("Content-Type", "text/html; charset=utf-8")
		w.WriteHeader(http.StatusNotFound)
		w.Write(lost)
	})
}

// headers keep the page to itself: nothing from elsewhere, no framing.
func headers(next http.Handler) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		h := w.Header()
		h.Set("Content-Security-Policy", "default-src 'self'; img-src 'self' https: data:; connect-src 'self' ws: wss:; frame-ancestors 'none'; base-uri 'none'; form-action 'none'")
		h.Set("X-Content-Type-Options", "nosniff")
		h.Set("Referrer-Policy", "no-referrer")
		next.ServeHTTP(w, r)
	})
}

func readiness(ready func() error) http.HandlerFunc {
	return func(w http.ResponseWriter, _ *http.Request) {
		if ready() != nil { // why is the shop's business: its own listener tells
			http.Error(w, "not ready", http.StatusServiceUnavailable)
			return
		}
		w.Write([]byte("ready\n"))
	}
}
