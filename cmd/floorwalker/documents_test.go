package main

import (
	"context"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"testing"
	"time"
)

// elsewhere are commands that aren't typed by TestEveryCommandOfTheDocuments: by what they look like, and
// why not. An entry that fits nothing is a fault.
var elsewhere = []struct{ like, why string }{
	{`^(SHOP=\S+ |FLOORWALKER_\S+ )?docker `, "needs Docker's daemon: TestImage builds the image's root as a folder and runs what is in it, TestComposeFits reads the compose file"},
	{`^make build image-root$`, "TestImage does"},
	{`^(systemctl|useradd|install) `, "needs root and a machine of its own: TestServiceUnit reads the unit"},
	{`^make (build|test)$`, "make test builds, and runs this test"},
	{`^go test |^make image-root$`, "takes long; TestDocumentsNameWhatIsThere looks whether all that it names is there"},
	{`^make quality$`, "takes minutes: make test runs the same test"},
	{`^floorwalker bench encode`, "measures the encoder, and these are typed without one: TestBenchEncode runs it"},
	{`make fine-tune$`, "needs PyTorch, 5 GB: make test-train tries what they run"},
	{`floorwalker models (pin|rollback)`, "would change what encoder this machine uses: TestATunedEncoderIsServed does it in a cache of its own"},
	{`^nats `, "TestNATSAsDocumented sends what is sent; TestNATSByItsOwnTool types all of them where the tool is installed"},
	{` go run ./docs/examples/messaging$`, "TestMessagingAsDocumented runs it, beside something that stands for the platform"},
	{`^go run ./docs/examples/repairs$`, "TestAProgramOfTheShopBooksRepairs runs it, and has a repair booked"},
	{`floorwalker completion (fish|zsh)`, "TestCompletionInTheShells has these shells"},
}

// programs are what a line of commands begins with, settings of the environment apart.
var programs = []string{"floorwalker", "bin/floorwalker", "make", "go", "cp", "python3", "docker", "nats", "curl", "tar", "mkdir", "source", "install", "useradd", "systemctl"}

var setting = regexp.MustCompile(`^([A-Z_]+=\S+ )+`)

func isCommand(line string) bool {
	word, _, _ := strings.Cut(setting.ReplaceAllString(strings.TrimSpace(line), ""), " ")
	return slices.Contains(programs, word)
}

// asTyped is a command that a document has people type, and what it shows below it, if anything.
type asTyped struct {
	line    string
	command string
	prints  []string
}

var (
	remark    = regexp.MustCompile(`\s+# .*$`)
	fence     = regexp.MustCompile("^```(\\w*)$")
	quoted    = regexp.MustCompile("`((?:bin/)?floorwalker [a-z]+ [^`]+|make [a-z-]+|go test [^`]+)`")
	standsFor = strings.NewReplacer("DIR", "shops/demo", "NAME", "cancel_order")
)

// commandsOf are those of a document, in order: in blocks of four spaces, and those between backticks that
// say more than a command's name. Fenced blocks of a shell are the matter of runDocument.
func commandsOf(text string) (all []asTyped) {
	inFence, block := "", []string(nil)
	end := func() {
		if len(block) > 0 && isCommand(block[0]) {
			for _, line := range block {
				if isCommand(line) {
					all = append(all, asTyped{line: line, command: remark.ReplaceAllString(line, "")})
				} else {
					all[len(all)-1].prints = append(all[len(all)-1].prints, line)
				}
			}
		}
		block = nil
	}
	for line := range strings.Lines(text) {
		line = strings.TrimRight(line, "\n")
		if m := fence.FindStringSubmatch(line); m != nil && (inFence == "" || m[1] == "") {
			end()
			if inFence == "" {
				inFence = "```"
			} else {
				inFence = ""
			}
			continue
		}
		if inFence != "" {
			continue
		}
		if code, ok := strings.CutPrefix(line, "    "); ok {
			block = append(block, code)
			continue
		}
		end()
		for _, m := range quoted.FindAllStringSubmatch(line, -1) {
			all = append(all, asTyped{line: m[0], command: standsFor.Replace(m[1])})
		}
	}
	end()
	return all
}

// pages are README.md and all of docs.
func pages(t *testing.T) map[string]string {
	t.Helper()
	names, err := filepath.Glob("../../docs/*.md")
	if err != nil || len(names) < 10 {
		t.Fatal(names, err)
	}
	all := map[string]string{}
	for _, name := range append(names, "../../README.md") {
		text, err := os.ReadFile(name)
		if err != nil {
			t.Fatal(err)
		}
		all[filepath.Base(name)] = string(text)
	}
	return all
}

