// Command floorwalker is a customer-service bot server for online shops. One binary runs
// everything; `floorwalker --help` lists what it does.
package main

import (
	"context"
	"errors"
	"fmt"
	"io"
	"os"
	"os/signal"
	"syscall"

	"github.com/alecthomas/kong"
)

// commands is the command line. One file a command.
type commands struct {
	Serve      serveCommand      `cmd:"" help:"Run the server. Without --shop, the demo shop."`
	Chat       chatCommand       `cmd:"" help:"Talk in the terminal, to a shop folder or to a running server."`
	Understand understandCommand `cmd:"" help:"Show what is understood of a text."`
	Import     importCommand     `cmd:"" help:"Bring records in; reports what was cleaned and refused, row by row."`
	Export     exportCommand     `cmd:"" help:"Write records out, in the formats that import reads."`
	Check      checkCommand      `cmd:"" help:"Check every file of a shop folder."`
	Flow       flowCommands      `cmd:"" help:"Look at flows."`
	Train      trainCommands     `cmd:"" help:"Learn from the shop's files."`
	Models     modelsCommands    `cmd:"" help:"Fetch and inspect model artefacts."`
	Eval       evalCommands      `cmd:"" help:"Measure quality on labelled data."`
	Bench      benchCommands     `cmd:"" help:"Measure throughput and latency."`
	Describe   describeCommand   `cmd:"" help:"Print what is spoken over HTTP, WebSocket and NATS, for other programs."`
	Token      tokenCommand      `cmd:"" help:"Sign a customer's token, to try signed-in chats."`
	Backup     backupCommand     `cmd:"" help:"Write everything that is kept into one file, while the server runs."`
	Restore    restoreCommand    `cmd:"" help:"Bring back what backup wrote."`
	Health     healthCommand     `cmd:"" help:"Ask a server whether it takes conversations."`
	Completion completionCommand `cmd:"" help:"Print what makes a shell complete commands, flags and values."`
	Complete   completeCommand   `cmd:"" name:"__complete" hidden:""`
	Version    versionCommand    `cmd:"" help:"Show build, formats and runtime."`
}

// errUsage marks an error as wrong use: exit code 2.
var errUsage = errors.New("wrong use")

// streams are where a command reads and writes. Results go to out, messages to people to err.
type streams struct {
	in       io.Reader
	out, err io.Writer
}

func main() {
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt, syscall.SIGTERM)
	context.AfterFunc(ctx, stop) // a second Ctrl-C ends the process at once
	code := run(ctx, os.Args[1:], streams{os.Stdin, os.Stdout, os.Stderr})
	stop()
	os.Exit(code)
}

// run carries out one command line and returns its exit code: 0 done, 1 failed, 2 wrong use.
func run(ctx context.Context, args []string, s streams) (code int) {
	var cli commands
	exited := -1
	parser, err := kong.New(&cli, kong.Name("floorwalker"),
		kong.Description("A customer-service bot server for online shops."),
		kong.Writers(s.out, s.err), kong.Exit(func(c int) { exited = c }),
		kong.ConfigureHelp(kong.HelpOptions{Compact: true}),
		kong.BindTo(ctx, (*context.Context)(nil)), kong.Bind(s))
	if err != nil {
		fmt.Fprintln(s.err, "floorwalker:", err)
		return 1
	}
	if len(args) == 0 {
		args = []string{"--help"}
	}
	parsed, err := parser.Parse(args)
	if exited >= 0 { // --help has been shown
		return exited
	}
	if err != nil {
		fmt.Fprintf(s.err, "floorwalker: %v\nSee: floorwalker --help\n", err)
		return 2
	}
	switch err := parsed.Run(); {
	case err == nil, errors.Is(err, context.Canceled) && ctx.Err() != nil:
		return 0
	case errors.Is(err, errUsage):
		fmt.Fprintln(s.err, "floorwalker:", err)
		return 2
	default:
		fmt.Fprintln(s.err, "floorwalker:", err)
		return 1
	}
}
