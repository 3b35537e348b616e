package feed

import (
	"slices"
	"strings"

	"github.com/floorwalker/floorwalker/catalog"
)

// statusTag begins a tag of Shopify's that says an order's status where the columns can't:
// delivered, return_requested, ….
const statusTag = "status:"

// states are the statuses of orders by Shopify's columns, the first that fits.
var states = []struct {
	fulfilment []string // nil: any
	financial  []string
	status     string
	doubt      bool // told, because Shopify's state has no counterpart
}{
	{[]string{"fulfilled"}, nil, "shipped", false},
	{[]string{"partial", "partially_fulfilled"}, nil, "processed", false},
	{[]string{"", "unfulfilled", "pending", "on_hand", "scheduled", "open", "on_hold"}, []string{"", "paid", "pending", "authorized", "partially_paid"}, "pending", false},
	{nil, nil, "processed", true},
}

// settle decides the order's status, once its items are known.
func (p *placed) settle(o object) {
	if !p.head {
		return
	}
	fulfilment, financial := strings.ToLower(o.text("fulfillment status")), strings.ToLower(o.text("financial status"))
	switch tagged := taggedStatus(o.text("tags")); {
	case o.text("cancelled at") != "":
		p.order.Status = "cancelled"
	case tagged != "":
		p.order.Status = tagged
	default:
		for _, s := range states {
			if (s.fulfilment == nil || slices.Contains(s.fulfilment, fulfilment)) && (s.financial == nil || slices.Contains(s.financial, financial)) {
				p.order.Status = s.status
				if s.doubt {
					o.row.clean("state %s, %s has no counterpart: taken as %s, which nobody can change", quoted(financial), quoted(fulfilment), s.status)
				}
				break
			}
		}
	}
	if p.order.Status == "processed" && len(p.sent) > 0 {
		p.order.Shipments = []catalog.Shipment{{Tracking: []string{}, SKUs: p.sent}}
	}
}

func taggedStatus(tags string) string {
	for t := range strings.SplitSeq(tags, ",") {
		if status, ok := strings.CutPrefix(strings.TrimSpace(t), statusTag); ok {
			return strings.TrimSpace(status)
		}
	}
	return ""
}
