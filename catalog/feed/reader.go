package feed

import (
	"errors"
	"strings"

	"github.com/floorwalker/floorwalker/catalog/store"
)

// reader reads one file: the records that its rows make, one after the other. next returns
// io.EOF after the last; any other error means that the file can't be read further.
type reader interface {
	next() (entry, error)
}

// entry is what comes of one row, or of several that make one record.
type entry struct {
	line    int // of the first row
	id      string
	rows    int
	size    int                                  // of its text, in bytes
	put     func(store.Staging) (outcome, error) // nil: no record; it may run again
	remarks []remark
}

// remark is a Note whose file isn't said yet.
type remark struct {
	line    int
	id      string
	kind    string
	message string
	rows    int    // how many rows were refused or skipped; 0 is one
	of      string // the product that a refused row is of, where that isn't the id
	silent  bool   // counts, and the note is made elsewhere
}

// outcome is what became of an entry in the database.
type outcome struct {
	remarks  []remark
	replaced int  // rows that it replaces
	known    bool // the record was staged before: this adds none
	nothing  bool // nothing of it stays
}

// stager puts a record into the staging, as Staging's methods do.
type stager func(s store.Staging, line int) (replaced int, err error)

// whole makes an entry's put of a record that stands in one place.
func whole(line int, id string, put stager) func(store.Staging) (outcome, error) {
	return func(s store.Staging) (outcome, error) {
		before, err := put(s, line)
		var taken *store.TakenError
		switch {
		case errors.As(err, &taken):
			return outcome{nothing: true, remarks: []remark{{line: line, id: id, kind: Refused, message: taken.Error() + " in this file: give each its own"}}}, nil
		case err != nil:
			return outcome{}, err
		case before > 0:
			return outcome{known: true, replaced: 1, remarks: []remark{replaces(line, id, before)}}, nil
		}
		return outcome{}, nil
	}
}

// lineReader reads a format whose records are lines.
type lineReader struct {
	lines  *lines
	decode decoder
	begun  bool
}

func (r *lineReader) next() (entry, error) {
	for {
		l, err := r.lines.next()
		if err != nil {
			return entry{}, err
		}
		if strings.TrimSpace(l.text) == "" && l.problem == "" {
			continue
		}
		if !r.begun {
			r.begun = true
			if isHead, err := r.decode.head(l.text); err != nil {
				return entry{}, err
			} else if isHead {
				continue
			}
		}
		return r.entry(l), nil
	}
}

func (r *lineReader) entry(l line) entry {
	e := entry{line: l.number, rows: 1, size: len(l.text)}
	done := &row{refused: l.problem}
	var put stager
	if done.refused == "" {
		e.id, put = r.decode.decode(l.text, done)
	}
	if l.last && done.broken {
		done.refused = "the last line is cut off in the middle: " + done.refused
	}
	if l.bom {
		done.clean("byte order mark removed")
	}
	e.remarks = done.remarks(l.number, e.id)
	for i := range e.remarks {
		e.remarks[i].of = e.id
	}
	if done.refused == "" {
		e.put = whole(l.number, e.id, put)
	}
	return e
}

// remarks are what is to be told of a row: nothing, that it was refused or that it was cleaned.
func (r *row) remarks(line int, id string) []remark {
	switch {
	case r.refused != "":
		return []remark{{line: line, id: shown(id), kind: Refused, message: r.refused}}
	case len(r.cleaned) > 0:
		return []remark{{line: line, id: id, kind: Cleaned, message: strings.Join(r.cleaned, "; ")}}
	}
	return nil
}
