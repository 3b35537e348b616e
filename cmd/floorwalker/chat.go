package main

import (
	"bufio"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"log/slog"
	"os"
	"slices"
	"strings"
	"time"

	"github.com/google/uuid"
	"github.com/gorilla/websocket"
	"golang.org/x/sync/errgroup"
)

type chatCommand struct {
	Shop   string `help:"Shop folder to talk to." type:"path" default:"shops/demo" placeholder:"DIR"`
	URL    string `help:"A running server's socket, ws://HOST:PORT/v1/chat, instead of a folder." placeholder:"ws://…"`
	ShopID string `help:"With --url: the shop's id." default:"demo" placeholder:"ID"`
	Data   string `help:"Folder of records and conversations; without it, a fresh one each time." placeholder:"DIR"`
	Locale string `help:"Language to begin in, such as en or zh." placeholder:"L"`
	Token  string `help:"Signed customer token, see 'floorwalker token'." placeholder:"JWT"`
	JSON   bool   `help:"Print the protocol's event objects, one a line."`
}

func (c *chatCommand) Help() string {
	return "In a pipe, one utterance a line, each answered before the next is sent.\n\n" +
		"Example: echo 'Is the kettle in stock?' | floorwalker chat --shop shops/demo"
}

func (c *chatCommand) Run(ctx context.Context, s streams) error {
	url, shop := c.URL, c.ShopID
	if url == "" {
		if _, err := os.Stat(c.Shop); err != nil { // with --url the default needn't be there
			return fmt.Errorf("%w: --shop: %w", errUsage, err)
		}
		a, done, err := c.open(ctx, s)
		if err != nil {
			return err
		}
		defer done()
		url, shop = "ws://"+a.address()+"/v1/chat", a.first()
	}
	t, err := dial(ctx, url, map[string]any{"type": "hello", "shop": shop, "locale": c.Locale, "token": c.Token})
	if err != nil {
		return err
	}
	defer t.Close()
	return t.converse(ctx, s, c.JSON)
}

// open starts a server of its own for the folder, on a free port of this machine.
func (c *chatCommand) open(ctx context.Context, s streams) (*app, func(), error) {
	cfg := defaults()
	cfg.Listen, cfg.AdminListen, cfg.Shops, cfg.Data = "127.0.0.1:0", "127.0.0.1:0", []string{c.Shop}, c.Data
	cfg.Limits.MessagesPerMinute = 1_000_000 // whoever pipes a script in may be quick
	remove := func() {}
	if cfg.Data == "" {
		dir, err := os.MkdirTemp("", "floorwalker-chat-")
		if err != nil {
			return nil, nil, err
		}
		cfg.Data, remove = dir, func() { os.RemoveAll(dir) }
	}
	logger := slog.New(slog.NewTextHandler(s.err, &slog.HandlerOptions{Level: slog.LevelWarn}))
	a, err := newApp(ctx, cfg, logger)
	if err != nil {
		remove()
		return nil, nil, err
	}
	run, stop := context.WithCancel(context.WithoutCancel(ctx))
	var running errgroup.Group
	running.Go(func() error { return a.run(run) })
	return a, func() {
		stop()
		if err := running.Wait(); err != nil {
			fmt.Fprintln(s.err, "floorwalker:", err)
		}
		remove()
	}, nil
}

// talk is one conversation over the socket.
type talk struct {
	ws     *websocket.Conn
	owner  string   // who answers: bot, queue or agent
	offers []choice // of the last reply, taken by number
}

type choice struct{ Label, Value string }

// received is any frame from the server, as far as the terminal needs it.
type received struct {
	Type       string  `json:"type"`
	ID         string  `json:"id"`
	Offset     int64   `json:"offset"`
	Kind       string  `json:"kind"`
	Role       string  `json:"role"`
	Text       string  `json:"text"`
	InReplyTo  []int64 `json:"in_reply_to"`
	Code       string  `json:"code"`
	Message    string  `json:"message"`
	RetryAfter int64   `json:"retry_after_ms"`
	Owner      string  `json:"owner"`
	Cards      []struct {
		Title     string
		Price     struct{ Amount, Currency string }
		Available bool
	} `json:"cards"`
	Choices []choice `json:"choices"`

	raw []byte
}

func dial(ctx context.Context, url string, hello map[string]any) (*talk, error) {
	dialer := websocket.Dialer{Subprotocols: []string{"floorwalker.v1"}, HandshakeTimeout: 10 * time.Second}
	ws, _, err := dialer.DialContext(ctx, url, nil)
	if err != nil {
		return nil, fmt.Errorf("connecting to %s: %w", url, err)
	}
	if err := ws.WriteJSON(hello); err != nil {
		return nil, errors.Join(err, ws.Close())
	}
	t := &talk{ws: ws}
	f, err := t.receive()
	if err == nil && f.Type != "welcome" {
		err = fmt.Errorf("%s: %s", f.Code, f.Message)
	}
	if err != nil {
		return nil, errors.Join(err, ws.Close())
	}
	t.note(f)
	return t, nil
}

func (t *talk) Close() error { return t.ws.Close() }

func (t *talk) receive() (received, error) {
	_, data, err := t.ws.ReadMessage()
	if err != nil {
		return received{}, err
	}
	f := received{raw: data}
	return f, json.Unmarshal(data, &f)
}

