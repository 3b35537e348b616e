package flow_test

import (
	"math/rand/v2"
	"strings"
	"testing"
	"testing/fstest"
	"time"

	"pgregory.net/rapid"

	"github.com/floorwalker/floorwalker/catalog"
	"github.com/floorwalker/floorwalker/dialog/builtin"
	"github.com/floorwalker/floorwalker/dialog/flow"
	"github.com/floorwalker/floorwalker/nlu"
)

var words = strings.Fields(`W1 W2 W3 W9 kettle lamp blue anna@x.com bob@x.com 123456 yes no cancel order other one by mistake
	no longer needed where is 取消 订单 不再需要 拍错了 ? card carton`)

// TestAnyConversationEnds throws random turns at the built-in flows: every Step is pure (the
// talk checks it), every turn ends, and nothing is changed in the shop without a yes in that
// very turn.
func TestAnyConversationEnds(t *testing.T) {
	set := load(t, vocabulary(t), "")
	rapid.Check(t, func(t *rapid.T) {
		c := newTalk(t, set)
		c.locale = rapid.SampledFrom([]string{"en", "zh", "zh-CN", "fr", ""}).Draw(t, "locale")
		c.level = rapid.SampledFrom([]catalog.Level{catalog.Anonymous, catalog.Claimed, catalog.Verified}).Draw(t, "level")
		for range rapid.IntRange(1, 12).Draw(t, "turns") {
			before := len(done(c.world))
			c.world.down = map[string]bool{}
			if rapid.IntRange(0, 5).Draw(t, "down") == 0 {
				c.world.down[rapid.SampledFrom(skills).Draw(t, "what").Name] = true
			}
			if rapid.IntRange(0, 9).Draw(t, "changes") == 0 {
				c.world.version++
			}
			if rapid.IntRange(0, 9).Draw(t, "event") == 0 {
				c.step(flow.Input{Event: rapid.SampledFrom(append(sorted(flow.Events), "no such event")).Draw(t, "which")})
				continue
			}
			s := randomSaid(t)
			yes := s.Choice == "yes" || strings.Contains(s.Text, "yes") // of the words above, the only one
			c.say(s)
			if len(done(c.world)) > before && !yes {
				t.Fatalf("changed without a yes:\n%s", c.log.String())
			}
			if len(c.state.Stack) > 12 || len(c.state.Queue) > 8 {
				t.Fatalf("state grows: %d frames, %d queued", len(c.state.Stack), len(c.state.Queue))
			}
		}
	})
}

func done(w *world) []string {
	var out []string
	for _, id := range sorted(w.orders) {
		if w.orders[id].Status == "cancelled" {
			out = append(out, id)
		}
	}
	return out
}

func randomSaid(t *rapid.T) *flow.Said {
	n := rapid.IntRange(0, 7).Draw(t, "words")
	s := &flow.Said{}
	for i := range n {
		if i > 0 {
			s.Text += " "
		}
		w := rapid.SampledFrom(words).Draw(t, "word")
		if kind := map[byte]string{'W': "order_id", 'a': "email", '1': "number", 'k': "product", 'l': "product"}[w[0]]; kind != "" {
			s.Entities = append(s.Entities, nlu.Entity{Type: kind, Text: w, Value: w, Start: len(s.Text), End: len(s.Text) + len(w)})
		}
		s.Text += w
	}
	for range rapid.IntRange(0, 3).Draw(t, "requests") {
		i := rapid.SampledFrom(append(intents, "unknown")).Draw(t, "intent")
		start := rapid.IntRange(-1, len(s.Text)+1).Draw(t, "start")
		r := nlu.Request{Intent: i, Act: intentActs[i], P: 0.9, Start: start, End: rapid.IntRange(-1, len(s.Text)+2).Draw(t, "end"),
			Negated: rapid.IntRange(0, 4).Draw(t, "negated") == 0}
		if rapid.IntRange(0, 9).Draw(t, "close") == 0 {
			r.Close = rapid.SampledFrom(intents).Draw(t, "other")
		}
		s.Requests = append(s.Requests, r)
	}
	s.OutOfScope = rapid.IntRange(0, 9).Draw(t, "oos") == 0
	if rapid.IntRange(0, 4).Draw(t, "chooses") == 0 {
		s.Choice = rapid.SampledFrom([]string{"yes", "no", "W1", "W2", "no longer needed", "order_status", "gone"}).Draw(t, "choice")
	}
	return s
}

