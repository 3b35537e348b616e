package main

import (
	"encoding/json"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/nats-io/nats.go/jetstream"
)

// chatter is a client that goes on asking until it is told to end.
type chatter struct {
	name     string
	place    heard            // the welcome
	mu       sync.Mutex       // guards accepted
	accepted map[string]int64 // id → offset
}

// run asks one thing after the other, each when the last was answered.
func (c *chatter) run(t *testing.T, url string, first chan<- struct{}, end <-chan struct{}) {
	ws, w, err := come(url, map[string]any{})
	if err != nil {
		t.Error(err)
		return
	}
	defer ws.Close()
	c.place = w
	for n := 0; ; n++ {
		select {
		case <-end:
			return
		default:
		}
		id := fmt.Sprintf("%s-%d", c.name, n)
		if err := ws.WriteJSON(map[string]any{"type": "message", "id": id, "text": "Do you have a kettle?"}); err != nil {
			t.Error(err)
			return
		}
		for offset, answered := int64(-1), false; !answered; {
			f, err := read(ws)
			if err != nil || f.Type == "error" {
				t.Error(err, string(f.raw))
				return
			}
			if f.Type == "accepted" {
				offset = f.Offset
				c.mu.Lock()
				c.accepted[id] = offset
				c.mu.Unlock()
			}
			answered = f.Kind == "reply" && slices.Contains(f.InReplyTo, offset)
		}
		if n == 0 {
			first <- struct{}{}
		}
	}
}

func (c *chatter) sofar() map[string]int64 {
	c.mu.Lock()
	defer c.mu.Unlock()
	all := map[string]int64{}
	for id, offset := range c.accepted {
		all[id] = offset
	}
	return all
}

// A backup is made while shoppers talk, and restored elsewhere: there, everything that was
// accepted before it is where it was, the records are those of that moment, the streams have
// what the journal has, and the conversations go on.
func TestBackupWhileShoppersTalk(t *testing.T) {
	data, out := t.TempDir(), filepath.Join(t.TempDir(), "shop.tar.zst")
	args := []string{"--shop", demoShop, "--encoder-kind", "off", "--nats-listen", "127.0.0.1:0", "--limits-messages-per-minute", "100000", "--data"}
	s := serving(t, append(args, data)...)
	before := exported(t, data, "orders")

	first, end := make(chan struct{}, 3), make(chan struct{})
	var talking sync.WaitGroup
	all := []*chatter{{name: "a"}, {name: "b"}, {name: "c"}}
	for _, c := range all {
		c.accepted = map[string]int64{}
		talking.Go(func() { c.run(t, s.url(), first, end) })
	}
	stop := sync.OnceFunc(func() { close(end); talking.Wait() })
	defer stop()
	canceller := s.talking("demo")
	canceller.says(t, "x1", "Please cancel my order W10228.")
	canceller.says(t, "x2", "Ruth Adler, 19147")
	canceller.says(t, "x3", "I ordered it by mistake")
	if told := canceller.says(t, "x4", "Yes, please."); !strings.Contains(told, "cancelled") {
		t.Fatal(told)
	}
	for range all {
		select {
		case <-first:
		case <-time.After(time.Minute):
			t.Fatal("nobody is answered")
		}
	}
	var had []map[string]int64
	for _, c := range all {
		had = append(had, c.sofar())
	}
	orders := exported(t, data, "orders")
	r := floorwalker(t, "", "backup", "--data", data, "--out", out, "--json")
	var made struct {
		Files   int
		Bytes   int64
		Packed  int64 `json:"packed_bytes"`
		Seconds float64
	}
	if err := json.Unmarshal([]byte(r.out), &made); err != nil || r.code != 0 {
		t.Fatalf("exit %d, %v\n%s%s", r.code, err, r.out, r.err)
	}
	t.Logf("%d files, %.1f MB, packed %.1f MB, in %.2f s", made.Files, megabytes(made.Bytes), megabytes(made.Packed), made.Seconds)
	if r := floorwalker(t, "", "restore", "--from", out, "--data", data, "--replace"); r.code != 1 || !strings.Contains(r.err, "stop the server") {
		t.Errorf("over a running server: exit %d, %s", r.code, r.err)
	}
	time.Sleep(200 * time.Millisecond) // the talk goes on past the backup: its clients know more than it
	stop()

	place := filepath.Join(t.TempDir(), "elsewhere")
	if r := floorwalker(t, "", "restore", "--from", out, "--data", place); r.code != 0 || !strings.Contains(r.out, "verified") {
		t.Fatalf("exit %d\n%s%s", r.code, r.out, r.err)
	}
	if now := exported(t, place, "orders"); !slices.Equal(now, orders) || slices.Equal(now, before) {
		t.Errorf("the orders aren't those of the backup")
	}
	for _, table := range []string{"products", "customers", "stock"} {
		if !slices.Equal(exported(t, place, table), exported(t, data, table)) {
			t.Errorf("the %s aren't those of the backup", table)
		}
	}
	again := serving(t, append(args, place)...)
	for i, c := range all {
		c.goesOn(t, again, had[i])
	}
	again.streams(t, all)
	if code := again.stop(); code != 0 {
		t.Errorf("exit %d", code)
	}
	token := func(dir string) string {
		text, err := os.ReadFile(filepath.Join(dir, "admin.token"))
		if err != nil {
			t.Fatal(err)
		}
		return string(text)
	}
	if token(place) != token(data) {
		t.Error("the token is another")
	}
}

