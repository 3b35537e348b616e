package feed

import (
	"context"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"strings"
	"unicode/utf8"

	"github.com/floorwalker/floorwalker/catalog/store"
)

// batch is how many rows are staged in one transaction: few enough that a server beside the
// import waits for milliseconds.
const batch = 500

// importing is one import under way.
type importing struct {
	db      store.DB
	shop    string
	id      string
	options Options
	report  Report
	rows    int
}

func (im *importing) stage(tx *store.Tx) store.Staging { return store.Stage(tx, im.shop, im.id) }

func (im *importing) note(n Note) {
	if im.options.Note != nil {
		im.options.Note(n)
	}
	if len(im.report.Notes) < noteLimit {
		im.report.Notes = append(im.report.Notes, n)
	}
}

// staged is a row that is to be put into the database.
type staged struct {
	line int
	id   string
	put  stager
}

// file stages one file.
func (im *importing) file(ctx context.Context, from fs.FS, src source) error {
	f, err := from.Open(src.name)
	if err != nil {
		return err
	}
	defer f.Close()
	table := Table{Name: src.table, File: src.name}
	defer func() { im.report.Tables = append(im.report.Tables, table) }()

	lines, decode := newLines(f), src.open()
	var waiting []staged
	for first := true; ; {
		l, err := lines.next()
		if errors.Is(err, io.EOF) {
			break
		}
		if err != nil {
			return err
		}
		if strings.TrimSpace(l.text) == "" && l.problem == "" {
			continue
		}
		if first {
			first = false
			if isHead, err := decode.head(l.text); err != nil {
				return err
			} else if isHead {
				continue
			}
		}
		if s, ok := im.row(l, decode, &table); ok {
			waiting = append(waiting, s)
		}
		if len(waiting) == batch {
			if err := im.flush(ctx, waiting, &table); err != nil {
				return err
			}
			waiting = waiting[:0]
		}
	}
	return im.flush(ctx, waiting, &table)
}

// row decodes a line, counts, and tells what was done to it.
func (im *importing) row(l line, d decoder, table *Table) (staged, bool) {
	table.Read++
	im.rows++
	if im.options.Progress != nil && im.rows%batch == 0 {
		im.options.Progress(im.rows)
	}
	r := &row{refused: l.problem}
	var id string
	var put stager
	if r.refused == "" {
		id, put = d.decode(l.text, r)
	}
	if l.last && r.broken {
		r.refused = "the last line is cut off in the middle: " + r.refused
	}
	if r.refused != "" {
		table.Refused++
		im.note(Note{File: table.File, Line: l.number, ID: shown(id), Kind: Refused, Message: r.refused})
		return staged{}, false
	}
	if l.bom {
		r.cleaned = append(r.cleaned, "byte order mark removed")
	}
	if len(r.cleaned) > 0 {
		table.Cleaned++
		im.note(Note{File: table.File, Line: l.number, ID: id, Kind: Cleaned, Message: strings.Join(r.cleaned, "; ")})
	}
	return staged{line: l.number, id: id, put: put}, true
}

// flush stages rows in one transaction.
func (im *importing) flush(ctx context.Context, rows []staged, table *Table) error {
	if len(rows) == 0 {
		return ctx.Err()
	}
	var notes []Note
	var refused, replaced int
	err := im.db.Update(ctx, func(tx *store.Tx) error {
		notes, refused, replaced = nil, 0, 0 // it may run again
		s := im.stage(tx)
		for _, r := range rows {
			before, err := r.put(s, r.line)
			switch {
			case errors.Is(err, store.ErrSKUTaken):
				refused++
				notes = append(notes, Note{table.File, r.line, r.id, Refused, err.Error() + " in this file: give each its own"})
			case err != nil:
				return err
			case before > 0:
				replaced++
				notes = append(notes, Note{table.File, r.line, r.id, Cleaned, fmt.Sprintf("replaces the row of line %d, which has the same id", before)})
			}
		}
		return nil
	})
	if err != nil {
		return err
	}
	table.Refused += refused
	table.Replaced += replaced
	for _, n := range notes {
		im.note(n)
	}
	return nil
}

// shown shortens an id that was refused.
func shown(id string) string {
	id = strings.ToValidUTF8(id, "�")
	if utf8.RuneCountInString(id) > 40 {
		return string([]rune(id)[:40]) + "…"
	}
	return id
}
