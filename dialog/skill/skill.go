// Package skill is what flows may do: look things up, make values of what was said, check
// them, and change the shop. There is one file a skill; skill.go has the table of them.
//
// Skills tell a shopper nothing that the identity doesn't allow: what belongs to somebody
// else looks exactly like what doesn't exist. A back end that doesn't answer makes
// Result.Down, never an invented answer.
package skill

import (
	"context"
	"crypto/rand"
	"fmt"
	"io"
	"log/slog"
	"slices"
	"strings"
	"time"

	"github.com/floorwalker/floorwalker/catalog"
	"github.com/floorwalker/floorwalker/catalog/store"
	"github.com/floorwalker/floorwalker/dialog/flow"
	"github.com/floorwalker/floorwalker/dialog/journal"
	"github.com/floorwalker/floorwalker/retrieval"
	"github.com/floorwalker/floorwalker/retrieval/text"
)

// Desk says whether a person is there to take a conversation over. It is safe for concurrent
// use.
type Desk interface {
	Staffed(shop string) bool
}

// Letter is a one-time code on its way to a customer.
type Letter struct {
	ID      string // names the letter: one sent twice after a crash has the same
	Shop    string // its id
	To      string // e-mail address, as the shop's records have it
	Locale  string // of the conversation
	Code    string // six digits
	Expires time.Time
}

// Sender sends one-time codes. Send hands the letter over for sending and returns at once:
// how long it takes must not tell whether the address is known. It is safe for concurrent
// use.
type Sender interface {
	Send(ctx context.Context, l Letter) error
}

// Deps is what the skills of one shop work with.
type Deps struct {
	Shop       string
	Settings   catalog.Settings
	Policy     map[string]any // the shop's policies over the built-in ones
	DB         store.DB
	Products   retrieval.Products
	Passages   retrieval.Passages // nil: the shop has no knowledge
	Promotions []Promotion
	Remotes    []*Remote        // done by programs of the shop's
	Orders     *OrderSystem     // nil: orders are changed here
	Desk       Desk             // nil: nobody is ever there
	Codes      Sender           // nil: one-time codes are not offered
	Logger     *slog.Logger     // nil: nothing is logged
	Now        func() time.Time // nil: the clock
	Rand       io.Reader        // of one-time codes; nil: crypto/rand

	// Address gives the network address that a conversation is written from, "" if it is not
	// known: wrong proofs are limited by it, too. nil: never known.
	Address func(conversation string) string
}

// Set is the skills of one shop. It is safe for concurrent use.
type Set struct {
	Deps
	skills map[string]skill
	words  *words
	change *changeWords
	reader *text.Parser // of what is asked for, without the shop's synonyms
	zone   *time.Location

	shelved *shelved
}

// skill is one entry of the table: run for those that change nothing but proofs, act for
// those that change the shop.
type skill struct {
	flow.Skill
	run func(*Set, context.Context, flow.Call) (flow.Result, error)
	act func(*Set, *store.Tx, flow.Call) (flow.Result, *journal.Action, error)

	remote *Remote // instead of act
}

// New makes the skills of a shop.
func New(d Deps) *Set {
	if d.Logger == nil {
		d.Logger = slog.New(slog.DiscardHandler)
	}
	if d.Now == nil {
		d.Now = time.Now
	}
	if d.Rand == nil {
		d.Rand = rand.Reader
	}
	if d.Address == nil {
		d.Address = func(string) string { return "" }
	}
	s := &Set{Deps: d, skills: map[string]skill{}, words: loadWords(), change: loadChangeWords(), reader: text.NewParser(nil), zone: time.UTC, shelved: new(shelved)}
	if zone, err := time.LoadLocation(d.Settings.TimeZone); err == nil { // else the checker has refused it
		s.zone = zone
	}
	for _, k := range table() {
		s.skills[k.Name] = k
	}
	for _, r := range d.Remotes {
		k := skill{Skill: r.Skill, remote: r}
		if r.Kind == flow.Look {
			k.run = r.look
		}
		s.skills[r.Name] = k
	}
	return s
}

