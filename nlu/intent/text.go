package intent

import (
	"hash/fnv"
	"math"
	"regexp"
	"slices"
	"strings"
	"unicode"

	"github.com/floorwalker/floorwalker/models/linear"
	"github.com/floorwalker/floorwalker/nlu/fold"
)

// masks put one example in the place of what differs in every text and says nothing of the
// intent: addresses, ids, long numbers.
var masks = []struct {
	pattern *regexp.Regexp
	example string
}{
	{regexp.MustCompile(`[a-z0-9._%+-]+@[a-z0-9.-]+\.[a-z]{2,}`), "me@example.com"},
	{regexp.MustCompile(`\b[a-z]{1,5}-\d{2,}(?:-[a-z0-9]+)+\b`), "ab-12-cd"},
	{regexp.MustCompile(`#\s?[a-z]{0,4}-?\d{3,}|\b[a-z]{1,4}-?\d{4,}\b`), "w10234"},
	{regexp.MustCompile(`\d{7,}`), "1234567890"},
	{regexp.MustCompile(`\d{5,6}`), "12345"},
}

// Normal is a text as the classifier reads it: folded, in lower case, ids and addresses
// masked, single spaces.
func Normal(text string) string { return normal(fold.New(text)) }

func normal(t fold.Text) string {
	s := t.Lower
	for _, m := range masks {
		s = m.pattern.ReplaceAllString(s, m.example)
	}
	return strings.Join(strings.Fields(s), " ")
}

// Key is what texts have in common that differ only in case, spaces, punctuation, ids and
// addresses. An emoji alone is its own key.
func Key(text string) string { return key(Normal(text)) }

func key(normal string) string {
	var b strings.Builder
	for _, r := range normal {
		switch {
		case unicode.IsLetter(r) || unicode.IsDigit(r) || unicode.IsMark(r):
			b.WriteRune(r)
		case r == ' ':
			b.WriteByte(' ')
		}
	}
	if k := strings.Join(strings.Fields(b.String()), " "); k != "" {
		return k
	}
	return strings.Trim(normal, " .,;:!。，！、-_")
}

// features are the hashed words, word pairs and character n-grams of a normal text, each once.
func features(normal string) []uint32 {
	var words []string
	run := []rune{}
	var out []uint32
	emit := func(kind byte, s string) {
		h := fnv.New32a()
		h.Write([]byte{kind})
		h.Write([]byte(s))
		out = append(out, h.Sum32())
	}
	flush := func() {
		for n := 1; n <= 3; n++ {
			for i := 0; i+n <= len(run); i++ {
				emit('h', string(run[i:i+n]))
			}
		}
		run = run[:0]
	}
	for _, tok := range fold.New(normal).Tokens() {
		if tok.Han {
			run = append(run, []rune(tok.Text)...)
			continue
		}
		flush()
		words = append(words, tok.Text)
		padded := []rune("<" + tok.Text + ">")
		for n := 3; n <= 5; n++ {
			for i := 0; i+n <= len(padded) && i < 40; i++ {
				emit('c', string(padded[i:i+n]))
			}
		}
	}
	flush()
	for i, w := range words {
		emit('w', w)
		if i > 0 {
			emit('p', words[i-1]+" "+w)
		}
	}
	slices.Sort(out)
	return slices.Compact(out)
}

// weights are how much each n-gram tells: the logarithm of how rare it is.
type weights struct {
	IDF    map[uint32]float32
	Rarest float32 // of n-grams not seen
	Length float32 // of every row
}

// maxFeatures bounds what is learned of n-grams; the most frequent stay.
const maxFeatures = 12000

// weigh learns the weights from the n-grams of all texts.
func weigh(docs [][]uint32, length float32, most int) weights {
	count := map[uint32]int{}
	for _, d := range docs {
		for _, f := range d {
			count[f]++
		}
	}
	kept := make([]uint32, 0, len(count))
	for f, n := range count {
		if n >= 2 {
			kept = append(kept, f)
		}
	}
	slices.SortFunc(kept, func(a, b uint32) int {
		if count[a] != count[b] {
			return count[b] - count[a]
		}
		if a < b {
			return -1
		}
		return 1
	})
	kept = kept[:min(len(kept), most)]
	w := weights{IDF: make(map[uint32]float32, len(kept)), Length: length}
	n := float64(len(docs) + 1)
	for _, f := range kept {
		w.IDF[f] = float32(math.Log(n/float64(count[f]+1)) + 1)
	}
	w.Rarest = float32(math.Log(n/2) + 1)
	return w
}

// row is a text's n-grams weighted, of equal length for every text. What was never seen in
// training makes the rest count for less.
func (w weights) row(doc []uint32) []linear.Feature {
	out := make([]linear.Feature, 0, len(doc))
	var squares float64
	for _, f := range doc {
		v, known := w.IDF[f]
		if !known {
			squares += 0.25 * float64(w.Rarest) * float64(w.Rarest)
			continue
		}
		squares += float64(v) * float64(v)
		out = append(out, linear.Feature{Index: f, Value: v})
	}
	if squares == 0 {
		return out
	}
	scale := w.Length / float32(math.Sqrt(squares))
	for i := range out {
		out[i].Value *= scale
	}
	return out
}
