// Package desk is where people serve: who is there, so that a handoff is offered only if
// somebody can take it, and what is left for them to do when nobody was.
package desk

import (
	"maps"
	"slices"
	"sync"
)

// Presence counts the people at each shop's desk. It is safe for concurrent use.
type Presence struct {
	mu    sync.Mutex
	there map[string]map[string]int // shop → agent → connections
}

// NewPresence returns a Presence with nobody there.
func NewPresence() *Presence { return &Presence{there: map[string]map[string]int{}} }

// Join says that an agent is at a shop's desk until leave is called, once for each Join.
func (p *Presence) Join(shop, agent string) (leave func()) {
	p.mu.Lock()
	defer p.mu.Unlock()
	if p.there[shop] == nil {
		p.there[shop] = map[string]int{}
	}
	p.there[shop][agent]++
	return sync.OnceFunc(func() {
		p.mu.Lock()
		defer p.mu.Unlock()
		if p.there[shop][agent]--; p.there[shop][agent] == 0 {
			delete(p.there[shop], agent)
		}
	})
}

// Staffed reports whether anybody is at a shop's desk.
func (p *Presence) Staffed(shop string) bool {
	p.mu.Lock()
	defer p.mu.Unlock()
	return len(p.there[shop]) > 0
}

// At reports whether an agent is at a shop's desk.
func (p *Presence) At(shop, agent string) bool {
	p.mu.Lock()
	defer p.mu.Unlock()
	return p.there[shop][agent] > 0
}

// Agents are those at a shop's desk, by name; never nil.
func (p *Presence) Agents(shop string) []string {
	p.mu.Lock()
	defer p.mu.Unlock()
	return append([]string{}, slices.Sorted(maps.Keys(p.there[shop]))...)
}
