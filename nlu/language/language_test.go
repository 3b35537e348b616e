package language_test

import (
	"bufio"
	"os"
	"path/filepath"
	"testing"

	"github.com/floorwalker/floorwalker/nlu/language"
)

func TestShoppers(t *testing.T) {
	for _, c := range []struct{ text, want string }{
		{"where is my order", "en"},
		{"WHERE IS MY ORDER", "en"},
		{"kettle", "en"},
		{"cancel #W2378156 please", "en"},
		{"wheres my pakage", "en"},
		{"我的订单到哪了", "zh"},
		{"订单W10234到哪了", "zh"},
		{"帮我cancel掉W10234", "zh"},
		{"灯", "zh"},
		{"我要return这个lamp", "zh"},
		{"how much 这个", "en"},
		{"ok", ""},
		{"OK!", ""},
		{"W123", ""},
		{"#W2378156", ""},
		{"👍", ""},
		{"", ""},
		{"12345", ""},
		{"jane@example.com", ""},
		{"Yusuf Rossi 19122", ""},
		{"こんにちは、注文はどこですか", ""},
		{"주문이 어디 있나요", ""},
		{"где мой заказ", ""},
		{"hola, dónde está mi pedido", ""},
		{"où est ma commande", ""},
		{"wo ist meine Bestellung", ""},
		{"\xff\xfe", ""},
	} {
		if got := language.Of(c.text); got != c.want {
			t.Errorf("Of(%q) = %q, want %q", c.text, got, c.want)
		}
	}
}

// TestPublicTexts prints the accuracy on public test texts and holds it to a floor.
func TestPublicTexts(t *testing.T) {
	data := os.Getenv("FLOORWALKER_DATA")
	if data == "" {
		data = filepath.Join("..", "..", "..", "shared", "data")
	}
	for _, c := range []struct {
		kind, lang string
		floor      float64
	}{
		{"sentences", "en", .98}, {"sentences", "zh", .99},
		{"word-pairs", "en", .97}, {"word-pairs", "zh", .99},
		{"single-words", "en", .95}, {"single-words", "zh", .99},
	} {
		f, err := os.Open(filepath.Join(data, "langid", c.kind, c.lang+".txt"))
		if err != nil {
			t.Skipf("no public data to test on (FLOORWALKER_DATA says where it is): %v", err)
		}
		defer f.Close()
		n, right := 0, 0
		for lines := bufio.NewScanner(f); lines.Scan(); n++ {
			if language.Of(lines.Text()) == c.lang {
				right++
			} else {
				t.Logf("%q is %q", lines.Text(), language.Of(lines.Text()))
			}
		}
		accuracy := float64(right) / float64(n)
		t.Logf("%s %s: %.3f of %d", c.kind, c.lang, accuracy, n)
		if accuracy < c.floor {
			t.Errorf("%s %s: accuracy %.3f is under %.2f", c.kind, c.lang, accuracy, c.floor)
		}
	}
	for _, lang := range []string{"de", "es", "fr", "ja", "ko", "ru", "th", "vi"} {
		f, err := os.Open(filepath.Join(data, "langid", "sentences", lang+".txt"))
		if err != nil {
			continue
		}
		defer f.Close()
		n, none := 0, 0
		for lines := bufio.NewScanner(f); lines.Scan(); n++ {
			if language.Of(lines.Text()) == "" {
				none++
			}
		}
		t.Logf("sentences %s: no answer for %d of %d", lang, none, n)
	}
}

func FuzzLanguage(f *testing.F) {
	f.Add("where is 订单")
	f.Add("\xff'")
	f.Fuzz(func(t *testing.T, text string) {
		if got := language.Of(text); got != "" && got != "en" && got != "zh" {
			t.Fatalf("Of(%q) = %q", text, got)
		}
	})
}
