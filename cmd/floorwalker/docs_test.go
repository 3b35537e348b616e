package main

import (
	"context"
	"io"
	"os"
	"os/exec"
	"regexp"
	"strings"
	"testing"
	"time"
)

// example is a fenced block of commands in a document (```sh), and the fenced block that follows it
// (```json or ```text), if there is one: what the commands print, where … stands for anything.
type example struct{ commands, prints string }

var (
	fenced = regexp.MustCompile("(?ms)^```(\\w+)\n(.*?)^```$")
	prints = map[string]bool{"json": true, "text": true}
)

// examples are those of a document in docs, in order.
func examples(t *testing.T, document string) (all []example) {
	t.Helper()
	text, err := os.ReadFile("../../docs/" + document)
	if err != nil {
		t.Fatal(err)
	}
	for _, block := range fenced.FindAllStringSubmatch(string(text), -1) {
		switch {
		case block[1] == "sh":
			all = append(all, example{commands: block[2]})
		case prints[block[1]] && len(all) > 0:
			all[len(all)-1].prints = block[2]
		}
	}
	if len(all) == 0 {
		t.Fatalf("docs/%s has no commands", document)
	}
	return all
}

// endOfBlock is written after each block, so that it is known which printed what.
const endOfBlock = "\x1e"

// runDocument carries out the commands of a document one after the other in one shell, with the places where
// the document has its server and such replaced, and checks what each block prints.
func runDocument(t *testing.T, document string, replaced ...string) {
	t.Helper()
	needShell(t)
	all := examples(t, document)
	var script strings.Builder
	for _, e := range all {
		script.WriteString(e.commands + "printf '" + endOfBlock + "'\n")
	}
	ctx, cancel := context.WithTimeout(t.Context(), time.Minute)
	defer cancel()
	c := exec.CommandContext(ctx, "bash", "-u")
	c.Dir = t.TempDir()
	c.Stdin = strings.NewReader(strings.NewReplacer(replaced...).Replace(script.String()))
	var complaints strings.Builder
	c.Stderr = &complaints
	out, err := c.Output()
	if err != nil || complaints.Len() > 0 {
		t.Errorf("docs/%s: %v %s", document, err, complaints.String())
	}
	printed := strings.Split(string(out), endOfBlock)
	if len(printed) != len(all)+1 {
		t.Fatalf("docs/%s: %d blocks were carried out, want %d:\n%s", document, len(printed)-1, len(all), out)
	}
	for i, e := range all {
		if e.prints != "" && !looksLike(printed[i], e.prints) {
			t.Errorf("docs/%s:\n%sprints\n%s\nand not\n%s", document, e.commands, printed[i], e.prints)
		}
	}
}

// needShell skips a test where there is no shell to type into, aloud.
func needShell(t *testing.T) {
	t.Helper()
	for _, program := range []string{"bash", "curl"} {
		if _, err := exec.LookPath(program); err != nil {
			if os.Getenv("CI") != "" {
				t.Fatalf("commands can't be tried: %v", err)
			}
			t.Skipf("COMMANDS AREN'T TRIED: %v", err)
		}
	}
}

// looksLike compares what was printed with how a document shows it, without regard to space around.
func looksLike(printed, shown string) bool {
	parts := strings.Split(strings.TrimSpace(shown), "…")
	for i, p := range parts {
		parts[i] = regexp.QuoteMeta(p)
	}
	return regexp.MustCompile(`(?s)^` + strings.Join(parts, `.*`) + `$`).MatchString(strings.TrimSpace(printed))
}

func TestShownIsToldFromPrinted(t *testing.T) {
	for _, c := range []struct {
		printed, shown string
		want           bool
	}{
		{"{\"a\":1}\n", `{"a":1}`, true}, {`{"a":1}`, `{"a":2}`, false}, {`{"a":1,"b":2}`, `{"a":…,"b":2}`, true},
		{`{"a":1,"c":2}`, `{"a":…,"b":2}`, false}, {"", `{"a":1}`, false}, {"x {\"a\":1}", `{"a":1}`, false}, {"a\nb\nc", "a\n…\nc", true},
	} {
		if got := looksLike(c.printed, c.shown); got != c.want {
			t.Errorf("%q shown as %q: %v", c.printed, c.shown, got)
		}
	}
}

// What docs/http.md has people type is typed, and prints what it says.
func TestHTTPAsDocumented(t *testing.T) {
	s := serving(t, "--shop", demoShop, "--data", t.TempDir(), "--encoder-kind", "off", "--webhook-token", "choose-a-long-secret")
	runDocument(t, "http.md", "127.0.0.1:8080", s.address)
	if code := s.stop(); code != 0 {
		t.Errorf("exit %d", code)
	}
}

// Streams that are open, and who waits for a reply, keep no server from stopping.
func TestServerStopsWithStreamsOpen(t *testing.T) {
	needShell(t)
	s := serving(t, "--shop", demoShop, "--data", t.TempDir(), "--encoder-kind", "off")
	open := exec.CommandContext(t.Context(), "bash", "-uc", `
BEGUN=$(curl -s http://$0/v1/conversations -d '{"shop":"demo"}')
ID=$(echo "$BEGUN" | sed 's/.*"conversation":"\([^"]*\)".*/\1/'); SECRET=$(echo "$BEGUN" | sed 's/.*"secret":"\([^"]*\)".*/\1/')
exec curl -sN http://$0/v1/conversations/$ID/events -H "Authorization: Bearer $SECRET" -H "Accept: text/event-stream"`, s.address)
	out, err := open.StdoutPipe()
	if err != nil {
		t.Fatal(err)
	}
	if err := open.Start(); err != nil {
		t.Fatal(err)
	}
	first := make([]byte, 12)
	if _, err := io.ReadFull(out, first); err != nil || string(first) != "retry: 2000\n" {
		t.Fatalf("a stream begins with %q (%v)", first, err)
	}
	began := time.Now()
	if code := s.stop(); code != 0 || time.Since(began) > drain/2 {
		t.Errorf("exit %d after %v", code, time.Since(began))
	}
	if err := open.Wait(); err != nil {
		t.Errorf("the stream was cut and not ended: %v", err)
	}
}
