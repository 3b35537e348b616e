package skill_test

import (
	"context"
	"encoding/json"
	"fmt"
	"io"
	"net/http"
	"net/http/httptest"
	"reflect"
	"slices"
	"strings"
	"sync"
	"testing"
	"testing/fstest"
	"time"

	"github.com/floorwalker/floorwalker/catalog"
	"github.com/floorwalker/floorwalker/dialog/flow"
	"github.com/floorwalker/floorwalker/dialog/skill"
)

// program answers what remote skills ask: with each of its answers in turn, the last for ever.
type program struct {
	*httptest.Server
	mu      sync.Mutex
	answers []http.HandlerFunc
	asked   []skill.RemoteRequest
	headers []http.Header
}

func newProgram(t *testing.T, answers ...http.HandlerFunc) *program {
	p := &program{answers: answers}
	p.Server = httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		var asked skill.RemoteRequest
		if err := json.NewDecoder(r.Body).Decode(&asked); err != nil {
			t.Error(err)
		}
		p.mu.Lock()
		defer p.mu.Unlock()
		p.asked, p.headers = append(p.asked, asked), append(p.headers, r.Header)
		answer := p.answers[0]
		if len(p.answers) > 1 {
			p.answers = p.answers[1:]
		}
		answer(w, r)
	}))
	t.Cleanup(p.Close)
	return p
}

func (p *program) tries() int {
	p.mu.Lock()
	defer p.mu.Unlock()
	return len(p.asked)
}

func answer(status int, body string) http.HandlerFunc {
	return func(w http.ResponseWriter, r *http.Request) { w.WriteHeader(status); io.WriteString(w, body) }
}

// broken cuts the connection in the middle of an answer.
func broken(w http.ResponseWriter, r *http.Request) {
	w.Header().Set("Content-Length", "100")
	io.WriteString(w, `{"rec`)
	panic(http.ErrAbortHandler)
}

const repairs = `
repair:
  url: %[1]s/repair
  arguments: [order]
  needs: verified
  returns: {number: number, day: date, price: price, at: address, left: count, possible: flag, state: word}
  key_env: REPAIRS_KEY
book_repair:
  kind: act
  url: %[1]s/book
  timeout: 200ms
  arguments: [order]
  optional: [note]
  refuses: [fully_booked]
`

// remotes is a shop whose remote skills a program does.
func remotes(t *testing.T, p *program) *skill.Set {
	t.Helper()
	files := fstest.MapFS{"skills/repairs.yaml": {Data: fmt.Appendf(nil, repairs, p.URL)}}
	list, faults := skill.LoadRemotes(files, func(string) string { return "a-key" })
	if err := faults.Err(); err != nil {
		t.Fatal(err)
	}
	return skill.New(skill.Deps{Shop: "demo", Remotes: list, Settings: catalog.Settings{TimeZone: "America/Los_Angeles"}})
}

func known(args map[string]any) flow.Call {
	return flow.Call{Skill: "repair", Conversation: "c1", Locale: "en", Args: args, Identity: catalog.Identity{Customer: "C7", Level: catalog.Verified}}
}

func TestARemoteLookMakesAView(t *testing.T) {
	p := newProgram(t, answer(200, `{"record":"repair/R-1","version":"3","view":{"number":"R-1","day":"2026-12-24","price":{"amount":"25.00","currency":"USD"},
		"at":{"city":"Portland"},"left":2,"possible":true,"state":"open","more":"is not asked for"}}`))
	s := remotes(t, p)
	r, err := s.Run(t.Context(), known(map[string]any{"order": flow.Value{V: "W1"}}))
	if err != nil || r.View == nil {
		t.Fatalf("%+v, %v", r, err)
	}
	v := reflect.Indirect(reflect.ValueOf(r.View))
	source := v.Field(0).Interface().(catalog.Source)
	if source.Record != "repair/R-1" || source.Version != "3" || source.ReadAt.IsZero() {
		t.Errorf("%+v", source)
	}
	got := map[string]any{}
	for i := 1; i < v.NumField(); i++ {
		got[v.Type().Field(i).Tag.Get("expr")+" "+v.Type().Field(i).Tag.Get("fact")] = v.Field(i).Interface()
	}
	if got["number tracking"] != "R-1" || got["left count"] != 2 || got["possible "] != true || got["state "] != "open" ||
		got["day date"].(time.Time).Format(time.RFC3339) != "2026-12-24T00:00:00-08:00" ||
		got["price price"].(catalog.Money).Amount.String() != "25" || got["at address"].(catalog.Address).City != "Portland" {
		t.Errorf("%+v", got)
	}
	want := skill.RemoteRequest{Skill: "repair", Shop: "demo", Conversation: "c1", Locale: "en", Customer: "C7", Level: "verified",
		Arguments: map[string]any{"order": "W1"}}
	if !reflect.DeepEqual(p.asked, []skill.RemoteRequest{want}) || p.headers[0].Get("Authorization") != "Bearer a-key" {
		t.Errorf("asked %+v with %v", p.asked, p.headers)
	}
}

