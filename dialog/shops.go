package dialog

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"slices"
	"time"

	"github.com/floorwalker/floorwalker/catalog"
	"github.com/floorwalker/floorwalker/catalog/store"
	"github.com/floorwalker/floorwalker/dialog/skill"
	"github.com/floorwalker/floorwalker/models"
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
