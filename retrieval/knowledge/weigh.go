package knowledge

import (
	"cmp"
	"math"
	"slices"
	"strings"
	"unicode/utf8"

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
	withMeaning  = calibration{bias: -29.3, near: 27.8, above: 117.2, words: 0.75}
	byWordsAlone = calibration{bias: -2.01, words: 3.16, heading: 3.59}
)

// The scores from which a passage answers. Words alone take a question for another more
// easily ("how long does it take to become an architect"), so they must be surer.
const (
	threshold          = 0.5
	thresholdWordsOnly = 0.55
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

// answer is the run of sentences that answers, as the passage has them: up to three; from the
// beginning on where the passage's heading is what was asked. It doesn't begin with a
// sentence that goes on from the one before.
func (w *weigher) answer(i int) string {
	e := w.passages[i]
	if len(e.sentences) <= 2 || width(e.Text) <= shortAnswer {
		return e.Text
	}
	from, to := w.standingOut(e)
	if w.overlap(e.heading) >= asksHeading {
		from, to = 0, max(to, min(mostOfHeading, len(e.sentences)))
	}
	for from > 0 && goesOn(e.sentences[from].text) {
		from--
	}
	for to < len(e.sentences) && width(between(e.Text, e.sentences, from, to)) < leastAnswer {
		to++
	}
	for to < min(len(e.sentences), from+mostOfHeading) && goesOn(e.sentences[to].text) {
		to++
	}
	return between(e.Text, e.sentences, from, min(to, from+mostOfHeading))
}

const (
	asksHeading   = 0.45 // overlap with the heading from which the whole passage is asked for
	mostOfHeading = 4    // sentences
	leastAnswer   = 40   // letters; "Yes." answers nothing by itself
)

// standingOut is the run of sentences that stands out most, the beginning where none does.
func (w *weigher) standingOut(e entry) (from, to int) {
	scores := make([]float64, len(e.sentences))
	var mean float64
	for j, s := range e.sentences {
		scores[j] = w.overlap(s.terms)
		if w.question.vector != nil {
			scores[j] += meaningInReply * dot(w.question.vector, s.vector)
		}
		mean += scores[j] / float64(len(scores))
	}
	from, to = 0, min(2, len(scores))
	best := 0.0
	for a := range scores {
		sum := 0.0
		for b := a; b < min(a+mostSentences, len(scores)); b++ {
			if sum += scores[b] - mean; sum > best+1e-9 {
				best, from, to = sum, a, b+1
			}
		}
	}
	return from, to
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
