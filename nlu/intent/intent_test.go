package intent_test

import (
	"bufio"
	"context"
	"encoding/json"
	"errors"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"testing/fstest"
	"time"

	"github.com/floorwalker/floorwalker/models"
	"github.com/floorwalker/floorwalker/models/artifact"
	"github.com/floorwalker/floorwalker/models/onnx"
	"github.com/floorwalker/floorwalker/nlu"
	"github.com/floorwalker/floorwalker/nlu/intent"
)

// encoder is the real one; without its files the test is skipped, aloud.
func encoder(t testing.TB) *onnx.Encoder {
	t.Helper()
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
	return e
}

func builtin(t testing.TB) intent.Set {
	t.Helper()
	set, faults := intent.Load(os.DirFS(filepath.Join("..", "..", "dialog", "builtin")), nil)
	if err := faults.Err(); err != nil {
		t.Fatal(err)
	}
	return set
}

type row struct{ Text, Intent, Lang string }

func testRows(t testing.TB) []row {
	t.Helper()
	f, err := os.Open(filepath.Join("..", "testdata", "intents.jsonl"))
	if err != nil {
		t.Fatal(err)
	}
	defer f.Close()
	var out []row
	for lines := bufio.NewScanner(f); lines.Scan(); {
		var r row
		if err := json.Unmarshal(lines.Bytes(), &r); err != nil {
			t.Fatal(err)
		}
		out = append(out, r)
	}
	return out
}

// score counts the rows whose answer is right: the intent on top, or out of scope for oos.
func score(t *testing.T, c *intent.Classifier, lang string) float64 {
	rows := slices.DeleteFunc(testRows(t), func(r row) bool { return r.Lang != lang })
	texts := make([]string, len(rows))
	for i, r := range rows {
		texts[i] = r.Text
	}
	got, err := c.Classify(t.Context(), texts)
	if err != nil {
		t.Fatal(err)
	}
	right := 0
	for i, r := range rows {
		answer := got[i].Ranking[0].Name
		if got[i].Distance >= intent.OutOfScope {
			answer = "oos"
		}
		if answer == r.Intent {
			right++
			continue
		}
		t.Logf("%q is %s, got %s: %.2f %v", r.Text, r.Intent, answer, got[i].Distance, got[i].Ranking[:3])
	}
	t.Logf("%s: %d of %d right (%.3f)", lang, right, len(rows), float64(right)/float64(len(rows)))
	return float64(right) / float64(len(rows))
}

// TestBuiltInIntents prints how many of our own utterances are understood, none of which is
// an example, and holds the score to a floor.
func TestBuiltInIntents(t *testing.T) {
	skipSlow(t)
	set := builtin(t)
	examples := map[string]bool{}
	for _, in := range set {
		for _, lines := range in.Examples {
			for _, e := range lines {
				examples[intent.Key(e)] = true
			}
		}
	}
	for _, r := range testRows(t) {
		if examples[intent.Key(r.Text)] && r.Intent != "identify" {
			t.Errorf("%q is an example of an intent: take another to test with", r.Text)
		}
	}
	c, report, err := intent.New(t.Context(), set, intent.Options{Encoder: encoder(t)})
	if err != nil {
		t.Fatal(err)
	}
	t.Logf("%+v", report)
	for _, lang := range []string{"en", "zh"} {
		if s := score(t, c, lang); s < 0.93 {
			t.Errorf("%s: %.3f is under the floor", lang, s)
		}
	}
}

func TestWithoutAnEncoder(t *testing.T) {
	skipSlow(t)
	start := time.Now()
	c, _, err := intent.New(t.Context(), builtin(t), intent.Options{})
	if err != nil {
		t.Fatal(err)
	}
	t.Logf("learned in %v", time.Since(start))
	for lang, floor := range map[string]float64{"en": 0.6, "zh": 0.6} {
		if s := score(t, c, lang); s < floor {
			t.Errorf("%s: %.3f is under the floor", lang, s)
		}
	}
}

