package main

import (
	"context"
	"crypto/hmac"
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net/http"
	"regexp"
	"strings"
	"time"

	"github.com/nats-io/nats.go"
	"github.com/nats-io/nats.go/jetstream"
)

// largest is the size of the largest webhook that the platform sends.
const largest = 3 << 20

// delivery is what the platform posts.
type delivery struct {
	Entry []struct {
		Changes []struct {
			Value struct {
				Metadata struct {
					Number string `json:"phone_number_id"`
				}
				Messages []json.RawMessage
				Statuses []json.RawMessage
			}
		}
	}
}

// webhook is what the platform calls.
func (g *gateway) webhook() http.Handler {
	mux := http.NewServeMux()
	mux.HandleFunc("GET /webhook", g.subscribe)
	mux.HandleFunc("POST /webhook", g.deliver)
	return mux
}

// subscribe answers the challenge with which the platform checks that the webhook is ours.
func (g *gateway) subscribe(w http.ResponseWriter, r *http.Request) {
	q := r.URL.Query()
	if q.Get("hub.mode") != "subscribe" || !hmac.Equal([]byte(q.Get("hub.verify_token")), []byte(g.verifyToken)) {
		http.Error(w, "wrong verify token", http.StatusForbidden)
		return
	}
	w.Header().Set("Content-Type", "text/plain")
	io.WriteString(w, q.Get("hub.challenge"))
}

// deliver keeps what comes, and only then says so: what isn't kept the platform delivers again.
func (g *gateway) deliver(w http.ResponseWriter, r *http.Request) {
	body, err := io.ReadAll(http.MaxBytesReader(w, r.Body, largest))
	if err != nil {
		http.Error(w, "can't be read", http.StatusBadRequest)
		return
	}
	if !signed(g.appSecret, body, r.Header.Get("X-Hub-Signature-256")) {
		http.Error(w, "wrong signature", http.StatusUnauthorized)
		return
	}
	var d delivery
	if err := json.Unmarshal(body, &d); err != nil {
		http.Error(w, "not JSON as the platform sends it", http.StatusBadRequest)
		return
	}
	ctx, cancel := context.WithTimeout(r.Context(), 10*time.Second)
	defer cancel()
	for _, entry := range d.Entry {
		for _, change := range entry.Changes {
			if change.Value.Metadata.Number != g.number {
				continue // of another number of the same account
			}
			if err := g.keep(ctx, change.Value.Messages, change.Value.Statuses); err != nil {
				g.log.Error("a delivery isn't kept; the platform will bring it again", "error", err)
				http.Error(w, "try again", http.StatusServiceUnavailable)
				return
			}
		}
	}
}

// signed is whether a body is the platform's: an HMAC of the bytes as they came.
func signed(secret string, body []byte, header string) bool {
	given, err := hex.DecodeString(strings.TrimPrefix(header, "sha256="))
	mac := hmac.New(sha256.New, []byte(secret))
	mac.Write(body)
	return err == nil && hmac.Equal(given, mac.Sum(nil))
}

var digits = regexp.MustCompile(`^[0-9]{1,20}$`)

// keep puts messages and statuses on the stream, in their order. Those that the stream has it doesn't take again.
func (g *gateway) keep(ctx context.Context, kinds ...[]json.RawMessage) error {
	if !g.nc.IsConnected() {
		return errors.New("NATS is away")
	}
	for _, kind := range kinds {
		for _, raw := range kind {
			var what received
			if err := json.Unmarshal(raw, &what); err != nil || !digits.MatchString(what.person()) {
				g.log.Warn("neither a message nor a status", "json", string(raw))
				continue
			}
			m := &nats.Msg{Subject: "messaging.in." + what.person(), Data: raw}
			if _, err := g.js.PublishMsg(ctx, m, jetstream.WithMsgID(what.ID+"/"+what.Status)); err != nil {
				return fmt.Errorf("keeping %s: %w", what.ID, err)
			}
		}
	}
	return nil
}
