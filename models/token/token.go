// Package token turns text into the numbers that an encoder reads.
//
// [Unigram] is the tokeniser of XLM-RoBERTa (SentencePiece unigram, Kudo 2018) with the exact
// ids of its reference implementation but for one thing: special pieces have no text, so a
// shopper who types "</s>" gets the pieces of those four characters and never a control id.
package token

import (
	"errors"
	"fmt"
	"math"
	"strings"
	"unicode/utf8"
)

// Vocabulary is what a Unigram tokeniser is made from.
type Vocabulary struct {
	Pieces []string  // by id; a word's first piece begins with ▁
	Scores []float32 // log probability of each
	// Replacements are what normalising writes for a character: nothing, or others. Letters
	// are composed with their accents besides.
	Replacements map[rune]string
	// Keep says which ids stay; the others are as if they weren't there and those that stay are
	// numbered anew, in order. nil keeps all.
	Keep func(id int) bool
}

// special names the pieces that text never makes.
var special = [...]string{"<s>", "<pad>", "</s>", "<unk>", "<mask>"}

// boundary begins the first piece of each word.
const boundary = "▁"

// Unigram is the tokeniser. It is immutable and safe for concurrent use.
type Unigram struct {
	pieces       []string
	scores       []float64
	ids          map[string]int32
	longest      map[rune]int // bytes of the longest piece that begins with the character
	replacements map[rune]string
	reach        int // bytes of the longest piece of all

	start, pad, end, unknown int32
	unknownScore             float64
}

// NewUnigram builds the tokeniser's tables, in about 50 ms for 130,000 pieces.
func NewUnigram(v Vocabulary) (*Unigram, error) {
	if len(v.Pieces) != len(v.Scores) {
		return nil, fmt.Errorf("token: %d pieces but %d scores", len(v.Pieces), len(v.Scores))
	}
	u := &Unigram{
		ids:          make(map[string]int32, len(v.Pieces)),
		longest:      map[rune]int{},
		replacements: v.Replacements,
	}
	lowest := math.Inf(1)
	for id, piece := range v.Pieces {
		lowest = min(lowest, float64(v.Scores[id])) // of all, so that trimming changes no choice
		if v.Keep == nil || v.Keep(id) {
			u.add(piece, float64(v.Scores[id]))
		}
	}
	u.unknownScore = lowest - 10
	for i, to := range [...]*int32{&u.start, &u.pad, &u.end, &u.unknown} {
		id, ok := u.ids[special[i]]
		if !ok {
			return nil, fmt.Errorf("token: the vocabulary has no piece %q", special[i])
		}
		*to = id
	}
	for _, piece := range special {
		delete(u.ids, piece)
	}
	return u, nil
}

func (u *Unigram) add(piece string, score float64) {
	u.ids[piece] = int32(len(u.pieces))
	u.pieces = append(u.pieces, piece)
	u.scores = append(u.scores, score)
	first, _ := utf8.DecodeRuneInString(piece)
	u.longest[first] = max(u.longest[first], len(piece))
	u.reach = max(u.reach, len(piece))
}

// Pad is the id that fills up shorter texts of a batch.
func (u *Unigram) Pad() int32 { return u.pad }

// Size is the number of ids.
func (u *Unigram) Size() int { return len(u.pieces) }

// ErrLimit means that fewer tokens were asked for than a text has at least.
var ErrLimit = errors.New("token: a text has at least a start and an end token")

// Encode returns the ids of a text between those of start and end, at most limit in all
// (0 for no limit). Invalid UTF-8 reads as spaces.
func (u *Unigram) Encode(text string, limit int) ([]int32, error) {
	if limit != 0 && limit < 2 {
		return nil, ErrLimit
	}
	return u.encode(text, limit), nil
}

func (u *Unigram) encode(text string, limit int) []int32 {
	text = u.words(text)
	if limit > 0 { // what lies beyond the longest pieces that could fill the limit doesn't matter
		text = cut(text, min(limit, len(text))*u.reach)
	}
	ids := make([]int32, 1, len(text)/3+4)
	ids[0] = u.start
	var lattice lattice
	for len(text) > 0 && (limit == 0 || len(ids) < limit) {
		word := firstWord(text)
		text = text[len(word):]
		for _, piece := range u.segment(&lattice, word) {
			ids = append(ids, piece.id)
		}
	}
	if limit > 0 && len(ids) > limit-1 {
		ids = ids[:limit-1]
	}
	return append(ids, u.end)
}

// words normalises a text and marks where each word begins.
func (u *Unigram) words(text string) string {
	text = u.Normal(text)
	if text == "" {
		return ""
	}
	text = strings.ReplaceAll(text, " ", boundary)
	if !strings.HasPrefix(text, boundary) {
		text = boundary + text
	}
	return text
}

// firstWord returns a text, whose words are marked, up to where its second word begins.
func firstWord(text string) string {
	_, first := utf8.DecodeRuneInString(text)
	if next := strings.Index(text[first:], boundary); next >= 0 {
		return text[:first+next]
	}
	return text
}

// cut shortens a valid text to at most n bytes, between characters.
func cut(text string, n int) string {
	if len(text) <= n {
		return text
	}
	for n > 0 && !utf8.RuneStart(text[n]) {
		n--
	}
	return text[:n]
}