// broken is an encoder that works while it's up.
type broken struct {
	models.Encoder
	down bool
}

func (b *broken) Encode(ctx context.Context, p models.Purpose, texts []string) ([][]float32, error) {
	if b.down {
		return nil, errors.New("out of order")
	}
	return b.Encoder.Encode(ctx, p, texts)
}

func TestSecondStartLearnsNothing(t *testing.T) {
	dir := t.TempDir()
	set := small(t)
	e := &broken{Encoder: encoder(t)}
	first, report, err := intent.New(t.Context(), set, intent.Options{Encoder: e, Dir: dir})
	if err != nil || report.Kept {
		t.Fatalf("first start: %+v, %v", report, err)
	}
	start := time.Now()
	e.down = true
	second, report, err := intent.New(t.Context(), set, intent.Options{Encoder: e, Dir: dir})
	if err != nil || !report.Kept {
		t.Fatalf("second start: %+v, %v", report, err)
	}
	t.Logf("second start in %v", time.Since(start))
	e.down = false
	texts := []string{"kindly cancel that order", "got any kettles?", "你是不是机器人啊"}
	a, err1 := first.Classify(t.Context(), texts)
	b, err2 := second.Classify(t.Context(), texts)
	if err1 != nil || err2 != nil {
		t.Fatal(err1, err2)
	}
	for i := range texts {
		if a[i].Ranking[0] != b[i].Ranking[0] || a[i].Distance != b[i].Distance {
			t.Errorf("%q: %v before, %v after", texts[i], a[i].Ranking[0], b[i].Ranking[0])
		}
	}
	e.down = true
	if c, err := second.Classify(t.Context(), texts[:1]); err != nil || c[0].Ranking[0].Name != "cancel" {
		t.Errorf("with the encoder down: %v, %v", c, err)
	}
	files, _ := filepath.Glob(filepath.Join(dir, "head-*"))
	for _, f := range files {
		if err := os.Truncate(f, 1000); err != nil {
			t.Fatal(err)
		}
	}
	e.down = false
	if _, report, err := intent.New(t.Context(), set, intent.Options{Encoder: e, Dir: dir}); err != nil || report.Kept {
		t.Errorf("a file cut short: %+v, %v", report, err)
	}
}

// A folder that can't be written costs the next start time, and this one nothing.
func TestFolderThatCannotBeWritten(t *testing.T) {
	file := filepath.Join(t.TempDir(), "file")
	if err := os.WriteFile(file, nil, 0o600); err != nil {
		t.Fatal(err)
	}
	e := &broken{Encoder: encoder(t)}
	c, report, err := intent.New(t.Context(), small(t), intent.Options{Encoder: e, Dir: filepath.Join(file, "below")})
	if err != nil || report.Kept || !strings.Contains(report.Warning, "wasn't kept") {
		t.Fatalf("%+v, %v", report, err)
	}
	e.down = true
	words, err1 := c.Classify(t.Context(), []string{"get rid of my purchase"})
	e.down = false
	dense, err2 := c.Classify(t.Context(), []string{"get rid of my purchase"})
	if err1 != nil || err2 != nil || words[0].Ranking[0] == dense[0].Ranking[0] {
		t.Errorf("the encoder isn't used: %v and %v, %v %v", words, dense, err1, err2)
	}
}

// A shop that accepts losing more of what it could help with takes more for out of scope.
func TestInScopeLossMovesTheThreshold(t *testing.T) {
	texts := []string{"who won the match yesterday", "is my lamp a machine"}
	var far [3][]intent.Result
	for i, loss := range []float64{0.001, 0, 0.4} {
		c, _, err := intent.New(t.Context(), small(t), intent.Options{InScopeLoss: loss})
		if err != nil {
			t.Fatal(err)
		}
		if far[i], err = c.Classify(t.Context(), texts); err != nil {
			t.Fatal(err)
		}
	}
	for i, text := range texts {
		if few, many := far[0][i].Distance, far[2][i].Distance; few >= many || far[1][i].Distance >= many {
			t.Errorf("%q is %.3f away with little loss, %.3f as shipped, %.3f with much", text, few, far[1][i].Distance, many)
		}
	}
}

