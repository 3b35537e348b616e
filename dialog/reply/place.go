package reply

import (
	"encoding/json"
	"errors"
	"fmt"
	"reflect"
	"strconv"
	"strings"
	"time"

	"github.com/shopspring/decimal"

	"github.com/floorwalker/floorwalker/catalog"
	"github.com/floorwalker/floorwalker/dialog/flow"
)

// policyRoot is the name under which Env holds the shop's policies.
const policyRoot = "policy"

var errTooLong = fmt.Errorf("longer than %d bytes", maxText)

// errEmpty marks a placeholder with nothing to tell; if tests for that.
var errEmpty = errors.New("nothing to tell")

// place is a value in Env with what makes it a fact.
type place struct {
	v      reflect.Value // never a pointer, interface or flow.Value; invalid: nothing there
	source catalog.Source
	kind   catalog.Kind
}

// find walks a path from a loop's variable or Env. A missing key or nil is an empty place; a
// step that the type can't take is an error.
func (r *rendering) find(p path, s *scope) (place, error) {
	at := r.root(p[0], s)
	for i, step := range p[1:] {
		if !at.v.IsValid() {
			return at, nil
		}
		var err error
		if at, err = at.step(step); err != nil {
			return at, fmt.Errorf("{%s}: %s %w", p, p[:i+1], err)
		}
		if at.kind == catalog.KindPolicy && at.source.Record != "" && p[0] == policyRoot {
			at.source.Record = policyRoot + "/" + p[1:i+2].String()
		}
		at = at.settle()
	}
	return at, nil
}

func (r *rendering) root(name string, s *scope) place {
	for ; s != nil; s = s.outer {
		if s.name == name {
			return s.place
		}
	}
	v, ok := r.env[name]
	if !ok {
		return place{}
	}
	at := place{v: reflect.ValueOf(v)}
	if _, policies := v.(map[string]any); policies && name == policyRoot {
		at.kind = catalog.KindPolicy
		at.source = catalog.Source{Record: policyRoot, Version: r.ctx.Policy, ReadAt: r.ctx.Now}
	}
	return at.settle()
}

// settle takes off pointers, interfaces and flow.Values, and notes the source of a view.
func (at place) settle() place {
	for {
		switch at.v.Kind() {
		case reflect.Pointer, reflect.Interface:
			at.v = at.v.Elem()
			continue
		case reflect.Struct:
			if said, ok := at.v.Interface().(flow.Value); ok {
				at.kind = catalog.KindSaid
				at.source = catalog.Source{}
				if said.Offset > 0 {
					at.source.Record = "utterance/" + strconv.FormatInt(said.Offset, 10)
				}
				at.v = reflect.ValueOf(said.V)
				continue
			}
			if source, ok := sourceOf(at.v); ok {
				at.source = source
			}
		}
		return at
	}
}

// sourceOf returns the Source that a struct embeds, if it names a record.
func sourceOf(v reflect.Value) (catalog.Source, bool) {
	t := v.Type()
	for i := range t.NumField() {
		f := t.Field(i)
		if !f.Anonymous || !f.IsExported() {
			continue
		}
		if f.Type == sourceType {
			s := v.Field(i).Interface().(catalog.Source)
			return s, s.Record != ""
		}
		if f.Type.Kind() == reflect.Struct {
			if s, ok := sourceOf(v.Field(i)); ok {
				return s, true
			}
		}
	}
	return catalog.Source{}, false
}

func (at place) step(name string) (place, error) {
	switch at.v.Kind() {
	case reflect.Struct:
		field, ok := fieldOf(at.v.Type(), name)
		if !ok {
			return at, fmt.Errorf("has no field %q", name)
		}
		v, err := at.v.FieldByIndexErr(field.Index)
		if err != nil { // behind a nil embedded pointer
			return place{}, nil
		}
		at.v, at.kind = v, catalog.Kind(field.Tag.Get("fact"))
		return at, nil
	case reflect.Map:
		if at.v.Type().Key().Kind() != reflect.String {
			return at, errors.New("is not a map by name")
		}
		at.v = at.v.MapIndex(reflect.ValueOf(name).Convert(at.v.Type().Key()))
		return at, nil
	case reflect.Slice, reflect.Array:
		i, err := strconv.Atoi(name)
		if err != nil {
			return at, fmt.Errorf("is a list; give a position from 0, not %q", name)
		}
		if i < 0 || i >= at.v.Len() {
			return place{}, nil
		}
		return at.element(i), nil
	}
	return at, fmt.Errorf("has no parts, so no %q", name)
}

