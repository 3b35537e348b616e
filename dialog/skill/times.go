package skill

import (
	"slices"
	"strings"
	"time"

	"github.com/floorwalker/floorwalker/catalog"
	"github.com/floorwalker/floorwalker/dialog/flow"
)

// stretch is a time spoken of: from and to, of which either may be open (zero).
type stretch struct{ from, to time.Time }

// bygone are the times that a text speaks of, as far as they have begun: a purchase lies in one of them. "May" and "Friday"
// are read as the last there was.
func (s *Set) bygone(said *flow.Said, now time.Time) []stretch {
	var out []stretch
	if said == nil {
		return nil
	}
	for _, e := range said.Entities {
		if e.Type != "date" && e.Type != "period" && e.Type != "datetime" {
			continue
		}
		for reading := range strings.SplitSeq(e.Value, "|") {
			if t, ok := s.stretchOf(e.Type, reading); ok && t.from.Before(now) {
				out = append(out, t)
			}
		}
	}
	return out
}

func (s *Set) stretchOf(kind, reading string) (stretch, bool) {
	day := func(text string) (time.Time, bool) {
		if text == ".." {
			return time.Time{}, true
		}
		t, err := time.ParseInLocation(time.DateOnly, text[:min(len(text), len(time.DateOnly))], s.zone)
		return t, err == nil
	}
	from, to, ok := strings.Cut(reading, "/")
	start, ok1 := day(from)
	if kind != "period" {
		return stretch{start, start.AddDate(0, 0, 1)}, ok1
	}
	end, ok2 := day(to)
	return stretch{start, end}, ok && ok1 && ok2
}

// placedIn reports whether an order was placed in one of the times.
func placedIn(o catalog.Order, times []stretch) bool {
	return o.PlacedAt != nil && slices.ContainsFunc(times, func(t stretch) bool {
		return !o.PlacedAt.Before(t.from) && (t.to.IsZero() || o.PlacedAt.Before(t.to))
	})
}
