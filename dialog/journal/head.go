package journal

import "time"

// fresh is a conversation as it is stored when it begins: of this epoch, with no events.
func fresh(c Conversation, epoch string) Conversation {
	c.Epoch = epoch
	c.CreatedAt = stored(c.CreatedAt)
	c.Last, c.Answered, c.Turns, c.State = 0, 0, 0, nil
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
		c.Owner = t.Owner
	}
	if t.Locale != "" {
		c.Locale = t.Locale
	}
}

// take gives events the next offsets of a conversation and moves its head past them. On an
// error the head is as before.
func (c *Conversation) take(events []Event, now time.Time) ([]Event, error) {
	said := make([]Event, len(events))
	for i, e := range events {
		body, err := encode(e)
		if err != nil {
			return nil, err
		}
		said[i] = Event{Offset: c.Last + int64(i) + 1, At: stored(now), Kind: e.Kind, Body: body}
	}
	c.Last += int64(len(events))
	if c.Owner != OwnerBot {
		c.Answered = c.Last
	}
	return said, nil
}

// stored is a time as the journal keeps it: in UTC, to the microsecond.
func stored(t time.Time) time.Time { return t.UTC().Truncate(time.Microsecond) }
