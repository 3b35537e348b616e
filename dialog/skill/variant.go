package skill

import (
	"context"
	"slices"
	"strings"

	"github.com/shopspring/decimal"

	"github.com/floorwalker/floorwalker/catalog"
	"github.com/floorwalker/floorwalker/catalog/store"
	"github.com/floorwalker/floorwalker/dialog/flow"
	"github.com/floorwalker/floorwalker/nlu"
)

// wantedVariant finds the variant that is wanted in the place of an item: by what is to be
// different, the rest staying as it is.
var wantedVariant = skill{
	Skill: flow.Skill{Name: "wanted_variant", Kind: flow.Resolve, Args: []string{"order", "items", "item", "variant"}, Options: []string{"items", "variant"},
		Entities: []string{"option", "sku", "product", "reference"}, Refuses: []string{variantSoldOut, noSuchVariant, sameVariant}, Needs: verified},
	run: (*Set).wantedVariant,
}

// variantsOffered lists what an item could be swapped for, where that isn't too much to choose
// from.
var variantsOffered = skill{
	Skill: flow.Skill{Name: "variants_offered", Kind: flow.Resolve, Args: []string{"order", "item"}, Needs: verified},
	run:   (*Set).variantsOffered,
}

const (
	variantSoldOut = "variant_sold_out"
	noSuchVariant  = "no_such_variant"
	sameVariant    = "same_variant"

	mostVariants = 8 // listed to choose from
)

// swapping is an item that is to be swapped.
type swapping struct {
	order   catalog.Order
	lines   []line
	line    line
	chosen  []int             // lines that are to be swapped
	other   bool              // for another variant: the order hasn't left yet
	now     map[string]string // options that what is said builds on: the item's, or those of what was chosen for it
	product *catalog.Product
}

// swappingOf reads what a call is about; ok is false where the shop doesn't have it any more.
func (s *Set) swappingOf(r store.Records, call flow.Call) (swapping, bool, error) {
	o, ok, err := ownOrderLike(r, arg(call, "order"), call.Identity)
	item, is := argValue(call, "item").(ChosenItem)
	if err != nil || !ok || !is || item.Index < 0 || item.Index >= len(o.Items) {
		return swapping{}, false, err
	}
	lines, err := s.linesOf(r, o)
	if err != nil {
		return swapping{}, false, err
	}
	w := swapping{order: o, lines: lines, line: lines[item.Index], product: lines[item.Index].product,
		other: slices.Contains(s.policyList("change_items", "statuses"), o.Status)}
	for _, p := range picked(argValue(call, "items")) {
		w.chosen = append(w.chosen, p.Line)
	}
	w.now = w.line.item.Options
	if sku := arg(call, "variant"); sku != "" && w.product != nil {
		for _, v := range w.product.Variants {
			if v.SKU == sku {
				w.now = v.Options
			}
		}
	}
	return w, w.product != nil, nil
}

func (s *Set) wantedVariant(ctx context.Context, call flow.Call) (flow.Result, error) {
	var result flow.Result
	if call.Said == nil {
		return result, nil
	}
	err := s.read(ctx, func(r store.Records) error {
		result = flow.Result{}
		w, ok, err := s.swappingOf(r, call)
		if err != nil || !ok {
			return err
		}
		result = s.variantSaid(w, call)
		return nil
	})
	return result, err
}

func (s *Set) variantSaid(w swapping, call flow.Call) flow.Result {
	text := s.saidOf(w, call)
	if strings.TrimSpace(text) == "" {
		return flow.Result{}
	}
	for _, v := range w.product.Variants {
		if words := wordsOf(tokensOf(v.SKU)); v.SKU != w.line.item.SKU && len(v.SKU) > 4 && saidIn(tokensOf(text), []string{v.SKU}) == len(words) {
			return s.variantResult(w, call, []catalog.Variant{v})
		}
	}
	result := flow.Result{}
	for _, part := range s.change.otherwise.cut(text) {
		tried := s.variantIn(w, call, text, part)
		if len(tried.Values) > 0 || result.Refused == "" {
			result = tried
		}
		if len(tried.Values) > 0 {
			break
		}
	}
	return result
}

