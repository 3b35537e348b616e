package skill

import (
	"cmp"
	"context"
	"reflect"
	"slices"
	"strings"

	"github.com/floorwalker/floorwalker/retrieval"
)

// found is what came of a search.
type found struct {
	hits    []retrieval.Hit
	relaxed bool   // nothing has all that was asked for
	missing string // what was asked for and none of the hits has
	named   bool   // products have some of the words in their titles
	words   string // those words of the question that were found, where the others only stand around them
	unknown bool   // no product has any of the words
	meant   bool   // found by what the question means, not by its words
}

// need is how what something is for is told.
type need int

const (
	noNeed   need = iota
	ofThing       // of a thing that is named: "a lamp that can be dimmed"
	openNeed      // of anything: "something to keep my tea hot"
)

// how is the manner of a search.
type how struct {
	firm bool // a bound on the price stays
	need need // what a thing is to be good for is told
}

// mostRanked is how many hits are looked at for the best of those that have only some words.
const mostRanked = 20

// relaxations take filters off one after the other, each on top of those before.
var relaxations = []func(q *retrieval.Query, firm bool){
	func(q *retrieval.Query, _ bool) { q.Options = nil },
	func(q *retrieval.Query, _ bool) { q.InStock = false },
	func(q *retrieval.Query, firm bool) {
		if !firm {
			q.Min, q.Max = nil, nil
		}
	},
	func(q *retrieval.Query, _ bool) { q.Category = "" },
}

// search finds what has all that is asked for or else, relaxed, what comes near it. Words that
// no product has, and that are nothing that a product might have, are no reason to find less.
// A firm bound on the price stays.
func (s *Set) search(ctx context.Context, q retrieval.Query, how how) (found, error) {
	asked, err := s.wanted(ctx, q)
	if err != nil {
		return found{}, err
	}
	limit := cmp.Or(q.Limit, mostProducts)
	q.Limit = max(limit, mostRanked)
	f, err := s.byWords(ctx, q, asked, how.firm)
	if err != nil {
		return found{}, err
	}
	f = s.byMeaning(ctx, q, how.need, f, asked)
	f.unknown = asked.text == ""
	f.hits = s.ofKind(ctx, asked.head, f.hits)
	f.hits = f.hits[:min(limit, len(f.hits))]
	return f, nil
}

// byWords is search by words alone.
func (s *Set) byWords(ctx context.Context, q retrieval.Query, asked wanted, firm bool) (found, error) {
	options := q.Options
	for i := 0; ; i++ {
		f, err := s.searchOnce(ctx, q, asked)
		f.named = asked.nouns != ""
		if err != nil || len(f.hits) > 0 {
			if len(f.hits) > 0 && i > 0 {
				f.relaxed = true
				if missing := slices.Sorted(values(options)); i == 1 && f.missing == "" && len(missing) > 0 {
					f.missing = strings.Join(missing, ", ")
				}
			}
			return f, err
		}
		if i == len(relaxations) {
			return found{named: asked.nouns != ""}, nil
		}
		before := q
		relaxations[i](&q, firm)
		for i+1 < len(relaxations) && reflect.DeepEqual(before, q) { // there was no such filter
			i++
			relaxations[i](&q, firm)
		}
		if reflect.DeepEqual(before, q) || q.Text == "" && !filtered(q) {
			return found{named: asked.nouns != ""}, nil
		}
	}
}

// values gives the values of a map.
func values(m map[string]string) func(func(string) bool) {
	return func(yield func(string) bool) {
		for _, v := range m {
			if !yield(v) {
				return
			}
		}
	}
}

// searchOnce finds what has all words or else what best fits those that say what is wanted.
func (s *Set) searchOnce(ctx context.Context, q retrieval.Query, asked wanted) (found, error) {
	hits, err := s.Products.Search(ctx, q)
	if err != nil {
		return found{}, err
	}
	exact := slices.DeleteFunc(slices.Clone(hits), func(h retrieval.Hit) bool {
		mentions := asked.head != "" && filtered(q) && !slices.Contains(h.Named, asked.head) // it isn't one, and the real ones are ruled out
		return len(h.Lacks) > 0 || mentions
	})
	if len(exact) > 0 {
		return found{hits: strong(exact, asked.head)}, nil
	}
	if asked.text == "" {
		return found{}, nil
	}
	limit := cmp.Or(q.Limit, mostProducts)
	q.Text, q.Limit = asked.text, max(limit, mostRanked)
	if hits, err = s.Products.Search(ctx, q); err != nil {
		return found{}, err
	}
	if asked.nouns != "" && asked.nouns != asked.text { // what has the nouns, however little else it has
		q.Text = asked.nouns
		named, err := s.Products.Search(ctx, q)
		if err != nil {
			return found{}, err
		}
		for _, h := range named {
			if !slices.ContainsFunc(hits, func(o retrieval.Hit) bool { return o.Product == h.Product }) {
				hits = append(hits, h)
			}
		}
	}
	f := asked.best(hits)
	f.hits = f.hits[:min(limit, len(f.hits))]
	if missing := s.missing(asked, f.hits); missing != "" && len(f.hits) > 0 {
		f.relaxed, f.missing = true, missing
	}
	return f, nil
}

