package evaluate_test

import (
	"encoding/csv"
	"encoding/json"
	"errors"
	"fmt"
	"math/rand/v2"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/floorwalker/floorwalker/models/artifact"
	"github.com/floorwalker/floorwalker/models/onnx"
	"github.com/floorwalker/floorwalker/nlu/evaluate"
)

func TestRowsNameTheLineThatIsWrong(t *testing.T) {
	for _, c := range []struct{ file, want string }{
		{`{"text":"a","intent":"b"}` + "\n{", "line 2"},
		{`{"text":"a"}`, "line 1"},
	} {
		if _, err := evaluate.Rows(strings.NewReader(c.file)); err == nil || !strings.Contains(err.Error(), c.want) {
			t.Errorf("%q: %v", c.file, err)
		}
	}
}

func TestFiguresOfASmallSet(t *testing.T) {
	var train, test []evaluate.Row
	for i := range 8 {
		for name, text := range map[string]string{"cancel": "please cancel order number", "find": "do you have kettles and lamps", "bye": "goodbye and see you"} {
			train = append(train, evaluate.Row{Text: fmt.Sprint(text, " ", i), Intent: name})
		}
	}
	test = append(test,
		evaluate.Row{Text: "cancel the order", Intent: "cancel"}, evaluate.Row{Text: "do you have lamps", Intent: "find"},
		evaluate.Row{Text: "see you", Intent: "bye"}, evaluate.Row{Text: "do you have kettles", Intent: "bye"},
		evaluate.Row{Text: "zzz qqq xxx", Intent: evaluate.OutOfScope})
	s, err := evaluate.Intents(t.Context(), train, test, evaluate.Options{})
	if err != nil {
		t.Fatal(err)
	}
	if s.N != 4 || s.Accuracy != .75 || s.OOS == nil || s.OOS.Recall != 1 || s.PerIntent["find"].Precision != .5 || s.PerIntent["bye"].Recall != .5 {
		t.Errorf("got %+v %+v", s, s.OOS)
	}
}

// TestPublicSets prints the figures of public sets, ten examples an intent; it takes
// minutes, so it runs only where FLOORWALKER_EVAL is set.
func TestPublicSets(t *testing.T) {
	if os.Getenv("FLOORWALKER_EVAL") == "" {
		t.Skip("SKIPPED: takes minutes; set FLOORWALKER_EVAL=1")
	}
	data := os.Getenv("FLOORWALKER_DATA")
	if data == "" {
		data = filepath.Join("..", "..", "..", "shared", "data")
	}
	cache, err := artifact.Open("")
	if err != nil {
		t.Fatal(err)
	}
	files, err := cache.Locate()
	if errors.Is(err, artifact.ErrMissing) {
		t.Skipf("SKIPPED, the models aren't here: %v", err)
	}
	if err != nil {
		t.Fatal(err)
	}
	e, err := onnx.Open(files, onnx.Options{})
	if err != nil {
		t.Fatal(err)
	}
	defer e.Close()
	for name, read := range map[string]func(testing.TB, string) (train, test []evaluate.Row){"clinc150": clinc, "banking77": banking} {
		train, test := read(t, data)
		s, err := evaluate.Intents(t.Context(), train, test, evaluate.Options{Encoder: e})
		if err != nil {
			t.Fatal(err)
		}
		s.PerIntent = nil
		line, _ := json.Marshal(s)
		t.Logf("%s, 10 examples an intent: %s", name, line)
	}
}

func clinc(t testing.TB, data string) (train, test []evaluate.Row) {
	content, err := os.ReadFile(filepath.Join(data, "clinc150", "data_full_dev.json"))
	if err != nil {
		t.Skipf("SKIPPED, no public data: %v", err)
	}
	var parts map[string][][2]string
	if err := json.Unmarshal(content, &parts); err != nil {
		t.Fatal(err)
	}
	shuffle(parts["train"])
	count := map[string]int{}
	for _, r := range parts["train"] {
		if count[r[1]]++; count[r[1]] <= 10 {
			train = append(train, evaluate.Row{Text: r[0], Intent: r[1]})
		}
	}
	for _, part := range []string{"val", "oos_val"} {
		for _, r := range parts[part] {
			test = append(test, evaluate.Row{Text: r[0], Intent: r[1]})
		}
	}
	return train, test
}

func banking(t testing.TB, data string) (train, test []evaluate.Row) {
	f, err := os.Open(filepath.Join(data, "banking77", "train.csv"))
	if err != nil {
		t.Skipf("SKIPPED, no public data: %v", err)
	}
	defer f.Close()
	rows, err := csv.NewReader(f).ReadAll()
	if err != nil {
		t.Fatal(err)
	}
	rows = rows[1:]
	shuffle(rows)
	count := map[string]int{}
	for _, r := range rows {
		switch count[r[1]]++; {
		case count[r[1]] <= 10:
			train = append(train, evaluate.Row{Text: r[0], Intent: r[1]})
		case count[r[1]] <= 30:
			test = append(test, evaluate.Row{Text: r[0], Intent: r[1]})
		}
	}
	return train, test
}

// shuffle orders rows at random, the same each time: public files are in the order in which
// their writers thought of them.
func shuffle[T any](rows []T) {
	rand.New(rand.NewPCG(1, 2)).Shuffle(len(rows), func(i, j int) { rows[i], rows[j] = rows[j], rows[i] })
}
