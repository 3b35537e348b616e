package main

import (
	"context"
	"errors"
	"fmt"
	"io"
	"strings"
	"time"

	"github.com/floorwalker/floorwalker/nlu"
)

type understandCommand struct {
	Text   []string `arg:"" help:"What somebody wrote."`
	Shop   string   `help:"Shop folder." type:"existingdir" default:"shops/demo" placeholder:"DIR"`
	Data   string   `help:"The server's data folder, to use its records." placeholder:"DIR"`
	Locale string   `help:"Language of the conversation." default:"en" placeholder:"L"`
	JSON   bool     `help:"Print one JSON object."`
}

func (c *understandCommand) Help() string {
	return "Example: floorwalker understand 'cancel #W10234 and where is my other order?'"
}

func (c *understandCommand) Run(ctx context.Context, s streams) (err error) {
	w, err := openWorkshop(ctx, c.Shop, c.Data, nil, quiet(s))
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, w.Close()) }()
	u, err := w.shop().NLU.Understand(ctx, strings.Join(c.Text, " "), nlu.Context{Locale: c.Locale, Now: time.Now()})
	if err != nil {
		return err
	}
	if c.JSON {
		return printJSON(s.out, u)
	}
	return printUnderstanding(s.out, u)
}

func printUnderstanding(w io.Writer, u nlu.Understanding) error {
	var b strings.Builder
	fmt.Fprintf(&b, "language      %s\n", or(u.Language, "can't be told"))
	fmt.Fprintf(&b, "out of scope  %v (%.2f)\n", u.OutOfScope, u.Score)
	for _, r := range u.Requests {
		fmt.Fprintf(&b, "request       %-20s %.2f  %q", r.Intent, r.P, u.Text[r.Start:r.End])
		if r.Act != "" {
			fmt.Fprintf(&b, "  act %s", r.Act)
		}
		if r.Negated {
			b.WriteString("  negated")
		}
		if r.Close != "" {
			fmt.Fprintf(&b, "  close to %s", r.Close)
		}
		b.WriteByte('\n')
	}
	for _, e := range u.Entities {
		fmt.Fprintf(&b, "entity        %-20s %s  %q at %d–%d\n", e.Type, e.Value, e.Text, e.Start, e.End)
	}
	for _, i := range u.Ranking {
		fmt.Fprintf(&b, "ranking       %-20s %.3f\n", i.Name, i.P)
	}
	_, err := io.WriteString(w, b.String())
	return err
}

func or(text, otherwise string) string {
	if text == "" {
		return otherwise
	}
	return text
}
