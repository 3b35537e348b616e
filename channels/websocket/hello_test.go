package websocket_test

import (
	"bytes"
	"encoding/hex"
	"net/http"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	gorilla "github.com/gorilla/websocket"

	"github.com/floorwalker/floorwalker/channels"
	"github.com/floorwalker/floorwalker/channels/websocket"
)

func TestHelloBeginsAndSecretComesOnce(t *testing.T) {
	s := serve(t)
	c, w := s.hello(object{"locale": "zh-CN"})
	if w.Conversation == "" || len(w.Secret) < 40 || w.Epoch == "" || w.Offset != 0 || w.Owner != "bot" || w.Locale != "zh-CN" {
		t.Errorf("welcome: %s", w.raw)
	}
	r := c.ask("m1", "你好，请问有人在吗？")
	if c.Close(); !strings.ContainsFunc(r.Text, func(r rune) bool { return r > 0x4e00 }) {
		t.Errorf("the reply is %q, want Chinese", r.Text)
	}
	_, again := s.hello(resumed(w, w.Epoch, r.Offset))
	if again.Conversation != w.Conversation || again.Secret != "" || again.Offset != r.Offset || again.Reset {
		t.Errorf("welcome of the resumed: %s", again.raw)
	}
}

func TestFramesSentWithHelloAreHandledInOrderAfterWelcome(t *testing.T) {
	s := serve(t)
	c := s.dial()
	c.send(hello(nil))
	ids := []string{"m1", "m2", "m3", "m4", "m5"}
	for _, id := range ids {
		c.say(id, "Hello "+id+".")
	}
	if w := c.next(); w.Type != "welcome" {
		t.Fatalf("first came %s", w.raw)
	}
	last := int64(0)
	for _, id := range ids {
		f := c.until(typed("accepted"))
		if f.ID != id || f.Offset <= last {
			t.Errorf("got %s, want %s after offset %d", f.raw, id, last)
		}
		last = f.Offset
	}
}

// What a stranger may come to, and what they are told.
func TestWhoMayCome(t *testing.T) {
	s := serve(t)
	token := func(shop, subject, role string, expires time.Duration) string {
		text, err := corner.keys.Sign(shop, subject, role, time.Now().Add(expires))
		if err != nil {
			t.Fatal(err)
		}
		return text
	}
	ann, bob := token("corner", "C1", "", time.Hour), token("corner", "C2", "", time.Hour)
	anonymous, open := s.hello(nil)
	_, anns := s.hello(object{"token": ann})
	anonymous.Close()
	for _, c := range []struct {
		name  string
		hello object
		code  string // of the error; empty: welcome
	}{
		{"the secret", object{"conversation": open.Conversation, "secret": open.Secret}, ""},
		{"the customer's token instead of the secret", object{"conversation": anns.Conversation, "token": ann}, ""},
		{"secret and token", object{"conversation": anns.Conversation, "secret": anns.Secret, "token": ann}, ""},
		{"another customer's token", object{"conversation": anns.Conversation, "token": bob}, "forbidden"},
		{"another customer's token with the secret", object{"conversation": anns.Conversation, "secret": anns.Secret, "token": bob}, "forbidden"},
		{"a token for an anonymous conversation", object{"conversation": open.Conversation, "token": ann}, "forbidden"},
		{"no secret", object{"conversation": open.Conversation}, "forbidden"},
		{"an expired token", object{"token": token("corner", "C1", "", -time.Hour)}, "unauthorized"},
		{"a token of another shop", object{"token": token("other", "C1", "", time.Hour)}, "unauthorized"},
		{"garbage for a token", object{"token": "garbage"}, "unauthorized"},
		{"a token of nobody", object{"token": token("corner", "", "", time.Hour)}, "unauthorized"},
		{"a token of an unknown role", object{"token": token("corner", "C1", "king", time.Hour)}, "unauthorized"},
		{"an agent's token", object{"token": token("corner", "A1", channels.RoleAgent, time.Hour)}, "forbidden"},
		{"a shop that isn't there", object{"shop": "nowhere"}, "not_found"},
		{"a shop that isn't there, with a token", object{"shop": "nowhere", "token": ann}, "not_found"},
		{"a shop named like a path, with a token", object{"shop": "../stolen", "token": ann}, "not_found"},
		{"no shop", object{"shop": ""}, "not_found"},
		{"a locale as long as a book", object{"locale": strings.Repeat("x", 1000)}, "bad_frame"},
	} {
		t.Run(c.name, func(t *testing.T) {
			conn := s.dial()
			conn.t = t
			conn.send(hello(c.hello))
			if c.code == "" {
				if f := conn.next(); f.Type != "welcome" {
					t.Errorf("got %s", f.raw)
				}
				return
			}
			conn.refused(c.code)
			conn.closes(gorilla.ClosePolicyViolation)
		})
	}
	files, err := filepath.Glob(filepath.Join(corner.keys.Dir, "..", "*", "*.key"))
	if err != nil || len(files) != 2 { // of corner, and of other, which this test signed for
		t.Errorf("key files: %v (%v)", files, err)
	}
	if _, err := os.Stat(filepath.Join(corner.keys.Dir, "..", "stolen.key")); err == nil {
		t.Error("a hello made a file outside of the folder of keys")
	}
}

