package journal

import (
	"context"
	"database/sql"
	"errors"

	"github.com/floorwalker/floorwalker/catalog"
	"github.com/floorwalker/floorwalker/catalog/store"
)

func (s *SQL) Open(ctx context.Context, c Conversation, client string) (opened Conversation, begun bool, err error) {
	err = s.db.View(ctx, func(tx *store.Tx) error { // most are there, and reading holds up nobody
		opened, err = readOpen(tx, c, client)
		return err
	})
	if err == nil || !errors.Is(err, ErrNotFound) {
		opened.Epoch = s.db.Epoch()
		return opened, false, err
	}
	err = s.db.Update(ctx, func(tx *store.Tx) error {
		begun = false // the function may run again
		opened, err = readOpen(tx, c, client)
		if !errors.Is(err, ErrNotFound) {
			return err
		}
		switch _, err := readHead(tx, c.Shop, c.ID); {
		case err == nil:
			return ErrExists
		case !errors.Is(err, ErrNotFound):
			return err
		}
		opened, begun = fresh(c, s.db.Epoch()), true
		return insertHead(tx, opened)
	})
	if err != nil {
		return Conversation{}, false, err
	}
	opened.Epoch = s.db.Epoch()
	return opened, begun, nil
}

// readOpen finds the conversation of a writer, as [Conversation.writes] tells whose it is, or
// returns ErrNotFound.
func readOpen(tx *store.Tx, c Conversation, client string) (Conversation, error) {
	who, args := `sender = ? AND (identity_level < ? OR customer = ? OR ? = '')`,
		[]any{c.Sender, int64(catalog.Verified), c.Identity.Customer, c.Identity.Customer}
	switch {
	case c.Sender != "":
	case c.Identity.Customer != "":
		who, args = `customer = ? AND identity_level = ?`, []any{c.Identity.Customer, int64(catalog.Verified)}
	default:
		return Conversation{}, ErrNotFound
	}
	const took = `EXISTS (SELECT 1 FROM client_ids i WHERE i.shop = conversations.shop
		AND i.conversation = conversations.id AND i.client = ?)`
	args = append(append([]any{c.Shop, c.Channel}, args...), client, client)
	found, err := scanHead(tx.QueryRow(`SELECT `+headColumns+` FROM conversations WHERE shop = ? AND channel = ? AND `+who+`
		AND (closed = 0 OR `+took+`) ORDER BY `+took+` DESC, created_at DESC, id DESC LIMIT 1`, args...))
	if errors.Is(err, sql.ErrNoRows) {
		return Conversation{}, ErrNotFound
	}
	return found, where(err, "looking for the conversation of a writer on channel", c.Channel)
}
