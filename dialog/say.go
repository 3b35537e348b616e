package dialog

import (
	"context"
	"math"
	"time"
	"unicode/utf8"

	"github.com/floorwalker/floorwalker/dialog/journal"
)

// retryBusy is when to come back to an engine that has too much to answer or is going away.
const retryBusy = time.Second

// Utterance is something said in a conversation.
type Utterance struct {
	Shop         string
	Conversation string
	Role         string // journal.RoleShopper or journal.RoleAgent
	ID           string // the client's, unique in the conversation
	Text         string
	Choice       string // value of a choice taken; then Text may be empty
	Agent        string // with the agent's role
}

// Rating is what a shopper thinks of a turn.
type Rating struct {
	Shop         string
	Conversation string
	journal.Feedback
}

// Receipt says that something is in the journal.
type Receipt struct {
	Offset int64
	Epoch  string
	Owner  journal.Owner // who is to answer it
}

// Say journals an utterance and has it answered. The same ID again gets the same receipt,
// and nothing else happens.
func (e *Engine) Say(ctx context.Context, u Utterance) (Receipt, error) {
	if err := u.check(e.Text); err != nil {
		return Receipt{}, err
	}
	body := journal.Utterance{Role: u.Role, ID: u.ID, Text: u.Text, Choice: u.Choice, Agent: u.Agent}
	client := u.ID
	if u.Role == journal.RoleAgent {
		client = "agent/" + u.Agent + "/" + u.ID // no shopper's id has a slash
	}
	return e.take(ctx, place{u.Shop, u.Conversation}, client, journal.KindUtterance, body)
}

// Sound says what of an utterance could not be said in any conversation.
func (e *Engine) Sound(u Utterance) error { return u.check(e.Text) }

// Feedback journals a rating. It has no answer.
func (e *Engine) Feedback(ctx context.Context, r Rating) (Receipt, error) {
	if err := r.check(e.Text); err != nil {
		return Receipt{}, err
	}
	return e.take(ctx, place{r.Shop, r.Conversation}, r.ID, journal.KindFeedback, r.Feedback)
}

// Typing says that the shopper is writing: people at the desk are told, and a turn that waits for
// more waits longer, within its bound.
func (e *Engine) Typing(shop, conversation string) {
	e.mu.Lock()
	s := e.active[place{shop, conversation}]
	e.mu.Unlock()
	e.live.tell(place{shop, conversation}, fleeting{Notice: Notice{Typing: journal.RoleShopper}, upto: math.MaxInt64, to: toStaff})
	if s != nil {
		s.typing(e.Clock())
	}
}

// take journals what a client said and wakes the conversation.
func (e *Engine) take(ctx context.Context, p place, client, kind string, body any) (Receipt, error) {
	if _, err := e.shop(p.shop); err != nil {
		return Receipt{}, err
	}
	if !sound(p.id) {
		return Receipt{}, forbidden()
	}
	u, _ := body.(journal.Utterance)
	who := p
	if u.Role == journal.RoleAgent {
		who.id += "/agent" // what people write takes nothing of the shopper's share
	}
	if wait := e.limits.wait(who, e.Clock()); wait > 0 {
		return Receipt{}, &Error{Code: RateLimited, Message: "more messages than a minute may have", RetryAfter: wait}
	}
	if !e.room(p) {
		return Receipt{}, &Error{Code: Unavailable, Message: "too many conversations wait for an answer", RetryAfter: retryBusy}
	}
	event, err := journal.NewEvent(kind, body)
	if err != nil {
		return Receipt{}, e.told("journalling", err)
	}
	said, repeated, err := e.Journal.Say(ctx, p.shop, p.id, client, event)
	if err != nil {
		return Receipt{}, e.told("journalling", err)
	}
	if !repeated {
		e.metrics.said.WithLabelValues(kind).Inc()
	}
	if u.Role == journal.RoleShopper && !repeated {
		e.serve(p, said.Offset)
	}
	c, err := e.Journal.Head(ctx, p.shop, p.id)
	if err != nil {
		return Receipt{}, e.told("journalling", err)
	}
	return Receipt{Offset: said.Offset, Epoch: c.Epoch, Owner: c.Owner}, nil
}

// check takes the most characters that a text may have.
func (u Utterance) check(longest int) error {
	switch {
	case !sound(u.ID):
		return fault(BadFrame, "an id is 1 to %d of A-Z, a-z, 0-9, _ and -", longestID)
	case u.Role != journal.RoleShopper && u.Role != journal.RoleAgent:
		return fault(BadFrame, "a role is %s or %s", journal.RoleShopper, journal.RoleAgent)
	case u.Role == journal.RoleAgent && SoundAgent(u.Agent) != nil:
		return SoundAgent(u.Agent)
	case u.Text == "" && u.Choice == "":
		return fault(BadFrame, "a message needs a text or a choice")
	}
	return checkTexts(longest, u.Text, u.Choice, u.Agent)
}

func (r Rating) check(longest int) error {
	switch {
	case !sound(r.ID) || !sound(r.Turn):
		return fault(BadFrame, "an id is 1 to %d of A-Z, a-z, 0-9, _ and -", longestID)
	case r.Rating < 1 || r.Rating > 5:
		return fault(BadFrame, "a rating is 1 to 5")
	}
	return checkTexts(longest, r.Comment)
}

func checkTexts(longest int, texts ...string) error {
	for _, t := range texts {
		switch {
		case !utf8.ValidString(t):
			return fault(BadFrame, "text must be valid UTF-8")
		case utf8.RuneCountInString(t) > longest:
			return fault(TooLarge, "text may have %d characters at most", longest)
		}
	}
	return nil
}

func shuttingDown() *Error {
	return &Error{Code: ShuttingDown, Message: "the server is going away; come back to another", RetryAfter: retryBusy}
}
