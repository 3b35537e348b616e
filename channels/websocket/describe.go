package websocket

import (
	"github.com/google/jsonschema-go/jsonschema"

	"github.com/floorwalker/floorwalker/channels"
	"github.com/floorwalker/floorwalker/channels/contract"
)

// incoming are the frames that clients send: which fields of a frame count, and which must be there.
var incoming = []struct {
	kind, about        string
	required, optional []string
}{
	{"hello", "the first frame: begins a conversation, or comes back to one; with an agent's token, to the desk", []string{"type", "shop"}, []string{"token", "conversation", "secret", "resume", "locale"}},
	{"message", "say something; an agent names the conversation", []string{"type", "id", "text"}, []string{"conversation"}},
	{"choose", "take a choice that was offered", []string{"type", "id", "choice"}, []string{"text"}},
	{"typing", "somebody is writing", []string{"type"}, []string{"conversation"}},
	{"feedback", "rate a turn", []string{"type", "id", "turn", "rating"}, []string{"comment"}},
	{"follow", "agents: be sent a conversation", []string{"type", "conversation"}, []string{"id", "resume"}},
	{"unfollow", "agents: be sent it no more", []string{"type", "conversation"}, []string{"id"}},
	{"take", "agents: take a conversation over", []string{"type", "id", "conversation"}, nil},
	{"release", "agents: give it back to the bot", []string{"type", "id", "conversation"}, nil},
	{"transfer", "agents: give it to another, or to the queue", []string{"type", "id", "conversation"}, []string{"to"}},
	{"note", "agents: write something that the shopper doesn't read", []string{"type", "id", "conversation", "text"}, nil},
}

// outgoing are the frames that the server sends, beside events and errors.
var outgoing = []struct {
	kind, name, about string
	frame             any
	rules             contract.Rules
}{
	{"welcome", "Welcome", "where the conversation stands; the answer to hello", channels.WelcomeFrame{}, contract.Rules{"conversation": contract.ID, "shop": contract.ID, "offset": contract.Place}},
	{"accepted", "Accepted", "it is in the journal", channels.AcceptedFrame{}, contract.Rules{"id": contract.ID, "offset": contract.Place}},
	{"typing", "Typing", "somebody is writing", channels.TypingFrame{}, nil},
	{"delta", "Delta", "wording so far; the reply is what counts", channels.DeltaFrame{}, contract.Rules{"turn": contract.ID}},
	{"welcome", "AgentWelcome", "agents: who else is at the desk", agentWelcomeFrame{}, nil},
	{"following", "Following", "agents: where a conversation stands that is followed", followingFrame{}, contract.Rules{"offset": contract.Place}},
	{"note", "Note", "agents: what somebody noted", noteFrame{}, nil},
}

// Describe says what passes on the socket. text is how many characters a text may have.
func Describe(s *contract.Schemas, text int) contract.Channel {
	c := contract.Channel{Name: "chat", Address: "/v1/chat", Server: "websocket",
		About: "Shoppers, and agents at the desk: JSON text frames, one object each, subprotocol " + Subprotocol + "."}
	said := contract.Within(0, text)
	any := s.Inline(frame{}, contract.Rules{"id": contract.ID, "text": said, "choice": said, "comment": said, "turn": contract.ID, "conversation": contract.ID,
		"shop": contract.ID, "rating": func(p *jsonschema.Schema) { p.Minimum, p.Maximum = jsonschema.Ptr(1.0), jsonschema.Ptr(5.0) }})
	for _, f := range incoming {
		one := contract.Pick(any, f.required, f.optional).CloneSchemas()
		contract.Const(f.kind)(one.Properties["type"])
		c.Receives = append(c.Receives, contract.Message{Name: f.kind, About: f.about, Payload: one})
	}
	for _, f := range outgoing {
		rules := contract.Rules{"type": contract.Const(f.kind)}
		for field, rule := range f.rules {
			rules[field] = rule
		}
		c.Sends = append(c.Sends, contract.Message{Name: f.name, About: f.about, Payload: s.Of(f.name, f.frame, rules)})
	}
	c.Sends = append(c.Sends,
		contract.Message{Name: "Event", About: "an entry of the journal; agents' have their conversation too", Payload: s.Event()},
		contract.Message{Name: "Error", About: "a frame was not accepted", Payload: s.Error()})
	return c
}
