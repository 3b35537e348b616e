package skill

import (
	"maps"
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

// with is m with what was said of its product put over its options. Where there is no such
// variant, what was said before counts no more.
func (m meant) with(options []saidOption, p *catalog.Product) meant {
	if len(options) == 0 {
		return m
	}
	only, all := meant{product: m.product, options: map[string]string{}}, meant{product: m.product, options: maps.Clone(m.options)}
	if all.options == nil {
		all.options = map[string]string{}
	}
	for _, o := range options {
		x := o.of(p)
		only.options[x.name], all.options[x.name] = x.value, x.value
	}
	if slices.ContainsFunc(p.Variants, all.has) {
		return all
	}
	return only
}
