package main

import (
	"context"
	"errors"
	"fmt"
	"os"
	"time"

	"github.com/floorwalker/floorwalker/catalog/feed"
	"github.com/floorwalker/floorwalker/catalog/shopfile"
)

type importCommand struct {
	Shop   string `help:"Shop folder whose records they become." required:"" type:"existingdir" placeholder:"DIR"`
	From   string `help:"Folder or file to read; without it, the shop folder." placeholder:"DIR_OR_FILE"`
	Format string `help:"Format of the files." enum:"floorwalker" default:"floorwalker"`
	Data   string `help:"The server's data folder; a server may be running on it." default:"./data" placeholder:"DIR"`
	JSON   bool   `help:"Print one JSON object."`
}

func (c *importCommand) Help() string {
	return "All good rows become records at once, or none if anything stops the import. Exit code 1 if\n" +
		"a row was refused.\n\nExample: floorwalker import --shop shops/demo --from ~/export --data ./data"
}

func (c *importCommand) Run(ctx context.Context, s streams) (err error) {
	id, err := shopID(c.Shop)
	if err != nil {
		return err
	}
	if c.From == "" {
		c.From = c.Shop
	}
	from, err := feed.From(c.From)
	if err != nil {
		return err
	}
	db, err := openData(ctx, c.Data)
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, db.Close()) }()
	options := feed.Options{Format: c.Format, Now: time.Now()}
	if !c.JSON {
		options.Note = func(n feed.Note) { fmt.Fprintln(s.err, n) }
	}
	if terminal(s.err) && !c.JSON {
		options.Progress = func(rows int) { fmt.Fprintf(s.err, "\r%d rows read\x1b[K\r", rows) }
	}
	start := time.Now()
	report, err := feed.Import(ctx, db, id, from, options)
	if err != nil {
		return err
	}
	if c.JSON {
		err = printJSON(s.out, report)
	} else {
		for _, t := range report.Tables {
			fmt.Fprintf(s.out, "%-10s %d read: %d added, %d updated, %d unchanged; %d cleaned, %d refused, %d replaced by a later row\n",
				t.Name, t.Read, t.Added, t.Updated, t.Unchanged, t.Cleaned, t.Refused, t.Replaced)
		}
		fmt.Fprintf(s.err, "in %.2f s\n", time.Since(start).Seconds())
	}
	if err == nil && report.Refused() > 0 {
		err = fmt.Errorf("%d rows were refused; the others are in", report.Refused())
	}
	return err
}

// shopID is the id of a shop folder's shop.
func shopID(dir string) (string, error) {
	name, err := folderName(dir)
	if err != nil {
		return "", err
	}
	settings, faults := shopfile.Settings(os.DirFS(dir), name)
	return settings.ID, faults.Err()
}
