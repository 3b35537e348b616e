package flow

import (
	"time"

	"github.com/floorwalker/floorwalker/catalog"
	"github.com/floorwalker/floorwalker/nlu"
)

// State is where a conversation stands: plain data, kept as JSON with the turn that made it.
type State struct {
	Stack []Frame          `json:"stack,omitempty"` // the last is being served
	Queue []Queued         `json:"queue,omitempty"` // asked for in one breath, not begun
	Heard map[string]Value `json:"heard,omitempty"` // by entity type: the last value said
	Last  *Frame           `json:"last,omitempty"`  // the flow that ended last, for "that order" and corrections
	Kept  map[string]Value `json:"kept,omitempty"`  // by slot: the last values of those that a skill recalls
	Said  map[string][]int `json:"said,omitempty"`  // by reply: variants used lately; kept by dialog/reply
	Fails int              `json:"fails,omitempty"` // turns in a row that weren't understood
	Asked []Saying         `json:"asked,omitempty"` // what was last said and asked, to repeat it
	Aside []Frame          `json:"aside,omitempty"` // a flow put aside for others, with what it ran for first
	Shown [][]string       `json:"shown,omitempty"` // records of things shown together, the latest group first

	// Unclear is a text that it was asked about in the last turn which of two requests it makes.
	Unclear *Said `json:"unclear,omitempty"`

	// Pieces are texts that an identity flow read and that proved nothing alone, oldest first:
	// a name in one, the postal code in another.
	Pieces []Said `json:"pieces,omitempty"`
}

// Frame is one flow under way.
type Frame struct {
	Flow      string            `json:"flow"`
	Version   string            `json:"version"` // of the flow's text; a changed flow starts over with the slots it has
	PC        int               `json:"pc"`
	Slots     map[string]Value  `json:"slots,omitempty"` // by name; slots `per` an item by name#index
	Wait      *Wait             `json:"wait,omitempty"`  // nil under the top: another flow runs first; nil at the top: to be tried again
	Loops     []Loop            `json:"loops,omitempty"`
	Looked    []int             `json:"looked,omitempty"`    // look steps passed; they are read again in each turn
	Confirm   map[string]string `json:"confirm,omitempty"`   // record → version as shown in the summary
	Said      int64             `json:"said,omitempty"`      // offset of the utterance that began it
	Opening   *Said             `json:"opening,omitempty"`   // what began it, for slots collected later
	Read      []string          `json:"read,omitempty"`      // slots for which Opening was read, once each
	Told      []int             `json:"told,omitempty"`      // say steps done; not repeated after a correction
	Yes       int64             `json:"yes,omitempty"`       // offset of the utterance that confirmed
	Refused   string            `json:"refused,omitempty"`   // `result.refused` of the last skill
	Then      Then              `json:"then,omitempty"`      // what becomes of the frame below when this one ends
	Needs     catalog.Level     `json:"needs,omitempty"`     // level that this identity flow is to reach
	Asked     bool              `json:"asked,omitempty"`     // the identity flow has run for this frame
	Acted     bool              `json:"acted,omitempty"`     // it has changed something
	Off       bool              `json:"off,omitempty"`       // it was called off: only being asked for begins it again
	Back      int               `json:"back,omitempty"`      // times its open question came back after something else
	Title     string            `json:"title,omitempty"`     // of the flow an event is about
	Unsettled bool              `json:"unsettled,omitempty"` // that flow would have changed something, and has not
	Options   []Option          `json:"options,omitempty"`   // of an event that offers some
}

// Then says how the frame below goes on.
type Then string

const (
	Continue Then = ""       // from where it is
	Resume   Then = "resume" // with the event resumed, then its question again
	Ask      Then = "ask"    // with its question again
	Stay     Then = "stay"   // not in this turn
)

// Queued is a request not begun yet, with what was said to make it.
type Queued struct {
	Request nlu.Request      `json:"request"`
	Said    *Said            `json:"said,omitempty"`
	Values  map[string]Value `json:"values,omitempty"`  // slots already known: the second of two orders
	Digress bool             `json:"digress,omitempty"` // to be served before the interrupted flow goes on
	Again   bool             `json:"again,omitempty"`   // the same request as before, for something else: "cancel both orders"
}

// Wait is what a frame waits for.
type Wait struct {
	Slot    string  `json:"slot"` // a slot's name; "confirm" at a confirm step
	Tries   int     `json:"tries,omitempty"`
	Offered []Value `json:"offered,omitempty"` // values listed with the question
}

