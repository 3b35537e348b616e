// Package journal is the log of conversations: append-only events with offsets, the only
// truth about what was said and done. State, desk, resume, audit and insight are derived by
// reading it.
//
// [Journal] is the contract. [Memory] is the few-line model of it, [SQL] the real one, which
// appends within a transaction of catalog/store; the suite in journaltest holds both to the
// contract.
package journal

import (
	"context"
	"encoding/json"
	"errors"
	"time"

	"github.com/floorwalker/floorwalker/catalog"
)

// Kinds of events, as the protocol names them.
const (
	KindUtterance = "utterance"
	KindAction    = "action"
	KindReply     = "reply"
	KindState     = "state"
	KindFeedback  = "feedback"
	KindClosed    = "closed"
)

// Roles of those who write.
const (
	RoleShopper = "shopper"
	RoleAgent   = "agent"
)

// Event is one entry of a conversation. Offsets are contiguous from 1.
type Event struct {
	Offset int64           `json:"offset"`
	At     time.Time       `json:"at"`
	Kind   string          `json:"kind"`
	Body   json.RawMessage `json:"-"` // an object: Utterance, Action, Reply, State, Feedback or Closed
}

// Utterance is what a person wrote.
type Utterance struct {
	Role   string `json:"role"` // shopper or agent
	ID     string `json:"id"`   // the client's, unique in the conversation
	Text   string `json:"text"`
	Choice string `json:"choice,omitempty"`
	Agent  string `json:"agent,omitempty"`
}

// Action is a change made in the shop.
type Action struct {
	Turn      string         `json:"turn"`
	Name      string         `json:"name"`
	Record    string         `json:"record"`
	Arguments map[string]any `json:"arguments"`
	Key       string         `json:"key"`
}

// Reply is what the bot answered in one turn. Lists are never null.
type Reply struct {
	Turn      string   `json:"turn"`
	InReplyTo []int64  `json:"in_reply_to"`
	Text      string   `json:"text"`
	Facts     []Fact   `json:"facts"`
	Cards     []Card   `json:"cards"`
	Choices   []Choice `json:"choices"`
	Expects   *Expects `json:"expects,omitempty"`
	Intents   []Intent `json:"intents"`
	Language  string   `json:"language"`
}

// Fact is a fact placed in a reply's text.
type Fact struct {
	catalog.Fact
	Start int `json:"start"` // half-open UTF-8 byte offsets
	End   int `json:"end"`
}

// Card shows a product.
type Card struct {
	Product   string        `json:"product"`
	SKU       string        `json:"sku,omitempty"`
	Title     string        `json:"title"`
	Price     catalog.Money `json:"price"`
	From      bool          `json:"from,omitempty"` // other variants cost more
	Options   []CardOption  `json:"options,omitempty"`
	Available bool          `json:"available"`
	Image     string        `json:"image,omitempty"`
	URL       string        `json:"url,omitempty"`
	Why       string        `json:"why,omitempty"`
}

// CardOption is what the variants that a card stands for come in.
type CardOption struct {
	Name   string   `json:"name"`   // as in the shop's records
	Values []string `json:"values"` // in the reader's language, each once
}

// Choice is an answer offered.
type Choice struct {
	Label string `json:"label"`
	Value string `json:"value"`
}

// Expects says what the bot waits for.
type Expects struct {
	Slot      string   `json:"slot"`
	Accepts   []string `json:"accepts"`
	Flow      string   `json:"flow,omitempty"`
	Item      string   `json:"item,omitempty"`
	ItemIndex *int     `json:"item_index,omitempty"`
}

// Intent is what was understood, with its probability.
type Intent struct {
	Name string  `json:"intent"`
	P    float64 `json:"p"`
}

// State says who owns the conversation.
type State struct {
	Owner    Owner  `json:"owner"`
	Position int    `json:"position,omitempty"`
	Agent    string `json:"agent,omitempty"`
	Reason   string `json:"reason,omitempty"`
}

// Owner answers the shopper: the bot, a queue of people, or one person.
type Owner string

