package skill

import (
	"github.com/floorwalker/floorwalker/catalog/store"
	"github.com/floorwalker/floorwalker/dialog/flow"
	"github.com/floorwalker/floorwalker/dialog/journal"
)

// handoff gives the conversation to the people at the desk.
var handoff = skill{
	Skill: flow.Skill{Name: "handoff", Kind: flow.Request, Args: []string{"reason"}, Options: []string{"reason"}},
	act:   (*Set).handoff,
}

func (s *Set) handoff(_ *store.Tx, call flow.Call) (flow.Result, *journal.Action, error) {
	reason := arg(call, "reason")
	if reason == "" {
		reason = "asked for a person"
	}
	return flow.Result{Owner: string(journal.OwnerQueue), Reason: reason}, nil, nil
}
