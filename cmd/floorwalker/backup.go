package main

import (
	"context"
	"fmt"
	"time"

	"github.com/floorwalker/floorwalker/dialog/backup"
)

type backupCommand struct {
	Data string `help:"The server's data folder; a server may be running on it." env:"FLOORWALKER_DATA_DIR" default:"./data" placeholder:"DIR"`
	Out  string `help:"File to write, whole or not at all. It holds customers' data and keys: only its owner may read it." required:"" placeholder:"FILE"`
	JSON bool   `help:"Print one JSON object."`
}

func (c *backupCommand) Help() string {
	return "Everything under --data, as it is at one moment, in one archive (tar, zstd) with the SHA-256 of each\n" +
		"file. What is made from the shop's files, the folders products and knowledge, is left out.\n\n" +
		"Example: floorwalker backup --data ./data --out /backups/floorwalker-$(date +%F).tar.zst"
}

func (c *backupCommand) Run(ctx context.Context, s streams) error {
	start := time.Now()
	done := s.progress(c.JSON)
	r, err := backup.Write(ctx, c.Data, c.Out, backup.Options{Version: build().Version, Now: time.Now, Progress: done.step})
	done.end()
	if err != nil {
		return err
	}
	if c.JSON {
		return printJSON(s.out, archived{c.Out, r, time.Since(start).Seconds()})
	}
	_, err = fmt.Fprintf(s.out, "%d files, %.1f MB, in %s (%.1f MB) after %.1f s\n",
		r.Files, megabytes(r.Bytes), c.Out, megabytes(r.Packed), time.Since(start).Seconds())
	return err
}

type restoreCommand struct {
	Data    string `help:"Folder to restore into; it must be missing or empty." required:"" placeholder:"DIR"`
	From    string `help:"File that backup wrote." required:"" placeholder:"FILE"`
	Replace bool   `help:"Into a folder that isn't empty too; what is there is kept in a folder within it. No server may be running on it."`
	JSON    bool   `help:"Print one JSON object."`
}

func (c *restoreCommand) Help() string {
	return "The archive is unpacked beside what is there and verified first; an error leaves the folder as it\n" +
		"was. Clients that saw more than the backup has begin to read anew by themselves.\n\n" +
		"Example: floorwalker restore --data ./data --from /backups/floorwalker-2026-10-01.tar.zst"
}

func (c *restoreCommand) Run(ctx context.Context, s streams) error {
	start := time.Now()
	done := s.progress(c.JSON)
	r, err := backup.Restore(ctx, c.From, c.Data, backup.Options{Version: build().Version, Now: time.Now, Progress: done.step, Replace: c.Replace})
	done.end()
	if err != nil {
		return err
	}
	if c.JSON {
		return printJSON(s.out, archived{c.From, r, time.Since(start).Seconds()})
	}
	if r.Kept != "" {
		fmt.Fprintf(s.err, "what was there before is in %s: delete it when you no longer need it\n", r.Kept)
	}
	_, err = fmt.Fprintf(s.out, "%d files, %.1f MB, of %s by floorwalker %s, verified and restored into %s after %.1f s\n",
		r.Files, megabytes(r.Bytes), r.Created.Format(time.RFC3339), r.Floorwalker, c.Data, time.Since(start).Seconds())
	return err
}

// archived is a report with the archive's name and the time that it took.
type archived struct {
	File string `json:"file"`
	backup.Report
	Seconds float64 `json:"seconds"`
}

func megabytes(n int64) float64 { return float64(n) / 1e6 }
