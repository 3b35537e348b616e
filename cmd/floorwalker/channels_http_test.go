package main

import (
	"bufio"
	"bytes"
	"cmp"
	"context"
	"encoding/json"
	"fmt"
	"io"
	"net/http"
	"regexp"
	"strings"
	"testing"
	"time"

	"github.com/floorwalker/floorwalker/channels/channeltest"
)

// webClient is a program that speaks HTTP.
type webClient struct {
	address string
	token   string // of the webhook
}

// post sends JSON and reads the answer into v.
func (c webClient) post(ctx context.Context, path, bearer string, body, v any) error {
	data, err := json.Marshal(body)
	if err != nil {
		return err
	}
	r, err := http.NewRequestWithContext(ctx, http.MethodPost, "http://"+c.address+path, bytes.NewReader(data))
	if err != nil {
		return err
	}
	return c.do(r, bearer, v)
}

func (c webClient) do(r *http.Request, bearer string, v any) error {
	r.Header.Set("Authorization", "Bearer "+bearer)
	answer, err := http.DefaultClient.Do(r)
	if err != nil {
		return err
	}
	defer answer.Body.Close()
	data, err := io.ReadAll(answer.Body)
	if err != nil {
		return err
	}
	if answer.StatusCode >= 300 {
		return fmt.Errorf("%s: %s", answer.Status, data)
	}
	return json.Unmarshal(data, v)
}

// polled talks over the conversations' HTTP, and asks for the list of events.
type polled struct {
	webClient
	ctx   context.Context
	begun struct{ Conversation, Secret, Epoch string }
	heard channeltest.Journal
	said  []channeltest.Message
}

func (c webClient) begin(ctx context.Context, locale string) (*polled, error) {
	r := &polled{webClient: c, ctx: ctx}
	return r, c.post(ctx, "/v1/conversations", "", map[string]string{"shop": "demo", "locale": locale}, &r.begun)
}

func (c webClient) list(t testing.TB, conversation channeltest.Conversation) (channeltest.Talk, error) {
	return c.begin(t.Context(), conversation.Locale)
}

func (r *polled) path(what string) string {
	return "/v1/conversations/" + r.begun.Conversation + "/" + what
}

func (r *polled) Say(messages ...channeltest.Message) error {
	r.said = messages
	for _, m := range messages {
		var receipt struct{ Accepted int64 }
		body := map[string]string{"id": m.ID, "text": m.Text, "choice": m.Choice}
		err := r.post(r.ctx, r.path("messages"), r.begun.Secret, body, &receipt)
		if err == nil {
			err = r.heard.Accept(m.ID, receipt.Accepted)
		}
		if err != nil {
			return err
		}
	}
	return nil
}

func (r *polled) Answer() (channeltest.Answer, error) {
	for end := time.Now().Add(answerWait); ; time.Sleep(20 * time.Millisecond) { // as a client that polls
		if a, ok := r.heard.Answer(ids(r.said)...); ok {
			return a, nil
		}
		if time.Now().After(end) {
			return channeltest.Answer{}, fmt.Errorf("no answer within %v", answerWait)
		}
		request, err := r.events()
		if err != nil {
			return channeltest.Answer{}, err
		}
		var news []json.RawMessage
		if err := r.do(request, r.begun.Secret, &news); err != nil {
			return channeltest.Answer{}, err
		}
		for _, frame := range news {
			if err := r.heard.Take(frame); err != nil {
				return channeltest.Answer{}, err
			}
		}
	}
}

// events asks for those after what was heard.
func (r *polled) events() (*http.Request, error) {
	after := fmt.Sprintf("events?after=%s/%d", r.begun.Epoch, r.heard.Last())
	return http.NewRequestWithContext(r.ctx, http.MethodGet, "http://"+r.address+r.path(after), nil)
}

func (r *polled) Lose() error   { return nil } // it holds no connection
func (r *polled) Return() error { return nil }
func (r *polled) Close() error  { return nil }

// sse reads the events as they come.
type sse struct {
	*polled
	last   string // id
	lines  *bufio.Scanner
	hangUp context.CancelFunc
}

func (c webClient) stream(t testing.TB, conversation channeltest.Conversation) (channeltest.Talk, error) {
	r, err := c.begin(t.Context(), conversation.Locale)
	if err != nil {
		return nil, err
	}
	s := &sse{polled: r, last: r.begun.Epoch + "/0"}
	return s, s.Return()
}

