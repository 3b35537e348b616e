package flow

import (
	"slices"
	"strconv"

	"github.com/floorwalker/floorwalker/catalog"
)

var (
	flowKeys  = []string{"title", "when", "on", "needs", "heed", "drops", "absorbs", "covers", "slots", "steps"}
	slotKeys  = []string{"from", "choices", "ask", "offer", "check", "accepts", "tries", "per", "common", "anew"}
	levels    = map[string]catalog.Level{"claimed": catalog.Claimed, "verified": catalog.Verified}
	stepExtra = map[stepKind][]string{ // keys beside the step's own
		stepLook: {"with", "as"}, stepIf: {"then", "else"}, stepEach: {"as", "steps"}, stepDo: {"with"},
		stepSay: {"cards", "choices"}, stepCollect: nil, stepConfirm: nil, stepCall: nil,
	}
)

// flows reads the flows of a file. Faults of form are noted; what is left is as written.
func (s *source) flows(top node) []*Flow {
	var out []*Flow
	for _, k := range top.keys {
		if k.value.kind != mapNode {
			s.atKey(k, "flow `%s` is a map with steps, not %s", k.name, k.value.kindName())
			continue
		}
		out = append(out, s.flow(k))
	}
	return out
}

func (s *source) flow(k key) *Flow {
	n := k.value
	f := &Flow{Name: k.name, File: s.file, line: k.line, col: k.col, places: places(n)}
	s.known(n, "a flow", flowKeys)
	if t, ok := n.get("title"); ok {
		f.Title = s.text(t)
	}
	if w, ok := n.get("when"); ok {
		f.When = s.names(w)
	}
	if on, ok := n.get("on"); ok {
		f.On = s.scalar(on)
	}
	if heed, ok := n.get("heed"); ok {
		f.Heeds = s.names(heed)
	}
	if drops, ok := n.get("drops"); ok {
		f.Drops = s.names(drops)
	}
	if absorbs, ok := n.get("absorbs"); ok {
		f.Absorbs = s.names(absorbs)
	}
	if covers, ok := n.get("covers"); ok {
		f.Covers = s.names(covers)
	}
	if needs, ok := n.get("needs"); ok {
		word := s.scalar(needs)
		f.Needs = levels[word]
		if f.Needs == 0 {
			s.at(needs, "`%s` is no identity level; %s", word, allowed(word, keysOf(levels)))
		}
	}
	if slots, ok := n.get("slots"); ok && s.is(slots, mapNode, "slots") {
		for _, k := range slots.keys {
			f.Slots = append(f.Slots, s.slot(k))
		}
	}
	steps, ok := n.get("steps")
	if !ok {
		s.atKey(k, "flow `%s` has no steps", f.Name)
	} else {
		f.steps = s.steps(steps)
	}
	return f
}

func (s *source) slot(k key) *Slot {
	n := k.value
	out := &Slot{Name: k.name, Tries: defaultTries, line: k.line, col: k.col, places: places(n)}
	if !identifier(k.name) {
		s.atKey(k, "a slot's name is letters, digits and _, so that conditions can read it as slots.name")
	}
	if !s.is(n, mapNode, "a slot") {
		return out
	}
	s.known(n, "a slot", slotKeys)
	if v, ok := n.get("from"); ok {
		out.From = s.names(v)
	}
	for name, to := range map[string]*string{"ask": &out.Ask, "offer": &out.Offer, "check": &out.Check, "per": &out.Per} {
		if v, ok := n.get(name); ok {
			*to = s.scalar(v)
		}
	}
	out.choices = s.expression(n, "choices")
	out.accepts = s.expression(n, "accepts")
	for name, to := range map[string]*bool{"anew": &out.Anew, "common": &out.Common} {
		v, ok := n.get(name)
		if !ok {
			continue
		}
		flag, err := strconv.ParseBool(s.scalar(v))
		if err != nil {
			s.at(v, "%s is true or false", name)
		}
		*to = flag
	}
	if v, ok := n.get("tries"); ok {
		tries, err := strconv.Atoi(s.scalar(v))
		if err != nil || tries < 1 || tries > 20 {
			s.at(v, "tries is a number from 1 to 20")
			tries = defaultTries
		}
		out.Tries = tries
	}
	return out
}

func (s *source) steps(n node) []step {
	if !s.is(n, listNode, "steps") {
		return nil
	}
	if len(n.items) == 0 {
		s.at(n, "no steps stand here; write at least one")
	}
	var out []step
	for _, item := range n.items {
		if st, ok := s.step(item); ok {
			out = append(out, st)
		}
	}
	return out
}

