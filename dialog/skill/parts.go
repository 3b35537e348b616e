package skill

import (
	"cmp"
	"maps"
	"slices"
	"strings"

	"github.com/floorwalker/floorwalker/catalog"
	"github.com/floorwalker/floorwalker/dialog/flow"
)

// mostParts is how many parts of a product are told one by one.
const mostParts = 6

// parts fills in what is told of the variants one by one.
func (s *Set) parts(v *ProductView, p *catalog.Product, variants []catalog.Variant, locale string) {
	v.Prices = s.prices(p, variants, locale)
	v.Dimensions = s.dimensions(p, p.Variants, locale)
	some := slices.ContainsFunc(p.Variants, func(x catalog.Variant) bool { return x.Available })
	for _, x := range p.Variants {
		if some && !x.Available {
			v.SoldOut = append(v.SoldOut, s.part(p, x, s.words.options(p, x.Options, locale)))
		}
	}
	if len(v.SoldOut) > mostParts {
		v.SoldOut = nil
	}
	if len(variants) < 2 || len(variants) > mostParts {
		return
	}
	for _, x := range variants {
		v.Parts = append(v.Parts, s.part(p, x, s.words.options(p, x.Options, locale)))
	}
}

func (s *Set) part(p *catalog.Product, x catalog.Variant, options string) PartView {
	v := PartView{Source: s.source("variant/"+x.SKU, version(p.Version)), Options: options, Available: x.Available,
		Price: catalog.Money{Amount: x.Price, Currency: currencyOf(x, s.Settings.Currency)}}
	if x.Stock != nil && x.Available {
		v.StockKnown, v.Stock = true, *x.Stock
	}
	return v
}

// prices tells which variants cost what: by the one option that decides it, else one by one;
// nil where all cost the same, or it takes too long.
func (s *Set) prices(p *catalog.Product, variants []catalog.Variant, locale string) []PartView {
	price := func(a, b catalog.Variant) int { return a.Price.Cmp(b.Price) }
	if slices.MinFunc(variants, price).Price.Equal(slices.MaxFunc(variants, price).Price) {
		return nil
	}
	for _, name := range s.words.optionNames(maps.Keys(variants[0].Options)) {
		first := map[string]catalog.Variant{} // by value of the option
		var values []string
		decides := true
		for _, x := range variants {
			value := x.Options[name]
			one, known := first[value]
			if !known {
				first[value], values = x, append(values, value)
			} else if !one.Price.Equal(x.Price) {
				decides = false
			}
		}
		if !decides || len(values) > mostParts {
			continue
		}
		return s.pricesBy(p, name, values, first, locale)
	}
	if len(variants) > mostParts {
		return nil
	}
	var out []PartView
	for _, x := range variants {
		out = append(out, s.part(p, x, s.words.options(p, x.Options, locale)))
	}
	return out
}

// pricesBy tells the price for each value of an option; values that cost the same together.
func (s *Set) pricesBy(p *catalog.Product, name string, values []string, first map[string]catalog.Variant, locale string) []PartView {
	var out []PartView
	for _, value := range values {
		part := s.part(p, first[value], s.words.options(p, map[string]string{name: value}, locale))
		i := slices.IndexFunc(out, func(o PartView) bool { return o.Price.Amount.Equal(part.Price.Amount) })
		if i < 0 {
			out = append(out, part)
			continue
		}
		out[i].Options += wording(s.words.Separator, locale) + part.Options
	}
	return out
}

// dimensions are the options of variants, each with its values in the order of the variants;
// figures go up.
func (s *Set) dimensions(p *catalog.Product, variants []catalog.Variant, locale string) []OptionView {
	values := map[string][]string{}
	for _, x := range variants {
		for name, value := range x.Options {
			values[name] = appendNew(values[name], value)
		}
	}
	var out []OptionView
	for _, name := range s.words.optionNames(maps.Keys(values)) {
		all := values[name]
		slices.SortStableFunc(all, func(a, b string) int {
			x, xok := figure(a)
			y, yok := figure(b)
			if !xok || !yok {
				return 0
			}
			return cmp.Compare(x, y)
		})
		var worded []string
		for _, value := range all {
			worded = append(worded, s.words.options(p, map[string]string{name: value}, locale))
		}
		out = append(out, OptionView{Source: s.source("product/"+p.ID, version(p.Version)), Name: s.words.optionName(name, locale),
			Values: strings.Join(worded, wording(s.words.Separator, locale)), Count: len(all)})
	}
	return out
}

// optionName is what an option is called in a locale.
func (w *words) optionName(name, locale string) string {
	for _, l := range []string{language(locale), "en"} {
		if names := w.OptionNames[strings.ToLower(name)][l]; len(names) > 0 {
			return names[0]
		}
	}
	return strings.ReplaceAll(name, "_", " ")
}

// asked leaves those options that a question is about, all if it names none that there is.
func (s *Set) asked(v *ProductView, p *catalog.Product, said *flow.Said) {
	if said == nil || len(v.Dimensions) < 2 {
		return
	}
	names := map[string]bool{}
	for _, x := range p.Variants {
		for name := range x.Options {
			names[name] = true
		}
	}
	var kept []OptionView
	for i, name := range s.words.optionNames(maps.Keys(names)) {
		if called, ok := s.words.called[strings.ToLower(name)]; ok && called.in(said.Text) {
			kept = append(kept, v.Dimensions[i])
		}
	}
	if len(kept) > 0 {
		v.Dimensions = kept
	}
}
