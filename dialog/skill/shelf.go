package skill

import (
	"errors"
	"strings"

	"github.com/floorwalker/floorwalker/catalog"
	"github.com/floorwalker/floorwalker/catalog/store"
)

// shelf reads each product once in a transaction.
type shelf struct {
	records store.Records
	read    map[string]*catalog.Product
}

func newShelf(r store.Records) *shelf { return &shelf{records: r, read: map[string]*catalog.Product{}} }

// product returns a product, nil if the shop has it no more.
func (s *shelf) product(id string) (*catalog.Product, error) {
	if p, ok := s.read[id]; ok {
		return p, nil
	}
	p, err := s.records.Product(id)
	switch {
	case errors.Is(err, store.ErrNotFound):
		s.read[id] = nil
		return nil, nil
	case err != nil:
		return nil, err
	}
	s.read[id] = &p
	return &p, nil
}

// all returns those of the products that the shop still has.
func (s *shelf) all(ids []string) ([]*catalog.Product, error) {
	var out []*catalog.Product
	for _, id := range ids {
		p, err := s.product(id)
		if err != nil {
			return nil, err
		}
		if p != nil {
			out = append(out, p)
		}
	}
	return out, nil
}

// translation is a product's wording in a locale or its language; empty where there is none.
func translation(p *catalog.Product, locale string) catalog.Translation {
	if p == nil {
		return catalog.Translation{}
	}
	if t, ok := p.Translations[locale]; ok {
		return t
	}
	return p.Translations[language(locale)]
}

// language is the part of a locale before its region: zh of zh-CN.
func language(locale string) string {
	l, _, _ := strings.Cut(strings.ReplaceAll(locale, "_", "-"), "-")
	return strings.ToLower(l)
}

func productTitle(p *catalog.Product, locale string) string {
	if t := translation(p, locale); t.Title != "" {
		return t.Title
	}
	return p.Title
}

// itemTitle is the title an item was sold under, or its translation.
func itemTitle(item catalog.Item, p *catalog.Product, locale string) string {
	if t := translation(p, locale); t.Title != "" {
		return t.Title
	}
	return item.Title
}
