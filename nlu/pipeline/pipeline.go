// Package pipeline makes an [nlu.Understanding] of a text:
//
//	fold → language → entities → clauses → intents of the whole and of each clause, in one
//	batch → requests
//
// Greetings and other fillers are peeled off a clause before it is classified, so that "Hi there!
// I need to cancel W10234. Thanks!" is one request. What is an example of an intent, or
// nothing but values, needs no encoder.
package pipeline

import (
	"context"
	"fmt"

	"github.com/floorwalker/floorwalker/nlu"
	"github.com/floorwalker/floorwalker/nlu/entity"
	"github.com/floorwalker/floorwalker/nlu/fold"
	"github.com/floorwalker/floorwalker/nlu/intent"
	"github.com/floorwalker/floorwalker/nlu/language"
)

// Options are the parts of a pipeline.
type Options struct {
	Intents *intent.Classifier
	Lexicon func() *entity.Lexicon // asked on each turn, as the catalogue changes; nil: knows no products
	Shape   func() entity.Shape    // of order ids, likewise; nil: the usual ones
}

// Pipeline is an [nlu.Understander]. It is immutable.
type Pipeline struct {
	opts  Options
	acts  map[string]nlu.Act
	peels peels

	refusals map[string]bool // intents that are refusals by nature: "don't call me after all"
}

var _ nlu.Understander = (*Pipeline)(nil)

// New makes a pipeline of its parts.
func New(opts Options) (*Pipeline, error) {
	if opts.Intents == nil {
		return nil, fmt.Errorf("pipeline: no intents; train a classifier first")
	}
	p := &Pipeline{opts: opts, acts: map[string]nlu.Act{}, refusals: map[string]bool{}}
	for _, in := range opts.Intents.Set() {
		p.acts[in.Name] = in.Act
		p.refusals[in.Name] = refuses(in)
	}
	p.peels = newPeels(opts.Intents.Set())
	return p, nil
}

// refuses reports whether a good part of an intent's examples are refusals.
func refuses(in intent.Intent) bool {
	const part = 0.25
	all, refusing := 0, 0
	for _, examples := range in.Examples {
		for _, e := range examples {
			all++
			if refusal.MatchString(fold.New(e).Lower) {
				refusing++
			}
		}
	}
	return float64(refusing) >= part*float64(all) && refusing > 0
}

// ranked is how many intents an Understanding names.
const ranked = 5

// Understand implements [nlu.Understander].
func (p *Pipeline) Understand(ctx context.Context, text string, c nlu.Context) (nlu.Understanding, error) {
	u := nlu.Understanding{Text: text, Requests: []nlu.Request{}, Entities: []nlu.Entity{}, Ranking: []nlu.Intent{}}
	folded := fold.New(text)
	u.Language = language.OfFolded(folded)
	u.Entities = entity.ExtractFolded(text, folded, p.lexicon(), p.shape(), c)
	r := &reading{pipeline: p, text: text, folded: folded, context: c, entities: u.Entities}
	r.cut()
	if err := r.classify(ctx); err != nil {
		return nlu.Understanding{}, err
	}
	u.Requests = r.requests()
	u.Ranking = r.ranking(ranked)
	u.OutOfScope, u.Score = r.scope(u.Requests)
	return u, nil
}

func (p *Pipeline) lexicon() *entity.Lexicon {
	if p.opts.Lexicon == nil {
		return nil
	}
	return p.opts.Lexicon()
}

func (p *Pipeline) shape() entity.Shape {
	if p.opts.Shape == nil {
		return entity.Shape{}
	}
	return p.opts.Shape()
}
