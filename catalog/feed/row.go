package feed

import (
	"encoding/json"
	"fmt"
	"maps"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"time"
	"unicode"
	"unicode/utf8"

	"github.com/shopspring/decimal"
)

const idLimit = 128 // characters, by the protocol

// row collects what is done to one row: the first reason to refuse it, and what was cleaned.
type row struct {
	cleaned []string
	refused string
	broken  bool // not even a row
}

func (r *row) clean(format string, args ...any) {
	r.cleaned = append(r.cleaned, fmt.Sprintf(format, args...))
}

func (r *row) refuse(format string, args ...any) {
	if r.refused == "" {
		r.refused = fmt.Sprintf(format, args...)
	}
}

// object reads the values of a JSON object, or of a CSV row, and puts right what it can.
// Its methods return zero values once the row is refused.
type object struct {
	values map[string]any
	path   string // before the keys, in notes
	row    *row
	known  map[string]bool
}

func newObject(values map[string]any, path string, r *row) object {
	return object{values: values, path: path, row: r, known: map[string]bool{}}
}

func (o object) get(key string) any {
	o.known[key] = true
	return o.values[key]
}

// done tells which fields were not read.
func (o object) done() {
	for _, key := range slices.Sorted(maps.Keys(o.values)) {
		if !o.known[key] {
			o.row.clean("unknown field %s ignored", quoted(o.path+key))
		}
	}
}

// text is a value as text: spaces around it and control characters within are removed,
// numbers and booleans written out.
func (o object) text(key string) string {
	return o.asText(o.get(key), o.path+key)
}

func (o object) asText(value any, at string) string {
	switch v := value.(type) {
	case nil:
		return ""
	case string:
		return o.tidy(v, at)
	case json.Number:
		o.row.clean("%s: the number %s made text", quoted(at), v)
		return v.String()
	case bool:
		o.row.clean("%s: %t made text", quoted(at), v)
		return strconv.FormatBool(v)
	}
	o.row.refuse("%s is not text", quoted(at))
	return ""
}

func (o object) tidy(s, at string) string { return o.row.tidy(s, at) }

// tidy removes spaces around a text and control characters within.
func (r *row) tidy(s, at string) string {
	out := strings.TrimSpace(s)
	if out != s {
		r.clean("%s: spaces around it removed", quoted(at))
	}
	plain := strings.Map(func(r rune) rune {
		if unicode.IsControl(r) && r != '\n' && r != '\t' && r != '\r' {
			return -1
		}
		return r
	}, out)
	if plain != out {
		r.clean("%s: control characters removed", quoted(at))
	}
	return plain
}

// id is a key of the shop's own: kept exactly but for spaces around it.
func (o object) id(key string) string {
	if s, ok := o.values[key].(string); ok && strings.ContainsFunc(strings.TrimSpace(s), unicode.IsControl) {
		o.known[key] = true
		o.row.refuse("%s has control characters", quoted(o.path+key))
		return ""
	}
	id := o.text(key)
	switch n := utf8.RuneCountInString(id); {
	case id == "":
		o.row.refuse("%s is missing", quoted(o.path+key))
	case n > idLimit:
		o.row.refuse("%s has %d characters: at most %d are allowed", quoted(o.path+key), n, idLimit)
	}
	return id
}

// need is text that must be there.
func (o object) need(key string) string {
	s := o.text(key)
	if s == "" {
		o.row.refuse("%s is missing", quoted(o.path+key))
	}
	return s
}

var amountForm = regexp.MustCompile(`^-?\d{1,12}(\.\d{1,6})?$`)

// amount is a decimal number, best written as text.
func (o object) amount(key string) decimal.Decimal {
	value, at := o.get(key), o.path+key
	var s string
	switch v := value.(type) {
	case nil:
		o.row.refuse("%s is missing", quoted(at))
		return decimal.Zero
	case string:
		s = o.tidy(v, at)
	case json.Number:
		s = v.String()
		o.row.clean("%s: the number %s made decimal text", quoted(at), s)
	default:
		o.row.refuse("%s is not an amount: write it like \"19.90\"", quoted(at))
		return decimal.Zero
	}
	if !amountForm.MatchString(s) {
		o.row.refuse("%s: %s is not an amount: write it like \"19.90\"", quoted(at), quoted(s))
		return decimal.Zero
	}
	d, err := decimal.NewFromString(s)
	if err != nil {
		o.row.refuse("%s: %s is not an amount: write it like \"19.90\"", quoted(at), quoted(s))
	}
	return d
}

