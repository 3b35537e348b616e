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
	texts  []naming // the text itself first, then what was said before if it had a name in it

	// open says that the text is an answer rather than a request with a figure in it: where
	// it proves nothing, say so.
	open bool

	cued    bool // what may be a postal code is called one
	others  bool // it speaks of somebody else
	named   bool // somebody's name was given, now or before
	ordered bool // an order's number was given, now or before
	fresh   fresh
}

// fresh is what a text gives itself, rather than one before it.
type fresh struct{ name, postal, order, email bool }

func (f fresh) any() bool { return f.name || f.postal || f.order || f.email }

// naming is a text as names are looked for in it.
type naming struct {
	words []string // folded
	han   string   // its Han characters with the spaces between them left out; others are spaces
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
	postalLike   = regexp.MustCompile(`^(?:[0-9].*|[a-z]{1,2}[0-9][a-z0-9]?[0-9][a-z]{2}|[a-z][0-9][a-z][0-9][a-z][0-9])$`)
	postalCue    = regexp.MustCompile(`zip|postal|post ?code|邮编|邮政编码`)
	hasDigit     = regexp.MustCompile(`[0-9]`)
	bareName     = regexp.MustCompile(`^[\p{Latin}\p{M}'’.-]+(?: [\p{Latin}\p{M}'’.-]+){1,2}$`)
)

// evidenceIn reads a text. before is what was said to the same question, oldest first: what
// is missing now may have been said then. order is an order spoken of before, "" for none.
func (s *Set) evidenceIn(said *flow.Said, before []flow.Said, order string) evidence {
	e := s.alone(said)
	e.fresh = fresh{name: e.named, postal: len(e.postal) > 0, order: e.ordered, email: len(e.emails) > 0}
	var codes, addresses []string
	for _, b := range slices.Backward(before) {
		old := s.alone(&b)
		if old.others {
			continue
		}
		if old.named && len(e.texts) == 1 {
			e.texts, e.named = append(e.texts, old.texts[0]), true
		}
		if len(codes) == 0 {
			codes = old.postal[:min(1, len(old.postal))]
		}
		if len(addresses) == 0 {
			addresses = old.emails[:min(1, len(old.emails))]
		}
		if old.ordered && !e.ordered {
			e.orders, e.ordered = appendNew(e.orders, old.orders[0]), true
		}
	}
	if !e.fresh.postal && e.fresh.any() {
		e.postal = codes
	}
	if !e.fresh.email && (e.fresh.order || e.fresh.postal) {
		e.emails = addresses
	}
	if order != "" {
		e.ordered = true
		e.orders = append([]string{order}, slices.DeleteFunc(e.orders, func(id string) bool { return id == order })...)
	}
	e.orders = e.orders[:min(mostIDs, len(e.orders))]
	return e
}

// alone reads one text by itself.
func (s *Set) alone(said *flow.Said) evidence {
	e := evidence{open: true, named: says(said, "name")}
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
			e.orders, e.ordered = appendNew(e.orders, x.Value), true
			if e.open && onlyDigits.MatchString(x.Text) { // may as well be a postal code
				continue
			}
			taken = append(taken, [2]int{x.Start, x.End})
		case "sku", "tracking", "phone", "money", "money_max", "money_min":
			taken = append(taken, [2]int{x.Start, x.End})
		}
	}
	folded := text.Fold(visible(said.Text))
	e.emails = appendNew(e.emails, emailPattern.FindAllString(folded, mostEmails)...)
	e.emails = e.emails[:min(mostEmails, len(e.emails))]
	e.cued, e.others = postalCue.MatchString(folded), s.words.ofOthers(said.Text)
	e.texts = []naming{namingOf(emailPattern.ReplaceAllString(folded, " "))}
	e.readTokens(emailPattern.ReplaceAllString(text.Fold(visible(blanked(said.Text, taken))), " "))
	e.orders = e.orders[:min(mostIDs, len(e.orders))]
	e.postal = e.postal[:min(mostPostal, len(e.postal))]
	e.named = e.named || s.looksLikeName(said)
	return e
}

