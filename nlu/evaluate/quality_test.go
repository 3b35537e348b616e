package evaluate_test

import (
	"encoding/csv"
	"encoding/json"
	"errors"
	"flag"
	"fmt"
	"maps"
	"math"
	"math/rand/v2"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"github.com/floorwalker/floorwalker/models/artifact"
	"github.com/floorwalker/floorwalker/models/onnx"
	"github.com/floorwalker/floorwalker/nlu/evaluate"
)

var update = flag.Bool("update", false, "write what is measured to testdata/quality.json")

// qualityFile holds each set's figures as they were last written down.
var qualityFile = filepath.Join("testdata", "quality.json")

// unsteady is how far figures go up and down by themselves: vectors differ a little with what a
// text is encoded beside, and from processor to processor.
const unsteady = 0.006

// sets are the public sets, by the name of their figures: ten examples an intent, and a test on
// rows of the training and validation parts.
var sets = map[string]func(testing.TB, string) (train, test []evaluate.Row){
	"clinc150 10-shot":            clinc,
	"banking77 10-shot":           banking,
	"banking77 10-shot, misspelt": misspelt(banking),
	"hwu64 10-shot":               hwu,
	"xsid en to zh":               xsid,
}

// TestQuality measures understanding on public sets and compares it with what is under version
// control: a drop fails, and so does a gain that isn't written down. It takes two minutes, and not with -short.
func TestQuality(t *testing.T) {
	if testing.Short() {
		t.Skip("SKIPPED: takes minutes")
	}
	data := os.Getenv("FLOORWALKER_DATA")
	if data == "" {
		data = filepath.Join("..", "..", "..", "shared", "data")
	}
	if _, err := os.Stat(data); err != nil {
		t.Skipf("SKIPPED, no public data: %v", err)
	}
	encoder := kept(t)
	dir := t.TempDir() // where the same rows are learned once
	was, now := readQuality(t), map[string]map[string]float64{}
	for _, name := range slices.Sorted(maps.Keys(sets)) {
		train, test := sets[name](t, data)
		s, err := evaluate.Intents(t.Context(), train, test, evaluate.Options{Encoder: encoder, Dir: dir})
		if err != nil {
			t.Fatal(err)
		}
		now[name] = map[string]float64{"accuracy": s.Accuracy, "macro_f1": s.MacroF1}
		if o := s.OOS; o != nil {
			now[name]["oos_auroc"], now[name]["oos_recall_at_95"] = o.AUROC, o.RecallAt95
			now[name]["oos_recall"], now[name]["in_scope_accuracy"] = o.Recall, o.InScopeAccuracy
		}
		t.Logf("%s: %v, learned in %.1f s", name, now[name], s.TrainSeconds)
	}
	if *update {
		writeQuality(t, now)
		return
	}
	for _, line := range changes(was, now) {
		t.Error(line)
	}
}

// changes says what is worse and what is better than it was, beyond what is unsteady.
func changes(was, now map[string]map[string]float64) (out []string) {
	for _, set := range slices.Sorted(maps.Keys(now)) {
		for _, figure := range slices.Sorted(maps.Keys(now[set])) {
			before, known := was[set][figure]
			switch after := now[set][figure]; {
			case !known:
				out = append(out, fmt.Sprintf("%s: %s is new, %.4f: write it down by make quality-update", set, figure, after))
			case math.IsNaN(after) || after < before-tolerance(figure):
				out = append(out, fmt.Sprintf("%s: %s fell from %.4f to %.4f", set, figure, before, after))
			case after > before+tolerance(figure):
				out = append(out, fmt.Sprintf("%s: %s rose from %.4f to %.4f: write it down by make quality-update", set, figure, before, after))
			}
		}
	}
	return out
}

// tolerance is wider for what is counted on a hundred rows.
func tolerance(figure string) float64 {
	if strings.HasPrefix(figure, "oos_recall") {
		return 5 * unsteady
	}
	return unsteady
}

func TestQualityComparison(t *testing.T) {
	was := map[string]map[string]float64{"a": {"accuracy": .9}}
	for _, c := range []struct {
		now  map[string]map[string]float64
		want string
	}{
		{map[string]map[string]float64{"a": {"accuracy": .903}}, ""},
		{map[string]map[string]float64{"a": {"accuracy": .88}}, "fell"},
		{map[string]map[string]float64{"a": {"accuracy": math.NaN()}}, "fell"},
		{map[string]map[string]float64{"a": {"accuracy": .92}}, "rose"},
		{map[string]map[string]float64{"b": {"accuracy": .9}}, "new"},
	} {
		got := strings.Join(changes(was, c.now), "\n")
		if (got == "") != (c.want == "") || !strings.Contains(got, c.want) {
			t.Errorf("%v: %q", c.now, got)
		}
	}
}

func readQuality(t *testing.T) map[string]map[string]float64 {
	t.Helper()
	content, err := os.ReadFile(qualityFile)
	if errors.Is(err, os.ErrNotExist) {
		return nil
	}
	if err != nil {
		t.Fatal(err)
	}
	var out map[string]map[string]float64
	if err := json.Unmarshal(content, &out); err != nil {
		t.Fatalf("%s: %v", qualityFile, err)
	}
	return out
}