// goesOn resumes a conversation where its client was, on a server that was restored to an
// earlier time, and says something more.
func (c *chatter) goesOn(t *testing.T, s *server, had map[string]int64) {
	t.Helper()
	var most int64
	for _, offset := range c.sofar() {
		most = max(most, offset)
	}
	ws, w, err := come(s.url(), map[string]any{"conversation": c.place.Conversation, "secret": c.place.Secret,
		"resume": map[string]any{"epoch": c.place.Epoch, "offset": most}})
	if err != nil {
		t.Fatal(err)
	}
	defer ws.Close()
	if w.Conversation != c.place.Conversation || !w.Reset || w.Epoch == c.place.Epoch {
		t.Errorf("%s: resumed with %s", c.name, w.raw)
	}
	offsets := map[string]int64{}
	for last := int64(0); last < w.Offset; {
		f, err := read(ws)
		if err != nil {
			t.Fatal(err)
		}
		if f.Type != "event" {
			continue
		}
		if f.Offset != last+1 {
			t.Errorf("%s: event %d after %d", c.name, f.Offset, last)
		}
		if last = f.Offset; f.Kind == "utterance" {
			offsets[f.ID] = f.Offset
		}
	}
	for id, offset := range had {
		if offsets[id] != offset {
			t.Errorf("%s: %s was accepted at %d before the backup, and is at %d after it", c.name, id, offset, offsets[id])
		}
	}
	again := &talk{ws: ws}
	if told := again.says(t, "afterwards", "Do you have a kettle?"); told == "" {
		t.Errorf("%s: nothing is answered", c.name)
	}
}

// streams waits until the stream has every event of the conversations' journals.
func (s *server) streams(t *testing.T, all []*chatter) {
	t.Helper()
	nc := s.nats()
	defer nc.Close()
	js, err := jetstream.New(nc)
	if err != nil {
		t.Fatal(err)
	}
	for _, c := range all {
		_, w, err := come(s.url(), map[string]any{"conversation": c.place.Conversation, "secret": c.place.Secret})
		if err != nil {
			t.Fatal(err)
		}
		read, err := js.OrderedConsumer(t.Context(), "floorwalker-demo", jetstream.OrderedConsumerConfig{
			FilterSubjects: []string{"floorwalker.demo.conversation." + c.place.Conversation}})
		if err != nil {
			t.Fatal(err)
		}
		seen := map[int64]bool{}
		for last := (heard{}); last.Epoch != w.Epoch || last.Offset < w.Offset; {
			m, err := read.Next(jetstream.FetchMaxWait(30 * time.Second))
			if err != nil {
				t.Fatalf("%s: the stream ends at %d in epoch %s, the journal at %d in %s: %v", c.name, last.Offset, last.Epoch, w.Offset, w.Epoch, err)
			}
			last = heard{}
			if err := json.Unmarshal(m.Data(), &last); err != nil {
				t.Fatal(err)
			}
			seen[last.Offset] = true
		}
		for offset := int64(1); offset <= w.Offset; offset++ {
			if !seen[offset] {
				t.Errorf("%s: event %d isn't on the stream", c.name, offset)
			}
		}
	}
}

// A disk that is full is told clearly and nothing stays on it, of a backup or of a restore.
func TestBackupOnAFullDisk(t *testing.T) {
	data, disk, out := t.TempDir(), t.TempDir(), filepath.Join(t.TempDir(), "b")
	if r := floorwalker(t, "", "import", "--shop", demoShop, "--data", data); r.code != 0 {
		t.Fatal(r.err)
	}
	if r := floorwalker(t, "", "backup", "--data", data, "--out", out); r.code != 0 {
		t.Fatal(r.err)
	}
	for name, args := range map[string][]string{
		"backup":  {"backup", "--data", data, "--out", filepath.Join(disk, "b")},
		"restore": {"restore", "--from", out, "--data", filepath.Join(disk, "data")},
	} {
		t.Run(name, func(t *testing.T) {
			small := `mount -t tmpfs -o size=256k disk "$1" || exit 77; shift; "$@"; code=$?; ls -A "$0"; exit $code`
			c := command(t)
			c.Path, c.Args = "/usr/bin/unshare", append([]string{"unshare", "--map-root-user", "--mount", "sh", "-c", small, disk, disk, os.Args[0]}, args...)
			if _, err := exec.LookPath(c.Path); err != nil {
				t.Skip("SKIPPED, no unshare here to make a small disk with")
			}
			var told, left strings.Builder
			c.Stderr, c.Stdout, c.Err = &told, &left, nil
			err := c.Run()
			code := c.ProcessState.ExitCode()
			if code == 77 || strings.Contains(told.String(), "unshare:") {
				t.Skipf("SKIPPED, no small disk can be made here: %s", told.String())
			}
			if code != 1 || !strings.Contains(told.String(), "disk full") || left.Len() > 0 {
				t.Errorf("exit %d (%v), left %q\n%s", code, err, left.String(), told.String())
			}
		})
	}
}

func TestBackupOfNothing(t *testing.T) {
	empty := t.TempDir()
	if r := floorwalker(t, "", "backup", "--data", empty, "--out", filepath.Join(t.TempDir(), "b")); r.code != 1 || !strings.Contains(r.err, empty) {
		t.Errorf("exit %d, %s", r.code, r.err)
	}
	if err := os.Mkdir(filepath.Join(empty, ".restoring"), 0o700); err != nil {
		t.Fatal(err)
	}
	r := floorwalker(t, "", "serve", "--shop", demoShop, "--data", empty, "--encoder-kind", "off")
	if _, err := os.Stat(filepath.Join(empty, "floorwalker.db")); err == nil || r.code != 1 || !strings.Contains(r.err, "restore") {
		t.Errorf("a server where a restore was cut: exit %d, %s", r.code, r.err)
	}
}
