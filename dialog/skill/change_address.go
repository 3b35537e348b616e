package skill

import (
	"context"
	"errors"
	"reflect"

	"github.com/floorwalker/floorwalker/catalog"
	"github.com/floorwalker/floorwalker/catalog/store"
	"github.com/floorwalker/floorwalker/dialog/flow"
	"github.com/floorwalker/floorwalker/dialog/journal"
)

// addressPlan reads where an order would go, or where the account would be, and where it goes now.
var addressPlan = skill{
	Skill: flow.Skill{Name: "address_plan", Kind: flow.Look, Args: []string{"order", "address"}, Options: []string{"order"},
		View: reflect.TypeFor[AddressView](), Needs: verified},
	run: (*Set).addressPlan,
}

// changeAddress sends an order elsewhere.
var changeAddress = skill{
	Skill: flow.Skill{Name: "change_address", Kind: flow.Act, Args: []string{"order", "address"},
		Refuses: []string{cannotChangeAddress, orderNotFound}, Needs: verified},
	act: (*Set).changeAddress,
}

// changeDefaultAddress changes the address of the account; orders keep theirs.
var changeDefaultAddress = skill{
	Skill: flow.Skill{Name: "change_default_address", Kind: flow.Act, Args: []string{"address"}, Needs: verified},
	act:   (*Set).changeDefaultAddress,
}

const cannotChangeAddress = "cannot_change_address"

// AddressView is a new address beside the one that there is.
type AddressView struct {
	catalog.Source
	Order string          `expr:"order" fact:"name"` // empty: the account's
	New   catalog.Address `expr:"new" fact:"address"`
	Now   catalog.Address `expr:"now" fact:"address"`
	Same  bool            `expr:"same"`
}

func (s *Set) addressPlan(ctx context.Context, call flow.Call) (flow.Result, error) {
	return s.ofShopper(ctx, call, func(_ store.Records, c catalog.Customer, o catalog.Order) (flow.Result, error) {
		a, _ := addressOf(argValue(call, "address"))
		view := AddressView{Source: s.source("customer/"+c.ID, version(c.Version)), New: a, Now: c.Address}
		if arg(call, "order") != "" {
			if o.ID == "" {
				return flow.Result{}, nil
			}
			view.Source, view.Order, view.Now = s.source(orderRecord(o.ID), version(o.Version)), o.ID, o.Address
		}
		view.Same = view.Now == a
		return flow.Result{View: view}, nil
	})
}

func (s *Set) changeAddress(tx *store.Tx, call flow.Call) (flow.Result, *journal.Action, error) {
	r := store.In(tx, s.Shop)
	o, _, refused, err := s.toChange(r, call, "change_address", cannotChangeAddress)
	if err != nil || refused.Refused != "" || refused.Changed {
		return refused, nil, err
	}
	a, ok := addressOf(argValue(call, "address"))
	if !ok {
		return flow.Result{Refused: cannotChangeAddress}, nil, nil
	}
	o.Address = a
	if _, err := r.SaveOrder(o); err != nil {
		return flow.Result{}, nil, err
	}
	return flow.Result{}, &journal.Action{Name: "change_address", Record: orderRecord(o.ID),
		Arguments: map[string]any{"order": o.ID, "address": a}}, nil
}

func (s *Set) changeDefaultAddress(tx *store.Tx, call flow.Call) (flow.Result, *journal.Action, error) {
	r := store.In(tx, s.Shop)
	c, err := r.Customer(call.Identity.Customer)
	if errors.Is(err, store.ErrNotFound) {
		return flow.Result{Changed: true}, nil, nil
	}
	if err != nil {
		return flow.Result{}, nil, err
	}
	a, ok := addressOf(argValue(call, "address"))
	if call.Expect["customer/"+c.ID] != version(c.Version) || !ok {
		return flow.Result{Changed: true}, nil, nil
	}
	c.Address = a
	if _, err := r.SaveCustomer(c); err != nil {
		return flow.Result{}, nil, err
	}
	return flow.Result{}, &journal.Action{Name: "change_default_address", Record: "customer/" + c.ID,
		Arguments: map[string]any{"customer": c.ID, "address": a}}, nil
}
