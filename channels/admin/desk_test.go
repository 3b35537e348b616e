package admin_test

import (
	"context"
	"encoding/json"
	"fmt"
	"io"
	"log/slog"
	"net/http"
	"net/http/httptest"
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"testing"
	"time"

	"github.com/prometheus/client_golang/prometheus"

	"github.com/floorwalker/floorwalker/catalog"
	"github.com/floorwalker/floorwalker/catalog/store"
	"github.com/floorwalker/floorwalker/catalog/store/sqlite"
	"github.com/floorwalker/floorwalker/channels/admin"
	"github.com/floorwalker/floorwalker/dialog"
	"github.com/floorwalker/floorwalker/dialog/desk"
	"github.com/floorwalker/floorwalker/dialog/journal"
)

const token = "a-token-of-twenty-four"

// bureau is a desk on a database of its own. Its engine journals and takes no turns: what is
// tried here is the desk.
type bureau struct {
	*httptest.Server
	t      *testing.T
	db     *sqlite.DB
	engine *dialog.Engine
	there  *desk.Presence
}

func openBureau(t *testing.T) *bureau {
	t.Helper()
	b := &bureau{t: t, there: desk.NewPresence()}
	var err error
	if b.db, err = sqlite.Open(t.Context(), filepath.Join(t.TempDir(), "shop.db"), store.Migrations(), journal.Migrations()); err != nil {
		t.Fatal(err)
	}
	hub := new(journal.Hub)
	shop := &dialog.Shop{Settings: catalog.Settings{ID: "demo", Locales: []string{"en", "zh"}}}
	b.engine = dialog.New(dialog.Options{Journal: journal.NewSQL(b.db, hub, time.Now), Hub: hub, Desk: b.there, Shops: func(id string) *dialog.Shop {
		if id == "demo" {
			return shop
		}
		return nil
	}})
	b.Server = httptest.NewServer(admin.Handler(admin.Options{Token: token, Metrics: prometheus.NewRegistry(), Ready: func() error { return nil },
		Desk: &admin.Desk{Engine: b.engine, Presence: b.there, Callbacks: desk.Callbacks{DB: b.db}, Logger: slog.New(slog.DiscardHandler), Now: time.Now,
			Shops: func() []admin.Shop { return []admin.Shop{{ID: "demo", Name: map[string]string{"en": "Demo"}}} }}}))
	t.Cleanup(func() {
		b.CloseClientConnections()
		b.Close()
		if err := b.db.Close(); err != nil {
			t.Error(err)
		}
	})
	return b
}

// begins begins a conversation in which the shopper says something.
func (b *bureau) begins(texts ...string) string {
	b.t.Helper()
	w, err := b.engine.Begin(b.t.Context(), dialog.Opening{Shop: "demo", Locale: "en", Channel: "test"})
	if err != nil {
		b.t.Fatal(err)
	}
	for i, text := range texts {
		_, err := b.engine.Say(b.t.Context(), dialog.Utterance{Shop: "demo", Conversation: w.Conversation, Role: journal.RoleShopper, ID: fmt.Sprint("m", i), Text: text})
		if err != nil {
			b.t.Fatal(err)
		}
	}
	return w.Conversation
}

// asks sends a request, signed in unless change says otherwise.
func (b *bureau) asks(ctx context.Context, method, path, body string, change ...func(*http.Request)) *http.Response {
	b.t.Helper()
	r, err := http.NewRequestWithContext(ctx, method, b.URL+path, strings.NewReader(body))
	if err != nil {
		b.t.Fatal(err)
	}
	r.SetBasicAuth("any", token)
	for _, c := range change {
		c(r)
	}
	response, err := http.DefaultTransport.RoundTrip(r) // follows nothing
	if err != nil {
		b.t.Fatal(err)
	}
	return response
}

func (b *bureau) gets(method, path, body string, change ...func(*http.Request)) (int, string) {
	b.t.Helper()
	response := b.asks(b.t.Context(), method, path, body, change...)
	defer response.Body.Close()
	text, err := io.ReadAll(response.Body)
	if err != nil {
		b.t.Fatal(err)
	}
	return response.StatusCode, string(text)
}

// told is one server-sent event.
type told struct{ id, name, data string }

