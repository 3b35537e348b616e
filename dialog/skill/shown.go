package skill

import (
	"context"
	"slices"
	"strconv"
	"strings"

	"github.com/floorwalker/floorwalker/catalog"
	"github.com/floorwalker/floorwalker/catalog/store"
	"github.com/floorwalker/floorwalker/dialog/flow"
	"github.com/floorwalker/floorwalker/nlu"
	"github.com/floorwalker/floorwalker/retrieval/text"
)

// shown is the products that the last replies showed together, the latest group first. What
// follow-ups say without a name means one of them.
type shown [][]shownProduct

type shownProduct struct {
	meant
	product *catalog.Product
}

// mostGroups is how many groups are looked back at.
const mostGroups = 3

// shownBefore reads the products that were shown.
func (s *Set) shownBefore(ctx context.Context, call flow.Call) (out shown, err error) {
	if len(call.Shown) == 0 {
		return nil, nil
	}
	err = s.read(ctx, func(r store.Records) error {
		out = nil
		shelf := s.newShelf(r)
		for _, records := range call.Shown {
			var group []shownProduct
			for _, record := range records {
				p, ok, err := s.shownProduct(shelf, record)
				if err != nil {
					return err
				}
				if ok && !slices.ContainsFunc(group, func(o shownProduct) bool { return o.meant.product == p.meant.product }) {
					group = append(group, p)
				}
			}
			if len(group) > 0 {
				out = append(out, group)
			}
			if len(out) == mostGroups {
				break
			}
		}
		return nil
	})
	return out, err
}

func (s *Set) shownProduct(shelf *shelf, record string) (shownProduct, bool, error) {
	kind, id, _ := strings.Cut(record, "/")
	var m meant
	switch kind {
	case "product":
		m.product = id
	case "variant":
		m.sku = id
	default:
		return shownProduct{}, false, nil
	}
	p, err := s.productOf(shelf, &m)
	return shownProduct{m, p}, p != nil && len(p.Variants) > 0, err
}

// latest is the group shown last, nil if there is none.
func (h shown) latest() []shownProduct {
	if len(h) == 0 {
		return nil
	}
	return h[0]
}

// one is the product that was shown alone last: "how much is it?".
func (h shown) one() meant {
	if group := h.latest(); len(group) == 1 {
		return group[0].meant
	}
	return meant{}
}

// sized reports whether the product shown alone last comes in sizes.
func (h shown) sized(w *words) bool {
	p := h.latest()[0].product
	sizes := map[string]bool{}
	for _, v := range p.Variants {
		if name, ok := w.sizeOf(v.Options); ok {
			sizes[v.Options[name]] = true
		}
	}
	return len(sizes) > 1
}

// list is the latest group of several: what ordinals count.
func (h shown) list() []shownProduct {
	for _, group := range h {
		if len(group) > 1 {
			return group
		}
	}
	return nil
}

// pointed is the product of the list that a text points at: "the second one", 最后那个, or
// "the other one" of two.
func (h shown) pointed(said *flow.Said, now meant) (meant, bool) {
	all := h.pointedAll(said)
	if len(all) > 0 {
		return all[0], true
	}
	list := h.list()
	for _, e := range said.Entities {
		if e.Type == "reference" && e.Value == "other" && len(list) == 2 {
			for i, p := range list {
				if p.meant.product == now.product {
					return list[1-i].meant, true
				}
			}
		}
	}
	return meant{}, false
}

// pointedAll are the products of the list that a text counts off: "the first and the last one".
func (h shown) pointedAll(said *flow.Said) []meant {
	var out []meant
	list := h.list()
	for _, e := range said.Entities {
		if e.Type != "reference" {
			continue
		}
		n, err := strconv.Atoi(e.Value)
		if e.Value == "last" {
			n, err = len(list), nil
		}
		if err == nil && n >= 1 && n <= len(list) {
			out = append(out, list[n-1].meant)
		}
	}
	return out
}

// among are those of the ids that were shown, in the order of the latest group that has any.
func (h shown) among(ids []string) []string {
	for _, group := range h {
		var out []string
		for _, p := range group {
			if slices.Contains(ids, p.meant.product) {
				out = append(out, p.meant.product)
			}
		}
		if len(out) > 0 {
			return out
		}
	}
	return nil
}

// shownAs are the products of the latest group that words fit best: whose title, options or
// attributes have most of them, and whether they have them all.
func (s *Set) shownAs(h shown, words string) (best []meant, all bool) {
	units, filler := s.reader.Parse(words)
	if filler {
		return nil, false
	}
	most := 0
	for _, p := range h.latest() {
		titles, others := textsOf(p.product)
		points, has := 0, 0
		for _, u := range units {
			switch piece := u.Any[0]; {
			case slices.ContainsFunc(piece, func(x text.Piece) bool { return names(x, titles) }):
				points += 3
				has++
			case slices.ContainsFunc(piece, func(x text.Piece) bool { return names(x, others) }):
				points++
				has++
			}
		}
		switch {
		case points > most:
			best, most, all = []meant{p.meant}, points, has == len(units)
		case points == most && points > 0:
			best = append(best, p.meant)
		}
	}
	return best, all
}

// names is touches, but for single characters, which are in too many words.
func names(p text.Piece, terms map[string]bool) bool { return len(p.Run) != 1 && touches(p, terms) }

// textsOf are the terms of a product's titles, and those of its options and attributes, in
// all languages.
func textsOf(p *catalog.Product) (titles, others map[string]bool) {
	titles, others = map[string]bool{}, map[string]bool{}
	add := func(to map[string]bool, s string) {
		for _, t := range text.Terms(s) {
			to[t] = true
		}
	}
	add(titles, p.Title)
	for _, value := range p.Attributes {
		add(others, value)
	}
	for _, v := range p.Variants {
		for _, value := range v.Options {
			add(others, value)
		}
	}
	for _, t := range p.Translations {
		add(titles, t.Title)
		for _, value := range t.Attributes {
			add(others, value)
		}
		for _, values := range t.Options {
			for _, value := range values {
				add(others, value)
			}
		}
	}
	return titles, others
}

// productPointedAt is the product shown that a text points at instead of naming what it looks
// for: "does the second one come in white?", "is there a white one of these?" of one product.
var productPointedAt = skill{
	Skill: flow.Skill{Name: "product_pointed_at", Kind: flow.Resolve, Args: []string{"product"}, Options: []string{"product"},
		Entities: []string{"reference", "product", "sku", "category", "brand", "option", "money_max", "money_min"}},
	run: (*Set).productPointedAt,
}

func (s *Set) productPointedAt(ctx context.Context, call flow.Call) (flow.Result, error) {
	if call.Said == nil {
		return flow.Result{}, nil
	}
	before, err := s.shownBefore(ctx, call)
	if err != nil {
		return flow.Result{}, err
	}
	options := optionsIn(call.Said)
	m, points := before.pointed(call.Said, before.one())
	if !points {
		m = before.one()
		unnamed := s.spokenOf(call.Said) == "" && !slices.ContainsFunc(call.Said.Entities, func(e nlu.Entity) bool { return e.Type == "category" })
		points = m.product != "" && unnamed && (len(options) > 0 || s.extent(call.Said.Text) != 0 && before.sized(s.words))
	}
	if !points {
		return flow.Result{}, nil
	}
	return s.productValues(ctx, call, []meant{m}, options)
}
