package skill

import (
	"cmp"
	"fmt"
	"io/fs"
	"maps"
	"net/url"
	"path"
	"reflect"
	"regexp"
	"slices"
	"strings"
	"time"

	"github.com/goccy/go-yaml/ast"

	"github.com/floorwalker/floorwalker/catalog"
	"github.com/floorwalker/floorwalker/catalog/shopfile"
	"github.com/floorwalker/floorwalker/dialog/flow"
)

// Remote is a skill that a program of the shop's does, asked by HTTP: see docs/skills.md.
// Remotes are made by [LoadRemotes].
type Remote struct {
	flow.Skill
	url    string
	fields []returned
	way    *way
}

// returned is one field of a remote skill's view.
type returned struct {
	name string
	kind catalog.Kind // of its fact; "" where it can only be tested
	of   reflect.Type
}

// unconfirmed is what a remote skill refuses with where it may have been done and may not:
// the request left, and no answer came.
const unconfirmed = "unconfirmed"

const (
	remoteTimeout = 3 * time.Second // of one try, unless the file says otherwise
	longestRemote = 20 * time.Second
)

var nameForm = regexp.MustCompile(`^[a-z][a-z0-9_]{0,63}$`)

// remoteFile is an entry of skills/*.yaml.
type remoteFile struct {
	Kind      string            `yaml:"kind"`
	URL       string            `yaml:"url"`
	KeyEnv    string            `yaml:"key_env"`
	Timeout   string            `yaml:"timeout"`
	Arguments []string          `yaml:"arguments"`
	Optional  []string          `yaml:"optional"`
	Needs     string            `yaml:"needs"`
	Returns   map[string]string `yaml:"returns"`
	Refuses   []string          `yaml:"refuses"`
}

// returnTypes are what `returns` may say of a field: how it comes in JSON and what a reply
// may tell of it. "word" and "flag" can be tested, never worded.
var returnTypes = map[string]returned{
	"name":        {kind: catalog.KindName, of: reflect.TypeFor[string]()},
	"number":      {kind: catalog.KindTracking, of: reflect.TypeFor[string]()},
	"order_state": {kind: catalog.KindOrderState, of: reflect.TypeFor[string]()},
	"address":     {kind: catalog.KindAddress, of: reflect.TypeFor[catalog.Address]()},
	"date":        {kind: catalog.KindDate, of: reflect.TypeFor[time.Time]()},
	"price":       {kind: catalog.KindPrice, of: reflect.TypeFor[catalog.Money]()},
	"amount":      {kind: catalog.KindAmount, of: reflect.TypeFor[catalog.Money]()},
	"stock":       {kind: catalog.KindStock, of: reflect.TypeFor[int]()},
	"count":       {kind: catalog.KindCount, of: reflect.TypeFor[int]()},
	"word":        {of: reflect.TypeFor[string]()},
	"flag":        {of: reflect.TypeFor[bool]()},
}

// LoadRemotes reads skills/*.yaml of a shop folder, which may have none. getenv gives the keys.
func LoadRemotes(fsys fs.FS, getenv func(string) string) ([]*Remote, catalog.Faults) {
	files, err := fs.Glob(fsys, "skills/*.yaml")
	if err != nil {
		return nil, catalog.Faults{{File: "skills", Message: err.Error()}}
	}
	l := remoteLoader{getenv: getenv, taken: map[string]string{}}
	for name := range Specs() {
		l.taken[name] = "the built-in skills"
	}
	for _, file := range files {
		l.read(fsys, file)
	}
	slices.SortFunc(l.remotes, func(a, b *Remote) int { return cmp.Compare(a.Name, b.Name) })
	return l.remotes, l.faults
}

type remoteLoader struct {
	getenv  func(string) string
	taken   map[string]string // by name: where it stands
	file    string
	body    ast.Node
	remotes []*Remote
	faults  catalog.Faults
}

func (l *remoteLoader) fault(at []any, format string, args ...any) {
	n := shopfile.Find(l.body, at...)
	if n == nil {
		n = shopfile.Find(l.body, at[0])
	}
	l.faults = append(l.faults, shopfile.Fault(l.file, n, format, args...))
}

func (l *remoteLoader) read(fsys fs.FS, file string) {
	parsed, faults := shopfile.Parse(fsys, file)
	if len(faults) > 0 {
		l.faults = append(l.faults, faults...)
		return
	}
	l.file, l.body = path.Clean(file), parsed.Docs[0].Body
	var entries map[string]remoteFile
	if faults := shopfile.DecodeNode(l.file, l.body, &entries); len(faults) > 0 {
		l.faults = append(l.faults, faults...)
		return
	}
	for _, name := range slices.Sorted(maps.Keys(entries)) {
		before := len(l.faults)
		r := l.remote(name, entries[name])
		if where := l.taken[name]; where != "" {
			l.fault([]any{name}, "skill `%s` is already in %s: choose another name", name, where)
		}
		l.taken[name] = l.file
		if len(l.faults) == before {
			l.remotes = append(l.remotes, r)
		}
	}
}

