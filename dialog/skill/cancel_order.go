package skill

import (
	"github.com/floorwalker/floorwalker/catalog/change"
	"github.com/floorwalker/floorwalker/catalog/store"
	"github.com/floorwalker/floorwalker/dialog/flow"
	"github.com/floorwalker/floorwalker/dialog/journal"
)

// cancelOrder calls an order off: it is cancelled with a reason, each payment comes back by
// the way it was made, and gift cards have it at once.
var cancelOrder = skill{
	Skill: flow.Skill{Name: "cancel_order", Kind: flow.Act, Args: []string{"order", "reason"},
		Refuses: []string{cannotCancel, orderNotFound}, Needs: verified},
	act: (*Set).cancelOrder,
}

const (
	cannotCancel    = "cannot_cancel"
	statusProcessed = "processed"
	statusPending   = "pending"
	statusCancelled = "cancelled"
	statusShipped   = "shipped"
)

func (s *Set) cancelOrder(tx *store.Tx, call flow.Call) (flow.Result, *journal.Action, error) {
	r := store.In(tx, s.Shop)
	o, c, refused, err := s.toChange(r, call, "cancel", cannotCancel)
	if err != nil || refused.Refused != "" || refused.Changed {
		return refused, nil, err
	}
	reason := arg(call, "reason")
	after, payer := change.Cancel(o, c, reason)
	if err := save(r, after, c, payer); err != nil {
		return flow.Result{}, nil, err
	}
	return flow.Result{}, &journal.Action{Name: "cancel_order", Record: orderRecord(o.ID),
		Arguments: map[string]any{"order": o.ID, "reason": reason}}, nil
}

// policyAt is a value in the shop's policies, nil where there is none.
func (s *Set) policyAt(path []string) any {
	var at any = s.Policy
	for _, name := range path {
		object, _ := at.(map[string]any)
		at = object[name]
	}
	return at
}

// policyList is a list of words in the shop's policies.
func (s *Set) policyList(path ...string) []string {
	var words []string
	switch list := s.policyAt(path).(type) {
	case []string:
		words = list
	case []any:
		for _, v := range list {
			if word, ok := v.(string); ok {
				words = append(words, word)
			}
		}
	}
	return words
}
