// Package sqlite keeps records and journals in one SQLite file.
//
// Reads run on a pool of connections, each seeing one snapshot. Writes are done by one
// goroutine, owned by [DB] and ended by Close: it takes all functions that wait, runs each in
// a savepoint of one transaction, and commits once (group commit). Several processes may
// use the same file.
package sqlite

import (
	"context"
	"crypto/rand"
	"database/sql"
	"errors"
	"fmt"
	"net/url"
	"path/filepath"
	"strings"
	"sync"
	"sync/atomic"

	"github.com/pressly/goose/v3"
	"github.com/pressly/goose/v3/database"
	_ "modernc.org/sqlite" // the driver named "sqlite"

	"github.com/floorwalker/floorwalker/catalog/store"
)

const (
	readers     = 8    // connections that read at once; more wait
	queueLength = 1024 // writers that wait for the goroutine; more wait outside, until their context ends
	groupLimit  = 256  // functions in one commit
)

// DB is an open database file.
type DB struct {
	read  *sql.DB
	write *sql.DB
	conn  *sql.Conn // the writer's; only its goroutine uses it
	epoch string

	queue chan *job
	fault atomic.Pointer[func(int, string) error]

	closing sync.RWMutex // held for reading while a job is put into the queue
	closed  bool
	done    chan struct{} // closed when the writer goroutine has ended
}

var _ store.DB = (*DB)(nil)

// Open opens the database at path, creating it if needed, and brings the tables of the store
// and of the further sets up to date. The folder must exist.
func Open(ctx context.Context, path string, sets ...store.MigrationSet) (*DB, error) {
	db := &DB{queue: make(chan *job, queueLength), done: make(chan struct{})}
	if err := db.open(ctx, path, append([]store.MigrationSet{store.Migrations()}, sets...)); err != nil {
		return nil, fmt.Errorf("opening database %s: %w", path, errors.Join(classify(err), db.closeHandles()))
	}
	return db, nil
}

func (db *DB) open(ctx context.Context, path string, sets []store.MigrationSet) (err error) {
	if db.write, err = sql.Open("sqlite", source(path, "journal_mode(WAL)", "synchronous(FULL)")); err != nil {
		return err
	}
	db.write.SetMaxOpenConns(1)
	for _, set := range sets {
		if err := migrate(ctx, db.write, set); err != nil {
			return err
		}
	}
	if db.epoch, err = epoch(ctx, db.write); err != nil {
		return err
	}
	if db.conn, err = db.write.Conn(ctx); err != nil {
		return err
	}
	if db.read, err = sql.Open("sqlite", source(path, "query_only(1)")); err != nil {
		return err
	}
	db.read.SetMaxOpenConns(readers)
	db.read.SetMaxIdleConns(readers)
	if err := db.read.PingContext(ctx); err != nil {
		return err
	}
	if _, err := db.conn.ExecContext(ctx, `PRAGMA busy_timeout = 0`); err != nil { // it waits by itself
		return err
	}
	w := newWriter(db.conn, &db.fault)
	go func() {
		defer close(db.done)
		w.run(db.queue)
	}()
	return nil
}

// source is the driver's name for a file, with the settings of each connection. busy_timeout
// comes first: the others may have to wait for another process.
func source(path string, pragmas ...string) string {
	values := url.Values{}
	for _, p := range append([]string{"busy_timeout(10000)", "foreign_keys(1)"}, pragmas...) {
		values.Add("_pragma", p)
	}
	return "file:" + escape(path) + "?" + values.Encode()
}

// escape is a path as it stands in the driver's name for a file.
func escape(path string) string { return (&url.URL{Path: filepath.ToSlash(path)}).EscapedPath() }

// migrate brings the tables of one set up to date. Where several processes make a new
// database at once, each step succeeds in one and fails in the others, which then look again.
func migrate(ctx context.Context, db *sql.DB, set store.MigrationSet) error {
	if strings.Trim(set.Name, "abcdefghijklmnopqrstuvwxyz_") != "" || set.Name == "" {
		return fmt.Errorf("migration set %q: a name is of the letters a to z and _", set.Name)
	}
	p, err := goose.NewProvider(database.DialectSQLite3, db, set.FS,
		goose.WithTableName("migrations_"+set.Name), goose.WithDisableGlobalRegistry(true))
	if err != nil {
		return fmt.Errorf("migrations of %s: %w", set.Name, err)
	}
	for tries := len(p.ListSources()) + 1; ; tries-- {
		if _, err = p.Up(ctx); err == nil {
			return known(ctx, p, set)
		}
		if tries == 0 {
			return fmt.Errorf("migrations of %s: %w", set.Name, err)
		}
	}
}

