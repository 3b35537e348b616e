package sqlite

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
	"os"

	code "modernc.org/sqlite/lib"

	"github.com/floorwalker/floorwalker/catalog/store"
)

// Version is that of SQLite.
const Version = code.SQLITE_VERSION

// Facts are what a database file says of itself.
type Facts struct {
	Epoch  string
	Schema map[string]int64 // migration set → version of its tables
}

// Copy writes the database at path, as it is at one moment, into a new file. Other processes may
// go on reading and writing it meanwhile; what they commit later isn't in the copy. An error
// leaves no copy. ErrFull: there is no room for it.
func Copy(ctx context.Context, path, into string) (err error) {
	db, err := existing(path)
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, db.Close()) }()
	if _, err := db.ExecContext(ctx, `VACUUM INTO ?`, into); err != nil {
		return errors.Join(fmt.Errorf("copying database %s to %s: %w", path, into, classify(err)), os.RemoveAll(into))
	}
	return nil
}

// Check reads the whole database at path and reports what isn't as SQLite left it.
func Check(ctx context.Context, path string) (err error) {
	db, err := existing(path)
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, db.Close()) }()
	var found string
	if err := db.QueryRowContext(ctx, `PRAGMA integrity_check(1)`).Scan(&found); err != nil {
		return fmt.Errorf("checking database %s: %w", path, classify(err))
	}
	if found != "ok" {
		return fmt.Errorf("database %s is damaged: %s", path, found)
	}
	rows, err := db.QueryContext(ctx, `PRAGMA foreign_key_check`)
	if err != nil {
		return fmt.Errorf("checking database %s: %w", path, classify(err))
	}
	defer rows.Close()
	if rows.Next() {
		return fmt.Errorf("database %s is damaged: a row refers to one that isn't there", path)
	}
	return rows.Err()
}

// Describe returns the facts of the database at path, without bringing it up to date.
func Describe(ctx context.Context, path string, sets ...store.MigrationSet) (f Facts, err error) {
	db, err := existing(path)
	if err != nil {
		return f, err
	}
	defer func() { err = errors.Join(err, db.Close()) }()
	if err := db.QueryRowContext(ctx, `SELECT value FROM meta WHERE key = 'epoch'`).Scan(&f.Epoch); err != nil {
		return f, fmt.Errorf("reading the epoch of database %s: %w", path, classify(err))
	}
	f.Schema = map[string]int64{}
	for _, set := range sets {
		var version int64
		// A set's name is checked before its table is made, so it can stand in the statement.
		err := db.QueryRowContext(ctx, `SELECT COALESCE(MAX(version_id), 0) FROM migrations_`+set.Name+` WHERE is_applied`).Scan(&version)
		if err != nil {
			return f, fmt.Errorf("reading how far the tables of %s in %s are: %w", set.Name, path, classify(err))
		}
		f.Schema[set.Name] = version
	}
	return f, nil
}

// ErrInUse means that another process has the database open.
var ErrInUse = errors.New("in use by another process")

// Alone reports with [ErrInUse] whether any other process has the database at path open.
func Alone(ctx context.Context, path string) (err error) {
	db, err := sql.Open("sqlite", "file:"+escape(path)+"?mode=rw&_pragma=busy_timeout(500)&_pragma=locking_mode(EXCLUSIVE)")
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, db.Close()) }()
	conn, err := db.Conn(ctx)
	if err == nil {
		defer conn.Close()
		// With locking_mode EXCLUSIVE the first write takes the file for itself, which nobody who
		// has it open allows.
		if _, err = conn.ExecContext(ctx, `BEGIN IMMEDIATE`); err == nil {
			_, err = conn.ExecContext(ctx, `ROLLBACK`)
		}
	}
	if busy(err) {
		return fmt.Errorf("database %s: %w", path, ErrInUse)
	}
	if err != nil {
		return fmt.Errorf("database %s: %w", path, classify(err))
	}
	return nil
}

// existing opens a database that is there already, on one connection.
func existing(path string) (*sql.DB, error) {
	if _, err := os.Stat(path); err != nil {
		return nil, fmt.Errorf("database: %w", err)
	}
	db, err := sql.Open("sqlite", "file:"+escape(path)+"?mode=rw&_pragma=busy_timeout(10000)&_pragma=foreign_keys(1)")
	if err != nil {
		return nil, err
	}
	db.SetMaxOpenConns(1)
	return db, nil
}
