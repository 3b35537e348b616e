package main

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"os"
	"runtime"
	"slices"
	"sync"
	"time"

	"github.com/google/uuid"
	"golang.org/x/sync/errgroup"
)

type benchCommands struct {
	Turns   benchTurnsCommand   `cmd:"" help:"Conversations over the socket: utterance to reply."`
	Sockets benchSocketsCommand `cmd:"" help:"Connections: how fast they open, what an idle one costs, utterance to accepted."`
	Encode  benchEncodeCommand  `cmd:"" help:"Understanding and encoding: one at a time and for many, beside the encoder's best."`
}

// benchFlags are what measurements of a server take.
type benchFlags struct {
	Shop    string `help:"Shop folder." type:"existingdir" default:"shops/demo" placeholder:"DIR"`
	Seconds int    `help:"How long to measure." default:"10"`
	Clients int    `help:"Clients at once; 0: 8 for turns (2 for orders), 2000 for sockets." placeholder:"N"`
	JSON    bool   `help:"Print one JSON object."`
}

// measured is the result of a benchmark.
type measured struct {
	What      string   `json:"what"`
	Clients   int      `json:"clients"`
	Seconds   float64  `json:"seconds"`
	Count     int      `json:"count"`
	PerSecond float64  `json:"per_second"`
	P50       float64  `json:"p50_ms"`
	P99       float64  `json:"p99_ms"`
	P999      float64  `json:"p99_9_ms"`
	KBEach    *float64 `json:"kb_per_connection,omitempty"`
	OpenRate  *float64 `json:"opened_per_second,omitempty"`
	Each      *spent   `json:"each,omitempty"` // of both ends
	Stages    []stage  `json:"stages,omitempty"`
	CPUs      int      `json:"cpus"`
	Encoder   bool     `json:"encoder"`
}

func (m measured) print(s streams, asJSON bool) error {
	if asJSON {
		return printJSON(s.out, m)
	}
	fmt.Fprintf(s.out, "%s: %d clients, %.1f s, %d CPUs, encoder %v\n", m.What, m.Clients, m.Seconds, m.CPUs, m.Encoder)
	fmt.Fprintf(s.out, "  %d in all, %.0f per second; p50 %.2f ms, p99 %.2f ms, p99.9 %.2f ms\n", m.Count, m.PerSecond, m.P50, m.P99, m.P999)
	if m.Each != nil {
		fmt.Fprintf(s.out, "  each, both ends: %.2f ms of CPU, %.0f allocations, %.0f KB\n", m.Each.CPU, m.Each.Allocations, m.Each.KB)
	}
	for _, t := range m.Stages {
		fmt.Fprintf(s.out, "  %-12s %7.2f ms a turn, in %d\n", t.Stage, t.Mean, t.Turns)
	}
	if m.KBEach != nil {
		fmt.Fprintf(s.out, "  %.0f connections opened per second; %.1f KB of heap and stacks for each, both ends\n", *m.OpenRate, *m.KBEach)
	}
	return nil
}

// summary works out what a list of durations says.
func summary(what string, clients int, took time.Duration, all []time.Duration) measured {
	slices.Sort(all)
	at := func(q float64) float64 {
		if len(all) == 0 {
			return 0
		}
		return float64(all[min(len(all)-1, int(q*float64(len(all))))].Microseconds()) / 1000
	}
	return measured{What: what, Clients: clients, Seconds: took.Seconds(), Count: len(all), PerSecond: float64(len(all)) / took.Seconds(),
		P50: at(.5), P99: at(.99), P999: at(.999), CPUs: runtime.NumCPU()}
}

// benched is a server in this process on a fresh data folder.
type benched struct {
	app  *app
	url  string // of its socket
	shop string
	done func() error
}

