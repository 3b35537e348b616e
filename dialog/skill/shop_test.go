package skill_test

import (
	"bufio"
	"context"
	"encoding/json"
	"os"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/goccy/go-yaml"

	"github.com/floorwalker/floorwalker/catalog"
	"github.com/floorwalker/floorwalker/catalog/store"
	"github.com/floorwalker/floorwalker/catalog/store/sqlite"
	"github.com/floorwalker/floorwalker/dialog/builtin"
	"github.com/floorwalker/floorwalker/dialog/flow"
	"github.com/floorwalker/floorwalker/dialog/skill"
	"github.com/floorwalker/floorwalker/nlu"
	"github.com/floorwalker/floorwalker/nlu/entity"
	"github.com/floorwalker/floorwalker/retrieval"
	"github.com/floorwalker/floorwalker/retrieval/index"
)

// demo is the demo shop as it is when it is served: a database on disk, an index, and what is
// known of its words.
type demo struct {
	*skill.Set
	t       testing.TB
	db      *sqlite.DB
	lexicon *entity.Lexicon
	shape   entity.Shape
	now     time.Time
	inbox   inbox
	desk    people
	talk    string // the conversation
	said    int64  // offset of the last utterance
}

type inbox struct{ mails [][2]string }

func (i *inbox) Send(_ context.Context, l skill.Letter) error {
	i.mails = append(i.mails, [2]string{l.To, l.Code})
	return nil
}

type people struct{ there bool }

func (p *people) Staffed(string) bool { return p.there }

type passages []retrieval.Found

func (p passages) Find(context.Context, string, string, int) ([]retrieval.Found, error) {
	return p, nil
}

func (p passages) Passage(id string) (retrieval.Passage, bool) {
	i := slices.IndexFunc(p, func(f retrieval.Found) bool { return f.ID == id })
	if i < 0 {
		return retrieval.Passage{}, false
	}
	return p[i].Passage, true
}

// search is the index of the demo shop's products, made once for all tests: none changes it.
var search struct {
	sync.Once
	*index.Index
	err error
	dir string
}

func shared(t testing.TB, products []catalog.Product, synonyms [][]string) *index.Index {
	t.Helper()
	search.Do(func() {
		if search.dir, search.err = os.MkdirTemp("", "index"); search.err == nil {
			search.Index, search.err = index.Open(context.Background(), search.dir, index.All(products), synonyms)
		}
	})
	if search.err != nil {
		t.Fatal(search.err)
	}
	return search.Index
}

func TestMain(m *testing.M) {
	code := m.Run()
	if search.Index != nil {
		search.Close()
	}
	os.RemoveAll(search.dir)
	os.Exit(code)
}

// open loads shops/demo. Settings and whatever else may be changed first.
func open(t testing.TB, change ...func(*skill.Deps)) *demo {
	t.Helper()
	dir := filepath.Join("..", "..", "shops", "demo")
	products := lines[catalog.Product](t, filepath.Join(dir, "products.jsonl"))
	customers := lines[catalog.Customer](t, filepath.Join(dir, "customers.jsonl"))
	orders := lines[catalog.Order](t, filepath.Join(dir, "orders.jsonl"))
	synonyms := document[[][]string](t, filepath.Join(dir, "synonyms.yaml"))
	settings := document[catalog.Settings](t, filepath.Join(dir, "shop.yaml"))

	d := &demo{t: t, talk: "talk", now: time.Date(2026, 11, 2, 20, 0, 0, 0, time.UTC)} // a Monday, noon at the shop
	var err error
	if d.db, err = sqlite.Open(t.Context(), filepath.Join(t.TempDir(), "shop.db")); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { d.db.Close() })
	d.fill(products, customers, orders, filepath.Join(dir, "stock.csv"))
	found := shared(t, products, synonyms)
	var ids []string
	for _, o := range orders {
		ids = append(ids, o.ID)
	}
	d.lexicon, d.shape = entity.NewLexicon(products, synonyms, nil), entity.ShapeOf(ids)
	deps := skill.Deps{Shop: "demo", Settings: settings, Policy: policies(t, settings.Policies), DB: d.db, Products: found,
		Desk: &d.desk, Codes: &d.inbox, Now: func() time.Time { return d.now }}
	for _, c := range change {
		c(&deps)
	}
	d.Set = skill.New(deps)
	return d
}

func (d *demo) fill(products []catalog.Product, customers []catalog.Customer, orders []catalog.Order, stock string) {
	d.t.Helper()
	d.update(func(tx *store.Tx) error {
		s := store.Stage(tx, "demo", "test")
		if err := s.Begin(d.now); err != nil {
			return err
		}
		for i, p := range products {
			if _, err := s.Product(i+1, p); err != nil {
				return err
			}
		}
		for i, c := range customers {
			if _, err := s.Customer(i+1, c); err != nil {
				return err
			}
		}
		for i, o := range orders {
			if _, err := s.Order(i+1, o); err != nil {
				return err
			}
		}
		for i, line := range strings.Split(strings.TrimSpace(read(d.t, stock)), "\n")[1:] {
			f := strings.Split(strings.TrimSpace(line), ",")
			n := func(i int) int { v, _ := strconv.Atoi(f[i]); return v }
			if _, err := s.Stock(i+2, catalog.StockLevel{SKU: f[0], Location: f[1], OnHand: n(2), Reserved: n(3), Incoming: n(4), IncomingAt: f[5]}); err != nil {
				return err
			}
		}
		applied, err := s.Apply(d.now)
		if err == nil && len(applied.Refusals) > 0 {
			d.t.Fatalf("the demo shop has rows that are refused: %v", applied.Refusals)
		}
		return err
	})
}

