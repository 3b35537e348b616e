package feed

import (
	"encoding/csv"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"slices"
	"strings"
)

// jsonLines decodes one JSON object a line.
func jsonLines(record func(object) (string, stager)) func() decoder {
	return func() decoder { return jsonDecoder{record} }
}

type jsonDecoder struct{ record func(object) (string, stager) }

func (jsonDecoder) head(string) (bool, error) { return false, nil }

func (d jsonDecoder) decode(line string, r *row) (string, stager) {
	in := json.NewDecoder(strings.NewReader(line))
	in.UseNumber()
	var values map[string]any
	err := in.Decode(&values)
	if err == nil {
		if _, more := in.Token(); !errors.Is(more, io.EOF) {
			err = errors.New("something follows the object")
		}
	}
	if err == nil && values == nil {
		err = errors.New("it is null")
	}
	if err != nil {
		r.broken = true
		r.refuse("not one JSON object: %v", err)
		return "", nil
	}
	o := newObject(values, "", r)
	id, put := d.record(o)
	o.done()
	return id, put
}

// columns of a CSV file, in any order.
type columns struct{ needed, known []string }

// csvRows decodes one CSV row a line, below a heading. Each line is read by itself, so that a
// stray quote doesn't swallow the rows after it.
func csvRows(c columns, record func(object) (string, stager)) func() decoder {
	return func() decoder { return &csvDecoder{columns: c, record: record} }
}

type csvDecoder struct {
	columns
	record  func(object) (string, stager)
	heading []string
}

func (d *csvDecoder) head(line string) (bool, error) {
	cells, err := cellsOf(line)
	if err != nil {
		return false, fmt.Errorf("the heading is not CSV (%w): write %s", err, strings.Join(d.known, ","))
	}
	for i := range cells {
		cells[i] = strings.ToLower(strings.TrimSpace(cells[i]))
		if slices.Index(cells, cells[i]) < i {
			return false, fmt.Errorf("the column %q stands twice in the heading: keep one", cells[i])
		}
	}
	for _, name := range d.needed {
		if !slices.Contains(cells, name) {
			return false, fmt.Errorf("the heading has no column %q: write %s", name, strings.Join(d.known, ","))
		}
	}
	d.heading = cells
	return true, nil
}

func (d *csvDecoder) decode(line string, r *row) (string, stager) {
	cells, err := cellsOf(line)
	if err == nil && len(cells) != len(d.heading) {
		err = fmt.Errorf("%d cells stand below %d columns", len(cells), len(d.heading))
	}
	if err != nil {
		r.broken = true
		r.refuse("not a row of this file: %v", err)
		return "", nil
	}
	values := make(map[string]any, len(cells))
	for i, cell := range cells {
		values[d.heading[i]] = cell
	}
	o := newObject(values, "", r)
	id, put := d.record(o)
	o.done()
	return id, put
}

func cellsOf(line string) ([]string, error) {
	in := csv.NewReader(strings.NewReader(line))
	in.FieldsPerRecord = -1
	cells, err := in.Read()
	var at *csv.ParseError
	if errors.As(err, &at) {
		err = at.Err
	}
	return cells, err
}
