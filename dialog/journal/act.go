package journal

import (
	"context"
	"database/sql"
	"encoding/json"
	"errors"
	"fmt"

	"github.com/floorwalker/floorwalker/catalog/store"
)

// Key names one action for ever: whatever is rerun with the same key is the same action.
type Key struct {
	Conversation string
	Epoch        string
	Offset       int64 // of the confirming utterance
	Ordinal      int   // among the turn's actions, from 0
}

func (k Key) String() string {
	return fmt.Sprintf("%s/%s/%d/%d", k.Conversation, k.Epoch, k.Offset, k.Ordinal)
}

// ErrSpent says that a confirmation has been acted on before.
var ErrSpent = errors.New("the confirmation has been used")

// Doing is the turn that acts.
type Doing struct {
	Turn   string
	Expect int64 // Conversation.Turns when the turn began
	Upto   int64 // the highest offset that the turn took
}

// Outcome is what an action came to, kept under its key.
type Outcome struct {
	Key    string
	Turn   string
	Upto   int64           // a rerun of the turn takes the utterances up to here and no others
	Offset int64           // of the action event; 0: nothing was done
	Result json.RawMessage // as fn gave it; empty while Pending
}

// Pending reports whether the action was only intended: nobody has kept what came of it.
func (o Outcome) Pending() bool { return len(o.Result) == 0 }

// Deed changes the shop within a transaction. It returns what came of it, as JSON, and the
// action to be told, nil if nothing was done. It may run again.
type Deed func(tx *store.Tx) (json.RawMessage, *Action, error)

// Act does an action once. If key has an outcome already it is returned and nothing else
// happens. Otherwise fn is run, the outcome kept and the action told (Turn and Key are
// filled in here): the change, the outcome and the event are on disk together or not at all.
// An error of fn comes back as it is and leaves nothing. ErrSuperseded: another turn was
// appended since d.Expect, nothing happens. ErrSpent: the key is that of an action in a turn
// that has ended, so this is a further action on the same yes, and nothing happens either.
func (s *SQL) Act(ctx context.Context, shop string, d Doing, key Key, fn Deed) (Outcome, error) {
	var o Outcome
	err := s.db.Update(ctx, func(tx *store.Tx) error {
		c, known, err := s.outcome(tx, shop, d, key)
		if err != nil {
			return err
		}
		if o = known; o.Key != "" && !o.Pending() {
			return nil
		}
		result, action, err := fn(tx)
		if err != nil {
			return err
		}
		o = Outcome{Key: key.String(), Turn: d.Turn, Upto: d.Upto, Result: result}
		if action != nil {
			if o.Offset, err = s.tell(tx, &c, *action, o); err != nil {
				return err
			}
		}
		return saveOutcome(tx, shop, key, o)
	})
	if err != nil {
		return Outcome{}, err
	}
	s.hub.Wake(shop, key.Conversation)
	return o, nil
}

// Intend notes that another system is about to be asked for an action, before it is. The outcome is
// Pending until Act with the same key keeps what came of it; a turn that is run again after a
// crash asks for the same again, and the other system, which gets the key, does it once. If key
// has an outcome already it is returned. Errors are those of Act.
func (s *SQL) Intend(ctx context.Context, shop string, d Doing, key Key) (Outcome, error) {
	var o Outcome
	err := s.db.Update(ctx, func(tx *store.Tx) error {
		_, known, err := s.outcome(tx, shop, d, key)
		if o = known; err != nil || o.Key != "" {
			return err
		}
		o = Outcome{Key: key.String(), Turn: d.Turn, Upto: d.Upto}
		return saveOutcome(tx, shop, key, o)
	})
	if err != nil {
		return Outcome{}, err
	}
	return o, nil
}