// variantIn is the variant that a part of a text asks for.
func (s *Set) variantIn(w swapping, call flow.Call, text string, part [2]int) flow.Result {
	var entities []nlu.Entity
	for _, e := range call.Said.Entities {
		if e.Start >= part[0] && e.End <= part[1] && strings.TrimSpace(text[e.Start:e.End]) != "" {
			e.Start, e.End = e.Start-part[0], e.End-part[0]
			entities = append(entities, e)
		}
	}
	wanted := s.wishIn(text[part[0]:part[1]], entities, w.product, w.now, call.Expected)
	if wanted.empty() || !call.Expected && wanted.onlySays(w.line.item.Options) {
		return flow.Result{}
	}
	if wanted.same && len(wanted.allowed) == 0 && len(wanted.either) == 0 && !w.other {
		wanted = wish{allowed: single(w.line.item.Options), same: true}
	}
	var fit []catalog.Variant
	soldOut, itself := false, false
	for _, v := range w.product.Variants {
		own := v.SKU == w.line.item.SKU
		switch {
		case !wanted.fits(v.Options):
		case own && (w.other || !wanted.same):
			itself = true
		case !canBeHad(v):
			soldOut = true
		default:
			fit = append(fit, v)
		}
	}
	fit = s.nearestTo(w, wanted, s.offeredAmong(fit, call))
	switch {
	case len(fit) > 0:
		return s.variantResult(w, call, fit)
	case soldOut:
		return flow.Result{Refused: variantSoldOut}
	case itself:
		return flow.Result{Refused: sameVariant}
	}
	return flow.Result{Refused: noSuchVariant}
}

func canBeHad(v catalog.Variant) bool { return v.Available && (v.Stock == nil || *v.Stock > 0) }

// offeredAmong are those of the variants that were listed with the question, all if none was.
func (s *Set) offeredAmong(all []catalog.Variant, call flow.Call) []catalog.Variant {
	var listed []catalog.Variant
	for _, v := range all {
		if slices.ContainsFunc(call.Offered, func(o flow.Value) bool { return o.V == v.SKU }) {
			listed = append(listed, v)
		}
	}
	if len(listed) > 0 {
		return listed
	}
	return all
}

// nearestTo picks of the variants that fit: the nearest in price or size, and those that are as
// the item is in what nothing was said of.
func (s *Set) nearestTo(w swapping, wanted wish, fit []catalog.Variant) []catalog.Variant {
	if wanted.bySize != 0 {
		fit = s.nextInSize(fit, w.now, wanted.bySize)
	}
	if wanted.byPrice != 0 {
		return extremes(fit, func(v catalog.Variant) decimal.Decimal {
			return v.Price.Mul(decimal.NewFromInt(int64(-wanted.byPrice)))
		})
	}
	kept := func(v catalog.Variant) decimal.Decimal {
		n := 0
		for name, value := range w.now {
			if !wanted.speaks(name) && v.Options[name] != value {
				n++
			}
		}
		return decimal.NewFromInt(int64(n))
	}
	return extremes(fit, kept)
}

// extremes are the variants for which a measure is least.
func extremes(all []catalog.Variant, by func(catalog.Variant) decimal.Decimal) []catalog.Variant {
	var out []catalog.Variant
	for _, v := range all {
		switch {
		case len(out) == 0 || by(v).LessThan(by(out[0])):
			out = []catalog.Variant{v}
		case by(v).Equal(by(out[0])):
			out = append(out, v)
		}
	}
	return out
}

// nextInSize are the variants that are the next larger, or smaller, than a thing.
func (s *Set) nextInSize(all []catalog.Variant, has map[string]string, way int) []catalog.Variant {
	name, ok := s.words.sizeOf(has)
	if !ok {
		return nil
	}
	now, _ := figure(has[name])
	var beyond []catalog.Variant
	for _, v := range all {
		if n, ok := figure(v.Options[name]); ok && (n-now)*float64(way) > 0 {
			beyond = append(beyond, v)
		}
	}
	return extremes(beyond, func(v catalog.Variant) decimal.Decimal {
		n, _ := figure(v.Options[name])
		return decimal.NewFromFloat((n - now) * float64(way))
	})
}

