package reply

import (
	"errors"
	"fmt"
	"reflect"
	"slices"
	"strconv"
	"time"

	"github.com/shopspring/decimal"

	"github.com/floorwalker/floorwalker/catalog"
	"github.com/floorwalker/floorwalker/dialog/flow"
)

// CheckEnv holds a reply's placeholders to the types of what a flow gives it: by name in
// Env, nil where the type isn't known before a conversation. It finds paths that lead nowhere and
// values that can't be told, at the place of the wording.
func (b *Bank) CheckEnv(name string, env map[string]reflect.Type) catalog.Faults {
	var faults catalog.Faults
	b.uses(name, func(u use, at position) {
		if err := typed(env, u); err != nil {
			f := catalog.Fault{File: at.file, Line: at.line, Message: fmt.Sprintf("{%s}: %v", u.path, err)}
			if !slices.Contains(faults, f) {
				faults = append(faults, f)
			}
		}
	})
	return faults
}

// typed follows a use through types.
func typed(env map[string]reflect.Type, u use) error {
	t, ok := env[u.path[0]]
	if !ok {
		return fmt.Errorf("there is no %s where this is said", u.path[0])
	}
	kind := catalog.Kind("")
	for _, step := range u.path[1:] {
		if t = open(t); t == nil {
			return nil
		}
		var err error
		if t, kind, err = typeStep(t, kind, step); err != nil {
			return err
		}
	}
	if t = open(t); t == nil {
		return nil
	}
	switch {
	case u.list && t.Kind() != reflect.Slice && t.Kind() != reflect.Array:
		return fmt.Errorf("%s is no list", t)
	case u.counted && (t.Kind() == reflect.Slice || t.Kind() == reflect.Array):
		return nil
	case !u.told:
		return nil
	case kind == "" && t.Kind() == reflect.String && (u.words || len(u.path) == 1):
		return nil // see plain
	case kind == "" && u.words && t.Kind() == reflect.Slice && t.Elem().Kind() == reflect.String:
		return nil
	}
	return tellable(t, kind)
}

// open takes pointers off a type; nil means that only values will tell.
func open(t reflect.Type) reflect.Type {
	if t == nil {
		return nil
	}
	t = indirect(t)
	if t.Kind() == reflect.Interface || t == reflect.TypeFor[flow.Value]() || t == reflect.TypeFor[map[string]any]() {
		return nil
	}
	return t
}

func typeStep(t reflect.Type, kind catalog.Kind, step string) (reflect.Type, catalog.Kind, error) {
	switch t.Kind() {
	case reflect.Struct:
		f, ok := fieldOf(t, step)
		if !ok {
			return nil, "", fmt.Errorf("%s has no field %q", t, step)
		}
		return f.Type, catalog.Kind(f.Tag.Get("fact")), nil
	case reflect.Map:
		return t.Elem(), kind, nil
	case reflect.Slice, reflect.Array:
		if _, err := strconv.Atoi(step); err != nil && step != element {
			return nil, "", fmt.Errorf("%s is a list; use each, or a position from 0", t)
		}
		return t.Elem(), kind, nil
	}
	return nil, "", fmt.Errorf("%s has no parts, so no %q", t, step)
}

// tellable reports why values of a type with a tag can't be told.
func tellable(t reflect.Type, kind catalog.Kind) error {
	if t == reflect.TypeFor[catalog.Fact]() {
		return nil
	}
	for t.Kind() == reflect.Slice || t.Kind() == reflect.Array {
		if t = open(t.Elem()); t == nil {
			return nil
		}
	}
	switch {
	case kind == "":
		return errors.New("not a fact; its field has no tag fact")
	case wording[kind] == nil:
		return fmt.Errorf("%q is no kind of fact", kind)
	case slices.Contains(leaves, t):
		return nil
	case t.Kind() == reflect.String, reflect.Int <= t.Kind() && t.Kind() <= reflect.Float64:
		return nil
	}
	return fmt.Errorf("a %s can't be told", t)
}

// leaves are the types that are told as a whole; strings and numbers are besides.
var leaves = []reflect.Type{
	reflect.TypeFor[catalog.Money](), reflect.TypeFor[decimal.Decimal](), reflect.TypeFor[time.Time](),
	reflect.TypeFor[catalog.Address](), reflect.TypeFor[catalog.Text](),
}
