package skill

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"strings"

	"github.com/floorwalker/floorwalker/catalog"
	"github.com/floorwalker/floorwalker/catalog/store"
	"github.com/floorwalker/floorwalker/dialog/flow"
)

// proof finds out who writes by what they say, as far as the shop takes it for the level that
// is needed. What it refuses never tells whether a customer or an order exists.
var proof = skill{
	Skill: flow.Skill{Name: "proof", Kind: flow.Resolve, Args: []string{"order"}, Options: []string{"order"},
		Entities: []string{"email", "name", "postal_code", "order_id", "code"},
		Refuses:  append([]string{notProven, tooManyProofs, codeSent, notYours}, needs...), Soft: append([]string{codeSent, notYours}, needs...)},
	run: (*Set).proof,
}

const (
	notProven     = "not_proven"
	tooManyProofs = "too_many_proofs"
	codeSent      = "code_sent"
	notYours      = "not_yours" // it is somebody else's, as the text itself says
)

// What is missing of a proof begun. It is asked for by what was said alone, whoever and whatever
// exists.
const (
	needName        = "need_name"
	needPostalCode  = "need_postal_code"
	needOrder       = "need_order"
	needOrderPostal = "need_order_postal_code"
	needOrderEmail  = "need_order_email"
	needOrderEither = "need_order_either" // its postal code or its e-mail address
)

var needs = []string{needName, needPostalCode, needOrder, needOrderPostal, needOrderEmail, needOrderEither}

// What proves who somebody is, as the protocol and shop.yaml name it.
const (
	byEmail           = "email"
	byNamePostalCode  = "name_postal_code"
	byOrderEmail      = "order_email"
	byOrderPostalCode = "order_postal_code"
	byCode            = "code"
)

// Limits on wrong proofs and on codes.
const (
	wrongInConversation = 5
	wrongOfTarget       = 20 // an hour
	wrongFromAddress    = 50 // an hour
	codesInConversation = 5
	codesToCustomer     = 5 // an hour
)

// proving is one look at what was said.
type proving struct {
	*Set
	evidence
	attempts
	records store.Records
	allowed map[string]catalog.Level // by proof: the level it gives
	who     catalog.Identity         // as known before
	last    int64                    // offset of the last utterance

	tried    []string // whom or what it was tried on; nothing else may be counted
	proofs   []held
	explicit bool // it was meant as a proof
}

// outcome of a proving, and the code to send, if any.
type outcome struct {
	result flow.Result
	to     string // e-mail address; empty: none to send
}

func (s *Set) proof(ctx context.Context, call flow.Call) (flow.Result, error) {
	if call.Said == nil {
		return flow.Result{}, nil
	}
	e := s.evidenceIn(call.Said, call.Before, arg(call, "order"))
	switch {
	case e.others:
		return flow.Result{Refused: notYours}, nil
	case e.empty():
		return flow.Result{}, nil
	}
	code, err := s.newCode()
	if err != nil {
		return flow.Result{}, err
	}
	var out outcome
	err = s.DB.Update(ctx, func(tx *store.Tx) error {
		p := &proving{Set: s, evidence: e, attempts: s.attempts(tx, call), records: store.In(tx, s.Shop),
			allowed: s.proofsFor(call.Needs), who: call.Identity, last: offset(call.Said)}
		p.ordered = p.ordered && (p.takes(byOrderPostalCode) || p.takes(byOrderEmail)) // else it helps nobody
		var err error
		out, err = p.decide(code)
		return err
	})
	if err != nil || out.to == "" {
		return out.result, err
	}
	a := s.attempts(nil, call)
	letter := Letter{ID: fmt.Sprintf("%s/%d", a.conversation, a.said), Shop: s.Shop, To: out.to,
		Locale: call.Locale, Code: code.digits, Expires: a.now.Add(codeLife)}
	if err := s.Codes.Send(ctx, letter); err != nil {
		return flow.Result{}, err
	}
	err = s.DB.Update(ctx, func(tx *store.Tx) error { return s.attempts(tx, call).passed() })
	return out.result, err
}

