package main

import (
	"errors"
	"fmt"
	"net"
	"os"
	"path/filepath"
	"strings"

	"github.com/floorwalker/floorwalker/catalog/shopfile"
)

// config is the configuration file. Flags and environment variables of the same names go
// before it.
type config struct {
	Listen      string          `yaml:"listen"`
	AdminListen string          `yaml:"admin_listen"`
	Data        string          `yaml:"data"`
	Shops       []string        `yaml:"shops"`
	Database    string          `yaml:"database"`
	NATS        natsConfig      `yaml:"nats"`
	Encoder     encoderConfig   `yaml:"encoder"`
	Generator   generatorConfig `yaml:"generator"`
	Limits      limitsConfig    `yaml:"limits"`
}

type natsConfig struct {
	Listen      string `yaml:"listen"`
	URL         string `yaml:"url"`
	Credentials string `yaml:"credentials"`
}

type encoderConfig struct {
	Kind string `yaml:"kind"`
}

type generatorConfig struct {
	Kind   string   `yaml:"kind"`
	URL    string   `yaml:"url"`
	Model  string   `yaml:"model"`
	KeyEnv string   `yaml:"key_env"`
	UseFor []string `yaml:"use_for"`
}

type limitsConfig struct {
	Connections       int    `yaml:"connections"`
	Frame             string `yaml:"frame"`
	Text              int    `yaml:"text"`
	MessagesPerMinute int    `yaml:"messages_per_minute"`
}

func defaults() config {
	return config{
		Listen: "127.0.0.1:8080", AdminListen: "127.0.0.1:8081", Data: "./data", Database: "sqlite",
		Encoder: encoderConfig{Kind: "local"}, Generator: generatorConfig{Kind: "off"},
		Limits: limitsConfig{Connections: 20_000, Frame: "64KiB", Text: 10_000, MessagesPerMinute: 60},
	}
}

// readConfig reads a configuration file over the defaults; no name means the defaults.
func readConfig(name string) (config, error) {
	c := defaults()
	if name == "" {
		return c, nil
	}
	if _, err := os.Stat(name); err != nil {
		return c, fmt.Errorf("configuration: %w", err)
	}
	faults := shopfile.Decode(os.DirFS(filepath.Dir(name)), filepath.Base(name), &c)
	return c, faults.Err()
}

// validate says what is impossible, all of it at once.
func (c config) validate() error {
	var wrong []error
	bad := func(format string, args ...any) { wrong = append(wrong, fmt.Errorf(format, args...)) }
	address := func(key, value string) {
		if _, _, err := net.SplitHostPort(value); err != nil {
			bad("%s: %v; want HOST:PORT, such as 127.0.0.1:8080", key, err)
		}
	}
	address("listen", c.Listen)
	address("admin_listen", c.AdminListen)
	if c.Data == "" {
		bad("data: want a folder")
	}
	if c.Database != "sqlite" {
		bad("database: %q can't be used by this version; want sqlite", c.Database)
	}
	if c.NATS != (natsConfig{}) {
		bad("nats: this version has no NATS channel; leave its keys empty")
	}
	if c.Encoder.Kind != "local" && c.Encoder.Kind != "off" {
		bad("encoder.kind: %q; want local or off", c.Encoder.Kind)
	}
	if c.Generator.Kind != "off" {
		bad("generator.kind: %q; this version words replies by templates: want off", c.Generator.Kind)
	}
	if _, err := parseSize(c.Limits.Frame); err != nil {
		bad("limits.frame: %v", err)
	}
	for key, n := range map[string]int{"connections": c.Limits.Connections, "text": c.Limits.Text, "messages_per_minute": c.Limits.MessagesPerMinute} {
		if n <= 0 {
			bad("limits.%s: %d; want more than 0", key, n)
		}
	}
	return errors.Join(wrong...)
}

// parseSize reads a number of bytes with an optional unit: 4096, 64KiB, 1MiB.
func parseSize(text string) (int64, error) {
	unit := int64(1)
	number := text
	for suffix, n := range map[string]int64{"KiB": 1 << 10, "MiB": 1 << 20} {
		if s, ok := strings.CutSuffix(text, suffix); ok {
			number, unit = s, n
		}
	}
	var n int64
	if _, err := fmt.Sscanf(strings.TrimSpace(number)+"\n", "%d\n", &n); err != nil || n <= 0 || n > 1<<30 {
		return 0, fmt.Errorf("%q; want a size such as 64KiB", text)
	}
	return n * unit, nil
}
