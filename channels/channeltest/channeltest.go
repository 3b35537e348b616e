package channeltest

import (
	"fmt"
	"reflect"
	"slices"
	"strings"
	"sync"
	"testing"
)

// Message is something that a shopper says. For a choice taken it has its value, and the label as text.
type Message struct{ ID, Text, Choice string }

// Talk is one conversation through a channel.
type Talk interface {
	// Say sends messages in order, without waiting for an answer in between.
	Say(...Message) error
	// Answer waits for what answers the messages of the last Say.
	Answer() (Answer, error)
	// Lose loses the connection, if the channel holds one, and forgets nothing that a client keeps.
	Lose() error
	// Return comes back and goes on.
	Return() error
	Close() error
}

// Part is something that a channel carries, or doesn't.
type Part string

// What channels may lack.
const (
	Offsets Part = "offsets"
	Facts   Part = "facts"
	Values  Part = "values of choices" // then they have labels only
	Actions Part = "actions"
	Expects Part = "expects"
	Intents Part = "intents" // and the language
	Bursts  Part = "bursts"  // then each message is answered before the next
	IDs     Part = "ids"     // then a message sent twice is two
	Resume  Part = "resume"  // then a conversation ends with its connection
)

// Channel is one way to talk to the shop.
type Channel struct {
	Name  string
	Lacks []Part
	Begin func(testing.TB, Conversation) (Talk, error)
}

func (c Channel) lacks(p Part) bool { return slices.Contains(c.Lacks, p) }

// Suite is the twelve conversations through channels of one server.
type Suite struct {
	Channels []Channel // the first lacks nothing: others must come to the same
	// Restore puts a record of the shop back to how it was at first.
	Restore func(table, id string) error
}

// Run has every conversation through every channel. A conversation goes through one channel after the
// other, so that the records it changes are its own; all conversations go on at once.
func (s Suite) Run(t *testing.T) {
	all, err := Conversations()
	if err != nil {
		t.Fatal(err)
	}
	if first := s.Channels[0]; len(first.Lacks) > 0 {
		t.Fatalf("%s is what others are compared with and lacks %q", first.Name, first.Lacks)
	}
	var talks sync.WaitGroup
	for _, c := range all {
		talks.Go(func() {
			t.Run(c.Name, func(t *testing.T) { s.through(t, c) })
		})
	}
	talks.Wait()
}

func (s Suite) through(t *testing.T, c Conversation) {
	var first []Answer
	for i, ch := range s.Channels {
		for _, r := range c.Restore {
			if err := s.Restore(r[0], r[1]); err != nil {
				t.Fatalf("%s %s can't be restored: %v", r[0], r[1], err)
			}
		}
		t.Run(ch.Name, func(t *testing.T) {
			got, err := ch.converse(t, c, first)
			if err != nil {
				t.Fatal(err)
			}
			if i == 0 {
				first = got
				wanted(t, c, got)
			} else if len(first) == len(c.Steps) { // otherwise there is nothing to compare with
				same(t, c, ch, got, first)
			}
		})
	}
}

// converse says what is to be said. It ends early, with the answer to that, at what the channel lacks.
// The labels of choices are in the first channel's answers, or in these.
func (ch Channel) converse(t testing.TB, c Conversation, first []Answer) (all []Answer, err error) {
	talk, err := ch.Begin(t, c)
	if err != nil {
		return nil, err
	}
	defer func() {
		if failed := talk.Close(); err == nil {
			err = failed
		}
	}()
	var last []Message
	for i, step := range c.Steps {
		if !step.Again {
			last = step.messages(i, first, all)
		}
		a, err := step.take(talk, last)
		if err != nil {
			return all, fmt.Errorf("step %d, %q%s: %w", i+1, step.Say, step.Pick, err)
		}
		if all = append(all, a); ch.ends(step) {
			break
		}
	}
	return all, nil
}

// messages are what the step at n says after answers.
func (s Step) messages(n int, before ...[]Answer) (all []Message) {
	if s.Pick != "" {
		return []Message{{ID: fmt.Sprintf("m%d", n), Choice: s.Pick, Text: label(s.Pick, n-1, before)}}
	}
	for i, text := range s.Say {
		all = append(all, Message{ID: fmt.Sprintf("m%d-%d", n, i), Text: text})
	}
	return all
}

