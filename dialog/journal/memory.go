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
	asked  int64 // offset of the shopper's last utterance
	since  int64 // when it was said, by Memory.order
}

var _ Journal = (*Memory)(nil)

// NewMemory makes an empty journal. Events get their times from now.
func NewMemory(epoch string, now func() time.Time) *Memory {
	return &Memory{epoch: epoch, now: now, logs: map[[2]string]*log{}}
}

func (m *Memory) Begin(_ context.Context, c Conversation) error {
	m.mu.Lock()
	defer m.mu.Unlock()
	key := [2]string{c.Shop, c.ID}
	if m.logs[key] != nil {
		return ErrExists
	}
	m.logs[key] = &log{head: fresh(c, m.epoch), client: map[string]int64{}}
	return nil
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
