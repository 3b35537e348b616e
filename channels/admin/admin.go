// Package admin is the shop's own HTTP listener: metrics, health and profiles. It is signed
// in by a token; only health is open.
package admin

import (
	"crypto/rand"
	"crypto/subtle"
	"encoding/base64"
	"errors"
	"fmt"
	"io/fs"
	"net/http"
	"net/http/pprof"
	"os"
	"path/filepath"
	"strings"

	"github.com/go-chi/chi/v5"
	"github.com/prometheus/client_golang/prometheus"
	"github.com/prometheus/client_golang/prometheus/promhttp"
)

// Options say what is served.
type Options struct {
	Token   string
	Metrics prometheus.Gatherer
	Ready   func() error
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
			if subtle.ConstantTimeCompare([]byte(given), []byte(token)) != 1 {
				w.Header().Set("WWW-Authenticate", `Basic realm="floorwalker", charset="UTF-8"`)
				http.Error(w, "sign in with the token printed at the first start (file admin.token in the data folder)", http.StatusUnauthorized)
				return
			}
			next.ServeHTTP(w, r)
		})
	}
}

// Token returns the sign-in token kept in a file, and makes it on first use; made says so.
func Token(path string) (token string, made bool, err error) {
	text, err := os.ReadFile(path)
	if err == nil {
		token = strings.TrimSpace(string(text))
		if len(token) < 16 {
			return "", false, fmt.Errorf("%s: the token is too short; delete the file to have a new one made", path)
		}
		return token, false, nil
	}
	if !errors.Is(err, fs.ErrNotExist) {
		return "", false, fmt.Errorf("sign-in token: %w", err)
	}
	random := make([]byte, 24)
	if _, err := rand.Read(random); err != nil {
		return "", false, err
	}
	token = base64.RawURLEncoding.EncodeToString(random)
	if err := os.MkdirAll(filepath.Dir(path), 0o700); err != nil {
		return "", false, fmt.Errorf("sign-in token: %w", err)
	}
	if err := os.WriteFile(path, []byte(token+"\n"), 0o600); err != nil {
		return "", false, fmt.Errorf("sign-in token: %w", err)
	}
	return token, true, nil
}
