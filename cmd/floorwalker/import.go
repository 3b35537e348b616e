package main

import (
	"context"
	"errors"
	"fmt"
	"io"
	"os"
	"time"

	"github.com/floorwalker/floorwalker/catalog"
	"github.com/floorwalker/floorwalker/catalog/feed"
	"github.com/floorwalker/floorwalker/catalog/shopfile"
)

type importCommand struct {
	Shop   string `help:"Shop folder whose records they become." required:"" type:"existingdir" placeholder:"DIR"`
	From   string `help:"Folder or file to read; without it, the shop folder." placeholder:"DIR_OR_FILE"`
	Format string `help:"Format of the files: floorwalker, merchant (Google Merchant) or shopify; without it, told by what is in them." enum:",floorwalker,merchant,shopify" default:""`
	Prune  bool   `help:"Remove the products that the files no longer have."`
	Most   bool   `name:"prune-most" help:"With --prune: also if that is more than half of the products."`
	Data   string `help:"The server's data folder; a server may be running on it." default:"./data" placeholder:"DIR"`
	JSON   bool   `help:"Print one JSON object."`
}

func (c *importCommand) Help() string {
	return "All good rows become records at once, or none if anything stops the import. Exit code 1 if\n" +
		"a row was refused. Feeds of other systems: docs/feeds.md.\n\n" +
		"Example: floorwalker import --shop shops/demo --from ~/export --data ./data\n" +
		"Example: floorwalker import --shop shops/demo --from ~/feed.xml --prune"
}

func (c *importCommand) Run(ctx context.Context, s streams) (err error) {
	if c.Most && !c.Prune {
		return fmt.Errorf("%w: --prune-most says how far --prune may go, and --prune isn't there", errUsage)
	}
	shop, err := shopOf(c.Shop)
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
	options := feed.Options{Format: c.Format, Currency: shop.Currency, Prune: c.Prune, Most: c.Most, Now: time.Now()}
	if !c.JSON {
		options.Note = func(n feed.Note) { fmt.Fprintln(s.err, n) }
	}
	if terminal(s.err) && !c.JSON {
		options.Progress = func(rows int) { fmt.Fprintf(s.err, "\r%d rows read\x1b[K\r", rows) }
	}
	start := time.Now()
	report, err := feed.Import(ctx, db, shop.ID, from, options)
	if err != nil {
		return err
	}
	if c.JSON {
		err = printJSON(s.out, report)
	} else {
		printReport(s.out, report)
		fmt.Fprintf(s.err, "in %.2f s\n", time.Since(start).Seconds())
	}
	if err == nil && report.Refused() > 0 {
		err = fmt.Errorf("%d rows were refused; the others are in", report.Refused())
	}
	return err
}

// printReport writes what became of each file.
func printReport(w io.Writer, report feed.Report) {
	for _, t := range report.Tables {
		fmt.Fprintf(w, "%-10s %s (%s): %d rows; %d added, %d updated, %d unchanged", t.Name, t.File, t.Format, t.Read, t.Added, t.Updated, t.Unchanged)
		if t.Removed > 0 {
			fmt.Fprintf(w, ", %d removed", t.Removed)
		}
		fmt.Fprintf(w, "; %d cleaned, %d refused, %d replaced by a later row", t.Cleaned, t.Refused, t.Replaced)
		for _, part := range []struct {
			n    int
			what string
		}{{t.Joined, "joined to another row's record"}, {t.Skipped, "not for sale"}} {
			if part.n > 0 {
				fmt.Fprintf(w, ", %d %s", part.n, part.what)
			}
		}
		fmt.Fprintln(w)
	}
	if at := report.PricesChange; at != nil {
		fmt.Fprintf(w, "A sale begins or ends on %s: import again then.\n", at.Format(time.RFC3339))
	}
}

// shopOf reads a shop folder's settings.
func shopOf(dir string) (catalog.Settings, error) {
	name, err := folderName(dir)
	if err != nil {
		return catalog.Settings{}, err
	}
	settings, faults := shopfile.Settings(os.DirFS(dir), name)
	return settings, faults.Err()
}
