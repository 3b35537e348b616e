package reply

import (
	"reflect"
	"slices"
	"strconv"
	"strings"

	"github.com/floorwalker/floorwalker/catalog"
	"github.com/floorwalker/floorwalker/dialog/flow"
	"github.com/floorwalker/floorwalker/nlu/fold"
)

// Ground is what free text may say in one turn: the facts of the turn's sayings, each with the
// thing it was read of and its role there, and approved passages. It is immutable and safe for
// concurrent use.
//
// What a sentence says is held to it like this. Every wording that a fact may have is looked for:
// what is left of figures, amounts, dates, names and promises after that is refused, however it
// is written. A value that is found must be that of the thing that the sentence speaks of, in the
// role that the words about it name, and not be negated; states and availability must be so for
// that thing. A sentence that a passage carries nearly word by word may say what the passage does.
// What can't be told apart is refused: the template that stands in for it is right.
type Ground struct {
	bank   *Bank
	locale *locale
	claims *claims
	names  Lexicon

	root     *thing
	facts    []grounded
	forms    map[rune][]form // by first character, longest first
	passages []passage
}

// Passage is a text that the shop approved of, such as a piece of its knowledge.
type Passage struct {
	Record, Version string
	Title, Text     string
}

// grounded is a fact with its place.
type grounded struct {
	catalog.Fact
	role   *role // nil: a name or the like, which can be told anywhere
	owner  *thing
	naming bool // it says which thing is spoken of
}

// thing is what facts are read of: an order, one of its items, a product, a variant.
type thing struct {
	parent    *thing
	children  []*thing
	facts     []int // indexes of Ground.facts
	available *bool
	kind      string   // name of the view
	options   []string // "black", "750 ml"
	plan      bool     // it is what is to be done with an order
}

func (t *thing) within(other *thing) bool {
	for ; t != nil; t = t.parent {
		if t == other {
			return true
		}
	}
	return false
}

// Bounds on what is walked and kept.
const (
	deepest      = 8
	mostFacts    = 400
	longestValue = 100 // bytes of a policy's text that is told as it is
)

// Ground gathers what the sayings of a turn may tell.
func (b *Bank) Ground(says []flow.Saying, c Context, passages ...Passage) *Ground {
	g := &Ground{bank: b, locale: b.match(c.Locale), claims: b.claims, names: c.Names, root: &thing{}}
	for _, s := range says {
		r := &rendering{bank: b, locale: g.locale, ctx: &c, env: s.Env}
		for name := range s.Env {
			g.walk(r, r.root(name, nil), path{name}, g.root, 0)
		}
	}
	for _, p := range passages {
		g.addPassage(p)
	}
	g.plan()
	g.index(c)
	return g
}

// plan has how many pieces of something are meant be those of the plan for an order, not of the order.
func (g *Ground) plan() {
	planned := map[string]bool{}
	for _, f := range g.facts {
		if f.naming && f.owner != g.root && f.owner.parent.plan {
			planned[f.Value] = true
		}
	}
	if len(planned) == 0 {
		return
	}
	for _, f := range g.facts {
		if f.naming && planned[f.Value] && f.owner != g.root && !f.owner.parent.plan {
			f.owner.facts = slices.DeleteFunc(f.owner.facts, func(i int) bool { return g.facts[i].Kind == catalog.KindQuantity })
		}
	}
}

// walk gathers the facts at a place and below.
func (g *Ground) walk(r *rendering, at place, p path, owner *thing, depth int) {
	if !at.v.IsValid() || depth > deepest || len(g.facts) >= mostFacts {
		return
	}
	if at.kind != "" || at.v.Type() == reflect.TypeFor[catalog.Fact]() {
		if facts, err := r.tell(at, p); err == nil {
			for _, f := range facts {
				g.add(f, p, owner)
			}
			return
		}
	}
	switch at.v.Kind() {
	case reflect.Slice, reflect.Array:
		for i := range at.size() {
			g.walk(r, at.element(i), p, owner, depth+1)
		}
	case reflect.Map:
		for _, key := range at.v.MapKeys() {
			if next, err := at.step(key.String()); err == nil {
				if next.kind == catalog.KindPolicy && p[0] == policyRoot {
					next.source.Record = policyRoot + "/" + append(slices.Clone(p[1:]), key.String()).String()
				}
				g.walk(r, next.settle(), append(slices.Clone(p), key.String()), owner, depth+1)
			}
		}
	case reflect.Struct:
		g.view(r, at, p, owner, depth)
	}
}