const (
	OwnerBot   Owner = "bot"
	OwnerQueue Owner = "queue"
	OwnerAgent Owner = "agent"
)

// Feedback rates a turn.
type Feedback struct {
	ID      string `json:"id"`
	Turn    string `json:"turn"`
	Rating  int    `json:"rating"`
	Comment string `json:"comment,omitempty"`
}

// Closed ends a conversation; a later message opens it again.
type Closed struct {
	By     string `json:"by"`
	Reason string `json:"reason"`
}

// Conversation is the head of a log: what is known of it without reading events.
type Conversation struct {
	Shop       string
	ID         string
	Epoch      string
	SecretHash []byte // of the secret that resumes it anonymously; SHA-256
	Channel    string
	Sender     string // the channel's own name for who writes; may be empty
	Locale     string
	Identity   catalog.Identity
	Owner      Owner
	Agent      string
	CreatedAt  time.Time
	Closed     bool      // it was closed, and nothing was said since
	Handed     time.Time // when the bot gave it to people; zero: the bot has it
	Position   int       // in the queue, from 1, as the shopper was told last; 0: not told
	Stated     int64     // offset of the last state event, 0: none

	Last     int64           // offset of the last event
	Answered int64           // every utterance at or before it needs no turn any more; follows Last while the owner isn't the bot
	Turns    int64           // turns appended; the compare-and-set of EndTurn
	State    json.RawMessage // the bot's private state after the last turn
}

// Turn is what one turn appends, all or nothing. Events may be empty: then only the head
// changes.
type Turn struct {
	Expect   int64            // Conversation.Turns when the turn began
	Answered int64            // the highest offset the turn took; a lower one than is stored changes nothing
	Events   []Event          // Kind and Body; offsets and times are given here
	State    json.RawMessage  // the new private state; nil keeps the old one
	Identity catalog.Identity // who writes, as known now
	Owner    Owner            // empty keeps the old one, and Agent and Position with it
	Agent    string           // who, where Owner is OwnerAgent
	Position int              // told to the shopper, where Owner is OwnerQueue
	Locale   string           // empty keeps the old one
}

// Errors that callers tell apart, by errors.Is.
var (
	ErrNotFound   = errors.New("no such conversation")
	ErrSuperseded = errors.New("another turn was appended since this one began")
	ErrExists     = errors.New("a conversation of that id exists")
)

// Journal keeps conversations. It is safe for concurrent use. Errors of the database come as
// store.ErrFull or store.ErrUnavailable.
type Journal interface {
	// Begin stores a new conversation with no events.
	Begin(ctx context.Context, c Conversation) error

	// Open returns the conversation that a message of a channel belongs to: the one of the same
	// writer that took this client id before, else the writer's latest that isn't closed. If
	// there is none it begins c, and begun says so. The writer is c.Sender or, without one, the
	// customer of c.Identity, who must have been verified there; a sender's conversation with
	// another verified customer than c's isn't theirs. Of many at once, one begins.
	Open(ctx context.Context, c Conversation, client string) (opened Conversation, begun bool, err error)

	// Head returns a conversation as it is now.
	Head(ctx context.Context, shop, id string) (Conversation, error)

	// Say appends an utterance or feedback (Kind and Body) and returns it with its offset.
	// client is the id the client gave: the same client id again returns the first event,
	// for ever, and changes nothing; repeated says so.
	Say(ctx context.Context, shop, id, client string, e Event) (said Event, repeated bool, err error)

	// EndTurn appends a turn, or nothing and ErrSuperseded.
	EndTurn(ctx context.Context, shop, id string, t Turn) ([]Event, error)

	// Read returns at most limit events after an offset, in order.
	Read(ctx context.Context, shop, id string, after int64, limit int) ([]Event, error)

	// Unanswered returns at most limit conversations owned by the bot that have a
	// shopper's utterance past Answered, those left longest first: the turns that a crash
	// left to do.
	Unanswered(ctx context.Context, limit int) ([]Conversation, error)
}
