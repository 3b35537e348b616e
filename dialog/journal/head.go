package journal

import (
	"time"

	"github.com/floorwalker/floorwalker/catalog"
)

// fresh is a conversation as it is stored when it begins: of this epoch, with no events.
func fresh(c Conversation, epoch string) Conversation {
	c.Epoch = epoch
	c.CreatedAt = stored(c.CreatedAt)
	c.Last, c.Answered, c.Turns, c.State, c.Closed = 0, 0, 0, nil, false
	c.Handed, c.Position, c.Stated = time.Time{}, 0, 0
	if c.Owner == "" {
		c.Owner = OwnerBot
	}
	return c
}

// change applies a turn to a head, all but its events.
func (t Turn) change(c *Conversation) {
	c.Turns++
	c.Identity = t.Identity
	c.Answered = max(c.Answered, t.Answered)
	if t.State != nil {
		c.State = t.State
	}
	if t.Owner != "" {
		c.Owner, c.Agent, c.Position = t.Owner, t.Agent, t.Position
	}
	if t.Locale != "" {
		c.Locale = t.Locale
	}
}

// take gives events the next offsets of a conversation and moves its head past them. On an
// error the head is as before.
func (c *Conversation) take(events []Event, now time.Time) ([]Event, error) {
	said, closed, stated := make([]Event, len(events)), c.Closed, c.Stated
	for i, e := range events {
		if err := c.mayWrite(e); err != nil {
			return nil, err
		}
		body, err := encode(e)
		if err != nil {
			return nil, err
		}
		said[i] = Event{Offset: c.Last + int64(i) + 1, At: stored(now), Kind: e.Kind, Body: body}
		closed = e.Kind == KindClosed || closed && e.Kind != KindUtterance
		if e.Kind == KindState {
			stated = said[i].Offset
		}
	}
	c.Closed, c.Stated = closed, stated
	c.Last += int64(len(events))
	switch {
	case c.Owner == OwnerBot:
		c.Handed = time.Time{}
	case c.Handed.IsZero():
		c.Handed = stored(now)
	}
	if c.Owner != OwnerBot {
		c.Answered = c.Last
	}
	return said, nil
}

// writes reports whether the writer of a message that would begin c writes in h.
func (h Conversation) writes(c Conversation) bool {
	known := h.Identity.Level == catalog.Verified
	same := h.Identity.Customer == c.Identity.Customer
	switch {
	case h.Shop != c.Shop || h.Channel != c.Channel:
		return false
	case c.Sender != "":
		return h.Sender == c.Sender && (!known || same || c.Identity.Customer == "")
	}
	return c.Identity.Customer != "" && known && same
}

// stored is a time as the journal keeps it: in UTC, to the microsecond.
func stored(t time.Time) time.Time { return t.UTC().Truncate(time.Microsecond) }
