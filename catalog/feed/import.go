package feed

import (
	"context"
	"errors"
	"io"
	"io/fs"
	"strings"
	"unicode/utf8"

	"github.com/floorwalker/floorwalker/catalog/store"
)

// batch is how many rows are staged in one transaction: few enough that a server beside the
// import waits for milliseconds.
const batch = 500

// batchSize bounds the text of those rows, in bytes, and with it memory.
const batchSize = 2 << 20

// importing is one import under way.
type importing struct {
	db      store.DB
	shop    string
	id      string
	options Options
	report  Report
	rows    int
	kept    []string // products whose rows were refused: they are not gone
	unknown int      // refused rows of products that can't be told
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

// file stages one file.
func (im *importing) file(ctx context.Context, from fs.FS, src source) error {
	f, err := from.Open(src.name)
	if err != nil {
		return err
	}
	defer f.Close()
	table := Table{Name: src.layout.table, File: src.name, Format: src.layout.title}
	defer func() { im.report.Tables = append(im.report.Tables, table) }()

	text, converted, err := decoded(f)
	if err != nil {
		return err
	}
	if converted != "" {
		im.note(Note{File: src.name, Line: 1, Kind: Cleaned, Message: converted})
	}
	in, err := src.layout.open(text, im.options)
	if err != nil {
		return err
	}
	var waiting []entry
	for rows, size := 0, 0; ; {
		e, err := in.next()
		if errors.Is(err, io.EOF) {
			return im.flush(ctx, waiting, &table)
		}
		if err != nil {
			return err
		}
		im.count(e, &table)
		if e.put != nil {
			waiting = append(waiting, e)
		}
		rows, size = rows+e.rows, size+e.size
		if rows >= batch || size >= batchSize {
			if err := im.flush(ctx, waiting, &table); err != nil {
				return err
			}
			clear(waiting)
			waiting, rows, size = waiting[:0], 0, 0
		}
	}
}

// count counts an entry, and tells what was done to its rows.
func (im *importing) count(e entry, table *Table) {
	table.Read += e.rows
	if before := im.rows; im.options.Progress != nil && (before+e.rows)/batch > before/batch {
		im.options.Progress(before + e.rows)
	}
	im.rows += e.rows
	others := e.rows
	for _, r := range e.remarks {
		others -= im.remark(r, table)
	}
	if e.put != nil {
		table.Joined += others - 1
	}
}

// remark tells a remark and returns how many rows it takes away.
func (im *importing) remark(r remark, table *Table) (gone int) {
	n := max(1, r.rows)
	switch r.kind {
	case Refused:
		table.Refused += n
		gone = n
		im.keep(r, table.Name)
	case Skipped:
		table.Skipped += n
		gone = n
	case Cleaned:
		if !r.silent {
			table.Cleaned++
		}
	}
	im.note(Note{File: table.File, Line: r.line, ID: r.id, Kind: r.kind, Message: r.message})
	return gone
}

// flush stages entries in one transaction.
func (im *importing) flush(ctx context.Context, entries []entry, table *Table) error {
	if len(entries) == 0 {
		return ctx.Err()
	}
	outcomes := make([]outcome, len(entries))
	err := im.db.Update(ctx, func(tx *store.Tx) (err error) {
		s := im.stage(tx)
		for i, e := range entries {
			if outcomes[i], err = e.put(s); err != nil {
				return err
			}
		}
		return nil
	})
	if err != nil {
		return err
	}
	for _, o := range outcomes {
		for _, r := range o.remarks {
			table.Joined -= im.remark(r, table)
		}
		table.Joined -= o.replaced
		table.Replaced += o.replaced
		if o.known || o.nothing {
			table.Joined++
		}
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
