package channels

import "github.com/floorwalker/floorwalker/dialog"

// Frames that a shopper gets on any channel. They are of their one conversation; only agents'
// frames name it.

// WelcomeFrame says where a conversation stands.
type WelcomeFrame struct {
	Type         string `json:"type"`
	Conversation string `json:"conversation"`
	Secret       string `json:"secret,omitempty"`
	Epoch        string `json:"epoch"`
	Offset       int64  `json:"offset"`
	Shop         string `json:"shop"`
	Locale       string `json:"locale"`
	Owner        string `json:"owner"`
	Reset        bool   `json:"reset,omitempty"`
}

// Welcome is the frame of a welcome to a conversation of a shop.
func Welcome(shop string, w dialog.Welcome, reset bool) WelcomeFrame {
	return WelcomeFrame{Type: "welcome", Conversation: w.Conversation, Secret: w.Secret, Epoch: w.Epoch,
		Offset: w.Offset, Shop: shop, Locale: w.Locale, Owner: string(w.Owner), Reset: reset}
}

// AcceptedFrame says that something is in the journal.
type AcceptedFrame struct {
	Type         string `json:"type"`
	ID           string `json:"id"`
	Conversation string `json:"conversation,omitempty"`
	Offset       int64  `json:"offset"`
}

// TypingFrame says that somebody writes.
type TypingFrame struct {
	Type         string `json:"type"`
	Conversation string `json:"conversation,omitempty"`
	Role         string `json:"role"`
}

// DeltaFrame is wording so far; it is not in the journal.
type DeltaFrame struct {
	Type         string `json:"type"`
	Conversation string `json:"conversation,omitempty"`
	Turn         string `json:"turn"`
	Seq          int    `json:"seq"`
	Text         string `json:"text"`
}

// Place is where a client is in a conversation.
type Place struct {
	Epoch  string `json:"epoch"`
	Offset int64  `json:"offset"`
}

// ResumeAt says after which offset a client that was at a place gets events, and whether its place
// is gone: then it gets them from the oldest.
func ResumeAt(p Place, w dialog.Welcome) (after int64, reset bool) {
	if p.Epoch != w.Epoch || p.Offset > w.Offset || p.Offset < 0 {
		return 0, true
	}
	return p.Offset, false
}
