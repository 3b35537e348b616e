package flow_test

import (
	"encoding/json"
	"flag"
	"fmt"
	"os"
	"path/filepath"
	"reflect"
	"slices"
	"strings"
	"testing"
	"time"

	"golang.org/x/tools/txtar"

	"github.com/floorwalker/floorwalker/catalog"
	"github.com/floorwalker/floorwalker/dialog/flow"
	"github.com/floorwalker/floorwalker/nlu"
)

var update = flag.Bool("update", false, "write what came of the talks into their files")

// talk is a conversation with the stepper in its shop.
type talk struct {
	t        checker
	set      *flow.Set
	world    *world
	state    flow.State
	identity catalog.Identity
	level    catalog.Level
	locale   string
	offset   int64
	asked    int64
	log      strings.Builder
}

func newTalk(t checker, set *flow.Set) *talk {
	return &talk{t: t, set: set, world: newWorld(), level: catalog.Verified, locale: "en"}
}

// TestTalks plays testdata/talk/*.txtar. In a script, "> text | notes" is said; the notes,
// parted by ";", are what was understood: an intent with the words it takes (all, if none;
// "not intent", "intent ~ close"), an entity type with its words and, after "=", its value,
// "choice value", "oos". "! …" changes the world.
func TestTalks(t *testing.T) {
	files, err := filepath.Glob("testdata/talk/*.txtar")
	if err != nil || len(files) == 0 {
		t.Fatal("no talks", err)
	}
	for _, file := range files {
		t.Run(strings.TrimSuffix(filepath.Base(file), ".txtar"), func(t *testing.T) {
			a, err := txtar.ParseFile(file)
			if err != nil {
				t.Fatal(err)
			}
			part := map[string]string{}
			for _, f := range a.Files {
				part[f.Name] = string(f.Data)
			}
			c := newTalk(t, load(t, vocabulary(t, strings.Fields(part["replies"])...), part["flows.yaml"]))
			for line := range strings.Lines(part["script"]) {
				c.line(strings.TrimSpace(line))
			}
			got := c.log.String()
			if got == part["want"] {
				return
			}
			if !*update {
				t.Fatalf("got\n%s\nwant\n%s", got, part["want"])
			}
			a.Files = slices.DeleteFunc(a.Files, func(f txtar.File) bool { return f.Name == "want" })
			a.Files = append(a.Files, txtar.File{Name: "want", Data: []byte(got)})
			if err := os.WriteFile(file, txtar.Format(a), 0o644); err != nil {
				t.Fatal(err)
			}
		})
	}
}

func (c *talk) line(line string) {
	switch {
	case line == "" || strings.HasPrefix(line, "#"):
	case strings.HasPrefix(line, "> "):
		fmt.Fprintln(&c.log, line)
		text, notes, _ := strings.Cut(line[2:], "|")
		c.say(understood(c.t, strings.TrimSpace(text), notes))
	case strings.HasPrefix(line, "! "):
		fmt.Fprintln(&c.log, line)
		c.change(strings.Fields(line[2:]))
	default:
		c.t.Fatalf("script: %q", line)
	}
}

func (c *talk) change(words []string) {
	switch words[0] {
	case "verified":
		c.identity = catalog.Identity{Customer: "c1", Level: catalog.Verified}
	case "reach":
		c.level = map[string]catalog.Level{"claimed": catalog.Claimed, "anonymous": catalog.Anonymous}[words[1]]
	case "down":
		c.world.down[words[1]] = true
	case "up":
		delete(c.world.down, words[1])
	case "touch": // somebody else changes an order
		c.world.version++
		if len(words) > 1 {
			c.world.orders[words[1]].Status = words[2]
		}
	case "staffed":
		c.world.staffed = true
	case "locale":
		c.locale = words[1]
	case "early": // what is said next was written before the open question was asked
		c.asked = c.offset + 100
	case "event":
		c.step(flow.Input{Event: words[1]})
	default:
		c.t.Fatalf("no such change: %v", words)
	}
}

func understood(t checker, text, notes string) *flow.Said {
	s := &flow.Said{Understanding: nlu.Understanding{Text: text, Requests: []nlu.Request{}, Entities: []nlu.Entity{}}}
	for _, note := range strings.Split(notes, ";") {
		word, rest, _ := strings.Cut(strings.TrimSpace(note), " ")
		negated := word == "not"
		if negated {
			word, rest, _ = strings.Cut(rest, " ")
		}
		switch {
		case word == "":
		case word == "oos":
			s.OutOfScope = true
		case word == "choice":
			s.Choice = rest
		case slices.Contains(intents, word):
			r := nlu.Request{Intent: word, Act: intentActs[word], P: 0.9, Negated: negated, End: len(text)}
			if near, ok := strings.CutPrefix(rest, "~ "); ok {
				r.Close = near
			} else if rest != "" {
				r.Start = strings.Index(text, rest)
				r.End = r.Start + len(rest)
			}
			s.Requests = append(s.Requests, r)
		case slices.Contains(entityTypes, word):
			written, value, ok := strings.Cut(rest, "=")
			if !ok {
				value = written
			}
			at := strings.Index(text, written)
			if at < 0 {
				t.Fatalf("%q isn't in %q", written, text)
			}
			s.Entities = append(s.Entities, nlu.Entity{Type: word, Text: written, Value: value, Start: at, End: at + len(written)})
		default:
			t.Fatalf("note %q", note)
		}
	}
	return s
}

