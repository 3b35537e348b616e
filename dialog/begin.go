package dialog

import (
	"context"
	"crypto/sha256"
	"crypto/subtle"
	"errors"
	"unicode/utf8"

	"github.com/floorwalker/floorwalker/catalog"
	"github.com/floorwalker/floorwalker/dialog/journal"
)

// Opening is what a channel knows when a conversation begins.
type Opening struct {
	Shop     string
	Locale   string // BCP 47; empty or one the shop doesn't speak: the shop's first
	Channel  string
	Sender   string // the channel's own name for who writes; may be empty
	Identity catalog.Identity
}

// Welcome is where a conversation stands when a client comes to it.
type Welcome struct {
	Conversation string
	Secret       string // of Begin only: this once
	Epoch        string
	Offset       int64 // of the last event
	Locale       string
	Owner        journal.Owner
}

// Proof is what resumes a conversation: its secret, or a verified identity of its customer.
type Proof struct {
	Secret   string
	Identity catalog.Identity
}

// longestWord is that of locales, channels and senders, in characters.
const longestWord = 128

// Begin begins a conversation. It is stored when Begin returns.
func (e *Engine) Begin(ctx context.Context, o Opening) (Welcome, error) {
	shop, err := e.shop(o.Shop)
	if err != nil {
		return Welcome{}, err
	}
	for _, word := range []string{o.Locale, o.Channel, o.Sender} {
		if utf8.RuneCountInString(word) > longestWord || !utf8.ValidString(word) {
			return Welcome{}, fault(BadFrame, "locale, channel and sender must be UTF-8 of at most %d characters", longestWord)
		}
	}
	secret := e.IDs.Secret()
	hash := sha256.Sum256([]byte(secret))
	c := journal.Conversation{
		Shop: o.Shop, ID: e.IDs.Conversation(), SecretHash: hash[:], Channel: o.Channel, Sender: o.Sender,
		Locale: o.Locale, Identity: o.Identity, Owner: journal.OwnerBot, CreatedAt: e.Clock(),
	}
	if shop.locale(c.Locale) == "" {
		c.Locale = shop.first()
	}
	if err := e.Journal.Begin(ctx, c); err != nil {
		return Welcome{}, e.told("beginning a conversation", err)
	}
	if c, err = e.Journal.Head(ctx, c.Shop, c.ID); err != nil {
		return Welcome{}, e.told("beginning a conversation", err)
	}
	w := welcome(c)
	w.Secret = secret
	return w, nil
}

// Resume comes back to a conversation. A wrong secret and a conversation that doesn't exist
// get the same Forbidden. A verified identity that comes with the secret is kept: the
// shopper has signed in meanwhile.
func (e *Engine) Resume(ctx context.Context, shop, id string, p Proof) (Welcome, error) {
	if _, err := e.shop(shop); err != nil {
		return Welcome{}, err
	}
	c, err := e.Journal.Head(ctx, shop, id)
	if err != nil && !errors.Is(err, journal.ErrNotFound) {
		return Welcome{}, e.told("resuming a conversation", err)
	}
	if !p.opens(c) { // an unknown conversation goes the same way: nothing opens the zero one
		return Welcome{}, forbidden()
	}
	if p.Identity.Level == catalog.Verified && c.Identity != p.Identity {
		if err := e.signIn(ctx, c, p.Identity); err != nil {
			return Welcome{}, e.told("resuming a conversation", err)
		}
	}
	return welcome(c), nil
}

// opens reports whether the proof is good for a conversation. A conversation whose customer
// is verified is closed to every other one, secret or not.
func (p Proof) opens(c journal.Conversation) bool {
	hash, want := sha256.Sum256([]byte(p.Secret)), make([]byte, sha256.Size)
	copy(want, c.SecretHash) // stays zero, and no secret's hash, where there is no conversation
	secret := subtle.ConstantTimeCompare(hash[:], want) == 1
	if c.Identity.Level == catalog.Verified && p.Identity.Level == catalog.Verified {
		return c.Identity.Customer == p.Identity.Customer
	}
	return secret
}

// signIn keeps an identity that was proved outside of the conversation.
func (e *Engine) signIn(ctx context.Context, c journal.Conversation, who catalog.Identity) error {
	return e.changeHead(ctx, c.Shop, c.ID, func(c journal.Conversation) (journal.Turn, error) {
		return journal.Turn{Identity: merged(c.Identity, who)}, nil
	})
}

// merged is who writes, once a proof of who is there too. The more certain wins, and a
// customer who is verified stays who they are.
func merged(known, who catalog.Identity) catalog.Identity {
	switch {
	case who.Customer == known.Customer:
		known.Level = max(known.Level, who.Level)
		return known
	case known.Level == catalog.Verified || who.Level < known.Level:
		return known
	}
	return who
}

// attempts at changing a head between turns before giving up.
const attempts = 5

// changeHead appends a turn that needs no deciding, anew if another came before it.
func (e *Engine) changeHead(ctx context.Context, shop, id string, turn func(journal.Conversation) (journal.Turn, error)) error {
	for range attempts {
		c, err := e.Journal.Head(ctx, shop, id)
		if err != nil {
			return err
		}
		t, err := turn(c)
		if err != nil {
			return err
		}
		t.Expect = c.Turns
		if _, err = e.Journal.EndTurn(ctx, shop, id, t); !errors.Is(err, journal.ErrSuperseded) {
			return err
		}
	}
	return journal.ErrSuperseded
}

func (e *Engine) shop(id string) (*Shop, error) {
	if e.isClosing() {
		return nil, shuttingDown()
	}
	if s := e.Shops(id); s != nil {
		return s, nil
	}
	return nil, fault(NotFound, "no shop of that id is served here")
}

func welcome(c journal.Conversation) Welcome {
	return Welcome{Conversation: c.ID, Epoch: c.Epoch, Offset: c.Last, Locale: c.Locale, Owner: c.Owner}
}