// TestEveryCommandOfTheDocuments types every command of README.md and docs, each document's in its order, in a
// folder with what a clone has. What it shows below a command is in what was printed.
func TestEveryCommandOfTheDocuments(t *testing.T) {
	needShell(t)
	for _, program := range []string{"make", "python3", "zstd"} {
		if _, err := exec.LookPath(program); err != nil {
			t.Skipf("COMMANDS AREN'T TRIED: %v", err)
		}
	}
	fits, total := map[string]int{}, 0
	for name, text := range pages(t) {
		var here []asTyped
		for _, c := range commandsOf(text) {
			i := slices.IndexFunc(elsewhere, func(e struct{ like, why string }) bool { return regexp.MustCompile(e.like).MatchString(c.command) })
			if i >= 0 {
				fits[elsewhere[i].like]++
			} else {
				here = append(here, c)
			}
		}
		if total += len(here); len(here) > 0 {
			t.Run(name, func(t *testing.T) {
				t.Parallel()
				c := newClone(t, name)
				c.types(here)
				if _, err := os.Stat(filepath.Join(c.dir, "var/lib/restored/floorwalker.db")); name == "deploy.md" && err != nil {
					t.Errorf("what was backed up wasn't restored: %v", err)
				}
			})
		}
	}
	for _, e := range elsewhere {
		if fits[e.like] == 0 {
			t.Errorf("no document has a command like %q any more", e.like)
		}
	}
	if total < 40 {
		t.Errorf("only %d commands were found", total)
	}
}

// clone is a folder as a newcomer has it, and the server that runs beside what they type, if any.
type clone struct {
	t      *testing.T
	dir    string
	path   string // PATH, with a floorwalker
	server *server
}

func newClone(t *testing.T, document string) *clone {
	c := &clone{t: t, dir: t.TempDir(), path: installed(t)}
	for _, name := range []string{"shops/demo", "shops/generate", "docs/examples/repairs/shop", "docs/examples/entities"} {
		if err := os.CopyFS(filepath.Join(c.dir, name), os.DirFS(filepath.Join("../..", name))); err != nil {
			t.Fatal(err)
		}
	}
	for _, name := range []string{"bin", "backups", "tmp", "var/lib/floorwalker"} {
		if err := os.MkdirAll(filepath.Join(c.dir, name), 0o700); err != nil {
			t.Fatal(err)
		}
	}
	keepStories(t, filepath.Join(c.dir, "shops/demo/tests"))
	makefile, err := os.ReadFile("../../Makefile")
	if err != nil {
		t.Fatal(err)
	}
	write(t, filepath.Join(c.dir, "Makefile"), string(makefile))
	if err := os.Symlink(strings.SplitN(c.path, ":", 2)[0]+"/floorwalker", filepath.Join(c.dir, "bin/floorwalker")); err != nil {
		t.Fatal(err)
	}
	if document == "deploy.md" { // it is about a server that somebody else starts
		c.serve("floorwalker serve --shop shops/demo --data /var/lib/floorwalker")
	}
	return c
}

// keepStories leaves those that need no encoder, and not all of them: TestStories plays all.
func keepStories(t *testing.T, dir string) {
	t.Helper()
	all, err := os.ReadDir(dir)
	if err != nil {
		t.Fatal(err)
	}
	for _, f := range all {
		if f.Name() != "identity.en.txtar" {
			if err := os.Remove(filepath.Join(dir, f.Name())); err != nil {
				t.Fatal(err)
			}
		}
	}
}

func (c *clone) types(all []asTyped) {
	for _, one := range all {
		switch {
		case one.command == "make run": // what it runs once it has built
			c.serve(c.made("run"))
		case strings.Contains(one.command, "floorwalker serve") && !strings.Contains(one.command, "--help"):
			c.serve(one.command)
		default:
			out, err := c.shell(c.brief(one.command)).CombinedOutput()
			if err != nil {
				c.t.Errorf("%s: %v\n%s", one.line, err, out)
			}
			for _, shown := range one.prints {
				if !strings.Contains(string(out), shown) {
					c.t.Errorf("%s is said to print %q, and printed\n%s", one.line, shown, out)
				}
			}
		}
	}
	if c.server != nil {
		if code := c.server.stop(); code != 0 {
			c.t.Errorf("the server ended with %d", code)
		}
	}
}

// brief makes measurements short.
func (c *clone) brief(command string) string {
	for measured, less := range map[string]string{"floorwalker bench turns": " --seconds 1 --clients 2", "floorwalker bench sockets": " --seconds 1 --clients 100",
		"floorwalker bench encode": " --seconds 3"} {
		if strings.HasPrefix(command, measured) {
			return command + less
		}
	}
	return command
}

