package rest

import (
	"context"
	"crypto/subtle"
	"fmt"
	"math"
	"net/http"
	"slices"
	"strconv"

	"github.com/google/uuid"

	"github.com/floorwalker/floorwalker/dialog"
	"github.com/floorwalker/floorwalker/dialog/journal"
)

// webhookChannel is the channel of the webhook's conversations: a sender is one there.
const webhookChannel = "webhook"

// sent is what a client of the webhook sends. Other fields, such as metadata, are ignored.
type sent struct {
	Sender  string `json:"sender" jsonschema:"who writes, in the client's words: one conversation each"`
	Message string `json:"message" jsonschema:"what they write, or the payload of a button"`
	ID      string `json:"id,omitempty" jsonschema:"the message's id: the same again gets the same answer, and nothing more happens. Without it each is a new message"`
}

// told is one message back.
type told struct {
	Recipient string   `json:"recipient_id"`
	Text      string   `json:"text"`
	Buttons   []button `json:"buttons,omitempty"`
	Agent     string   `json:"agent,omitempty" jsonschema:"who wrote it, if a person did"`
	Offset    int64    `json:"offset" jsonschema:"its place in the conversation: what has the same was told before"`
}

// button is a choice; its payload is sent as the message when it's taken.
type button struct {
	Title   string `json:"title"`
	Payload string `json:"payload"`
}

func (x *exchange) webhook() error {
	if err := x.trusted(); err != nil {
		return err
	}
	shop, err := x.whichShop()
	if err != nil {
		return err
	}
	var in sent
	err = x.read(&in, "message", `{"sender":"u1","message":"hello"}`)
	x.id = in.ID
	if err != nil {
		return err
	}
	u, err := x.utterance(shop, in)
	if err != nil {
		return err
	}
	receipt, err := x.server.Engine.Say(x.ctx, u)
	if err != nil {
		return err
	}
	ctx, cancel := context.WithTimeout(x.ctx, x.server.ReplyWait)
	defer cancel()
	came, err := x.server.Engine.Await(ctx, shop, u.Conversation, receipt.Offset)
	if err != nil {
		return err
	}
	before, last, err := x.unasked(shop, u.Conversation, in.Sender, max(0, receipt.Offset-lookedBack), receipt.Offset)
	if err != nil {
		return err
	}
	before = slices.DeleteFunc(before, func(m told) bool { return m.Offset <= last })
	replies, err := messages(in.Sender, receipt.Offset, came.Events)
	if err != nil {
		return err
	}
	return x.send(http.StatusOK, append(before, replies...))
}

// heard answers with what came for a sender that answers no message.
func (x *exchange) heard() error {
	if err := x.trusted(); err != nil {
		return err
	}
	shop, err := x.whichShop()
	if err != nil {
		return err
	}
	q := x.r.URL.Query()
	sender := q.Get("sender")
	if sender == "" {
		return bad("sender is missing")
	}
	after := int64(-1)
	if q.Has("after") {
		if after, err = strconv.ParseInt(q.Get("after"), 10, 64); err != nil || after < 0 {
			return bad("after: want an offset")
		}
	}
	w, err := x.server.Engine.Reach(x.ctx, dialog.Opening{Shop: shop, Channel: webhookChannel, Sender: sender}, "", "")
	if err != nil {
		return err
	}
	from := max(0, w.Offset-lookedBack)
	if after >= 0 && after <= w.Offset {
		from = after
	}
	all, last, err := x.unasked(shop, w.Conversation, sender, from, math.MaxInt64)
	if err != nil {
		return err
	}
	if from != after {
		all = slices.DeleteFunc(all, func(m told) bool { return m.Offset <= last })
	}
	return x.send(http.StatusOK, all)
}

// unasked are the messages between two offsets that answer none of the sender's, a hundred events'
// worth at most; last is where the sender's last message there is, 0 if there is none.
func (x *exchange) unasked(shop, conversation, sender string, after, before int64) (all []told, last int64, err error) {
	events, err := x.server.Engine.Events(x.ctx, shop, conversation, after)
	all = []told{}
	for _, e := range events {
		if err != nil || e.Offset >= before {
			break
		}
		switch e.Kind {
		case journal.KindUtterance:
			var u journal.Utterance
			if u, err = journal.Body[journal.Utterance](e); u.Role == journal.RoleAgent {
				all = append(all, told{Recipient: sender, Text: u.Text, Agent: u.Agent, Offset: e.Offset})
			} else {
				last = e.Offset
			}
		case journal.KindReply:
			var r journal.Reply
			if r, err = journal.Body[journal.Reply](e); len(r.InReplyTo) == 0 {
				all = append(all, worded(sender, e.Offset, r))
			}
		}
	}
	return all, last, err
}

