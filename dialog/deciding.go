package dialog

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"slices"
	"time"

	"github.com/floorwalker/floorwalker/catalog/store"
	"github.com/floorwalker/floorwalker/dialog/flow"
	"github.com/floorwalker/floorwalker/dialog/journal"
	"github.com/floorwalker/floorwalker/dialog/reply"
	"github.com/floorwalker/floorwalker/dialog/skill"
	"github.com/floorwalker/floorwalker/nlu"
)

// unavailable is the event whose repair flow apologises for a turn that went wrong.
const unavailable = "unavailable"

// calls of skills in one turn, at most: more is a flow that goes round.
const calls = 200

// answer is the turn: understand, decide and act, word, append.
func (t *turn) answer(ctx context.Context) error {
	t.started = time.Now()
	if t.overtaken() {
		return errNewer // while it waited for a slot
	}
	t.engine.live.tell(t.serving.place, fleeting{Notice: Notice{Typing: "bot"}, upto: t.upto()})
	u, err := t.understand(ctx)
	if err != nil {
		return err
	}
	t.speak(u)
	last := t.said[len(t.said)-1]
	return t.come(ctx, flow.Input{Said: &flow.Said{Understanding: u, Choice: last.Choice, Offsets: t.offsets()}})
}

// apologise answers a turn that went wrong.
func (t *turn) apologise(ctx context.Context) error {
	t.firm, t.identity = true, t.head.Identity
	return t.come(ctx, flow.Input{Event: unavailable})
}

// understand reads what was said. A choice alone has nothing to be read.
func (t *turn) understand(ctx context.Context) (nlu.Understanding, error) {
	if t.understood != nil {
		return *t.understood, nil
	}
	text := t.text()
	if text == "" {
		return nlu.Understanding{Requests: []nlu.Request{}, Entities: []nlu.Entity{}, Ranking: []nlu.Intent{}}, nil
	}
	defer t.stages.clock("understand")()
	u, err := t.shop.NLU.Understand(ctx, text, nlu.Context{Locale: t.locale, Expects: t.memory.Expects, Now: t.shop.here(t.engine.Clock())})
	if err != nil {
		return nlu.Understanding{}, fmt.Errorf("understanding: %w", err)
	}
	t.understood = &u
	t.log.Debug("understood", "language", u.Language, "requests", u.Requests, "entities", entityTypes(u),
		"out_of_scope", u.OutOfScope, "score", u.Score)
	return u, nil
}

// entityTypes are what the log may have of entities: their values are the shopper's.
func entityTypes(u nlu.Understanding) []string {
	types := make([]string, len(u.Entities))
	for i, e := range u.Entities {
		types[i] = e.Type
	}
	return types
}

// fills reports whether what was said so far answers the open question.
func (t *turn) fills(ctx context.Context) bool {
	if len(t.memory.Expects) == 0 {
		return false
	}
	free, err := t.engine.slot(ctx)
	if err != nil {
		return false
	}
	defer free()
	answers := false
	err = t.safely(ctx, func(ctx context.Context) error {
		u, err := t.understand(ctx)
		answers = slices.ContainsFunc(u.Entities, func(e nlu.Entity) bool { return slices.Contains(t.memory.Expects, e.Type) }) ||
			slices.ContainsFunc(u.Requests, func(r nlu.Request) bool { return slices.Contains(t.memory.Expects, string(r.Act)) })
		return err
	})
	return err == nil && answers // an error comes again, and is told, when the turn is run
}

// speak answers in the language that the shopper writes, if the shop speaks it. A greeting or
// thanks in another one ("hello?", in a talk in Chinese) is no change of language.
func (t *turn) speak(u nlu.Understanding) {
	polite := len(u.Requests) > 0 && !slices.ContainsFunc(u.Requests, func(r nlu.Request) bool { return !r.Act.Beside() })
	if u.Language == "" || polite && t.memory.Spoke {
		return
	}
	t.memory.Spoke = t.memory.Spoke || !polite
	if u.Language == base(t.locale) {
		return
	}
	if l := t.shop.locale(u.Language); l != "" {
		t.locale, t.head.Locale = l, l
	}
}

// come decides what the turn comes to, words it and appends it.
func (t *turn) come(ctx context.Context, in flow.Input) error {
	now := t.shop.here(t.engine.Clock())
	in.Asked, in.Identity, in.Level = t.asked, t.head.Identity, t.shop.reach()
	in.Locale, in.Now = t.locale, now
	state, out, err := t.decide(ctx, in)
	if err != nil {
		return err
	}
	worded, err := t.word(&state, out, now)
	if err != nil {
		return err
	}
	if t.overtaken() {
		return errNewer
	}
	if worded.Text != "" {
		delta := &Delta{Turn: t.id, Text: worded.Text}
		t.engine.live.tell(t.serving.place, fleeting{Notice: Notice{Delta: delta}, upto: t.upto()})
	}
	if err := t.append(ctx, state, out, worded); err != nil {
		return err
	}
	t.engine.Decided(out)
	return nil
}

