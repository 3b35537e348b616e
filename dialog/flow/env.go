package flow

import (
	"fmt"
	"maps"
	"reflect"

	"github.com/expr-lang/expr"
	"github.com/expr-lang/expr/vm"

	"github.com/floorwalker/floorwalker/catalog"
)

func (m *machine) eval(p *vm.Program, fr *Frame) (any, error) {
	v, err := expr.Run(p, m.env(fr))
	if err != nil {
		return nil, fmt.Errorf("flow %s, instruction %d: %w", fr.Flow, fr.PC, err)
	}
	return v, nil
}

// list evaluates an expression that gives a list; nil is an empty one.
func (m *machine) list(p *vm.Program, fr *Frame) ([]any, error) {
	if p == nil {
		return nil, nil
	}
	v, err := m.eval(p, fr)
	if err != nil || v == nil {
		return nil, err
	}
	r := reflect.ValueOf(v)
	if r.Kind() != reflect.Slice && r.Kind() != reflect.Array {
		return nil, fmt.Errorf("flow %s, instruction %d: %T is no list", fr.Flow, fr.PC, v)
	}
	out := make([]any, r.Len())
	for i := range out {
		out[i] = r.Index(i).Interface()
	}
	return out, nil
}

// env is what conditions read.
func (m *machine) env(fr *Frame) map[string]any {
	env := m.baseEnv(fr)
	slots := map[string]any{}
	for _, s := range m.flowOf(fr).Slots {
		v, _ := m.slotValue(fr, s.Name)
		slots[s.Name] = v
	}
	env["slots"] = slots
	return env
}

// sayEnv is what replies read: the same, but slots with what the shopper wrote, and choices
// by their labels.
func (m *machine) sayEnv(fr *Frame) map[string]any {
	env := m.baseEnv(fr)
	slots := map[string]Value{}
	for _, s := range m.flowOf(fr).Slots {
		if v, ok := fr.Slots[slotKey(fr, m.flowOf(fr), s)]; ok {
			slots[s.Name] = m.byLabel(fr, s, v)
		}
	}
	env["slots"] = slots
	return env
}

// byLabel is a choice taken with its label as the value. Choices that depend on what was
// looked up are told as they are.
func (m *machine) byLabel(fr *Frame, s *Slot, v Value) Value {
	if s.early == nil {
		return v
	}
	shadow, bare := m.apart(fr)
	options, err := shadow.options(s.early, bare)
	if err != nil {
		return v // the checker has held it to its types; what still fails has no label
	}
	for _, o := range options {
		if label := o.Label.In(m.in.Locale); o.Value == v.V && label != "" {
			v.V = label
		}
	}
	return v
}

func (m *machine) baseEnv(fr *Frame) map[string]any {
	env := maps.Clone(m.liveOf(fr).scope)
	title := fr.Title
	if title == "" {
		title = m.set.Title(fr.Flow, m.in.Locale)
	}
	fails := m.st.Fails
	if m.failed {
		fails++
	}
	said := make([]string, len(m.st.Asked))
	for i, s := range m.st.Asked {
		said[i] = s.Reply
	}
	options := make([]any, len(fr.Options))
	for i, o := range fr.Options {
		options[i] = o
	}
	policy := m.set.v.Policy
	if policy == nil {
		policy = map[string]any{}
	}
	maps.Copy(env, map[string]any{
		"policy": policy, "identity": m.identityEnv(fr), "result": map[string]any{"refused": fr.Refused},
		"options": options, "title": title, "unsettled": fr.Unsettled, "locale": m.in.Locale, "now": m.in.Now, "fails": fails,
		"said": said,
	})
	return env
}

func (m *machine) identityEnv(fr *Frame) map[string]any {
	accepts := m.set.v.Proofs[levelNames[m.aim(fr)]]
	if accepts == nil {
		accepts = []string{}
	}
	return map[string]any{"level": levelNames[m.identity.Level], "customer": m.identity.Customer, "accepts": accepts}
}

// aim is the level that an identity flow is to reach; the next one, where no flow asked for any.
func (m *machine) aim(fr *Frame) catalog.Level {
	if fr.Needs > 0 {
		return fr.Needs
	}
	return min(m.identity.Level+1, max(m.in.Level, catalog.Claimed))
}

// versions are the records in scope, as the summary shows them: of views, and of the views
// listed in them.
func (m *machine) versions(fr *Frame) map[string]string {
	out := map[string]string{}
	for _, v := range m.liveOf(fr).scope {
		addVersions(out, reflect.ValueOf(v), 2)
	}
	return out
}

func addVersions(out map[string]string, v reflect.Value, depth int) {
	v = reflect.Indirect(v)
	if v.Kind() == reflect.Slice {
		for i := range v.Len() {
			addVersions(out, v.Index(i), depth)
		}
		return
	}
	if v.Kind() != reflect.Struct || !v.CanInterface() {
		return
	}
	s, ok := sourceOf(v.Interface())
	if !ok {
		return
	}
	if s.Record != "" {
		out[s.Record] = s.Version
	}
	for i := 0; i < v.NumField() && depth > 0; i++ {
		if f := v.Field(i); f.Kind() == reflect.Slice && f.Type().Elem().Kind() == reflect.Struct {
			addVersions(out, f, depth-1)
		}
	}
}

func sourceOf(v any) (catalog.Source, bool) {
	r := reflect.Indirect(reflect.ValueOf(v))
	if r.Kind() != reflect.Struct {
		return catalog.Source{}, false
	}
	field := r.FieldByName("Source")
	if !field.IsValid() {
		return catalog.Source{}, false
	}
	s, ok := field.Interface().(catalog.Source)
	return s, ok
}
