// Package shopfile reads the YAML files of a shop folder strictly: what a shopkeeper got
// wrong comes back as faults with their line and what to write instead, all at once.
//
// [Decode] fits a file into Go types by their `yaml` tags. Packages whose files have a freer
// structure walk the tree of [Parse] themselves, with [At], [Fields] and [Unknown].
package shopfile

import (
	"bytes"
	"errors"
	"fmt"
	"io/fs"
	"strings"
	"unicode/utf8"

	"github.com/goccy/go-yaml"
	"github.com/goccy/go-yaml/ast"
	"github.com/goccy/go-yaml/parser"

	"github.com/floorwalker/floorwalker/catalog"
)

// sizeLimit keeps a file that isn't one of a shop's from filling the memory.
const sizeLimit = 4 << 20

// Decode reads one file into out, a pointer. Keys that out's type doesn't have, values of
// another type, keys that stand twice, bad UTF-8 and an empty file are faults. With faults,
// out holds nothing to be relied on.
func Decode(fsys fs.FS, name string, out any) catalog.Faults {
	file, faults := Parse(fsys, name)
	if len(faults) > 0 {
		return faults
	}
	return DecodeNode(name, file.Docs[0].Body, out)
}

// Parse reads one file into a tree: one document, not empty, without keys that stand twice.
func Parse(fsys fs.FS, name string) (*ast.File, catalog.Faults) {
	data, err := read(fsys, name)
	if err != nil {
		return nil, catalog.Faults{{File: name, Message: err.Error()}}
	}
	if fault, bad := badText(name, data); bad {
		return nil, catalog.Faults{fault}
	}
	file, err := parse(data)
	if err != nil {
		return nil, catalog.Faults{faultOf(name, err)}
	}
	switch {
	case len(file.Docs) == 0 || file.Docs[0].Body == nil || onlyComments(file.Docs[0].Body):
		return nil, catalog.Faults{{File: name, Message: "the file is empty: write its content or delete it"}}
	case len(file.Docs) > 1:
		f := Fault(name, file.Docs[1].Body, "a second document begins after '---': write one file for each")
		return nil, catalog.Faults{f}
	}
	if faults := duplicates(name, file.Docs[0].Body); len(faults) > 0 {
		return nil, faults
	}
	return file, nil
}

func read(fsys fs.FS, name string) ([]byte, error) {
	info, err := fs.Stat(fsys, name)
	if errors.Is(err, fs.ErrNotExist) {
		return nil, errors.New("the file is missing")
	}
	if err != nil {
		return nil, fmt.Errorf("can't be read: %w", err)
	}
	if info.Size() > sizeLimit {
		return nil, fmt.Errorf("the file has %d bytes: at most %d are read, split it", info.Size(), sizeLimit)
	}
	data, err := fs.ReadFile(fsys, name)
	if err != nil {
		return nil, fmt.Errorf("can't be read: %w", err)
	}
	return bytes.TrimPrefix(data, []byte("\ufeff")), nil
}

// badText finds the first byte that isn't UTF-8, or is a NUL.
func badText(name string, data []byte) (catalog.Fault, bool) {
	line, column := 1, 1
	for len(data) > 0 {
		r, size := utf8.DecodeRune(data)
		switch {
		case r == utf8.RuneError && size == 1:
			return catalog.Fault{File: name, Line: line, Column: column,
				Message: fmt.Sprintf("byte %#x is not UTF-8 text: save the file with the encoding UTF-8", data[0])}, true
		case r == 0:
			return catalog.Fault{File: name, Line: line, Column: column,
				Message: "a NUL character: save the file as plain UTF-8 text"}, true
		case r == '\n':
			line, column = line+1, 0
		}
		data, column = data[size:], column+1
	}
	return catalog.Fault{}, false
}

// parse shields from a parser that panics on some malformed files.
func parse(data []byte) (file *ast.File, err error) {
	defer func() {
		if p := recover(); p != nil {
			err = fmt.Errorf("not understood as YAML (%v): look for unclosed quotes, brackets and wrong indentation", p)
		}
	}()
	return parser.ParseBytes(data, 0, parser.AllowDuplicateMapKey())
}

// faultOf turns the parser's error into a fault at its place.
func faultOf(name string, err error) catalog.Fault {
	var at yaml.Error
	if !errors.As(err, &at) {
		return catalog.Fault{File: name, Message: firstLine(err.Error())}
	}
	f := catalog.Fault{File: name, Message: firstLine(at.GetMessage())}
	if tk := at.GetToken(); tk != nil && tk.Position != nil {
		f.Line, f.Column = tk.Position.Line, tk.Position.Column
	}
	return f
}

func firstLine(s string) string {
	line, _, _ := strings.Cut(strings.TrimSpace(s), "\n")
	return line
}

func onlyComments(n ast.Node) bool {
	switch n.Type() {
	case ast.NullType, ast.CommentType, ast.CommentGroupType:
		return true
	}
	return false
}

// At returns where a node begins, both from 1; zeros for a node without a place.
func At(n ast.Node) (line, column int) {
	switch v := n.(type) {
	case nil:
		return 0, 0
	case *ast.MappingNode: // its own token is the first colon
		if !v.IsFlowStyle && len(v.Values) > 0 {
			return At(v.Values[0])
		}
	case *ast.MappingValueNode:
		return At(v.Key)
	case *ast.DocumentNode:
		return At(v.Body)
	}
	tk := n.GetToken()
	if tk == nil || tk.Position == nil {
		return 0, 0
	}
	return tk.Position.Line, tk.Position.Column
}

// Fault is a fault at a node.
func Fault(name string, n ast.Node, format string, args ...any) catalog.Fault {
	line, column := At(n)
	return catalog.Fault{File: name, Line: line, Column: column, Message: fmt.Sprintf(format, args...)}
}
