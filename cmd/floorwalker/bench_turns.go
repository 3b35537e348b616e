package main

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"strconv"
	"strings"
	"sync"
	"time"

	"github.com/google/uuid"
	"golang.org/x/sync/errgroup"
)

type benchTurnsCommand struct {
	benchFlags
	Talk    string `help:"What is talked about: shop, or orders (looked up and changed)." enum:"shop,orders" default:"shop"`
	Profile string `help:"Where to write a CPU profile, for go tool pprof." type:"path" placeholder:"FILE"`
}

func (c *benchTurnsCommand) Help() string {
	return "Each client holds conversations of eight turns, in English and Chinese: products, stock,\n" +
		"an order with its proof of identity, knowledge, out of scope. Every utterance carries a\n" +
		"number of its own, so that no cached vector answers it. With --talk orders they look orders up,\n" +
		"change an address for good, and are about to cancel and to return. CPU time says what a turn\n" +
		"costs where others use the machine, too.\n\nExample: floorwalker bench turns --seconds 10 --clients 8"
}

// talks are what clients say, turn by turn; %d makes each text new to the encoder.
var talks = map[string][][]string{"shop": {
	{"Hello number %d!", "Do you have a flask that keeps tea hot for visitor %d?", "Is the trail flask in stock? visit %d.", "Where is my order W10209? Ticket %d.",
		"I'm Thomas Brennan, postal code 02130.", "How long does delivery take for parcel %d?", "What is the capital of country %d?", "Thanks %d!"},
	{"你好，%d号顾客。", "有没有能保温的杯子，第%d个？", "登山保温瓶有货吗，第%d次问？", "我的订单W10230到哪了？咨询%d。",
		"我叫陈嘉明，邮编100027。", "配送要多久，第%d单？", "第%d个国家的首都是哪里？", "谢谢你%d！"},
}, "orders": {
	{"Where is my order W10234? Ticket %d.", "Maya Okafor, 97214", "Please send W10234 to %d Harbor Lane, Seattle, WA 98101 instead.", "yes",
		"And I want to cancel W10234, visit %d.", "no longer needed", "no, keep it", "I'd like to return the kettle from W10197, case %d.", "never mind",
		"What did I buy before number %d?"},
	{"我的订单W10230到哪了？咨询%d。", "陈嘉明，邮编100027", "帮我寄到上海市徐汇区武康路%d号，邮编200031", "确认",
		"我还想取消它，第%d次来。", "不需要了", "不用了", "我想退W10205里的水壶，第%d单。", "算了", "第%d个问题：我以前买过什么？"},
}}

func (c *benchTurnsCommand) Run(ctx context.Context, s streams) (err error) {
	if c.Clients == 0 {
		c.Clients = 8
		if c.Talk == "orders" {
			c.Clients = len(talks["orders"]) // more would change each other's orders
		}
	}
	server, err := c.serve(ctx, s)
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, server.done()) }()
	if c.Profile != "" {
		stop, err := profile(c.Profile)
		if err != nil {
			return err
		}
		defer func() { err = errors.Join(err, stop()) }()
	}
	says := talks[c.Talk]
	measure, cancel := context.WithTimeout(ctx, time.Duration(c.Seconds)*time.Second)
	defer cancel()
	var mu sync.Mutex
	var all []time.Duration
	start, before := time.Now(), spending()
	group, measure := errgroup.WithContext(measure)
	for client := range c.Clients {
		group.Go(func() error {
			for n := 0; measure.Err() == nil; n++ {
				took, err := conversation(measure, server.url, server.shop, says[(client+n)%len(says)], client*100_000+n*10)
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
	m.Encoder, m.Each = server.app.encoder != nil, spending().since(before, len(all))
	if m.Stages, err = stagesOf(server.app.metrics); err != nil {
		return err
	}
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
		text := strings.ReplaceAll(say, "%d", strconv.Itoa(n+i))
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
