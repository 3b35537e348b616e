package intent_test

import (
	"fmt"
	"testing"

	"github.com/floorwalker/floorwalker/nlu/intent"
)

// Two intents that words tell apart at once, but for one example in the wrong place.
func TestReviewFindsWhatStandsInTheWrongPlace(t *testing.T) {
	cancel, find := intent.Intent{Name: "cancel", Examples: map[string][]string{}}, intent.Intent{Name: "find", Examples: map[string][]string{}}
	for i := range 30 {
		cancel.Examples["en"] = append(cancel.Examples["en"], fmt.Sprintf("please cancel my order number %d", i))
		find.Examples["en"] = append(find.Examples["en"], fmt.Sprintf("do you sell kettles of %d litres", i))
	}
	const wrong = "please cancel my order number 77"
	find.Examples["en"] = append(find.Examples["en"], wrong)
	find.Examples["zh"] = []string{"有水壶吗"}
	r, err := intent.Examine(t.Context(), intent.Set{cancel, find}, intent.Options{})
	if err != nil {
		t.Fatal(err)
	}
	if r.Examples != 62 || r.Accuracy < .95 || len(r.Intents) != 2 {
		t.Errorf("%d examples, accuracy %.3f, %v", r.Examples, r.Accuracy, r.Intents)
	}
	if len(r.Mislabelled) != 1 || r.Mislabelled[0].Text != wrong || r.Mislabelled[0].Likely != "cancel" {
		t.Errorf("mislabelled: %+v", r.Mislabelled)
	}
	if len(r.Confusions) == 0 || r.Confusions[0].Intent != "find" || r.Confusions[0].As != "cancel" {
		t.Errorf("confusions: %+v", r.Confusions)
	}
	for _, in := range r.Intents {
		if in.Name == "cancel" && (in.Recall != 1 || in.Precision >= 1 || in.N != 30) {
			t.Errorf("%+v", in)
		}
	}
	if len(r.Confusable) == 0 || r.Confusable[0].Intent == r.Confusable[0].As || r.Confusable[0].Similarity < .5 {
		t.Errorf("confusable: %+v", r.Confusable)
	}
	few := map[intent.Scarce]bool{{Intent: "cancel", Lang: "zh", N: 0}: true, {Intent: "find", Lang: "zh", N: 1}: true}
	for _, s := range r.TooFew {
		delete(few, s)
	}
	if len(few) != 0 || len(r.TooFew) != 2 {
		t.Errorf("too few: %+v", r.TooFew)
	}
}