func (d *demo) update(fn func(*store.Tx) error) {
	d.t.Helper()
	if err := d.db.Update(d.t.Context(), fn); err != nil {
		d.t.Fatal(err)
	}
}

func (d *demo) order(id string) (o catalog.Order) {
	d.t.Helper()
	d.update(func(tx *store.Tx) (err error) { o, err = store.In(tx, "demo").Order(id); return err })
	return o
}

func (d *demo) customer(id string) (c catalog.Customer) {
	d.t.Helper()
	d.update(func(tx *store.Tx) (err error) { c, err = store.In(tx, "demo").Customer(id); return err })
	return c
}

// say is what is understood of the next utterance.
func (d *demo) say(text string, expects ...string) *flow.Said {
	d.said += 2
	return &flow.Said{Understanding: nlu.Understanding{Text: text,
		Entities: entity.Extract(text, d.lexicon, d.shape, nlu.Context{Expects: expects, Now: d.now})}, Offsets: []int64{d.said}}
}

// call runs a skill with what is said, args as name, value, name, value, ….
func (d *demo) call(name string, who catalog.Identity, locale string, said *flow.Said, args ...any) flow.Result {
	d.t.Helper()
	c := flow.Call{Conversation: d.talk, Skill: name, Identity: who, Locale: locale, Said: said, Args: map[string]any{}, Now: d.now}
	for i := 0; i+1 < len(args); i += 2 {
		c.Args[args[i].(string)] = args[i+1]
	}
	r, err := d.Run(d.t.Context(), c)
	if err != nil {
		d.t.Fatal(err)
	}
	if r.Down {
		d.t.Fatalf("%s: a back end didn't answer", name)
	}
	return r
}

// prove runs proof on an answer.
func (d *demo) prove(needs catalog.Level, text string, args ...any) flow.Result {
	d.t.Helper()
	return d.proveAs(catalog.Identity{}, needs, d.say(text, "email", "name", "postal_code", "order_id", "code"), args...)
}

func (d *demo) proveAs(who catalog.Identity, needs catalog.Level, said *flow.Said, args ...any) flow.Result {
	d.t.Helper()
	return d.runProof(flow.Call{Identity: who, Needs: needs, Said: said}, args...)
}

// proveAfter runs proof on an answer after others that proved nothing.
func (d *demo) proveAfter(before []flow.Said, needs catalog.Level, said *flow.Said, args ...any) flow.Result {
	d.t.Helper()
	return d.runProof(flow.Call{Needs: needs, Said: said, Before: before}, args...)
}

func (d *demo) runProof(c flow.Call, args ...any) flow.Result {
	d.t.Helper()
	c.Conversation, c.Skill, c.Args = d.talk, "proof", map[string]any{}
	for i := 0; i+1 < len(args); i += 2 {
		c.Args[args[i].(string)] = args[i+1]
	}
	r, err := d.Run(d.t.Context(), c)
	if err != nil || r.Down {
		d.t.Fatalf("proof: %+v, %v", r, err)
	}
	return r
}

func verified(customer string) catalog.Identity {
	return catalog.Identity{Customer: customer, Level: catalog.Verified}
}

func claimed(customer string) catalog.Identity {
	return catalog.Identity{Customer: customer, Level: catalog.Claimed}
}

// ids are the values as texts.
func ids(r flow.Result) string {
	var out []string
	for _, v := range r.Values {
		text, _ := v.V.(string)
		out = append(out, text)
	}
	return strings.Join(out, " ")
}

func read(t testing.TB, path string) string {
	t.Helper()
	text, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	return string(text)
}

func document[T any](t testing.TB, path string) (out T) {
	t.Helper()
	if err := yaml.Unmarshal([]byte(read(t, path)), &out); err != nil {
		t.Fatal(err)
	}
	return out
}

func lines[T any](t testing.TB, path string) (out []T) {
	t.Helper()
	scan := bufio.NewScanner(strings.NewReader(read(t, path)))
	scan.Buffer(nil, 1<<20)
	for scan.Scan() {
		var v T
		if err := json.Unmarshal(scan.Bytes(), &v); err != nil {
			t.Fatal(err)
		}
		out = append(out, v)
	}
	return out
}

// policies are a shop's over the built-in ones, one level deep: that is as deep as the demo's go.
func policies(t testing.TB, own map[string]any) map[string]any {
	t.Helper()
	text, err := builtin.Files.ReadFile("policies.yaml")
	if err != nil {
		t.Fatal(err)
	}
	all := map[string]any{}
	if err := yaml.Unmarshal(text, &all); err != nil {
		t.Fatal(err)
	}
	for name, values := range own {
		base, _ := all[name].(map[string]any)
		over, ok := values.(map[string]any)
		if base == nil || !ok {
			all[name] = values
			continue
		}
		for k, v := range over {
			base[k] = v
		}
	}
	return all
}
