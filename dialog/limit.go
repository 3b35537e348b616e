package dialog

import (
	"sync"
	"time"

	"golang.org/x/time/rate"
)

// limits bound the messages of each conversation. A conversation that was quiet for a
// minute costs nothing: it is forgotten when the map has doubled.
type limits struct {
	perMinute int

	mu      sync.Mutex
	buckets map[place]*rate.Limiter
	sweep   int // size at which quiet conversations are forgotten
}

// smallest map that is worth sweeping.
const smallest = 1024

func newLimits(perMinute int) *limits {
	return &limits{perMinute: perMinute, buckets: map[place]*rate.Limiter{}, sweep: smallest}
}

// wait counts a message and returns 0, or refuses it and returns how long to wait.
func (l *limits) wait(p place, now time.Time) time.Duration {
	l.mu.Lock()
	defer l.mu.Unlock()
	b := l.buckets[p]
	if b == nil {
		l.forget(now)
		b = rate.NewLimiter(rate.Limit(float64(l.perMinute)/60), l.perMinute)
		l.buckets[p] = b
	}
	r := b.ReserveN(now, 1)
	if wait := r.DelayFrom(now); wait > 0 {
		r.CancelAt(now)
		return wait
	}
	return 0
}

// forget drops the full buckets: they are as new ones.
func (l *limits) forget(now time.Time) {
	if len(l.buckets) < l.sweep {
		return
	}
	for p, b := range l.buckets {
		if b.TokensAt(now) >= float64(l.perMinute) {
			delete(l.buckets, p)
		}
	}
	l.sweep = max(smallest, 2*len(l.buckets))
}
