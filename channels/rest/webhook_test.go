package rest_test

import (
	"context"
	"encoding/json"
	"fmt"
	"net/http"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/floorwalker/floorwalker/channels/rest"
)

// toldBack is what a client of the webhook reads.
type toldBack struct {
	Recipient string `json:"recipient_id"`
	Text      string
	Buttons   []struct{ Title, Payload string }
}

// hook sends a message to the webhook.
func (s *server) hook(body string) []toldBack {
	s.t.Helper()
	a := s.do(http.MethodPost, "/webhooks/rest/webhook", body, "Authorization", "Bearer "+webhookToken)
	var all []toldBack
	if err := json.Unmarshal([]byte(a.raw), &all); err != nil || a.status != http.StatusOK || all == nil {
		s.t.Fatalf("%s: %d %s (%v)", body, a.status, a.raw, err)
	}
	return all
}

func sender(t *testing.T) string { return strings.ReplaceAll(t.Name(), "/", "-") }

func TestWebhookAnswersWithTheReply(t *testing.T) {
	s := serve(t)
	for n, text := range []string{"Hello.", "Do you have a kettle?", "你们有水壶吗？"} {
		body, _ := json.Marshal(map[string]any{"sender": sender(t), "message": text, "metadata": map[string]any{"page": n}, "input_channel": "rest"})
		got := s.hook(string(body))
		if len(got) != 1 || got[0].Text == "" || got[0].Recipient != sender(t) {
			t.Errorf("%s: %+v", text, got)
		}
	}
}

// What is shown as a card elsewhere is a line of the text here.
func TestWebhookListsProducts(t *testing.T) {
	got := serve(t).hook(fmt.Sprintf(`{"sender":%q,"message":"Do you have a kettle?"}`, sender(t)))
	if len(got) != 1 || !strings.HasSuffix(got[0].Text, "\n• Brass Kettle · 30.00 USD") {
		t.Errorf("%+v", got)
	}
}

// A button that is taken is a choice, as on the page.
func TestWebhookTakesButtons(t *testing.T) {
	s := serve(t)
	got := s.hook(fmt.Sprintf(`{"sender":%q,"message":"Hello."}`, sender(t)))
	if len(got) != 1 || len(got[0].Buttons) == 0 {
		t.Fatalf("nothing is offered: %+v", got)
	}
	b := got[0].Buttons[len(got[0].Buttons)-1]
	next := s.hook(fmt.Sprintf(`{"sender":%q,"message":%q}`, sender(t), b.Payload))
	if b.Title == "" || len(next) != 1 || next[0].Text == got[0].Text {
		t.Errorf("taking %+v comes to %+v", b, next)
	}
}

func TestWebhookRepeats(t *testing.T) {
	s := serve(t)
	body := fmt.Sprintf(`{"sender":%q,"message":"Hello.","id":"m1"}`, sender(t))
	first := s.hook(body)
	if again := s.hook(body); len(again) != 1 || again[0].Text != first[0].Text {
		t.Errorf("again: %+v, want %+v", again, first)
	}
}

// Messages that are answered together are answered once.
func TestWebhookTellsAReplyOnce(t *testing.T) {
	s := serve(t)
	s.hook(fmt.Sprintf(`{"sender":%q,"message":"Hello."}`, sender(t)))
	var all sync.WaitGroup
	var mu sync.Mutex
	replies := 0
	for range 4 {
		all.Go(func() {
			got := s.hook(fmt.Sprintf(`{"sender":%q,"message":"and another thing"}`, sender(t)))
			mu.Lock()
			defer mu.Unlock()
			replies += len(got)
		})
	}
	all.Wait()
	if replies < 1 || replies > 4 {
		t.Errorf("%d replies to 4 messages", replies)
	}
}

func TestWhoMayNotUseTheWebhook(t *testing.T) {
	s := serve(t)
	const body = `{"sender":"u1","message":"hello"}`
	for name, try := range map[string]struct {
		path, body, authorization string
		status                    int
		code                      string
	}{
		"no token":           {"", body, "", 401, "unauthorized"},
		"another token":      {"", body, "Bearer " + webhookToken + "x", 401, "unauthorized"},
		"another, as others": {"?token=guess", body, "", 401, "unauthorized"},
		"an unknown shop":    {"?shop=none", body, "Bearer " + webhookToken, 404, "not_found"},
		"an empty shop":      {"?shop=", body, "Bearer " + webhookToken, 404, "not_found"},
		"no sender":          {"", `{"message":"hello"}`, "Bearer " + webhookToken, 400, "bad_frame"},
		"a sender of 129":    {"", `{"sender":"` + strings.Repeat("s", 129) + `","message":"hello"}`, "Bearer " + webhookToken, 400, "bad_frame"},
		"a sender with a \n": {"", `{"sender":"a\nb","message":"hello"}`, "Bearer " + webhookToken, 400, "bad_frame"},
		"no message":         {"", `{"sender":"u1"}`, "Bearer " + webhookToken, 400, "bad_frame"},
		"an id that is none": {"", `{"sender":"u1","message":"hello","id":"a b"}`, "Bearer " + webhookToken, 400, "bad_frame"},
		"too long a message": {"", `{"sender":"u1","message":"` + strings.Repeat("x", 10_001) + `"}`, "Bearer " + webhookToken, 413, "too_large"},
		"broken text":        {"", "{\"sender\":\"u1\",\"message\":\"\xff\"}", "Bearer " + webhookToken, 400, "bad_frame"},
	} {
		s.do(http.MethodPost, "/webhooks/rest/webhook"+try.path, try.body, "Authorization", try.authorization).refuses(t, name, try.status, try.code)
	}
	a := s.do(http.MethodPost, "/webhooks/rest/webhook?shop=other&token="+strings.ReplaceAll(webhookToken, " ", "+"), body)
	if a.status != http.StatusOK || !strings.Contains(a.raw, `"recipient_id":"u1"`) {
		t.Errorf("the token as a parameter: %d %s", a.status, a.raw)
	}
	off := serve(t, func(o *rest.Options) { o.Webhook = "" })
	off.do(http.MethodPost, "/webhooks/rest/webhook", body, "Authorization", "Bearer ").refuses(t, "no webhook", 404, "not_found")
}

// Who waits when the server goes is told that there is no reply.
func TestWebhookWhenTheServerGoes(t *testing.T) {
	s := serve(t)
	got := make(chan answer, 1)
	go func() {
		got <- s.do(http.MethodPost, "/webhooks/rest/webhook", fmt.Sprintf(`{"sender":%q,"message":"and","id":"m1"}`, sender(t)), "Authorization", "Bearer "+webhookToken)
	}()
	ctx, cancel := context.WithTimeout(t.Context(), 10*time.Millisecond)
	defer cancel()
	<-ctx.Done()
	s.Shutdown(ctx)
	if a := <-got; a.status != http.StatusOK && a.status != http.StatusServiceUnavailable {
		t.Errorf("%d %s", a.status, a.raw)
	}
	if again := serve(t).hook(fmt.Sprintf(`{"sender":%q,"message":"and","id":"m1"}`, sender(t))); len(again) != 1 {
		t.Errorf("sent again, same id: %+v", again)
	}
}