func (s *Set) variantResult(w swapping, call flow.Call, all []catalog.Variant) flow.Result {
	var result flow.Result
	for _, v := range all[:min(len(all), mostVariants)] {
		value := flow.Value{V: v.SKU, Offset: offset(call.Said), View: s.label("variant/"+v.SKU, w.product.Version,
			fill(s.change.Variant, call.Locale, "{options}", s.words.options(w.product, v.Options, call.Locale), "{price}", s.priced(v.Price)))}
		if call.Said != nil {
			value.Text = call.Said.Text
		}
		result.Values = append(result.Values, value)
	}
	return result
}

// priced is a price as a label has it.
func (s *Set) priced(amount decimal.Decimal) string {
	return amount.StringFixed(2) + " " + s.Settings.Currency
}

// saidOf is what a text says of an item that is to be swapped, with spaces for all else: all of it, where it is the only
// one; else what stands with its name, or, in answer to the question, where no other is named, all.
func (s *Set) saidOf(w swapping, call flow.Call) string {
	tokens := tokensOf(call.Said.Text)
	all := slices.DeleteFunc(s.mentions(tokens, call.Said, w.lines), func(m mention) bool { // "compartment: laptop" names no laptop
		return slices.ContainsFunc(s.valuesIn(call.Said.Text, tokens, w.product, false), func(h hit) bool { return h.start <= m.start && m.end <= h.end })
	})
	var own []int // mentions of the item
	var taken []int
	clear := false // another item is named by what it is
	for i, m := range all {
		var of []int
		for _, l := range m.lines {
			if slices.Contains(w.chosen, l) && !slices.Contains(taken, l) {
				of = append(of, l)
			}
		}
		if m.left {
			continue
		}
		if len(of) == 0 { // said of it once more
			if slices.Contains(taken, w.line.index) && len(m.lines) == 1 && m.lines[0] == w.line.index {
				own = append(own, i)
			}
			continue
		}
		if !m.several {
			of = of[:1]
		}
		taken = append(taken, of...)
		clear = clear || !m.weak
		if slices.Contains(of, w.line.index) {
			own = append(own, i)
		}
	}
	text := call.Said.Text
	switch {
	case len(w.chosen) < 2 || len(own) == 0 && len(taken) == 0 && (call.Expected || s.change.several.in(text)), len(own) == 0 && call.Expected && !clear:
		return withoutNames(text, tokens, all, call.Said.Entities)
	case len(own) == 0:
		return ""
	}
	blank := withoutNames(text, tokens, all, call.Said.Entities)
	out := []byte(strings.Repeat(" ", len(text)))
	for _, i := range own {
		from, to := 0, len(text)
		if i > 0 {
			end := tokens[all[i-1].end-1].end
			from = lastBoundary(s.change, text[:tokens[all[i].start].start], end)
			if from == end {
				from = tokens[all[i].start].start
			}
		}
		if i+1 < len(all) {
			next := tokens[all[i+1].start].start
			end := tokens[all[i].end-1].end
			if to = lastBoundary(s.change, text[:next], end); to == end {
				to = next
			}
		}
		copy(out[from:to], blank[from:to])
	}
	return string(out)
}

// withoutNames is a text with spaces for what names things and orders.
func withoutNames(text string, tokens []token, all []mention, entities []nlu.Entity) string {
	var spans [][2]int
	for _, m := range all {
		if !m.weak {
			spans = append(spans, [2]int{tokens[m.start].start, tokens[m.end-1].end})
		}
	}
	for _, e := range entities {
		if e.Type == "order_id" {
			spans = append(spans, [2]int{e.Start, e.End})
		}
	}
	return blanked(text, spans)
}

func (s *Set) variantsOffered(ctx context.Context, call flow.Call) (flow.Result, error) {
	var result flow.Result
	err := s.read(ctx, func(r store.Records) error {
		result = flow.Result{}
		w, ok, err := s.swappingOf(r, call)
		if err != nil || !ok {
			return err
		}
		var all []catalog.Variant
		for _, v := range w.product.Variants {
			if canBeHad(v) && v.SKU != w.line.item.SKU {
				all = append(all, v)
			}
		}
		if len(all) <= mostVariants {
			result = s.variantResult(w, call, all)
		}
		return nil
	})
	return result, err
}
