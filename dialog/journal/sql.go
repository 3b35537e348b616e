package journal

import (
	"context"
	"embed"
	"errors"
	"io/fs"
	"time"

	"github.com/floorwalker/floorwalker/catalog/store"
)

//go:embed migrations/*.sql
var migrations embed.FS

// Migrations are the journal's tables, to be opened in the same database as the records.
func Migrations() store.MigrationSet {
	dir, err := fs.Sub(migrations, "migrations")
	if err != nil {
		panic(err) // the embedded folder's name is a constant
	}
	return store.MigrationSet{Name: "journal", FS: dir}
}

// SQL is the journal in a database, beside the shop's records: whatever an action changes
// there and what is said of it here are one transaction.
type SQL struct {
	db  store.DB
	hub *Hub
	now func() time.Time
}

var _ Journal = (*SQL)(nil)

// NewSQL makes a journal of a database that was opened with [Migrations]. Followers on hub
// are woken after each commit. Events get their times from now. The caller closes db.
func NewSQL(db store.DB, hub *Hub, now func() time.Time) *SQL {
	return &SQL{db: db, hub: hub, now: now}
}

func (s *SQL) Begin(ctx context.Context, c Conversation) error {
	return s.db.Update(ctx, func(tx *store.Tx) error {
		_, err := readHead(tx, c.Shop, c.ID)
		switch {
		case err == nil:
			return ErrExists
		case !errors.Is(err, ErrNotFound):
			return err
		}
		return insertHead(tx, fresh(c, s.db.Epoch()))
	})
}

func (s *SQL) Head(ctx context.Context, shop, id string) (c Conversation, err error) {
	err = s.db.View(ctx, func(tx *store.Tx) error {
		c, err = readHead(tx, shop, id)
		return err
	})
	c.Epoch = s.db.Epoch()
	return c, err
}

func (s *SQL) Say(ctx context.Context, shop, id, client string, e Event) (said Event, repeated bool, err error) {
	err = s.db.Update(ctx, func(tx *store.Tx) error {
		repeated = false // the function may run again
		c, err := readHead(tx, shop, id)
		if err != nil {
			return err
		}
		first, err := readClient(tx, shop, id, client)
		if err != nil {
			return err
		}
		if first > 0 {
			repeated = true
			said, err = readEvent(tx, shop, id, first)
			return err
		}
		events, err := s.append(tx, &c, []Event{e})
		if err != nil {
			return err
		}
		said = events[0]
		return insertClient(tx, shop, id, client, said.Offset)
	})
	if err != nil {
		return Event{}, false, err
	}
	if !repeated {
		s.hub.Wake(shop, id)
	}
	return said, repeated, nil
}

func (s *SQL) EndTurn(ctx context.Context, shop, id string, t Turn) (said []Event, err error) {
	err = s.db.Update(ctx, func(tx *store.Tx) error {
		c, err := readHead(tx, shop, id)
		if err != nil {
			return err
		}
		if c.Turns != t.Expect {
			return ErrSuperseded
		}
		t.change(&c)
		said, err = s.append(tx, &c, t.Events)
		return err
	})
	if err != nil {
		return nil, err
	}
	s.hub.Wake(shop, id)
	return said, nil
}

func (s *SQL) Read(ctx context.Context, shop, id string, after int64, limit int) (events []Event, err error) {
	err = s.db.View(ctx, func(tx *store.Tx) error {
		if events, err = readEvents(tx, shop, id, after, limit); err != nil || len(events) > 0 {
			return err
		}
		_, err = readHead(tx, shop, id) // nothing new, or no such conversation?
		return err
	})
	return events, err
}

func (s *SQL) Unanswered(ctx context.Context, limit int) (heads []Conversation, err error) {
	err = s.db.View(ctx, func(tx *store.Tx) error {
		heads, err = readUnanswered(tx, limit)
		return err
	})
	for i := range heads {
		heads[i].Epoch = s.db.Epoch()
	}
	return heads, err
}

// append writes events at the next offsets of a conversation, and its head.
func (s *SQL) append(tx *store.Tx, c *Conversation, events []Event) ([]Event, error) {
	said, err := c.take(events, s.now())
	if err != nil {
		return nil, err
	}
	for _, e := range said {
		if err := insertEvent(tx, c.Shop, c.ID, e); err != nil {
			return nil, err
		}
		if asks(e) {
			if err := updateAsked(tx, c.Shop, c.ID, e); err != nil {
				return nil, err
			}
		}
	}
	return said, updateHead(tx, *c)
}
