package reply

import (
	"fmt"
	"strings"
	"unicode/utf8"

	"golang.org/x/text/feature/plural"
)

// maxDepth bounds how deep placeholders nest.
const maxDepth = 12

// syntaxError is what is wrong with a template, at a byte offset of it.
type syntaxError struct {
	offset  int
	message string
}

func (e *syntaxError) Error() string { return e.message }

// parse reads a template.
func parse(src string) ([]node, error) {
	if !utf8.ValidString(src) {
		return nil, &syntaxError{0, "not UTF-8; save the file as UTF-8"}
	}
	p := &parser{src: src}
	nodes, err := p.message(0, false)
	if err != nil {
		return nil, err
	}
	if p.pos < len(src) {
		return nil, p.fault("a } without its {; write '}' for a brace")
	}
	return nodes, nil
}

type parser struct {
	src string
	pos int
}

func (p *parser) fault(format string, args ...any) error {
	return &syntaxError{p.pos, fmt.Sprintf(format, args...)}
}

// message reads text and placeholders up to the end or a } that isn't its own.
func (p *parser) message(depth int, hash bool) ([]node, error) {
	if depth > maxDepth {
		return nil, p.fault("placeholders nest deeper than %d; split the reply", maxDepth)
	}
	var nodes []node
	start := p.pos
	var text strings.Builder
	flush := func() {
		if text.Len() > 0 {
			nodes = append(nodes, literal{text.String(), start})
			text.Reset()
		}
	}
	for p.pos < len(p.src) {
		if text.Len() == 0 {
			start = p.pos
		}
		c := p.src[p.pos]
		switch {
		case c == '}':
			flush()
			return nodes, nil
		case c == '\'':
			quoted, err := p.quote(hash)
			if err != nil {
				return nil, err
			}
			text.WriteString(quoted)
		case c == '#' && hash:
			flush()
			nodes = append(nodes, numeral{})
			p.pos++
		case c == '{':
			flush()
			p.pos++
			n, err := p.placeholder(depth, hash)
			if err != nil {
				return nil, err
			}
			nodes = append(nodes, n)
		default:
			text.WriteByte(c)
			p.pos++
		}
	}
	flush()
	return nodes, nil
}

// quote reads an apostrophe and what it quotes.
func (p *parser) quote(hash bool) (string, error) {
	open := p.pos
	p.pos++
	if p.pos == len(p.src) {
		return "'", nil
	}
	switch c := p.src[p.pos]; {
	case c == '\'':
		p.pos++
		return "'", nil
	case c != '{' && c != '}' && (c != '#' || !hash):
		return "'", nil
	}
	var quoted strings.Builder
	for p.pos < len(p.src) {
		c := p.src[p.pos]
		p.pos++
		if c != '\'' {
			quoted.WriteByte(c)
			continue
		}
		if p.pos < len(p.src) && p.src[p.pos] == '\'' {
			quoted.WriteByte('\'')
			p.pos++
			continue
		}
		return quoted.String(), nil
	}
	p.pos = open
	return "", p.fault("a quoted brace without its closing apostrophe; write '{'")
}

// placeholder reads what follows a { up to and with its }.
func (p *parser) placeholder(depth int, hash bool) (node, error) {
	p.space()
	at := p.pos
	path, err := p.path()
	if err != nil {
		return nil, err
	}
	p.space()
	if p.eat('}') {
		return told{path: path, at: at}, nil
	}
	if !p.eat(',') {
		return nil, p.fault("expected , or } after {%s", path)
	}
	p.space()
	kindAt := p.pos
	kind := p.word()
	p.space()
	if !p.eat(',') {
		return nil, p.fault("expected , after {%s, %s", path, kind)
	}
	p.space()
	var n node
	switch kind {
	case "words":
		list := p.word()
		if list == "" {
			return nil, p.fault("expected the name of a list under words:, as in {%s, words, option}", path)
		}
		n = told{path: path, words: list, at: at}
	case "plural":
		n, err = p.plural(path, depth)
	case "select":
		n, err = p.choose(path, depth, hash)
	case "if":
		n, err = p.condition(path, depth, hash)
	case "each":
		n, err = p.loop(path, depth, hash)
	default:
		p.pos = kindAt
		return nil, p.fault("%q is no kind of placeholder; use words, plural, select, if or each", kind)
	}
	if err != nil {
		return nil, err
	}
	p.space()
	if !p.eat('}') {
		return nil, p.fault("expected } at the end of {%s, %s, …", path, kind)
	}
	return n, nil
}

