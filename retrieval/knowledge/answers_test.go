package knowledge_test

import (
	"bufio"
	"cmp"
	"encoding/json"
	"errors"
	"io/fs"
	"os"
	"path/filepath"
	"testing"

	"github.com/goccy/go-yaml"

	"github.com/floorwalker/floorwalker/models"
	"github.com/floorwalker/floorwalker/models/artifact"
	"github.com/floorwalker/floorwalker/models/onnx"
	"github.com/floorwalker/floorwalker/retrieval/knowledge"
)

// encoder opens the pulled encoder; without it the test is skipped, or fails where models are
// required.
func encoder(t testing.TB) models.Encoder {
	t.Helper()
	cache, err := artifact.Open("")
	if err != nil {
		t.Fatal(err)
	}
	files, err := cache.Locate()
	if errors.Is(err, artifact.ErrMissing) && os.Getenv("FLOORWALKER_REQUIRE_MODELS") == "" {
		t.Skipf("SKIPPED, nothing measured: the models aren't here: %v", err)
	}
	if err != nil {
		t.Fatal(err)
	}
	e, err := onnx.Open(files, onnx.Options{})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		if err := e.Close(); err != nil {
			t.Error(err)
		}
	})
	return e
}

func demo(t testing.TB, e models.Encoder) *knowledge.Knowledge {
	t.Helper()
	passages, faults := knowledge.Load(os.DirFS("../../shops/demo"), []string{"en", "zh"})
	if err := faults.Err(); err != nil {
		t.Fatal(err)
	}
	var synonyms [][]string
	raw, err := os.ReadFile("../../shops/demo/synonyms.yaml")
	if err != nil {
		t.Fatal(err)
	}
	if err := yaml.Unmarshal(raw, &synonyms); err != nil {
		t.Fatal(err)
	}
	k, err := knowledge.New(t.Context(), t.TempDir(), passages, e, synonyms)
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

// asked is a line of testdata/questions.jsonl. Rows for "fit" made the calibration, rows for
// "test" judge it. An empty passage means that the shop has no answer.
type asked struct {
	Question, Locale, Passage, Use string
}

func questions(t testing.TB) []asked {
	t.Helper()
	f, err := os.Open("testdata/questions.jsonl")
	if err != nil {
		t.Fatal(err)
	}
	defer f.Close()
	var all []asked
	for lines := bufio.NewScanner(f); lines.Scan(); {
		var a asked
		if err := json.Unmarshal(lines.Bytes(), &a); err != nil {
			t.Fatal(err)
		}
		all = append(all, a)
	}
	return all
}

// rates are shares of the questions of one kind.
type rates struct {
	n                               int
	first, third, answered, wronged float64
}

func measure(t *testing.T, k *knowledge.Knowledge, use string) map[string]rates {
	t.Helper()
	out := map[string]rates{}
	for _, a := range questions(t) {
		if a.Use != use {
			continue
		}
		found, err := k.Find(t.Context(), a.Question, a.Locale, 3)
		if err != nil {
			t.Fatalf("%q: %v", a.Question, err)
		}
		kind := a.Locale
		if a.Passage == "" {
			kind = "none " + a.Locale
		}
		r := out[kind]
		r.n++
		for i, f := range found {
			if f.ID == a.Passage {
				r.third++
				if i == 0 {
					r.first++
				}
			}
		}
		if len(found) > 0 && found[0].Answers {
			r.answered++
			if found[0].ID != a.Passage {
				r.wronged++
			}
		}
		if len(found) > 0 && (found[0].ID != a.Passage) != !found[0].Answers {
			t.Logf("%-6s %q: %s %.2f, wanted %q", use, a.Question, found[0].ID, found[0].Score, a.Passage)
		}
		out[kind] = r
	}
	for kind, r := range out {
		n := float64(r.n)
		r.first, r.third, r.answered, r.wronged = r.first/n, r.third/n, r.answered/n, r.wronged/n
		out[kind] = r
		t.Logf("%s, %s: n %d, right passage first %.2f, among three %.2f, answers %.2f, answers wrongly %.2f", use, kind, r.n, r.first, r.third, r.answered, r.wronged)
	}
	return out
}

func TestTheDemoShopAnswersByMeaning(t *testing.T) {
	k := demo(t, encoder(t))
	hold(t, measure(t, k, "test"), 0.9, 0.85, 0.1)
}

func TestTheDemoShopAnswersByWordsAlone(t *testing.T) {
	k := demo(t, nil)
	hold(t, measure(t, k, "test"), 0.55, 0.45, 0.15)
}

// hold asserts floors: of questions that have an answer, how many find it first and how many
// are answered; of those that have none, how many may be answered.
func hold(t *testing.T, got map[string]rates, first, answered, wronged float64) {
	t.Helper()
	for _, locale := range []string{"en", "zh"} {
		if r := got[locale]; r.first < first || r.answered < answered {
			t.Errorf("%s: %.2f right first (want %.2f), %.2f answered (want %.2f)", locale, r.first, first, r.answered, answered)
		}
		if r := got["none "+locale]; r.wronged > wronged {
			t.Errorf("%s: %.2f of questions without an answer are answered, want at most %.2f", locale, r.wronged, wronged)
		}
	}
}

// TestStrangersQuestions asks what people asked an assistant that wasn't made for it (CLINC150,
// out of scope): hardly any of it may be answered from the shop's knowledge.
func TestStrangersQuestions(t *testing.T) {
	path := filepath.Join(cmp.Or(os.Getenv("FLOORWALKER_DATA"), "../../../shared/data"), "clinc150", "data_full_dev.json")
	raw, err := os.ReadFile(path)
	if errors.Is(err, fs.ErrNotExist) {
		t.Skipf("SKIPPED, nothing measured: %s is missing; set FLOORWALKER_DATA to the folder of public data", path)
	}
	var sets map[string][][2]string // text, intent
	if err == nil {
		err = json.Unmarshal(raw, &sets)
	}
	if err != nil {
		t.Fatal(err)
	}
	for _, c := range []struct {
		name string
		e    models.Encoder
		most float64
	}{{"by meaning", encoder(t), 0.08}, {"by words alone", nil, 0.15}} {
		k, asked, answered := demo(t, c.e), sets["oos_val"], 0
		for _, q := range asked {
			found, err := k.Find(t.Context(), q[0], "en", 1)
			if err != nil {
				t.Fatal(err)
			}
			if len(found) > 0 && found[0].Answers {
				answered++
				t.Logf("%s, %q: %s %.2f", c.name, q[0], found[0].ID, found[0].Score)
			}
		}
		t.Logf("%s: %d of %d strangers' questions answered", c.name, answered, len(asked))
		if len(asked) == 0 || float64(answered) > c.most*float64(len(asked)) {
			t.Errorf("%s: %d of %d strangers' questions answered, want at most %.0f%%", c.name, answered, len(asked), 100*c.most)
		}
	}
}
