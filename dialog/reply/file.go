package reply

import (
	"errors"
	"fmt"
	"io/fs"
	"maps"
	"slices"
	"strings"
	"unicode/utf8"

	"github.com/goccy/go-yaml/ast"
	yamlparser "github.com/goccy/go-yaml/parser"
	"github.com/goccy/go-yaml/token"
	"golang.org/x/text/language"

	"github.com/floorwalker/floorwalker/catalog"
)

// wordsKey holds, in any file, how values are worded.
const wordsKey = "words"

// moodsKey holds, in any file, by what moods are known.
const (
	moodsKey   = "moods"
	intentsKey = "intents"
)

// entry is one reply.
type entry struct {
	texts   map[string][]variant            // by locale, in lower case
	on      map[string]map[string][]variant // by occasion, then by locale
	choices []choice
	at      position
}

// variant is one wording.
type variant struct {
	nodes []node
	at    position
	omits []path // facts that it leaves out since the saying before has told them
}

type choice struct {
	label catalog.Text
	value string
	at    position
}

type position struct {
	file string
	line int
}

// reader reads the files of one folder.
type reader struct {
	prefix  string // before file names in faults: "", or "built-in "
	rules   *rules
	entries map[string]*entry
	words   map[string]map[string]wordEntry // kind → value → wording
	moods   map[string]mood
	faults  catalog.Faults
}

type wordEntry struct {
	text catalog.Text
	at   position
}

func newReader(prefix string, r *rules) *reader {
	return &reader{prefix: prefix, rules: r, entries: map[string]*entry{}, words: map[string]map[string]wordEntry{}, moods: map[string]mood{}}
}

func (r *reader) folder(files fs.FS) {
	names, err := fs.Glob(files, "replies/*.yaml")
	if err != nil {
		r.faults = append(r.faults, catalog.Fault{File: r.prefix + "replies", Message: err.Error()})
	}
	for _, name := range names {
		raw, err := fs.ReadFile(files, name)
		if err != nil {
			r.fault(position{file: r.prefix + name}, 0, "can't be read: %v", err)
			continue
		}
		r.file(r.prefix+name, raw)
	}
}

func (r *reader) fault(at position, column int, format string, args ...any) {
	r.faults = append(r.faults, catalog.Fault{File: at.file, Line: at.line, Column: column, Message: fmt.Sprintf(format, args...)})
}

func (r *reader) file(name string, raw []byte) {
	file, err := yamlparser.ParseBytes(raw, 0)
	if err != nil {
		at, column, message := position{file: name}, 0, err.Error()
		var syntax interface {
			GetToken() *token.Token
			GetMessage() string
		}
		if errors.As(err, &syntax) {
			message = syntax.GetMessage()
			if tk := syntax.GetToken(); tk != nil {
				at.line, column = tk.Position.Line, tk.Position.Column
			}
		}
		r.fault(at, column, "%s", message)
		return
	}
	for _, doc := range file.Docs {
		for _, kv := range r.fields(name, doc.Body, "a map of replies") {
			switch kv.key {
			case wordsKey:
				r.wordLists(name, kv)
			case moodsKey:
				r.moodLists(name, kv)
			default:
				r.entry(name, kv)
			}
		}
	}
}

// field is one key of a map with its value.
type field struct {
	key   string
	value ast.Node
	at    position
}

// fields returns the fields of a map. Anything else is a fault: what says what it should be.
func (r *reader) fields(file string, n ast.Node, what string) []field {
	var values []*ast.MappingValueNode
	switch n := n.(type) {
	case nil:
		return nil
	case *ast.MappingNode:
		values = n.Values
	case *ast.MappingValueNode:
		values = []*ast.MappingValueNode{n}
	default:
		r.fault(placeOf(file, n), 0, "expected %s", what)
		return nil
	}
	var all []field
	for _, v := range values {
		tk := v.Key.GetToken()
		all = append(all, field{tk.Value, v.Value, position{file, tk.Position.Line}})
	}
	return all
}

func placeOf(file string, n ast.Node) position {
	if n == nil || n.GetToken() == nil {
		return position{file: file}
	}
	return position{file, n.GetToken().Position.Line}
}

