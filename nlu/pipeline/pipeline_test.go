package pipeline_test

import (
	"context"
	"errors"
	"os"
	"path/filepath"
	"strings"
	"sync"
	"testing"
	"unicode/utf8"

	"golang.org/x/sync/errgroup"

	"github.com/floorwalker/floorwalker/catalog"
	"github.com/floorwalker/floorwalker/models/artifact"
	"github.com/floorwalker/floorwalker/models/onnx"
	"github.com/floorwalker/floorwalker/nlu"
	"github.com/floorwalker/floorwalker/nlu/entity"
	"github.com/floorwalker/floorwalker/nlu/intent"
	"github.com/floorwalker/floorwalker/nlu/pipeline"
)

// byWords is shared by the tests that need no encoder: learning takes seconds.
var byWords = sync.OnceValues(func() (*intent.Classifier, error) {
	set, _ := intent.Load(os.DirFS(filepath.Join("..", "..", "dialog", "builtin")), nil)
	c, _, err := intent.New(context.Background(), set, intent.Options{})
	return c, err
})

// open makes a pipeline on the built-in intents; with the real encoder if its files are here.
func open(t testing.TB, encoded bool) *pipeline.Pipeline {
	t.Helper()
	if !encoded {
		c, err := byWords()
		if err != nil {
			t.Fatal(err)
		}
		return assemble(t, c)
	}
	set, faults := intent.Load(os.DirFS(filepath.Join("..", "..", "dialog", "builtin")), nil)
	if err := faults.Err(); err != nil {
		t.Fatal(err)
	}
	cache, err := artifact.Open("")
	if err != nil {
		t.Fatal(err)
	}
	files, err := cache.Locate()
	if errors.Is(err, artifact.ErrMissing) && os.Getenv("FLOORWALKER_REQUIRE_MODELS") == "" {
		t.Skipf("SKIPPED, the models aren't here: %v", err)
	}
	if err != nil {
		t.Fatal(err)
	}
	e, err := onnx.Open(files, onnx.Options{})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { e.Close() })
	c, _, err := intent.New(t.Context(), set, intent.Options{Encoder: e, Dir: os.Getenv("FLOORWALKER_TEST_KEEP")})
	if err != nil {
		t.Fatal(err)
	}
	return assemble(t, c)
}

// assemble makes a pipeline for a shop of two products.
func assemble(t testing.TB, c *intent.Classifier) *pipeline.Pipeline {
	t.Helper()
	shape := entity.ShapeOf([]string{"#W2378156", "#W9502127"})
	lexicon := entity.NewLexicon([]catalog.Product{
		{ID: "kettle", Title: "Electric Kettle", Variants: []catalog.Variant{{SKU: "1", Options: map[string]string{"color": "black"}}, {SKU: "2", Options: map[string]string{"color": "white"}}},
			Translations: map[string]catalog.Translation{"zh": {Title: "电水壶"}}},
		{ID: "lamp", Title: "Desk Lamp"},
	}, nil, nil)
	p, err := pipeline.New(pipeline.Options{Intents: c, Lexicon: func() *entity.Lexicon { return lexicon }, Shape: func() entity.Shape { return shape }})
	if err != nil {
		t.Fatal(err)
	}
	return p
}

// requests writes what was understood in one line: intents in order, fillers in brackets, ! for
// negated.
func requests(u nlu.Understanding) string {
	var out []string
	for _, q := range u.Requests {
		s := q.Intent
		if q.Act == nlu.Filler {
			s = "(" + s + ")"
		}
		if q.Negated {
			s = "!" + s
		}
		out = append(out, s)
	}
	if u.OutOfScope {
		out = append(out, "oos")
	}
	return strings.Join(out, " ")
}

// real drops the fillers.
func real(s string) string {
	var out []string
	for _, w := range strings.Fields(s) {
		if !strings.HasPrefix(w, "(") {
			out = append(out, w)
		}
	}
	return strings.Join(out, " ")
}

