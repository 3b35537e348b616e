package knowledge_test

import (
	"context"
	"errors"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/floorwalker/floorwalker/models"
	"github.com/floorwalker/floorwalker/retrieval"
	"github.com/floorwalker/floorwalker/retrieval/knowledge"
)

func passages(t testing.TB, files map[string]string) []retrieval.Passage {
	t.Helper()
	ps, faults := knowledge.Load(folder(files), []string{"en", "zh"})
	if err := faults.Err(); err != nil {
		t.Fatal(err)
	}
	return ps
}

func shop(t testing.TB, dir string, e models.Encoder) *knowledge.Knowledge {
	t.Helper()
	k, err := knowledge.New(t.Context(), dir, passages(t, map[string]string{
		"shipping.en.md": head + "## What does shipping cost?\nShipping is free over $50.00. Smaller orders cost $5.95.\n## Do you sell gift wrapping?\nYes, gift wrapping costs $3.\n",
		"shipping.zh.md": "---\ntitle: 配送\nlocale: zh\n---\n## 运费多少钱？\n满 50.00 美元免运费。不满的收 5.95 美元。\n",
	}), e, nil)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		if err := k.Close(); err != nil {
			t.Error(err)
		}
	})
	return k
}

func first(t *testing.T, k *knowledge.Knowledge, question, locale string) retrieval.Found {
	t.Helper()
	found, err := k.Find(t.Context(), question, locale, 0)
	if err != nil {
		t.Fatal(err)
	}
	if len(found) == 0 {
		return retrieval.Found{}
	}
	return found[0]
}

func TestTheAskersLocaleComesFirst(t *testing.T) {
	k := shop(t, t.TempDir(), nil)
	for _, c := range []struct{ question, locale, id string }{
		{"What does shipping cost?", "en", "shipping.en#what-does-shipping-cost"},
		{"运费多少钱", "zh", "shipping.zh#运费多少钱"},
		{"gift wrapping", "zh", "shipping.en#do-you-sell-gift-wrapping"},         // only English has it
		{"运费多少钱", "en", "shipping.zh#运费多少钱"},                                     // asked in the other language
		{"what does shipping cost", "fr", "shipping.en#what-does-shipping-cost"}, // no such passages
	} {
		if f := first(t, k, c.question, c.locale); f.ID != c.id || !f.Answers {
			t.Errorf("%q in %s finds %q (answers: %v, %.2f), want %q", c.question, c.locale, f.ID, f.Answers, f.Score, c.id)
		}
	}
	if f := first(t, k, "What is the capital of France?", "en"); f.Answers {
		t.Errorf("an off-topic question is answered with %q", f.Answer)
	}
}

func TestAnswersAreSentencesOfThePassage(t *testing.T) {
	text := "We sell lamps, mugs and other things for the home, and have done so since 1998 in the same street. " +
		"Our owner likes cats. Gift wrapping costs $3.50 per item, e.g. for a mug. It comes with a card. " +
		"The paper is recycled. The ribbons are made of cotton and we dye them ourselves in the back of the store every spring. " +
		"In the summer we are at the market by the river on most Sundays. Our bags are sewn from old sails, and the dog that sleeps in the window is stuffed, though children never believe it."
	k, err := knowledge.New(t.Context(), t.TempDir(), passages(t, map[string]string{"a.md": head + "## About us\n" + text + "\n"}), nil, nil)
	if err != nil {
		t.Fatal(err)
	}
	defer k.Close()
	f := first(t, k, "how much is gift wrapping per item?", "en")
	if !strings.Contains(text, f.Answer) || !strings.Contains(f.Answer, "Gift wrapping costs $3.50 per item, e.g. for a mug.") || len(f.Answer) > len(text)/2 {
		t.Errorf("the answer is %q", f.Answer)
	}
}

func answer(t *testing.T, markdown, question, locale string) retrieval.Found {
	t.Helper()
	k, err := knowledge.New(t.Context(), t.TempDir(), passages(t, map[string]string{"a.md": markdown}), nil, nil)
	if err != nil {
		t.Fatal(err)
	}
	defer k.Close()
	return first(t, k, question, locale)
}

func TestAShortPassageIsToldWhole(t *testing.T) {
	text := "We're sorry, that does happen with glass. Please tell us within 7 days and send a photo of the thing and of the box. " +
		"We then send a new one. We can't take back what was glued."
	for _, question := range []string{"can glued things go back?", "sorry, glass?", "broken"} {
		if f := answer(t, head+"## Something arrived broken\n"+text+"\n", question, "en"); f.Answer != text {
			t.Errorf("%q is answered with %q", question, f.Answer)
		}
	}
}

const long = "We make our own paper and print on it with ink of soy, which takes a good deal of time. The ribbons are of linen. "

func TestAnExcerptDoesntReadAsTheOpposite(t *testing.T) {
	text := "Yes, for $3.50 a parcel. " + long + long + "Choose it when you check out. We can't wrap lamps, rugs, chairs and tables. " + long
	f := answer(t, head+"## Do you do presents?\n"+text+"\n", "can you wrap lamps?", "en")
	if !strings.HasPrefix(f.Answer, "Yes") {
		t.Errorf("the answer is %q", f.Answer)
	}
}

func TestAnExcerptGoesOnAfterAnApology(t *testing.T) {
	text := long + "We're sorry if a vase arrived in broken pieces and shards all over the box and the wrapping and whatever else was in it. " +
		"Send a photo and you get a new one. " + long + long
	f := answer(t, head+"## How we pack\n"+text+"\n", "vase arrived in broken pieces", "en")
	if !strings.Contains(f.Answer, "Send a photo") {
		t.Errorf("the answer is %q", f.Answer)
	}
}

