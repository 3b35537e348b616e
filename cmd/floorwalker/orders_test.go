package main

import (
	"encoding/json"
	"net/http"
	"net/http/httptest"
	"os"
	"path/filepath"
	"strings"
	"sync/atomic"
	"testing"

	"github.com/floorwalker/floorwalker/dialog/skill"
)

// A shop with an order system of its own: a change is made there, and while it is down nothing is guessed.
func TestOrdersOfAnotherSystem(t *testing.T) {
	var down atomic.Bool
	var keys atomic.Int32
	office := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		switch {
		case down.Load() || r.Header.Get("Authorization") != "Bearer of-the-office":
			w.WriteHeader(http.StatusServiceUnavailable)
		case r.Method == http.MethodGet:
			http.NotFound(w, r) // the copy is as it was brought in
		default:
			var c skill.OrderChange
			if err := json.NewDecoder(r.Body).Decode(&c); err != nil || len(c.Before.Orders) != 1 || r.Header.Get("Idempotency-Key") == "" {
				t.Errorf("%+v, %v", c, err)
			}
			keys.Add(1)
			c.Orders = c.Before.Orders
			c.Orders[0].Status, c.Orders[0].CancelReason = "cancelled", "no longer needed"
			if err := json.NewEncoder(w).Encode(c); err != nil {
				t.Error(err)
			}
		}
	}))
	defer office.Close()
	t.Setenv("OFFICE_KEY", "of-the-office")
	shop := demo(t)
	file := filepath.Join(shop, "shop.yaml")
	text, err := os.ReadFile(file)
	if err != nil {
		t.Fatal(err)
	}
	write(t, file, string(text)+"\norders: {url: \""+office.URL+"\", key_env: OFFICE_KEY}\n")
	data := t.TempDir()
	r := floorwalker(t, "cancel W10231\nDaniel Reyes 78704\nno longer needed\nyes\n", "chat", "--shop", shop, "--data", data, "--locale", "en")
	if r.code != 0 || !strings.Contains(r.out, "cancelled") || keys.Load() != 1 {
		t.Errorf("exit %d, %d changes made\n%s\n%s", r.code, keys.Load(), r.out, r.err)
	}
	down.Store(true)
	r = floorwalker(t, "where is my order W10231? my postal code is 78704\n", "chat", "--shop", shop, "--data", data, "--locale", "en")
	if r.code != 0 || strings.Contains(r.out, "cancelled") || !strings.Contains(r.out, "right now") && !strings.Contains(r.out, "isn't answering") {
		t.Errorf("exit %d\n%s\n%s", r.code, r.out, r.err)
	}
}