// Return opens the stream after the last id, as an EventSource does.
func (s *sse) Return() error {
	ctx, cancel := context.WithTimeout(s.ctx, answerWait)
	s.hangUp = cancel
	r, err := http.NewRequestWithContext(ctx, http.MethodGet, "http://"+s.address+s.path("events"), nil)
	if err != nil {
		return err
	}
	for name, value := range map[string]string{"Authorization": "Bearer " + s.begun.Secret, "Accept": "text/event-stream", "Last-Event-ID": s.last} {
		r.Header.Set(name, value)
	}
	answer, err := http.DefaultClient.Do(r)
	if err != nil {
		return err
	}
	if answer.StatusCode != http.StatusOK {
		return fmt.Errorf("a stream: %s", answer.Status)
	}
	context.AfterFunc(ctx, func() { answer.Body.Close() })
	s.lines = bufio.NewScanner(answer.Body)
	s.lines.Buffer(nil, 1<<20)
	return nil
}

func (s *sse) Lose() error  { s.hangUp(); return nil }
func (s *sse) Close() error { return s.Lose() }

func (s *sse) Answer() (channeltest.Answer, error) {
	for named := false; ; {
		if a, ok := s.heard.Answer(ids(s.said)...); ok {
			return a, nil
		}
		if !s.lines.Scan() {
			return channeltest.Answer{}, fmt.Errorf("the stream ended: %v", s.lines.Err())
		}
		field, value, _ := strings.Cut(s.lines.Text(), ": ")
		switch {
		case field == "":
			named = false
		case field == "event":
			named = true
		case field == "id":
			s.last = value
		case field == "data" && !named:
			if err := s.heard.Take([]byte(value)); err != nil {
				return channeltest.Answer{}, err
			}
		}
	}
}

// webhook talks as clients of other bot servers do.
type webhook struct {
	webClient
	ctx    context.Context
	hangUp context.CancelFunc
	sender string
	said   []channeltest.Message
	got    chan told
}

// told is what came back for one message.
type told struct {
	replies []message
	err     error
}

type message struct {
	Text    string
	Buttons []struct{ Title, Payload string }
}

func (c webClient) webhook(t testing.TB, conversation channeltest.Conversation) (channeltest.Talk, error) {
	return &webhook{webClient: c, ctx: t.Context(), sender: conversation.Name, hangUp: func() {}}, nil
}

// Say has each message wait for its reply: those of a burst may arrive in any order.
func (h *webhook) Say(messages ...channeltest.Message) error {
	h.said, h.got = messages, make(chan told, len(messages))
	ctx, cancel := context.WithTimeout(h.ctx, answerWait)
	h.hangUp = cancel
	for _, m := range messages {
		body := map[string]string{"sender": h.sender, "message": cmp.Or(m.Choice, m.Text), "id": m.ID}
		go func(got chan<- told) {
			var r told
			r.err = h.post(ctx, "/webhooks/rest/webhook?shop=demo", h.token, body, &r.replies)
			got <- r
		}(h.got)
	}
	return nil
}

func (h *webhook) Answer() (a channeltest.Answer, err error) {
	defer h.hangUp()
	for range h.said {
		r := <-h.got
		if r.err != nil {
			return a, r.err
		}
		for _, m := range r.replies {
			a.Replies++
			a.Text, a.Cards = cardsIn(m.Text, webhookCard)
			a.Choices = nil
			for _, b := range m.Buttons {
				a.Choices = append(a.Choices, channeltest.Choice{Label: b.Title, Value: b.Payload})
			}
		}
	}
	return a, nil
}

func (h *webhook) Lose() error   { h.hangUp(); return nil }
func (h *webhook) Return() error { return h.Say(h.said...) } // the same ids again
func (h *webhook) Close() error  { return nil }

// Lines that are cards, by channel.
var (
	webhookCard  = regexp.MustCompile(`^• (.*) · (\S+) ([A-Z]{3})$`)
	terminalCard = regexp.MustCompile(`^     · (.*)  (\S+) ([A-Z]{3})(?: \(–\))?$`)
)

// cardsIn parts a text from the lines below it that are cards.
func cardsIn(text string, line *regexp.Regexp) (string, []channeltest.Card) {
	var cards []channeltest.Card
	lines := strings.Split(text, "\n")
	kept := lines[:0]
	for _, l := range lines {
		if m := line.FindStringSubmatch(l); m != nil {
			cards = append(cards, channeltest.Card{Title: m[1], Amount: m[2], Currency: m[3]})
		} else {
			kept = append(kept, l)
		}
	}
	return strings.Join(kept, "\n"), cards
}
