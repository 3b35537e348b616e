package numeral

import "github.com/floorwalker/floorwalker/nlu/fold"

// Other recognisers read the same tokens: words, runs of digits, single Chinese characters and signs.

// Len is how many tokens there are.
func (x *Text) Len() int { return len(x.tokens) }

// Word is token i in lower case, "" beyond the ends.
func (x *Text) Word(i int) string { return x.text(i) }

// Bounds are the byte offsets of token i in the folded text.
func (x *Text) Bounds(i int) (start, end int) { return x.tokens[i].start, x.tokens[i].end }

// Joined reports whether token i follows the one before it without a space.
func (x *Text) Joined(i int) bool { return x.joined(i) }

// Digits reports whether token i is a run of digits, Han whether it is a Chinese character.
func (x *Text) Digits(i int) bool { return x.is(i, digits) }

// Han reports whether token i is a Chinese character.
func (x *Text) Han(i int) bool { return x.is(i, han) && fold.Han([]rune(x.tokens[i].text)[0]) }

// Read reads the number that begins at token i; next is the token after it.
func (x *Text) Read(i int) (v float64, next int, ok bool) {
	if i < 0 || i >= len(x.tokens) {
		return 0, 0, false
	}
	v, next, _, ok = x.magnitude(i)
	return v, next, ok
}

// ReadPlace reads the ordinal that begins at token i.
func (x *Text) ReadPlace(i int) (v float64, next int, ok bool) {
	if i < 0 || i >= len(x.tokens) {
		return 0, 0, false
	}
	return x.place(i)
}
