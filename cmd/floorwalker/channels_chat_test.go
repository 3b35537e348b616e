package main

import (
	"bufio"
	"bytes"
	"context"
	"encoding/json"
	"fmt"
	"os"
	"regexp"
	"slices"
	"strings"
	"testing"

	"github.com/floorwalker/floorwalker/channels/channeltest"
)

// pipe talks through `chat --json` in a pipe.
type pipe struct {
	ctx    context.Context
	args   []string
	in     *os.File
	out    *bufio.Scanner
	hangUp context.CancelFunc
	ended  chan int
	errors bytes.Buffer

	heard  channeltest.Journal
	said   []string // ids that chat gave
	asked  int      // how many of them are to be answered
	offers []channeltest.Choice
	lost   bool
}

func terminalTo(url string) func(testing.TB, channeltest.Conversation) (channeltest.Talk, error) {
	return func(t testing.TB, c channeltest.Conversation) (channeltest.Talk, error) {
		p := &pipe{ctx: t.Context(), args: []string{"chat", "--url", url, "--locale", c.Locale, "--json"}}
		return p, p.open()
	}
}

func (p *pipe) open() error {
	in, write, err := os.Pipe()
	if err != nil {
		return err
	}
	read, out, err := os.Pipe()
	if err != nil {
		return err
	}
	ctx, cancel := context.WithTimeout(p.ctx, answerWait)
	p.in, p.out, p.hangUp, p.ended = write, bufio.NewScanner(read), cancel, make(chan int, 1)
	p.out.Buffer(nil, 1<<20)
	go func() {
		code := run(ctx, p.args, streams{in, out, &p.errors})
		out.Close()
		in.Close()
		p.ended <- code
	}()
	return nil
}

func (p *pipe) Say(messages ...channeltest.Message) error {
	p.asked += len(messages)
	for _, m := range messages {
		if _, err := fmt.Fprintln(p.in, keyed(m, p.offers)); err != nil {
			return err
		}
	}
	return nil
}

// keyed is what is typed for a message: a choice by its number.
func keyed(m channeltest.Message, offers []channeltest.Choice) string {
	if m.Choice == "" {
		return m.Text
	}
	return fmt.Sprint(1 + slices.IndexFunc(offers, func(c channeltest.Choice) bool { return c.Label == m.Text }))
}

func (p *pipe) Answer() (channeltest.Answer, error) {
	if p.lost {
		return channeltest.Answer{}, nil // nothing can be asked for
	}
	for {
		if len(p.said) >= p.asked {
			if a, ok := p.heard.Answer(p.said...); ok {
				p.said, p.asked, p.offers = nil, 0, a.Choices
				return a, nil
			}
		}
		if !p.out.Scan() {
			return channeltest.Answer{}, fmt.Errorf("chat ended: %s", p.errors.String())
		}
		var e struct{ Kind, ID string }
		if err := json.Unmarshal(p.out.Bytes(), &e); err != nil {
			return channeltest.Answer{}, err
		}
		if e.Kind == "utterance" {
			p.said = append(p.said, e.ID)
		}
		if err := p.heard.Take(p.out.Bytes()); err != nil {
			return channeltest.Answer{}, err
		}
	}
}

func (p *pipe) Lose() error {
	p.lost = true
	p.hangUp()
	return nil
}

func (p *pipe) Return() error { return nil }

func (p *pipe) Close() error {
	err := p.in.Close()
	if code := <-p.ended; code != 0 && !p.lost {
		err = fmt.Errorf("exit %d: %s", code, p.errors.String())
	}
	p.hangUp()
	return err
}

// paper is a script that is piped through `chat`. Where an answer ends shows only when the output does,
// so each answer is that of a conversation anew, up to there.
type paper struct {
	ctx    context.Context
	args   []string
	script []string
	before int // lines that were answered
	offers []channeltest.Choice
	lost   bool
}

func paperTo(url string) func(testing.TB, channeltest.Conversation) (channeltest.Talk, error) {
	return func(t testing.TB, c channeltest.Conversation) (channeltest.Talk, error) {
		return &paper{ctx: t.Context(), args: []string{"chat", "--url", url, "--locale", c.Locale}}, nil
	}
}

func (p *paper) Say(messages ...channeltest.Message) error {
	for _, m := range messages {
		p.script = append(p.script, keyed(m, p.offers))
	}
	return nil
}

var terminalChoice = regexp.MustCompile(`(?m)^     \[\d+\] (.*)\n`)

func (p *paper) Answer() (a channeltest.Answer, err error) {
	if p.lost {
		return a, nil
	}
	ctx, cancel := context.WithTimeout(p.ctx, answerWait)
	defer cancel()
	var out, complaints bytes.Buffer
	if code := run(ctx, p.args, streams{strings.NewReader(strings.Join(p.script, "\n") + "\n"), &out, &complaints}); code != 0 {
		return a, fmt.Errorf("exit %d: %s", code, complaints.String())
	}
	answers := strings.Split(out.String(), "bot: ")[1:]
	a.Replies, p.before = len(answers)-p.before, len(answers)
	if a.Replies == 0 {
		return a, nil
	}
	text := answers[len(answers)-1]
	for _, c := range terminalChoice.FindAllStringSubmatch(text, -1) {
		a.Choices = append(a.Choices, channeltest.Choice{Label: c[1]})
	}
	p.offers = a.Choices
	a.Text, a.Cards = cardsIn(strings.TrimSuffix(terminalChoice.ReplaceAllString(text, ""), "\n"), terminalCard)
	return a, nil
}

func (p *paper) Lose() error   { p.lost = true; return nil }
func (p *paper) Return() error { return nil }
func (p *paper) Close() error  { return nil }
