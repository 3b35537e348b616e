package dialog

import (
	"context"
	"errors"
	"fmt"
	"hash/fnv"
	"io/fs"
	"os"
	"path/filepath"
	"sync"
	"sync/atomic"

	"github.com/floorwalker/floorwalker/catalog"
	"github.com/floorwalker/floorwalker/catalog/feed"
	"github.com/floorwalker/floorwalker/catalog/store"
	"github.com/floorwalker/floorwalker/dialog/reply"
	"github.com/floorwalker/floorwalker/dialog/skill"
	"github.com/floorwalker/floorwalker/nlu/entity"
	"github.com/floorwalker/floorwalker/nlu/intent"
	"github.com/floorwalker/floorwalker/nlu/pipeline"
	"github.com/floorwalker/floorwalker/retrieval"
	"github.com/floorwalker/floorwalker/retrieval/index"
	"github.com/floorwalker/floorwalker/retrieval/knowledge"
)

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
		Dir: filepath.Join(l.parts.Learned, "intents"), InScopeLoss: f.Settings.Understanding.InScopeLoss})
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
