package skill

import (
	"context"
	"errors"
	"regexp"
	"slices"
	"strings"

	"github.com/floorwalker/floorwalker/catalog"
	"github.com/floorwalker/floorwalker/catalog/store"
	"github.com/floorwalker/floorwalker/dialog/flow"
)

// ownMethod finds which of the shopper's payment methods is meant: by its kind, brand, last
// digits or id, or as the way the order was paid. Who has but one means that one.
var ownMethod = skill{
	Skill: flow.Skill{Name: "own_method", Kind: flow.Resolve, Sure: true, Args: []string{"order"}, Options: []string{"order"},
		Entities: []string{"reference"}, Refuses: []string{noSuchMethod}, Needs: verified},
	run: (*Set).ownMethod,
}

const noSuchMethod = "no_such_method"

func (s *Set) ownMethod(ctx context.Context, call flow.Call) (flow.Result, error) {
	if call.Said == nil {
		return flow.Result{}, nil
	}
	return s.ofShopper(ctx, call, func(_ store.Records, c catalog.Customer, o catalog.Order) (result flow.Result, err error) {
		found, foreign := s.methodsSaid(call.Said.Text, c, o)
		switch {
		case len(found) > 0:
		case foreign && call.Expected:
			return flow.Result{Refused: noSuchMethod}, nil
		case !foreign && len(c.PaymentMethods) == 1:
			found = c.PaymentMethods
		}
		for _, m := range found {
			result.Values = append(result.Values, s.methodValue(c, m, call))
		}
		return result, nil
	})
}

// ofShopper looks at the shopper, and at the order that is spoken of if one is, as the records are at
// one moment.
func (s *Set) ofShopper(ctx context.Context, call flow.Call, look func(store.Records, catalog.Customer, catalog.Order) (flow.Result, error)) (result flow.Result, err error) {
	err = s.read(ctx, func(r store.Records) error {
		c, err := r.Customer(call.Identity.Customer)
		if err != nil && !errors.Is(err, store.ErrNotFound) {
			return err
		}
		var o catalog.Order
		if err == nil {
			if o, _, err = ownOrderLike(r, arg(call, "order"), call.Identity); err != nil {
				return err
			}
		}
		result, err = look(r, c, o)
		return err
	})
	return result, err
}

func (s *Set) methodValue(c catalog.Customer, m catalog.PaymentMethod, call flow.Call) flow.Value {
	v := flow.Value{V: m.ID, View: s.label("customer/"+c.ID, c.Version, s.words.method(m, call.Locale))}
	if call.Said != nil {
		v.Text, v.Offset = call.Said.Text, offset(call.Said)
	}
	return v
}

// methodsSaid are the methods that a text names best; foreign: it names a kind that the
// customer has none of.
func (s *Set) methodsSaid(text string, c catalog.Customer, o catalog.Order) (found []catalog.PaymentMethod, foreign bool) {
	if at := s.change.insteadOf.pattern.FindStringIndex(text); at != nil && s.namesMethod(text[:at[0]]) {
		text = text[:at[0]]
	}
	if digits, ok := s.lastFour(text); ok && !slices.ContainsFunc(c.PaymentMethods, func(m catalog.PaymentMethod) bool { return m.LastFour == digits }) {
		return nil, true
	}
	tokens := tokensOf(text)
	best := 0
	for _, m := range c.PaymentMethods {
		score := s.methodScore(tokens, text, m)
		switch {
		case score > best:
			best, found = score, []catalog.PaymentMethod{m}
		case score == best && score > 0:
			found = append(found, m)
		}
	}
	if best > 0 {
		return found, false
	}
	if s.change.original.in(text) || strings.Contains(text, "原") && len([]rune(text)) < 8 {
		for _, m := range c.PaymentMethods {
			if slices.ContainsFunc(o.Payments, func(p catalog.Payment) bool { return p.Kind == kindPayment && p.Method == m.ID }) {
				found = append(found, m)
			}
		}
		return found, false
	}
	return nil, s.namesMethod(text)
}

var fourDigits = regexp.MustCompile(`^\s*(?:is |are |是|为|:|：)?\s*([0-9]{4})(?:[^0-9]|$)`)

// lastFour are the digits that a card is said to end in.
func (s *Set) lastFour(text string) (string, bool) {
	at := s.change.endingIn.pattern.FindStringIndex(text)
	if at == nil {
		return "", false
	}
	m := fourDigits.FindStringSubmatch(text[at[1]:])
	if m == nil {
		return "", false
	}
	return m[1], true
}

