package main

import (
	"go/parser"
	"go/token"
	"io/fs"
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"testing"

	"github.com/floorwalker/floorwalker/dialog/flow"
	"github.com/floorwalker/floorwalker/nlu"
)

const module = "github.com/floorwalker/floorwalker/"

// examplesFolder has programs of strangers: they import nothing of the house.
const examplesFolder = "docs/examples/"

// house are the top-level packages; imports point to the right only.
var house = []string{"cmd", "channels", "dialog", "retrieval", "nlu", "catalog", "models"}

// sources calls fn with every Go file of the project that isn't a test, slash-separated from
// the root.
func sources(t *testing.T, fn func(name string)) {
	t.Helper()
	err := fs.WalkDir(os.DirFS("../.."), ".", func(name string, d fs.DirEntry, err error) error {
		if err == nil && strings.HasSuffix(name, ".go") && !strings.HasSuffix(name, "_test.go") {
			fn(name)
		}
		return err
	})
	if err != nil {
		t.Fatal(err)
	}
}

func TestImportsPointRight(t *testing.T) {
	checked := 0
	sources(t, func(name string) {
		from := slices.Index(house, strings.Split(name, "/")[0])
		if from < 0 && !strings.HasPrefix(name, examplesFolder) {
			t.Errorf("%s: not in a package of the house", name)
			return
		}
		f, err := parser.ParseFile(token.NewFileSet(), filepath.Join("../..", name), nil, parser.ImportsOnly)
		if err != nil {
			t.Fatal(err)
		}
		for _, i := range f.Imports {
			path, own := strings.CutPrefix(strings.Trim(i.Path.Value, `"`), module)
			if !own {
				continue
			}
			if checked++; strings.HasPrefix(name, examplesFolder) {
				t.Errorf("%s imports %s: an example uses what everybody may", name, path)
			}
			if to := slices.Index(house, strings.Split(path, "/")[0]); to < from {
				t.Errorf("%s imports %s: imports point right only, along %s", name, path, strings.Join(house, " → "))
			}
		}
	})
	if checked < 50 {
		t.Errorf("only %d imports were looked at", checked)
	}
}

// A parent with a contract doesn't know its implementations, and nothing outside of tests
// imports testing, but for conformance suites, which are named for it.
func TestProductionDoesNotImportTesting(t *testing.T) {
	sources(t, func(name string) {
		if strings.HasSuffix(filepath.Dir(name), "test") {
			return
		}
		f, err := parser.ParseFile(token.NewFileSet(), filepath.Join("../..", name), nil, parser.ImportsOnly)
		if err != nil {
			t.Fatal(err)
		}
		for _, i := range f.Imports {
			if i.Path.Value == `"testing"` {
				t.Errorf("%s imports testing", name)
			}
		}
	})
}

func TestEveryPackageHasADoc(t *testing.T) {
	documented := map[string]bool{}
	sources(t, func(name string) {
		f, err := parser.ParseFile(token.NewFileSet(), filepath.Join("../..", name), nil, parser.ParseComments|parser.PackageClauseOnly)
		if err != nil {
			t.Fatal(err)
		}
		dir := filepath.Dir(name)
		documented[dir] = documented[dir] || f.Doc != nil && len(f.Doc.Text()) > 40
	})
	for dir, ok := range documented {
		if !ok {
			t.Errorf("%s has no package doc that says what it is for", dir)
		}
	}
}

// Flows, slots and intents are data: outside of skills no program text names a built-in one.
func TestNoBuiltInNamesInCode(t *testing.T) {
	names := map[string]bool{}
	defined := regexp.MustCompile(`(?m)^([a-z_]{4,}):`)
	for _, dir := range []string{"flows", "intents"} {
		files, err := filepath.Glob("../../dialog/builtin/" + dir + "/*.yaml")
		if err != nil || len(files) == 0 {
			t.Fatal("no built-in ", dir, err)
		}
		for _, file := range files {
			data, err := os.ReadFile(file)
			if err != nil {
				t.Fatal(err)
			}
			for _, m := range defined.FindAllStringSubmatch(string(data), -1) {
				names[m[1]] = true
			}
		}
	}
	// Events and acts are the engine's own words; built-in flows and intents that serve them bear
	// the same names.
	for event := range flow.Events {
		delete(names, event)
	}
	for _, act := range []nlu.Act{nlu.Affirm, nlu.Deny, nlu.Stop, nlu.Correct, nlu.Repeat, nlu.Unsure, nlu.Filler, nlu.Abuse, nlu.Inform} {
		delete(names, string(act))
	}
	if len(names) < 20 {
		t.Fatalf("found only %d built-in names", len(names))
	}
	sources(t, func(name string) {
		if strings.HasPrefix(name, "dialog/skill/") || strings.HasPrefix(name, "cmd/") {
			return
		}
		data, err := os.ReadFile(filepath.Join("../..", name))
		if err != nil {
			t.Fatal(err)
		}
		for _, m := range regexp.MustCompile(`"([a-z_]{4,})"`).FindAllStringSubmatch(string(data), -1) {
			if names[m[1]] {
				t.Errorf("%s names the built-in %q", name, m[1])
			}
		}
	})
}
