package channels

import "sync/atomic"

// Room is for so many connections at once, whatever their channel.
type Room struct {
	most int64
	in   atomic.Int64
}

// NewRoom has room for most connections.
func NewRoom(most int) *Room { return &Room{most: int64(most)} }

// Enter takes a place, unless all are taken. Who took one gives it back by Leave.
func (r *Room) Enter() bool {
	if r.in.Add(1) > r.most {
		r.in.Add(-1)
		return false
	}
	return true
}

// Leave gives a place back.
func (r *Room) Leave() { r.in.Add(-1) }

// Taken is how many places are taken.
func (r *Room) Taken() int64 { return r.in.Load() }
