//go:build race

package pipeline_test

import "testing"

// skipSlow skips what learns from all built-in intents: under the race detector that takes
// minutes, and it is about quality, not about races.
func skipSlow(t testing.TB) {
	t.Helper()
	t.Skip("SKIPPED under the race detector: learning takes minutes; run without -race")
}
