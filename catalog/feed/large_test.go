package feed_test

import (
	"fmt"
	"io"
	"io/fs"
	"os"
	"runtime"
	"strings"
	"testing"
	"time"

	"github.com/floorwalker/floorwalker/catalog/feed"
	"github.com/floorwalker/floorwalker/catalog/store/sqlite"
)

// generated is a file of a size that is made while it is read.
type generated struct {
	name    string
	head    string
	tail    string
	record  func(i int) string
	size    int64
	records int
	waiting []byte
	read    int64
	state   int
}

func (g *generated) Open(name string) (fs.File, error) {
	if name != g.name {
		return nil, &fs.PathError{Op: "open", Path: name, Err: fs.ErrNotExist}
	}
	c := *g
	return &c, nil
}
func (g *generated) Stat() (fs.FileInfo, error) { return fileOf{g.name}, nil }
func (g *generated) Close() error               { return nil }

func (g *generated) Read(p []byte) (int, error) {
	for len(g.waiting) < len(p) && g.state < 2 {
		switch {
		case g.records == 0:
			g.waiting = append(g.waiting, g.head...)
			fallthrough
		case g.read < g.size:
			r := g.record(g.records)
			g.records++
			g.read += int64(len(r))
			g.waiting = append(g.waiting, r...)
		default:
			g.waiting = append(g.waiting, g.tail...)
			g.state = 2
		}
	}
	n := copy(p, g.waiting)
	g.waiting = append(g.waiting[:0], g.waiting[n:]...)
	if n == 0 {
		return 0, io.EOF
	}
	return n, nil
}

type fileOf struct{ name string }

func (f fileOf) Name() string     { return f.name }
func (fileOf) Size() int64        { return 0 }
func (fileOf) Mode() fs.FileMode  { return 0o444 }
func (fileOf) ModTime() time.Time { return at }
func (fileOf) IsDir() bool        { return false }
func (fileOf) Sys() any           { return nil }

// large are generated feeds of each layout, three variants a product, with descriptions of
// so many sentences.
func large(layout string, size int64, sentences int) *generated {
	about := strings.TrimSpace(strings.Repeat("A warm light for long evenings, and a cord of two metres. ", sentences))
	sizes := []string{"small", "medium", "large"}
	switch layout {
	case "xml":
		return &generated{name: "products.xml", size: size, head: "<rss><channel>\n", tail: "</channel></rss>\n", record: func(i int) string {
			return fmt.Sprintf("<item><g:id>S%08d</g:id><g:item_group_id>P%07d</g:item_group_id><title>Lamp %d</title><description><![CDATA[%s]]></description><g:size>%s</g:size><g:color>red</g:color><g:price>19.90 USD</g:price><g:availability>in_stock</g:availability><g:brand>Fern</g:brand><g:product_type>Home &gt; Lighting</g:product_type><link>https://shop.example/%d</link></item>\n", i, i/3, i/3, about, sizes[i%3], i)
		}}
	case "shopify":
		return &generated{name: "products.csv", size: size, head: "Handle,Title,Body (HTML),Vendor,Option1 Name,Option1 Value,Variant SKU,Variant Inventory Qty,Variant Price\n", record: func(i int) string {
			if i%3 > 0 {
				return fmt.Sprintf("p%07d,,,,,%s,S%08d,%d,19.90\n", i/3, sizes[i%3], i, i%7)
			}
			return fmt.Sprintf("p%07d,Lamp %d,\"<p>%s</p>\n<p>Made for home.</p>\",Fern,Size,%s,S%08d,%d,19.90\n", i/3, i/3, about, sizes[0], i, i%7)
		}}
	case "orders":
		return &generated{name: "orders.csv", size: size, head: strings.Join(orderHead, ",") + "\n", record: func(i int) string {
			name, email := fmt.Sprintf("#%07d", i/3), fmt.Sprintf("u%d@example.com", i/30)
			if i%3 > 0 {
				return rows(",", line(name, email))
			}
			return rows(",", first(name, email, "Notes", about))
		}}
	}
	return &generated{name: "products.tsv", size: size, head: strings.Join(merchantHead, "\t") + "\n", record: func(i int) string {
		return rows("\t", item(fmt.Sprintf("S%08d", i), "item_group_id", fmt.Sprintf("P%07d", i/3), "title", fmt.Sprintf("Lamp %d - %s", i/3, sizes[i%3]), "description", about, "size", sizes[i%3], "color", "red"))
	}}
}

// held imports and returns the most memory that was held on the way, in bytes: what is left of
// the heap after a collection, looked at every thousand rows.
func held(t *testing.T, from fs.FS) (most uint64, report feed.Report) {
	t.Helper()
	db := fresh(t)
	next := 0
	report = take(t, db, from, func(o *feed.Options) {
		o.Progress = func(rows int) {
			if rows < next {
				return
			}
			next = rows + 1000
			runtime.GC()
			runtime.GC() // pools empty at the second
			var m runtime.MemStats
			runtime.ReadMemStats(&m)
			most = max(most, m.HeapAlloc)
		}
	})
	return most, report
}

// A feed of 12 MB takes few: it is streamed.
func TestLargeFeedsTakeConstantMemory(t *testing.T) {
	if testing.Short() {
		t.Skip("large files")
	}
	for _, layout := range []string{"tsv", "xml", "shopify", "orders"} {
		start := time.Now()
		most, report := held(t, large(layout, 12<<20, 80))
		read := report.Tables[len(report.Tables)-1].Read
		t.Logf("%s: %d rows in %v (%.0f rows/s); %.1f MB held", layout, read, time.Since(start), float64(read)/time.Since(start).Seconds(), float64(most)/(1<<20))
		if most > 6<<20 {
			t.Errorf("%s: %d bytes are held of a file of 12 MB", layout, most)
		}
		if len(report.Notes) > 0 || read < 2000 {
			t.Errorf("%s: %+v\n%.500s", layout, report.Tables, notes(report))
		}
	}
}

// TestHugeFeed is for measuring by hand: FLOORWALKER_FEED_MB=1024 go test -run HugeFeed -v.
func TestHugeFeed(t *testing.T) {
	var mb int64
	if _, err := fmt.Sscan(os.Getenv("FLOORWALKER_FEED_MB"), &mb); err != nil {
		t.Skip("FLOORWALKER_FEED_MB isn't set")
	}
	db, err := sqlite.Open(t.Context(), t.TempDir()+"/f.db")
	if err != nil {
		t.Fatal(err)
	}
	defer db.Close()
	start := time.Now()
	report := take(t, db, large(os.Getenv("FLOORWALKER_FEED_LAYOUT"), mb<<20, 8))
	read := report.Tables[len(report.Tables)-1].Read
	status, _ := os.ReadFile("/proc/self/status")
	_, rss, _ := strings.Cut(string(status), "VmHWM:")
	rss, _, _ = strings.Cut(rss, "\n")
	t.Logf("%d rows in %v (%.0f rows/s), peak RSS %s", read, time.Since(start), float64(read)/time.Since(start).Seconds(), strings.TrimSpace(rss))
}
