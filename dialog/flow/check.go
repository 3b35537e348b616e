package flow

import (
	"maps"
	"slices"
	"strings"

	"github.com/expr-lang/expr/types"
)

// eventIdentity is the one event that the stepper itself waits for.
const eventIdentity = "identity"

// eventSilence is the one event of the engine after which the open question comes again.
const eventSilence = "silence"

// header checks what stands above a flow's slots.
func (c *compiler) header() {
	f := c.f
	at := node{line: f.line, col: f.col}
	for _, intent := range f.When {
		if !c.v.Intents[intent] {
			c.s.at(f.place(intent), "flow `%s`: there is no intent `%s`; %s", f.Name, intent, allowed(intent, keysOf(c.v.Intents)))
		}
	}
	if f.On != "" && Events[f.On] == "" {
		c.s.at(f.place(f.On), "flow `%s`: there is no event `%s`; %s", f.Name, f.On, allowed(f.On, keysOf(Events)))
	}
	if f.On == eventIdentity && f.Needs > 0 {
		c.s.at(at, "flow `%s` finds out who writes, so it can't have needs:", f.Name)
	}
	for _, name := range f.Heeds {
		c.heed(f.place(name), name)
	}
	for _, name := range slices.Concat(f.Absorbs, f.Covers) {
		if !c.v.Intents[name] {
			c.s.at(f.place(name), "flow `%s`: there is no intent `%s`; %s", f.Name, name, allowed(name, keysOf(c.v.Intents)))
		}
	}
	for _, name := range f.Drops {
		if c.flows[name] == nil {
			c.s.at(f.place(name), "flow `%s`: there is no flow `%s`; %s", f.Name, name, allowed(name, keysOf(c.flows)))
		}
	}
	c.title(at)
}

// heed holds a check of what is said to arguments that slots fill.
func (c *compiler) heed(at node, name string) {
	sk, ok := c.skillOf(at, name, "heed", Check)
	if !ok {
		return
	}
	c.refusals(at, sk)
	for _, arg := range sk.Args {
		if c.f.slot(arg) != nil {
			c.used[arg] = true
		} else if !slices.Contains(sk.Options, arg) {
			c.s.at(at, "`%s` needs `%s`, but no slot has that name; add a slot `%s`", name, arg, arg)
		}
	}
}

// title holds flows that can be interrupted or offered to have one in every language.
func (c *compiler) title(at node) {
	f := c.f
	if len(f.Title) == 0 {
		if len(f.When) > 0 && (f.Needs > 0 || f.waits()) {
			c.s.at(at, "flow `%s` needs a title: in each language (%s), by which the bot comes back to it", f.Name, strings.Join(c.v.Locales, ", "))
		}
		return
	}
	for _, l := range c.v.Locales {
		if f.Title.In(l) == "" {
			c.s.at(at, "flow `%s` has no title in %s; write title: {%s: …}", f.Name, l, l)
		}
	}
}

func (f *Flow) waits() bool {
	return slices.ContainsFunc(f.code, func(i instr) bool {
		return i.op == opConfirm || i.op == opCollect && f.slot(i.name) != nil && f.slot(i.name).Ask != ""
	})
}

// slotDefinition checks what a slot says of itself.
func (c *compiler) slotDefinition(s *Slot) {
	at := node{line: s.line, col: s.col}
	s.depends = map[string]bool{}
	if len(s.From) == 0 && !s.choices.given {
		c.s.at(at, "nothing can fill slot `%s`; write from: (entity types, resolvers or text) or choices:", s.Name)
	}
	for _, from := range s.From {
		c.sourceOf(s, s.place(from), from)
	}
	c.reply(s.place(s.Ask), s.Ask)
	if s.Offer != "" {
		if sk, ok := c.skillOf(s.place(s.Offer), s.Offer, "offer", Resolve); ok {
			c.dependsOn(s, sk)
		}
	}
	if s.Check != "" {
		if sk, ok := c.skillOf(s.place(s.Check), s.Check, "check", Check); ok {
			c.dependsOn(s, sk)
			c.refusals(s.place(s.Check), sk)
		}
	}
	if e := c.peek(s.choices, c.env(way{})); e != nil {
		s.early = e.program
		maps.Copy(s.depends, e.slots)
	}
	delete(s.depends, s.Name)
}

// peek compiles an expression without noting faults: one that reads a look is compiled where
// its slot is collected.
func (c *compiler) peek(e expression, env types.Map) *compiled {
	quiet := *c
	quiet.s = &source{}
	return quiet.compile(e, env, list)
}

func (c *compiler) sourceOf(s *Slot, at node, from string) {
	if from == fromText || c.v.Entities[from] || from == "" {
		return
	}
	if sk, ok := c.v.Skills[from]; ok && sk.Kind == Resolve {
		c.skillOf(at, from, "from", Resolve)
		c.dependsOn(s, sk)
		c.refusals(at, sk)
		return
	}
	names := append(keysOf(c.v.Entities), fromText)
	for n, sk := range c.v.Skills {
		if sk.Kind == Resolve {
			names = append(names, n)
		}
	}
	c.s.at(at, "slot `%s`: `%s` is neither an entity type nor a resolver; %s", s.Name, from, allowed(from, names))
}

func (c *compiler) dependsOn(s *Slot, sk Skill) {
	for _, arg := range sk.Args {
		if arg != s.Name && c.f.slot(arg) != nil {
			s.depends[arg] = true
			c.used[arg] = true
		}
	}
}