func table() []skill {
	return []skill{
		order, orderHistory, me, desk, products, product, productFact, knowledge, followUp,
		describedOrder, ownOrders, searchWords, describedProduct, proof,
		ownOrder, wholeOrder, productAskedAbout, productPointedAt, promotions, comparedProducts, pricesCompared, comparison,
		orderFor("order_to_cancel", "cancel"), ordersFor("orders_to_cancel", "cancel"), orderFor("order_to_return", "returns"), orderFor("order_to_exchange", "exchanges"), orderFor("order_to_change", "change_items"),
		orderFor("order_to_readdress", "change_address"), orderFor("order_to_repay", "change_payment"),
		ordersFor("orders_to_return", "returns"), ordersFor("orders_to_exchange", "exchanges"), ordersFor("orders_to_change", "change_items"),
		ordersFor("orders_to_readdress", "change_address"), ordersFor("orders_to_repay", "change_payment"),
		orderItems, itemsOffered, ownMethod, refundMethods, refundMethod, returnPlan, returnItems,
		wantedVariant, variantsOffered, chosenItems, swapPlan, payingMethods, payingMethod, exchangeItems, changeItems,
		postalAddress, accountAddress, addressPlan, changeAddress, changeDefaultAddress, otherMethods, otherMethod, paymentPlan, changePayment,
		orderToWithdraw, ordersFor("orders_to_withdraw", "withdraw"), withdrawalPlan, withdrawRequest,
		cancelOrder, handoff, requestCallback, callbacks, withdrawCallback, knownContact,
	}
}

// Specs describes the skills by name, for the checker of flows.
func Specs() map[string]flow.Skill {
	specs := map[string]flow.Skill{}
	for _, k := range table() {
		specs[k.Name] = k.Skill
	}
	return specs
}

// Entities are the entity types that skills read, in order.
func Entities() []string {
	var types []string
	for _, k := range table() {
		types = append(types, k.Entities...)
	}
	slices.Sort(types)
	return slices.Compact(types)
}

// Specs describes the skills by name.
func (s *Set) Specs() map[string]flow.Skill { return Specs() }

// Entities are the entity types that skills read, in order.
func (s *Set) Entities() []string { return Entities() }

// Run runs a skill that looks, resolves or checks. A back end that doesn't answer is logged
// and makes Result.Down; the error is ctx's, or says that there is no such skill.
func (s *Set) Run(ctx context.Context, call flow.Call) (flow.Result, error) {
	k, ok := s.skills[call.Skill]
	if !ok || k.run == nil {
		return flow.Result{}, fmt.Errorf("skill %q can't be run: look, resolve and check steps take those of %s",
			call.Skill, strings.Join(s.called(flow.Look, flow.Resolve, flow.Check), ", "))
	}
	if call.Identity.Level < levelOf(k.Needs) {
		return s.unknown(k), nil
	}
	var result flow.Result
	var err error
	if s.Orders != nil && k.reads() {
		err = s.Orders.refresh(ctx, s, call)
	}
	if err == nil {
		result, err = k.run(s, ctx, call)
	}
	switch {
	case err == nil:
		return result, nil
	case ctx.Err() != nil:
		return flow.Result{}, ctx.Err()
	}
	s.Logger.Error("skill has no answer", "shop", s.Shop, "skill", call.Skill, "error", err)
	return flow.Result{Down: true}, nil
}

// Act runs a skill that changes something, in the transaction that also keeps its outcome.
// The action is nil if nothing was done in the shop's records. It may run again. An error is
// the database's, or says that there is no such skill.
func (s *Set) Act(tx *store.Tx, call flow.Call) (flow.Result, *journal.Action, error) {
	k, ok := s.skills[call.Skill]
	if !ok || k.act == nil {
		return flow.Result{}, nil, fmt.Errorf("skill %q can't act: do steps take those of %s",
			call.Skill, strings.Join(s.called(flow.Act, flow.Request), ", "))
	}
	if call.Identity.Level < levelOf(k.Needs) {
		return s.unknown(k), nil, nil
	}
	return k.act(s, tx, call)
}

