package numeral_test

import (
	"strings"
	"testing"

	"github.com/floorwalker/floorwalker/nlu/fold"
	"github.com/floorwalker/floorwalker/nlu/numeral"
)

func read(text string) string {
	x := numeral.New(fold.New(text))
	var out []string
	for _, n := range x.Numbers() {
		out = append(out, numeral.String(n.Value))
	}
	for _, m := range x.Money() {
		out = append(out, m.String())
	}
	for _, v := range x.Intervals() {
		out = append(out, v.String())
	}
	for _, spans := range [][]numeral.Span{x.Percentages(), x.Ordinals()} {
		for _, s := range spans {
			out = append(out, s.Value)
		}
	}
	return strings.Join(out, " ")
}

func TestRead(t *testing.T) {
	for _, c := range []struct{ text, want string }{
		{"two and a half litres", "2.5"},
		{"half a dozen cups and three saucers", "6 3"},
		{"a hundred and twenty-one", "121"},
		{"one million two hundred thousand", "1200000"},
		{"which one is it", ""},
		{"the 500ml bottle", ""},
		{"1,299.50 or 1 299", "1299.5 1299"},
		{"item 1995-01", ""},
		{"两千五百个", "2500"},
		{"３万５", "35000"},
		{"三百五", "350"},
		{"半打杯子", "6"},
		{"一起买一下", ""},
		{"三块五", "3 5 3.50"},
		{"五块八毛", "5 8 5.80"},
		{"12 euros and 5 cents", "12 5 12.05 EUR"},
		{"¥300元", "300 300 CNY"},
		{"more than 5 but less than 8", "5 8 (5,8)"},
		{"不超过二十", "20 (,20]"},
		{"八五折", "85 85%"},
		{"百分之三十", "30 30%"},
		{"the forty-third", "43"},
		{"第十二个", "12 12"},
	} {
		if got := read(c.text); got != c.want {
			t.Errorf("%q: got %q, want %q", c.text, got, c.want)
		}
	}
}

func FuzzRead(f *testing.F) {
	for _, seed := range []string{"minus one hundred and three quarters million", "负三百 五又三分之一", "$ 1.5e-9 ^--3", "二三十万亿分之百分之", strings.Repeat("一百 and ", 500),
		strings.Repeat("1,", 2000), strings.Repeat("more than ", 500)} {
		f.Add(seed)
	}
	f.Fuzz(func(t *testing.T, text string) {
		folded := fold.New(text)
		x := numeral.New(folded)
		for _, n := range x.Numbers() {
			if n.Start < 0 || n.Start >= n.End || n.End > len(folded.String) {
				t.Fatalf("%q: %+v", text, n)
			}
		}
		for _, m := range x.Money() {
			if m.Start < 0 || m.Start >= m.End || m.End > len(folded.String) {
				t.Fatalf("%q: %+v", text, m)
			}
		}
		for _, v := range x.Intervals() {
			if v.Start < 0 || v.Start >= v.End || v.End > len(folded.String) {
				t.Fatalf("%q: %+v", text, v)
			}
		}
		x.Percentages()
		x.Ordinals()
	})
}

func BenchmarkRead(b *testing.B) {
	folded := fold.New("I bought two of them for twelve dollars and fifty cents, 打八折以后三百五十块, more than 20 kg")
	for b.Loop() {
		x := numeral.New(folded)
		x.Numbers()
		x.Money()
		x.Percentages()
	}
}
