package sqlite

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
	"time"

	driver "modernc.org/sqlite"
	code "modernc.org/sqlite/lib"

	"github.com/floorwalker/floorwalker/catalog/store"
)

// guard stands between one function and the shared transaction. It looks whether the
// caller's context has ended before each statement, never during one: SQLite would roll the
// whole transaction back, with what others wrote. After an error that may have ended the
// transaction it refuses every further statement: that would be committed by itself.
type guard struct {
	ctx   context.Context
	conn  *statements
	fault *func(int, string) error
	n     int
	err   error
}

func (g *guard) before(query string) error {
	if g.err != nil {
		return g.err
	}
	if g.err = g.ctx.Err(); g.err != nil {
		return g.err
	}
	g.n++
	if g.fault != nil {
		g.err = (*g.fault)(g.n, query)
	}
	return g.err
}

// after keeps errors that may have ended the transaction.
func (g *guard) after(err error) error {
	if err != nil && kind(err) != nil {
		g.err = err
	}
	return err
}

func (g *guard) ExecContext(_ context.Context, query string, args ...any) (sql.Result, error) {
	if err := g.before(query); err != nil {
		return nil, err
	}
	result, err := g.conn.ExecContext(context.Background(), query, args...)
	return result, g.after(err)
}

func (g *guard) QueryContext(_ context.Context, query string, args ...any) (*sql.Rows, error) {
	if err := g.before(query); err != nil {
		return nil, err
	}
	rows, err := g.conn.QueryContext(context.Background(), query, args...)
	return rows, g.after(err)
}

func (g *guard) QueryRowContext(_ context.Context, query string, args ...any) *sql.Row {
	if err := g.before(query); err != nil {
		return g.conn.QueryRowContext(ended{err}, query, args...)
	}
	row := g.conn.QueryRowContext(context.Background(), query, args...)
	g.after(row.Err())
	return row
}

// ended is a context that is over because of err: the way to make a [sql.Row] with an error.
type ended struct{ err error }

func (e ended) Deadline() (time.Time, bool) { return time.Time{}, false }
func (e ended) Done() <-chan struct{}       { c := make(chan struct{}); close(c); return c }
func (e ended) Err() error                  { return e.err }
func (e ended) Value(any) any               { return nil }

// kinds are the errors of SQLite that callers tell apart, by primary code.
var kinds = map[int]error{
	code.SQLITE_FULL:      store.ErrFull,
	code.SQLITE_IOERR:     store.ErrUnavailable,
	code.SQLITE_BUSY:      store.ErrUnavailable,
	code.SQLITE_LOCKED:    store.ErrUnavailable,
	code.SQLITE_NOMEM:     store.ErrUnavailable,
	code.SQLITE_CANTOPEN:  store.ErrUnavailable,
	code.SQLITE_READONLY:  store.ErrUnavailable,
	code.SQLITE_CORRUPT:   store.ErrUnavailable,
	code.SQLITE_NOTADB:    store.ErrUnavailable,
	code.SQLITE_PROTOCOL:  store.ErrUnavailable,
	code.SQLITE_INTERRUPT: store.ErrUnavailable,
}

func kind(err error) error {
	var e *driver.Error
	if errors.As(err, &e) {
		return kinds[e.Code()&0xff]
	}
	return nil
}

// busy reports whether another process holds what was asked for.
func busy(err error) bool {
	var e *driver.Error
	return errors.As(err, &e) && e.Code()&0xff == code.SQLITE_BUSY
}

// classify adds the store's sentinel to an error of SQLite and leaves others as they are.
func classify(err error) error {
	if err == nil {
		return nil
	}
	if errors.Is(err, sql.ErrConnDone) {
		return fmt.Errorf("%w: %w", store.ErrUnavailable, err)
	}
	if k := kind(err); k != nil && !errors.Is(err, k) {
		return fmt.Errorf("%w: %w", k, err)
	}
	return err
}

var _ store.Queryer = (*guard)(nil)