// shell has a command line ready, with the machine's folders and addresses replaced by those of the test.
func (c *clone) shell(command string) *exec.Cmd {
	command = strings.NewReplacer(" /var/", " "+c.dir+"/var/", " /backups", " "+c.dir+"/backups", " /tmp/", " "+c.dir+"/tmp/").Replace(command)
	if c.server != nil {
		command = strings.ReplaceAll(command, "127.0.0.1:8080", c.server.address)
	}
	ctx, cancel := context.WithTimeout(c.t.Context(), time.Minute)
	c.t.Cleanup(cancel)
	cmd := exec.CommandContext(ctx, "bash", "-euc", command)
	cmd.Dir = c.dir
	cmd.Env = append(os.Environ(), "PATH="+c.path, "FLOORWALKER_ENCODER_KIND=off", "FLOORWALKER_LOG_JSON=true",
		"FLOORWALKER_LISTEN=127.0.0.1:0", "FLOORWALKER_ADMIN_LISTEN=127.0.0.1:0",
		"MAKEFLAGS=", "MAKELEVEL=") // a make that runs this test is none of the document's
	return cmd
}

// made is the last command that a target of the Makefile carries out.
func (c *clone) made(target string) string {
	out, err := c.shell("make -n " + target).CombinedOutput()
	if err != nil {
		c.t.Fatalf("make %s: %v\n%s", target, err, out)
	}
	lines := strings.Split(strings.TrimSpace(string(out)), "\n")
	return lines[len(lines)-1]
}

var listens = regexp.MustCompile(`127\.0\.0\.1:(8080|8081|4222)`)

// serve starts the server of a command line, on free ports, in place of the one before.
func (c *clone) serve(command string) {
	if c.server != nil && c.server.stop() != 0 {
		c.t.Error("a server ended badly")
	}
	c.server = nil
	cmd := c.shell("exec " + envFirst(listens.ReplaceAllString(command, "127.0.0.1:0")))
	s, err := start(c.t, cmd)
	if err != nil {
		c.t.Fatalf("%s: %v", command, err)
	}
	c.server = s
}

// envFirst lets exec have settings before the program.
func envFirst(command string) string {
	if setting.MatchString(command) {
		return "env " + command
	}
	return command
}

// What documents name of Go's packages and tests, and of the Makefile, is there.
func TestDocumentsNameWhatIsThere(t *testing.T) {
	makefile, err := os.ReadFile("../../Makefile")
	if err != nil {
		t.Fatal(err)
	}
	pack, tests := regexp.MustCompile(` (\./\S+)`), regexp.MustCompile(`-run (\S+)`)
	for name, text := range pages(t) {
		for _, c := range commandsOf(text) {
			if target, ok := strings.CutPrefix(c.command, "make "); ok {
				for _, one := range strings.Fields(target) {
					if !strings.Contains(string(makefile), "\n"+one+":") {
						t.Errorf("%s: the Makefile has no %s", name, one)
					}
				}
			}
			if !strings.HasPrefix(c.command, "go test ") {
				continue
			}
			for _, p := range pack.FindAllStringSubmatch(c.command, -1) {
				files, err := filepath.Glob(filepath.Join("../..", strings.TrimSuffix(p[1], "/..."), "*_test.go"))
				if err != nil || len(files) == 0 {
					t.Errorf("%s: %s has no tests", name, p[1])
				}
				for _, m := range tests.FindAllStringSubmatch(c.command, -1) {
					if !slices.ContainsFunc(files, func(f string) bool { return hasTest(t, f, m[1]) }) {
						t.Errorf("%s: %s has no test %s", name, p[1], m[1])
					}
				}
			}
		}
	}
}

func hasTest(t *testing.T, file, name string) bool {
	text, err := os.ReadFile(file)
	if err != nil {
		t.Fatal(err)
	}
	return regexp.MustCompile(`(?m)^func Test\w*` + strings.TrimPrefix(name, "Test")).Match(text)
}

// What README.md has people say is a story, word for word and in its order, which TestStories plays.
func TestReadmesConversationIsAStory(t *testing.T) {
	stories, err := os.ReadFile(filepath.Join(demoShop, "tests/mixed.txtar"))
	if err != nil {
		t.Fatal(err)
	}
	_, story, _ := strings.Cut(string(stories), "-- what the README has people try --")
	_, block, _ := strings.Cut(pages(t)["README.md"], "one after the other:\n\n")
	block, _, _ = strings.Cut(block, "\n\n")
	lines := strings.Split(block, "\n")
	if len(lines) < 6 {
		t.Errorf("README.md has people say %q", lines)
	}
	for _, line := range lines {
		said := regexp.MustCompile(` {2,}[(（].*$`).ReplaceAllString(strings.TrimSpace(line), "")
		var found bool
		if _, story, found = strings.Cut(story, "\n> "+said+"\n"); !found {
			t.Errorf("%q is not said, or not then", said)
		}
	}
}
