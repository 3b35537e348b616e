package flow

import (
	"maps"
	"reflect"
	"slices"
	"strings"

	"github.com/expr-lang/expr/types"
	"github.com/expr-lang/expr/vm"

	"github.com/floorwalker/floorwalker/catalog"
)

// compiler checks one flow and makes its instructions.
type compiler struct {
	s      *source
	f      *Flow
	v      Vocabulary
	flows  map[string]*Flow
	policy types.Type
	slots  types.Map
	used   map[string]bool // slots
	now    *step           // being compiled, until its own instruction is emitted
}

// name is something that a look or a loop left for expressions to read.
type name struct {
	typ   types.Type
	view  reflect.Type    // of a look's view; nil: not known before a conversation
	index bool            // a loop's variable: name_index stands beside it
	slots map[string]bool // that it was read with
}

// way is what holds on every way to a step.
type way struct {
	names     map[string]name
	confirmed bool
	dead      bool // no way leads here
}

func (p way) with(n string, v name) way {
	p.names = maps.Clone(p.names)
	p.names[n] = v
	return p
}

// meet is what holds after two ways come together.
func meet(a, b way) way {
	switch {
	case a.dead:
		return b
	case b.dead:
		return a
	}
	out := way{names: map[string]name{}, confirmed: a.confirmed && b.confirmed}
	for n, v := range a.names {
		if w, ok := b.names[n]; ok && v.typ.String() == w.typ.String() {
			v.slots = union(v.slots, w.slots)
			out.names[n] = v
		}
	}
	return out
}

func union(sets ...map[string]bool) map[string]bool {
	out := map[string]bool{}
	for _, s := range sets {
		maps.Copy(out, s)
	}
	return out
}

func allowedNames(names []string) string {
	return strings.Join(slices.Sorted(slices.Values(names)), ", ")
}

func (c *compiler) flow() {
	c.slots = types.Map{}
	c.used = map[string]bool{}
	for _, s := range c.f.Slots {
		c.slots[s.Name] = types.Any
	}
	for _, s := range c.f.Slots {
		c.slotDefinition(s)
	}
	c.emit(instr{op: opNeed})
	c.walk(c.f.steps, way{names: map[string]name{}})
	c.emit(instr{op: opEnd})
	c.header()
	for _, s := range c.f.Slots {
		if !c.used[s.Name] {
			c.s.fault(s.line, s.col, "slot `%s` is never used: no step collects it, no skill takes it and no condition reads it; drop it", s.Name)
		}
	}
}

func (c *compiler) emit(i instr) int {
	if st := c.now; st != nil && !i.implied {
		i.line, i.words, c.now = st.at.line, st.words(), nil
	}
	c.f.code = append(c.f.code, i)
	return len(c.f.code) - 1
}

func (c *compiler) here() int { return len(c.f.code) }

func (c *compiler) env(p way) types.Map {
	m := baseNames()
	m["slots"], m["policy"] = c.slots, c.policy
	for n, v := range p.names {
		m[n] = v.typ
		if v.index {
			m[n+"_index"] = types.Int
		}
	}
	return m
}

// walk compiles steps and returns what holds after them.
func (c *compiler) walk(steps []step, p way) way {
	for i, st := range steps {
		if p.dead {
			c.s.at(st.at, "this step is never reached: every way before it ends; drop it or move it up")
			return p
		}
		tests := i+1 < len(steps) && steps[i+1].kind == stepIf && strings.Contains(steps[i+1].cond.text, "result")
		p = c.step(st, p, tests)
		c.now = nil
	}
	return p
}

func (c *compiler) step(st step, p way, tests bool) way {
	c.now = &st
	switch st.kind {
	case stepLook, stepDo:
		return c.skill(st, p, tests)
	case stepIf:
		return c.branch(st, p)
	case stepEach:
		return c.each(st, p)
	case stepCollect:
		c.collect(st, p)
	case stepConfirm:
		c.reply(st.at, st.name)
		c.worded(st.name, p)
		c.emit(instr{op: opConfirm, name: st.name})
		p.confirmed = true
	case stepSay:
		c.reply(st.at, st.name)
		c.worded(st.name, p)
		in := instr{op: opSay, name: st.name, uses: map[string]bool{}}
		in.cards = c.program(st.cards, p, anything, in.uses)
		in.choices = c.program(st.choices, p, list, in.uses)
		c.emit(in)
	case stepCall:
		if _, ok := c.flows[st.name]; !ok {
			c.s.at(st.at, "there is no flow `%s`; %s", st.name, allowed(st.name, keysOf(c.flows)))
		} else {
			for _, s := range c.flows[st.name].Slots {
				c.used[s.Name] = true // handed over by name
			}
		}
		c.emit(instr{op: opCall, name: st.name})
	case stepEnd:
		c.emit(instr{op: opEnd})
		p.dead = true
	}
	return p
}

