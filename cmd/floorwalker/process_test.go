package main

import (
	"bufio"
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"io"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"
	"sync"
	"syscall"
	"testing"
	"time"
)

// lexical is a cache folder without models, for commands that aren't to load the encoder: what
// is learned of intents is kept there for all tests.
var lexical string

// TestMain makes the test binary a floorwalker where a test starts it as one.
func TestMain(m *testing.M) {
	if os.Getenv("FLOORWALKER_TEST_MAIN") != "" {
		main()
	}
	var err error
	if lexical, err = os.MkdirTemp("", "floorwalker-cache-"); err != nil {
		panic(err)
	}
	code := m.Run()
	os.RemoveAll(lexical)
	os.Exit(code)
}

// command is a floorwalker process that is to be started.
func command(t testing.TB, args ...string) *exec.Cmd {
	t.Helper()
	c := exec.Command(os.Args[0], args...)
	c.Env = append(os.Environ(), "FLOORWALKER_TEST_MAIN=1", "FLOORWALKER_CACHE="+lexical)
	return c
}

// result is what a command came to.
type result struct {
	code     int
	out, err string
}

// floorwalker carries out a command line within this process.
func floorwalker(t testing.TB, in string, args ...string) result {
	t.Helper()
	before := os.Getenv("FLOORWALKER_CACHE")
	os.Setenv("FLOORWALKER_CACHE", lexical)
	defer os.Setenv("FLOORWALKER_CACHE", before)
	var out, err bytes.Buffer
	code := run(t.Context(), args, streams{strings.NewReader(in), &out, &err})
	return result{code, out.String(), err.String()}
}

// server is a `serve` process.
type server struct {
	*exec.Cmd
	t       testing.TB
	address string // of the shoppers' listener
	people  string // of the shop's

	mu     sync.Mutex
	logged bytes.Buffer
	news   chan struct{} // closed and made anew with each line of the log
	ended  chan error    // what Wait returned, once
}

// serving starts a server on free ports and waits until it serves.
func serving(t testing.TB, args ...string) *server {
	t.Helper()
	s, err := start(t, command(t, append([]string{"serve", "--listen", "127.0.0.1:0", "--admin-listen", "127.0.0.1:0", "--log-json"}, args...)...))
	if err != nil {
		t.Fatal(err)
	}
	return s
}

func start(t testing.TB, c *exec.Cmd) (*server, error) {
	s := &server{Cmd: c, t: t, news: make(chan struct{}), ended: make(chan error, 1)}
	log, err := c.StderrPipe()
	if err != nil {
		return nil, err
	}
	if err := c.Start(); err != nil {
		return nil, err
	}
	t.Cleanup(func() { c.Process.Kill() })
	s.reads(log)
	line, err := s.logs(`"msg":"serving"`)
	if err != nil {
		return nil, err
	}
	var told struct{ Shoppers, People string }
	if err := json.Unmarshal([]byte(line), &told); err != nil {
		return nil, err
	}
	s.address, s.people = strings.TrimPrefix(told.Shoppers, "http://"), strings.TrimPrefix(told.People, "http://")
	return s, nil
}

// reads keeps what is logged, until the process ends.
func (s *server) reads(log io.Reader) {
	go func() {
		for lines := bufio.NewScanner(log); lines.Scan(); {
			s.note(lines.Text())
		}
		s.ended <- s.Wait()
		s.note("") // wakes who waits
	}()
}

func (s *server) note(line string) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.logged.WriteString(line + "\n")
	close(s.news)
	s.news = make(chan struct{})
}

func (s *server) log() (string, chan struct{}) {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.logged.String(), s.news
}

// logs waits for a line of the log that has all the words.
func (s *server) logs(words ...string) (string, error) {
	patience := time.After(time.Minute)
	for {
		text, news := s.log()
		for line := range strings.Lines(text) {
			if !slices.ContainsFunc(words, func(w string) bool { return !strings.Contains(line, w) }) {
				return line, nil
			}
		}
		select {
		case err := <-s.ended:
			s.ended <- err
			text, _ := s.log()
			return "", errors.Join(errors.New("the server ended; its log:\n"+text), err)
		case <-patience:
			return "", errors.New("nothing was logged of " + strings.Join(words, ", ") + ":\n" + text)
		case <-news:
		}
	}
}

// stop ends the server as an operator does, and returns its exit code.
func (s *server) stop() int {
	s.t.Helper()
	if err := s.Process.Signal(syscall.SIGTERM); err != nil {
		s.t.Fatal(err)
	}
	s.wait()
	return s.ProcessState.ExitCode()
}

// kill ends it as nobody should.
func (s *server) kill() {
	s.Process.Kill()
	s.wait()
}

func (s *server) wait() {
	s.t.Helper()
	select {
	case err := <-s.ended:
		s.ended <- err
	case <-time.After(time.Minute):
		text, _ := s.log()
		s.t.Fatal("the server doesn't end:\n", text)
	}
}

func (s *server) url() string { return "ws://" + s.address + "/v1/chat" }

// demo copies the demo shop, for tests that edit it.
func demo(t testing.TB) string {
	t.Helper()
	dir := filepath.Join(t.TempDir(), "demo")
	if err := os.CopyFS(dir, os.DirFS("../../shops/demo")); err != nil {
		t.Fatal(err)
	}
	return dir
}

// talking connects to a server, as chat does.
func (s *server) talking(shop string) *talk {
	s.t.Helper()
	c, err := dial(context.Background(), s.url(), map[string]any{"type": "hello", "shop": shop})
	if err != nil {
		s.t.Fatal(err)
	}
	s.t.Cleanup(func() { c.Close() })
	return c
}

// says says something and returns the text of its reply.
func (t *talk) says(tb testing.TB, id, text string) string {
	tb.Helper()
	if err := t.ws.WriteJSON(map[string]any{"type": "message", "id": id, "text": text}); err != nil {
		tb.Fatal(err)
	}
	t.ws.SetReadDeadline(time.Now().Add(time.Minute))
	var offset int64
	for {
		f, err := t.receive()
		switch {
		case err != nil:
			tb.Fatal(err)
		case f.Type == "error":
			tb.Fatalf("%s", f.raw)
		case f.Type == "accepted" && f.ID == id:
			offset = f.Offset
		case f.Kind == "reply" && slices.Contains(f.InReplyTo, offset):
			return f.Text
		}
	}
}

func write(t testing.TB, name, text string) string {
	t.Helper()
	if err := os.WriteFile(name, []byte(text), 0o600); err != nil {
		t.Fatal(err)
	}
	return name
}
