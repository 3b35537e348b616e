package contract

import (
	"slices"

	"github.com/google/jsonschema-go/jsonschema"

	"github.com/floorwalker/floorwalker/channels"
	"github.com/floorwalker/floorwalker/dialog/journal"
)

// kinds are the kinds of events with their bodies.
var kinds = []struct {
	kind, name string
	body       any
	rules      Rules
}{
	{journal.KindUtterance, "UtteranceEvent", journal.Utterance{}, Rules{"role": oneOf(journal.RoleShopper, journal.RoleAgent), "id": ID}},
	{journal.KindAction, "ActionEvent", journal.Action{}, Rules{"turn": ID}},
	{journal.KindReply, "ReplyEvent", journal.Reply{}, Rules{"turn": ID}},
	{journal.KindState, "StateEvent", journal.State{}, nil},
	{journal.KindFeedback, "FeedbackEvent", journal.Feedback{}, Rules{"id": ID, "turn": ID, "rating": between(1, 5)}},
	{journal.KindClosed, "ClosedEvent", journal.Closed{}, nil},
}

// eventName is what the schema of events is called.
const eventName = "Event"

// Event is the schema of events: one for each kind.
func (s *Schemas) Event() *jsonschema.Schema {
	all := &jsonschema.Schema{Description: "An entry of the conversation's journal; its fields depend on its kind."}
	for _, k := range kinds {
		head := s.Inline(channels.EventHead{}, Rules{"type": Const("event"), "kind": Const(k.kind), "epoch": ID, "offset": Place})
		all.OneOf = append(all.OneOf, s.Add(k.name, Join(head, s.Inline(k.body, k.rules))))
	}
	return s.Add(eventName, all)
}

// discriminator is how OpenAPI is told that the kind says which schema an event has.
func discriminator() map[string]any {
	mapping := map[string]string{}
	for _, k := range kinds {
		mapping[k.kind] = component + k.name
	}
	return map[string]any{"discriminator": map[string]any{"propertyName": "kind", "mapping": mapping}}
}

// Error is the schema of errors, the same everywhere.
func (s *Schemas) Error() *jsonschema.Schema {
	return s.Of("Error", channels.ErrorFrame{}, Rules{"type": Const("error"), "code": codes, "retry_after_ms": Place})
}

// codes are those of errors.
func codes(s *jsonschema.Schema) {
	for _, code := range channels.Codes() {
		s.Enum = append(s.Enum, string(code))
	}
}

func oneOf(values ...string) func(*jsonschema.Schema) {
	return func(s *jsonschema.Schema) {
		for _, v := range slices.Sorted(slices.Values(values)) {
			s.Enum = append(s.Enum, v)
		}
	}
}

func between(least, most float64) func(*jsonschema.Schema) {
	return func(s *jsonschema.Schema) { s.Minimum, s.Maximum = &least, &most }
}
