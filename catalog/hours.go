package catalog

import (
	"strings"
	"time"
)

// openAt reports whether the shop's desk hours include t. Settings that don't parse count as
// closed: the checker has refused them before.
func openAt(s Settings, t time.Time) bool {
	if len(s.Hours) == 0 {
		return true
	}
	zone, err := time.LoadLocation(s.TimeZone)
	if err != nil {
		return false
	}
	t = t.In(zone)
	for _, h := range s.Holidays {
		if h.Date == t.Format(time.DateOnly) {
			return false
		}
	}
	from, to, ok := strings.Cut(s.Hours[strings.ToLower(t.Weekday().String()[:3])], "-")
	now := t.Format("15:04")
	return ok && from <= now && now < to
}
