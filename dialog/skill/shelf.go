package skill

import (
	"errors"
	"strings"
	"sync"

	"github.com/floorwalker/floorwalker/catalog"
	"github.com/floorwalker/floorwalker/catalog/store"
)

// shelf reads each product once in a transaction.
type shelf struct {
	records store.Records
	shelved *shelved
	read    map[string]*catalog.Product // nil before the first
}

// newShelf is for a transaction that reads. Its products are shared: nobody changes them.
func (s *Set) newShelf(r store.Records) *shelf { return &shelf{records: r, shelved: s.shelved} }

// product returns a product, nil if the shop has it no more.
func (s *shelf) product(id string) (*catalog.Product, error) {
	if s.read == nil {
		revision, err := s.records.Revision()
		if err != nil {
			return nil, err
		}
		s.read = s.shelved.at(revision)
	}
	if p, ok := s.shelved.get(s.read, id); ok {
		return p, nil
	}
	p, err := s.records.Product(id)
	switch {
	case errors.Is(err, store.ErrNotFound):
		s.shelved.put(s.read, id, nil)
		return nil, nil
	case err != nil:
		return nil, err
	}
	s.shelved.put(s.read, id, &p)
	return &p, nil
}

// mostShelved bounds the products that are kept read.
const mostShelved = 4096

// shelved are the products that were read since the last change of any: a search looks at some
// dozens, most of them the same as the one before. It is safe for concurrent use.
type shelved struct {
	mu       sync.Mutex
	revision int64
	products map[string]*catalog.Product
}

// at returns the products read at a revision. A transaction that began before a change has a
// map of its own.
func (s *shelved) at(revision int64) map[string]*catalog.Product {
	s.mu.Lock()
	defer s.mu.Unlock()
	switch {
	case s.products == nil || revision > s.revision:
		s.revision, s.products = revision, map[string]*catalog.Product{}
	case revision < s.revision:
		return map[string]*catalog.Product{}
	}
	return s.products
}

func (s *shelved) get(from map[string]*catalog.Product, id string) (*catalog.Product, bool) {
	s.mu.Lock()
	defer s.mu.Unlock()
	p, ok := from[id]
	return p, ok
}

func (s *shelved) put(in map[string]*catalog.Product, id string, p *catalog.Product) {
	s.mu.Lock()
	defer s.mu.Unlock()
	if len(in) >= mostShelved {
		clear(in)
	}
	in[id] = p
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
