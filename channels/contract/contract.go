// Package contract describes to other programs what the channels speak: JSON Schemas of the very
// types that are encoded and decoded, and of them an OpenAPI 3.1 document (openapi.go) and an
// AsyncAPI 3.0 document (asyncapi.go). Each channel says what it has in the words of [Operation] and
// [Channel]; what can't be read from a Go type (the form of an id, the length of a text) stands beside
// the type as [Rules].
package contract

import (
	"encoding/json"
	"fmt"
	"maps"
	"path"
	"reflect"
	"slices"
	"strings"
	"time"
	"unicode"

	"github.com/google/jsonschema-go/jsonschema"
	"github.com/shopspring/decimal"

	"github.com/floorwalker/floorwalker/catalog"
	"github.com/floorwalker/floorwalker/dialog"
	"github.com/floorwalker/floorwalker/dialog/journal"
)

// module is the path under which the types are that become schemas of their own.
const module = "github.com/floorwalker/floorwalker/"

// component is where schemas of their own are in both kinds of document.
const component = "#/components/schemas/"

// Rules narrow the fields of a type, by their names in JSON.
type Rules map[string]func(*jsonschema.Schema)

// Schemas are those of one document. The first error is kept and told at the end.
type Schemas struct {
	named map[string]*jsonschema.Schema
	types map[string]reflect.Type // by name, as far as a schema is that of a type
	known map[reflect.Type]*jsonschema.Schema
	err   error
}

// NewSchemas knows how values are written that are no structs.
func NewSchemas() *Schemas {
	return &Schemas{named: map[string]*jsonschema.Schema{}, types: map[string]reflect.Type{}, known: map[reflect.Type]*jsonschema.Schema{
		reflect.TypeFor[time.Time]():       {Type: "string", Format: "date-time"},
		reflect.TypeFor[decimal.Decimal](): {Type: "string", Pattern: `^-?[0-9]+(\.[0-9]+)?$`},
		reflect.TypeFor[json.RawMessage](): {},
		reflect.TypeFor[journal.Owner]():   enum(journal.OwnerBot, journal.OwnerQueue, journal.OwnerAgent),
		reflect.TypeFor[dialog.Code](): enum(dialog.BadFrame, dialog.TooLarge, dialog.Unauthorized, dialog.Forbidden, dialog.NotFound,
			dialog.RateLimited, dialog.Conflict, dialog.Unavailable, dialog.ShuttingDown, dialog.Internal),
		reflect.TypeFor[catalog.Kind](): enum(catalog.KindPrice, catalog.KindAmount, catalog.KindStock, catalog.KindDate, catalog.KindOrderState,
			catalog.KindQuantity, catalog.KindPercent, catalog.KindAddress, catalog.KindTracking, catalog.KindPolicy, catalog.KindName,
			catalog.KindCount, catalog.KindSaid),
	}}
}

func enum[T ~string](values ...T) *jsonschema.Schema {
	s := &jsonschema.Schema{Type: "string"}
	for _, v := range values {
		s.Enum = append(s.Enum, string(v))
	}
	return s
}

// Of is the schema of what a value of this type is encoded to: a reference to one under the name,
// which is made unless it is there. An empty name is the type's.
func (s *Schemas) Of(name string, v any, rules Rules) *jsonschema.Schema {
	t := reflect.TypeOf(v)
	if t.Kind() == reflect.Slice {
		return &jsonschema.Schema{Type: "array", Items: s.Of(name, reflect.Zero(t.Elem()).Interface(), rules)}
	}
	if name == "" && t.Name() == "" {
		s.fail(fmt.Errorf("contract: %s needs a name", t))
		return &jsonschema.Schema{}
	}
	if name == "" {
		name = Capital(t.Name())
		if of := s.types[name]; of != nil && of != t { // of another package
			name = Capital(path.Base(t.PkgPath())) + name
		}
	}
	switch of := s.types[name]; {
	case of == nil && s.named[name] == nil:
		s.types[name] = t
		s.Add(name, s.Inline(v, rules))
	case of != t:
		s.fail(fmt.Errorf("contract: %s and %v are both called %s", t, of, name))
	}
	return &jsonschema.Schema{Ref: component + name}
}

// Add gives a schema a name, by which it is referred to.
func (s *Schemas) Add(name string, schema *jsonschema.Schema) *jsonschema.Schema {
	s.named[name] = schema
	return &jsonschema.Schema{Ref: component + name}
}

