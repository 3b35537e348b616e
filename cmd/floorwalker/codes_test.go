package main

import (
	"encoding/json"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"
	"time"

	"github.com/floorwalker/floorwalker/channels/codes"
)

// A code goes to a program of the shop's, and whoever types it back is who they say.
func TestACodeGoesOutAndProves(t *testing.T) {
	sent := make(chan codes.Request, 5)
	program := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		var letter codes.Request
		if err := json.NewDecoder(r.Body).Decode(&letter); err != nil || r.Header.Get("Authorization") != "Bearer key-of-the-program" {
			t.Errorf("%v, signed %q", err, r.Header.Get("Authorization"))
		}
		sent <- letter
	}))
	defer program.Close()
	t.Setenv("FLOORWALKER_CODES_KEY", "key-of-the-program")
	s := serving(t, "--shop", demoShop, "--data", t.TempDir(), "--encoder-kind", "off", "--codes-kind", "http", "--codes-url", program.URL)
	c := s.talking("demo")
	c.says(t, "m1", "cancel W10229")
	if text := c.says(t, "m2", "aisha.karim@example.com"); !strings.Contains(text, "code") {
		t.Errorf("no code is spoken of: %q", text)
	}
	var letter codes.Request
	select {
	case letter = <-sent:
	case <-time.After(20 * time.Second):
		t.Fatal("no letter went out")
	}
	if letter.To != "aisha.karim@example.com" || letter.Shop != "demo" || !strings.Contains(letter.Text, letter.Code) || !strings.Contains(letter.Subject, "Lantern Lane") {
		t.Errorf("%+v", letter)
	}
	if text := c.says(t, "m3", letter.Code); !strings.Contains(text, "Aisha") {
		t.Errorf("the code proves nothing: %q", text)
	}
	if code := s.stop(); code != 0 {
		t.Errorf("exit %d", code)
	}
	if log, _ := s.log(); strings.Contains(log, letter.Code) {
		t.Errorf("the log holds the code:\n%s", log)
	}
}
