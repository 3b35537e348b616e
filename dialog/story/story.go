// Package story is conversations as readable tests: what is said, and what must come of it.
// A shop keeps them as tests/*.txtar; docs/shop-folder.md shows how to write one.
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
//	> yes
//	action cancel_order order/W10234
//	fact order_state cancelled
//	record order/W10234 status=cancelled
package story

import (
	"fmt"
	"io/fs"
	"maps"
	"path"
	"slices"
	"strings"
	"time"

	"golang.org/x/tools/txtar"

	"github.com/floorwalker/floorwalker/catalog"
)

// Story is one conversation with what must come of it.
type Story struct {
	File  string
	Name  string
	Steps []Step

	Locale   string
	At       time.Time // on the shop's clocks, when it begins; zero: now
	Customer string    // who is signed in on the site; empty: nobody
	Staffed  bool      // somebody is at the desk
	MailDown bool      // no mail can be sent
}

// Step is something that is said, and what must follow it; or something that happens.
type Step struct {
	Line  int
	Say   string   // what is written; {code} in it is the code that was mailed last
	Burst []string // written right after it, before any answer
	Pick  string   // or the value of a choice taken
	Wants []Want

	Leaves bool   // or everybody leaves the desk, and the bot speaks of its own accord
	Record string // or a record, KIND/ID, that somebody else changes meanwhile
	Field  string
	Value  string
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
	"nofact":   0, // no fact of this kind, or none at all
	"card":     1, // a product's id among the cards
	"nocard":   0, // not this product's, or none at all
	"choice":   1, // a choice's value among those offered
	"action":   2, // name and record among the step's actions; callback/* is any call-back
	"noaction": 0,
	"owner":    1, // who answers from now on: bot, queue or agent
	"record":   2, // order/ID, customer/ID or callback/*, then field=value of the stored record
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
	case ">":
		s.Steps = append(s.Steps, Step{Line: line, Say: rest})
		return nil
	case "pick":
		s.Steps = append(s.Steps, Step{Line: line, Pick: rest})
		return nil
	case "meanwhile":
		return s.addChange(line, rest)
	}
	if len(s.Steps) == 0 {
		return s.set(verb, rest)
	}
	step := &s.Steps[len(s.Steps)-1]
	if step.Record != "" {
		return fmt.Errorf("%q after meanwhile, which nobody answers; say something first", verb)
	}
	if verb == "&" {
		step.Burst = append(step.Burst, rest)
		return nil
	}
	least, ok := verbs[verb]
	if !ok {
		return fmt.Errorf("unknown word %q; a line begins with >, &, pick, meanwhile, # or one of %s", verb, strings.Join(slices.Sorted(maps.Keys(verbs)), ", "))
	}
	args := strings.Fields(rest)
	if len(args) < least {
		return fmt.Errorf("%s needs %d words after it", verb, least)
	}
	step.Wants = append(step.Wants, Want{Line: line, Verb: verb, Args: args, Text: rest})
	return nil
}

// atLayout is how a story writes when it begins.
const atLayout = "2006-01-02 15:04"

// set reads a line that stands before anything is said.
func (s *Story) set(verb, rest string) (err error) {
	switch verb + " " + rest {
	case "desk staffed":
		s.Staffed = true
		return nil
	case "mail down":
		s.MailDown = true
		return nil
	}
	switch verb {
	case "locale":
		s.Locale = rest
	case "customer":
		s.Customer = rest
	case "at":
		if s.At, err = time.Parse(atLayout, rest); err != nil {
			return fmt.Errorf("at %q: write the time as %s", rest, atLayout)
		}
	default:
		return fmt.Errorf("%q before anything is said; there may stand locale, at, customer, `desk staffed` and `mail down`, then a line such as > hello", verb)
	}
	return nil
}

// addChange reads "order/W1 status=shipped", or "desk empty".
func (s *Story) addChange(line int, rest string) error {
	if rest == "desk empty" {
		s.Steps = append(s.Steps, Step{Line: line, Leaves: true})
		return nil
	}
	record, change, _ := strings.Cut(rest, " ")
	field, value, ok := strings.Cut(change, "=")
	if kind, id, _ := strings.Cut(record, "/"); !ok || kind != "order" || id == "" || field == "" {
		return fmt.Errorf("meanwhile %q: write it as order/ID field=value, or as desk empty", rest)
	}
	s.Steps = append(s.Steps, Step{Line: line, Record: record, Field: field, Value: value})
	return nil
}

// Clock shows the time of the story from now on, on clocks of a zone.
func (s Story) Clock(zone *time.Location) func() time.Time {
	if s.At.IsZero() {
		return time.Now
	}
	at := s.At
	start := time.Date(at.Year(), at.Month(), at.Day(), at.Hour(), at.Minute(), 0, 0, zone)
	began := time.Now()
	return func() time.Time { return start.Add(time.Since(began)) }
}