// program compiles an expression of a step and notes the slots that it rests on.
func (c *compiler) program(e expression, p way, want wanted, uses map[string]bool) *vm.Program {
	out := c.compile(e, c.env(p), want)
	if out == nil {
		return nil
	}
	maps.Copy(uses, c.restsOn(out, p))
	return out.program
}

// restsOn are the slots that an expression reads, itself or through a look.
func (c *compiler) restsOn(e *compiled, p way) map[string]bool {
	maps.Copy(c.used, e.slots)
	out := union(e.slots)
	for n := range e.names {
		maps.Copy(out, p.names[strings.TrimSuffix(n, "_index")].slots)
	}
	return out
}

func (c *compiler) branch(st step, p way) way {
	in := instr{op: opBranch, uses: map[string]bool{}}
	in.cond = c.program(st.cond, p, truth, in.uses)
	at := c.emit(in)
	then := c.walk(st.then, p)
	if len(st.other) == 0 {
		c.f.code[at].target = c.here()
		return meet(then, p)
	}
	jump := c.emit(instr{op: opJump})
	c.f.code[at].target = c.here()
	other := c.walk(st.other, p)
	c.f.code[jump].target = c.here()
	if then.dead && other.dead {
		return way{dead: true}
	}
	return meet(then, other)
}

func (c *compiler) each(st step, p way) way {
	in := instr{op: opEach, as: st.as, uses: map[string]bool{}}
	e := c.compile(st.cond, c.env(p), list)
	item := name{typ: types.Any, index: true}
	if e != nil {
		in.cond, item.typ = e.program, e.elem
		item.slots = c.restsOn(e, p)
		in.uses = item.slots
	}
	inner := p
	if c.newName(st, st.as) {
		inner = p.with(st.as, item)
	}
	at := c.emit(in)
	body := c.here()
	after := c.walk(st.then, inner)
	c.emit(instr{op: opNext, target: body})
	c.f.code[at].target = c.here()
	return meet(after, p) // the item is not among what both know
}

func (c *compiler) newName(st step, as string) bool {
	_, taken := baseNames()[as]
	if taken {
		c.s.at(st.at, "`%s` means something in every condition; choose another name for as:", as)
	}
	return !taken
}

func (c *compiler) collect(st step, p way) {
	s := c.f.slot(st.name)
	if s == nil {
		names := []string{}
		for _, s := range c.f.Slots {
			names = append(names, s.Name)
		}
		c.s.at(st.at, "flow `%s` has no slot `%s`; %s", c.f.Name, st.name, allowed(st.name, names))
		return
	}
	if s.Ask == "" && len(s.From) == 0 {
		c.s.at(st.at, "slot `%s` has no ask:, so it can't be collected; name a reply that asks for it", s.Name)
	}
	c.collectSlot(s, p, false)
}

func (c *compiler) collectSlot(s *Slot, p way, implied bool) {
	c.used[s.Name] = true
	c.worded(s.Ask, p)
	in := instr{op: opCollect, name: s.Name, implied: implied, uses: map[string]bool{s.Name: true}}
	rests := map[string]bool{}
	in.choices = c.program(s.choices, p, list, rests)
	in.accepts = c.program(s.accepts, p, list, rests)
	if s.Per != "" && p.names[s.Per].index {
		maps.Copy(rests, p.names[s.Per].slots)
	} else if s.Per != "" {
		c.s.fault(s.line, s.col, "slot `%s` is per `%s`, but is collected outside an `each` with as: %s", s.Name, s.Per, s.Per)
	}
	maps.Copy(s.depends, rests)
	maps.Copy(in.uses, rests)
	c.emit(in)
}

