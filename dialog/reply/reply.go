// Package reply turns a turn's plan into words: templates by locale with typed facts, variants
// without repetition, and the check on everything that leaves.
//
// In reading order: [Load] makes a [Bank] of replies/*.yaml; [Bank.Compose] words a turn's
// sayings; [Bank.Check] refuses a text with a figure, name or promise that no fact carries. Text
// that a generator writes, in which nobody marked the facts, goes by [Bank.Ground]: what a turn
// may tell, and [Ground.Write], which lets out what holds to it.
//
// A template is text with placeholders, a small dialect of ICU MessageFormat:
//
//	{order.total}                                   a fact, worded by its kind
//	{item.option, words, option}                    worded by a list under `words:`
//	{n, plural, =0 {nothing} one {# item} other {# items}}
//	{order.status, select, pending {…} other {…}}
//	{order.tracking, if, {…} else {…}}              there and not empty, zero or false
//	{order.items, each, as item {{item.title}} sep {, } last { and }}
//
// In plural, # is the number, itself a fact; over a list it is the list's length. Without sep
// and last, a list is joined as the locale does. An apostrophe before a brace (or # in a
// plural) quotes up to the next apostrophe; two are one; any other is itself.
//
// A path reads Saying.Env: maps by key, structs by their `expr` tags, lists by index. What
// it ends at becomes a [catalog.Fact] by the `fact` tag and the nearest enclosing
// catalog.Source. A flow.Value is a fact of kind said, a value below `policy` one of kind
// policy. Besides facts only two things can be worded, and neither may hold a figure, promise
// or name: a value from no record by a list under words:, as in {identity.accepts, words,
// proof}, and a text in Env itself, such as a flow's title.
//
// The dialect is our own because no Go library of ICU MessageFormat gives what a placeholder
// must be here: a fact with a record, at byte offsets, checked against the types of views
// on load, and in loops; CLDR's plurals, separators and currencies are golang.org/x/text's.
package reply

import (
	"time"

	"github.com/floorwalker/floorwalker/dialog/journal"
)

// Worded is a reply before it becomes an event. Lists are never nil.
type Worded struct {
	Text    string
	Facts   []journal.Fact
	Cards   []journal.Card
	Choices []journal.Choice
	Blocked []string // why wordings were dropped, one each; the shopper sees none of it
}

// Context is what Compose knows beside the sayings.
type Context struct {
	Locale  string           // the conversation's; falls back to its language, then to the shop's first
	Said    map[string][]int // what the last Compose of this conversation returned
	Now     time.Time        // in the shop's time zone: times are told as dates there
	Heard   string           // what the shopper wrote, for moods
	Intents []string         // what was wanted by it
	First   bool             // always the first variant, remembering nothing
	Policy  string           // version of the shop's policies, for facts read below `policy`
	Names   Lexicon          // names that only facts may tell; nil: none
}

// Lexicon finds names that a shop knows, such as titles of products and brands.
type Lexicon interface {
	// Find calls yield with the byte offsets of each longest name in text, in order, until
	// it returns false.
	Find(text string, yield func(start, end int) bool)
}

// Names of replies that this package itself needs.
const (
	blockedReply = "blocked" // said when nothing else can be worded
	optionReply  = "option"  // words the view of a flow.Option, as `option`
)
