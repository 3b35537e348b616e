package reply_test

import (
	"os"
	"strings"
	"testing"

	"github.com/goccy/go-yaml"

	"github.com/floorwalker/floorwalker/dialog/flow"
	"github.com/floorwalker/floorwalker/dialog/reply"
)

// TestTrueRepliesPass checks replies that people wrote. At most 3 % of what is true may be refused.
func TestTrueRepliesPass(t *testing.T) {
	f := openFloor(t)
	raw, err := os.ReadFile("testdata/true_replies.yaml")
	if err != nil {
		t.Fatal(err)
	}
	var turns []struct {
		Products  []string `yaml:"products"`
		Option    string   `yaml:"option"`
		Order     string   `yaml:"order"`
		Knowledge string   `yaml:"knowledge"`
		Part      int      `yaml:"part"`
		En        []string `yaml:"en"`
		Zh        []string `yaml:"zh"`
	}
	if err := yaml.UnmarshalWithOptions(raw, &turns, yaml.Strict()); err != nil {
		t.Fatal(err)
	}
	n, blocked := map[string]int{}, 0
	for _, turn := range turns {
		for locale, replies := range map[string][]string{"en": turn.En, "zh": turn.Zh} {
			s := f.scene(locale, nil)
			env := map[string]any{"policy": f.policy}
			switch {
			case turn.Order != "":
				env["record"] = f.lookOrder(f.order(turn.Order), locale)
			case len(turn.Products) == 1:
				env["record"] = f.look(f.product(turn.Products[0]), turn.Option, locale)
			case len(turn.Products) > 1:
				c := comparison{Source: f.source("products"), Count: len(turn.Products)}
				for _, id := range turn.Products {
					c.Compared = append(c.Compared, f.look(f.product(id), "", locale))
				}
				c.First = c.Compared[0]
				env["record"] = c
			default:
				part := 0
				for _, p := range f.passages[locale] {
					if strings.HasPrefix(p.Record, "passage/"+turn.Knowledge+".") {
						if part == turn.Part {
							s.passages = []reply.Passage{p}
						}
						part++
					}
				}
				if len(s.passages) == 0 {
					t.Fatalf("no passage %d of %s", turn.Part, turn.Knowledge)
				}
			}
			s.says = []flow.Saying{{Reply: "written", Env: env}}
			g := s.ground(f.bank)
			for _, text := range replies {
				n[locale]++
				out, err := g.Write(t.Context(), writes(5, text), reply.Worded{Text: "-"}, func(string) {})
				if err != nil {
					t.Fatal(err)
				}
				if out.Fell {
					blocked++
					t.Logf("%s\n   %s", out.Blocked[0], text)
				}
			}
		}
	}
	t.Logf("%d of %d true replies blocked, %d of them Chinese", blocked, n["en"]+n["zh"], n["zh"])
	if n["en"] < 100 || n["zh"] < 100 {
		t.Errorf("only %v replies", n)
	}
	if float64(blocked) > 0.03*float64(n["en"]+n["zh"]) {
		t.Errorf("%d of %d true replies blocked: more than 3 %%", blocked, n["en"]+n["zh"])
	}
}
