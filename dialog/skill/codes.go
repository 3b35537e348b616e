package skill

import (
	"crypto/hmac"
	"crypto/rand"
	"crypto/sha256"
	"database/sql"
	"encoding/hex"
	"errors"
	"fmt"
	"io"
	"math/big"
	"time"

	"github.com/floorwalker/floorwalker/dialog/flow"
)

// codeLife is how long a one-time code is good.
const codeLife = 10 * time.Minute

// code is a one-time code not sent yet.
type code struct{ digits, salt string }

func (s *Set) newCode() (code, error) {
	n, err := rand.Int(s.Rand, big.NewInt(1_000_000))
	if err != nil {
		return code{}, fmt.Errorf("drawing a one-time code: %w", err)
	}
	salt := make([]byte, 16)
	if _, err := io.ReadFull(s.Rand, salt); err != nil {
		return code{}, fmt.Errorf("drawing a one-time code: %w", err)
	}
	return code{digits: fmt.Sprintf("%06d", n), salt: hex.EncodeToString(salt)}, nil
}

// hash is what is kept of a code. Six digits are soon guessed from it by whoever has the
// database: it is the ten minutes that protect them.
func hash(salt, digits string) string {
	mac := hmac.New(sha256.New, []byte(salt))
	mac.Write([]byte(digits))
	return hex.EncodeToString(mac.Sum(nil))
}

// sentCode is the code that a conversation waits for.
type sentCode struct {
	customer, salt, hash string // customer "": it was sent to nobody, and no code is right
	said                 int64
}

func (c sentCode) is(digits string) bool {
	return hmac.Equal([]byte(hash(c.salt, digits)), []byte(c.hash))
}

// pending is the last code of the conversation, nil if there is none that is still good. One
// that this very utterance has used up before counts.
func (a attempts) pending() (*sentCode, error) {
	var c sentCode
	var expires string
	var used int64
	err := a.tx.QueryRow(`SELECT customer, salt, hash, said, expires, used FROM codes
		WHERE shop = ? AND conversation = ? AND said < ? ORDER BY said DESC LIMIT 1`,
		a.shop, a.conversation, a.said).Scan(&c.customer, &c.salt, &c.hash, &c.said, &expires, &used)
	switch {
	case errors.Is(err, sql.ErrNoRows):
		return nil, nil
	case err != nil:
		return nil, fmt.Errorf("reading the code of conversation %q: %w", a.conversation, err)
	case stamp(a.now) >= expires || used != 0 && used != a.said:
		return nil, nil
	}
	return &c, nil
}

// use marks the code as used up, where it is what proved the customer.
func (a attempts) use(proof string) error {
	if proof != byCode {
		return nil
	}
	c, err := a.pending()
	if err != nil || c == nil {
		return err
	}
	return a.exec(`UPDATE codes SET used = ? WHERE shop = ? AND conversation = ? AND said = ?`, a.said, a.shop, a.conversation, c.said)
}

// passed notes that the code was handed to the sender: a rerun doesn't send it again.
func (a attempts) passed() error {
	return a.exec(`UPDATE codes SET passed = 1 WHERE shop = ? AND conversation = ? AND said = ?`, a.shop, a.conversation, a.said)
}

func (a attempts) exec(query string, args ...any) error {
	if _, err := a.tx.Exec(query, args...); err != nil {
		return fmt.Errorf("keeping the code of conversation %q: %w", a.conversation, err)
	}
	return nil
}

// issue keeps a new code for the customer of an e-mail address. For an address that is
// nobody's all goes the same way, but nothing is sent.
func (p *proving) issue(c code) (outcome, error) {
	sent := outcome{result: flow.Result{Refused: codeSent}}
	customer, to, err := p.addressee()
	if err != nil {
		return outcome{}, err
	}
	var passed int
	err = p.tx.QueryRow(`SELECT passed FROM codes WHERE shop = ? AND conversation = ? AND said = ?`,
		p.shop, p.conversation, p.said).Scan(&passed)
	if err == nil && passed == 1 { // a rerun
		return sent, nil
	}
	if err != nil && !errors.Is(err, sql.ErrNoRows) {
		return outcome{}, fmt.Errorf("reading the code of conversation %q: %w", p.conversation, err)
	}
	earlier, err := p.codes(`conversation = ? AND NOT said = ?`, p.conversation, p.said)
	if err != nil {
		return outcome{}, err
	}
	if earlier >= codesInConversation {
		return outcome{result: flow.Result{Refused: tooManyProofs}}, nil
	}
	lately, err := p.codes(`customer = ? AND at > ?`, customer, stamp(p.now.Add(-time.Hour)))
	if err != nil {
		return outcome{}, err
	}
	if customer != "" && lately < codesToCustomer {
		sent.to = to
	} else {
		passed, customer = 1, ""
	}
	return sent, p.exec(`INSERT INTO codes (shop, conversation, said, customer, salt, hash, at, expires, passed, used)
		VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, 0) ON CONFLICT (shop, conversation, said)
		DO UPDATE SET salt = excluded.salt, hash = excluded.hash, at = excluded.at, expires = excluded.expires`,
		p.shop, p.conversation, p.said, customer, c.salt, hash(c.salt, c.digits), stamp(p.now), stamp(p.now.Add(codeLife)), passed)
}

// addressee is the customer whom the first known of the e-mail addresses belongs to, and the
// address as the shop has it; "" if none is known.
func (p *proving) addressee() (customer, to string, err error) {
	for _, email := range p.emails {
		found, err := p.records.CustomersBy("email", email)
		if err != nil {
			return "", "", err
		}
		if len(found) == 1 {
			return found[0].ID, found[0].Email, nil
		}
	}
	return "", "", nil
}

func (a attempts) codes(where string, args ...any) (int, error) {
	var n int
	err := a.tx.QueryRow(`SELECT COUNT(*) FROM codes WHERE shop = ? AND `+where, append([]any{a.shop}, args...)...).Scan(&n)
	if err != nil {
		return 0, fmt.Errorf("counting the codes of conversation %q: %w", a.conversation, err)
	}
	return n, nil
}
