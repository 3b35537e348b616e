package story

import (
	"context"
	"fmt"
	"strings"
	"time"

	"github.com/floorwalker/floorwalker/catalog"
	"github.com/floorwalker/floorwalker/catalog/store"
	"github.com/floorwalker/floorwalker/dialog"
	"github.com/floorwalker/floorwalker/dialog/journal"
)

// Stage is where one story is played: an engine that runs, and the shop's records.
type Stage struct {
	Engine *dialog.Engine
	DB     store.DB
	Shop   string
	Mail   *Mail
	Leave  func()        // everybody leaves the desk
	Wait   time.Duration // for the answer of one step
}

// Result is how a story went.
type Result struct {
	Story Story    `json:"-"`
	Name  string   `json:"name"`
	Pass  bool     `json:"pass"`
	Fault string   `json:"fault,omitempty"` // file:line: what differs
	Talk  []string `json:"talk,omitempty"`  // who said what, up to there
	Log   []string `json:"log,omitempty"`   // what the server warned of
}

// Play plays one story and says how it went.
func (s Stage) Play(ctx context.Context, story Story) Result {
	r := Result{Story: story, Name: story.Name}
	if err := s.play(ctx, story, &r); err != nil {
		r.Fault = err.Error()
		return r
	}
	r.Pass = true
	return r
}

func (s Stage) play(ctx context.Context, story Story, r *Result) error {
	o := dialog.Opening{Shop: s.Shop, Locale: story.Locale, Channel: "story"}
	if story.Customer != "" {
		o.Identity = catalog.Identity{Customer: story.Customer, Level: catalog.Verified}
	}
	w, err := s.Engine.Begin(ctx, o)
	if err != nil {
		return fmt.Errorf("%s: %w", story.File, err)
	}
	feed := s.Engine.Follow(s.Shop, w.Conversation, 0)
	defer feed.Close()
	guard, err := s.guard(ctx)
	if err != nil {
		return fmt.Errorf("%s: %w", story.File, err)
	}
	for i, step := range story.Steps {
		if step.Record != "" {
			if err := s.change(ctx, step); err != nil {
				return fmt.Errorf("%s:%d: %w", story.File, step.Line, err)
			}
			guard.changed = append(guard.changed, step.Record)
			r.Talk = append(r.Talk, fmt.Sprintf("  meanwhile %s %s=%s", step.Record, step.Field, step.Value))
			continue
		}
		got, err := s.step(ctx, w.Conversation, i, step, feed, r)
		if err != nil {
			return fmt.Errorf("%s:%d: after %q: %w", story.File, step.Line, step.Say+step.Pick, err)
		}
		got.conversation = w.Conversation
		if err := guard.step(ctx, step, got); err != nil {
			return fmt.Errorf("%s:%d: %w", story.File, step.Line, err)
		}
		for _, want := range step.Wants {
			if err := s.holds(ctx, want, got); err != nil {
				return fmt.Errorf("%s:%d: %s %s: %w", story.File, want.Line, want.Verb, want.Text, err)
			}
		}
	}
	if err := guard.end(ctx, w.Conversation); err != nil {
		return fmt.Errorf("%s: %w", story.File, err)
	}
	return nil
}

// got is what followed one step.
type got struct {
	conversation string
	reply        journal.Reply
	actions      []journal.Action
}

// step says what a step says and waits until all of it is answered.
func (s Stage) step(ctx context.Context, id string, n int, step Step, feed *dialog.Feed, r *Result) (got, error) {
	ctx, cancel := context.WithTimeout(ctx, s.Wait)
	defer cancel()
	if step.Leaves {
		r.Talk = append(r.Talk, "  meanwhile desk empty")
		s.Leave()
		return await(ctx, feed, unasked, r)
	}
	var last int64
	for i, text := range append([]string{step.Say}, step.Burst...) {
		text = s.Mail.fill(text)
		receipt, err := s.Engine.Say(ctx, dialog.Utterance{Shop: s.Shop, Conversation: id, Role: journal.RoleShopper,
			ID: fmt.Sprintf("s%d-%d", n, i), Text: text, Choice: step.Pick})
		if err != nil {
			return got{}, err
		}
		last = receipt.Offset
		r.Talk = append(r.Talk, "> "+text+step.Pick)
	}
	return await(ctx, feed, last, r)
}

// unasked is awaited for a reply to nothing that was said.
const unasked = 0

// await waits for the reply to everything up to last.
func await(ctx context.Context, feed *dialog.Feed, last int64, r *Result) (got, error) {
	var g got
	for {
		notice, err := feed.Next(ctx)
		if err != nil {
			return g, fmt.Errorf("no answer: %w", err)
		}
		if notice.Event == nil {
			continue
		}
		done, err := g.take(*notice.Event, last, r)
		if err != nil || done {
			return g, err
		}
	}
}

// take notes an event, and says whether it was the answer to everything up to last.
func (g *got) take(e journal.Event, last int64, r *Result) (done bool, err error) {
	switch e.Kind {
	case journal.KindAction:
		a, err := journal.Body[journal.Action](e)
		g.actions = append(g.actions, a)
		r.Talk = append(r.Talk, "  action "+a.Name+" "+a.Record)
		return false, err
	case journal.KindReply:
		if g.reply, err = journal.Body[journal.Reply](e); err != nil {
			return false, err
		}
		r.Talk = append(r.Talk, "< "+g.reply.Text)
		if more := beside(g.reply); more != "" {
			r.Talk = append(r.Talk, "  "+more)
		}
		if len(g.reply.InReplyTo) == 0 {
			return last == unasked, nil
		}
		for _, o := range g.reply.InReplyTo {
			if o == last {
				return true, nil
			}
		}
	}
	return false, nil
}

// beside says in one line what a reply has beside its text, "" where there is nothing.
func beside(r journal.Reply) string {
	var parts []string
	for _, i := range r.Intents {
		parts = append(parts, "intent "+i.Name)
	}
	if x := r.Expects; x != nil {
		parts = append(parts, "expects "+x.Slot)
	}
	for _, c := range r.Choices {
		parts = append(parts, fmt.Sprintf("[%s: %s]", c.Value, c.Label))
	}
	for _, c := range r.Cards {
		parts = append(parts, "card "+c.Product)
	}
	for _, f := range r.Facts {
		parts = append(parts, "· fact "+string(f.Kind)+" "+f.Value)
	}
	return strings.Join(parts, " ")
}
