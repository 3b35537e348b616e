package main

import (
	"errors"
	"fmt"
	"io"
	"net"
	"net/http"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"syscall"
	"testing"
	"time"

	"github.com/gorilla/websocket"
)

func TestTakenAddressIsToldAndNothingIsServed(t *testing.T) {
	taken, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	defer taken.Close()
	address := taken.Addr().String()
	for _, flag := range []string{"--listen", "--admin-listen"} {
		args := []string{"serve", "--shop", demoShop, "--data", t.TempDir(), "--encoder-kind", "off",
			"--listen", "127.0.0.1:0", "--admin-listen", "127.0.0.1:0", flag, address}
		r := floorwalker(t, "", args...)
		if r.code != 1 || !strings.Contains(r.err, address) || !strings.Contains(r.err, "choose another "+flag) || strings.Contains(r.err, "msg=serving") {
			t.Errorf("%s: exit %d\n%s", flag, r.code, r.err)
		}
	}
}

func TestServerIsReadyAndSignsIn(t *testing.T) {
	data := t.TempDir()
	s := serving(t, "--shop", demoShop, "--data", data, "--encoder-kind", "off")
	get := func(url string) (int, string) {
		response, err := http.Get(url)
		if err != nil {
			t.Fatal(err)
		}
		defer response.Body.Close()
		body, err := io.ReadAll(response.Body)
		if err != nil {
			t.Fatal(err)
		}
		return response.StatusCode, string(body)
	}
	if code, body := get("http://" + s.address + "/readyz"); code != http.StatusOK {
		t.Errorf("readyz: %d %s", code, body)
	}
	if code, body := get("http://" + s.address + "/shop.json"); code != http.StatusOK || !strings.Contains(body, `"id":"demo"`) {
		t.Errorf("shop.json: %d %s", code, body)
	}
	for _, path := range []string{"/metrics", "/debug/pprof/"} {
		if code, _ := get("http://" + s.address + path); code != http.StatusNotFound {
			t.Errorf("shoppers get %s: %d", path, code)
		}
	}
	token, err := os.ReadFile(filepath.Join(data, "admin.token"))
	if err != nil {
		t.Fatal(err)
	}
	if code, _ := get("http://" + s.people + "/metrics"); code != http.StatusUnauthorized {
		t.Errorf("metrics unsigned: %d", code)
	}
	metrics := fmt.Sprintf("http://any:%s@%s/metrics", strings.TrimSpace(string(token)), s.people)
	if code, body := get(metrics); code != http.StatusOK || !strings.Contains(body, "floorwalker_websocket_connections 0") {
		t.Errorf("metrics: %d %.200s", code, body)
	}
	if made, err := s.logs("sign in", strings.TrimSpace(string(token))); err != nil || made == "" {
		t.Error(err)
	}

	// A customer's token, as the shop's site signs it.
	r := floorwalker(t, "", "token", "C1001", "--data", data)
	c, err := dial(t.Context(), s.url(), map[string]any{"type": "hello", "shop": "demo", "token": strings.TrimSpace(r.out)})
	if err != nil {
		t.Fatal(err)
	}
	defer c.Close()
	if text := c.says(t, "m1", "Where is my order W10234?"); !strings.Contains(text, "W10234") || strings.Contains(text, "e-mail") {
		t.Errorf("whoever signed in at the shop is asked again: %q", text)
	}
	if code := s.stop(); code != 0 {
		t.Errorf("exit %d", code)
	}
}

// What was accepted when the server is told to stop is answered, by this process or the next.
func TestSIGTERMDrains(t *testing.T) {
	data := t.TempDir()
	s := serving(t, "--shop", demoShop, "--data", data, "--encoder-kind", "off")
	c, w, err := come(s.url(), map[string]any{})
	if err != nil {
		t.Fatal(err)
	}
	for i := range 20 {
		if err := c.WriteJSON(map[string]any{"type": "message", "id": fmt.Sprint("m", i), "text": "Do you have a kettle?"}); err != nil {
			t.Fatal(err)
		}
	}
	accepted := map[int64]bool{}
	for len(accepted) < 5 {
		f, err := read(c)
		if err != nil {
			t.Fatal(err)
		}
		if f.Type == "accepted" {
			accepted[f.Offset] = true
		}
	}
	if err := s.Process.Signal(syscall.SIGTERM); err != nil {
		t.Fatal(err)
	}
	for {
		f, err := read(c)
		if err == nil {
			if f.Type == "accepted" {
				accepted[f.Offset] = true
			}
			continue
		}
		var e *websocket.CloseError
		if !errors.As(err, &e) || e.Code != websocket.CloseGoingAway {
			t.Errorf("the connection ended with %v, want 1001", err)
		}
		break
	}
	if s.wait(); s.ProcessState.ExitCode() != 0 {
		text, _ := s.log()
		t.Errorf("exit %d\n%s", s.ProcessState.ExitCode(), text)
	}
	s = serving(t, "--shop", demoShop, "--data", data, "--encoder-kind", "off")
	c, _, err = come(s.url(), map[string]any{"conversation": w.Conversation, "secret": w.Secret})
	if err != nil {
		t.Fatal(err)
	}
	for answered := 0; answered < len(accepted); {
		f, err := read(c)
		if err != nil {
			t.Fatal(err)
		}
		for _, o := range f.InReplyTo {
			if accepted[o] {
				answered++
			}
		}
	}
}

