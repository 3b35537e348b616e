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
  slots order ← order_id, order_to_cancel · ask which_order_cancel · offer orders_to_cancel · check own_order
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
  n2{"◇ if record.told and any([#quot;order_overdue#quot;, #quot;order_late#quot;, #quot;order_still_overdue#quot;, #quot;order_still_late#quot;], # in said)"}
  n1 --> n2
  n3{"◇ if record.overdue"}
  n2 -->|yes| n3
  n4["» say order_still_overdue"]
  n3 -->|yes| n4
  n5["» say order_still_late"]
  n3 -->|no| n5
  n6(["■ end"])
  n4 --> n6
  n5 --> n6
  n7["» say order_status"]
  n2 -->|no| n7
  n8{"◇ if record.overdue"}
  n7 --> n8
  n9["» say order_overdue"]
  n8 -->|yes| n9
  n10{"◇ if record.tracked"}
  n8 -->|no| n10
  n11["» say order_tracking"]
  n10 -->|yes| n11
  n12{"◇ if record.unsent"}
  n10 -->|no| n12
  n13{"◇ if record.age_days > policy.shipping.late_days"}
  n12 -->|yes| n13
  n14["» say order_late"]
  n13 -->|yes| n14
  n15["» say order_unsent"]
  n13 -->|no| n15
  n16(["end"])
  n9 --> n16
  n11 --> n16
  n14 --> n16
  n15 --> n16
  n12 -->|no| n16
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
