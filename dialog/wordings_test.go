package dialog_test

import (
	"fmt"
	"os"
	"reflect"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/shopspring/decimal"

	"github.com/floorwalker/floorwalker/catalog"
	"github.com/floorwalker/floorwalker/dialog"
	"github.com/floorwalker/floorwalker/dialog/flow"
	"github.com/floorwalker/floorwalker/dialog/reply"
	"github.com/floorwalker/floorwalker/dialog/skill"
)

// sampled makes a value of a type with something to tell in every field. yes is what is true; path
// tells records apart.
func sampled(t reflect.Type, tag catalog.Kind, yes bool, path string) reflect.Value {
	v := reflect.New(t).Elem()
	switch {
	case t == reflect.TypeFor[catalog.Money]():
		v.Set(reflect.ValueOf(catalog.Money{Amount: decimal.New(1990, -2), Currency: "USD"}))
		return v
	case t == reflect.TypeFor[decimal.Decimal]():
		v.Set(reflect.ValueOf(decimal.New(15, 0)))
		return v
	case t == reflect.TypeFor[time.Time]():
		v.Set(reflect.ValueOf(time.Date(2026, 11, 5, 12, 0, 0, 0, time.UTC)))
		return v
	case t == reflect.TypeFor[catalog.Address]():
		v.Set(reflect.ValueOf(catalog.Address{Line1: "1 High St", City: "Portland", Region: "OR", PostalCode: "97214", Country: "US"}))
		return v
	case t == reflect.TypeFor[catalog.Source]():
		v.Set(reflect.ValueOf(catalog.Source{Record: "sample/" + path, Version: "1", ReadAt: time.Unix(0, 0)}))
		return v
	case t == reflect.TypeFor[catalog.Fact]():
		v.Set(reflect.ValueOf(catalog.Fact{Kind: catalog.KindName, Value: "Sample", Record: "sample/" + path, Version: "1"}))
		return v
	}
	switch t.Kind() {
	case reflect.Pointer:
		v.Set(reflect.New(t.Elem()))
		v.Elem().Set(sampled(t.Elem(), tag, yes, path))
	case reflect.Struct:
		for i := range t.NumField() {
			if f := t.Field(i); f.IsExported() {
				v.Field(i).Set(sampled(f.Type, catalog.Kind(f.Tag.Get("fact")), yes, path+"."+f.Name))
			}
		}
	case reflect.Slice:
		for i := range 2 {
			v = reflect.Append(v, sampled(t.Elem(), tag, yes, fmt.Sprint(path, ".", i)))
		}
	case reflect.Bool:
		v.SetBool(yes)
	case reflect.String:
		v.SetString(map[catalog.Kind]string{catalog.KindDate: "2026-11-05", catalog.KindOrderState: "shipped", catalog.KindTracking: "T" + path}[tag])
		if v.String() == "" {
			v.SetString("Sample " + path)
		}
	case reflect.Int, reflect.Int64:
		v.SetInt(3)
	}
	return v
}

// TestEveryWordingTellsTheSame says every reply of the flows in every wording of both languages, with
// something in every placeholder: none is blocked, none leaves out a fact that the others tell, and
// none is said twice running.
func TestEveryWordingTellsTheSame(t *testing.T) {
	folder, faults := dialog.ReadFolder(os.DirFS("../shops/demo"), "demo")
	if err := faults.Err(); err != nil {
		t.Fatal(err)
	}
	if notes := folder.Replies.Uneven(); len(notes) > 0 {
		t.Errorf("%v", notes.Error())
	}
	said := map[string]bool{}
	for _, u := range folder.Flows.Uses() {
		if said[u.Reply] {
			continue
		}
		said[u.Reply] = true
		for _, yes := range []bool{true, false} {
			env := map[string]any{"title": "this", "policy": folder.Policy}
			for name, typ := range u.Env {
				if name == "policy" || name == "title" {
					continue
				}
				if name == "item" { // of a list that is known in a conversation only
					typ = reflect.TypeFor[skill.ChosenItem]()
				}
				if typ == nil || typ.Kind() == reflect.Interface {
					continue
				}
				env[name] = sampled(typ, "", yes, name).Interface()
			}
			env["slots"] = slots(folder.Replies.Paths(u.Reply))
			for _, locale := range []string{"en", "zh"} {
				everyWording(t, folder.Replies, u.Reply, locale, env)
			}
		}
	}
}

// slots has what a reply reads of what the shopper said.
func slots(paths []string) map[string]any {
	all := map[string]any{}
	for _, p := range paths {
		if name, ok := strings.CutPrefix(p, "slots."); ok {
			all[name] = flow.Value{V: "said", Text: "said", Offset: 1}
		}
	}
	return all
}

func everyWording(t *testing.T, bank *reply.Bank, name, locale string, env map[string]any) {
	t.Helper()
	for _, heard := range []string{"", "this is ridiculous", "asap"} {
		var memory map[string][]int
		var first []string
		last := ""
		for turn := range 12 {
			w, next, err := bank.Compose([]flow.Saying{{Reply: name, Env: env}}, reply.Context{Locale: locale, Said: memory, Heard: heard,
				Now: time.Date(2026, 11, 1, 12, 0, 0, 0, time.UTC), Policy: "1"})
			if err != nil || len(w.Blocked) > 0 {
				t.Errorf("%s in %s: %v %v", name, locale, w.Blocked, err)
				return
			}
			var told []string
			for _, f := range w.Facts {
				told = append(told, fmt.Sprint(f.Record, " ", f.Kind, " ", f.Value))
			}
			slices.Sort(told)
			told = slices.Compact(told)
			if turn == 0 {
				first = told
			} else if !slices.Equal(told, first) {
				t.Errorf("%s in %s: %q tells\n%q, another wording\n%q", name, locale, w.Text, told, first)
			}
			if turn > 0 && w.Text == last && len(next[name]) > 2 {
				t.Errorf("%s in %s: twice running: %q", name, locale, last)
			}
			last, memory = w.Text, next
			if used := memory[name]; len(used) > 0 { // it wasn't said just now: wordings under again may be shorter
				memory[name][0] = used[0] - 5
			}
		}
	}
}