// decide steps through the flows, with the results of one skill more each time, until
// they want no more.
func (t *turn) decide(ctx context.Context, in flow.Input) (flow.State, flow.Output, error) {
	for range calls {
		end := t.stages.clock("step")
		state, out := t.shop.Flows.Step(t.memory.Flow, in)
		end()
		if out.Want == nil {
			t.log.Debug("decided", "says", replyNames(out.Says), "owner", out.Owner, "depth", len(state.Stack), "queued", len(state.Queue))
			return state, out, nil
		}
		want := *out.Want
		want.Conversation, want.Locale, want.Now = t.head.ID, in.Locale, in.Now
		result, err := t.call(ctx, want)
		if err != nil {
			return flow.State{}, flow.Output{}, fmt.Errorf("skill %s: %w", want.Skill, err)
		}
		t.log.Debug("called", "skill", want.Skill, "kind", want.Kind, "found", result.View != nil,
			"values", len(result.Values), "refused", result.Refused, "changed", result.Changed, "down", result.Down)
		in.Results = append(in.Results, result)
	}
	return flow.State{}, flow.Output{}, fmt.Errorf("the flows wanted more than %d skills in one turn", calls)
}

func replyNames(says []flow.Saying) []string {
	names := make([]string, len(says))
	for i, s := range says {
		names[i] = s.Reply
	}
	return names
}

// call runs one skill.
func (t *turn) call(ctx context.Context, call flow.Call) (flow.Result, error) {
	if call.Kind == flow.Act || call.Kind == flow.Request {
		return t.act(ctx, call)
	}
	defer t.stages.clock("skill")()
	result, err := t.shop.Skills.Run(ctx, call)
	if errors.Is(err, store.ErrUnavailable) {
		t.log.Warn("a back end didn't answer", "skill", call.Skill, "error", err)
		return flow.Result{Down: true}, nil
	}
	if err != nil {
		return flow.Result{}, err
	}
	t.identify(&result)
	return result, nil
}

// identify takes over who it turned out to be. Another customer than the one who is verified
// looks as if nobody had been found.
func (t *turn) identify(r *flow.Result) {
	if r.Identity == nil {
		return
	}
	who := merged(t.identity, *r.Identity)
	if who.Customer != r.Identity.Customer {
		r.Identity, r.Values, r.View = nil, nil, nil
		return
	}
	t.identity, r.Identity = who, &who
}

// act runs a skill that changes the shop, once: whoever runs the turn again gets the
// outcome that is kept.
func (t *turn) act(ctx context.Context, call flow.Call) (flow.Result, error) {
	if t.overtaken() {
		return flow.Result{}, errNewer
	}
	defer t.stages.clock("act")()
	if call.Offset == 0 {
		call.Offset = t.upto() // nobody confirmed it: a request is the turn's own
	}
	key := journal.Key{Conversation: t.head.ID, Epoch: t.head.Epoch, Offset: call.Offset, Ordinal: call.Ordinal}
	doing := journal.Doing{Turn: t.id, Expect: t.head.Turns, Upto: t.upto()}
	do := func(tx *store.Tx) (flow.Result, *journal.Action, error) { return t.shop.Skills.Act(tx, call) }
	if t.shop.Skills.Remote(call.Skill) {
		var err error
		if do, err = t.reach(ctx, doing, key, call); err != nil {
			return flow.Result{}, err
		}
	}
	outcome, err := t.engine.Journal.Act(ctx, t.head.Shop, doing, key, func(tx *store.Tx) (json.RawMessage, *journal.Action, error) {
		result, action, err := do(tx)
		if err != nil {
			return nil, nil, err
		}
		result.View = nil // a look reads it again
		kept, err := json.Marshal(result)
		return kept, action, err
	})
	if err != nil {
		return flow.Result{}, err // even if the store is down: then no reply could be kept either
	}
	t.acted = true
	var result flow.Result
	if err := json.Unmarshal(outcome.Result, &result); err != nil {
		return flow.Result{}, fmt.Errorf("reading the outcome of %s: %w", outcome.Key, err)
	}
	t.identify(&result)
	return result, nil
}

// reach has another system act. That it is to be asked is kept before, so that a rerun asks it for
// the same, and for nothing that newer text would have changed. What has an outcome already isn't
// asked for again.
func (t *turn) reach(ctx context.Context, d journal.Doing, key journal.Key, call flow.Call) (skill.Deed, error) {
	outcome, err := t.engine.Journal.Intend(ctx, t.head.Shop, d, key)
	if err != nil {
		return nil, err
	}
	t.acted = true
	if !outcome.Pending() {
		return nil, nil
	}
	return t.shop.Skills.Reach(ctx, call, key.String())
}

