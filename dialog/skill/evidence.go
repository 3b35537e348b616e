package skill

import (
	"regexp"
	"slices"
	"strings"
	"unicode"

	"github.com/floorwalker/floorwalker/catalog"
	"github.com/floorwalker/floorwalker/dialog/flow"
	"github.com/floorwalker/floorwalker/retrieval/text"
)

// evidence is what a text has that might prove who wrote it. Each list is short, so that one
// message is one guess, or few.
type evidence struct {
	emails []string
	postal []string // what may be a postal code, folded
	orders []string // what may be an order id, as written
	code   string   // the only number of six digits, if there is just one
	words  []string // of the text, folded
	han    string   // its Han characters with the spaces between them left out; others are spaces

	// open says that the text is an answer rather than a request with a figure in it: where
	// it proves nothing, say so.
	open bool
}

// Bounds on guesses in one message.
const (
	mostEmails = 2
	mostPostal = 4
	mostIDs    = 4
)

// These patterns are constants in all but syntax.
var (
	emailPattern = regexp.MustCompile(`[a-z0-9][a-z0-9._%+'-]*@[a-z0-9-]+(?:\.[a-z0-9-]+)+`)
	tokenPattern = regexp.MustCompile(`#?[a-z0-9]+(?:-[a-z0-9]+)*`)
	sixDigits    = regexp.MustCompile(`^[0-9]{6}$`)
	onlyDigits   = regexp.MustCompile(`^[0-9]+$`)
	hasDigit     = regexp.MustCompile(`[0-9]`)
)

// evidenceIn reads a text. order is an order spoken of before, "" for none.
func evidenceIn(said *flow.Said, order string) evidence {
	e := evidence{open: true}
	for _, r := range said.Requests {
		if r.Act == "" && r.Intent != "identify" {
			e.open = says(said, "name")
		}
	}
	var taken [][2]int
	for _, x := range said.Entities {
		switch x.Type {
		case "email":
			e.emails = appendNew(e.emails, strings.ToLower(x.Value))
		case "postal_code":
			e.postal = appendNew(e.postal, foldPostal(x.Value))
		case "order_id":
			e.orders = appendNew(e.orders, x.Value)
			if e.open && onlyDigits.MatchString(x.Value) { // may as well be a postal code
				continue
			}
			taken = append(taken, [2]int{x.Start, x.End})
		case "sku", "tracking", "phone", "money", "money_max", "money_min":
			taken = append(taken, [2]int{x.Start, x.End})
		}
	}
	folded := text.Fold(said.Text)
	e.emails = appendNew(e.emails, emailPattern.FindAllString(folded, mostEmails)...)
	e.emails = e.emails[:min(mostEmails, len(e.emails))]
	e.readNames(emailPattern.ReplaceAllString(folded, " "))
	e.readTokens(emailPattern.ReplaceAllString(text.Fold(blanked(said.Text, taken)), " "))
	if order != "" {
		e.orders = append([]string{order}, slices.DeleteFunc(e.orders, func(id string) bool { return id == order })...)
	}
	e.orders = e.orders[:min(mostIDs, len(e.orders))]
	e.postal = e.postal[:min(mostPostal, len(e.postal))]
	return e
}

// readTokens finds what may be a code, a postal code or an order id in folded text.
func (e *evidence) readTokens(folded string) {
	tokens := tokenPattern.FindAllString(folded, 400)
	var codes []string
	for i, t := range tokens {
		if !hasDigit.MatchString(t) || len(t) > 32 {
			continue
		}
		if sixDigits.MatchString(t) {
			codes = appendNew(codes, t)
		}
		if strings.HasPrefix(t, "#") || len(t) > 10 {
			e.orders = appendNew(e.orders, t)
			continue
		}
		if len(t) >= 3 {
			e.orders = appendNew(e.orders, t)
			e.postal = appendNew(e.postal, foldPostal(t))
		}
		if i > 0 && len(t) <= 4 && len(tokens[i-1]) <= 4 && !strings.HasPrefix(tokens[i-1], "#") { // SW1A 1AA, K1A 0B1
			e.postal = appendNew(e.postal, foldPostal(tokens[i-1]+t))
		}
	}
	if len(codes) == 1 {
		e.code = codes[0]
	}
}

func (e *evidence) readNames(folded string) {
	e.words = nameWords(folded)
	e.han = strings.Map(func(r rune) rune {
		switch {
		case unicode.Is(unicode.Han, r):
			return r
		case unicode.IsSpace(r):
			return -1
		}
		return ' '
	}, folded)
}

// empty reports whether nothing could prove anything.
func (e evidence) empty() bool {
	return len(e.emails) == 0 && len(e.postal) == 0 && e.code == ""
}

// named reports whether the text has words beside codes and ids: without them it holds no name.
func (e evidence) named() bool {
	return slices.ContainsFunc(e.words, func(w string) bool { return !hasDigit.MatchString(w) && len(w) > 1 })
}

// names reports whether a customer's first and last name stand in the text as whole words;
// names of Han characters joined, in either order. one says that one of them does.
func (e evidence) names(c catalog.Customer) (both, one bool) {
	first, last := text.Fold(c.FirstName), text.Fold(c.LastName)
	if first == "" || last == "" {
		return false, false
	}
	if isHan(first) && isHan(last) {
		both = strings.Contains(e.han, last+first) || strings.Contains(e.han, first+last)
		return both, both || strings.Contains(e.han, first)
	}
	f, l := e.hasWords(first), e.hasWords(last)
	return f && l, f || l
}

// hasWords reports whether the words of a name follow each other in the text.
func (e evidence) hasWords(name string) bool {
	want := nameWords(name)
	if len(want) == 0 {
		return false
	}
	for i := 0; i+len(want) <= len(e.words); i++ {
		if slices.Equal(e.words[i:i+len(want)], want) {
			return true
		}
	}
	return false
}

// nameWords are the words of folded text; an apostrophe is part of a word and left out.
func nameWords(folded string) []string {
	folded = strings.NewReplacer("'", "", "’", "").Replace(folded)
	var words []string
	var word []rune
	han := false
	flush := func() {
		if len(word) > 0 {
			words = append(words, string(word))
			word = nil
		}
	}
	for _, r := range folded {
		inWord := unicode.IsLetter(r) || unicode.IsDigit(r) || unicode.Is(unicode.M, r)
		if is := unicode.Is(unicode.Han, r); is != han || !inWord {
			flush()
			han = is
		}
		if inWord {
			word = append(word, r)
		}
	}
	flush()
	return words
}

func isHan(s string) bool {
	for _, r := range s {
		if !unicode.Is(unicode.Han, r) {
			return false
		}
	}
	return s != ""
}

// foldPostal writes a postal code as it is compared: upper case without spaces.
func foldPostal(s string) string {
	return strings.ToUpper(strings.Join(strings.Fields(text.Fold(s)), ""))
}

func appendNew(list []string, more ...string) []string {
	for _, s := range more {
		if !slices.Contains(list, s) {
			list = append(list, s)
		}
	}
	return list
}
