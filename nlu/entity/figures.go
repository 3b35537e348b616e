package entity

import (
	"regexp"
	"slices"

	"github.com/floorwalker/floorwalker/nlu/numeral"
	"github.com/floorwalker/floorwalker/nlu/when"
)

func percentages(in *input) []hit { return hitsOf("percentage", in.numerals().Percentages()) }

// ordinals are the places that are no reference to something shown, counted from the start.
func ordinals(in *input) []hit {
	return slices.DeleteFunc(hitsOf("ordinal", in.numerals().Ordinals()), func(h hit) bool { return !isDigit(h.value[0]) })
}

// times are dates, times of the day, periods and durations.
func times(in *input) []hit {
	var out []hit
	for _, t := range in.times() {
		if !unitAfter.MatchString(in.after(t.End, 12)) || t.Kind == when.Duration {
			out = append(out, hit{string(t.Kind), t.Value, t.Start, t.End})
		}
	}
	return out
}

func hitsOf(kind string, spans []numeral.Span) []hit {
	out := make([]hit, 0, len(spans))
	for _, s := range spans {
		out = append(out, hit{kind, s.Value, s.Start, s.End})
	}
	return out
}

// timeAfter are units of time: with them a bound is a length of time.
var timeAfter = regexp.MustCompile(`^\s?(?:days?|weeks?|months?|years?|hours?|minutes?|mins?|天|周|星期|个月|年|小时|分钟)`)

// numberRanges are bounds of things that aren't money: a unit follows ("more than 5 kg").
func numberRanges(in *input) []hit {
	var out []hit
	for _, v := range in.numerals().Intervals() {
		if rest := in.after(v.NumberTo, 12); unitAfter.MatchString(rest) && !timeAfter.MatchString(rest) {
			out = append(out, hit{"number_range", v.String(), v.Start, v.End})
		}
	}
	return out
}
