// Package intent tells what a text asks for. It learns from the examples in intents/*.yaml:
// a softmax regression over the encoder's vector and hashed n-grams, a second one over the
// n-grams alone for when there is no encoder, and a measure of how far a text is from all
// that the shop has intents for.
//
// What is learned, and the vectors of the examples, can be kept in a folder; both are keyed by
// what they were made from.
package intent

import (
	"cmp"
	"context"
	"slices"

	"github.com/floorwalker/floorwalker/models"
	"github.com/floorwalker/floorwalker/nlu"
	"github.com/floorwalker/floorwalker/nlu/fold"
)

// outOfScope is the intent name that stands for none of them, in evaluation files.
const outOfScope = "oos"

// exactP is the probability of an intent that has the text itself as an example.
const exactP = 0.99

// Classifier knows a shop's intents. It is immutable, and so safe for concurrent use.
type Classifier struct {
	set     Set
	exact   map[string]int  // key of an example → index in set
	strange map[string]bool // keys of texts that belong to no intent
	encoder models.Encoder  // nil: none
	full    *head           // nil without an encoder
	lexical *head
	keyword []map[string]bool // of each intent: words that many of its examples have
}

// Result is what one text was taken for.
type Result struct {
	Ranking []nlu.Intent // all intents, most likely first
	Exact   bool         // the text is an example of the first
	// Distance is how far the text is from all intents, from 0 to 1; from OutOfScope on it
	// is out of scope.
	Distance float64
}

// OutOfScope is the distance from which a text is like none of the intents. The threshold is
// set so that few texts that belong to an intent are beyond it.
const OutOfScope = 0.5

// Set are the intents that the classifier knows.
func (c *Classifier) Set() Set { return c.set }

// Exact is the intent that has the text as an example, by [Key].
func (c *Classifier) Exact(text string) (name string, ok bool) {
	i, ok := c.exact[Key(text)]
	if !ok {
		return "", false
	}
	return c.set[i].Name, true
}

// Keyword reports whether a word (in lower case; two characters in Chinese) is in many
// examples of an intent.
func (c *Classifier) Keyword(name, word string) bool {
	i, ok := slices.BinarySearchFunc(c.set, name, func(in Intent, n string) int { return cmp.Compare(in.Name, n) })
	return ok && c.keyword[i][word]
}

// Classify says what each text is taken for; it calls the encoder once. When the encoder is
// down the answer is poorer, not an error. The error is ctx's.
func (c *Classifier) Classify(ctx context.Context, texts []string) ([]Result, error) {
	out := make([]Result, len(texts))
	normals := make([]string, len(texts))
	var asked []int
	for i, t := range texts {
		normals[i] = normal(fold.New(t))
		if k, ok := c.exact[key(normals[i])]; ok {
			out[i] = c.certain(k)
		} else {
			asked = append(asked, i)
		}
	}
	if len(asked) == 0 || len(c.set) == 0 {
		return out, ctx.Err()
	}
	batch := make([]string, len(asked))
	for j, i := range asked {
		batch[j] = normals[i]
	}
	head, vectors := c.lexical, [][]float32(nil)
	if c.full != nil {
		v, err := c.encoder.Encode(ctx, models.Query, batch)
		if ctx.Err() != nil {
			return nil, ctx.Err()
		}
		if err == nil && len(v) == len(batch) {
			head, vectors = c.full, v
		}
	}
	for j, i := range asked {
		var dense []float32
		if vectors != nil {
			dense = vectors[j]
		}
		out[i] = c.result(head, dense, batch[j])
		if c.strange[key(batch[j])] {
			out[i].Distance = 1
		}
	}
	return out, ctx.Err()
}

// certain is the result for a text that is an example.
func (c *Classifier) certain(k int) Result {
	r := Result{Exact: true}
	rest := (1 - exactP) / float64(max(1, len(c.set)-1))
	r.Ranking = append(r.Ranking, nlu.Intent{Name: c.set[k].Name, P: exactP})
	for i, in := range c.set {
		if i != k {
			r.Ranking = append(r.Ranking, nlu.Intent{Name: in.Name, P: rest})
		}
	}
	return r
}

func (c *Classifier) result(h *head, dense []float32, normal string) Result {
	p, distance := h.predict(dense, features(normal))
	r := Result{Distance: distance, Ranking: make([]nlu.Intent, len(p))}
	for k := range p {
		r.Ranking[k] = nlu.Intent{Name: c.set[k].Name, P: p[k]}
	}
	slices.SortStableFunc(r.Ranking, func(a, b nlu.Intent) int { return cmp.Compare(b.P, a.P) })
	return r
}

// keywords are the words, or pairs of Chinese characters, that a tenth of an intent's examples
// have in one language.
func keywords(in Intent) map[string]bool {
	out := map[string]bool{}
	for _, lines := range in.Examples {
		count := map[string]int{}
		for _, e := range lines {
			for w := range Words(fold.New(e)) {
				count[w]++
			}
		}
		for w, n := range count {
			if n >= 2 && n*10 >= len(lines) {
				out[w] = true
			}
		}
	}
	return out
}

// Words are the words of a text, and its pairs of neighbouring Chinese characters.
func Words(t fold.Text) map[string]bool {
	out := map[string]bool{}
	tokens := t.Tokens()
	for i, tok := range tokens {
		switch {
		case !tok.Han:
			out[tok.Text] = true
		case i > 0 && tokens[i-1].Han && tokens[i-1].End == tok.Start:
			out[tokens[i-1].Text+tok.Text] = true
		}
	}
	return out
}
