package journal

import (
	"bytes"
	"cmp"
	"context"
	"slices"
	"sync"
	"time"
)

// Memory is the model of a journal: what [SQL] must do, in few lines. It forgets all when
// the process ends.
type Memory struct {
	epoch string
	now   func() time.Time

	mu    sync.Mutex
	order int64
	logs  map[[2]string]*log
}

// log is one conversation in memory.
type log struct {
	head   Conversation
	events []Event
	client map[string]int64
	notes  []Note
	asked  int64 // offset of the shopper's last utterance
	since  int64 // when it was said, by Memory.order
	passed int64 // offset of the last event that the outbox passed on
}

var (
	_ Journal = (*Memory)(nil)
	_ Outbox  = (*Memory)(nil)
	_ Desk    = (*Memory)(nil)
)

// NewMemory makes an empty journal. Events get their times from now.
func NewMemory(epoch string, now func() time.Time) *Memory {
	return &Memory{epoch: epoch, now: now, logs: map[[2]string]*log{}}
}

func (m *Memory) Begin(_ context.Context, c Conversation) error {
	m.mu.Lock()
	defer m.mu.Unlock()
	return m.begin(c)
}

func (m *Memory) begin(c Conversation) error {
	key := [2]string{c.Shop, c.ID}
	if m.logs[key] != nil {
		return ErrExists
	}
	m.logs[key] = &log{head: fresh(c, m.epoch), client: map[string]int64{}}
	return nil
}

func (m *Memory) Open(_ context.Context, c Conversation, client string) (Conversation, bool, error) {
	m.mu.Lock()
	defer m.mu.Unlock()
	var best *log
	for _, l := range m.logs {
		if l.head.writes(c) && (!l.head.Closed || l.client[client] > 0) && (best == nil || l.before(best, client)) {
			best = l
		}
	}
	if best != nil {
		return best.copy(), false, nil
	}
	if err := m.begin(c); err != nil {
		return Conversation{}, false, err
	}
	return m.logs[[2]string{c.Shop, c.ID}].copy(), true, nil
}

// before reports whether a message is rather this log's than another's.
func (l *log) before(o *log, client string) bool {
	if mine, theirs := l.client[client] > 0, o.client[client] > 0; mine != theirs {
		return mine
	}
	if !l.head.CreatedAt.Equal(o.head.CreatedAt) {
		return l.head.CreatedAt.After(o.head.CreatedAt)
	}
	return l.head.ID > o.head.ID
}

func (m *Memory) Head(_ context.Context, shop, id string) (Conversation, error) {
	m.mu.Lock()
	defer m.mu.Unlock()
	l, err := m.log(shop, id)
	if err != nil {
		return Conversation{}, err
	}
	return l.copy(), nil
}

func (m *Memory) Say(_ context.Context, shop, id, client string, e Event) (Event, bool, error) {
	m.mu.Lock()
	defer m.mu.Unlock()
	l, err := m.log(shop, id)
	if err != nil {
		return Event{}, false, err
	}
	if o, ok := l.client[client]; ok {
		return l.events[o-1], true, nil
	}
	said, err := m.append(l, []Event{e})
	if err != nil {
		return Event{}, false, err
	}
	l.client[client] = said[0].Offset
	return said[0], false, nil
}

func (m *Memory) EndTurn(_ context.Context, shop, id string, t Turn) ([]Event, error) {
	m.mu.Lock()
	defer m.mu.Unlock()
	l, err := m.log(shop, id)
	if err != nil {
		return nil, err
	}
	if l.head.Turns != t.Expect {
		return nil, ErrSuperseded
	}
	before := l.head
	t.change(&l.head)
	said, err := m.append(l, t.Events)
	if err != nil {
		l.head = before
	}
	return said, err
}

func (m *Memory) Read(_ context.Context, shop, id string, after int64, limit int) ([]Event, error) {
	m.mu.Lock()
	defer m.mu.Unlock()
	l, err := m.log(shop, id)
	if err != nil {
		return nil, err
	}
	from := min(max(after, 0), l.head.Last)
	to := min(from+int64(limit), l.head.Last)
	return slices.Clone(l.events[from:to]), nil
}

func (m *Memory) Unanswered(_ context.Context, limit int) ([]Conversation, error) {
	m.mu.Lock()
	defer m.mu.Unlock()
	var left []*log
	for _, l := range m.logs {
		if l.head.Owner == OwnerBot && l.asked > l.head.Answered {
			left = append(left, l)
		}
	}
	slices.SortFunc(left, func(a, b *log) int { return cmp.Compare(a.since, b.since) })
	heads := []Conversation{}
	for _, l := range left[:min(limit, len(left))] {
		heads = append(heads, l.copy())
	}
	return heads, nil
}

func (m *Memory) Waiting(_ context.Context, shop, after string, limit int) ([]Position, error) {
	m.mu.Lock()
	defer m.mu.Unlock()
	waiting := []Position{}
	for _, l := range m.logs {
		if l.head.Shop == shop && l.head.ID > after && l.passed < l.head.Last {
			waiting = append(waiting, Position{ID: l.head.ID, Epoch: m.epoch, Passed: l.passed, Last: l.head.Last})
		}
	}
	slices.SortFunc(waiting, func(a, b Position) int { return cmp.Compare(a.ID, b.ID) })
	return waiting[:min(limit, len(waiting))], nil
}

func (m *Memory) Pass(_ context.Context, shop string, done []Position) error {
	m.mu.Lock()
	defer m.mu.Unlock()
	for _, p := range done {
		if l := m.logs[[2]string{shop, p.ID}]; l != nil {
			l.passed = max(l.passed, min(p.Passed, l.head.Last))
		}
	}
	return nil
}

func (m *Memory) log(shop, id string) (*log, error) {
	if l := m.logs[[2]string{shop, id}]; l != nil {
		return l, nil
	}
	return nil, ErrNotFound
}

// append gives events their offsets and times. It appends all of them or none.
func (m *Memory) append(l *log, events []Event) ([]Event, error) {
	said, err := l.head.take(events, m.now())
	if err != nil {
		return nil, err
	}
	for _, e := range said {
		if asks(e) {
			m.order++
			l.asked, l.since = e.Offset, m.order
		}
	}
	l.events = append(l.events, said...)
	return said, nil
}

func (l *log) copy() Conversation {
	c := l.head
	c.SecretHash = bytes.Clone(c.SecretHash)
	c.State = bytes.Clone(c.State)
	return c
}