// proofsFor gives what proves a level or more, with the level that each gives.
func (s *Set) proofsFor(needs catalog.Level) map[string]catalog.Level {
	lists := s.Settings.Identity
	if lists.Claimed == nil {
		lists.Claimed = []string{byOrderEmail, byOrderPostalCode}
	}
	if lists.Verified == nil {
		lists.Verified = []string{byCode}
	}
	allowed := map[string]catalog.Level{}
	if needs <= catalog.Claimed {
		for _, p := range lists.Claimed {
			allowed[p] = catalog.Claimed
		}
	}
	for _, p := range lists.Verified {
		allowed[p] = catalog.Verified
	}
	if s.Codes == nil {
		delete(allowed, byCode)
	}
	return allowed
}

func (p *proving) takes(proof string) bool { return p.allowed[proof] > catalog.Anonymous }

// decide tries every proof and comes to a result.
func (p *proving) decide(code code) (outcome, error) {
	for _, try := range []func() error{p.tryCode, p.tryEmail, p.tryName, p.tryOrders} {
		if err := try(); err != nil {
			return outcome{}, err
		}
	}
	asksCode := p.takes(byCode) && !p.takes(byEmail) && p.fresh.email &&
		!(p.takes(byOrderEmail) && len(p.orders) > 0)
	if len(p.tried) == 0 && !asksCode {
		return outcome{result: flow.Result{Refused: p.missing()}}, nil // nothing that could prove anything alone
	}
	blocked, err := p.blocked(p.tried)
	if err != nil {
		return outcome{}, err
	}
	if blocked {
		return outcome{result: flow.Result{Refused: tooManyProofs}}, nil
	}
	if proof, customer := p.best(); customer != "" && !p.somebodyElse(customer) {
		return outcome{result: p.proven(proof, customer)}, p.use(proof)
	}
	return p.refuse(asksCode, code)
}

// refuse counts what was wrong, and sends a code where one is asked for.
func (p *proving) refuse(asksCode bool, code code) (outcome, error) {
	wrong := 0
	if len(p.tried) > 0 {
		var err error
		if wrong, err = p.wrong(p.tried); err != nil {
			return outcome{}, err
		}
	}
	switch {
	case wrong >= wrongInConversation:
		return outcome{result: flow.Result{Refused: tooManyProofs}}, nil
	case asksCode:
		return p.issue(code)
	case !p.explicit && !p.named && !p.ordered: // words beside a postal code, but no name
		return outcome{result: flow.Result{Refused: p.missing()}}, nil
	case p.open || p.explicit:
		return outcome{result: flow.Result{Refused: notProven}}, nil
	}
	return outcome{}, nil // a figure in a request: ask as if nothing had been said
}

// missing is what would make a proof of what was given now and before; "" where nothing was.
func (p *proving) missing() string {
	postal := p.takes(byOrderPostalCode)
	switch {
	case !p.fresh.any() || p.fresh.postal && !p.open && !p.cued && !p.named && !p.ordered: // a figure in a request
		return ""
	case len(p.postal) > 0 && !p.named && !p.ordered && p.takes(byNamePostalCode):
		return needName
	case len(p.postal) > 0 && !p.ordered && postal, len(p.emails) > 0 && !p.ordered && p.takes(byOrderEmail):
		return needOrder
	case len(p.postal) > 0 || len(p.emails) > 0:
		return ""
	case p.fresh.name && p.takes(byNamePostalCode):
		return needPostalCode
	case p.ordered && postal && p.takes(byOrderEmail):
		return needOrderEither
	case p.ordered && postal:
		return needOrderPostal
	case p.ordered && p.takes(byOrderEmail):
		return needOrderEmail
	case p.named && p.takes(byNamePostalCode):
		return needPostalCode
	}
	return ""
}

// somebodyElse reports whether it is known already that another customer writes. A proof of
// anybody else then is as good as a wrong one.
func (p *proving) somebodyElse(customer string) bool {
	return p.who.Level >= catalog.Verified && p.who.Customer != customer
}

// held is a proof that holds, and whom it proves.
type held struct{ proof, customer string }

