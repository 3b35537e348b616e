package contract

import (
	"regexp"
	"slices"

	"github.com/google/jsonschema-go/jsonschema"
)

// Channel is a place where messages pass: a socket or a subject.
type Channel struct {
	Name, Address, About string
	Server               string // websocket or nats
	Receives             []Message
	Sends                []Message
	Answers              []Message // to each that is received; nil: none
}

// Message is one sort of message.
type Message struct {
	Name, About string
	Payload     *jsonschema.Schema
	Headers     *jsonschema.Schema // nil: none
}

var placeholder = regexp.MustCompile(`\{(\w+)\}`)

// parameters are what placeholders of addresses stand for.
var parameters = map[string]string{"shop": "The shop's id.", "id": "The conversation's id."}

// AsyncAPI is the AsyncAPI 3.0 document of channels.
func AsyncAPI(s *Schemas, version string, channels []Channel) ([]byte, error) {
	d := async{channels: map[string]any{}, operations: map[string]any{}, messages: map[string]any{}}
	for _, c := range channels {
		d.add(c)
	}
	return s.document(map[string]any{
		"asyncapi": "3.0.0",
		"info": map[string]any{"title": "Floorwalker", "version": version,
			"description": "Conversations with an online shop: the WebSocket of shoppers and agents, and the subjects of programs on NATS. Unknown fields are ignored in what you send; expect new ones in what you get."},
		"defaultContentType": "application/json",
		"servers": map[string]any{
			"websocket": map[string]any{"host": "127.0.0.1:8080", "protocol": "ws", "description": "serve --listen; subprotocol floorwalker.v1"},
			"nats":      map[string]any{"host": "127.0.0.1:4222", "protocol": "nats", "description": "serve --nats-listen or --nats-url"},
		},
		"channels":   d.channels,
		"operations": d.operations,
		"components": map[string]any{"schemas": s.named, "messages": d.messages},
	})
}

// async gathers the parts of a document.
type async struct{ channels, operations, messages map[string]any }

func ref(to string) map[string]any { return map[string]any{"$ref": to} }

func (d async) add(c Channel) {
	about := map[string]any{"address": c.Address, "description": c.About, "servers": []any{ref("#/servers/" + c.Server)},
		"messages": d.all(c.Name, slices.Concat(c.Receives, c.Sends))}
	given := map[string]any{}
	for _, m := range placeholder.FindAllStringSubmatch(c.Address, -1) {
		given[m[1]] = map[string]any{"description": parameters[m[1]]}
	}
	if len(given) > 0 {
		about["parameters"] = given
	}
	d.channels[c.Name] = about
	if len(c.Receives) > 0 {
		o := map[string]any{"action": "receive", "channel": ref("#/channels/" + c.Name), "messages": refs(c.Name, c.Receives)}
		if c.Answers != nil {
			answers := c.Name + "Answers"
			d.channels[answers] = map[string]any{"address": nil, "messages": d.all(answers, c.Answers), "servers": []any{ref("#/servers/" + c.Server)}}
			o["reply"] = map[string]any{"channel": ref("#/channels/" + answers), "messages": refs(answers, c.Answers),
				"address": map[string]any{"description": "The reply subject of the request.", "location": "$message.header#/reply"}}
		}
		d.operations[c.Name+"Receives"] = o
	}
	if len(c.Sends) > 0 {
		d.operations[c.Name+"Sends"] = map[string]any{"action": "send", "channel": ref("#/channels/" + c.Name), "messages": refs(c.Name, c.Sends)}
	}
}

// all keeps the messages of a channel and refers to them.
func (d async) all(channel string, messages []Message) map[string]any {
	all := map[string]any{}
	for _, m := range messages {
		about := map[string]any{"name": m.Name, "summary": m.About, "payload": m.Payload}
		if m.Headers != nil {
			about["headers"] = m.Headers
		}
		d.messages[channel+"-"+m.Name] = about
		all[m.Name] = ref("#/components/messages/" + channel + "-" + m.Name)
	}
	return all
}

func refs(channel string, messages []Message) (all []any) {
	for _, m := range messages {
		all = append(all, ref("#/channels/"+channel+"/messages/"+m.Name))
	}
	return all
}
