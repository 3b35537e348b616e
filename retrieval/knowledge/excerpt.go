package knowledge

import (
	"regexp"
	"slices"
	"strings"
)

const (
	shortAnswer    = 450 // letters of a text that is told whole; a Han character counts two
	mostSentences  = 3
	mostOfHeading  = 4    // sentences, where the whole passage is asked for
	asksHeading    = 0.45 // overlap with the heading from which it is
	leastAnswer    = 120  // letters; "Yes." answers nothing by itself
	leastNub       = 30   // letters, likewise
	meaningInReply = 4.0  // what a difference in nearness counts beside overlap
)

// answer is what of a passage answers, as the passage has it: all of it where it is short, else
// the run of sentences that stands out; from the beginning on where the passage's heading is
// what was asked. It doesn't begin with a sentence that goes on from the one before, nor with
// one that takes back what an answer at the beginning says, and it doesn't end with an apology.
func (w *weigher) answer(i int) string {
	e := w.passages[i]
	if len(e.sentences) <= 2 || width(e.Text) <= shortAnswer {
		return e.Text
	}
	from, to := w.standingOut(e)
	if at := addressed(e, w.question.text); at >= 0 {
		from, to = min(from, at), max(to, at+1)
		if to-from > mostOfHeading {
			from, to = at, at+1
		}
	} else if w.asks(e) >= asksHeading || denies(e.sentences[from].text) && replies(e.sentences[0].text) {
		from, to = 0, max(to, min(mostOfHeading, len(e.sentences)))
	}
	for from > 0 && goesOn(e.sentences[from].text) {
		from--
	}
	for to < len(e.sentences) && (width(between(e.Text, e.sentences, from, to)) < leastAnswer || apologises(e.sentences[to-1].text)) {
		to++
	}
	for to < min(len(e.sentences), from+mostOfHeading) && goesOn(e.sentences[to].text) {
		to++
	}
	return between(e.Text, e.sentences, from, min(to, from+mostOfHeading))
}

// nub is the run of sentences of a passage that stands out, with those that they go on from; the
// answer, where none has a word of the question.
func (w *weigher) nub(i int) string {
	e := w.passages[i]
	if len(e.sentences) == 0 {
		return e.Text
	}
	from, to := w.standingOut(e)
	if !slices.ContainsFunc(e.sentences[from:to], func(s sentence) bool { return w.overlap(s.terms) > 0 }) {
		return w.answer(i)
	}
	for from > 0 && goesOn(e.sentences[from].text) {
		from--
	}
	for to < len(e.sentences) && width(between(e.Text, e.sentences, from, to)) < leastNub {
		to++
	}
	return between(e.Text, e.sentences, from, to)
}

var (
	// asksAddress are questions that want an address or a number.
	asksAddress = regexp.MustCompile(`(?i)\b(?:write|e-?mail|phone|call|ring|number|contact|reach|address|url|link)\b|邮箱|邮件|电话|号码|打给|联系|写信|地址|网址|链接|发到哪|发给谁`)
	// address is an e-mail address, a web address or a phone number.
	address = regexp.MustCompile(`\S@\S+\.\S|https?://|www\.|\+\d[\d ().-]{6,}\d`)
	denial  = regexp.MustCompile(`(?i)\b(?:can't|cannot|can’t|don't|don’t|doesn't|doesn’t|not|never|no|only)\b|不|没|无法|除外|只有`)
	reply   = regexp.MustCompile(`(?i)^(?:yes|no)\b|^(?:可以|不可以|能|不能|支持|不支持|有|没有|是|不是|会|不会)[的，,。；：！]`)
	apology = regexp.MustCompile(`(?i)\b(?:sorry|apologi[sz]e|regret|afraid)\b|抱歉|对不起|不好意思|遗憾`)
)

// addressed is the sentence with the address that a question wants, -1 if there is none.
func addressed(e entry, question string) int {
	if !asksAddress.MatchString(question) {
		return -1
	}
	return slices.IndexFunc(e.sentences, func(s sentence) bool { return address.MatchString(s.text) })
}

func denies(s string) bool     { return denial.MatchString(s) }
func replies(s string) bool    { return reply.MatchString(s) }
func apologises(s string) bool { return apology.MatchString(s) }

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

// width counts letters, a Han character for two.
func width(s string) int {
	const firstWide = 0x2e80
	n := 0
	for _, r := range s {
		if n++; r >= firstWide {
			n++
		}
	}
	return n
}
