package main

import (
	"fmt"
	"maps"
	"runtime"
	"runtime/debug"
	"slices"
	"strings"

	natsserver "github.com/nats-io/nats-server/v2/server"

	"github.com/floorwalker/floorwalker/catalog/store/sqlite"
	"github.com/floorwalker/floorwalker/channels/websocket"
	"github.com/floorwalker/floorwalker/dialog/backup"
	"github.com/floorwalker/floorwalker/dialog/journal"
	"github.com/floorwalker/floorwalker/models/artifact"
	"github.com/floorwalker/floorwalker/models/linear"
)

// version is set when the binary is linked by make; without it, the go tool has noted where the
// source was.
var version string

type versionCommand struct {
	JSON bool `help:"Print one JSON object."`
}

func (c *versionCommand) Help() string { return "Example: floorwalker version --json" }

// buildInfo says what was built.
type buildInfo struct {
	Version  string `json:"version"`
	Revision string `json:"revision,omitempty"` // of the source, if the go tool noted it
	Modified bool   `json:"modified,omitempty"` // the source had changes that weren't committed
}

// build is that of this binary.
func build() buildInfo {
	info, ok := debug.ReadBuildInfo()
	if !ok {
		info = new(debug.BuildInfo)
	}
	return built(version, info)
}

// built prefers the version that was linked in, then that of the module, then the revision.
func built(linked string, info *debug.BuildInfo) buildInfo {
	b := buildInfo{Version: linked}
	for _, s := range info.Settings {
		switch s.Key {
		case "vcs.revision":
			b.Revision = s.Value
		case "vcs.modified":
			b.Modified = s.Value == "true"
		}
	}
	if b.Version == "" && info.Main.Version != "(devel)" {
		b.Version = info.Main.Version
	}
	if b.Version == "" && b.Revision != "" {
		b.Version = b.Revision[:min(12, len(b.Revision))]
		if b.Modified {
			b.Version += "-dirty"
		}
	}
	if b.Version == "" {
		b.Version = "devel" // built outside of version control
	}
	b.Modified = b.Modified || strings.HasSuffix(b.Version, "dirty")
	return b
}

// versionInfo says what was built, what it reads and writes, and what it runs on.
type versionInfo struct {
	buildInfo
	Go       string      `json:"go"`
	Platform string      `json:"platform"`
	Protocol string      `json:"protocol"`
	Formats  formatsInfo `json:"formats"`
	Runtime  runtimeInfo `json:"runtime"`
}

// formatsInfo are the versions of what is kept.
type formatsInfo struct {
	Event  int              `json:"event"`  // of the journal
	Schema map[string]int64 `json:"schema"` // migration set → version of its tables
	Heads  int              `json:"heads"`  // what is learned
	Backup int              `json:"backup"`
}

type runtimeInfo struct {
	SQLite     string          `json:"sqlite"`
	NATSServer string          `json:"nats_server"`
	Models     []artifact.Held `json:"models"` // ONNX Runtime and the encoder
}

func (c *versionCommand) Run(s streams) error {
	v := versionInfo{buildInfo: build(), Go: runtime.Version(), Platform: runtime.GOOS + "/" + runtime.GOARCH, Protocol: websocket.Subprotocol,
		Formats: formatsInfo{Event: journal.Encoding, Heads: linear.Format, Backup: backup.Format},
		Runtime: runtimeInfo{SQLite: sqlite.Version, NATSServer: natsserver.VERSION, Models: []artifact.Held{}}}
	var err error
	if v.Formats.Schema, err = backup.Schema(); err != nil {
		return err
	}
	// On a platform without models, or without a folder for them, there are none.
	if cache, err := artifact.Open(""); err == nil {
		v.Runtime.Models = cache.Held()
	}
	if c.JSON {
		return printJSON(s.out, v)
	}
	_, err = fmt.Fprint(s.out, v)
	return err
}

func (v versionInfo) String() string {
	var b strings.Builder
	fmt.Fprintf(&b, "floorwalker %s\n", v.Version)
	fmt.Fprintf(&b, "formats: protocol %s, events %d, learned heads %d, backups %d", v.Protocol, v.Formats.Event, v.Formats.Heads, v.Formats.Backup)
	for _, set := range slices.Sorted(maps.Keys(v.Formats.Schema)) {
		fmt.Fprintf(&b, ", tables of %s %d", set, v.Formats.Schema[set])
	}
	fmt.Fprintf(&b, "\nruntime: %s %s, SQLite %s, NATS server %s", v.Go, v.Platform, v.Runtime.SQLite, v.Runtime.NATSServer)
	for _, m := range v.Runtime.Models {
		fmt.Fprintf(&b, ", %s %s", m.Name, m.Version)
		if !m.There {
			b.WriteString(" (missing: run `floorwalker models pull`)")
		}
	}
	return b.String() + "\n"
}
