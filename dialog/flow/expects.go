package flow

import (
	"cmp"
	"reflect"
	"slices"
	"strings"

	"github.com/floorwalker/floorwalker/nlu"
)

var (
	actsAtSlot    = []string{string(nlu.Stop), string(nlu.Deny), string(nlu.Unsure), string(nlu.Correct)}
	actsAtConfirm = []string{string(nlu.Affirm), string(nlu.Deny), string(nlu.Stop), string(nlu.Correct)}
)

// expects says what the state waits for.
func (m *machine) expects() *Expects {
	if m.out.Owner != "" {
		return nil
	}
	fr := m.top()
	if fr == nil {
		if n := len(m.out.Says); n > 0 && len(m.out.Says[n-1].Choices) > 0 {
			return &Expects{Slot: SlotAnythingElse, Accepts: []string{fromText}}
		}
		return nil
	}
	f := m.flowOf(fr)
	if fr.Wait == nil {
		return &Expects{Slot: SlotAnythingElse, Accepts: []string{fromText}, Flow: fr.Flow}
	}
	in := f.code[fr.PC]
	if in.op == opConfirm {
		return &Expects{Slot: SlotConfirm, Accepts: []string{choiceYes, choiceNo}, Flow: fr.Flow, Entities: slices.Clone(actsAtConfirm)}
	}
	s := f.slot(in.name)
	out := &Expects{Slot: s.Name, Accepts: m.accepts(fr, s, in), Flow: fr.Flow}
	for _, from := range s.From {
		if m.set.v.Entities[from] {
			out.Entities = append(out.Entities, from)
		} else {
			out.Entities = append(out.Entities, m.set.v.Skills[from].Entities...)
		}
	}
	out.Entities = append(out.Entities, actsAtSlot...)
	m.expectItem(out, fr, f)
	return out
}

func (m *machine) accepts(fr *Frame, s *Slot, in instr) []string {
	if in.accepts != nil {
		items, err := m.list(in.accepts, fr)
		if err == nil {
			out := []string{}
			for _, i := range items {
				out = append(out, wordOf(plain(i)))
			}
			return out
		}
	}
	if len(s.From) == 0 {
		return []string{"choices"}
	}
	return slices.Clone(s.From)
}

// expectItem names the item that is meant, within a loop.
func (m *machine) expectItem(out *Expects, fr *Frame, f *Flow) {
	if len(fr.Loops) == 0 {
		return
	}
	loop := fr.Loops[len(fr.Loops)-1]
	index := loop.Index
	item := m.liveOf(fr).scope[f.code[loop.Step].as]
	if own, ok := fieldOf(item, "index").(int); ok { // its place where it comes from, not among those chosen
		index = own
	}
	out.ItemIndex = &index
	out.Item, _ = fieldOf(item, "sku").(string)
}

// fieldOf is the field of an item that expressions read by a name, nil without one.
func fieldOf(item any, name string) any {
	if m, ok := item.(map[string]any); ok {
		return m[name]
	}
	v := reflect.Indirect(reflect.ValueOf(item))
	if v.Kind() != reflect.Struct {
		return nil
	}
	for _, field := range reflect.VisibleFields(v.Type()) {
		if field.IsExported() && strings.EqualFold(cmp.Or(field.Tag.Get("expr"), field.Name), name) {
			if at, err := v.FieldByIndexErr(field.Index); err == nil {
				return at.Interface()
			}
		}
	}
	return nil
}
