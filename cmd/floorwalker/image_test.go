package main

import (
	"bytes"
	"encoding/json"
	"errors"
	"io/fs"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/alecthomas/kong"
	"github.com/goccy/go-yaml"

	"github.com/floorwalker/floorwalker/models/artifact"
)

// dockerfile is what the last stage of ../../Dockerfile says.
type dockerfile struct {
	env                         map[string]string
	dir, user                   string
	entrypoint, command, health []string
}

func readDockerfile(t *testing.T) dockerfile {
	t.Helper()
	text, err := os.ReadFile("../../Dockerfile")
	if err != nil {
		t.Fatal(err)
	}
	d := dockerfile{env: map[string]string{}}
	list := func(text string) (words []string) {
		if err := json.Unmarshal([]byte(text), &words); err != nil {
			t.Fatalf("%s: %v", text, err)
		}
		return words
	}
	for line := range strings.Lines(strings.ReplaceAll(string(text), "\\\n", "")) {
		word, rest, _ := strings.Cut(strings.TrimSpace(line), " ")
		switch word {
		case "FROM":
			d = dockerfile{env: map[string]string{}}
		case "ENV":
			for _, pair := range strings.Fields(rest) {
				name, value, _ := strings.Cut(pair, "=")
				d.env[name] = value
			}
		case "WORKDIR":
			d.dir = rest
		case "USER":
			d.user = rest
		case "ENTRYPOINT":
			d.entrypoint = list(rest)
		case "CMD":
			d.command = list(rest)
		case "HEALTHCHECK":
			_, command, _ := strings.Cut(rest, "CMD ")
			d.health = list(command)
		}
	}
	return d
}

// imageUser is that of the Dockerfile.
const imageUser = 65532

// container runs a command in a folder as in a container of it: with that root, which can't be
// written but where the image says, as the image's user, and without what root may.
const container = `root=$1 dir=$2 user=$3; shift 3
mount --bind "$root" "$root" && mount --rbind /proc "$root/proc" || exit 77
for writable in tmp var/lib/floorwalker var/cache/floorwalker; do mount --bind "$root/$writable" "$root/$writable" || exit 77; done
mount -o remount,bind,ro "$root" || exit 77
exec setpriv --clear-groups --no-new-privs unshare --root="$root" --wd="$dir" --setgid="$user" --setuid="$user" "$@"`

// inside makes a command that runs in a container, with no more of an environment than the
// Dockerfile gives and every container has.
func (d dockerfile) inside(root string, words []string, env ...string) *exec.Cmd {
	user, _, _ := strings.Cut(d.user, ":")
	c := exec.Command("unshare", append([]string{"--mount", "sh", "-c", container, "sh", root, d.dir, user}, words...)...)
	c.Env = append([]string{"PATH=/usr/sbin:/usr/bin:/sbin:/bin"}, env...)
	for name, value := range d.env {
		if !slices.ContainsFunc(env, func(pair string) bool { return strings.HasPrefix(pair, name+"=") }) {
			c.Env = append(c.Env, name+"="+value)
		}
	}
	return c
}