// view gathers the facts of a view: they are those of a thing of its own.
func (g *Ground) view(r *rendering, at place, p path, owner *thing, depth int) {
	t := &thing{parent: owner, kind: at.v.Type().Name()}
	owner.children = append(owner.children, t)
	_, t.plan = fieldOf(at.v.Type(), "order")
	if p[len(p)-1] == "sold_out" {
		t.available = new(bool)
	}
	_, joined := fieldOf(at.v.Type(), "lines")
	for _, name := range fieldNames(at.v.Type()) {
		if name == "items" && joined { // the same again, line by line
			continue
		}
		next, err := at.step(name)
		if err != nil || !next.v.IsValid() {
			continue
		}
		if next.kind == "" && name == "available" && next.v.Kind() == reflect.Bool {
			yes := next.v.Bool()
			t.available = &yes
			continue
		}
		g.walk(r, next.settle(), append(slices.Clone(p), name), t, depth+1)
	}
}

// fieldNames are the names of a view's fields, also of those it embeds.
func fieldNames(t reflect.Type) []string {
	var names []string
	for i := range t.NumField() {
		f := t.Field(i)
		name := f.Tag.Get("expr")
		switch {
		case !f.IsExported():
		case name != "" && name != "-":
			names = append(names, name)
		case f.Anonymous && indirect(f.Type).Kind() == reflect.Struct && f.Type != sourceType:
			names = append(names, fieldNames(indirect(f.Type))...)
		}
	}
	return names
}

// add keeps a fact. A text is a passage rather than a value; zero is nothing to tell but of stock.
func (g *Ground) add(f catalog.Fact, p path, owner *thing) {
	if f.Record == "" {
		return
	}
	text := f.Unit == "" && !isRange(f.Value)
	switch {
	case f.Kind == catalog.KindPolicy && text:
		g.addPassage(Passage{Record: f.Record, Version: f.Version, Text: f.Value})
		if len(f.Value) > longestValue { // opening hours, a phone number
			return
		}
	case f.Kind == catalog.KindSaid && !text && !strings.HasPrefix(f.Value, "+"):
		return // a shopper's figure proves nothing
	}
	role := g.claims.roleOf(owner.kind, p)
	if role == nil && f.Kind != catalog.KindSaid && (f.Kind == catalog.KindPolicy && !text || numeric(f)) {
		return // a figure that no sentence is known to be about
	}
	if d, err := parseFigure(f.Value); err == nil && d.IsZero() && f.Kind != catalog.KindStock {
		return
	}
	if f.Kind == catalog.KindStock && owner.available == nil {
		yes := f.Value != "0"
		owner.available = &yes
	}
	owner.facts = append(owner.facts, len(g.facts))
	g.facts = append(g.facts, grounded{f, role, owner, f.Kind == catalog.KindName && namedBy[p[len(p)-1]]})
}

// isRange reports whether a value is a number or a range of numbers.
func isRange(s string) bool {
	low, high, _ := strings.Cut(fold.New(s).String, "-")
	_, err := strconv.ParseFloat(strings.TrimSpace(low), 64)
	if err == nil && high != "" {
		_, err = strconv.ParseFloat(strings.TrimSpace(high), 64)
	}
	return err == nil
}

// roleOf is the role of a field of a view: by the view's name, else by the longest end of its path
// that has one.
func (c *claims) roleOf(view string, p path) *role {
	if r := c.roles[view+"."+p[len(p)-1]]; r != nil {
		return r
	}
	for i := range p {
		if r, ok := c.roles[p[i:].String()]; ok {
			return r
		}
	}
	return nil
}

// bearers are the things that a role's value is looked for on when a thing is spoken of: the
// thing itself, else what it is part of, else its nearest parts.
func (g *Ground) bearers(t *thing, has func(*thing) bool) []*thing {
	for up := t; up != nil; up = up.parent {
		if has(up) {
			return []*thing{up}
		}
	}
	level := t.children
	for len(level) > 0 {
		var found, next []*thing
		for _, c := range level {
			if has(c) {
				found = append(found, c)
			}
			next = append(next, c.children...)
		}
		if len(found) > 0 {
			return found
		}
		level = next
	}
	return nil
}

// ofFamily reports whether a thing has a fact in a role, or in one that stands for it: what has a
// highest price has no other price by what it is part of.
func (g *Ground) ofFamily(t *thing, r *role) bool {
	return slices.ContainsFunc(t.facts, func(i int) bool {
		own := g.facts[i].role
		return own == r || own != nil && own.Family != "" && own.Family == r.Family
	})
}

// state is a thing's order state, "" where it has none.
func (g *Ground) state(t *thing) string {
	for _, i := range t.facts {
		if g.facts[i].Kind == catalog.KindOrderState {
			return g.facts[i].Value
		}
	}
	return ""
}
