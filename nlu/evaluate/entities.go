package evaluate

import (
	"bufio"
	"encoding/json"
	"fmt"
	"io"
	"slices"
	"time"
	"unicode/utf8"

	"github.com/floorwalker/floorwalker/nlu"
	"github.com/floorwalker/floorwalker/nlu/entity"
)

// EntityCase is one text with the values that it holds.
type EntityCase struct {
	Text string `json:"text"`
	Lang string `json:"lang"`
	// ReferenceTime is when it was written, in RFC 3339 or without a zone: "2016-11-07T00:00:00".
	ReferenceTime string   `json:"reference_time,omitempty"`
	Entities      []Entity `json:"entities"`
}

// Entity is a value in an [EntityCase]; positions are code points, half-open.
type Entity struct {
	Type  string `json:"type"`
	Text  string `json:"text"`
	Value string `json:"value"`
	Start int    `json:"start"`
	End   int    `json:"end"`
}

// EntityScore is the result of "eval entities".
type EntityScore struct {
	N      int                  `json:"n"`     // values in the cases
	Exact  float64              `json:"exact"` // part of them found with the right value
	ByType map[string]TypeScore `json:"by_type"`
}

// TypeScore is of one type. Exact is recall: the part of the values that were found, at an overlapping place, with the same value.
// Precision is the part of what was found that is right, in texts that have the type or no values at all.
type TypeScore struct {
	N         int     `json:"n"`
	Found     int     `json:"found"`
	Exact     float64 `json:"exact"`
	Span      float64 `json:"span"` // part of the values found at the very place, whatever their value
	Precision float64 `json:"precision"`
	F1        float64 `json:"f1"`

	exact, span int
}

// EntityMiss is a text in which something is wrong.
type EntityMiss struct {
	Case EntityCase
	Type string
	Got  []Entity
}

// Want are the values that should have been found.
func (m EntityMiss) Want() []Entity { return ofType(m.Case.Entities, m.Type) }

// EntityCases reads JSON lines. A line that isn't a case is an error that names it.
func EntityCases(r io.Reader) ([]EntityCase, error) {
	var out []EntityCase
	lines := bufio.NewScanner(r)
	lines.Buffer(nil, 1<<22)
	for n := 1; lines.Scan(); n++ {
		if len(lines.Bytes()) == 0 {
			continue
		}
		var c EntityCase
		if err := json.Unmarshal(lines.Bytes(), &c); err != nil {
			return nil, fmt.Errorf("line %d: %w", n, err)
		}
		if _, err := c.when(); err != nil {
			return nil, fmt.Errorf("line %d: %w", n, err)
		}
		for _, e := range c.Entities {
			if _, ok := entityType(e.Type); !ok {
				return nil, fmt.Errorf("line %d: no type %q; types are %v", n, e.Type, entity.Types())
			}
		}
		out = append(out, c)
	}
	return out, lines.Err()
}

func (c EntityCase) when() (time.Time, error) {
	if c.ReferenceTime == "" {
		return time.Time{}, nil
	}
	for _, layout := range []string{time.RFC3339, "2006-01-02T15:04:05", "2006-01-02 15:04:05", "2006-01-02"} {
		if t, err := time.Parse(layout, c.ReferenceTime); err == nil {
			return t, nil
		}
	}
	return time.Time{}, fmt.Errorf("reference_time %q is no time", c.ReferenceTime)
}

// Entities looks in each text for the types that the cases have anywhere, each on its own, and compares.
func Entities(cases []EntityCase) (EntityScore, []EntityMiss) {
	types := []string{}
	for _, c := range cases {
		for _, e := range c.Entities {
			if !slices.Contains(types, e.Type) {
				types = append(types, e.Type)
			}
		}
	}
	slices.Sort(types)
	return entities(cases, types)
}

func entities(cases []EntityCase, types []string) (EntityScore, []EntityMiss) {
	s := EntityScore{ByType: map[string]TypeScore{}}
	right := 0
	var misses []EntityMiss
	for _, kind := range types {
		var t TypeScore
		for _, c := range cases {
			want := ofType(c.Entities, kind)
			if len(want) == 0 && len(c.Entities) > 0 {
				continue // labelled for other types: silent about this one
			}
			got := found(c, kind)
			exact, span := compare(c, want, got)
			t.N, t.Found, t.exact, t.span = t.N+len(want), t.Found+len(got), t.exact+exact, t.span+span
			if exact < len(want) || exact < len(got) {
				misses = append(misses, EntityMiss{c, kind, got})
			}
		}
		t.Exact, t.Span, t.Precision, t.F1 = ratio(t.exact, t.N), ratio(t.span, t.N), ratio(t.exact, t.Found), ratio(2*t.exact, t.N+t.Found)
		s.ByType[kind] = t
		s.N += t.N
		right += t.exact
	}
	s.Exact = ratio(right, s.N)
	return s, misses
}

func ofType(all []Entity, kind string) []Entity {
	var out []Entity
	for _, e := range all {
		if e.Type == kind {
			out = append(out, e)
		}
	}
	return out
}

// found are the values of a type, with positions in code points.
func found(c EntityCase, kind string) []Entity {
	now, _ := c.when() // EntityCases has read it
	name, _ := entityType(kind)
	var out []Entity
	for _, e := range entity.Find(c.Text, name, nlu.Context{Locale: c.Lang, Now: now}) {
		start := utf8.RuneCountInString(c.Text[:e.Start])
		out = append(out, Entity{Type: kind, Text: e.Text, Value: e.Value, Start: start, End: start + utf8.RuneCountInString(e.Text)})
	}
	return out
}

// compare counts the wanted values that were found with their value, and those found at their place. Each found value counts once.
func compare(c EntityCase, want, got []Entity) (exact, span int) {
	used := make([]bool, len(got))
	for _, w := range want {
		for i, g := range got {
			if !used[i] && w.Start < g.End && g.Start < w.End && sameValue(w, g, c.Lang) {
				used[i] = true
				exact++
				break
			}
		}
		if slices.ContainsFunc(got, func(g Entity) bool { return g.Start == w.Start && g.End == w.End }) {
			span++
		}
	}
	return exact, span
}