func TestNobodyElseReachesARemoteSkill(t *testing.T) {
	p := newProgram(t, answer(200, `{"view":{"number":"R-1"}}`))
	call := known(nil)
	call.Identity.Level = catalog.Claimed
	if r, err := remotes(t, p).Run(t.Context(), call); err != nil || r.View != nil || p.tries() != 0 {
		t.Errorf("%+v, %v after %d tries", r, err, p.tries())
	}
}

func TestWhatARemoteLookComesTo(t *testing.T) {
	for name, c := range map[string]struct {
		answers []http.HandlerFunc
		want    flow.Result
		tries   int
	}{
		"nothing found":         {[]http.HandlerFunc{answer(404, "")}, flow.Result{}, 1},
		"no view":               {[]http.HandlerFunc{answer(200, "{}")}, flow.Result{}, 1},
		"not now, then nothing": {[]http.HandlerFunc{answer(503, ""), answer(429, ""), answer(404, "")}, flow.Result{}, 3},
		"down":                  {[]http.HandlerFunc{answer(500, "")}, flow.Result{Down: true}, 3},
		"broken off":            {[]http.HandlerFunc{broken}, flow.Result{Down: true}, 3},
		"no JSON":               {[]http.HandlerFunc{answer(200, "<html>")}, flow.Result{Down: true}, 3},
		"not allowed":           {[]http.HandlerFunc{answer(403, "")}, flow.Result{Down: true}, 1},
		"elsewhere":             {[]http.HandlerFunc{answer(302, "")}, flow.Result{Down: true}, 1},
		"another kind":          {[]http.HandlerFunc{answer(200, `{"view":{"left":"two"}}`)}, flow.Result{Down: true}, 1},
		"no date":               {[]http.HandlerFunc{answer(200, `{"view":{"day":"Christmas"}}`)}, flow.Result{Down: true}, 1},
		"a word nobody knows":   {[]http.HandlerFunc{answer(200, `{"refused":"because"}`)}, flow.Result{Down: true}, 1},
		"too long":              {[]http.HandlerFunc{answer(200, `{"record":"`+strings.Repeat("x", 1<<20)+`"}`)}, flow.Result{Down: true}, 1},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			p := newProgram(t, c.answers...)
			r, err := remotes(t, p).Run(t.Context(), known(nil))
			if err != nil || !reflect.DeepEqual(r, c.want) || p.tries() != c.tries {
				t.Errorf("%+v, %v after %d tries; want %+v after %d", r, err, p.tries(), c.want, c.tries)
			}
		})
	}
}

func TestWhatARemoteActComesTo(t *testing.T) {
	slow := func(w http.ResponseWriter, r *http.Request) { <-r.Context().Done() }
	for name, c := range map[string]struct {
		answers []http.HandlerFunc
		want    flow.Result
		record  string // of the action
		tries   int
	}{
		"done":                    {[]http.HandlerFunc{answer(200, `{"record":"repair/R-1"}`)}, flow.Result{}, "repair/R-1", 1},
		"done, nothing named":     {[]http.HandlerFunc{answer(200, `{}`)}, flow.Result{}, "book_repair/k1", 1},
		"done at the third try":   {[]http.HandlerFunc{broken, answer(503, ""), answer(200, `{}`)}, flow.Result{}, "book_repair/k1", 3},
		"refused":                 {[]http.HandlerFunc{answer(200, `{"refused":"fully_booked"}`)}, flow.Result{Refused: "fully_booked"}, "", 1},
		"changed":                 {[]http.HandlerFunc{answer(200, `{"changed":true}`)}, flow.Result{Changed: true}, "", 1},
		"not now":                 {[]http.HandlerFunc{answer(503, "")}, flow.Result{Down: true}, "", 3},
		"perhaps done":            {[]http.HandlerFunc{answer(500, "")}, flow.Result{Refused: "unconfirmed"}, "", 3},
		"perhaps done, too slow":  {[]http.HandlerFunc{slow}, flow.Result{Refused: "unconfirmed"}, "", 3},
		"perhaps done, cut":       {[]http.HandlerFunc{broken}, flow.Result{Refused: "unconfirmed"}, "", 3},
		"first perhaps, then not": {[]http.HandlerFunc{broken, answer(503, "")}, flow.Result{Refused: "unconfirmed"}, "", 3},
		"nobody there":            {nil, flow.Result{Down: true}, "", 0},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			p := newProgram(t, c.answers...)
			s := remotes(t, p)
			if c.answers == nil {
				p.Close()
			}
			if !s.Remote("book_repair") || s.Remote("repair") || s.Remote("cancel_order") {
				t.Error("which skills act elsewhere?")
			}
			call := known(map[string]any{"order": flow.Value{V: "W1"}})
			call.Skill, call.Expect = "book_repair", map[string]string{"order/W1": "4"}
			deed, err := s.Reach(t.Context(), call, "k1")
			if err != nil {
				t.Fatal(err)
			}
			r, action, err := deed(nil)
			if err != nil || !reflect.DeepEqual(r, c.want) || p.tries() != c.tries {
				t.Errorf("%+v, %v after %d tries; want %+v after %d", r, err, p.tries(), c.want, c.tries)
			}
			if (action != nil) != (c.record != "") || action != nil && (action.Record != c.record || action.Name != "book_repair" || action.Arguments["order"] != "W1") {
				t.Errorf("action %+v", action)
			}
			for i, h := range p.headers {
				if h.Get("Idempotency-Key") != "k1" || p.asked[i].Expect["order/W1"] != "4" {
					t.Errorf("try %d: %v, %+v", i, h, p.asked[i])
				}
			}
		})
	}
}

