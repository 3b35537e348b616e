package admin_test

import (
	"errors"
	"io"
	"net/http"
	"net/http/httptest"
	"os"
	"path/filepath"
	"strings"
	"sync"
	"testing"

	"github.com/prometheus/client_golang/prometheus"

	"github.com/floorwalker/floorwalker/channels/admin"
)

func TestOnlyHealthIsOpen(t *testing.T) {
	const token = "a-token-of-twenty-four"
	metrics := prometheus.NewRegistry()
	metrics.MustRegister(prometheus.NewCounter(prometheus.CounterOpts{Name: "floorwalker_tries_total", Help: "Tries."}))
	var fault error
	handler := admin.Handler(admin.Options{Token: token, Metrics: metrics, Ready: func() error { return fault }})
	get := func(path string, sign func(*http.Request)) (int, string, http.Header) {
		r := httptest.NewRequest(http.MethodGet, path, nil)
		sign(r)
		w := httptest.NewRecorder()
		handler.ServeHTTP(w, r)
		body, _ := io.ReadAll(w.Body)
		return w.Code, string(body), w.Header()
	}
	unsigned := func(*http.Request) {}
	bearer := func(r *http.Request) { r.Header.Set("Authorization", "Bearer "+token) }
	for name, wrong := range map[string]func(*http.Request){
		"nothing": unsigned, "another token": func(r *http.Request) { r.Header.Set("Authorization", "Bearer "+token+"x") },
		"an empty token": func(r *http.Request) { r.Header.Set("Authorization", "Bearer ") },
		"as user name":   func(r *http.Request) { r.SetBasicAuth(token, "") },
		"in the query":   func(r *http.Request) { r.URL.RawQuery = "token=" + token },
	} {
		for _, path := range []string{"/metrics", "/debug/pprof/", "/debug/pprof/heap", "/debug/pprof/cmdline", "/debug/pprof/profile", "/debug/pprof/symbol", "/debug/pprof/trace"} {
			code, body, header := get(path, wrong)
			if code != http.StatusUnauthorized || header.Get("WWW-Authenticate") == "" || strings.Contains(body, token) {
				t.Errorf("%s with %s: %d %s", path, name, code, body)
			}
		}
	}
	for name, right := range map[string]func(*http.Request){
		"bearer": bearer, "basic": func(r *http.Request) { r.SetBasicAuth("anybody", token) },
	} {
		if code, body, _ := get("/metrics", right); code != http.StatusOK || !strings.Contains(body, "floorwalker_tries_total 0") {
			t.Errorf("%s: %d %s", name, code, body)
		}
	}
	if code, body, _ := get("/debug/pprof/goroutine?debug=1", bearer); code != http.StatusOK || !strings.Contains(body, "goroutine profile") {
		t.Errorf("profile: %d %.100s", code, body)
	}
	for _, path := range []string{"/healthz", "/readyz"} {
		if code, _, _ := get(path, unsigned); code != http.StatusOK {
			t.Errorf("%s: %d", path, code)
		}
	}
	fault = errors.New("the disk is full")
	if code, body, _ := get("/readyz", unsigned); code != http.StatusServiceUnavailable || !strings.Contains(body, "the disk is full") {
		t.Errorf("not ready: %d %s", code, body)
	}
}

func TestWithoutATokenNobodySignsIn(t *testing.T) {
	w := httptest.NewRecorder()
	admin.Handler(admin.Options{Metrics: prometheus.NewRegistry()}).ServeHTTP(w, httptest.NewRequest(http.MethodGet, "/metrics", nil))
	if w.Code != http.StatusUnauthorized {
		t.Errorf("got %d", w.Code)
	}
}

func TestTokenIsMadeOnceAndKept(t *testing.T) {
	path := filepath.Join(t.TempDir(), "data", "admin.token")
	var all sync.WaitGroup
	tokens := make([]string, 8)
	var mu sync.Mutex
	made := 0
	for i := range tokens {
		all.Go(func() {
			token, first, err := admin.Token(path)
			if err != nil {
				t.Error(err)
			}
			mu.Lock()
			defer mu.Unlock()
			if tokens[i] = token; first {
				made++
			}
		})
	}
	all.Wait()
	for _, token := range tokens {
		if token != tokens[0] || len(token) < 32 {
			t.Errorf("tokens %q", tokens)
		}
	}
	if info, err := os.Stat(path); err != nil || info.Mode().Perm() != 0o600 || made != 1 {
		t.Errorf("made %d times, kept as %v (%v)", made, info, err)
	}
	if err := os.WriteFile(path, []byte("short\n"), 0o600); err != nil {
		t.Fatal(err)
	}
	if token, _, err := admin.Token(path); err == nil || !strings.Contains(err.Error(), path) {
		t.Errorf("a short token is taken: %q, %v", token, err)
	}
}
