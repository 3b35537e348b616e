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
)

// source is one file that is to be read.
type source struct {
	name   string // at the root of the folder
	layout layout
}

// layout is one way in which a format writes one table.
type layout struct {
	format string // as Options names it
	title  string // in words
	table  string
	file   string            // where only the name of the file tells; then fits is nil
	fits   func(sample) bool // whether a file looks like it
	open   func(text, Options) (reader, error)
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

func perLine(title, table, file string, decode func() decoder) layout {
	return layout{format: own, title: title, table: table, file: file, open: func(t text, _ Options) (reader, error) {
		return &lineReader{lines: newLines(t), decode: decode()}, nil
	}}
}

const own = "floorwalker"

// layouts are all that can be imported; a shop folder's files are read in this order.
func layouts() []layout {
	return []layout{
		perLine("products, one a line", "products", "products.jsonl", jsonLines(product)),
		{format: merchant, title: "Google Merchant feed, XML", table: "products", fits: sample.xmlFeed, open: openMerchantXML},
		{format: merchant, title: "Google Merchant feed, rows", table: "products", fits: merchantHeading.has, open: openMerchantRows},
		{format: shopify, title: "Shopify products", table: "products", fits: shopifyProductHeading.has, open: openShopifyProducts},
		perLine("customers, one a line", "customers", "customers.jsonl", jsonLines(customer)),
		perLine("orders, one a line", "orders", "orders.jsonl", jsonLines(order)),
		{format: shopify, title: "Shopify orders", table: "orders", fits: shopifyOrderHeading.has, open: openShopifyOrders},
		perLine("stock", "stock", "stock.csv", csvRows(stockColumns, stock)),
		perLine("activity", "activity", "activity.csv", csvRows(activityColumns, activity)),
	}
}

// foreign are the names under which a shop folder's feeds of other systems stand.
var foreign = []string{"products.tsv", "products.txt", "products.xml", "products.csv", "products_export.csv", "orders.csv", "orders_export.csv"}

// ErrNoFiles means that a folder has no record file at all.
var ErrNoFiles = errors.New("no record files")

// filesOf returns the record files that are there, and what each is: of a format or, if that
// is "", of any.
func filesOf(format string, from fs.FS) ([]source, error) {
	known := map[string]bool{}
	var names []string
	for _, l := range layouts() {
		known[l.format] = true
		if l.file != "" && (format == "" || format == own) {
			names = append(names, l.file)
		}
	}
	if format != "" && !known[format] {
		return nil, fmt.Errorf("format %q is unknown: use %s", format, strings.Join(slices.Sorted(maps.Keys(known)), ", "))
	}
	if format != own {
		names = append(names, foreign...)
	}
	if one, ok := from.(only); ok && (format != own || slices.Contains(names, one.name)) {
		names = []string{one.name}
	}
	found, err := identify(format, from, names)
	if err == nil && len(found) == 0 {
		err = fmt.Errorf("%w: looked for %s", ErrNoFiles, strings.Join(names, ", "))
	}
	return found, err
}

// identify tells what each of the named files is; those that aren't there are left out. At
// most one may be of each table.
func identify(format string, from fs.FS, names []string) ([]source, error) {
	all := layouts()
	found := make([]source, len(all))
	tables := map[string]string{}
	for _, name := range names {
		switch info, err := fs.Stat(from, name); {
		case errors.Is(err, fs.ErrNotExist):
			continue
		case err != nil:
			return nil, err
		case !info.Mode().IsRegular():
			continue
		}
		i, err := layoutOf(format, from, name, all)
		if err != nil {
			return nil, err
		}
		if other, ok := tables[all[i].table]; ok {
			return nil, fmt.Errorf("both %s and %s have %s: keep one of them there, or import each by itself", other, name, all[i].table)
		}
		tables[all[i].table] = name
		found[i] = source{name, all[i]}
	}
	return slices.DeleteFunc(found, func(s source) bool { return s.name == "" }), nil
}

// layoutOf tells the layout of one file: by its name where Floorwalker's own are meant, else by
// how it begins.
func layoutOf(format string, from fs.FS, name string, all []layout) (int, error) {
	if i := slices.IndexFunc(all, func(l layout) bool { return l.file == name && (format == "" || format == own) }); i >= 0 {
		return i, nil
	}
	head, err := sampleOf(from, name)
	if err != nil {
		return 0, fmt.Errorf("%s: %w", name, err)
	}
	if head.first == "" {
		return 0, fmt.Errorf("%s is empty: export it again", name)
	}
	i := slices.IndexFunc(all, func(l layout) bool {
		return l.fits != nil && (format == "" || format == l.format) && l.fits(head)
	})
	if i < 0 {
		what := "a Google Merchant feed, Shopify's products or Shopify's orders"
		if format != "" {
			what = "a file of format " + format
		}
		return 0, fmt.Errorf("%s doesn't look like %s: it begins with %s; the columns that tell are %s, or %s, or %s, or it is XML with <item> or <entry>; Floorwalker's own files are told by their names", name, what,
			quoted(head.first), merchantHeading, shopifyProductHeading, shopifyOrderHeading)
	}
	return i, nil
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
