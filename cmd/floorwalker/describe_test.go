package main

import (
	"context"
	"encoding/json"
	"fmt"
	"io"
	"net/http"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/nats-io/nats.go"
	"github.com/santhosh-tekuri/jsonschema/v6"

	"github.com/floorwalker/floorwalker/channels"
)

// described are the schemas of a document, made strict: a field that it doesn't name is an error
// here, though clients are to bear it.
type described struct {
	t        *testing.T
	compiler *jsonschema.Compiler
}

func describedIn(t *testing.T, document []byte) described {
	t.Helper()
	d, err := jsonschema.UnmarshalJSON(strings.NewReader(string(document)))
	if err != nil {
		t.Fatal(err)
	}
	strict(d)
	c := jsonschema.NewCompiler()
	c.AssertFormat()
	if err := c.AddResource("urn:document", d); err != nil {
		t.Fatal(err)
	}
	return described{t, c}
}

func strict(v any) {
	switch v := v.(type) {
	case map[string]any:
		if _, object := v["properties"]; object && v["type"] == "object" && v["additionalProperties"] == nil {
			v["additionalProperties"] = false
		}
		for _, within := range v {
			strict(within)
		}
	case []any:
		for _, within := range v {
			strict(within)
		}
	}
}

// fits checks that JSON fits the schema at a place of the document.
func (d described) fits(place, data string) {
	d.t.Helper()
	schema, err := d.compiler.Compile("urn:document#" + place)
	if err != nil {
		d.t.Fatal(err)
	}
	v, err := jsonschema.UnmarshalJSON(strings.NewReader(data))
	if err == nil {
		err = schema.Validate(v)
	}
	if err != nil {
		d.t.Errorf("%.300s\ndoesn't fit %s: %v", data, place, err)
	}
}

// published are the documents as a server has them and as the command prints them, which are the same.
func published(t *testing.T, s *server, name string) []byte {
	t.Helper()
	r, err := http.Get("http://" + s.address + "/" + name + ".json")
	if err != nil {
		t.Fatal(err)
	}
	defer r.Body.Close()
	data, err := io.ReadAll(r.Body)
	if err != nil || r.StatusCode != http.StatusOK || r.Header.Get("Content-Type") != "application/json" {
		t.Fatalf("%s: %s %v (%v)", name, r.Status, r.Header, err)
	}
	if printed := floorwalker(t, "", "describe", name); printed.code != 0 || printed.out != string(data) {
		t.Errorf("floorwalker describe %s prints something else than is served: exit %d %s", name, printed.code, printed.err)
	}
	return data
}

// Every frame of a conversation with all that happens in one, and every answer on NATS, is as
// asyncapi.json says.
func TestWhatIsSpokenIsAsDescribed(t *testing.T) {
	data := t.TempDir()
	s := serving(t, "--shop", demoShop, "--data", data, "--encoder-kind", "off", "--nats-listen", "127.0.0.1:0")
	d := describedIn(t, published(t, s, "asyncapi"))
	desk := sitDown(t, s, data, "Mei")
	token, err := channels.Keys{Dir: filepath.Join(data, "keys")}.Sign("demo", "C1001", channels.RoleCustomer, time.Now().Add(time.Hour))
	if err != nil {
		t.Fatal(err)
	}
	ws, welcome, err := come(s.url(), map[string]any{"token": token})
	if err != nil {
		t.Fatal(err)
	}
	defer ws.Close()
	d.fits("/components/schemas/Welcome", string(welcome.raw))
	seen := map[string]int{}
	next := func() heard {
		t.Helper()
		f, err := read(ws)
		if err != nil {
			t.Fatal(err)
		}
		name := map[string]string{"event": "Event", "error": "Error", "accepted": "Accepted", "typing": "Typing", "delta": "Delta"}[f.Type]
		d.fits("/components/schemas/"+name, string(f.raw))
		seen[name+f.Kind]++
		return f
	}
	send := func(frame map[string]any) {
		t.Helper()
		text, err := json.Marshal(frame)
		if err != nil {
			t.Fatal(err)
		}
		if kind := frame["type"].(string); kind != "nonsense" {
			d.fits("/components/messages/chat-"+kind+"/payload", string(text))
		}
		if err := ws.WriteJSON(frame); err != nil {
			t.Fatal(err)
		}
	}
	for n, text := range []string{"Do you have a blue flask under 30 dollars?", "Please cancel my order W10234.", "I ordered it by mistake", "Yes, please.", "I want to talk to a person."} {
		send(map[string]any{"type": "message", "id": fmt.Sprint("m", n), "text": text})
		for f := next(); f.Kind != "reply"; f = next() {
			if f.Type == "error" && f.ID != "" {
				t.Fatalf("%s", f.raw)
			}
		}
		for _, frame := range []map[string]any{{"type": "typing"}, {"type": "nonsense"}} {
			send(frame)
		}
	}
	desk.sees(welcome.Conversation)
	for f := next(); f.Kind != "state"; f = next() {
	}
	send(map[string]any{"type": "choose", "id": "c1", "choice": "yes", "text": "Yes"})
	send(map[string]any{"type": "feedback", "id": "f1", "turn": "t1", "rating": 4, "comment": "good"})
	for f := next(); f.Kind != "feedback"; f = next() {
	}
	for _, must := range []string{"Eventutterance", "Eventreply", "Eventaction", "Eventstate", "Eventfeedback", "Error", "Accepted"} {
		if seen[must] == 0 {
			t.Errorf("no %s was seen: %v", must, seen)
		}
	}
	t.Logf("frames: %v", seen)
	answersFit(t, s, d)
}

