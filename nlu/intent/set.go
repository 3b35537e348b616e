package intent

import (
	"errors"
	"fmt"
	"io/fs"
	"maps"
	"path"
	"slices"
	"strings"

	"github.com/goccy/go-yaml"
	"github.com/goccy/go-yaml/ast"

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
var acts = []nlu.Act{nlu.Affirm, nlu.Deny, nlu.Stop, nlu.Correct, nlu.Repeat, nlu.Unsure, nlu.Filler, nlu.Abuse, nlu.Inform}

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

// load reads the intents of one folder.
func load(fsys fs.FS) (map[string]Intent, catalog.Faults) {
	files, err := fs.Glob(fsys, "intents/*.yaml")
	if err != nil {
		return nil, catalog.Faults{{File: "intents", Message: err.Error()}}
	}
	out := map[string]Intent{}
	var faults catalog.Faults
	for _, file := range files {
		content, err := fs.ReadFile(fsys, file)
		if err != nil {
			faults = append(faults, catalog.Fault{File: file, Message: err.Error()})
			continue
		}
		read := map[string]record{}
		if err := yaml.UnmarshalWithOptions(content, &read, yaml.Strict()); err != nil {
			faults = append(faults, fault(file, err))
			continue
		}
		for _, name := range slices.Sorted(maps.Keys(read)) {
			r := read[name]
			in := Intent{Name: name, Act: nlu.Act(r.Act), Examples: map[string][]string{}, File: path.Clean(file), Line: r.line}
			in.Description, _ = r.Description.(string)
			for lang, lines := range r.Examples {
				for _, e := range lines {
					in.Examples[lang] = append(in.Examples[lang], e.text)
				}
			}
			faults = append(faults, check(file, in, r)...)
			if first, twice := out[name]; twice {
				faults = append(faults, catalog.Fault{File: file, Line: r.line,
					Message: fmt.Sprintf("intent %q is in %s already; keep one of the two", name, first.File)})
			}
			out[name] = in
		}
	}
	return out, faults
}

func check(file string, in Intent, r record) catalog.Faults {
	var faults catalog.Faults
	add := func(line int, format string, args ...any) {
		faults = append(faults, catalog.Fault{File: file, Line: line, Message: fmt.Sprintf(format, args...)})
	}
	if strings.Trim(in.Name, "abcdefghijklmnopqrstuvwxyz0123456789_") != "" || in.Name == "" {
		add(r.line, "intent %q: a name is of small letters, digits and _", in.Name)
	}
	if in.Name == outOfScope {
		add(r.line, "intent %q: this name stands for what no intent is meant for; choose another", in.Name)
	}
	if in.Act != "" && !slices.Contains(acts, in.Act) {
		add(r.line, "intent %q: act %q isn't one of %v", in.Name, in.Act, acts)
	}
	n := 0
	for _, lines := range r.Examples {
		n += len(lines)
		for _, e := range lines {
			if Key(e.text) == "" {
				add(e.line, "intent %q: the example %q says nothing; remove it", in.Name, e.text)
			}
		}
	}
	if n < fewest {
		add(r.line, "intent %q has %d examples; give at least %d, better 20 in each language", in.Name, n, fewest)
	}
	return faults
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

// record is an intent as the file has it.
type record struct {
	Act         string               `yaml:"act"`
	Description any                  `yaml:"description"`
	Examples    map[string][]example `yaml:"examples"`
	line        int
}

// UnmarshalYAML keeps the line, and is as strict as the file.
func (r *record) UnmarshalYAML(node ast.Node) error {
	type plain record
	if err := yaml.NodeToValue(node, (*plain)(r), yaml.Strict()); err != nil {
		return err
	}
	r.line = node.GetToken().Position.Line
	if m, ok := node.(*ast.MappingNode); ok && len(m.Values) > 0 {
		r.line = m.Values[0].Key.GetToken().Position.Line
	}
	return nil
}

// example is a line that people say, with its place.
type example struct {
	text string
	line int
}

// UnmarshalYAML takes any scalar as it is written: a shopkeeper's yes needn't be quoted.
func (e *example) UnmarshalYAML(node ast.Node) error {
	e.line = node.GetToken().Position.Line
	switch n := node.(type) {
	case *ast.StringNode:
		e.text = n.Value
	case *ast.LiteralNode:
		e.text = strings.TrimSpace(n.Value.Value)
	case ast.ScalarNode:
		e.text = node.GetToken().Value
	default:
		return &yaml.SyntaxError{Message: "an example is one line of text", Token: node.GetToken()}
	}
	return nil
}

// fault says where in a file YAML went wrong.
func fault(file string, err error) catalog.Fault {
	f := catalog.Fault{File: file, Message: err.Error()}
	var placed yaml.Error
	if errors.As(err, &placed) {
		f.Message = placed.GetMessage()
		if t := placed.GetToken(); t != nil {
			f.Line, f.Column = t.Position.Line, t.Position.Column
		}
	}
	return f
}