func TestAProgramThatIsDownIsLeftAlone(t *testing.T) {
	p := newProgram(t, answer(503, ""))
	s := remotes(t, p)
	for range 5 {
		if r, err := s.Run(t.Context(), known(nil)); err != nil || !r.Down {
			t.Errorf("%+v, %v", r, err)
		}
	}
	if n := p.tries(); n != 5 {
		t.Errorf("it was asked %d times; after five failures in a row it is to be left alone", n)
	}
}

func TestATurnThatEndsDoesNotWait(t *testing.T) {
	p := newProgram(t, answer(503, ""))
	ctx, stop := context.WithCancel(t.Context())
	stop()
	if _, err := remotes(t, p).Run(ctx, known(nil)); err != context.Canceled {
		t.Errorf("%v", err)
	}
}

func TestFaultsOfSkillFilesHaveTheirLine(t *testing.T) {
	for text, want := range map[string]string{
		"cancel_order:\n  url: http://x.example\n  returns: {a: word}\n":                "skills/s.yaml:2:", // a built-in name
		"Repair:\n  url: http://x.example\n  returns: {a: word}\n":                      `skill name "Repair"`,
		"repair:\n  url: x.example\n  returns: {a: word}\n":                             "skills/s.yaml:2:8: url",
		"repair:\n  url: http://x.example\n":                                            "a look returns nothing",
		"repair:\n  url: http://x.example\n  returns: {a: colour}\n":                    "skills/s.yaml:3:16: a: \"colour\"",
		"repair:\n  url: http://x.example\n  returns: {A: word}\n":                      "write a name",
		"repair:\n  kind: act\n  url: http://x.example\n  returns: {a: word}\n":         "skills/s.yaml:4:12: what acts returns nothing",
		"repair:\n  kind: magic\n  url: http://x.example\n":                             "skills/s.yaml:2:9: kind",
		"repair:\n  url: http://x.example\n  returns: {a: word}\n  needs: trust\n":      "skills/s.yaml:4:10: needs",
		"repair:\n  url: http://x.example\n  returns: {a: word}\n  timeout: 1h\n":       "skills/s.yaml:4:12: timeout",
		"repair:\n  url: http://x.example\n  returns: {a: word}\n  key_env: NOT_SET\n":  "variable NOT_SET",
		"repair:\n  url: http://x.example\n  returns: {a: word}\n  arguments: [a, a]\n": `argument "a"`,
		"repair:\n  url: http://x.example\n  returns: {a: word}\n  refuses: [No]\n":     `refusal "No"`,
		"repair:\n  url: http://x.example\n  returns: {a: word}\n  urls: []\n":          "skills/s.yaml:4:3:",
		"repair: [\n": "skills/s.yaml:",
	} {
		_, faults := skill.LoadRemotes(fstest.MapFS{"skills/s.yaml": {Data: []byte(text)}}, func(string) string { return "" })
		if !slices.ContainsFunc(faults, func(f catalog.Fault) bool { return strings.Contains(f.String(), want) }) {
			t.Errorf("%q: %v, want %q", text, faults, want)
		}
	}
}

func FuzzLoadRemotes(f *testing.F) {
	f.Add(fmt.Sprintf(repairs, "http://x.example"))
	f.Fuzz(func(t *testing.T, text string) {
		list, faults := skill.LoadRemotes(fstest.MapFS{"skills/s.yaml": {Data: []byte(text)}}, func(string) string { return "k" })
		if len(faults) == 0 {
			for _, r := range list {
				if r.Kind == flow.Look && (r.View == nil || r.View.Kind() != reflect.Struct) {
					t.Errorf("%s is a look without a view", r.Name)
				}
			}
		}
	})
}
