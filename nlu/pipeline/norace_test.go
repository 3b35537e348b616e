//go:build !race

package pipeline_test

import "testing"

// skipSlow skips nothing without the race detector.
func skipSlow(testing.TB) {}
