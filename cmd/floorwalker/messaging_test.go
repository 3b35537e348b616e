package main

import (
	"bytes"
	"crypto/hmac"
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"fmt"
	"net"
	"net/http"
	"net/http/httptest"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"
)

// platform stands for the messaging platform: it takes texts, and has what it was told to have go wrong.
type platform struct {
	*httptest.Server
	mu    sync.Mutex
	sent  map[string][]string           // by number, what went out; a template is [template NAME]
	fails map[string][]http.HandlerFunc // by number, how it answers first
	news  chan struct{}                 // closed and made anew with each request
}

func newPlatform(t *testing.T) *platform {
	p := &platform{sent: map[string][]string{}, fails: map[string][]http.HandlerFunc{}, news: make(chan struct{})}
	p.Server = httptest.NewServer(http.HandlerFunc(p.take))
	t.Cleanup(p.Close)
	return p
}

func (p *platform) take(w http.ResponseWriter, r *http.Request) {
	var m struct {
		To       string
		Text     struct{ Body string }
		Template struct{ Name string }
	}
	err := json.NewDecoder(r.Body).Decode(&m)
	if err != nil || r.URL.Path != "/106540352242922/messages" || r.Header.Get("Authorization") != "Bearer what-the-platform-gave-you" {
		http.Error(w, "not as the platform wants it", http.StatusBadRequest)
		return
	}
	p.mu.Lock()
	defer p.mu.Unlock()
	defer func() { close(p.news); p.news = make(chan struct{}) }()
	if fails := p.fails[m.To]; len(fails) > 0 && m.Template.Name == "" {
		p.fails[m.To] = fails[1:]
		fails[0](w, r)
		return
	}
	if m.Template.Name != "" {
		m.Text.Body = "[template " + m.Template.Name + "]"
	}
	p.sent[m.To] = append(p.sent[m.To], m.Text.Body)
	fmt.Fprintf(w, `{"messages":[{"id":"wamid.%s.%d"}]}`, m.To, len(p.sent[m.To]))
}

// failing has the next texts to a number answered in these ways.
func (p *platform) failing(to string, ways ...http.HandlerFunc) {
	p.mu.Lock()
	defer p.mu.Unlock()
	p.fails[to] = ways
}

// pending is how many of those ways are left.
func (p *platform) pending(to string) int {
	p.mu.Lock()
	defer p.mu.Unlock()
	return len(p.fails[to])
}

// got waits until a number got so many texts, and returns them.
func (p *platform) got(t *testing.T, to string, n int) []string {
	t.Helper()
	for late := time.After(time.Minute); ; {
		p.mu.Lock()
		sent, news := slices.Clone(p.sent[to]), p.news
		p.mu.Unlock()
		if len(sent) >= n {
			return sent
		}
		select {
		case <-news:
		case <-late:
			t.Fatalf("%s got %q, want %d texts", to, sent, n)
		}
	}
}

func answers(status int, body string) http.HandlerFunc {
	return func(w http.ResponseWriter, _ *http.Request) { w.WriteHeader(status); w.Write([]byte(body)) }
}

var windowClosed = answers(http.StatusBadRequest, `{"error":{"code":131047,"message":"Re-engagement message"}}`)

// gateway is the example, as a process that the platform calls.
type gateway struct {
	t       *testing.T
	command []string // as docs/messaging.md has it: variables, and what is started
	binary  string
	address string
	process *server
}

// documented are the command lines of docs/messaging.md that start something.
func documented(t *testing.T, with string) []string {
	t.Helper()
	text, err := os.ReadFile("../../docs/messaging.md")
	if err != nil {
		t.Fatal(err)
	}
	for line := range strings.Lines(string(text)) {
		if command, ok := strings.CutPrefix(line, "    "); ok && strings.Contains(command, with) {
			return strings.Fields(command)
		}
	}
	t.Fatalf("docs/messaging.md doesn't tell how to start %s", with)
	return nil
}

// build builds what `go run` runs.
func (g *gateway) build() {
	g.t.Helper()
	g.binary = filepath.Join(g.t.TempDir(), "messaging")
	build := exec.Command("go", "build", "-o", g.binary, g.command[len(g.command)-1])
	build.Dir = "../.."
	if out, err := build.CombinedOutput(); err != nil {
		g.t.Fatalf("%v: %s", err, out)
	}
}