func (r *reader) entry(file string, f field) {
	if !isName(f.key) || strings.TrimFunc(f.key, func(c rune) bool { return c < 0x80 && isNameByte(byte(c)) }) != "" {
		r.fault(f.at, 0, "%q is no name of a reply; use letters, digits and _", f.key)
		return
	}
	if first, twice := r.entries[f.key]; twice {
		r.fault(f.at, 0, "the reply %s is there twice, first at %s:%d", f.key, first.at.file, first.at.line)
		return
	}
	e := &entry{texts: map[string][]variant{}, on: map[string]map[string][]variant{}, at: f.at}
	r.entries[f.key] = e
	for _, kv := range r.fields(file, f.value, "the wording by language, as in en: …") {
		switch {
		case slices.Contains(occasions, kv.key):
			e.on[kv.key] = map[string][]variant{}
			for _, one := range r.fields(file, kv.value, "the wording by language, as in en: …") {
				r.variants(file, one, e.on[kv.key])
			}
		case kv.key == "choices":
			e.choices = r.choices(file, kv)
		default:
			r.variants(file, kv, e.texts)
		}
	}
}

func (r *reader) variants(file string, f field, into map[string][]variant) {
	if !isLocale(f.key) {
		r.fault(f.at, 0, "unknown key %q; a reply has languages (en, zh, …), choices and occasions: %s", f.key, strings.Join(occasions, ", "))
		return
	}
	nodes := []ast.Node{f.value}
	if list, ok := f.value.(*ast.SequenceNode); ok {
		nodes = list.Values
	}
	var all []variant
	for _, n := range nodes {
		text, where, ok := r.scalar(file, n)
		if !ok {
			continue
		}
		if v, ok := r.template(text, where); ok {
			all = append(all, v)
		}
	}
	if len(nodes) == 0 {
		r.fault(f.at, 0, "no wording; write at least one")
	}
	if len(nodes) > perOccasion {
		r.fault(f.at, 0, "%d wordings; write at most %d", len(nodes), perOccasion)
	}
	into[strings.Join(chainOf(f.key)[:1], "")] = all
}

// isLocale accepts languages with, maybe, script and region.
func isLocale(key string) bool {
	base, _, _ := strings.Cut(key, "-")
	if len(base) < 2 || len(base) > 3 {
		return false
	}
	_, err := language.Parse(key)
	return err == nil
}

// scalarPlace maps an offset in a text to where it stands in the file.
type scalarPlace struct {
	position
	column int // of the text's first character
	block  bool
}

func (s scalarPlace) at(text string, offset int) (position, int) {
	before := text[:min(offset, len(text))]
	line := strings.Count(before, "\n")
	inLine := before[strings.LastIndexByte(before, '\n')+1:]
	p := s.position
	p.line += line
	if line > 0 && !s.block { // folded by YAML: the column is lost
		return p, 0
	}
	return p, s.column + utf8.RuneCountInString(inLine)
}

// scalar reads a text.
func (r *reader) scalar(file string, n ast.Node) (string, scalarPlace, bool) {
	switch n := n.(type) {
	case *ast.StringNode:
		tk := n.GetToken()
		where := scalarPlace{position{file, tk.Position.Line}, tk.Position.Column, false}
		if tk.Type == token.DoubleQuoteType || tk.Type == token.SingleQuoteType {
			where.column++
		}
		return n.Value, where, true
	case *ast.LiteralNode:
		origin := n.Value.GetToken().Origin
		indent := len(origin) - len(strings.TrimLeft(origin, " "))
		where := scalarPlace{position{file, n.GetToken().Position.Line + 1}, indent + 1, true}
		return n.Value.Value, where, true
	}
	r.fault(placeOf(file, n), 0, "expected a text; put it in quotes")
	return "", scalarPlace{}, false
}

func (r *reader) template(text string, where scalarPlace) (variant, bool) {
	trimmed := strings.TrimRight(text, " \n")
	if trimmed == "" {
		r.fault(where.position, 0, "no wording; write at least a word")
		return variant{}, false
	}
	nodes, err := parse(trimmed)
	var syntax *syntaxError
	if errors.As(err, &syntax) {
		at, column := where.at(text, syntax.offset)
		r.fault(at, column, "%s", syntax.message)
		return variant{}, false
	}
	for n := range each(nodes) {
		l, ok := n.(literal)
		if !ok {
			continue
		}
		if found := r.rules.find(l.text, nil, nil); found != nil {
			at, column := where.at(text, l.at+found.Start)
			r.fault(at, column, "%s: %q; what figures, dates and promises a reply has must come from a placeholder such as {order.total}", found.What, found.Text)
		}
	}
	return variant{nodes: nodes, at: where.position}, true
}

