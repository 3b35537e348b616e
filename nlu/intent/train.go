package intent

import (
	"cmp"
	"context"
	"embed"
	"errors"
	"fmt"
	"io/fs"
	"maps"
	"slices"
	"strings"
	"time"

	"github.com/floorwalker/floorwalker/models"
)

// generic are texts about anything but shops, a line each, in files named by language.
//
//go:embed negatives/*.txt
var generic embed.FS

// Options say how a classifier is made.
type Options struct {
	Encoder models.Encoder // nil: n-grams only
	Dir     string         // keeps what was learned; empty: nothing is kept
	Strange []string       // more texts that belong to no intent, beside the built-in ones

	// InScopeLoss is the part, from 0 to 1, of texts with an intent that may be taken for out of
	// scope: the more, the fewer others are taken for an intent. 0: [InScopeLoss].
	InScopeLoss float64
}

// Report is what making a classifier took.
type Report struct {
	Kept         bool    `json:"kept"` // it was learned before and read from the folder
	Examples     int     `json:"n"`
	EmbedSeconds float64 `json:"embed_seconds"`
	TrainSeconds float64 `json:"train_seconds"`
	Warning      string  `json:"warning,omitempty"` // what was left out of it, and why
}

// encodeBatch bounds the texts of one call of the encoder.
const encodeBatch = 64

// New learns the intents of a set, or reads what was learned from the same before. If the
// encoder fails, the classifier uses n-grams only and the report says so.
func New(ctx context.Context, set Set, opts Options) (*Classifier, Report, error) {
	c := &Classifier{set: set, exact: map[string]int{}, strange: map[string]bool{}, encoder: opts.Encoder}
	for i, in := range set {
		c.keyword = append(c.keyword, keywords(in))
		for _, lines := range in.Examples {
			for _, e := range lines {
				c.exact[Key(e)] = i
			}
		}
	}
	if len(set) < 2 {
		return nil, Report{}, errors.New("intent: fewer than two intents; there is nothing to tell apart")
	}
	strange, err := strangeTexts(opts.Strange)
	if err != nil {
		return nil, Report{}, err
	}
	for _, t := range strange {
		c.strange[Key(t)] = true
	}
	m := &material{set: set, strange: strange, loss: cmp.Or(opts.InScopeLoss, InScopeLoss)}
	m.collect()
	r := Report{Examples: len(m.texts)}
	disk := folder{opts.Dir}
	name := m.name(opts.Encoder)
	if c.lexical, c.full, err = disk.heads(name); err == nil && (c.full != nil) == (opts.Encoder != nil) {
		r.Kept = true
		return c, r, nil
	}
	c.full = nil
	start := time.Now()
	var dense [][]float32
	if opts.Encoder != nil {
		dense, err = disk.encode(ctx, opts.Encoder, append(slices.Clone(m.texts), strange...))
		if ctx.Err() != nil {
			return nil, r, ctx.Err()
		}
		if err != nil {
			r.Warning = fmt.Sprintf("the encoder is down, intents are told by words alone: %v", err)
		}
		r.EmbedSeconds = time.Since(start).Seconds()
	}
	start = time.Now()
	docs, strangeDocs := allFeatures(m.texts), allFeatures(strange)
	if c.lexical, err = train(ctx, docs, nil, m.y, len(set), strangeDocs, nil, m.loss); err != nil {
		return nil, r, fmt.Errorf("intent: learning from words: %w", err)
	}
	if dense != nil {
		if c.full, err = train(ctx, docs, dense[:len(docs)], m.y, len(set), strangeDocs, dense[len(docs):], m.loss); err != nil {
			return nil, r, fmt.Errorf("intent: learning from vectors: %w", err)
		}
	}
	r.TrainSeconds = time.Since(start).Seconds()
	if r.Warning == "" {
		if err := disk.saveHeads(name, c.lexical, c.full); err != nil {
			r.Warning = fmt.Sprintf("what was learned wasn't kept, the next start learns again: %v", err)
		}
	}
	return c, r, nil
}

// material is what there is to learn from.
type material struct {
	set     Set
	texts   []string // normal
	y       []int
	strange []string
	loss    float64
}

func (m *material) collect() {
	for i, in := range m.set {
		seen := map[string]bool{}
		for _, lang := range slices.Sorted(maps.Keys(in.Examples)) {
			for _, e := range in.Examples[lang] {
				if n := Normal(e); !seen[n] {
					seen[n] = true
					m.texts = append(m.texts, n)
					m.y = append(m.y, i)
				}
			}
		}
	}
}

// name is a hash of all that the heads depend on.
func (m *material) name(e models.Encoder) string {
	parts := []string{trainingVersion}
	if e != nil {
		parts = append(parts, e.Version())
	}
	if m.loss != InScopeLoss {
		parts = append(parts, fmt.Sprint(m.loss))
	}
	for _, in := range m.set {
		parts = append(parts, in.Name)
	}
	for i, t := range m.texts {
		parts = append(parts, fmt.Sprint(m.y[i], t))
	}
	return hash(append(parts, m.strange...)...)
}

func strangeTexts(more []string) ([]string, error) {
	var out []string
	err := fs.WalkDir(generic, ".", func(path string, d fs.DirEntry, err error) error {
		if err != nil || d.IsDir() {
			return err
		}
		content, err := fs.ReadFile(generic, path)
		for _, line := range strings.Split(string(content), "\n") {
			if line = Normal(line); line != "" {
				out = append(out, line)
			}
		}
		return err
	})
	for _, t := range more {
		out = append(out, Normal(t))
	}
	return out, err
}

func allFeatures(texts []string) [][]uint32 {
	out := make([][]uint32, len(texts))
	for i, t := range texts {
		out[i] = features(t)
	}
	return out
}
