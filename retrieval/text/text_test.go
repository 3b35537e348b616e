package text_test

import (
	"slices"
	"strings"
	"testing"
	"unicode/utf8"

	"github.com/floorwalker/floorwalker/retrieval/text"
)

func TestTerms(t *testing.T) {
	for in, want := range map[string]string{
		"Running shoes":          "run shoe",
		"iPhone15":               "iphone15 iphon 15",
		"iPhone15 壳":             "iphone15 iphon 15 壳",
		"保温杯":                    "保 保温 温 温杯 杯",
		"杯，子":                    "杯 子",
		"USB数据线":                 "usb 数 数据 据 据线 线",
		"ＵＳＢ－Ｃ":                  "usbc usb c",
		"Wi-Fi":                  "wifi wi fi",
		"women's":                "women",
		"O’Neill":                "oneil",
		"3.5mm":                  "3.5mm 3.5 mm",
		"$1,299.00":              "1299.00",
		"Café Über":              "cafe uber",
		"a.b. c":                 "a b c",
		"\xffred\xfe":            "red",
		"‽ ...":                  "",
		"コーヒー":                   "コ コー ー ーヒ ヒ ヒー ー",
		"полка":                  "полка",
		strings.Repeat("a", 100): "",
	} {
		if got := strings.Join(text.Terms(in), " "); got != want {
			t.Errorf("%q\n got %q\nwant %q", in, got, want)
		}
	}
}

func TestParse(t *testing.T) {
	p := text.NewParser([][]string{{"frying pan", "skillet", "煎锅"}, {"煎"}})
	for in, want := range map[string]string{
		"do you have a red frying pan?": "red, frying pan|skillet|煎锅",
		"我想买一个红色的煎锅":                    "红色, 煎锅|frying pan|skillet",
		"有没有保温杯":                        "保温杯",
		"red red Red":                   "red",
		"iphone15壳":                     "iphone15, 壳",
	} {
		units, only := p.Parse(in)
		if only {
			t.Errorf("%q counts as filler", in)
		}
		var got []string
		for _, u := range units {
			var any []string
			for _, pieces := range u.Any {
				var words []string
				for _, piece := range pieces {
					words = append(words, max(piece.Word, strings.Join(piece.Run, "")))
				}
				any = append(any, strings.Join(words, " "))
			}
			got = append(got, strings.Join(any, "|"))
		}
		if strings.Join(got, ", ") != want {
			t.Errorf("%q\n got %q\nwant %q", in, got, want)
		}
	}
	if units, only := p.Parse("what do you have"); !only || len(units) == 0 {
		t.Errorf("only filler: %v, %v", units, only)
	}
	if same := p.Same("Skillets"); !slices.Contains(same, text.Key("煎锅")) {
		t.Errorf("the same as skillets: %v", same)
	}
}

func FuzzTerms(f *testing.F) {
	for _, s := range []string{"iPhone15 壳", "a-'s", "3.,5", "\xff", "é́", "ⅷ½", "ﷺ"} {
		f.Add(s)
	}
	p := text.NewParser([][]string{{"a", "b c"}, {"壳", "case"}})
	f.Fuzz(func(t *testing.T, s string) {
		for _, term := range text.Terms(s) {
			if term == "" || !utf8.ValidString(term) || strings.ContainsAny(term, " \n") {
				t.Errorf("%q has the term %q", s, term)
			}
		}
		units, _ := p.Parse(s)
		if (len(units) == 0) != (len(text.Atoms(s)) == 0) {
			t.Errorf("%q has units %v but atoms %v", s, units, text.Atoms(s))
		}
	})
}
