package feed

import (
	"errors"
	"fmt"
	"io"
	"slices"
	"strings"
)

// heading is the first row of another system's table, by which it is told. Columns may stand
// in any order; those that are neither needed nor known are ignored, and told.
type heading struct {
	needed []string // folded
	known  func(column string) bool
	fold   func(column string) string // the name by which the format's reader asks
}

func (h heading) String() string { return strings.Join(h.needed, "+") }

// separators of delimited text; Excel writes semicolons where the comma is for decimals.
const separators = "\t,;|"

// split splits a heading by the separator that brings out all the needed columns. nil: none does.
func (h heading) split(first string) (columns []string, separator byte) {
	for i := range len(separators) {
		p := &cellParser{separator: separators[i]}
		p.line(strings.TrimPrefix(first, "\ufeff"))
		if p.open || p.bad != "" {
			continue
		}
		columns := make([]string, len(p.cells))
		for i, c := range p.cells {
			columns[i] = h.fold(strings.TrimSpace(c))
		}
		if !slices.ContainsFunc(h.needed, func(n string) bool { return !slices.Contains(columns, n) }) {
			return columns, separators[i]
		}
	}
	return nil, 0
}

// table reads the rows below a heading.
type table struct {
	rows    *rowReader
	columns []string // "" where a column is ignored
	first   string   // the heading as it stands
	told    []remark // of the heading
	size    int      // of the row at hand, in bytes
}

// open reads the heading.
func (h heading) open(t text) (*table, error) {
	lines := newLines(t)
	for {
		l, err := lines.next()
		if errors.Is(err, io.EOF) {
			return nil, errors.New("the file is empty: export it again")
		}
		if err != nil {
			return nil, err
		}
		if strings.TrimSpace(l.text) == "" && l.problem == "" {
			continue
		}
		columns, separator := h.split(l.text)
		if columns == nil {
			return nil, fmt.Errorf("line %d is no heading: it must have the columns %s", l.number, strings.Join(h.needed, ", "))
		}
		tb := &table{columns: columns, first: l.text, rows: &rowReader{lines: lines, separator: separator, columns: len(columns)}}
		tb.drop(h, l)
		return tb, nil
	}
}

// drop ignores the columns that nothing is known of, and says so once.
func (t *table) drop(h heading, l line) {
	var ignored, twice []string
	for i, c := range t.columns {
		switch {
		case slices.Index(t.columns, c) < i:
			twice = append(twice, quoted(c))
			t.columns[i] = ""
		case !slices.Contains(h.needed, c) && !h.known(c):
			ignored = append(ignored, quoted(c))
			t.columns[i] = ""
		}
	}
	note := func(message string) {
		t.told = append(t.told, remark{line: l.number, kind: Cleaned, message: message, silent: true})
	}
	if l.bom {
		note("byte order mark removed")
	}
	if len(ignored) > 0 {
		note("unknown columns ignored: " + strings.Join(ignored, ", "))
	}
	if len(twice) > 0 {
		note("columns that stand twice, the later ignored: " + strings.Join(twice, ", "))
	}
}

// next returns the values of the next row that aren't empty, by column. Where it is no row,
// done says why and values are nil.
func (t *table) next() (values map[string]any, number int, done *row, err error) {
	c, err := t.rows.next()
	if err != nil {
		return nil, 0, nil, err
	}
	done, t.size = &row{refused: c.problem, cleaned: c.cleaned}, c.size
	if c.problem != "" {
		return nil, c.line, done, nil
	}
	values = make(map[string]any, len(c.values))
	for i, v := range c.values {
		if name := t.columns[i]; name != "" && v != "" {
			values[name] = v
		}
	}
	return values, c.line, done, nil
}

// has reports whether the file has a column.
func (t *table) has(column string) bool { return slices.Contains(t.columns, column) }