// Deed keeps what an act came to, in the transaction that also keeps its outcome. It may run again.
type Deed = func(*store.Tx) (flow.Result, *journal.Action, error)

// done is the deed of what came to a result and changed nothing here.
func done(r flow.Result) Deed {
	return func(*store.Tx) (flow.Result, *journal.Action, error) { return r, nil, nil }
}

// Remote reports whether a skill that changes something does so in another system, by Reach:
// remote skills, and, with an order system, those of orders.
func (s *Set) Remote(name string) bool {
	k := s.skills[name]
	return k.remote != nil && k.run == nil || s.Orders != nil && k.act != nil && k.Kind == flow.Act
}

// Reach has another system carry out a skill, and returns what is to be kept of it. That system
// knows the act by its key, and carries out once what it is asked twice. The error is ctx's or
// the database's, or says that there is no such skill.
func (s *Set) Reach(ctx context.Context, call flow.Call, key string) (Deed, error) {
	k := s.skills[call.Skill]
	switch {
	case !s.Remote(call.Skill):
		return nil, fmt.Errorf("skill %q is not done by another system", call.Skill)
	case call.Identity.Level < levelOf(k.Needs):
		return done(s.unknown(k)), nil
	case k.remote != nil:
		return k.remote.act(ctx, s, call, key)
	}
	return s.Orders.act(ctx, s, k, call, key)
}

// reads reports whether a skill reads orders or customers: an order system is asked for them first.
func (k skill) reads() bool {
	return k.remote == nil && (k.Needs != "" || slices.Contains(k.Entities, "order_id"))
}

// unknown is the result for somebody who may not know.
func (s *Set) unknown(k skill) flow.Result {
	if slices.Contains(k.Refuses, orderNotFound) {
		return flow.Result{Refused: orderNotFound}
	}
	return flow.Result{}
}

func (s *Set) called(kinds ...flow.SkillKind) []string {
	var names []string
	for _, k := range s.skills {
		if slices.Contains(kinds, k.Kind) {
			names = append(names, k.Name)
		}
	}
	slices.Sort(names)
	return names
}

// levels are the words for identity levels in specs and shop.yaml.
const (
	claimed  = "claimed"
	verified = "verified"
)

func levelOf(word string) catalog.Level {
	return map[string]catalog.Level{claimed: catalog.Claimed, verified: catalog.Verified}[word]
}

// levelWord is the word for a level.
func levelWord(l catalog.Level) string {
	switch l {
	case catalog.Verified:
		return verified
	case catalog.Claimed:
		return claimed
	}
	return "anonymous"
}

// read runs fn on one snapshot of the shop's records.
func (s *Set) read(ctx context.Context, fn func(store.Records) error) error {
	return s.DB.View(ctx, func(tx *store.Tx) error { return fn(store.In(tx, s.Shop)) })
}

// source says where a view was read from.
func (s *Set) source(record string, version string) catalog.Source {
	return catalog.Source{Record: record, Version: version, ReadAt: s.Now()}
}

// arg is an argument as text, "" where it is missing.
func arg(call flow.Call, name string) string {
	text, _ := argValue(call, name).(string)
	return text
}

func argValue(call flow.Call, name string) any {
	v := call.Args[name]
	if whole, ok := v.(flow.Value); ok {
		return whole.V
	}
	return v
}

// offset is that of the last utterance of the turn: of a value said in it.
func offset(said *flow.Said) int64 {
	if said == nil || len(said.Offsets) == 0 {
		return 0
	}
	return said.Offsets[len(said.Offsets)-1]
}

// firstOffset is that of the first utterance of the turn. It stays the same when a turn is
// decided anew with more that was said.
func firstOffset(said *flow.Said) int64 {
	if said == nil || len(said.Offsets) == 0 {
		return 0
	}
	return said.Offsets[0]
}
