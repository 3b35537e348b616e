package main

import (
	"encoding/json"
	"os"
	"path/filepath"
	"strings"
	"testing"
)

const demoShop = "../../shops/demo"

func TestExitCodes(t *testing.T) {
	empty := t.TempDir()
	broken := demo(t)
	write(t, filepath.Join(broken, "shop.yaml"), "id: demo\nlocals: [en]\n")
	for _, c := range []struct {
		args []string
		code int
		told string // on stderr
	}{
		{nil, 0, ""},
		{[]string{"--help"}, 0, ""},
		{[]string{"serve", "--help"}, 0, ""},
		{[]string{"version"}, 0, ""},
		{[]string{"flow", "show", "--shop", demoShop}, 0, ""},
		{[]string{"dance"}, 2, "dance"},
		{[]string{"serve", "--wings", "2"}, 2, "--wings"},
		{[]string{"serve", "--log-level", "loud"}, 2, "loud"},
		{[]string{"import"}, 2, "--shop"},
		{[]string{"import", "--shop", filepath.Join(empty, "none")}, 2, "none"},
		{[]string{"chat", "--shop", filepath.Join(empty, "none")}, 2, "none"},
		{[]string{"export", "--shop", demoShop, "--table", "secrets", "--out", "-"}, 2, "secrets"},
		{[]string{"flow", "show", "dance", "--shop", demoShop}, 1, "dance"},
		{[]string{"check", "--shop", broken}, 1, "faults"},
		{[]string{"import", "--shop", broken, "--data", filepath.Join(empty, "d")}, 1, "shop.yaml:2:1"},
		{[]string{"serve", "--shop", broken, "--data", filepath.Join(empty, "d"), "--encoder-kind", "off"}, 1, "shop.yaml:2:1"},
		{[]string{"serve", "--shop", filepath.Join(empty, "none"), "--data", filepath.Join(empty, "d"), "--encoder-kind", "off"}, 1, "none"},
		{[]string{"export", "--shop", demoShop, "--table", "orders", "--out", "-", "--data", filepath.Join(empty, "none")}, 1, "none"},
		{[]string{"chat", "--url", "ws://127.0.0.1:1/v1/chat"}, 1, "127.0.0.1:1"},
		{[]string{"models", "list"}, 1, "models pull"},
		{[]string{"models", "pin", "other-0123456789abcdef"}, 1, "models list"},
		{[]string{"models", "rollback"}, 1, "pinned"},
		{[]string{"models", "pull", "--from", empty}, 1, "models/train"},
		{[]string{"train", "intents", "--examples", filepath.Join(demoShop, "shop.yaml")}, 2, "--rows"},
		{[]string{"train", "intents", "--shop", filepath.Join(empty, "none")}, 1, "none"},
	} {
		r := floorwalker(t, "", c.args...)
		if r.code != c.code || !strings.Contains(r.err, c.told) || c.code == 0 && r.out == "" || strings.Contains(r.err, "failed to") {
			t.Errorf("%v: exit %d, want %d and %q on stderr\nout: %s\nerr: %s", c.args, r.code, c.code, c.told, r.out, r.err)
		}
	}
}

func TestHelpOfEveryCommandHasAnExample(t *testing.T) {
	for _, c := range []string{"serve", "chat", "understand", "import", "export", "check", "flow show", "train intents",
		"models pull", "models list", "models pin", "models rollback", "bench turns", "bench sockets", "bench encode", "token", "backup", "restore", "health", "completion", "version"} {
		r := floorwalker(t, "", append(strings.Fields(c), "--help")...)
		if r.code != 0 || !strings.Contains(r.out, "Example: ") || !strings.Contains(r.out, "floorwalker "+c) {
			t.Errorf("%s: exit %d\n%s", c, r.code, r.out)
		}
	}
}

// With --json stdout is one JSON object, whatever is told to people beside it.
func TestJSONIsAllThereIsOnStdout(t *testing.T) {
	data := filepath.Join(t.TempDir(), "data")
	broken := demo(t)
	write(t, filepath.Join(broken, "stock.csv"), "sku,location,on_hand,reserved,incoming,incoming_at\nFL-0001-GRN-500,portland,many,0,0,\n")
	for _, c := range []struct {
		args []string
		code int
	}{
		{[]string{"version", "--json"}, 0},
		{[]string{"check", "--shop", demoShop, "--json"}, 0},
		{[]string{"check", "--shop", broken, "--json"}, 1},
		{[]string{"import", "--shop", demoShop, "--data", data, "--json"}, 0},
		{[]string{"import", "--shop", broken, "--data", data, "--json"}, 1},
		{[]string{"train", "intents", "--shop", demoShop, "--json"}, 0},
		{[]string{"understand", "--shop", demoShop, "--json", "where is my order W10234?"}, 0},
	} {
		r := floorwalker(t, "", c.args...)
		var object map[string]any
		if err := json.Unmarshal([]byte(r.out), &object); err != nil || r.code != c.code || len(object) == 0 {
			t.Errorf("%v: exit %d, want %d (%v)\nout: %.500s\nerr: %.500s", c.args, r.code, c.code, err, r.out, r.err)
		}
		for key := range object {
			if strings.ToLower(key) != key {
				t.Errorf("%v: a result named %q", c.args, key)
			}
		}
	}
}

func TestChatInAPipe(t *testing.T) {
	r := floorwalker(t, "Hello!\n\n  我要取消订单W10230。  \n我叫陈嘉明，邮编100027。\n1\n是的", "chat", "--shop", demoShop)
	lines := strings.Split(strings.TrimSpace(r.out), "\n")
	var replies []string
	for _, l := range lines {
		if text, ok := strings.CutPrefix(l, "bot: "); ok {
			replies = append(replies, text)
		}
	}
	if r.code != 0 || len(replies) != 5 || strings.Contains(r.out, "you:") || strings.Contains(r.out, "\x1b") {
		t.Fatalf("exit %d, %d replies\n%s%s", r.code, len(replies), r.out, r.err)
	}
	if !strings.Contains(replies[4], "W10230 已取消") {
		t.Errorf("the cancellation came to %q", replies[4])
	}
}

func TestChatAsJSON(t *testing.T) {
	r := floorwalker(t, "Hello!\nDo you have a kettle?\n", "chat", "--shop", demoShop, "--json")
	offset := 0.0
	kinds := map[string]int{}
	for line := range strings.Lines(r.out) {
		var event struct {
			Type, Kind string
			Offset     float64
		}
		if err := json.Unmarshal([]byte(line), &event); err != nil || event.Type != "event" || event.Offset != offset+1 {
			t.Fatalf("%s (%v)", line, err)
		}
		offset = event.Offset
		kinds[event.Kind]++
	}
	if r.code != 0 || kinds["utterance"] != 2 || kinds["reply"] != 2 {
		t.Errorf("exit %d, %v\n%s", r.code, kinds, r.err)
	}
}

func TestChatKeepsAConversationsRecordsInItsFolder(t *testing.T) {
	data := filepath.Join(t.TempDir(), "data")
	if r := floorwalker(t, "Hello!\n", "chat", "--shop", demoShop, "--data", data); r.code != 0 {
		t.Fatal(r.err)
	}
	if _, err := os.Stat(filepath.Join(data, "floorwalker.db")); err != nil {
		t.Error(err)
	}
}
