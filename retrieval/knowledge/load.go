package knowledge

import (
	"cmp"
	"crypto/sha256"
	"encoding/hex"
	"fmt"
	"io/fs"
	"path"
	"slices"
	"strings"
	"unicode"
	"unicode/utf8"

	"github.com/goccy/go-yaml/ast"
	yaml "github.com/goccy/go-yaml/parser"

	"github.com/floorwalker/floorwalker/catalog"
	"github.com/floorwalker/floorwalker/retrieval"
	"github.com/floorwalker/floorwalker/retrieval/text"
)

const (
	largestFile = 1 << 20 // bytes
	askedMark   = "asked:"
)

// Load reads knowledge/*.md of a shop folder: front matter between lines of three dashes
// (title, locale, and products it is about, if any), then passages, each under a heading of
// its own. Lines "asked: … | …" right below a heading are other ways of asking for it. What is wrong comes back as faults with the sound passages; a shop without the
// folder has no passages.
func Load(fsys fs.FS, locales []string) ([]retrieval.Passage, catalog.Faults) {
	names, err := fs.Glob(fsys, "knowledge/*.md")
	if err != nil {
		return nil, catalog.Faults{{File: "knowledge", Message: err.Error()}}
	}
	slices.Sort(names)
	var passages []retrieval.Passage
	var faults catalog.Faults
	for _, name := range names {
		content, err := fs.ReadFile(fsys, name)
		if err != nil {
			faults = append(faults, catalog.Fault{File: name, Message: fmt.Sprintf("it can't be read: %v", err)})
			continue
		}
		f := file{name: name, locales: locales}
		f.parse(content)
		passages = append(passages, f.passages...)
		faults = append(faults, f.faults...)
	}
	return passages, faults
}

// file is one file while it is parsed.
type file struct {
	name     string
	locales  []string
	front    front
	passages []retrieval.Passage
	faults   catalog.Faults
	ids      map[string]int // id → line of its heading
	asked    map[string]int // another way of asking, folded → its line
}

type front struct {
	title    string
	locale   string
	products []string
}

func (f *file) fault(line int, format string, args ...any) {
	f.faults = append(f.faults, catalog.Fault{File: f.name, Line: line, Message: fmt.Sprintf(format, args...)})
}

func (f *file) parse(content []byte) {
	if len(content) > largestFile {
		f.fault(0, "the file has more than %d bytes; split it", largestFile)
		return
	}
	if !utf8.Valid(content) {
		f.fault(0, "the file is not UTF-8; save it as UTF-8")
		return
	}
	lines := strings.Split(strings.ReplaceAll(strings.TrimPrefix(string(content), "\uFEFF"), "\r\n", "\n"), "\n")
	if !isFence(lines[0]) {
		f.fault(1, "the front matter is missing; begin the file with a line ---, then title: and locale:, then a line ---")
		return
	}
	end := slices.IndexFunc(lines[1:], isFence) + 1
	if end == 0 {
		f.fault(1, "the front matter has no end; close it with a line ---")
		return
	}
	sound := f.parseFront(lines[1:end])
	f.parseBody(lines[end+1:], end+2)
	if !sound {
		f.passages = nil
	}
}

func isFence(line string) bool { return strings.TrimRight(line, " \t") == "---" }

// parseFront reads the lines between the fences, the first of which is line 2.
func (f *file) parseFront(lines []string) (sound bool) {
	before := len(f.faults)
	doc, err := yaml.ParseBytes([]byte(strings.Join(lines, "\n")), 0)
	if err != nil {
		f.fault(1, "the front matter is no YAML: %s", firstLine(err.Error()))
		return false
	}
	var pairs []*ast.MappingValueNode
	if len(doc.Docs) > 0 && doc.Docs[0].Body != nil {
		m, ok := doc.Docs[0].Body.(*ast.MappingNode)
		if !ok {
			f.fault(2, "the front matter must be keys with values, as in title: Shipping")
			return false
		}
		pairs = m.Values
	}
	for _, pair := range pairs {
		f.set(pair)
	}
	if f.front.title == "" {
		f.fault(1, "the title is missing; add a line title: to the front matter")
	}
	if f.front.locale == "" {
		f.fault(1, "the locale is missing; add a line locale: to the front matter, one of %s", strings.Join(f.locales, ", "))
	}
	return len(f.faults) == before
}

func (f *file) set(pair *ast.MappingValueNode) {
	line := pair.Key.GetToken().Position.Line + 1 // after the opening fence
	switch key := pair.Key.GetToken().Value; key {
	case "title":
		f.front.title = f.scalar(pair.Value, key, line)
	case "locale":
		f.front.locale = f.scalar(pair.Value, key, line)
		if f.front.locale != "" && !slices.Contains(f.locales, f.front.locale) {
			f.fault(line, "the shop doesn't speak %q; use one of its locales: %s", f.front.locale, strings.Join(f.locales, ", "))
		}
	case "products":
		list, ok := pair.Value.(*ast.SequenceNode)
		if !ok {
			f.fault(line, "products must be a list of product ids, as in products: [kettle, lamp]")
			return
		}
		for _, v := range list.Values {
			if id := f.scalar(v, key, line); id != "" {
				f.front.products = append(f.front.products, id)
			}
		}
	default:
		f.fault(line, "%q is no key of the front matter; use title, locale or products", key)
	}
}

