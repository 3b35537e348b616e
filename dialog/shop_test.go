package dialog_test

import (
	"bytes"
	"context"
	"log/slog"
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"sync/atomic"
	"testing"
	"time"

	"github.com/floorwalker/floorwalker/catalog"
	"github.com/floorwalker/floorwalker/catalog/store"
	"github.com/floorwalker/floorwalker/catalog/store/sqlite"
	"github.com/floorwalker/floorwalker/dialog"
	"github.com/floorwalker/floorwalker/dialog/flow"
	"github.com/floorwalker/floorwalker/dialog/journal"
	"github.com/floorwalker/floorwalker/dialog/reply"
	"github.com/floorwalker/floorwalker/dialog/skill"
	"github.com/floorwalker/floorwalker/nlu"
)

// words understands by keywords: what the engine does with an understanding is tried here,
// not the understanding. during, if set, is called with each text while it is being read.
type words struct {
	during atomic.Pointer[func(text string)]
	read   atomic.Int64
}

var keywords = []struct {
	pattern *regexp.Regexp
	request nlu.Request
}{
	{regexp.MustCompile(`(?i)\bhello\b|你好`), nlu.Request{Intent: "hello"}},
	{regexp.MustCompile(`(?i)\bcall\b|回电`), nlu.Request{Intent: "call_me"}},
	{regexp.MustCompile(`(?i)\bperson\b|人工`), nlu.Request{Intent: "person"}},
	{regexp.MustCompile(`(?i)\byes\b|是的`), nlu.Request{Intent: "yes", Act: nlu.Affirm}},
	{regexp.MustCompile(`(?i)\bno\b|不是`), nlu.Request{Intent: "no", Act: nlu.Deny}},
}

var phone = regexp.MustCompile(`\b\d{5,}\b`)

func (w *words) Understand(_ context.Context, text string, _ nlu.Context) (nlu.Understanding, error) {
	w.read.Add(1)
	if during := w.during.Load(); during != nil {
		(*during)(text)
	}
	if strings.Contains(text, "panic") {
		panic("a bug in understanding")
	}
	u := nlu.Understanding{Text: text, Requests: []nlu.Request{}, Entities: []nlu.Entity{}, Ranking: []nlu.Intent{}}
	if strings.ContainsFunc(text, func(r rune) bool { return r >= 0x4e00 }) {
		u.Language = "zh"
	} else if strings.Contains(text, " ") {
		u.Language = "en"
	}
	for _, k := range keywords {
		if at := k.pattern.FindStringIndex(text); at != nil {
			r := k.request
			r.P, r.Start, r.End = 0.9, at[0], at[1]
			u.Requests = append(u.Requests, r)
		}
	}
	for _, at := range phone.FindAllStringIndex(text, -1) {
		n := text[at[0]:at[1]]
		u.Entities = append(u.Entities, nlu.Entity{Type: "phone", Text: n, Value: n, Start: at[0], End: at[1]})
	}
	u.OutOfScope = len(u.Requests) == 0 && len(u.Entities) == 0
	return u, nil
}

// hands are the shop's skills. acting, if set, is called before a call-back is kept.
type hands struct {
	acting atomic.Pointer[func()]
}

func (h *hands) Run(context.Context, flow.Call) (flow.Result, error) { return flow.Result{}, nil }

func (h *hands) Act(tx *store.Tx, call flow.Call) (flow.Result, *journal.Action, error) {
	if call.Skill == "handoff" {
		return flow.Result{Owner: string(journal.OwnerQueue), Reason: "asked"}, nil, nil
	}
	if acting := h.acting.Load(); acting != nil {
		(*acting)()
	}
	kept := catalog.Callback{ID: "for-" + call.Conversation, Conversation: call.Conversation, State: "open"}
	if _, err := store.In(tx, "demo").SaveCallback(kept); err != nil {
		return flow.Result{}, nil, err
	}
	return flow.Result{}, &journal.Action{Name: "request_callback", Record: "callback/" + kept.ID, Arguments: call.Args}, nil
}

func (h *hands) Remote(string) bool { return false }

func (h *hands) Reach(context.Context, flow.Call, string) (skill.Deed, error) {
	panic("nothing is done elsewhere")
}

// world is an engine on a database file, with a shop of its own.
type world struct {
	t      testing.TB
	path   string
	db     *sqlite.DB
	log    *journal.SQL
	engine *dialog.Engine
	words  *words
	hands  *hands
	logged *bytes.Buffer
	stop   func() // ends Run and waits for it
}

func vocabulary(replies map[string]bool) flow.Vocabulary {
	return flow.Vocabulary{
		Skills: map[string]flow.Skill{
			"call_back": {Name: "call_back", Kind: flow.Act, Args: []string{"contact"}},
			"handoff":   {Name: "handoff", Kind: flow.Request},
			"dialable":  {Name: "dialable", Kind: flow.Check, Args: []string{"contact"}, Options: []string{"contact"}},
		},
		Replies:  replies,
		Intents:  map[string]bool{"hello": true, "call_me": true, "person": true, "yes": true, "no": true},
		Entities: map[string]bool{"phone": true},
		Locales:  []string{"en", "zh"},
	}
}