// wanted is what the words of a question say to a shop.
type wanted struct {
	words   []retrieval.Word
	text    string // the words that products have
	head    string // the thing itself, "" where no title has any of the words
	nouns   string // those of them that titles have
	unknown float64
}

// wanted tells the words that products have from those around them, and which of them is the
// thing itself: of "cast iron pan for steak" the last before "for".
func (s *Set) wanted(ctx context.Context, q retrieval.Query) (wanted, error) {
	if q.Text == "" {
		return wanted{}, nil
	}
	words, err := s.Products.Words(ctx, q.Text)
	if err != nil {
		return wanted{}, err
	}
	w := wanted{words: words}
	purpose := len(q.Text)
	if at := s.words.purpose.pattern.FindStringIndex(q.Text); at != nil {
		purpose = at[0]
	}
	var known, nouns []string
	lower := strings.ToLower(q.Text)
	before := ""
	for _, x := range words {
		if x.Known == 0 && x.Named == 0 {
			w.unknown += x.Weight
			continue
		}
		known = append(known, x.Typed)
		if x.Named == 0 {
			continue
		}
		w.head, nouns = x.Typed, append(nouns, x.Typed)
		if at := strings.Index(lower, x.Typed); at >= 0 && at < purpose {
			before = x.Typed
		}
	}
	w.head = cmp.Or(before, w.head)
	w.text, w.nouns = strings.Join(known, " "), strings.Join(nouns, " ")
	return w, nil
}

// How much a word counts that only describes a product, beside one in its title, and the thing
// itself beside other words.
const (
	describes = 0.35
	isHead    = 1.5
)

// best ranks hits by the words they have, and leaves those that come near the first. What has
// none of the words in its title counts only where no title has, and if it has most of them.
func (w wanted) best(hits []retrieval.Hit) found {
	weights := map[string]float64{}
	total := w.unknown
	for _, x := range w.words {
		if x.Known > 0 || x.Named > 0 {
			weights[x.Typed] = x.Weight
			total += x.Weight
		}
	}
	score := func(h retrieval.Hit) float64 {
		sum, plain := 0.0, 0.0
		for _, word := range h.Why {
			weight := weights[word]
			plain += weight
			switch {
			case !slices.Contains(h.Named, word):
				weight *= describes
			case word == w.head:
				weight *= isHead
			}
			sum += weight
		}
		if w.nouns != "" && len(h.Named) == 0 || w.nouns == "" && plain < total/2 {
			return 0
		}
		return sum
	}
	const near = 0.5 // of the best score
	ranked := slices.DeleteFunc(slices.Clone(hits), func(h retrieval.Hit) bool { return score(h) == 0 })
	slices.SortStableFunc(ranked, func(a, b retrieval.Hit) int { return cmp.Compare(score(b), score(a)) })
	if len(ranked) == 0 {
		return found{}
	}
	top, called := score(ranked[0]), len(ranked[0].Named)
	whole := called > 1 && strings.Join(ranked[0].Named, " ") == w.nouns // then what has less is another thing
	ranked = slices.DeleteFunc(ranked, func(h retrieval.Hit) bool { return score(h) < near*top || whole && len(h.Named) < called })
	has := map[string]bool{}
	for _, h := range ranked {
		for _, word := range h.Why {
			has[word] = true
		}
	}
	var words []string
	for _, x := range w.words {
		if has[x.Typed] {
			words = append(words, x.Typed)
		}
	}
	return found{hits: ranked, words: strings.Join(words, " ")}
}

// missing are those words that none of the hits has and that say what the thing should be:
// colors and materials, and words before the thing that other products are called by.
func (s *Set) missing(w wanted, hits []retrieval.Hit) string {
	var out []string
	passed := false
	for _, x := range w.words {
		passed = passed || x.Typed == w.head
		has := slices.ContainsFunc(hits, func(h retrieval.Hit) bool { return slices.Contains(h.Why, x.Typed) })
		single := len([]rune(x.Typed)) < 2 // a character alone says too little, unless it is a color or the like
		if !has && (s.words.kind.in(x.Typed) || x.Named > 0 && !passed && !single) {
			out = append(out, x.Typed)
		}
	}
	return strings.Join(out, " ")
}

// strong leaves out the tail of hits that have the words, but only just: sooner those that only
// mention the thing, where the first is one.
func strong(hits []retrieval.Hit, head string) []retrieval.Hit {
	const tail, mentions = 0.3, 0.5 // of the best score
	is := func(h retrieval.Hit) bool { return slices.Contains(h.Named, head) }
	return slices.DeleteFunc(hits, func(h retrieval.Hit) bool {
		return h.Score < tail*hits[0].Score || is(hits[0]) && !is(h) && h.Score < mentions*hits[0].Score
	})
}

func filtered(q retrieval.Query) bool {
	return q.Category != "" || q.Options != nil || q.Min != nil || q.Max != nil || q.InStock
}
