package when

// hanPart reads a part of the day.
func (r *reader) hanPart(i int) (from, next int, ok bool) {
	for _, p := range hanParts {
		if end, ok := r.says(i, p.words); ok {
			return p.from, end, true
		}
	}
	return -1, i, false
}

// hanClock reads 晚上九点半, 15时20分, 下午5:00.
func (r *reader) hanClock(i int) (item, bool) { return r.once('3', i, r.readHanClock) }

func (r *reader) readHanClock(i int) (item, bool) {
	at := i
	if n, ok := r.says(at, "大约", "大概", "差不多"); ok {
		at = n
	}
	from, at, parted := r.hanPart(at)
	if r.Word(at) == "的" && parted {
		at++
	}
	h, m, s, next, ok := r.hanHour(at)
	if !ok {
		return item{}, false
	}
	if !parted {
		if plus, n, ok := r.half(next); ok {
			h, next, parted, from = h%12+plus, n, true, plus
			return item{kind: Time, next: next, clocks: []int{h*3600 + m*60 + s}}, true
		}
	}
	total := h*3600 + m*60 + s
	it := item{kind: Time, next: next, clocks: []int{total}}
	switch {
	case parted && h <= 12 && from >= 11:
		if from == 11 && h >= 11 || h == 12 {
			break
		}
		it.clocks = []int{total + 12*3600}
	case parted:
		if h == 12 && from == 0 {
			it.clocks = []int{total % (12 * 3600)}
		}
	case h >= 1 && h <= 12:
		it.clocks = []int{total, (total + 12*3600) % (24 * 3600)}
	}
	return it, true
}

func (r *reader) hanHour(i int) (h, m, s, next int, ok bool) {
	if r.Digits(i) && r.clockAt(i) {
		h, m, s, next, kind := r.figures(i)
		return h, m, s, next, kind == 'c'
	}
	h, at, ok := r.hourNumber(i)
	if !ok || h > 24 {
		return 0, 0, 0, 0, false
	}
	if w := r.Word(at); w != "点" && w != "點" && w != "时" && w != "時" {
		return 0, 0, 0, 0, false
	}
	next = at + 1
	if n, ok := r.says(next, "钟", "鐘", "整"); ok {
		return h, 0, 0, n, true
	}
	switch n, ok := r.says(next, "半"); {
	case ok:
		return h, 30, 0, n, true
	}
	if n, ok := r.says(next, "一刻"); ok {
		return h, 15, 0, n, true
	}
	if n, ok := r.says(next, "三刻"); ok {
		return h, 45, 0, n, true
	}
	if mm, n, ok := r.wholeNumber(next); ok && mm < 60 && r.Word(n) != "点" && (r.Word(n) == "分" || r.Han(next) && !hanCounts[r.Word(n)] && n > next+1) {
		m, next = mm, n
		if r.Word(next) == "分" {
			next++
		}
		if ss, n, ok := r.wholeNumber(next); ok && ss < 60 && r.Word(n) == "秒" {
			s, next = ss, n+1
		}
	} else if w := r.Word(next); hanCounts[w] {
		return 0, 0, 0, 0, false // 一点小礼物
	}
	if w := r.Word(i); w == "一" && next == i+2 && !r.Digits(i) { // 一点 is mostly "a bit"
		_, _, parted := r.hanPart(i - 2)
		return h, m, s, next, parted
	}
	return h, m, s, next, true
}

// hourNumber reads the number before 点, which a longer number would take for a decimal point.
func (r *reader) hourNumber(i int) (int, int, bool) {
	if r.Digits(i) {
		return atoi(r.Word(i)), i + 1, len(r.Word(i)) <= 2
	}
	end := i
	for ; end < i+3 && hourDigits[r.Word(end)] > 0; end++ {
	}
	if end == i {
		return 0, 0, false
	}
	v := 0
	for k := i; k < end; k++ {
		switch d := hourDigits[r.Word(k)]; {
		case d == 10 && v == 0:
			v = 10
		case d == 10:
			v *= 10
		case d == 100:
		default:
			v += d
		}
	}
	return v, end, true
}

// hourDigits: 100 stands for zero.
var hourDigits = map[string]int{"零": 100, "一": 1, "二": 2, "两": 2, "兩": 2, "三": 3, "四": 4, "五": 5, "六": 6, "七": 7, "八": 8, "九": 9, "十": 10}

// hanMoment reads a day with a time of the day.
func (r *reader) hanMoment(i int) (item, bool) {
	if it, ok := r.hanAway(i); ok && it.kind == DateTime {
		return it, true
	}
	d, ok := r.hanDate(i)
	at := d.next
	if n, early := r.says(i, "今晚", "今早"); early {
		d, ok, at = fixed(Date, n, day(r.today)), true, n-1
	} else if n, early := r.says(i, "明晚", "明早"); early {
		d, ok, at = fixed(Date, n, day(r.today.AddDate(0, 0, 1))), true, n-1
	} else if n, early := r.says(i, "昨晚"); early {
		d, ok, at = fixed(Date, n, day(r.today.AddDate(0, 0, -1))), true, n-1
	}
	if !ok {
		return item{}, false
	}
	if r.Word(at) == "的" || r.Word(at) == "," {
		at++
	}
	c, ok := r.hanClock(at)
	if !ok {
		return item{}, false
	}
	if w := r.Word(c.next); w == "-" || w == "到" || w == "至" || w == "和" {
		return item{}, false
	}
	return join(d, c, -1)
}
