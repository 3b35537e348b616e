package reply_test

import (
	"context"
	"iter"
	"testing"

	"github.com/floorwalker/floorwalker/dialog/reply"
)

// writes is a writer that writes each text in turn, whatever it is asked, so many bytes at a time.
func writes(size int, texts ...string) reply.Writer {
	return func(context.Context, string, string) iter.Seq2[string, error] {
		text := texts[0]
		if len(texts) > 1 {
			texts = texts[1:]
		}
		return func(yield func(string, error) bool) {
			for len(text) > 0 {
				n := min(size, len(text))
				if !yield(text[:n], nil) {
					return
				}
				text = text[n:]
			}
		}
	}
}

// TestTemplatesPassAsFreeText words every scene by its templates and checks the words as those of a
// generator: nobody says which of them tell which fact.
func TestTemplatesPassAsFreeText(t *testing.T) {
	f := openFloor(t)
	n, blocked := 0, 0
	for _, s := range f.scenes() {
		g := s.ground(f.bank)
		for _, w := range s.wordings(f.bank) {
			if len(w.Blocked) > 0 {
				t.Fatal(s.says[0].Reply, w.Blocked)
			}
			n++
			out, err := g.Write(t.Context(), writes(7, w.Text), w, func(string) {})
			if err != nil {
				t.Fatal(err)
			}
			if out.Fell {
				blocked++
				t.Logf("%s %s\n   %s", s.says[0].Reply, out.Blocked[0], w.Text)
			}
		}
	}
	t.Logf("%d of %d true replies blocked", blocked, n)
	if float64(blocked) > 0.03*float64(n) {
		t.Errorf("%d of %d true replies blocked: more than 3 %%", blocked, n)
	}
}
