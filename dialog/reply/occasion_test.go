package reply_test

import (
	"strings"
	"testing"
	"testing/fstest"

	"github.com/floorwalker/floorwalker/catalog"
	"github.com/floorwalker/floorwalker/dialog/flow"
	"github.com/floorwalker/floorwalker/dialog/reply"
)

const moods = `
moods:
  upset: {intents: [complaint], en: [ridiculous], zh: [太过分]}
  hurried: {en: [asap], zh: [急]}
`

// talk is a conversation of which the bank remembers what it must.
type talk struct {
	*testing.T
	bank *reply.Bank
	said map[string][]int
}

func (t *talk) turn(c reply.Context, says ...flow.Saying) string {
	t.Helper()
	c.Locale, c.Now, c.Said = "en", now, t.said
	w, said, err := t.bank.Compose(says, c)
	if err != nil || len(w.Blocked) > 0 {
		t.Fatal(err, w.Blocked)
	}
	t.said = said
	return w.Text
}

func TestWordingsForAnOccasionGoFirst(t *testing.T) {
	b := load(t, words+moods+`
x:
  en: [plain, plainer]
  zh: 好
  first: {en: welcome}
  upset: {en: [sorry, so sorry]}
  hurried: {en: quick}
  joined: {en: and}
  again: {en: as said}
y: {en: other, zh: 另}
`)
	x, y := flow.Saying{Reply: "x"}, flow.Saying{Reply: "y"}
	for _, c := range []struct {
		name  string
		turns []reply.Context
		want  string
	}{
		{"a first contact", []reply.Context{{}}, "welcome"},
		{"an upset shopper", []reply.Context{{Heard: "This is RIDICULOUS!"}}, "sorry"},
		{"one who complains", []reply.Context{{Intents: []string{"complaint"}}}, "sorry"},
		{"in Chinese, too", []reply.Context{{Heard: "你们太过分了"}}, "sorry"},
		{"in a hurry", []reply.Context{{Heard: "asap, please"}}, "quick"},
		{"no word that only holds it", []reply.Context{{Heard: "wasapi"}}, "welcome"},
	} {
		talk := talk{T: t, bank: b}
		if got := talk.turn(c.turns[0], x); got != c.want {
			t.Errorf("%s: %q, want %q", c.name, got, c.want)
		}
	}
	conversation := talk{T: t, bank: b}
	var got []string
	for _, heard := range []string{"hello", "", "", "ridiculous", "", ""} {
		got = append(got, conversation.turn(reply.Context{Heard: heard}, x))
	}
	for range 4 { // the mood passes, and nothing was just said
		got = append(got, conversation.turn(reply.Context{}, y))
	}
	got = append(got, conversation.turn(reply.Context{}, y, x))
	for i := 1; i < 6; i++ {
		if got[i] == got[i-1] {
			t.Errorf("the same twice running: %q", got)
		}
	}
	if last := got[len(got)-1]; last != "other and" {
		t.Errorf("joined: %q", last)
	}
}

func TestTheSameConversationIsWordedTheSame(t *testing.T) {
	b := load(t, words+moods+"x: {en: [a, b, c], zh: 好, upset: {en: [d, e]}}")
	run := func() string {
		var all []string
		conversation := talk{T: t, bank: b}
		for _, heard := range []string{"", "ridiculous", "", "", "", "asap", ""} {
			all = append(all, conversation.turn(reply.Context{Heard: heard}, flow.Saying{Reply: "x"}))
		}
		return strings.Join(all, " ")
	}
	if one, two := run(), run(); one != two || one != "a d e d b c a" {
		t.Errorf("%q, then %q", one, two)
	}
}

func TestItIsWhatWasSpokenOf(t *testing.T) {
	b := load(t, words+`
told: {en: "{order.id} is {order.status}.", zh: 好}
also:
  en: "{order.id} comes to {order.total}."
  zh: 好
  joined: {en: "It comes to {order.total}."}
nothing: {en: Well., zh: 好}
`)
	says := func(names ...string) (all []flow.Saying) {
		for _, n := range names {
			all = append(all, flow.Saying{Reply: n, Env: env()})
		}
		return all
	}
	for names, want := range map[string]string{
		"told also": "It comes to ", "nothing also": "W1 comes to ", "also": "W1 comes to ",
	} {
		conversation := talk{T: t, bank: b}
		if got := conversation.turn(reply.Context{}, says(strings.Fields(names)...)...); !strings.Contains(got, want) {
			t.Errorf("%s: %q, want %q", names, got, want)
		}
	}
	other := says("told", "also")
	order := other[1].Env["order"].(*order)
	order.ID = "W2"
	conversation := talk{T: t, bank: b}
	if got := conversation.turn(reply.Context{}, other...); !strings.Contains(got, "W2 comes to") {
		t.Errorf("another order is called it: %q", got)
	}
}

func TestAWordingThatTellsLessIsNoted(t *testing.T) {
	files := fstest.MapFS{"replies/a.yaml": {Data: []byte(`blocked: {en: no, zh: 不}
x:
  en:
    - "{order.id} comes to {order.total}."
    - "That makes {order.total}."
    - "{order.total} for {order.id}."
  zh: ["{order.id}：{order.total}", "{order.id}{order.total, if, {：{order.total}}}"]
  upset: {en: "Sorry. {order.id} comes to {order.total}."}
  hurried: {zh: "{order.id}"}
  again: {en: "As I said."}
  joined: {en: "It comes to {order.total}."}
`)}}
	b, faults := reply.Load(fstest.MapFS{}, files, []string{"en", "zh"})
	if err := faults.Err(); err != nil {
		t.Fatal(err)
	}
	want := catalog.Faults{
		{File: "replies/a.yaml", Line: 5, Message: "this wording of x doesn't tell {order.id}, which the others do"},
		{File: "replies/a.yaml", Line: 9, Message: "this wording of x doesn't tell {order.total}, which the others do"},
	}
	if got := b.Uneven(); got.Error() != want.Error() {
		t.Errorf("%s\nwant\n%s", got.Error(), want.Error())
	}
}

func TestMoodsHaveTheirPlace(t *testing.T) {
	for yaml, want := range map[string]string{
		"moods: {sad: {en: [alas]}}":      `"sad" is no mood; there are hurried and upset`,
		"moods: {upset: {en: alas}}":      "expected a list of intents, or of phrases in a language",
		"moods: {upset: {words: [alas]}}": "expected a list of intents, or of phrases in a language",
	} {
		_, faults := reply.Load(fstest.MapFS{}, fstest.MapFS{"replies/a.yaml": {Data: []byte("blocked: {en: no}\n" + yaml)}}, []string{"en"})
		if !strings.Contains(faults.Error(), want) || !strings.Contains(faults.Error(), "replies/a.yaml:2") {
			t.Errorf("%s: %s", yaml, faults.Error())
		}
	}
}
