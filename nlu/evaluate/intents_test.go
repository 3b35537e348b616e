package evaluate_test

import (
	"fmt"
	"strings"
	"testing"

	"github.com/floorwalker/floorwalker/nlu/evaluate"
)

func TestRowsNameTheLineThatIsWrong(t *testing.T) {
	for _, c := range []struct{ file, want string }{
		{`{"text":"a","intent":"b"}` + "\n{", "line 2"},
		{`{"text":"a"}`, "line 1"},
	} {
		if _, err := evaluate.Rows(strings.NewReader(c.file)); err == nil || !strings.Contains(err.Error(), c.want) {
			t.Errorf("%q: %v", c.file, err)
		}
	}
}

func TestFiguresOfASmallSet(t *testing.T) {
	var train, test []evaluate.Row
	for i := range 8 {
		for name, text := range map[string]string{"cancel": "please cancel order number", "find": "do you have kettles and lamps", "bye": "goodbye and see you"} {
			train = append(train, evaluate.Row{Text: fmt.Sprint(text, " ", i), Intent: name})
		}
	}
	test = append(test,
		evaluate.Row{Text: "cancel the order", Intent: "cancel"}, evaluate.Row{Text: "do you have lamps", Intent: "find"},
		evaluate.Row{Text: "see you", Intent: "bye"}, evaluate.Row{Text: "do you have kettles", Intent: "bye"},
		evaluate.Row{Text: "zzz qqq xxx", Intent: evaluate.OutOfScope})
	s, err := evaluate.Intents(t.Context(), train, test, evaluate.Options{})
	if err != nil {
		t.Fatal(err)
	}
	if s.N != 4 || s.Accuracy != .75 || s.OOS == nil || s.OOS.Recall != 1 || s.PerIntent["find"].Precision != .5 || s.PerIntent["bye"].Recall != .5 {
		t.Errorf("got %+v %+v", s, s.OOS)
	}
}
