package skill

import (
	"context"
	"maps"
	"slices"
	"strings"
	"unicode"

	"github.com/floorwalker/floorwalker/catalog"
	"github.com/floorwalker/floorwalker/catalog/store"
	"github.com/floorwalker/floorwalker/retrieval"
)

// mostNear is how many products are ranked by meaning.
const mostNear = 50

// byMeaning mends what words found by what the question means. Where a thing is named, what
// words found is put in order; where only its use is told ("something to keep my tea hot"), what
// comes near it is found.
func (s *Set) byMeaning(ctx context.Context, q retrieval.Query, need need, f found, asked wanted) found {
	if q.Text == "" {
		return f
	}
	q.Limit = mostNear
	near, err := s.Products.Near(ctx, q)
	if err != nil || len(near) == 0 {
		if err != nil && ctx.Err() == nil {
			s.Logger.Warn("products by meaning: words alone decide", "shop", s.Shop, "error", err)
		}
		return f
	}
	if need != noNeed {
		near = s.having(ctx, q.Text, near)
	}
	switch {
	case need == openNeed:
		f = found{hits: closest(retrieval.Needs(among(near, f.hits), near), near), meant: true, named: f.named}
	case need == ofThing && asked.head != "":
		f.hits = s.able(ctx, q, f.hits, near, asked.head)
	case asked.unknown > 0:
		f.hits = among(f.hits, retrieval.Needs(f.hits, near))
	default:
		f.hits = retrieval.Things(f.hits, near)
	}
	return f
}

// able ranks things of a kind by what they are to be good for: "a lamp that can be dimmed".
func (s *Set) able(ctx context.Context, q retrieval.Query, hits, near []retrieval.Hit, head string) []retrieval.Hit {
	asked := q.Text
	q.Text, q.Limit = head, mostNear
	kind, err := s.Products.Search(ctx, q)
	if err != nil {
		return hits
	}
	named := func(h retrieval.Hit) bool { return slices.Contains(h.Named, head) }
	kind = s.having(ctx, asked, slices.DeleteFunc(kind, func(h retrieval.Hit) bool { return !named(h) }))
	if len(kind) == 0 {
		return hits
	}
	return among(kind, retrieval.Needs(hits, near))
}

// having leaves those that have what is asked for, where their records know such a thing and
// any of them has it: "to keep my tea hot", 可以调光的.
func (s *Set) having(ctx context.Context, asked string, hits []retrieval.Hit) []retrieval.Hit {
	traits := slices.DeleteFunc(s.traitsAsked(asked), func(name string) bool { return !slices.Contains(s.words.AbilityTraits, name) })
	if len(traits) == 0 {
		return hits
	}
	var having []retrieval.Hit
	err := s.read(ctx, func(r store.Records) error {
		having = nil
		shelf := s.newShelf(r)
		for _, h := range hits {
			p, err := shelf.product(h.Product)
			if err != nil {
				return err
			}
			if p != nil && !slices.ContainsFunc(traits, func(name string) bool { return !s.isAble(p.Attributes[name]) }) {
				having = append(having, h)
			}
		}
		return nil
	})
	if err != nil || len(having) == 0 {
		return hits
	}
	return having
}

// isAble reports whether the value of an attribute says that a product can do that.
func (s *Set) isAble(value string) bool {
	return value != "" && !s.words.denied.first.MatchString(value)
}

// ofKind leaves out what only has the thing in its name, where others are one: of 碗 the 洗碗刷.
// In Chinese the thing stands last.
func (s *Set) ofKind(ctx context.Context, head string, hits []retrieval.Hit) []retrieval.Hit {
	if r := []rune(head); len(r) != 1 || !unicode.Is(unicode.Han, r[0]) {
		return hits
	}
	var are []retrieval.Hit
	err := s.read(ctx, func(r store.Records) error {
		are = nil
		shelf := s.newShelf(r)
		for _, h := range hits {
			p, err := shelf.product(h.Product)
			if err != nil {
				return err
			}
			if p != nil && (strings.HasSuffix(kindOf(p.Title), head) || slices.ContainsFunc(slices.Collect(maps.Values(p.Translations)), func(t catalog.Translation) bool {
				return strings.HasSuffix(kindOf(t.Title), head)
			})) {
				are = append(are, h)
			}
		}
		return nil
	})
	if err != nil || len(are) == 0 {
		return hits
	}
	return are
}

// among leaves those hits that stand in some, as they stand there.
func among(some, hits []retrieval.Hit) []retrieval.Hit {
	var out []retrieval.Hit
	for _, h := range hits {
		if i := slices.IndexFunc(some, func(o retrieval.Hit) bool { return o.Product == h.Product }); i >= 0 {
			out = append(out, some[i])
		}
	}
	return out
}

// closest leaves those hits that are about as near as the nearest.
func closest(hits, near []retrieval.Hit) []retrieval.Hit {
	const about = 0.04 // of a cosine, which is between about .75 and .9 for all that people ask
	cosine := map[string]float64{}
	for _, h := range near {
		cosine[h.Product] = h.Score
	}
	return slices.DeleteFunc(hits, func(h retrieval.Hit) bool { return cosine[h.Product] < near[0].Score-about })
}
