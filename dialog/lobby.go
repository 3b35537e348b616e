package dialog

import (
	"context"
	"time"

	"github.com/floorwalker/floorwalker/catalog"
	"github.com/floorwalker/floorwalker/dialog/journal"
)

// Standing is how a conversation stands, for the list at the desk.
type Standing struct {
	Conversation string        `json:"conversation"`
	Owner        journal.Owner `json:"owner"`
	Agent        string        `json:"agent,omitempty"`
	Position     int           `json:"position,omitempty"` // in the queue
	Since        *time.Time    `json:"since,omitempty"`    // when the bot gave it to people
	Began        time.Time     `json:"began"`
	Locale       string        `json:"locale"`
	Channel      string        `json:"channel"`
	Customer     string        `json:"customer,omitempty"`
	Verified     bool          `json:"verified,omitempty"` // the customer is who they say
	Offset       int64         `json:"offset"`             // of the last event
	Stated       int64         `json:"stated"`             // of the last state event, 0: none
	Last         *Words        `json:"last,omitempty"`     // of people, else of the bot; nothing was said: absent
}

// Words are what was said last.
type Words struct {
	Role string    `json:"role"` // shopper, agent or bot
	Text string    `json:"text"`
	At   time.Time `json:"at"`
}

// View is a desk at one moment. Its lists are never nil.
type View struct {
	Held   []Standing `json:"held"`   // that people have or wait for, those waiting longest first
	Open   []Standing `json:"open"`   // that the bot has, the newest words first
	Agents []string   `json:"agents"` // who is there
}

const roleBot = "bot"

// Bounds of a View, and how often it is looked at anew.
const (
	lobbyHeld  = 200
	lobbyOpen  = 100
	lobbyWords = 8   // events looked at for the last words
	lobbyText  = 200 // runes of the last words
	lobbyPause = 250 * time.Millisecond
	lobbyEvery = 3 * time.Second
)

// Lobby follows all conversations of a shop for people at its desk. It is used by one goroutine
// at a time.
type Lobby struct {
	engine *Engine
	shop   string
	watch  *journal.Watch
	words  map[string]lastSaid // by conversation: as read last
	looked bool
}

type lastSaid struct {
	offset int64 // of the last event when they were read
	words  *Words
}

// Lobby begins to follow a shop. The caller closes the Lobby.
func (e *Engine) Lobby(shop string) *Lobby {
	return &Lobby{engine: e, shop: shop, watch: e.Hub.All(), words: map[string]lastSaid{}}
}

// Close ends the following. It may be called again.
func (l *Lobby) Close() { l.watch.Close() }

// Next returns the desk as it is: at once the first time, then when something may have changed,
// at the latest after a few seconds.
func (l *Lobby) Next(ctx context.Context) (View, error) {
	if l.looked {
		if err := l.wait(ctx, lobbyPause, nil); err != nil { // a busy shop is looked at now and then
			return View{}, err
		}
		if err := l.wait(ctx, lobbyEvery, l.watch.C); err != nil {
			return View{}, err
		}
	}
	l.looked = true
	v, err := l.view(ctx)
	if ctx.Err() != nil {
		err = ctx.Err()
	} else {
		err = l.engine.told("looking at the desk", err)
	}
	return v, err
}

func (l *Lobby) wait(ctx context.Context, d time.Duration, news <-chan struct{}) error {
	timer := time.NewTimer(d)
	defer timer.Stop()
	select {
	case <-timer.C:
	case <-news:
	case <-ctx.Done():
	}
	return ctx.Err()
}

func (l *Lobby) view(ctx context.Context) (View, error) {
	v := View{Agents: []string{}}
	if l.engine.Desk != nil {
		v.Agents = l.engine.Desk.Agents(l.shop)
	}
	held, err := l.engine.Journal.Held(ctx, l.shop, lobbyHeld)
	if err != nil {
		return v, err
	}
	open, err := l.engine.Journal.Recent(ctx, l.shop, lobbyOpen)
	if err != nil {
		return v, err
	}
	words := make(map[string]lastSaid, len(held)+len(open))
	if v.Held, err = l.standings(ctx, held, words); err != nil {
		return v, err
	}
	v.Open, err = l.standings(ctx, open, words)
	l.words = words
	return v, err
}

func (l *Lobby) standings(ctx context.Context, heads []journal.Conversation, words map[string]lastSaid) ([]Standing, error) {
	list := make([]Standing, 0, len(heads))
	for _, c := range heads {
		said := l.words[c.ID]
		if said.offset != c.Last {
			var err error
			if said, err = l.read(ctx, c, said); err != nil {
				return nil, err
			}
		}
		words[c.ID] = said
		s := standing(c)
		s.Last = said.words
		list = append(list, s)
	}
	return list, nil
}

// read finds the last words of people among the last events, or else the bot's: what the shopper
// wants is in their own. Without any there, those before stay.
func (l *Lobby) read(ctx context.Context, c journal.Conversation, before lastSaid) (lastSaid, error) {
	events, err := l.engine.Journal.Read(ctx, c.Shop, c.ID, max(0, c.Last-lobbyWords), lobbyWords)
	if err != nil {
		return lastSaid{}, err
	}
	said := lastSaid{c.Last, before.words}
	for _, e := range events {
		role, text := wordsOf(e)
		if text != "" && (role != roleBot || said.words == nil || said.words.Role == roleBot) {
			said.words = &Words{role, shortened(text, lobbyText), e.At}
		}
	}
	return said, nil
}

// wordsOf are who said what in an event; no text: nobody said anything.
func wordsOf(e journal.Event) (role, text string) {
	switch e.Kind {
	case journal.KindUtterance:
		if u, err := journal.Body[journal.Utterance](e); err == nil {
			return u.Role, or(u.Text, u.Choice)
		}
	case journal.KindReply:
		if r, err := journal.Body[journal.Reply](e); err == nil {
			return roleBot, r.Text
		}
	}
	return "", ""
}

func shortened(text string, runes int) string {
	n := 0
	for i := range text {
		if n++; n > runes {
			return text[:i] + "…"
		}
	}
	return text
}

func standing(c journal.Conversation) Standing {
	s := Standing{Conversation: c.ID, Owner: c.Owner, Agent: c.Agent, Position: c.Position, Began: c.CreatedAt, Locale: c.Locale,
		Channel: c.Channel, Customer: c.Identity.Customer, Verified: c.Identity.Level == catalog.Verified, Offset: c.Last, Stated: c.Stated}
	if !c.Handed.IsZero() {
		s.Since = &c.Handed
	}
	return s
}

// Standing is how one conversation of a shop stands, without its last words, and its epoch.
func (e *Engine) Standing(ctx context.Context, shop, id string) (s Standing, epoch string, err error) {
	if _, err := e.shop(shop); err != nil {
		return Standing{}, "", err
	}
	c, err := e.Journal.Head(ctx, shop, id)
	if err != nil {
		return Standing{}, "", e.toldAgent("looking at a conversation", err)
	}
	return standing(c), c.Epoch, nil
}

// Stated returns the state event at an offset, as Standing.Stated names it.
func (e *Engine) Stated(ctx context.Context, shop, id string, offset int64) (journal.Event, error) {
	events, err := e.Journal.Read(ctx, shop, id, offset-1, 1)
	switch {
	case err != nil:
		return journal.Event{}, e.toldAgent("reading a conversation", err)
	case len(events) == 0:
		return journal.Event{}, fault(NotFound, "no event %d in this conversation", offset)
	}
	return events[0], nil
}
