package text

import "strings"

// mostUnits bounds what one query may ask for.
const mostUnits = 24

// Unit is one thing that a query asks for. A document has it if it has any of the
// alternatives; the first is what was typed.
type Unit struct {
	Typed   string
	Any     [][]Piece
	Spelled []string // each alternative as a text, folded
}

// Piece is a part of an alternative, all of which must be there: a word, or a run of
// characters of a script without spaces.
type Piece struct {
	Term  string
	Word  string   // folded, not stemmed; empty for a run
	Parts []string // see Atom
	Run   []string // the characters of a run
}

// Terms are the terms of documents that stand for the piece, all of them together: the word, or
// the pairs of a run, or its only character.
func (p Piece) Terms() []string {
	if len(p.Run) < 2 {
		return []string{p.Term}
	}
	pairs := make([]string, len(p.Run)-1)
	for i := range pairs {
		pairs[i] = p.Run[i] + p.Run[i+1]
	}
	return pairs
}

// Parser turns queries into units. It is safe for concurrent use.
type Parser struct {
	filler   filler
	synonyms map[string]int // joined terms of a phrase → its group
	groups   [][][]Atom
	longest  int // of phrases, in atoms
}

// NewParser makes a parser that knows groups of words that mean the same. A phrase in more
// than one group belongs to the first.
func NewParser(synonyms [][]string) *Parser {
	p := &Parser{filler: newFiller(), synonyms: map[string]int{}}
	for _, group := range synonyms {
		var phrases [][]Atom
		for _, phrase := range group {
			atoms := Atoms(phrase)
			if len(atoms) == 0 {
				continue
			}
			if _, taken := p.synonyms[key(atoms)]; !taken {
				p.synonyms[key(atoms)] = len(p.groups)
			}
			p.longest = max(p.longest, len(atoms))
			phrases = append(phrases, atoms)
		}
		p.groups = append(p.groups, phrases)
	}
	return p
}

// Same gives the spellings that mean the same as phrase, folded terms joined; at least its own.
func (p *Parser) Same(phrase string) []string {
	own := key(Atoms(phrase))
	same := []string{own}
	if g, ok := p.synonyms[own]; ok {
		for _, atoms := range p.groups[g] {
			same = append(same, key(atoms))
		}
	}
	return same
}

// Key is the form in which phrases are compared with what Same gives.
func Key(phrase string) string { return key(Atoms(phrase)) }

// Parse gives the units of a query; all says that nothing but filler was asked for, which
// the units then hold. Units repeated in the query come once.
func (p *Parser) Parse(query string) (units []Unit, onlyFiller bool) {
	atoms := Atoms(query)
	units = p.units(atoms, true)
	if len(units) == 0 && len(atoms) > 0 {
		return p.units(atoms, false), true
	}
	return units, false
}

func (p *Parser) units(atoms []Atom, dropFiller bool) []Unit {
	var units []Unit
	var run []Atom
	seen := map[string]bool{}
	add := func(typed []Atom, alternatives ...[]Atom) {
		if seen[key(typed)] || len(units) >= mostUnits {
			return
		}
		seen[key(typed)] = true
		u := Unit{Typed: spell(typed), Any: [][]Piece{pieces(typed)}, Spelled: []string{spell(typed)}}
		for _, a := range alternatives {
			if key(a) != key(typed) {
				u.Any, u.Spelled = append(u.Any, pieces(a)), append(u.Spelled, spell(a))
			}
		}
		units = append(units, u)
	}
	flush := func() {
		if len(run) > 0 {
			add(run)
			run = nil
		}
	}
	for i := 0; i < len(atoms) && len(units) < mostUnits; {
		if !atoms[i].Glued {
			flush()
		}
		if n, group := p.synonymAt(atoms[i:]); n > 0 {
			flush()
			add(atoms[i:i+n], p.groups[group]...)
			i += n
			continue
		}
		if n := p.filler.at(atoms[i:]); dropFiller && n > 0 {
			flush()
			i += n
			continue
		}
		if atoms[i].Han {
			run = append(run, atoms[i])
		} else {
			flush()
			add(atoms[i : i+1])
		}
		i++
	}
	flush()
	return units
}

// synonymAt finds the longest known phrase at the start of atoms.
func (p *Parser) synonymAt(atoms []Atom) (n, group int) {
	for n = min(p.longest, len(atoms)); n > 0; n-- {
		if g, ok := p.synonyms[key(atoms[:n])]; ok {
			return n, g
		}
	}
	return 0, 0
}

// pieces joins neighbouring characters to runs.
func pieces(atoms []Atom) []Piece {
	var out []Piece
	for i, a := range atoms {
		last := len(out) - 1
		switch {
		case a.Han && i > 0 && a.Glued && atoms[i-1].Han:
			out[last].Run = append(out[last].Run, a.Term)
			out[last].Term += a.Term
		case a.Han:
			out = append(out, Piece{Term: a.Term, Run: []string{a.Term}})
		default:
			out = append(out, Piece{Term: a.Term, Word: a.Word, Parts: a.Parts})
		}
	}
	return out
}

func key(atoms []Atom) string {
	terms := make([]string, len(atoms))
	for i, a := range atoms {
		terms[i] = a.Term
	}
	return strings.Join(terms, " ")
}

func spell(atoms []Atom) string {
	var b strings.Builder
	for i, a := range atoms {
		if i > 0 && !a.Glued {
			b.WriteByte(' ')
		}
		b.WriteString(a.Word)
	}
	return b.String()
}
