// Package nlu makes an [Understanding] of what a person wrote: its language, what it asks
// for, and the values in it.
package nlu

import (
	"context"
	"time"
)

// Understanding is what was understood of the text of one turn. When several utterances are
// answered together their texts are joined by newlines.
type Understanding struct {
	Text     string    `json:"text"`
	Language string    `json:"language"` // "en", "zh"; "" where the text doesn't tell ("ok", "W123")
	Requests []Request `json:"requests"` // in the order said; empty: nothing was recognised
	Entities []Entity  `json:"entities"` // by position
	Ranking  []Intent  `json:"ranking"`  // intents of the whole text, most likely first, at most 5

	// OutOfScope is true where no part of the text is like anything the shop has intents
	// for. Score is how far out, from 0 to 1.
	OutOfScope bool    `json:"out_of_scope"`
	Score      float64 `json:"score"`
}

// Request is one thing that the text asks for or does.
type Request struct {
	Intent  string  `json:"intent"`
	Act     Act     `json:"act,omitempty"` // what the intent does in a conversation, if anything
	P       float64 `json:"p"`             // calibrated probability
	Negated bool    `json:"negated,omitempty"`
	If      bool    `json:"if,omitempty"` // wanted only under a condition: "if that can't be done, cancel it"
	Start   int     `json:"start"`        // half-open byte offsets in Text
	End     int     `json:"end"`
	Close   string  `json:"close,omitempty"` // another intent nearly as likely: worth a question
}

// Intent is a name with its probability.
type Intent struct {
	Name string  `json:"intent"`
	P    float64 `json:"p"`
}

// Act is what an intent does in any conversation, whatever the shop. Intent files say it by
// `act:`; nothing else in the program names an intent.
type Act string

const (
	Affirm  Act = "affirm"  // yes
	Deny    Act = "deny"    // no
	Stop    Act = "stop"    // never mind
	Correct Act = "correct" // no, I meant …
	Repeat  Act = "repeat"  // what did you say?
	Unsure  Act = "unsure"  // I don't know
	Filler  Act = "filler"  // hello, thanks, please: says nothing beside other requests
	Abuse   Act = "abuse"

	// Farewell is a filler that ends a talk: what was asked isn't asked again.
	Farewell Act = "farewell"

	// Inform answers a question with nothing but its value ("the blue one", "no longer
	// needed"): the entities and the text count, so it never becomes a Request.
	Inform Act = "inform"
)

// Beside reports whether an act says nothing where anything else is said.
func (a Act) Beside() bool { return a == Filler || a == Farewell }

// Entity is a value found in the text.
type Entity struct {
	Type  string `json:"type"`  // order_id, sku, email, name, postal_code, money, number, product, option, reference, …
	Text  string `json:"text"`  // as written
	Value string `json:"value"` // canonical: "W10234", "19.90 USD", "2", a product id, "color=black"
	Start int    `json:"start"` // half-open byte offsets in Text
	End   int    `json:"end"`
}

// Context is what is known when the text is read.
type Context struct {
	Locale  string   // of the conversation; decides where the text doesn't tell
	Expects []string // entity types and acts that the bot asked for
	// Now is the time of the text, where the shop is; dates are told from it. Zero: none are told.
	Now time.Time
}

// Understander makes an Understanding of a text. It is safe for concurrent use. A part that
// is down (the encoder) makes the result poorer, not an error; the error is ctx's.
type Understander interface {
	Understand(ctx context.Context, text string, c Context) (Understanding, error)
}