func writeQuality(t *testing.T, figures map[string]map[string]float64) {
	t.Helper()
	for _, of := range figures {
		for name, v := range of {
			of[name] = math.Round(v*1e4) / 1e4
		}
	}
	content, err := json.MarshalIndent(figures, "", "  ")
	if err != nil {
		t.Fatal(err)
	}
	if err := os.MkdirAll(filepath.Dir(qualityFile), 0o755); err != nil {
		t.Fatal(err)
	}
	if err := os.WriteFile(qualityFile, append(content, '\n'), 0o644); err != nil {
		t.Fatal(err)
	}
}

// kept is the real encoder, whose vectors are kept in the user's cache as those of `eval intents` are.
func kept(t *testing.T) *evaluate.Keeper {
	t.Helper()
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
	t.Cleanup(func() { e.Close() })
	dir, err := artifact.Dir()
	if err != nil {
		t.Fatal(err)
	}
	k, err := evaluate.Keep(e, filepath.Join(dir, "measured"))
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { k.Close() })
	return k
}

func read(t testing.TB, parts ...string) []byte {
	t.Helper()
	content, err := os.ReadFile(filepath.Join(parts...))
	if err != nil {
		t.Fatal(err)
	}
	return content
}

// shots are the first n of each intent, and what comes behind them.
func shots(rows []evaluate.Row, n int) (first, rest []evaluate.Row) {
	count := map[string]int{}
	for _, r := range rows {
		if count[r.Intent]++; count[r.Intent] <= n {
			first = append(first, r)
		} else {
			rest = append(rest, r)
		}
	}
	return first, rest
}

func clinc(t testing.TB, data string) (train, test []evaluate.Row) {
	var parts map[string][][2]string
	if err := json.Unmarshal(read(t, data, "clinc150", "data_full_dev.json"), &parts); err != nil {
		t.Fatal(err)
	}
	shuffle(parts["train"])
	for _, r := range parts["train"] {
		train = append(train, evaluate.Row{Text: r[0], Intent: r[1]})
	}
	for _, part := range []string{"val", "oos_val"} {
		for _, r := range parts[part] {
			test = append(test, evaluate.Row{Text: r[0], Intent: r[1]})
		}
	}
	train, _ = shots(train, 10)
	return train, test
}

func banking(t testing.TB, data string) (train, test []evaluate.Row) {
	lines, err := csv.NewReader(strings.NewReader(string(read(t, data, "banking77", "train.csv")))).ReadAll()
	if err != nil {
		t.Fatal(err)
	}
	lines = lines[1:]
	shuffle(lines)
	var all []evaluate.Row
	for _, l := range lines {
		all = append(all, evaluate.Row{Text: l[0], Intent: l[1]})
	}
	train, rest := shots(all, 10)
	test, _ = shots(rest, 20)
	return train, test
}

func hwu(t testing.TB, data string) (train, test []evaluate.Row) {
	part := func(name string) (all []evaluate.Row) {
		texts := strings.Split(strings.TrimSpace(string(read(t, data, "hwu64", "HWU64", name, "seq.in"))), "\n")
		labels := strings.Split(strings.TrimSpace(string(read(t, data, "hwu64", "HWU64", name, "label"))), "\n")
		for i := range texts {
			all = append(all, evaluate.Row{Text: texts[i], Intent: labels[i]})
		}
		return all
	}
	all := part("train")
	shuffle(all)
	train, _ = shots(all, 10)
	return train, part("valid")
}

// xsid learns from the English sentences of the validation part and is tried on the Chinese ones.
func xsid(t testing.TB, data string) (train, test []evaluate.Row) {
	part := func(lang string) (all []evaluate.Row) {
		text := ""
		for line := range strings.Lines(string(read(t, data, "xsid_en_zh", lang+".valid.conll"))) {
			if of, ok := strings.CutPrefix(line, "# text = "); ok {
				text = strings.TrimSpace(of)
			}
			if name, ok := strings.CutPrefix(line, "# intent = "); ok {
				all = append(all, evaluate.Row{Text: text, Intent: strings.TrimSpace(name), Lang: lang})
			}
		}
		return all
	}
	return part("en"), part("zh")
}

// misspelt misspells words of the test rows as people do: each fourth one for which the list of
// typos has a wrong spelling.
func misspelt(of func(testing.TB, string) (train, test []evaluate.Row)) func(testing.TB, string) (train, test []evaluate.Row) {
	return func(t testing.TB, data string) (train, test []evaluate.Row) {
		wrong := map[string]string{}
		for line := range strings.Lines(string(read(t, data, "typos_en", "noisy_500a.txt"))) {
			if f := strings.Fields(line); len(f) == 3 && f[0] != f[1] {
				wrong[f[1]] = f[0]
			}
		}
		train, test = of(t, data)
		n, changed := 0, 0
		for i, r := range test {
			words := strings.Fields(r.Text)
			for j, w := range words {
				if bad, ok := wrong[strings.ToLower(w)]; ok {
					if n++; n%4 == 0 {
						words[j] = bad
						changed++
					}
				}
			}
			test[i].Text = strings.Join(words, " ")
		}
		if changed == 0 {
			t.Fatal("no word was misspelt")
		}
		t.Logf("%d words of %d rows misspelt", changed, len(test))
		return train, test
	}
}

// shuffle orders rows at random, the same each time: public files are in the order in which
// their writers thought of them.
func shuffle[T any](rows []T) {
	rand.New(rand.NewPCG(1, 2)).Shuffle(len(rows), func(i, j int) { rows[i], rows[j] = rows[j], rows[i] })
}
