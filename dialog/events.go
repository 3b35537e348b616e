package dialog

import (
	"context"

	"github.com/floorwalker/floorwalker/dialog/journal"
)

// Events returns events of a conversation after an offset, in order; at most a hundred, and none
// where there are no more.
func (e *Engine) Events(ctx context.Context, shop, conversation string, after int64) ([]journal.Event, error) {
	events, err := e.Journal.Read(ctx, shop, conversation, after, feedEvents)
	return events, e.told("reading a conversation", err)
}
