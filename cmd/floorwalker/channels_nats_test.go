package main

import (
	"context"
	"encoding/json"
	"errors"
	"testing"
	"time"

	"github.com/nats-io/nats.go"
	"github.com/nats-io/nats.go/jetstream"

	"github.com/floorwalker/floorwalker/channels/channeltest"
)

// natsClient is a program that speaks NATS.
type natsClient struct{ nc *nats.Conn }

// natsTalk is what talks over NATS share.
type natsTalk struct {
	nc              *nats.Conn
	channel, sender string
	locale          string
	heard           channeltest.Journal
	said            []channeltest.Message
}

// body is what is sent for a message.
func (n *natsTalk) body(m channeltest.Message) ([]byte, error) {
	return json.Marshal(map[string]string{"id": m.ID, "text": m.Text, "choice": m.Choice, "channel": n.channel,
		"sender": n.sender, "locale": n.locale})
}

// receipt is what answers.
type receipt struct {
	Accepted     int64
	Conversation string
	Events       []json.RawMessage
	Pending      bool
}

func (n *natsTalk) take(m *nats.Msg, id string) (r receipt, err error) {
	if err := refused(m); err != nil {
		return r, err
	}
	if err := json.Unmarshal(m.Data, &r); err != nil {
		return r, err
	}
	if r.Pending {
		return r, errors.New("no reply in time")
	}
	for _, e := range r.Events {
		if err := n.heard.Take(e); err != nil {
			return r, err
		}
	}
	return r, n.heard.Accept(id, r.Accepted)
}

// natsWait has the reply come with the answer.
type natsWait struct {
	natsTalk
	inbox []*nats.Subscription // one a message
}

func (c natsClient) waiting(_ testing.TB, conversation channeltest.Conversation) (channeltest.Talk, error) {
	return &natsWait{natsTalk: natsTalk{nc: c.nc, channel: "patient", sender: conversation.Name, locale: conversation.Locale,
		heard: channeltest.Journal{Loose: true}}}, nil
}

func (n *natsWait) Say(messages ...channeltest.Message) error {
	n.said, n.inbox = messages, nil
	for _, m := range messages {
		inbox, err := n.nc.SubscribeSync(nats.NewInbox())
		if err != nil {
			return err
		}
		n.inbox = append(n.inbox, inbox)
		body, err := n.body(m)
		if err != nil {
			return err
		}
		request := &nats.Msg{Subject: "floorwalker.demo.say", Reply: inbox.Subject, Data: body, Header: nats.Header{"Floorwalker-Wait": {"reply"}}}
		if err := n.nc.PublishMsg(request); err != nil {
			return err
		}
	}
	return nil
}

func (n *natsWait) Answer() (channeltest.Answer, error) {
	for i, m := range n.said {
		answer, err := n.inbox[i].NextMsg(answerWait)
		if err == nil {
			_, err = n.take(answer, m.ID)
		}
		if err != nil {
			return channeltest.Answer{}, err
		}
	}
	a, ok := n.heard.Answer(ids(n.said)...)
	if !ok {
		return a, errors.New("the reply isn't among the events")
	}
	return a, n.Lose()
}

// Lose hears no answer.
func (n *natsWait) Lose() error {
	for _, inbox := range n.inbox {
		if err := inbox.Unsubscribe(); err != nil {
			return err
		}
	}
	return nil
}

func (n *natsWait) Return() error { return n.Say(n.said...) } // the same ids again
func (n *natsWait) Close() error  { return nil }

// natsOutbox reads what comes from the stream, and keeps there how far it has come.
type natsOutbox struct {
	natsTalk
	ctx          context.Context
	conversation string
	events       jetstream.MessagesContext
}

func (c natsClient) outbox(t testing.TB, conversation channeltest.Conversation) (channeltest.Talk, error) {
	return &natsOutbox{ctx: t.Context(), natsTalk: natsTalk{nc: c.nc, channel: "gateway", sender: conversation.Name, locale: conversation.Locale}}, nil
}

func (n *natsOutbox) Say(messages ...channeltest.Message) error {
	n.said = messages
	for _, m := range messages {
		body, err := n.body(m)
		if err != nil {
			return err
		}
		answer, err := n.nc.Request("floorwalker.demo.say", body, answerWait)
		if err != nil {
			return err
		}
		r, err := n.take(answer, m.ID)
		if err != nil {
			return err
		}
		n.conversation = r.Conversation
	}
	if n.events == nil {
		return n.Return()
	}
	return nil
}

// Return goes on with the consumer of the conversation, or makes it.
func (n *natsOutbox) Return() error {
	js, err := jetstream.New(n.nc)
	if err != nil {
		return err
	}
	ctx, cancel := context.WithTimeout(n.ctx, answerWait)
	defer cancel()
	for {
		consumer, err := js.CreateOrUpdateConsumer(ctx, "floorwalker-demo", jetstream.ConsumerConfig{Durable: n.conversation,
			AckPolicy: jetstream.AckExplicitPolicy, MaxAckPending: 1, FilterSubject: "floorwalker.demo.conversation." + n.conversation})
		if err == nil {
			n.events, err = consumer.Messages(jetstream.PullMaxMessages(1))
			return err
		}
		if !errors.Is(err, jetstream.ErrStreamNotFound) {
			return err
		}
		time.Sleep(20 * time.Millisecond) // it is made as the server starts
	}
}

func (n *natsOutbox) Answer() (channeltest.Answer, error) {
	for {
		if a, ok := n.heard.Answer(ids(n.said)...); ok {
			return a, nil
		}
		ctx, cancel := context.WithTimeout(n.ctx, answerWait)
		m, err := n.events.Next(jetstream.NextContext(ctx))
		cancel()
		if err == nil {
			err = n.heard.Take(m.Data())
		}
		if err == nil {
			err = m.DoubleAck(n.ctx)
		}
		if err != nil {
			return channeltest.Answer{}, err
		}
	}
}

func (n *natsOutbox) Lose() error  { n.events.Stop(); return nil }
func (n *natsOutbox) Close() error { return n.Lose() }
