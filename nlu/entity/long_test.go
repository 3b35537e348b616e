package entity_test

import (
	"strings"
	"testing"
	"time"

	"github.com/floorwalker/floorwalker/nlu"
	"github.com/floorwalker/floorwalker/nlu/entity"
)

// BenchmarkExtractRants are ten thousand characters of what makes readers look far ahead, or back.
func BenchmarkExtractRants(b *testing.B) {
	now := time.Date(2026, 11, 3, 15, 30, 0, 0, time.UTC)
	for name, piece := range map[string]string{"after": "2 days after ", "and": "one hundred and ", "million": "million one ", "from": "从一月到", "at": "at ", "half": "half past ",
		"dates": "1/1/1-", "than": "more than 3 ", "the": "the next ", "since": "since the end of ", "又": "三天又", "dollars": "5 dollars and ", "html": "<td>3 May</td>"} {
		text := strings.Repeat(piece, 10_000/len(piece))
		b.Run(name, func(b *testing.B) {
			for b.Loop() {
				entity.Extract(text, nil, entity.Shape{}, nlu.Context{Locale: "zh", Now: now})
			}
		})
	}
}
