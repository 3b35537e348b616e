package skill

import (
	"context"
	"errors"
	"reflect"
	"slices"

	"github.com/floorwalker/floorwalker/catalog"
	"github.com/floorwalker/floorwalker/catalog/store"
	"github.com/floorwalker/floorwalker/dialog/flow"
	"github.com/floorwalker/floorwalker/dialog/journal"
)

// callbacks looks up what was noted in this conversation and is not done yet.
var callbacks = skill{
	Skill: flow.Skill{Name: "callbacks", Kind: flow.Look, View: reflect.TypeFor[CallbacksView]()},
	run:   (*Set).callbacks,
}

// withdrawCallback takes back what was noted in this conversation.
var withdrawCallback = skill{
	Skill: flow.Skill{Name: "withdraw_callback", Kind: flow.Request},
	act:   (*Set).withdrawCallback,
}

// knownContact is the e-mail address of the account of who writes, if that is certain.
var knownContact = skill{
	Skill: flow.Skill{Name: "known_contact", Kind: flow.Resolve, Entities: []string{"email", "phone"}},
	run:   (*Set).knownContact,
}

// CallbacksView is the call-backs that are to come.
type CallbacksView struct {
	catalog.Source
	Count   int    `expr:"count" fact:"count"`
	Contact string `expr:"contact" fact:"name"` // of the last one
}

const (
	callbackOpen      = "open"
	callbackWithdrawn = "withdrawn"
)

// callbacksOf are the open call-backs of a conversation, the oldest first.
func callbacksOf(r store.Records, conversation string) ([]catalog.Callback, error) {
	open, err := r.Callbacks(callbackOpen)
	return slices.DeleteFunc(open, func(c catalog.Callback) bool { return c.Conversation != conversation }), err
}

func (s *Set) callbacks(ctx context.Context, call flow.Call) (flow.Result, error) {
	var view CallbacksView
	err := s.read(ctx, func(r store.Records) error {
		open, err := callbacksOf(r, call.Conversation)
		view = CallbacksView{Source: s.source("callbacks", s.Settings.Version), Count: len(open)}
		if len(open) > 0 {
			last := open[len(open)-1]
			view.Source, view.Contact = s.source("callback/"+last.ID, version(last.Version)), last.Contact
		}
		return err
	})
	return flow.Result{View: view}, err
}

func (s *Set) withdrawCallback(tx *store.Tx, call flow.Call) (flow.Result, *journal.Action, error) {
	r := store.In(tx, s.Shop)
	open, err := callbacksOf(r, call.Conversation)
	var action *journal.Action
	for _, c := range open {
		c.State = callbackWithdrawn
		if _, err := r.SaveCallback(c); err != nil {
			return flow.Result{}, nil, err
		}
		action = &journal.Action{Name: "withdraw_callback", Record: "callback/" + c.ID, Arguments: map[string]any{"contact": c.Contact}}
	}
	return flow.Result{}, action, err
}

func (s *Set) knownContact(ctx context.Context, call flow.Call) (flow.Result, error) {
	if call.Identity.Level < catalog.Verified {
		return flow.Result{}, nil
	}
	var result flow.Result
	err := s.read(ctx, func(r store.Records) error {
		c, err := r.Customer(call.Identity.Customer)
		if errors.Is(err, store.ErrNotFound) || err == nil && c.Email == "" { // signed in by the site, but nothing bought yet
			return nil
		}
		result.Values = []flow.Value{{V: c.Email, Text: c.Email, Offset: offset(call.Said)}}
		return err
	})
	return result, err
}
