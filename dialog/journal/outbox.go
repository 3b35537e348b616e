package journal

import (
	"context"
	"fmt"

	"github.com/floorwalker/floorwalker/catalog/store"
)

// Position is how far the events of a conversation were passed on.
type Position struct {
	ID     string
	Epoch  string
	Passed int64 // offset of the last event passed on, 0: none
	Last   int64 // of the last event
}

// Outbox keeps what was passed on to others outside of this process, so that after a crash or
// an outage everything else follows: each event at least once, in order within a conversation.
// It is safe for concurrent use.
type Outbox interface {
	// Read is the Journal's.
	Read(ctx context.Context, shop, id string, after int64, limit int) ([]Event, error)

	// Waiting returns at most limit conversations with events that weren't passed on, by id,
	// those after an id.
	Waiting(ctx context.Context, shop, after string, limit int) ([]Position, error)

	// Pass notes up to which offset (Passed) events were passed on. It never goes back.
	Pass(ctx context.Context, shop string, done []Position) error
}

var _ Outbox = (*SQL)(nil)

func (s *SQL) Waiting(ctx context.Context, shop, after string, limit int) (waiting []Position, err error) {
	err = s.db.View(ctx, func(tx *store.Tx) error {
		waiting, err = readWaiting(tx, shop, after, limit)
		return err
	})
	for i := range waiting {
		waiting[i].Epoch = s.db.Epoch()
	}
	return waiting, err
}

func (s *SQL) Pass(ctx context.Context, shop string, done []Position) error {
	if len(done) == 0 {
		return nil
	}
	return s.db.Update(ctx, func(tx *store.Tx) error {
		for _, p := range done {
			_, err := tx.Exec(`UPDATE conversations SET published = ? WHERE shop = ? AND id = ? AND published < ? AND last >= ?`,
				p.Passed, shop, p.ID, p.Passed, p.Passed)
			if err != nil {
				return where(err, "noting what was passed on of conversation", p.ID)
			}
		}
		return nil
	})
}

func readWaiting(tx *store.Tx, shop, after string, limit int) ([]Position, error) {
	rows, err := tx.Query(`SELECT id, published, last FROM conversations
		WHERE shop = ? AND id > ? AND published < last ORDER BY id LIMIT ?`, shop, after, limit)
	if err != nil {
		return nil, fmt.Errorf("looking for events to pass on: %w", err)
	}
	defer rows.Close()
	waiting := []Position{}
	for rows.Next() {
		var p Position
		if err := rows.Scan(&p.ID, &p.Passed, &p.Last); err != nil {
			return nil, fmt.Errorf("looking for events to pass on: %w", err)
		}
		waiting = append(waiting, p)
	}
	return waiting, rows.Err()
}