// fieldOf finds the field tagged `expr:"name"`, also in embedded structs.
func fieldOf(t reflect.Type, name string) (reflect.StructField, bool) {
	for i := range t.NumField() {
		f := t.Field(i)
		if !f.IsExported() {
			continue
		}
		if f.Tag.Get("expr") == name {
			return f, true
		}
		if inner := indirect(f.Type); f.Anonymous && inner.Kind() == reflect.Struct {
			if g, ok := fieldOf(inner, name); ok {
				g.Index = append(append([]int{}, f.Index...), g.Index...)
				return g, true
			}
		}
	}
	return reflect.StructField{}, false
}

func indirect(t reflect.Type) reflect.Type {
	for t.Kind() == reflect.Pointer {
		t = t.Elem()
	}
	return t
}

func (at place) size() int {
	switch at.v.Kind() {
	case reflect.Slice, reflect.Array:
		return at.v.Len()
	}
	return 0
}

func (at place) element(i int) place {
	at.v = at.v.Index(i)
	return at.settle()
}

// filled reports whether there is something: not nil, empty, zero or false.
func (at place) filled() bool {
	switch at.v.Kind() {
	case reflect.Invalid:
		return false
	case reflect.Slice, reflect.Map:
		return at.v.Len() > 0
	}
	switch v := at.v.Interface().(type) {
	case catalog.Money:
		return !v.Amount.IsZero()
	case decimal.Decimal:
		return !v.IsZero()
	}
	return !at.v.IsZero()
}

// key is the value as cases of a select name it.
func (at place) key() string {
	switch {
	case !at.v.IsValid():
		return ""
	case at.v.Kind() == reflect.String:
		return at.v.String()
	}
	return fmt.Sprint(at.v.Interface())
}

// count returns a number, in digits, and the fact that tells it; over a list, its length.
func (r *rendering) count(at place, p path) (string, *catalog.Fact, error) {
	switch at.v.Kind() {
	case reflect.Slice, reflect.Array:
		source := at.source
		for i := 0; source.Record == "" && i < at.size(); i++ {
			source = at.element(i).source
		}
		value := strconv.Itoa(at.size())
		f := fact(catalog.KindCount, value, source)
		return value, &f, nil
	case reflect.Invalid:
		return "", nil, fmt.Errorf("{%s, plural}: %w", p, errEmpty)
	}
	value, _, ok := at.leaf(r)
	if _, err := parseFigure(value); err != nil || !ok {
		return "", nil, fmt.Errorf("{%s, plural}: neither a number nor a list", p)
	}
	facts, err := r.tell(at, p)
	if err != nil { // counts, but can't be told: only a # minds
		return value, &catalog.Fact{}, nil
	}
	return value, &facts[0], nil
}

func fact(kind catalog.Kind, value string, s catalog.Source) catalog.Fact {
	return catalog.Fact{Kind: kind, Value: value, Record: s.Record, Version: s.Version,
		ReadAt: s.ReadAt, DerivedFrom: s.DerivedFrom}
}

