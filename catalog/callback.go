package catalog

import "time"

// Callback is a shopper's wish to be called or written back by a person.
type Callback struct {
	ID           string    `json:"id"`
	Conversation string    `json:"conversation"`
	Customer     string    `json:"customer,omitempty"`
	Contact      string    `json:"contact"` // as the shopper gave it
	Note         string    `json:"note,omitempty"`
	CreatedAt    time.Time `json:"created_at"`
	State        string    `json:"state"` // open, done, withdrawn

	DoneBy string     `json:"done_by,omitempty"` // the agent who did it
	DoneAt *time.Time `json:"done_at,omitempty"`

	Version int64 `json:"-"`
}
