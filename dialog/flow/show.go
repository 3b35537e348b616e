package flow

import (
	"fmt"
	"strings"

	"github.com/rivo/uniseg"
)

// Show draws a flow for a terminal: what starts it, its slots, and its steps as a tree. It is
// "" for a flow that doesn't exist.
func (s *Set) Show(name string) string {
	f := s.flows[name]
	if f == nil {
		return ""
	}
	var b strings.Builder
	head := []string{f.Name}
	if t := s.titles(f); t != "" {
		head = append(head, t)
	}
	head = append(head, startedBy(f)...)
	box(&b, head)
	for i, slot := range f.Slots {
		fmt.Fprintf(&b, "%s %s\n", map[bool]string{true: "  slots", false: "       "}[i == 0], describe(slot))
	}
	b.WriteString("    │\n")
	tree(&b, f.steps, "    ")
	return b.String()
}

func (s *Set) titles(f *Flow) string {
	var out []string
	for _, l := range keysOf(f.Title) {
		out = append(out, f.Title[l])
	}
	return strings.Join(out, " · ")
}

func startedBy(f *Flow) []string {
	var out []string
	if len(f.When) > 0 {
		out = append(out, "when "+strings.Join(f.When, ", "))
	}
	if f.On != "" {
		out = append(out, "on "+f.On+": "+Events[f.On])
	}
	if f.Needs > 0 {
		out = append(out, "needs "+levelNames[f.Needs])
	}
	return out
}

func describe(s *Slot) string {
	out := s.Name
	if len(s.From) > 0 {
		out += " ← " + strings.Join(s.From, ", ")
	}
	if s.choices.given {
		out += " ← one of " + s.choices.text
	}
	for _, part := range []struct{ word, name string }{{"ask", s.Ask}, {"offer", s.Offer}, {"check", s.Check}, {"per", s.Per}} {
		if part.name != "" {
			out += " · " + part.word + " " + part.name
		}
	}
	return out
}

func box(b *strings.Builder, lines []string) {
	width := 0
	for _, l := range lines {
		width = max(width, uniseg.StringWidth(l))
	}
	fmt.Fprintf(b, "┌─%s─┐\n", strings.Repeat("─", width))
	for _, l := range lines {
		fmt.Fprintf(b, "│ %s%s │\n", l, strings.Repeat(" ", width-uniseg.StringWidth(l)))
	}
	fmt.Fprintf(b, "└───┬%s┘\n", strings.Repeat("─", max(0, width-2)))
}

func tree(b *strings.Builder, steps []step, indent string) {
	for i, st := range steps {
		joint, bar := "├─ ", "│  "
		if i == len(steps)-1 {
			joint, bar = "└─ ", "   "
		}
		fmt.Fprintf(b, "%s%s%s\n", indent, joint, st.words())
		branches := []struct {
			word  string
			steps []step
		}{{"yes", st.then}, {"no", st.other}}
		if st.kind == stepEach {
			tree(b, st.then, indent+bar)
			continue
		}
		for j, br := range branches {
			if len(br.steps) == 0 {
				continue
			}
			lastBranch := j == 1 || len(st.other) == 0
			fmt.Fprintf(b, "%s%s%s%s\n", indent, bar, map[bool]string{true: "└─", false: "├─"}[lastBranch], br.word)
			tree(b, br.steps, indent+bar+map[bool]string{true: "   ", false: "│  "}[lastBranch])
		}
	}
}

var marks = map[stepKind]string{stepLook: "⌕ look", stepIf: "◇ if", stepEach: "↻ each", stepCollect: "? collect",
	stepConfirm: "✓ confirm", stepDo: "● do", stepSay: "» say", stepCall: "→ call", stepEnd: "■ end"}

func (st step) words() string {
	out := strings.TrimSpace(marks[st.kind] + " " + st.name + st.cond.text)
	if st.kind == stepEach || st.kind == stepLook && st.as != "record" {
		out += " as " + st.as
	}
	for i, a := range st.with {
		out += map[bool]string{true: " with ", false: ", "}[i == 0] + a.name + ": " + a.expr.text
	}
	return out
}

// Mermaid draws a flow as a Mermaid flowchart, "" for a flow that doesn't exist.
func (s *Set) Mermaid(name string) string {
	f := s.flows[name]
	if f == nil {
		return ""
	}
	c := &chart{}
	c.line("flowchart TD")
	start := c.node(`(["%s"])`, strings.Join(append([]string{f.Name}, startedBy(f)...), "<br>"))
	ends := c.steps(f.steps, []edge{{from: start}})
	if len(ends) > 0 {
		c.join(ends, c.node(`(["%s"])`, "end"))
	}
	return c.String()
}

type chart struct {
	strings.Builder
	nodes int
}

// edge is a way out of a node that leads nowhere yet.
type edge struct {
	from  string
	label string
}

func (c *chart) line(format string, args ...any) { fmt.Fprintf(c, format+"\n", args...) }

func (c *chart) node(shape, text string) string {
	id := fmt.Sprintf("n%d", c.nodes)
	c.nodes++
	c.line("  %s"+shape, id, strings.NewReplacer(`"`, "#quot;", "\n", " ").Replace(text))
	return id
}

func (c *chart) join(from []edge, to string) {
	for _, e := range from {
		if e.label == "" {
			c.line("  %s --> %s", e.from, to)
		} else {
			c.line("  %s -->|%s| %s", e.from, e.label, to)
		}
	}
}

// steps draws steps after the edges that lead to them and returns those that lead on.
func (c *chart) steps(steps []step, from []edge) []edge {
	for _, st := range steps {
		shape := `["%s"]`
		switch st.kind {
		case stepIf, stepEach:
			shape = `{"%s"}`
		case stepCollect, stepConfirm:
			shape = `[/"%s"/]`
		case stepEnd:
			shape = `(["%s"])`
		}
		id := c.node(shape, st.words())
		c.join(from, id)
		switch st.kind {
		case stepIf:
			from = append(c.steps(st.then, []edge{{id, "yes"}}), c.steps(st.other, []edge{{id, "no"}})...)
		case stepEach:
			c.join(c.steps(st.then, []edge{{id, "next"}}), id)
			from = []edge{{id, "done"}}
		case stepEnd:
			from = nil
		default:
			from = []edge{{from: id}}
		}
	}
	return from
}