// price is an amount that isn't negative.
func (o object) price(key string) decimal.Decimal {
	d := o.amount(key)
	if d.IsNegative() {
		o.row.refuse("%s is negative", quoted(o.path+key))
	}
	return d
}

// whole is a whole number; absent if it isn't there.
func (o object) whole(key string) (n int, ok bool) {
	value, at := o.get(key), o.path+key
	var s string
	switch v := value.(type) {
	case nil:
		return 0, false
	case json.Number:
		s = v.String()
	case string:
		if s = o.tidy(v, at); s == "" {
			return 0, false
		}
	}
	n, err := strconv.Atoi(s)
	if err != nil || n > 1e9 || n < -1e9 {
		o.row.refuse("%s: %s is not a whole number", quoted(at), quoted(fmt.Sprint(value)))
	}
	return n, true
}

func (o object) truth(key string) bool {
	switch v := o.get(key).(type) {
	case bool:
		return v
	case string:
		if b, err := strconv.ParseBool(strings.ToLower(strings.TrimSpace(v))); err == nil {
			o.row.clean("%s: text %s made %t", quoted(o.path+key), quoted(v), b)
			return b
		}
	}
	o.row.refuse("%s is neither true nor false", quoted(o.path+key))
	return false
}

// when is a time (RFC 3339); a date alone means its first moment, in UTC.
func (o object) when(key string) *time.Time {
	s := o.text(key)
	if s == "" {
		return nil
	}
	for _, form := range []string{time.RFC3339Nano, time.DateTime, "2006-01-02T15:04:05", time.DateOnly} {
		t, err := time.Parse(form, s)
		if err != nil || t.Year() < 1900 || t.Year() > 2200 {
			continue
		}
		if form != time.RFC3339Nano {
			o.row.clean("%s: %s read as %s", quoted(o.path+key), quoted(s), t.Format(time.RFC3339))
		}
		return &t
	}
	o.row.refuse("%s: %s is not a time: write it like 2026-11-03T09:30:00Z", quoted(o.path+key), quoted(s))
	return nil
}

func (o object) date(key string) string {
	s := o.text(key)
	if _, err := time.Parse(time.DateOnly, s); s != "" && err != nil {
		o.row.refuse("%s: %s is not a date: write it like 2026-11-03", quoted(o.path+key), quoted(s))
	}
	return s
}

// texts is a list of text; never nil.
func (o object) texts(key string) []string {
	list := []string{}
	switch v := o.get(key).(type) {
	case nil:
	case []any:
		for i, item := range v {
			list = append(list, o.asText(item, fmt.Sprintf("%s%s[%d]", o.path, key, i)))
		}
	default:
		o.row.refuse("%s is not a list", quoted(o.path+key))
	}
	return list
}

// pairs is a mapping of text to text; nil if it isn't there.
func (o object) pairs(key string) map[string]string {
	inner, ok := o.object(key)
	if !ok {
		return nil
	}
	out := make(map[string]string, len(inner.values))
	for k := range inner.values {
		out[k] = ""
	}
	for _, k := range slices.Sorted(maps.Keys(out)) { // in order, for the notes
		out[k] = inner.text(k)
	}
	return out
}

func (o object) object(key string) (object, bool) {
	switch v := o.get(key).(type) {
	case nil:
	case map[string]any:
		return newObject(v, o.path+key+".", o.row), true
	default:
		o.row.refuse("%s is not an object: write {…}", quoted(o.path+key))
	}
	return newObject(nil, o.path+key+".", o.row), false
}

// objects calls fn with each object of a list.
func (o object) objects(key string, fn func(object)) {
	value := o.get(key)
	list, ok := value.([]any)
	if !ok && value != nil {
		o.row.refuse("%s is not a list", quoted(o.path+key))
	}
	for i, item := range list {
		at := fmt.Sprintf("%s%s[%d]", o.path, key, i)
		values, ok := item.(map[string]any)
		if !ok {
			o.row.refuse("%s is not an object: write {…}", quoted(at))
			return
		}
		inner := newObject(values, at+".", o.row)
		fn(inner)
		inner.done()
	}
}

func quoted(s string) string { return strconv.Quote(shown(s)) }