// answersFit asks on each subject of the document.
func answersFit(t *testing.T, s *server, d described) {
	nc := s.nats()
	defer nc.Close()
	for _, ask := range []struct{ subject, name, text, answer string }{
		{"say", "say", `{"id":"m1","text":"Do you have a kettle?","channel":"test","sender":"u1"}`, "SayAnswer"},
		{"ask.order", "askOrder", `{"order":"W10228","proof":{"email":"nobody@example.com"}}`, "Error"},
		{"ask.order", "askOrder", `{"order":"W10234","customer":"C1001"}`, "AskOrderAnswer"},
		{"ask.stock", "askStock", `{"product":"flask-trail"}`, "AskStockAnswer"},
		{"ask.search", "askSearch", `{"query":"a blue flask","limit":2}`, "AskSearchAnswer"},
		{"activity", "activity", `{"customer":"C1001","product":"flask-trail","kind":"view","time":"2026-11-02T19:00:00Z"}`, "ActivityAnswer"},
		{"change", "change", `{"table":"stock","record":{"sku":"FL-0001-GRN-500","location":"portland","on_hand":20}}`, "ChangeAnswer"},
		{"change", "change", `{"table":"shoes","record":{}}`, "Error"},
	} {
		d.fits("/components/messages/"+ask.name+"-"+ask.name+"/payload", ask.text)
		m := nats.NewMsg("floorwalker.demo." + ask.subject)
		m.Data = []byte(ask.text)
		if ask.subject == "say" {
			m.Header.Set("Floorwalker-Wait", "reply")
		}
		r, err := nc.RequestMsg(m, 40*time.Second)
		if err != nil {
			t.Fatalf("%s: %v", ask.subject, err)
		}
		d.fits("/components/schemas/"+ask.answer, string(r.Data))
	}
}

// All that the documents refer to is in them.
func TestDocumentsAreWhole(t *testing.T) {
	all, err := documents(10_000)
	if err != nil {
		t.Fatal(err)
	}
	for name, data := range all {
		var d any
		if err := json.Unmarshal(data, &d); err != nil {
			t.Fatal(err)
		}
		refs := 0
		var walk func(v any)
		walk = func(v any) {
			switch v := v.(type) {
			case map[string]any:
				if to, ok := v["$ref"].(string); ok {
					if refs++; !there(d, to) {
						t.Errorf("%s refers to %s, which isn't there", name, to)
					}
				}
				for _, within := range v {
					walk(within)
				}
			case []any:
				for _, within := range v {
					walk(within)
				}
			}
		}
		if walk(d); refs < 20 {
			t.Errorf("%s has only %d references", name, refs)
		}
	}
}

