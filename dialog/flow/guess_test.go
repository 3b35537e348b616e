package flow_test

import (
	"strings"
	"testing"

	"github.com/floorwalker/floorwalker/dialog/flow"
	"github.com/floorwalker/floorwalker/nlu"
)

// TestAnAnswerToNoQuestionIsGuessed: what reads like an answer, where nothing was asked, is
// the request that it most likely makes; a number alone asks for what can be told of it.
func TestAnAnswerToNoQuestionIsGuessed(t *testing.T) {
	set := load(t, vocabulary(t), "")
	number := nlu.Entity{Type: "order_id", Text: "W1", Value: "W1", Start: 6, End: 8}
	for _, c := range []struct {
		name     string
		ranking  []nlu.Intent
		entities []nlu.Entity
		outside  bool
		who      bool // the text says who writes
		says     string
		choices  []string
	}{
		{"likely", []nlu.Intent{{Name: "inform", P: 0.6}, {Name: "order_status", P: 0.3}, {Name: "greet", P: 0.05}}, []nlu.Entity{number}, false, false, "ask_identity", nil},
		{"two as likely, with a number", []nlu.Intent{{Name: "order_status", P: 0.2}, {Name: "find_product", P: 0.2}, {Name: "ask_price", P: 0.2}}, []nlu.Entity{number}, false, false, "ask_identity", nil},
		{"a number alone asks for what changes nothing", nil, []nlu.Entity{number}, false, false, "ask_identity", nil},
		{"small talk is not guessed", []nlu.Intent{{Name: "abuse", P: 0.4}}, nil, false, false, "out_of_scope", nil},
		{"who writes, for a reason", []nlu.Intent{{Name: "identify", P: 0.7}, {Name: "order_history", P: 0.1}, {Name: "order_status", P: 0.02}}, nil, false, true, "order_history", nil},
		{"who writes, for none", []nlu.Intent{{Name: "identify", P: 0.98}, {Name: "order_history", P: 0.01}}, nil, false, true, "identified", nil},
		{"nothing", nil, nil, false, false, "out_of_scope", nil},
		{"not the shop's business", []nlu.Intent{{Name: "order_status", P: 0.3}}, nil, true, false, "out_of_scope", nil},
	} {
		t.Run(c.name, func(t *testing.T) {
			talk := newTalk(t, set)
			said := &flow.Said{Understanding: nlu.Understanding{Text: "track W1", Ranking: c.ranking, Entities: c.entities, OutOfScope: c.outside}}
			if c.who {
				said.Text = "code 123456"
				said.Requests = []nlu.Request{{Intent: "identify", P: 0.7, End: len(said.Text)}}
			}
			in := flow.Input{Said: said, Locale: "en", Level: talk.level}
			said.Offsets = []int64{1}
			for {
				_, out := set.Step(flow.State{}, in)
				if out.Want != nil {
					in.Results = append(in.Results, talk.world.run(*out.Want))
					continue
				}
				last := out.Says[len(out.Says)-1]
				if last.Reply != c.says || len(last.Choices) != len(c.choices) {
					t.Fatalf("said %+v, want %s %v", out.Says, c.says, c.choices)
				}
				for i, o := range last.Choices {
					if o.Value != c.choices[i] || o.Label["zh"] == "" {
						t.Errorf("choice %+v, want %s", o, c.choices[i])
					}
				}
				return
			}
		})
	}
}

// TestTheWordsOnAButtonAreItsChoice: typed, they do what the button does.
func TestTheWordsOnAButtonAreItsChoice(t *testing.T) {
	v := vocabulary(t)
	v.Choices = map[string][]flow.Option{"cancel_summary": {{Value: "yes", Label: map[string]string{"en": "Yes, cancel it", "zh": "确认取消"}}, {Value: "no", Label: map[string]string{"zh": "先不取消"}}}}
	v.Yes = []string{"yes, cancel it"}
	set := load(t, v, "")
	for said, want := range map[string]string{"确认取消": "act cancel_order", "先不取消": "< declined", "取消": "< not_understood", "OK cancel it": "act cancel_order"} {
		talk := newTalk(t, set)
		talk.line("! verified")
		talk.line("> cancel W1, no longer needed | cancel_order; order_id W1")
		talk.log.Reset()
		talk.line("> " + said + " |")
		if got := talk.log.String(); !strings.Contains(got, want) {
			t.Errorf("%s got\n%s\nwant %s", said, got, want)
		}
	}
}

// TestAYesTakesTheOnlyOffer: "Shall I get you a person?" "Yes", but not where there were two
// offers, or where the yes was written before the offer came.
func TestAYesTakesTheOnlyOffer(t *testing.T) {
	person := flow.Option{Value: "talk_to_person"}
	for _, c := range []struct {
		name   string
		offers []flow.Option
		text   string
		asked  int64
		says   string
	}{
		{"one", []flow.Option{person}, "yes | affirm", 2, "nobody_at_desk"},
		{"none", nil, "yes | affirm", 2, "what_next"},
		{"two", []flow.Option{person, {Value: "find_product"}}, "yes | affirm", 2, "what_next"},
		{"no", []flow.Option{person}, "no | deny", 2, "what_next"},
		{"too early", []flow.Option{person}, "yes | affirm", 9, "what_next"},
	} {
		t.Run(c.name, func(t *testing.T) {
			v := vocabulary(t)
			v.Choices = map[string][]flow.Option{"no_answer": c.offers}
			talk := newTalk(t, load(t, v, ""))
			talk.line("> do you engrave names | ask_question")
			talk.asked = c.asked
			talk.log.Reset()
			talk.line("> " + c.text)
			if got := talk.log.String(); !strings.Contains(got, "< "+c.says) {
				t.Errorf("got\n%s\nwant %s", got, c.says)
			}
		})
	}
}
