package skill

import (
	"context"
	"maps"
	"slices"
	"strings"
	"unicode"

	"github.com/shopspring/decimal"

	"github.com/floorwalker/floorwalker/catalog"
	"github.com/floorwalker/floorwalker/catalog/store"
	"github.com/floorwalker/floorwalker/dialog/flow"
	"github.com/floorwalker/floorwalker/retrieval"
)

// joins is the text of the search before with what is said now, where that only says more of
// the thing looked for (铸铁的, "the glass ones", "for camping") and there are such things; ""
// where it doesn't.
func (s *Set) joins(ctx context.Context, call flow.Call, query, before map[string]any) (string, error) {
	old, _ := before["text"].(string)
	now, _ := query["text"].(string)
	if old == "" || now == "" || query["gift"] != nil || !s.words.saysMore(call.Said.Text) {
		return "", nil
	}
	first, err := s.wanted(ctx, retrieval.Query{Text: old, Locale: call.Locale})
	if err != nil || first.text == "" {
		return "", err
	}
	more, err := s.wanted(ctx, retrieval.Query{Text: now, Locale: call.Locale})
	if err != nil || more.text == "" {
		return "", err
	}
	both := first.text + " " + more.text
	hits, err := s.Products.Search(ctx, retrieval.Query{Text: both, Locale: call.Locale, Limit: mostRanked})
	if err != nil || !slices.ContainsFunc(hits, func(h retrieval.Hit) bool {
		return (first.head == "" || slices.Contains(h.Why, first.head)) && !slices.ContainsFunc(more.words, func(x retrieval.Word) bool { return slices.Contains(h.Lacks, x.Typed) })
	}) {
		return "", err
	}
	return both, nil
}

// comparative is -1 if a text asks for what costs less, 1 for what costs more, else 0.
func (w *words) comparative(s string) int {
	switch {
	case w.byPrice(s) != 0:
		return 0
	case w.cheaper.in(s):
		return -1
	case w.dearer.in(s):
		return 1
	}
	return 0
}

// withoutThan is a query without the bound that another price was.
func withoutThan(query map[string]any) map[string]any {
	if query["than"] == nil {
		return query
	}
	out := maps.Clone(query)
	for _, name := range []string{"than", "way", "max", "min"} {
		delete(out, name)
	}
	return out
}

// comparedTo makes the query for what costs less (way < 0) or more than the product spoken of,
// else than the cheapest or dearest of those shown: of the same search, or of the same
// kind where there was none.
func (s *Set) comparedTo(ctx context.Context, call flow.Call, query map[string]any, options []saidOption, before map[string]any, way int) (flow.Result, error) {
	shown, err := s.shownBefore(ctx, call)
	if err != nil {
		return flow.Result{}, err
	}
	now := meantBy(argValue(call, "product"))
	if now.product == "" {
		now = shown.one()
	}
	price, kind, err := s.priceSpokenOf(ctx, now, shown, way)
	if err != nil {
		return flow.Result{}, err
	}
	listed := now.product == "" || slices.ContainsFunc(shown.list(), func(p shownProduct) bool { return p.meant.product == now.product })
	switch {
	case query["text"] != nil || query["category"] != nil:
	case before != nil && (listed || price == nil):
		query = merged(before, query)
	case kind != "":
		query["text"] = kind
	default:
		return flow.Result{}, nil
	}
	delete(query, "sort")
	if err := s.addOptions(ctx, query, options, call.Locale); err != nil {
		return flow.Result{}, err
	}
	if price == nil {
		query["sort"] = way
	} else {
		cent := decimal.New(1, -2)
		query["than"], query["way"] = price.String(), way
		if way < 0 {
			query["max"] = price.Sub(cent).String()
		} else {
			query["min"] = price.Add(cent).String()
		}
	}
	return flow.Result{Values: []flow.Value{{V: query, Text: call.Said.Text, Offset: offset(call.Said)}}}, nil
}

// priceSpokenOf is the price of the product spoken of, else the lowest (way < 0) or highest of
// those shown last, nil where there is neither; and what the first of them is.
func (s *Set) priceSpokenOf(ctx context.Context, now meant, before shown, way int) (*decimal.Decimal, string, error) {
	var of []shownProduct
	if now.product != "" {
		err := s.read(ctx, func(r store.Records) error {
			p, err := s.newShelf(r).product(now.product)
			if of = nil; p != nil {
				of = []shownProduct{{now, p}}
			}
			return err
		})
		if err != nil {
			return nil, "", err
		}
	} else {
		of = before.latest()
	}
	var best *decimal.Decimal
	kind := ""
	for _, p := range of {
		variants := slices.DeleteFunc(slices.Clone(p.product.Variants), func(v catalog.Variant) bool { return !p.has(v) })
		if len(variants) == 0 {
			continue
		}
		price := lowest(variants)
		if best == nil || price.Cmp(*best)*way > 0 {
			best = &price
		}
		if kind == "" {
			kind = kindOf(p.product.Title)
		}
	}
	return best, kind, nil
}

// kindOf is the word of a title that says what the thing is: the last before what it has or is
// for; of writing without spaces the last two characters.
func kindOf(title string) string {
	if at := strings.IndexAny(title, ",(（，|/"); at > 0 {
		title = title[:at]
	}
	lower := strings.ToLower(title)
	for _, word := range []string{" with ", " for ", " in "} {
		if at := strings.Index(lower, word); at > 0 {
			title, lower = title[:at], lower[:at]
		}
	}
	words := strings.Fields(title)
	if len(words) == 0 {
		return ""
	}
	last := []rune(words[len(words)-1])
	if unicode.Is(unicode.Han, last[len(last)-1]) {
		last = last[max(0, len(last)-2):]
	}
	return string(last)
}
