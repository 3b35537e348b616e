// Package evaluate measures how well texts are understood, on files of labelled texts.
package evaluate

import (
	"bufio"
	"context"
	"encoding/json"
	"fmt"
	"io"
	"maps"
	"math/rand/v2"
	"slices"
	"time"

	"github.com/floorwalker/floorwalker/models"
	"github.com/floorwalker/floorwalker/nlu/intent"
)

// OutOfScope is the intent of rows that belong to none.
const OutOfScope = "oos"

// Row is one labelled text.
type Row struct {
	Text   string `json:"text"`
	Intent string `json:"intent"`
	Lang   string `json:"lang,omitempty"`
}

// Rows reads JSON lines. A line that isn't a row is an error that names it.
func Rows(r io.Reader) ([]Row, error) {
	var out []Row
	lines := bufio.NewScanner(r)
	lines.Buffer(nil, 1<<20)
	for n := 1; lines.Scan(); n++ {
		if len(lines.Bytes()) == 0 {
			continue
		}
		var row Row
		if err := json.Unmarshal(lines.Bytes(), &row); err != nil {
			return nil, fmt.Errorf("line %d: %w", n, err)
		}
		if row.Text == "" || row.Intent == "" {
			return nil, fmt.Errorf(`line %d: a row needs "text" and "intent"`, n)
		}
		out = append(out, row)
	}
	return out, lines.Err()
}

// Options say how intents are evaluated.
type Options struct {
	Encoder models.Encoder // nil: words alone
	Dir     string         // keeps vectors and heads; empty: times are of work done anew
	Seed    uint64         // orders the training rows, and so their folds
}

// IntentScore is the result of "eval intents"; docs/commands say what each figure means.
type IntentScore struct {
	N              int                `json:"n"`
	Accuracy       float64            `json:"accuracy"`
	MacroF1        float64            `json:"macro_f1"`
	OOS            *OOSScore          `json:"oos,omitempty"` // nil: the test has no such rows
	TrainSeconds   float64            `json:"train_seconds"`
	EmbedSeconds   float64            `json:"embed_seconds"`
	TextsPerSecond float64            `json:"texts_per_second"`
	PerIntent      map[string]F1Score `json:"per_intent"`
}

// OOSScore is how well texts without an intent are told from those with one.
type OOSScore struct {
	AUROC           float64 `json:"auroc"`
	RecallAt95      float64 `json:"recall_at_95"`
	Recall          float64 `json:"recall"`
	InScopeAccuracy float64 `json:"in_scope_accuracy"`
}

// F1Score is of one intent, by the top answer without a threshold.
type F1Score struct {
	N         int     `json:"n"`
	Precision float64 `json:"precision"`
	Recall    float64 `json:"recall"`
	F1        float64 `json:"f1"`
}

// testBatch is how many texts are classified at once.
const testBatch = 32

// Intents learns from the training rows and measures on the test rows.
func Intents(ctx context.Context, train, test []Row, opts Options) (IntentScore, error) {
	set, strange := Set(train, opts.Seed)
	c, report, err := intent.New(ctx, set, intent.Options{Encoder: opts.Encoder, Dir: opts.Dir, Strange: strange})
	if err != nil {
		return IntentScore{}, err
	}
	start := time.Now()
	var results []intent.Result
	for i := 0; i < len(test); i += testBatch {
		var texts []string
		for _, r := range test[i:min(len(test), i+testBatch)] {
			texts = append(texts, r.Text)
		}
		got, err := c.Classify(ctx, texts)
		if err != nil {
			return IntentScore{}, err
		}
		results = append(results, got...)
	}
	s := score(test, results)
	s.TextsPerSecond = float64(len(test)) / max(time.Since(start).Seconds(), 1e-9)
	s.TrainSeconds, s.EmbedSeconds = report.TrainSeconds, report.EmbedSeconds
	return s, nil
}

// Set makes intents of rows, each one's examples in an order that the seed decides; rows
// without an intent come apart.
func Set(rows []Row, seed uint64) (set intent.Set, strange []string) {
	rows = slices.Clone(rows)
	rng := rand.New(rand.NewPCG(seed, 0))
	rng.Shuffle(len(rows), func(i, j int) { rows[i], rows[j] = rows[j], rows[i] })
	examples := map[string]map[string][]string{}
	for _, r := range rows {
		if r.Intent == OutOfScope {
			strange = append(strange, r.Text)
			continue
		}
		if examples[r.Intent] == nil {
			examples[r.Intent] = map[string][]string{}
		}
		examples[r.Intent][r.Lang] = append(examples[r.Intent][r.Lang], r.Text)
	}
	for _, name := range slices.Sorted(maps.Keys(examples)) {
		set = append(set, intent.Intent{Name: name, Examples: examples[name]})
	}
	return set, strange
}

func score(test []Row, results []intent.Result) IntentScore {
	s := IntentScore{PerIntent: map[string]F1Score{}}
	right, truth, said := map[string]int{}, map[string]int{}, map[string]int{}
	var in, out []float64
	correct, kept, rejected := 0, 0, 0
	for i, r := range test {
		far := results[i].Distance >= intent.OutOfScope
		if r.Intent == OutOfScope {
			out = append(out, results[i].Distance)
			if far {
				rejected++
			}
			continue
		}
		s.N++
		in = append(in, results[i].Distance)
		top := results[i].Ranking[0].Name
		truth[r.Intent]++
		said[top]++
		if top == r.Intent {
			right[top]++
			correct++
			if !far {
				kept++
			}
		}
	}
	s.Accuracy = ratio(correct, s.N)
	for name, n := range truth {
		f := F1Score{N: n, Precision: ratio(right[name], said[name]), Recall: ratio(right[name], n)}
		f.F1 = ratio(2*right[name], said[name]+n)
		s.PerIntent[name] = f
		s.MacroF1 += f.F1 / float64(len(truth))
	}
	if len(out) > 0 {
		s.OOS = &OOSScore{AUROC: auroc(in, out), RecallAt95: recallAt(in, out, 0.95), Recall: ratio(rejected, len(out)), InScopeAccuracy: ratio(kept, s.N)}
	}
	return s
}

func ratio(a, b int) float64 {
	if b == 0 {
		return 0
	}
	return float64(a) / float64(b)
}

// auroc is how often a text of out is farther than one of in; ties count half.
func auroc(in, out []float64) float64 {
	slices.Sort(in)
	sum := 0.0
	for _, d := range out {
		below, _ := slices.BinarySearch(in, d)
		equal := 0
		for below+equal < len(in) && in[below+equal] == d {
			equal++
		}
		sum += float64(below) + float64(equal)/2
	}
	return sum / max(float64(len(in)*len(out)), 1)
}

// recallAt is the part of out beyond the distance that keeps a part of in.
func recallAt(in, out []float64, keep float64) float64 {
	if len(in) == 0 {
		return 0
	}
	slices.Sort(in)
	edge := in[min(len(in)-1, int(float64(len(in))*keep))]
	n := 0
	for _, d := range out {
		if d > edge {
			n++
		}
	}
	return ratio(n, len(out))
}
