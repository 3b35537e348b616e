package websocket

import (
	"context"
	"encoding/json"
	"errors"
	"sync"
	"time"

	"github.com/gorilla/websocket"

	"github.com/floorwalker/floorwalker/channels"
	"github.com/floorwalker/floorwalker/dialog"
	"github.com/floorwalker/floorwalker/dialog/journal"
)

// mostFollowed is how many conversations one agent follows at once.
const mostFollowed = 50

// agent is the connection of somebody at the desk: a session with many conversations. It has one
// goroutine that follows the desk and one for each conversation followed, all owned by serve.
type agent struct {
	*session
	name    string
	expires time.Time // of the token

	mu       sync.Mutex // of followed, which only the reader changes
	followed map[string]*followed
	running  sync.WaitGroup
}

// followed is one conversation whose events go to the agent.
type followed struct {
	stop func()
	done chan struct{}
}

// comeAsAgent turns a session into that of an agent.
func (c *session) comeAsAgent(claims channels.Claims) error {
	if c.server.Desk == nil {
		return &dialog.Error{Code: dialog.Forbidden, Message: "this socket takes shoppers only"}
	}
	if err := dialog.SoundAgent(claims.Subject); err != nil {
		return err
	}
	c.agent = &agent{session: c, name: claims.Subject, expires: claims.ExpiresAt.Time, followed: map[string]*followed{}}
	return nil
}

type agentWelcomeFrame struct {
	Type   string   `json:"type"`
	Shop   string   `json:"shop"`
	Role   string   `json:"role"`
	Agent  string   `json:"agent"`
	Agents []string `json:"agents"` // who else is there
}

// serve is the agent's time at the desk, until the connection or ctx ends.
func (a *agent) serve(ctx context.Context) {
	agents := a.server.Desk.Agents(a.shop)
	defer a.server.Desk.Join(a.shop, a.name)()
	if a.write(agentWelcomeFrame{Type: "welcome", Shop: a.shop, Role: channels.RoleAgent, Agent: a.name, Agents: agents}) != nil {
		return
	}
	expired := time.AfterFunc(a.expires.Sub(a.server.Now()), func() { a.close(websocket.ClosePolicyViolation, "the token has expired") })
	defer expired.Stop()
	ctx, cancel := context.WithCancel(ctx)
	defer a.running.Wait()
	defer cancel()
	a.running.Go(func() { a.watchDesk(ctx) })
	a.running.Go(func() { a.ping(ctx) })
	a.read(ctx)
}

// handle does what one frame of an agent asks for.
func (a *agent) handle(ctx context.Context, f frame) {
	engine := a.server.Engine
	switch f.Type {
	case "follow":
		a.count(f.Type, "ok")
		a.follow(ctx, f)
	case "unfollow":
		a.count(f.Type, "ok")
		a.unfollow(f.Conversation)
	case "take":
		if a.accept(f, func() (dialog.Receipt, error) { return engine.Take(ctx, a.shop, f.Conversation, a.name) }) && !a.follows(f.Conversation) {
			a.follow(ctx, f)
		}
	case "release":
		a.accept(f, func() (dialog.Receipt, error) { return engine.Release(ctx, a.shop, f.Conversation, a.name) })
	case "transfer":
		a.accept(f, func() (dialog.Receipt, error) { return engine.Transfer(ctx, a.shop, f.Conversation, a.name, f.To) })
	case "message":
		u := dialog.Utterance{Shop: a.shop, Conversation: f.Conversation, Role: journal.RoleAgent, Agent: a.name, ID: f.ID, Text: f.Text}
		a.accept(f, func() (dialog.Receipt, error) { return engine.Say(ctx, u) })
	case "note":
		a.accept(f, func() (dialog.Receipt, error) {
			n, err := engine.Note(ctx, a.shop, f.Conversation, journal.Note{ID: f.ID, Agent: a.name, Text: f.Text})
			return dialog.Receipt{Offset: n.After}, err
		})
	case "typing":
		a.count(f.Type, "ok")
		_ = engine.AgentTyping(ctx, a.shop, f.Conversation, a.name) // whoever hasn't it any more hears so when they write
	case "hello":
		a.refuse(f, "hello was said already")
	default:
		a.refuse(f, "unknown frame type")
	}
}

type followingFrame struct {
	Type         string `json:"type"`
	ID           string `json:"id,omitempty"`
	Conversation string `json:"conversation"`
	Epoch        string `json:"epoch"`
	Offset       int64  `json:"offset"`
	Owner        string `json:"owner"`
	Agent        string `json:"agent,omitempty"`
	Position     int    `json:"position,omitempty"`
	Locale       string `json:"locale"`
	Reset        bool   `json:"reset,omitempty"`
}

