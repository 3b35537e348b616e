package skill

import (
	"context"
	"encoding/json"
	"slices"
	"strconv"
	"strings"

	"github.com/floorwalker/floorwalker/catalog"
	"github.com/floorwalker/floorwalker/catalog/change"
	"github.com/floorwalker/floorwalker/catalog/store"
	"github.com/floorwalker/floorwalker/dialog/flow"
	"github.com/floorwalker/floorwalker/nlu"
)

// orderItems finds the items of an order that are spoken of: one value, the list of their
// places, or, where it isn't clear which of several is meant, one for each way to read it.
var orderItems = skill{
	Skill: flow.Skill{Name: "order_items", Kind: flow.Resolve, Args: []string{"order"},
		Entities: []string{"product", "sku", "option", "category", "reference"}, Needs: verified},
	run: (*Set).orderItems,
}

// itemsOffered lists the items of an order to choose from.
var itemsOffered = skill{
	Skill: flow.Skill{Name: "items_offered", Kind: flow.Resolve, Args: []string{"order"}, Needs: verified},
	run:   (*Set).itemsOffered,
}

// Picked is one line of an order that is chosen, and how many pieces of it; the slot's value
// is the list of them.
type Picked struct {
	Line     int `json:"line"`
	Quantity int `json:"quantity"`
}

// picked reads the value of a slot of items.
func picked(v any) []change.Pieces {
	text, err := json.Marshal(v)
	var list []Picked
	if err != nil || json.Unmarshal(text, &list) != nil {
		return nil
	}
	out := make([]change.Pieces, len(list))
	for i, p := range list {
		out[i] = change.Pieces(p)
	}
	return out
}

func (s *Set) orderItems(ctx context.Context, call flow.Call) (flow.Result, error) {
	var result flow.Result
	if call.Said == nil {
		return result, nil
	}
	err := s.read(ctx, func(r store.Records) error {
		result = flow.Result{}
		o, ok, err := ownOrderLike(r, arg(call, "order"), call.Identity)
		if err != nil || !ok {
			return err
		}
		lines, err := s.linesOf(r, o)
		if err != nil {
			return err
		}
		choices := s.itemsSaid(call.Said, lines)
		if call.Has != nil {
			if s.words.two.in(call.Said.Text) && len(s.mentions(tokensOf(call.Said.Text), call.Said, lines)) == 0 {
				choices = nil // "both of them, then": of what was chosen
			}
			choices = s.corrected(call, lines, choices)
		}
		if len(choices) != 1 {
			choices = s.amongOffered(call, lines, choices)
		}
		for _, choice := range choices {
			result.Values = append(result.Values, s.itemsValue(o, lines, choice, call))
		}
		return nil
	})
	return result, err
}

// itemsValue is a choice of items as a value, called by their titles.
func (s *Set) itemsValue(o catalog.Order, lines []line, choice []Picked, call flow.Call) flow.Value {
	var names []string
	for _, p := range choice {
		names = append(names, s.lineName(lines[p.Line], lines, call.Locale))
	}
	return flow.Value{V: choice, Text: call.Said.Text, Offset: offset(call.Said),
		View: s.label(orderRecord(o.ID), o.Version, strings.Join(names, wording(s.words.Separator, call.Locale)))}
}

// lineName is what a line is called: its title, with its options where the order has several of
// that title.
func (s *Set) lineName(l line, lines []line, locale string) string {
	title := itemTitle(l.item, l.product, locale)
	alike := slices.ContainsFunc(lines, func(o line) bool { return o.index != l.index && o.item.Title == l.item.Title })
	options := s.words.options(l.product, l.item.Options, locale)
	if !alike || options == "" {
		return title
	}
	return fill(s.change.Described, locale, "{title}", title, "{options}", options)
}

func (s *Set) itemsOffered(ctx context.Context, call flow.Call) (flow.Result, error) {
	var result flow.Result
	if call.Said == nil {
		call.Said = &flow.Said{}
	}
	err := s.read(ctx, func(r store.Records) error {
		result = flow.Result{}
		o, ok, err := ownOrderLike(r, arg(call, "order"), call.Identity)
		if err != nil || !ok {
			return err
		}
		lines, err := s.linesOf(r, o)
		if err != nil {
			return err
		}
		for _, l := range lines {
			result.Values = append(result.Values, s.itemsValue(o, lines, []Picked{whole(l)}, call))
		}
		return nil
	})
	return result, err
}

func whole(l line) Picked { return Picked{l.index, l.item.Quantity} }

// itemsSaid are the choices of lines that a text may mean: none, one, or several to ask about.
func (s *Set) itemsSaid(said *flow.Said, lines []line) [][]Picked {
	if len(lines) == 1 {
		return [][]Picked{{s.pieces(said, lines[0])}}
	}
	tokens := tokensOf(said.Text)
	all := s.mentions(tokens, said, lines)
	var chosen, left, unclear []int
	for _, m := range all {
		free := slices.DeleteFunc(slices.Clone(m.lines), func(i int) bool { return slices.Contains(chosen, i) })
		switch {
		case m.left:
			left = append(left, m.lines...)
		case len(free) == 0: // of what was named before
		case m.several, len(free) == 1:
			chosen = append(chosen, free...)
		case sameSKU(free, lines):
			chosen = append(chosen, free[0])
		case len(free) < len(m.lines) && !m.weak: // "swap the small mug for a large mug"
		case unclear == nil:
			unclear = free
		}
	}
	if chosen == nil && unclear == nil && (s.change.everything.in(said.Text) || len(left) > 0 && s.change.except.in(said.Text)) {
		for _, l := range lines {
			chosen = append(chosen, l.index)
		}
	}
	chosen = slices.DeleteFunc(chosen, func(i int) bool { return slices.Contains(left, i) })
	if chosen == nil && unclear == nil {
		chosen = pointedLines(said, lines)
	}
	if chosen == nil && unclear == nil {
		return nil
	}
	slices.Sort(chosen)
	var base []Picked
	for _, i := range chosen {
		base = append(base, s.pieces(said, lines[i]))
	}
	if unclear == nil {
		return [][]Picked{base}
	}
	var ways [][]Picked
	for _, i := range unclear {
		ways = append(ways, append(slices.Clone(base), whole(lines[i])))
	}
	return ways
}

