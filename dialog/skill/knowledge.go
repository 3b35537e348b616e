package skill

import (
	"cmp"
	"context"
	"reflect"
	"slices"
	"strings"

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

// productAskedAbout is the one product that a question names, else the one spoken of before:
// {product}; or those that were shown together last: {products}.
var productAskedAbout = skill{
	Skill: flow.Skill{Name: "product_asked_about", Kind: flow.Resolve, Args: []string{"product"}, Options: []string{"product"}},
	run:   (*Set).productAskedAbout,
}

// KnowledgeView is what the shop's knowledge says to a question.
type KnowledgeView struct {
	catalog.Source
	Answers bool          `expr:"answers"`
	Text    string        `expr:"text" fact:"policy"` // as the shop wrote it; empty without an answer
	Title   string        `expr:"title" fact:"name"`
	Told    []ToldPassage `expr:"told"`              // for each question of several that finds one
	Partly  bool          `expr:"partly"`            // of several questions, some find none
	Again   bool          `expr:"again"`             // it is the passage that was told last
	Other   string        `expr:"other" fact:"name"` // the nearest title, where nothing answers
}

// ToldPassage is what one passage says.
type ToldPassage struct {
	catalog.Source
	Title string `expr:"title" fact:"name"`
	Text  string `expr:"text" fact:"policy"`
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
	before := s.passageBefore(call)
	parts := s.questionsIn(question)
	var told []retrieval.Found
	for _, part := range parts {
		best, err := s.answerTo(ctx, call, part, before)
		if err != nil {
			return flow.Result{}, err
		}
		if best == nil {
			continue
		}
		before = &best.Passage
		if !slices.ContainsFunc(told, func(f retrieval.Found) bool { return f.ID == best.ID }) {
			told = append(told, *best)
		}
	}
	if len(told) == 0 && len(parts) > 1 { // together they may say enough
		best, err := s.answerTo(ctx, call, questionPart{own: question, all: question}, before)
		if err != nil {
			return flow.Result{}, err
		}
		if best != nil {
			return flow.Result{View: s.viewOf([]retrieval.Found{*best}, false)}, nil
		}
	}
	if len(told) > 0 {
		v := s.viewOf(told, len(told) < len(parts))
		v.Again = len(told) == 1 && toldLast(call) == v.Record
		return flow.Result{View: v}, nil
	}
	found, err := s.Passages.Find(ctx, question, call.Locale, 1)
	if err != nil || len(found) == 0 {
		return flow.Result{View: KnowledgeView{}}, err
	}
	return flow.Result{View: KnowledgeView{Other: titleOf(found[0])}}, nil
}

// viewOf tells passages; the view is of the last: that is what was spoken of then.
func (s *Set) viewOf(told []retrieval.Found, partly bool) KnowledgeView {
	v := KnowledgeView{Answers: true, Partly: partly}
	for _, f := range told {
		v.Told = append(v.Told, ToldPassage{Source: s.source("passage/"+f.ID, f.Version), Title: titleOf(f), Text: cmp.Or(f.Answer, f.Text)})
	}
	last := v.Told[len(v.Told)-1]
	v.Source, v.Text, v.Title = last.Source, last.Text, last.Title
	return v
}

// answerTo is the passage that answers a question, nil if none does. One that leans on what was
// said before is about the topic of the passage told last, if that has an answer. Who has just
// heard a passage hears only what is the nub of it.
func (s *Set) answerTo(ctx context.Context, call flow.Call, part questionPart, before *retrieval.Passage) (*retrieval.Found, error) {
	best, err := s.onTopic(ctx, call, part, before)
	for _, q := range []string{part.all, part.own} {
		if best != nil || err != nil {
			break
		}
		var found []retrieval.Found
		if found, err = s.Passages.Find(ctx, q, call.Locale, passagesAsked); err == nil {
			best, err = s.mayAnswer(ctx, call, q, found)
		}
		if part.all == part.own {
			break
		}
	}
	if err == nil && best == nil {
		best, err = s.answerToPart(ctx, call, part.all)
	}
	if best != nil && before != nil && best.ID == before.ID && best.Nub != "" {
		best.Answer = best.Nub
	}
	return best, err
}

// Bounds on asking the clauses of a question one by one.
const (
	mostClauses = 4
	leastClause = 2 // words or pairs of characters that say something
)

// answerToPart asks the clauses of a question that finds no answer as a whole: people tell
// what happened, curse, and ask in one breath.
func (s *Set) answerToPart(ctx context.Context, call flow.Call, question string) (*retrieval.Found, error) {
	var clauses []string
	for _, at := range s.segments(question) {
		if clause := strings.TrimSpace(question[at[0]:at[1]]); clause != "" {
			clauses = append(clauses, clause)
		}
	}
	if len(clauses) < 2 {
		return nil, nil
	}
	for _, clause := range clauses[:min(mostClauses, len(clauses))] {
		units, filler := s.reader.Parse(clause)
		n := 0
		for _, u := range units {
			for _, p := range u.Any[0] {
				n += max(1, len(p.Run)/2)
			}
		}
		if filler || n < leastClause {
			continue
		}
		found, err := s.Passages.Find(ctx, clause, call.Locale, passagesAsked)
		if err != nil {
			return nil, err
		}
		if best, err := s.mayAnswer(ctx, call, clause, found); best != nil || err != nil {
			return best, err
		}
	}
	return nil, nil
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
		p, err := s.newShelf(r).product(id)
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
		shelf := s.newShelf(r)
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
	named, err := s.productsOfQuestion(ctx, call)
	if err != nil {
		return flow.Result{}, err
	}
	before, err := s.shownBefore(ctx, call)
	if err != nil {
		return flow.Result{}, err
	}
	asked := argValue(call, "product")
	m := meantBy(asked)
	if m.product == "" {
		m = before.one()
	}
	if pointed, ok := before.pointed(call.Said, m); ok && len(named) == 0 {
		m = pointed
	}
	if seen := before.among(named); len(named) > 1 && len(seen) == 1 {
		named = seen
	}
	var value map[string]any
	switch {
	case m.product != "" && (len(named) == 0 || slices.Contains(named, m.product)):
		value = m.value()
	case len(named) == 1:
		value = meant{product: named[0]}.value()
	case len(named) > 1:
		return flow.Result{}, nil
	default:
		var ids []string
		for _, p := range before.latest() {
			ids = appendNew(ids, p.meant.product)
		}
		if len(ids) == 0 {
			ids = comparedIn(asked)
		}
		if value = severalOf(ids); value == nil {
			return flow.Result{}, nil
		}
	}
	return flow.Result{Values: []flow.Value{{V: value, Text: call.Said.Text, Offset: offset(call.Said)}}}, nil
}

// severalOf is the value for products that a question may be about, nil for none or too many.
func severalOf(ids []string) map[string]any {
	switch {
	case len(ids) == 0 || len(ids) > mostProducts:
		return nil
	case len(ids) == 1:
		return meant{product: ids[0]}.value()
	}
	list := make([]any, len(ids))
	for i, id := range ids {
		list[i] = id
	}
	return map[string]any{"products": list}
}

// productsOfQuestion are the products that a question names, by a name or by a phrase of its own
// beside the question: "the sunrise one, does it run on batteries?".
func (s *Set) productsOfQuestion(ctx context.Context, call flow.Call) ([]string, error) {
	_, named := namedProducts(call.Said)
	if len(named) > 1 {
		titled, err := s.titledBy(ctx, named, s.besideProducts(call.Said))
		if err == nil && len(titled) == 1 {
			named = titled
		}
		return named, err
	}
	if len(named) == 1 {
		return named, nil
	}
	const mostWords = 3
	for _, clause := range clausesOf(call.Said.Text) {
		words := s.tidy(clause)
		if len(text.Atoms(words)) == 0 || len(strings.Fields(words)) > mostWords || len(s.traitsAsked(clause)) > 0 {
			continue
		}
		found, err := s.clearMatches(ctx, words, call.Locale)
		if err != nil {
			return nil, err
		}
		titled, err := s.titledBy(ctx, found, words)
		if err != nil || len(titled) == 1 {
			return titled, err
		}
	}
	return nil, nil
}