func there(d any, pointer string) bool {
	for _, part := range strings.Split(strings.TrimPrefix(pointer, "#/"), "/") {
		m, ok := d.(map[string]any)
		if !ok || m[part] == nil {
			return false
		}
		d = m[part]
	}
	return true
}

// schemathesis is the version that the contract is tried with.
const schemathesis = "4.32.5"

// TestHTTPKeepsItsContract has Schemathesis send a running server what openapi.json allows and what it
// doesn't, and look at the answers.
func TestHTTPKeepsItsContract(t *testing.T) {
	if testing.Short() {
		t.Skip("it takes long")
	}
	program, err := findSchemathesis(t)
	if err != nil {
		if os.Getenv("CI") != "" {
			t.Fatalf("the contract can't be tried: %v", err)
		}
		t.Skipf("THE HTTP CONTRACT ISN'T TRIED: %v. It needs Python 3 with venv and pip, and reaches for schemathesis==%s", err, schemathesis)
	}
	const token = "the token of the test"
	s := serving(t, "--shop", demoShop, "--data", t.TempDir(), "--encoder-kind", "off", "--webhook-token", token, "--limits-messages-per-minute", "1000000")
	r, err := http.Post("http://"+s.address+"/v1/conversations", "application/json", strings.NewReader(`{"shop":"demo"}`))
	if err != nil {
		t.Fatal(err)
	}
	defer r.Body.Close()
	var begun struct{ Conversation, Secret string }
	if err := json.NewDecoder(r.Body).Decode(&begun); err != nil {
		t.Fatal(err)
	}
	dir := t.TempDir()
	write(t, filepath.Join(dir, "schemathesis.toml"), fmt.Sprintf(`
[parameters]
"path.id" = %q
[auth.openapi.conversation]
bearer = %q
[auth.openapi.webhook]
bearer = %q
[checks.negative_data_rejection]
expected-statuses = ["400", "401", "403", "404", "405", "413"]
`, begun.Conversation, begun.Secret, token))
	ctx, cancel := context.WithTimeout(t.Context(), time.Minute)
	defer cancel()
	c := exec.CommandContext(ctx, program, "--config-file", "schemathesis.toml", "run", "http://"+s.address+"/openapi.json", "--phases", "examples,coverage,fuzzing",
		"--max-examples", "20", "--max-time", "10", "--seed", "1", "--generation-database", "none", "--no-color", "--warnings", "off")
	c.Dir = dir
	out, err := c.CombinedOutput()
	if err != nil {
		t.Fatalf("%v\n%s", err, out)
	}
	if _, summary, ok := strings.Cut(string(out), "= SUMMARY ="); ok {
		t.Log(summary)
	}
	if !strings.Contains(string(out), "5 selected / 5 total") {
		t.Errorf("not everything was tried:\n%s", out)
	}
	if text, _ := s.log(); strings.Contains(text, `"level":"ERROR"`) || strings.Contains(text, "panic") {
		t.Errorf("the server's log:\n%s", text)
	}
}

// findSchemathesis is the program, installed in the user's cache folder the first time.
func findSchemathesis(t *testing.T) (string, error) {
	python := os.Getenv("PYTHON")
	if python == "" {
		python = "python3"
	}
	if _, err := exec.LookPath(python); err != nil {
		return "", err
	}
	cache, err := os.UserCacheDir()
	if err != nil {
		return "", err
	}
	dir := filepath.Join(cache, "floorwalker", "schemathesis-"+schemathesis)
	program := filepath.Join(dir, "bin", "schemathesis")
	if _, err := os.Stat(filepath.Join(dir, "whole")); err == nil {
		return program, nil
	}
	ctx, cancel := context.WithTimeout(t.Context(), 5*time.Minute)
	defer cancel()
	for _, args := range [][]string{{python, "-m", "venv", "--clear", dir}, {filepath.Join(dir, "bin", "pip"), "install", "--quiet", "--disable-pip-version-check", "schemathesis==" + schemathesis}} {
		if out, err := exec.CommandContext(ctx, args[0], args[1:]...).CombinedOutput(); err != nil {
			return "", fmt.Errorf("%s: %w\n%s", strings.Join(args, " "), err, out)
		}
	}
	return program, os.WriteFile(filepath.Join(dir, "whole"), nil, 0o600) // so that one cut short is made anew
}
