package dialog

import (
	"context"
	"crypto/sha256"
	"unicode"
	"unicode/utf8"

	"github.com/floorwalker/floorwalker/catalog"
	"github.com/floorwalker/floorwalker/dialog/journal"
)

// Reach is for channels that are trusted to say who writes. It comes to the conversation that
// a message is for: the one named or, where conversation is empty, the open one of the writer
// (Opening's Sender or verified Identity) on the channel, which begins if there is none. message
// is the client's id of what is to be said: one that was taken before leads to where it was.
// A verified identity is kept, as in Resume.
func (e *Engine) Reach(ctx context.Context, o Opening, conversation, message string) (Welcome, error) {
	shop, err := e.shop(o.Shop)
	if err != nil {
		return Welcome{}, err
	}
	if err := o.check(conversation); err != nil {
		return Welcome{}, err
	}
	c, err := e.reach(ctx, shop, o, conversation, message)
	if err != nil {
		return Welcome{}, e.told("reaching a conversation", err)
	}
	if who := o.Identity; who.Level == catalog.Verified && c.Identity != who {
		if c.Identity.Level == catalog.Verified { // another customer's
			return Welcome{}, forbidden()
		}
		if err := e.signIn(ctx, c, who); err != nil {
			return Welcome{}, e.told("reaching a conversation", err)
		}
	}
	return welcome(c), nil
}

func (e *Engine) reach(ctx context.Context, shop *Shop, o Opening, conversation, message string) (journal.Conversation, error) {
	if conversation != "" {
		return e.Journal.Head(ctx, o.Shop, conversation)
	}
	secret := sha256.Sum256([]byte(e.IDs.Secret())) // nobody is told: the channel's word opens it
	c, _, err := e.Journal.Open(ctx, journal.Conversation{
		Shop: o.Shop, ID: e.IDs.Conversation(), SecretHash: secret[:], Channel: o.Channel, Sender: o.Sender,
		Locale: or(o.locale(shop), shop.first()), Identity: o.Identity, Owner: journal.OwnerBot, CreatedAt: e.Clock(),
	}, message)
	return c, err
}

// locale is the one wished for, as long as the shop speaks it.
func (o Opening) locale(shop *Shop) string {
	if shop.locale(o.Locale) == "" {
		return ""
	}
	return o.Locale
}

// longestRecordID is that of the shop's own ids, in characters.
const longestRecordID = 128

func (o Opening) check(conversation string) error {
	for _, word := range []string{o.Locale, o.Channel, o.Sender} {
		if utf8.RuneCountInString(word) > longestWord || !utf8.ValidString(word) {
			return fault(BadFrame, "locale, channel and sender must be UTF-8 of at most %d characters", longestWord)
		}
	}
	switch id := o.Identity.Customer; {
	case utf8.RuneCountInString(id) > longestRecordID || !utf8.ValidString(id):
		return fault(BadFrame, "customer must be UTF-8 of at most %d characters", longestRecordID)
	case !plain(id) || !plain(o.Sender):
		return fault(BadFrame, "customer and sender may have no control characters")
	case conversation != "" && !sound(conversation):
		return forbidden()
	case conversation == "" && o.Sender == "" && id == "":
		return fault(BadFrame, "want a conversation, or the customer or sender who writes")
	}
	return nil
}

func plain(text string) bool {
	for _, r := range text {
		if unicode.IsControl(r) {
			return false
		}
	}
	return true
}
