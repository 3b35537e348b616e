package skill

import (
	"context"
	"errors"
	"reflect"

	"github.com/floorwalker/floorwalker/catalog"
	"github.com/floorwalker/floorwalker/catalog/store"
	"github.com/floorwalker/floorwalker/dialog/flow"
)

// me reads the shopper's own name.
var me = skill{
	Skill: flow.Skill{Name: "me", Kind: flow.Look, View: reflect.TypeFor[CustomerView](), Needs: claimed},
	run:   (*Set).me,
}

// CustomerView is the shopper.
type CustomerView struct {
	catalog.Source
	FirstName string `expr:"first_name" fact:"name"`
	LastName  string `expr:"last_name" fact:"name"`
}

func (s *Set) me(ctx context.Context, call flow.Call) (flow.Result, error) {
	var result flow.Result
	err := s.read(ctx, func(r store.Records) error {
		c, err := r.Customer(call.Identity.Customer)
		if errors.Is(err, store.ErrNotFound) { // signed in by the site, but nothing bought yet
			return nil
		}
		result.View = CustomerView{Source: s.source("customer/"+c.ID, version(c.Version)),
			FirstName: c.FirstName, LastName: c.LastName}
		return err
	})
	return result, err
}