// Loop is an each step under way.
type Loop struct {
	Step  int `json:"step"`
	Index int `json:"index"`
}

// Value is what fills a slot, and where it was said.
type Value struct {
	V       any    `json:"v"`                 // string, number, bool, list or object: plain JSON
	Text    string `json:"text,omitempty"`    // as the shopper wrote it
	Offset  int64  `json:"offset,omitempty"`  // of the utterance
	Label   string `json:"label,omitempty"`   // of a value that was listed to choose from
	Pending string `json:"pending,omitempty"` // not checked yet: "said" now or "heard" earlier
	View    any    `json:"-"`                 // candidates: words it as a choice; not kept
}

// Input is everything a step may know. Results are those of the calls this turn made so
// far, in order: Step is run anew from the same State with one more result each time, until
// it wants nothing more. So it is pure, and a rerun after a crash takes the same way.
type Input struct {
	Said     *Said  // nil: nothing was said (an Event instead)
	Event    string // "", or an event that starts a repair flow: "silence", …
	Asked    int64  // offset of the reply that asked the open question; an earlier "yes" confirms nothing
	Identity catalog.Identity
	Level    catalog.Level // the most this shop can give: what identity flows may aim at
	Locale   string
	Now      time.Time
	Results  []Result
}

// Said is what one turn took: the utterances' texts joined by newlines.
type Said struct {
	nlu.Understanding
	Choice  string  `json:"choice,omitempty"`  // value of a choice taken, if the last utterance was one
	Offsets []int64 `json:"offsets,omitempty"` // of the utterances, ascending
}

// Output is what the turn has come to. While Want is set, run it and step again.
type Output struct {
	Want    *Call
	Says    []Saying
	Expects *Expects
	Owner   string // "queue" when a skill handed the conversation to people; "" unchanged
	Reason  string // why, with Owner
	Intents []nlu.Intent
	Passed  []Place // steps taken in this turn, each once
}

// Call asks for a skill to be run.
type Call struct {
	Conversation string // its id, filled in by the engine

	Skill    string
	Kind     SkillKind
	Args     map[string]any   // by the skill's argument names
	Said     *Said            // for skills that read what was said
	Before   []Said           // resolvers of identity flows: what was said to them before, oldest first
	Shown    [][]string       // records of things shown together, the latest group first: "product/flask"
	Follow   bool             // resolvers: what was said asks for nothing; only what goes on with what was before counts
	Expected bool             // resolvers: what was said answers the slot's own question
	Offered  []Value          // resolvers: what was listed with the question, where it is answered
	Has      any              // resolvers: the value that the slot has, where it may be corrected; nil: none
	Identity catalog.Identity // as known at this point of the turn
	Locale   string           // of the conversation: views word titles in it
	Now      time.Time
	Needs    catalog.Level     // level that a proof must reach (identity resolvers)
	Expect   map[string]string // record → version confirmed; an act on another version must not happen
	Ordinal  int               // of this call among the turn's acts, from 0: part of an act's key
	Offset   int64             // of the confirming utterance: part of an act's key
}

// Result is what a skill came to.
type Result struct {
	View     any               // a view (see catalog.Source), for conditions and replies; nil: nothing found
	Values   []Value           // resolvers: candidates for the slot; one fills it, several ask which
	All      bool              // resolvers: each of the values is meant, not one of them: the flow runs for one after the other
	Refused  string            // why it was not done, or the value not taken: a word that flows test and a reply's name
	Identity *catalog.Identity // resolvers of identity: who it turned out to be
	Owner    string            // handoff: the new owner
	Reason   string
	Changed  bool // acts: the record is no longer at the version confirmed; nothing was done
	Down     bool // a back end didn't answer; nothing was done
}

// Saying is one reply to be worded.
type Saying struct {
	Reply   string         `json:"reply"`             // its name in replies/*.yaml
	Env     map[string]any `json:"-"`                 // what its placeholders read
	Cards   any            `json:"-"`                 // product views to show, if any
	Choices []Option       `json:"choices,omitempty"` // quick replies
}

// Option is a choice with its wording by language.
type Option struct {
	Value string       `json:"value"`
	Label catalog.Text `json:"label"`
	View  any          `json:"-"` // where set, the label is the reply "option" worded with it as `option`
}

// Expects says what the bot waits for next.
type Expects struct {
	Slot      string
	Accepts   []string
	Flow      string
	Item      string
	ItemIndex *int
	Entities  []string // entity types and acts that would answer, for nlu
}
