package feed

import (
	"bufio"
	"fmt"
	"io"
	"regexp"
	"strings"

	"golang.org/x/text/encoding"
	"golang.org/x/text/encoding/htmlindex"
	"golang.org/x/text/encoding/unicode"
)

// sampleSize is how much of a file is looked at to tell what it is.
const sampleSize = 64 << 10

// text is a file as UTF-8 text. Its beginning can be looked at before it is read.
type text struct{ *bufio.Reader }

// sample is the beginning of the text, without a byte order mark.
func (t text) sample() (string, error) {
	b, err := t.Peek(sampleSize)
	if err == io.EOF {
		err = nil
	}
	return strings.TrimPrefix(string(b), "\ufeff"), err
}

var declared = regexp.MustCompile(`^\s*<\?xml[^>]*\sencoding\s*=\s*["']([A-Za-z0-9._-]+)["']`)

// decoded makes UTF-8 of the encodings that spreadsheets and shop systems save: UTF-16, and
// whatever an XML declaration names. converted says what was done, in words for the shopkeeper;
// text that is said to be UTF-8 is left as it is.
func decoded(f io.Reader) (t text, converted string, err error) {
	t = text{bufio.NewReaderSize(f, sampleSize)}
	if order, ok := utf16Of(t); ok {
		t = text{bufio.NewReaderSize(unicode.UTF16(order, unicode.UseBOM).NewDecoder().Reader(t), sampleSize)}
		return t, "the file is UTF-16: read as such", nil
	}
	head, err := t.sample()
	if err != nil {
		return t, "", err
	}
	m := declared.FindStringSubmatch(head)
	if m == nil || strings.EqualFold(m[1], "utf-8") || strings.EqualFold(m[1], "us-ascii") {
		return t, "", nil
	}
	var e encoding.Encoding
	if e, err = htmlindex.Get(m[1]); err != nil {
		return t, "", fmt.Errorf("the encoding %q is unknown: save the file with the encoding UTF-8", m[1])
	}
	return text{bufio.NewReaderSize(e.NewDecoder().Reader(t), sampleSize)}, "the file is " + m[1] + ": read as such", nil
}

// utf16Of tells UTF-16 by its mark or, without one, by the zero bytes beside ASCII characters.
func utf16Of(t text) (unicode.Endianness, bool) {
	b, _ := t.Peek(4) // a short file is no UTF-16
	switch {
	case len(b) >= 2 && b[0] == 0xff && b[1] == 0xfe, len(b) == 4 && b[0] != 0 && b[1] == 0 && b[2] != 0 && b[3] == 0:
		return unicode.LittleEndian, true
	case len(b) >= 2 && b[0] == 0xfe && b[1] == 0xff, len(b) == 4 && b[0] == 0 && b[1] != 0 && b[2] == 0 && b[3] != 0:
		return unicode.BigEndian, true
	}
	return unicode.LittleEndian, false
}
