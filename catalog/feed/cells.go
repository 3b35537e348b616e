package feed

import (
	"errors"
	"fmt"
	"io"
	"strings"
)

// cellLines bounds the lines of one row, so that a stray quote costs little.
const cellLines = 1000

// cells is one row of delimited text as it stands in the file, on one line or several.
type cells struct {
	values  []string
	line    int
	size    int    // of its text, in bytes
	problem string // why it is no row
	cleaned []string
}

// rowReader reads delimited text (RFC 4180, any separator). Where quotes don't match, it
// starts again at the next line that is a row by itself: a stray quote costs the row that has
// it, not those after it.
type rowReader struct {
	lines     *lines
	separator byte
	columns   int    // cells in each row; 0: any number
	ahead     []line // to be read again
}

func (r *rowReader) take() (line, error) {
	if len(r.ahead) > 0 {
		l := r.ahead[0]
		r.ahead = r.ahead[1:]
		return l, nil
	}
	return r.lines.next()
}

// next returns the next row, io.EOF after the last. Empty lines between rows are none.
func (r *rowReader) next() (cells, error) {
	for {
		l, err := r.take()
		if err != nil {
			return cells{}, err
		}
		if l.problem != "" {
			return cells{line: l.number, problem: l.problem}, nil
		}
		if strings.TrimSpace(l.text) != "" {
			return r.row(l)
		}
	}
}

func (r *rowReader) row(first line) (cells, error) {
	taken, p, err := r.gather(first)
	if err != nil {
		return cells{}, err
	}
	problem := r.problem(p)
	if problem == "" {
		return r.good(first, p), nil
	}
	if literal := strings.Split(first.text, string(r.separator)); r.separator == '\t' && len(literal) == r.columns && p.quoted {
		r.ahead = append(taken[1:], r.ahead...)
		return cells{values: literal, line: first.number, cleaned: []string{"quotes that don't match are kept as they stand"}}, nil
	}
	if next := r.resume(taken); next > 0 {
		r.ahead = append(taken[next:], r.ahead...)
		return cells{line: first.number, problem: "not a row of this file: " + problem}, nil
	}
	if taken[len(taken)-1].last {
		return cells{line: first.number, problem: "the last row is cut off in the middle: " + problem}, nil
	}
	return cells{line: first.number, problem: "not a row of this file: " + problem}, nil
}

// gather takes the lines of a row: as long as a quote is open.
func (r *rowReader) gather(first line) ([]line, *cellParser, error) {
	taken, p, size := []line{first}, &cellParser{separator: r.separator}, len(first.text)
	for p.line(first.text); p.open && p.bad == "" && len(taken) < cellLines && size < lineLimit; {
		l, err := r.take()
		if errors.Is(err, io.EOF) {
			break
		}
		if err != nil {
			return nil, nil, err
		}
		taken = append(taken, l)
		size += len(l.text)
		if l.problem != "" {
			p.bad = l.problem
			break
		}
		p.line(l.text)
	}
	return taken, p, nil
}

// problem says what is wrong with a row that was gathered.
func (r *rowReader) problem(p *cellParser) string {
	switch {
	case p.bad != "":
		return p.bad
	case p.open:
		return `a cell begins with " and has no other " at its end`
	case r.columns == 0 || len(p.cells) == r.columns:
		return ""
	case len(p.cells) > r.columns && strings.Join(p.cells[r.columns:], "") == "":
		return ""
	}
	return fmt.Sprintf("%d cells stand below %d columns", len(p.cells), r.columns)
}

func (r *rowReader) good(first line, p *cellParser) cells {
	c := cells{values: p.cells, line: first.number, size: len(first.text)}
	for _, v := range p.cells {
		c.size += len(v)
	}
	if first.bom {
		c.cleaned = append(c.cleaned, "byte order mark removed")
	}
	if r.columns > 0 && len(p.cells) > r.columns {
		c.cleaned = append(c.cleaned, "empty cells after the last column dropped")
		c.values = p.cells[:r.columns]
	}
	if p.stray && r.separator != '\t' {
		c.cleaned = append(c.cleaned, "a quote in the middle of a cell is kept")
	}
	return c
}

// resume is the first of the later lines that begins a row; 0 if none does.
func (r *rowReader) resume(taken []line) int {
	for i := 1; i < len(taken); i++ {
		if taken[i].problem != "" {
			continue
		}
		p := &cellParser{separator: r.separator}
		p.line(taken[i].text)
		for j := i + 1; p.open && p.bad == "" && j < len(taken); j++ {
			p.line(taken[j].text)
		}
		if len(p.cells) > 1 && r.problem(p) == "" {
			return i
		}
	}
	return 0
}

// cellParser takes the lines of one row.
type cellParser struct {
	separator byte
	cells     []string
	part      strings.Builder // of the quoted cell that is open
	open      bool
	quoted    bool   // a cell begins with a quote
	stray     bool   // a cell that isn't quoted has a quote
	bad       string // why it is no row
}

func (p *cellParser) line(s string) {
	if p.open {
		p.part.WriteByte('\n')
		if s = p.inside(s); p.open || p.bad != "" || s == "" {
			return
		}
		s = s[1:] // the separator
	}
	for {
		if strings.HasPrefix(s, `"`) {
			p.open, p.quoted = true, true
			p.part.Reset()
			if s = p.inside(s[1:]); p.open || p.bad != "" || s == "" {
				return
			}
			s = s[1:]
			continue
		}
		cell, rest, more := strings.Cut(s, string(p.separator))
		p.stray = p.stray || strings.IndexByte(cell, '"') >= 0
		p.cells = append(p.cells, cell)
		if !more {
			return
		}
		s = rest
	}
}

// inside reads on in a quoted cell and returns what follows its end: nothing or a separator
// and more.
func (p *cellParser) inside(s string) string {
	for {
		at := strings.IndexByte(s, '"')
		if at < 0 {
			p.part.WriteString(s)
			return ""
		}
		p.part.WriteString(s[:at])
		if s = s[at+1:]; strings.HasPrefix(s, `"`) {
			p.part.WriteByte('"')
			s = s[1:]
			continue
		}
		p.open = false
		p.cells = append(p.cells, p.part.String())
		if s != "" && s[0] != p.separator {
			p.bad = `text follows the " at the end of a cell: write "" for a quote within`
		}
		return s
	}
}
