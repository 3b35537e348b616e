package reply

import (
	"fmt"
	"io/fs"
	"maps"
	"slices"
	"strings"

	"github.com/floorwalker/floorwalker/catalog"
	"github.com/floorwalker/floorwalker/dialog/flow"
)

// Bank is every reply of a shop. It is immutable and safe for concurrent use.
type Bank struct {
	entries map[string]*entry
	words   map[string]map[string]catalog.Text
	locales map[string]*locale // by name in lower case
	first   *locale
	rules   *rules
	claims  *claims
	moods   map[string]mood
}

// Load reads replies/*.yaml of both folders; the shop's wording of a reply in a language, its
// choices and each of its words stand in for the built-in ones. shop may be nil. locales are
// the shop's, the first its default. The Bank is whole only if there are no faults.
func Load(builtin, shop fs.FS, locales []string) (*Bank, catalog.Faults) {
	b := &Bank{
		entries: map[string]*entry{},
		words:   map[string]map[string]catalog.Text{},
		locales: map[string]*locale{},
		moods:   map[string]mood{},
	}
	codes := currencies()
	for _, name := range locales {
		l := newLocale(name, codes)
		if b.first == nil {
			b.first = l
		}
		b.locales[l.chain[0]] = l
	}
	if b.first == nil {
		return b, catalog.Faults{{File: "shop.yaml", Message: "locales is empty; name at least one, such as en"}}
	}
	var err error
	if b.rules, err = loadRules(promisesFile); err != nil {
		return b, catalog.Faults{{File: "built-in promises.yaml", Message: err.Error()}}
	}
	plain, err := loadClaims(claimsFile, promisesFile)
	if err != nil {
		return b, catalog.Faults{{File: "built-in claims.yaml", Message: err.Error()}}
	}
	own, theirs := newReader("built-in ", b.rules), newReader("", b.rules)
	own.folder(builtin)
	if shop != nil {
		theirs.folder(shop)
	}
	words := map[string]map[string]wordEntry{}
	for _, r := range []*reader{own, theirs} {
		b.merge(r.entries)
		for name, d := range r.moods {
			b.moods[name] = b.moods[name].with(d)
		}
		for kind, values := range r.words {
			if words[kind] == nil {
				words[kind] = map[string]wordEntry{}
			}
			maps.Copy(words[kind], values)
		}
	}
	faults := append(own.faults, theirs.faults...)
	b.lean()
	faults = append(faults, b.adopt(words)...)
	b.claims = plain.withWords(b.words[string(catalog.KindOrderState)])
	faults = append(faults, b.verify()...)
	slices.SortStableFunc(faults, func(x, y catalog.Fault) int {
		if c := strings.Compare(x.File, y.File); c != 0 {
			return c
		}
		return x.Line - y.Line
	})
	return b, faults
}

// lean finds what wordings that follow others leave out.
func (b *Bank) lean() {
	for _, e := range b.entries {
		for locale, joined := range e.on[onJoined] {
			plain := e.texts[locale]
			if len(plain) == 0 {
				continue
			}
			for i := range joined {
				joined[i].omits = omits(joined[i], plain)
			}
		}
	}
}

// Uneven are wordings that leave out a fact that all the others of their reply in their language
// tell: whoever happens to hear them learns less. A wording under again may be shorter, and one
// under joined where the saying before has told it.
func (b *Bank) Uneven() catalog.Faults {
	var notes catalog.Faults
	note := func(name string, v variant, missing []path) {
		if len(missing) > 0 {
			notes = append(notes, catalog.Fault{File: v.at.file, Line: v.at.line,
				Message: fmt.Sprintf("this wording of %s doesn't tell {%s}, which the others do", name, missing[0])})
		}
	}
	for _, name := range slices.Sorted(maps.Keys(b.entries)) {
		e := b.entries[name]
		for _, locale := range slices.Sorted(maps.Keys(e.texts)) {
			plain := e.texts[locale]
			for i, v := range plain {
				if others := slices.Delete(slices.Clone(plain), i, i+1); len(others) > 0 {
					note(name, v, omits(v, others))
				}
			}
			for _, occasion := range occasions {
				for _, v := range e.on[occasion][locale] {
					if occasion != onAgain && occasion != onJoined && len(plain) > 0 {
						note(name, v, omits(v, plain))
					}
				}
			}
		}
	}
	return notes
}

func (b *Bank) merge(entries map[string]*entry) {
	for name, e := range entries {
		old := b.entries[name]
		if old == nil {
			b.entries[name] = e
			continue
		}
		maps.Copy(old.texts, e.texts)
		for occasion, texts := range e.on {
			if old.on[occasion] == nil {
				old.on[occasion] = map[string][]variant{}
			}
			maps.Copy(old.on[occasion], texts)
		}
		for locale := range e.texts { // a shop's plain wording isn't mixed with others' for occasions
			for occasion := range old.on {
				if _, own := e.on[occasion][locale]; !own {
					delete(old.on[occasion], locale)
				}
			}
		}
		if e.choices != nil {
			old.choices = e.choices
		}
		old.at = e.at
	}
}

