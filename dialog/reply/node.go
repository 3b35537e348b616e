package reply

import (
	"strings"

	"golang.org/x/text/feature/plural"

	"github.com/floorwalker/floorwalker/catalog"
	"github.com/floorwalker/floorwalker/dialog/journal"
)

// path is the steps from Env to a value.
type path []string

func (p path) String() string { return strings.Join(p, ".") }

// node is a part of a template.
type node interface {
	render(r *rendering, s *scope) error
}

type (
	literal struct {
		text string
		at   int // offset in the template
	}
	told struct { // {path} and {path, words, list}
		path  path
		words string
		at    int
	}
	numeral struct{} // # in a plural
	counted struct {
		path  path
		exact map[string][]node
		forms map[plural.Form][]node
	}
	selected struct {
		path  path
		cases map[string][]node
	}
	tested struct {
		path    path
		yes, no []node
	}
	looped struct {
		path      path
		as        string
		body      []node
		joined    bool // sep was given; else the locale's way
		sep, last []node
	}
)

// scope is what names stand for inside loops and plurals.
type scope struct {
	outer  *scope
	name   string
	place  place
	number *catalog.Fact
}

// rendering is one template being worded.
type rendering struct {
	bank   *Bank
	locale *locale
	ctx    *Context
	env    map[string]any
	text   []byte
	facts  []journal.Fact
}

// maxText bounds a worded saying, in bytes.
const maxText = 16 << 10

func (r *rendering) all(nodes []node, s *scope) error {
	for _, n := range nodes {
		if err := n.render(r, s); err != nil {
			return err
		}
	}
	return nil
}

func (n literal) render(r *rendering, _ *scope) error {
	r.text = append(r.text, n.text...)
	return nil
}

func (n told) render(r *rendering, s *scope) error {
	at, err := r.find(n.path, s)
	if err != nil {
		return err
	}
	if plain := r.plain(at, n); plain != "" {
		r.text = append(r.text, plain...)
		return nil
	}
	facts, err := r.tell(at, n.path)
	if err != nil {
		return err
	}
	for i, f := range facts {
		if i > 0 {
			r.text = append(r.text, r.locale.join(i == len(facts)-1)...)
		}
		if err := r.word(f, n.words); err != nil {
			return err
		}
	}
	return nil
}

func (n numeral) render(r *rendering, s *scope) error {
	for ; s != nil; s = s.outer {
		if s.number != nil {
			return r.word(*s.number, "")
		}
	}
	return nil
}

func (n counted) render(r *rendering, s *scope) error {
	at, err := r.find(n.path, s)
	if err != nil {
		return err
	}
	value, fact, err := r.count(at, n.path)
	if err != nil {
		return err
	}
	body, ok := n.exact[value]
	if !ok {
		if body, ok = n.forms[r.locale.plural(value)]; !ok {
			body = n.forms[plural.Other]
		}
	}
	return r.all(body, &scope{outer: s, number: fact})
}

func (n selected) render(r *rendering, s *scope) error {
	at, err := r.find(n.path, s)
	if err != nil {
		return err
	}
	body, ok := n.cases[at.key()]
	if !ok {
		body = n.cases["other"]
	}
	return r.all(body, s)
}

func (n tested) render(r *rendering, s *scope) error {
	at, err := r.find(n.path, s)
	if err != nil {
		return err
	}
	if at.filled() {
		return r.all(n.yes, s)
	}
	return r.all(n.no, s)
}

func (n looped) render(r *rendering, s *scope) error {
	at, err := r.find(n.path, s)
	if err != nil {
		return err
	}
	size := at.size()
	for i := range size {
		last := i == size-1
		switch {
		case i == 0:
		case !n.joined:
			r.text = append(r.text, r.locale.join(last)...)
		case last:
			err = r.all(n.last, s)
		default:
			err = r.all(n.sep, s)
		}
		if err != nil {
			return err
		}
		if err := r.all(n.body, &scope{outer: s, name: n.as, place: at.element(i)}); err != nil {
			return err
		}
	}
	return nil
}

// word appends a fact's wording and its place.
func (r *rendering) word(f catalog.Fact, words string) error {
	text, err := r.bank.word(r.locale, f, words)
	if err != nil {
		return err
	}
	if len(r.text)+len(text) > maxText {
		return errTooLong
	}
	start := len(r.text)
	r.text = append(r.text, text...)
	r.facts = append(r.facts, journal.Fact{Fact: f, Start: start, End: len(r.text)})
	return nil
}
