package evaluate_test

import (
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"github.com/floorwalker/floorwalker/nlu/evaluate"
)

// floors are what each model must reach, for each of its types: exact values in English and in Chinese.
var floors = map[string][2]float64{
	"number": {.98, .98}, "number_range": {.96, .96}, "ordinal": {.96, .96}, "percentage": {.96, .96}, "money": {.96, .96}, "phone": {.97, .97},
	"email": {.99, 0}, "date": {.87, .88}, "time": {.84, .95}, "datetime": {.92, .87}, "duration": {.87, .95}, "period": {.83, .93},
}

// TestRecognizers measures on the specifications of microsoft/Recognizers-Text. SHOW=enDateTime,zhNumber prints what is wrong.
func TestRecognizers(t *testing.T) {
	data := os.Getenv("FLOORWALKER_DATA")
	if data == "" {
		data = filepath.Join("..", "..", "..", "shared", "data")
	}
	models, err := evaluate.Recognizers(os.DirFS(filepath.Join(data, "recognizers_specs")))
	if err != nil {
		t.Skipf("no public data to test on (FLOORWALKER_DATA says where it is): %v", err)
	}
	for _, m := range models {
		score, misses := m.Score()
		for _, kind := range m.Types {
			s := score.ByType[kind]
			t.Logf("%s %s %s: n %d exact %.3f span %.3f precision %.3f F1 %.3f (skipped %d)", m.Lang, m.Name, kind, s.N, s.Exact, s.Span, s.Precision, s.F1, m.Skipped)
			floor := floors[kind][0]
			if m.Lang == "zh" {
				floor = floors[kind][1]
			}
			if s.Exact < floor || s.Precision < floor-.25 || s.Precision < floor-.05 && m.Name != "DateTime" {
				t.Errorf("%s %s: exact %.3f, precision %.3f; exact was %.2f and more", m.Lang, kind, s.Exact, s.Precision, floor)
			}
		}
		if only := os.Getenv("SHOW"); only != "" && slices.Contains(strings.Split(only, ","), m.Lang+m.Name) {
			for _, miss := range misses {
				var want, got []string
				for _, e := range miss.Case.Entities {
					if e.Type == miss.Type {
						want = append(want, e.Text+"="+e.Value)
					}
				}
				for _, e := range miss.Got {
					got = append(got, e.Text+"="+e.Value)
				}
				t.Logf("%s %q %s\n   got %s\n  want %s", miss.Type, miss.Case.Text, miss.Case.ReferenceTime, strings.Join(got, " ; "), strings.Join(want, " ; "))
			}
		}
	}
}

func TestEntityCasesOfTheDocs(t *testing.T) {
	f, err := os.Open("../../docs/examples/entities/cases.jsonl")
	if err != nil {
		t.Fatal(err)
	}
	defer f.Close()
	cases, err := evaluate.EntityCases(f)
	if err != nil {
		t.Fatal(err)
	}
	score, misses := evaluate.Entities(cases)
	for _, m := range misses {
		t.Errorf("%s in %q: wants %v, found %v", m.Type, m.Case.Text, m.Want(), m.Got)
	}
	if score.N != len(cases) || score.Exact != 1 {
		t.Errorf("%d of %d values: exact %.3f", score.N, len(cases), score.Exact)
	}
}

func TestEntityCasesNameTheLineThatIsWrong(t *testing.T) {
	for _, c := range []struct{ line, wrong string }{
		{`{"text": "two", "entities": [{"type": "numbr"}]}`, `line 2: no type "numbr"`},
		{`{"text": "two", "reference_time": "noon"}`, "line 2: reference_time"},
		{`{"text": `, "line 2: "},
	} {
		_, err := evaluate.EntityCases(strings.NewReader("\n" + c.line))
		if err == nil || !strings.HasPrefix(err.Error(), c.wrong) {
			t.Errorf("%s: got %v, want %s", c.line, err, c.wrong)
		}
	}
}

// Values are compared by what they mean, and no further.
func TestValuesMeanTheSame(t *testing.T) {
	for _, c := range []struct {
		kind, text, value string
		exact             float64
	}{
		{"number", "twelve", "12.0", 1},
		{"number", "twelve", "12.5", 0},
		{"money", "$20", "20 EUR", 0},
		{"money", "$20", "20 USD", 1},
		{"currency", "$20", "20", 1},
		{"number_range", "under 30", "(,30]", 0},
		{"phone", "my phone number is 541-754-3010", "541-754-3011", 0},
	} {
		score, _ := evaluate.Entities([]evaluate.EntityCase{{Text: c.text, Lang: "en",
			Entities: []evaluate.Entity{{Type: c.kind, Value: c.value, Start: 0, End: len(c.text)}}}})
		if score.Exact != c.exact {
			t.Errorf("%s %s in %q: exact %v", c.kind, c.value, c.text, score.Exact)
		}
	}
}
