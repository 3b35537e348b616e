package story

import (
	"strings"
	"testing"
	"testing/fstest"
	"time"
)

func TestReadSaysWhatIsWrongAndWhere(t *testing.T) {
	for _, c := range []struct{ name, text, fault string }{
		{"no story", "prose\n", "tests/a.txtar: no story"},
		{"a want before anything is said", "-- a --\nsays hello\n", `tests/a.txtar:2: "says" before anything is said`},
		{"a word that isn't one", "-- a --\n> hi\nshouts hello\n", `tests/a.txtar:3: unknown word "shouts"`},
		{"too few words", "prose\n-- a --\n> hi\naction cancel_order\n", "tests/a.txtar:4: action needs 2 words"},
		{"no time", "-- a --\nat noon\n> hi\n", `tests/a.txtar:2: at "noon"`},
		{"a change without a value", "-- a --\n> hi\nmeanwhile order/W1 status\n", `tests/a.txtar:3: meanwhile`},
		{"a want after a change", "-- a --\n> hi\nmeanwhile order/W1 status=x\nsays hello\n", `tests/a.txtar:4: "says" after meanwhile`},
	} {
		t.Run(c.name, func(t *testing.T) {
			_, faults := Read(fstest.MapFS{"tests/a.txtar": {Data: []byte(c.text)}}, "tests")
			if len(faults) != 1 || !strings.Contains(faults[0].String(), c.fault) {
				t.Errorf("got %v, want %s", faults, c.fault)
			}
		})
	}
}

func TestRead(t *testing.T) {
	stories, faults := Read(fstest.MapFS{"tests/a.txtar": {Data: []byte(`Prose.

-- one --
locale zh
at 2026-11-03 10:00
customer C1
desk staffed
mail down
> 你好
& 在吗
says 您好
meanwhile order/W1 status=on its way
meanwhile desk empty
expects contact
pick yes
expects nothing

-- two --
> {code}
`)}}, "tests")
	if err := faults.Err(); err != nil || len(stories) != 2 {
		t.Fatal(stories, err)
	}
	s := stories[0]
	if s.Name != "one" || s.Locale != "zh" || s.Customer != "C1" || !s.Staffed || !s.MailDown || len(s.Steps) != 4 {
		t.Errorf("got %+v", s)
	}
	if first := s.Steps[0]; first.Line != 9 || first.Say != "你好" || len(first.Burst) != 1 || len(first.Wants) != 1 || first.Wants[0].Line != 11 {
		t.Errorf("first step %+v", first)
	}
	if change := s.Steps[1]; change.Record != "order/W1" || change.Field != "status" || change.Value != "on its way" {
		t.Errorf("change %+v", change)
	}
	if empty := s.Steps[2]; !empty.Leaves || len(empty.Wants) != 1 {
		t.Errorf("the desk is left: %+v", empty)
	}
	zone := time.FixedZone("shop", -8*3600)
	if now := s.Clock(zone)(); now.Sub(time.Date(2026, 11, 3, 18, 0, 0, 0, time.UTC)).Abs() > time.Minute {
		t.Errorf("it begins at %v", now)
	}
	if stories[1].Steps[0].Line != 19 || time.Since(stories[1].Clock(zone)()).Abs() > time.Minute {
		t.Errorf("second story %+v", stories[1])
	}
}

func TestIntoFollowsPaths(t *testing.T) {
	at := map[string]any{"status": "pending", "payments": []any{map[string]any{"amount": "5.00"}}}
	for path, want := range map[string]any{"status": "pending", "payments.0.amount": "5.00", "payments.1.amount": nil, "payments.x": nil, "status.x": nil, "none": nil} {
		if got := into(at, path); got != want {
			t.Errorf("%s is %v, want %v", path, got, want)
		}
	}
}