// tell makes facts of a place: one, or one of each in a list.
func (r *rendering) tell(at place, p path) ([]catalog.Fact, error) {
	if !at.v.IsValid() {
		return nil, fmt.Errorf("{%s}: %w", p, errEmpty)
	}
	if f, ok := at.v.Interface().(catalog.Fact); ok {
		return []catalog.Fact{f}, nil
	}
	switch at.v.Kind() {
	case reflect.Slice, reflect.Array:
		var facts []catalog.Fact
		for i := range at.size() {
			more, err := r.tell(at.element(i), p)
			if err != nil {
				return nil, err
			}
			facts = append(facts, more...)
		}
		if len(facts) == 0 {
			return nil, fmt.Errorf("{%s}: %w", p, errEmpty)
		}
		return facts, nil
	}
	switch {
	case at.kind == "":
		return nil, fmt.Errorf("{%s}: not a fact; its field has no tag fact", p)
	case at.source.Record == "":
		return nil, fmt.Errorf("{%s}: read from no record", p)
	}
	value, unit, ok := at.leaf(r)
	switch {
	case !ok:
		return nil, fmt.Errorf("{%s}: a %s can't be told", p, at.v.Type())
	case value == "":
		return nil, fmt.Errorf("{%s}: %w", p, errEmpty)
	}
	f := fact(at.kind, value, at.source)
	f.Unit = unit
	return []catalog.Fact{f}, nil
}

// plain words what is no fact: a value from no record by its list under words:, as in
// {identity.accepts, words, proof}, and a text that a flow puts into Env itself, as its title. Such
// words stand in the text like a template's own, so Check lets no figure through in them.
func (r *rendering) plain(at place, n told) string {
	switch {
	case at.source.Record != "":
		return ""
	case n.words == "" && len(n.path) == 1 && at.kind == "" && at.v.Kind() == reflect.String:
		return clean(at.v.String())
	case n.words == "":
		return ""
	case at.v.Kind() == reflect.String:
		return r.locale.pick(r.bank.words[n.words][at.v.String()])
	}
	var text strings.Builder
	for i := range at.size() {
		one := r.plain(at.element(i), n)
		if one == "" {
			return ""
		}
		if i > 0 {
			text.WriteString(r.locale.join(i == at.size()-1))
		}
		text.WriteString(one)
	}
	return text.String()
}

// leaf is a single value in its canonical form, with its unit. An empty one is there but has
// nothing to tell.
func (at place) leaf(r *rendering) (value, unit string, ok bool) {
	switch v := at.v.Interface().(type) {
	case catalog.Money:
		return canonicalAmount(v.Amount, v.Currency), v.Currency, true
	case decimal.Decimal:
		return v.String(), "", true
	case time.Time:
		if v.IsZero() {
			return "", "", true
		}
		return v.In(r.ctx.Now.Location()).Format(time.DateOnly), "", true
	case catalog.Address:
		return canonicalAddress(v), "", true
	case catalog.Text:
		return r.locale.pick(v), "", true
	}
	switch at.v.Kind() {
	case reflect.String:
		return at.v.String(), "", true
	case reflect.Int, reflect.Int8, reflect.Int16, reflect.Int32, reflect.Int64:
		return strconv.FormatInt(at.v.Int(), 10), "", true
	case reflect.Uint, reflect.Uint8, reflect.Uint16, reflect.Uint32, reflect.Uint64:
		return strconv.FormatUint(at.v.Uint(), 10), "", true
	case reflect.Float32, reflect.Float64:
		return strconv.FormatFloat(at.v.Float(), 'f', -1, 64), "", true
	case reflect.Map:
		return at.object(r)
	}
	return "", "", false
}

// object reads a value of plain JSON or YAML (a slot's or a policy's) that stands for an
// amount, an address or wording by language.
func (at place) object(r *rendering) (value, unit string, ok bool) {
	m, isMap := at.v.Interface().(map[string]any)
	if !isMap {
		return "", "", false
	}
	switch {
	case m["amount"] != nil && m["currency"] != nil:
		amount, err := decimal.NewFromString(fmt.Sprint(m["amount"]))
		currency, isText := m["currency"].(string)
		if err != nil || !isText {
			return "", "", false
		}
		return canonicalAmount(amount, currency), currency, true
	case m["line1"] != nil:
		raw, err := json.Marshal(m)
		var a catalog.Address
		if err != nil || json.Unmarshal(raw, &a) != nil {
			return "", "", false
		}
		return canonicalAddress(a), "", true
	}
	text := catalog.Text{}
	for key, v := range m {
		s, isText := v.(string)
		if !isText {
			return "", "", false
		}
		text[key] = s
	}
	value = r.locale.pick(text)
	return value, "", value != ""
}

var sourceType = reflect.TypeFor[catalog.Source]()
