package shopfile

import (
	"bytes"
	"fmt"
	"reflect"
	"strings"

	"github.com/goccy/go-yaml"
	"github.com/goccy/go-yaml/ast"

	"github.com/floorwalker/floorwalker/catalog"
)

// DecodeNode fits a part of a file into out, a pointer, as [Decode] does a whole one.
func DecodeNode(name string, n ast.Node, out any) catalog.Faults {
	c := checker{name: name}
	c.check(n, reflect.TypeOf(out).Elem())
	if len(c.faults) > 0 {
		return c.faults
	}
	if err := decode(n, out); err != nil {
		f := faultOf(name, err)
		if f.Line == 0 {
			f.Line, f.Column = At(n)
		}
		return catalog.Faults{f}
	}
	return nil
}

// decode shields from a decoder that panics on some trees.
func decode(n ast.Node, out any) (err error) {
	defer func() {
		if p := recover(); p != nil {
			err = fmt.Errorf("not understood (%v)", p)
		}
	}()
	return yaml.NewDecoder(bytes.NewReader(nil), yaml.Strict(), yaml.AllowDuplicateMapKey()).DecodeFromNode(n, out)
}

// checker compares a tree with the Go type that it shall fit, and collects every misfit: the
// decoder itself would stop at the first.
type checker struct {
	name   string
	faults catalog.Faults
}

var (
	nodeUnmarshaler      = reflect.TypeFor[yaml.NodeUnmarshaler]()
	interfaceUnmarshaler = reflect.TypeFor[yaml.InterfaceUnmarshaler]()
)

func (c *checker) check(n ast.Node, t reflect.Type) {
	for t.Kind() == reflect.Pointer {
		t = t.Elem()
	}
	n = Plain(n)
	if _, alias := n.(*ast.AliasNode); alias || n == nil {
		return // the decoder follows it
	}
	if p := reflect.PointerTo(t); p.Implements(nodeUnmarshaler) || p.Implements(interfaceUnmarshaler) {
		c.unmarshal(n, reflect.New(t).Interface())
		return
	}
	switch t.Kind() {
	case reflect.Struct:
		c.checkStruct(n, t)
	case reflect.Map:
		c.checkMap(n, t)
	case reflect.Slice, reflect.Array:
		c.checkList(n, t)
	case reflect.Interface:
	default:
		c.checkScalar(n, t)
	}
}

// unmarshal asks a type that reads its part itself.
func (c *checker) unmarshal(n ast.Node, value any) {
	var err error
	switch v := value.(type) {
	case yaml.NodeUnmarshaler:
		err = v.UnmarshalYAML(n)
	case yaml.InterfaceUnmarshaler:
		err = v.UnmarshalYAML(func(out any) error { return decode(n, out) })
	}
	if err == nil {
		return
	}
	f := catalog.Fault{File: c.name, Message: firstLine(err.Error())}
	f.Line, f.Column = At(n)
	c.faults = append(c.faults, f)
}

func (c *checker) checkStruct(n ast.Node, t reflect.Type) {
	fields, ok := Fields(n)
	if !ok {
		c.wrong(n, "a mapping (key: value) with the keys "+strings.Join(keys(t), ", "))
		return
	}
	for _, f := range fields {
		if f.Name.Type() == ast.MergeKeyType {
			continue
		}
		child, known := fieldType(t, f.Key)
		if !known {
			c.faults = append(c.faults, Unknown(c.name, f.Name, keys(t)))
			continue
		}
		if f.Value.Type() != ast.NullType {
			c.check(f.Value, child)
		}
	}
}

func (c *checker) checkMap(n ast.Node, t reflect.Type) {
	fields, ok := Fields(n)
	if !ok {
		c.wrong(n, "a mapping (key: value)")
		return
	}
	for _, f := range fields {
		if f.Value.Type() != ast.NullType {
			c.check(f.Value, t.Elem())
		}
	}
}

func (c *checker) checkList(n ast.Node, t reflect.Type) {
	items, ok := Items(n)
	if !ok {
		c.wrong(n, "a list: [one, two], or lines that begin with '- '")
		return
	}
	for _, item := range items {
		c.check(item, t.Elem())
	}
}

