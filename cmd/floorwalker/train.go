package main

import (
	"context"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"time"

	"github.com/floorwalker/floorwalker/dialog"
	"github.com/floorwalker/floorwalker/models"
	"github.com/floorwalker/floorwalker/models/artifact"
	"github.com/floorwalker/floorwalker/models/onnx"
	"github.com/floorwalker/floorwalker/nlu/evaluate"
	"github.com/floorwalker/floorwalker/nlu/intent"
)

type trainCommands struct {
	Intents trainIntentsCommand `cmd:"" help:"Learn intents from the shop's examples."`
}

type trainIntentsCommand struct {
	Shop     string `help:"Shop folder." type:"path" default:"shops/demo" placeholder:"DIR"`
	Rows     string `help:"Learn nothing; write the examples as the encoder reads them, for models/train to fine-tune it on." placeholder:"FILE"`
	Examples string `help:"With --rows or --report: JSON lines {text, intent, lang?} instead of the shop's examples." type:"existingfile" placeholder:"FILE"`
	Report   bool   `help:"Learn nothing; say which examples are hard to tell apart, look mislabelled or are too few."`
	JSON     bool   `help:"Print one JSON object."`
}

func (c *trainIntentsCommand) Help() string {
	return "A server does this by itself when examples change; what is learned is kept in the user's cache,\n" +
		"keyed by the examples and the encoder.\n\nExample: floorwalker train intents --shop shops/demo"
}

func (c *trainIntentsCommand) Run(ctx context.Context, s streams) (err error) {
	if c.Examples != "" && c.Rows == "" && !c.Report {
		return fmt.Errorf("%w: --examples is for --rows and --report; `floorwalker eval intents` learns from a file", errUsage)
	}
	set, opts, err := c.read()
	if err != nil {
		return err
	}
	encoder, err := openEncoder("local", quiet(s), nil)
	if err != nil {
		return err
	}
	if e, ok := encoder.(*onnx.Encoder); ok {
		defer func() { err = errors.Join(err, e.Close()) }()
	}
	if c.Rows != "" {
		return c.write(s, encoder, set, opts.Strange)
	}
	dir, err := artifact.Dir()
	if err != nil {
		return err
	}
	opts.Encoder, opts.Dir = encoder, filepath.Join(dir, "intents")
	if c.Report {
		opts.Dir = filepath.Join(opts.Dir, "reported")
		return c.report(ctx, s, set, opts)
	}
	start := time.Now()
	_, report, err := intent.New(ctx, set, opts)
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
		len(set), report.Examples, how, time.Since(start).Seconds(), report.EmbedSeconds, report.TrainSeconds)
	if report.Warning != "" {
		fmt.Fprintln(s.err, report.Warning)
	}
	return nil
}

func (c *trainIntentsCommand) report(ctx context.Context, s streams, set intent.Set, opts intent.Options) error {
	review, err := intent.Examine(ctx, set, opts)
	if err != nil {
		return err
	}
	if c.JSON {
		return printJSON(s.out, review)
	}
	return printReview(s.out, review)
}

// read reads the shop's intents, or those of a file of examples and its texts that belong to none.
func (c *trainIntentsCommand) read() (set intent.Set, opts intent.Options, err error) {
	if c.Examples != "" {
		examples, err := rows(c.Examples)
		if err != nil {
			return nil, opts, err
		}
		set, opts.Strange = evaluate.Set(examples, 0)
		return set, opts, nil
	}
	if _, err := os.Stat(c.Shop); err != nil {
		return nil, opts, err
	}
	name, err := folderName(c.Shop)
	if err != nil {
		return nil, opts, err
	}
	folder, faults := dialog.ReadFolder(os.DirFS(c.Shop), name)
	opts.InScopeLoss = folder.Settings.Understanding.InScopeLoss
	return folder.Intents, opts, faults.Err()
}

func (c *trainIntentsCommand) write(s streams, encoder models.Encoder, set intent.Set, strange []string) error {
	e, ok := encoder.(*onnx.Encoder)
	if !ok {
		return fmt.Errorf("rows hold what the encoder reads, and it isn't there: %w", artifact.ErrMissing)
	}
	n, err := writeRows(c.Rows, e, set, strange)
	if err != nil {
		return err
	}
	fmt.Fprintf(s.err, "%d intents, %d examples, %d of no intent: %s\n", len(set), n, len(strange), c.Rows)
	return nil
}
