package main

import (
	"bufio"
	"bytes"
	"encoding/json"
	"fmt"
	"net/http"
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"testing"
	"time"

	"github.com/gorilla/websocket"
)

// person is somebody at the desk's page.
type person struct {
	t     *testing.T
	name  string
	base  string // http://any:TOKEN@ADDRESS/desk/
	lists <-chan map[string]json.RawMessage
	leave func()
}

// sitDown opens the desk of a server, as its page does, and waits until the server knows.
func sitDown(t *testing.T, s *server, data, name string) *person {
	t.Helper()
	token, err := os.ReadFile(filepath.Join(data, "admin.token"))
	if err != nil {
		t.Fatal(err)
	}
	p := &person{t: t, name: name, base: fmt.Sprintf("http://any:%s@%s/desk/", strings.TrimSpace(string(token)), s.people)}
	response, err := http.Get(p.base + "api/live?shop=demo&agent=" + name)
	if err != nil {
		t.Fatal(err)
	}
	p.leave = func() { response.Body.Close() }
	t.Cleanup(p.leave)
	lists := make(chan map[string]json.RawMessage, 1000)
	p.lists = lists
	go func() {
		defer close(lists)
		for lines := bufio.NewReader(response.Body); ; {
			line, err := lines.ReadString('\n')
			if err != nil {
				return
			}
			if data, ok := strings.CutPrefix(line, "data: "); ok {
				var list map[string]json.RawMessage
				if json.Unmarshal([]byte(data), &list) == nil {
					lists <- list
				}
			}
		}
	}()
	p.sees(`"` + name + `"`)
	return p
}

// sees waits until the desk's list has all the words, and returns it.
func (p *person) sees(words ...string) string {
	p.t.Helper()
	patience := time.After(time.Minute)
	var text string
	for {
		select {
		case list, ok := <-p.lists:
			if !ok {
				p.t.Fatalf("the desk tells no more; last: %s", text)
				return ""
			}
			all, err := json.Marshal(list)
			if err != nil {
				p.t.Fatal(err)
			}
			text = string(all)
			missing := false
			for _, w := range words {
				missing = missing || !strings.Contains(text, w)
			}
			if !missing {
				return text
			}
		case <-patience:
			p.t.Fatalf("the desk never shows %q; last: %s", words, text)
			return ""
		}
	}
}

// does posts what the page's buttons do.
func (p *person) does(path string, more map[string]any) (int, string) {
	p.t.Helper()
	body := map[string]any{"shop": "demo", "agent": p.name}
	for k, v := range more {
		body[k] = v
	}
	data, err := json.Marshal(body)
	if err != nil {
		p.t.Fatal(err)
	}
	response, err := http.Post(p.base+"api/"+path, "application/json", bytes.NewReader(data))
	if err != nil {
		p.t.Fatal(err)
	}
	return p.read(response)
}

func (p *person) get(path string) (int, string) {
	p.t.Helper()
	response, err := http.Get(p.base + "api/" + path)
	if err != nil {
		p.t.Fatal(err)
	}
	return p.read(response)
}

func (p *person) read(response *http.Response) (int, string) {
	p.t.Helper()
	defer response.Body.Close()
	var text bytes.Buffer
	if _, err := text.ReadFrom(response.Body); err != nil {
		p.t.Fatal(err)
	}
	return response.StatusCode, text.String()
}

// hears reads the shopper's frames up to the first that fits.
func hears(t *testing.T, c *websocket.Conn, fits func(heard) bool) heard {
	t.Helper()
	for {
		f, err := read(c)
		if err != nil {
			t.Fatal(err)
		}
		if fits(f) {
			return f
		}
	}
}

func says(t *testing.T, c *websocket.Conn, id, text string) {
	t.Helper()
	if err := c.WriteJSON(map[string]any{"type": "message", "id": id, "text": text}); err != nil {
		t.Fatal(err)
	}
}

func owned(owner string) func(heard) bool {
	return func(f heard) bool { return f.Kind == "state" && f.Owner == owner }
}

func replied(f heard) bool { return f.Kind == "reply" }