// follow begins to send a conversation, after what the agent has of it; anew, if it did already.
func (a *agent) follow(ctx context.Context, f frame) {
	s, epoch, err := a.server.Engine.Standing(ctx, a.shop, f.Conversation)
	if err != nil {
		a.write(channels.Refusal(f.ID, err))
		return
	}
	a.unfollow(s.Conversation)
	a.mu.Lock()
	full := len(a.followed) == mostFollowed
	a.mu.Unlock()
	if full {
		a.write(channels.Refusal(f.ID, &dialog.Error{Code: dialog.Conflict, Message: "too many conversations are followed; unfollow one"}))
		return
	}
	after, reset := resumeAt(f.Resume, dialog.Welcome{Epoch: epoch, Offset: s.Offset})
	noted := int64(0)
	if f.Resume != nil && !reset {
		noted = f.Resume.Note
	}
	a.write(followingFrame{Type: "following", ID: f.ID, Conversation: s.Conversation, Epoch: epoch, Offset: s.Offset,
		Owner: string(s.Owner), Agent: s.Agent, Position: s.Position, Locale: s.Locale, Reset: reset})
	ctx, cancel := context.WithCancel(ctx)
	one := &followed{stop: cancel, done: make(chan struct{})}
	a.mu.Lock()
	a.followed[s.Conversation] = one
	a.mu.Unlock()
	feed := a.server.Engine.Attend(a.shop, s.Conversation, after, noted)
	a.running.Go(func() {
		defer close(one.done)
		defer feed.Close()
		a.send(ctx, feed, s.Conversation, epoch)
	})
}

func (a *agent) follows(conversation string) bool {
	a.mu.Lock()
	defer a.mu.Unlock()
	return a.followed[conversation] != nil
}

// unfollow ends the sending of a conversation; nothing of it comes afterwards.
func (a *agent) unfollow(conversation string) {
	a.mu.Lock()
	one := a.followed[conversation]
	delete(a.followed, conversation)
	a.mu.Unlock()
	if one != nil {
		one.stop()
		<-one.done
	}
}

// send tells what happens in a conversation until ctx ends.
func (a *agent) send(ctx context.Context, feed *dialog.Feed, conversation, epoch string) {
	for {
		n, err := feed.Next(ctx)
		if err == nil {
			err = a.tell(n, conversation, epoch)
		}
		if err != nil {
			a.lost(ctx, err)
			return
		}
	}
}

type noteFrame struct {
	Type         string `json:"type"`
	Conversation string `json:"conversation"`
	journal.Note
}

func (a *agent) tell(n dialog.Notice, conversation, epoch string) error {
	switch {
	case n.Event != nil:
		return a.event(conversation, epoch, *n.Event)
	case n.Note != nil:
		return a.write(noteFrame{"note", conversation, *n.Note})
	case n.Delta != nil:
		return a.write(channels.DeltaFrame{Type: "delta", Conversation: conversation, Turn: n.Delta.Turn, Seq: n.Delta.Seq, Text: n.Delta.Text})
	case n.Typing != "":
		return a.write(channels.TypingFrame{Type: "typing", Conversation: conversation, Role: n.Typing})
	}
	return nil
}

// event sends an event as shoppers get it, with its conversation.
func (a *agent) event(conversation, epoch string, e journal.Event) error {
	data, err := channels.EventFrame(epoch, e)
	if err != nil {
		return err
	}
	id, err := json.Marshal(conversation)
	if err != nil {
		return err
	}
	return a.write(json.RawMessage(`{"conversation":` + string(id) + `,` + string(data[1:])))
}

// watchDesk sends who has which conversation, as the last state event of each, unless the
// conversation is followed anyway.
func (a *agent) watchDesk(ctx context.Context) {
	lobby := a.server.Engine.Lobby(a.shop)
	defer lobby.Close()
	known := map[string]int64{} // conversation → offset of the state event told last
	for {
		v, err := lobby.Next(ctx)
		if err == nil {
			err = a.tellStates(ctx, v, known)
		}
		if err != nil {
			a.lost(ctx, err)
			return
		}
	}
}

func (a *agent) tellStates(ctx context.Context, v dialog.View, known map[string]int64) error {
	held := map[string]bool{}
	for _, s := range v.Held {
		held[s.Conversation] = true
		if s.Stated == 0 || s.Stated == known[s.Conversation] {
			continue
		}
		known[s.Conversation] = s.Stated
		if err := a.tellState(ctx, s.Conversation, s.Stated); err != nil {
			return err
		}
	}
	for id, stated := range known {
		if held[id] {
			continue
		}
		delete(known, id)
		s, _, err := a.server.Engine.Standing(ctx, a.shop, id)
		if err != nil {
			return err
		}
		if s.Stated != stated {
			if err := a.tellState(ctx, id, s.Stated); err != nil {
				return err
			}
		}
	}
	return nil
}

func (a *agent) tellState(ctx context.Context, conversation string, offset int64) error {
	if a.follows(conversation) {
		return nil
	}
	e, err := a.server.Engine.Stated(ctx, a.shop, conversation, offset)
	if err != nil {
		return err
	}
	_, epoch, err := a.server.Engine.Standing(ctx, a.shop, conversation)
	if err != nil {
		return err
	}
	return a.event(conversation, epoch, e)
}

// lost ends a connection that can't be told what happens.
func (a *agent) lost(ctx context.Context, err error) {
	if ctx.Err() != nil {
		return
	}
	var own *dialog.Error // else it was the connection that failed
	if !errors.As(err, &own) {
		a.drop(err)
		return
	}
	if own.Code != dialog.ShuttingDown {
		a.server.Logger.Error("telling an agent", "shop", a.shop, "agent", a.name, "error", err)
	}
	a.close(websocket.CloseTryAgainLater, "try again later")
}