func TestWrongSecretAndUnknownConversationLookTheSame(t *testing.T) {
	s := serve(t)
	_, w := s.hello(nil)
	look := func(conversation, secret string) (frameBytes []byte, code int, text string) {
		c := s.dial()
		c.send(hello(object{"conversation": conversation, "secret": secret}))
		f := c.next()
		code, text = c.closed()
		return f.raw, code, text
	}
	unknown := strings.Repeat("a", len(w.Conversation))
	wrong := hex.EncodeToString([]byte("a wrong secret"))
	first, code, text := look(w.Conversation, wrong)
	if code != gorilla.ClosePolicyViolation || !bytes.Contains(first, []byte(`"forbidden"`)) {
		t.Errorf("a wrong secret gets %s and %d", first, code)
	}
	for _, c := range [][2]string{{unknown, wrong}, {unknown, w.Secret}, {"no id at all!", wrong}, {unknown, ""}} {
		if got, gotCode, gotText := look(c[0], c[1]); !bytes.Equal(got, first) || gotCode != code || gotText != text {
			t.Errorf("unknown conversation %q: %s, %d %q; a wrong secret: %s, %d %q", c[0], got, gotCode, gotText, first, code, text)
		}
	}
}

func TestHelloThatNeverComes(t *testing.T) {
	s := serve(t, func(o *websocket.Options) { o.HelloWait = 50 * time.Millisecond })
	s.dial().closes(gorilla.ClosePolicyViolation)

	late := s.dial() // broken frames don't put it off
	late.sendRaw(gorilla.TextMessage, []byte("{"))
	late.refused("bad_frame")
	late.closes(gorilla.ClosePolicyViolation)
}

func TestFirstFrameMustBeHello(t *testing.T) {
	s := serve(t)
	c := s.dial()
	c.say("m1", "Hello.")
	if f := c.refused("bad_frame"); f.ID != "m1" {
		t.Errorf("the error names %q", f.ID)
	}
	c.closes(gorilla.ClosePolicyViolation)

	c = s.dial() // but a broken frame before it is forgiven
	c.sendRaw(gorilla.TextMessage, []byte("hi"))
	c.refused("bad_frame")
	c.send(hello(nil))
	if f := c.next(); f.Type != "welcome" {
		t.Errorf("got %s", f.raw)
	}
}

func TestOrigins(t *testing.T) {
	s := serve(t)
	own := "http" + strings.TrimPrefix(s.url, "ws")
	for origin, status := range map[string]int{
		"": http.StatusSwitchingProtocols, own: http.StatusSwitchingProtocols,
		"https://corner.example": http.StatusSwitchingProtocols, "HTTPS://Corner.Example": http.StatusSwitchingProtocols,
		"http://corner.example": http.StatusForbidden, "https://corner.example.evil.example": http.StatusForbidden,
		"null": http.StatusForbidden, "https://evil.example": http.StatusForbidden, "%": http.StatusForbidden,
	} {
		header := http.Header{}
		if origin != "" {
			header.Set("Origin", origin)
		}
		ws, response, err := gorilla.DefaultDialer.Dial(s.url, header)
		if response == nil || response.StatusCode != status {
			t.Errorf("origin %q: %+v (%v), want %d", origin, response, err, status)
		}
		if err == nil {
			ws.Close()
		}
	}
}

// An origin on the list of one shop may not talk to another.
func TestOriginOfAnotherShop(t *testing.T) {
	s := serve(t, func(o *websocket.Options) {
		o.Shops = func() []string { return []string{"corner", "other"} }
		o.Origins = func(shop string) []string { return map[string][]string{"other": {"https://other.example"}}[shop] }
	})
	c := s.dial(http.Header{"Origin": {"https://other.example"}})
	c.send(hello(nil))
	c.refused("forbidden")
	c.closes(gorilla.ClosePolicyViolation)
}

func TestSubprotocol(t *testing.T) {
	s := serve(t)
	for _, c := range []struct {
		offered []string
		status  int
		spoken  string
	}{
		{nil, http.StatusSwitchingProtocols, ""},
		{[]string{"floorwalker.v1"}, http.StatusSwitchingProtocols, "floorwalker.v1"},
		{[]string{"floorwalker.v9", "floorwalker.v1"}, http.StatusSwitchingProtocols, "floorwalker.v1"},
		{[]string{"floorwalker.v9"}, http.StatusBadRequest, ""},
	} {
		d := gorilla.Dialer{Subprotocols: c.offered}
		ws, response, err := d.Dial(s.url, nil)
		if response == nil || response.StatusCode != c.status {
			t.Errorf("%v: %+v (%v), want %d", c.offered, response, err, c.status)
		}
		if err != nil {
			continue
		}
		if ws.Subprotocol() != c.spoken {
			t.Errorf("%v: %q is spoken, want %q", c.offered, ws.Subprotocol(), c.spoken)
		}
		ws.Close()
	}
}

func TestTooManyConnections(t *testing.T) {
	s := serve(t, func(o *websocket.Options) { o.Connections = 2 })
	s.hello(nil)
	second, _ := s.hello(nil)
	_, response, err := gorilla.DefaultDialer.Dial(s.url, nil)
	if err == nil || response == nil || response.StatusCode != http.StatusServiceUnavailable || response.Header.Get("Retry-After") == "" {
		t.Fatalf("the third got %+v (%v)", response, err)
	}
	second.Close()
	for deadline := time.Now().Add(patience); ; { // the server is to notice
		ws, _, err := gorilla.DefaultDialer.Dial(s.url, nil)
		if err == nil {
			ws.Close()
			return
		}
		if time.Now().After(deadline) {
			t.Fatal("a place that is free again isn't given: ", err)
		}
	}
}
