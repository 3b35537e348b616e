package skill_test

import (
	"reflect"
	"testing"

	"github.com/floorwalker/floorwalker/dialog/flow"
	"github.com/floorwalker/floorwalker/dialog/skill"
)

// TestFollowUpsMeanWhatWasShown: without a name, what is asked is about what was shown last.
func TestFollowUpsMeanWhatWasShown(t *testing.T) {
	type object = map[string]any
	kettles := [][]string{{"product/kettle-whistle", "product/kettle-rapid", "product/kettle-gooseneck"}}
	pan := append([][]string{{"order/W10209"}, {"variant/PN-NO-SUCH", "product/pan-nonstick"}}, kettles...)
	option := func(product, name string, value any) object {
		return object{"product": product, "options": object{name: value}}
	}
	for _, c := range []struct {
		text  string
		shown [][]string
		want  []any
	}{
		{"how much is the second one", kettles, []any{object{"product": "kettle-rapid"}}},
		{"最后那个多少钱", kettles, []any{object{"product": "kettle-gooseneck"}}},
		{"第一个有货吗", kettles, []any{object{"product": "kettle-whistle"}}},
		{"how much is the copper one", kettles, []any{option("kettle-gooseneck", "color", "copper")}},
		{"细嘴的那款多少钱", kettles, []any{object{"product": "kettle-gooseneck"}}},
		{"how much?", kettles, []any{object{"product": "kettle-whistle"}, object{"product": "kettle-rapid"}, object{"product": "kettle-gooseneck"}}},
		{"多少钱", pan, []any{object{"product": "pan-nonstick"}}},
		{"12寸的有货吗", pan, []any{option("pan-nonstick", "size", "12 inch")}},
		{"12寸和10寸差多少钱", pan, []any{option("pan-nonstick", "size", []any{"12 inch", "10 inch"})}},
		{"how much is the 10", pan, []any{option("pan-nonstick", "size", "10 inch")}},
		{"and the third one of those?", pan, []any{object{"product": "kettle-gooseneck"}}},
		{"the biggest one please", pan, []any{option("pan-nonstick", "size", "12 inch")}},
		{"is the large one in stock", pan, []any{option("pan-nonstick", "size", "12 inch")}},
		{"any other sizes?", pan, []any{object{"product": "pan-nonstick"}}},
		{"how much is the chef's knife", pan, []any{object{"product": "knife-chef"}}},
		{"how much is the second one", nil, nil},
	} {
		t.Run(c.text, func(t *testing.T) {
			d := open(t)
			r, err := d.Run(t.Context(), flow.Call{Skill: "described_product", Locale: "en", Said: d.say(c.text), Shown: c.shown, Args: object{}})
			if err != nil {
				t.Fatal(err)
			}
			var got []any
			for _, v := range r.Values {
				got = append(got, v.V)
			}
			if !reflect.DeepEqual(got, c.want) {
				t.Errorf("got %v, want %v", got, c.want)
			}
		})
	}
}

// TestSearchesGoOn: what only says more of the search before joins it; anything else doesn't.
func TestSearchesGoOn(t *testing.T) {
	type object = map[string]any
	before := object{"text": "pan", "max": "60"}
	for _, c := range []struct {
		text   string
		follow bool
		want   any
	}{
		{"the nonstick one", false, object{"text": "pan nonstick", "max": "60"}},
		{"nonstick please", true, object{"text": "pan nonstick", "max": "60"}},
		{"not too big", true, object{"text": "pan", "max": "60", "extent": -1}},
		{"under 30", true, object{"text": "pan", "max": "30"}},
		{"a kettle", false, object{"text": "kettle"}},
		{"a kettle", true, nil},
		{"what's the weather like in Rome", true, nil},
		{"今天天气真好的", true, nil},
		{"hello", true, nil},
	} {
		t.Run(c.text, func(t *testing.T) {
			d := open(t)
			r, err := d.Run(t.Context(), flow.Call{Skill: "search_words", Locale: "en", Said: d.say(c.text), Follow: c.follow, Args: object{"query": before}})
			if err != nil {
				t.Fatal(err)
			}
			var got any
			if len(r.Values) > 0 {
				got = r.Values[0].V
			}
			if !reflect.DeepEqual(got, c.want) {
				t.Errorf("got %v, want %v", got, c.want)
			}
		})
	}
}

// TestCheaperThanWhatIsSpokenOf: the product spoken of is the bound, else the cheapest shown.
func TestCheaperThanWhatIsSpokenOf(t *testing.T) {
	d := open(t)
	type object = map[string]any
	kettles := [][]string{{"product/kettle-whistle", "product/kettle-rapid", "product/kettle-gooseneck"}}
	look := func(text string, args object) skill.ProductsView {
		t.Helper()
		r, err := d.Run(t.Context(), flow.Call{Skill: "search_words", Locale: "en", Said: d.say(text), Shown: kettles, Args: args})
		if err != nil || len(r.Values) != 1 {
			t.Fatalf("%q makes %+v: %v", text, r.Values, err)
		}
		return d.call("products", nobody, "en", nil, "query", r.Values[0].V).View.(skill.ProductsView)
	}
	search := object{"text": "kettle"}
	for _, text := range []string{"anything cheaper?", "有便宜点的吗"} {
		if v := look(text, object{"query": search, "product": object{"product": "kettle-gooseneck"}}); v.NoneThan || v.Count != 2 || v.Than.Amount.String() != "69" {
			t.Errorf("%q after the dear one: %+v", text, v)
		}
		if v := look(text, object{"query": search}); !v.NoneThan || v.Count != 1 || v.First.Title != "Whistling Stovetop Kettle" || v.Than.Amount.String() != "39.5" {
			t.Errorf("%q of all of them: %+v", text, v)
		}
	}
}

// TestWordsAroundAThingAreNotMissing: only what says what a thing should be like is.
func TestWordsAroundAThingAreNotMissing(t *testing.T) {
	d := open(t)
	for _, c := range []struct{ text, missing, first string }{
		{"老板 保温杯", "", "Trail Flask"},
		{"paper filters pretty much", "", "Paper Filter Cones"},
		{"making pour over coffee at home, nothing fancy", "", "Cone Coffee Dripper"},
		{"钛 水壶", "钛", ""},
		{"titanium kettle", "titanium", ""},
		{"zeppelin flights", "", "none"},
	} {
		v := d.call("products", nobody, "en", nil, "query", map[string]any{"text": c.text}).View.(skill.ProductsView)
		first := "none"
		if v.Count > 0 {
			first = v.First.Title
		}
		if v.Missing != c.missing || v.Relaxed != (c.missing != "") || c.first != "" && first != c.first {
			t.Errorf("%q: %q is missing (relaxed %t), %q comes first", c.text, v.Missing, v.Relaxed, first)
		}
	}
}
