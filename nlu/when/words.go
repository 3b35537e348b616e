package when

import "strings"

// These tables are constants in all but syntax: nothing writes to them.
var (
	months = names(`january/jan february/feb march/mar april/apr may june/jun july/jul august/aug september/sept/sep october/oct november/nov december/dec`)
	// weekdays count from Monday, 1.
	weekdays = names(`monday/mondays/mon tuesday/tuesdays/tues/tue wednesday/wednesdays/weds/wed thursday/thursdays/thurs/thur/thu friday/fridays/fri saturday/saturdays/sat sunday/sundays/sun`)
	// unsure words are times only where the words around them say so: "sat", "may".
	unsure = set(`may mar sun sat wed mon dec sep jan jun march`)

	units = map[string]byte{
		"second": 's', "seconds": 's', "sec": 's', "secs": 's', "minute": 'm', "minutes": 'm', "min": 'm', "mins": 'm', "hour": 'h', "hours": 'h',
		"hr": 'h', "hrs": 'h', "day": 'D', "days": 'D', "night": 'D', "nights": 'D', "week": 'W', "weeks": 'W', "wk": 'W', "wks": 'W', "month": 'M', "months": 'M',
		"year": 'Y', "years": 'Y', "yr": 'Y', "yrs": 'Y', "quarter": 'Q', "quarters": 'Q', "weekend": 'E', "weekends": 'E', "fortnight": 'F', "fortnights": 'F',
		"decade": 'X', "decades": 'X', "workweek": 'K', "century": 'C',
	}

	// which words point at the week, month … before, at and after now.
	which = map[string]int{
		"this": 0, "current": 0, "the": 0, "same": 0, "last": -1, "previous": -1, "prior": -1, "past": -1, "preceding": -1,
		"next": 1, "coming": 1, "upcoming": 1, "following": 1,
	}

	relativeDays = map[string]int{
		"today": 0, "tonight": 0, "tonite": 0, "tomorrow": 1, "tomorow": 1, "tommorow": 1, "tommorrow": 1, "tmr": 1, "tmrw": 1, "tomo": 1, "yesterday": -1,
		"otd": 0,
	}

	dayParts = map[string][2]int{
		"morning": {8, 12}, "mornings": {8, 12}, "afternoon": {12, 16}, "evening": {16, 20}, "night": {20, 24}, "tonight": {20, 24}, "tonite": {20, 24},
	}

	starters = set(`today tonight tonite tomorrow tomorow tommorow tommorrow tmr tmrw tomo yesterday noon midnight midday noonish easter christmas xmas past oclock am pm p mid
		thanksgiving halloween juneteenth eod q1 q2 q3 q4 h1 h2 otd half quarter weekend fortnight century black cyber`)

	hanHints = set(`年 月 日 号 號 周 週 天 星 礼 禮 点 點 时 時 分 秒 早 晚 午 前 后 後 近 昨 今 明 季 晨 刚 钟 鐘 纪 紀 代`)
)

func names(words string) map[string]int {
	out := map[string]int{}
	for i, group := range strings.Fields(words) {
		for _, w := range strings.Split(group, "/") {
			out[w] = i + 1
		}
	}
	return out
}

func set(words string) map[string]bool {
	out := map[string]bool{}
	for _, w := range strings.Fields(words) {
		out[w] = true
	}
	return out
}
