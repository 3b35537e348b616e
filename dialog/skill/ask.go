package skill

import (
	"context"
	"crypto/rand"
	"fmt"
	"maps"

	"github.com/floorwalker/floorwalker/catalog"
	"github.com/floorwalker/floorwalker/catalog/store"
	"github.com/floorwalker/floorwalker/dialog/flow"
	"github.com/floorwalker/floorwalker/nlu"
)

// What other programs ask, as if somebody had written it and it had been understood: the flow
// that serves shoppers who ask the same answers them.

// OrderQuestion asks how an order stands.
func OrderQuestion(id string) nlu.Understanding { return understood("order_status", "order_id", id) }

// SKUQuestion asks whether a variant can be had.
func SKUQuestion(sku string) nlu.Understanding { return understood("check_stock", "sku", sku) }

// ProductQuestion asks whether a product can be had, by its id.
func ProductQuestion(id string) nlu.Understanding { return understood("check_stock", "product", id) }

func understood(intent, entity, value string) nlu.Understanding {
	return nlu.Understanding{Text: value,
		Requests: []nlu.Request{{Intent: intent, P: 1, End: len(value)}},
		Entities: []nlu.Entity{{Type: entity, Text: value, Value: value, End: len(value)}},
		Ranking:  []nlu.Intent{{Name: intent, P: 1}}}
}

// Prove finds out whose an order is by an e-mail address, as far as the shop takes that as a
// proof. Wrong ones count for whom they are tried on as they do in conversations; no code is
// ever sent. refused is a word as [Set.Run] gives it, "" where there is an identity.
func (s *Set) Prove(ctx context.Context, order, email string) (who catalog.Identity, refused string, err error) {
	silent := *s
	silent.Codes = nil
	result, err := silent.Run(ctx, flow.Call{
		Skill: proof.Name, Kind: flow.Resolve, Needs: catalog.Claimed, Args: map[string]any{"order": order},
		Conversation: "ask/" + rand.Text(), // there is none: each attempt stands alone
		Said: &flow.Said{Understanding: nlu.Understanding{Text: email,
			Entities: []nlu.Entity{{Type: "email", Text: email, Value: email, End: len(email)}}}},
	})
	switch {
	case err != nil:
		return catalog.Identity{}, "", err
	case result.Down:
		return catalog.Identity{}, "", fmt.Errorf("proving whose order %q is: %w", order, store.ErrUnavailable)
	case result.Identity == nil && result.Refused == "":
		return catalog.Identity{}, notProven, nil
	case result.Identity == nil:
		return catalog.Identity{}, result.Refused, nil
	}
	return *result.Identity, "", nil
}

// TooManyProofs reports whether a refusal of [Set.Prove] is for the number of wrong ones.
func TooManyProofs(refused string) bool { return refused == tooManyProofs }

// Find searches products for what a text asks for: at most limit of them, best first.
func (s *Set) Find(ctx context.Context, u nlu.Understanding, locale string, limit int) (ProductsView, error) {
	call := flow.Call{Skill: searchWords.Name, Kind: flow.Resolve, Locale: locale, Said: &flow.Said{Understanding: u}}
	words, err := s.Run(ctx, call)
	if err != nil {
		return ProductsView{}, err
	}
	query := map[string]any{"text": u.Text}
	if len(words.Values) > 0 {
		if object, ok := words.Values[0].V.(map[string]any); ok {
			query = maps.Clone(object)
		}
	}
	query["limit"] = limit
	found, err := s.Run(ctx, flow.Call{Skill: products.Name, Kind: flow.Look, Locale: locale, Args: map[string]any{"query": query}})
	if err != nil {
		return ProductsView{}, err
	}
	view, ok := found.View.(ProductsView)
	if words.Down || found.Down || !ok {
		return ProductsView{}, fmt.Errorf("searching for %q: %w", u.Text, store.ErrUnavailable)
	}
	return view, nil
}