var cases = []struct{ text, expects, want string }{
	{"Hi there! I need to cancel order #W2378156. Thanks!", "", "(greet) cancel_order (thanks)"},
	{"Hello, hope you can help. yes Thank you so much.", "affirm deny", "(greet) yes (thanks)"},
	{"Yes, please go ahead", "affirm deny", "yes"},
	{"Ok so yes that's right Thanks!", "affirm deny", "(hesitate) yes (thanks)"},
	{"Hey, yes Thank you so much.", "affirm deny", "(greet) yes (thanks)"},
	{"Hey, no longer needed Thanks!", "", "(greet) (thanks)"},
	{"Ok so no longer needed", "affirm deny", "(hesitate)"},
	{"Hi there! ordered by mistake", "", "(greet)"},
	{"It was ordered by mistake", "", ""},
	{"my email is a@b.co", "", "identify"},
	{"Hello, hope you can help. My email is yusuf.rossi@example.com Thanks!", "email name_postal_code", "(greet) identify (thanks)"},
	{"Yusuf Rossi 19122", "email name_postal_code name", ""},
	{"#W2378156", "order_id", ""},
	{"It's #W2378156", "order_id", ""},
	{"under 23 bucks", "", ""},
	{"not more than $50", "", ""},
	{"30 dollars max", "", ""},
	{"50块以内", "", ""},
	{"最多三百元", "", ""},
	{"Ok so can you cancel #W2378156? no longer needed Thank you so much.", "", "(hesitate) cancel_order (thanks)"},
	{"Please cancel my order #W2378156, it's ordered by mistake.", "", "(hesitate) cancel_order"},
	{"Hey, I want to return the desk lamp and the electric kettle from order #W2378156. Thanks!", "", "(greet) return_items (thanks)"},
	{"Hi there! I'd like to exchange the desk lamp from order #W2378156.", "", "(greet) exchange_items"},
	{"I need to change the shipping address of order #W2378156.", "", "change_address"},
	{"I want to pay for order #W2378156 with a different payment method.", "", "change_payment"},
	{"I moved. Please change the default address in my profile.", "", "(hesitate) change_default_address"},
	{"For order #W2378156, can I get the desk lamp in another option?", "", "change_items"},
	{"where is my order and also do you have any kettles?", "", "order_status find_product"},
	{"cancel #W2378156 and then tell me how much the desk lamp is", "", "cancel_order ask_price"},
	{"I don't want to cancel my order", "", "!cancel_order"},
	{"please don't cancel order #W2378156", "", "(hesitate) !cancel_order"},
	{"I don't want it anymore, cancel my order", "", "cancel_order"},
	{"I don't know where my order is", "", "order_status"},
	{"no, the other one", "affirm deny", "correction"},
	{"no", "affirm deny", "no"},
	{"no, I want to return it instead", "affirm deny", "no return_items"},
	{"yes I want to cancel it", "affirm deny", "yes cancel_order"},
	{"who won the world cup last year?", "", "oos"},
	{"fsdjkl fjsdkl", "", "oos"},
	{"are you a bot?", "", "bot_or_human"},
	{"", "", ""},
	{"👍", "affirm deny", "yes"},
	{"12", "number", ""},
	{"black", "option", ""},
	{"let me talk to a person", "affirm deny", "talk_to_person"},
	{"thanks", "", "(thanks)"},

	{"订单#W2378156到哪了", "", "order_status"},
	{"你好，帮我取消订单#W2378156，谢谢", "", "(greet) cancel_order (thanks)"},
	{"我的订单到哪了？还有，你们有水壶吗", "", "order_status find_product"},
	{"我不想取消订单", "", "!cancel_order"},
	{"别取消", "", "!cancel_order"},
	{"我不要了，取消吧", "", "cancel_order"},
	{"是的，请继续，谢谢", "affirm deny", "yes (thanks)"},
	{"好的", "affirm deny", "yes"},
	{"不对，是另一个", "affirm deny", "correction"},
	{"不需要了", "", ""},
	{"我的邮箱是a@b.co", "email", "identify"},
	{"转人工", "affirm deny", "talk_to_person"},
	{"世界杯谁赢了", "", "oos"},
	{"你好，请问电水壶多少钱", "", "(greet) ask_price"},
	{"电水壶有货吗？多少钱", "", "check_stock ask_price"},
	{"黑色的", "option", ""},
}

func TestUnderstand(t *testing.T) {
	skipSlow(t)
	p := open(t, true)
	for _, c := range cases {
		u, err := p.Understand(t.Context(), c.text, nlu.Context{Locale: "en", Expects: strings.Fields(c.expects)})
		if err != nil {
			t.Fatal(err)
		}
		if got := requests(u); got != c.want {
			t.Errorf("%q (expects %q):\n got %s\nwant %s\n%.2f %.3v", c.text, c.expects, got, c.want, u.Score, u.Ranking)
		}
	}
}

// Without an encoder fewer texts are understood, but not those that shops live on.
func TestUnderstandByWordsAlone(t *testing.T) {
	p := open(t, false)
	right := 0
	for _, c := range cases {
		u, err := p.Understand(t.Context(), c.text, nlu.Context{Locale: "en", Expects: strings.Fields(c.expects)})
		if err != nil {
			t.Fatal(err)
		}
		if real(requests(u)) == real(c.want) {
			right++
		} else {
			t.Logf("%q: got %s, want %s", c.text, requests(u), c.want)
		}
	}
	t.Logf("%d of %d right", right, len(cases))
	if right*100 < len(cases)*75 {
		t.Errorf("only %d of %d", right, len(cases))
	}
}

func TestManyAtOnce(t *testing.T) {
	p := open(t, false)
	var group errgroup.Group
	for range 8 {
		group.Go(func() error {
			for _, c := range cases {
				if _, err := p.Understand(t.Context(), c.text, nlu.Context{Locale: "zh"}); err != nil {
					return err
				}
			}
			return nil
		})
	}
	if err := group.Wait(); err != nil {
		t.Error(err)
	}
}

func TestTheErrorIsTheContexts(t *testing.T) {
	ctx, cancel := context.WithCancel(t.Context())
	cancel()
	if _, err := open(t, false).Understand(ctx, "where is it", nlu.Context{}); !errors.Is(err, context.Canceled) {
		t.Errorf("got %v", err)
	}
}

func FuzzUnderstand(f *testing.F) {
	p := open(f, false)
	for _, c := range cases {
		f.Add(c.text)
	}
	f.Add("\xff\xfe. \u202e! \u200b")
	f.Add(strings.Repeat("cancel. ", 1250))
	f.Add(strings.Repeat("取消", 5000))
	f.Fuzz(func(t *testing.T, text string) {
		u, err := p.Understand(t.Context(), text, nlu.Context{Expects: []string{"affirm", "deny", "order_id"}})
		if err != nil {
			t.Fatal(err)
		}
		for _, q := range u.Requests {
			if q.Start < 0 || q.End > len(text) || q.Start > q.End || utf8.ValidString(text) && !utf8.ValidString(text[q.Start:q.End]) {
				t.Fatalf("%q: %+v", text, q)
			}
		}
	})
}

func BenchmarkUnderstand(b *testing.B) {
	p := open(b, true)
	for b.Loop() {
		if _, err := p.Understand(b.Context(), "Hi there! I need to cancel order #W2378156. Thanks!", nlu.Context{}); err != nil {
			b.Fatal(err)
		}
	}
}
