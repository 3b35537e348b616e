package reply

import (
	"context"
	"errors"
	"iter"
	"strings"
	"unicode"
	"unicode/utf8"

	"github.com/floorwalker/floorwalker/dialog/journal"
)

// Writer words a reply anew, in pieces as they come. said is what was released already: it
// goes on from there. refused is the sentence that was refused, "" the first time.
type Writer func(ctx context.Context, said, refused string) iter.Seq2[string, error]

// Written is what became of a writer's words.
type Written struct {
	Text    string
	Facts   []journal.Fact
	Blocked []string // why sentences were refused, one each
	Fell    bool     // the template's text stands at the end, or for all of it
}

// Write lets a writer's words out, sentence by sentence, each once it is checked: release is
// called with every piece in order. A sentence that is refused is written anew once; after a second
// one, or an error of the writer, the template says the rest. The error is the context's.
func (g *Ground) Write(ctx context.Context, write Writer, template Worded, release func(string)) (Written, error) {
	w := Written{Facts: []journal.Fact{}}
	judge := g.Judge()
	refused := ""
	for attempt := range 2 {
		sentence, err := g.attempt(ctx, write(ctx, w.Text, refused), judge, &w, release)
		switch {
		case ctx.Err() != nil:
			return w, ctx.Err()
		case err == nil && w.Text != "":
			return w, nil
		case err == nil:
			err = errors.New("nothing was written")
		}
		var finding *Finding
		if !errors.As(err, &finding) {
			attempt = 1
		}
		w.Blocked = append(w.Blocked, err.Error())
		if refused = sentence; attempt == 1 {
			break
		}
	}
	w.fallBack(g.locale, template, release)
	return w, nil
}

// attempt releases what passes, until a sentence doesn't.
func (g *Ground) attempt(ctx context.Context, pieces iter.Seq2[string, error], judge *Judge, w *Written, release func(string)) (string, error) {
	var pending strings.Builder
	out := func(sentence string) error {
		facts, err := judge.Sentence(sentence)
		if err != nil {
			return err
		}
		for _, f := range facts {
			f.Start += len(w.Text)
			f.End += len(w.Text)
			w.Facts = append(w.Facts, f)
		}
		w.Text += sentence
		release(sentence)
		return nil
	}
	for piece, err := range pieces {
		if err != nil {
			return "", err
		}
		if ctx.Err() != nil {
			return "", ctx.Err()
		}
		pending.WriteString(piece)
		for {
			text := pending.String()
			n := sentenceEnd(text)
			if n == 0 {
				if len(text) > longestSentence {
					return text, &Finding{"a sentence too long to be checked", "", 0, len(text)}
				}
				break
			}
			if err := out(text[:n]); err != nil {
				return text[:n], err
			}
			pending.Reset()
			pending.WriteString(text[n:])
		}
	}
	if rest := pending.String(); strings.TrimSpace(rest) != "" {
		if err := out(rest); err != nil {
			return rest, err
		}
	}
	return "", nil
}

// fallBack has the template say what is left.
func (w *Written) fallBack(l *locale, template Worded, release func(string)) {
	w.Fell = true
	rest := template.Text
	at := len(w.Text)
	if at > 0 {
		joint := l.style.space
		if joint != "" && unicode.IsSpace(lastRune(w.Text)) {
			joint = ""
		}
		at += len(joint)
		rest = joint + rest
	}
	for _, f := range template.Facts {
		f.Start += at
		f.End += at
		w.Facts = append(w.Facts, f)
	}
	w.Text += rest
	release(rest)
}

func lastRune(s string) rune {
	r, _ := utf8.DecodeLastRuneInString(s)
	return r
}

// sentenceEnd is where the first sentence of a text ends that more may follow, 0 if that can't be
// told yet. The space after it is its own.
func sentenceEnd(text string) int {
	for i, r := range text {
		end := i + utf8.RuneLen(r)
		if r == utf8.RuneError {
			continue
		}
		switch {
		case strings.ContainsRune("。！？\n", r):
		case strings.ContainsRune(".!?", r):
			next, n := utf8.DecodeRuneInString(text[end:])
			if n == 0 {
				return 0 // a figure or a quotation may go on
			}
			if !unicode.IsSpace(next) || r == '.' && abbreviated(text[:i]) {
				continue
			}
		default:
			continue
		}
		for end < len(text) {
			next, n := utf8.DecodeRuneInString(text[end:])
			if !unicode.IsSpace(next) && !strings.ContainsRune(`"”’」』）)`, next) {
				return end
			}
			end += n
		}
		if strings.ContainsRune("。！？\n", r) {
			return end
		}
		return 0
	}
	return 0
}

// abbreviated reports whether a full stop ends a short word rather than a sentence.
func abbreviated(before string) bool {
	word := before[strings.LastIndexAny(before, " (\n")+1:]
	switch strings.ToLower(word) {
	case "mr", "mrs", "ms", "dr", "st", "no", "e.g", "i.e", "vs", "approx", "inc", "co", "ltd", "jr", "ave", "rd", "apt":
		return true
	}
	return len(word) == 1 && unicode.IsUpper(rune(word[0]))
}

// splitSentences cuts a whole text.
func splitSentences(text string) []string {
	var all []string
	text += "\n"
	for {
		n := sentenceEnd(text)
		if n == 0 {
			break
		}
		if s := strings.TrimSpace(text[:n]); s != "" {
			all = append(all, s)
		}
		text = text[n:]
	}
	if s := strings.TrimSpace(text); s != "" {
		all = append(all, s)
	}
	return all
}