func TestEditsAreTakenLiveAndBrokenOnesRefused(t *testing.T) {
	shop := demo(t)
	s := serving(t, "--shop", shop, "--data", t.TempDir(), "--encoder-kind", "off", "--limits-messages-per-minute", "1000")
	c := s.talking("demo")
	if err := os.MkdirAll(filepath.Join(shop, "replies"), 0o700); err != nil {
		t.Fatal(err)
	}
	file := filepath.Join(shop, "replies", "own.yaml")
	said := 0
	hello := func() string { said++; return c.says(t, fmt.Sprint("m", said), "Hello!") }
	if hello() == "Welcome to the lane!" {
		t.Fatal("it says so already")
	}
	write(t, file, "greeting:\n  en: Welcome to the lane!\n  zh: 欢迎光临！\n")
	if _, err := s.logs("shop reloaded"); err != nil {
		t.Fatal(err)
	}
	if text := hello(); text != "Welcome to the lane!" {
		t.Errorf("after the edit: %q", text)
	}
	write(t, file, "greeting:\n  en: \"Welcome to {the lane!\"\n  zh: 欢迎光临！\n")
	if _, err := s.logs("edit refused", "replies/own.yaml:2"); err != nil {
		t.Fatal(err)
	}
	if text := hello(); text != "Welcome to the lane!" {
		t.Errorf("after the broken edit: %q", text)
	}
	write(t, file, "greeting:\n  en: Come in!\n  zh: 请进！\n")
	for deadline := time.Now().Add(time.Minute); hello() != "Come in!"; {
		if _, err := s.logs("shop reloaded"); err != nil || time.Now().After(deadline) {
			t.Fatal("the edit that mends it isn't taken: ", err)
		}
		time.Sleep(200 * time.Millisecond)
	}
}

// A disk that is full refuses what is new, and with room again everything goes on.
func TestFullDisk(t *testing.T) {
	disk := t.TempDir()
	within := []string{"--user", "--map-root-user", "--mount", "sh", "-c"}
	if out, err := exec.Command("unshare", append(within, `mount -t tmpfs -o size=1m tmpfs "$1"`, "sh", disk)...).CombinedOutput(); err != nil {
		if os.Getenv("CI") != "" {
			t.Fatalf("a small disk can't be mounted: %v %s", err, out)
		}
		t.Skipf("A SMALL DISK CAN'T BE MOUNTED HERE, SO A FULL ONE ISN'T TRIED: %v %s", err, out)
	}
	shop := demo(t)
	for _, name := range []string{"activity.csv", "orders.jsonl"} { // a large import leaves room in the database's files
		if err := os.Remove(filepath.Join(shop, name)); err != nil {
			t.Fatal(err)
		}
	}
	c := command(t)
	c.Args = append(append([]string{"unshare"}, within...), `mount -t tmpfs -o size=24m tmpfs "$1" && shift && exec "$@"`, "sh", disk,
		c.Path, "serve", "--shop", shop, "--data", disk, "--encoder-kind", "off", "--listen", "127.0.0.1:0", "--admin-listen", "127.0.0.1:0", "--log-json")
	var err error
	if c.Path, err = exec.LookPath("unshare"); err != nil {
		t.Fatal(err)
	}
	s, err := start(t, c)
	if err != nil {
		t.Fatal(err)
	}
	conn, w, err := come(s.url(), map[string]any{})
	if err != nil {
		t.Fatal(err)
	}
	filler := filepath.Join("/proc", fmt.Sprint(s.Process.Pid), "root", disk, "filler")
	accepted := map[string]int64{}
	say := func(n int) (refused bool) {
		id := fmt.Sprint("m", n)
		if err := conn.WriteJSON(map[string]any{"type": "message", "id": id, "text": strings.Repeat("Hello there. ", 700)}); err != nil {
			t.Fatal(err)
		}
		for {
			f, err := read(conn)
			switch {
			case err != nil:
				t.Fatal(err)
			case f.Type == "accepted" && f.ID == id:
				accepted[id] = f.Offset
				return false
			case f.Type == "error" && f.ID == id:
				if f.Code != "unavailable" || f.RetryAfter <= 0 {
					t.Fatalf("got %s", f.raw)
				}
				return true
			}
		}
	}
	if say(0) {
		t.Fatal("refused with an empty disk")
	}
	fill(t, filler)
	n := 1
	for !say(n) { // what is left in the database's own files is used up first
		if n++; n == 50 {
			t.Fatal("the disk is full and everything is accepted")
		}
	}
	first := n
	if !say(n) {
		t.Error("it was accepted after all, on a full disk")
	}
	if err := os.Remove(filler); err != nil {
		t.Fatal(err)
	}
	if say(first) {
		t.Fatal("with room again it is still refused")
	}
	t.Logf("%d messages were accepted before the journal found the disk full", first)
	conn, _, err = come(s.url(), map[string]any{"conversation": w.Conversation, "secret": w.Secret})
	if err != nil {
		t.Fatal(err)
	}
	answered := map[int64]int{}
	for last := int64(0); len(answered) < len(accepted); {
		f, err := read(conn)
		if err != nil {
			t.Fatal(err)
		}
		if f.Type != "event" {
			continue
		}
		if f.Offset != last+1 {
			t.Fatalf("event %d after %d", f.Offset, last)
		}
		last = f.Offset
		if f.Kind == "utterance" && accepted[f.ID] != f.Offset {
			t.Errorf("%s is at %d, accepted at %d", f.ID, f.Offset, accepted[f.ID])
		}
		for _, o := range f.InReplyTo {
			if answered[o]++; answered[o] > 1 {
				t.Errorf("utterance %d has two replies", o)
			}
		}
	}
}