// adopt takes the lists of words, each value in every locale.
func (b *Bank) adopt(words map[string]map[string]wordEntry) catalog.Faults {
	var faults catalog.Faults
	for kind, values := range words {
		b.words[kind] = map[string]catalog.Text{}
		for value, w := range values {
			b.words[kind][value] = w.text
			faults = append(faults, b.missing(w.at, fmt.Sprintf("words of %s, %q,", kind, value), func(l *locale) bool {
				return l.pick(w.text) != ""
			})...)
		}
	}
	return faults
}

// verify finds what only shows once all files are read.
func (b *Bank) verify() catalog.Faults {
	var faults catalog.Faults
	if b.entries[blockedReply] == nil {
		faults = append(faults, catalog.Fault{File: "replies", Message: "the reply " + blockedReply + ` is missing; it is said when no other can be, such as "Sorry, I can't say that right now."`})
	}
	for name, e := range b.entries {
		faults = append(faults, b.missing(e.at, "the reply "+name, func(l *locale) bool {
			return len(wordings(e.texts, l)) > 0
		})...)
		for _, c := range e.choices {
			faults = append(faults, b.missing(c.at, fmt.Sprintf("the choice %q of %s", c.value, name), func(l *locale) bool {
				return l.pick(c.label) != ""
			})...)
		}
		for v := range e.variants() {
			for n := range each(v.nodes) {
				t, ok := n.(told)
				if ok && t.words != "" && b.words[t.words] == nil {
					faults = append(faults, catalog.Fault{File: v.at.file, Line: v.at.line,
						Message: fmt.Sprintf("there is no list %q under words: in any file", t.words)})
				}
			}
		}
	}
	return faults
}

func (b *Bank) missing(at position, what string, has func(*locale) bool) catalog.Faults {
	var faults catalog.Faults
	for _, l := range b.locales {
		if !has(l) {
			faults = append(faults, catalog.Fault{File: at.file, Line: at.line,
				Message: fmt.Sprintf("%s has no wording for %s; add %s: …", what, l.name, l.name)})
		}
	}
	return faults
}

// variants yields every wording of an entry.
func (e *entry) variants() func(yield func(variant) bool) {
	return func(yield func(variant) bool) {
		all := []map[string][]variant{e.texts}
		for _, occasion := range occasions {
			all = append(all, e.on[occasion])
		}
		for _, texts := range all {
			for _, key := range slices.Sorted(maps.Keys(texts)) {
				for _, v := range texts[key] {
					if !yield(v) {
						return
					}
				}
			}
		}
	}
}

// wordings are the variants for a locale.
func wordings(texts map[string][]variant, l *locale) []variant {
	for _, key := range l.chain {
		if v := texts[key]; len(v) > 0 {
			return v
		}
	}
	return nil
}

// match finds the shop's locale for one that a shopper asks for: the same, one of its
// language, the first.
func (b *Bank) match(name string) *locale {
	chain := chainOf(name)
	for _, key := range chain {
		if l := b.locales[key]; l != nil {
			return l
		}
	}
	base := chain[len(chain)-1]
	for _, key := range slices.Sorted(maps.Keys(b.locales)) {
		if l := b.locales[key]; l.chain[len(l.chain)-1] == base {
			return l
		}
	}
	return b.first
}

// Names are the replies there are, for flow.Vocabulary.
func (b *Bank) Names() map[string]bool {
	names := make(map[string]bool, len(b.entries))
	for name := range b.entries {
		names[name] = true
	}
	return names
}

// Choices are the quick replies that replies bring by themselves, for flow.Vocabulary.
func (b *Bank) Choices() map[string][]flow.Option {
	all := map[string][]flow.Option{}
	for name, e := range b.entries {
		for _, c := range e.choices {
			all[name] = append(all[name], flow.Option{Value: c.value, Label: c.label})
		}
	}
	return all
}

// Paths are the places in Env that a reply reads in any of its wordings, sorted, with [] for
// "each of a list": order.items, order.items.[].title.
func (b *Bank) Paths(name string) []string {
	paths := map[string]bool{}
	b.uses(name, func(u use, _ position) { paths[u.path.String()] = true })
	return slices.Sorted(maps.Keys(paths))
}

func (b *Bank) uses(name string, yield func(use, position)) {
	e := b.entries[name]
	if e == nil {
		return
	}
	for v := range e.variants() {
		uses(v.nodes, nil, func(u use) { yield(u, v.at) })
	}
}
