package skill

import (
	"context"
	"reflect"

	"github.com/floorwalker/floorwalker/catalog"
	"github.com/floorwalker/floorwalker/dialog/flow"
)

// knowledge looks for a passage that answers a question.
var knowledge = skill{
	Skill: flow.Skill{Name: "knowledge", Kind: flow.Look, Args: []string{"question"}, View: reflect.TypeFor[KnowledgeView]()},
	run:   (*Set).knowledge,
}

// KnowledgeView is what the shop's knowledge says to a question.
type KnowledgeView struct {
	catalog.Source
	Answers bool   `expr:"answers"`
	Text    string `expr:"text" fact:"policy"` // as the shop wrote it; empty without an answer
	Title   string `expr:"title" fact:"name"`
	Other   string `expr:"other" fact:"name"` // the nearest title, where nothing answers
}

func (s *Set) knowledge(ctx context.Context, call flow.Call) (flow.Result, error) {
	question := arg(call, "question")
	if question == "" && call.Said != nil {
		question = call.Said.Text
	}
	if question == "" || s.Passages == nil {
		return flow.Result{View: KnowledgeView{}}, nil
	}
	found, err := s.Passages.Find(ctx, question, call.Locale, 1)
	if err != nil {
		return flow.Result{}, err
	}
	if len(found) == 0 {
		return flow.Result{View: KnowledgeView{}}, nil
	}
	best := found[0]
	v := KnowledgeView{Source: s.source("passage/"+best.ID, best.Version)}
	title := best.Title
	if title == "" {
		title = best.Heading
	}
	if !best.Answers {
		v.Other = title
		return flow.Result{View: v}, nil
	}
	v.Answers, v.Text, v.Title = true, best.Answer, title
	if v.Text == "" {
		v.Text = best.Text
	}
	return flow.Result{View: v}, nil
}
