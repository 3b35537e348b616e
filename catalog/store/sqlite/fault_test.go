package sqlite_test

import (
	"context"
	"errors"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"sync"
	"testing"

	"github.com/floorwalker/floorwalker/catalog/store"
	"github.com/floorwalker/floorwalker/catalog/store/sqlite"
)

func set(key string, size int) func(*store.Tx) error {
	return func(tx *store.Tx) error {
		_, err := tx.Exec(`INSERT INTO meta (key, value) VALUES (?, ?) ON CONFLICT (key) DO UPDATE SET value = excluded.value`,
			key, strings.Repeat("x", size))
		return err
	}
}

func has(t *testing.T, db store.DB, key string) (found bool) {
	t.Helper()
	if err := db.View(t.Context(), func(tx *store.Tx) error {
		return tx.QueryRow(`SELECT EXISTS (SELECT 1 FROM meta WHERE key = ?)`, key).Scan(&found)
	}); err != nil {
		t.Fatal(err)
	}
	return found
}

func TestAFaultBetweenAnyTwoStatementsLeavesBothOrNeither(t *testing.T) {
	db := open(t, filepath.Join(t.TempDir(), "f.db"))
	fault := errors.New("fault")
	both := func(tx *store.Tx) error {
		var n int
		if err := set("a", 1)(tx); err != nil {
			return err
		}
		if err := tx.QueryRow(`SELECT count(*) FROM meta`).Scan(&n); err != nil {
			return err
		}
		return set("b", 1)(tx)
	}
	for at := 1; at <= 3; at++ {
		db.BeforeStatement(func(n int, query string) error {
			if n == at {
				return fault
			}
			return nil
		})
		if err := db.Update(t.Context(), both); !errors.Is(err, fault) {
			t.Errorf("fault before statement %d: got %v", at, err)
		}
		// A function that passes over an error can't keep the half either.
		if err := db.Update(t.Context(), func(tx *store.Tx) error { _ = both(tx); return nil }); !errors.Is(err, fault) {
			t.Errorf("fault before statement %d, ignored: got %v", at, err)
		}
		if has(t, db, "a") || has(t, db, "b") {
			t.Errorf("a fault before statement %d left something", at)
		}
	}
	db.BeforeStatement(nil)
	if err := db.Update(t.Context(), both); err != nil || !has(t, db, "a") || !has(t, db, "b") {
		t.Errorf("without a fault: %v", err)
	}
}

func TestFullDisk(t *testing.T) {
	db := open(t, filepath.Join(t.TempDir(), "f.db"))
	if err := db.Update(t.Context(), set("before", 10)); err != nil {
		t.Fatal(err)
	}
	if err := db.LimitPages(t.Context(), 1); err != nil { // SQLite takes the size it has
		t.Fatal(err)
	}
	// Small writes that share a commit with ones too large still succeed.
	var all sync.WaitGroup
	for i := range 40 {
		all.Go(func() {
			small := i%2 == 0
			size := 1 << 20
			if small {
				size = 1
			}
			err := db.Update(t.Context(), set(fmt.Sprint("k", i), size))
			if small && err != nil || !small && !errors.Is(err, store.ErrFull) {
				t.Errorf("write %d: %v", i, err)
			}
		})
	}
	all.Wait()
	for i := range 40 {
		if got := has(t, db, fmt.Sprint("k", i)); got != (i%2 == 0) {
			t.Errorf("k%d kept: %t", i, got)
		}
	}
	if !has(t, db, "before") {
		t.Error("reads must go on")
	}
	if err := db.LimitPages(t.Context(), 1<<20); err != nil {
		t.Fatal(err)
	}
	if err := db.Update(t.Context(), set("after", 1<<20)); err != nil {
		t.Errorf("with room again: %v", err)
	}
}

func TestOpenTellsWhatIsWrong(t *testing.T) {
	dir := t.TempDir()
	text := filepath.Join(dir, "notes.txt")
	if err := os.WriteFile(text, []byte(strings.Repeat("not a database\n", 100)), 0o600); err != nil {
		t.Fatal(err)
	}
	for _, path := range []string{filepath.Join(dir, "none", "f.db"), text, dir} {
		if _, err := sqlite.Open(t.Context(), path); !errors.Is(err, store.ErrUnavailable) || !strings.Contains(err.Error(), path) {
			t.Errorf("Open(%s): %v", path, err)
		}
	}
	// Names that mean something in a URL are names of files.
	odd := filepath.Join(dir, "a b?c#d%20&_pragma=x.db")
	open(t, odd)
	if _, err := os.Stat(odd); err != nil {
		t.Error(err)
	}
}

