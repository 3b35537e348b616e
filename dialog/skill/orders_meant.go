package skill

import (
	"context"
	"slices"

	"github.com/floorwalker/floorwalker/catalog"
	"github.com/floorwalker/floorwalker/catalog/store"
	"github.com/floorwalker/floorwalker/dialog/flow"
)

// ordersMeant are several orders that a text means together, of those that a policy's statuses have:
// all that there are, or those that have what is named between them. None, where it isn't so.
func (s *Set) ordersMeant(ctx context.Context, policy string, call flow.Call) (result flow.Result, err error) {
	if call.Said == nil || says(call.Said, "order_id") {
		return result, nil
	}
	err = s.read(ctx, func(r store.Records) error {
		orders, err := r.OrdersOf(call.Identity.Customer)
		if err != nil {
			return err
		}
		statuses := s.policyList(policy, "statuses")
		orders = slices.DeleteFunc(orders, func(o catalog.Order) bool { return !slices.Contains(statuses, o.Status) })
		meant := orders
		if !s.change.meansAllOrders(call.Said.Text) {
			if meant, err = s.spread(r, orders, call); err != nil {
				return err
			}
		}
		if len(meant) > 1 {
			result = flow.Result{All: true}
			result.Values, err = s.orderValues(s.newShelf(r), meant, call)
		}
		return err
	})
	return result, err
}

// farEvery is how many bytes may stand between a word for all and the one for orders: "all of my pending orders".
const farEvery = 24

// meansAllOrders reports whether a text speaks of all orders, or of both.
func (w *changeWords) meansAllOrders(text string) bool {
	for _, at := range w.orders.pattern.FindAllStringIndex(text, -1) {
		before := text[:at[0]]
		if spans := w.everyOrder.pattern.FindAllStringIndex(before, -1); len(spans) > 0 {
			between := before[spans[len(spans)-1][1]:]
			if len(between) <= farEvery && !w.boundary.in(between) {
				return true
			}
		}
		if span := w.ordersAll.pattern.FindStringIndex(text[at[1]:]); len(w.OrdersAll) > 0 && span != nil && span[0] == 0 {
			return true
		}
	}
	return false
}

// saysEvery reports whether what stands before a thing ends in a word for all of its kind, wherever they are:
// "all my pending".
func (w *changeWords) saysEvery(before string) bool {
	spans := w.every.pattern.FindAllStringIndex(before, -1)
	if len(spans) == 0 {
		return false
	}
	between := before[spans[len(spans)-1][1]:]
	return len(between) <= farEvery && !w.boundary.in(between)
}

func appendAll(to, more []int) []int {
	for _, i := range more {
		if !slices.Contains(to, i) {
			to = append(to, i)
		}
	}
	return to
}

// spread are the orders that have between them what is named, where no single one has it all: each
// order that has most of what the ones before it lack, newest first.
func (s *Set) spread(r store.Records, orders []catalog.Order, call flow.Call) ([]catalog.Order, error) {
	var lines []line
	var of []int // by line: its order
	for i, o := range orders {
		own, err := s.linesOf(r, o)
		if err != nil {
			return nil, err
		}
		for _, l := range own {
			l.index = len(lines)
			lines, of = append(lines, l), append(of, i)
		}
	}
	var named [][]int // by mention: the orders that have it
	var every []int   // that have what all of is meant: "all my mugs"
	tokens := tokensOf(call.Said.Text)
	for _, m := range s.mentions(tokens, call.Said, lines) {
		if m.weak || m.left {
			continue
		}
		var in []int
		for _, l := range m.lines {
			if !slices.Contains(in, of[l]) {
				in = append(in, of[l])
			}
		}
		if m.several && s.change.saysEvery(call.Said.Text[:tokens[m.start].start]) {
			every = appendAll(every, in)
		} else {
			named = append(named, in)
		}
	}
	named = slices.DeleteFunc(named, func(in []int) bool {
		return slices.ContainsFunc(in, func(i int) bool { return slices.Contains(every, i) })
	})
	meant := every
	for len(named) > 0 {
		best, most := -1, 0
		for i := range orders {
			n := 0
			for _, in := range named {
				if slices.Contains(in, i) {
					n++
				}
			}
			if n > most {
				best, most = i, n
			}
		}
		if best < 0 {
			break
		}
		meant = append(meant, best)
		named = slices.DeleteFunc(named, func(in []int) bool { return slices.Contains(in, best) })
	}
	if len(meant) < 2 {
		return nil, nil
	}
	slices.Sort(meant)
	var out []catalog.Order
	for _, i := range meant {
		out = append(out, orders[i])
	}
	return out, nil
}
