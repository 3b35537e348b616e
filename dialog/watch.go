package dialog

import (
	"context"
	"fmt"
	"io/fs"
	"path/filepath"
	"strings"
	"time"

	"github.com/fsnotify/fsnotify"

	"github.com/floorwalker/floorwalker/catalog/store"
)

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
