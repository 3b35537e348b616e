package flow_test

import (
	"testing"

	"github.com/floorwalker/floorwalker/dialog/flow"
	"github.com/floorwalker/floorwalker/nlu"
)

// TestAnAnswerToNoQuestionIsGuessed: what reads like an answer, where nothing was asked, is
// the request that it most likely makes; a number alone gets the question what to do with it.
func TestAnAnswerToNoQuestionIsGuessed(t *testing.T) {
	set := load(t, vocabulary(t), "")
	number := nlu.Entity{Type: "order_id", Text: "W1", Value: "W1", Start: 6, End: 8}
	for _, c := range []struct {
		name     string
		ranking  []nlu.Intent
		entities []nlu.Entity
		outside  bool
		says     string
		choices  []string
	}{
		{"likely", []nlu.Intent{{Name: "inform", P: 0.6}, {Name: "order_status", P: 0.3}, {Name: "greet", P: 0.05}}, []nlu.Entity{number}, false, "ask_identity", nil},
		{"two as likely, with a number", []nlu.Intent{{Name: "order_status", P: 0.2}, {Name: "find_product", P: 0.2}, {Name: "ask_price", P: 0.2}}, []nlu.Entity{number}, false,
			"clarify", []string{"cancel_order", "order_status"}},
		{"a number alone", nil, []nlu.Entity{number}, false, "clarify", []string{"cancel_order", "order_status"}},
		{"small talk is not guessed", []nlu.Intent{{Name: "abuse", P: 0.4}}, nil, false, "out_of_scope", nil},
		{"nothing", nil, nil, false, "out_of_scope", nil},
		{"not the shop's business", []nlu.Intent{{Name: "order_status", P: 0.3}}, nil, true, "out_of_scope", nil},
	} {
		t.Run(c.name, func(t *testing.T) {
			talk := newTalk(t, set)
			said := &flow.Said{Understanding: nlu.Understanding{Text: "track W1", Ranking: c.ranking, Entities: c.entities, OutOfScope: c.outside}}
			in := flow.Input{Said: said, Locale: "en", Level: talk.level}
			said.Offsets = []int64{1}
			for {
				_, out := set.Step(flow.State{}, in)
				if out.Want != nil {
					in.Results = append(in.Results, talk.world.run(*out.Want))
					continue
				}
				if len(out.Says) != 1 || out.Says[0].Reply != c.says || len(out.Says[0].Choices) != len(c.choices) {
					t.Fatalf("said %+v, want %s %v", out.Says, c.says, c.choices)
				}
				for i, o := range out.Says[0].Choices {
					if o.Value != c.choices[i] || o.Label["zh"] == "" {
						t.Errorf("choice %+v, want %s", o, c.choices[i])
					}
				}
				return
			}
		})
	}
}
