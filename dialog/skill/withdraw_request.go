package skill

import (
	"context"
	"reflect"
	"slices"

	"github.com/floorwalker/floorwalker/catalog"
	"github.com/floorwalker/floorwalker/catalog/change"
	"github.com/floorwalker/floorwalker/catalog/store"
	"github.com/floorwalker/floorwalker/dialog/flow"
	"github.com/floorwalker/floorwalker/dialog/journal"
)

// orderToWithdraw finds the order whose return or exchange isn't wanted any more: the one described,
// the one last spoken of, or the only one that has such a request.
var orderToWithdraw = skill{
	Skill: flow.Skill{Name: "order_to_withdraw", Kind: flow.Resolve, Args: describedOrder.Args, Options: describedOrder.Options,
		Entities: describedOrder.Entities, Recall: []string{"order"}, Needs: verified},
	run: (*Set).orderToWithdraw,
}

// withdrawalPlan reads what was requested, and wouldn't be any more.
var withdrawalPlan = skill{
	Skill: flow.Skill{Name: "withdrawal_plan", Kind: flow.Look, Args: []string{"order"}, View: reflect.TypeFor[WithdrawalView](), Needs: verified},
	run:   (*Set).withdrawalPlan,
}

// withdrawRequest takes back the request for a return or an exchange: the order is as it was before.
var withdrawRequest = skill{
	Skill: flow.Skill{Name: "withdraw_request", Kind: flow.Act, Args: []string{"order"}, Refuses: []string{cannotWithdraw, orderNotFound}, Needs: verified},
	act:   (*Set).withdrawRequest,
}

const cannotWithdraw = "cannot_withdraw"

// WithdrawalView is a request that would be taken back.
type WithdrawalView struct {
	catalog.Source
	Order    string     `expr:"order" fact:"name"`
	Items    []ItemView `expr:"items"`    // that would stay with the customer
	Exchange bool       `expr:"exchange"` // they were to be exchanged, not returned
}

func (s *Set) orderToWithdraw(ctx context.Context, call flow.Call) (flow.Result, error) {
	result, err := orderFor("order_to_withdraw", "withdraw").run(s, ctx, call)
	if err != nil || len(result.Values) > 0 || call.Said == nil || says(call.Said, "order_id") {
		return result, err
	}
	err = s.read(ctx, func(r store.Records) error {
		result = flow.Result{}
		o, ok, err := ownOrderLike(r, arg(call, "order"), call.Identity)
		if err != nil {
			return err
		}
		meant := []catalog.Order{o}
		if !ok {
			all, err := r.OrdersOf(call.Identity.Customer)
			if err != nil {
				return err
			}
			with := func(states ...string) []catalog.Order {
				return slices.DeleteFunc(slices.Clone(all), func(o catalog.Order) bool { return !slices.Contains(states, o.Status) })
			}
			if meant = with(s.policyList("withdraw", "statuses")...); len(meant) == 0 {
				meant = with(statusCancelled) // it is told why that can't be undone
			}
		}
		if len(meant) == 1 {
			result.Values, err = s.orderValues(s.newShelf(r), meant, call)
		}
		return err
	})
	return result, err
}

func (s *Set) withdrawalPlan(ctx context.Context, call flow.Call) (flow.Result, error) {
	return s.ofShopper(ctx, call, func(r store.Records, _ catalog.Customer, o catalog.Order) (flow.Result, error) {
		if o.ID == "" {
			return flow.Result{}, nil
		}
		view := WithdrawalView{Source: s.source(orderRecord(o.ID), version(o.Version)), Order: o.ID, Exchange: len(o.Exchanged) > 0}
		view.DerivedFrom = []string{orderRecord(o.ID)}
		var err error
		view.Items, err = s.itemViews(s.newShelf(r), o, change.Requested(o), call.Locale)
		return flow.Result{View: view}, err
	})
}

func (s *Set) withdrawRequest(tx *store.Tx, call flow.Call) (flow.Result, *journal.Action, error) {
	r := store.In(tx, s.Shop)
	o, _, refused, err := s.toChange(r, call, "withdraw", cannotWithdraw)
	if err != nil || refused.Refused != "" || refused.Changed {
		return refused, nil, err
	}
	back, _ := s.policyAt([]string{"withdraw", "back_to"}).(string)
	after, err := change.Withdraw(o, back)
	if err != nil {
		return refusal(err, cannotWithdraw)
	}
	if _, err := r.SaveOrder(after); err != nil {
		return flow.Result{}, nil, err
	}
	return flow.Result{}, &journal.Action{Name: "withdraw_request", Record: orderRecord(o.ID), Arguments: map[string]any{"order": o.ID}}, nil
}
