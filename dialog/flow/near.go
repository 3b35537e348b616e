package flow

import (
	"cmp"
	"fmt"
	"maps"
	"slices"
	"strings"
)

// allowed words what may stand in a place: the nearest name if one is near, and the list if
// it is short.
func allowed(got string, names []string) string {
	if len(names) == 0 {
		return "none is known"
	}
	names = slices.Sorted(slices.Values(names))
	list := strings.Join(names, ", ")
	if len(names) > 12 {
		list = strings.Join(names[:12], ", ") + ", …"
	}
	if n := nearest(got, names); n != "" {
		return fmt.Sprintf("did you mean `%s`? Allowed: %s", n, list)
	}
	return "allowed: " + list
}

func keysOf[K cmp.Ordered, V any](m map[K]V) []K { return slices.Sorted(maps.Keys(m)) }

// nearest is the name within an edit distance of a third of its length, "" if none is.
func nearest(got string, names []string) string {
	best, least := "", 1+max(1, len(got)/3)
	for _, n := range names {
		if d := distance(got, n); d < least {
			best, least = n, d
		}
	}
	return best
}

// distance is Levenshtein's, over bytes.
func distance(a, b string) int {
	row := make([]int, len(b)+1)
	for j := range row {
		row[j] = j
	}
	for i := range len(a) {
		diagonal := row[0]
		row[0] = i + 1
		for j := range len(b) {
			cost := diagonal
			if a[i] != b[j] {
				cost++
			}
			diagonal = row[j+1]
			row[j+1] = min(cost, row[j]+1, row[j+1]+1)
		}
	}
	return row[len(b)]
}
