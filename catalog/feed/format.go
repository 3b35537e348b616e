package feed

import (
	"errors"
	"fmt"
	"io/fs"
	"maps"
	"os"
	"path/filepath"
	"slices"
	"strings"

	"github.com/floorwalker/floorwalker/catalog/store"
)

// source is one file of a format.
type source struct {
	name  string // at the root of the folder
	table string
	open  func() decoder
}

// decoder turns the lines of one file into records, one after the other.
type decoder interface {
	// head is asked with the first line: whether it is a heading, not a record. An error
	// means that the whole file can't be read.
	head(line string) (bool, error)

	// decode returns what stages the record, and its id for the report; what it cleaned
	// and whether it refuses is in the row.
	decode(line string, r *row) (id string, put stager)
}

// stager puts a record into the staging, as Staging's methods do.
type stager func(s store.Staging, line int) (replaced int, err error)

// formats are the formats that can be imported; the files are read in this order.
func formats() map[string][]source {
	return map[string][]source{
		"floorwalker": {
			{"products.jsonl", "products", jsonLines(product)},
			{"customers.jsonl", "customers", jsonLines(customer)},
			{"orders.jsonl", "orders", jsonLines(order)},
			{"stock.csv", "stock", csvRows(stockColumns, stock)},
			{"activity.csv", "activity", csvRows(activityColumns, activity)},
		},
	}
}

// ErrNoFiles means that a folder has no record file at all.
var ErrNoFiles = errors.New("no record files")

// filesOf returns the files of a format that are there.
func filesOf(format string, from fs.FS) ([]source, error) {
	if format == "" {
		format = "floorwalker"
	}
	all, ok := formats()[format]
	if !ok {
		return nil, fmt.Errorf("format %q is unknown: use %s", format, strings.Join(slices.Sorted(maps.Keys(formats())), ", "))
	}
	var found []source
	var names []string
	for _, f := range all {
		names = append(names, f.name)
		switch info, err := fs.Stat(from, f.name); {
		case errors.Is(err, fs.ErrNotExist):
		case err != nil:
			return nil, err
		case info.Mode().IsRegular():
			found = append(found, f)
		}
	}
	if len(found) == 0 {
		return nil, fmt.Errorf("%w: looked for %s", ErrNoFiles, strings.Join(names, ", "))
	}
	return found, nil
}

// From opens a folder of record files, or one record file by itself.
func From(path string) (fs.FS, error) {
	info, err := os.Stat(path)
	if err != nil {
		return nil, err
	}
	if info.IsDir() {
		return os.DirFS(path), nil
	}
	return only{os.DirFS(filepath.Dir(path)), filepath.Base(path)}, nil
}

// only is a folder of which nothing but one file is seen.
type only struct {
	fs.FS
	name string
}

func (o only) Open(name string) (fs.File, error) {
	if name != o.name {
		return nil, &fs.PathError{Op: "open", Path: name, Err: fs.ErrNotExist}
	}
	return o.FS.Open(name)
}
