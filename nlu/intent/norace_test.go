//go:build !race

package intent_test

import "testing"

// skipSlow skips nothing without the race detector.
func skipSlow(testing.TB) {}