func (s *source) step(n node) (step, bool) {
	kinds := append(keysOf(stepExtra), stepEnd)
	words := make([]string, len(kinds))
	for i, k := range kinds {
		words[i] = string(k)
	}
	if n.kind == scalarNode {
		if n.text == string(stepEnd) {
			return step{kind: stepEnd, at: n}, true
		}
		s.at(n, "`%s` is no step; %s", n.text, allowed(n.text, words))
		return step{}, false
	}
	if !s.is(n, mapNode, "a step") {
		return step{}, false
	}
	for _, k := range n.keys {
		if kind := stepKind(k.name); slices.Contains(keysOf(stepExtra), kind) {
			return s.stepOf(kind, n), true
		}
	}
	first := ""
	if len(n.keys) > 0 {
		first = n.keys[0].name
	}
	s.at(n, "`%s` is no step; %s", first, allowed(first, words))
	return step{}, false
}

func (s *source) stepOf(kind stepKind, n node) step {
	out := step{kind: kind, at: n}
	s.known(n, "the step `"+string(kind)+"`", append([]string{string(kind)}, stepExtra[kind]...))
	switch kind {
	case stepIf, stepEach:
		out.cond = s.expression(n, string(kind))
	default:
		v, _ := n.get(string(kind))
		out.name = s.scalar(v)
		out.at = v
	}
	switch kind {
	case stepLook:
		out.as = "record"
	case stepIf:
		s.branch(n, "then", &out.then)
		s.branch(n, "else", &out.other)
		if len(out.then) == 0 && len(out.other) == 0 {
			s.at(n, "an `if` needs then: or else: with steps")
		}
	case stepEach:
		s.branch(n, "steps", &out.then)
		if _, ok := n.get("steps"); !ok {
			s.at(n, "an `each` needs steps:, done for each item of the list")
		}
		if _, ok := n.get("as"); !ok {
			s.at(n, "an `each` needs as:, the name under which its steps read the item")
		}
	}
	if v, ok := n.get("as"); ok {
		out.as = s.scalar(v)
		if !identifier(out.as) {
			s.at(v, "`%s` can't be a name; use letters, digits and _", out.as)
		}
	}
	if v, ok := n.get("with"); ok && s.is(v, mapNode, "with") {
		for _, k := range v.keys {
			out.with = append(out.with, argument{k.name, k, s.expression(v, k.name)})
		}
	}
	out.cards = s.expression(n, "cards")
	out.choices = s.expression(n, "choices")
	return out
}

func (s *source) branch(n node, name string, to *[]step) {
	if v, ok := n.get(name); ok {
		*to = s.steps(v)
	}
}

// known faults keys that don't belong.
func (s *source) known(n node, what string, names []string) {
	for _, k := range n.keys {
		if !slices.Contains(names, k.name) {
			s.atKey(k, "%s has no `%s`; %s", what, k.name, allowed(k.name, names))
		}
	}
}

func (s *source) is(n node, kind nodeKind, what string) bool {
	if n.kind != kind {
		s.at(n, "%s: %s is meant, this is %s", what, node{kind: kind}.kindName(), n.kindName())
	}
	return n.kind == kind
}

func (s *source) scalar(n node) string {
	if n.kind != scalarNode || n.text == "" {
		s.at(n, "a name is meant here, this is %s", map[bool]string{true: "empty", false: n.kindName()}[n.kind == scalarNode])
		return ""
	}
	return n.text
}

// names reads a list of names; one alone may stand without the list.
func (s *source) names(n node) []string {
	if n.kind == scalarNode {
		return []string{s.scalar(n)}
	}
	if !s.is(n, listNode, "names") {
		return nil
	}
	var out []string
	for _, i := range n.items {
		out = append(out, s.scalar(i))
	}
	return out
}

func (s *source) text(n node) catalog.Text {
	if n.kind == scalarNode {
		return catalog.Text{"": s.scalar(n)}
	}
	out := catalog.Text{}
	if s.is(n, mapNode, "wording by language") {
		for _, k := range n.keys {
			out[k.name] = s.scalar(k.value)
		}
	}
	return out
}

func (s *source) expression(n node, name string) expression {
	v, ok := n.get(name)
	if !ok {
		return expression{}
	}
	if v.kind != scalarNode || v.text == "" {
		s.at(v, "`%s` is an expression, such as record.count > 0; this is %s", name, map[bool]string{true: "empty", false: v.kindName()}[v.kind == scalarNode])
		return expression{}
	}
	return expression{v.text, v, true}
}

func identifier(s string) bool {
	for i, r := range s {
		letter := r == '_' || r >= 'a' && r <= 'z' || r >= 'A' && r <= 'Z'
		if !letter && (i == 0 || r < '0' || r > '9') {
			return false
		}
	}
	return s != ""
}