// The image's root, which no daemon is needed to make, is small, and holds all that the server
// needs: it is run there as the image would be, as a user who may write only where the image
// says, and its health is asked as the image asks it.
func TestImage(t *testing.T) {
	if os.Getuid() != 0 {
		t.Skip("SKIPPED, only root can give a process a root of its own")
	}
	cache, err := artifact.Open("")
	if err != nil {
		t.Fatal(err)
	}
	if _, err := cache.Locate(); err != nil && os.Getenv("FLOORWALKER_REQUIRE_MODELS") == "" {
		t.Skipf("SKIPPED, the models aren't here: %v", err)
	}
	root := filepath.Join(t.TempDir(), "image")
	if said, err := exec.Command("make", "-C", "../..", "image-root", "IMAGE_ROOT="+root, "VERSION=v0-image").CombinedOutput(); err != nil {
		t.Fatalf("%v\n%s", err, said)
	}
	d := readDockerfile(t)
	if d.user != "65532:65532" {
		t.Errorf("the image runs as %s", d.user)
	}
	if err := os.Chmod(filepath.Dir(root), 0o755); err != nil {
		t.Fatal(err)
	}
	if err := os.Mkdir(filepath.Join(root, "proc"), 0o755); err != nil { // a container has it
		t.Fatal(err)
	}
	before, bytes := inventory(t, root)
	t.Logf("the image is of %.1f MB", megabytes(bytes))
	if bytes > 200e6 {
		t.Errorf("the image is of %.1f MB", megabytes(bytes))
	}
	learnedBefore(t, root)
	for _, dir := range []string{"var/lib/floorwalker", "var/cache/floorwalker"} { // as the Dockerfile does
		err := filepath.WalkDir(filepath.Join(root, dir), func(path string, _ fs.DirEntry, err error) error {
			return errors.Join(err, os.Chown(path, imageUser, imageUser))
		})
		if err != nil {
			t.Fatal(err)
		}
	}
	look := d.inside(root, append(slices.Clone(d.entrypoint), "version"))
	version, err := look.Output()
	if look.ProcessState.ExitCode() == 77 {
		t.Skip("SKIPPED, nothing can be mounted here, so a process can't be given a root of its own")
	}
	if err != nil || !strings.HasPrefix(string(version), "floorwalker v0-image\n") || strings.Contains(string(version), "missing") {
		t.Errorf("%v\n%s", err, version)
	}
	begun := time.Now()
	s, err := start(t, d.inside(root, append(append(slices.Clone(d.entrypoint), d.command...), "--log-json"),
		"FLOORWALKER_LISTEN=127.0.0.1:0", "FLOORWALKER_ADMIN_LISTEN=127.0.0.1:0"))
	if err != nil {
		t.Fatal(err)
	}
	t.Logf("serving after %v", time.Since(begun).Round(10*time.Millisecond))
	if said, err := d.inside(root, d.health, "FLOORWALKER_LISTEN="+s.address).CombinedOutput(); err != nil || string(said) != "ready\n" {
		t.Errorf("its health: %v, %s", err, said)
	}
	if told := s.talking("demo").says(t, "m1", "我的订单W10234到哪里了？"); told == "" {
		t.Error("nothing is answered")
	}
	if _, err := os.Stat(filepath.Join(root, d.env["FLOORWALKER_DATA_DIR"], "floorwalker.db")); err != nil {
		t.Error(err)
	}
	if code := s.stop(); code != 0 {
		t.Errorf("exit %d", code)
	}
	if log, _ := s.log(); strings.Contains(log, `"WARN"`) || strings.Contains(log, `"ERROR"`) {
		t.Errorf("it complains:\n%s", log)
	}
	if said, err := d.inside(root, d.health, "FLOORWALKER_LISTEN="+s.address).CombinedOutput(); err == nil {
		t.Errorf("its health when it has ended: %s", said)
	}
	if after, _ := inventory(t, root); !slices.Equal(after, before) {
		t.Error("it has written elsewhere than the image lets it")
	}
}

// learnedBefore spares the server in an image the time to learn what this machine has learned:
// it is keyed by its content.
func learnedBefore(t *testing.T, root string) {
	t.Helper()
	dir, err := artifact.Dir()
	if err != nil {
		return // then there is nothing
	}
	err = os.CopyFS(filepath.Join(root, "var/cache/floorwalker/intents"), os.DirFS(filepath.Join(dir, "intents")))
	if err != nil && !errors.Is(err, fs.ErrNotExist) {
		t.Fatal(err)
	}
}

// inventory lists the files of an image, but for those where it may write, and counts the bytes
// of all.
func inventory(t *testing.T, root string) (names []string, bytes int64) {
	t.Helper()
	err := filepath.WalkDir(root, func(path string, d fs.DirEntry, err error) error {
		if err != nil {
			return err
		}
		info, err := d.Info()
		if err != nil {
			return err
		}
		if !d.IsDir() {
			bytes += info.Size()
		}
		if rel, _ := filepath.Rel(root, path); !strings.HasPrefix(rel, "var/") && !strings.HasPrefix(rel, "tmp") {
			names = append(names, rel+" "+info.Mode().String()+" "+info.ModTime().String())
		}
		return nil
	})
	if err != nil {
		t.Fatal(err)
	}
	return names, bytes
}