// TestForeignState steps from states that no Step made: of another version, or damaged.
func TestForeignState(t *testing.T) {
	set := load(t, vocabulary(t), "")
	rapid.Check(t, func(t *rapid.T) {
		name := rapid.SampledFrom(append(set.Names(), "gone")).Draw(t, "flow")
		fr := flow.Frame{Flow: name, PC: rapid.IntRange(-2, 40).Draw(t, "pc"), Yes: rapid.Int64Range(0, 1).Draw(t, "yes"),
			Looked: rapid.SliceOfN(rapid.IntRange(-1, 20), 0, 3).Draw(t, "looked"), Then: flow.Then(rapid.SampledFrom([]string{"", "ask", "stay", "resume", "x"}).Draw(t, "then"))}
		if f := set.Flow(name); f != nil && rapid.Bool().Draw(t, "current") {
			fr.Version = f.Version
		}
		if rapid.Bool().Draw(t, "waits") {
			fr.Wait = &flow.Wait{Slot: rapid.SampledFrom([]string{"confirm", "order", "reason", "x"}).Draw(t, "slot")}
		}
		if rapid.Bool().Draw(t, "loops") {
			fr.Loops = []flow.Loop{{Step: rapid.IntRange(-1, 9).Draw(t, "step"), Index: rapid.IntRange(-1, 3).Draw(t, "index")}}
		}
		st := flow.State{Stack: []flow.Frame{fr, fr}, Last: &fr, Asked: []flow.Saying{{Reply: "cancelled"}}}
		in := flow.Input{Said: randomSaid(t), Level: catalog.Verified, Locale: "en", Now: time.Unix(1, 0)}
		w := newWorld()
		for range 200 {
			_, out := set.Step(st, in)
			if out.Want == nil {
				return
			}
			in.Results = append(in.Results, w.run(*out.Want))
		}
		t.Fatal("the turn doesn't end")
	})
}

// TestBounds lets a flow run for longer than a turn may: it is given up, not waited for.
func TestBounds(t *testing.T) {
	set := load(t, vocabulary(t), `
gift:
  title: {en: a gift, zh: 礼物}
  when: [gift]
  steps:
    - each: 1..5000
      as: n
      steps: [{say: greeting}]
`)
	c := newTalk(t, set)
	c.say(understood(t, "a gift", "gift"))
	if len(c.state.Stack) != 1 || c.state.Stack[0].Flow != "talk_to_person" {
		t.Errorf("%+v", c.state.Stack)
	}
}

func FuzzLoad(f *testing.F) {
	for _, name := range []string{"orders", "people", "products", "repair", "small_talk"} {
		text, err := builtin.Files.ReadFile("flows/" + name + ".yaml")
		if err != nil {
			f.Fatal(err)
		}
		f.Add(text)
	}
	f.Add([]byte("a: {steps: [{each: '1..9', as: x, steps: [end]}]}"))
	f.Add([]byte("a: &b [*b]"))
	v := vocabulary(f)
	f.Fuzz(func(t *testing.T, text []byte) {
		set, faults := flow.Load(nil, fstest.MapFS{"flows/a.yaml": {Data: text}}, v)
		if (set == nil) != (len(faults) > 0) {
			t.Fatal("a set and faults, or neither")
		}
		if set == nil {
			return
		}
		for _, name := range set.Names() { // what loads also runs and draws
			set.Show(name)
			set.Mermaid(name)
		}
		r := rand.New(rand.NewPCG(1, 2))
		for intent := range set.IntentFlows() {
			s := &flow.Said{Offsets: []int64{1}}
			s.Text = words[r.IntN(len(words))]
			s.Requests = []nlu.Request{{Intent: intent, End: len(s.Text)}}
			w := newWorld()
			in := flow.Input{Said: s, Level: catalog.Verified, Locale: "en"}
			for n := 0; ; n++ {
				_, out := set.Step(flow.State{}, in)
				if out.Want == nil {
					break
				}
				if n > 200 {
					t.Fatal("the turn doesn't end")
				}
				if out.Want.Kind == flow.Act {
					t.Fatal("an act without a yes")
				}
				in.Results = append(in.Results, w.run(*out.Want))
			}
		}
	})
}

// BenchmarkStep is one step of a turn at the summary of a cancellation.
func BenchmarkStep(b *testing.B) {
	set := load(b, vocabulary(b), "")
	c := newTalk(b, set)
	c.identity = catalog.Identity{Customer: "c1", Level: catalog.Verified}
	c.say(understood(b, "cancel W1, no longer needed", "cancel_order; order_id W1"))
	in := flow.Input{Said: understood(b, "yes", "affirm"), Level: catalog.Verified, Identity: c.identity, Locale: "en"}
	in.Said.Offsets = []int64{5}
	for b.Loop() {
		set.Step(c.state, in)
	}
}
