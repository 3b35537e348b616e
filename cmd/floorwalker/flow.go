package main

import (
	"fmt"
	"os"
	"strings"

	"github.com/floorwalker/floorwalker/dialog"
)

type flowCommands struct {
	Show flowShowCommand `cmd:"" help:"Draw a flow."`
}

type flowShowCommand struct {
	Name    string `arg:"" optional:"" help:"Flow to draw; without it, all names."`
	Shop    string `help:"Shop folder." type:"existingdir" default:"shops/demo" placeholder:"DIR"`
	Mermaid bool   `help:"Print a Mermaid flowchart instead of a drawing for the terminal."`
}

func (c *flowShowCommand) Help() string {
	return "Example: floorwalker flow show cancel_order --mermaid"
}

func (c *flowShowCommand) Run(s streams) error {
	name, err := folderName(c.Shop)
	if err != nil {
		return err
	}
	folder, faults := dialog.ReadFolder(os.DirFS(c.Shop), name)
	if err := faults.Err(); err != nil {
		return err
	}
	names := folder.Flows.Names()
	switch {
	case c.Name == "":
		fmt.Fprintln(s.out, strings.Join(names, "\n"))
	case folder.Flows.Flow(c.Name) == nil:
		return fmt.Errorf("no flow %q; there are %s", c.Name, strings.Join(names, ", "))
	case c.Mermaid:
		fmt.Fprint(s.out, folder.Flows.Mermaid(c.Name))
	default:
		fmt.Fprint(s.out, folder.Flows.Show(c.Name))
	}
	return nil
}