// namesMethod reports whether a text names any kind of payment method, or has the id of one.
func (s *Set) namesMethod(text string) bool {
	tokens := tokensOf(text)
	for kind := range s.words.Methods {
		if s.methodScore(tokens, text, catalog.PaymentMethod{Kind: kind}) > 0 {
			return true
		}
		if strings.Contains(text, kind+"_") {
			return true
		}
	}
	return false
}

// methodScore is how well a text names a method; 0: not at all.
func (s *Set) methodScore(tokens []token, text string, m catalog.PaymentMethod) int {
	const byID, byDigits, byBrand, byKind = 100, 50, 10, 5
	score := 0
	if m.ID != "" && strings.Contains(strings.ToLower(text), strings.ToLower(m.ID)) {
		score += byID
	}
	if m.LastFour != "" && slices.ContainsFunc(tokens, func(t token) bool { return t.word == m.LastFour }) {
		score += byDigits
	}
	names := []string{m.Brand}
	for _, name := range s.words.Brands[strings.ToLower(m.Brand)] {
		names = append(names, name)
	}
	if saidIn(tokens, names) > 0 {
		score += byBrand
	}
	names = []string{strings.ReplaceAll(m.Kind, "_", " ")}
	for _, name := range s.words.Methods[m.Kind] {
		names = append(names, name)
	}
	names = append(names, s.change.MethodNames[m.Kind]...)
	if n := saidIn(tokens, names); n > 0 {
		score += byKind + n // "gift card" says more than "card"
	}
	return score
}

// saidIn is how many words the longest of the names has that stands in a text; 0: none does.
func saidIn(tokens []token, names []string) int {
	longest := 0
	for _, name := range names {
		words := wordsOf(tokensOf(name))
		for at := range tokens {
			if standsAt(tokens, at, words) {
				longest = max(longest, len(words))
			}
		}
	}
	return longest
}

// refundMethods lists where the money for a return may go.
var refundMethods = skill{
	Skill: flow.Skill{Name: "refund_methods", Kind: flow.Resolve, Args: []string{"order"}, Needs: verified},
	run:   (*Set).refundMethods,
}

// refundMethod takes a method to which the money for a return may go.
var refundMethod = skill{
	Skill: flow.Skill{Name: "refund_method", Kind: flow.Check, Args: []string{"payment_method", "order"}, Refuses: []string{refundElsewhere}, Needs: verified},
	run:   (*Set).refundMethod,
}

const refundElsewhere = "refund_elsewhere"

func (s *Set) refundMethods(ctx context.Context, call flow.Call) (flow.Result, error) {
	return s.ofShopper(ctx, call, func(_ store.Records, c catalog.Customer, o catalog.Order) (flow.Result, error) {
		return s.methodsOffered(call, c, func(m catalog.PaymentMethod) bool { return s.refundable(o, m) }), nil
	})
}

// methodsOffered are those of a customer's methods that will do, to choose from.
func (s *Set) methodsOffered(call flow.Call, c catalog.Customer, will func(catalog.PaymentMethod) bool) (result flow.Result) {
	for _, m := range c.PaymentMethods {
		if will(m) {
			result.Values = append(result.Values, s.methodValue(c, m, call))
		}
	}
	return result
}

// refundable reports whether the money for a return may go to a method, by the shop's policy.
func (s *Set) refundable(o catalog.Order, m catalog.PaymentMethod) bool {
	allowed := s.policyList("returns", "refund_to")
	original := slices.ContainsFunc(o.Payments, func(p catalog.Payment) bool { return p.Kind == kindPayment && p.Method == m.ID })
	return original && slices.Contains(allowed, "original") || slices.Contains(allowed, m.Kind) || slices.Contains(allowed, "any")
}

func (s *Set) refundMethod(ctx context.Context, call flow.Call) (flow.Result, error) {
	return s.ofShopper(ctx, call, func(_ store.Records, c catalog.Customer, o catalog.Order) (flow.Result, error) {
		if m := methodOf(c, arg(call, "payment_method")); m.Kind == "" || !s.refundable(o, m) {
			return flow.Result{Refused: refundElsewhere}, nil
		}
		return flow.Result{}, nil
	})
}
