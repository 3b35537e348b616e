package feed

import (
	"bytes"
	"encoding/xml"
	"errors"
	"io"
	"regexp"
	"strings"
	"unicode/utf8"
)

// openMerchantXML reads a feed in RSS 2.0, RSS 1.0 or Atom, one <item> or <entry> each.
func openMerchantXML(t text, o Options) (reader, error) {
	x := &xmlItems{in: t, line: 1}
	item := merchantItem{now: o.Now, currency: o.Currency, changes: o.changes}
	items, ended, size := 0, false, 0
	return &parts{size: func() int { return size }, row: func() (part, error) {
		i, err := x.next()
		if errors.Is(err, io.EOF) && !ended && (items == 0 || x.cut()) {
			ended = true
			problem := "the file ends before its last element does: it is cut off; export it again"
			if items == 0 {
				problem = "the feed has no items: export it again"
			}
			return part{line: x.line, remarks: []remark{{line: x.line, kind: Refused, message: problem}}}, nil
		}
		if err != nil {
			return part{}, err
		}
		items, size = items+1, len(i.text)
		done := &row{refused: i.problem}
		if done.refused != "" {
			ended = ended || x.end && len(x.buf) == 0
			return part{line: i.line, remarks: done.remarks(i.line, "")}, nil
		}
		values, details := itemValues(i.text, done)
		if done.refused != "" {
			return part{line: i.line, remarks: done.remarks(i.line, "")}, nil
		}
		return item.part(values, i.line, details, done), nil
	}}, nil
}

var looseAmpersand = regexp.MustCompile(`&(?:#[0-9]+;|#x[0-9a-fA-F]+;|[A-Za-z][A-Za-z0-9]*;)?`)

// itemValues reads an item's elements by their local names, which a namespace prefix makes
// Google's (g:) or custom (c:).
func itemValues(b []byte, done *row) (map[string]any, []detail) {
	if !utf8.Valid(b) {
		done.refuse("not UTF-8 text: save the file with the encoding UTF-8")
		return nil, nil
	}
	v, err := readItem(b)
	if err == nil {
		v.tell(done)
		return v.values, v.details
	}
	mended := looseAmpersand.ReplaceAllFunc(b, func(m []byte) []byte {
		if len(m) == 1 {
			return []byte("&amp;")
		}
		return m
	})
	if again, err2 := readItem(mended); err2 == nil {
		done.clean("an & that should be &amp; is kept")
		again.tell(done)
		return again.values, again.details
	}
	message := strings.TrimPrefix(err.Error(), "XML syntax error on ")
	done.refuse("not well-formed XML: %s", message)
	return nil, nil
}

// itemReader collects an item's values.
type itemReader struct {
	values  map[string]any
	google  map[string]bool // values that came with a prefix and outdo those without
	details []detail
	unknown []string
}

func (v *itemReader) tell(done *row) {
	if len(v.unknown) > 0 {
		done.clean("unknown elements ignored: %s", strings.Join(v.unknown, ", "))
	}
}

func readItem(b []byte) (*itemReader, error) {
	v := &itemReader{values: map[string]any{}, google: map[string]bool{}}
	in := xml.NewDecoder(bytes.NewReader(b))
	in.Entity = xml.HTMLEntity
	in.CharsetReader = func(_ string, r io.Reader) (io.Reader, error) { return r, nil }
	if _, err := in.Token(); err != nil {
		return v, err
	}
	for {
		token, err := in.Token()
		if err != nil {
			return v, err
		}
		switch e := token.(type) {
		case xml.StartElement:
			if err := v.element(in, e); err != nil {
				return v, err
			}
		case xml.EndElement:
			return v, nil
		}
	}
}

// element is one element of an item; what is within it is text, or the parts of a detail.
type element struct {
	XMLName  xml.Name
	Text     string    `xml:",chardata"`
	Inner    []element `xml:",any"`
	Href     string    `xml:"href,attr"`
	Relation string    `xml:"rel,attr"`
}

func (v *itemReader) element(in *xml.Decoder, start xml.StartElement) error {
	var e element
	if err := in.DecodeElement(&e, &start); err != nil {
		return err
	}
	name := strings.ToLower(start.Name.Local)
	prefixed := start.Name.Space != ""
	text := strings.TrimSpace(e.Text)
	switch {
	case start.Name.Space == "c" || strings.Contains(start.Name.Space, "/cns/"):
		name = "c:" + name
	case name == "product_detail":
		v.details = append(v.details, detail{e.part("section_name"), e.part("attribute_name"), e.part("attribute_value")})
		return nil
	case name == "link" && text == "":
		if e.Relation == "" || e.Relation == "alternate" {
			text = e.Href
		}
	}
	if !merchantHeading.known(name) && !(name == "id" || name == "title" || name == "price") {
		v.unknown = append(v.unknown, quoted(name))
		return nil
	}
	if _, there := v.values[name]; text == "" || there && (v.google[name] || !prefixed) {
		return nil
	}
	v.values[name], v.google[name] = text, prefixed
	return nil
}

func (e element) part(name string) string {
	for _, i := range e.Inner {
		if strings.EqualFold(i.XMLName.Local, name) {
			return strings.TrimSpace(i.Text)
		}
	}
	return ""
}
