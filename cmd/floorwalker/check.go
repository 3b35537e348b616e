package main

import (
	"context"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"time"

	"github.com/floorwalker/floorwalker/catalog"
	"github.com/floorwalker/floorwalker/catalog/feed"
	"github.com/floorwalker/floorwalker/catalog/store"
	"github.com/floorwalker/floorwalker/catalog/store/sqlite"
	"github.com/floorwalker/floorwalker/dialog"
	"github.com/floorwalker/floorwalker/dialog/story"
)

type checkCommand struct {
	Shop string `help:"Shop folder." type:"existingdir" default:"shops/demo" placeholder:"DIR"`
	JSON bool   `help:"Print one JSON object."`
}

func (c *checkCommand) Help() string {
	return "Reads settings, intents, flows, replies, knowledge, synonyms, stories and records, and\n" +
		"names every fault with its file and line. Exit code 1 if there is any.\n\n" +
		"Example: floorwalker check --shop shops/demo"
}

// checked is the result of a check.
type checked struct {
	Shop   string          `json:"shop"`
	Faults []catalog.Fault `json:"faults"`
	Notes  []catalog.Fault `json:"notes"` // what import would clean, and wordings that tell less than others
}

func (c *checkCommand) Run(ctx context.Context, s streams) error {
	result, err := c.check(ctx)
	if err != nil {
		return err
	}
	if c.JSON {
		err = printJSON(s.out, result)
	} else {
		for _, f := range append(result.Faults, result.Notes...) {
			fmt.Fprintln(s.out, f)
		}
	}
	if err == nil && len(result.Faults) > 0 {
		err = fmt.Errorf("%s: %d faults", c.Shop, len(result.Faults))
	}
	if err == nil && !c.JSON {
		fmt.Fprintf(s.err, "%s: no faults\n", c.Shop)
	}
	return err
}

func (c *checkCommand) check(ctx context.Context) (checked, error) {
	fsys := os.DirFS(c.Shop)
	name, err := folderName(c.Shop)
	if err != nil {
		return checked{}, err
	}
	folder, faults := dialog.ReadFolder(fsys, name)
	_, more := story.Read(fsys, "tests")
	faults = append(faults, more...)
	r := checked{Shop: folder.Settings.ID, Faults: append([]catalog.Fault{}, faults...), Notes: []catalog.Fault{}}
	if folder.Replies != nil {
		r.Notes = append(r.Notes, folder.Replies.Uneven()...)
	}

	// Records are checked by bringing them into a database of their own.
	dir, err := os.MkdirTemp("", "floorwalker-check-")
	if err != nil {
		return r, err
	}
	defer os.RemoveAll(dir)
	db, err := sqlite.Open(ctx, filepath.Join(dir, "check.db"), store.Migrations())
	if err != nil {
		return r, err
	}
	defer db.Close()
	_, err = feed.Import(ctx, db, "check", fsys, feed.Options{Now: time.Now(), Currency: folder.Settings.Currency, Note: func(n feed.Note) {
		f := catalog.Fault{File: n.File, Line: n.Line, Message: n.Kind + ": " + n.Message}
		if n.Kind == feed.Refused {
			r.Faults = append(r.Faults, f)
		} else {
			r.Notes = append(r.Notes, f)
		}
	}})
	if errors.Is(err, feed.ErrNoFiles) {
		err = nil
	}
	return r, err
}

// folderName is what a shop is called by its folder.
func folderName(dir string) (string, error) {
	abs, err := filepath.Abs(dir)
	return filepath.Base(abs), err
}
