// Package flow is conversations as data. It loads and checks the flows of a shop, and steps
// through them: [Set.Step] is a pure function from state and understanding to the next
// state and what is wanted. It does no I/O and knows no flow, slot or intent by name.
package flow

import "reflect"

// SkillKind says what a skill may do.
type SkillKind string

const (
	Look    SkillKind = "look"    // reads; its view is left for conditions and replies
	Resolve SkillKind = "resolve" // makes slot values of what was said
	Check   SkillKind = "check"   // takes or refuses a slot's value
	Act     SkillKind = "act"     // changes the shop, once, after a confirm step
	Request SkillKind = "request" // changes something harmless that was asked for (a call-back, a handoff): once, no confirm
)

// Skill describes what flows may call. Skills themselves are in dialog/skill.
type Skill struct {
	Name    string
	Kind    SkillKind
	Args    []string     // argument names; filled from slots of the same name unless the step says `with`
	Options []string     // arguments that may stay empty
	View    reflect.Type // type of Result.View, nil where there is none
	Refuses []string     // words Result.Refused may be
	Needs   string       // the identity level it needs at least: "", claimed, verified

	Entities []string // resolvers: entity types they read, so that nlu looks out for them
	Recall   []string // resolvers: arguments that may be of any flow before, not only of the last one
	Sure     bool     // resolvers: what they find is meant, even if nothing says that it corrects anything
	Follows  bool     // resolvers: tries to go on with what was before where nothing is understood (see Call.Follow)
	Soft     []string // words of Refuses that are no failure of the shopper's: a code was sent
}

// Vocabulary is what flows may refer to; the checker holds them to it.
type Vocabulary struct {
	Skills   map[string]Skill
	Replies  map[string]bool
	Choices  map[string][]Option // quick replies that a reply brings by itself
	Intents  map[string]bool
	Entities map[string]bool
	Policy   map[string]any      // the shop's policies over the built-in ones
	Proofs   map[string][]string // identity level → what proves it, in the protocol's words
	Yes      []string            // examples of a yes, beside the words of assent.yaml
	Locales  []string
}

// Events of the engine that start a repair flow (`on:`). A shop may replace any of them.
var Events = map[string]string{
	"identity":           "a flow needs to know who writes",
	"plain_yes":          "an answer to a summary is neither a yes and nothing else nor a no; the summary follows",
	"out_of_scope":       "what was said is not the shop's business",
	"not_understood":     "an answer to a question was not understood; the question follows",
	"cannot_handle":      "not understood again and again",
	"clarify":            "two requests are about equally likely; `options` has them",
	"unsure":             "the shopper doesn't know the answer",
	"stopped":            "the shopper called off what was under way",
	"nothing_to_stop":    "the shopper called off, but nothing is under way",
	"declined":           "the shopper said no to a summary",
	"nothing_to_confirm": "a yes or no to no question",
	"changed":            "the record changed between summary and yes; the summary follows anew",
	"unavailable":        "a back end didn't answer",
	"resumed":            "back to the flow that a digression interrupted",
	"repeat":             "the shopper wants to hear it again; it follows",
	"silence":            "a question is open, and the shopper has said nothing for `policies.silence.after_minutes`; it comes again, once",
	"desk_empty":         "nobody is at the desk any more, where the conversation was or waited",
	"negated":            "the shopper says what they don't want",
	"anything_else":      "all that was asked for is done",
}
