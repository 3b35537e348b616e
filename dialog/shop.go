package dialog

import (
	"context"
	"slices"
	"time"

	"golang.org/x/text/language"

	"github.com/floorwalker/floorwalker/catalog"
	"github.com/floorwalker/floorwalker/catalog/store"
	"github.com/floorwalker/floorwalker/dialog/flow"
	"github.com/floorwalker/floorwalker/dialog/journal"
	"github.com/floorwalker/floorwalker/dialog/reply"
	"github.com/floorwalker/floorwalker/dialog/skill"
	"github.com/floorwalker/floorwalker/nlu"
)

// Log is the journal that turns need: one that can act.
type Log interface {
	journal.Journal
	journal.Desk

	// Intend notes what another system is to be asked for, Act does an action once, and Acted
	// tells what a turn that was not ended has done: see journal.SQL.
	Intend(ctx context.Context, shop string, d journal.Doing, key journal.Key) (journal.Outcome, error)
	Act(ctx context.Context, shop string, d journal.Doing, key journal.Key, fn journal.Deed) (journal.Outcome, error)
	Acted(ctx context.Context, shop, id string) ([]journal.Outcome, error)
}

var _ Log = (*journal.SQL)(nil)

// Flows decide what a turn comes to: *flow.Set.
type Flows interface {
	Step(flow.State, flow.Input) (flow.State, flow.Output)
}

// Replies word it: *reply.Bank.
type Replies interface {
	// Compose words a turn's sayings and returns which variants were used: the next
	// reply.Context.Said.
	Compose(says []flow.Saying, c reply.Context) (reply.Worded, map[string][]int, error)
}

// Skills run what flows call. They are safe for concurrent use.
type Skills interface {
	// Run runs a skill that only reads: kinds look, resolve and check. An error that
	// wraps store.ErrUnavailable counts as a Result that is Down.
	Run(ctx context.Context, call flow.Call) (flow.Result, error)

	// Act runs a skill that changes something (kinds act and request) within tx. The
	// result comes back from JSON, without View. The action is nil where nothing was
	// done. It may be run again when the transaction is; after an error nothing of it
	// stays.
	Act(tx *store.Tx, call flow.Call) (flow.Result, *journal.Action, error)

	// Remote reports whether a skill that changes something does so in another system. Then
	// Reach has it done there, outside every transaction, and what it returns runs in place of
	// Act. That system knows by key what it has carried out before.
	Remote(skill string) bool
	Reach(ctx context.Context, call flow.Call, key string) (skill.Deed, error)
}

// Shop is one shop as loaded. It is immutable: a reload makes another and swaps it whole,
// and a turn works with the one it began with.
type Shop struct {
	Settings catalog.Settings
	Flows    Flows
	NLU      nlu.Understander
	Skills   Skills
	Replies  Replies
	Names    reply.Lexicon // names that replies may tell only as facts; nil: none
	Silence  time.Duration // after which an open question is asked once more; 0: never
}

// locale returns the shop's own locale that suits a wish best: the same tag, else the same
// language, else "".
func (s *Shop) locale(wish string) string {
	if slices.Contains(s.Settings.Locales, wish) {
		return wish
	}
	for _, l := range s.Settings.Locales {
		if base(l) == base(wish) {
			return l
		}
	}
	return ""
}

// first is the locale of those whose wish the shop can't meet.
func (s *Shop) first() string {
	if len(s.Settings.Locales) == 0 {
		return "en"
	}
	return s.Settings.Locales[0]
}

// base is the language of a locale: "zh" of "zh-CN".
func base(locale string) string {
	tag, err := language.Parse(locale)
	if err != nil {
		return ""
	}
	b, _ := tag.Base()
	return b.String()
}

// here is a time as the shop's clocks show it.
func (s *Shop) here(t time.Time) time.Time {
	zone, err := time.LoadLocation(s.Settings.TimeZone)
	if err != nil {
		return t.UTC() // the checker has refused such a zone before
	}
	return t.In(zone)
}

// reach is the most that a shopper can prove in a conversation of this shop.
func (s *Shop) reach() catalog.Level {
	said := func(proof string) bool { return proof != "token" } // a token comes from the site, nobody writes it
	switch p := s.Settings.Identity; {
	case slices.ContainsFunc(p.Verified, said):
		return catalog.Verified
	case slices.ContainsFunc(p.Claimed, said):
		return catalog.Claimed
	}
	return catalog.Anonymous
}

// origins are the origins whose pages may talk to the shop: channels.websocket.origins.
func (s *Shop) origins() []string {
	socket, _ := s.Settings.Channels["websocket"].(map[string]any)
	list, _ := socket["origins"].([]any)
	var origins []string
	for _, o := range list {
		if text, ok := o.(string); ok {
			origins = append(origins, text)
		}
	}
	return origins
}
