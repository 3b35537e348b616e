package journal

import (
	"context"
	"database/sql"
	"errors"
	"fmt"

	"github.com/floorwalker/floorwalker/catalog/store"
)

// Restored gives a database that was brought back from an earlier time its new epoch: whoever
// saw events that aren't in it any more is told by that. What was done before stays done: the
// keys of outcomes move to the new epoch, so that a turn which acted and hadn't ended when the
// copy was made finds its outcome. Keys in events stay as they were told. The caller opens db
// anew afterwards.
func Restored(ctx context.Context, db store.DB, epoch string) error {
	old := db.Epoch()
	err := db.Update(ctx, func(tx *store.Tx) error {
		if _, err := tx.Exec(`UPDATE meta SET value = ? WHERE key = 'epoch'`, epoch); err != nil {
			return err
		}
		_, err := tx.Exec(`UPDATE outcomes SET key = conversation || '/' || ? || substr(key, length(conversation) + 1 + length(?) + 1)
			WHERE substr(key, 1, length(conversation) + 1 + length(?) + 1) = conversation || '/' || ? || '/'`, epoch, old, old, old)
		return err
	})
	if err != nil {
		return fmt.Errorf("beginning a new epoch: %w", err)
	}
	return nil
}

// Check reports a conversation whose events aren't contiguous from 1 up to the last one that it
// is said to have.
func Check(ctx context.Context, db store.DB) error {
	return db.View(ctx, func(tx *store.Tx) error {
		var shop, id string
		var last, n, first, top int64
		err := tx.QueryRow(`SELECT c.shop, c.id, c.last, COALESCE(e.n, 0), COALESCE(e.first, 1), COALESCE(e.top, 0)
			FROM conversations c LEFT JOIN (SELECT shop, conversation, COUNT(*) AS n, MIN("offset") AS first, MAX("offset") AS top
				FROM events GROUP BY shop, conversation) e ON e.shop = c.shop AND e.conversation = c.id
			WHERE c.last <> COALESCE(e.n, 0) OR c.last <> COALESCE(e.top, 0) OR COALESCE(e.first, 1) <> 1 LIMIT 1`).
			Scan(&shop, &id, &last, &n, &first, &top)
		switch {
		case errors.Is(err, sql.ErrNoRows):
			return nil
		case err != nil:
			return fmt.Errorf("checking the journal: %w", err)
		}
		return fmt.Errorf("the journal of conversation %s of shop %s should hold events 1 to %d, and holds %d from %d to %d", id, shop, last, n, first, top)
	})
}
