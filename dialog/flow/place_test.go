package flow_test

import (
	"slices"
	"strings"
	"testing"

	"github.com/floorwalker/floorwalker/dialog/flow"
)

const giftFlow = `
gift:
  title: {en: a gift, zh: 礼物}
  when: [gift]
  slots:
    order: {from: [order_id], ask: which_order}
  steps:
    - collect: order
    - if: slots.order == "W1"
      then: [{say: cancelled}, end]
    - say: goodbye
`

// TestTurnsTellTheStepsTheyPass plays a flow of one condition both ways: all of its places
// are passed in the end, each turn tells its own.
func TestTurnsTellTheStepsTheyPass(t *testing.T) {
	set := load(t, vocabulary(t), giftFlow)
	own := func(places []flow.Place) (out []string) {
		for _, p := range places {
			if p.Flow == "gift" {
				_, step, _ := strings.Cut(set.Describe(p), " ")
				out = append(out, step)
			}
		}
		return out
	}
	all := []string{"gift: ? collect order", `gift: ◇ if slots.order == "W1" → yes`, `gift: ◇ if slots.order == "W1" → no`,
		"gift: » say cancelled", "gift: ■ end", "gift: » say goodbye"}
	if got := own(set.Places()); !slices.Equal(got, all) {
		t.Errorf("places\n got %q\nwant %q", got, all)
	}
	for text, want := range map[string][]string{
		"gift for W1 | gift; order_id W1": {all[0], all[1], all[3], all[4]},
		"gift for W2 | gift; order_id W2": {all[0], all[2], all[5]},
		"gift please | gift":              {all[0]},
	} {
		said, notes, _ := strings.Cut(text, "|")
		s := understood(t, strings.TrimSpace(said), notes)
		s.Offsets = []int64{1}
		if _, out := set.Step(flow.State{}, flow.Input{Said: s, Locale: "en"}); !slices.Equal(own(out.Passed), want) {
			t.Errorf("%q passed %q, want %q", said, own(out.Passed), want)
		}
	}
	if got := set.Describe(flow.Place{Flow: "gift", At: 99}); got != "" {
		t.Errorf("a place that isn't there is %q", got)
	}
}
