package onnx

import (
	"container/list"
	"slices"
	"sync"

	"github.com/floorwalker/floorwalker/models"
)

// longestRemembered bounds the text of a remembered result, in bytes, so that the bound on
// their number bounds the memory too.
const longestRemembered = 1 << 10

// key is what a result is remembered by.
type key struct {
	purpose models.Purpose
	text    string
}

// memory remembers the results last used. It is safe for concurrent use.
type memory struct {
	mu      sync.Mutex
	most    int
	entries map[key]*list.Element
	recent  *list.List // of *entry, the last used first
}

type entry struct {
	key    key
	vector []float32
}

// newMemory remembers at most most results; none if most isn't positive.
func newMemory(most int) *memory {
	return &memory{most: most, entries: map[key]*list.Element{}, recent: list.New()}
}

// get returns a copy of what was put.
func (m *memory) get(k key) ([]float32, bool) {
	m.mu.Lock()
	defer m.mu.Unlock()
	e, ok := m.entries[k]
	if !ok {
		return nil, false
	}
	m.recent.MoveToFront(e)
	return slices.Clone(e.Value.(*entry).vector), true
}

// put remembers a vector, which mustn't change any more, and forgets the one unused longest
// when there are too many.
func (m *memory) put(k key, vector []float32) {
	if m.most <= 0 || len(k.text) > longestRemembered {
		return
	}
	m.mu.Lock()
	defer m.mu.Unlock()
	if e, ok := m.entries[k]; ok {
		m.recent.MoveToFront(e)
		return
	}
	m.entries[k] = m.recent.PushFront(&entry{k, vector})
	if m.recent.Len() > m.most {
		oldest := m.recent.Remove(m.recent.Back()).(*entry)
		delete(m.entries, oldest.key)
	}
}
