package reply

import (
	"fmt"
	"maps"
	"slices"
	"strings"

	"github.com/floorwalker/floorwalker/dialog/flow"
	"github.com/floorwalker/floorwalker/dialog/journal"
)

// Compose words a turn's sayings as one text. Each saying takes a variant for the occasion, if
// there is one, and of those the one that was used longest ago, never the last one again; one that can't be worded or doesn't pass Check gives way to the next, in
// the end to the reply "blocked". It returns the new Said. The error means that not even that
// can be said.
func (b *Bank) Compose(says []flow.Saying, c Context) (Worded, map[string][]int, error) {
	w := Worded{Facts: []journal.Fact{}, Cards: []journal.Card{}, Choices: []journal.Choice{}}
	l := b.match(c.Locale)
	memory := recall(c.Said)
	memory.feel(b, &c)
	var before []journal.Fact // those of the saying before
	var text []byte
	last := 0 // length of the saying before
	for i, s := range says {
		part, err := b.say(s, at{i, before}, l, &c, memory, &w)
		if err != nil {
			return Worded{}, nil, err
		}
		before = slices.Clone(part.facts)
		if len(text) > 0 {
			text = append(text, between(l, text[len(text)-last:], part.text)...)
		}
		for _, f := range part.facts {
			f.Start += len(text)
			f.End += len(text)
			w.Facts = append(w.Facts, f)
		}
		text = append(text, part.text...)
		last = len(part.text)
	}
	w.Text = string(text)
	if c.First {
		return w, c.Said, nil
	}
	return w, memory.said(), nil
}

// long is from how many bytes on a saying stands on a line of its own.
const long = 160

func between(l *locale, before, after []byte) string {
	if len(before) > long || len(after) > long || slices.Contains(before, '\n') || slices.Contains(after, '\n') {
		return "\n"
	}
	return l.style.space
}

// at is where a saying stands in its turn: its place from 0, and what the one before has told.
type at struct {
	place  int
	before []journal.Fact
}

// say words one saying, and adds its choices and cards, or why it was blocked, to w.
func (b *Bank) say(s flow.Saying, where at, l *locale, c *Context, m *memory, w *Worded) (*rendering, error) {
	for _, name := range []string{s.Reply, blockedReply} {
		e := b.entries[name]
		if e == nil {
			w.Blocked = append(w.Blocked, fmt.Sprintf("%s: there is no such reply", name))
			continue
		}
		for _, use := range m.order(name, e, l, where.place, c.First) {
			r := &rendering{bank: b, locale: l, ctx: c, env: s.Env}
			if !r.leans(use.omits, where.before) {
				continue
			}
			err := r.all(use.nodes, nil)
			if err == nil {
				err = b.Check(l.name, string(r.text), r.facts, c.Names)
			}
			if err != nil {
				w.Blocked = append(w.Blocked, fmt.Sprintf("%s (%s:%d): %v", name, use.at.file, use.at.line, err))
				continue
			}
			if !c.First {
				m.note(name, use.index)
			}
			if name == s.Reply {
				w.Choices = b.appendChoices(w.Choices, s.Choices, e, l, c)
				w.Cards = appendCards(w.Cards, s.Cards, l.name)
			}
			return r, nil
		}
	}
	return nil, fmt.Errorf("reply %s: nothing can be said, not even %s: %s", s.Reply, blockedReply, strings.Join(w.Blocked, "; "))
}

// appendChoices adds a saying's and its reply's quick replies, each value once.
func (b *Bank) appendChoices(into []journal.Choice, options []flow.Option, e *entry, l *locale, c *Context) []journal.Choice {
	add := func(label, value string) {
		if label == "" {
			label = value
		}
		if !slices.ContainsFunc(into, func(x journal.Choice) bool { return x.Value == value }) {
			into = append(into, journal.Choice{Label: label, Value: value})
		}
	}
	for _, o := range options {
		label := b.optionLabel(o, l, c)
		if label == "" {
			label = l.pick(o.Label)
		}
		add(label, o.Value)
	}
	for _, choice := range e.choices {
		add(l.pick(choice.label), choice.value)
	}
	return into
}

