package channels

import (
	"fmt"
	"net/http"
	"net/netip"
	"strings"
	"sync"
	"time"

	"golang.org/x/time/rate"

	"github.com/floorwalker/floorwalker/dialog"
)

// Begins limits how many conversations one address begins. Safe for use at once; nil limits nothing.
type Begins struct {
	perMinute int
	proxies   []netip.Prefix
	now       func() time.Time

	mu   sync.Mutex
	from map[netip.Addr]*rate.Limiter
}

// mostAddresses is how many addresses are told apart at once. Where there are more, the new ones
// have one limit in common.
const mostAddresses = 50_000

// NewBegins lets an address begin perMinute conversations at once, and as many again each minute.
// What X-Forwarded-For says is believed of proxies only, by their addresses.
func NewBegins(perMinute int, proxies []netip.Prefix, now func() time.Time) *Begins {
	return &Begins{perMinute: perMinute, proxies: proxies, now: now, from: map[netip.Addr]*rate.Limiter{}}
}

// Who is the address that a request is from: that of its connection or, if that is a proxy's, the
// last in X-Forwarded-For that isn't. It is invalid for programs on this machine that no proxy
// speaks for, which aren't limited. Of an IPv6 address the network counts, 64 bits.
func (b *Begins) Who(r *http.Request) netip.Addr {
	if b == nil {
		return netip.Addr{}
	}
	port, err := netip.ParseAddrPort(r.RemoteAddr)
	if err != nil {
		return netip.Addr{}
	}
	who := port.Addr().Unmap()
	passed := strings.Split(strings.Join(r.Header.Values("X-Forwarded-For"), ","), ",")
	for i := len(passed) - 1; i >= 0 && b.proxy(who); i-- {
		before, err := netip.ParseAddr(strings.TrimSpace(passed[i]))
		if err != nil {
			break
		}
		who = before.Unmap()
	}
	if who.IsLoopback() {
		return netip.Addr{}
	}
	if who.Is6() {
		network, _ := who.WithZone("").Prefix(64) // 64 bits are never too many
		return network.Addr()
	}
	return who
}

func (b *Begins) proxy(a netip.Addr) bool {
	for _, p := range b.proxies {
		if p.Contains(a) {
			return true
		}
	}
	return false
}

// Take counts a conversation that an address begins; an error says that it has begun too many.
func (b *Begins) Take(who netip.Addr) error {
	if b == nil || !who.IsValid() {
		return nil
	}
	now := b.now()
	if reserved := b.limiter(who, now).ReserveN(now, 1); reserved.DelayFrom(now) > 0 {
		wait := reserved.DelayFrom(now)
		reserved.CancelAt(now)
		return &dialog.Error{Code: dialog.RateLimited, RetryAfter: wait,
			Message: fmt.Sprintf("more than %d conversations a minute are begun from your address; try again later", b.perMinute)}
	}
	return nil
}

// limiter is that of an address.
func (b *Begins) limiter(who netip.Addr, now time.Time) *rate.Limiter {
	b.mu.Lock()
	defer b.mu.Unlock()
	if l := b.from[who]; l != nil {
		return l
	}
	if len(b.from) >= mostAddresses {
		b.forget(now)
	}
	if len(b.from) >= mostAddresses {
		who = netip.Addr{}
		if l := b.from[who]; l != nil {
			return l
		}
	}
	l := rate.NewLimiter(rate.Limit(float64(b.perMinute)/60), b.perMinute)
	b.from[who] = l
	return l
}

// forget drops addresses that have begun nothing for so long that it makes no difference.
func (b *Begins) forget(now time.Time) {
	for who, l := range b.from {
		if l.TokensAt(now) >= float64(b.perMinute) {
			delete(b.from, who)
		}
	}
}