func TestWhoAsksForAnAddressGetsIt(t *testing.T) {
	text := "Hotels and offices are welcome, from 20 pieces of one product. " + long + long + "Write to office@shop.example with what you need. " + long
	f := answer(t, head+"## Orders for a company\n"+text+"\n", "who do hotels write to for orders of a company?", "en")
	if !strings.Contains(f.Answer, "office@shop.example") {
		t.Errorf("the answer is %q", f.Answer)
	}
}

func TestOtherWaysOfAsking(t *testing.T) {
	const text = "Smaller orders cost $5.95."
	plain, more := head+"## Shipping rates\n"+text+"\n", head+"## Shipping rates\n\nasked: what is postage? | 邮费\n\n"+text+"\n"
	if f := answer(t, plain, "what's postage?", "en"); f.Answers {
		t.Errorf("without the other way it answers with %.2f", f.Score)
	}
	if f := answer(t, more, "what's postage?", "en"); !f.Answers || f.Answer != text {
		t.Errorf("the other way finds %q (%.2f)", f.Answer, f.Score)
	}
}

// counting counts the texts that an encoder is given.
type counting struct {
	models.Encoder
	texts int
}

func (c *counting) Encode(ctx context.Context, p models.Purpose, texts []string) ([][]float32, error) {
	c.texts += len(texts)
	return c.Encoder.Encode(ctx, p, texts)
}

func TestVectorsAreKeptForTheNextStart(t *testing.T) {
	dir, e := t.TempDir(), &counting{Encoder: encoder(t)}
	if err := shop(t, dir, e).Close(); err != nil {
		t.Fatal(err)
	}
	all := e.texts
	if err := shop(t, dir, e).Close(); err != nil {
		t.Fatal(err)
	}
	if all == 0 || e.texts != all {
		t.Errorf("encoded %d texts, then %d more; want some, then none", all, e.texts-all)
	}
	files, err := filepath.Glob(filepath.Join(dir, "vectors-*.gob"))
	if err != nil || len(files) != 1 {
		t.Fatalf("kept in %v: %v", files, err)
	}
	if err := os.WriteFile(files[0], []byte("damaged"), 0o644); err != nil {
		t.Fatal(err)
	}
	shop(t, dir, e)
	if e.texts != 2*all {
		t.Errorf("after damage encoded %d texts, want all %d", e.texts-all, all)
	}
}

// failing is an encoder whose worker has gone after the passages were encoded.
type failing struct{ gone bool }

var errGone = errors.New("the worker is gone")

func (f *failing) Dim() int        { return 2 }
func (f *failing) Version() string { return "failing" }
func (f *failing) Encode(_ context.Context, _ models.Purpose, texts []string) ([][]float32, error) {
	if f.gone {
		return nil, errGone
	}
	out := make([][]float32, len(texts))
	for i := range out {
		out[i] = []float32{1, 0}
	}
	return out, nil
}

func TestWithoutTheEncoderWordsDecide(t *testing.T) {
	e := &failing{}
	k := shop(t, t.TempDir(), e)
	e.gone = true
	var reported error
	k.Report = func(err error) { reported = err }
	if f := first(t, k, "What does shipping cost?", "en"); f.ID != "shipping.en#what-does-shipping-cost" || !f.Answers {
		t.Errorf("found %q, answers %v", f.ID, f.Answers)
	}
	if !errors.Is(reported, errGone) {
		t.Errorf("reported %v, want the encoder's error", reported)
	}
}

func TestNoPassages(t *testing.T) {
	k, err := knowledge.New(t.Context(), t.TempDir(), nil, nil, nil)
	if err != nil {
		t.Fatal(err)
	}
	defer k.Close()
	if found, err := k.Find(t.Context(), "anything?", "en", 3); err != nil || len(found) != 0 {
		t.Errorf("found %v, %v", found, err)
	}
}

func TestAnEndedContextEndsTheSearch(t *testing.T) {
	k := shop(t, t.TempDir(), nil)
	ctx, cancel := context.WithCancel(t.Context())
	cancel()
	if _, err := k.Find(ctx, "shipping", "en", 3); !errors.Is(err, context.Canceled) {
		t.Errorf("got %v, want context.Canceled", err)
	}
}

func hostile() []string {
	return []string{"", "???", `+a:b -"c`, "\xff\xfe", strings.Repeat("a", 10000), strings.Repeat("运费", 5000), strings.Repeat("what does it cost ", 600), "\x00", "。"}
}

func TestHostileQuestions(t *testing.T) {
	k := shop(t, t.TempDir(), nil)
	for _, q := range hostile() {
		if _, err := k.Find(t.Context(), q, "en", 1<<30); err != nil {
			t.Errorf("%.30q: %v", q, err)
		}
	}
}

func FuzzFind(f *testing.F) {
	for _, q := range hostile() {
		f.Add(q, "en")
	}
	k := shop(f, f.TempDir(), nil)
	f.Fuzz(func(t *testing.T, q, locale string) {
		found, err := k.Find(context.Background(), q, locale, 3)
		if err != nil {
			t.Fatal(err)
		}
		for _, x := range found {
			if !strings.Contains(x.Text, x.Answer) || x.Answer == "" || x.Score < 0 || x.Score > 1 {
				t.Errorf("%q: %+v", q, x)
			}
		}
	})
}
