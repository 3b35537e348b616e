package flow

import (
	"errors"
	"reflect"
	"regexp"
	"slices"
	"time"

	"github.com/expr-lang/expr"
	"github.com/expr-lang/expr/ast"
	"github.com/expr-lang/expr/checker/nature"
	"github.com/expr-lang/expr/file"
	"github.com/expr-lang/expr/types"
	"github.com/expr-lang/expr/vm"
)

// baseNames are what every expression can read; no look or loop may take one.
func baseNames() types.Map {
	return types.Map{
		"identity":  types.Map{"level": types.String, "customer": types.String, "accepts": types.Array(types.String)},
		"result":    types.Map{"refused": types.String},
		"options":   types.Array(types.Any),
		"title":     types.String,
		"unsettled": types.Bool,
		"locale":    types.String,
		"now":       viewType(reflect.TypeFor[time.Time]()),
		"fails":     types.Int,
		"said":      types.Array(types.String),
		"slots":     types.Any, // each flow's own
		"policy":    types.Any, // each shop's own
	}
}

// natured makes a type of what expr worked out.
type natured struct{ n nature.Nature }

func (t natured) Nature() nature.Nature   { return t.n }
func (t natured) Equal(o types.Type) bool { return t.String() == o.String() }
func (t natured) String() string          { return t.n.String() }

// policyType is the type of plain data: maps are strict, so that a wrong key is a fault.
func policyType(v any) types.Type {
	switch v := v.(type) {
	case nil:
		return types.Any
	case map[string]any:
		m := types.Map{}
		for k, e := range v {
			m[k] = policyType(e)
		}
		return m
	case []any:
		return types.Array(types.Any)
	}
	return types.TypeOf(v)
}

func viewType(t reflect.Type) types.Type {
	if t == nil {
		return types.Any
	}
	return natured{new(nature.Cache).FromType(t)} // without a cache, structs have no fields
}

// what an expression must come to.
type wanted int

const (
	anything wanted = iota
	truth
	list
)

// compiled is an expression ready to run, and what it reads.
type compiled struct {
	program *vm.Program
	names   map[string]bool // of the environment
	slots   map[string]bool
	elem    types.Type // of a list
}

// compile type-checks an expression; nil after a fault.
func (c *compiler) compile(e expression, env types.Map, want wanted) *compiled {
	if !e.given {
		return nil
	}
	options := []expr.Option{expr.Env(env), expr.MaxNodes(500)}
	if want == truth {
		options = append(options, expr.AsBool())
	}
	program, err := expr.Compile(e.text, options...)
	if err != nil {
		c.expressionFault(e, env, err)
		return nil
	}
	root := program.Node()
	n := *root.Nature()
	out := &compiled{program: program, names: map[string]bool{}, slots: map[string]bool{}, elem: types.Any}
	if want == list {
		kind := n.Kind
		var cache nature.Cache
		switch {
		case n.IsUnknown(&cache):
		case kind == reflect.Slice || kind == reflect.Array:
			out.elem = natured{n.Elem(&cache)}
		default:
			c.s.at(e.at, "`%s` is %s; a list is meant here", e.text, n.String())
			return nil
		}
	}
	ast.Walk(&root, reading{out})
	return out
}

type reading struct{ *compiled }

func (r reading) Visit(n *ast.Node) {
	switch n := (*n).(type) {
	case *ast.IdentifierNode:
		r.names[n.Value] = true
	case *ast.MemberNode:
		if of, ok := n.Node.(*ast.IdentifierNode); ok && of.Value == "slots" {
			if p, ok := n.Property.(*ast.StringNode); ok {
				r.slots[p.Value] = true
			}
		}
	}
}

var noSuchName = regexp.MustCompile(`(unknown name|unknown field|has no field) ([\pL_][\pL\pN_]*)`)

func (c *compiler) expressionFault(e expression, env types.Map, err error) {
	line, col, message := e.at.line, e.at.col, err.Error()
	var located *file.Error
	if errors.As(err, &located) {
		message = located.Message
		if e.at.bare && located.Line <= 1 {
			col += e.at.quote + located.Column
		}
	}
	if m := noSuchName.FindStringSubmatch(message); m != nil {
		names := keysOf(env)
		if m[1] != "unknown name" {
			names = nil
			for _, t := range env {
				names = append(names, fieldNames(t, 0)...)
			}
		}
		message = "there is no `" + m[2] + "` here"
		if n := nearest(m[2], slices.Sorted(slices.Values(names))); n != "" {
			message += "; did you mean `" + n + "`?"
		} else if m[1] == "unknown name" {
			message += "; names here: " + allowedNames(names)
		}
	}
	c.s.fault(line, col, "`%s`: %s", e.text, message)
}

// fieldNames are the names readable below a type, two levels deep.
func fieldNames(t types.Type, depth int) []string {
	var out []string
	n := t.Nature()
	var cache nature.Cache
	if n.IsTime() {
		return nil
	}
	for name, field := range n.All(&cache) {
		out = append(out, name)
		if depth < 2 && name != types.Extra {
			out = append(out, fieldNames(natured{field}, depth+1)...)
		}
	}
	return out
}