// hears reads events until one of a name.
func hears(t *testing.T, body io.Reader, until string) (all []told) {
	t.Helper()
	var e told
	buffer, one := strings.Builder{}, make([]byte, 1)
	for {
		if _, err := body.Read(one); err != nil {
			t.Fatalf("after %+v: %v", all, err)
		}
		if one[0] != '\n' {
			buffer.WriteByte(one[0])
			continue
		}
		line := buffer.String()
		buffer.Reset()
		field, value, _ := strings.Cut(line, ": ")
		switch field {
		case "id":
			e.id = value
		case "event":
			e.name = value
		case "data":
			e.data = value
		case "":
			if e.name == "" {
				continue
			}
			all = append(all, e)
			if e.name == until {
				return all
			}
			e = told{}
		}
	}
}

func TestDeskIsSignedInAndKeepsToItself(t *testing.T) {
	b := openBureau(t)
	unsigned := func(r *http.Request) { r.Header.Del("Authorization") }
	elsewhere := func(r *http.Request) { r.Header.Set("Sec-Fetch-Site", "cross-site") }
	origin := func(r *http.Request) { r.Header.Set("Origin", "https://evil.example") }
	id := b.begins("hello")
	for _, path := range []string{"/", "/desk", "/desk/", "/desk/desk.js", "/desk/api/shops", "/desk/api/live?shop=demo&agent=Mei", "/desk/api/callbacks?shop=demo"} {
		if code, _ := b.gets(http.MethodGet, path, "", unsigned); code != http.StatusUnauthorized {
			t.Errorf("%s unsigned: %d", path, code)
		}
	}
	take := `{"shop":"demo","agent":"Mei"}`
	for name, change := range map[string]func(*http.Request){"unsigned": unsigned, "from another site": elsewhere, "from another origin": origin} {
		if code, body := b.gets(http.MethodPost, "/desk/api/conversations/"+id+"/take", take, change); code != http.StatusUnauthorized && code != http.StatusForbidden {
			t.Errorf("%s: %d %s", name, code, body)
		}
	}
	if code, _ := b.gets(http.MethodGet, "/desk/api/live?shop=demo&agent=Mei", "", elsewhere); code != http.StatusForbidden || b.there.Staffed("demo") {
		t.Errorf("another site's page sits at the desk: %d", code)
	}
	response := b.asks(t.Context(), http.MethodGet, "/", "")
	response.Body.Close()
	if to := response.Header.Get("Location"); response.StatusCode != http.StatusFound || to != "/desk/" {
		t.Errorf("the address alone leads to %q: %d", to, response.StatusCode)
	}
	response = b.asks(t.Context(), http.MethodGet, "/desk/", "")
	defer response.Body.Close()
	page, err := io.ReadAll(response.Body)
	if err != nil {
		t.Fatal(err)
	}
	csp := response.Header.Get("Content-Security-Policy")
	if !strings.Contains(csp, "default-src 'none'") || strings.Contains(csp, "unsafe") || !strings.Contains(csp, "frame-ancestors 'none'") {
		t.Errorf("policy %q", csp)
	}
	for _, inline := range []string{"<script>", "<style", ` style="`, " onclick="} {
		if strings.Contains(string(page), inline) {
			t.Errorf("the page has %q, which its own policy forbids", inline)
		}
	}
	for _, part := range regexp.MustCompile(`(?:src|href)="([^":]+)"`).FindAllStringSubmatch(string(page), -1) {
		if code, _ := b.gets(http.MethodGet, "/desk/"+part[1], ""); code != http.StatusOK {
			t.Errorf("%s: %d", part[1], code)
		}
	}
}

