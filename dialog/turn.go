package dialog

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"log/slog"
	"runtime/debug"
	"strings"
	"time"

	"github.com/floorwalker/floorwalker/catalog"
	"github.com/floorwalker/floorwalker/dialog/flow"
	"github.com/floorwalker/floorwalker/dialog/journal"
	"github.com/floorwalker/floorwalker/nlu"
)

// errNewer ends a turn that newer text has superseded.
var errNewer = errors.New("newer text came before the turn had acted or shown a word")

// turn is one decision on everything that wasn't answered when it was taken.
type turn struct {
	engine  *Engine
	serving *serving
	shop    *Shop
	head    journal.Conversation
	memory  memory
	log     *slog.Logger
	stages  stages

	id    string
	said  []said
	asked int64 // offset of the reply that asked the open question
	seen  int64 // offset of the last event read
	acted bool  // it changed something, now or before a crash
	firm  bool  // it is decided as it is, whatever comes
	part  bool  // it leaves some of what was read to the next turn
	home  bool  // nobody asked for it: it takes the conversation back from people
	quiet bool  // nobody asked for it: a question got no answer

	understood *nlu.Understanding
	started    time.Time
	locale     string // the shop's, that the reply is worded in
	identity   catalog.Identity
}

// said is an utterance in the journal.
type said struct {
	journal.Utterance
	offset int64
	at     time.Time
}

// memory is the private state that a turn leaves to the next.
type memory struct {
	Flow    flow.State `json:"flow"`
	Expects []string   `json:"expects,omitempty"` // entity types and acts that would answer the open question
	Spoke   bool       `json:"spoke,omitempty"`   // more than a greeting was said in the conversation's language
}

func newTurn(s *serving, shop *Shop, head journal.Conversation) *turn {
	e := s.engine
	t := &turn{
		engine: e, serving: s, shop: shop, head: head, id: e.IDs.Turn(), stages: stages{metrics: e.metrics},
		seen: head.Answered, asked: head.Answered, identity: head.Identity,
		locale: or(shop.locale(head.Locale), shop.first()),
	}
	t.name(t.id)
	if len(head.State) > 0 {
		if err := json.Unmarshal(head.State, &t.memory); err != nil {
			t.log.Error("the conversation's state can't be read: it starts over", "error", err)
			t.memory = memory{}
		}
	}
	return t
}

// name gives the turn its id, which is also the trace id in the log.
func (t *turn) name(id string) {
	t.id = id
	t.log = t.engine.Logger.With("trace", id, "shop", t.head.Shop, "conversation", t.head.ID)
}

// read takes the utterances that aren't answered, as many as one turn takes.
func (t *turn) read(ctx context.Context) error {
	text := 0
	for {
		events, err := t.engine.Journal.Read(ctx, t.head.Shop, t.head.ID, t.seen, turnPage)
		if err != nil {
			return err
		}
		for _, e := range events {
			if len(t.said) == turnUtterances || text >= turnText {
				t.firm, t.part = true, true
				return nil
			}
			t.seen = e.Offset
			if err := t.note(e); err != nil {
				return err
			}
			if n := len(t.said); n > 0 && t.said[n-1].offset == e.Offset {
				text += len(t.said[n-1].Text)
			}
		}
		if len(events) < turnPage {
			return nil
		}
	}
}

// note takes from an event what a turn needs.
func (t *turn) note(e journal.Event) error {
	switch e.Kind {
	case journal.KindReply:
		t.asked = e.Offset
	case journal.KindUtterance:
		u, err := journal.Body[journal.Utterance](e)
		if err != nil {
			return err
		}
		if u.Role == journal.RoleShopper {
			t.said = append(t.said, said{u, e.Offset, e.At})
		}
	}
	return nil
}

// recover makes this the turn that acted before a crash, if there is one: same id, same
// utterances.
func (t *turn) recover(ctx context.Context) error {
	outcomes, err := t.engine.Journal.Acted(ctx, t.head.Shop, t.head.ID)
	if err != nil || len(outcomes) == 0 {
		return err
	}
	last := outcomes[len(outcomes)-1]
	t.acted = true
	t.name(last.Turn)
	for i, s := range t.said {
		if s.offset > last.Upto {
			t.said, t.part = t.said[:i], true
			break
		}
	}
	return nil
}

// upto is the highest offset that the turn takes.
func (t *turn) upto() int64 {
	if len(t.said) == 0 {
		return t.seen
	}
	return t.said[len(t.said)-1].offset
}

func (t *turn) offsets() []int64 {
	offsets := make([]int64, len(t.said))
	for i, s := range t.said {
		offsets[i] = s.offset
	}
	return offsets
}

// text is what was said, a line for each utterance; choices have none.
func (t *turn) text() string {
	var lines []string
	for _, s := range t.said {
		if s.Text != "" {
			lines = append(lines, s.Text)
		}
	}
	return strings.Join(lines, "\n")
}

// chosen reports whether one of the utterances is a choice.
func (t *turn) chosen() bool {
	for _, s := range t.said {
		if s.Choice != "" {
			return true
		}
	}
	return false
}

// overtaken reports whether the turn is to be decided anew with what came since.
func (t *turn) overtaken() bool {
	return !t.acted && !t.firm && t.serving.latest() > t.seen
}

// safely runs a part of the turn; a panic becomes its error.
func (t *turn) safely(ctx context.Context, do func(context.Context) error) (err error) {
	defer func() {
		if p := recover(); p != nil {
			err = fmt.Errorf("panic: %v\n%s", p, debug.Stack())
		}
	}()
	return do(ctx)
}

// done reports a turn that has ended.
func (t *turn) done(outcome string) {
	took := time.Since(t.started)
	t.engine.metrics.turns.WithLabelValues(outcome).Inc()
	t.engine.metrics.turn.Observe(took.Seconds())
	args := append([]any{"outcome", outcome, "utterances", len(t.said), "ms", float64(took.Microseconds()) / 1000}, t.stages.report()...)
	t.log.Info("turn", args...)
}
