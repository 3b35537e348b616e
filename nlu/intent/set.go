package intent

import (
	"fmt"
	"io/fs"
	"maps"
	"slices"
	"strings"

	"github.com/floorwalker/floorwalker/catalog"
	"github.com/floorwalker/floorwalker/nlu"
)

// Intent is one thing that people do or ask for, by examples in each language.
type Intent struct {
	Name        string
	Act         nlu.Act // "" for what isn't an act
	Description string
	Examples    map[string][]string // by language
	File        string
	Line        int
}

// Set is all intents of a shop, by name.
type Set []Intent

// Act is what an intent does in a conversation.
func (s Set) Act(name string) nlu.Act {
	i, ok := slices.BinarySearchFunc(s, name, func(in Intent, name string) int { return strings.Compare(in.Name, name) })
	if !ok {
		return ""
	}
	return s[i].Act
}

// acts are what a file may say by act:.
var acts = []nlu.Act{nlu.Affirm, nlu.Deny, nlu.Stop, nlu.Correct, nlu.Repeat, nlu.Unsure, nlu.Filler, nlu.Farewell, nlu.Abuse, nlu.Inform}

// fewest is how many examples an intent needs to be told from others.
const fewest = 3

// Load reads intents/*.yaml of the shop's folder and of the built-in ones; the shop's replace
// built-in ones of the same name as a whole. Either may be nil.
func Load(builtin, shop fs.FS) (Set, catalog.Faults) {
	var faults catalog.Faults
	all := map[string]Intent{}
	for _, fsys := range []fs.FS{builtin, shop} {
		if fsys == nil {
			continue
		}
		intents, found := load(fsys)
		faults = append(faults, found...)
		maps.Copy(all, intents)
	}
	var set Set
	for _, name := range slices.Sorted(maps.Keys(all)) {
		set = append(set, all[name])
	}
	return set, append(faults, contradictions(set)...)
}

// contradictions are examples that two intents claim.
func contradictions(set Set) catalog.Faults {
	var faults catalog.Faults
	owner := map[string]string{}
	for _, in := range set {
		for _, lang := range slices.Sorted(maps.Keys(in.Examples)) {
			for _, e := range in.Examples[lang] {
				k := Key(e)
				if other, ok := owner[k]; ok && other != in.Name {
					faults = append(faults, catalog.Fault{File: in.File, Line: in.Line,
						Message: fmt.Sprintf("the example %q of intent %q is one of %q too; remove it from either", e, in.Name, other)})
				}
				owner[k] = in.Name
			}
		}
	}
	return faults
}
