package main

import (
	"context"
	"iter"
	"strings"
	"sync"
	"testing"

	"github.com/floorwalker/floorwalker/dialog"
	"github.com/floorwalker/floorwalker/dialog/flow"
	"github.com/floorwalker/floorwalker/dialog/reply"
)

// shopTurns are the turns of the demo shop's stories, as they were worded.
var shopTurns turns

// turns are what was said in the turns of stories.
type turns struct {
	mu    sync.Mutex
	bank  *reply.Bank
	turns []saidTurn
}

type saidTurn struct {
	says    []flow.Saying
	context reply.Context
}

// record notes what a shop's replies are asked to word.
func (t *turns) record(r dialog.Replies) dialog.Replies {
	t.mu.Lock()
	defer t.mu.Unlock()
	t.bank = r.(*reply.Bank)
	return recorder{r, t}
}

type recorder struct {
	dialog.Replies
	turns *turns
}

func (r recorder) Compose(says []flow.Saying, c reply.Context) (reply.Worded, map[string][]int, error) {
	r.turns.mu.Lock()
	r.turns.turns = append(r.turns.turns, saidTurn{says, c})
	r.turns.mu.Unlock()
	return r.Replies.Compose(says, c)
}

// wordings are the variants of a turn's reply.
func (t saidTurn) wordings(b *reply.Bank) []reply.Worded {
	const most = 8
	var all []reply.Worded
	c := t.context
	seen := map[string]bool{}
	for range most {
		w, said, err := b.Compose(t.says, c)
		if err != nil {
			break
		}
		if c.Said = said; !seen[w.Text] {
			seen[w.Text] = true
			all = append(all, w)
		}
	}
	return all
}

// written is a writer that writes a text whatever it is asked.
func written(text string, size int) reply.Writer {
	return func(context.Context, string, string) iter.Seq2[string, error] {
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

// pass words every turn of the stories in each of its variants, as a generator would: without saying
// which words tell which fact. At most 3 % of what is true may be refused.
func (t *turns) pass(test *testing.T) {
	seen := map[string]bool{}
	n, blocked := 0, 0
	for _, turn := range t.turns {
		g := t.bank.Ground(turn.says, turn.context)
		for _, w := range turn.wordings(t.bank) {
			if seen[w.Text] || strings.TrimSpace(w.Text) == "" {
				continue
			}
			seen[w.Text] = true
			n++
			out, err := g.Write(test.Context(), written(w.Text, 7), w, func(string) {})
			if err != nil {
				test.Fatal(err)
			}
			if out.Fell {
				blocked++
				test.Logf("%s\n   %s", out.Blocked[0], w.Text)
			}
		}
	}
	test.Logf("%d of %d true replies blocked", blocked, n)
	if float64(blocked) > 0.03*float64(n) {
		test.Errorf("%d of %d true replies blocked: more than 3 %%", blocked, n)
	}
}
