package flow_test

import (
	"fmt"
	"reflect"
	"testing"

	"github.com/floorwalker/floorwalker/catalog"
	"github.com/floorwalker/floorwalker/dialog/flow"
	"github.com/floorwalker/floorwalker/nlu"
)

// TestWhatWasShownIsKnownToResolvers: the records of cards, of choices, or of what a reply is
// about, the latest first, and no more than a few.
func TestWhatWasShownIsKnownToResolvers(t *testing.T) {
	set := load(t, vocabulary(t), "")
	view := func(record string) any { return productView{Source: catalog.Source{Record: record}, Offered: true} }
	st := flow.State{}
	say := func(intent, text string, results ...flow.Result) flow.Output {
		t.Helper()
		said := &flow.Said{Understanding: nlu.Understanding{Text: text, Requests: []nlu.Request{{Intent: intent, P: 1, End: len(text)}}}, Offsets: []int64{1}}
		next, out := set.Step(st, flow.Input{Said: said, Locale: "en", Results: results})
		if out.Want == nil {
			st = next
		}
		return out
	}
	cards := countView{Count: 2, Products: []any{view("product/a"), view("variant/b"), view("product/a")}}
	found := []flow.Result{{}, {Values: []flow.Value{{V: "x"}}}, {View: cards}}
	if out := say("find_product", "lamps", found...); len(out.Says) == 0 {
		t.Fatalf("nothing is said: %+v", out)
	}
	want := [][]string{{"product/a", "variant/b"}}
	told := flow.Result{View: knowledgeView{}} // by what was told before: nothing
	if out := say("ask_price", "the second one", flow.Result{}, told); out.Want == nil || !reflect.DeepEqual(out.Want.Shown, want) {
		t.Fatalf("the resolver is told of %+v, want %v", out.Want, want)
	}
	one := productView{Source: catalog.Source{Record: "variant/b"}, Offered: true, OnePrice: true}
	say("ask_price", "the second one", flow.Result{}, told, flow.Result{Values: []flow.Value{{V: "b"}}}, flow.Result{View: one})
	want = append([][]string{{"variant/b"}}, want...)
	if !reflect.DeepEqual(st.Shown, want) {
		t.Errorf("shown are %v, want %v", st.Shown, want)
	}
	label := func(id string) flow.Value {
		return flow.Value{V: id, View: catalog.Fact{Value: id, Record: "product/" + id}}
	}
	say("check_stock", "in stock?", flow.Result{Values: []flow.Value{label("c"), label("d")}})
	want = append([][]string{{"product/c", "product/d"}}, want...)
	if !reflect.DeepEqual(st.Shown, want) {
		t.Errorf("after a choice was offered, shown are %v, want %v", st.Shown, want)
	}
	for i := range 20 {
		st.Stack = nil
		cards.Products = []any{view(fmt.Sprint("product/", i)), view("passages")}
		say("find_product", "lamps", flow.Result{}, flow.Result{Values: []flow.Value{{V: "x"}}}, flow.Result{View: cards})
	}
	if len(st.Shown) > 6 || !reflect.DeepEqual(st.Shown[0], []string{"product/19"}) {
		t.Errorf("shown are %v", st.Shown)
	}
}

// TestASearchGoesOn: what asks for nothing is offered to the resolvers of the last flow; and a
// search is recalled after other flows.
func TestASearchGoesOn(t *testing.T) {
	v := vocabulary(t)
	search := v.Skills["search_words"]
	search.Follows, search.Recall = true, []string{"query"}
	v.Skills["search_words"] = search
	set := load(t, v, "")
	st := flow.State{Last: &flow.Frame{Flow: "find_product", Slots: map[string]flow.Value{"query": {V: "knife"}}}}
	said := &flow.Said{Understanding: nlu.Understanding{Text: "not too big"}, Offsets: []int64{2}}
	_, out := set.Step(st, flow.Input{Said: said, Locale: "en"})
	if out.Want == nil || out.Want.Skill != "search_words" || !out.Want.Follow || out.Want.Args["query"] != "knife" {
		t.Fatalf("wanted is %+v", out.Want)
	}
	next, _ := set.Step(st, flow.Input{Said: said, Locale: "en", Results: []flow.Result{{Values: []flow.Value{{V: "small knife"}}}, {}, {View: countView{Count: 1}}}})
	if next.Last == nil || next.Last.Slots["query"].V != "small knife" {
		t.Errorf("the search is %+v", next.Last)
	}
	price := &flow.Said{Understanding: nlu.Understanding{Text: "price", Requests: []nlu.Request{{Intent: "ask_price", P: 1, End: 5}}}, Offsets: []int64{3}}
	next, _ = set.Step(next, flow.Input{Said: price, Locale: "en", Results: []flow.Result{{Values: []flow.Value{{V: "p"}}}, {View: productView{Offered: true, OnePrice: true}}}})
	cheaper := &flow.Said{Understanding: nlu.Understanding{Text: "cheaper", Requests: []nlu.Request{{Intent: "find_product", P: 1, End: 7}}}, Offsets: []int64{4}}
	_, out = set.Step(next, flow.Input{Said: cheaper, Locale: "en", Results: []flow.Result{{}}})
	if out.Want == nil || out.Want.Skill != "search_words" || out.Want.Args["query"] != "small knife" {
		t.Errorf("after a price, wanted is %+v", out.Want)
	}
}
