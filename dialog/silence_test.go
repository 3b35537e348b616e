package dialog_test

import (
	"testing"
	"time"
)

// TestAnOpenQuestionComesAgainOnce: whoever is connected and doesn't answer is asked once more,
// nobody else, and not where nothing is open.
func TestAnOpenQuestionComesAgainOnce(t *testing.T) {
	const asked = "Still there? Which number?"
	for _, c := range []struct {
		name    string
		says    string
		gone    bool // the shopper isn't connected
		answers bool // after five minutes
		want    int  // replies within two hours
	}{
		{"no answer", "call me", false, false, 2},
		{"nobody reads it", "call me", true, false, 1},
		{"nothing is open", "hello", false, false, 1},
		{"an answer in time", "call me", false, true, 3}, // the summary, and that again
	} {
		t.Run(c.name, func(t *testing.T) {
			inBubble(t, func(t *testing.T, w *world) {
				id := w.begin("en")
				if !c.gone {
					feed := w.engine.Follow("demo", id, 0)
					defer feed.Close()
				}
				w.say(id, "m1", c.says)
				time.Sleep(5 * time.Minute)
				if n := len(w.replies(id)); n != 1 {
					t.Fatalf("%d replies after five minutes", n)
				}
				if c.answers {
					w.say(id, "m2", "5550117")
				}
				time.Sleep(2 * time.Hour)
				replies := w.replies(id)
				if len(replies) != c.want {
					t.Fatalf("replies: %+v, want %d", replies, c.want)
				}
				if c.want == 2 && replies[1].Text != asked {
					t.Errorf("asked again: %q, want %q", replies[1].Text, asked)
				}
				if c.want != 2 {
					return
				}
				w.say(id, "m3", "5550117")
				time.Sleep(time.Minute)
				if got := w.replies(id); len(got) != 3 || got[2].Text != "I'll have 5550117 called. Right?" {
					t.Errorf("an answer after it: %+v", got)
				}
			})
		})
	}
}
