package skill

import (
	"context"
	"maps"
	"slices"
	"strings"
	"unicode"

	"github.com/floorwalker/floorwalker/dialog/flow"
	"github.com/floorwalker/floorwalker/nlu"
	"github.com/floorwalker/floorwalker/retrieval"
)

// searchWords makes a query of what is said: an object with those of the keys text, category,
// options (by name), min, max (decimal strings), in_stock (true), sort (-1: the cheapest first,
// 1: the dearest), extent (1: the large one, -1: the small one), need (1: a thing is named, 2: none), gift (true) and than (a price
// that all is to be below or, with way 1, above) that there is something for. What only goes on
// with the search before joins it.
var searchWords = skill{
	Skill: flow.Skill{Name: "search_words", Kind: flow.Resolve, Args: []string{"query", "product"}, Options: []string{"query", "product"},
		Entities: []string{"product", "category", "brand", "option", "money_max", "money_min"}, Recall: []string{"query"}, Follows: true},
	run: (*Set).searchWords,
}

func (s *Set) searchWords(ctx context.Context, call flow.Call) (flow.Result, error) {
	if call.Said == nil {
		return flow.Result{}, nil
	}
	query, options := s.query(call.Said), optionsIn(call.Said)
	before, ok := argValue(call, "query").(map[string]any)
	before = withoutThan(before)
	if way := s.words.comparative(call.Said.Text); way != 0 && query["max"] == nil && query["min"] == nil {
		return s.comparedTo(ctx, call, query, options, before, way)
	}
	joins, err := s.joins(ctx, call, query, before)
	if err != nil {
		return flow.Result{}, err
	}
	switch {
	case joins != "":
		query = merged(before, query)
		query["text"] = joins
	case call.Follow && (query["text"] != nil || !ok || len(query)+len(options) == 0):
		return flow.Result{}, nil
	case ok && query["text"] == nil && query["gift"] == nil && len(query)+len(options) > 0: // "and under 30?"
		query = merged(before, query)
	case ok && len(before) > 0 && before["text"] == nil && query["text"] != nil: // a gift or a budget, and now what kind of thing
		query = merged(before, query)
	}
	if err := s.addOptions(ctx, query, options, call.Locale); err != nil {
		return flow.Result{}, err
	}
	if len(query) == 0 || query["text"] == nil && maps.Equal(query, before) { // nothing, or nothing new
		return flow.Result{}, nil
	}
	return flow.Result{Values: []flow.Value{{V: query, Text: call.Said.Text, Offset: offset(call.Said)}}}, nil
}

// addOptions puts options into a query. Of several that a word may mean it takes the one that
// most of what the query finds has.
func (s *Set) addOptions(ctx context.Context, query map[string]any, options []saidOption, locale string) error {
	for _, o := range options {
		best, most := o[0], -1
		for _, x := range o {
			if len(o) == 1 {
				break
			}
			q := queryOf(query, locale)
			q.Options, q.InStock = map[string]string{x.name: x.value}, false
			hits, err := s.Products.Search(ctx, q)
			if err != nil {
				return err
			}
			n := len(slices.DeleteFunc(hits, func(h retrieval.Hit) bool { return len(h.Lacks) > 0 }))
			if n > most {
				best, most = x, n
			}
		}
		query["options"] = put(query["options"], best)
	}
	return nil
}

// put is an object of options with one more.
func put(options any, x option) map[string]any {
	out := map[string]any{x.name: x.value}
	before, _ := options.(map[string]any)
	for name, value := range before {
		if name != x.name {
			out[name] = value
		}
	}
	return out
}

// query is what a text asks products for, options left out.
func (s *Set) query(said *flow.Said) map[string]any {
	query := map[string]any{}
	for _, e := range said.Entities {
		switch e.Type {
		case "category":
			if s.onlyThat(said, e) { // beside a thing it says where the thing is used
				query["category"] = e.Value
			}
		case "money_max", "money_min":
			if amount, _, _ := strings.Cut(e.Value, " "); amount != "" {
				query[strings.TrimPrefix(e.Type, "money_")] = amount
			}
		}
	}
	if s.words.stock.in(said.Text) {
		query["in_stock"] = true
	}
	if way := s.words.byPrice(said.Text); way != 0 {
		query["sort"] = way
	}
	if extent := s.extent(said.Text); extent != 0 {
		query["extent"] = extent
	}
	words := s.spokenOf(said)
	if s.words.gift.in(said.Text) {
		query["gift"] = true
		words = s.tidy(s.words.giving.without(s.words.gift.without(words)))
	}
	if s.says(words) != "" {
		query["text"] = words
		if n := s.words.need(said.Text); n != noNeed {
			query["need"] = int(n)
		}
	}
	return query
}

