package main

import (
	"path/filepath"
	"strings"
	"testing"

	"github.com/alecthomas/kong"
)

// configured is the configuration that a command line of serve comes to.
func configured(t *testing.T, args ...string) (config, error) {
	t.Helper()
	var cli struct {
		Serve serveCommand `cmd:""`
	}
	parser, err := kong.New(&cli)
	if err != nil {
		t.Fatal(err)
	}
	if _, err := parser.Parse(append([]string{"serve"}, args...)); err != nil {
		t.Fatal(err)
	}
	return cli.Serve.config()
}

func TestFlagsGoBeforeEnvironmentBeforeFile(t *testing.T) {
	file := write(t, filepath.Join(t.TempDir(), "floorwalker.yaml"), `
listen: 127.0.0.1:1
data: of-file
shops: [a, b]
encoder: {kind: "off"}
limits: {frame: 1MiB, text: 11, begun_per_minute: 7}
proxies: [10.0.0.1]
`)
	c, err := configured(t, "--config", file)
	if err != nil || c.Listen != "127.0.0.1:1" || c.Data != "of-file" || len(c.Shops) != 2 || c.Encoder.Kind != "off" ||
		c.Limits.Frame != "1MiB" || c.Limits.Text != 11 || c.Limits.Connections != 20_000 || c.Limits.BegunPerMinute != 7 || len(c.Proxies) != 1 || c.AdminListen != "127.0.0.1:8081" {
		t.Errorf("the file over the defaults: %+v, %v", c, err)
	}
	for name, value := range map[string]string{"CONFIG": file, "LISTEN": "127.0.0.1:2", "DATA_DIR": "of-env", "SHOPS": "c,d,e",
		"LIMITS_TEXT": "22", "PROXIES": "127.0.0.1,172.16.0.0/12", "LIMITS_MESSAGES_PER_MINUTE": "5", "ENCODER_KIND": "local"} {
		t.Setenv("FLOORWALKER_"+name, value)
	}
	c, err = configured(t)
	if err != nil || c.Listen != "127.0.0.1:2" || c.Data != "of-env" || len(c.Shops) != 3 || len(c.Proxies) != 2 || c.Limits.Text != 22 ||
		c.Limits.MessagesPerMinute != 5 || c.Limits.Frame != "1MiB" || c.Encoder.Kind != "local" {
		t.Errorf("the environment over the file: %+v, %v", c, err)
	}
	c, err = configured(t, "--listen", "127.0.0.1:3", "--data", "of-flag", "--shop", "f", "--limits-text", "33")
	if err != nil || c.Listen != "127.0.0.1:3" || c.Data != "of-flag" || len(c.Shops) != 1 || c.Limits.Text != 33 || c.Limits.MessagesPerMinute != 5 {
		t.Errorf("flags over the environment: %+v, %v", c, err)
	}
}

func TestWrongConfigurationIsNamedWithItsLine(t *testing.T) {
	dir := t.TempDir()
	for name, c := range map[string]struct{ text, want string }{
		"unknown key":              {"data: d\nlisten_on: 127.0.0.1:1\n", "c.yaml:2:1: "},
		"no network":               {"data: d\nproxies: [10.0.0.0/99]\n", "c.yaml:2:"},
		"unknown key within":       {"limits:\n  connexions: 4\n", "c.yaml:2:3: "},
		"wrong type":               {"data: d\nlimits:\n  text: many\n", "c.yaml:3:9: "},
		"a list for a text":        {"data: [d]\n", "c.yaml:1:7: "},
		"a key twice":              {"data: d\ndata: e\n", "c.yaml:2:1: "},
		"no YAML":                  {"data: 'd\n", "c.yaml:"},
		"nothing":                  {"", "c.yaml: "},
		"impossible address":       {"data: d\n\nlisten: here\n", "c.yaml:3:9: listen: "},
		"impossible port":          {"listen: 127.0.0.1:99999\n", "c.yaml:1:9: listen: "},
		"impossible number":        {"limits:\n  connections: 5\n  text: 0\n", "c.yaml:3:9: limits.text: 0; want more than 0"},
		"impossible size":          {"limits: {frame: huge}\n", "c.yaml:1:17: limits.frame: "},
		"impossible encoder":       {"encoder:\n  kind: magic\n", "c.yaml:2:9: encoder.kind: "},
		"NATS open to strangers":   {"nats:\n  listen: 0.0.0.0:4222\n", "c.yaml:2:11: nats.listen: 0.0.0.0:4222 can be reached"},
		"NATS here and elsewhere":  {"nats:\n  listen: 127.0.0.1:4222\n  url: nats://x:4222\n", "c.yaml:2:3: nats: "},
		"NATS by another protocol": {"nats: {url: \"http://x:4222\"}\n", "c.yaml:1:13: nats.url: "},
		"codes by pigeon":          {"codes:\n  kind: pigeon\n", "c.yaml:2:9: codes.kind: "},
		"codes to nowhere":         {"codes:\n  kind: smtp\n", "c.yaml:2:3: codes: not a mail server's URL"},
		"an address for the log":   {"codes: {url: \"smtp://x\"}\n", "c.yaml:1:14: codes.url: "},
		"a database that isn't":    {"database: postgres://x\n", "c.yaml:1:11: database: "},
		"a generator that isn't":   {"generator: {kind: openai}\n", "c.yaml:1:19: generator.kind: "},
		"two at once, the first":   {"listen: here\nadmin_listen: there\n", "c.yaml:1:9: listen: "},
		"two at once, the second":  {"listen: here\nadmin_listen: there\n", "c.yaml:2:15: admin_listen: "},
		"bytes that aren't UTF-8":  {"data: \xff\n", "c.yaml:1:7: "},
		"a whole number with a .5": {"limits: {text: 1.5}\n", "c.yaml:1:16: "},
	} {
		file := write(t, filepath.Join(dir, "c.yaml"), c.text)
		r := floorwalker(t, "", "serve", "--config", file)
		if r.code != 2 || !strings.Contains(r.err, c.want) || r.out != "" {
			t.Errorf("%s: exit %d, want 2 and %q:\n%s", name, r.code, c.want, r.err)
		}
	}
	for _, args := range [][]string{
		{"--config", filepath.Join(dir, "none.yaml")}, {"--limits-text", "0"}, {"--limits-connections", "-1"}, {"--limits-frame", "0"},
		{"--listen", "here"}, {"--encoder-kind", "magic"}, {"--database", "mysql"},
	} {
		if r := floorwalker(t, "", append([]string{"serve"}, args...)...); r.code != 2 || r.err == "" {
			t.Errorf("%v: exit %d\n%s", args, r.code, r.err)
		}
	}
}
