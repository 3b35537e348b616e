package flow

import (
	"errors"
	"io/fs"
	"slices"
	"strings"
	"unicode"

	"golang.org/x/text/cases"
	"golang.org/x/text/unicode/norm"

	"github.com/floorwalker/floorwalker/catalog"
	"github.com/floorwalker/floorwalker/catalog/shopfile"
	"github.com/floorwalker/floorwalker/nlu"
)

// assentFile is optional in a shop folder; what it has is added to the built-in one.
const assentFile = "assent.yaml"

// assent is what makes an answer to a summary a yes and nothing else. A yes that is missed
// costs a turn, a false one an order: so words decide, not likelihood.
type assent struct {
	yes, before, after, and, unless, not, again, asking phrases
}

// loadAssent reads the words of all layers, and what else is a yes by itself.
func loadAssent(layers []fs.FS, examples []string) (assent, catalog.Faults) {
	var faults catalog.Faults
	var w struct {
		Yes, Before, After, And, Unless, Not, Again, Asking map[string][]string
	}
	a := assent{}
	for _, files := range layers {
		if files == nil {
			continue
		}
		if _, err := fs.Stat(files, assentFile); errors.Is(err, fs.ErrNotExist) {
			continue
		}
		faults = append(faults, shopfile.Decode(files, assentFile, &w)...)
		for _, part := range []struct {
			to    *phrases
			lists map[string][]string
		}{{&a.yes, w.Yes}, {&a.before, w.Before}, {&a.after, w.After}, {&a.and, w.And}, {&a.unless, w.Unless}, {&a.not, w.Not}, {&a.again, w.Again}, {&a.asking, w.Asking}} {
			for _, l := range keysOf(part.lists) {
				part.to.add(part.lists[l]...)
			}
		}
	}
	a.yes.add(examples...)
	return a, faults
}

// phrases are texts compared by their tokens.
type phrases struct {
	set     map[string]bool // tokens joined by spaces
	longest int
}

func (p *phrases) add(texts ...string) {
	if p.set == nil {
		p.set = map[string]bool{}
	}
	for _, text := range texts {
		if words := wordsIn(tokens(text)); len(words) > 0 {
			p.set[strings.Join(words, " ")] = true
			p.longest = max(p.longest, len(words))
		}
	}
}

// at gives the lengths of the phrases that begin at a place.
func (p phrases) at(words []string, i int) []int {
	var lengths []int
	for n := 1; n <= p.longest && i+n <= len(words); n++ {
		if p.set[strings.Join(words[i:i+n], " ")] {
			lengths = append(lengths, n)
		}
	}
	return lengths
}

// in reports whether any of the phrases stands in a text.
func (p phrases) in(words []string) bool {
	return slices.ContainsFunc(seq(len(words)), func(i int) bool { return len(p.at(words, i)) > 0 })
}

func (p phrases) has(words []string) bool { return p.set[strings.Join(words, " ")] }

func seq(n int) []int {
	out := make([]int, n)
	for i := range out {
		out[i] = i
	}
	return out
}

// piece is a word, a Chinese character or a symbol of a text, and where it begins.
type piece struct {
	word string
	at   int
}

// tokens parts a text; punctuation and apostrophes go. A question mark stays: what asks is no
// yes.
func tokens(text string) []piece {
	var out []piece
	var word []rune
	start := 0
	flush := func() {
		if len(word) > 0 {
			out = append(out, piece{cases.Fold().String(norm.NFKC.String(string(word))), start})
			word = nil
		}
	}
	for i, r := range text {
		switch {
		case unicode.IsLetter(r) && !isHan(r), unicode.IsDigit(r), unicode.Is(unicode.M, r) && len(word) > 0:
			if len(word) == 0 {
				start = i
			}
			word = append(word, r)
		case r == '\'' || r == '’' || r == '`':
		default:
			flush()
			if isHan(r) || unicode.Is(unicode.So, r) || r == '?' || r == '？' {
				out = append(out, piece{norm.NFKC.String(string(r)), i})
			}
		}
	}
	flush()
	return out
}

func wordsIn(all []piece) []string {
	out := make([]string, len(all))
	for i, t := range all {
		out[i] = t.word
	}
	return out
}

// plain reports whether words are a yes and nothing else. own are words for what the summary
// is about, which may follow the yes.
func (a assent) plain(words []string, own phrases) bool {
	// reached[i]: the first i words are taken; with or without a yes among them.
	without, with := make([]bool, len(words)+1), make([]bool, len(words)+1)
	without[0] = true
	for i := range words {
		if without[i] {
			for _, n := range a.before.at(words, i) {
				without[i+n] = true
			}
		}
		if !without[i] && !with[i] {
			continue
		}
		for _, n := range a.yes.at(words, i) {
			with[i+n] = true
		}
		if with[i] {
			for _, n := range slices.Concat(a.after.at(words, i), own.at(words, i)) {
				with[i+n] = true
			}
		}
	}
	return with[len(words)]
}

// agreement is what an answer to a summary comes to.
type agreement int

const (
	disagreed agreement = iota // or not understood
	agreed                     // a yes and nothing else
	agreedAnd                  // a yes, and a request of its own
)

