package main

import (
	"context"
	"fmt"
	"io"
	"net"
	"net/http"
	"strings"
	"time"
)

type healthCommand struct {
	Listen string `help:"The server's address for shoppers." env:"FLOORWALKER_LISTEN" default:"127.0.0.1:8080" placeholder:"ADDR"`
}

func (c *healthCommand) Help() string {
	return "Exit code 0 if the server takes conversations: for container and service managers.\n\n" +
		"Example: floorwalker health --listen 127.0.0.1:8080"
}

// patience is how long a healthy server may take to say so.
const patience = 5 * time.Second

func (c *healthCommand) Run(ctx context.Context, s streams) (err error) {
	host, port, err := net.SplitHostPort(c.Listen)
	if err != nil {
		return fmt.Errorf("%w: --listen: %w; want HOST:PORT, such as 127.0.0.1:8080", errUsage, err)
	}
	if ip := net.ParseIP(host); host == "" || ip != nil && ip.IsUnspecified() { // every address of the machine: one of them
		host = "localhost"
	}
	ctx, cancel := context.WithTimeout(ctx, patience)
	defer cancel()
	ask, err := http.NewRequestWithContext(ctx, http.MethodGet, "http://"+net.JoinHostPort(host, port)+"/readyz", nil)
	if err != nil {
		return err
	}
	answer, err := http.DefaultClient.Do(ask)
	if err != nil {
		return fmt.Errorf("no server answers: %w", err)
	}
	defer answer.Body.Close()
	text, err := io.ReadAll(io.LimitReader(answer.Body, 1000))
	if err != nil {
		return fmt.Errorf("the server's answer: %w", err)
	}
	if answer.StatusCode != http.StatusOK {
		return fmt.Errorf("the server at %s is %s", c.Listen, strings.TrimSpace(string(text)))
	}
	_, err = s.out.Write(text)
	return err
}
