package main

import (
	"fmt"
	"io"
	"strings"

	"github.com/floorwalker/floorwalker/nlu/intent"
)

// listed bounds each list of a review that people read; --json has all.
const listed = 15

func printReview(w io.Writer, r intent.Review) error {
	var b strings.Builder
	fmt.Fprintf(&b, "%d examples, each told by what was learned from the others: accuracy %.3f\n", r.Examples, r.Accuracy)
	fmt.Fprintf(&b, "\n%-24s %4s  precision  recall    F1\n", "intent", "n")
	for _, in := range r.Intents {
		fmt.Fprintf(&b, "%-24s %4d      %.3f   %.3f %.3f\n", in.Name, in.N, in.Precision, in.Recall, in.F1)
	}
	writeList(&b, "taken for another", r.Confusions, func(c intent.Confusion) string {
		return fmt.Sprintf("%3d  %s → %s: %q", c.N, c.Intent, c.As, c.Examples)
	})
	writeList(&b, "perhaps in the wrong place", r.Mislabelled, func(s intent.Suspect) string {
		return fmt.Sprintf("%.2f  %q of %s looks like %s", s.P, s.Text, s.Intent, s.Likely)
	})
	writeList(&b, "close to each other", r.Confusable, func(p intent.Pair) string {
		return fmt.Sprintf("%.2f  %q (%s), %q (%s)", p.Similarity, p.Text, p.Intent, p.Other, p.As)
	})
	writeList(&b, "too few examples", r.TooFew, func(s intent.Scarce) string {
		return fmt.Sprintf("%3d  %s in %q", s.N, s.Intent, s.Lang)
	})
	_, err := io.WriteString(w, b.String())
	return err
}

// writeList writes the first lines of a part of a review, and how many there are.
func writeList[T any](b *strings.Builder, title string, all []T, line func(T) string) {
	if len(all) == 0 {
		return
	}
	fmt.Fprintf(b, "\n%s: %d\n", title, len(all))
	for _, x := range all[:min(len(all), listed)] {
		fmt.Fprintln(b, line(x))
	}
}
