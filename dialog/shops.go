package dialog

import (
	"context"
	"errors"
	"fmt"
	"hash/fnv"
	"io/fs"
	"log/slog"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"sync"
	"sync/atomic"
	"time"

	"github.com/fsnotify/fsnotify"

	"github.com/floorwalker/floorwalker/catalog"
	"github.com/floorwalker/floorwalker/catalog/feed"
	"github.com/floorwalker/floorwalker/catalog/store"
	"github.com/floorwalker/floorwalker/dialog/reply"
	"github.com/floorwalker/floorwalker/dialog/skill"
	"github.com/floorwalker/floorwalker/models"
	"github.com/floorwalker/floorwalker/nlu/entity"
	"github.com/floorwalker/floorwalker/nlu/intent"
	"github.com/floorwalker/floorwalker/nlu/pipeline"
	"github.com/floorwalker/floorwalker/retrieval"
	"github.com/floorwalker/floorwalker/retrieval/index"
	"github.com/floorwalker/floorwalker/retrieval/knowledge"
)

// Parts are what shop folders are joined with to serve.
type Parts struct {
	DB      store.DB
	Encoder models.Encoder // nil: words only
	Kept    string         // folder of indexes and vectors made from shops; one process at a time uses it
	Learned string         // folder of learned heads, keyed by content: shops and processes share it
	Desk    skill.Desk
	Codes   skill.Sender
	Logger  *slog.Logger
	Now     func() time.Time

	// Changed is told which products a shop has taken up since it was opened: those that are
	// new or other than before, and the ids of those that are gone. It may not wait. nil: nobody.
	Changed func(shop string, products []catalog.Product, gone []string)
}

// Shops are the loaded shops of a server. Folders are watched: an edit replaces the Shop whole
// if it is sound; otherwise it is refused, its faults are logged, and the old one stays. Changes of
// products in the store are followed too.
type Shops struct {
	parts Parts
	byID  map[string]*loaded
	ids   []string
}

// loaded is a shop with what outlives its reloads. Only the watcher and OpenShops change it.
type loaded struct {
	parts   Parts
	dir     string
	current atomic.Pointer[Shop]

	mu        sync.Mutex // held while (re)loading
	index     *index.Index
	products  map[string]int64 // id → version indexed
	revision  int64
	synonyms  string
	knowledge *knowledge.Knowledge
	passages  string
	retired   []func() error // parts of earlier loads that turns may still use; closed at the end
}

// OpenShops loads the shops of folders. With faults in any of them it returns a
// catalog.Faults, and nothing is open.
func OpenShops(ctx context.Context, dirs []string, p Parts) (*Shops, error) {
	s := &Shops{parts: p, byID: map[string]*loaded{}}
	for _, dir := range dirs {
		l := &loaded{parts: p, dir: dir}
		shop, err := l.load(ctx)
		if err == nil && s.byID[shop.Settings.ID] != nil {
			err = fmt.Errorf("%s: shop id %q is taken by %s", dir, shop.Settings.ID, s.byID[shop.Settings.ID].dir)
		}
		if err != nil {
			return nil, errors.Join(err, l.close(), s.Close())
		}
		l.current.Store(shop)
		s.byID[shop.Settings.ID] = l
		s.ids = append(s.ids, shop.Settings.ID)
	}
	return s, nil
}

// Shop returns a shop as loaded now, nil if there is none of that id.
func (s *Shops) Shop(id string) *Shop {
	if l := s.byID[id]; l != nil {
		return l.current.Load()
	}
	return nil
}

// IDs are the shops' ids in the order given.
func (s *Shops) IDs() []string { return slices.Clone(s.ids) }

// Origins are the origins whose pages may talk to a shop.
func (s *Shops) Origins(id string) []string {
	shop := s.Shop(id)
	if shop == nil {
		return nil
	}
	return shop.origins()
}

