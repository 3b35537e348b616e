package skill_test

import (
	"strings"
	"testing"

	"github.com/floorwalker/floorwalker/catalog"
	"github.com/floorwalker/floorwalker/dialog/flow"
	"github.com/floorwalker/floorwalker/nlu"
)

// TestProofsInPieces: what is said over several turns joins, what is missing is asked for, and
// figures in a sentence are no wrong proofs. After each line stands what it comes to.
func TestProofsInPieces(t *testing.T) {
	order := []any{"order", "W10209"}
	for _, c := range []struct {
		name  string
		needs catalog.Level
		lines []string
		args  []any
		want  catalog.Identity
	}{
		{"a name, then its postal code", catalog.Verified, []string{"Ruth Adler: need_postal_code", "19147: "}, nil, verified("C1010")},
		{"a name in a sentence", catalog.Claimed, []string{"My name is Ruth Adler: need_postal_code", "I live in Philadelphia, 19147: "}, nil, verified("C1010")},
		{"in small letters", catalog.Verified, []string{"ruth adler: need_postal_code", "its 19147: "}, nil, verified("C1010")},
		{"a postal code, then the name", catalog.Verified, []string{"19147: need_name", "Ruth Adler: "}, nil, verified("C1010")},
		{"in Chinese", catalog.Verified, []string{"我叫周子涵: need_postal_code", "610041: "}, nil, verified("C1014")},
		{"the name alone, in Chinese", catalog.Verified, []string{"周子涵: need_postal_code", "邮编是610041: "}, nil, verified("C1014")},
		{"an order, then its postal code", catalog.Claimed, []string{"W10209: need_order_either", "02130: "}, nil, claimed("C1004")},
		{"an order, then its e-mail address", catalog.Claimed, []string{"W10209: need_order_either", "tom.brennan@example.com: "}, nil, claimed("C1004")},
		{"a postal code, then the order", catalog.Claimed, []string{"02130: need_name", "W10209: "}, nil, claimed("C1004")},
		{"the order asked about", catalog.Claimed, []string{"where is it: ", "02130: "}, order, claimed("C1004")},
		{"an order in an angry sentence", catalog.Claimed, []string{"W10209. this is bullshit, it was supposed to be here 3 weeks ago: need_order_either", "02130: "}, nil, claimed("C1004")},
		{"figures in a sentence", catalog.Claimed, []string{"i have been waiting for 300 days now and wrote to you 12 times: "}, nil, nobody},
		{"a wrong postal code, then the right one", catalog.Verified, []string{"Ruth Adler: need_postal_code", "19146: not_proven", "19147: "}, nil, verified("C1010")},
		{"a wrong name, then the right one", catalog.Verified, []string{"Ruth Miller 19147: not_proven", "Ruth Adler: "}, nil, verified("C1010")},
		{"somebody else's postal code", catalog.Verified, []string{"Ruth Adler: need_postal_code", "02130: not_proven"}, nil, nobody},
		{"not a name", catalog.Verified, []string{"the skillet one: ", "why is that: ", "19147: need_name"}, nil, nobody},
		{"an order is no help", catalog.Verified, []string{"98103 W10240: need_name", "no: ", "Priya Raman: "}, order, verified("C1005")},
	} {
		t.Run(c.name, func(t *testing.T) {
			d := open(t, identity([]string{"order_email", "order_postal_code"}, []string{"name_postal_code"}))
			var before []flow.Said
			got := nobody
			for _, line := range c.lines {
				text, want, _ := strings.Cut(line, ": ")
				said := d.say(text, "email", "name", "postal_code", "order_id", "code")
				r := d.proveAfter(before, c.needs, said, c.args...)
				if r.Refused != want {
					t.Fatalf("%q is answered with %q, want %q", text, r.Refused, want)
				}
				if r.Identity != nil {
					got = *r.Identity
				}
				before = append(before, *said)
			}
			if got != c.want {
				t.Errorf("got %+v, want %+v", got, c.want)
			}
		})
	}
}

// TestPiecesTellNothing: what is asked for next is the same, whoever and whatever exists.
func TestPiecesTellNothing(t *testing.T) {
	for _, lines := range [][2]string{
		{"W10209", "W99999"}, {"Ruth Adler", "Ruth Nobody"}, {"19147", "19999"}, {"W10209. it was due 3 weeks ago", "W99999. it was due 3 weeks ago"},
	} {
		d := open(t, identity([]string{"order_email", "order_postal_code"}, []string{"name_postal_code"}))
		a, b := d.prove(catalog.Claimed, lines[0]).Refused, d.prove(catalog.Claimed, lines[1]).Refused
		if a != b || a == "" {
			t.Errorf("%q is answered with %q, %q with %q", lines[0], a, lines[1], b)
		}
	}
}

// TestGuessesInPiecesAreLimited: joining pieces is no way round the limit.
func TestGuessesInPiecesAreLimited(t *testing.T) {
	d := open(t)
	before := []flow.Said{*d.say("Maya Okafor", "name")}
	for i := range 5 {
		said := d.say("9720"+string(rune('0'+i)), "postal_code")
		want := "not_proven"
		if i == 4 {
			want = "too_many_proofs"
		}
		if r := d.proveAfter(before, catalog.Verified, said); r.Refused != want {
			t.Fatalf("guess %d: %+v", i, r)
		}
		before = append(before, *said)
	}
	if r := d.proveAfter(before, catalog.Verified, d.say("97214", "postal_code")); r.Refused != "too_many_proofs" || r.Identity != nil {
		t.Errorf("the right one after five wrong ones: %+v", r)
	}
}

// TestAnOrderAskedAboutIsAPiece: its number in the question is not asked for again.
func TestAnOrderAskedAboutIsAPiece(t *testing.T) {
	d := open(t, identity([]string{"order_postal_code"}, []string{"name_postal_code"}))
	said := d.say("Where is my order W10209?", "order_id")
	said.Requests = []nlu.Request{{Intent: "order_status", P: 1, End: len(said.Text)}}
	if r := d.proveAs(nobody, catalog.Claimed, said); r.Refused != "need_order_postal_code" {
		t.Errorf("got %+v", r)
	}
}
