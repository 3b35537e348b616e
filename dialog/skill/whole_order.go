package skill

import (
	"context"

	"github.com/floorwalker/floorwalker/catalog/store"
	"github.com/floorwalker/floorwalker/dialog/flow"
)

// wholeOrder refuses what is said if it means only a part of an order: a part, some of its
// items and not the others, or one that is to be kept.
var wholeOrder = skill{
	Skill: flow.Skill{Name: "whole_order", Kind: flow.Check, Args: []string{"order"}, Refuses: []string{onlyWholeOrder}, Needs: claimed},
	run:   (*Set).wholeOrder,
}

const onlyWholeOrder = "only_whole_order"

func (s *Set) wholeOrder(ctx context.Context, call flow.Call) (flow.Result, error) {
	if call.Said == nil || !s.words.aPart.in(call.Said.Text) && !s.words.onlySome.in(call.Said.Text) {
		return flow.Result{}, nil
	}
	var result flow.Result
	err := s.read(ctx, func(r store.Records) error {
		result = flow.Result{}
		o, ok, err := ownOrderLike(r, arg(call, "order"), call.Identity)
		if err != nil || !ok || len(o.Items) < 2 {
			return err
		}
		shelf, terms, named := s.newShelf(r), s.terms(call.Said), 0
		for _, item := range o.Items {
			p, err := shelf.product(item.Product)
			if err != nil {
				return err
			}
			fits := map[string]int{}
			if contents(fits, item, p, call.Said, terms); len(fits) > 0 {
				named++
			}
		}
		if s.words.aPart.in(call.Said.Text) || named > 0 && (named < len(o.Items) || s.words.keeping.in(call.Said.Text)) {
			result.Refused = onlyWholeOrder
		}
		return nil
	})
	return result, err
}
