package skill

import (
	"context"
	"reflect"
	"strings"
	"time"

	"github.com/floorwalker/floorwalker/catalog"
	"github.com/floorwalker/floorwalker/dialog/flow"
)

// desk says whether people are there.
var desk = skill{
	Skill: flow.Skill{Name: "desk", Kind: flow.Look, View: reflect.TypeFor[DeskView]()},
	run:   (*Set).desk,
}

// DeskView is the desk as it is now.
type DeskView struct {
	catalog.Source
	Staffed bool   `expr:"staffed"`             // a person is there
	Open    bool   `expr:"open"`                // by hours and holidays
	Opens   string `expr:"opens" fact:"policy"` // next opening, worded: "Monday 09:00"; empty: open, or never
	Hours   string `expr:"hours" fact:"policy"` // of a week, worded: "Monday–Friday 09:00–18:00 PST"; empty: always
	Phone   string `expr:"phone" fact:"policy"` // the shop's; empty: none
	Email   string `expr:"email" fact:"policy"`
}

func (s *Set) desk(_ context.Context, call flow.Call) (flow.Result, error) {
	now := s.Now()
	v := DeskView{Source: s.source("policy/hours", s.Settings.Version), Open: s.Settings.Open(now),
		Hours: s.words.hours(s.Settings.Hours, now.In(s.zone), call.Locale), Phone: s.Settings.Contact.Phone, Email: s.Settings.Contact.Email}
	v.Staffed = s.Desk != nil && s.Desk.Staffed(s.Shop)
	if next := s.nextOpening(now); !v.Open && !next.IsZero() {
		v.Opens = s.words.opening(next, now.In(s.zone), call.Locale)
	}
	return flow.Result{View: v}, nil
}

// nextOpening is when the desk opens next, within a month; zero if it doesn't.
func (s *Set) nextOpening(now time.Time) time.Time {
	now = now.In(s.zone)
	for day := range 31 {
		date := time.Date(now.Year(), now.Month(), now.Day()+day, 12, 0, 0, 0, s.zone)
		from, _, _ := strings.Cut(s.Settings.Hours[strings.ToLower(date.Weekday().String()[:3])], "-")
		clock, err := time.Parse("15:04", from)
		if err != nil { // closed that day
			continue
		}
		at := time.Date(date.Year(), date.Month(), date.Day(), clock.Hour(), clock.Minute(), 0, 0, s.zone)
		if at.After(now) && s.Settings.Open(at) {
			return at
		}
	}
	return time.Time{}
}