// known refuses tables that a later version of this program has changed: it would write what that
// version doesn't expect.
func known(ctx context.Context, p *goose.Provider, set store.MigrationSet) error {
	there, err := p.GetDBVersion(ctx)
	if err != nil {
		return fmt.Errorf("migrations of %s: %w", set.Name, err)
	}
	mine, err := set.Version()
	if err != nil {
		return err
	}
	if there > mine {
		return fmt.Errorf("the tables of %s are of version %d and this program knows %d: run the later floorwalker that wrote them, or restore a backup from before it", set.Name, there, mine)
	}
	return nil
}

// epoch returns the epoch that was drawn when the database was made.
func epoch(ctx context.Context, db *sql.DB) (string, error) {
	if _, err := db.ExecContext(ctx, `INSERT INTO meta (key, value) VALUES ('epoch', ?)
		ON CONFLICT (key) DO NOTHING`, strings.ToLower(rand.Text()[:16])); err != nil {
		return "", fmt.Errorf("making the epoch: %w", err)
	}
	var e string
	if err := db.QueryRowContext(ctx, `SELECT value FROM meta WHERE key = 'epoch'`).Scan(&e); err != nil {
		return "", fmt.Errorf("reading the epoch: %w", err)
	}
	return e, nil
}

// Epoch identifies this history of the database.
func (db *DB) Epoch() string { return db.epoch }

// View runs fn on one snapshot.
func (db *DB) View(ctx context.Context, fn func(*store.Tx) error) error {
	tx, err := db.read.BeginTx(ctx, &sql.TxOptions{ReadOnly: true})
	if err != nil {
		if ctx.Err() == nil {
			err = fmt.Errorf("%w: %w", store.ErrUnavailable, err) // closed, or the file can't be opened
		}
		return fmt.Errorf("beginning to read: %w", err)
	}
	defer tx.Rollback() // nothing was written; its error says nothing new
	return classify(fn(store.NewTx(ctx, tx, nil)))
}

// Update runs fn in a write transaction that it may share with others. While it waits for
// its turn, the end of ctx ends the wait; once fn runs, each statement looks whether ctx has ended.
func (db *DB) Update(ctx context.Context, fn func(*store.Tx) error) error {
	j := &job{ctx: ctx, fn: fn, result: make(chan error, 1)}
	if err := db.enqueue(j); err != nil {
		return err
	}
	select {
	case err := <-j.result:
		return j.outcome(err)
	case <-ctx.Done():
	}
	if j.claim() {
		return ctx.Err() // the writer will pass over it
	}
	return j.outcome(<-j.result)
}

func (db *DB) enqueue(j *job) error {
	db.closing.RLock()
	defer db.closing.RUnlock()
	if db.closed {
		return fmt.Errorf("the database is closed: %w", store.ErrUnavailable)
	}
	select {
	case db.queue <- j:
		return nil
	case <-j.ctx.Done():
		return j.ctx.Err()
	}
}

// BeforeStatement sets a function that is called before each statement of a write
// transaction, with its number in the function that Update runs (from 1): an error that it
// returns becomes the statement's. For tests that inject faults; nil ends it.
func (db *DB) BeforeStatement(hook func(n int, query string) error) {
	if hook == nil {
		db.fault.Store(nil)
		return
	}
	db.fault.Store(&hook)
}

// LimitPages keeps the database from growing beyond n pages of 4 KiB: writes that need more
// get ErrFull, as on a full disk. What is there already stays.
func (db *DB) LimitPages(ctx context.Context, n int64) error {
	return db.Update(ctx, func(tx *store.Tx) error {
		_, err := tx.Exec(fmt.Sprintf(`PRAGMA max_page_count = %d`, n))
		return err
	})
}

// Close waits until the functions in the queue are written, then closes the file.
func (db *DB) Close() error {
	db.closing.Lock()
	if db.closed {
		db.closing.Unlock()
		return nil
	}
	db.closed = true
	close(db.queue)
	db.closing.Unlock()
	<-db.done
	return db.closeHandles()
}

func (db *DB) closeHandles() error {
	var errs []error
	if db.read != nil {
		errs = append(errs, db.read.Close())
	}
	if db.conn != nil {
		errs = append(errs, db.conn.Close())
	}
	if db.write != nil {
		errs = append(errs, db.write.Close())
	}
	return errors.Join(errs...)
}