// Close releases what the shops hold. No turn may run any more.
func (s *Shops) Close() error {
	var errs []error
	for _, l := range s.byID {
		errs = append(errs, l.close())
	}
	return errors.Join(errs...)
}

func (l *loaded) close() error {
	l.mu.Lock()
	defer l.mu.Unlock()
	closers := l.retired
	if l.index != nil {
		closers = append(closers, l.index.Close)
	}
	if l.knowledge != nil {
		closers = append(closers, l.knowledge.Close)
	}
	l.retired, l.index, l.knowledge = nil, nil, nil
	var errs []error
	for _, c := range closers {
		errs = append(errs, c())
	}
	return errors.Join(errs...)
}

// load reads the folder and joins it with the parts.
func (l *loaded) load(ctx context.Context) (*Shop, error) {
	l.mu.Lock()
	defer l.mu.Unlock()
	fsys := os.DirFS(l.dir)
	name := filepath.Base(l.dir)
	if abs, err := filepath.Abs(l.dir); err == nil {
		name = filepath.Base(abs)
	}
	f, faults := ReadFolder(fsys, name)
	if err := faults.Err(); err != nil {
		return nil, fmt.Errorf("shop folder %s:\n%w", l.dir, err)
	}
	if err := l.fill(ctx, f.Settings, fsys); err != nil {
		return nil, err
	}
	products, samples, err := l.records(ctx, f.Settings.ID)
	if err != nil {
		return nil, err
	}
	if err := l.openIndex(ctx, f, products); err != nil {
		return nil, err
	}
	if err := l.openKnowledge(ctx, f); err != nil {
		return nil, err
	}
	classifier, report, err := intent.New(ctx, f.Intents, intent.Options{Encoder: l.parts.Encoder,
		Dir: filepath.Join(l.parts.Learned, "intents")})
	if err != nil {
		return nil, fmt.Errorf("intents of shop %s: %w", f.Settings.ID, err)
	}
	if !report.Kept {
		l.parts.Logger.Info("intents learned", "shop", f.Settings.ID, "examples", report.Examples,
			"embed_seconds", report.EmbedSeconds, "train_seconds", report.TrainSeconds)
	}
	if report.Warning != "" {
		l.parts.Logger.Warn("intents", "shop", f.Settings.ID, "warning", report.Warning)
	}
	lexicon, shape := entity.NewLexicon(products, f.Synonyms, f.Settings.Locales), entity.ShapeOf(samples)
	understander, err := pipeline.New(pipeline.Options{Intents: classifier,
		Lexicon: func() *entity.Lexicon { return lexicon }, Shape: func() entity.Shape { return shape }})
	if err != nil {
		return nil, fmt.Errorf("shop %s: %w", f.Settings.ID, err)
	}
	return &Shop{
		Settings: f.Settings,
		Flows:    f.Flows,
		Replies:  f.Replies,
		Names:    names(products),
		Silence:  f.Silence,
		NLU:      understander,
		Skills: skill.New(skill.Deps{
			Shop: f.Settings.ID, Settings: f.Settings, Policy: f.Policy, DB: l.parts.DB,
			Products: l.index, Passages: l.knowledge, Promotions: f.Promotions, Remotes: f.Remotes, Orders: f.Orders, Desk: l.parts.Desk, Codes: l.parts.Codes,
			Logger: l.parts.Logger, Now: l.parts.Now,
		}),
	}, nil
}

// kept is the folder of one sort of things made from the shop.
func (l *loaded) kept(f Folder, what string) string {
	return filepath.Join(l.parts.Kept, what, f.Settings.ID)
}

// fill brings the folder's record files into an empty store, once.
func (l *loaded) fill(ctx context.Context, s catalog.Settings, fsys fs.FS) error {
	id := s.ID
	report, filled, err := feed.FillOnce(ctx, l.parts.DB, id, fsys, feed.Options{Now: l.parts.Now(), Currency: s.Currency})
	if err != nil {
		return fmt.Errorf("records of shop %s: %w", id, err)
	}
	for _, n := range report.Notes {
		l.parts.Logger.Warn("record", "shop", id, "note", n.String())
	}
	if filled {
		l.parts.Logger.Info("records brought in", "shop", id, "refused", report.Refused())
	}
	return nil
}

