package skill

import (
	"context"
	"maps"
	"reflect"
	"slices"
	"strings"

	"github.com/floorwalker/floorwalker/catalog"
	"github.com/floorwalker/floorwalker/catalog/store"
	"github.com/floorwalker/floorwalker/dialog/flow"
	sentences "github.com/floorwalker/floorwalker/retrieval/knowledge"
	"github.com/floorwalker/floorwalker/retrieval/text"
)

// productFact answers a question about a product from its record: the attributes that it asks
// for, else the sentence of the description that has all its words. Its argument product is
// what product_asked_about makes: {product} or, where several were spoken of, {products}.
var productFact = skill{
	Skill: flow.Skill{Name: "product_fact", Kind: flow.Look, Args: []string{"question", "product"}, Options: []string{"product"},
		View: reflect.TypeFor[ProductFactView]()},
	run: (*Set).productFact,
}

// ProductFactView is what the records of products say to a question.
type ProductFactView struct {
	catalog.Source
	Answers bool            `expr:"answers"`
	Which   bool            `expr:"which"` // it asks for an attribute, and no product is spoken of
	How     bool            `expr:"how"`   // it asks how something is done: a passage says more
	Told    []ToldOfProduct `expr:"told"`
}

// ToldOfProduct is what the record of one product says.
type ToldOfProduct struct {
	catalog.Source
	Title string `expr:"title" fact:"name"`
	Text  string `expr:"text" fact:"policy"` // attributes, worded ("keeps hot: 12 hours"), or a sentence of the description
}

// Bounds on what is told.
const (
	mostAsked = 3 // attributes of a product
	mostTold  = 5 // products
)

func (s *Set) productFact(ctx context.Context, call flow.Call) (flow.Result, error) {
	asked := s.askedOfProduct(call)
	view := ProductFactView{How: s.words.howTo.in(asked.text), Which: len(asked.traits) > 0}
	ids := spokenOfIn(argValue(call, "product"))
	if call.Said != nil {
		if _, named := namedProducts(call.Said); len(ids) == 0 && len(named) <= mostTold {
			ids = named
		}
	}
	if len(ids) == 0 || len(asked.units) == 0 && len(asked.traits) == 0 {
		return flow.Result{View: view}, nil
	}
	view.Which = false
	err := s.read(ctx, func(r store.Records) error {
		view.Told = nil
		products, err := s.newShelf(r).all(ids[:min(mostTold, len(ids))])
		for _, p := range products {
			told := ToldOfProduct{Source: s.source("product/"+p.ID, version(p.Version)), Title: productTitle(p, call.Locale)}
			if told.Text = s.attributesAsked(p, asked, call.Locale); told.Text == "" && len(products) == 1 {
				told.Text = s.described(p, asked, call.Locale)
			}
			if told.Text != "" {
				view.Told = append(view.Told, told)
			}
		}
		return err
	})
	if view.Answers = len(view.Told) > 0; view.Answers {
		view.Source = view.Told[0].Source
	}
	return flow.Result{View: view}, err
}

// spokenOfIn are the products of a value of product_asked_about.
func spokenOfIn(v any) []string {
	if id := meantBy(v).product; id != "" {
		return []string{id}
	}
	return comparedIn(v)
}

// askedOfProduct is a question about a product, without the product.
type askedOfProduct struct {
	text   string
	terms  []string
	units  []text.Unit
	traits []string // names of attributes that it asks for
}

func (s *Set) askedOfProduct(call flow.Call) askedOfProduct {
	a := askedOfProduct{text: arg(call, "question")}
	if call.Said != nil && (a.text == "" || a.text == call.Said.Text) {
		a.text = call.Said.Text
		var named [][2]int
		for _, e := range call.Said.Entities {
			if e.Type == "product" {
				named = append(named, [2]int{e.Start, e.End})
			}
		}
		a.text = blanked(a.text, named)
	}
	a.terms = text.Terms(a.text)
	if units, filler := s.reader.Parse(a.text); !filler {
		a.units = units
	}
	a.traits = s.traitsAsked(a.text)
	return a
}

// traitsAsked are the attributes that a text asks for by the usual words.
func (s *Set) traitsAsked(of string) []string {
	var names []string
	a := askedOfProduct{text: of, terms: text.Terms(of)}
	for _, name := range slices.Sorted(maps.Keys(s.words.TraitQuestions)) {
		if slices.ContainsFunc(s.words.traitAsked[name], a.asks) {
			names = append(names, name)
		}
	}
	return names
}

// says reports whether the question has a phrase: all its words, in any order; a phrase of
// Chinese as it stands.
func (a askedOfProduct) says(phrase string) bool { return a.asks(cutPhrase(phrase)) }