// trusted is nil for who brings the token: as Authorization, or as other bot servers take it, as
// the parameter `token`.
func (x *exchange) trusted() error {
	if x.server.Webhook == "" {
		return &dialog.Error{Code: dialog.NotFound, Message: "the webhook is off: it needs webhook.token in the server's configuration"}
	}
	token := x.bearer()
	if token == "" {
		token = x.r.URL.Query().Get("token")
	}
	if subtle.ConstantTimeCompare([]byte(token), []byte(x.server.Webhook)) != 1 {
		return &dialog.Error{Code: dialog.Unauthorized, Message: "want Authorization: Bearer, and the token of the server's configuration"}
	}
	return nil
}

// whichShop is the one that is asked for, or the first.
func (x *exchange) whichShop() (string, error) {
	q := x.r.URL.Query()
	shop := q.Get("shop")
	if !q.Has("shop") {
		shop = x.server.Shops()[0]
	}
	if err := x.served(shop); err != nil {
		return "", err
	}
	return shop, x.mayTalk(shop)
}

// utterance is what the sender says, in the conversation that is theirs.
func (x *exchange) utterance(shop string, in sent) (dialog.Utterance, error) {
	u := dialog.Utterance{Shop: shop, Role: journal.RoleShopper, ID: in.ID, Text: in.Message}
	if u.ID == "" {
		u.ID = uuid.NewString()
	}
	if in.Sender == "" {
		return u, bad("sender is missing")
	}
	if err := x.server.Engine.Sound(u); err != nil { // before a conversation begins for it
		return u, err
	}
	w, err := x.server.Engine.Reach(x.ctx, dialog.Opening{Shop: shop, Channel: webhookChannel, Sender: in.Sender}, "", u.ID)
	if err != nil {
		return u, err
	}
	u.Conversation = w.Conversation
	choices, err := x.offered(shop, w)
	if i := slices.IndexFunc(choices, func(c journal.Choice) bool { return c.Value == u.Text }); i >= 0 {
		u.Choice, u.Text = u.Text, choices[i].Label
	}
	return u, err
}

// lookedBack is how many events are looked at for the last reply, and for what came since.
const lookedBack = 100

// offered are the choices of the last reply.
func (x *exchange) offered(shop string, w dialog.Welcome) ([]journal.Choice, error) {
	if w.Offset == 0 {
		return nil, nil
	}
	events, err := x.server.Engine.Events(x.ctx, shop, w.Conversation, max(0, w.Offset-lookedBack))
	if err != nil {
		return nil, err
	}
	for _, e := range slices.Backward(events) {
		if e.Kind == journal.KindReply {
			r, err := journal.Body[journal.Reply](e)
			return r.Choices, err
		}
	}
	return nil, nil
}

// messages are the reply to what is at an offset. Where one reply answers several messages, whoever
// sent the last of them gets it: it is told once.
func messages(sender string, offset int64, events []journal.Event) ([]told, error) {
	all := []told{}
	for _, e := range events {
		if e.Kind != journal.KindReply {
			continue
		}
		r, err := journal.Body[journal.Reply](e)
		if err != nil {
			return nil, err
		}
		if len(r.InReplyTo) == 0 || slices.Max(r.InReplyTo) != offset {
			continue
		}
		all = append(all, worded(sender, e.Offset, r))
	}
	return all, nil
}

// worded is a reply as it is told.
func worded(sender string, offset int64, r journal.Reply) told {
	t := told{Recipient: sender, Text: listed(r.Text, r.Cards), Offset: offset}
	for _, c := range r.Choices {
		t.Buttons = append(t.Buttons, button{c.Label, c.Value})
	}
	return t
}

// listed is a reply's text with its cards below, one a line: clients of the webhook show texts.
func listed(text string, cards []journal.Card) string {
	for _, c := range cards {
		text += fmt.Sprintf("\n• %s · %s %s", c.Title, c.Price.Amount.StringFixed(max(0, -c.Price.Amount.Exponent())), c.Price.Currency)
		if c.URL != "" {
			text += " · " + c.URL
		}
	}
	return text
}