func (c *talk) say(s *flow.Said) {
	c.offset++
	s.Offsets = []int64{c.offset}
	c.step(flow.Input{Said: s})
}

// step runs a turn to its end and logs it. It holds every Step to being pure.
func (c *talk) step(in flow.Input) {
	in.Asked, in.Level, in.Locale, in.Now = c.asked, c.level, c.locale, time.Unix(1_800_000_000, 0).UTC()
	in.Identity = c.identity
	for range 200 {
		before := asJSON(c.t, c.state)
		next, out := c.set.Step(c.state, in)
		if after := asJSON(c.t, c.state); before != after {
			c.t.Fatalf("Step changed its state\n%s\n%s", before, after)
		}
		c.pure(in, next, out)
		if out.Want == nil {
			c.state = next
			c.offset++ // the reply's own
			c.asked = c.offset
			c.logTurn(out)
			return
		}
		r := c.world.run(*out.Want)
		c.logCall(*out.Want, r)
		if r.Identity != nil {
			c.identity = *r.Identity
		}
		in.Results = append(in.Results, r)
	}
	c.t.Fatal("the turn doesn't end")
}

// pure steps again from the same state and from its JSON.
func (c *talk) pure(in flow.Input, next flow.State, out flow.Output) {
	again, outAgain := c.set.Step(c.state, in)
	if asJSON(c.t, again) != asJSON(c.t, next) || !reflect.DeepEqual(out, outAgain) {
		c.t.Fatalf("Step twice differs:\n%+v\n%+v", out, outAgain)
	}
	var read flow.State
	if err := json.Unmarshal([]byte(asJSON(c.t, c.state)), &read); err != nil {
		c.t.Fatal(err)
	}
	fromJSON, outJSON := c.set.Step(read, in)
	if asJSON(c.t, fromJSON) != asJSON(c.t, next) || !reflect.DeepEqual(out, outJSON) {
		c.t.Fatalf("Step from JSON differs:\n%+v\n%+v", out, outJSON)
	}
}

func asJSON(t checker, v any) string {
	text, err := json.Marshal(v)
	if err != nil {
		t.Fatal(err)
	}
	return string(text)
}

func (c *talk) logCall(call flow.Call, r flow.Result) {
	if call.Skill == "whole_order" && r.Refused == "" { // heard at every turn
		return
	}
	fmt.Fprintf(&c.log, "  %s %s", call.Kind, call.Skill)
	for _, a := range sorted(call.Args) {
		fmt.Fprintf(&c.log, " %s=%v", a, call.Args[a])
	}
	if call.Kind == flow.Act {
		fmt.Fprintf(&c.log, " expect=%v offset=%d ordinal=%d", call.Expect, call.Offset, call.Ordinal)
	}
	switch {
	case r.Down:
		fmt.Fprint(&c.log, " -> down")
	case r.Changed:
		fmt.Fprint(&c.log, " -> changed")
	case r.Refused != "":
		fmt.Fprint(&c.log, " -> refused "+r.Refused)
	case len(r.Values) > 0:
		for _, v := range r.Values {
			fmt.Fprintf(&c.log, " -> %v", v.V)
		}
	case r.Identity != nil:
		fmt.Fprintf(&c.log, " -> level %d", r.Identity.Level)
	}
	fmt.Fprintln(&c.log)
}

func (c *talk) logTurn(out flow.Output) {
	for _, s := range out.Says {
		fmt.Fprintf(&c.log, "< %s", s.Reply)
		if t, _ := s.Env["title"].(string); t != "" && (s.Reply == "resumed" || s.Reply == "stopped") {
			fmt.Fprintf(&c.log, " (%s)", t)
		}
		for _, o := range s.Choices {
			label := o.Label[c.locale]
			fmt.Fprintf(&c.log, " [%s: %s]", o.Value, label)
		}
		fmt.Fprintln(&c.log)
	}
	if e := out.Expects; e != nil {
		fmt.Fprintf(&c.log, "  expects %s %v", e.Slot, e.Accepts)
		if e.Flow != "" {
			fmt.Fprintf(&c.log, " in %s", e.Flow)
		}
		if e.ItemIndex != nil {
			fmt.Fprintf(&c.log, " for %s #%d", e.Item, *e.ItemIndex)
		}
		fmt.Fprintln(&c.log)
	}
	if out.Owner != "" {
		fmt.Fprintf(&c.log, "  owner %s (%s)\n", out.Owner, out.Reason)
	}
}

// checker is what a talk needs of a test, whether it plays a script or chance.
type checker interface {
	Fatal(args ...any)
	Fatalf(format string, args ...any)
}
