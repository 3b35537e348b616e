package rest

import (
	"fmt"
	"testing"

	"github.com/floorwalker/floorwalker/dialog"
)

// A place that is taken says itself again; what is none is a client's mistake.
func FuzzPlace(f *testing.F) {
	for _, text := range []string{"", "0", "17", "e/17", "e/f/1", "-1", "999999999999999999", "9999999999999999999", "a b/1", "\xff/1", "1/"} {
		f.Add(text)
	}
	f.Fuzz(func(t *testing.T, text string) {
		p, err := place(text, "now")
		if err != nil {
			if !is(err, dialog.BadFrame) {
				t.Errorf("%q: %v", text, err)
			}
			return
		}
		again, err := place(fmt.Sprintf("%s/%d", p.Epoch, p.Offset), "other")
		if err != nil || again != p || p.Offset < 0 {
			t.Errorf("%q is %+v, and that again %+v (%v)", text, p, again, err)
		}
	})
}
