package main

import (
	"errors"
	"fmt"
	"net"
	"net/netip"
	"os"
	"path/filepath"
	"slices"
	"strconv"
	"strings"

	"github.com/goccy/go-yaml/ast"

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
	Demo        bool            `yaml:"demo"`
	NATS        natsConfig      `yaml:"nats"`
	Webhook     webhookConfig   `yaml:"webhook"`
	Codes       codesConfig     `yaml:"codes"`
	Encoder     encoderConfig   `yaml:"encoder"`
	Generator   generatorConfig `yaml:"generator"`
	Limits      limitsConfig    `yaml:"limits"`
	Proxies     []string        `yaml:"proxies"`
}

type natsConfig struct {
	Listen      string `yaml:"listen"`
	URL         string `yaml:"url"`
	Credentials string `yaml:"credentials"`
}

type webhookConfig struct {
	Token string `yaml:"token"`
}

// shortestToken is that of the webhook, in bytes: whoever has it speaks for every sender.
const shortestToken = 16

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
	BegunPerMinute    int    `yaml:"begun_per_minute"`
}

func defaults() config {
	return config{
		Listen: "127.0.0.1:8080", AdminListen: "127.0.0.1:8081", Data: "./data", Database: "sqlite",
		Codes:   codesConfig{Kind: "log", KeyEnv: "FLOORWALKER_CODES_KEY"},
		Encoder: encoderConfig{Kind: "local"}, Generator: generatorConfig{Kind: "off"},
		Limits:  limitsConfig{Connections: 20_000, Frame: "64KiB", Text: 10_000, MessagesPerMinute: 60, BegunPerMinute: 60},
		Proxies: []string{"127.0.0.0/8", "::1/128"},
	}
}

// readConfig reads a configuration file over the defaults; no name means the defaults. What is
// wrong with the file comes with its lines.
func readConfig(name string) (config, error) {
	c := defaults()
	if name == "" {
		return c, nil
	}
	if _, err := os.Stat(name); err != nil {
		return c, fmt.Errorf("configuration: %w", err)
	}
	file, faults := shopfile.Parse(os.DirFS(filepath.Dir(name)), filepath.Base(name))
	if len(faults) > 0 {
		return c, faults
	}
	root := file.Docs[0].Body
	if faults = shopfile.DecodeNode(filepath.Base(name), root, &c); len(faults) > 0 {
		return c, faults
	}
	for _, i := range c.impossible() {
		faults = append(faults, shopfile.Fault(filepath.Base(name), under(root, i.key), "%v", i))
	}
	return c, faults.Err()
}

// under finds the value of a key, with dots between the levels, as far as it is there.
func under(n ast.Node, key string) ast.Node {
	for _, part := range strings.Split(key, ".") {
		fields, _ := shopfile.Fields(n)
		at := slices.IndexFunc(fields, func(f shopfile.Field) bool { return f.Key == part })
		if at < 0 {
			return n
		}
		n = fields[at].Value
	}
	return n
}

// impossible is a value that can't be.
type impossible struct{ key, why string }

func (i impossible) Error() string { return i.key + ": " + i.why }

// validate says what is impossible, all of it at once.
func (c config) validate() error {
	var errs []error
	for _, i := range c.impossible() {
		errs = append(errs, i)
	}
	return errors.Join(errs...)
}

func (c config) impossible() (all []impossible) {
	bad := func(key, format string, args ...any) {
		all = append(all, impossible{key, fmt.Sprintf(format, args...)})
	}
	address := func(key, value string) {
		if _, port, err := net.SplitHostPort(value); err != nil {
			bad(key, "%v; want HOST:PORT, such as 127.0.0.1:8080", err)
		} else if _, err := strconv.ParseUint(port, 10, 16); err != nil {
			bad(key, "port %q; want a number up to 65535", port)
		}
	}
	address("listen", c.Listen)
	address("admin_listen", c.AdminListen)
	if c.Data == "" {
		bad("data", "want a folder")
	}
	if c.Database != "sqlite" {
		bad("database", "%q can't be used by this version; want sqlite", c.Database)
	}
	if key, err := c.NATS.impossible(); err != nil {
		bad(key, "%v", err)
	}
	if n := len(c.Webhook.Token); n > 0 && n < shortestToken {
		bad("webhook.token", "%d bytes can be guessed; want %d at least", n, shortestToken)
	}
	if key, err := c.Codes.impossible(); err != nil {
		bad(key, "%v", err)
	}
	if c.Encoder.Kind != "local" && c.Encoder.Kind != "off" {
		bad("encoder.kind", "%q; want local or off", c.Encoder.Kind)
	}
	if c.Generator.Kind != "off" {
		bad("generator.kind", "%q; this version words replies by templates: want off", c.Generator.Kind)
	}
	if _, err := parseSize(c.Limits.Frame); err != nil {
		bad("limits.frame", "%v", err)
	}
	for _, limit := range []struct {
		key string
		n   int
	}{{"connections", c.Limits.Connections}, {"text", c.Limits.Text}, {"messages_per_minute", c.Limits.MessagesPerMinute}, {"begun_per_minute", c.Limits.BegunPerMinute}} {
		if limit.n <= 0 {
			bad("limits."+limit.key, "%d; want more than 0", limit.n)
		}
	}
	if _, err := parseNetworks(c.Proxies); err != nil {
		bad("proxies", "%v", err)
	}
	return all
}

// parseNetworks reads addresses and networks: 10.0.0.1, 172.16.0.0/12.
func parseNetworks(texts []string) (all []netip.Prefix, err error) {
	for _, text := range texts {
		p, err := netip.ParsePrefix(text)
		if a, alone := netip.ParseAddr(text); alone == nil {
			p, err = a.Prefix(a.BitLen())
		}
		if err != nil {
			return nil, fmt.Errorf("%q; want an address or network, such as 172.16.0.0/12", text)
		}
		all = append(all, p)
	}
	return all, nil
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