// visible is a text without the marks that nobody sees, such as those pasted along with a name.
func visible(s string) string {
	return strings.Map(func(r rune) rune {
		if unicode.Is(unicode.Cf, r) {
			return -1
		}
		return r
	}, s)
}

// looksLikeName reports whether a text, figures left out, is two or three words that could be
// a name, and nothing was understood in it.
func (s *Set) looksLikeName(said *flow.Said) bool {
	for _, r := range said.Requests {
		if r.Intent != "identify" && !r.Act.Beside() {
			return false
		}
	}
	bare := strings.Join(strings.Fields(strings.Map(func(r rune) rune {
		if unicode.IsDigit(r) || strings.ContainsRune(",.;:#，。；：\n", r) {
			return ' '
		}
		return r
	}, said.Text)), " ")
	bare = strings.TrimSpace(s.words.introduction.first.ReplaceAllString(bare, ""))
	return bareName.MatchString(bare) && !s.words.edge.in(bare) && !s.words.asking.in(bare) && !s.words.carrier.in(bare)
}

// farFigures is how many words of letters a text may have beside figures of any length; in
// longer ones, only those as long as most postal codes may be one.
const farFigures = 4

// readTokens finds what may be a code, a postal code or an order id in folded text.
func (e *evidence) readTokens(folded string) {
	tokens := tokenPattern.FindAllString(folded, 400)
	letters := 0
	for _, t := range tokens {
		if !hasDigit.MatchString(t) {
			letters++
		}
	}
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
			if (letters <= farFigures || len(t) >= 5) && postalLike.MatchString(t) {
				e.postal = appendNew(e.postal, foldPostal(t))
			}
		}
		if i > 0 && len(t) <= 4 && len(tokens[i-1]) <= 4 && hasDigit.MatchString(tokens[i-1]) && !strings.HasPrefix(tokens[i-1], "#") { // SW1A 1AA, K1A 0B1
			e.postal = appendNew(e.postal, foldPostal(tokens[i-1]+t))
		}
	}
	if len(codes) == 1 {
		e.code = codes[0]
	}
}

func namingOf(folded string) naming {
	return naming{words: nameWords(folded), han: strings.Map(func(r rune) rune {
		switch {
		case unicode.Is(unicode.Han, r):
			return r
		case unicode.IsSpace(r):
			return -1
		}
		return ' '
	}, folded)}
}

// empty reports whether the text gives nothing that could prove anything.
func (e evidence) empty() bool { return !e.fresh.any() && e.code == "" }

// wordy reports whether any text has words beside codes and ids: without them it holds no name.
func (e evidence) wordy() bool {
	return slices.ContainsFunc(e.texts, func(n naming) bool {
		return slices.ContainsFunc(n.words, func(w string) bool { return !hasDigit.MatchString(w) && len(w) > 1 })
	})
}

// names reports whether a customer's first and last name stand in one of the texts as whole
// words; names of Han characters joined, in either order. one says that one of them does.
func (e evidence) names(c catalog.Customer) (both, one bool) {
	first, last := text.Fold(c.FirstName), text.Fold(c.LastName)
	if first == "" || last == "" {
		return false, false
	}
	for _, n := range e.texts {
		var b, o bool
		if isHan(first) && isHan(last) {
			b = strings.Contains(n.han, last+first) || strings.Contains(n.han, first+last)
			o = b || strings.Contains(n.han, first)
		} else {
			f, l := n.has(first), n.has(last)
			b, o = f && l, f || l
		}
		both, one = both || b, one || o
	}
	return both, one
}

// has reports whether the words of a name follow each other in the text.
func (n naming) has(name string) bool {
	want := nameWords(name)
	if len(want) == 0 {
		return false
	}
	for i := 0; i+len(want) <= len(n.words); i++ {
		if slices.Equal(n.words[i:i+len(want)], want) {
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