func TestShopperIsServedByAPersonAndByTheBotAgain(t *testing.T) {
	data := t.TempDir()
	s := serving(t, "--shop", demoShop, "--data", data, "--encoder-kind", "off")
	mei := sitDown(t, s, data, "Mei")
	c, w, err := come(s.url(), map[string]any{})
	if err != nil {
		t.Fatal(err)
	}
	defer c.Close()
	talk := "conversations/" + w.Conversation + "/"

	says(t, c, "m1", "I want to talk to a human being")
	if f := hears(t, c, replied); !strings.Contains(f.Text, "queue") {
		t.Errorf("the bot says %q", f.Text)
	}
	if f := hears(t, c, owned("queue")); !strings.Contains(string(f.raw), `"position":1`) {
		t.Errorf("%s", f.raw)
	}
	mei.sees(w.Conversation, `"owner":"queue","position":1`, `"role":"shopper"`)
	if code, body := mei.does(talk+"message", map[string]any{"id": "a0", "text": "Hi"}); code != http.StatusConflict {
		t.Errorf("before it is taken: %d %s", code, body)
	}
	if code, body := mei.does(talk+"take", nil); code != http.StatusOK || !strings.Contains(body, `"owner":"agent"`) {
		t.Fatalf("%d %s", code, body)
	}
	hears(t, c, owned("agent"))
	if code, body := mei.does(talk+"note", map[string]any{"id": "n1", "text": "sounds upset"}); code != http.StatusOK {
		t.Errorf("%d %s", code, body)
	}
	if code, body := mei.does(talk+"message", map[string]any{"id": "a1", "text": "Hello, Mei here. What happened?"}); code != http.StatusOK {
		t.Errorf("%d %s", code, body)
	}
	if f := hears(t, c, func(f heard) bool { return f.Kind == "utterance" && f.Role == "agent" }); f.Text != "Hello, Mei here. What happened?" {
		t.Errorf("the shopper reads %s", f.raw)
	}
	says(t, c, "m2", "Do you have a kettle?") // which the bot must leave alone
	mei.sees("Do you have a kettle?", `"agent":"Mei"`)
	if code, body := mei.does(talk+"release", nil); code != http.StatusOK {
		t.Errorf("%d %s", code, body)
	}
	released := hears(t, c, func(f heard) bool {
		if f.Kind == "reply" || strings.Contains(string(f.raw), "upset") {
			t.Errorf("while a person has it: %s", f.raw)
		}
		return owned("bot")(f)
	})
	says(t, c, "m3", "Do you have a kettle?")
	f := hears(t, c, replied)
	if len(f.InReplyTo) != 1 || f.InReplyTo[0] <= released.Offset || !strings.Contains(string(f.raw), "Kettle") {
		t.Errorf("the bot answers again: %s", f.raw)
	}
	mei.sees(`"held":[]`)
}

func TestCallBackOfAShopperIsDoneAtTheDesk(t *testing.T) {
	data := t.TempDir()
	s := serving(t, "--shop", demoShop, "--data", data, "--encoder-kind", "off")
	c, w, err := come(s.url(), map[string]any{"locale": "zh"})
	if err != nil {
		t.Fatal(err)
	}
	defer c.Close()
	says(t, c, "m1", "我要转人工客服。")
	hears(t, c, func(f heard) bool { return f.Kind == "reply" && f.Expects.Slot == "contact" })
	says(t, c, "m2", "+1 503 555 0117")
	hears(t, c, func(f heard) bool { return f.Kind == "action" && f.Name == "request_callback" })

	mei := sitDown(t, s, data, "Mei")
	_, body := mei.get("callbacks?shop=demo&state=open")
	var open []struct{ ID, Conversation, Contact, State string }
	if err := json.Unmarshal([]byte(body), &open); err != nil || len(open) != 1 || open[0].Conversation != w.Conversation || open[0].Contact != "+15035550117" {
		t.Fatalf("open are %s (%v)", body, err)
	}
	if code, body := mei.does("callbacks/"+open[0].ID, map[string]any{"state": "done"}); code != http.StatusOK || !strings.Contains(body, `"done_by":"Mei"`) {
		t.Errorf("%d %s", code, body)
	}
	if _, body := mei.get("callbacks?shop=demo&state=open"); body != "[]" {
		t.Errorf("still open: %s", body)
	}
	if _, body := mei.get("callbacks?shop=demo&state=done"); !strings.Contains(body, open[0].ID) {
		t.Errorf("done are %s", body)
	}
	mei.sees(`"callbacks":0`)
	if code := s.stop(); code != 0 { // though the desk is open
		t.Errorf("exit %d", code)
	}
}

