package feed

import (
	"bufio"
	"bytes"
	"errors"
	"fmt"
	"io"
	"strings"
	"unicode/utf8"
)

// lineLimit bounds one row, so that memory is bounded whatever the file holds.
const lineLimit = 1 << 20

// line is one row as it stands in the file.
type line struct {
	text    string
	number  int
	bom     bool   // the file's byte order mark stood before it
	last    bool   // no newline follows
	problem string // why it can't be read at all
}

type lines struct {
	in     *bufio.Reader
	number int
}

func newLines(r io.Reader) *lines { return &lines{in: bufio.NewReaderSize(r, 64<<10)} }

// next returns the next line, io.EOF after the last.
func (s *lines) next() (line, error) {
	var data []byte
	size := 0
	for {
		part, err := s.in.ReadSlice('\n')
		size += len(part)
		if size <= lineLimit {
			data = append(data, part...)
		}
		if errors.Is(err, bufio.ErrBufferFull) {
			continue
		}
		if errors.Is(err, io.EOF) && size > 0 {
			return s.line(data, size, true), nil
		}
		if err != nil {
			return line{}, err
		}
		return s.line(data, size, false), nil
	}
}

func (s *lines) line(data []byte, size int, last bool) line {
	s.number++
	l := line{number: s.number, last: last}
	if s.number == 1 {
		data, l.bom = bytes.CutPrefix(data, []byte("\ufeff"))
	}
	switch {
	case size > lineLimit:
		l.problem = fmt.Sprintf("the line has %d bytes: at most %d are read", size, lineLimit)
	case !utf8.Valid(data):
		l.problem = "not UTF-8 text: save the file with the encoding UTF-8"
	default:
		l.text = strings.TrimRight(string(data), "\r\n")
	}
	return l
}
