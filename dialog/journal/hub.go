package journal

import "sync"

// Hub wakes those who follow a conversation in this process. It carries no events: whoever
// is woken reads them from the journal, so a slow follower loses nothing and holds nobody
// up. The zero Hub is ready; it is safe for concurrent use.
type Hub struct {
	mu      sync.Mutex
	watches map[[2]string]map[*Watch]struct{}
}

// Watch is one follower's wake-up.
type Watch struct {
	C chan struct{} // holds at most one wake-up: "there is something new since you last read"

	hub *Hub
	key [2]string
}

// Watch begins to follow a conversation. C has a wake-up at once, for what is there
// already. The caller closes the Watch.
func (h *Hub) Watch(shop, id string) *Watch {
	w := &Watch{C: make(chan struct{}, 1), hub: h, key: [2]string{shop, id}}
	w.C <- struct{}{}
	h.mu.Lock()
	defer h.mu.Unlock()
	if h.watches == nil {
		h.watches = map[[2]string]map[*Watch]struct{}{}
	}
	if h.watches[w.key] == nil {
		h.watches[w.key] = map[*Watch]struct{}{}
	}
	h.watches[w.key][w] = struct{}{}
	return w
}

// All begins to follow every conversation. It is as Watch.
func (h *Hub) All() *Watch { return h.Watch("", "") }

// Close ends the wake-ups. It may be called again.
func (w *Watch) Close() {
	w.hub.mu.Lock()
	defer w.hub.mu.Unlock()
	delete(w.hub.watches[w.key], w)
	if len(w.hub.watches[w.key]) == 0 {
		delete(w.hub.watches, w.key)
	}
}

// Wake wakes all who follow a conversation. It never blocks. A nil Hub wakes nobody.
func (h *Hub) Wake(shop, id string) {
	if h == nil {
		return
	}
	h.mu.Lock()
	defer h.mu.Unlock()
	for _, key := range [][2]string{{shop, id}, {}} { // the second: of All
		for w := range h.watches[key] {
			select {
			case w.C <- struct{}{}:
			default: // it has a wake-up waiting that covers this one too
			}
		}
	}
}