func (l *remoteLoader) remote(name string, f remoteFile) *Remote {
	timeout, key := remoteTimeout, ""
	r := &Remote{url: f.URL, Skill: flow.Skill{Name: name, Kind: flow.SkillKind(cmp.Or(f.Kind, string(flow.Look))),
		Args: append(slices.Clone(f.Arguments), f.Optional...), Options: f.Optional, Refuses: slices.Clone(f.Refuses), Needs: f.Needs}}
	if !nameForm.MatchString(name) {
		l.fault([]any{name}, "skill name %q: write a-z, 0-9 and _, a letter first", name)
	}
	if u, err := url.Parse(f.URL); err != nil || u.Host == "" || u.Scheme != "http" && u.Scheme != "https" {
		l.fault([]any{name, "url"}, "url %q is no HTTP address: write for example https://shop.example/floorwalker/%s", f.URL, name)
	}
	if f.Timeout != "" {
		d, err := time.ParseDuration(f.Timeout)
		if err != nil || d <= 0 || d > longestRemote {
			l.fault([]any{name, "timeout"}, "timeout %q: write a time such as 3s, %v at most: a shopper waits for it", f.Timeout, longestRemote)
		}
		timeout = d
	}
	if f.KeyEnv != "" {
		if key = l.getenv(f.KeyEnv); key == "" {
			l.fault([]any{name, "key_env"}, "the environment variable %s is empty or not set: give it the key before you start", f.KeyEnv)
		}
	}
	l.kind(name, r, f)
	r.way = newWay(key, timeout)
	return r
}

func (l *remoteLoader) kind(name string, r *Remote, f remoteFile) {
	switch r.Kind {
	case flow.Look:
		if len(f.Returns) == 0 {
			l.fault([]any{name}, "a look returns nothing: write returns: {field: %s}", strings.Join(kindNames(), " | "))
		}
	case flow.Act, flow.Request:
		if len(f.Returns) > 0 {
			l.fault([]any{name, "returns"}, "what acts returns nothing: read what came of it with a look in the next step")
		}
		r.Refuses = append(r.Refuses, unconfirmed)
	default:
		l.fault([]any{name, "kind"}, "kind %q: write look, act (a change, after a confirm step) or request (harmless, without)", f.Kind)
	}
	if f.Needs != "" && f.Needs != claimed && f.Needs != verified {
		l.fault([]any{name, "needs"}, "needs %q: write claimed or verified, or leave it out", f.Needs)
	}
	for i, a := range r.Args {
		if !nameForm.MatchString(a) || slices.Index(r.Args, a) < i {
			l.fault([]any{name}, "argument %q: write a name of a-z, 0-9 and _, each once", a)
		}
	}
	for i, word := range f.Refuses {
		if !nameForm.MatchString(word) {
			l.fault([]any{name, "refuses", i}, "refusal %q: write a name of a-z, 0-9 and _; a reply of this name says it", word)
		}
	}
	for _, field := range slices.Sorted(maps.Keys(f.Returns)) {
		kind, ok := returnTypes[f.Returns[field]]
		if !ok || !nameForm.MatchString(field) {
			l.fault([]any{name, "returns", field}, "%s: %q: write a name of a-z, 0-9 and _, and one of %s", field, f.Returns[field], strings.Join(kindNames(), ", "))
			continue
		}
		kind.name = field
		r.fields = append(r.fields, kind)
	}
	if len(r.fields) > 0 {
		r.View = viewOf(r.fields)
	}
}

func kindNames() []string { return slices.Sorted(maps.Keys(returnTypes)) }

// viewOf makes the type of a view: a struct that embeds a Source and has the fields in their
// order, as views of skills in Go have.
func viewOf(fields []returned) reflect.Type {
	all := []reflect.StructField{{Name: "Source", Anonymous: true, Type: reflect.TypeFor[catalog.Source]()}}
	for i, f := range fields {
		tag := fmt.Sprintf(`expr:%q json:%q`, f.name, f.name)
		if f.kind != "" {
			tag += fmt.Sprintf(` fact:%q`, f.kind)
		}
		all = append(all, reflect.StructField{Name: fmt.Sprintf("F%d", i), Type: f.of, Tag: reflect.StructTag(tag)})
	}
	return reflect.StructOf(all)
}

// RemoteSpecs describes remote skills, for the checker of flows.
func RemoteSpecs(remotes []*Remote) map[string]flow.Skill {
	specs := map[string]flow.Skill{}
	for _, r := range remotes {
		specs[r.Name] = r.Skill
	}
	return specs
}