func (p *proving) hold(proof, customer string) { p.proofs = append(p.proofs, held{proof, customer}) }

// best is the proof that gives most, with the customer it proves. Proofs of different
// customers prove nothing.
func (p *proving) best() (proof, customer string) {
	for _, h := range p.proofs {
		if customer != "" && h.customer != customer {
			return "", ""
		}
		if customer == "" || p.allowed[h.proof] > p.allowed[proof] {
			proof, customer = h.proof, h.customer
		}
	}
	return proof, customer
}

func (p *proving) proven(proof, customer string) flow.Result {
	return flow.Result{
		Values:   []flow.Value{{V: proof, Offset: p.last}},
		Identity: &catalog.Identity{Customer: customer, Level: p.allowed[proof]},
	}
}

// try notes that a proof was tried on somebody, or in vain on something.
func (p *proving) try(targets ...string) { p.tried = appendNew(p.tried, targets...) }

func (p *proving) tryCode() error {
	if !p.takes(byCode) || p.code == "" {
		return nil
	}
	sent, err := p.pending()
	if err != nil || sent == nil {
		return err
	}
	p.explicit = true
	p.try(orUnknown(sent.customer, "code of", p.conversation))
	if sent.customer != "" && sent.is(p.code) {
		p.hold(byCode, sent.customer)
	}
	return nil
}

func (p *proving) tryEmail() error {
	if !p.takes(byEmail) {
		return nil
	}
	for _, email := range p.emails {
		p.explicit = true
		c, err := p.customerOf(email)
		if err != nil {
			return err
		}
		p.try(orUnknown(c, "email", email))
		if c != "" {
			p.hold(byEmail, c)
		}
	}
	return nil
}

// customerOf is the only customer with an e-mail address; "" if there is none or several.
func (p *proving) customerOf(email string) (string, error) {
	found, err := p.records.CustomersBy("email", email)
	if err != nil || len(found) != 1 {
		return "", err
	}
	return found[0].ID, nil
}

func (p *proving) tryName() error {
	if !p.takes(byNamePostalCode) || !p.wordy() || !p.fresh.name && !p.fresh.postal {
		return nil
	}
	var matches []string
	for _, postal := range p.postal {
		found, err := p.records.CustomersBy("postal_code", postal)
		if err != nil {
			return err
		}
		near := false
		for _, c := range found {
			both, one := p.names(c)
			if one {
				near = true
				p.try(c.ID)
			}
			if both {
				matches = appendNew(matches, c.ID)
			}
		}
		if !near {
			p.try(orUnknown("", "postal code", postal))
		}
	}
	if len(matches) == 1 {
		p.hold(byNamePostalCode, matches[0])
	}
	return nil
}

func (p *proving) tryOrders() error {
	byEmails, byPostal := p.takes(byOrderEmail) && len(p.emails) > 0, p.takes(byOrderPostalCode)
	if !byEmails && !byPostal || !p.fresh.order && !p.fresh.postal && !p.fresh.email {
		return nil
	}
	for _, id := range p.orders {
		postal := slices.DeleteFunc(slices.Clone(p.postal), func(code string) bool { return code == foldPostal(id) })
		if !byEmails && (!byPostal || len(postal) == 0) {
			continue
		}
		if err := p.tryOrder(id, byEmails, postal); err != nil {
			return err
		}
	}
	return nil
}

func (p *proving) tryOrder(id string, byEmails bool, postal []string) error {
	o, err := p.records.OrderLike(id)
	if errors.Is(err, store.ErrNotFound) {
		p.try(orUnknown("", "order", strings.ToLower(id)))
		return nil
	}
	if err != nil {
		return err
	}
	c, err := p.records.Customer(o.Customer)
	if err != nil {
		return err
	}
	p.try(c.ID)
	if byEmails && slices.Contains(p.emails, strings.ToLower(strings.TrimSpace(c.Email))) {
		p.hold(byOrderEmail, c.ID)
	}
	if code := foldPostal(o.Address.PostalCode); p.takes(byOrderPostalCode) && code != "" && slices.Contains(postal, code) {
		p.hold(byOrderPostalCode, c.ID)
	}
	return nil
}