// samplesOfOrders is how many order ids are looked at to learn their shape.
const samplesOfOrders = 200

// records reads what is kept in memory: all products, and some order ids.
func (l *loaded) records(ctx context.Context, id string) (products []catalog.Product, orders []string, err error) {
	err = l.parts.DB.View(ctx, func(tx *store.Tx) error {
		products = products[:0]
		r := store.In(tx, id)
		if err := r.Products(func(p catalog.Product) error { products = append(products, p); return nil }); err != nil {
			return err
		}
		if orders, err = r.OrderIDs(samplesOfOrders); err != nil {
			return err
		}
		l.revision, err = r.Revision()
		return err
	})
	return products, orders, err
}

// openIndex opens the product index, or brings it up to date.
func (l *loaded) openIndex(ctx context.Context, f Folder, products []catalog.Product) error {
	versions := make(map[string]int64, len(products))
	var changed []catalog.Product
	for _, p := range products {
		versions[p.ID] = p.Version
		if l.products[p.ID] != p.Version {
			changed = append(changed, p)
		}
	}
	var removed []string
	for id := range l.products {
		if _, ok := versions[id]; !ok {
			removed = append(removed, id)
		}
	}
	words := key(f.Synonyms)
	var err error
	switch {
	case l.index == nil:
		l.index, err = index.Open(ctx, l.kept(f, "products"), index.All(products), f.Synonyms)
		if err == nil && l.parts.Encoder != nil {
			report := func(err error) { l.parts.Logger.Warn("products by meaning", "shop", f.Settings.ID, "error", err) }
			err = l.index.ByMeaning(ctx, filepath.Join(l.parts.Learned, "products"), f.Settings.ID, index.All(products), l.parts.Encoder, report)
		}
	default:
		if words != l.synonyms {
			l.index.SetSynonyms(f.Synonyms)
		}
		err = l.index.Update(ctx, changed, removed)
		if err == nil && l.parts.Changed != nil && len(changed)+len(removed) > 0 {
			l.parts.Changed(f.Settings.ID, changed, removed)
		}
	}
	if err != nil {
		return fmt.Errorf("product index of shop %s: %w", f.Settings.ID, err)
	}
	l.products, l.synonyms = versions, words
	return nil
}

// openKnowledge opens the passages' index unless it is that of the same passages.
func (l *loaded) openKnowledge(ctx context.Context, f Folder) error {
	passages := key(struct {
		Passages []retrieval.Passage
		Synonyms [][]string
	}{f.Passages, f.Synonyms})
	if l.knowledge != nil && passages == l.passages {
		return nil
	}
	k, err := knowledge.New(ctx, filepath.Join(l.kept(f, "knowledge"), passages), f.Passages, l.parts.Encoder, f.Synonyms)
	if err != nil {
		return fmt.Errorf("knowledge of shop %s: %w", f.Settings.ID, err)
	}
	if l.knowledge != nil {
		l.retired = append(l.retired, l.knowledge.Close)
	}
	l.knowledge, l.passages = k, passages
	return nil
}

// key names a value by content.
func key(v any) string {
	h := fnv.New64a()
	fmt.Fprintf(h, "%#v", v)
	return fmt.Sprintf("%016x", h.Sum64())
}

// names are the titles and brands that replies may tell only as facts.
func names(products []catalog.Product) reply.Lexicon {
	return reply.NewNames(func(yield func(string) bool) {
		for _, p := range products {
			all := []string{p.Title, p.Brand}
			for _, t := range p.Translations {
				all = append(all, t.Title)
			}
			for _, name := range all {
				if name != "" && !yield(name) {
					return
				}
			}
		}
	})
}

