package when_test

import (
	"strings"
	"testing"
	"time"

	"github.com/floorwalker/floorwalker/nlu/fold"
	"github.com/floorwalker/floorwalker/nlu/numeral"
	"github.com/floorwalker/floorwalker/nlu/when"
)

// A Tuesday afternoon.
var now = time.Date(2026, 11, 3, 15, 30, 0, 0, time.UTC)

func read(text string, chinese bool) string {
	var out []string
	for _, s := range when.Find(numeral.New(fold.New(text)), now, chinese) {
		out = append(out, string(s.Kind)+" "+s.Value)
	}
	return strings.Join(out, ", ")
}

func TestFind(t *testing.T) {
	for _, c := range []struct{ text, want string }{
		{"what did I buy in May", "period 2026-05-01/2026-06-01|2027-05-01/2027-06-01"},
		{"the one from last week", "period 2026-10-26/2026-11-02"},
		{"it came yesterday", "date 2026-11-02"},
		{"my order of October 24th", "date 2026-10-24|2027-10-24"},
		{"ordered on 24/10/2026", "date 2026-10-24"},
		{"ordered on 10/24/2026", "date 2026-10-24"},
		{"I'll be home next Friday at half past six", "datetime 2026-11-13T06:30:00|2026-11-13T18:30:00"},
		{"call me tomorrow at 3pm", "datetime 2026-11-04T15:00:00"},
		{"two weeks ago", "date 2026-10-20"},
		{"in the last three months", "period 2026-08-03/2026-11-03"},
		{"between 3 and 12 May", "period 2026-05-03/2026-05-12|2027-05-03/2027-05-12"},
		{"orders since August", "period 2026-08-01/..|2027-08-01/.."},
		{"I waited an hour and a half", "duration PT1.5H"},
		{"it broke after 3 days", "duration P3D"},
		{"for Thanksgiving", "date 2025-11-27|2026-11-26"},
		{"the end of the month", "period 2026-11-16/2026-12-01"},
		{"may I ask, it may be late", ""},
		{"the second one", ""},
		{"1/2 a cup", ""},
		{"the 4th one", ""},
		{"FL-2019-07", ""},
		{"上周三买的", "date 2026-10-28"},
		{"十月二十四号的订单", "date 2026-10-24|2027-10-24"},
		{"上个月", "period 2026-10-01/2026-11-01"},
		{"最近三个月买了什么", "period 2026-08-03/2026-11-03"},
		{"明天下午三点半给我打电话", "datetime 2026-11-04T15:30:00"},
		{"从十月一日到七日", "period 2026-10-01/2026-10-07|2027-10-01/2027-10-07"},
		{"今年上半年", "period 2026-01-01/2026-07-01"},
		{"等了两个多星期", ""},
		{"等了半个小时", "duration PT0.5H"},
		{"五天前下的单", "date 2026-10-29"},
		{"上一单", ""},
		{"便宜一点的", ""},
		{"三点建议", "time 03:00:00|15:00:00"},
	} {
		if got := read(c.text, c.text[0] >= 0x80); got != c.want {
			t.Errorf("%q: got %q, want %q", c.text, got, c.want)
		}
	}
}

func TestWithoutATimeNothingIsTold(t *testing.T) {
	if got := when.Find(numeral.New(fold.New("tomorrow")), time.Time{}, false); len(got) > 0 {
		t.Error(got)
	}
}

func FuzzFind(f *testing.F) {
	for _, seed := range []string{"from the 3rd of may until half past the end of next week", "从二零二六年十月的最后一个星期一到前三天", "2026-02-30 25:61 13/13/13",
		strings.Repeat("the ", 300), strings.Repeat("2 days after ", 200), strings.Repeat("从一月", 200), strings.Repeat("at ", 300), strings.Repeat("1/1/1-", 200), strings.Repeat("since the end of ", 100)} {
		f.Add(seed)
	}
	f.Fuzz(func(t *testing.T, text string) {
		folded := fold.New(text)
		for _, chinese := range []bool{false, true} {
			for _, s := range when.Find(numeral.New(folded), now, chinese) {
				if s.Start < 0 || s.Start >= s.End || s.End > len(folded.String) || s.Value == "" {
					t.Fatalf("%q: %+v", text, s)
				}
			}
		}
	})
}

func BenchmarkFind(b *testing.B) {
	x := numeral.New(fold.New("what did I buy in May, between the 3rd and last Friday? 上周三的订单"))
	for b.Loop() {
		when.Find(x, now, false)
	}
}

func BenchmarkFindNothing(b *testing.B) {
	x := numeral.New(fold.New("I'd like the blue one in a larger size, please"))
	for b.Loop() {
		when.Find(x, now, false)
	}
}
