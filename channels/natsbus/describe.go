package natsbus

import (
	"strings"

	"github.com/google/jsonschema-go/jsonschema"

	"github.com/floorwalker/floorwalker/catalog/feed"
	"github.com/floorwalker/floorwalker/channels/contract"
)

// bodies are what the endpoints take and answer.
var bodies = map[string]struct {
	in, out  any
	required []string
	rules    contract.Rules
}{
	"say":        {saying{}, said{}, []string{"id"}, contract.Rules{"id": contract.ID}},
	"ask.order":  {orderQuestion{}, orderAnswer{}, []string{"order"}, nil},
	"ask.stock":  {stockQuestion{}, stockAnswer{}, nil, nil},
	"ask.search": {searchQuestion{}, searchAnswer{}, []string{"query"}, contract.Rules{"query": contract.Within(1, longestQuery)}},
	"activity":   {deed{}, feed.Done{}, []string{"product", "kind", "time"}, nil},
	"change":     {changed{}, feed.Done{}, []string{"table", "record"}, nil},
}

// deed is what feed.Put takes as activity; here for the document only.
type deed struct {
	Customer string `json:"customer"`
	Product  string `json:"product"`
	Kind     string `json:"kind"`
	Quantity any    `json:"quantity"` // a number, or one as text
	Price    any    `json:"price"`
	Time     string `json:"time"`
}

// Describe says what passes on the subjects of a shop.
func Describe(s *contract.Schemas) (all []contract.Channel) {
	for _, e := range endpoints {
		b := bodies[e.subject]
		name := camel(e.subject)
		in := s.Inline(b.in, b.rules)
		in.Required = b.required
		m := contract.Message{Name: name, About: e.about, Payload: in}
		if e.subject == "say" {
			m.Headers = &jsonschema.Schema{Type: "object", Properties: map[string]*jsonschema.Schema{
				headerWait: {Type: "string", Enum: []any{"reply"}, Description: "answer when the reply is there"}}}
		}
		c := contract.Channel{Name: name, Address: subject("{shop}", e.subject), About: e.about, Server: "nats",
			Receives: []contract.Message{m},
			Answers:  []contract.Message{{Name: name + "Answer", About: "what came of it", Payload: s.Of(contract.Capital(name)+"Answer", b.out, nil)}, {Name: "Error", About: "it was refused; with the headers Nats-Service-Error and Nats-Service-Error-Code", Payload: s.Error()}}}
		if e.subject == "change" {
			c.Sends = []contract.Message{{Name: "changed", About: "what changed here; with the header " + headerSource + ": " + source, Payload: s.Inline(changed{}, nil)}}
		}
		all = append(all, c)
	}
	return append(all, contract.Channel{Name: "conversation", Address: subject("{shop}", "conversation.{id}"), Server: "nats",
		About: "Every event of every conversation, on the JetStream stream floorwalker-<shop>; Nats-Msg-Id is <id>/<epoch>/<offset>.",
		Sends: []contract.Message{{Name: "Event", About: "an entry of the journal", Payload: s.Event()}}})
}

// camel writes a subject as one word.
func camel(subject string) string {
	head, tail, _ := strings.Cut(subject, ".")
	if tail == "" {
		return head
	}
	return head + strings.ToUpper(tail[:1]) + tail[1:]
}
