package intent

import (
	"fmt"
	"io/fs"
	"strings"

	"github.com/goccy/go-yaml/ast"

	"github.com/floorwalker/floorwalker/catalog"
	"github.com/floorwalker/floorwalker/catalog/shopfile"
	"github.com/floorwalker/floorwalker/nlu"
)

// load reads the intents of one folder.
func load(fsys fs.FS) (map[string]Intent, catalog.Faults) {
	files, err := fs.Glob(fsys, "intents/*.yaml")
	if err != nil {
		return nil, catalog.Faults{{File: "intents", Message: err.Error()}}
	}
	out := map[string]Intent{}
	var faults catalog.Faults
	for _, file := range files {
		tree, found := shopfile.Parse(fsys, file)
		if len(found) > 0 {
			faults = append(faults, found...)
			continue
		}
		r := reader{file: file}
		for _, in := range r.intents(tree.Docs[0].Body) {
			if first, twice := out[in.Name]; twice {
				r.faults = append(r.faults, catalog.Fault{File: file, Line: in.Line,
					Message: fmt.Sprintf("intent %q is in %s already; keep one of the two", in.Name, first.File)})
			}
			out[in.Name] = in
		}
		faults = append(faults, r.faults...)
	}
	return out, faults
}

// reader reads one file and collects what is wrong with it.
type reader struct {
	file   string
	faults catalog.Faults
}

func (r *reader) fault(n ast.Node, format string, args ...any) {
	r.faults = append(r.faults, shopfile.Fault(r.file, n, format, args...))
}

func (r *reader) intents(n ast.Node) []Intent {
	fields, ok := shopfile.Fields(n)
	if !ok {
		r.fault(n, "write intents here, each a name with its examples")
		return nil
	}
	var out []Intent
	for _, f := range fields {
		out = append(out, r.intent(f))
	}
	return out
}

func (r *reader) intent(f shopfile.Field) Intent {
	in := Intent{Name: f.Key, Examples: map[string][]string{}, File: r.file}
	in.Line, _ = shopfile.At(f.Name)
	switch {
	case in.Name == "" || strings.Trim(in.Name, "abcdefghijklmnopqrstuvwxyz0123456789_") != "":
		r.fault(f.Name, "intent %q: a name is of small letters, digits and _", in.Name)
	case in.Name == outOfScope:
		r.fault(f.Name, "intent %q: this name stands for what no intent is meant for; choose another", in.Name)
	}
	parts, ok := shopfile.Fields(f.Value)
	if !ok {
		r.fault(f.Name, "intent %q: write its examples: {en: [...], zh: [...]}", in.Name)
		return in
	}
	before := len(r.faults)
	for _, p := range parts {
		switch p.Key {
		case "act":
			in.Act = r.act(p.Value)
		case "description":
			if in.Description, ok = shopfile.Scalar(p.Value); !ok {
				r.fault(p.Value, "a description is one line of text")
			}
		case "examples":
			r.examples(p, in.Examples)
		default:
			r.faults = append(r.faults, shopfile.Unknown(r.file, p.Name, []string{"act", "description", "examples"}))
		}
	}
	n := 0
	for _, lines := range in.Examples {
		n += len(lines)
	}
	if n < fewest && len(r.faults) == before {
		r.fault(f.Name, "intent %q has %d examples; give at least %d, better 20 in each language", in.Name, n, fewest)
	}
	return in
}

func (r *reader) act(n ast.Node) nlu.Act {
	text, _ := shopfile.Scalar(n)
	var names []string
	for _, a := range acts {
		if nlu.Act(text) == a {
			return a
		}
		names = append(names, string(a))
	}
	r.fault(n, "unknown act %q: %s", text, shopfile.Choices(text, names))
	return ""
}

func (r *reader) examples(f shopfile.Field, out map[string][]string) {
	languages, ok := shopfile.Fields(f.Value)
	if !ok {
		r.fault(f.Name, "write the examples of each language: {en: [...], zh: [...]}")
		return
	}
	for _, lang := range languages {
		items, ok := shopfile.Items(lang.Value)
		if !ok {
			r.fault(lang.Name, "write the examples in %q as a list", lang.Key)
			continue
		}
		for _, item := range items {
			text, ok := shopfile.Scalar(item)
			switch {
			case !ok:
				r.fault(item, "an example is one line of text")
			case Key(text) == "":
				r.fault(item, "the example %q says nothing; remove it", text)
			default:
				out[lang.Key] = append(out[lang.Key], strings.TrimSpace(text))
			}
		}
	}
}
