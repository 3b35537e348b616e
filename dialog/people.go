package dialog

import (
	"context"
	"encoding/json"
	"errors"
	"math"
	"unicode/utf8"

	"github.com/floorwalker/floorwalker/dialog/flow"
	"github.com/floorwalker/floorwalker/dialog/journal"
)

// Reasons of state events, beside those that flows give.
const (
	reasonReleased    = "released"
	reasonTransferred = "transferred"
	reasonAgentLeft   = "agent_left"
	reasonDeskEmpty   = "desk_empty"
)

// Take gives a conversation to an agent, from the bot or the queue. Of several who take it at
// once one has it, the others get Conflict. Who has it already gets the same receipt. A turn
// of the bot that was under way appends no reply any more.
func (e *Engine) Take(ctx context.Context, shop, id, agent string) (Receipt, error) {
	return e.serveByHand(ctx, "taking a conversation", place{shop, id}, agent, func(c journal.Conversation) (*journal.State, error) {
		switch {
		case c.Owner != journal.OwnerAgent:
			return &journal.State{Owner: journal.OwnerAgent, Agent: agent}, nil
		case c.Agent == agent:
			return nil, nil
		}
		return nil, fault(Conflict, "%s has this conversation", c.Agent)
	})
}

// Release gives a conversation back to the bot: from the agent who has it, or from the queue,
// which any agent may do. What was said meanwhile stays without a reply, and what the bot had
// asked before is not asked any more: people may have settled it.
func (e *Engine) Release(ctx context.Context, shop, id, agent string) (Receipt, error) {
	return e.serveByHand(ctx, "giving a conversation back", place{shop, id}, agent, func(c journal.Conversation) (*journal.State, error) {
		if c.Owner == journal.OwnerBot {
			return nil, fault(Conflict, "the bot has this conversation already")
		}
		if c.Owner == journal.OwnerAgent && c.Agent != agent {
			return nil, fault(Conflict, "%s has this conversation", c.Agent)
		}
		return &journal.State{Owner: journal.OwnerBot, Reason: reasonReleased}, nil
	})
}

// Transfer gives a conversation from the agent who has it to another one, who must be at the
// desk, or with an empty name back to the queue, at the place it has by when the bot gave it
// away.
func (e *Engine) Transfer(ctx context.Context, shop, id, agent, to string) (Receipt, error) {
	return e.serveByHand(ctx, "passing a conversation on", place{shop, id}, agent, func(c journal.Conversation) (*journal.State, error) {
		switch {
		case c.Owner != journal.OwnerAgent:
			return nil, fault(Conflict, "take the conversation before you pass it on")
		case c.Agent != agent:
			return nil, fault(Conflict, "%s has this conversation", c.Agent)
		case to == "":
			return &journal.State{Owner: journal.OwnerQueue, Reason: reasonTransferred}, nil
		case to == agent:
			return nil, nil
		case e.Desk == nil || !e.Desk.At(shop, to):
			return nil, fault(Conflict, "%s isn't at the desk", to)
		}
		return &journal.State{Owner: journal.OwnerAgent, Agent: to, Reason: reasonTransferred}, nil
	})
}

// Note keeps what an agent notes of a conversation for the other agents. The same ID of the
// same agent again gets the first note.
func (e *Engine) Note(ctx context.Context, shop, id string, n journal.Note) (journal.Note, error) {
	if _, err := e.shop(shop); err != nil {
		return journal.Note{}, err
	}
	if !sound(n.ID) {
		return journal.Note{}, fault(BadFrame, "an id is 1 to %d of A-Z, a-z, 0-9, _ and -", longestID)
	}
	if n.Text == "" {
		return journal.Note{}, fault(BadFrame, "a note needs a text")
	}
	if err := errors.Join(SoundAgent(n.Agent), checkTexts(e.Text, n.Text)); err != nil {
		return journal.Note{}, err
	}
	kept, err := e.Journal.Note(ctx, shop, id, n)
	return kept, e.toldAgent("keeping a note", err)
}

// AgentTyping tells the shopper that the agent who has the conversation is writing.
func (e *Engine) AgentTyping(ctx context.Context, shop, id, agent string) error {
	c, err := e.Journal.Head(ctx, shop, id)
	if err != nil {
		return e.toldAgent("typing", err)
	}
	if c.Owner != journal.OwnerAgent || c.Agent != agent {
		return e.toldAgent("typing", journal.ErrNotOwner)
	}
	e.live.tell(place{shop, id}, fleeting{Notice: Notice{Typing: journal.RoleAgent}, upto: math.MaxInt64, to: toShopper})
	return nil
}