// label is that of a choice in the first answers that have it at a step.
func label(value string, step int, answers [][]Answer) string {
	for _, a := range answers {
		if step >= len(a) {
			continue
		}
		for _, c := range a[step].Choices {
			if c.Value == value {
				return c.Label
			}
		}
	}
	return ""
}

func (s Step) take(talk Talk, messages []Message) (Answer, error) {
	if err := talk.Say(messages...); err != nil {
		return Answer{}, err
	}
	if s.Lost {
		if err := talk.Lose(); err != nil {
			return Answer{}, err
		}
		if err := talk.Return(); err != nil {
			return Answer{}, err
		}
	}
	return talk.Answer()
}

// ends is whether a step needs something that the channel lacks.
func (ch Channel) ends(s Step) bool {
	return len(s.Say) > 1 && ch.lacks(Bursts) || s.Again && ch.lacks(IDs) || s.Lost && ch.lacks(Resume)
}

// wanted checks that answers have what the conversation says.
func wanted(t *testing.T, c Conversation, got []Answer) {
	for i, step := range c.Steps {
		for _, w := range step.Wants {
			if !got[i].has(w) {
				t.Errorf("step %d, %q%s: want %s %s; got %+v", i+1, step.Say, step.Pick, w.Verb, w.Text, got[i])
			}
		}
		if got[i].Replies != 1 {
			t.Errorf("step %d, %q: %d replies", i+1, step.Say, got[i].Replies)
		}
		if i > 0 && step.Again && !reflect.DeepEqual(got[i], got[i-1]) {
			t.Errorf("step %d: a message sent twice is answered by %+v and then by %+v", i+1, got[i-1], got[i])
		}
	}
}

func (a Answer) has(w Want) bool {
	switch w.Verb {
	case "says":
		return strings.Contains(a.Text, w.Text)
	case "expects":
		return a.Expects == w.Text
	case "fact":
		return slices.ContainsFunc(a.Facts, func(f string) bool { return strings.HasPrefix(f, w.Text+" ") })
	case "card":
		return slices.ContainsFunc(a.Cards, func(c Card) bool { return c.Title == w.Text })
	case "choice":
		return slices.ContainsFunc(a.Choices, func(c Choice) bool { return c.Value == w.Text })
	}
	return slices.Contains(a.Actions, w.Text) // action
}

// same checks that a channel's answers are those of the first, less what it lacks.
func same(t *testing.T, c Conversation, ch Channel, got, first []Answer) {
	for i, a := range got {
		step, want := c.Steps[i], ch.less(first[i])
		switch ended := ch.ends(step); {
		case ended && step.Again && reflect.DeepEqual(a, got[i-1]),
			ended && step.Lost && a.Replies != 0,
			ended && len(step.Say) > 1 && a.Replies != len(step.Say):
			t.Errorf("step %d, %q: %s does what it is said to lack: %+v", i+1, step.Say, ch.Name, a)
		case !ended && !reflect.DeepEqual(a, want):
			t.Errorf("step %d, %q%s: %s says\n%+v\nand not\n%+v", i+1, step.Say, step.Pick, ch.Name, a, want)
		}
	}
	if len(got) < len(c.Steps) && !ch.ends(c.Steps[max(0, len(got)-1)]) {
		t.Errorf("%s ends after %d steps of %d", ch.Name, len(got), len(c.Steps))
	}
}

// less is an answer without what the channel lacks.
func (ch Channel) less(a Answer) Answer {
	for _, p := range ch.Lacks {
		switch p {
		case Offsets:
			a.Offset = 0
		case Facts:
			a.Facts = nil
		case Values:
			a.Choices = slices.Clone(a.Choices)
			for i := range a.Choices {
				a.Choices[i].Value = ""
			}
		case Actions:
			a.Actions = nil
		case Expects:
			a.Expects = ""
		case Intents:
			a.Intents, a.Lang = nil, ""
		}
	}
	return a
}
