package main

import (
	"context"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"time"

	"github.com/floorwalker/floorwalker/dialog"
	"github.com/floorwalker/floorwalker/models/artifact"
	"github.com/floorwalker/floorwalker/models/onnx"
	"github.com/floorwalker/floorwalker/nlu/intent"
)

type trainCommands struct {
	Intents trainIntentsCommand `cmd:"" help:"Learn intents from the shop's examples."`
}

type trainIntentsCommand struct {
	Shop string `help:"Shop folder." type:"existingdir" default:"shops/demo" placeholder:"DIR"`
	JSON bool   `help:"Print one JSON object."`
}

func (c *trainIntentsCommand) Help() string {
	return "A server does this by itself when examples change; what is learned is kept in the user's cache,\n" +
		"keyed by the examples and the encoder.\n\nExample: floorwalker train intents --shop shops/demo"
}

func (c *trainIntentsCommand) Run(ctx context.Context, s streams) (err error) {
	name, err := folderName(c.Shop)
	if err != nil {
		return err
	}
	folder, faults := dialog.ReadFolder(os.DirFS(c.Shop), name)
	if err := faults.Err(); err != nil {
		return err
	}
	encoder, err := openEncoder("local", quiet(s))
	if err != nil {
		return err
	}
	if e, ok := encoder.(*onnx.Encoder); ok {
		defer func() { err = errors.Join(err, e.Close()) }()
	}
	dir, err := artifact.Dir()
	if err != nil {
		return err
	}
	start := time.Now()
	_, report, err := intent.New(ctx, folder.Intents, intent.Options{Encoder: encoder,
		Dir: filepath.Join(dir, "intents")})
	if err != nil {
		return err
	}
	if c.JSON {
		return printJSON(s.out, report)
	}
	how := "learned"
	if report.Kept {
		how = "unchanged since it was learned"
	}
	fmt.Fprintf(s.out, "%d intents, %d examples: %s, in %.1f s (embedding %.1f s, training %.1f s)\n",
		len(folder.Intents), report.Examples, how, time.Since(start).Seconds(), report.EmbedSeconds, report.TrainSeconds)
	if report.Warning != "" {
		fmt.Fprintln(s.err, report.Warning)
	}
	return nil
}
