package evaluate_test

import (
	"bufio"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"
	"unicode/utf8"

	"github.com/floorwalker/floorwalker/nlu"
	"github.com/floorwalker/floorwalker/nlu/entity"
)

// place is a span in code points, half-open.
type place struct{ start, end int }

// spans counts those that are labelled, found, found as labelled, and found at an overlapping place.
type spans struct{ labelled, found, exact, touched int }

func (s *spans) add(want, got []place) {
	s.labelled, s.found = s.labelled+len(want), s.found+len(got)
	for _, w := range want {
		for _, g := range got {
			if w == g {
				s.exact++
			}
			if w.start < g.end && g.start < w.end {
				s.touched++
				break
			}
		}
	}
}

func (s spans) f1(hits int) float64 { return float64(2*hits) / float64(max(s.labelled+s.found, 1)) }

// TestSlotsOfXSID measures spans on the slots of xSID that shops have as well: datetime. Its other slots (artists, films, weather)
// are of other trades.
func TestSlotsOfXSID(t *testing.T) {
	for _, c := range []struct {
		lang  string
		floor float64 // of F1 by overlapping spans
	}{{"en", .87}, {"zh", .88}} {
		f, err := os.Open(filepath.Join(data(), "xsid_en_zh", c.lang+".valid.conll"))
		if err != nil {
			t.Skipf("no public data to test on (FLOORWALKER_DATA says where it is): %v", err)
		}
		defer f.Close()
		var s spans
		text := ""
		var want []place
		at := 0
		for lines := bufio.NewScanner(f); lines.Scan(); {
			line := lines.Text()
			if rest, ok := strings.CutPrefix(line, "# text = "); ok {
				text, want, at = rest, nil, 0
				continue
			}
			cells := strings.Split(line, "\t")
			if line == "" && text != "" {
				s.add(want, times(text, c.lang))
				text = ""
			}
			if len(cells) < 4 {
				continue
			}
			i := strings.Index(text[at:], cells[1])
			if i < 0 {
				continue // a token that isn't written so
			}
			start := utf8.RuneCountInString(text[:at+i])
			at += i + len(cells[1])
			end := utf8.RuneCountInString(text[:at])
			switch cells[3] {
			case "B-datetime":
				want = append(want, place{start, end})
			case "I-datetime":
				if len(want) > 0 {
					want[len(want)-1].end = end
				}
			}
		}
		t.Logf("xSID %s datetime: %d labelled, %d found; F1 %.3f exact, %.3f overlapping", c.lang, s.labelled, s.found, s.f1(s.exact), s.f1(s.touched))
		if s.f1(s.touched) < c.floor {
			t.Errorf("xSID %s datetime: F1 %.3f overlapping was %.2f and more", c.lang, s.f1(s.touched), c.floor)
		}
	}
}

// times are the times of a text; those that touch are one, as they are in a slot.
func times(text, lang string) []place {
	var out []place
	kinds := map[string]bool{"date": true, "time": true, "datetime": true, "duration": true, "period": true}
	now := time.Date(2026, 11, 3, 15, 30, 0, 0, time.UTC)
	for _, e := range entity.Extract(text, nil, entity.Shape{}, nlu.Context{Locale: lang, Now: now}) {
		if kinds[e.Type] {
			start := utf8.RuneCountInString(text[:e.Start])
			out = append(out, place{start, start + utf8.RuneCountInString(e.Text)})
		}
	}
	return out
}

func data() string {
	if dir := os.Getenv("FLOORWALKER_DATA"); dir != "" {
		return dir
	}
	return filepath.Join("..", "..", "..", "shared", "data")
}

// TestSlotsOfMultiDoGO measures those slots of a restaurant's and an insurer's talks that shops have as well, with the type asked for
// where a shop asks.
func TestSlotsOfMultiDoGO(t *testing.T) {
	for _, c := range []struct {
		folder, slot, kind string
		floor              float64 // of F1 by overlapping spans
	}{
		{"fastfood", "quantity", "number", .74}, {"fastfood", "phonenumber", "phone", .87}, {"fastfood", "name", "name", .18},
		{"insurance", "phone_number", "phone", .88}, {"insurance", "name", "name", .2},
	} {
		b, err := os.ReadFile(filepath.Join(data(), "multidogo", c.folder, "dev.tsv"))
		if err != nil {
			t.Skipf("no public data to test on (FLOORWALKER_DATA says where it is): %v", err)
		}
		var s spans
		for line := range strings.SplitSeq(string(b), "\n") {
			cells := strings.Split(line, "\t")
			if len(cells) < 6 {
				continue
			}
			words, labels := strings.Fields(cells[3]), strings.Fields(cells[4])
			if len(words) != len(labels) {
				continue
			}
			text := strings.Join(words, " ")
			s.add(runs(words, labels, c.slot), foundIn(text, c.kind, nlu.Context{Locale: "en", Expects: []string{c.kind}}))
		}
		t.Logf("multidogo %s %s: %d labelled, %d found; F1 %.3f exact, %.3f overlapping", c.folder, c.slot, s.labelled, s.found, s.f1(s.exact), s.f1(s.touched))
		if s.f1(s.touched) < c.floor {
			t.Errorf("multidogo %s %s: F1 %.3f overlapping was %.2f and more", c.folder, c.slot, s.f1(s.touched), c.floor)
		}
	}
}

// runs are the stretches of words with a label.
func runs(words, labels []string, label string) []place {
	var out []place
	at, last := 0, false
	for i, w := range words {
		end := at + utf8.RuneCountInString(w)
		switch is := labels[i] == label; {
		case is && last:
			out[len(out)-1].end = end
		case is:
			out = append(out, place{at, end})
		}
		last, at = labels[i] == label, end+1
	}
	return out
}

func foundIn(text, kind string, c nlu.Context) []place {
	var out []place
	for _, e := range entity.Extract(text, nil, entity.Shape{}, c) {
		if e.Type == kind {
			start := utf8.RuneCountInString(text[:e.Start])
			out = append(out, place{start, start + utf8.RuneCountInString(e.Text)})
		}
	}
	return out
}
