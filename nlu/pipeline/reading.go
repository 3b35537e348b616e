package pipeline

import (
	"context"
	"slices"
	"strings"

	"github.com/floorwalker/floorwalker/nlu"
	"github.com/floorwalker/floorwalker/nlu/entity"
	"github.com/floorwalker/floorwalker/nlu/fold"
	"github.com/floorwalker/floorwalker/nlu/intent"
)

// reading is one text on its way through the pipeline.
type reading struct {
	pipeline *Pipeline
	text     string
	folded   fold.Text
	context  nlu.Context
	entities []nlu.Entity

	units []unit        // in the order said
	whole intent.Result // of all cores together
}

// unit is a piece of the text that says one thing.
type unit struct {
	span
	known  string        // the intent it is an example of; "" if it has to be classified
	values bool          // nothing but entities
	result intent.Result // where it was classified
}

// cut makes units of the text: clauses, with what peels off them.
func (r *reading) cut() {
	tokens := r.folded.Tokens()
	for _, c := range clauses(r.folded, r.inEntity) {
		own := within(tokens, c)
		if all := r.unit(c); all.known != "" || all.values {
			r.units = append(r.units, all)
			continue
		}
		before, after, rest := r.pipeline.peels.strip(own)
		for _, p := range before {
			r.units = append(r.units, unit{span: p.span, known: p.intent})
		}
		if len(rest) > 0 {
			r.units = append(r.units, r.core(c, before, after, rest)...)
		}
		for _, p := range after {
			r.units = append(r.units, unit{span: p.span, known: p.intent})
		}
	}
}

// core makes units of what a clause says beside its fillers: one, or an answer and what follows it
// ("yes, and cancel W10235").
func (r *reading) core(c span, before, after []part, rest []fold.Token) []unit {
	from, to := rest[0].Start, rest[len(rest)-1].End
	if len(before) == 0 {
		from = c.start
	}
	if len(after) == 0 {
		to = c.end // with the marks that belong to it: "#W10234"
	}
	all := r.unit(span{from, to})
	if all.known != "" || all.values {
		return []unit{all}
	}
	name, n := r.pipeline.peels.front(r.pipeline.peels.answers, rest)
	if n == 0 || !parted(rest, n) && !stopped(r.folded, rest, n) {
		return []unit{all}
	}
	asked := r.expects(string(r.pipeline.acts[name]))
	if !asked && !stopped(r.folded, rest, n) {
		return []unit{all}
	}
	remainder := r.unit(span{rest[n].Start, to})
	if r.pipeline.acts[remainder.known] == nlu.Inform && !stopped(r.folded, rest, n) {
		return []unit{all} // "no longer needed" doesn't begin with a no
	}
	return []unit{{span: span{rest[0].Start, rest[n-1].End}, known: name}, remainder}
}

func (r *reading) unit(s span) unit {
	s = trim(r.folded.Lower, s)
	u := unit{span: s}
	u.known, _ = r.exact(s)
	if (u.known == "" || r.answers(u)) && r.onlyEntities(s) {
		u.known, u.values = "", true
	}
	return u
}

func (r *reading) exact(s span) (string, bool) {
	return r.pipeline.opts.Intents.Exact(r.folded.String[s.start:s.end])
}

// expects reports whether the bot asked for an entity type or act.
func (r *reading) expects(kind string) bool { return slices.Contains(r.context.Expects, kind) }

func within(tokens []fold.Token, s span) []fold.Token {
	var out []fold.Token
	for _, t := range tokens {
		if t.Start >= s.start && t.End <= s.end {
			out = append(out, t)
		}
	}
	return out
}

// inEntity reports whether a byte of the folded text lies within a value.
func (r *reading) inEntity(at int) bool {
	if at >= len(r.folded.String) {
		return false
	}
	start, end := r.folded.Span(at, at+1)
	return slices.ContainsFunc(r.entities, func(e nlu.Entity) bool { return e.Start < start && end < e.End })
}

// values that stand for nothing but themselves: other types (a number, a reference, a product) are part of
// what is said about them.
var identifying = map[string]bool{
	"order_id": true, "sku": true, "tracking": true, "email": true, "phone": true, "postal_code": true, "code": true, "name": true,
	"number": true, "option": true, "money_max": true, "money_min": true,
}

// onlyEntities reports whether a span holds values and nothing else. The words that make an amount a
// limit are part of it: who writes "under 20 dollars" doesn't ask for a price.
func (r *reading) onlyEntities(s span) bool {
	var values [][2]int
	lower := strings.ToLower(r.text)
	for _, e := range r.entities {
		switch {
		case !identifying[e.Type] && !r.expects(e.Type):
		case (e.Type == "money_max" || e.Type == "money_min") && len(lower) == len(r.text):
			from, to := entity.Limit(lower, e.Start, e.End)
			values = append(values, [2]int{from, to})
		default:
			values = append(values, [2]int{e.Start, e.End})
		}
	}
	for _, t := range within(r.folded.Tokens(), s) {
		start, end := r.folded.Span(t.Start, t.End)
		if !slices.ContainsFunc(values, func(v [2]int) bool { return v[0] <= start && end <= v[1] }) {
			return false
		}
	}
	return true
}

// classify asks the classifier once for all units that need it, and for the whole text if
// there are several.
func (r *reading) classify(ctx context.Context) error {
	var texts []string
	var asked []int
	for i, u := range r.units {
		if u.known == "" && !u.values {
			texts = append(texts, r.folded.String[u.start:u.end])
			asked = append(asked, i)
		}
	}
	if len(asked) == 0 {
		return ctx.Err()
	}
	if len(asked) > 1 {
		texts = append(texts, r.folded.String[r.units[asked[0]].start:r.units[asked[len(asked)-1]].end])
	}
	results, err := r.pipeline.opts.Intents.Classify(ctx, texts)
	if err != nil {
		return err
	}
	for j, i := range asked {
		r.units[i].result = results[j]
	}
	r.whole = results[len(results)-1]
	return nil
}

// ranking is of the whole text; where nothing was classified, of the first thing said that
// isn't a filler.
func (r *reading) ranking(n int) []nlu.Intent {
	if len(r.whole.Ranking) > 0 {
		return r.whole.Ranking[:min(n, len(r.whole.Ranking))]
	}
	out := []nlu.Intent{}
	for _, filler := range []bool{false, true} {
		for _, u := range r.units {
			if u.known != "" && r.pipeline.acts[u.known].Beside() == filler && len(out) == 0 {
				out = append(out, nlu.Intent{Name: u.known, P: known})
			}
		}
	}
	return out
}

// scope reports whether no part of the text is like anything the shop has intents for, and how
// far out it is. Values that were asked for, or that name an order or a person, are in scope.
func (r *reading) scope(requests []nlu.Request) (bool, float64) {
	if len(r.whole.Ranking) == 0 {
		return false, 0
	}
	score := r.whole.Distance
	for _, u := range r.units {
		switch {
		case u.values, u.known != "" && !r.pipeline.acts[u.known].Beside():
			score = 0
		case u.known == "":
			score = min(score, u.result.Distance)
		}
	}
	said := slices.ContainsFunc(requests, func(q nlu.Request) bool { return !q.Act.Beside() })
	answered := slices.ContainsFunc(r.entities, func(e nlu.Entity) bool { return r.expects(e.Type) })
	return score >= intent.OutOfScope && !said && !answered, score
}