// How soon an edit is taken: after the files have been quiet for settle, and changed records
// at the next look.
const (
	settle  = 200 * time.Millisecond
	lookFor = time.Second
)

// Watch reloads shops whose files or products change, until ctx ends.
func (s *Shops) Watch(ctx context.Context) error {
	watcher, err := fsnotify.NewWatcher()
	if err != nil {
		return fmt.Errorf("watching shop folders: %w", err)
	}
	defer watcher.Close()
	for _, l := range s.byID {
		if err := watchTree(watcher, l.dir); err != nil {
			return err
		}
	}
	look := time.NewTicker(lookFor)
	defer look.Stop()
	touched := map[*loaded]time.Time{}
	for {
		select {
		case <-ctx.Done():
			return nil
		case e := <-watcher.Events:
			if l := s.of(e.Name); l != nil && !strings.HasPrefix(filepath.Base(e.Name), ".") {
				touched[l] = s.parts.Now()
				if e.Has(fsnotify.Create) {
					_ = watchTree(watcher, l.dir) // a new folder; one gone again is no matter
				}
			}
		case err := <-watcher.Errors:
			s.parts.Logger.Error("watching shop folders", "error", err)
		case <-look.C:
			s.look(ctx, touched)
		}
	}
}

// look reloads what was touched and is quiet, and what the store says has changed.
func (s *Shops) look(ctx context.Context, touched map[*loaded]time.Time) {
	for _, id := range s.ids {
		l := s.byID[id]
		at, edited := touched[l]
		if edited && s.parts.Now().Sub(at) < settle {
			continue
		}
		if !edited && !l.behind(ctx, id) {
			continue
		}
		delete(touched, l)
		s.reload(ctx, l)
	}
}

func (l *loaded) behind(ctx context.Context, id string) bool {
	var revision int64
	err := l.parts.DB.View(ctx, func(tx *store.Tx) (err error) {
		revision, err = store.In(tx, id).Revision()
		return err
	})
	if err != nil {
		if ctx.Err() == nil {
			l.parts.Logger.Error("looking for changed products", "shop", id, "error", err)
		}
		return false
	}
	return revision != l.revision
}

// reload takes an edit, or refuses it whole.
func (s *Shops) reload(ctx context.Context, l *loaded) {
	old := l.current.Load()
	shop, err := l.load(ctx)
	if err == nil && shop.Settings.ID != old.Settings.ID {
		err = fmt.Errorf("%s: the id of a running shop can't change; restart to serve %q", l.dir, shop.Settings.ID)
	}
	if err != nil {
		if ctx.Err() == nil {
			s.parts.Logger.Error("edit refused; the shop as it was stays", "shop", old.Settings.ID, "error", err)
		}
		return
	}
	l.current.Store(shop)
	s.parts.Logger.Info("shop reloaded", "shop", shop.Settings.ID)
}

// of finds the shop whose folder a path is in.
func (s *Shops) of(path string) *loaded {
	for _, l := range s.byID {
		if rel, err := filepath.Rel(l.dir, path); err == nil && filepath.IsLocal(rel) {
			return l
		}
	}
	return nil
}

func watchTree(w *fsnotify.Watcher, dir string) error {
	return filepath.WalkDir(dir, func(path string, d fs.DirEntry, err error) error {
		if err != nil {
			return err
		}
		if !d.IsDir() {
			return nil
		}
		if err := w.Add(path); err != nil {
			return fmt.Errorf("watching %s: %w", path, err)
		}
		return nil
	})
}

// origins are the origins whose pages may talk to the shop: channels.websocket.origins.
func (s *Shop) origins() []string {
	socket, _ := s.Settings.Channels["websocket"].(map[string]any)
	list, _ := socket["origins"].([]any)
	var origins []string
	for _, o := range list {
		if text, ok := o.(string); ok {
			origins = append(origins, text)
		}
	}
	return origins
}
