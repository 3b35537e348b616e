package pipeline

import (
	"regexp"
	"strings"

	"github.com/floorwalker/floorwalker/nlu"
	"github.com/floorwalker/floorwalker/nlu/fold"
	"github.com/floorwalker/floorwalker/nlu/intent"
)

// When a classified unit is a request. Several units in a text each need more than one alone: a
// clause is often only the story behind the request.
const (
	known    = 0.99 // probability of what is an example
	alone    = 0.25
	beside   = 0.70
	agreed   = 0.35 // beside others, if the whole text names it too
	echoed   = 0.10 // what the whole text must give it then
	answered = 0.60 // where the bot asked for something else
	margin   = 0.15 // margin within which the runner-up is as likely
	runnerUp = 0.25
)

// requests are what the units ask for, neighbours of the same intent merged.
func (r *reading) requests() []nlu.Request {
	out := []nlu.Request{}
	classified := 0
	for _, u := range r.units {
		if u.known == "" && !u.values {
			classified++
		}
	}
	condition := -1 // where a condition ends that still says nothing of what is wanted then
	for _, u := range r.units {
		q, ok := r.request(u, classified > 1)
		if !ok {
			if r.conditional(u.span) {
				condition = u.end
			}
			continue
		}
		q.If = q.Act == "" && (r.conditional(u.span) || condition >= 0 && !endsSentence.MatchString(r.folded.Lower[condition:u.start]))
		condition = -1
		if n := len(out); n > 0 && out[n-1].Intent == q.Intent && out[n-1].Negated == q.Negated {
			out[n-1].End = q.End
			out[n-1].If = out[n-1].If && q.If
			out[n-1].P = max(out[n-1].P, q.P)
			continue
		}
		out = append(out, q)
	}
	if classified > 1 && !says(out) {
		if q, ok := r.together(); ok {
			out = append(out, q)
		}
	}
	return out
}

// says reports whether a request is among them that is more than a filler or a curse.
func says(requests []nlu.Request) bool {
	for _, q := range requests {
		if !q.Act.Beside() && q.Act != nlu.Abuse {
			return true
		}
	}
	return false
}

// request is what one unit asks for, if anything.
func (r *reading) request(u unit, several bool) (nlu.Request, bool) {
	if u.values {
		return nlu.Request{}, false
	}
	q := nlu.Request{Intent: u.known, P: known}
	if u.known == "" {
		top := r.prefer(u.result.Ranking)
		if len(top) == 0 || !r.enough(top[0], u, several) {
			return nlu.Request{}, false
		}
		q.Intent, q.P = top[0].Name, top[0].P
		if len(top) > 1 && top[0].P-top[1].P < margin && top[1].P >= runnerUp && r.pipeline.acts[top[1].Name] != nlu.Inform {
			q.Close = top[1].Name
		}
	}
	q.Act = r.pipeline.acts[q.Intent]
	if q.Act == nlu.Inform {
		return nlu.Request{}, false
	}
	q.Start, q.End = r.folded.Span(u.start, u.end)
	q.Negated = q.Act == "" && !r.pipeline.refusals[q.Intent] && r.negated(q.Intent, u.span)
	return q, true
}

// enough reports whether an intent is likely enough to be meant.
func (r *reading) enough(top nlu.Intent, u unit, several bool) bool {
	if u.result.Distance >= intent.OutOfScope {
		return false
	}
	need := alone
	if several {
		need = beside
		for _, w := range r.whole.Ranking {
			if w.Name == top.Name && w.P >= echoed {
				need = agreed
			}
		}
	}
	if r.pipeline.acts[top.Name] == "" && r.answers(u) {
		need = max(need, answered)
	}
	return top.P >= need
}

// answers reports whether a unit holds a value that the bot asked for.
func (r *reading) answers(u unit) bool {
	start, end := r.folded.Span(u.start, u.end)
	for _, e := range r.entities {
		if r.expects(e.Type) && e.Start >= start && e.End <= end {
			return true
		}
	}
	return false
}

// likelyAct is how likely an act that the bot asked for must be to be preferred.
const likelyAct = 0.25

