package fold_test

import (
	"strings"
	"testing"
	"unicode/utf8"

	"github.com/floorwalker/floorwalker/nlu/fold"
)

func TestSpansAreOfTheOriginal(t *testing.T) {
	for _, c := range []struct{ text, find, want string }{
		{"订单Ｗ１０２３４到哪了", "W10234", "Ｗ１０２３４"},
		{"my or\u200bder W1", "order", "or\u200bder"},
		{"caf\u0065\u0301 cup", "café", "caf\u0065\u0301"},
		{"\u202eorder\u202c 5", "order", "order"},
		{"it’s mine", "it's", "it’s"},
		{"bad \xff\xfe W7", "W7", "W7"},
	} {
		f := fold.New(c.text)
		i := strings.Index(f.String, c.find)
		if i < 0 {
			t.Errorf("%q folds to %q, without %q", c.text, f.String, c.find)
			continue
		}
		start, end := f.Span(i, i+len(c.find))
		if got := c.text[start:end]; got != c.want {
			t.Errorf("%q in %q is %q, want %q", c.find, c.text, got, c.want)
		}
	}
}

func TestTokens(t *testing.T) {
	var got []string
	for _, tok := range fold.New("Don't 换iPhone15壳, OK?").Tokens() {
		got = append(got, tok.Text)
	}
	if want := "don't|换|iphone15|壳|ok"; strings.Join(got, "|") != want {
		t.Errorf("got %v, want %s", got, want)
	}
}

func FuzzFold(f *testing.F) {
	for _, s := range []string{"", "W10234", "a\u0301\u0301", "\xff", "İSTANBUL Ⱥ", "ﷺ", strings.Repeat("\u0301", 300)} {
		f.Add(s)
	}
	f.Fuzz(func(t *testing.T, text string) {
		got := fold.New(text)
		if len(got.Lower) != len(got.String) || !utf8.ValidString(got.String) {
			t.Fatalf("%q: %q and %q", text, got.String, got.Lower)
		}
		for _, tok := range got.Tokens() {
			start, end := got.Span(tok.Start, tok.End)
			if start < 0 || end > len(text) || start > end {
				t.Fatalf("%q: %+v spans %d to %d", text, tok, start, end)
			}
		}
	})
}

// Traditional characters compare as simplified ones; what was written stays.
func TestTraditionalIsSimplified(t *testing.T) {
	f := fold.New("訂單的電熱壺壞了，想換貨")
	if f.String != "訂單的電熱壺壞了,想換貨" || f.Lower != "订单的电热壶坏了,想换货" || len(f.String) != len(f.Lower) {
		t.Errorf("got %q and %q", f.String, f.Lower)
	}
}
