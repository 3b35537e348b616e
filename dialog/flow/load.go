package flow

import (
	"cmp"
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"io/fs"
	"path"
	"reflect"
	"slices"
	"strings"

	"github.com/floorwalker/floorwalker/catalog"
)

// Set is the flows of a shop, checked. It is immutable and safe for concurrent use.
type Set struct {
	flows   map[string]*Flow
	intents map[string]*Flow
	events  map[string]*Flow
	v       Vocabulary
	assent  assent
}

// Load reads flows/*.yaml of both file systems; a shop's flow takes the place of the built-in
// one of its name. With faults there is no Set.
func Load(builtin, shop fs.FS, v Vocabulary) (*Set, catalog.Faults) {
	flows := map[string]*Flow{}
	sources := map[*Flow]*source{}
	var all []*source
	for _, layer := range []struct {
		files  fs.FS
		prefix string
	}{{builtin, "builtin/"}, {shop, ""}} {
		if layer.files == nil {
			continue
		}
		mine := map[string]*Flow{}
		all = append(all, readAll(layer.files, layer.prefix, func(s *source, text []byte) {
			top, ok := s.read(text)
			if !ok {
				return
			}
			for _, f := range s.flows(top) {
				if first := mine[f.Name]; first != nil {
					s.fault(f.line, f.col, "flow `%s` is already in %s:%d", f.Name, first.File, first.line)
					continue
				}
				mine[f.Name], sources[f] = f, s
				f.Version = version(text, f)
			}
		})...)
		for n, f := range mine {
			flows[n] = f
		}
	}
	set := &Set{flows: flows, intents: map[string]*Flow{}, events: map[string]*Flow{}, v: v}
	policy := policyType(v.Policy)
	if v.Policy == nil {
		policy = policyType(map[string]any{})
	}
	for _, n := range keysOf(flows) {
		c := compiler{s: sources[flows[n]], f: flows[n], v: v, flows: flows, policy: policy}
		c.flow()
	}
	set.index(sources)
	set.circles(sources)
	words, faults := loadAssent([]fs.FS{builtin, shop}, v.Yes)
	set.assent = words
	return set.sound(all, faults)
}

func (s *Set) sound(all []*source, faults catalog.Faults) (*Set, catalog.Faults) {
	for _, src := range all {
		faults = append(faults, src.faults...)
	}
	slices.SortStableFunc(faults, func(a, b catalog.Fault) int {
		return cmp.Or(cmp.Compare(a.File, b.File), cmp.Compare(a.Line, b.Line), cmp.Compare(a.Column, b.Column), cmp.Compare(a.Message, b.Message))
	})
	faults = slices.Compact(faults)
	if len(faults) > 0 {
		return nil, faults
	}
	return s, nil
}

// readAll reads every flow file in order of name.
func readAll(files fs.FS, prefix string, each func(*source, []byte)) []*source {
	var out []*source
	names, err := fs.ReadDir(files, "flows")
	if errors.Is(err, fs.ErrNotExist) {
		return nil
	}
	if err != nil {
		s := &source{file: prefix + "flows"}
		s.fault(0, 0, "can't be read: %v", err)
		return []*source{s}
	}
	for _, e := range names {
		if ext := path.Ext(e.Name()); e.IsDir() || ext != ".yaml" && ext != ".yml" {
			continue
		}
		file := path.Join("flows", e.Name())
		s := &source{file: prefix + file}
		text, err := fs.ReadFile(files, file)
		if err != nil {
			s.fault(0, 0, "can't be read: %v", err)
		} else {
			each(s, text)
		}
		out = append(out, s)
	}
	return out
}

// version is a hash of a flow's lines: from its own to the next one's.
func version(text []byte, f *Flow) string {
	lines := strings.Split(string(text), "\n")
	end := f.line
	for end < len(lines) && (lines[end] == "" || strings.ContainsAny(lines[end][:1], " \t#-")) {
		end++
	}
	sum := sha256.Sum256([]byte(strings.Join(lines[max(0, f.line-1):min(end, len(lines))], "\n")))
	return hex.EncodeToString(sum[:6])
}

// index finds the flow of each intent and event; two for one are a fault.
func (s *Set) index(sources map[*Flow]*source) {
	claim := func(by map[string]*Flow, what, key string, f *Flow) {
		first := by[key]
		if first == nil {
			by[key] = f
			return
		}
		late, early := f, first
		if strings.HasPrefix(late.File, "builtin/") {
			late, early = early, late
		}
		sources[late].at(late.place(key), "flows `%s` (%s:%d) and `%s` are both started by the %s `%s`; drop one, or give yours the other's name to replace it",
			early.Name, early.File, early.line, late.Name, what, key)
	}
	for _, n := range keysOf(s.flows) {
		f := s.flows[n]
		for _, intent := range f.When {
			claim(s.intents, "intent", intent, f)
		}
		if f.On != "" {
			claim(s.events, "event", f.On, f)
		}
	}
}

// circles finds flows that call each other without end.
func (s *Set) circles(sources map[*Flow]*source) {
	done := map[string]bool{}
	var visit func(n string, trail []string)
	visit = func(n string, trail []string) {
		if i := slices.Index(trail, n); i >= 0 {
			f := s.flows[trail[len(trail)-1]]
			sources[f].fault(f.line, f.col, "flows call each other in a circle, so they would never end: %s; take one call out", strings.Join(append(slices.Clone(trail[i:]), n), " → "))
			return
		}
		if done[n] || s.flows[n] == nil {
			return
		}
		for _, called := range s.calls(s.flows[n]) {
			visit(called, append(slices.Clone(trail), n))
		}
		done[n] = true
	}
	for _, n := range keysOf(s.flows) {
		visit(n, nil)
	}
}

// calls are the flows that a flow runs: by call, and to know who writes.
func (s *Set) calls(f *Flow) []string {
	var out []string
	for _, i := range f.code {
		if i.op == opCall {
			out = append(out, i.name)
		}
	}
	if id := s.events[eventIdentity]; f.Needs > 0 && id != nil {
		out = append(out, id.Name)
	}
	return out
}

// Names are the flows' names, sorted.
func (s *Set) Names() []string { return keysOf(s.flows) }

// Use is a place where a flow says a reply: the names its placeholders can read, with their
// types; nil where a type isn't known before a conversation.
type Use struct {
	Reply string
	Env   map[string]reflect.Type
}

// Uses are all places where flows say, ask or sum up, for whoever checks the wordings.
func (s *Set) Uses() []Use {
	var all []Use
	for _, name := range s.Names() {
		all = append(all, s.flows[name].uses...)
	}
	return all
}

// Flow returns a flow by name, nil if there is none.
func (s *Set) Flow(name string) *Flow { return s.flows[name] }

// Title is a flow's title in a language, "" if it has none.
func (s *Set) Title(flow, locale string) string {
	f := s.flows[flow]
	if f == nil {
		return ""
	}
	if t := f.Title.In(locale); t != "" || len(s.v.Locales) == 0 {
		return t
	}
	return f.Title.In(s.v.Locales[0])
}

// IntentFlows says which flow each intent starts.
func (s *Set) IntentFlows() map[string]string {
	out := map[string]string{}
	for i, f := range s.intents {
		out[i] = f.Name
	}
	return out
}
