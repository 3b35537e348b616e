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
	typical    float64            // nearness that this question has with anything
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
		w.rarity[t] = math.Log(1 + (float64(len(candidates))+unseen-n+0.5)/(n+0.5))
	}
	if q.vector != nil {
		w.typical = usualNearness * usualWeight
		for _, i := range candidates {
			w.nearness[i] = near(q, passages[i])
			w.typical += w.nearness[i]
		}
		w.typical /= usualWeight + float64(len(candidates))
	}
	return w
}

// near is the mean nearness of the question to the whole passage, to its heading and to the
// nearest of its sentences.
func near(q question, e entry) float64 {
	sentence := 0.0
	for _, s := range e.sentences {
		sentence = max(sentence, dot(q.vector, s.vector))
	}
	return (dot(q.vector, e.whole) + dot(q.vector, e.asked) + sentence) / 3
}

// byMeaning orders the candidates, nearest first.
func (w *weigher) byMeaning() []int {
	order := slices.Clone(w.candidates)
	slices.SortStableFunc(order, func(a, b int) int { return cmp.Compare(w.nearness[b], w.nearness[a]) })
	return order
}

// overlap is how much of the question's wording, weighted by rarity, is among terms: 0 to 1,
// and not near 1 for a question of one word.
func (w *weigher) overlap(terms map[string]bool) float64 {
	var has, all float64
	for _, t := range w.question.terms {
		all += w.rarity[t]
		if terms[t] {
			has += w.rarity[t]
		}
	}
	return has / (all + oneMore)
}

// What makes nearness comparable between shops with many passages and with few: as if each
// had so many more passages, as near as passages usually are (multilingual-e5-small).
const (
	usualNearness = 0.82
	usualWeight   = 5
)

// unseen is how many passages without any of the question's words are taken to exist beside
// those of the shop: with few passages, no word would be rare.
const unseen = 20

// oneMore is the rarity of a word that each question is taken to have and no passage has.
const oneMore = 1.5

// The calibration: logistic regressions on the rows of testdata/questions.jsonl marked "fit",
// over the demo shop's passages; TestCalibration makes them anew.
var (
	withMeaning  = calibration{bias: -39.9, near: 42.7, above: 80.5, words: 3.5}
	byWordsAlone = calibration{bias: -3.05, words: 9.6, heading: 6.7}
)

// The scores from which a passage answers. Words alone take a question for another more
// easily ("how long does it take to become an architect"), so they must be surer.
const (
	threshold          = 0.5
	thresholdWordsOnly = 0.65
)

func (w *weigher) threshold() float64 {
	if w.question.vector != nil {
		return threshold
	}
	return thresholdWordsOnly
}

type calibration struct{ bias, near, above, words, heading float64 }

func (c calibration) score(f features) float64 {
	return 1 / (1 + math.Exp(-(c.bias + c.near*f[0] + c.above*f[1] + c.words*f[2] + c.heading*f[3])))
}

// features of a passage for a question: nearness, nearness above the typical, overlap with
// the passage and with its heading.
type features [4]float64

func (w *weigher) features(i int) features {
	e := w.passages[i]
	return features{w.nearness[i], w.nearness[i] - w.typical, w.overlap(e.terms), w.overlap(e.heading)}
}

// answers is the probability that the passage answers the question.
func (w *weigher) answers(i int) float64 {
	if w.question.vector != nil {
		return withMeaning.score(w.features(i))
	}
	return byWordsAlone.score(w.features(i))
}

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