// What people at the desk write reaches those who came by HTTP and by the webhook, each word once.
func TestPeoplesWordsReachHTTPAndTheWebhook(t *testing.T) {
	const token = "choose-a-long-secret"
	data := t.TempDir()
	s := serving(t, "--shop", demoShop, "--data", data, "--encoder-kind", "off", "--webhook-token", token)
	mei := sitDown(t, s, data, "Mei")
	web := func(method, path, secret, body string) string {
		t.Helper()
		r, err := http.NewRequestWithContext(t.Context(), method, "http://"+s.address+path, strings.NewReader(body))
		if err != nil {
			t.Fatal(err)
		}
		r.Header.Set("Authorization", "Bearer "+secret)
		if secret == "" {
			r.Header.Del("Authorization")
		}
		answer, err := http.DefaultClient.Do(r)
		if err != nil {
			t.Fatal(err)
		}
		_, text := mei.read(answer)
		return text
	}
	serves := func(conversation string, texts ...string) {
		t.Helper()
		for i, text := range texts {
			if code, body := mei.does("conversations/"+conversation+"/message", map[string]any{"id": fmt.Sprint(text[:2], i), "text": text}); code != http.StatusOK {
				t.Fatalf("%d %s", code, body)
			}
		}
	}
	takes := func(conversation string) {
		t.Helper()
		if code, body := mei.does("conversations/"+conversation+"/take", nil); code != http.StatusOK {
			t.Fatalf("%d %s", code, body)
		}
	}

	var begun struct{ Conversation, Secret string }
	if err := json.Unmarshal([]byte(web("POST", "/v1/conversations", "", `{"shop":"demo"}`)), &begun); err != nil {
		t.Fatal(err)
	}
	web("POST", "/v1/conversations/"+begun.Conversation+"/messages", begun.Secret, `{"id":"m1","text":"I want to talk to a human being"}`)
	mei.sees(begun.Conversation, `"owner":"queue"`)
	takes(begun.Conversation)
	serves(begun.Conversation, "Hello, Mei here.")
	if got := web("GET", "/v1/conversations/"+begun.Conversation+"/events?after=3", begun.Secret, ""); !strings.Contains(got, `"role":"agent"`) || !strings.Contains(got, "Hello, Mei here.") {
		t.Errorf("by HTTP come %s", got)
	}
	if code, _ := mei.does("conversations/"+begun.Conversation+"/release", nil); code != http.StatusOK {
		t.Error("not given back:", code)
	}

	type heardBack struct {
		Text, Agent string
		Offset      int64
	}
	hook := func(method, query, body string) (all []heardBack) {
		t.Helper()
		if got := web(method, "/webhooks/rest/webhook"+query, token, body); json.Unmarshal([]byte(got), &all) != nil {
			t.Fatalf("%s %s: %s", query, body, got)
		}
		return all
	}
	if got := hook("GET", "?sender=u1", ""); len(got) != 0 {
		t.Errorf("before anything is said: %v", got)
	}
	if got := hook("POST", "", `{"sender":"u1","message":"I want to talk to a human being"}`); len(got) != 1 || !strings.Contains(got[0].Text, "queue") {
		t.Fatalf("%v", got)
	}
	conversation := regexp.MustCompile(`"conversation":"(\w+)"[^{}]*"owner":"queue"`).FindStringSubmatch(mei.sees(`"owner":"queue"`))[1]
	takes(conversation)
	serves(conversation, "Hello, Mei here.", "What happened?")
	got := hook("GET", "?sender=u1", "")
	if len(got) != 2 || got[0].Text != "Hello, Mei here." || got[1].Agent != "Mei" || got[1].Offset <= got[0].Offset {
		t.Fatalf("asked for: %v", got)
	}
	if again := hook("GET", fmt.Sprintf("?sender=u1&after=%d", got[1].Offset), ""); len(again) != 0 {
		t.Errorf("told again: %v", again)
	}
	if said := hook("POST", "", `{"sender":"u1","message":"My kettle broke"}`); len(said) != 2 || said[1] != got[1] {
		t.Errorf("with the next message come %v, want %v", said, got)
	}
	serves(conversation, "Oh dear.")
	if code, _ := mei.does("conversations/"+conversation+"/release", nil); code != http.StatusOK {
		t.Error("not given back:", code)
	}
	said := hook("POST", "", `{"sender":"u1","message":"Do you have a kettle?"}`)
	if len(said) != 2 || said[0].Text != "Oh dear." || said[1].Agent != "" || !strings.Contains(said[1].Text, "Kettle") {
		t.Errorf("afterwards come %v", said)
	}
	if got := hook("POST", "", `{"sender":"u1","message":"thanks"}`); len(got) != 1 {
		t.Errorf("told again: %v", got)
	}
}

// An agent's own program on the socket, with a token of the command line.
func TestAgentOnTheSocket(t *testing.T) {
	data := t.TempDir()
	s := serving(t, "--shop", demoShop, "--data", data, "--encoder-kind", "off")
	r := floorwalker(t, "", "token", "Mei", "--role", "agent", "--data", data)
	agent, w, err := come(s.url(), map[string]any{"token": strings.TrimSpace(r.out)})
	if err != nil || w.Role != "agent" {
		t.Fatalf("%s (%v) %s", w.raw, err, r.err)
	}
	defer agent.Close()
	c, w, err := come(s.url(), map[string]any{})
	if err != nil {
		t.Fatal(err)
	}
	defer c.Close()
	says(t, c, "m1", "I want to talk to a human being")
	f := hears(t, agent, owned("queue"))
	if f.Conversation != w.Conversation {
		t.Fatalf("%s", f.raw)
	}
	for _, frame := range []map[string]any{
		{"type": "take", "id": "t1"}, {"type": "message", "id": "a1", "text": "Here I am."}, {"type": "release", "id": "r1"},
	} {
		frame["conversation"] = w.Conversation
		if err := agent.WriteJSON(frame); err != nil {
			t.Fatal(err)
		}
		if f := hears(t, agent, func(f heard) bool { return f.ID == frame["id"] && f.Type != "event" && f.Type != "following" }); f.Type != "accepted" {
			t.Errorf("%v: %s", frame, f.raw)
		}
	}
	if f := hears(t, c, func(f heard) bool { return f.Role == "agent" && f.Kind == "utterance" }); f.Text != "Here I am." {
		t.Errorf("%s", f.raw)
	}
	hears(t, c, owned("bot"))
}
