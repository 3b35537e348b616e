package channels_test

import (
	"errors"
	"fmt"
	"net/http"
	"net/netip"
	"testing"
	"time"

	"github.com/floorwalker/floorwalker/channels"
	"github.com/floorwalker/floorwalker/dialog"
)

var proxies = []netip.Prefix{netip.MustParsePrefix("127.0.0.0/8"), netip.MustParsePrefix("172.16.0.0/12")}

func from(peer string, forwarded ...string) *http.Request {
	r := &http.Request{RemoteAddr: peer, Header: http.Header{}}
	for _, f := range forwarded {
		r.Header.Add("X-Forwarded-For", f)
	}
	return r
}

func TestWhoBegins(t *testing.T) {
	b := channels.NewBegins(3, proxies, time.Now)
	for _, c := range []struct {
		r    *http.Request
		want string // "": nobody who is limited
	}{
		{from("203.0.113.7:5000"), "203.0.113.7"},
		{from("203.0.113.7:5000", "198.51.100.1"), "203.0.113.7"}, // a stranger says who they are
		{from("127.0.0.1:5000", "198.51.100.1"), "198.51.100.1"},
		{from("127.0.0.1:5000", "6.6.6.6, 198.51.100.1, 172.17.0.1"), "198.51.100.1"}, // through two proxies; what stands before is hearsay
		{from("172.17.0.1:5000", "6.6.6.6", "198.51.100.1"), "198.51.100.1"},
		{from("127.0.0.1:5000"), ""},
		{from("127.0.0.1:5000", "nonsense"), ""},
		{from("172.17.0.1:5000"), "172.17.0.1"},
		{from("[2001:db8:1:2:3:4:5:6]:5000"), "2001:db8:1:2::"},
		{from("[::ffff:203.0.113.7]:5000"), "203.0.113.7"},
		{from("[::1]:5000"), ""},
		{from("@"), ""}, // a Unix socket's
	} {
		if got := b.Who(c.r); got.IsValid() != (c.want != "") || got.IsValid() && got.String() != c.want {
			t.Errorf("%s %v: %v, want %q", c.r.RemoteAddr, c.r.Header, got, c.want)
		}
	}
}

func TestTooManyAreBegunFromAnAddress(t *testing.T) {
	now := time.Date(2026, 11, 2, 9, 0, 0, 0, time.UTC)
	b := channels.NewBegins(3, nil, func() time.Time { return now })
	one, other := netip.MustParseAddr("203.0.113.7"), netip.MustParseAddr("203.0.113.8")
	for range 3 {
		if err := b.Take(one); err != nil {
			t.Fatal(err)
		}
	}
	var refused *dialog.Error
	for range 2 { // being refused costs nothing
		if err := b.Take(one); !errors.As(err, &refused) || refused.Code != dialog.RateLimited || refused.RetryAfter != 20*time.Second {
			t.Fatalf("the fourth: %v", err)
		}
	}
	if err := errors.Join(b.Take(other), b.Take(netip.Addr{}), (*channels.Begins)(nil).Take(one)); err != nil {
		t.Error(err)
	}
	now = now.Add(20 * time.Second)
	if err := b.Take(one); err != nil {
		t.Error("after the wait:", err)
	}
}

// Whoever has very many addresses takes no memory without bound, and nobody else's place.
func TestAddressesAreForgotten(t *testing.T) {
	now := time.Date(2026, 11, 2, 9, 0, 0, 0, time.UTC)
	b := channels.NewBegins(2, nil, func() time.Time { return now })
	address := func(i int) netip.Addr { return netip.MustParseAddr(fmt.Sprintf("10.%d.%d.%d", i>>16, i>>8&255, i&255)) }
	refused := 0
	for i := range 50_010 {
		if b.Take(address(i)) != nil {
			refused++
		}
	}
	if refused != 8 {
		t.Errorf("%d were refused, want the last ten but two", refused)
	}
	now = now.Add(time.Minute)
	for i := range 10 {
		if err := b.Take(address(60_000 + i)); err != nil {
			t.Fatal("a minute later:", err)
		}
	}
}