// The compose file keeps what the image writes, and says to the server what it knows.
func TestComposeFits(t *testing.T) {
	text, err := os.ReadFile("../../compose.yaml")
	if err != nil {
		t.Fatal(err)
	}
	var file struct {
		Services map[string]struct {
			Environment map[string]string
			Ports       []string
			Volumes     []string
			ReadOnly    bool `yaml:"read_only"`
			Tmpfs       []string
		}
		Volumes map[string]any
	}
	if err := yaml.Unmarshal(text, &file); err != nil {
		t.Fatal(err)
	}
	d, s := readDockerfile(t), file.Services["floorwalker"]
	for _, name := range []string{"FLOORWALKER_DATA_DIR", "FLOORWALKER_CACHE"} {
		if !slices.ContainsFunc(s.Volumes, func(v string) bool { _, at, _ := strings.Cut(v, ":"); return at == d.env[name] }) {
			t.Errorf("no volume keeps %s", d.env[name])
		}
	}
	if !s.ReadOnly || !slices.Contains(s.Tmpfs, "/tmp") {
		t.Error("the image's files could be written")
	}
	for _, p := range s.Ports {
		if !strings.HasPrefix(p, "127.0.0.1:") {
			t.Errorf("port %s is open to everybody", p)
		}
	}
	help := floorwalker(t, "", "serve", "--help").out
	for name := range s.Environment {
		if !strings.Contains(help, "$"+name) {
			t.Errorf("serve doesn't know %s", name)
		}
	}
	for name := range d.env {
		if !strings.Contains(help, "$"+name) && name != "FLOORWALKER_CACHE" && name != "FLOORWALKER_MODELS" {
			t.Errorf("serve doesn't know %s", name)
		}
	}
	for shop, want := range map[string]string{"": "shops/demo", "./shops/mine": "/shop"} {
		for name, value := range s.Environment {
			t.Setenv(name, substitute(value, map[string]string{"SHOP": shop}))
		}
		cfg := configOf(t, d.command...)
		if !slices.Equal(cfg.Shops, []string{want}) || cfg.Demo != (shop == "") || cfg.NATS.URL != "" {
			t.Errorf("SHOP=%s: %+v", shop, cfg)
		}
	}
}

// substitute does with a value of a compose file what compose does with it.
func substitute(text string, env map[string]string) string {
	return regexp.MustCompile(`\$\{(\w+)(:[-+])([^}]*)\}`).ReplaceAllStringFunc(text, func(found string) string {
		name, rest, _ := strings.Cut(strings.Trim(found, "${}"), ":")
		switch value := env[name]; {
		case rest[0] == '-' && value != "":
			return value
		case rest[0] == '-' || value != "":
			return rest[1:]
		}
		return ""
	})
}

// configOf is what a command line and the environment come to.
func configOf(t *testing.T, words ...string) config {
	t.Helper()
	var cli commands
	parser, err := kong.New(&cli)
	if err != nil {
		t.Fatal(err)
	}
	if _, err := parser.Parse(words); err != nil {
		t.Fatal(err)
	}
	cfg, err := cli.Serve.config()
	if err != nil {
		t.Fatal(err)
	}
	return cfg
}

// The unit is one that systemd takes, and leaves the service little that it could do.
func TestServiceUnit(t *testing.T) {
	if _, err := exec.LookPath("systemd-analyze"); err != nil {
		t.Skip("SKIPPED, systemd-analyze isn't here")
	}
	unit, err := os.ReadFile("../../docs/deploy/floorwalker.service")
	if err != nil {
		t.Fatal(err)
	}
	begun := regexp.MustCompile(`(?m)^ExecStart=\S+ (.*)$`).FindSubmatch(unit)
	if begun == nil {
		t.Fatal("nothing is started")
	}
	if r := floorwalker(t, "", append(strings.Fields(string(begun[1])), "--help")...); r.code != 0 {
		t.Errorf("what it starts: %s", r.err)
	}
	here := write(t, filepath.Join(t.TempDir(), "floorwalker.service"), strings.ReplaceAll(string(unit), "/usr/local/bin/floorwalker", os.Args[0]))
	if said, err := exec.Command("systemd-analyze", "verify", "--man=no", here).CombinedOutput(); err != nil || len(bytes.TrimSpace(said)) > 0 {
		t.Errorf("%v\n%s", err, said)
	}
	said, err := exec.Command("systemd-analyze", "security", "--offline=yes", "--threshold=20", here).CombinedOutput()
	if strings.Contains(string(said), "unrecognized option") {
		t.Skip("SKIPPED, this systemd-analyze doesn't judge units offline")
	}
	if err != nil {
		t.Errorf("it is too exposed: %v\n%s", err, said)
	}
}