// open starts it with the documented variables and these, and waits until it listens.
func (g *gateway) open(variables ...string) {
	g.t.Helper()
	c := exec.Command(g.binary)
	c.Env = append(append(os.Environ(), g.command[:len(g.command)-3]...), variables...)
	s := &server{Cmd: c, t: g.t, news: make(chan struct{}), ended: make(chan error, 1)}
	log, err := c.StderrPipe()
	if err != nil {
		g.t.Fatal(err)
	}
	if err := c.Start(); err != nil {
		g.t.Fatal(err)
	}
	g.t.Cleanup(func() { c.Process.Kill() })
	s.reads(log)
	g.process = s
	line, err := s.logs(`"msg":"listening"`)
	if err != nil {
		g.t.Fatal(err)
	}
	var told struct{ Address string }
	if err := json.Unmarshal([]byte(line), &told); err != nil {
		g.t.Fatal(err)
	}
	g.address = told.Address
	g.t.Cleanup(func() {
		if text, _ := s.log(); g.t.Failed() {
			g.t.Log(text)
		}
	})
}

// kill ends it as nobody should, stop as an operator does.
func (g *gateway) kill() {
	g.t.Helper()
	g.process.kill()
}

func (g *gateway) stop() {
	g.t.Helper()
	if code := g.process.stop(); code != 0 {
		g.t.Errorf("the gateway ends with exit code %d", code)
	}
}

// delivers posts messages or statuses, signed, and returns the status.
func (g *gateway) delivers(kind string, items ...string) int {
	g.t.Helper()
	body := fmt.Appendf(nil, `{"entry":[{"changes":[{"value":{"metadata":{"phone_number_id":"106540352242922"},%q:[%s]}}]}]}`, kind, strings.Join(items, ","))
	mac := hmac.New(sha256.New, []byte("choose-a-long-secret"))
	mac.Write(body)
	r, err := http.NewRequest(http.MethodPost, "http://"+g.address+"/webhook", bytes.NewReader(body))
	if err != nil {
		g.t.Fatal(err)
	}
	r.Header.Set("X-Hub-Signature-256", "sha256="+hex.EncodeToString(mac.Sum(nil)))
	answer, err := http.DefaultClient.Do(r)
	if err != nil {
		g.t.Fatal(err)
	}
	answer.Body.Close()
	return answer.StatusCode
}

func wrote(from, id, text string) string {
	return fmt.Sprintf(`{"from":%q,"id":%q,"type":"text","text":{"body":%q}}`, from, id, text)
}

// writes delivers messages that must be taken.
func (g *gateway) writes(messages ...string) {
	g.t.Helper()
	if status := g.delivers("messages", messages...); status != http.StatusOK {
		g.t.Fatalf("a delivery is answered %d", status)
	}
}

const kettle, kettles = "How much is the Rapid Electric Kettle in steel?", "$39.90"

