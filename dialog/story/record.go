package story

import (
	"context"
	"encoding/json"
	"fmt"
	"strconv"
	"strings"

	"github.com/floorwalker/floorwalker/catalog"
	"github.com/floorwalker/floorwalker/catalog/store"
)

// record compares a field of a stored record with what it must be. A dot goes into a list or
// an object: payment_methods.1.balance.
func (s Stage) record(ctx context.Context, w Want, g got) error {
	name := w.Args[0]
	if strings.HasSuffix(name, "*") {
		a, ok := g.action("", name)
		if !ok {
			return fmt.Errorf("nothing was done to such a record; the actions were %q", g.did())
		}
		name = a.Record
	}
	kind, id, _ := strings.Cut(name, "/")
	var stored any
	err := s.DB.View(ctx, func(tx *store.Tx) (err error) {
		records := store.In(tx, s.Shop)
		switch kind {
		case "order":
			stored, err = records.Order(id)
		case "customer":
			stored, err = records.Customer(id)
		case "callback":
			stored, err = records.Callback(id)
		default:
			err = fmt.Errorf("unknown record %q; want order/ID, customer/ID or callback/*", w.Args[0])
		}
		return err
	})
	if err != nil {
		return err
	}
	var fields any
	if err := recode(stored, &fields); err != nil {
		return err
	}
	path, value, _ := strings.Cut(strings.Join(w.Args[1:], " "), "=")
	return same(fmt.Sprint(into(fields, path)), value)
}

// into follows a path of names and list positions from 0; nil where it leads nowhere.
func into(at any, path string) any {
	for _, name := range strings.Split(path, ".") {
		switch v := at.(type) {
		case map[string]any:
			at = v[name]
		case []any:
			i, err := strconv.Atoi(name)
			if err != nil || i < 0 || i >= len(v) {
				return nil
			}
			at = v[i]
		default:
			return nil
		}
	}
	return at
}

// recode takes a value through its JSON into another.
func recode(from, to any) error {
	data, err := json.Marshal(from)
	if err != nil {
		return err
	}
	return json.Unmarshal(data, to)
}

// change is what somebody else does to an order between two things said.
func (s Stage) change(ctx context.Context, step Step) error {
	_, id, _ := strings.Cut(step.Record, "/")
	return s.DB.Update(ctx, func(tx *store.Tx) error {
		records := store.In(tx, s.Shop)
		stored, err := records.Order(id)
		if err != nil {
			return err
		}
		fields := map[string]any{}
		if err := recode(stored, &fields); err != nil {
			return err
		}
		fields[step.Field] = step.Value
		var changed catalog.Order
		if err := recode(fields, &changed); err != nil {
			return fmt.Errorf("%s=%s: %w", step.Field, step.Value, err)
		}
		changed.Version = stored.Version
		_, err = records.SaveOrder(changed)
		return err
	})
}