// Every word of the page is there in both languages, and every word it asks for is one.
func TestDeskSpeaksBothLanguages(t *testing.T) {
	read := func(name string) string {
		text, err := os.ReadFile(filepath.Join("desk", name))
		if err != nil {
			t.Fatal(err)
		}
		return string(text)
	}
	words := read("words.js")
	start, end := strings.Index(words, "const en = {"), strings.Index(words, "const zh = {")
	keys := func(text string) map[string]bool {
		found := map[string]bool{}
		for _, m := range regexp.MustCompile(`(?:^|[\n,{] *)([a-zA-Z]+): `).FindAllStringSubmatch(text, -1) {
			found[m[1]] = true
		}
		return found
	}
	en, zh := keys(words[start:end]), keys(words[end:strings.Index(words, "const all")])
	if len(en) < 50 {
		t.Fatalf("only %d words were found", len(en))
	}
	for _, name := range []string{"index.html", "desk.js", "talk.js", "list.js", "calls.js", "words.js"} {
		for _, m := range regexp.MustCompile(`\bsay\("(\w+)"|data-(?:word|label)="(\w+)"`).FindAllStringSubmatch(read(name), -1) {
			if key := m[1] + m[2]; !en[key] || !zh[key] {
				t.Errorf("%s says %q, which English has: %v, Chinese: %v", name, key, en[key], zh[key])
			}
		}
	}
	for key := range en {
		if !zh[key] {
			t.Errorf("%q has no Chinese", key)
		}
	}
}

func TestOpenPageIsPresence(t *testing.T) {
	b := openBureau(t)
	for query, want := range map[string]int{"shop=demo": 400, "shop=demo&agent=%07": 400, "shop=other&agent=Mei": 404} {
		if code, body := b.gets(http.MethodGet, "/desk/api/live?"+query, ""); code != want || !strings.Contains(body, `"code"`) {
			t.Errorf("%s: %d %s", query, code, body)
		}
	}
	ctx, leave := context.WithCancel(t.Context())
	response := b.asks(ctx, http.MethodGet, "/desk/api/live?shop=demo&agent=%E5%B0%8F%E5%AE%89", "")
	defer response.Body.Close()
	first := hears(t, response.Body, "list")[0]
	if !b.there.At("demo", "小安") || !strings.Contains(first.data, `"agents":["小安"]`) || !strings.Contains(first.data, `"held":[]`) {
		t.Errorf("there are %v; told %s", b.there.Agents("demo"), first.data)
	}
	id := b.begins("hello")
	if _, err := b.engine.Take(ctx, "demo", id, "小安"); err != nil {
		t.Fatal(err)
	}
	for {
		var list struct{ Held []dialog.Standing }
		if err := json.Unmarshal([]byte(hears(t, response.Body, "list")[0].data), &list); err != nil {
			t.Fatal(err)
		}
		if len(list.Held) == 1 && list.Held[0].Conversation == id && list.Held[0].Last.Text == "hello" {
			break
		}
	}
	leave()
	for b.there.Staffed("demo") {
		if code, _ := b.gets(http.MethodGet, "/healthz", ""); code != http.StatusOK { // gives the server time to notice
			t.Fatal(code)
		}
	}
}

