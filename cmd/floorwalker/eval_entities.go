package main

import (
	"context"
	"fmt"
	"maps"
	"os"
	"slices"
	"strings"

	"github.com/floorwalker/floorwalker/nlu/evaluate"
)

type evalEntitiesCommand struct {
	Cases  string `help:"JSON lines {text, lang, reference_time?, entities: [{type, text, value, start, end}]}, positions in code points; or the folder Specs of microsoft/Recognizers-Text." required:"" type:"path" placeholder:"FILE"`
	Misses bool   `help:"Print each text in which something is wrong."`
	JSON   bool   `help:"Print one JSON object."`
}

func (c *evalEntitiesCommand) Help() string {
	return "Looks for the types that the cases have, each on its own: in \"$20\" money and the number 20 are both right.\n" +
		"exact is the part of the values found at an overlapping place with the same value, span the part found at the\n" +
		"very place, precision the part of what was found that is right. docs/entities.md lists types and values.\n\n" +
		"Example: floorwalker eval entities --cases cases.jsonl --misses"
}

func (c *evalEntitiesCommand) Run(_ context.Context, s streams) error {
	info, err := os.Stat(c.Cases)
	if err != nil {
		return err
	}
	if info.IsDir() {
		return c.recognizers(s)
	}
	f, err := os.Open(c.Cases)
	if err != nil {
		return err
	}
	defer f.Close()
	cases, err := evaluate.EntityCases(f)
	if err != nil {
		return fmt.Errorf("%s: %w", c.Cases, err)
	}
	score, misses := evaluate.Entities(cases)
	if c.JSON {
		return printJSON(s.out, score)
	}
	fmt.Fprintf(s.out, "%d values: exact %.3f\n", score.N, score.Exact)
	c.print(s, "", slices.Sorted(maps.Keys(score.ByType)), score, misses)
	return nil
}

// recognizers measures a row for each language, model and type.
func (c *evalEntitiesCommand) recognizers(s streams) error {
	models, err := evaluate.Recognizers(os.DirFS(c.Cases))
	if err != nil {
		return err
	}
	all := map[string]evaluate.EntityScore{}
	for _, m := range models {
		score, misses := m.Score()
		if all[m.Lang+" "+m.Name] = score; !c.JSON {
			c.print(s, m.Lang+" ", m.Types, score, misses)
		}
	}
	if c.JSON {
		return printJSON(s.out, all)
	}
	return nil
}

func (c *evalEntitiesCommand) print(s streams, lang string, types []string, score evaluate.EntityScore, misses []evaluate.EntityMiss) {
	for _, kind := range types {
		t := score.ByType[kind]
		fmt.Fprintf(s.out, "%-16s %4d  exact %.3f  span %.3f  precision %.3f  F1 %.3f\n", lang+kind, t.N, t.Exact, t.Span, t.Precision, t.F1)
	}
	if !c.Misses {
		return
	}
	for _, m := range misses {
		fmt.Fprintf(s.out, "%s in %q: wants %s, found %s\n", m.Type, m.Case.Text, asValues(m.Want()), asValues(m.Got))
	}
}

func asValues(all []evaluate.Entity) string {
	if len(all) == 0 {
		return "nothing"
	}
	out := make([]string, len(all))
	for i, e := range all {
		out[i] = fmt.Sprintf("%q = %s", e.Text, e.Value)
	}
	return strings.Join(out, ", ")
}