// optionLabel words an option's view by the reply "option"; empty where that can't be.
func (b *Bank) optionLabel(o flow.Option, l *locale, c *Context) string {
	e := b.entries[optionReply]
	if o.View == nil || e == nil {
		return ""
	}
	for _, v := range wordings(e.texts, l) {
		r := &rendering{bank: b, locale: l, ctx: c, env: map[string]any{optionReply: o.View}}
		if r.all(v.nodes, nil) == nil && b.Check(l.name, string(r.text), r.facts, c.Names) == nil {
			return string(r.text)
		}
	}
	return ""
}

// Said maps each reply to the turn of its last use and the variants used, the latest last:
// {turn, variant, variant, …}. Wordings for an
// occasion count down from -1, -101, … in the order of occasions. The key "" holds the turn's number
// and the last turns of moods, by moodPlaces.
const (
	againTurns  = 3  // for how many turns a reply was said "just now"
	forgetTurns = 50 // after how many its variants are forgotten
	maxVariants = 16 // remembered per reply
	maxReplies  = 64 // remembered
)

// memory is Said, taken apart.
type memory struct {
	turn  int
	moods [3]int // the last turn of each, by moodPlaces; 0: none so far
	used  map[string][]int
}

func recall(said map[string][]int) *memory {
	m := &memory{turn: 1, used: maps.Clone(said)}
	if turn := said[""]; len(turn) > 0 {
		copy(m.moods[1:], turn[1:])
		m.turn = turn[0] + 1
	}
	if m.used == nil {
		m.used = map[string][]int{}
	}
	return m
}

// candidate is a variant with its index in Said.
type candidate struct {
	variant
	index int
}

// order is the variants of a reply, those to be tried first at the beginning: those for the
// occasions that hold, then the plain ones. What was said last comes last.
func (m *memory) order(name string, e *entry, l *locale, place int, first bool) []candidate {
	var plain []candidate
	for i, v := range wordings(e.texts, l) {
		plain = append(plain, candidate{v, i})
	}
	if first {
		return plain
	}
	used := m.used[name]
	var all []candidate
	for k, occasion := range occasions {
		if !m.holds(occasion, name, place) {
			continue
		}
		var fitting []candidate
		for i, v := range wordings(e.on[occasion], l) {
			fitting = append(fitting, candidate{v, -1 - i - perOccasion*k})
		}
		m.sort(fitting, used)
		all = append(all, fitting...)
	}
	m.sort(plain, used)
	all = append(all, plain...)
	if len(used) > 1 && all[0].index == used[len(used)-1] {
		all = append(all[1:], all[0])
	}
	return all
}

// sort puts unused variants first, then those used longest ago.
func (m *memory) sort(all []candidate, used []int) {
	if len(used) < 2 {
		return
	}
	slices.SortStableFunc(all, func(x, y candidate) int {
		return slices.Index(used[1:], x.index) - slices.Index(used[1:], y.index)
	})
}

func (m *memory) note(name string, index int) {
	var variants []int
	if used := m.used[name]; len(used) > 0 {
		for _, i := range used[1:] {
			if i != index {
				variants = append(variants, i)
			}
		}
	}
	variants = append(variants, index)
	if len(variants) > maxVariants {
		variants = variants[len(variants)-maxVariants:]
	}
	m.used[name] = append([]int{m.turn}, variants...)
}

// said is what to remember, bounded.
func (m *memory) said() map[string][]int {
	delete(m.used, "")
	maps.DeleteFunc(m.used, func(_ string, used []int) bool {
		return len(used) < 2 || m.turn-used[0] > forgetTurns
	})
	if len(m.used) > maxReplies {
		names := slices.SortedFunc(maps.Keys(m.used), func(x, y string) int {
			if d := m.used[y][0] - m.used[x][0]; d != 0 {
				return d
			}
			return strings.Compare(x, y)
		})
		for _, name := range names[maxReplies:] {
			delete(m.used, name)
		}
	}
	m.used[""] = []int{m.turn}
	if m.moods != [3]int{} {
		m.used[""] = append(m.used[""], m.moods[1:]...)
	}
	return m.used
}