// scalar is the text of a plain value, empty with a fault if it is none.
func (f *file) scalar(n ast.Node, key string, line int) string {
	s, ok := n.(ast.ScalarNode)
	if !ok || n.Type() == ast.NullType {
		f.fault(line, "%s must be a text", key)
		return ""
	}
	return strings.TrimSpace(fmt.Sprint(s.GetValue()))
}

func firstLine(s string) string {
	s, _, _ = strings.Cut(s, "\n")
	return s
}

// parseBody cuts the lines into passages; first is the line number of lines[0].
func (f *file) parseBody(lines []string, first int) {
	f.ids, f.asked = map[string]int{}, map[string]int{}
	heading, headingLine, inCode, seen := "", 0, "", false
	var body []string
	flush := func() {
		var ways []string
		if seen {
			ways, body = f.otherWays(body, headingLine+1)
		}
		content := strings.TrimSpace(strings.Join(body, "\n"))
		body = nil
		switch {
		case seen:
			f.add(heading, headingLine, ways, content)
		case content != "":
			f.fault(first, "the text before the first heading belongs to none; put a heading above it, as in ## What does shipping cost?")
		}
	}
	for i, line := range lines {
		if mark := codeFence(line); mark != "" && (inCode == "" || mark == inCode) {
			if inCode == "" {
				inCode = mark
			} else {
				inCode = ""
			}
		}
		h, ok := headingOf(line)
		if !ok || inCode != "" {
			body = append(body, line)
			continue
		}
		flush()
		heading, headingLine, seen = h, first+i, true
	}
	flush()
	if !seen && len(f.faults) == 0 {
		f.fault(0, "there is no heading; write each question as a heading (## What does shipping cost?) with its answer below")
	}
}

func codeFence(line string) string {
	line = strings.TrimLeft(line, " ")
	for _, mark := range []string{"```", "~~~"} {
		if strings.HasPrefix(line, mark) {
			return mark
		}
	}
	return ""
}

// headingOf is the text of an ATX heading.
func headingOf(line string) (string, bool) {
	rest := strings.TrimLeft(line, "#")
	level := len(line) - len(rest)
	if level == 0 || level > 6 || rest != "" && rest[0] != ' ' && rest[0] != '\t' {
		return "", false
	}
	return strings.TrimSpace(strings.TrimRight(strings.TrimSpace(rest), "#")), true
}

// otherWays takes the lines "asked: … | …" off the beginning of a passage; first is the number
// of the first of its lines.
func (f *file) otherWays(lines []string, first int) (ways, rest []string) {
	for i, line := range lines {
		list, is := strings.CutPrefix(strings.TrimSpace(line), askedMark)
		switch {
		case !is && strings.TrimSpace(line) == "":
			continue
		case !is:
			return ways, lines[i:]
		case slug(list) == "":
			f.fault(first+i, "nothing stands after %s; write other ways of asking for the heading, as in %s what is postage? | do you charge for delivery?", askedMark, askedMark)
		}
		for way := range strings.FieldsFuncSeq(list, func(r rune) bool { return r == '|' || r == '｜' }) {
			way = strings.TrimSpace(way)
			switch key := slug(way); {
			case key == "":
			case f.asked[key] != 0:
				f.fault(first+i, "%q is asked in line %d already; keep one", way, f.asked[key])
			default:
				f.asked[key] = first + i
				ways = append(ways, way)
			}
		}
	}
	return ways, nil
}

func (f *file) add(heading string, line int, ways []string, content string) {
	id := strings.TrimSuffix(path.Base(f.name), ".md") + "#" + slug(heading)
	switch {
	case slug(heading) == "":
		f.fault(line, "the heading has no words; write the question that the text below answers")
		return
	case content == "":
		f.fault(line, "nothing stands below the heading %q; write its answer or remove it", heading)
		return
	case f.ids[id] != 0:
		f.fault(line, "the heading %q stands in line %d already; word one of them differently", heading, f.ids[id])
		return
	}
	f.ids[id] = line
	sum := sha256.Sum256([]byte(content))
	f.passages = append(f.passages, retrieval.Passage{
		ID: id, Title: f.front.title, Heading: heading, Asked: ways, Locale: f.front.locale, Text: content,
		Products: f.front.products, Version: hex.EncodeToString(sum[:8]),
	})
}

// slug joins the letters and digits of a heading with hyphens.
func slug(heading string) string {
	return strings.Join(strings.FieldsFunc(text.Fold(heading), func(r rune) bool {
		return !unicode.IsLetter(r) && !unicode.IsDigit(r)
	}), "-")
}

// byID orders passages, so that what they are keyed by doesn't depend on who listed them.
func byID(passages []retrieval.Passage) []retrieval.Passage {
	return slices.SortedFunc(slices.Values(passages), func(a, b retrieval.Passage) int { return cmp.Compare(a.ID, b.ID) })
}
