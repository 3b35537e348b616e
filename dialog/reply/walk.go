package reply

import (
	"iter"
)

// each walks a template's nodes, those inside others too.
func each(nodes []node) iter.Seq[node] {
	return func(yield func(node) bool) { walk(nodes, yield) }
}

func walk(nodes []node, yield func(node) bool) bool {
	for _, n := range nodes {
		if !yield(n) {
			return false
		}
		for _, part := range parts(n) {
			if !walk(part, yield) {
				return false
			}
		}
	}
	return true
}

// parts are the templates inside a node.
func parts(n node) [][]node {
	var all [][]node
	switch n := n.(type) {
	case counted:
		for _, body := range n.exact {
			all = append(all, body)
		}
		for _, body := range n.forms {
			all = append(all, body)
		}
	case selected:
		for _, body := range n.cases {
			all = append(all, body)
		}
	case tested:
		all = append(all, n.yes, n.no)
	case looped:
		all = append(all, n.body, n.sep, n.last)
	}
	return all
}

// use is one path that a template reads, and what for.
type use struct {
	path    path // from Env; a loop's variable is its list's path with the step []
	told    bool // worded, rather than only tested or counted
	words   bool // by a list under words:
	list    bool // must be a list
	counted bool // a number, or a list of which the length is meant
}

// uses calls yield with every path that nodes read. vars maps loop variables to their paths.
func uses(nodes []node, vars map[string]path, yield func(use)) {
	full := func(p path) path {
		if list, ok := vars[p[0]]; ok {
			return append(append(path{}, list...), p[1:]...)
		}
		return p
	}
	for _, n := range nodes {
		inner := vars
		switch n := n.(type) {
		case told:
			yield(use{path: full(n.path), told: true, words: n.words != ""})
		case counted:
			yield(use{path: full(n.path), counted: true, told: numbered(n)})
		case selected:
			yield(use{path: full(n.path)})
		case tested:
			yield(use{path: full(n.path)})
		case looped:
			list := full(n.path)
			yield(use{path: list, list: true})
			inner = map[string]path{n.as: append(append(path{}, list...), element)}
			for name, p := range vars {
				if name != n.as {
					inner[name] = p
				}
			}
		}
		for _, part := range parts(n) {
			uses(part, inner, yield)
		}
	}
}

// numbered reports whether a plural tells its number.
func numbered(n counted) bool {
	for _, body := range parts(n) {
		for inner := range each(body) {
			if _, ok := inner.(numeral); ok {
				return true
			}
		}
	}
	return false
}

// element is the step from a list to one of its elements.
const element = "[]"
