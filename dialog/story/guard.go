package story

import (
	"context"
	"errors"
	"fmt"
	"regexp"
	"slices"
	"strings"

	"github.com/floorwalker/floorwalker/catalog"
	"github.com/floorwalker/floorwalker/catalog/store"
)

// guard holds what must be true of every story, whatever it wants: nothing of another customer
// is told, and nothing is changed but by an action, for the customer whose order it is.
type guard struct {
	Stage
	before  map[string]int64 // order/ID and customer/ID → version
	said    []string         // by the shopper, folded
	changed []string         // records that an action or somebody else changed
}

func (s Stage) guard(ctx context.Context) (g *guard, err error) {
	g = &guard{Stage: s}
	g.before, err = s.versions(ctx)
	return g, err
}

func (s Stage) versions(ctx context.Context) (map[string]int64, error) {
	found := map[string]int64{}
	err := s.DB.View(ctx, func(tx *store.Tx) error {
		records := store.In(tx, s.Shop)
		return errors.Join(
			records.Orders(func(o catalog.Order) error { found["order/"+o.ID] = o.Version; return nil }),
			records.Customers(func(c catalog.Customer) error { found["customer/"+c.ID] = c.Version; return nil }))
	})
	return found, err
}

// step checks what followed one step.
func (g *guard) step(ctx context.Context, step Step, got got) error {
	for _, text := range append(slices.Clone(step.Burst), step.Say, step.Pick) {
		g.said = append(g.said, strings.ToLower(text))
	}
	head, err := g.Engine.Journal.Head(ctx, g.Shop, got.conversation)
	if err != nil {
		return err
	}
	who := head.Identity
	return g.DB.View(ctx, func(tx *store.Tx) error {
		records := store.In(tx, g.Shop)
		for _, a := range got.actions {
			switch owner, err := ownerOf(records, a.Record); {
			case err != nil:
				return err
			case owner != "" && (owner != who.Customer || who.Level < catalog.Verified):
				return fmt.Errorf("%s changed %s, which is of %s", a.Name, a.Record, owner)
			}
			g.changed = append(g.changed, a.Record)
		}
		for _, f := range got.reply.Facts {
			owner, err := ownerOf(records, f.Record)
			if err != nil {
				return err
			}
			if owner != "" && owner != who.Customer {
				return fmt.Errorf("%s %q of %s was told, which is of %s", f.Kind, f.Value, f.Record, owner)
			}
		}
		texts := []string{got.reply.Text}
		for _, c := range got.reply.Choices {
			texts = append(texts, c.Value, c.Label)
		}
		for _, word := range naming.FindAllString(strings.Join(texts, "\n"), -1) {
			owner, err := ownerOfNamed(records, strings.TrimRight(word, "."))
			if err != nil {
				return err
			}
			if owner != "" && owner != who.Customer && !g.spoken(word) {
				return fmt.Errorf("%q was told, which is of %s", word, owner)
			}
		}
		return nil
	})
}

// naming is what may be an order's number or somebody's e-mail address.
var naming = regexp.MustCompile(`[A-Za-z0-9][A-Za-z0-9._@+-]*[0-9@][A-Za-z0-9._@+-]*`)

// spoken reports whether the shopper has named it: then it is told to nobody.
func (g *guard) spoken(word string) bool {
	return slices.ContainsFunc(g.said, func(said string) bool { return strings.Contains(said, strings.ToLower(strings.TrimRight(word, "."))) })
}

// ownerOf is the customer whom a record is of; "" if it is nobody's.
func ownerOf(records store.Records, record string) (string, error) {
	switch kind, id, _ := strings.Cut(record, "/"); kind {
	case "customer":
		return id, nil
	case "order":
		return ownerOfNamed(records, id)
	}
	return "", nil
}

func ownerOfNamed(records store.Records, word string) (string, error) {
	if strings.Contains(word, "@") {
		found, err := records.CustomersBy("email", strings.ToLower(word))
		if err != nil || len(found) == 0 {
			return "", err
		}
		return found[0].ID, nil
	}
	o, err := records.Order(word)
	if errors.Is(err, store.ErrNotFound) {
		return "", nil
	}
	return o.Customer, err
}

// end checks what is stored when all is said.
func (g *guard) end(ctx context.Context, conversation string) error {
	head, err := g.Engine.Journal.Head(ctx, g.Shop, conversation)
	if err != nil {
		return err
	}
	after, err := g.versions(ctx)
	if err != nil {
		return err
	}
	for record, version := range after {
		own := record == "customer/"+head.Identity.Customer // balances follow what is done to orders
		if version != g.before[record] && !slices.Contains(g.changed, record) && (!own || len(g.changed) == 0) {
			return fmt.Errorf("%s was changed, and no action said so", record)
		}
	}
	return nil
}
