package store

import (
	"context"
	"database/sql"
	"strconv"
	"strings"
)

// Queryer is what a transaction of a driver must offer. *sql.Tx and *sql.Conn do.
type Queryer interface {
	ExecContext(ctx context.Context, query string, args ...any) (sql.Result, error)
	QueryContext(ctx context.Context, query string, args ...any) (*sql.Rows, error)
	QueryRowContext(ctx context.Context, query string, args ...any) *sql.Row
}

// Tx is one transaction. Queries are written with `?` for arguments on every database. A Tx
// belongs to the function it was handed to: it is not safe for use by several goroutines
// nor after that function has returned.
type Tx struct {
	ctx    context.Context
	q      Queryer
	rebind func(string) string
}

// NewTx is for implementations of [DB]: a transaction over q. rebind turns `?` into the
// driver's own placeholders; nil keeps them.
func NewTx(ctx context.Context, q Queryer, rebind func(string) string) *Tx {
	if rebind == nil {
		rebind = func(query string) string { return query }
	}
	return &Tx{ctx: ctx, q: q, rebind: rebind}
}

// Exec runs a statement that returns no rows.
func (tx *Tx) Exec(query string, args ...any) (sql.Result, error) {
	return tx.q.ExecContext(tx.ctx, tx.rebind(query), args...)
}

// Query runs a statement that returns rows; the caller closes them.
func (tx *Tx) Query(query string, args ...any) (*sql.Rows, error) {
	return tx.q.QueryContext(tx.ctx, tx.rebind(query), args...)
}

// QueryRow runs a statement that returns at most one row.
func (tx *Tx) QueryRow(query string, args ...any) *sql.Row {
	return tx.q.QueryRowContext(tx.ctx, tx.rebind(query), args...)
}

// Context is the caller's: it ends when the caller gives up.
func (tx *Tx) Context() context.Context { return tx.ctx }

// Dollar rewrites `?` placeholders as $1, $2, …, leaving quoted text alone: the rebind of
// PostgreSQL.
func Dollar(query string) string {
	var b strings.Builder
	var quote rune
	n := 0
	for _, r := range query {
		switch {
		case quote != 0:
			if r == quote {
				quote = 0
			}
		case r == '\'' || r == '"':
			quote = r
		case r == '?':
			n++
			b.WriteByte('$')
			b.WriteString(strconv.Itoa(n))
			continue
		}
		b.WriteRune(r)
	}
	return b.String()
}
