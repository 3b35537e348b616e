package skill

import (
	"context"
	"strings"

	"github.com/floorwalker/floorwalker/catalog"
	"github.com/floorwalker/floorwalker/catalog/store"
	"github.com/floorwalker/floorwalker/dialog/flow"
)

// ownOrders offers the shopper's newest orders. Listing them shows an account, so it takes
// more than to look at one whose number is known.
var ownOrders = skill{
	Skill: flow.Skill{Name: "own_orders", Kind: flow.Resolve, Needs: verified},
	run:   (*Set).ownOrders,
}

func (s *Set) ownOrders(ctx context.Context, call flow.Call) (flow.Result, error) {
	var result flow.Result
	err := s.read(ctx, func(r store.Records) error {
		orders, err := r.OrdersOf(call.Identity.Customer)
		if err != nil {
			return err
		}
		result.Values, err = s.orderValues(s.newShelf(r), orders, call)
		return err
	})
	return result, err
}

// orderValues makes values of the first orders, each labelled by what is in it.
func (s *Set) orderValues(shelf *shelf, orders []catalog.Order, call flow.Call) ([]flow.Value, error) {
	var values []flow.Value
	for _, o := range orders[:min(mostOrders, len(orders))] {
		var titles []string
		for _, item := range o.Items {
			p, err := shelf.product(item.Product)
			if err != nil {
				return nil, err
			}
			titles = append(titles, itemTitle(item, p, call.Locale))
		}
		label := fill(s.words.Label, call.Locale, "{id}", o.ID,
			"{titles}", strings.Join(titles, wording(s.words.Separator, call.Locale)))
		value := flow.Value{V: o.ID, Offset: offset(call.Said), View: s.label(orderRecord(o.ID), o.Version, label)}
		if call.Said != nil {
			value.Text = call.Said.Text
		}
		values = append(values, value)
	}
	return values, nil
}