// fill writes to a file until the disk takes no more.
func fill(t *testing.T, name string) {
	t.Helper()
	f, err := os.Create(name)
	if err != nil {
		t.Fatal(err)
	}
	defer f.Close()
	for _, size := range []int{1 << 20, 1 << 12, 1} {
		for err = nil; err == nil; {
			_, err = f.Write(make([]byte, size))
		}
		if !errors.Is(err, syscall.ENOSPC) {
			t.Fatal(err)
		}
	}
}

// Who begins conversation after conversation is told to wait, on both channels that strangers reach; nobody
// else is.
func TestTooManyConversationsFromAnAddress(t *testing.T) {
	s := serving(t, "--shop", demoShop, "--data", t.TempDir(), "--encoder-kind", "off", "--limits-begun-per-minute", "2")
	begins := func(from string) (int, string) {
		t.Helper()
		r, err := http.NewRequestWithContext(t.Context(), http.MethodPost, "http://"+s.address+"/v1/conversations", strings.NewReader(`{"shop":"demo"}`))
		if err != nil {
			t.Fatal(err)
		}
		r.Header.Set("X-Forwarded-For", from)
		answer, err := http.DefaultClient.Do(r)
		if err != nil {
			t.Fatal(err)
		}
		defer answer.Body.Close()
		return answer.StatusCode, answer.Header.Get("Retry-After")
	}
	comes := func(from string) string {
		t.Helper()
		c, _, err := websocket.DefaultDialer.Dial(s.url(), http.Header{"X-Forwarded-For": {from}})
		if err != nil {
			t.Fatal(err)
		}
		defer c.Close()
		if err := c.WriteJSON(map[string]any{"type": "hello", "shop": "demo"}); err != nil {
			t.Fatal(err)
		}
		f, err := read(c)
		if err != nil {
			t.Fatal(err)
		}
		return string(f.raw)
	}
	if code, _ := begins("203.0.113.7"); code != http.StatusCreated {
		t.Errorf("the first: %d", code)
	}
	if got := comes("203.0.113.7"); !strings.Contains(got, "welcome") {
		t.Errorf("the second: %s", got)
	}
	if got := comes("203.0.113.7"); !strings.Contains(got, "rate_limited") || !strings.Contains(got, "retry_after_ms") {
		t.Errorf("the third: %s", got)
	}
	if code, wait := begins("203.0.113.7"); code != http.StatusTooManyRequests || wait == "" {
		t.Errorf("the fourth: %d, to come again after %q", code, wait)
	}
	if got := comes("203.0.113.8"); !strings.Contains(got, "welcome") {
		t.Errorf("somebody else: %s", got)
	}
}