// outcome returns what is kept under a key, without a key if nothing is, and refuses what may not
// act (any more).
func (s *SQL) outcome(tx *store.Tx, shop string, d Doing, key Key) (Conversation, Outcome, error) {
	c, err := readHead(tx, shop, key.Conversation)
	if err != nil {
		return c, Outcome{}, err
	}
	o, err := readOutcome(tx, shop, key.String())
	switch {
	case err == nil && o.Upto <= c.Answered && c.Turns == d.Expect:
		return c, Outcome{}, fmt.Errorf("acting in turn %s: %w in turn %s", d.Turn, ErrSpent, o.Turn)
	case err == nil && !o.Pending():
		return c, o, nil
	case err != nil && !errors.Is(err, sql.ErrNoRows):
		return c, Outcome{}, err
	case c.Turns != d.Expect:
		return c, Outcome{}, ErrSuperseded
	case err != nil:
		return c, Outcome{}, nil
	}
	return c, o, nil
}

// Acted returns the outcomes of a turn that acted and was not ended, in order: what a crash
// left. There are none once the turn has ended.
func (s *SQL) Acted(ctx context.Context, shop, id string) (outcomes []Outcome, err error) {
	err = s.db.View(ctx, func(tx *store.Tx) error {
		c, err := readHead(tx, shop, id)
		if err != nil {
			return err
		}
		outcomes, err = readOutcomes(tx, shop, id, c.Answered)
		return err
	})
	return outcomes, err
}

// tell appends the event of an action and returns its offset.
func (s *SQL) tell(tx *store.Tx, c *Conversation, a Action, o Outcome) (int64, error) {
	a.Turn, a.Key = o.Turn, o.Key
	if a.Arguments == nil {
		a.Arguments = map[string]any{}
	}
	e, err := NewEvent(KindAction, a)
	if err != nil {
		return 0, err
	}
	told, err := s.append(tx, c, []Event{e})
	if err != nil {
		return 0, err
	}
	return told[0].Offset, nil
}

const outcomeColumns = `key, turn, upto, "offset", result`

func scanOutcome(r row) (Outcome, error) {
	var o Outcome
	var result string
	err := r.Scan(&o.Key, &o.Turn, &o.Upto, &o.Offset, &result)
	o.Result = json.RawMessage(result)
	return o, err
}

// readOutcome returns what is kept under a key, or sql.ErrNoRows.
func readOutcome(tx *store.Tx, shop, key string) (Outcome, error) {
	o, err := scanOutcome(tx.QueryRow(`SELECT `+outcomeColumns+` FROM outcomes WHERE shop = ? AND key = ?`, shop, key))
	return o, where(err, "reading the outcome of", key)
}

func readOutcomes(tx *store.Tx, shop, id string, after int64) ([]Outcome, error) {
	rows, err := tx.Query(`SELECT `+outcomeColumns+` FROM outcomes
		WHERE shop = ? AND conversation = ? AND upto > ? ORDER BY ordinal`, shop, id, after)
	if err != nil {
		return nil, where(err, "reading outcomes of conversation", id)
	}
	defer rows.Close()
	var outcomes []Outcome
	for rows.Next() {
		o, err := scanOutcome(rows)
		if err != nil {
			return nil, where(err, "reading outcomes of conversation", id)
		}
		outcomes = append(outcomes, o)
	}
	return outcomes, where(rows.Err(), "reading outcomes of conversation", id)
}

// saveOutcome keeps an outcome, in the place of a pending one.
func saveOutcome(tx *store.Tx, shop string, key Key, o Outcome) error {
	_, err := tx.Exec(`INSERT INTO outcomes (shop, key, conversation, turn, upto, ordinal, "offset", result)
		VALUES (?, ?, ?, ?, ?, ?, ?, ?) ON CONFLICT (shop, key) DO UPDATE SET
		turn = excluded.turn, upto = excluded.upto, "offset" = excluded."offset", result = excluded.result`,
		shop, o.Key, key.Conversation, o.Turn, o.Upto, key.Ordinal, o.Offset, string(o.Result))
	return where(err, "keeping the outcome of", o.Key)
}
