package reply

import (
	"maps"
	"slices"
	"strings"
	"unicode"

	"github.com/floorwalker/floorwalker/dialog/journal"
)

// Occasions on which a reply may have wordings of its own, those that go first at the beginning.
// Their names are keys beside the languages of a reply.
const (
	onAgain   = "again"   // the same was said in the last few turns
	onJoined  = "joined"  // it follows another saying in the same reply
	onUpset   = "upset"   // the shopper is
	onHurried = "hurried" // the shopper is
	onFirst   = "first"   // nothing was said to this shopper before
)

var occasions = []string{onAgain, onJoined, onUpset, onHurried, onFirst}

// perOccasion bounds a reply's wordings for one, so that each has a number of its own in Said.
const perOccasion = 100

// moods are told by what a shopper writes, by name, as `moods:` in replies/*.yaml has them.
type mood struct {
	intents []string
	phrases map[string][]string // by language
	at      position
}

// moodTurns is for how many turns a mood is taken to last.
const moodTurns = 3

// kept in the list of key "" of Said, besides the turn's number: the last turn of each mood.
var moodPlaces = map[string]int{onUpset: 1, onHurried: 2}

// feel notes in which moods the shopper wrote this turn.
func (m *memory) feel(b *Bank, c *Context) {
	for name, place := range moodPlaces {
		if b.moods[name].shows(c.Heard, c.Intents) {
			m.moods[place] = m.turn
		}
	}
}

// holds reports whether a saying is said on an occasion; place is its place among the turn's.
func (m *memory) holds(occasion, name string, place int) bool {
	switch used := m.used[name]; occasion {
	case onAgain:
		return len(used) > 0 && used[0] < m.turn && m.turn-used[0] <= againTurns
	case onJoined:
		return place > 0
	case onFirst:
		return m.turn == 1 && place == 0
	default:
		last := m.moods[moodPlaces[occasion]]
		return last > 0 && m.turn-last < moodTurns && place == 0
	}
}

// with is a mood as a shop has it: what it doesn't say of it stays.
func (d mood) with(own mood) mood {
	all := mood{intents: d.intents, phrases: maps.Clone(d.phrases), at: own.at}
	if all.phrases == nil {
		all.phrases = map[string][]string{}
	}
	if own.intents != nil {
		all.intents = own.intents
	}
	maps.Copy(all.phrases, own.phrases)
	return all
}

// shows reports whether a mood is in a text, or in what was wanted by it.
func (d mood) shows(text string, intents []string) bool {
	if slices.ContainsFunc(intents, func(i string) bool { return slices.Contains(d.intents, i) }) {
		return true
	}
	text = strings.ReplaceAll(strings.ToLower(text), "’", "'")
	for _, phrases := range d.phrases {
		for _, p := range phrases {
			if hasPhrase(text, p) {
				return true
			}
		}
	}
	return false
}

// hasPhrase finds a phrase as whole words, where its language writes words apart.
func hasPhrase(text, phrase string) bool {
	if hasHan(phrase) {
		return strings.Contains(text, phrase)
	}
	letter := func(c rune) bool { return unicode.IsLetter(c) || unicode.IsDigit(c) }
	for rest := text; ; {
		i := strings.Index(rest, phrase)
		if i < 0 {
			return false
		}
		before := strings.LastIndexFunc(rest[:i], letter)
		after := strings.IndexFunc(rest[i+len(phrase):], letter)
		if (before < 0 || before < i-1) && after != 0 {
			return true
		}
		rest = rest[i+len(phrase):]
	}
}

// omits are the facts that every plain wording of a language tells and v doesn't.
func omits(v variant, plain []variant) []path {
	has := touched(v)
	var missing []path
	for p, at := range tells(plain[0]) {
		if !has[p] && !slices.ContainsFunc(plain[1:], func(other variant) bool { return !touched(other)[p] }) {
			missing = append(missing, at)
		}
	}
	slices.SortFunc(missing, func(a, b path) int { return strings.Compare(a.String(), b.String()) })
	return missing
}

// touched are the places that a wording tells or at least tests.
func touched(v variant) map[string]bool {
	all := map[string]bool{}
	uses(v.nodes, nil, func(u use) { all[u.path.String()] = true })
	return all
}

// tells are the places that a wording tells.
func tells(v variant) map[string]path {
	all := map[string]path{}
	uses(v.nodes, nil, func(u use) {
		if u.told {
			all[u.path.String()] = u.path
		}
	})
	return all
}

// leans reports whether the saying before has told whatever a wording leaves out: the same
// value of the same record. Only then is "it" what was spoken of.
func (r *rendering) leans(omitted []path, before []journal.Fact) bool {
	for _, p := range omitted {
		at, err := r.find(p, nil)
		if err != nil {
			return false
		}
		if !at.filled() {
			continue // the others have nothing to tell there either
		}
		facts, err := r.tell(at, p)
		if err != nil || len(facts) == 0 {
			return false
		}
		for _, f := range facts {
			if !slices.ContainsFunc(before, func(b journal.Fact) bool {
				return b.Record == f.Record && b.Kind == f.Kind && b.Value == f.Value
			}) {
				return false
			}
		}
	}
	return true
}
