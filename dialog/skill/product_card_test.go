package skill_test

import (
	"reflect"
	"testing"

	"github.com/shopspring/decimal"

	"github.com/floorwalker/floorwalker/catalog"
	"github.com/floorwalker/floorwalker/dialog/journal"
	"github.com/floorwalker/floorwalker/dialog/skill"
)

// A card tells what its product comes in, in the reader's language, and whether some of it costs more.
func TestCardTellsWhatThereIs(t *testing.T) {
	variant := func(color, size, price string) catalog.Variant {
		return catalog.Variant{SKU: color + size, Options: map[string]string{"size": size, "color": color}, Price: decimal.RequireFromString(price), Available: true}
	}
	p := catalog.Product{ID: "flask", Title: "Flask", Variants: []catalog.Variant{variant("green", "1 l", "30"), variant("blue", "1 l", "25.00"), variant("green", "2 l", "30")},
		Translations: map[string]catalog.Translation{"zh": {Title: "保温杯", Options: map[string]map[string]string{"color": {"green": "绿色"}}}}}
	card := skill.WholeCard(p, "zh-CN", "USD")
	want := []journal.CardOption{{Name: "color", Values: []string{"绿色", "blue"}}, {Name: "size", Values: []string{"1 l", "2 l"}}}
	if card.Title != "保温杯" || !card.From || card.Price.Amount.String() != "25" || !reflect.DeepEqual(card.Options, want) {
		t.Errorf("%+v", card)
	}
	p.Variants = p.Variants[:1]
	if card := skill.WholeCard(p, "en", "USD"); card.From || card.SKU != "green1 l" || card.Options[0].Values[0] != "green" {
		t.Errorf("%+v", card)
	}
}
