package main

import (
	"fmt"
	"runtime"
)

// version is set when the binary is linked.
var version = "unknown"

type versionCommand struct {
	JSON bool `help:"Print one JSON object."`
}

func (c *versionCommand) Help() string { return "Example: floorwalker version --json" }

// versionInfo says what was built and what it speaks.
type versionInfo struct {
	Version  string `json:"version"`
	Go       string `json:"go"`
	Platform string `json:"platform"`
	Protocol string `json:"protocol"`
}

func (c *versionCommand) Run(s streams) error {
	v := versionInfo{version, runtime.Version(), runtime.GOOS + "/" + runtime.GOARCH, "floorwalker.v1"}
	if c.JSON {
		return printJSON(s.out, v)
	}
	_, err := fmt.Fprintf(s.out, "floorwalker %s (%s, %s, protocol %s)\n", v.Version, v.Go, v.Platform, v.Protocol)
	return err
}
