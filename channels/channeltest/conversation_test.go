package channeltest

import (
	"strings"
	"testing"
)

func TestSixConversationsInEachLanguage(t *testing.T) {
	all, err := Conversations()
	if err != nil {
		t.Fatal(err)
	}
	by := map[string]int{}
	for _, c := range all {
		by[c.Locale]++
		for _, s := range c.Steps {
			if len(s.Wants) == 0 {
				t.Errorf("%s: nothing is wanted of %q%s", c.Name, s.Say, s.Pick)
			}
		}
	}
	if by["en"] != 6 || by["zh"] != 6 {
		t.Errorf("there are %v", by)
	}
}

func TestLinesThatSayNothing(t *testing.T) {
	for line, want := range map[string]string{"says hi": "nothing was said", "> hi\nsay hi": "unknown word", "restore orders": "TABLE ID", "pick a\n& b": "unknown word"} {
		if _, err := read([]byte("-- en x --\n" + line + "\n")); err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("%q: %v, want %q", line, err, want)
		}
	}
}

// What a client hears twice, or not at all, is noticed.
func TestGapsAreNoticed(t *testing.T) {
	for _, offsets := range [][]string{{"1", "1"}, {"1", "3"}, {"2"}} {
		var j Journal
		var err error
		for _, o := range offsets {
			err = j.Take([]byte(`{"type":"event","kind":"state","offset":` + o + `}`))
		}
		if err == nil {
			t.Errorf("offsets %v are taken", offsets)
		}
	}
}
