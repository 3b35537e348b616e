package main

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"os"
	"path/filepath"
	"time"

	"golang.org/x/sync/errgroup"

	"github.com/floorwalker/floorwalker/dialog"
	"github.com/floorwalker/floorwalker/dialog/journal"
	"github.com/floorwalker/floorwalker/dialog/story"
	"github.com/floorwalker/floorwalker/models"
	"github.com/floorwalker/floorwalker/models/onnx"
)

type evalCommands struct {
	Intents       evalIntentsCommand       `cmd:"" help:"Intents: accuracy, out of scope, speed."`
	Conversations evalConversationsCommand `cmd:"" help:"Stories: each passes or fails with the turn that differs."`
}

type evalConversationsCommand struct {
	Shop    string `help:"Shop folder." type:"existingdir" default:"shops/demo" placeholder:"DIR"`
	Scripts string `help:"Folder of *.txtar stories; without it, tests in the shop folder." placeholder:"DIR"`
	Only    string `help:"Play the story of this name." placeholder:"NAME"`
	Verbose bool   `short:"v" help:"Print every conversation."`
	JSON    bool   `help:"Print one JSON object."`
}

func (c *evalConversationsCommand) Help() string {
	return "Each story has records of its own. Exit code 1 if one fails.\n\n" +
		"Example: floorwalker eval conversations --shop shops/demo --scripts shops/demo/tests"
}

// played is the result of playing stories.
type played struct {
	Passed  int            `json:"passed"`
	Failed  int            `json:"failed"`
	Stories []story.Result `json:"stories"`
}

func (c *evalConversationsCommand) Run(ctx context.Context, s streams) error {
	dir := c.Scripts
	if dir == "" {
		dir = filepath.Join(c.Shop, "tests")
	}
	stories, faults := story.Read(os.DirFS(dir), ".")
	if err := faults.Err(); err != nil {
		return err
	}
	result, err := playAll(ctx, c.Shop, stories, c.Only, quiet(s))
	if err != nil {
		return err
	}
	if c.JSON {
		if err := printJSON(s.out, result); err != nil {
			return err
		}
	} else {
		result.print(s, c.Verbose)
	}
	if result.Failed > 0 {
		return fmt.Errorf("%d of %d stories failed", result.Failed, result.Failed+result.Passed)
	}
	return nil
}

func (p played) print(s streams, verbose bool) {
	for _, r := range p.Stories {
		word := "pass"
		if !r.Pass {
			word = "FAIL"
		}
		fmt.Fprintf(s.out, "%s  %s\n", word, r.Name)
		if !r.Pass {
			fmt.Fprintf(s.out, "      %s\n", r.Fault)
		}
		if verbose || !r.Pass {
			for _, line := range r.Talk {
				fmt.Fprintf(s.out, "      %s\n", line)
			}
		}
	}
	fmt.Fprintf(s.out, "%d passed, %d failed\n", p.Passed, p.Failed)
}

// playAll plays stories, each on records of its own: the shop is opened once, and every story
// gets a copy of the data folder that came of it.
func playAll(ctx context.Context, shop string, stories []story.Story, only string, logger *slog.Logger) (p played, err error) {
	p.Stories = []story.Result{}
	pattern, err := os.MkdirTemp("", "floorwalker-stories-")
	if err != nil {
		return p, err
	}
	defer os.RemoveAll(pattern)
	encoder, err := openEncoder("local", logger)
	if err != nil {
		return p, err
	}
	if e, ok := encoder.(*onnx.Encoder); ok {
		defer func() { err = errors.Join(err, e.Close()) }()
	}
	w, err := openWorkshop(ctx, shop, pattern, encoder, logger)
	if err != nil {
		return p, err
	}
	if err := w.Close(); err != nil {
		return p, err
	}
	for _, st := range stories {
		if only != "" && st.Name != only {
			continue
		}
		r, err := play(ctx, shop, pattern, encoder, st, logger)
		if err != nil {
			return p, err
		}
		if r.Pass {
			p.Passed++
		} else {
			p.Failed++
		}
		p.Stories = append(p.Stories, r)
	}
	if len(p.Stories) == 0 {
		return p, errors.New("no story was played")
	}
	return p, nil
}

// play plays one story with an engine of its own on a copy of the data folder.
func play(ctx context.Context, shop, pattern string, encoder models.Encoder, st story.Story, logger *slog.Logger) (r story.Result, err error) {
	data, err := os.MkdirTemp("", "floorwalker-story-")
	if err != nil {
		return r, err
	}
	defer os.RemoveAll(data)
	if err := os.CopyFS(data, os.DirFS(pattern)); err != nil {
		return r, err
	}
	w, err := openWorkshop(ctx, shop, data, encoder, logger)
	if err != nil {
		return r, err
	}
	defer func() { err = errors.Join(err, w.Close()) }()
	hub := new(journal.Hub)
	engine := dialog.New(dialog.Options{Journal: journal.NewSQL(w.db, hub, time.Now), Hub: hub, Shops: w.shops.Shop, Logger: logger})
	run, stop := context.WithCancel(ctx)
	var group errgroup.Group
	group.Go(func() error { return engine.Run(run) })
	r = story.Stage{Engine: engine, DB: w.db, Shop: w.shops.IDs()[0], Wait: 20 * time.Second}.Play(ctx, st)
	stop()
	return r, group.Wait()
}
