package entity_test

import (
	"testing"
	"time"

	"github.com/floorwalker/floorwalker/nlu"
	"github.com/floorwalker/floorwalker/nlu/entity"
)

// Times stand beside what shops know: ids, prices, names and counts stay what they are.
func TestExtractTimes(t *testing.T) {
	now := time.Date(2026, 11, 3, 15, 30, 0, 0, time.UTC)
	demo := entity.ShapeOf([]string{"W10234", "W10235", "W20031"})
	lex := lexicon()
	for _, c := range []struct{ text, locale, want string }{
		{"what did I buy in May", "en", "period:2026-05-01/2026-06-01|2027-05-01/2027-06-01"},
		{"W10234 from 24 October, please", "en", "order_id:W10234 | date:2026-10-24|2027-10-24"},
		{"call 541-754-3010 tomorrow at 3pm", "en", "phone:+15417543010 | datetime:2026-11-04T15:00:00"},
		{"my name is April Jones", "en", "name:April Jones"},
		{"a kettle between 20 and 50 dollars", "en", "category:Kettles | product:kettle | money_min:20 USD | money_max:50 USD"},
		{"two kettles within 3 days", "en", "number:2 | category:Kettles | product:kettle | period:2026-11-03/2026-11-06"},
		{"between 3 and 12 May", "en", "period:2026-05-03/2026-05-12|2027-05-03/2027-05-12"},
		{"20% off until Friday", "en", "percentage:20% | period:../2026-10-30|../2026-11-06"},
		{"上周三买的水壶，三百块以内", "zh", "date:2026-10-28 | product:kettle | money_max:300"},
		{"訂單W10235的兩個水壺壞了", "zh", "order_id:W10235 | number:2 | product:kettle"},
		{"打八折吗", "zh", "percentage:80%"},
	} {
		got := show(entity.Extract(c.text, lex, demo, nlu.Context{Locale: c.locale, Now: now}))
		if got != c.want {
			t.Errorf("%q:\n got %s\nwant %s", c.text, got, c.want)
		}
	}
}

func BenchmarkExtractWithTimes(b *testing.B) {
	lex, shape := lexicon(), entity.ShapeOf([]string{"W10234", "W10235"})
	now := time.Date(2026, 11, 3, 15, 30, 0, 0, time.UTC)
	for b.Loop() {
		entity.Extract("I ordered two kettles last Friday for $64.80, order W10234, and the blue one is broken", lex, shape, nlu.Context{Locale: "en", Now: now})
	}
}
