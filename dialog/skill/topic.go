package skill

import (
	"context"
	"reflect"
	"slices"
	"strings"

	"github.com/floorwalker/floorwalker/dialog/flow"
	"github.com/floorwalker/floorwalker/retrieval"
)

// What was told last is what the next question is about, if it leans on it.

// passageBefore is the passage that was told last, unless something else was shown since: nil.
func (s *Set) passageBefore(call flow.Call) *retrieval.Passage {
	id, ok := strings.CutPrefix(toldLast(call), "passage/")
	if !ok {
		return nil
	}
	p, ok := s.Passages.Passage(id)
	if !ok {
		return nil
	}
	return &p
}

// toldLast is the record that was told of last, "" where there is none or were several. Who
// writes and how to reach people is told beside everything.
func toldLast(call flow.Call) string {
	for _, group := range call.Shown {
		if strings.HasPrefix(group[0], "policy/") || strings.HasPrefix(group[0], "customer/") {
			continue
		}
		if len(group) > 1 {
			return ""
		}
		return group[0]
	}
	return ""
}

// onTopic is the passage on the topic of the one told before that answers a question which leans
// on it: by itself, else asked together with the topic.
func (s *Set) onTopic(ctx context.Context, call flow.Call, part questionPart, before *retrieval.Passage) (*retrieval.Found, error) {
	if before == nil || !s.goesOnFrom(part.own) || namesOther(call, *before) {
		return nil, nil
	}
	own, err := s.Passages.Find(ctx, part.own, call.Locale, passagesAsked)
	if err != nil {
		return nil, err
	}
	best := answering(ofTopic(own, *before))
	if best != nil || len(own) > 0 && own[0].Answers && !s.bare(part.own) {
		return best, nil
	}
	for _, topic := range []string{before.Title, before.Heading} {
		found, err := s.Passages.Find(ctx, topic+": "+part.own, call.Locale, passagesAsked)
		if err != nil {
			return nil, err
		}
		if best := answering(ofTopic(found, *before)); best != nil {
			if topic == before.Heading {
				best.Nub = "" // it would be that of the heading
			}
			return best, nil
		}
	}
	return nil, nil
}

func answering(found []retrieval.Found) *retrieval.Found {
	i := slices.IndexFunc(found, func(f retrieval.Found) bool { return f.Answers })
	if i < 0 {
		return nil
	}
	return &found[i]
}

// namesOther reports whether a text names products that a passage isn't about.
func namesOther(call flow.Call, p retrieval.Passage) bool {
	if call.Said == nil {
		return false
	}
	_, named := namedProducts(call.Said)
	return len(named) > 0 && !common(p.Products, named)
}

// followUp is what the passage told last says to a question that leans on it and would be about a
// product otherwise: "and how much is that?", after gift wrapping.
var followUp = skill{
	Skill: flow.Skill{Name: "follow_up", Kind: flow.Look, View: reflect.TypeFor[KnowledgeView]()},
	run:   (*Set).followUp,
}

func (s *Set) followUp(ctx context.Context, call flow.Call) (flow.Result, error) {
	if call.Said == nil || s.Passages == nil {
		return flow.Result{View: KnowledgeView{}}, nil
	}
	before := s.passageBefore(call)
	if before == nil || len(before.Products) > 0 {
		return flow.Result{View: KnowledgeView{}}, nil
	}
	if _, named := namedProducts(call.Said); len(named) > 0 {
		return flow.Result{View: KnowledgeView{}}, nil
	}
	best, err := s.onTopic(ctx, call, questionPart{own: call.Said.Text, all: call.Said.Text}, before)
	if err != nil || best == nil {
		return flow.Result{View: KnowledgeView{}}, err
	}
	if best.ID == before.ID && best.Nub != "" {
		best.Answer = best.Nub
	}
	return flow.Result{View: s.viewOf([]retrieval.Found{*best}, false)}, nil
}

// ofTopic are those of the passages that stand in the same file as another.
func ofTopic(found []retrieval.Found, before retrieval.Passage) []retrieval.Found {
	file, _, _ := strings.Cut(before.ID, "#")
	return slices.DeleteFunc(slices.Clone(found), func(f retrieval.Found) bool {
		own, _, _ := strings.Cut(f.ID, "#")
		return own != file
	})
}
