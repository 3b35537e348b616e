package feed

import (
	"bytes"
	"errors"
	"fmt"
	"io"
	"regexp"
)

// xmlItems cuts an RSS or Atom feed into its items, so that one that isn't well-formed loses
// no other, and memory is bounded by the largest.
type xmlItems struct {
	in   io.Reader
	buf  []byte // what was read and isn't cut yet
	line int    // at which buf begins
	end  bool   // nothing follows buf
	tail []byte // the last of what was cut off, to see whether the feed ends
}

// xmlItem is one item as it stands.
type xmlItem struct {
	text    []byte // valid until the next is read
	line    int
	problem string
}

var (
	itemStart = regexp.MustCompile(`<!--|<(?:item|entry)[\s/>]`)
	itemMarks = regexp.MustCompile(`<!--|<!\[CDATA\[|</?(?:item|entry)[\s/>]`)
	rootEnd   = regexp.MustCompile(`</(?:rss|feed|rdf:RDF|RDF|channel|items|products)\s*>`)
)

// longestMark is how much of a mark may stand at the end of buf.
const longestMark = 10

// next returns the next item, io.EOF after the last.
func (x *xmlItems) next() (xmlItem, error) {
	if err := x.seek(); err != nil {
		return xmlItem{}, err
	}
	for {
		n, problem, ok := itemEnd(x.buf, x.end)
		if !ok && len(x.buf) <= lineLimit && !x.end {
			if err := x.fill(); err != nil {
				return xmlItem{}, err
			}
			continue
		}
		if !ok {
			n, problem = x.unfinished()
		}
		item := xmlItem{text: x.buf[:n:n], line: x.line, problem: problem}
		x.drop(n)
		return item, nil
	}
}

// unfinished is where to go on after an item without an end.
func (x *xmlItems) unfinished() (n int, problem string) {
	for at := 1; ; {
		m := itemStart.FindIndex(x.buf[at:])
		if m == nil {
			break
		}
		if x.buf[at+m[0]+1] != '!' {
			return at + m[0], "the item has no end"
		}
		at += m[1]
	}
	if x.end {
		return len(x.buf), "the last item is cut off in the middle"
	}
	return len(x.buf) - longestMark, fmt.Sprintf("the item has no end within %d bytes, more than are read", lineLimit)
}

// seek drops what stands before the next item. Comments are skipped whole.
func (x *xmlItems) seek() error {
	for {
		m := itemStart.FindIndex(x.buf)
		switch {
		case m == nil && x.end:
			x.drop(len(x.buf))
			return io.EOF
		case m == nil:
			x.drop(max(0, len(x.buf)-longestMark))
		case x.buf[m[0]+1] != '!':
			x.drop(m[0])
			return nil
		default:
			n := bytes.Index(x.buf[m[1]:], []byte("-->"))
			if n >= 0 || x.end || len(x.buf) > lineLimit {
				x.drop(m[1] + max(0, n))
				continue
			}
		}
		if err := x.fill(); err != nil {
			return err
		}
	}
}

// itemEnd is where the item ends that b begins with. Not ok: b must be longer to tell.
func itemEnd(b []byte, end bool) (n int, problem string, ok bool) {
	for at := 1; ; {
		m := itemMarks.FindIndex(b[at:])
		if m == nil {
			return 0, "", false
		}
		from, to := at+m[0], at+m[1]
		mark := b[from:to]
		switch {
		case mark[1] == '!':
			close := "-->"
			if mark[2] == '[' {
				close = "]]>"
			}
			n := bytes.Index(b[to:], []byte(close))
			if n < 0 {
				return 0, "", false
			}
			at = to + n
		case mark[1] == '/':
			n := bytes.IndexByte(b[to-1:], '>')
			if n < 0 {
				return 0, "", false
			}
			return to + n, "", true
		default:
			return from, "the item has no end before the next begins", true
		}
	}
}

// fill reads more.
func (x *xmlItems) fill() error {
	const more = 32 << 10
	if cap(x.buf)-len(x.buf) < more {
		x.buf = append(make([]byte, 0, 2*len(x.buf)+2*more), x.buf...)
	}
	n, err := x.in.Read(x.buf[len(x.buf) : len(x.buf)+more])
	x.buf = x.buf[:len(x.buf)+n]
	if errors.Is(err, io.EOF) {
		x.end = true
		return nil
	}
	return err
}

func (x *xmlItems) drop(n int) {
	x.line += bytes.Count(x.buf[:n], []byte("\n"))
	x.tail = append(x.tail, x.buf[max(0, n-64):n]...)
	x.tail = x.tail[max(0, len(x.tail)-64):]
	x.buf = x.buf[n:]
}

// cut reports whether the feed ended before its last element did.
func (x *xmlItems) cut() bool { return !rootEnd.Match(x.tail) }
