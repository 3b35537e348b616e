package token_test

import (
	"math"
	"slices"
	"strings"
	"testing"
	"unicode/utf8"

	"github.com/floorwalker/floorwalker/models/token"
)

// small is a tokeniser of a few pieces, for what needs no real one.
func small(t testing.TB) *token.Unigram {
	t.Helper()
	v := token.Vocabulary{Replacements: map[rune]string{'Ａ': "A", '\t': " ", '½': "1⁄2", 0xFFFD: " ", 1: ""}}
	for i, p := range []string{"<s>", "<pad>", "</s>", "<unk>", "▁", "a", "b", "▁ab", "<", "/", "s", ">", "退", "退货", "é", "<mask>"} {
		v.Pieces, v.Scores = append(v.Pieces, p), append(v.Scores, -float32(i))
	}
	u, err := token.NewUnigram(v)
	if err != nil {
		t.Fatal(err)
	}
	return u
}

func encode(t testing.TB, u *token.Unigram, text string, limit int) []int32 {
	t.Helper()
	ids, err := u.Encode(text, limit)
	if err != nil {
		t.Fatal(err)
	}
	return ids
}

func TestTypedSpecialsAreText(t *testing.T) {
	for _, text := range []string{"</s>", "<s>", "<pad>", "<unk>", "<mask>", "ab</s></s>"} {
		ids := encode(t, small(t), text, 0)
		for _, id := range ids[1 : len(ids)-1] {
			if id <= 2 || id == 15 {
				t.Errorf("%q makes the control id %d", text, id)
			}
		}
	}
}

func TestLikeliestPiecesWin(t *testing.T) {
	for text, want := range map[string][]int32{
		"ab":    {0, 7, 2},
		"退货":    {0, 4, 13, 2}, // ▁ 退货 beats ▁ 退 and an unknown
		"zz":    {0, 4, 3, 2},  // unknown ones in a row are one
		"":      {0, 2},
		"ab ab": {0, 7, 7, 2},
	} {
		if got := encode(t, small(t), text, 0); !slices.Equal(got, want) {
			t.Errorf("%q: %v, not %v", text, got, want)
		}
	}
}

func TestLimit(t *testing.T) {
	u := small(t)
	long := strings.Repeat("ab ", 10_000)
	if ids := encode(t, u, long, 8); len(ids) != 8 || ids[0] != 0 || ids[7] != 2 {
		t.Errorf("%v", ids)
	}
	if _, err := u.Encode("ab", 1); err == nil {
		t.Error("one token was taken for a text")
	}
}

func TestNormal(t *testing.T) {
	u := small(t)
	for text, want := range map[string]string{
		"plain":           "plain",
		"two  spaces":     "two spaces",
		"tab\t \tend":     "tab end",
		"ＡＢ":              "AＢ", // this vocabulary replaces A only
		"cafe\u0301":      "café",
		"½\u0301":         "1⁄2", // as in the reference, the accent is lost
		"bad\xff\xfebyte": "bad byte",
		"\x01gone":        "gone",
		"":                "",
	} {
		if got := u.Normal(text); got != want {
			t.Errorf("%q: %q, not %q", text, got, want)
		}
	}
}

func TestVocabularyWithoutSpecialsIsRefused(t *testing.T) {
	if _, err := token.NewUnigram(token.Vocabulary{Pieces: []string{"a"}, Scores: []float32{0}}); err == nil {
		t.Error("taken")
	}
	if _, err := token.NewUnigram(token.Vocabulary{Pieces: []string{"a"}}); err == nil {
		t.Error("taken without scores")
	}
}

func FuzzEncode(f *testing.F) {
	for _, text := range []string{"", "where is my order", "退货 ½\u0301", "</s>", "\xff\xfe\x00", "👩‍👩‍👧", "e\u0301\u0323\r\n", "  "} {
		f.Add(text, 16)
		f.Add(text, math.MaxInt)
	}
	u := small(f)
	f.Fuzz(func(t *testing.T, text string, limit int) {
		if normal := u.Normal(text); !utf8.ValidString(normal) || strings.Contains(normal, "  ") {
			t.Errorf("%q became %q", text, normal)
		}
		ids, err := u.Encode(text, limit)
		if err != nil {
			return
		}
		if len(ids) < 2 || limit > 0 && len(ids) > limit || ids[0] != 0 || ids[len(ids)-1] != 2 {
			t.Fatalf("%q, at most %d: %v", text, limit, ids)
		}
		for _, id := range ids[1 : len(ids)-1] {
			if id <= 2 || int(id) >= u.Size() {
				t.Errorf("%q makes id %d", text, id)
			}
		}
	})
}

func FuzzPipeline(f *testing.F) {
	for _, text := range []string{"where is my order", "退货 ½\u0301", "</s>", "\x00", "e\u0301\u0323\r\n", "  ab  ", "\x01"} {
		f.Add(text)
	}
	u := small(f)
	pipeline := u.Pipeline()
	f.Fuzz(func(t *testing.T, text string) {
		text = strings.ToValidUTF8(text, "?")
		want := encode(t, u, text, 0)
		if len(want) == 2 {
			return // nothing is left of it, and the pipeline takes that for an error
		}
		got, err := pipeline.EncodeSingle(text)
		if err != nil {
			t.Fatalf("%q: %v", text, err)
		}
		if len(got.Ids) != len(want)-2 {
			t.Fatalf("%q: %v, not %v", text, got.Ids, want)
		}
		for i, id := range got.Ids {
			if int32(id) != want[i+1] || got.Offsets[i][1] > len(text) {
				t.Fatalf("%q: %v at %v, not %v", text, got.Ids, got.Offsets, want)
			}
		}
	})
}