func TestConversationIsReadLiveAndResumed(t *testing.T) {
	b := openBureau(t)
	id := b.begins("hello", "anybody?")
	does := func(what, more string, want int) {
		t.Helper()
		if code, body := b.gets(http.MethodPost, "/desk/api/conversations/"+id+"/"+what, `{"shop":"demo","agent":"Mei"`+more+`}`); code != want {
			t.Errorf("%s: %d %s, want %d", what, code, body, want)
		}
	}
	path := "/desk/api/conversations/" + id + "/live?shop=demo"
	response := b.asks(t.Context(), http.MethodGet, path, "")
	defer response.Body.Close()
	does("message", `,"id":"a1","text":"Hi"`, http.StatusConflict)
	does("take", ``, http.StatusOK)
	does("typing", ``, http.StatusOK)
	does("message", `,"id":"a1","text":"Hi"`, http.StatusOK)
	does("message", `,"id":"a b","text":"Hi"`, http.StatusBadRequest)
	does("note", `,"id":"n1","text":"`+strings.Repeat("x", 10_001)+`"`, http.StatusRequestEntityTooLarge)
	does("note", `,"id":"n1","text":"`+strings.Repeat("x", 200_000)+`"`, http.StatusRequestEntityTooLarge)
	does("note", `,"id":"n1","text":"a friend of the house"`, http.StatusOK)
	all := hears(t, response.Body, "note")
	var names []string
	for _, e := range all {
		names = append(names, e.name)
	}
	if got := strings.Join(names, " "); got != "head event event event event note" {
		t.Errorf("told %s", got)
	}
	if h := all[0].data; !strings.Contains(h, `"reset":true`) || !strings.Contains(h, `"owner":"bot"`) {
		t.Errorf("head %s", h)
	}
	if n := all[5].data; !strings.Contains(n, `"agent":"Mei"`) || !strings.Contains(n, `"after":4`) {
		t.Errorf("note %s", n)
	}
	again := b.asks(t.Context(), http.MethodGet, path, "", func(r *http.Request) { r.Header.Set("Last-Event-ID", all[3].id) })
	defer again.Body.Close()
	rest := hears(t, again.Body, "note")
	if len(rest) != 3 || !strings.Contains(rest[0].data, `"reset":false`) || rest[1].data != all[4].data || rest[2].data != all[5].data {
		t.Errorf("resumed with %+v", rest)
	}
	for _, bad := range []string{"nonsense", "another/2/0", strings.Replace(all[3].id, "/3/", "/99/", 1), strings.Replace(all[3].id, "/3/", "/-3/", 1)} {
		anew := b.asks(t.Context(), http.MethodGet, path, "", func(r *http.Request) { r.Header.Set("Last-Event-ID", bad) })
		if whole := hears(t, anew.Body, "note"); len(whole) != 6 {
			t.Errorf("from %q come %d", bad, len(whole))
		}
		anew.Body.Close()
	}
	does("transfer", `,"to":"Ann"`, http.StatusConflict)
	does("transfer", ``, http.StatusOK)
	does("release", ``, http.StatusOK)
	does("release", ``, http.StatusConflict)
	if code, _ := b.gets(http.MethodGet, "/desk/api/conversations/none/live?shop=demo", ""); code != http.StatusNotFound {
		t.Errorf("what isn't there: %d", code)
	}
	if code, _ := b.gets(http.MethodPost, "/desk/api/conversations/none/take", `{"shop":"demo","agent":"Mei"}`); code != http.StatusNotFound {
		t.Errorf("taking what isn't there: %d", code)
	}
	for _, body := range []string{"", `[]`, `{"shop":7}`, `{"shop":"demo"}`} {
		if code, _ := b.gets(http.MethodPost, "/desk/api/conversations/"+id+"/take", body); code != http.StatusBadRequest {
			t.Errorf("taking with %q: %d", body, code)
		}
	}
}

func TestCallbacksAreMarked(t *testing.T) {
	b := openBureau(t)
	err := b.db.Update(t.Context(), func(tx *store.Tx) error {
		_, err := store.In(tx, "demo").SaveCallback(catalog.Callback{ID: "k1", Conversation: "c1", Contact: "+15035550117", CreatedAt: time.Now(), State: desk.Open})
		return err
	})
	if err != nil {
		t.Fatal(err)
	}
	list := func(state string) string {
		code, body := b.gets(http.MethodGet, "/desk/api/callbacks?shop=demo&state="+state, "")
		if code != http.StatusOK {
			t.Errorf("%d %s", code, body)
		}
		return body
	}
	mark := func(id, body string, want int) {
		t.Helper()
		if code, text := b.gets(http.MethodPost, "/desk/api/callbacks/"+id, body); code != want {
			t.Errorf("%s: %d %s, want %d", body, code, text, want)
		}
	}
	if open := list("open"); !strings.Contains(open, "+15035550117") || list("done") != "[]" {
		t.Errorf("open %s, done %s", open, list("done"))
	}
	mark("k1", `{"shop":"demo","agent":"Mei","state":"lost"}`, http.StatusBadRequest)
	mark("k1", `{"shop":"demo","state":"done"}`, http.StatusBadRequest)
	mark("k2", `{"shop":"demo","agent":"Mei","state":"done"}`, http.StatusNotFound)
	mark("k1", `{"shop":"demo","agent":"Mei","state":"done"}`, http.StatusOK)
	mark("k1", `{"shop":"demo","agent":"Ann","state":"done"}`, http.StatusOK) // who did it first, did it
	if done := list("done"); !strings.Contains(done, `"done_by":"Mei"`) || list("open") != "[]" {
		t.Errorf("done %s, open %s", done, list("open"))
	}
	mark("k1", `{"shop":"demo","agent":"Ann","state":"open"}`, http.StatusOK)
	if open := list("open"); !strings.Contains(open, `"k1"`) || strings.Contains(open, "done_by") {
		t.Errorf("open again: %s", open)
	}
}
