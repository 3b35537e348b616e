package skill

import (
	"crypto/sha256"
	"encoding/hex"
	"fmt"
	"time"

	"github.com/floorwalker/floorwalker/catalog/store"
	"github.com/floorwalker/floorwalker/dialog/flow"
)

// attempts keeps wrong proofs, counted by utterance: a turn that is run again counts once.
type attempts struct {
	tx           *store.Tx
	shop         string
	conversation string
	address      string
	said         int64 // offset of the utterance
	now          time.Time
}

func (s *Set) attempts(tx *store.Tx, call flow.Call) attempts {
	return attempts{tx: tx, shop: s.Shop, conversation: call.Conversation, address: s.Address(call.Conversation),
		said: firstOffset(call.Said), now: s.Now().UTC()}
}

// stampLayout makes the order of texts that of times.
const stampLayout = "2006-01-02T15:04:05.000000000Z"

func stamp(t time.Time) string { return t.UTC().Format(stampLayout) }

// blocked reports whether there were too many wrong proofs before this utterance: in the
// conversation, of anybody who is tried, or from the address.
func (a attempts) blocked(targets []string) (bool, error) {
	inConversation, err := a.count(`conversation = ? AND NOT said = ?`, a.conversation, a.said)
	if err != nil || inConversation >= wrongInConversation {
		return true, err
	}
	hour := stamp(a.now.Add(-time.Hour))
	if a.address != "" {
		n, err := a.count(`address = ? AND at > ? AND NOT (conversation = ? AND said = ?)`, a.address, hour, a.conversation, a.said)
		if err != nil || n >= wrongFromAddress {
			return true, err
		}
	}
	for _, target := range targets {
		n, err := a.count(`customer = ? AND at > ? AND NOT (conversation = ? AND said = ?)`, target, hour, a.conversation, a.said)
		if err != nil || n >= wrongOfTarget {
			return true, err
		}
	}
	return false, nil
}

// count counts the utterances with wrong proofs.
func (a attempts) count(where string, args ...any) (int, error) {
	var n int
	err := a.tx.QueryRow(`SELECT COUNT(*) FROM (SELECT DISTINCT conversation, said FROM wrong_proofs WHERE shop = ? AND `+where+`) wrong`,
		append([]any{a.shop}, args...)...).Scan(&n)
	if err != nil {
		return 0, fmt.Errorf("counting wrong proofs in conversation %q: %w", a.conversation, err)
	}
	return n, nil
}

// wrong notes a wrong proof and returns how many the conversation has now.
func (a attempts) wrong(targets []string) (int, error) {
	for _, target := range targets {
		_, err := a.tx.Exec(`INSERT INTO wrong_proofs (shop, conversation, said, customer, address, at)
			VALUES (?, ?, ?, ?, ?, ?) ON CONFLICT DO NOTHING`, a.shop, a.conversation, a.said, target, a.address, stamp(a.now))
		if err != nil {
			return 0, fmt.Errorf("keeping a wrong proof in conversation %q: %w", a.conversation, err)
		}
	}
	return a.count(`conversation = ?`, a.conversation)
}

// orUnknown names whom a proof was tried on. What fits nobody counts by what was said (its
// hash), with the same limit: so that the limit doesn't tell who exists.
func orUnknown(customer, kind, said string) string {
	if customer != "" {
		return customer
	}
	sum := sha256.Sum256([]byte(kind + "\x00" + said))
	return "?" + hex.EncodeToString(sum[:12])
}