// TestMessagingAsDocumented types what docs/messaging.md has people type, and has go wrong what it
// says may: against a real server, and something that stands for the platform.
func TestMessagingAsDocumented(t *testing.T) {
	needShell(t)
	for _, program := range []string{"go", "openssl"} {
		if _, err := exec.LookPath(program); err != nil {
			t.Skipf("COMMANDS AREN'T TRIED: %v", err)
		}
	}
	p := newPlatform(t)
	port, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	bus := port.Addr().String()
	port.Close()
	data := t.TempDir()
	serve := append(documented(t, "floorwalker serve")[2:], "--shop", demoShop, "--data", data, "--encoder-kind", "off")
	for i := range serve {
		serve[i] = strings.Replace(serve[i], "127.0.0.1:4222", bus, 1)
	}
	s := serving(t, serve...)
	g := &gateway{t: t, command: documented(t, "go run")}
	g.build()
	around := []string{"LISTEN=127.0.0.1:0", "NATS_URL=nats://" + bus, "GRAPH_URL=" + p.URL}
	g.open(around...)

	runDocument(t, "messaging.md", "127.0.0.1:9090", g.address)
	text, err := os.ReadFile("../../docs/messaging.md")
	if err != nil {
		t.Fatal(err)
	}
	shown := regexp.MustCompile(`(?s)and the shopper gets\n\n(.*?)\n\n`).FindStringSubmatch(string(text))[1]
	if got := p.got(t, "15035550117", 1)[0]; got != strings.ReplaceAll(shown[4:], "\n    ", "\n") {
		t.Errorf("the shopper gets %q, documented is %q", got, shown)
	}
	t.Run("a number typed back picks a choice", func(t *testing.T) {
		g.writes(wrote("15035550117", "wamid.A2", "１"))
		if got := p.got(t, "15035550117", 2)[1]; !strings.HasPrefix(got, "Harbor Stoneware Mug costs $12.90.\n• Harbor Stoneware Mug · 12.90 USD") {
			t.Errorf("got %q", got)
		}
	})
	t.Run("what comes twice, and a burst, are answered once", func(t *testing.T) {
		for range 2 {
			g.writes(wrote("101", "wamid.B1", "cancel"), wrote("101", "wamid.B2", "W10231"))
			g.writes(wrote("101", "wamid.B3", "Daniel Reyes 78704"))
		}
		p.got(t, "101", 1)
		g.writes(wrote("101", "wamid.B4", "never mind"), wrote("101", "wamid.B3", "Daniel Reyes 78704"))
		p.got(t, "101", 2)
		g.writes(wrote("101", "wamid.B5", kettle))
		if got := p.got(t, "101", 3); len(got) != 3 || !strings.Contains(got[0], "2) Ordered by mistake") || !strings.Contains(got[2], kettles) {
			t.Errorf("got %q", got)
		}
	})
	t.Run("pictures", func(t *testing.T) {
		g.writes(`{"from":"102","id":"wamid.C1","type":"image","image":{"id":"1"}}`, `{"from":"102","id":"wamid.C2","type":"reaction"}`)
		g.writes(fmt.Sprintf(`{"from":"102","id":"wamid.C3","type":"image","image":{"id":"1","caption":%q}}`, kettle))
		if got := p.got(t, "102", 2); !strings.Contains(got[0], "text only") || !strings.Contains(got[1], kettles) {
			t.Errorf("got %q", got)
		}
	})
	t.Run("a platform that is busy or broken is tried again", func(t *testing.T) {
		p.failing("103", answers(429, `{}`), answers(500, ``), answers(400, `{"error":{"code":131056}}`))
		g.writes(wrote("103", "wamid.D1", kettle))
		if got := p.got(t, "103", 1); !strings.Contains(got[0], kettles) {
			t.Errorf("got %q", got)
		}
	})
	t.Run("each one's order is kept, and nobody waits for somebody else", func(t *testing.T) {
		p.failing("111", func(w http.ResponseWriter, _ *http.Request) {
			w.Header().Set("Retry-After", "1")
			w.WriteHeader(http.StatusTooManyRequests)
		})
		g.writes(wrote("111", "wamid.K1", kettle))
		for p.pending("111") > 0 {
			time.Sleep(10 * time.Millisecond)
		}
		g.writes(wrote("111", "wamid.K2", "Do you sell kettles?"), wrote("112", "wamid.K3", kettle))
		p.got(t, "112", 1)
		if early := p.got(t, "111", 0); len(early) > 0 {
			t.Errorf("the platform said when to come again, and got %q before", early)
		}
		if got := p.got(t, "111", 2); !strings.Contains(got[0], kettles) || !strings.Contains(got[1], "found") {
			t.Errorf("got %q", got)
		}
	})
	t.Run("a person at the desk", func(t *testing.T) {
		mei := sitDown(t, s, data, "Mei")
		g.writes(wrote("113", "wamid.L1", "I want to talk to a human being"))
		p.got(t, "113", 1)
		nc := s.nats()
		defer nc.Close()
		r, err := nc.Request("floorwalker.demo.say", []byte(`{"channel":"whatsapp","sender":"113","id":"another-program","text":"Hello?"}`), answerWait)
		if err != nil {
			t.Fatal(err)
		}
		var said receipt
		if err := json.Unmarshal(r.Data, &said); err != nil {
			t.Fatal(err)
		}
		talk := "conversations/" + said.Conversation + "/"
		if code, body := mei.does(talk+"take", nil); code != http.StatusOK {
			t.Fatalf("%d %s", code, body)
		}
		if code, body := mei.does(talk+"message", map[string]any{"id": "a1", "text": "This is Mei. How many do you need?"}); code >= 300 {
			t.Fatalf("%d %s", code, body)
		}
		if got := p.got(t, "113", 2); got[1] != "This is Mei. How many do you need?" {
			t.Errorf("got %q", got)
		}
	})
	t.Run("a text that is refused keeps back nothing", func(t *testing.T) {
		p.failing("104", answers(400, `{"error":{"code":131026,"message":"undeliverable"}}`))
		g.writes(wrote("104", "wamid.E1", "Do you sell kettles?"))
		for p.pending("104") > 0 {
			time.Sleep(10 * time.Millisecond)
		}
		g.writes(wrote("104", "wamid.E2", kettle))
		if got := p.got(t, "104", 1); !strings.Contains(got[0], kettles) {
			t.Errorf("got %q", got)
		}
	})
	held := func(t *testing.T, number string, before int) {
		t.Helper()
		g.writes(wrote(number, "wamid."+number+".late", kettle))
		got := p.got(t, number, before+3)[before:]
		if got[0] != "[template answer_ready]" || !strings.Contains(got[1], "found") || !strings.Contains(got[2], kettles) || len(got) != 3 {
			t.Errorf("got %q", got)
		}
	}
	t.Run("a closed window: the template, and what was held later", func(t *testing.T) {
		p.failing("105", windowClosed)
		g.writes(wrote("105", "wamid.F1", "Do you sell kettles?"))
		p.got(t, "105", 1)
		held(t, "105", 0)
	})
	t.Run("a closed window that a status tells of", func(t *testing.T) {
		g.writes(wrote("106", "wamid.G1", "Do you sell kettles?"))
		p.got(t, "106", 1)
		status := `{"id":"wamid.106.1","recipient_id":"106","status":"failed","errors":[{"code":131047}]}`
		for range 2 {
			if code := g.delivers("statuses", status, `{"id":"wamid.101.1","recipient_id":"101","status":"delivered"}`); code != http.StatusOK {
				t.Errorf("a status is answered %d", code)
			}
		}
		p.got(t, "106", 2)
		held(t, "106", 1)
	})
	t.Run("the gateway dies with texts unsent, and the window has closed when it is back", func(t *testing.T) {
		down := answers(503, ``)
		p.failing("107", down, down, down, down, down, down, down, down, down, down)
		p.failing("108", down, down, down, down, down, down, down, down, down, down)
		g.writes(wrote("107", "wamid.H1", kettle), wrote("108", "wamid.I1", "Do you sell kettles?"))
		for p.pending("107") == 10 || p.pending("108") == 10 {
			time.Sleep(10 * time.Millisecond)
		}
		for i, text := range []string{kettle, "Do you sell kettles?"} { // what others got meanwhile they don't get again
			g.writes(wrote("114", fmt.Sprintf("wamid.M%d", i), text))
			p.got(t, "114", i+1)
		}
		g.kill()
		p.failing("107")
		g.open(around...)
		if got := p.got(t, "107", 1); !strings.Contains(got[0], kettles) {
			t.Errorf("got %q", got)
		}
		g.stop()
		p.failing("108")
		g.open(append(around, "WINDOW=1ms")...)
		p.got(t, "108", 1)
		g.stop()
		g.open(around...)
		held(t, "108", 0)
	})
	t.Run("nothing is lost when Floorwalker dies", func(t *testing.T) {
		s.kill()
		if code := g.delivers("messages", wrote("109", "wamid.J1", kettle)); code != http.StatusServiceUnavailable {
			t.Errorf("a delivery that isn't kept is answered %d", code)
		}
		s = serving(g.t, serve...)
		for g.delivers("messages", wrote("109", "wamid.J1", kettle)) != http.StatusOK { // as the platform does
			time.Sleep(100 * time.Millisecond)
		}
		p.got(t, "109", 1)
		g.writes(wrote("109", "wamid.J1", kettle), wrote("109", "wamid.J2", "Do you sell kettles?"))
		if got := p.got(t, "109", 2); !strings.Contains(got[0], kettles) || !strings.Contains(got[1], "found") || len(got) != 2 {
			t.Errorf("got %q", got)
		}
	})
	for number, want := range map[string]int{"101": 3, "103": 1, "105": 3, "106": 4, "107": 1, "108": 3, "109": 2, "113": 2} {
		if got := p.got(t, number, want); len(got) != want {
			t.Errorf("%s got %d texts in all, want %d: %q", number, len(got), want, got)
		}
	}
	// The kill may have come before the last text was noted, and never before the first.
	if got := strings.Join(p.got(t, "114", 2), "\n"); strings.Count(got, "steel") != 1 {
		t.Errorf("what was sent is sent again: %q", got)
	}
	if code := s.stop(); code != 0 {
		t.Errorf("exit %d", code)
	}
}
