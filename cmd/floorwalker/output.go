package main

import (
	"encoding/json"
	"fmt"
	"io"
	"os"

	"golang.org/x/term"
)

// printJSON writes one JSON object on a line.
func printJSON(w io.Writer, v any) error {
	e := json.NewEncoder(w)
	e.SetEscapeHTML(false)
	return e.Encode(v)
}

// terminal reports whether a stream is one.
func terminal(stream any) bool {
	f, ok := stream.(*os.File)
	return ok && term.IsTerminal(int(f.Fd()))
}

// progress is a line on a terminal that tells what long work is at.
type progress struct{ to io.Writer }

// progress is shown to people on a terminal, and to nobody in a pipe or with quiet.
func (s streams) progress(quiet bool) progress {
	if quiet || !terminal(s.err) {
		return progress{io.Discard}
	}
	return progress{s.err}
}

func (p progress) step(name string) { fmt.Fprintf(p.to, "\r%.60s\x1b[K\r", name) }
func (p progress) end()             { fmt.Fprint(p.to, "\r\x1b[K") }
