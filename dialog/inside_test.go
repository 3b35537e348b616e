package dialog

import (
	"fmt"
	"testing"
	"time"

	"github.com/floorwalker/floorwalker/catalog"
)

func TestMergedIdentity(t *testing.T) {
	id := func(customer string, level catalog.Level) catalog.Identity {
		return catalog.Identity{Customer: customer, Level: level}
	}
	for _, c := range []struct{ known, who, want catalog.Identity }{
		{id("", catalog.Anonymous), id("ann", catalog.Claimed), id("ann", catalog.Claimed)},
		{id("ann", catalog.Claimed), id("ann", catalog.Verified), id("ann", catalog.Verified)},
		{id("ann", catalog.Verified), id("ann", catalog.Claimed), id("ann", catalog.Verified)},
		{id("ann", catalog.Claimed), id("bob", catalog.Claimed), id("bob", catalog.Claimed)},
		{id("ann", catalog.Claimed), id("bob", catalog.Verified), id("bob", catalog.Verified)},
		{id("ann", catalog.Verified), id("bob", catalog.Verified), id("ann", catalog.Verified)},
		{id("ann", catalog.Claimed), id("", catalog.Anonymous), id("ann", catalog.Claimed)},
	} {
		if got := merged(c.known, c.who); got != c.want {
			t.Errorf("%v, then %v: %v, want %v", c.known, c.who, got, c.want)
		}
	}
}

func TestLimitsForgetQuietConversations(t *testing.T) {
	l, now := newLimits(60), time.Date(2026, 10, 1, 12, 0, 0, 0, time.UTC)
	for i := range 10 * smallest {
		now = now.Add(time.Second)
		if wait := l.wait(place{"demo", fmt.Sprint(i)}, now); wait > 0 {
			t.Fatalf("the first message of a conversation is to wait %v", wait)
		}
	}
	if n := len(l.buckets); n > 2*smallest {
		t.Errorf("%d conversations are remembered", n)
	}
	for range 60 {
		l.wait(place{"demo", "loud"}, now)
	}
	if wait := l.wait(place{"demo", "loud"}, now); wait != time.Second {
		t.Errorf("the 61st at once waits %v, want 1s", wait)
	}
	if wait := l.wait(place{"demo", "loud"}, now.Add(time.Second)); wait != 0 {
		t.Errorf("a second later it waits %v", wait)
	}
}
