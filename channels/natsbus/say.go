package natsbus

import (
	"context"
	"encoding/json"

	"github.com/nats-io/nats.go"

	"github.com/floorwalker/floorwalker/catalog"
	"github.com/floorwalker/floorwalker/channels"
	"github.com/floorwalker/floorwalker/dialog"
	"github.com/floorwalker/floorwalker/dialog/journal"
)

// saying is what a gateway says for a shopper.
type saying struct {
	Conversation string `json:"conversation"`
	ID           string `json:"id"`
	Text         string `json:"text"`
	Choice       string `json:"choice"` // value of a choice taken; then the text may be empty
	Channel      string `json:"channel"`
	Customer     string `json:"customer"`
	Sender       string `json:"sender"`
	Locale       string `json:"locale"`
}

// said is the answer. Events, Owner and Pending come where the reply is waited for.
type said struct {
	Accepted     int64             `json:"accepted"`
	Epoch        string            `json:"epoch"`
	Conversation string            `json:"conversation"`
	Events       []json.RawMessage `json:"events,omitzero"`
	Owner        journal.Owner     `json:"owner,omitempty"`
	Pending      bool              `json:"pending,omitempty"`
}

// defaultChannel is that of whoever names none.
const defaultChannel = "nats"

func (d desk) say(ctx context.Context, r *request) (any, error) {
	in, err := decode[saying](r)
	if err != nil {
		return nil, err
	}
	wait := r.Headers().Get(headerWait)
	if wait != "" && wait != "reply" {
		return nil, bad("%s: %q; want reply", headerWait, wait)
	}
	o := dialog.Opening{Shop: d.shop, Locale: in.Locale, Channel: or(in.Channel, defaultChannel), Sender: in.Sender}
	if in.Customer != "" { // whoever may write here is trusted to know
		o.Identity = catalog.Identity{Customer: in.Customer, Level: catalog.Verified}
	}
	u := dialog.Utterance{Shop: d.shop, Role: journal.RoleShopper, ID: in.ID, Text: in.Text, Choice: in.Choice}
	if err := d.Engine.Sound(u); err != nil { // before a conversation begins for it
		return nil, err
	}
	w, err := d.Engine.Reach(ctx, o, in.Conversation, in.ID)
	if err != nil {
		return nil, err
	}
	u.Conversation = w.Conversation
	receipt, err := d.Engine.Say(ctx, u)
	if err != nil {
		return nil, err
	}
	answer := said{Accepted: receipt.Offset, Epoch: receipt.Epoch, Conversation: w.Conversation}
	if wait == "" || r.Reply() == "" {
		return answer, nil
	}
	select {
	case d.slots <- struct{}{}:
	default: // as many wait as may
		answer.Events, answer.Pending = []json.RawMessage{}, true
		return answer, nil
	}
	r.answered = true
	to := r.Reply()
	d.waits.Go(func() {
		defer func() { <-d.slots }()
		d.respond(to, answer)
	})
	return nil, nil
}

// respond answers once the reply is there. The request itself has been counted already.
func (d desk) respond(to string, answer said) {
	ctx, cancel := context.WithTimeout(d.work, d.Wait)
	defer cancel()
	m := nats.NewMsg(to)
	body, err := d.await(ctx, answer)
	if err != nil {
		refusal := channels.Refusal("", err)
		m.Header.Set("Nats-Service-Error", oneLine(refusal.Message))
		m.Header.Set("Nats-Service-Error-Code", number(refusal.Code))
		body, err = json.Marshal(refusal)
	}
	if m.Data = body; err == nil {
		err = d.nc.PublishMsg(m)
	}
	if err != nil {
		d.Logger.Warn("NATS: an answer can't be sent", "conversation", answer.Conversation, "error", err)
	}
}

func (d desk) await(ctx context.Context, answer said) ([]byte, error) {
	came, err := d.Engine.Await(ctx, d.shop, answer.Conversation, answer.Accepted)
	if err != nil {
		return nil, err
	}
	answer.Events, answer.Owner, answer.Pending = []json.RawMessage{}, came.Owner, came.Pending
	for _, e := range came.Events {
		frame, err := channels.EventFrame(answer.Epoch, e)
		if err != nil {
			return nil, err
		}
		answer.Events = append(answer.Events, frame)
	}
	return json.Marshal(answer)
}