func (b benchFlags) serve(ctx context.Context, s streams) (*benched, error) {
	dir, err := os.MkdirTemp("", "floorwalker-bench-")
	if err != nil {
		return nil, err
	}
	cfg := defaults()
	cfg.Listen, cfg.AdminListen, cfg.Shops, cfg.Data = "127.0.0.1:0", "127.0.0.1:0", []string{b.Shop}, dir
	cfg.Limits.MessagesPerMinute = 1_000_000
	a, err := newApp(ctx, cfg, slog.New(slog.NewTextHandler(s.err, &slog.HandlerOptions{Level: slog.LevelWarn})))
	if err != nil {
		return nil, errors.Join(err, os.RemoveAll(dir))
	}
	running, stop := context.WithCancel(context.WithoutCancel(ctx))
	var group errgroup.Group
	group.Go(func() error { return a.run(running) })
	return &benched{app: a, url: "ws://" + a.address() + "/v1/chat", shop: a.first(), done: func() error {
		stop()
		return errors.Join(group.Wait(), os.RemoveAll(dir))
	}}, nil
}

type benchSocketsCommand struct{ benchFlags }

func (c *benchSocketsCommand) Help() string {
	return "Opens connections, each with a conversation of its own, and leaves them idle; then measures\n" +
		"on some of them how long an utterance takes to be accepted, that is, to be on disk.\n\n" +
		"Example: floorwalker bench sockets --clients 5000"
}

func (c *benchSocketsCommand) Run(ctx context.Context, s streams) (err error) {
	if c.Clients == 0 {
		c.Clients = 2000
	}
	server, err := c.serve(ctx, s)
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, server.done()) }()
	before := memory()
	start := time.Now()
	open, err := openAll(ctx, server.url, server.shop, c.Clients)
	defer func() {
		for _, t := range open {
			t.Close()
		}
	}()
	if err != nil {
		return err
	}
	rate := float64(len(open)) / time.Since(start).Seconds()
	each := float64(memory()-before) / 1024 / float64(len(open))

	measure, cancel := context.WithTimeout(ctx, time.Duration(c.Seconds)*time.Second)
	defer cancel()
	start = time.Now()
	all, err := acceptances(measure, open[:min(64, len(open))])
	if err != nil {
		return err
	}
	m := summary("sockets", len(open), time.Since(start), all)
	m.Encoder, m.KBEach, m.OpenRate = server.app.encoder != nil, &each, &rate
	return m.print(s, c.JSON)
}

// memory is what the heap and the stacks hold after a collection, in bytes.
func memory() int64 {
	runtime.GC()
	var m runtime.MemStats
	runtime.ReadMemStats(&m)
	return int64(m.HeapAlloc + m.StackInuse)
}

// openAll opens n connections, 32 at a time.
func openAll(ctx context.Context, url, shop string, n int) ([]*talk, error) {
	open := make([]*talk, n)
	group, ctx := errgroup.WithContext(ctx)
	group.SetLimit(32)
	for i := range open {
		group.Go(func() (err error) {
			open[i], err = dial(ctx, url, map[string]any{"type": "hello", "shop": shop})
			return err
		})
	}
	err := group.Wait()
	return slices.DeleteFunc(open, func(t *talk) bool { return t == nil }), err
}

// acceptances sends on each connection, one utterance at a time, until ctx ends.
func acceptances(ctx context.Context, open []*talk) ([]time.Duration, error) {
	var mu sync.Mutex
	var all []time.Duration
	var group errgroup.Group
	for _, t := range open {
		group.Go(func() error {
			for ctx.Err() == nil {
				start := time.Now()
				id := uuid.NewString()
				if err := t.ws.WriteJSON(map[string]any{"type": "message", "id": id, "text": "ok"}); err != nil {
					return ended(ctx, err)
				}
				for {
					f, err := t.receive()
					if err != nil {
						return ended(ctx, err)
					}
					if f.Type == "error" {
						return errors.New(f.Message)
					}
					if f.Type == "accepted" && f.ID == id {
						break
					}
				}
				mu.Lock()
				all = append(all, time.Since(start))
				mu.Unlock()
			}
			return nil
		})
	}
	return all, group.Wait()
}
