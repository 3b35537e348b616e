package main

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"os"
	"testing"
	"time"

	"github.com/gorilla/websocket"
	"github.com/nats-io/nats.go"

	"github.com/floorwalker/floorwalker/channels/channeltest"
)

// answerWait is how long an answer may take.
const answerWait = time.Minute

// Twelve conversations come to the same through every channel of one server.
func TestTwelveConversationsThroughEveryChannel(t *testing.T) {
	const secret = "choose-a-long-secret"
	s := serving(t, "--shop", demoShop, "--data", t.TempDir(), "--encoder-kind", "off", "--webhook-token", secret,
		"--nats-listen", "127.0.0.1:0")
	nc := s.nats()
	web := webClient{address: s.address, token: secret}
	terminal := []channeltest.Part{channeltest.Bursts, channeltest.IDs, channeltest.Resume}
	shown := []channeltest.Part{channeltest.Offsets, channeltest.Facts, channeltest.Actions, channeltest.Expects, channeltest.Intents}
	channeltest.Suite{
		Channels: []channeltest.Channel{
			{Name: "websocket", Begin: socketTo(s.url())},
			{Name: "rest list", Begin: web.list},
			{Name: "rest stream", Begin: web.stream},
			{Name: "webhook", Begin: web.webhook, Lacks: shown},
			{Name: "nats wait", Begin: natsClient{nc}.waiting},
			{Name: "nats outbox", Begin: natsClient{nc}.outbox},
			{Name: "chat json", Begin: terminalTo(s.url()), Lacks: terminal},
			{Name: "chat", Begin: paperTo(s.url()), Lacks: append(append(terminal, shown...), channeltest.Values)},
		},
		Restore: func(table, id string) error { return restore(nc, table, id) },
	}.Run(t)
	nc.Close()
	if code := s.stop(); code != 0 {
		t.Errorf("exit %d", code)
	}
}

// bus is where the server's own NATS listens.
func (s *server) bus() string {
	s.t.Helper()
	line, err := s.logs("NATS is served")
	if err != nil {
		s.t.Fatal(err)
	}
	var told struct{ Address string }
	if err := json.Unmarshal([]byte(line), &told); err != nil {
		s.t.Fatal(err)
	}
	return told.Address
}

// nats connects to the server's NATS.
func (s *server) nats() *nats.Conn {
	s.t.Helper()
	nc, err := nats.Connect(s.bus())
	if err != nil {
		s.t.Fatal(err)
	}
	s.t.Cleanup(nc.Close)
	return nc
}

// restore brings a record as it is in the shop's folder, as the shop's own systems do.
func restore(nc *nats.Conn, table, id string) error {
	data, err := os.ReadFile(demoShop + "/" + table + ".jsonl")
	if err != nil {
		return err
	}
	for line := range bytes.Lines(data) {
		if !bytes.HasPrefix(line, fmt.Appendf(nil, `{"id": %q,`, id)) {
			continue
		}
		r, err := nc.Request("floorwalker.demo.change", fmt.Appendf(nil, `{"table":%q,"record":%s}`, table, line), answerWait)
		if err == nil {
			err = refused(r)
		}
		return err
	}
	return errors.New("no such record")
}

// refused is the error that a service answered with.
func refused(m *nats.Msg) error {
	if why := m.Header.Get("Nats-Service-Error"); why != "" {
		return fmt.Errorf("%s: %s", m.Header.Get("Nats-Service-Error-Code"), why)
	}
	return nil
}

// ids are those of messages.
func ids(messages []channeltest.Message) (all []string) {
	for _, m := range messages {
		all = append(all, m.ID)
	}
	return all
}

// socket talks over the WebSocket.
type socket struct {
	url   string
	ws    *websocket.Conn
	heard channeltest.Journal
	begun heard
	said  []channeltest.Message
}

func socketTo(url string) func(testing.TB, channeltest.Conversation) (channeltest.Talk, error) {
	return func(_ testing.TB, c channeltest.Conversation) (channeltest.Talk, error) {
		ws, w, err := come(url, map[string]any{"locale": c.Locale})
		return &socket{url: url, ws: ws, begun: w}, err
	}
}

func (s *socket) Say(messages ...channeltest.Message) error {
	s.said = messages
	return s.send(messages)
}

func (s *socket) send(messages []channeltest.Message) error {
	for _, m := range messages {
		frame := map[string]any{"type": "message", "id": m.ID, "text": m.Text}
		if m.Choice != "" {
			frame = map[string]any{"type": "choose", "id": m.ID, "choice": m.Choice, "text": m.Text}
		}
		if err := s.ws.WriteJSON(frame); err != nil {
			return err
		}
	}
	return nil
}

func (s *socket) Answer() (channeltest.Answer, error) {
	for {
		if a, ok := s.heard.Answer(ids(s.said)...); ok {
			return a, nil
		}
		f, err := read(s.ws)
		if err == nil {
			err = s.heard.Take(f.raw)
		}
		if err != nil {
			return channeltest.Answer{}, err
		}
	}
}

func (s *socket) Lose() error { return s.ws.Close() }

// Return resumes where it was, and sends again what it doesn't know to be accepted.
func (s *socket) Return() (err error) {
	s.ws, _, err = come(s.url, map[string]any{"conversation": s.begun.Conversation, "secret": s.begun.Secret,
		"resume": map[string]any{"epoch": s.begun.Epoch, "offset": s.heard.Last()}})
	if err != nil {
		return err
	}
	var again []channeltest.Message
	for _, m := range s.said {
		if !s.heard.Accepted(m.ID) {
			again = append(again, m)
		}
	}
	return s.send(again)
}

func (s *socket) Close() error { return s.ws.Close() }