func (r *reader) choices(file string, f field) []choice {
	list, ok := f.value.(*ast.SequenceNode)
	if !ok {
		r.fault(f.at, 0, "choices is a list of {label: …, value: …}")
		return nil
	}
	var all []choice
	for _, n := range list.Values {
		c := choice{at: placeOf(file, n)}
		for _, kv := range r.fields(file, n, "{label: …, value: …}") {
			switch kv.key {
			case "label":
				c.label = r.text(file, kv)
			case "value":
				c.value, _, _ = r.scalar(file, kv.value)
			default:
				r.fault(kv.at, 0, "unknown key %q; a choice has label and value", kv.key)
			}
		}
		if c.label == nil || c.value == "" {
			r.fault(c.at, 0, "a choice needs label and value")
			continue
		}
		all = append(all, c)
	}
	return all
}

// text reads wording by language, or a plain string for every language.
func (r *reader) text(file string, f field) catalog.Text {
	switch f.value.(type) {
	case *ast.MappingNode, *ast.MappingValueNode:
	default:
		text, _, _ := r.scalar(file, f.value)
		return catalog.Text{"": text}
	}
	text := catalog.Text{}
	for _, kv := range r.fields(file, f.value, "wording by language") {
		if !isLocale(kv.key) {
			r.fault(kv.at, 0, "%q is no language; write en, zh, …", kv.key)
			continue
		}
		text[strings.ToLower(kv.key)], _, _ = r.scalar(file, kv.value)
	}
	return text
}

// moodLists reads by what moods are known: intents, and phrases by language.
func (r *reader) moodLists(file string, f field) {
	for _, kv := range r.fields(file, f.value, "moods, as in upset: …") {
		if _, known := moodPlaces[kv.key]; !known {
			r.fault(kv.at, 0, "%q is no mood; there are %s", kv.key, strings.Join(slices.Sorted(maps.Keys(moodPlaces)), " and "))
			continue
		}
		d := mood{phrases: map[string][]string{}, at: kv.at}
		for _, list := range r.fields(file, kv.value, "intents, and phrases by language") {
			sequence, ok := list.value.(*ast.SequenceNode)
			if !ok || list.key != intentsKey && !isLocale(list.key) {
				r.fault(list.at, 0, "expected a list of %s, or of phrases in a language: en: [at once, …]", intentsKey)
				continue
			}
			for _, n := range sequence.Values {
				text, _, ok := r.scalar(file, n)
				switch {
				case !ok:
				case list.key == intentsKey:
					d.intents = append(d.intents, text)
				default:
					d.phrases[list.key] = append(d.phrases[list.key], strings.ToLower(strings.TrimSpace(text)))
				}
			}
		}
		r.moods[kv.key] = d
	}
}

func (r *reader) wordLists(file string, f field) {
	for _, kind := range r.fields(file, f.value, "kinds of values, as in order_state: …") {
		values := r.words[kind.key]
		if values == nil {
			values = map[string]wordEntry{}
			r.words[kind.key] = values
		}
		for _, v := range r.fields(file, kind.value, "values with their wording, as in pending: {en: pending}") {
			if first, twice := values[v.key]; twice {
				r.fault(v.at, 0, "%s is worded twice, first at %s:%d", v.key, first.at.file, first.at.line)
			}
			text := r.text(file, v)
			r.figuresOf(v, text)
			values[v.key] = wordEntry{text, v.at}
		}
	}
}

// figuresOf refuses wording that adds a figure or a promise to a value.
func (r *reader) figuresOf(f field, text catalog.Text) {
	if strings.ContainsAny(f.key, "0123456789") { // 500 ml may well be 500毫升
		return
	}
	for _, wording := range text {
		if found := r.rules.find(wording, nil, nil); found != nil {
			r.fault(f.at, 0, "%s: %q; wording can't add to the value", found.What, found.Text)
		}
	}
}