func (a askedOfProduct) asks(p cutOne) bool {
	if p.han != "" {
		return strings.Contains(text.Fold(a.text), p.han)
	}
	return has(a.terms, p.terms)
}

// cutOne is a phrase to look for: its terms, or as it stands if it is Chinese.
type cutOne struct {
	han   string
	terms []string
}

func cutPhrase(phrase string) cutOne {
	if atoms := text.Atoms(phrase); len(atoms) > 0 && atoms[0].Han {
		return cutOne{han: text.Fold(phrase)}
	}
	return cutOne{terms: text.Terms(phrase)}
}

func cutPhrases(phrases []string) []cutOne {
	out := make([]cutOne, len(phrases))
	for i, p := range phrases {
		out[i] = cutPhrase(p)
	}
	return out
}

// has reports whether some terms are all among others; none are in nothing.
func has(terms, some []string) bool {
	return len(some) > 0 && !slices.ContainsFunc(some, func(t string) bool { return !slices.Contains(terms, t) })
}

// attributesAsked words what a product has of what is asked for: "" if it has nothing of it.
func (s *Set) attributesAsked(p *catalog.Product, asked askedOfProduct, locale string) string {
	have := traits(p, locale)
	names := s.namesAsked(have, asked)
	if len(names) == 0 {
		names = s.valuesAsked(p, have, asked)
	}
	var worded []string
	for _, name := range names[:min(mostAsked, len(names))] {
		label := s.traitName(name, locale)
		if strings.Contains(have[name], label) { // 适用电磁炉
			worded = append(worded, have[name])
			continue
		}
		worded = append(worded, fill(s.words.Trait, locale, "{name}", label, "{value}", have[name]))
	}
	return strings.Join(worded, wording(s.words.Between, locale))
}

// namesAsked are the attributes a product has that are asked for by the usual words, by their
// own name, or in place of one that it doesn't have.
func (s *Set) namesAsked(have map[string]string, asked askedOfProduct) []string {
	var names []string
	for _, name := range slices.Sorted(maps.Keys(have)) {
		labels := append(slices.Collect(maps.Values(s.words.Traits[name])), strings.ReplaceAll(name, "_", " "))
		if slices.Contains(asked.traits, name) || slices.ContainsFunc(labels, asked.says) {
			names = append(names, name)
		}
	}
	if len(names) > 0 {
		return names
	}
	for _, name := range asked.traits {
		for _, other := range s.words.Instead[name] {
			if have[other] != "" {
				names = appendNew(names, other)
			}
		}
	}
	return names
}

// valuesAsked are the attributes whose value the question has: "is it stainless steel?".
func (s *Set) valuesAsked(p *catalog.Product, have map[string]string, asked askedOfProduct) []string {
	var names []string
	for _, name := range slices.Sorted(maps.Keys(have)) {
		if slices.ContainsFunc([]string{have[name], p.Attributes[name]}, func(value string) bool {
			units, filler := s.reader.Parse(value)
			return !filler && len(units) > 0 && !s.words.yesNo.in(value) && !strings.ContainsAny(value, "0123456789") && asked.says(value)
		}) {
			names = append(names, name)
		}
	}
	return names
}

func (s *Set) traitName(name, locale string) string {
	if label := wording(s.words.Traits[name], locale); label != "" {
		return label
	}
	return strings.ReplaceAll(name, "_", " ")
}

// described is the first sentence of a product's description that speaks of an attribute asked
// for, or has all that is asked, in a question of more than one word.
func (s *Set) described(p *catalog.Product, asked askedOfProduct, locale string) string {
	description := translation(p, locale).Description
	if description == "" {
		description = p.Description
	}
	var asking []cutOne
	for _, name := range asked.traits {
		asking = append(asking, s.words.traitAsked[name]...)
	}
	for _, sentence := range sentences.Sentences(description) {
		terms := map[string]bool{}
		for _, t := range text.Terms(sentence) {
			terms[t] = true
		}
		if slices.ContainsFunc(asking, askedOfProduct{text: sentence, terms: text.Terms(sentence)}.asks) {
			return strings.TrimRight(sentence, ".。!！")
		}
		n := 0
		missing := slices.ContainsFunc(asked.units, func(u text.Unit) bool {
			for _, piece := range u.Any[0] {
				if n += max(1, len(piece.Run)/2); !touches(piece, terms) {
					return true
				}
			}
			return false
		})
		if !missing && n > 1 {
			return strings.TrimRight(sentence, ".。!！")
		}
	}
	return ""
}
