package journal

import (
	"cmp"
	"context"
	"slices"
)

func (m *Memory) Held(_ context.Context, shop string, limit int) ([]Conversation, error) {
	return m.some(limit, func(l *log) bool { return l.head.Owner != OwnerBot && (shop == "" || l.head.Shop == shop) },
		func(a, b *log) int {
			return cmp.Or(cmp.Compare(a.head.Shop, b.head.Shop), a.head.Handed.Compare(b.head.Handed), cmp.Compare(a.head.ID, b.head.ID))
		})
}

func (m *Memory) Recent(_ context.Context, shop string, limit int) ([]Conversation, error) {
	return m.some(limit, func(l *log) bool {
		return l.head.Shop == shop && l.head.Owner == OwnerBot && !l.head.Closed && l.asked > 0
	},
		func(a, b *log) int { return cmp.Compare(b.since, a.since) })
}

// some are copies of the heads that are wanted, in an order.
func (m *Memory) some(limit int, want func(*log) bool, order func(a, b *log) int) ([]Conversation, error) {
	m.mu.Lock()
	defer m.mu.Unlock()
	var found []*log
	for _, l := range m.logs {
		if want(l) {
			found = append(found, l)
		}
	}
	slices.SortFunc(found, order)
	heads := []Conversation{}
	for _, l := range found[:min(limit, len(found))] {
		heads = append(heads, l.copy())
	}
	return heads, nil
}

func (m *Memory) Note(_ context.Context, shop, id string, n Note) (Note, error) {
	m.mu.Lock()
	defer m.mu.Unlock()
	l, err := m.log(shop, id)
	if err != nil {
		return Note{}, err
	}
	for _, kept := range l.notes {
		if kept.Agent == n.Agent && kept.ID == n.ID {
			return kept, nil
		}
	}
	n.Seq, n.After, n.At = int64(len(l.notes))+1, l.head.Last, stored(m.now())
	l.notes = append(l.notes, n)
	return n, nil
}

func (m *Memory) Notes(_ context.Context, shop, id string, after int64, limit int) ([]Note, error) {
	m.mu.Lock()
	defer m.mu.Unlock()
	notes := []Note{}
	l := m.logs[[2]string{shop, id}]
	if l == nil {
		return notes, nil
	}
	for _, n := range l.notes {
		if n.Seq > after && len(notes) < limit {
			notes = append(notes, n)
		}
	}
	return notes, nil
}
