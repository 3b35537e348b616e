package skill

import (
	"context"

	"github.com/floorwalker/floorwalker/catalog/store"
	"github.com/floorwalker/floorwalker/dialog/flow"
)

// ownOrder takes an order that is the shopper's own, by the id that the shop has for it.
var ownOrder = skill{
	Skill: flow.Skill{Name: "own_order", Kind: flow.Check, Args: []string{"order"}, Refuses: []string{orderNotFound}, Needs: claimed},
	run:   (*Set).ownOrder,
}

// orderNotFound refuses an order that doesn't exist or is somebody else's: it must not show which.
const orderNotFound = "order_not_found"

func (s *Set) ownOrder(ctx context.Context, call flow.Call) (flow.Result, error) {
	said := arg(call, "order")
	result := flow.Result{Refused: orderNotFound}
	err := s.read(ctx, func(r store.Records) error {
		o, ok, err := ownOrderLike(r, said, call.Identity)
		if ok {
			result = flow.Result{Values: []flow.Value{{V: o.ID, Text: said, Offset: offset(call.Said)}}}
		}
		return err
	})
	return result, err
}
