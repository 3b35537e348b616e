package journal

import (
	"context"
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