func (c *compiler) skill(st step, p way, tests bool) way {
	kinds, verb := []SkillKind{Look}, "look"
	if st.kind == stepDo {
		kinds, verb = []SkillKind{Act, Request}, "do"
	}
	sk, ok := c.skillOf(st.at, st.name, verb, kinds...)
	if !ok {
		return c.afterLook(st, p, Skill{}, nil)
	}
	uses := map[string]bool{}
	with := c.arguments(st, sk, p, uses)
	for _, arg := range sk.Args {
		if _, given := with[arg]; given {
			continue
		}
		if s := c.f.slot(arg); s != nil {
			if s.Ask == "" && !slices.Contains(s.From, fromText) && !slices.Contains(sk.Options, arg) {
				c.s.fault(s.line, s.col, "slot `%s` has no ask:, but `%s` at line %d needs it; name a reply that asks for it", arg, st.name, st.at.line)
			}
			if !slices.Contains(sk.Options, arg) || s.Ask == "" { // what is never asked for is filled where it can be
				c.collectSlot(s, p, true)
			}
			c.used[arg] = true
			uses[arg] = true
		} else if _, named := p.names[arg]; !named && !slices.Contains(sk.Options, arg) {
			c.s.at(st.at, "`%s` needs `%s`, but no slot has that name; add a slot `%s`, or write with: {%s: …}", st.name, arg, arg, arg)
		}
	}
	in := instr{name: st.name, as: st.as, with: with, uses: uses, tests: tests}
	if !tests {
		c.refusals(st.at, sk)
	}
	if st.kind == stepLook {
		in.op = opLook
		c.emit(in)
		return c.afterLook(st, p, sk, uses)
	}
	in.op = opDo
	if sk.Kind == Act {
		c.f.changes = true
		if !p.confirmed {
			c.s.at(st.at, "`%s` changes the shop; write a `confirm:` step before it, on every way that leads here", st.name)
		}
	}
	c.emit(in)
	return p
}

func (c *compiler) afterLook(st step, p way, sk Skill, uses map[string]bool) way {
	if st.kind != stepLook {
		return p
	}
	if !c.newName(st, st.as) {
		return p
	}
	return p.with(st.as, name{typ: viewType(sk.View), view: sk.View, slots: uses})
}

func (c *compiler) arguments(st step, sk Skill, p way, uses map[string]bool) map[string]*vm.Program {
	with := map[string]*vm.Program{}
	for _, a := range st.with {
		if !slices.Contains(sk.Args, a.name) {
			c.s.atKey(a.at, "`%s` takes no argument `%s`; %s", st.name, a.name, allowed(a.name, sk.Args))
			continue
		}
		e := c.compile(a.expr, c.env(p), anything)
		with[a.name] = nil
		if e == nil {
			continue
		}
		with[a.name] = e.program
		maps.Copy(uses, c.restsOn(e, p))
		for slot := range e.slots {
			if s := c.f.slot(slot); s != nil && s.Ask != "" && s.Per == "" && !slices.Contains(sk.Options, a.name) {
				c.collectSlot(s, p, true)
			}
		}
	}
	return with
}

// refusals holds a skill's words of refusal to be replies, since they are said.
func (c *compiler) refusals(at node, sk Skill) {
	for _, word := range sk.Refuses {
		if !c.v.Replies[word] {
			c.s.at(at, "`%s` may refuse with `%s`, which is then said, but there is no reply of that name; write it, or test result.refused in the next step", sk.Name, word)
		}
	}
}

func (c *compiler) skillOf(at node, word, use string, kinds ...SkillKind) (Skill, bool) {
	sk, ok := c.v.Skills[word]
	if ok && slices.Contains(kinds, sk.Kind) {
		if need := levels[sk.Needs]; need > c.f.Needs && c.f.On != eventIdentity && use != "offer" { // what only some may be offered, the others are asked without
			c.s.at(at, "`%s` may only be used when the shopper is %s; write needs: %s in flow `%s`", word, sk.Needs, sk.Needs, c.f.Name)
		}
		return sk, true
	}
	var names []string
	for n, s := range c.v.Skills {
		if slices.Contains(kinds, s.Kind) {
			names = append(names, n)
		}
	}
	if ok {
		c.s.at(at, "`%s` is a skill of the kind %s, which can't stand at `%s`; %s", word, sk.Kind, use, allowed(word, names))
	} else if word != "" {
		c.s.at(at, "there is no skill `%s`; %s", word, allowed(word, names))
	}
	return Skill{}, false
}

// worded notes that a reply is said here, and what its placeholders can read.
func (c *compiler) worded(reply string, p way) {
	if reply == "" {
		return
	}
	u := Use{Reply: reply, Env: map[string]reflect.Type{}}
	for n := range baseNames() {
		u.Env[n] = nil
	}
	for n, v := range p.names {
		u.Env[n] = v.view
		if v.index {
			u.Env[n+"_index"] = reflect.TypeFor[int]()
		}
	}
	c.f.uses = append(c.f.uses, u)
}

func (c *compiler) reply(at node, word string) {
	if word != "" && !c.v.Replies[word] {
		c.s.at(at, "there is no reply `%s`; %s", word, allowed(word, keysOf(c.v.Replies)))
	}
}

var levelNames = map[catalog.Level]string{catalog.Anonymous: "anonymous", catalog.Claimed: "claimed", catalog.Verified: "verified"}
