package flow

import (
	"github.com/expr-lang/expr/vm"

	"github.com/floorwalker/floorwalker/catalog"
)

// Flow is a conversation described as data, checked and compiled.
type Flow struct {
	Name    string
	File    string
	Title   catalog.Text // by language; under "" where one text stands for all
	When    []string     // intents that start it
	On      string       // the event that starts it
	Needs   catalog.Level
	Heeds   []string // checks of what is said while it waits
	Drops   []string // flows that beginning this one calls off
	Absorbs []string // intents that only say more of this one, where they are said beside it
	Covers  []string // intents that need not be told from its own by asking: its steps find out which is meant
	Slots   []*Slot
	Version string // hash of its text

	steps   []step
	code    []instr
	uses    []Use
	changes bool // has an act
	line    int
	col     int
	places  map[string]node
}

// Slot is a value that a flow needs.
type Slot struct {
	Name  string
	From  []string // entity types, resolver skills, "text"
	Ask   string   // reply
	Offer string   // resolver that lists choices
	Check string   // check skill
	Tries int
	Per   string // loop variable: one value for each item
	Anew  bool   // not filled from what was said before the flow began, but for a slot of the same name

	Common bool // one value holds for all that was asked for in one breath ("cancel both orders")

	choices expression
	accepts expression
	early   *vm.Program     // choices, where they can be read before any look
	depends map[string]bool // slots that its choices, resolvers or check read
	line    int
	col     int
	places  map[string]node
}

// places are where the words below a key stand, so that a fault points at the word.
func places(n node) map[string]node {
	out := map[string]node{}
	for _, k := range n.keys {
		for _, v := range append(k.value.items, k.value) {
			if v.kind == scalarNode && v.text != "" {
				out[v.text] = v
			}
		}
	}
	return out
}

func (f *Flow) place(word string) node { return placeOf(f.places, word, f.line, f.col) }

func (s *Slot) place(word string) node { return placeOf(s.places, word, s.line, s.col) }

func placeOf(places map[string]node, word string, line, col int) node {
	if n, ok := places[word]; ok {
		return n
	}
	return node{line: line, col: col}
}

const (
	fromText     = "text"
	defaultTries = 3
)

func (f *Flow) slot(name string) *Slot {
	for _, s := range f.Slots {
		if s.Name == name {
			return s
		}
	}
	return nil
}

// expression is an expr-lang expression as written, with its place. The zero value is none.
type expression struct {
	text  string
	at    node
	given bool
}

type stepKind string

const (
	stepLook    stepKind = "look"
	stepIf      stepKind = "if"
	stepEach    stepKind = "each"
	stepCollect stepKind = "collect"
	stepConfirm stepKind = "confirm"
	stepDo      stepKind = "do"
	stepSay     stepKind = "say"
	stepCall    stepKind = "call"
	stepEnd     stepKind = "end"
)

// step is one step as written.
type step struct {
	kind    stepKind
	name    string // skill, slot, reply or flow
	cond    expression
	as      string
	with    []argument
	cards   expression
	choices expression
	then    []step
	other   []step // else
	at      node
}

type argument struct {
	name string
	at   key
	expr expression
}

type op int

const (
	opNeed op = iota
	opLook
	opBranch // to target unless the condition holds
	opJump
	opEach // begins a loop; to target where the list is empty
	opNext // to the loop's body at target while items are left
	opCollect
	opConfirm
	opDo
	opSay
	opCall
	opEnd
)

// instr is one instruction of a compiled flow.
type instr struct {
	op      op
	name    string
	as      string
	target  int
	cond    *vm.Program // branch: bool; each: list
	with    map[string]*vm.Program
	cards   *vm.Program
	choices *vm.Program // say, collect
	accepts *vm.Program
	uses    map[string]bool // slots read by it
	implied bool            // a collect that a skill's argument brought about
	line    int             // of the step that it was written as; 0 where no step says so
	words   string          // of that step
	tests   bool            // look, do: the next step tests result.refused
}