// corrected are the choices that a text makes of those made before: with more ("and the lamp, too"),
// or without some ("but not the mug").
func (s *Set) corrected(call flow.Call, lines []line, found [][]Picked) [][]Picked {
	var now []Picked
	for _, p := range picked(call.Has) {
		now = append(now, Picked(p))
	}
	has := func(list []Picked, line int) bool {
		return slices.ContainsFunc(list, func(p Picked) bool { return p.Line == line })
	}
	if len(found) == 1 && s.change.also.in(call.Said.Text) && len(lines) > 1 {
		for _, p := range found[0] {
			if p.Line < len(lines) && !has(now, p.Line) {
				now = append(now, p)
			}
		}
		slices.SortFunc(now, func(a, b Picked) int { return a.Line - b.Line })
		return [][]Picked{now}
	}
	if len(found) == 0 && (s.change.several.in(call.Said.Text) || numbered(call.Said)) { // pieces of what was chosen
		for i, p := range now {
			if p.Line < len(lines) {
				now[i] = s.pieces(call.Said, lines[p.Line])
			}
		}
		return [][]Picked{now}
	}
	left := map[int]bool{}
	for _, m := range s.mentions(tokensOf(call.Said.Text), call.Said, lines) {
		for _, l := range m.lines {
			left[l] = left[l] || m.left
		}
	}
	rest := slices.DeleteFunc(slices.Clone(now), func(p Picked) bool { return left[p.Line] })
	if len(rest) < len(now) && len(rest) > 0 && !slices.ContainsFunc(found, func(c []Picked) bool {
		return slices.ContainsFunc(c, func(p Picked) bool { return !has(now, p.Line) })
	}) {
		return [][]Picked{rest}
	}
	return found
}

// amongOffered are the choices that a text means of those listed with the question: all of them,
// or the one that is described best. Where none is, it is what was found without them.
func (s *Set) amongOffered(call flow.Call, lines []line, found [][]Picked) [][]Picked {
	var offered [][]Picked
	shared := map[int]int{} // in how many of them a line is
	for _, v := range call.Offered {
		var choice []Picked
		for _, p := range picked(v.V) {
			if p.Line >= 0 && p.Line < len(lines) {
				choice = append(choice, Picked(p))
				shared[p.Line]++
			}
		}
		offered = append(offered, choice)
	}
	own := map[int][]Picked{} // by the line that only this one has
	var of []int
	for _, choice := range offered {
		for _, p := range choice {
			if shared[p.Line] == 1 {
				own[p.Line], of = choice, append(of, p.Line)
			}
		}
	}
	if len(of) < 2 {
		return found
	}
	if s.change.several.in(call.Said.Text) {
		var all []Picked
		for i, line := range lines {
			if shared[i] > 0 {
				all = append(all, whole(line))
			}
		}
		return [][]Picked{all}
	}
	best := bestBy(of, lines, tokensOf(call.Said.Text))
	if len(best) == len(of) {
		best = s.extremeLine(of, lines, call.Said.Text)
	}
	if len(best) != 1 {
		return found
	}
	return [][]Picked{own[best[0]]}
}

// pieces is how many of a line are meant: all, unless it is said how many ("two of them") or how many
// are left out ("I only need one").
func (s *Set) pieces(said *flow.Said, l line) Picked {
	p := whole(l)
	if p.Quantity > 1 && s.change.oneOf.in(said.Text) {
		p.Quantity = 1
		return p
	}
	for _, e := range said.Entities {
		n, err := strconv.Atoi(e.Value)
		if e.Type != "number" || err != nil || n < 1 || n >= l.item.Quantity {
			continue
		}
		if s.change.keeps(said.Text[:e.Start]) {
			n = l.item.Quantity - n
		}
		if p.Quantity != l.item.Quantity && p.Quantity != n {
			return whole(l) // it is said in two ways: the summary is to be corrected
		}
		p.Quantity = n
	}
	return p
}

func numbered(said *flow.Said) bool {
	return slices.ContainsFunc(said.Entities, func(e nlu.Entity) bool { return e.Type == "number" })
}

func sameSKU(of []int, lines []line) bool {
	return !slices.ContainsFunc(of, func(i int) bool { return lines[i].item.SKU != lines[of[0]].item.SKU })
}

// pointedLines are the lines at the places that are named: "the first one", "1 and 3".
func pointedLines(said *flow.Said, lines []line) []int {
	var out []int
	for _, e := range said.Entities {
		n, err := strconv.Atoi(e.Value)
		if e.Type == "reference" && err == nil && n >= 1 && n <= len(lines) && !slices.Contains(out, n-1) {
			out = append(out, n-1)
		}
	}
	return out
}
