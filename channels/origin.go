package channels

import (
	"net/url"
	"slices"
	"strings"
)

// MayTalk reports whether a page of an origin may talk to a shop: one of this server's own (host is
// that of the request), or of an origin that the shop lists. Clients that aren't browsers send
// no origin.
func MayTalk(origin, host string, listed []string) bool {
	if origin == "" {
		return true
	}
	u, err := url.Parse(origin)
	if err != nil {
		return false
	}
	return strings.EqualFold(u.Host, host) ||
		slices.ContainsFunc(listed, func(o string) bool { return strings.EqualFold(o, origin) || o == "*" })
}

// AnyMayTalk reports whether a page of an origin may talk to any of the shops, or is this server's
// own: which one it wants, a browser tells only afterwards.
func AnyMayTalk(origin, host string, shops []string, listed func(shop string) []string) bool {
	return MayTalk(origin, host, nil) ||
		slices.ContainsFunc(shops, func(shop string) bool { return MayTalk(origin, host, listed(shop)) })
}
