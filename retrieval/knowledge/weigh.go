package knowledge

import (
	"cmp"
	"math"
	"slices"

	"github.com/floorwalker/floorwalker/retrieval/text"
)

// weigher judges passages for one question.
type weigher struct {
	passages   []entry
	candidates []int
	question   question
	weight     []float64       // of the question's units: how rare they are among the candidates, and how long
	nearness   map[int]float64 // of candidates, by meaning
	typical    float64         // nearness that this question has with anything
}

func newWeigher(passages []entry, candidates []int, q question) *weigher {
	w := &weigher{passages: passages, candidates: candidates, question: q, nearness: map[int]float64{}}
	for _, u := range q.units {
		n := 0.0
		for _, i := range candidates {
			n += covered(u, passages[i].terms)
		}
		rarity := math.Log(1 + (float64(len(candidates))+unseen-n+0.5)/(n+0.5))
		w.weight = append(w.weight, rarity*length(u))
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

// near is the mean nearness of the question to the whole passage, to its heading (or the
// nearest of the other ways of asking for it) and to the nearest of its sentences.
func near(q question, e entry) float64 {
	sentence, asked := 0.0, 0.0
	for _, s := range e.sentences {
		sentence = max(sentence, dot(q.vector, s.vector))
	}
	for _, way := range e.asked {
		asked = max(asked, dot(q.vector, way))
	}
	return (dot(q.vector, e.whole) + asked + sentence) / 3
}

// byMeaning orders the candidates, nearest first.
func (w *weigher) byMeaning() []int {
	order := slices.Clone(w.candidates)
	slices.SortStableFunc(order, func(a, b int) int { return cmp.Compare(w.nearness[b], w.nearness[a]) })
	return order
}

// overlap is how much of what the question is about, weighted by rarity, is among terms: 0 to
// 1, and not near 1 for a question about one word.
func (w *weigher) overlap(terms map[string]bool) float64 {
	var has, all float64
	for j, u := range w.question.units {
		all += w.weight[j]
		has += w.weight[j] * covered(u, terms)
	}
	return has / (all + oneMore)
}

// asks is how much of what the question is about is in the heading, or in another way of
// asking for it.
func (w *weigher) asks(e entry) float64 {
	most := 0.0
	for _, terms := range e.headings {
		most = max(most, w.overlap(terms))
	}
	return most
}

// asksJustThat reports whether the heading, or another way of asking for it, has all that the
// question is about.
func (w *weigher) asksJustThat(e entry) bool {
	return len(w.question.units) > 0 && slices.ContainsFunc(e.headings, func(terms map[string]bool) bool {
		return !slices.ContainsFunc(w.question.units, func(u text.Unit) bool { return covered(u, terms) < 1 })
	})
}

// surest puts first what answers most surely among the first few of an order. Without vectors
// the order stays.
func (w *weigher) surest(order []int) []int {
	const few = 5
	if w.question.vector != nil {
		slices.SortStableFunc(order[:min(few, len(order))], func(a, b int) int { return cmp.Compare(w.answers(b), w.answers(a)) })
	}
	return order
}

// covered is how much of a unit is among terms, 0 to 1, by the best of its alternatives.
func covered(u text.Unit, terms map[string]bool) float64 {
	best := 0.0
	for _, pieces := range u.Any {
		sum := 0.0
		for _, p := range pieces {
			sum += coveredPiece(p, terms)
		}
		best = max(best, sum/float64(max(1, len(pieces))))
	}
	return best
}

// coveredPiece: of a run of characters, those count that stand in a pair that is there, since
// nothing says where its words end.
func coveredPiece(p text.Piece, terms map[string]bool) float64 {
	if len(p.Run) < 2 {
		if terms[p.Term] {
			return 1
		}
		return 0
	}
	n := 0
	for i, c := range p.Run {
		if i > 0 && terms[p.Run[i-1]+c] || i+1 < len(p.Run) && terms[c+p.Run[i+1]] {
			n++
		}
	}
	return float64(n) / float64(len(p.Run))
}

// length is how many words a unit is about as long as.
func length(u text.Unit) float64 {
	n := 0.0
	for _, p := range u.Any[0] {
		n += max(1, float64(len(p.Run))/2)
	}
	return n
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
	withMeaning  = calibration{bias: -26.9, near: 26.6, above: 61.8, words: 1.51}
	byWordsAlone = calibration{bias: -1.88, words: 2.33, heading: 2.30}
)

// threshold is the score from which a passage answers: an answer to something else is worse than
// none.
const threshold = 0.575

type calibration struct{ bias, near, above, words, heading float64 }

func (c calibration) score(f features) float64 {
	return 1 / (1 + math.Exp(-(c.bias + c.near*f[0] + c.above*f[1] + c.words*f[2] + c.heading*f[3])))
}

// features of a passage for a question: nearness, nearness above the typical, overlap with
// the passage and with its heading.
type features [4]float64

func (w *weigher) features(i int) features {
	e := w.passages[i]
	return features{w.nearness[i], w.nearness[i] - w.typical, w.overlap(e.terms), w.asks(e)}
}

// answers is the probability that the passage answers the question. A question of few words has
// little to be sure by: that the heading has all of them counts.
func (w *weigher) answers(i int) float64 {
	c := byWordsAlone
	if w.question.vector != nil {
		c = withMeaning
	}
	score := c.score(w.features(i))
	if score >= leastJustThat && w.asksJustThat(w.passages[i]) {
		return threshold + (1-threshold)*score
	}
	return score
}

// leastJustThat is the score that a passage must have at least though its heading has all words
// of the question.
const leastJustThat = 0.1