func small(t *testing.T) intent.Set {
	t.Helper()
	set, faults := intent.Load(nil, fstest.MapFS{"intents/a.yaml": {Data: []byte(`
cancel:
  examples:
    en: [cancel my order, please cancel it, I want to cancel, stop the order, cancel order W10234, cancel the purchase]
    zh: [取消订单, 我要取消, 帮我取消]
find:
  examples:
    en: [do you have kettles, looking for a lamp, show me mugs, I want to buy a pan, got any cups]
    zh: [有水壶吗, 想买灯]
robot:
  examples:
    en: [are you a bot, are you human, is this a machine]
    zh: [你是机器人吗, 你是真人吗, 是机器人吗]
`)}})
	if err := faults.Err(); err != nil {
		t.Fatal(err)
	}
	return set
}

func TestFaultsHaveTheirLine(t *testing.T) {
	for _, c := range []struct{ file, line, message string }{
		{"a:\n  act: maybe\n  examples: {en: [one, two, three]}\n", ":2:", "act \"maybe\""},
		{"a:\n  exmples: {en: [one, two, three]}\n", ":2:", "exmples"},
		{"a:\n  examples:\n    en: [one]\n", ":1:", "1 examples"},
		{"a:\n  examples:\n    en:\n      - one\n      - two\n      - '...'\n", ":6:", "says nothing"},
		{"a: {examples: {en: [one, two, three]}}\nb: {examples: {en: [One!, x, y]}}\n", ":2: ", "one of \"a\" too"},
		{"a:\n  examples: {en: [[one], two, three]}\n", ":2:", ""},
		{"a: [\n", ":1:", ""},
		{"A b: {examples: {en: [one, two, three]}}\n", ":1:", "small letters"},
		{"oos: {examples: {en: [one, two, three]}}\n", ":1:", "another"},
	} {
		_, faults := intent.Load(nil, fstest.MapFS{"intents/x.yaml": {Data: []byte(c.file)}})
		if len(faults) == 0 {
			t.Errorf("%q: no fault", c.file)
			continue
		}
		s := faults[0].String()
		if !strings.HasPrefix(s, "intents/x.yaml"+c.line) || !strings.Contains(s, c.message) {
			t.Errorf("%q:\n%s", c.file, s)
		}
	}
}

func TestShopReplacesAnIntentAsAWhole(t *testing.T) {
	set, faults := intent.Load(
		fstest.MapFS{"intents/a.yaml": {Data: []byte("hi: {act: filler, examples: {en: [hi, hello, hey], zh: [嗨, 你好, 您好]}}\n")}},
		fstest.MapFS{"intents/b.yaml": {Data: []byte("hi: {examples: {en: [ahoy, ahoy there, oi]}}\nyes: {act: affirm, examples: {en: [yes, y, true]}}\n")}})
	if err := faults.Err(); err != nil {
		t.Fatal(err)
	}
	if len(set) != 2 || len(set[0].Examples["zh"]) != 0 || set.Act("hi") != "" || set.Act("yes") != nlu.Affirm || set[1].Examples["en"][2] != "true" {
		t.Errorf("got %+v", set)
	}
}

func FuzzLoad(f *testing.F) {
	f.Add("a: {act: filler, examples: {en: [x, y, z]}}")
	f.Add("A: {examples:{0:!00 00}}")
	f.Add("a:\n  examples: &x\n    en: [*x]\n")
	f.Fuzz(func(t *testing.T, file string) {
		intent.Load(nil, fstest.MapFS{"intents/x.yaml": {Data: []byte(file)}})
	})
}
