package shopfile

import (
	"fmt"
	"slices"
	"strings"

	"github.com/goccy/go-yaml/ast"

	"github.com/floorwalker/floorwalker/catalog"
)

// Field is one entry of a mapping.
type Field struct {
	Key   string
	Name  ast.Node // the key's node
	Value ast.Node // never nil; without anchors and tags
}

// Fields returns the entries of a mapping in their order; false if n is not a mapping. An
// empty value (null) is not one.
func Fields(n ast.Node) ([]Field, bool) {
	m, ok := Plain(n).(*ast.MappingNode)
	if !ok {
		if v, single := Plain(n).(*ast.MappingValueNode); single {
			return []Field{field(v)}, true
		}
		return nil, false
	}
	fields := make([]Field, len(m.Values))
	for i, v := range m.Values {
		fields[i] = field(v)
	}
	return fields, true
}

func field(v *ast.MappingValueNode) Field {
	return Field{Key: keyOf(v.Key), Name: v.Key, Value: Plain(v.Value)}
}

// keyOf is a key as text, without quotes.
func keyOf(n ast.Node) string {
	switch k := n.(type) {
	case *ast.StringNode:
		return k.Value
	case *ast.MappingKeyNode:
		return keyOf(k.Value)
	case *ast.AnchorNode:
		return keyOf(k.Value)
	}
	if tk := n.GetToken(); tk != nil {
		return tk.Value
	}
	return n.String()
}

// Items returns the elements of a list; false if n is not a list.
func Items(n ast.Node) ([]ast.Node, bool) {
	s, ok := Plain(n).(*ast.SequenceNode)
	if !ok {
		return nil, false
	}
	items := make([]ast.Node, len(s.Values))
	for i, v := range s.Values {
		items[i] = Plain(v)
	}
	return items, true
}

// Scalar returns a single value as the text that stands in the file (without quotes; block
// text joined as YAML says); false for lists, mappings and empty values.
func Scalar(n ast.Node) (string, bool) {
	switch v := Plain(n).(type) {
	case *ast.StringNode:
		return v.Value, true
	case *ast.LiteralNode:
		return v.Value.Value, true
	case *ast.IntegerNode, *ast.FloatNode, *ast.BoolNode:
		return v.GetToken().Value, true
	}
	return "", false
}

// Plain is a node without anchors and tags around it.
func Plain(n ast.Node) ast.Node {
	for {
		switch v := n.(type) {
		case *ast.AnchorNode:
			n = v.Value
		case *ast.TagNode:
			n = v.Value
		default:
			return n
		}
	}
}

// Unknown is a fault for a key that has no meaning where it stands: it names the nearest
// allowed key, and all.
func Unknown(name string, key ast.Node, allowed []string) catalog.Fault {
	return Fault(name, key, "unknown key %q: %s", keyOf(key), Choices(keyOf(key), allowed))
}

// Choices says what may be written instead of got.
func Choices(got string, allowed []string) string {
	sorted := slices.Sorted(slices.Values(allowed))
	list := "allowed are " + strings.Join(sorted, ", ")
	if len(sorted) == 0 {
		list = "nothing may be written here"
	}
	if near := Nearest(got, sorted); near != "" {
		return fmt.Sprintf("did you mean %q? %s", near, list)
	}
	return list
}

// Nearest returns the one of words that got is most likely a slip of, or "".
func Nearest(got string, words []string) string {
	letters := len([]rune(got))
	slips := max(2, letters/3)
	if letters < 4 {
		slips = 1
	}
	best, least := "", slips+1
	for _, w := range words {
		if d := distance(strings.ToLower(got), strings.ToLower(w)); d < least {
			best, least = w, d
		}
	}
	return best
}

// distance is the edit distance of Levenshtein, in runes.
func distance(a, b string) int {
	s, t := []rune(a), []rune(b)
	row := make([]int, len(t)+1)
	for j := range row {
		row[j] = j
	}
	for i, x := range s {
		diagonal := row[0]
		row[0] = i + 1
		for j, y := range t {
			cost := diagonal
			if x != y {
				cost = 1 + min(diagonal, row[j], row[j+1])
			}
			diagonal, row[j+1] = row[j+1], cost
		}
	}
	return row[len(t)]
}

// duplicates finds keys that stand twice in one mapping, at any depth.
func duplicates(name string, n ast.Node) (faults catalog.Faults) {
	if items, ok := Items(n); ok {
		for _, item := range items {
			faults = append(faults, duplicates(name, item)...)
		}
		return faults
	}
	fields, _ := Fields(n)
	first := map[string]int{}
	for _, f := range fields {
		line, _ := At(f.Name)
		if f.Name.Type() == ast.MergeKeyType {
			continue
		}
		if before, twice := first[f.Key]; twice {
			faults = append(faults, Fault(name, f.Name, "key %q stands in line %d already: keep one", f.Key, before))
			continue
		}
		first[f.Key] = line
		faults = append(faults, duplicates(name, f.Value)...)
	}
	return faults
}

// Find follows a path of keys (string) and positions in lists (int) and returns the last
// node on it that is there.
func Find(n ast.Node, path ...any) ast.Node {
	for _, step := range path {
		next := child(n, step)
		if next == nil {
			return n
		}
		n = next
	}
	return n
}

func child(n ast.Node, step any) ast.Node {
	switch s := step.(type) {
	case string:
		fields, _ := Fields(n)
		for _, f := range fields {
			if f.Key == s {
				return f.Value
			}
		}
	case int:
		if items, _ := Items(n); s < len(items) {
			return items[s]
		}
	}
	return nil
}

// findKey returns the node of a key itself: the last one of the path.
func findKey(n ast.Node, outer, key string) ast.Node {
	fields, _ := Fields(child(n, outer))
	for _, f := range fields {
		if f.Key == key {
			return f.Name
		}
	}
	return n
}
