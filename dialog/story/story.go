// Package story is conversations as readable tests: what is said, and what must come of it.
// A shop keeps them as tests/*.txtar; docs/stories.md shows how to write one.
//
//	Maya cancels an order she placed by mistake.
//
//	-- maya_cancels --
//	locale en
//	> Cancel W10234 please
//	expects identity
//	> Maya Okafor, 97214
//	expects reason
//	> ordered by mistake
//	expects confirm
//	fact order_state pending?
//	> yes
//	action cancel_order order/W10234
//	says cancelled
//	record order/W10234 status=cancelled
package story

import (
	"fmt"
	"io/fs"
	"path"
	"strings"

	"golang.org/x/tools/txtar"

	"github.com/floorwalker/floorwalker/catalog"
)

// Story is one conversation with what must come of it.
type Story struct {
	File   string
	Name   string
	Locale string
	Steps  []Step
}

// Step is one thing said and what must follow it. The first step of a story may say nothing:
// its wants are settings of the conversation.
type Step struct {
	Line  int
	Say   string   // what is written
	Burst []string // written right after it, before any answer
	Pick  string   // or the value of a choice taken
	Wants []Want
}

// Want is one thing that must hold of the events that answered a step.
type Want struct {
	Line int
	Verb string
	Args []string
	Text string // everything after the verb
}

// verbs are what a want may be, with how many words must follow.
var verbs = map[string]int{
	"says":     1, // the reply's text contains this, whatever its case
	"not":      1, // … doesn't contain this
	"expects":  1, // the slot that is asked for; `nothing` where none is
	"intent":   1, // the first intent understood
	"language": 1,
	"fact":     1, // kind, and optionally the value
	"card":     1, // a product's id among the cards
	"choice":   1, // a choice's value among those offered
	"action":   2, // name and record, in this order among the step's actions
	"noaction": 0,
	"owner":    1,
	"record":   2, // order/ID, then field=value of the stored record
}

// Read reads the stories of a folder: every *.txtar, each section a story.
func Read(fsys fs.FS, dir string) ([]Story, catalog.Faults) {
	files, err := fs.Glob(fsys, path.Join(dir, "*.txtar"))
	if err != nil {
		return nil, catalog.Faults{{File: dir, Message: err.Error()}}
	}
	var stories []Story
	var faults catalog.Faults
	for _, name := range files {
		data, err := fs.ReadFile(fsys, name)
		if err != nil {
			faults = append(faults, catalog.Fault{File: name, Message: err.Error()})
			continue
		}
		found, wrong := parse(name, data)
		stories, faults = append(stories, found...), append(faults, wrong...)
	}
	return stories, faults
}

func parse(file string, data []byte) ([]Story, catalog.Faults) {
	var stories []Story
	var faults catalog.Faults
	archive := txtar.Parse(data)
	line := 1 + strings.Count(string(archive.Comment), "\n")
	for _, section := range archive.Files {
		s := Story{File: file, Name: section.Name}
		for i, text := range strings.Split(strings.TrimRight(string(section.Data), "\n"), "\n") {
			if err := s.add(line+1+i, strings.TrimSpace(text)); err != nil {
				faults = append(faults, catalog.Fault{File: file, Line: line + 1 + i, Message: err.Error()})
			}
		}
		line += 1 + strings.Count(string(section.Data), "\n")
		stories = append(stories, s)
	}
	if len(stories) == 0 {
		faults = append(faults, catalog.Fault{File: file, Message: "no story; begin one with a line such as -- name --"})
	}
	return stories, faults
}

// add reads one line of a story.
func (s *Story) add(line int, text string) error {
	verb, rest, _ := strings.Cut(text, " ")
	rest = strings.TrimSpace(rest)
	switch verb {
	case "", "#":
		return nil
	case "locale":
		s.Locale = rest
		return nil
	case ">":
		s.Steps = append(s.Steps, Step{Line: line, Say: rest})
		return nil
	case "pick":
		s.Steps = append(s.Steps, Step{Line: line, Pick: rest})
		return nil
	}
	if len(s.Steps) == 0 {
		return fmt.Errorf("%q before anything was said; begin with a line such as > hello", verb)
	}
	step := &s.Steps[len(s.Steps)-1]
	if verb == "&" {
		step.Burst = append(step.Burst, rest)
		return nil
	}
	least, ok := verbs[verb]
	if !ok {
		return fmt.Errorf("unknown word %q; a line begins with >, &, pick, locale, # or one of says, not, expects, intent, language, fact, card, choice, action, noaction, owner, record", verb)
	}
	args := strings.Fields(rest)
	if len(args) < least {
		return fmt.Errorf("%s needs %d words after it", verb, least)
	}
	step.Wants = append(step.Wants, Want{Line: line, Verb: verb, Args: args, Text: rest})
	return nil
}
