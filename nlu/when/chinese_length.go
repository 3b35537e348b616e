package when

// hanLength reads a length: 8天又二十个小时, 半年, 三年半.
func (r *reader) hanLength(i int) (length, int, bool) {
	it, ok := r.once('6', i, func(i int) (item, bool) {
		l, next, ok := r.readHanLength(i)
		return item{length: l, next: next}, ok
	})
	return it.length, it.next, ok
}

func (r *reader) readHanLength(i int) (length, int, bool) {
	l, next := length{}, i
	for {
		at := next
		if r.Word(at) == "又" && at > i {
			at++
		}
		v, n := 0.5, at+1
		if r.Word(at) != "半" {
			var ok bool
			if v, n, ok = r.Read(at); !ok || v < 0 || v >= 10000 {
				break
			}
			if r.Digits(at) && n > at+1 && r.Han(n-1) {
				v, n = float64(atoi(r.Word(at))), at+1
			}
		}
		unit := byte(0)
		for _, u := range hanUnits {
			if end, ok := r.says(n, u.words); ok {
				unit, n = u.unit, end
				break
			}
		}
		if unit == 0 || unit == 'D' && r.Word(n-1) == "日" && at == i || unit == 'Y' && v > 1000 {
			break
		}
		l.put(unit, v)
		next = n
		if r.Word(next) == "半" && !r.hanUnitAt(next+1) {
			l.put(unit, 0.5)
			next++
			break
		}
	}
	return l, next, next > i
}

func (r *reader) hanUnitAt(i int) bool {
	for _, u := range hanUnits {
		if _, ok := r.says(i, u.words); ok {
			return true
		}
	}
	return false
}

func (r *reader) hanDuration(i int) (item, bool) {
	if w := r.Word(i - 1); w == "每" || w == "第" {
		return item{}, false
	}
	l, next, ok := r.hanLength(i)
	return item{kind: Duration, next: next, length: l}, ok && l.iso() != ""
}

// hanAway reads 5天前, 两周之后, 10分钟之前.
func (r *reader) hanAway(i int) (item, bool) { return r.once('5', i, r.readHanAway) }

func (r *reader) readHanAway(i int) (item, bool) {
	l, next, ok := r.hanLength(i)
	if !ok {
		return item{}, false
	}
	sign := 0
	end, ok := r.says(next, "之前", "以前", "前")
	if ok {
		sign = -1
	} else if end, ok = r.says(next, "之后", "之後", "以后", "以後", "后", "後"); ok {
		sign = 1
	}
	if sign == 0 {
		return item{}, false
	}
	if l.short() {
		t := l.add(r.now, sign)
		return fixed(DateTime, end, stretch{t, t}), true
	}
	return fixed(Date, end, day(l.add(r.today, sign))), true
}