func (p *parser) plural(path path, depth int) (node, error) {
	n := counted{path: path, exact: map[string][]node{}, forms: map[plural.Form][]node{}}
	for {
		p.space()
		at := p.pos
		if p.pos == len(p.src) || p.src[p.pos] == '}' {
			break
		}
		exact := p.eat('=')
		key := p.word()
		p.space()
		body, err := p.block(depth, true)
		if err != nil {
			return nil, err
		}
		form, known := pluralForms[key]
		switch {
		case exact && isNumber(key):
			if _, twice := n.exact[key]; twice {
				return nil, &syntaxError{at, "=" + key + " is there twice"}
			}
			n.exact[key] = body
		case !exact && known:
			if _, twice := n.forms[form]; twice {
				return nil, &syntaxError{at, key + " is there twice"}
			}
			n.forms[form] = body
		default:
			return nil, &syntaxError{at, "a plural has zero, one, two, few, many, other or =N before each {…}"}
		}
	}
	if _, ok := n.forms[plural.Other]; !ok {
		return nil, p.fault("a plural needs other {…}")
	}
	return n, nil
}

func (p *parser) choose(path path, depth int, hash bool) (node, error) {
	n := selected{path: path, cases: map[string][]node{}}
	for {
		p.space()
		at := p.pos
		if p.pos == len(p.src) || p.src[p.pos] == '}' {
			break
		}
		key := p.word()
		p.space()
		if key == "" {
			return nil, p.fault("expected a value before {…} of a select")
		}
		body, err := p.block(depth, hash)
		if err != nil {
			return nil, err
		}
		if _, twice := n.cases[key]; twice {
			return nil, &syntaxError{at, key + " is there twice"}
		}
		n.cases[key] = body
	}
	if _, ok := n.cases["other"]; !ok {
		return nil, p.fault("a select needs other {…}")
	}
	return n, nil
}

func (p *parser) condition(path path, depth int, hash bool) (node, error) {
	yes, err := p.block(depth, hash)
	if err != nil {
		return nil, err
	}
	n := tested{path: path, yes: yes}
	p.space()
	if p.keyword("else") {
		if n.no, err = p.block(depth, hash); err != nil {
			return nil, err
		}
	}
	return n, nil
}

func (p *parser) loop(path path, depth int, hash bool) (node, error) {
	if !p.keyword("as") {
		return nil, p.fault("name one of the list: {%s, each, as item {…}}", path)
	}
	at := p.pos
	n := looped{path: path, as: p.word()}
	if !isName(n.as) {
		return nil, &syntaxError{at, "the name after as is letters, digits and _"}
	}
	p.space()
	var err error
	if n.body, err = p.block(depth, hash); err != nil {
		return nil, err
	}
	p.space()
	if p.keyword("sep") {
		if n.sep, err = p.block(depth, hash); err != nil {
			return nil, err
		}
		n.last = n.sep
		n.joined = true
		p.space()
	}
	if p.keyword("last") {
		if !n.joined {
			return nil, p.fault("last needs sep {…} before it")
		}
		if n.last, err = p.block(depth, hash); err != nil {
			return nil, err
		}
	}
	return n, nil
}

// block reads {…}.
func (p *parser) block(depth int, hash bool) ([]node, error) {
	if !p.eat('{') {
		return nil, p.fault("expected {")
	}
	nodes, err := p.message(depth+1, hash)
	if err != nil {
		return nil, err
	}
	if !p.eat('}') {
		return nil, p.fault("a { without its }")
	}
	return nodes, nil
}

// keyword reads a word and the space after it, if it is next.
func (p *parser) keyword(word string) bool {
	rest := p.src[p.pos:]
	if !strings.HasPrefix(rest, word) || (len(rest) > len(word) && isNameByte(rest[len(word)])) {
		return false
	}
	p.pos += len(word)
	p.space()
	return true
}

func (p *parser) path() (path, error) {
	var steps path
	for {
		at := p.pos
		step := p.word()
		if step == "" || len(steps) == 0 && !isName(step) {
			p.pos = at
			return nil, p.fault("expected a name such as order.total after {; write '{' for a brace")
		}
		steps = append(steps, step)
		if !p.eat('.') {
			return steps, nil
		}
	}
}

func (p *parser) word() string {
	start := p.pos
	for p.pos < len(p.src) && isNameByte(p.src[p.pos]) {
		p.pos++
	}
	return p.src[start:p.pos]
}

func (p *parser) space() {
	for p.pos < len(p.src) && strings.IndexByte(" \t\r\n", p.src[p.pos]) >= 0 {
		p.pos++
	}
}

func (p *parser) eat(c byte) bool {
	if p.pos < len(p.src) && p.src[p.pos] == c {
		p.pos++
		return true
	}
	return false
}

var pluralForms = map[string]plural.Form{
	"zero": plural.Zero, "one": plural.One, "two": plural.Two,
	"few": plural.Few, "many": plural.Many, "other": plural.Other,
}

func isNameByte(c byte) bool {
	return c == '_' || c == '-' || '0' <= c && c <= '9' || 'a' <= c && c <= 'z' || 'A' <= c && c <= 'Z'
}

func isName(s string) bool {
	return s != "" && (s[0] > '9' && s[0] != '-')
}

func isNumber(s string) bool {
	return s != "" && strings.Trim(s, "0123456789") == ""
}