func TestQueueIsBoundedAndWaitingEndsWithTheContext(t *testing.T) {
	db := open(t, filepath.Join(t.TempDir(), "f.db"))
	release, running := make(chan struct{}), make(chan struct{})
	var all sync.WaitGroup
	all.Go(func() {
		_ = db.Update(t.Context(), func(*store.Tx) error { close(running); <-release; return nil })
	})
	<-running
	ctx, cancel := context.WithCancel(t.Context())
	for range 3000 {
		all.Go(func() {
			if err := db.Update(ctx, set("late", 1)); !errors.Is(err, context.Canceled) {
				t.Errorf("a writer that gave up got %v", err)
			}
		})
	}
	cancel()
	close(release)
	all.Wait()
	if err := db.Update(t.Context(), set("next", 1)); err != nil || has(t, db, "late") {
		t.Errorf("after all gave up: %v", err)
	}
}

func TestManyMakeOneDatabaseAtOnce(t *testing.T) {
	path := filepath.Join(t.TempDir(), "f.db")
	var all sync.WaitGroup
	epochs := make([]string, 6)
	for i := range epochs {
		all.Go(func() {
			db, err := sqlite.Open(t.Context(), path)
			if err != nil {
				t.Error(err)
				return
			}
			epochs[i] = db.Epoch()
			if err := errors.Join(db.Update(t.Context(), set(fmt.Sprint("k", i), 1)), db.Close()); err != nil {
				t.Error(err)
			}
		})
	}
	all.Wait()
	for _, e := range epochs {
		if e != epochs[0] {
			t.Errorf("epochs differ: %v", epochs)
		}
	}
}

// TestTwoProcesses writes to one file from here and from another process.
func TestTwoProcesses(t *testing.T) {
	path := os.Getenv("FLOORWALKER_TEST_DB")
	other := path != ""
	if !other {
		path = filepath.Join(t.TempDir(), "f.db")
	}
	name, wait := "ours", func() {}
	if other {
		name = "theirs"
	} else {
		cmd := exec.Command(os.Args[0], "-test.run=^TestTwoProcesses$")
		cmd.Env = append(os.Environ(), "FLOORWALKER_TEST_DB="+path)
		var out strings.Builder
		cmd.Stdout, cmd.Stderr = &out, &out
		if err := cmd.Start(); err != nil {
			t.Fatal(err)
		}
		wait = func() {
			if err := cmd.Wait(); err != nil {
				t.Errorf("the other process: %v\n%s", err, &out)
			}
		}
	}
	db := open(t, path) // both may be creating it
	for i := range 100 {
		if err := db.Update(t.Context(), set(fmt.Sprint(name, i), 1)); err != nil {
			t.Errorf("%s %d: %v", name, i, err)
		}
	}
	wait()
	if !other && (!has(t, db, "ours99") || !has(t, db, "theirs99")) {
		t.Error("a process's writes are missing")
	}
}

func BenchmarkCommit(b *testing.B) {
	one := func(tx *store.Tx) error {
		_, err := tx.Exec(`INSERT INTO meta (key, value) VALUES ('n', '0') ON CONFLICT (key) DO UPDATE SET value = value + 1`)
		return err
	}
	for _, writers := range []int{1, 8, 64} {
		b.Run(fmt.Sprintf("writers=%d", writers), func(b *testing.B) {
			db := open(b, filepath.Join(b.TempDir(), "b.db"))
			var all sync.WaitGroup
			tickets := make(chan struct{})
			for range writers {
				all.Go(func() {
					for range tickets {
						if err := db.Update(context.Background(), one); err != nil {
							b.Error(err)
						}
					}
				})
			}
			b.ResetTimer()
			for range b.N {
				tickets <- struct{}{}
			}
			close(tickets)
			all.Wait()
			b.ReportMetric(float64(b.N)/b.Elapsed().Seconds(), "commits/s")
		})
	}
}

func BenchmarkRead(b *testing.B) {
	db := open(b, filepath.Join(b.TempDir(), "b.db"))
	b.RunParallel(func(p *testing.PB) {
		for p.Next() {
			if err := db.View(context.Background(), func(tx *store.Tx) error {
				var v string
				return tx.QueryRow(`SELECT value FROM meta WHERE key = 'epoch'`).Scan(&v)
			}); err != nil {
				b.Error(err)
			}
		}
	})
}
