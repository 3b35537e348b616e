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
}

// benchFlags are what both measurements take.
type benchFlags struct {
	Shop    string `help:"Shop folder." type:"existingdir" default:"shops/demo" placeholder:"DIR"`
	Seconds int    `help:"How long to measure." default:"10"`
	Clients int    `help:"Clients at once; 0: 8 for turns, 2000 for sockets." placeholder:"N"`
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
	CPUs      int      `json:"cpus"`
	Encoder   bool     `json:"encoder"`
}

func (m measured) print(s streams, asJSON bool) error {
	if asJSON {
		return printJSON(s.out, m)
	}
	fmt.Fprintf(s.out, "%s: %d clients, %.1f s, %d CPUs, encoder %v\n", m.What, m.Clients, m.Seconds, m.CPUs, m.Encoder)
	fmt.Fprintf(s.out, "  %d in all, %.0f per second; p50 %.2f ms, p99 %.2f ms, p99.9 %.2f ms\n", m.Count, m.PerSecond, m.P50, m.P99, m.P999)
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

// serveForBench runs a server in this process on a fresh data folder.
func (b benchFlags) serve(ctx context.Context, s streams) (url, shop string, encoder bool, done func() error, err error) {
	dir, err := os.MkdirTemp("", "floorwalker-bench-")
	if err != nil {
		return "", "", false, nil, err
	}
	cfg := defaults()
	cfg.Listen, cfg.AdminListen, cfg.Shops, cfg.Data = "127.0.0.1:0", "127.0.0.1:0", []string{b.Shop}, dir
	cfg.Limits.MessagesPerMinute = 1_000_000
	a, err := newApp(ctx, cfg, slog.New(slog.NewTextHandler(s.err, &slog.HandlerOptions{Level: slog.LevelWarn})))
	if err != nil {
		return "", "", false, nil, errors.Join(err, os.RemoveAll(dir))
	}
	running, stop := context.WithCancel(context.WithoutCancel(ctx))
	var group errgroup.Group
	group.Go(func() error { return a.run(running) })
	return "ws://" + a.address() + "/v1/chat", a.first(), a.encoder != nil, func() error {
		stop()
		return errors.Join(group.Wait(), os.RemoveAll(dir))
	}, nil
}

type benchTurnsCommand struct{ benchFlags }

func (c *benchTurnsCommand) Help() string {
	return "Each client holds conversations of eight turns, in English and Chinese: products, stock,\n" +
		"an order with its proof of identity, knowledge, out of scope. Every utterance carries a\n" +
		"number of its own, so that no cached vector answers it.\n\nExample: floorwalker bench turns --seconds 10 --clients 8"
}

// talks are what clients say, turn by turn; %d makes each text new to the encoder.
var talks = [][]string{
	{"Hello number %d!", "Do you have a flask that keeps tea hot for visitor %d?", "Is the trail flask in stock? visit %d.", "Where is my order W10209? Ticket %d.",
		"I'm Thomas Brennan, postal code 02130.", "How long does delivery take for parcel %d?", "What is the capital of country %d?", "Thanks %d!"},
	{"你好，%d号顾客。", "有没有能保温的杯子，第%d个？", "登山保温瓶有货吗，第%d次问？", "我的订单W10230到哪了？咨询%d。",
		"我叫陈嘉明，邮编100027。", "配送要多久，第%d单？", "第%d个国家的首都是哪里？", "谢谢你%d！"},
}

func (c *benchTurnsCommand) Run(ctx context.Context, s streams) (err error) {
	if c.Clients == 0 {
		c.Clients = 8
	}
	url, shop, encoder, done, err := c.serve(ctx, s)
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, done()) }()
	measure, cancel := context.WithTimeout(ctx, time.Duration(c.Seconds)*time.Second)
	defer cancel()
	var mu sync.Mutex
	var all []time.Duration
	start := time.Now()
	group, measure := errgroup.WithContext(measure)
	for client := range c.Clients {
		group.Go(func() error {
			for n := 0; measure.Err() == nil; n++ {
				took, err := conversation(measure, url, shop, talks[(client+n)%len(talks)], client*100_000+n*10)
				mu.Lock()
				all = append(all, took...)
				mu.Unlock()
				if err != nil {
					return err
				}
			}
			return nil
		})
	}
	if err := group.Wait(); err != nil {
		return err
	}
	m := summary("turns", c.Clients, time.Since(start), all)
	m.Encoder = encoder
	return m.print(s, c.JSON)
}

// conversation holds one and returns how long each reply took; it stops when ctx ends.
func conversation(ctx context.Context, url, shop string, says []string, n int) (all []time.Duration, err error) {
	t, err := dial(ctx, url, map[string]any{"type": "hello", "shop": shop})
	if err != nil {
		return nil, ended(ctx, err)
	}
	defer t.Close()
	for i, say := range says {
		if ctx.Err() != nil {
			return all, nil
		}
		text := fmt.Sprintf(say, n+i)
		if i == 4 {
			text = say // a proof of identity is what it is
		}
		start := time.Now()
		if err := t.ask(text); err != nil {
			return all, ended(ctx, err)
		}
		all = append(all, time.Since(start))
	}
	return all, nil
}

// ended is no error where the measurement is over.
func ended(ctx context.Context, err error) error {
	if ctx.Err() != nil {
		return nil
	}
	return err
}

// ask sends a text and waits for its reply.
func (t *talk) ask(text string) error {
	id := uuid.NewString()
	if err := t.ws.WriteJSON(map[string]any{"type": "message", "id": id, "text": text}); err != nil {
		return err
	}
	var offset int64
	for {
		f, err := t.receive()
		if err != nil {
			return err
		}
		switch {
		case f.Type == "error":
			return fmt.Errorf("%s: %s", f.Code, f.Message)
		case f.Type == "accepted" && f.ID == id:
			offset = f.Offset
		case f.Kind == "reply" && slices.Contains(f.InReplyTo, offset):
			return nil
		}
	}
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
	url, shop, encoder, done, err := c.serve(ctx, s)
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, done()) }()
	before := memory()
	start := time.Now()
	open, err := openAll(ctx, url, shop, c.Clients)
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
	m.Encoder, m.KBEach, m.OpenRate = encoder, &each, &rate
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
