package story

import (
	"context"
	"fmt"
	"strings"

	"github.com/floorwalker/floorwalker/dialog/journal"
)

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
	case "nofact":
		return none(w, len(g.reply.Facts), func(i int) string { return string(g.reply.Facts[i].Kind) })
	case "card":
		return among(w.Args[0], len(g.reply.Cards), func(i int) string { return g.reply.Cards[i].Product })
	case "nocard":
		return none(w, len(g.reply.Cards), func(i int) string { return g.reply.Cards[i].Product })
	case "choice":
		return among(w.Text, len(g.reply.Choices), func(i int) string { return g.reply.Choices[i].Value })
	case "action":
		if _, ok := g.action(w.Args[0], w.Args[1]); !ok {
			return fmt.Errorf("the actions were %q", g.did())
		}
		return nil
	case "noaction":
		return none(Want{}, len(g.actions), func(i int) string { return g.actions[i].Name + " " + g.actions[i].Record })
	case "owner":
		head, err := s.Engine.Journal.Head(ctx, s.Shop, g.conversation)
		if err != nil {
			return err
		}
		return same(string(head.Owner), w.Args[0])
	case "record":
		return s.record(ctx, w, g)
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

// none refuses what the want names, or, if it names nothing, anything.
func none(w Want, n int, at func(int) string) error {
	for i := range n {
		if len(w.Args) == 0 || at(i) == w.Args[0] {
			return fmt.Errorf("there was %s", at(i))
		}
	}
	return nil
}

// action is the first action of a name on a record; "callback/*" is any of that kind.
func (g got) action(name, record string) (journal.Action, bool) {
	for _, a := range g.actions {
		if (name == "" || a.Name == name) && (a.Record == record || isAny(record, a.Record)) {
			return a, true
		}
	}
	return journal.Action{}, false
}

func isAny(pattern, record string) bool {
	kind, ok := strings.CutSuffix(pattern, "*")
	return ok && strings.HasPrefix(record, kind)
}

func (g got) did() []string {
	var all []string
	for _, a := range g.actions {
		all = append(all, a.Name+" "+a.Record)
	}
	return all
}