// prefer puts an expected act that is likely enough before other intents.
func (r *reading) prefer(ranking []nlu.Intent) []nlu.Intent {
	for i, in := range ranking[:min(len(ranking), 4)] {
		act := r.pipeline.acts[in.Name]
		if i > 0 && in.P >= likelyAct && act != "" && r.expects(string(act)) {
			out := append([]nlu.Intent{in}, ranking[:i]...)
			return append(out, ranking[i+1:]...)
		}
	}
	return ranking
}

// together is the request of the whole text, where no clause alone says one.
func (r *reading) together() (nlu.Request, bool) {
	all := span{len(r.folded.String), 0}
	for _, u := range r.units {
		if u.known == "" && !u.values {
			all.start, all.end = min(all.start, u.start), max(all.end, u.end)
		}
	}
	return r.request(unit{span: all, result: r.whole}, false)
}

var (
	// refusal comes before what isn't wanted. The word after it decides: see negated.
	refusal = regexp.MustCompile(`(?:\b(?:do not|don't|dont|didn't|did not|never|wouldn't|not going to|no need to|not)(?: (?:really|actually|even))?(?: (?:want|wish|need|mean|like|ask|asking|plan|intend|trying|going|here))?(?: you)?(?: to)? |不想要?|不要|不用|不必|不需要|别|没想要?|没说要?|不是要|不是想要?|没有要)(?:再|给我|帮我|把|真的|现在)*`)
	// bareRefusal is a Chinese one right before the verb: 不取消, but not 能不能取消, 要不取消 or 怎么还不发货.
	bareRefusal = regexp.MustCompile(`(?:^|[^能可是会要好行想用得该还么都直在])不`)
	asks        = regexp.MustCompile(`[?？吗呢么]`)
	// ofTheThing shows that the Chinese refusal was of the thing: 不要了.
	ofTheThing = regexp.MustCompile(`^(?:了|这|那|它|啦)`)
)

var (
	// condition begins what is wanted only if something is so, courtesy what only sounds like it.
	condition    = regexp.MustCompile(`^(?:and |but |or |so )?(?:only )?(?:if|unless|in case)\b|^(?:但|那)?(?:如果|要是|假如|万一|若是|实在)`)
	courtesy     = regexp.MustCompile(`^(?:and |but |or |so )?if (?:at all |it is |it's |that is |that's )?(?:possible|ok|okay|alright|you can|you could|i can|i could|i may|you don't mind|you please)\b|^(?:如果|要是)(?:可以|方便|能|行)的?`)
	endsSentence = regexp.MustCompile(`[.!?。！？\n]`)
)

// conditional reports whether a unit says what is wanted only under a condition.
func (r *reading) conditional(s span) bool {
	text := r.folded.Lower[s.start:s.end]
	return condition.MatchString(text) && !courtesy.MatchString(text)
}

// negated reports whether a unit refuses the intent that it speaks of: a refusal stands right
// before a word that many of the intent's examples have.
func (r *reading) negated(name string, s span) bool {
	text := r.folded.Lower[s.start:s.end]
	refusals := refusal.FindAllStringIndex(text, -1)
	if len(refusals) == 0 && !asks.MatchString(text) {
		refusals = bareRefusal.FindAllStringIndex(text, -1)
	}
	for _, m := range refusals {
		rest := text[m[1]:]
		if ofTheThing.MatchString(rest) {
			continue
		}
		tokens := fold.New(rest).Tokens()
		if len(tokens) == 0 {
			continue
		}
		word := tokens[0].Text
		if tokens[0].Han {
			if len(tokens) < 2 || !tokens[1].Han {
				continue
			}
			word += tokens[1].Text
		}
		if !unspecific[word] && r.pipeline.opts.Intents.Keyword(name, word) {
			return true
		}
	}
	return false
}

// unspecific words after a refusal don't name what is refused: "I don't want it".
var unspecific = func() map[string]bool {
	out := map[string]bool{}
	for _, w := range strings.Fields(`it my the this that a an i to for in of is are have got what where when how know see get need want`) {
		out[w] = true
	}
	return out
}()
