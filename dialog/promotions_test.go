package dialog

import (
	"os"
	"testing"
	"testing/fstest"
)

func TestPromotionsAreCheckedByLine(t *testing.T) {
	if list, faults := promotions(os.DirFS("../shops/demo"), []string{"en", "zh"}); len(faults) > 0 || len(list) < 2 {
		t.Fatalf("the demo shop's: %d, %v", len(list), faults)
	}
	if list, faults := promotions(fstest.MapFS{}, nil); list != nil || faults != nil {
		t.Errorf("a shop without the file: %v, %v", list, faults)
	}
	const sound = "- id: a\n  text: {en: Ten off.}\n  when: {from: \"2026-11-01\", until: \"2026-12-24\"}\n  who: {everyone: true}\n  what: {percent_off: 10}\n"
	for _, c := range []struct {
		name, file string
		line       int
	}{
		{"unknown key", sound + "  wen: {}\n", 6},
		{"no such day", "- id: a\n  text: {en: x}\n  when: {until: \"2026-13-01\"}\n  who: {everyone: true}\n  what: {percent_off: 10}\n", 3},
		{"ends before it begins", "- id: a\n  text: {en: x}\n  when: {from: \"2026-12-01\", until: \"2026-11-01\"}\n  who: {everyone: true}\n  what: {percent_off: 10}\n", 3},
		{"both percent and amount", "- id: a\n  text: {en: x}\n  who: {everyone: true}\n  what: {percent_off: 10, amount_off: \"3.00\"}\n", 4},
		{"no amount", "- id: a\n  text: {en: x}\n  who: {everyone: true}\n  what: {amount_off: lots}\n", 4},
		{"for nobody", "- id: a\n  text: {en: x}\n  what: {percent_off: 10}\n", 1},
		{"a locale is missing", "- id: a\n  text: {zh: 九折}\n  who: {everyone: true}\n  what: {percent_off: 10}\n", 2},
		{"twice", sound + sound, 6},
	} {
		t.Run(c.name, func(t *testing.T) {
			_, faults := promotions(fstest.MapFS{promotionsFile: {Data: []byte(c.file)}}, []string{"en"})
			if len(faults) != 1 || faults[0].Line != c.line || faults[0].File != promotionsFile {
				t.Errorf("got %v, want one in line %d", faults, c.line)
			}
		})
	}
}