// serveByHand does what an agent asks for, once the question itself is sound.
func (e *Engine) serveByHand(ctx context.Context, doing string, p place, agent string,
	decide func(journal.Conversation) (*journal.State, error)) (Receipt, error) {
	if _, err := e.shop(p.shop); err != nil {
		return Receipt{}, err
	}
	if err := SoundAgent(agent); err != nil {
		return Receipt{}, err
	}
	receipt, err := e.hand(ctx, p, decide)
	if err == nil {
		e.tendSoon()
	}
	return receipt, e.toldAgent(doing, err)
}

// hand changes who has a conversation, by a turn of its own: decide says to what, or nil to
// leave it. It is decided anew when another turn was appended first.
func (e *Engine) hand(ctx context.Context, p place, decide func(journal.Conversation) (*journal.State, error)) (Receipt, error) {
	for range attempts {
		c, err := e.Journal.Head(ctx, p.shop, p.id)
		if err != nil {
			return Receipt{}, err
		}
		state, err := decide(c)
		if err != nil {
			return Receipt{}, err
		}
		if state == nil {
			return Receipt{Offset: c.Stated, Epoch: c.Epoch, Owner: c.Owner}, nil
		}
		t, err := e.handing(ctx, c, *state)
		if err != nil {
			return Receipt{}, err
		}
		told, err := e.Journal.EndTurn(ctx, p.shop, p.id, t)
		if errors.Is(err, journal.ErrSuperseded) {
			continue
		}
		if err != nil {
			return Receipt{}, err
		}
		e.metrics.owners.WithLabelValues(string(state.Owner)).Inc()
		return Receipt{Offset: told[0].Offset, Epoch: c.Epoch, Owner: state.Owner}, nil
	}
	return Receipt{}, journal.ErrSuperseded
}

// handing is the turn that gives a conversation to its new owner and says so.
func (e *Engine) handing(ctx context.Context, c journal.Conversation, s journal.State) (journal.Turn, error) {
	if s.Owner == journal.OwnerQueue && s.Position == 0 {
		var err error
		if s.Position, err = e.position(ctx, c); err != nil {
			return journal.Turn{}, err
		}
	}
	told, err := journal.NewEvent(journal.KindState, s)
	if err != nil {
		return journal.Turn{}, err
	}
	t := journal.Turn{Expect: c.Turns, Events: []journal.Event{told}, Identity: c.Identity,
		Owner: s.Owner, Agent: s.Agent, Position: s.Position}
	if s.Owner == journal.OwnerBot {
		t.State, err = json.Marshal(recall(c).apart())
	}
	return t, err
}

// position is the place that a conversation has, or would have, in its shop's queue, from 1.
func (e *Engine) position(ctx context.Context, c journal.Conversation) (int, error) {
	held, err := e.Journal.Held(ctx, c.Shop, tendAtOnce)
	if err != nil {
		return 0, err
	}
	ahead := 0
	for _, h := range held {
		if h.ID != c.ID && h.Owner == journal.OwnerQueue && (c.Handed.IsZero() || !h.Handed.After(c.Handed)) {
			ahead++
		}
	}
	return ahead + 1, nil
}

// recall is what the bot remembers of a conversation.
func recall(c journal.Conversation) (m memory) {
	if len(c.State) > 0 && json.Unmarshal(c.State, &m) != nil {
		return memory{}
	}
	return m
}

// apart is what the bot still knows after people had the conversation: what was said, and
// nothing of what it had asked. A yes that was meant for them must confirm nothing.
func (m memory) apart() memory {
	return memory{Flow: flow.State{Heard: m.Flow.Heard, Last: m.Flow.Last, Said: m.Flow.Said}, Spoke: m.Spoke}
}

// SoundAgent says what is wrong with the name of an agent, as a BadFrame.
func SoundAgent(name string) error {
	if name == "" || utf8.RuneCountInString(name) > longestRecordID || !utf8.ValidString(name) || !plain(name) {
		return fault(BadFrame, "an agent's name is 1 to %d characters without control characters", longestRecordID)
	}
	return nil
}

// toldAgent is told for people at the desk, to whom it is no secret which conversations exist.
func (e *Engine) toldAgent(doing string, err error) error {
	if errors.Is(err, journal.ErrNotFound) {
		return fault(NotFound, "no such conversation")
	}
	return e.told(doing, err)
}
