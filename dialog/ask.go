package dialog

import (
	"context"
	"errors"
	"fmt"
	"time"

	"github.com/floorwalker/floorwalker/catalog"
	"github.com/floorwalker/floorwalker/dialog/flow"
	"github.com/floorwalker/floorwalker/dialog/reply"
	"github.com/floorwalker/floorwalker/dialog/skill"
	"github.com/floorwalker/floorwalker/nlu"
)

// Question is what another program asks, outside of any conversation.
type Question struct {
	Shop     string
	Locale   string // one the shop doesn't speak: its first
	Identity catalog.Identity
	About    nlu.Understanding // as skill.OrderQuestion and its like make it
}

// Answer is what the shop's flow says to a question, always in its first variant, and the view
// that it read last.
type Answer struct {
	reply.Worded
	View any
}

// asking is what skills do for other programs beside what they do for flows: *skill.Set.
type asking interface {
	Prove(ctx context.Context, order, email string) (who catalog.Identity, refused string, err error)
	Find(ctx context.Context, u nlu.Understanding, locale string, limit int) (skill.ProductsView, error)
}

var _ asking = (*skill.Set)(nil)

// Ask answers a question by the flow that answers shoppers. It reads and changes nothing.
// Where the flow looks nothing up that is there for this identity, it is NotFound.
func (e *Engine) Ask(ctx context.Context, q Question) (Answer, error) {
	shop, err := e.shop(q.Shop)
	if err != nil {
		return Answer{}, err
	}
	free, err := e.slot(ctx)
	if err != nil {
		return Answer{}, e.told("asking", err)
	}
	defer free()
	a, err := e.ask(ctx, shop, q)
	return a, e.told("asking", err)
}

func (e *Engine) ask(ctx context.Context, shop *Shop, q Question) (a Answer, err error) {
	in := flow.Input{Said: &flow.Said{Understanding: q.About}, Identity: q.Identity, Level: q.Identity.Level,
		Locale: or(shop.locale(q.Locale), shop.first()), Now: shop.here(e.Clock())}
	for range calls {
		_, out := shop.Flows.Step(flow.State{}, in)
		if out.Want == nil {
			if a.View == nil {
				return Answer{}, fault(NotFound, "nothing of that is there, or not for who asks")
			}
			a.Worded, _, err = shop.Replies.Compose(out.Says, reply.Context{Locale: in.Locale, Now: in.Now, First: true,
				Policy: shop.Settings.Version, Names: shop.Names})
			return a, err
		}
		call := *out.Want
		if call.Kind == flow.Act || call.Kind == flow.Request {
			return Answer{}, fmt.Errorf("the flow that answers does %s: it may only read", call.Skill)
		}
		call.Locale, call.Now = in.Locale, in.Now
		result, err := shop.Skills.Run(ctx, call)
		if err != nil {
			return Answer{}, err
		}
		if result.Down {
			return Answer{}, &Error{Code: Unavailable, Message: "the records can't be reached at the moment", RetryAfter: time.Second}
		}
		if call.Kind == flow.Look && result.View != nil {
			a.View = result.View
		}
		result.Identity = nil
		in.Results = append(in.Results, result)
	}
	return Answer{}, fmt.Errorf("the flow that answers wanted more than %d skills", calls)
}

// Prove finds out whose an order is by an e-mail address. Forbidden means that it proves nothing,
// whether the order exists or not.
func (e *Engine) Prove(ctx context.Context, shop, order, email string) (catalog.Identity, error) {
	_, skills, err := e.asking(shop)
	if err != nil {
		return catalog.Identity{}, err
	}
	who, refused, err := skills.Prove(ctx, order, email)
	switch {
	case err != nil:
		return catalog.Identity{}, e.told("proving", err)
	case skill.TooManyProofs(refused):
		return catalog.Identity{}, &Error{Code: RateLimited, Message: "too many wrong proofs", RetryAfter: time.Hour}
	case refused != "":
		return catalog.Identity{}, fault(Forbidden, "that proves nothing")
	}
	return who, nil
}

// Find searches products by a shopper's words: at most limit, best first. locale is the shop's
// that the view is worded in.
func (e *Engine) Find(ctx context.Context, shop, query, locale string, limit int) (view skill.ProductsView, in string, err error) {
	s, skills, err := e.asking(shop)
	if err != nil {
		return view, "", err
	}
	free, err := e.slot(ctx)
	if err != nil {
		return view, "", e.told("searching", err)
	}
	defer free()
	in = or(s.locale(locale), s.first())
	u, err := s.NLU.Understand(ctx, query, nlu.Context{Locale: in})
	if err != nil {
		return view, "", e.told("searching", err)
	}
	if locale == "" && u.Language != "" {
		in = or(s.locale(u.Language), in)
	}
	view, err = skills.Find(ctx, u, in, limit)
	return view, in, e.told("searching", err)
}

func (e *Engine) asking(shop string) (*Shop, asking, error) {
	s, err := e.shop(shop)
	if err != nil {
		return nil, nil, err
	}
	skills, ok := s.Skills.(asking)
	if !ok {
		return nil, nil, e.told("asking", errors.New("the shop's skills answer no questions"))
	}
	return s, skills, nil
}
