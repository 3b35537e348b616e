package flow_test

import (
	"os"
	"reflect"
	"strings"
	"testing"
	"testing/fstest"

	"github.com/floorwalker/floorwalker/dialog/builtin"
	"github.com/floorwalker/floorwalker/dialog/flow"
)

// TestDocumentedFlows holds docs/flows.md to what it teaches: its flows load, and it has every event.
func TestDocumentedFlows(t *testing.T) {
	text, err := os.ReadFile("../../docs/flows.md")
	if err != nil {
		t.Fatal(err)
	}
	v := vocabulary(t, "which_paper", "too_late_to_wrap", "wrap_summary", "wrapped")
	v.Intents["gift_wrap"] = true
	v.Skills["wrap_order"] = flow.Skill{Name: "wrap_order", Kind: flow.Act, Args: []string{"order", "paper"}, View: reflect.TypeFor[orderView]()}
	parts := strings.Split(string(text), "```")
	if len(parts) < 3 {
		t.Fatal("no example")
	}
	for i := 1; i < len(parts); i += 2 {
		shop := fstest.MapFS{"flows/doc.yaml": {Data: []byte(strings.TrimPrefix(parts[i], "yaml"))}}
		if _, faults := flow.Load(builtin.Files, shop, v); len(faults) > 0 {
			t.Error(faults)
		}
	}
	for name, what := range flow.Events {
		if !strings.Contains(string(text), "| `"+name+"` | "+what+" |") {
			t.Errorf("event %s isn't in docs/flows.md as it is in the code", name)
		}
	}
}
