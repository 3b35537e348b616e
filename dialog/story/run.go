package story

import (
	"context"
	"encoding/json"
	"fmt"
	"strings"
	"time"

	"github.com/floorwalker/floorwalker/catalog/store"
	"github.com/floorwalker/floorwalker/dialog"
	"github.com/floorwalker/floorwalker/dialog/journal"
)

// Stage is where stories are played: an engine that runs, and the shop's records.
type Stage struct {
	Engine *dialog.Engine
	DB     store.DB
	Shop   string
	Wait   time.Duration // for the answer of one step
}

// Result is how a story went.
type Result struct {
	Story   Story    `json:"-"`
	Name    string   `json:"name"`
	Pass    bool     `json:"pass"`
	Fault   string   `json:"fault,omitempty"` // file:line: what differs
	Talk    []string `json:"talk,omitempty"`  // who said what, up to there
	Replies []string `json:"-"`
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
	w, err := s.Engine.Begin(ctx, dialog.Opening{Shop: s.Shop, Locale: story.Locale, Channel: "story"})
	if err != nil {
		return fmt.Errorf("%s: %w", story.File, err)
	}
	feed := s.Engine.Follow(s.Shop, w.Conversation, 0)
	defer feed.Close()
	for i, step := range story.Steps {
		got, err := s.step(ctx, w.Conversation, i, step, feed, r)
		if err != nil {
			return fmt.Errorf("%s:%d: after %q: %w", story.File, step.Line, step.Say+step.Pick, err)
		}
		for _, want := range step.Wants {
			if err := s.holds(ctx, want, got); err != nil {
				return fmt.Errorf("%s:%d: %s %s: %w", story.File, want.Line, want.Verb, want.Text, err)
			}
		}
	}
	return nil
}

// got is what followed one step.
type got struct {
	reply   journal.Reply
	actions []journal.Action
	owner   journal.Owner
}

// step says what a step says and waits until all of it is answered.
func (s Stage) step(ctx context.Context, id string, n int, step Step, feed *dialog.Feed, r *Result) (got, error) {
	ctx, cancel := context.WithTimeout(ctx, s.Wait)
	defer cancel()
	var last int64
	for i, text := range append([]string{step.Say}, step.Burst...) {
		receipt, err := s.Engine.Say(ctx, dialog.Utterance{Shop: s.Shop, Conversation: id, Role: journal.RoleShopper,
			ID: fmt.Sprintf("s%d-%d", n, i), Text: text, Choice: step.Pick})
		if err != nil {
			return got{}, err
		}
		last = receipt.Offset
		r.Talk = append(r.Talk, "> "+text+step.Pick)
	}
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
		return false, err
	case journal.KindState:
		st, err := journal.Body[journal.State](e)
		g.owner = st.Owner
		return false, err
	case journal.KindReply:
		if g.reply, err = journal.Body[journal.Reply](e); err != nil {
			return false, err
		}
		r.Talk = append(r.Talk, "< "+g.reply.Text)
		for _, o := range g.reply.InReplyTo {
			if o == last {
				return true, nil
			}
		}
	}
	return false, nil
}

// holds checks one want.
func (s Stage) holds(ctx context.Context, w Want, g got) error {
	switch w.Verb {
	case "says":
		return contains(g.reply.Text, w.Text, true)
	case "not":
		return contains(g.reply.Text, w.Text, false)
	case "expects":
		slot := "nothing"
		if g.reply.Expects != nil {
			slot = g.reply.Expects.Slot
		}
		return same(slot, w.Args[0])
	case "intent":
		name := "none"
		if len(g.reply.Intents) > 0 {
			name = g.reply.Intents[0].Name
		}
		return same(name, w.Args[0])
	case "language":
		return same(g.reply.Language, w.Args[0])
	case "fact":
		return g.fact(w)
	case "card":
		return among(w.Args[0], len(g.reply.Cards), func(i int) string { return g.reply.Cards[i].Product })
	case "choice":
		return among(w.Text, len(g.reply.Choices), func(i int) string { return g.reply.Choices[i].Value })
	case "action":
		return among(w.Args[0]+" "+w.Args[1], len(g.actions), func(i int) string { return g.actions[i].Name + " " + g.actions[i].Record })
	case "noaction":
		if len(g.actions) > 0 {
			return fmt.Errorf("there was %s %s", g.actions[0].Name, g.actions[0].Record)
		}
		return nil
	case "owner":
		return same(string(g.owner), w.Args[0])
	case "record":
		return s.record(ctx, w)
	}
	return fmt.Errorf("unknown word %q", w.Verb)
}

func contains(text, part string, want bool) error {
	if strings.Contains(strings.ToLower(text), strings.ToLower(part)) != want {
		return fmt.Errorf("the reply was %q", text)
	}
	return nil
}

func same(got, want string) error {
	if got != want {
		return fmt.Errorf("it was %s", got)
	}
	return nil
}

func among(want string, n int, at func(int) string) error {
	var all []string
	for i := range n {
		if at(i) == want {
			return nil
		}
		all = append(all, at(i))
	}
	return fmt.Errorf("there were %q", all)
}

func (g got) fact(w Want) error {
	var all []string
	for _, f := range g.reply.Facts {
		if string(f.Kind) == w.Args[0] && (len(w.Args) == 1 || f.Value == strings.Join(w.Args[1:], " ")) {
			return nil
		}
		all = append(all, string(f.Kind)+" "+f.Value)
	}
	return fmt.Errorf("the facts were %q", all)
}

// record compares fields of a stored order or customer with what they must be.
func (s Stage) record(ctx context.Context, w Want) error {
	kind, id, _ := strings.Cut(w.Args[0], "/")
	var stored any
	err := s.DB.View(ctx, func(tx *store.Tx) (err error) {
		records := store.In(tx, s.Shop)
		switch kind {
		case "order":
			stored, err = records.Order(id)
		case "customer":
			stored, err = records.Customer(id)
		default:
			err = fmt.Errorf("unknown record %q; want order/ID or customer/ID", w.Args[0])
		}
		return err
	})
	if err != nil {
		return err
	}
	data, err := json.Marshal(stored)
	if err != nil {
		return err
	}
	var fields map[string]any
	if err := json.Unmarshal(data, &fields); err != nil {
		return err
	}
	field, value, _ := strings.Cut(strings.Join(w.Args[1:], " "), "=")
	return same(fmt.Sprint(fields[field]), value)
}