func loadShop(t testing.TB, w *words, h *hands) *dialog.Shop {
	t.Helper()
	files := os.DirFS(filepath.Join("testdata", "shop"))
	locales := []string{"en", "zh"}
	bank, faults := reply.Load(files, nil, locales)
	if err := faults.Err(); err != nil {
		t.Fatal(err)
	}
	flows, faults := flow.Load(files, nil, vocabulary(bank.Names()))
	if err := faults.Err(); err != nil {
		t.Fatal(err)
	}
	settings := catalog.Settings{ID: "demo", Locales: locales, TimeZone: "UTC"}
	return &dialog.Shop{Settings: settings, Flows: flows, NLU: w, Skills: h, Replies: bank, Silence: 10 * time.Minute}
}

// newWorld makes a world and runs it. change may alter the engine's options.
func newWorld(t testing.TB, change ...func(*dialog.Options)) *world {
	t.Helper()
	return openWorld(t, filepath.Join(t.TempDir(), "shop.db"), change...)
}

func openWorld(t testing.TB, path string, change ...func(*dialog.Options)) *world {
	t.Helper()
	w := &world{t: t, path: path, words: new(words), hands: new(hands), logged: new(bytes.Buffer)}
	var err error
	if w.db, err = sqlite.Open(t.Context(), path, journal.Migrations()); err != nil {
		t.Fatal(err)
	}
	hub := new(journal.Hub)
	w.log = journal.NewSQL(w.db, hub, time.Now)
	shop := loadShop(t, w.words, w.hands)
	o := dialog.Options{
		Journal: w.log, Hub: hub, MessagesPerMinute: 100_000,
		Shops: func(id string) *dialog.Shop {
			if id == "demo" {
				return shop
			}
			return nil
		},
		Logger: slog.New(slog.NewTextHandler(w.logged, nil)),
	}
	for _, c := range change {
		c(&o)
	}
	w.engine = dialog.New(o)
	ctx, cancel := context.WithCancel(context.Background())
	ended := make(chan error, 1)
	go func() { ended <- w.engine.Run(ctx) }()
	w.stop = func() {
		cancel()
		if err, running := <-ended; running && err != nil {
			t.Error(err)
		}
	}
	t.Cleanup(w.close)
	return w
}

// close ends the world as a clean shutdown does.
func (w *world) close() {
	if w.stop == nil {
		return
	}
	w.stop()
	w.stop = nil
	if err := w.db.Close(); err != nil {
		w.t.Error(err)
	}
}

func (w *world) begin(locale string) string {
	w.t.Helper()
	welcome, err := w.engine.Begin(w.t.Context(), dialog.Opening{Shop: "demo", Locale: locale, Channel: "test"})
	if err != nil {
		w.t.Fatal(err)
	}
	return welcome.Conversation
}

func (w *world) say(id, client, text string) dialog.Receipt {
	w.t.Helper()
	r, err := w.engine.Say(context.Background(), utterance(id, client, text))
	if err != nil {
		w.t.Fatalf("saying %q: %v", text, err)
	}
	return r
}

func utterance(id, client, text string) dialog.Utterance {
	return dialog.Utterance{Shop: "demo", Conversation: id, Role: journal.RoleShopper, ID: client, Text: text}
}

// until follows a conversation from an offset up to the first event of a kind.
func (w *world) until(id string, after int64, kind string) journal.Event {
	w.t.Helper()
	ctx, cancel := context.WithTimeout(context.Background(), 30*time.Second)
	defer cancel()
	feed := w.engine.Follow("demo", id, after)
	defer feed.Close()
	for {
		n, err := feed.Next(ctx)
		if err != nil {
			w.t.Fatalf("waiting for a %s after %d: %v\n%s", kind, after, err, w.logged)
		}
		if n.Event != nil && n.Event.Kind == kind {
			return *n.Event
		}
	}
}

// reply is the first reply after an offset.
func (w *world) reply(id string, after int64) journal.Reply {
	w.t.Helper()
	r, err := journal.Body[journal.Reply](w.until(id, after, journal.KindReply))
	if err != nil {
		w.t.Fatal(err)
	}
	return r
}

func (w *world) events(id string) []journal.Event {
	w.t.Helper()
	events, err := w.log.Read(context.Background(), "demo", id, 0, 10_000)
	if err != nil {
		w.t.Fatal(err)
	}
	return events
}

// replies are all of a conversation, by body.
func (w *world) replies(id string) (replies []journal.Reply) {
	w.t.Helper()
	for _, e := range w.events(id) {
		if e.Kind == journal.KindReply {
			r, err := journal.Body[journal.Reply](e)
			if err != nil {
				w.t.Fatal(err)
			}
			replies = append(replies, r)
		}
	}
	return replies
}

func (w *world) count(id, kind string) (n int) {
	w.t.Helper()
	for _, e := range w.events(id) {
		if e.Kind == kind {
			n++
		}
	}
	return n
}
