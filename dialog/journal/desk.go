package journal

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"time"

	"github.com/floorwalker/floorwalker/catalog/store"
)

// Note is what one person at the desk tells the others about a conversation. It is no event:
// nobody who follows the conversation as its shopper does ever gets it.
type Note struct {
	Seq   int64     `json:"note"`  // contiguous from 1 within the conversation
	ID    string    `json:"id"`    // the client's, unique among the agent's in the conversation
	Agent string    `json:"agent"` // who wrote it
	Text  string    `json:"text"`
	After int64     `json:"after"` // offset of the last event when it was written
	At    time.Time `json:"at"`
}

// Desk is what people need of the journal beside conversations themselves. It is safe for
// concurrent use.
type Desk interface {
	// Held returns at most limit conversations that people have or wait for: of a shop, or of
	// all where shop is empty. Those that the bot gave away first come first, shop by shop.
	Held(ctx context.Context, shop string, limit int) ([]Conversation, error)

	// Recent returns at most limit conversations that the bot has, that aren't closed, and in
	// which something was said; where the shopper wrote last, first.
	Recent(ctx context.Context, shop string, limit int) ([]Conversation, error)

	// Note keeps a note (ID, Agent and Text) and returns it whole. The same id of the same
	// agent again returns the first note, and changes nothing.
	Note(ctx context.Context, shop, id string, n Note) (Note, error)

	// Notes returns at most limit notes after one, in order.
	Notes(ctx context.Context, shop, id string, after int64, limit int) ([]Note, error)
}

var _ Desk = (*SQL)(nil)

// ErrNotOwner refuses what an agent writes in a conversation that somebody else has.
var ErrNotOwner = errors.New("the agent doesn't have this conversation")

// mayWrite says that only the agent who has a conversation writes in it as an agent.
func (c *Conversation) mayWrite(e Event) error {
	if e.Kind != KindUtterance {
		return nil
	}
	var u Utterance
	if json.Unmarshal(e.Body, &u) != nil || u.Role != RoleAgent {
		return nil
	}
	if c.Owner != OwnerAgent || c.Agent != u.Agent {
		return ErrNotOwner
	}
	return nil
}

func (s *SQL) Held(ctx context.Context, shop string, limit int) (heads []Conversation, err error) {
	return s.heads(ctx, "looking for conversations that people have", `owner <> 'bot' AND (shop = ? OR ? = '')
		ORDER BY shop, handed_at, id LIMIT ?`, shop, shop, limit)
}

func (s *SQL) Recent(ctx context.Context, shop string, limit int) (heads []Conversation, err error) {
	return s.heads(ctx, "looking for recent conversations", `shop = ? AND owner = 'bot' AND closed = 0 AND asked_at > 0
		ORDER BY asked_at DESC, id LIMIT ?`, shop, limit)
}

// heads are the conversations of a condition.
func (s *SQL) heads(ctx context.Context, doing, where string, args ...any) (heads []Conversation, err error) {
	err = s.db.View(ctx, func(tx *store.Tx) error {
		rows, err := tx.Query(`SELECT `+headColumns+` FROM conversations WHERE `+where, args...)
		if err != nil {
			return fmt.Errorf("%s: %w", doing, err)
		}
		defer rows.Close()
		heads = []Conversation{}
		for rows.Next() {
			c, err := scanHead(rows)
			if err != nil {
				return fmt.Errorf("%s: %w", doing, err)
			}
			heads = append(heads, c)
		}
		return rows.Err()
	})
	for i := range heads {
		heads[i].Epoch = s.db.Epoch()
	}
	return heads, err
}

func (s *SQL) Note(ctx context.Context, shop, id string, n Note) (Note, error) {
	err := s.db.Update(ctx, func(tx *store.Tx) error {
		c, err := readHead(tx, shop, id)
		if err != nil {
			return err
		}
		kept, err := readNotes(tx, shop, id, `agent = ? AND client = ?`, n.Agent, n.ID)
		if err != nil {
			return err
		}
		if len(kept) > 0 {
			n = kept[0]
			return nil
		}
		n.After, n.At = c.Last, stored(s.now())
		if err := tx.QueryRow(`SELECT coalesce(max(seq), 0) + 1 FROM notes WHERE shop = ? AND conversation = ?`, shop, id).Scan(&n.Seq); err != nil {
			return where(err, "counting the notes of conversation", id)
		}
		_, err = tx.Exec(`INSERT INTO notes (shop, conversation, seq, client, agent, text, after_event, at) VALUES (?, ?, ?, ?, ?, ?, ?, ?)`,
			shop, id, n.Seq, n.ID, n.Agent, n.Text, n.After, n.At.UnixMicro())
		return where(err, "keeping a note of conversation", id)
	})
	if err != nil {
		return Note{}, err
	}
	s.hub.Wake(shop, id)
	return n, nil
}

func (s *SQL) Notes(ctx context.Context, shop, id string, after int64, limit int) (notes []Note, err error) {
	err = s.db.View(ctx, func(tx *store.Tx) error {
		notes, err = readNotes(tx, shop, id, `seq > ? ORDER BY seq LIMIT ?`, after, limit)
		return err
	})
	return notes, err
}

func readNotes(tx *store.Tx, shop, id, condition string, args ...any) ([]Note, error) {
	rows, err := tx.Query(`SELECT seq, client, agent, text, after_event, at FROM notes WHERE shop = ? AND conversation = ? AND `+condition,
		append([]any{shop, id}, args...)...)
	if err != nil {
		return nil, where(err, "reading the notes of conversation", id)
	}
	defer rows.Close()
	notes := []Note{}
	for rows.Next() {
		var n Note
		var at int64
		if err := rows.Scan(&n.Seq, &n.ID, &n.Agent, &n.Text, &n.After, &at); err != nil {
			return nil, where(err, "reading the notes of conversation", id)
		}
		n.At = time.UnixMicro(at).UTC()
		notes = append(notes, n)
	}
	return notes, where(rows.Err(), "reading the notes of conversation", id)
}