// onlyThat reports whether nothing but one entity says what is looked for.
func (s *Set) onlyThat(said *flow.Said, e nlu.Entity) bool {
	rest := *said
	rest.Text = blanked(said.Text, [][2]int{{e.Start, e.End}})
	return s.says(s.spokenOf(&rest)) == ""
}

// extent is 1 if a text asks for the large one, -1 for the small one, else 0.
func (s *Set) extent(text string) int {
	switch {
	case s.words.large.in(text):
		return 1
	case s.words.small.in(text):
		return -1
	}
	return 0
}

// thing is what is left of a text once bounds on prices and the phrases around a thing are
// taken out; without options if something else is left then.
func (s *Set) thing(said *flow.Said, withoutOptions bool) string {
	return s.tidy(s.around(said, withoutOptions))
}

// spokenOf is the thing that a question about products is about, without its options and
// without what asks whether it is there.
func (s *Set) spokenOf(said *flow.Said) string {
	return s.tidy(s.words.stock.without(s.around(said, true)))
}

// around is a text without bounds on prices and the phrases around a thing, not tidied yet.
func (s *Set) around(said *flow.Said, withoutOptions bool) string {
	out := map[string]bool{"money_max": true, "money_min": true, "email": true, "phone": true, "reference": true}
	if withoutOptions {
		out["option"] = true
	}
	words := s.words.carrier.without(masked(said, out))
	for _, p := range []phrases{s.words.cheapest, s.words.dearest, s.words.cheaper, s.words.dearer, s.words.large, s.words.small} {
		words = p.without(words)
	}
	if withoutOptions { // "the black handle": what is left names no thing
		for _, o := range optionsIn(said) {
			for _, x := range o {
				words = newPhrases([]string{x.name}).without(words)
			}
		}
	}
	return words
}

// tidy takes small words, punctuation and doubled spaces off.
func (s *Set) tidy(words string) string {
	words = s.words.edge.trim(words)
	words = strings.TrimFunc(words, func(r rune) bool { return !unicode.IsLetter(r) && !unicode.IsDigit(r) })
	return strings.Join(strings.Fields(words), " ")
}

// masked is the text of the request for a product, if the text makes others too, with spaces
// for entities of some types and for what only greets or thanks.
func masked(said *flow.Said, out map[string]bool) string {
	var spans [][2]int
	blank := func(start, end int) { spans = append(spans, [2]int{start, end}) }
	for _, e := range said.Entities {
		if out[e.Type] {
			blank(e.Start, e.End)
		}
	}
	asks := func(r nlu.Request) bool {
		return r.Intent == "find_product" || r.Intent == "check_stock" || r.Intent == "ask_price"
	}
	some := false
	for _, r := range said.Requests {
		some = some || asks(r)
	}
	for _, r := range said.Requests {
		if r.Act.Beside() && len(said.Requests) > 1 || some && r.Act == "" && !asks(r) {
			blank(r.Start, r.End)
		}
	}
	return blanked(said.Text, spans)
}

// blanked is a text with spaces in place of half-open spans of bytes. Spans that don't fit
// the text or cut a character do no harm.
func blanked(text string, spans [][2]int) string {
	bytes := []byte(text)
	for _, span := range spans {
		for i := max(0, span[0]); i < min(span[1], len(bytes)); i++ {
			bytes[i] = ' '
		}
	}
	return strings.ToValidUTF8(string(bytes), " ")
}

// merged is an object with the values of another put over its own.
func merged(over, with map[string]any) map[string]any {
	out := maps.Clone(over)
	maps.Copy(out, with)
	return out
}
