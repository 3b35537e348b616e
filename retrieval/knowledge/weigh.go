package knowledge

import (
	"cmp"
	"math"
	"slices"
	"strings"
	"unicode/utf8"
)

// weigher judges passages for one question.
type weigher struct {
	passages   []entry
	candidates []int
	question   question
	rarity     map[string]float64 // of the question's terms among the candidates: inverse document frequency
	nearness   map[int]float64    // of candidates, by meaning
	typical    float64            // nearness of the candidates: what this question has with anything
}

func newWeigher(passages []entry, candidates []int, q question) *weigher {
	w := &weigher{passages: passages, candidates: candidates, question: q, rarity: map[string]float64{}, nearness: map[int]float64{}}
	for _, t := range q.terms {
		n := 0.0
		for _, i := range candidates {
			if passages[i].terms[t] {
				n++
			}
		}
		w.rarity[t] = math.Log(1 + (float64(len(candidates))-n+0.5)/(n+0.5))
	}
	if q.vector != nil {
		for _, i := range candidates {
			w.nearness[i] = (dot(q.vector, passages[i].whole) + dot(q.vector, passages[i].asked)) / 2
			w.typical += w.nearness[i] / float64(len(candidates))
		}
	}
	return w
}

// byMeaning orders the candidates, nearest first.
func (w *weigher) byMeaning() []int {
	order := slices.Clone(w.candidates)
	slices.SortStableFunc(order, func(a, b int) int { return cmp.Compare(w.nearness[b], w.nearness[a]) })
	return order
}

// overlap is how much of the question's wording, weighted by rarity, is among terms: 0 to 1.
func (w *weigher) overlap(terms map[string]bool) float64 {
	var has, all float64
	for _, t := range w.question.terms {
		all += w.rarity[t]
		if terms[t] {
			has += w.rarity[t]
		}
	}
	if all == 0 {
		return 0
	}
	return has / all
}

// The calibration: logistic regressions on testdata/questions.jsonl (its rows marked "fit"),
// over the demo shop's passages. threshold is where they let the fewest wrong through.
const threshold = 0.5

type calibration struct{ bias, near, above, words, heading float64 }

// features of a passage for the question, as the calibration weighs them.
func (w *weigher) features(i int) [4]float64 {
	e := w.passages[i]
	return [4]float64{w.nearness[i], w.nearness[i] - w.typical, w.overlap(e.terms), w.overlap(e.heading)}
}

// answers is the probability that the passage answers the question.
func (w *weigher) answers(i int) float64 {
	c := byWordsAlone
	if w.question.vector != nil {
		c = withMeaning
	}
	f := w.features(i)
	z := c.bias + c.near*f[0] + c.above*f[1] + c.words*f[2] + c.heading*f[3]
	return 1 / (1 + math.Exp(-z))
}

var (
	withMeaning  = calibration{bias: -25, near: 22, above: 40, words: 3, heading: 2}
	byWordsAlone = calibration{bias: -3, words: 3, heading: 4}
)

const (
	shortAnswer    = 160 // letters of a text that is told whole; a Han character counts three
	mostSentences  = 3
	meaningInReply = 4.0 // what a difference in nearness counts beside overlap
)

// answer is the run of sentences that answers, up to three of them, as the passage has them.
func (w *weigher) answer(i int) string {
	e := w.passages[i]
	if len(e.sentences) <= 2 || width(e.Text) <= shortAnswer {
		return e.Text
	}
	scores := make([]float64, len(e.sentences))
	var mean float64
	for j, s := range e.sentences {
		scores[j] = w.overlap(s.terms)
		if w.question.vector != nil {
			scores[j] += meaningInReply * dot(w.question.vector, s.vector)
		}
		mean += scores[j] / float64(len(scores))
	}
	from, to := 0, min(2, len(scores)) // the beginning, where no sentence stands out
	best := 0.0
	for a := range scores {
		sum := 0.0
		for b := a; b < min(a+mostSentences, len(scores)); b++ {
			if sum += scores[b] - mean; sum > best+1e-9 {
				best, from, to = sum, a, b+1
			}
		}
	}
	return between(e.Text, e.sentences, from, to)
}

// between gives the text from one sentence to before another, with the space between them.
func between(s string, sentences []sentence, from, to int) string {
	at, begin := 0, 0
	for j, x := range sentences[:to] {
		at += strings.Index(s[at:], x.text)
		if j == from {
			begin = at
		}
		at += len(x.text)
	}
	return s[begin:at]
}

func width(s string) int {
	n := 0
	for _, r := range s {
		n += min(3, utf8.RuneLen(r))
	}
	return n
}
