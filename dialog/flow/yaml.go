package flow

import (
	"fmt"
	"strings"

	"github.com/goccy/go-yaml/ast"
	"github.com/goccy/go-yaml/parser"
	"github.com/goccy/go-yaml/token"

	"github.com/floorwalker/floorwalker/catalog"
)

// Bounds on a flow file, so that a mistake or a stranger's file costs a message, not the machine.
const (
	maxFile  = 1 << 20
	maxDepth = 60
)

type nodeKind int

const (
	scalarNode nodeKind = iota
	mapNode
	listNode
)

// node is a YAML value with its place. Maps keep their order.
type node struct {
	kind  nodeKind
	text  string // of a scalar
	bare  bool   // a plain scalar on one line: columns within it are columns of the file
	quote int    // columns before the text of a quoted scalar
	keys  []key
	items []node
	line  int
	col   int
}

type key struct {
	name      string
	line, col int
	value     node
}

func (n node) get(name string) (node, bool) {
	for _, k := range n.keys {
		if k.name == name {
			return k.value, true
		}
	}
	return node{}, false
}

// kindName is the node's kind as a message says it.
func (n node) kindName() string {
	return [...]string{"text", "a map", "a list"}[n.kind]
}

// source is one flow file while it is read; it gathers the faults found in it.
type source struct {
	file   string
	faults catalog.Faults
}

func (s *source) fault(line, col int, format string, args ...any) {
	s.faults = append(s.faults, catalog.Fault{File: s.file, Line: line, Column: col, Message: fmt.Sprintf(format, args...)})
}

func (s *source) at(n node, format string, args ...any) { s.fault(n.line, n.col, format, args...) }

func (s *source) atKey(k key, format string, args ...any) { s.fault(k.line, k.col, format, args...) }

// read parses a file into nodes; an empty file is an empty map.
func (s *source) read(text []byte) (n node, ok bool) {
	if len(text) > maxFile {
		s.fault(0, 0, "the file has %d bytes, at most %d are read; split it", len(text), maxFile)
		return node{}, false
	}
	defer func() { // the YAML library panics on some malformed files
		if p := recover(); p != nil {
			s.fault(0, 0, "not YAML: %v", p)
			n, ok = node{}, false
		}
	}()
	f, err := parser.ParseBytes(text, 0)
	if err != nil {
		line, col, message := syntaxError(err)
		s.fault(line, col, "not YAML: %s", message)
		return node{}, false
	}
	n = node{kind: mapNode}
	for _, d := range f.Docs {
		if d.Body == nil || d.Body.Type() == ast.CommentType {
			continue
		}
		body := s.convert(d.Body, 0)
		if body.kind != mapNode {
			s.at(body, "a flow file is a map of names to flows, not %s", body.kindName())
			return node{}, false
		}
		n.keys = append(n.keys, body.keys...)
	}
	return n, len(s.faults) == 0
}

func syntaxError(err error) (line, col int, message string) {
	message = err.Error()
	if e, ok := err.(interface {
		GetToken() *token.Token
		GetMessage() string
	}); ok {
		message = e.GetMessage()
		if t := e.GetToken(); t != nil && t.Position != nil {
			line, col = t.Position.Line, t.Position.Column
		}
	}
	message, _, _ = strings.Cut(message, "\n")
	return line, col, message
}

func (s *source) convert(n ast.Node, depth int) node {
	out := node{}
	if t := n.GetToken(); t != nil && t.Position != nil {
		out.line, out.col = t.Position.Line, t.Position.Column
	}
	if depth > maxDepth {
		s.at(out, "nested more than %d deep", maxDepth)
		return out
	}
	switch n := n.(type) {
	case *ast.MappingNode:
		out.kind = mapNode
		if len(n.Values) > 0 {
			out.line, out.col = place(n.Values[0].Key, out)
		}
		s.pairs(&out, n.Values, depth)
	case *ast.MappingValueNode:
		out.kind = mapNode
		out.line, out.col = place(n.Key, out)
		s.pairs(&out, []*ast.MappingValueNode{n}, depth)
	case *ast.SequenceNode:
		out.kind = listNode
		for _, v := range n.Values {
			out.items = append(out.items, s.convert(v, depth+1))
		}
	case *ast.StringNode:
		out.text = n.Value
		out.bare = true
		if t := n.Token.Type; t == token.SingleQuoteType || t == token.DoubleQuoteType {
			out.quote = 1
		}
	case *ast.LiteralNode:
		out.text = strings.TrimSpace(n.Value.Value)
	case *ast.NullNode:
	case *ast.AnchorNode, *ast.AliasNode, *ast.TagNode, *ast.MergeKeyNode:
		s.at(out, "anchors (&), aliases (*) and tags (!) have no meaning in a flow; in a condition write `not x` for !x, and quote what begins with one of these")
	case ast.ScalarNode:
		out.text, out.bare = n.GetToken().Value, true
	default:
		s.at(out, "not understood here; write text, a list or a map")
	}
	return out
}

func (s *source) pairs(out *node, values []*ast.MappingValueNode, depth int) {
	for _, v := range values {
		k := key{name: v.Key.GetToken().Value}
		k.line, k.col = place(v.Key, *out)
		if v.Value != nil {
			k.value = s.convert(v.Value, depth+1)
		}
		if k.value.line == 0 {
			k.value.line, k.value.col = k.line, k.col
		}
		if _, twice := out.get(k.name); twice {
			s.atKey(k, "`%s` stands here twice", k.name)
			continue
		}
		out.keys = append(out.keys, k)
	}
}

func place(n ast.Node, otherwise node) (line, col int) {
	if t := n.GetToken(); t != nil && t.Position != nil {
		return t.Position.Line, t.Position.Column
	}
	return otherwise.line, otherwise.col
}
