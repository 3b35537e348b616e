package journal

import (
	"database/sql"
	"encoding/hex"
	"encoding/json"
	"errors"
	"fmt"
	"time"

	"github.com/floorwalker/floorwalker/catalog/store"
)

const headColumns = `shop, id, secret_hash, channel, sender, locale, customer, identity_level,
	owner, agent, created_at, last, answered, turns, state, closed, handed_at, position, stated`

// row is what *sql.Row and *sql.Rows have in common.
type row interface{ Scan(...any) error }

func scanHead(r row) (Conversation, error) {
	var c Conversation
	var secret, state string
	var created, closed, handed int64
	err := r.Scan(&c.Shop, &c.ID, &secret, &c.Channel, &c.Sender, &c.Locale, &c.Identity.Customer, &c.Identity.Level,
		&c.Owner, &c.Agent, &created, &c.Last, &c.Answered, &c.Turns, &state, &closed,
		&handed, &c.Position, &c.Stated)
	if err != nil {
		return Conversation{}, err
	}
	if c.SecretHash, err = hex.DecodeString(secret); err != nil {
		return Conversation{}, fmt.Errorf("secret of conversation %s: %w", c.ID, err)
	}
	if state != "" {
		c.State = json.RawMessage(state)
	}
	c.CreatedAt, c.Closed = time.UnixMicro(created).UTC(), closed != 0
	if handed != 0 {
		c.Handed = time.UnixMicro(handed).UTC()
	}
	return c, nil
}

func readHead(tx *store.Tx, shop, id string) (Conversation, error) {
	c, err := scanHead(tx.QueryRow(`SELECT `+headColumns+` FROM conversations WHERE shop = ? AND id = ?`, shop, id))
	if errors.Is(err, sql.ErrNoRows) {
		return Conversation{}, ErrNotFound
	}
	return c, where(err, "reading conversation", id)
}

func readUnanswered(tx *store.Tx, limit int) ([]Conversation, error) {
	rows, err := tx.Query(`SELECT `+headColumns+` FROM conversations
		WHERE owner = 'bot' AND asked > answered ORDER BY asked_at LIMIT ?`, limit)
	if err != nil {
		return nil, fmt.Errorf("looking for unanswered conversations: %w", err)
	}
	defer rows.Close()
	heads := []Conversation{}
	for rows.Next() {
		c, err := scanHead(rows)
		if err != nil {
			return nil, fmt.Errorf("looking for unanswered conversations: %w", err)
		}
		heads = append(heads, c)
	}
	return heads, rows.Err()
}

func insertHead(tx *store.Tx, c Conversation) error {
	_, err := tx.Exec(`INSERT INTO conversations (`+headColumns+`, asked, asked_at)
		VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, 0, 0)`,
		c.Shop, c.ID, hex.EncodeToString(c.SecretHash), c.Channel, c.Sender, c.Locale, c.Identity.Customer, int64(c.Identity.Level),
		string(c.Owner), c.Agent, c.CreatedAt.UnixMicro(), c.Last, c.Answered, c.Turns, string(c.State), number(c.Closed), micros(c.Handed), c.Position, c.Stated)
	return where(err, "beginning conversation", c.ID)
}

// micros is a time as databases keep it, 0 for none.
func micros(t time.Time) int64 {
	if t.IsZero() {
		return 0
	}
	return t.UnixMicro()
}

// number is a truth as databases without a type for it keep it.
func number(b bool) int64 {
	if b {
		return 1
	}
	return 0
}

// updateHead writes what changes of a head once it has begun.
func updateHead(tx *store.Tx, c Conversation) error {
	_, err := tx.Exec(`UPDATE conversations SET locale = ?, customer = ?, identity_level = ?, owner = ?, agent = ?,
		last = ?, answered = ?, turns = ?, state = ?, closed = ?, handed_at = ?, position = ?, stated = ? WHERE shop = ? AND id = ?`,
		c.Locale, c.Identity.Customer, int64(c.Identity.Level), string(c.Owner), c.Agent,
		c.Last, c.Answered, c.Turns, string(c.State), number(c.Closed),
		micros(c.Handed), c.Position, c.Stated, c.Shop, c.ID)
	return where(err, "changing conversation", c.ID)
}

func updateAsked(tx *store.Tx, shop, id string, e Event) error {
	_, err := tx.Exec(`UPDATE conversations SET asked = ?, asked_at = ? WHERE shop = ? AND id = ?`,
		e.Offset, e.At.UnixMicro(), shop, id)
	return where(err, "changing conversation", id)
}

func scanEvent(r row) (Event, error) {
	var e Event
	var at int64
	var v int
	var body string
	if err := r.Scan(&e.Offset, &e.Kind, &v, &body, &at); err != nil {
		return Event{}, err
	}
	var err error
	e.At = time.UnixMicro(at).UTC()
	e.Body, err = decode(v, e.Offset, body)
	return e, err
}

func readEvent(tx *store.Tx, shop, id string, offset int64) (Event, error) {
	e, err := scanEvent(tx.QueryRow(`SELECT "offset", kind, v, body, at FROM events
		WHERE shop = ? AND conversation = ? AND "offset" = ?`, shop, id, offset))
	return e, where(err, "reading an event of conversation", id)
}

func readEvents(tx *store.Tx, shop, id string, after int64, limit int) ([]Event, error) {
	rows, err := tx.Query(`SELECT "offset", kind, v, body, at FROM events
		WHERE shop = ? AND conversation = ? AND "offset" > ? ORDER BY "offset" LIMIT ?`, shop, id, after, limit)
	if err != nil {
		return nil, where(err, "reading conversation", id)
	}
	defer rows.Close()
	events := []Event{}
	for rows.Next() {
		e, err := scanEvent(rows)
		if err != nil {
			return nil, where(err, "reading conversation", id)
		}
		events = append(events, e)
	}
	return events, where(rows.Err(), "reading conversation", id)
}

func insertEvent(tx *store.Tx, shop, id string, e Event) error {
	_, err := tx.Exec(`INSERT INTO events (shop, conversation, "offset", kind, v, body, at) VALUES (?, ?, ?, ?, ?, ?, ?)`,
		shop, id, e.Offset, e.Kind, Encoding, string(e.Body), e.At.UnixMicro())
	return where(err, "appending to conversation", id)
}

// readClient returns the offset that a client's id was given, 0 if it is new.
func readClient(tx *store.Tx, shop, id, client string) (offset int64, err error) {
	err = tx.QueryRow(`SELECT "offset" FROM client_ids WHERE shop = ? AND conversation = ? AND client = ?`,
		shop, id, client).Scan(&offset)
	if errors.Is(err, sql.ErrNoRows) {
		return 0, nil
	}
	return offset, where(err, "reading conversation", id)
}

func insertClient(tx *store.Tx, shop, id, client string, offset int64) error {
	_, err := tx.Exec(`INSERT INTO client_ids (shop, conversation, client, "offset") VALUES (?, ?, ?, ?)`, shop, id, client, offset)
	return where(err, "appending to conversation", id)
}

// where says what was being done to which conversation when err happened; nil stays nil.
func where(err error, what, id string) error {
	if err == nil {
		return nil
	}
	return fmt.Errorf("%s %s: %w", what, id, err)
}
