package feed_test

import (
	"bufio"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/floorwalker/floorwalker/catalog/feed"
)

// TestAKilledImportLeavesNothingOrEverything imports in another process, which stops before
// a given statement until it is killed.
func TestAKilledImportLeavesNothingOrEverything(t *testing.T) {
	const products = 1200
	if path := os.Getenv("FLOORWALKER_TEST_DB"); path != "" {
		db := open(t, path)
		var stop, n int
		fmt.Sscan(os.Getenv("FLOORWALKER_TEST_STOP"), &stop)
		db.BeforeStatement(func(_ int, query string) error {
			if n++; n == stop {
				fmt.Println("STOPPED", strings.Fields(query))
				select {} // until it is killed
			}
			return nil
		})
		_, err := feed.Import(t.Context(), db, "demo", synthetic(products), feed.Options{Now: time.Now()})
		fmt.Println("DONE", n, err)
		return
	}

	path := filepath.Join(t.TempDir(), "f.db")
	child := func(stop int) (last string) {
		t.Helper()
		cmd := exec.Command(os.Args[0], "-test.run=^"+t.Name()+"$")
		cmd.Env = append(os.Environ(), "FLOORWALKER_TEST_DB="+path, fmt.Sprint("FLOORWALKER_TEST_STOP=", stop))
		out, err := cmd.StdoutPipe()
		if err != nil {
			t.Fatal(err)
		}
		if err := cmd.Start(); err != nil {
			t.Fatal(err)
		}
		for lines := bufio.NewScanner(out); lines.Scan(); {
			if last = lines.Text(); strings.HasPrefix(last, "STOPPED") || strings.HasPrefix(last, "DONE") {
				break
			}
		}
		_ = cmd.Process.Kill()
		_ = cmd.Wait() // says that it was killed
		return last
	}
	count := func() int {
		t.Helper()
		return strings.Count(exported(t, open(t, path), "products"), "\n")
	}

	whole := path
	path = filepath.Join(t.TempDir(), "whole.db")
	var total int
	if last := child(0); !strings.HasPrefix(last, "DONE") || count() != products {
		t.Fatalf("an import that isn't killed ends with %s", last)
	} else if _, err := fmt.Sscanf(last, "DONE %d <nil>", &total); err != nil {
		t.Fatal(last)
	}
	path = whole
	stops := []int{1, 9, total / 3}
	for n := total - 45; n < total; n += 4 { // applying takes about the last 45
		stops = append(stops, n)
	}
	for _, stop := range append(stops, total) {
		last := child(stop)
		if !strings.HasPrefix(last, "STOPPED") {
			t.Errorf("statement %d: the import ended before it was killed: %s", stop, last)
			break
		}
		if n := count(); n != 0 {
			t.Errorf("killed before statement %d (%s): %d of %d products are there", stop, last, n, products)
		}
		t.Log(stop, last)
	}
	if last := child(0); !strings.HasPrefix(last, "DONE") || count() != products {
		t.Errorf("after all the kills an import ends with %s, %d products", last, count())
	}
}
