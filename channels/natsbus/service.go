package natsbus

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"strconv"
	"strings"
	"time"
	"unicode/utf8"

	"github.com/nats-io/nats.go"
	"github.com/nats-io/nats.go/jetstream"
	"github.com/nats-io/nats.go/micro"

	"github.com/floorwalker/floorwalker/channels"
	"github.com/floorwalker/floorwalker/dialog"
)

// version of the protocol that services speak.
const version = "1.0.0"

// requestTime is how long a request may take, waiting for a reply apart.
const requestTime = 10 * time.Second

// desk serves one shop.
type desk struct {
	*Bus
	shop string
}

// request is one message to an endpoint.
type request struct {
	micro.Request
	answered bool // or will be, by somebody else
}

// endpoint does what a request asks for and returns what to answer.
type endpoint func(d desk, ctx context.Context, r *request) (any, error)

// endpoints are those of each shop, by subject below floorwalker.<shop>.
var endpoints = []struct {
	subject, about string
	do             endpoint
}{
	{"say", "say something for a shopper", desk.say},
	{"ask.order", "how an order stands", desk.askOrder},
	{"ask.stock", "whether a product can be had", desk.askStock},
	{"ask.search", "products for a query", desk.askSearch},
	{"activity", "what shoppers did, in", desk.activity},
	{"change", "changes of records, in and out", desk.change},
}

// subject is where something of a shop is.
func subject(shop, name string) string { return "floorwalker." + shop + "." + name }

// service starts the micro service of a shop.
func (b *Bus) service(shop string) (micro.Service, error) {
	s, err := micro.AddService(b.nc, micro.Config{Name: "floorwalker-" + shop, Version: version,
		Description: "Floorwalker, customer service of shop " + shop, Metadata: map[string]string{"shop": shop, "protocol": "floorwalker.v1"}})
	if err != nil {
		return nil, err
	}
	for _, e := range endpoints {
		err := s.AddEndpoint(strings.ReplaceAll(e.subject, ".", "-"), desk{b, shop}.handler(e.do),
			micro.WithEndpointSubject(subject(shop, e.subject)), micro.WithEndpointMetadata(map[string]string{"about": e.about}))
		if err != nil {
			return nil, errors.Join(err, s.Stop())
		}
	}
	return s, nil
}

// handler answers each request of an endpoint.
func (d desk) handler(do endpoint) micro.Handler {
	return micro.HandlerFunc(func(r micro.Request) {
		if r.Headers().Get(headerSource) == source {
			return // what this very service tells others
		}
		ctx, cancel := context.WithTimeout(d.work, requestTime)
		defer cancel()
		in := &request{Request: r}
		answer, err := do(d, ctx, in)
		if err == nil && !in.answered && r.Reply() != "" {
			err = r.RespondJSON(answer)
		}
		if err != nil {
			d.refuse(in, err)
		}
	})
}

// number is the code of an error as services tell it: that of HTTP.
func number(code string) string { return strconv.Itoa(channels.Status(dialog.Code(code))) }

// refuse answers with an error. What can't be read, and what nobody waits to hear of, is kept.
func (d desk) refuse(r *request, err error) {
	var sent struct {
		ID string `json:"id"`
	}
	_ = json.Unmarshal(r.Data(), &sent) // an id is told if there is one
	refusal := channels.Refusal(sent.ID, err)
	code := dialog.Code(refusal.Code)
	if code == dialog.Internal {
		d.Logger.Error("NATS request", "subject", r.Subject(), "error", err)
	}
	if code == dialog.BadFrame || code == dialog.TooLarge || r.Reply() == "" {
		d.bury(r, refusal)
	}
	body, err := json.Marshal(refusal)
	if err == nil {
		err = r.Error(number(refusal.Code), oneLine(refusal.Message), body)
	}
	if err != nil && !errors.Is(err, nats.ErrMsgNoReply) {
		d.Logger.Warn("NATS: an error can't be told", "subject", r.Subject(), "error", err)
	}
}

// oneLine is a text that fits a header.
func oneLine(text string) string { return strings.Join(strings.Fields(text), " ") }

// Headers of messages.
const (
	headerWait    = "Floorwalker-Wait"    // of say: reply
	headerSource  = "Floorwalker-Source"  // of changes that go out: floorwalker
	headerSubject = "Floorwalker-Subject" // of dead messages: where they were sent
	headerError   = "Floorwalker-Error"   // and why they are dead

	source = "floorwalker"
)

// burials is how often it is tried, four times a second, where no stream takes it: NATS may have
// just come back, and its streams a moment later.
const burials = 20

// bury keeps a message on the dead subject, without making anybody wait.
func (d desk) bury(r *request, why channels.ErrorFrame) {
	d.metrics.dead.Inc()
	d.Logger.Warn("NATS: a message can't be used and is kept", "subject", r.Subject(), "why", why.Message, "kept", subject(d.shop, "dead"))
	m := &nats.Msg{Subject: subject(d.shop, "dead"), Data: r.Data(), Header: nats.Header{}}
	for name, values := range r.Headers() {
		if !strings.HasPrefix(name, "Nats-") { // those would be taken as orders
			m.Header[name] = values
		}
	}
	m.Header.Set(headerSubject, r.Subject())
	m.Header.Set(headerError, oneLine(why.Code+": "+why.Message))
	if _, err := d.js.PublishMsgAsync(m, jetstream.WithRetryAttempts(burials)); err != nil {
		d.Logger.Error("NATS: a message that can't be read wasn't kept", "subject", r.Subject(), "error", err)
	}
}

// decode reads a request: a JSON object in UTF-8. Unknown fields are ignored.
func decode[T any](r *request) (T, error) {
	var v T
	if !utf8.Valid(r.Data()) {
		return v, bad("want UTF-8")
	}
	object := strings.TrimLeft(string(r.Data()), " \t\r\n")
	if !strings.HasPrefix(object, "{") {
		return v, bad("want a JSON object")
	}
	err := json.Unmarshal(r.Data(), &v)
	var kind *json.UnmarshalTypeError
	switch {
	case errors.As(err, &kind):
		return v, bad("%s: want a %s, not a %s", kind.Field, kind.Type, kind.Value)
	case err != nil:
		return v, bad("want a JSON object: %v", err)
	}
	return v, nil
}

func bad(format string, args ...any) error {
	return &dialog.Error{Code: dialog.BadFrame, Message: fmt.Sprintf(format, args...)}
}

// longest is how many characters ids and words of requests may have.
const longest = 128

// short checks that ids of records are there, and such.
func short(field, id string) error {
	switch {
	case id == "":
		return bad("%s is missing", field)
	case utf8.RuneCountInString(id) > longest:
		return bad("%s may have %d characters at most", field, longest)
	case strings.ContainsFunc(id, func(r rune) bool { return r < ' ' || r == 0x7f }):
		return bad("%s may have no control characters", field)
	}
	return nil
}