// Inline is the schema itself, with references to those of the types within. Unknown fields are
// allowed: a later version may have more.
func (s *Schemas) Inline(v any, rules Rules) *jsonschema.Schema {
	t := reflect.TypeOf(v)
	s.within(t)
	known := maps.Clone(s.known)
	delete(known, t)
	schema, err := jsonschema.ForType(t, &jsonschema.ForOptions{TypeSchemas: known})
	if err != nil {
		s.fail(err)
		return &jsonschema.Schema{}
	}
	tidy(schema)
	for field, narrow := range rules {
		p := schema.Properties[field]
		if p == nil {
			s.fail(fmt.Errorf("contract: %s has no field %q to narrow", t, field))
			continue
		}
		narrow(p)
	}
	return schema
}

func (s *Schemas) fail(err error) {
	if s.err == nil {
		s.err = err
	}
}

// within makes schemas of the structs that fields of a type hold.
func (s *Schemas) within(t reflect.Type) {
	if t.Kind() != reflect.Struct {
		return
	}
	for _, f := range reflect.VisibleFields(t) {
		if f.Anonymous || f.Tag.Get("json") == "-" {
			continue
		}
		e := f.Type
		for e.Kind() == reflect.Pointer || e.Kind() == reflect.Slice && s.known[e] == nil || e.Kind() == reflect.Map {
			e = e.Elem()
		}
		if s.known[e] != nil || e.Kind() != reflect.Struct || !strings.HasPrefix(e.PkgPath(), module) {
			continue
		}
		s.known[e] = s.Of("", reflect.Zero(e).Interface(), nil)
	}
}

// tidy makes of what Go could encode what is encoded: lists are never null, an absent field is left
// out, and more fields may come.
func tidy(s *jsonschema.Schema) {
	if s == nil {
		return
	}
	if s.Ref != "" {
		s.Type, s.Types = "", nil
	}
	if i := slices.Index(s.Types, "null"); i >= 0 && len(s.Types) == 2 {
		s.Type, s.Types = s.Types[1-i], nil
	}
	if s.Properties != nil {
		s.AdditionalProperties = nil
	}
	for _, p := range s.Properties {
		tidy(p)
	}
	tidy(s.Items)
	tidy(s.AdditionalProperties)
}

// Capital is a name with a capital first.
func Capital(name string) string {
	r := []rune(name)
	r[0] = unicode.ToUpper(r[0])
	return string(r)
}

// Pick keeps some of an object's fields.
func Pick(s *jsonschema.Schema, required, optional []string) *jsonschema.Schema {
	picked := &jsonschema.Schema{Type: "object", Properties: map[string]*jsonschema.Schema{}, Required: required}
	for _, name := range slices.Concat(required, optional) {
		picked.Properties[name] = s.Properties[name]
		picked.PropertyOrder = append(picked.PropertyOrder, name)
	}
	return picked
}

// Join is an object with the fields of several.
func Join(all ...*jsonschema.Schema) *jsonschema.Schema {
	joined := &jsonschema.Schema{Type: "object", Properties: map[string]*jsonschema.Schema{}}
	for _, s := range all {
		maps.Copy(joined.Properties, s.Properties)
		joined.Required = append(joined.Required, s.Required...)
		joined.PropertyOrder = append(joined.PropertyOrder, s.PropertyOrder...)
	}
	return joined
}

// Const is the rule that a field has one value.
func Const(value string) func(*jsonschema.Schema) {
	return func(s *jsonschema.Schema) {
		var v any = value
		*s = jsonschema.Schema{Const: &v, Description: s.Description}
	}
}

// ID is the rule for ids of shops, conversations, messages and turns.
func ID(s *jsonschema.Schema) { s.Pattern = `^[A-Za-z0-9_-]{1,64}$` }

// Place is the rule for offsets and counts.
func Place(s *jsonschema.Schema) { s.Minimum = jsonschema.Ptr(0.0) }

// Within is the rule that a text has so many characters.
func Within(least, most int) func(*jsonschema.Schema) {
	return func(s *jsonschema.Schema) {
		s.MaxLength = &most
		if least > 0 {
			s.MinLength = &least
		}
	}
}

// Nullable is the rule for a field that may be null in what comes in, as if it were left out.
func Nullable(s *jsonschema.Schema) { s.Type, s.Types = "", []string{s.Type, "null"} }

// Each applies rules in turn.
func Each(rules ...func(*jsonschema.Schema)) func(*jsonschema.Schema) {
	return func(s *jsonschema.Schema) {
		for _, r := range rules {
			r(s)
		}
	}
}

// document encodes what is described, or tells what can't be.
func (s *Schemas) document(d map[string]any) ([]byte, error) {
	if s.err != nil {
		return nil, s.err
	}
	data, err := json.MarshalIndent(d, "", "  ")
	return append(data, '\n'), err
}
