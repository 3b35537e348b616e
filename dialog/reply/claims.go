package reply

import (
	_ "embed"
	"fmt"
	"slices"
	"strings"
	"unicode"

	"github.com/goccy/go-yaml"
	"golang.org/x/text/unicode/norm"

	"github.com/floorwalker/floorwalker/catalog"
	"github.com/floorwalker/floorwalker/nlu/fold"
)

//go:embed claims.yaml
var claimsFile []byte

// claims are claims.yaml, ready to match.
type claims struct {
	cues     map[string]bool        // there are
	cueWords map[string][]cuePhrase // by first word
	roles    map[string]*role
	topics   map[string]bool // cues that are the topic of some policy
	states   []stateWords
	plain    map[rune]rune
	known    map[string]bool
	stems    []string
	skipped  map[string]bool // between a number and what it counts
	counted  wordset
	negators wordset

	available, unavailable, others, letters           wordset
	maybe, links, when, whom, afterwards              wordset
	promises, harmless, dates, units, numbers, idioms wordset
	traits, conditions, neutral, severs               wordset
	cheaper, dearer, questions, coordination          wordset
}

// role is what a figure is of its record, and which cues its clause may hold.
type role struct {
	name   string
	Kind   string   `yaml:"kind"`   // money, number, percent or date
	May    []string `yaml:"may"`    // cues that may stand beside it
	Needs  []string `yaml:"needs"`  // of which it needs one
	Topic  []string `yaml:"topic"`  // of a policy: what its clause is about
	Family string   `yaml:"family"` // of roles that stand for each other
	Whole  bool     `yaml:"whole"`  // it counts what the turn shows, whatever was spoken of
}

// stateWords are words for some states.
type stateWords struct {
	Say  []string `yaml:"say"`
	Deny []string `yaml:"deny"`
	Is   []string `yaml:"is"`

	say, deny wordset
}

// loadClaims reads claims.yaml, and of promises.yaml what holds for free text as it does for templates.
func loadClaims(file, promises []byte) (*claims, error) {
	var f struct {
		Cues   map[string][]string `yaml:"cues"`
		Roles  map[string]*role    `yaml:"roles"`
		States []stateWords        `yaml:"states"`

		Available    []string   `yaml:"available"`
		Unavailable  []string   `yaml:"unavailable"`
		Others       []string   `yaml:"others"`
		Letters      []string   `yaml:"letters"`
		Negators     []string   `yaml:"negators"`
		Maybe        []string   `yaml:"maybe"`
		Links        []string   `yaml:"links"`
		When         []string   `yaml:"when"`
		Whom         []string   `yaml:"whom"`
		Afterwards   []string   `yaml:"afterwards"`
		Promises     [][]string `yaml:"promises"`
		Harmless     [][]string `yaml:"harmless"`
		Dates        [][]string `yaml:"dates"`
		Units        []string   `yaml:"units"`
		Numbers      [][]string `yaml:"numbers"`
		Idioms       [][]string `yaml:"idioms"`
		Traits       [][]string `yaml:"traits"`
		Known        []string   `yaml:"known"`
		Conditions   []string   `yaml:"conditions"`
		Neutral      []string   `yaml:"neutral"`
		Severs       []string   `yaml:"severs"`
		Cheaper      []string   `yaml:"cheaper"`
		Dearer       []string   `yaml:"dearer"`
		Questions    []string   `yaml:"questions"`
		Coordination []string   `yaml:"coordination"`
		Stems        []string   `yaml:"stems"`
		Counted      []string   `yaml:"counted"`

		Traditional map[string]string `yaml:"traditional"`
	}
	if err := yaml.UnmarshalWithOptions(file, &f, yaml.Strict()); err != nil {
		return nil, fmt.Errorf("claims.yaml: %w", err)
	}
	var both struct {
		Promises [][]string `yaml:"promises"`
		Harmless [][]string `yaml:"harmless"`
		Dates    [][]string `yaml:"dates"`
	}
	if err := yaml.Unmarshal(promises, &both); err != nil {
		return nil, fmt.Errorf("promises.yaml: %w", err)
	}
	c := &claims{roles: f.Roles, states: f.States, stems: f.Stems, cues: map[string]bool{}, cueWords: map[string][]cuePhrase{}, topics: map[string]bool{},
		plain: map[rune]rune{}, known: map[string]bool{}, skipped: map[string]bool{"more": true, "such": true}}
	for from, to := range f.Traditional {
		c.plain[[]rune(from)[0]] = []rune(to)[0]
	}
	for _, w := range f.Known {
		c.known[w] = true
	}
	for name, words := range f.Cues {
		c.cues[name] = true
		c.addCues(name, words)
	}
	for name, r := range c.roles {
		if r == nil {
			continue
		}
		r.name = name
		for _, cue := range append(append([]string{}, r.May...), append(r.Needs, r.Topic...)...) {
			if !c.cues[cue] {
				return nil, fmt.Errorf("claims.yaml: the role %s names no cue by %q", name, cue)
			}
		}
		for _, t := range r.Topic {
			c.topics[t] = true
		}
	}
	c.available, c.unavailable, c.others = c.set(f.Available), c.set(f.Unavailable), c.set(f.Others)
	c.maybe, c.links, c.when, c.whom, c.afterwards = c.set(f.Maybe), c.set(f.Links), c.set(f.When), c.set(f.Whom), c.set(f.Afterwards)
	c.promises, c.harmless, c.dates = c.set(slices.Concat(f.Promises, both.Promises)...), c.set(slices.Concat(f.Harmless, both.Harmless)...),
		c.set(slices.Concat(f.Dates, both.Dates)...)
	c.numbers, c.idioms, c.traits = c.set(f.Numbers...), c.set(f.Idioms...), c.set(f.Traits...)
	c.counted, c.severs = c.set(f.Counted), c.set(f.Severs)
	c.units, c.letters = c.set(f.Units), c.set(f.Letters)
	c.conditions, c.negators, c.neutral = c.set(f.Conditions), c.set(f.Negators), c.set(f.Neutral)
	c.cheaper, c.dearer, c.questions, c.coordination = c.set(f.Cheaper), c.set(f.Dearer), c.set(f.Questions), c.set(f.Coordination)
	for i := range c.states {
		s := &c.states[i]
		s.say, s.deny = c.set(s.Say), c.set(s.Deny)
	}
	return c, nil
}

