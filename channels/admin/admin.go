// Package admin is the shop's own HTTP listener: the desk where people serve, metrics, health and
// profiles. It is signed in by a token; only health is open.
package admin

import (
	"crypto/rand"
	"crypto/subtle"
	"encoding/base64"
	"fmt"
	"net/http"
	"net/http/pprof"
	"strings"

	"github.com/go-chi/chi/v5"
	"github.com/prometheus/client_golang/prometheus"
	"github.com/prometheus/client_golang/prometheus/promhttp"

	"github.com/floorwalker/floorwalker/channels"
)

// Options say what is served.
type Options struct {
	Token   string
	Metrics prometheus.Gatherer
	Ready   func() error
	Desk    *Desk // nil: none is opened
}

// Handler serves the shop's listener.
func Handler(o Options) http.Handler {
	r := chi.NewRouter()
	r.Get("/healthz", func(w http.ResponseWriter, _ *http.Request) { w.Write([]byte("ok\n")) })
	r.Get("/readyz", func(w http.ResponseWriter, _ *http.Request) {
		if err := o.Ready(); err != nil {
			http.Error(w, err.Error(), http.StatusServiceUnavailable)
			return
		}
		w.Write([]byte("ready\n"))
	})
	r.Group(func(r chi.Router) {
		r.Use(signedIn(o.Token))
		r.Method(http.MethodGet, "/metrics", promhttp.HandlerFor(o.Metrics, promhttp.HandlerOpts{}))
		r.HandleFunc("/debug/pprof/*", pprof.Index)
		r.HandleFunc("/debug/pprof/cmdline", pprof.Cmdline)
		r.HandleFunc("/debug/pprof/profile", pprof.Profile)
		r.HandleFunc("/debug/pprof/symbol", pprof.Symbol)
		r.HandleFunc("/debug/pprof/trace", pprof.Trace)
		if o.Desk != nil {
			r.Group(o.Desk.routes)
		}
	})
	return r
}

// signedIn lets in who has the token, as bearer or as the password of basic authentication
// (any user name), which browsers and Prometheus can both send.
func signedIn(token string) func(http.Handler) http.Handler {
	return func(next http.Handler) http.Handler {
		return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
			given, ok := strings.CutPrefix(r.Header.Get("Authorization"), "Bearer ")
			if !ok {
				_, given, _ = r.BasicAuth()
			}
			if token == "" || subtle.ConstantTimeCompare([]byte(given), []byte(token)) != 1 {
				w.Header().Set("WWW-Authenticate", `Basic realm="floorwalker", charset="UTF-8"`)
				http.Error(w, "sign in with the token printed at the first start (file admin.token in the data folder)", http.StatusUnauthorized)
				return
			}
			next.ServeHTTP(w, r)
		})
	}
}

// shortest is that of a sign-in token that somebody chose, in characters.
const shortest = 16

// Token returns the sign-in token kept in a file, and makes it on first use; made says so.
func Token(path string) (token string, made bool, err error) {
	token, made, err = channels.Keep(path, func() string {
		var random [24]byte
		rand.Read(random[:]) // never fails: it ends the process instead
		return base64.RawURLEncoding.EncodeToString(random[:])
	})
	if err != nil {
		return "", false, fmt.Errorf("sign-in token: %w", err)
	}
	if len(token) < shortest {
		return "", false, fmt.Errorf("%s: the token is shorter than %d characters; delete the file to have a new one made", path, shortest)
	}
	return token, made, nil
}
