// Package channeltest is the suite that every channel passes: the same twelve conversations, six in each
// language, must come to the same through each of them. The conversations are data; a channel brings a
// [Channel] that talks as its clients do, and says what it can't carry.
package channeltest

import (
	_ "embed"
	"fmt"
	"strings"

	"golang.org/x/tools/txtar"
)

//go:embed conversations.txtar
var conversations []byte

// Conversation is what a shopper says, and what must come of it.
type Conversation struct {
	Name   string
	Locale string
	Steps  []Step
	// Restore are the records that it changes, as table and id: they are put back before it begins.
	Restore [][2]string
}

// Step is one thing that is said, and what its answer must have.
type Step struct {
	Say   []string // one message or a burst
	Pick  string   // or the value of a choice taken
	Again bool     // or the message before, once more
	Lost  bool     // the connection is lost before the answer, and comes back
	Wants []Want
}

// Want is one thing that an answer must have.
type Want struct{ Verb, Text string }

// wants are what a want may be.
var wants = map[string]bool{"says": true, "fact": true, "card": true, "choice": true, "expects": true, "action": true}

// Conversations are the twelve.
func Conversations() ([]Conversation, error) { return read(conversations) }

func read(data []byte) (all []Conversation, err error) {
	for _, section := range txtar.Parse(data).Files {
		c := Conversation{Name: strings.ReplaceAll(section.Name, " ", "_")}
		c.Locale, _, _ = strings.Cut(section.Name, " ")
		for i, line := range strings.Split(strings.TrimSpace(string(section.Data)), "\n") {
			if err := c.add(strings.TrimSpace(line)); err != nil {
				return nil, fmt.Errorf("conversation %q, line %d: %w", section.Name, i+1, err)
			}
		}
		all = append(all, c)
	}
	return all, nil
}

// add takes up one line.
func (c *Conversation) add(line string) error {
	word, text, _ := strings.Cut(line, " ")
	switch word {
	case ">":
		c.Steps = append(c.Steps, Step{Say: []string{text}})
		return nil
	case "pick":
		c.Steps = append(c.Steps, Step{Pick: text})
		return nil
	case "again":
		c.Steps = append(c.Steps, Step{Again: true})
		return nil
	case "restore":
		table, id, ok := strings.Cut(text, " ")
		if !ok {
			return fmt.Errorf("%q: want restore TABLE ID", line)
		}
		c.Restore = append(c.Restore, [2]string{table, id})
		return nil
	}
	if len(c.Steps) == 0 {
		return fmt.Errorf("%q: nothing was said yet", line)
	}
	last := &c.Steps[len(c.Steps)-1]
	switch {
	case word == "&" && len(last.Say) > 0:
		last.Say = append(last.Say, text)
	case word == "lost":
		last.Lost = true
	case wants[word]:
		last.Wants = append(last.Wants, Want{word, text})
	default:
		return fmt.Errorf("unknown word %q", word)
	}
	return nil
}
