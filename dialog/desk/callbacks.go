package desk

import (
	"context"
	"time"

	"github.com/floorwalker/floorwalker/catalog"
	"github.com/floorwalker/floorwalker/catalog/store"
)

// States of a call-back.
const (
	Open = "open"
	Done = "done"
)

// Callbacks are the shoppers who want to hear from a person.
type Callbacks struct{ DB store.DB }

// List returns a shop's call-backs in a state, the oldest first. The list is never nil.
func (c Callbacks) List(ctx context.Context, shop, state string) (list []catalog.Callback, err error) {
	err = c.DB.View(ctx, func(tx *store.Tx) error {
		list, err = store.In(tx, shop).Callbacks(state)
		return err
	})
	if list == nil {
		list = []catalog.Callback{}
	}
	return list, err
}

// Mark says that an agent has done a call-back or, with state Open, that it is to be done after
// all. To mark it twice changes nothing. An unknown one is store.ErrNotFound.
func (c Callbacks) Mark(ctx context.Context, shop, id, state, agent string, now time.Time) (marked catalog.Callback, err error) {
	err = c.DB.Update(ctx, func(tx *store.Tx) error {
		r := store.In(tx, shop)
		if marked, err = r.Callback(id); err != nil || marked.State == state {
			return err
		}
		marked.State, marked.DoneBy, marked.DoneAt = state, "", nil
		if at := now.UTC(); state == Done {
			marked.DoneBy, marked.DoneAt = agent, &at
		}
		marked.Version, err = r.SaveCallback(marked)
		return err
	})
	return marked, err
}