// agrees reads an answer to a frame's summary; word is the choice taken, by the button or by
// the words on it. With agreedAnd come the requests after the yes, and where they begin.
func (m *machine) agrees(fr *Frame, s *Said, a asks, word string) (agreement, []nlu.Request, int) {
	all := tokens(s.Text)
	words := wordsIn(all)
	switch {
	case m.lastOffset() <= m.in.Asked || word == choiceNo:
		return disagreed, nil, 0
	case word == choiceYes && (len(words) == 0 || s.Choice == "" && m.lateFrom(s) == 0):
		return agreed, nil, 0
	case a.stops || a.acts[nlu.Deny] || a.acts[nlu.Stop] || a.acts[nlu.Correct]:
		return disagreed, nil, 0
	}
	own := m.ownWords(fr, s)
	if m.askedBeside() && m.set.assent.plain(words, phrases{}) {
		return disagreed, nil, 0 // a yes to which of two questions?
	}
	late := wordsIn(tokens(s.Text[m.lateFrom(s):]))
	if m.set.assent.plain(words, own) && (m.set.assent.plain(late, own) || s.Choice == choiceYes && len(late) == 0) {
		return agreed, nil, 0
	}
	if len(late) != len(words) {
		return disagreed, nil, 0
	}
	for i := 1; i < len(words); i++ {
		if len(m.set.assent.and.at(words, i)) == 0 || !m.set.assent.plain(words[:i], own) {
			continue
		}
		if more := m.requestsFrom(s, a, all[i].at); more != nil && !m.set.assent.unless.in(words[i:]) {
			return agreedAnd, more, all[i].at
		}
	}
	return disagreed, nil, 0
}

// askedBeside reports whether the reply with the summary made an offer before it, that a yes
// would take, too.
func (m *machine) askedBeside() bool {
	for _, said := range m.st.Asked[:max(0, len(m.st.Asked)-1)] {
		if len(said.Choices) == 1 {
			return true
		}
	}
	return false
}

// leastJoined is how likely a request must be to count beside a yes.
const leastJoined = 0.6

// requestsFrom are the requests of a text if all begin at a place or after it, and each can
// be served by itself: one for the flow under way must name something else.
func (m *machine) requestsFrom(s *Said, a asks, at int) []nlu.Request {
	var out []nlu.Request
	for _, r := range slices.Concat(a.flows, a.own) {
		if r.Start < at || r.P < leastJoined {
			return nil
		}
		if f := m.set.intents[r.Intent]; m.underWay(f) && !m.namesOther(f, r, s) {
			return nil
		}
		out = append(out, r)
	}
	if len(a.negated) > 0 {
		return nil
	}
	return out
}

// namesOther reports whether the words of a request for a flow under way have another value
// for one of its slots.
func (m *machine) namesOther(f *Flow, r nlu.Request, s *Said) bool {
	for _, fr := range m.stack {
		if fr.Flow != f.Name {
			continue
		}
		for _, slot := range f.Slots {
			now, has := fr.Slots[slot.Name]
			if has && slices.ContainsFunc(s.Entities, func(e nlu.Entity) bool {
				return slices.Contains(slot.From, e.Type) && e.Start >= r.Start && e.End <= r.End && !sameValue(entityValue(e, s).V, now.V)
			}) {
				return true
			}
		}
	}
	return false
}

// lateFrom is where the text begins that was said after the open question was asked. Where
// lines and utterances don't match one to one, all of it must have been.
func (m *machine) lateFrom(s *Said) int {
	lines := strings.SplitAfter(s.Text, "\n")
	if len(lines) != len(s.Offsets) {
		if len(s.Offsets) > 0 && s.Offsets[0] > m.in.Asked {
			return 0
		}
		return len(s.Text)
	}
	at := 0
	for i, l := range lines {
		if s.Offsets[i] > m.in.Asked {
			break
		}
		at += len(l)
	}
	return at
}

// ownWords are words for what a summary is about: the values told in it, and those of the
// flow's title and of the button that agrees.
func (m *machine) ownWords(fr *Frame, s *Said) phrases {
	var out phrases
	f := m.flowOf(fr)
	for _, t := range f.Title {
		for _, w := range tokens(t) {
			out.add(w.word)
		}
	}
	for _, o := range m.set.v.Choices[f.code[fr.PC].name] {
		if o.Value != choiceYes {
			continue
		}
		for _, label := range o.Label {
			out.add(label)
			rest := m.set.assent.withoutYes(wordsIn(tokens(label)))
			out.add(rest...)
			for and := range m.set.assent.and.set { // "go ahead and cancel it"
				out.add(and + " " + strings.Join(rest, " "))
			}
		}
	}
	for _, slot := range f.Slots {
		v, ok := fr.Slots[slot.Name]
		if !ok {
			continue
		}
		told := m.byLabel(fr, slot, v)
		out.add(wordOf(v.V), wordOf(told.V))
		for _, e := range s.Entities {
			if slices.Contains(slot.From, e.Type) && sameValue(entityValue(e, s).V, v.V) {
				out.add(e.Text)
			}
		}
	}
	return out
}

// withoutYes leaves of a label what isn't a yes: "cancel it".
func (a assent) withoutYes(words []string) []string {
	var out []string
	for i := 0; i < len(words); {
		if n := a.yes.at(words, i); len(n) > 0 {
			i += n[0] // the shortest: a whole label may be an example of a yes
			continue
		}
		out = append(out, words[i])
		i++
	}
	return out
}
