package channeltest

import (
	"encoding/json"
	"fmt"
	"slices"
	"strings"
)

// Answer is what a shopper gets for what they said, as far as the channel carries it.
type Answer struct {
	Offset  int64 // of the last message that it answers
	Replies int   // as many as answer what was said: one
	Text    string
	Cards   []Card
	Choices []Choice
	Facts   []string // kind, value, unit and record, with a space between
	Actions []string // name and record; a call-back's id is *
	Expects string   // a slot, or nothing
	Intents []string
	Lang    string
}

// Card is a product as the shopper sees it.
type Card struct{ Title, Amount, Currency string }

// Choice is one that may be taken. Channels that show only labels have no values.
type Choice struct{ Label, Value string }

// event is an event of the journal as the protocol tells it to everyone.
type event struct {
	Type      string
	Offset    int64
	Kind      string
	Role      string
	ID        string
	Text      string
	Turn      string
	Name      string
	Record    string
	InReplyTo []int64 `json:"in_reply_to"`
	Facts     []struct{ Kind, Value, Unit, Record string }
	Cards     []struct {
		Title string
		Price struct{ Amount, Currency string }
	}
	Choices  []Choice
	Expects  *struct{ Slot string }
	Intents  []struct{ Intent string }
	Language string
	Code     string
	Message  string
}

// Journal keeps what a client has heard of one conversation, for channels that carry events. The zero
// value is ready to use.
type Journal struct {
	// Loose takes events in pieces and again, as requests bring them. Otherwise each must come once,
	// in order, from the first.
	Loose bool

	events   []event
	accepted map[string]int64
}

// Take takes up a frame: `accepted` and events are kept, an error is returned, all else is ignored.
func (j *Journal) Take(frame []byte) error {
	var e event
	if err := json.Unmarshal(frame, &e); err != nil {
		return fmt.Errorf("a frame %.80q: %w", frame, err)
	}
	switch e.Type {
	case "error":
		return fmt.Errorf("%s: %s", e.Code, e.Message)
	case "accepted":
		return j.Accept(e.ID, e.Offset)
	case "event":
		return j.add(e)
	}
	return nil
}

func (j *Journal) add(e event) error {
	known := slices.ContainsFunc(j.events, func(had event) bool { return had.Offset == e.Offset })
	if !j.Loose && (known || e.Offset != int64(len(j.events))+1) {
		return fmt.Errorf("the event at offset %d comes after %d others", e.Offset, len(j.events))
	}
	if !known {
		j.events = append(j.events, e)
	}
	if e.Kind == "utterance" && e.Role == "shopper" {
		return j.Accept(e.ID, e.Offset)
	}
	return nil
}

// Accept notes that a message is in the journal. The same message is always at the same offset.
func (j *Journal) Accept(id string, offset int64) error {
	if had, ok := j.accepted[id]; ok && had != offset {
		return fmt.Errorf("message %s is at offset %d and at %d", id, had, offset)
	}
	if j.accepted == nil {
		j.accepted = map[string]int64{}
	}
	j.accepted[id] = offset
	return nil
}

// Accepted is whether a message is known to be in the journal.
func (j *Journal) Accepted(id string) bool { return j.accepted[id] > 0 }

// Last is the offset of the last event.
func (j *Journal) Last() int64 {
	if len(j.events) == 0 {
		return 0
	}
	return j.events[len(j.events)-1].Offset
}

// Answer is what answers messages, or ok is false while one of them has no reply.
func (j *Journal) Answer(ids ...string) (a Answer, ok bool) {
	replies := map[int64]event{}
	for _, id := range ids {
		a.Offset = max(a.Offset, j.accepted[id])
		i := slices.IndexFunc(j.events, func(e event) bool {
			return e.Kind == "reply" && slices.Contains(e.InReplyTo, j.accepted[id])
		})
		if i < 0 {
			return Answer{}, false
		}
		replies[j.events[i].Offset] = j.events[i]
	}
	a.Replies = len(replies)
	for _, e := range j.events { // the last one counts
		if r, ok := replies[e.Offset]; ok {
			a.reply(r)
			a.Actions = j.actions(r.Turn)
		}
	}
	return a, true
}

func (a *Answer) reply(e event) {
	a.Text, a.Lang, a.Expects = e.Text, e.Language, "nothing"
	if e.Expects != nil {
		a.Expects = e.Expects.Slot
	}
	a.Facts, a.Cards, a.Intents = nil, nil, nil
	a.Choices = append([]Choice(nil), e.Choices...)
	for _, f := range e.Facts {
		a.Facts = append(a.Facts, strings.Join([]string{f.Kind, f.Value, f.Unit, f.Record}, " "))
	}
	for _, c := range e.Cards {
		a.Cards = append(a.Cards, Card{c.Title, c.Price.Amount, c.Price.Currency})
	}
	for _, i := range e.Intents {
		a.Intents = append(a.Intents, i.Intent)
	}
}

func (j *Journal) actions(turn string) (all []string) {
	for _, e := range j.events {
		if e.Kind == "action" && e.Turn == turn {
			table, id, _ := strings.Cut(e.Record, "/")
			if table == "callback" {
				id = "*"
			}
			all = append(all, e.Name+" "+table+"/"+id)
		}
	}
	return all
}
