package main

import (
	"context"
	"fmt"
	"os"

	"github.com/floorwalker/floorwalker/models/artifact"
)

type modelsCommands struct {
	Pull     modelsPullCommand     `cmd:"" help:"Fetch ONNX Runtime and the encoder into the user's cache, if they are missing."`
	List     modelsListCommand     `cmd:"" help:"Show what is there."`
	Pin      modelsPinCommand      `cmd:"" help:"Choose the encoder that is used from now on."`
	Rollback modelsRollbackCommand `cmd:"" help:"Go back to the encoder before the last pin."`
}

type modelsPullCommand struct {
	From string `help:"Bring in the encoder that models/train wrote to this folder, instead." type:"existingdir" placeholder:"DIR"`
}

func (c *modelsPullCommand) Help() string {
	return "Needs pip of Python 3.11 or newer; nothing of Python runs afterwards. FLOORWALKER_CACHE\n" +
		"names another folder than the user's cache.\n\nExample: floorwalker models pull"
}

func (c *modelsPullCommand) Run(ctx context.Context, s streams) error {
	cache, err := artifact.Open("")
	if err != nil {
		return err
	}
	progress := func(line string) { fmt.Fprintln(s.err, line) }
	if c.From == "" {
		_, err = cache.Pull(ctx, progress)
		return err
	}
	version, err := cache.Bring(ctx, c.From, progress)
	if err != nil {
		return err
	}
	fmt.Fprintln(s.out, version)
	return nil
}

type modelsListCommand struct {
	JSON bool `help:"Print one JSON object."`
}

func (c *modelsListCommand) Help() string { return "Example: floorwalker models list --json" }

// modelsListed is where the files in use are, and which encoders could be.
type modelsListed struct {
	artifact.Located
	Encoders []artifact.HeldEncoder `json:"encoders"`
}

func (c *modelsListCommand) Run(s streams) error {
	cache, err := artifact.Open("")
	if err != nil {
		return err
	}
	found, err := cache.Locate()
	if err != nil {
		return err
	}
	encoders, err := cache.Encoders()
	if err != nil {
		return err
	}
	if c.JSON {
		return printJSON(s.out, modelsListed{found, encoders})
	}
	for _, file := range []string{found.Runtime, found.Model, found.Weights, found.Vocabulary} {
		size := "missing"
		if info, err := os.Stat(file); err == nil {
			size = fmt.Sprintf("%.1f MB", float64(info.Size())/1e6)
		}
		fmt.Fprintf(s.out, "%9s  %s\n", size, file)
	}
	fmt.Fprintln(s.out, "version", found.Version)
	for _, e := range encoders {
		if !e.InUse {
			fmt.Fprintln(s.out, "could be pinned", e.Version)
		}
	}
	return nil
}

type modelsPinCommand struct {
	Version string `arg:"" help:"As \"models list\" shows it."`
}

func (c *modelsPinCommand) Help() string {
	return "A server takes it at its next start, and learns its shops' intents and encodes their products anew.\n" +
		"Play your shop's stories with it before: products and passages are found by it too.\n\n" +
		"Example: floorwalker models pin $(floorwalker models pull --from tuned)"
}

func (c *modelsPinCommand) Run(s streams) error {
	cache, err := artifact.Open("")
	if err != nil {
		return err
	}
	return cache.Pin(c.Version)
}

type modelsRollbackCommand struct{}

func (c *modelsRollbackCommand) Help() string {
	return "A server takes it at its next start.\n\nExample: floorwalker models rollback"
}

func (c *modelsRollbackCommand) Run(s streams) error {
	cache, err := artifact.Open("")
	if err != nil {
		return err
	}
	version, err := cache.Rollback()
	if err != nil {
		return err
	}
	fmt.Fprintln(s.out, version)
	return nil
}
