// Package store keeps a shop's records, and is the one place where a transaction begins.
//
// [DB] is the contract; catalog/store/sqlite implements it, and the suite in
// catalog/store/storetest holds every implementation to it. Reading and writing records
// ([Records], [Staging]) is written once, over [Tx], for every SQL database. dialog/journal
// appends within the same Tx, so that an action, its outcome and its event are one
// transaction.
package store

import (
	"context"
	"embed"
	"errors"
	"fmt"
	"io/fs"

	"github.com/pressly/goose/v3"
)

// DB is a database of records and journals.
type DB interface {
	// View runs fn in a read transaction: one consistent snapshot. Many run at once.
	View(ctx context.Context, fn func(*Tx) error) error

	// Update runs fn in a write transaction and returns once it is on disk. When fn
	// returns an error, nothing of it stays. fn may run again (so it must not change
	// anything but the database) and shares a commit with others that wait (group
	// commit). Errors of fn come back as they are. fn must close the rows it opens and
	// must not call Update of the same database.
	Update(ctx context.Context, fn func(*Tx) error) error

	// Epoch identifies this history of the database: it changes only when the database is
	// restored to an earlier time.
	Epoch() string

	// Close waits for what is being written, then closes. Later calls get ErrUnavailable.
	Close() error
}

// Errors that callers tell apart, to be tested with errors.Is.
var (
	ErrNotFound    = errors.New("not found")
	ErrConflict    = errors.New("changed meanwhile")    // the record's version is not the expected one
	ErrFull        = errors.New("disk full")            // nothing was written; reads go on
	ErrUnavailable = errors.New("database unavailable") // nothing was written; try again
)

// MigrationSet is one package's tables: goose migrations (NNNNN_name.sql) at the root of FS,
// counted in a version table of their own, named after Name.
type MigrationSet struct {
	Name string // [a-z_]+
	FS   fs.FS
}

// Version is the version of the set's tables when all its migrations are done, 0 if it has none.
func (s MigrationSet) Version() (last int64, err error) {
	names, err := fs.Glob(s.FS, "*.sql")
	for _, name := range names {
		n, err := goose.NumericComponent(name)
		if err != nil {
			return 0, fmt.Errorf("migration set %s: %w", s.Name, err)
		}
		last = max(last, n)
	}
	return last, err
}

//go:embed migrations/*.sql
var migrations embed.FS

// Migrations is the set of this package's own tables, which every database has.
func Migrations() MigrationSet {
	sub, err := fs.Sub(migrations, "migrations")
	if err != nil {
		panic(err) // the embedded folder's name is a constant
	}
	return MigrationSet{Name: "store", FS: sub}
}
