package skill

import (
	"maps"
	"regexp"
	"slices"
	"strings"

	"github.com/floorwalker/floorwalker/catalog"
	"github.com/floorwalker/floorwalker/dialog/flow"
)

// saidOption is what one word says of a variant: "black" is a color=black of some products and
// a handle=black of others. What it means depends on the product; there is at least one.
type saidOption []option

type option struct{ name, value string }

// optionsIn are the options that a text names, in its order.
func optionsIn(said *flow.Said) []saidOption {
	var all []saidOption
	at := map[[2]int]int{} // span → index in all
	for _, e := range said.Entities {
		name, value, ok := strings.Cut(e.Value, "=")
		if e.Type != "option" || !ok {
			continue
		}
		span := [2]int{e.Start, e.End}
		i, again := at[span]
		if !again {
			i = len(all)
			at[span] = i
			all = append(all, nil)
		}
		all[i] = append(all[i], option{name, value})
	}
	return all
}

// of is what the word means of a product: an option with this value, else one of this name,
// else the first meaning.
func (o saidOption) of(p *catalog.Product) option {
	best, named := o[0], false
	if x, ok := o.within(p); ok {
		return x
	}
	for _, x := range o {
		for _, v := range p.Variants {
			if v.Options[x.name] == x.value {
				return x
			}
			if _, has := v.Options[x.name]; has && !named {
				best, named = x, true
			}
		}
	}
	return best
}

// within is the one value of a product that the word is a word of, where it is none itself:
// "blue" of what comes in sky blue and sand.
func (o saidOption) within(p *catalog.Product) (option, bool) {
	var found []option
	for _, x := range o {
		for _, v := range p.Variants {
			value, has := v.Options[x.name]
			if value == x.value {
				return option{}, false
			}
			if y := (option{x.name, value}); has && slices.Contains(strings.Fields(value), x.value) && !slices.Contains(found, y) {
				found = append(found, y)
			}
		}
	}
	if len(found) != 1 {
		return option{}, false
	}
	return found[0], true
}

// with is m with what was said of its product put over its options. Where there is no such
// variant, what was said before counts no more. Several values of one option are all meant:
// "the 10 inch and the 12 inch one".
func (m meant) with(options []saidOption, p *catalog.Product) meant {
	if len(options) == 0 {
		return m
	}
	only := meant{product: m.product, options: map[string][]string{}}
	for _, o := range options {
		x := o.of(p)
		only.options[x.name] = appendNew(only.options[x.name], x.value)
	}
	all := meant{product: m.product, options: maps.Clone(m.options)}
	if all.options == nil {
		all.options = map[string][]string{}
	}
	maps.Copy(all.options, only.options)
	if slices.ContainsFunc(p.Variants, all.has) {
		return all
	}
	return only
}

// single is the options of one variant as those that are meant.
func single(options map[string]string) map[string][]string {
	out := map[string][]string{}
	for name, value := range options {
		out[name] = []string{value}
	}
	return out
}

// values words options that are meant: "blue, 750 ml". p may be nil.
func (w *words) values(p *catalog.Product, options map[string][]string, locale string) string {
	var worded []string
	for _, name := range w.optionNames(maps.Keys(options)) {
		for _, value := range options[name] {
			worded = append(worded, w.options(p, map[string]string{name: value}, locale))
		}
	}
	return strings.Join(worded, wording(w.Separator, locale))
}

// plainFigure is a number that may stand for an option's value: "the glass one, 600".
var plainFigure = regexp.MustCompile(`^\d{2,}(?:\.\d+)?$`)

// figures are the options of a product that numbers in a text stand for, where nothing is
// counted by them.
func figures(said *flow.Said, p *catalog.Product) []saidOption {
	var out []saidOption
	for _, e := range said.Entities {
		if e.Type != "number" || !plainFigure.MatchString(e.Text) {
			continue
		}
		var meant saidOption
		for _, v := range p.Variants {
			for name, value := range v.Options {
				figure, _, _ := strings.Cut(value, " ")
				if x := (option{name, value}); figure == e.Value && figure != value && !slices.Contains(meant, x) {
					meant = append(meant, x)
				}
			}
		}
		if len(meant) > 0 {
			slices.SortFunc(meant, func(a, b option) int { return strings.Compare(a.name+a.value, b.name+b.value) })
			out = append(out, meant)
		}
	}
	return out
}
