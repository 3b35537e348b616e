package skill

import (
	"fmt"
	"testing"

	"github.com/floorwalker/floorwalker/catalog"
	"github.com/floorwalker/floorwalker/dialog/flow"
)

func saying(text string) *flow.Said {
	s := &flow.Said{}
	s.Text = text
	return s
}

// Items as people speak of them: an order of two mugs, a lamp and a shelf of each size.
func TestItemsSaid(t *testing.T) {
	s := New(Deps{})
	zh := func(title string) *catalog.Product {
		return &catalog.Product{Translations: map[string]catalog.Translation{"zh": {Title: title}}}
	}
	item := func(sku, title string, options map[string]string) catalog.Item {
		return catalog.Item{SKU: sku, Product: title, Title: title, Quantity: 1, Options: options}
	}
	lines := []line{
		s.lineOf(0, item("MG-BLU", "Harbor Stoneware Mug", map[string]string{"color": "blue"}), zh("粗陶马克杯")),
		s.lineOf(1, item("MG-RED", "Harbor Stoneware Mug", map[string]string{"color": "red"}), zh("粗陶马克杯")),
		s.lineOf(2, item("LT-1", "LED Desk Lamp", nil), zh("LED 台灯")),
		s.lineOf(3, item("SH-S", "Bookshelf", map[string]string{"height": "4 ft"}), zh("书架")),
		s.lineOf(4, item("SH-L", "Bookshelf", map[string]string{"height": "6 ft"}), zh("书架")),
	}
	for text, want := range map[string]string{
		"the lamp":                               "[[2]]",
		"the desk lamp and the red mug":          "[[1 2]]",
		"both mugs":                              "[[0 1]]",
		"the mugs":                               "[[0 1]]",
		"the mug":                                "[[0] [1]]",
		"everything but the lamp":                "[[0 1 3 4]]",
		"all of it except the lamp and the mugs": "[[3 4]]",
		"everything":                             "[[0 1 2 3 4]]",
		"the bigger bookshelf":                   "[[4]]",
		"the smaller bookshelf and both mugs":    "[[0 1 3]]",
		"the Harbor Stoneware Mug (red)":         "[[1]]",
		"MG-BLU":                                 "[[0]]",
		"the lamp, but keep the mugs":            "[[2]]",
		"something else":                         "[]",
		"两个马克杯":                                  "[[0 1]]",
		"台灯和红色的马克杯":                              "[[2] [2]]",
		"除了台灯，其他都退":                              "[[0 1 3 4]]",
		"全部":                                     "[[0 1 2 3 4]]",
		"把书架都退了":                                 "[[3 4]]",
	} {
		got := [][]int{}
		for _, choice := range s.itemsSaid(saying(text), lines) {
			var places []int
			for _, p := range choice {
				places = append(places, p.Line)
			}
			got = append(got, places)
		}
		if text == "台灯和红色的马克杯" { // colours in Chinese are the catalogue's to know: it asks which
			if len(got) != 2 {
				t.Errorf("%q: %v", text, got)
			}
			continue
		}
		if fmt.Sprint(got) != want {
			t.Errorf("%q: got %v, want %s", text, got, want)
		}
	}
}

// Variants as people wish for them, in the place of a blue shirt, size M.
func TestWishIn(t *testing.T) {
	s := New(Deps{})
	var variants []catalog.Variant
	for _, color := range []string{"blue", "black", "light blue"} {
		for _, size := range []string{"S", "M", "L", "10"} {
			for _, backlight := range []string{"RGB", "none"} {
				variants = append(variants, catalog.Variant{SKU: color + size + backlight, Options: map[string]string{"color": color, "size": size, "backlight": backlight}})
			}
		}
	}
	p := &catalog.Product{Variants: variants}
	has := map[string]string{"color": "blue", "size": "M", "backlight": "RGB"}
	for text, want := range map[string]string{
		"in black":                            "map[color:[black]]",
		"a black one instead of the blue one": "map[color:[black]]",
		"light blue please":                   "map[color:[light blue]]",
		"color black, size L":                 "map[color:[black] size:[L]]",
		"without backlight":                   "map[backlight:[none]]",
		"no backlight, size 10":               "map[backlight:[none] size:[10]]",
		"I'm not sure":                        "map[]",
		"10":                                  "map[size:[10]]",
	} {
		if got := s.wishIn(text, nil, p, has, true); fmt.Sprint(got.allowed) != want {
			t.Errorf("%q: %v, want %s", text, got.allowed, want)
		}
	}
	if got := s.wishIn("I have 10 minutes, I'm in a hurry", nil, p, has, false); !got.empty() {
		t.Errorf("figures beside: %+v", got)
	}
	if got := s.wishIn("not black", nil, p, has, true); len(got.excluded) != 1 || len(got.allowed) != 0 {
		t.Errorf("not black: %+v", got)
	}
}
