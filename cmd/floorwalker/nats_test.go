package main

import (
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"strings"
	"testing"
	"time"

	"github.com/nats-io/nats.go"
	"github.com/nats-io/nats.go/jetstream"
)

// request is a command of docs/nats.md that sends something.
var request = regexp.MustCompile(`(?m)^    nats (req|pub) (?:--timeout \S+ )?(?:-H (\S+?):(\S+) )?(\S+) '(.*)'$`)

// What docs/nats.md sends is sent, to the demo shop, and comes to what it says.
func TestNATSAsDocumented(t *testing.T) {
	text, err := os.ReadFile("../../docs/nats.md")
	if err != nil {
		t.Fatal(err)
	}
	s := serving(t, "--shop", demoShop, "--data", t.TempDir(), "--encoder-kind", "off", "--nats-listen", "127.0.0.1:0")
	nc := s.nats()
	defer nc.Close()
	answers := map[string]string{}
	for _, c := range request.FindAllStringSubmatch(string(text), -1) {
		m := nats.NewMsg(c[4])
		if m.Data = []byte(c[5]); c[2] != "" {
			m.Header.Set(c[2], c[3])
		}
		if c[1] == "pub" {
			if err := nc.PublishMsg(m); err != nil {
				t.Error(err)
			}
			continue
		}
		r, err := nc.RequestMsg(m, 40*time.Second)
		if err != nil {
			t.Fatalf("%s: %v", c[0], err)
		}
		if why := r.Header.Get("Nats-Service-Error"); why != "" {
			t.Errorf("%s: %s", c[0], why)
		}
		answers[c[4]] += string(r.Data)
	}
	for subject, want := range map[string][]string{
		"say":        {`"accepted":1,`, `"kind":"reply"`, "W10234"},
		"ask.order":  {`"status":"pending"`, "Your order W10234", "您的订单 W10234"},
		"ask.stock":  {`"available":true,"stock":`},
		"ask.search": {`"product":"flask-trail"`, `"kind":"price"`},
		"activity":   {`"result":"added"`},
		"change":     {`"result":"updated"`},
	} {
		for _, w := range want {
			if got := answers["floorwalker.demo."+subject]; !strings.Contains(got, w) {
				t.Errorf("%s: %s, want %s", subject, got, w)
			}
		}
	}
	js, err := jetstream.New(nc)
	if err != nil {
		t.Fatal(err)
	}
	for stream, least := range map[string]uint64{"floorwalker-demo": 5, "floorwalker-demo-dead": 1} {
		for end := time.Now().Add(time.Minute); ; time.Sleep(20 * time.Millisecond) {
			s, err := js.Stream(t.Context(), stream)
			if err != nil {
				t.Fatal(err)
			}
			if n := s.CachedInfo().State.Msgs; n >= least {
				break
			} else if time.Now().After(end) {
				t.Fatalf("stream %s has %d messages, want %d", stream, n, least)
			}
		}
	}
	if code := s.stop(); code != 0 {
		t.Errorf("exit %d", code)
	}
}

// The commands of docs/nats.md are typed with the tool that they are of, where it is installed.
func TestNATSByItsOwnTool(t *testing.T) {
	for _, program := range []string{"nats", "timeout"} {
		if _, err := exec.LookPath(program); err != nil {
			t.Skipf("COMMANDS AREN'T TRIED: %v", err)
		}
	}
	text, err := os.ReadFile("../../docs/nats.md")
	if err != nil {
		t.Fatal(err)
	}
	s := serving(t, "--shop", demoShop, "--data", t.TempDir(), "--encoder-kind", "off", "--nats-listen", "127.0.0.1:0")
	done := 0
	for _, c := range commandsOf(string(text)) {
		if !strings.HasPrefix(c.command, "nats ") {
			continue
		}
		done++
		live := strings.HasPrefix(c.command, "nats sub ") && !strings.Contains(c.command, "--count") // goes on until it is stopped
		said := exec.Command("bash", "-c", map[bool]string{true: "timeout 1 ", false: "timeout 40 "}[live]+c.command)
		said.Env = append(os.Environ(), "NATS_URL=nats://"+strings.TrimPrefix(s.bus(), "nats://"), "XDG_CONFIG_HOME="+t.TempDir())
		out, err := said.CombinedOutput()
		if code := said.ProcessState.ExitCode(); code != 0 && !(live && code == 124) || strings.Contains(string(out), "Nats-Service-Error") {
			t.Errorf("%s: %v\n%s", c.command, err, out)
		}
	}
	if done < 15 {
		t.Errorf("only %d commands were found", done)
	}
}

// NATS that is never there keeps nobody from chatting, and the server from stopping.
func TestServerWithoutItsNATS(t *testing.T) {
	file := write(t, filepath.Join(t.TempDir(), "floorwalker.yaml"), "nats: {url: \"nats://127.0.0.1:1\", credentials: \"me:secret\"}\n")
	s := serving(t, "--config", file, "--shop", demoShop, "--data", t.TempDir(), "--encoder-kind", "off")
	c, _, err := come(s.url(), map[string]any{})
	if err != nil {
		t.Fatal(err)
	}
	defer c.Close()
	if err := c.WriteJSON(map[string]any{"type": "message", "id": "m1", "text": "Do you have a kettle?"}); err != nil {
		t.Fatal(err)
	}
	for {
		f, err := read(c)
		if err != nil {
			t.Fatal(err)
		}
		if f.Kind == "reply" {
			break
		}
	}
	c.Close()
	if code := s.stop(); code != 0 {
		t.Errorf("exit %d", code)
	}
	if text, _ := s.log(); strings.Contains(text, "secret") {
		t.Error("the log shows the password")
	}
}
