package main

import (
	"context"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"strings"

	"github.com/floorwalker/floorwalker/catalog/feed"
)

type exportCommand struct {
	Shop   string `help:"Shop folder whose records to write." required:"" type:"existingdir" placeholder:"DIR"`
	Table  string `help:"Which records." required:"" enum:"products,customers,orders,stock,activity"`
	Out    string `help:"File to write, whole or not at all; - is standard output. A merchant feed is XML if its name ends in .xml." required:"" placeholder:"FILE"`
	Format string `help:"Format: floorwalker, merchant (products) or shopify (products, orders)." enum:"floorwalker,merchant,shopify" default:"floorwalker"`
	Data   string `help:"The server's data folder; a server may be running on it." default:"./data" placeholder:"DIR"`
}

func (c *exportCommand) Help() string {
	return "Example: floorwalker export --shop shops/demo --table orders --out orders.jsonl\n" +
		"Example: floorwalker export --shop shops/demo --format merchant --table products --out feed.xml"
}

func (c *exportCommand) Run(ctx context.Context, s streams) (err error) {
	shop, err := shopOf(c.Shop)
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
	out := feed.Output{Table: c.Table, Format: c.Format, Currency: shop.Currency, XML: strings.EqualFold(filepath.Ext(c.Out), ".xml")}
	if c.Out == "-" {
		return feed.Export(ctx, db, shop.ID, out, s.out)
	}
	return feed.ExportFile(ctx, db, shop.ID, out, c.Out)
}
