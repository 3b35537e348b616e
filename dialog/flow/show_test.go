package flow_test

import (
	"strings"
	"testing"
)

func TestShow(t *testing.T) {
	set := load(t, vocabulary(t), "")
	want := `
┌────────────────────────────────┐
│ cancel_order                   │
│ cancelling an order · 取消订单 │
│ when cancel_order              │
│ needs verified                 │
└───┬────────────────────────────┘
  slots order ← order_id, described_order · ask which_order_cancel · offer own_orders · check own_order
        reason ← one of policy.cancel.reasons · ask why_cancel
    │
    ├─ ⌕ look order
    ├─ ◇ if not (record.status in policy.cancel.statuses)
    │  └─yes
    │     ├─ ◇ if record.status == "cancelled"
    │     │  ├─yes
    │     │  │  └─ » say already_cancelled
    │     │  └─no
    │     │     └─ » say cannot_cancel
    │     └─ ■ end
    ├─ ? collect reason
    ├─ ✓ confirm cancel_summary
    ├─ ● do cancel_order
    ├─ ⌕ look order
    └─ » say cancelled
`
	if got := "\n" + set.Show("cancel_order"); got != want {
		t.Errorf("got%s", got)
	}
	if set.Show("none") != "" || set.Mermaid("none") != "" {
		t.Error("a flow that doesn't exist is drawn")
	}
}

func TestMermaid(t *testing.T) {
	set := load(t, vocabulary(t), "")
	want := `flowchart TD
  n0(["order_status<br>when order_status<br>needs claimed"])
  n1["⌕ look order"]
  n0 --> n1
  n2["» say order_status"]
  n1 --> n2
  n3{"◇ if record.overdue"}
  n2 --> n3
  n4["» say order_overdue"]
  n3 -->|yes| n4
  n5{"◇ if record.tracked"}
  n3 -->|no| n5
  n6["» say order_tracking"]
  n5 -->|yes| n6
  n7{"◇ if record.unsent"}
  n5 -->|no| n7
  n8{"◇ if record.age_days > policy.shipping.late_days"}
  n7 -->|yes| n8
  n9["» say order_late"]
  n8 -->|yes| n9
  n10["» say order_unsent"]
  n8 -->|no| n10
  n11(["end"])
  n4 --> n11
  n6 --> n11
  n9 --> n11
  n10 --> n11
  n7 -->|no| n11
`
	if got := set.Mermaid("order_status"); got != want {
		t.Errorf("got\n%s", got)
	}
	for _, name := range set.Names() {
		if strings.Contains(set.Mermaid(name), "\"\"\"") {
			t.Error(name)
		}
	}
}
