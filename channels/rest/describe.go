package rest

import (
	"net/http"
	"slices"

	"github.com/google/jsonschema-go/jsonschema"

	"github.com/floorwalker/floorwalker/channels"
	"github.com/floorwalker/floorwalker/channels/contract"
	"github.com/floorwalker/floorwalker/dialog"
)

// proofs are what each proof is called in the document.
var proofs = map[proof][]string{mayBring: {"", "customer"}, conversation: {"conversation"}, configured: {"webhook"}}

// longestWord is that of locales and senders, in characters.
const longestWord = 128

// OpenAPI is the document of all that is served: of the very table that serves it. text is how
// many characters a text may have.
func OpenAPI(version string, text int) ([]byte, error) {
	s := contract.NewSchemas()
	types := describe(s, text)
	var all []contract.Operation
	for _, o := range operations {
		d := contract.Operation{Method: o.method, Path: o.path, Name: o.name, About: o.about, Security: proofs[o.proof],
			Status: o.status, Out: types.out(s, o)}
		if o.in != nil {
			d.In = types.in[o.name]
		}
		for _, g := range o.given {
			d.Parameters = append(d.Parameters, contract.Parameter{Name: g.name, In: g.in, About: g.about, Pattern: g.pattern, Required: g.required})
		}
		for _, code := range append(slices.Clone(o.refuses), dialog.Internal, dialog.Unavailable) { // those may always come
			d.Errors = append(d.Errors, channels.Status(code))
		}
		d.Errors = append(d.Errors, http.StatusMethodNotAllowed)
		all = append(all, d)
	}
	return contract.OpenAPI(s, version, all)
}

// described are the schemas of bodies.
type described struct{ in map[string]*jsonschema.Schema }

// describe says of what goes in what its types don't.
func describe(s *contract.Schemas, text int) described {
	said := contract.Within(0, text)
	begin := s.Inline(beginning{}, contract.Rules{"shop": contract.Each(contract.ID, example("demo")), "locale": contract.Each(contract.Within(0, longestWord), contract.Nullable)})
	say := s.Inline(message{}, contract.Rules{"id": contract.Each(contract.ID, example("m1")), "text": contract.Each(said, contract.Nullable, example("Do you have a blue flask?")), "choice": contract.Each(said, contract.Nullable)})
	say.AnyOf = []*jsonschema.Schema{has("text"), has("choice")}
	hook := s.Inline(sent{}, contract.Rules{"sender": contract.Each(word, example("u1")), "message": contract.Each(contract.Within(1, text), example("Do you have a blue flask?")),
		"id": func(p *jsonschema.Schema) {
			p.Types, p.Type, p.Pattern = []string{"string", "null"}, "", `^([A-Za-z0-9_-]{1,64})?$`
		}})
	return described{in: map[string]*jsonschema.Schema{
		"begin": s.Add("Beginning", begin), "say": s.Add("Message", say), "webhook": s.Add("Sent", hook),
	}}
}

// example is the rule that tells by an example what a text may be.
func example(text string) func(*jsonschema.Schema) {
	return func(p *jsonschema.Schema) { p.Examples = []any{text} }
}

// word is the rule of what a sender is called.
func word(p *jsonschema.Schema) {
	contract.Within(1, longestWord)(p)
	p.Pattern = `^[^\u0000-\u001f\u007f-\u009f]+$`
}

// has is that a text is there and not empty.
func has(field string) *jsonschema.Schema {
	return &jsonschema.Schema{Required: []string{field},
		Properties: map[string]*jsonschema.Schema{field: {Type: "string", MinLength: jsonschema.Ptr(1)}}}
}

// out are the schemas of what is answered.
func (described) out(s *contract.Schemas, o operation) map[string]*jsonschema.Schema {
	if _, ok := o.out.(events); ok {
		return map[string]*jsonschema.Schema{listOf: {Type: "array", Items: s.Event()}, stream: {Type: "string",
			Description: "Server-sent events. Those of the journal are messages without a name, with an id to resume after: data is an Event. " +
				"The others are named for the frame that they bring, as on the WebSocket (see /asyncapi.json): welcome, delta, typing, error. " +
				"A comment comes at least every 15 s."}}
	}
	return map[string]*jsonschema.Schema{listOf: s.Of("", o.out, nil)}
}