// scalars says which nodes fit a kind, and what to write.
var scalars = []struct {
	kinds []reflect.Kind
	nodes []ast.NodeType
	want  string
}{
	{[]reflect.Kind{reflect.String}, []ast.NodeType{ast.StringType, ast.LiteralType, ast.IntegerType, ast.FloatType}, "text (in quotes if YAML reads it as something else)"},
	{[]reflect.Kind{reflect.Bool}, []ast.NodeType{ast.BoolType}, "true or false"},
	{[]reflect.Kind{reflect.Int, reflect.Int8, reflect.Int16, reflect.Int32, reflect.Int64}, []ast.NodeType{ast.IntegerType}, "a whole number"},
	{[]reflect.Kind{reflect.Uint, reflect.Uint8, reflect.Uint16, reflect.Uint32, reflect.Uint64}, []ast.NodeType{ast.IntegerType}, "a whole number, not negative"},
	{[]reflect.Kind{reflect.Float32, reflect.Float64}, []ast.NodeType{ast.IntegerType, ast.FloatType}, "a number"},
}

func (c *checker) checkScalar(n ast.Node, t reflect.Type) {
	for _, s := range scalars {
		for _, k := range s.kinds {
			if k != t.Kind() {
				continue
			}
			for _, fits := range s.nodes {
				if n.Type() == fits {
					c.checkNumeral(n, t)
					return
				}
			}
			c.wrong(n, s.want)
			return
		}
	}
}

// checkNumeral refuses a bare number where text is wanted, if it would not stay as it is
// written: 4.50 would become 4.5.
func (c *checker) checkNumeral(n ast.Node, t reflect.Type) {
	number, ok := n.(ast.ScalarNode)
	if t.Kind() != reflect.String || !ok || n.Type() != ast.IntegerType && n.Type() != ast.FloatType {
		return
	}
	if text, _ := Scalar(n); fmt.Sprint(number.GetValue()) != text {
		c.wrong(n, fmt.Sprintf("it in quotes, %q, or it is read as the number %v", text, number.GetValue()))
	}
}

func (c *checker) wrong(n ast.Node, want string) {
	c.faults = append(c.faults, Fault(c.name, n, "%s stands here: write %s", describe(n), want))
}

func describe(n ast.Node) string {
	if n.Type() == ast.NullType {
		return "nothing"
	}
	if _, ok := Fields(n); ok {
		return "a mapping"
	}
	if _, ok := Items(n); ok {
		return "a list"
	}
	text, _ := Scalar(n)
	if r := []rune(text); len(r) > 40 {
		text = string(r[:40]) + "…"
	}
	return fmt.Sprintf("%q", text)
}

// keys are the keys of a struct, in its order.
func keys(t reflect.Type) (names []string) {
	for f := range visible(t) {
		names = append(names, tagOf(f))
	}
	return names
}

func fieldType(t reflect.Type, key string) (reflect.Type, bool) {
	for f := range visible(t) {
		if tagOf(f) == key {
			return f.Type, true
		}
	}
	return nil, false
}

// visible yields the fields that YAML can set, those of inlined structs among them.
func visible(t reflect.Type) func(func(reflect.StructField) bool) {
	return func(yield func(reflect.StructField) bool) {
		for _, f := range reflect.VisibleFields(t) {
			inline := strings.Contains(f.Tag.Get("yaml"), ",inline")
			if !f.IsExported() || inline || tagOf(f) == "-" {
				continue
			}
			if len(f.Index) > 1 && !inlined(t, f.Index) {
				continue
			}
			if !yield(f) {
				return
			}
		}
	}
}

// inlined reports whether every struct around a promoted field is inlined.
func inlined(t reflect.Type, index []int) bool {
	for i := 1; i < len(index); i++ {
		if !strings.Contains(t.FieldByIndex(index[:i]).Tag.Get("yaml"), ",inline") {
			return false
		}
	}
	return true
}

func tagOf(f reflect.StructField) string {
	name, _, _ := strings.Cut(f.Tag.Get("yaml"), ",")
	if name == "" {
		return strings.ToLower(f.Name)
	}
	return name
}
