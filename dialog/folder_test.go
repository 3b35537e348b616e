package dialog_test

import (
	"slices"
	"strings"
	"testing"
	"testing/fstest"

	"github.com/floorwalker/floorwalker/catalog"
	"github.com/floorwalker/floorwalker/dialog"
)

const soundSettings = "id: small\nname: Small\nlocales: [en, zh]\ncurrency: USD\ntime_zone: UTC\n"

// Whatever a shopkeeper gets wrong, in whichever file, is told with the file and the line.
func TestFaultsHaveTheirPlace(t *testing.T) {
	for name, c := range map[string]struct {
		file, text string
		want       string // the fault's place and a part of its message
	}{
		"nothing wrong":             {"synonyms.yaml", "- [kettle, 水壶]\n", ""},
		"unknown setting":           {"shop.yaml", soundSettings + "colour: red\n", "shop.yaml:6: colour"},
		"placeholder leads nowhere": {"replies/mine.yaml", "price:\n  en: It costs {record.prise}.\n  zh: \"{record.price}\"\n", "replies/mine.yaml:2: prise"},
		"figure by hand":            {"replies/mine.yaml", "goodbye:\n  en: Bye, 20 % off next time!\n  zh: 再见\n", "replies/mine.yaml:2: 20"},
		"unknown skill":             {"flows/mine.yaml", "mine:\n  when: [greet]\n  steps:\n    - look: weather\n", "flows/mine.yaml:4: weather"},
		"act without a yes":         {"flows/mine.yaml", "cancel_order:\n  title: {en: x, zh: y}\n  when: [cancel_order]\n  needs: verified\n  slots:\n    order: {from: [order_id], ask: which_order}\n    reason: {choices: policy.cancel.reasons, ask: why_cancel}\n  steps:\n    - do: cancel_order\n", "flows/mine.yaml:9: confirm"},
		"flow that calls itself":    {"flows/mine.yaml", "greet:\n  when: [greet]\n  steps:\n    - call: greet\n", "flows/mine.yaml"},
		"intent without examples":   {"intents/mine.yaml", "repair:\n  examples: {en: []}\n", "intents/mine.yaml"},
		"one word is no group":      {"synonyms.yaml", "- [kettle]\n", "synonyms.yaml"},
		"knowledge without a title": {"knowledge/a.md", "---\nlocale: en\n---\n\n## Heading\n\nText.\n", "knowledge/a.md"},
	} {
		t.Run(name, func(t *testing.T) {
			folder := fstest.MapFS{"shop.yaml": {Data: []byte(soundSettings)}}
			folder[c.file] = &fstest.MapFile{Data: []byte(c.text)}
			_, faults := dialog.ReadFolder(folder, "small")
			if c.want == "" {
				if len(faults) > 0 {
					t.Errorf("faults in a sound folder:\n%v", faults)
				}
				return
			}
			place, part, _ := strings.Cut(c.want, ": ")
			if !slices.ContainsFunc(faults, func(f catalog.Fault) bool {
				return strings.HasPrefix(f.String(), place) && strings.Contains(f.Message, part)
			}) {
				t.Errorf("no fault at %s about %q:\n%v", place, part, faults)
			}
		})
	}
}