// converse sends lines and shows what comes, until the input or the connection ends. Each line's
// answer is awaited: in a pipe before the next line, on a terminal before the prompt returns.
func (t *talk) converse(ctx context.Context, s streams, asJSON bool) error {
	screen := screen{out: s.out, json: asJSON, color: terminal(s.out), prompt: terminal(s.in) && !asJSON}
	frames := make(chan received)
	failed := make(chan error, 1)
	go func() {
		for {
			f, err := t.receive()
			if err != nil {
				failed <- err
				return
			}
			select {
			case frames <- f:
			case <-ctx.Done():
				return
			}
		}
	}()
	lines := bufio.NewScanner(s.in)
	lines.Buffer(make([]byte, 0, 4096), 1<<20)
	for {
		screen.ask()
		line, ok, err := next(ctx, lines)
		if err != nil || !ok {
			return err
		}
		if line = strings.TrimSpace(line); line == "" {
			continue
		}
		if err := t.turn(ctx, line, frames, failed, screen); err != nil {
			return err
		}
	}
}

// next reads a line; Ctrl-C ends the wait.
func next(ctx context.Context, lines *bufio.Scanner) (string, bool, error) {
	type read struct {
		line string
		ok   bool
	}
	got := make(chan read, 1)
	go func() { ok := lines.Scan(); got <- read{lines.Text(), ok} }()
	select {
	case r := <-got:
		return r.line, r.ok, lines.Err()
	case <-ctx.Done():
		return "", false, nil
	}
}

// turn sends one line and shows everything up to its answer.
func (t *talk) turn(ctx context.Context, line string, frames <-chan received, failed <-chan error, screen screen) error {
	id := uuid.NewString()
	frame := t.frame(id, line)
	if err := t.ws.WriteJSON(frame); err != nil {
		return err
	}
	var offset int64
	again := time.NewTimer(0) // sends what wasn't accepted once more, when that may be
	<-again.C
	defer again.Stop()
	patience := time.NewTimer(time.Minute)
	defer patience.Stop()
	for {
		select {
		case <-ctx.Done():
			return nil
		case <-again.C:
			if err := t.ws.WriteJSON(frame); err != nil {
				return err
			}
		case err := <-failed:
			return fmt.Errorf("the connection ended: %w", err)
		case <-patience.C:
			return errors.New("no answer within a minute")
		case f := <-frames:
			if f.Type == "error" && f.ID == id && f.RetryAfter > 0 {
				again.Reset(time.Duration(f.RetryAfter) * time.Millisecond)
				continue
			}
			if f.Type == "error" {
				screen.error(f)
				if f.ID == id {
					return nil
				}
			}
			if f.Type == "accepted" && f.ID == id {
				offset = f.Offset
			}
			if f.Type == "event" {
				screen.event(f)
			}
			t.note(f)
			if offset > 0 && (t.owner != "bot" || slices.Contains(f.InReplyTo, offset)) {
				return nil
			}
		}
	}
}

// frame is what a typed line becomes: the number of a choice offered takes it.
func (t *talk) frame(id, line string) map[string]any {
	var n int
	if _, err := fmt.Sscanf(line, "%d", &n); err == nil && n >= 1 && n <= len(t.offers) && fmt.Sprint(n) == line {
		o := t.offers[n-1]
		return map[string]any{"type": "choose", "id": id, "choice": o.Value, "text": o.Label}
	}
	return map[string]any{"type": "message", "id": id, "text": line}
}

// note keeps what later lines depend on. While people own the conversation no reply is due.
func (t *talk) note(f received) {
	switch {
	case f.Type == "welcome" || f.Kind == "state":
		t.owner = f.Owner
	case f.Kind == "reply":
		t.offers = f.Choices
	}
}

// screen shows a conversation, for people or as JSON lines.
type screen struct {
	out    io.Writer
	json   bool
	color  bool
	prompt bool
}

func (s screen) ask() {
	if s.prompt {
		fmt.Fprint(s.out, s.paint("1", "you: "))
	}
}

func (s screen) paint(code, text string) string {
	if !s.color || os.Getenv("NO_COLOR") != "" {
		return text
	}
	return "\x1b[" + code + "m" + text + "\x1b[0m"
}

func (s screen) error(f received) {
	if s.json {
		s.out.Write(append(f.raw, '\n'))
		return
	}
	fmt.Fprintln(s.out, s.paint("31", "error: "+f.Code+": "+f.Message))
}

func (s screen) event(f received) {
	if s.json {
		s.out.Write(append(f.raw, '\n'))
		return
	}
	switch f.Kind {
	case "reply":
		s.reply(f)
	case "state":
		fmt.Fprintln(s.out, s.paint("2", "— "+f.Owner+" —"))
	case "utterance":
		if f.Role != "shopper" {
			fmt.Fprintf(s.out, "%s: %s\n", f.Role, f.Text)
		}
	}
}

func (s screen) reply(f received) {
	fmt.Fprintln(s.out, s.paint("32", "bot: ")+f.Text)
	for _, c := range f.Cards {
		stock := ""
		if !c.Available {
			stock = " (–)"
		}
		fmt.Fprintf(s.out, "     · %s  %s %s%s\n", c.Title, c.Price.Amount, c.Price.Currency, stock)
	}
	for i, c := range f.Choices {
		fmt.Fprintln(s.out, s.paint("36", fmt.Sprintf("     [%d] %s", i+1, c.Label)))
	}
}
