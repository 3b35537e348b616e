package main

import (
	"context"
	"errors"
	"fmt"
	"os"

	"github.com/floorwalker/floorwalker/catalog/feed"
)

type exportCommand struct {
	Shop  string `help:"Shop folder whose records to write." required:"" type:"existingdir" placeholder:"DIR"`
	Table string `help:"Which records." required:"" enum:"products,customers,orders,stock,activity"`
	Out   string `help:"File to write, whole or not at all; - is standard output." required:"" placeholder:"FILE"`
	Data  string `help:"The server's data folder; a server may be running on it." default:"./data" placeholder:"DIR"`
}

func (c *exportCommand) Help() string {
	return "Example: floorwalker export --shop shops/demo --table orders --out orders.jsonl"
}

func (c *exportCommand) Run(ctx context.Context, s streams) (err error) {
	id, err := shopID(c.Shop)
	if err != nil {
		return err
	}
	if _, err := os.Stat(c.Data); err != nil {
		return fmt.Errorf("data folder: %w; serve and import make it", err)
	}
	db, err := openData(ctx, c.Data)
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, db.Close()) }()
	if c.Out == "-" {
		return feed.Export(ctx, db, id, c.Table, s.out)
	}
	return feed.ExportFile(ctx, db, id, c.Table, c.Out)
}
