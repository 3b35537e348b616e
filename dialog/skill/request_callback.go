package skill

import (
	"crypto/sha256"
	"encoding/base32"
	"errors"
	"fmt"
	"strings"

	"github.com/floorwalker/floorwalker/catalog"
	"github.com/floorwalker/floorwalker/catalog/store"
	"github.com/floorwalker/floorwalker/dialog/flow"
	"github.com/floorwalker/floorwalker/dialog/journal"
)

// requestCallback notes that the shopper wants to hear from a person.
var requestCallback = skill{
	Skill: flow.Skill{Name: "request_callback", Kind: flow.Request, Args: []string{"contact", "note"}, Options: []string{"note"}},
	act:   (*Set).requestCallback,
}

func (s *Set) requestCallback(tx *store.Tx, call flow.Call) (flow.Result, *journal.Action, error) {
	r := store.In(tx, s.Shop)
	c := catalog.Callback{ID: s.callbackID(call), Conversation: call.Conversation, Customer: call.Identity.Customer,
		Contact: arg(call, "contact"), Note: arg(call, "note"), CreatedAt: s.Now().UTC(), State: callbackOpen}
	arguments := map[string]any{"contact": c.Contact}
	if c.Note != "" {
		arguments["note"] = c.Note
	}
	action := &journal.Action{Name: "request_callback", Record: "callback/" + c.ID, Arguments: arguments}
	_, err := r.Callback(c.ID)
	if err == nil { // a rerun
		return flow.Result{}, action, nil
	}
	if !errors.Is(err, store.ErrNotFound) {
		return flow.Result{}, nil, err
	}
	if _, err := r.SaveCallback(c); err != nil {
		return flow.Result{}, nil, err
	}
	return flow.Result{}, action, nil
}

// callbackID is the same for a rerun of the same turn.
func (s *Set) callbackID(call flow.Call) string {
	key := fmt.Sprintf("%s/%s/%d/%d", call.Conversation, s.DB.Epoch(), call.Offset, call.Ordinal)
	sum := sha256.Sum256([]byte(key))
	return strings.ToLower(base32.StdEncoding.WithPadding(base32.NoPadding).EncodeToString(sum[:10]))
}