// word makes the reply's words, and notes in the state which were used.
func (t *turn) word(state *flow.State, out flow.Output, now time.Time) (reply.Worded, error) {
	defer t.stages.clock("compose")()
	worded, used, err := t.shop.Replies.Compose(out.Says, reply.Context{
		Locale: t.locale, Said: state.Said, Heard: t.text(), Intents: wanted(out), Now: now, Policy: t.shop.Settings.Version, Names: t.shop.Names,
	})
	if err != nil {
		return worded, fmt.Errorf("wording %v: %w", replyNames(out.Says), err)
	}
	for _, why := range worded.Blocked {
		t.engine.metrics.blocked.Inc()
		t.log.Warn("a wording was blocked", "why", why)
	}
	if worded.Text == "" && len(worded.Cards) == 0 {
		return worded, fmt.Errorf("the flows came to nothing to say")
	}
	state.Said = used
	return worded, nil
}

// wanted are the names of the intents that a turn was about.
func wanted(out flow.Output) []string {
	var names []string
	for _, i := range out.Intents {
		names = append(names, i.Name)
	}
	return names
}

// append ends the turn: its reply and the new state are in the journal, or neither.
func (t *turn) append(ctx context.Context, state flow.State, out flow.Output, w reply.Worded) error {
	defer t.stages.clock("append")()
	owned, err := t.owned(ctx, out)
	if err != nil {
		return err
	}
	events, err := t.events(out, w, owned)
	if err != nil {
		return err
	}
	kept := memory{Flow: state, Spoke: t.memory.Spoke}
	if out.Expects != nil {
		kept.Expects = out.Expects.Entities
	}
	private, err := json.Marshal(kept)
	if err != nil {
		return fmt.Errorf("keeping the state: %w", err)
	}
	_, err = t.engine.Journal.EndTurn(ctx, t.head.Shop, t.head.ID, journal.Turn{
		Expect: t.head.Turns, Answered: t.upto(), Events: events, State: private,
		Identity: t.identity, Owner: owned.Owner, Position: owned.Position, Locale: t.head.Locale,
	})
	if err == nil {
		t.heed(state)
	}
	if err == nil && owned.Owner != "" {
		t.engine.metrics.owners.WithLabelValues(string(owned.Owner)).Inc()
		t.engine.tendSoon()
	}
	return err
}

// owned is who has the conversation once the turn has ended; no owner: who had it before.
func (t *turn) owned(ctx context.Context, out flow.Output) (journal.State, error) {
	if t.home {
		return journal.State{Owner: journal.OwnerBot, Reason: reasonDeskEmpty}, nil
	}
	s := journal.State{Owner: journal.Owner(out.Owner), Reason: out.Reason}
	var err error
	switch s.Owner {
	case t.head.Owner:
		return journal.State{}, nil
	case journal.OwnerQueue:
		s.Position, err = t.engine.position(ctx, t.head)
	}
	return s, err
}

// events are the reply and, where the owner changes, the state: told before the reply of a bot
// that has the conversation again, else after it.
func (t *turn) events(out flow.Output, w reply.Worded, s journal.State) ([]journal.Event, error) {
	r := journal.Reply{
		Turn: t.id, InReplyTo: t.offsets(), Text: w.Text,
		Facts: list(w.Facts), Cards: list(w.Cards), Choices: list(w.Choices),
		Intents: []journal.Intent{}, Language: base(t.locale),
	}
	for _, i := range out.Intents {
		r.Intents = append(r.Intents, journal.Intent{Name: i.Name, P: i.P})
	}
	x := out.Expects
	if x == nil && len(r.Choices) > 0 { // offers of a reply's own, to a question that no flow asked
		x = &flow.Expects{Slot: flow.SlotAnythingElse, Accepts: []string{"text"}}
	}
	if x != nil {
		r.Expects = &journal.Expects{Slot: x.Slot, Accepts: list(x.Accepts), Flow: x.Flow, Item: x.Item, ItemIndex: x.ItemIndex}
	}
	answered, err := journal.NewEvent(journal.KindReply, r)
	if err != nil || s.Owner == "" {
		return []journal.Event{answered}, err
	}
	owned, err := journal.NewEvent(journal.KindState, s)
	if s.Owner == journal.OwnerBot {
		return []journal.Event{owned, answered}, err
	}
	return []journal.Event{answered, owned}, err
}

// list is l, never nil.
func list[T any](l []T) []T {
	if l == nil {
		return []T{}
	}
	return l
}
