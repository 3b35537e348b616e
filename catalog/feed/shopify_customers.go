package feed

import (
	"errors"
	"slices"
	"strings"

	"github.com/floorwalker/floorwalker/catalog"
	"github.com/floorwalker/floorwalker/catalog/store"
)

// customerOf is who placed an order, as far as the order tells. Without e-mail address and
// telephone they are a guest of this order only.
func customerOf(o object, billing, shipping catalog.Address) catalog.Customer {
	c := catalog.Customer{Email: o.text("email"), Phone: o.unpadded("phone"), Address: billing, PaymentMethods: []catalog.PaymentMethod{}}
	if c.Phone == "" {
		c.Phone = o.unpadded("billing phone")
	}
	if billing == (catalog.Address{}) {
		c.Address = shipping
	}
	name := o.text("billing name")
	if name == "" {
		name = o.text("shipping name")
	}
	c.FirstName = name
	if at := strings.LastIndexByte(name, ' '); at > 0 {
		c.FirstName, c.LastName = strings.TrimSpace(name[:at]), name[at+1:]
	}
	switch {
	case c.Email != "":
		c.ID = strings.ToLower(c.Email)
	case c.Phone != "":
		c.ID = "tel:" + c.Phone
	default:
		c.ID = "guest:" + o.text("name")
	}
	if id := []rune(c.ID); len(id) > idLimit {
		o.row.refuse("%s has %d characters: at most %d are allowed", quoted("Email"), len(id), idLimit)
	}
	return c
}

// put stages the order and its customer. A row that has nothing but an item belongs to the
// order of that name that came before.
func (p placed) put(s store.Staging) (outcome, error) {
	order := p.order
	order.Items = slices.Clone(order.Items)
	for i := range order.Items {
		if err := p.product(s, &order.Items[i]); err != nil {
			return outcome{}, err
		}
	}
	if !p.head {
		return p.append(s, order)
	}
	customer, err := p.whose(s)
	if err != nil {
		return outcome{}, err
	}
	order.Customer = customer
	return whole(p.line, order.ID, func(s store.Staging, line int) (int, error) { return s.Order(line, order) })(s)
}

// append adds items to an order that was staged.
func (p placed) append(s store.Staging, more catalog.Order) (outcome, error) {
	before, line, err := s.StagedOrder(more.ID)
	if errors.Is(err, store.ErrNotFound) {
		return outcome{nothing: true, remarks: []remark{{line: p.line, id: more.ID, kind: Refused, rows: len(more.Items),
			message: "no row of this order says more than an item: who ordered it isn't known"}}}, nil
	}
	if err != nil {
		return outcome{}, err
	}
	before.Items = append(before.Items, more.Items...)
	_, err = s.Order(line, before)
	return outcome{known: true}, err
}

// product finds what an item is of.
func (placed) product(s store.Staging, i *catalog.Item) error {
	product, v, err := s.Variant(i.SKU)
	if errors.Is(err, store.ErrNotFound) {
		return nil
	}
	if err != nil {
		return err
	}
	i.Product = product
	if v.Options != nil {
		i.Options = v.Options
	}
	return nil
}

// whose returns the id of the customer: one that the shop knows by the e-mail address, or one
// made of what the orders say. The first order in the file says what they are called and where
// they live; Shopify writes the newest first.
func (p placed) whose(s store.Staging) (string, error) {
	c := p.customer
	if c.Email != "" {
		ids, err := s.CustomersBy(c.Email)
		if err != nil {
			return "", err
		}
		if len(ids) == 1 && ids[0] != c.ID {
			return ids[0], nil
		}
	}
	before, err := s.StagedCustomer(c.ID)
	if err == nil {
		if !mergeMethods(&before, c.PaymentMethods) {
			return c.ID, nil
		}
		_, err := s.Customer(p.line, before)
		return c.ID, err
	}
	if !errors.Is(err, store.ErrNotFound) {
		return "", err
	}
	switch stored, err := s.Stored(c.ID); {
	case err == nil:
		c.Locale = stored.Locale
		more := c.PaymentMethods
		c.PaymentMethods = stored.PaymentMethods
		mergeMethods(&c, more)
	case !errors.Is(err, store.ErrNotFound):
		return "", err
	}
	_, err = s.Customer(p.line, c)
	return c.ID, err
}

// mergeMethods adds payment methods that a customer doesn't have yet.
func mergeMethods(c *catalog.Customer, more []catalog.PaymentMethod) (changed bool) {
	for _, m := range more {
		if !slices.ContainsFunc(c.PaymentMethods, func(k catalog.PaymentMethod) bool { return k.ID == m.ID }) {
			c.PaymentMethods = append(c.PaymentMethods, m)
			changed = true
		}
	}
	return changed
}
