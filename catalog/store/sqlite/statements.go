package sqlite

import (
	"context"
	"database/sql"
)

// statementLimit bounds the prepared statements that are kept; beyond it all are dropped and
// kept anew, as queries are constants and there are far fewer.
const statementLimit = 500

// statements runs queries on one connection and keeps those without rows prepared. For one
// goroutine.
type statements struct {
	conn *sql.Conn
	kept map[string]*sql.Stmt
}

func newStatements(conn *sql.Conn) *statements {
	return &statements{conn: conn, kept: map[string]*sql.Stmt{}}
}

func (s *statements) prepare(query string) (*sql.Stmt, error) {
	if stmt, ok := s.kept[query]; ok {
		return stmt, nil
	}
	if len(s.kept) >= statementLimit {
		s.close()
	}
	stmt, err := s.conn.PrepareContext(context.Background(), query)
	if err == nil {
		s.kept[query] = stmt
	}
	return stmt, err
}

// close drops all prepared statements.
func (s *statements) close() {
	for query, stmt := range s.kept {
		stmt.Close()
		delete(s.kept, query)
	}
}

func (s *statements) ExecContext(ctx context.Context, query string, args ...any) (sql.Result, error) {
	stmt, err := s.prepare(query)
	if err != nil {
		return nil, err
	}
	return stmt.ExecContext(ctx, args...)
}

// QueryContext prepares anew each time: a prepared statement that is run again while its rows
// are still read starts them over.
func (s *statements) QueryContext(ctx context.Context, query string, args ...any) (*sql.Rows, error) {
	return s.conn.QueryContext(ctx, query, args...)
}

func (s *statements) QueryRowContext(ctx context.Context, query string, args ...any) *sql.Row {
	return s.conn.QueryRowContext(ctx, query, args...)
}
