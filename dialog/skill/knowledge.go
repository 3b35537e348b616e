package skill

import (
	"cmp"
	"context"
	"reflect"
	"slices"

	"github.com/floorwalker/floorwalker/catalog"
	"github.com/floorwalker/floorwalker/catalog/store"
	"github.com/floorwalker/floorwalker/dialog/flow"
	"github.com/floorwalker/floorwalker/retrieval"
	"github.com/floorwalker/floorwalker/retrieval/text"
)

// knowledge looks for a passage that answers a question. What a passage says of some products
// it says of no others: it answers only if one of them is named, or was spoken of before.
var knowledge = skill{
	Skill: flow.Skill{Name: "knowledge", Kind: flow.Look, Args: []string{"question", "product"}, Options: []string{"product"},
		View: reflect.TypeFor[KnowledgeView]()},
	run: (*Set).knowledge,
}

// productAskedAbout is the one product that a question names, else the one spoken of before.
var productAskedAbout = skill{
	Skill: flow.Skill{Name: "product_asked_about", Kind: flow.Resolve, Args: []string{"product"}, Options: []string{"product"}},
	run:   (*Set).productAskedAbout,
}

// KnowledgeView is what the shop's knowledge says to a question.
type KnowledgeView struct {
	catalog.Source
	Answers bool   `expr:"answers"`
	Text    string `expr:"text" fact:"policy"` // as the shop wrote it; empty without an answer
	Title   string `expr:"title" fact:"name"`
	Other   string `expr:"other" fact:"name"` // the nearest title, where nothing answers
}

// passagesAsked is how many passages are looked at for one that may answer.
const passagesAsked = 8

func (s *Set) knowledge(ctx context.Context, call flow.Call) (flow.Result, error) {
	question := arg(call, "question")
	if question == "" && call.Said != nil {
		question = call.Said.Text
	}
	if question == "" || s.Passages == nil {
		return flow.Result{View: KnowledgeView{}}, nil
	}
	found, err := s.Passages.Find(ctx, question, call.Locale, passagesAsked)
	if err != nil || len(found) == 0 {
		return flow.Result{View: KnowledgeView{}}, err
	}
	best, err := s.mayAnswer(ctx, call, question, found)
	if err != nil {
		return flow.Result{}, err
	}
	if best == nil {
		return flow.Result{View: KnowledgeView{Source: s.source("passage/"+found[0].ID, found[0].Version), Other: titleOf(found[0])}}, nil
	}
	return flow.Result{View: KnowledgeView{Source: s.source("passage/"+best.ID, best.Version),
		Answers: true, Text: cmp.Or(best.Answer, best.Text), Title: titleOf(*best)}}, nil
}

func titleOf(f retrieval.Found) string { return cmp.Or(f.Title, f.Heading) }

// mayAnswer is the best passage that answers and is about what the question is about; nil if
// there is none.
func (s *Set) mayAnswer(ctx context.Context, call flow.Call, question string, found []retrieval.Found) (*retrieval.Found, error) {
	var named []string
	if call.Said != nil {
		_, named = namedProducts(call.Said)
	}
	before := meantBy(argValue(call, "product")).product
	about := named
	if len(about) == 0 && before != "" {
		about = []string{before}
	}
	for i, f := range found {
		if !f.Answers {
			continue
		}
		fits := len(f.Products) == 0 || common(f.Products, about)
		if !fits && len(about) == 0 {
			var err error
			if fits, err = s.speaksOf(ctx, question, f.Passage); err != nil {
				return nil, err
			}
		}
		if fits {
			return &found[i], nil
		}
	}
	if len(named) > 0 || before == "" {
		return nil, nil
	}
	return s.askedOf(ctx, call, question, before, found)
}

// askedOf asks a question again with the title of the product spoken of before, which the
// question leaves out, for a passage about that product. The words that answer are those for
// the question alone, where it found the passage, too.
func (s *Set) askedOf(ctx context.Context, call flow.Call, question, id string, alone []retrieval.Found) (*retrieval.Found, error) {
	var title string
	err := s.read(ctx, func(r store.Records) error {
		p, err := newShelf(r).product(id)
		if p != nil {
			title = productTitle(p, call.Locale)
		}
		return err
	})
	if err != nil || title == "" {
		return nil, err
	}
	found, err := s.Passages.Find(ctx, title+" "+question, call.Locale, passagesAsked)
	if err != nil {
		return nil, err
	}
	for i, f := range found {
		if !f.Answers || !slices.Contains(f.Products, id) {
			continue
		}
		if j := slices.IndexFunc(alone, func(a retrieval.Found) bool { return a.ID == f.ID }); j >= 0 {
			return &alone[j], nil
		}
		return &found[i], nil
	}
	return nil, nil
}

// speaksOf reports whether a question has a word of what a passage is about: of its title, its
// heading or the titles of its products.
func (s *Set) speaksOf(ctx context.Context, question string, p retrieval.Passage) (bool, error) {
	topics := []string{p.Title, p.Heading}
	err := s.read(ctx, func(r store.Records) error {
		shelf := newShelf(r)
		for _, id := range p.Products {
			product, err := shelf.product(id)
			if err != nil {
				return err
			}
			if product == nil {
				continue
			}
			topics = append(topics, product.Title)
			for _, t := range product.Translations {
				topics = append(topics, t.Title)
			}
		}
		return nil
	})
	terms := map[string]bool{}
	for _, topic := range topics {
		for _, t := range text.Terms(topic) {
			terms[t] = true
		}
	}
	units, _ := s.reader.Parse(question)
	return slices.ContainsFunc(units, func(u text.Unit) bool {
		return slices.ContainsFunc(u.Any[0], func(p text.Piece) bool { return touches(p, terms) })
	}), err
}

// touches reports whether a word, or two neighbouring characters of a run, are among terms.
func touches(p text.Piece, terms map[string]bool) bool {
	for i := 1; i < len(p.Run); i++ {
		if terms[p.Run[i-1]+p.Run[i]] {
			return true
		}
	}
	return len(p.Run) < 2 && terms[p.Term]
}

func common(a, b []string) bool {
	return slices.ContainsFunc(a, func(x string) bool { return slices.Contains(b, x) })
}

func (s *Set) productAskedAbout(ctx context.Context, call flow.Call) (flow.Result, error) {
	if call.Said == nil {
		return flow.Result{}, nil
	}
	_, products := namedProducts(call.Said)
	if len(products) > 1 {
		titled, err := s.titledBy(ctx, products, s.besideProducts(call.Said))
		if err != nil {
			return flow.Result{}, err
		}
		if len(titled) == 1 {
			products = titled
		}
	}
	m := meantBy(argValue(call, "product"))
	before, err := s.shownBefore(ctx, call)
	if err != nil {
		return flow.Result{}, err
	}
	if m.product == "" {
		m = before.one()
	}
	if pointed, ok := before.pointed(call.Said, m); ok && len(products) == 0 {
		m = pointed
	}
	switch {
	case len(products) == 1 && products[0] != m.product:
		m = meant{product: products[0]}
	case len(products) > 1 && !slices.Contains(products, m.product), m.product == "":
		return flow.Result{}, nil
	}
	return flow.Result{Values: []flow.Value{{V: m.value(), Text: call.Said.Text, Offset: offset(call.Said)}}}, nil
}
