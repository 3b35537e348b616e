package skill

import (
	"context"
	"errors"
	"reflect"
	"slices"

	"github.com/floorwalker/floorwalker/catalog"
	"github.com/floorwalker/floorwalker/catalog/store"
	"github.com/floorwalker/floorwalker/dialog/flow"
)

// orderHistory reads the shopper's orders, the newest first: all, or those of a time spoken of.
var orderHistory = skill{
	Skill: flow.Skill{Name: "order_history", Kind: flow.Look, View: reflect.TypeFor[HistoryView](), Needs: verified},
	run:   (*Set).orderHistory,
}

// mostOrders is how many orders are shown at once.
const mostOrders = 5

// HistoryView is the shopper's orders.
type HistoryView struct {
	catalog.Source
	Count  int         `expr:"count" fact:"count"` // of all, or of that time
	Orders []OrderView `expr:"orders"`             // the newest, at most 5
	More   bool        `expr:"more"`               // there are older ones
	Then   bool        `expr:"then"`               // only those of a time that was spoken of
}

func (s *Set) orderHistory(ctx context.Context, call flow.Call) (flow.Result, error) {
	var result flow.Result
	err := s.read(ctx, func(r store.Records) error {
		id := call.Identity.Customer
		c, err := r.Customer(id)
		if err != nil && !errors.Is(err, store.ErrNotFound) { // signed in by the site, but nothing bought yet
			return err
		}
		orders, err := r.OrdersOf(id)
		if err != nil {
			return err
		}
		times := s.bygone(call.Said, call.Now)
		if len(times) > 0 {
			orders = slices.DeleteFunc(slices.Clone(orders), func(o catalog.Order) bool { return !placedIn(o, times) })
		}
		view := HistoryView{Source: s.source("customer/"+id, version(c.Version)),
			Count: len(orders), More: len(orders) > mostOrders, Then: len(times) > 0}
		shelf := s.newShelf(r)
		for _, o := range orders[:min(mostOrders, len(orders))] {
			v, err := s.orderView(shelf, o, call)
			if err != nil {
				return err
			}
			view.Orders = append(view.Orders, v)
		}
		result.View = view
		return nil
	})
	return result, err
}