// withWords adds a shop's own words for order states.
func (c *claims) withWords(words map[string]catalog.Text) *claims {
	own := *c
	own.states = append([]stateWords{}, c.states...)
	for state, text := range words {
		s := stateWords{Is: []string{state}}
		for _, word := range text {
			s.Say = append(s.Say, word)
		}
		s.say, s.deny = c.set(s.Say), wordset{}
		own.states = append(own.states, s)
	}
	return &own
}

// cuePhrase is a phrase and the cues that it is one of.
type cuePhrase struct {
	words []string
	cues  []string
}

// cue is the longest cue that words begin with, and the groups that have it.
func (c *claims) cue(words []word) (groups []string, size int) {
	for _, p := range c.cueWords[words[0].text] {
		if len(p.words) > size && begins(words, p.words) {
			groups, size = p.cues, len(p.words)
		}
	}
	return groups, size
}

func (c *claims) addCues(name string, phrases []string) {
	for first, all := range c.set(phrases) {
		for _, words := range all {
			i := slices.IndexFunc(c.cueWords[first], func(p cuePhrase) bool { return slices.Equal(p.words, words) })
			if i < 0 {
				i = len(c.cueWords[first])
				c.cueWords[first] = append(c.cueWords[first], cuePhrase{words: words})
			}
			c.cueWords[first][i].cues = append(c.cueWords[first][i].cues, name)
		}
	}
}

// word is a word of a text that is looked at, with its bytes in the folded text.
type word struct {
	text       string // plain: without accents, simplified
	start, end int
	han        bool
}

// words cuts folded text.
func (c *claims) words(t fold.Text) []word {
	tokens := t.Tokens()
	words := make([]word, len(tokens))
	for i, tok := range tokens {
		words[i] = word{c.bare(tok.Text), tok.Start, tok.End, tok.Han}
	}
	return words
}

// bare takes accents off Latin letters and simplifies characters.
func (c *claims) bare(s string) string {
	ascii := true
	for i := range len(s) {
		ascii = ascii && s[i] < 0x80
	}
	if ascii {
		return s
	}
	return strings.Map(func(r rune) rune {
		if p, ok := c.plain[r]; ok {
			return p
		}
		if unicode.Is(unicode.Mn, r) {
			return -1
		}
		return r
	}, norm.NFD.String(s))
}

// wordset is phrases by their first word.
type wordset map[string][][]string

func (c *claims) set(lists ...[]string) wordset {
	p := wordset{}
	for _, list := range lists {
		for _, phrase := range list {
			var words []string
			for _, w := range c.words(fold.New(phrase)) {
				words = append(words, w.text)
			}
			if len(words) > 0 {
				p[words[0]] = append(p[words[0]], words)
			}
		}
	}
	return p
}

// longest is how many words the longest phrase at the beginning has, 0 for none.
func (p wordset) longest(words []word) int {
	if len(words) == 0 {
		return 0
	}
	most := 0
	for _, phrase := range p[words[0].text] {
		if len(phrase) > most && begins(words, phrase) {
			most = len(phrase)
		}
	}
	return most
}

func begins(words []word, phrase []string) bool {
	if len(phrase) > len(words) {
		return false
	}
	for i, w := range phrase {
		if words[i].text != w {
			return false
		}
	}
	return true
}

// in reports whether a phrase is anywhere among words.
func (p wordset) in(words []word) bool {
	for i := range words {
		if p.longest(words[i:]) > 0 {
			return true
		}
	}
	return false
}
